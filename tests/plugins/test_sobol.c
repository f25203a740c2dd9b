/* Sobol search keeps the laws of agents and spreads its designs evenly. */
#include "tests/tap.h"

#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

static void
test_laws (void)
{
  laws_determinism ("sobol", NULL);
  laws_exhaustion ("sobol", NULL);
  laws_coverage ("sobol", NULL);
  laws_failures ("sobol", NULL);
  laws_small_budgets ("sobol", NULL);
  laws_repair ("sobol");
}

static uint32_t
nothing (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)row, (void)violations;
  objectives[0] = objectives[1] = objectives[2] = 0;
  return GYM_TRIAL_OK;
}

/* Most and fewest of 64 trials in a quarter of the encoded range of a parameter. */
static void
shares (const char *agent, uint64_t seed, int *fewest, int *most)
{
  static double rows[64][12];
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  struct play p = { .registry = registry,
                    .agent = agent,
                    .space = space,
                    .objectives = 3,
                    .seed = seed,
                    .budget = 64,
                    .judge = nothing };
  CU_ASSERT_EQUAL (play (&p, rows[0], NULL), 64);
  *fewest = 64;
  *most = 0;
  for (uint32_t i = 0; i < 12; i++) {
    int hits[4] = { 0 };
    if (gym_space_count (space, i) > 0 && gym_space_count (space, i) % 4 != 0)
      continue;
    for (int t = 0; t < 64; t++) {
      double unit[12];
      gym_space_encode (space, rows[t], unit);
      hits[unit[i] < 1 ? (int)(unit[i] * 4) : 3]++;
    }
    for (int k = 0; k < 4; k++) {
      *fewest = hits[k] < *fewest ? hits[k] : *fewest;
      *most = hits[k] > *most ? hits[k] : *most;
    }
  }
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

/* 64 points put exactly 16 into each quarter; random ones do not. */
static void
test_even (void)
{
  int fewest, most;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    shares ("sobol", seed, &fewest, &most);
    CU_ASSERT_EQUAL (fewest, 16);
    CU_ASSERT_EQUAL (most, 16);
    shares ("random", seed, &fewest, &most);
    CU_ASSERT (fewest < 14 && most > 18);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = { { "laws", test_laws },
                                           { "evenly spread", test_even },
                                           { 0 } };
  return tap_run ("sobol", tests);
}
