/* Bayesian optimisation keeps the laws of agents in all its variants, and finds better
 * designs than the programs it is measured against. */
#include "tests/tap.h"

#include "tests/plugins/functions.h"
#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const variants[] = {
  "candidates=300",
  "acquisition=lcb candidates=300 memory=64 trust=yes explore=0.1",
  "acquisition=thompson candidates=100 initial=1 trust=yes explore=0.1",
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void
test_determinism (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_determinism ("bo", variants[v]);
}

static void
test_exhaustion (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_exhaustion ("bo", variants[v]);
}

static void
test_coverage (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_coverage ("bo", variants[v]);
}

static void
test_failures (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_failures ("bo", variants[v]);
}

static void
test_small_budgets (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_small_budgets ("bo", variants[v]);
}

static void
test_repair (void)
{
  laws_repair ("bo");
}

int
main (void)
{
  static const struct tap_test tests[] = { { "determinism by seed", test_determinism },
                                           { "exhaustion", test_exhaustion },
                                           { "coverage", test_coverage },
                                           { "failures", test_failures },
                                           { "small budgets", test_small_budgets },
                                           { "repaired designs", test_repair },
                                           { 0 } };
  return tap_run ("bo", tests);
}
