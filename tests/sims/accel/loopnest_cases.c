/* loopnest_cases FILE...: every case of files laid out like the reference's accepted and
 * rejected mappings, run with our model. Prints each unequal figure, then a line
 * "N equal, M unequal"; exits with 0 when all are equal. */
#include <stdio.h>

#include "tests/sims/accel/cases.h"

static void
print (const char *sentence)
{
  puts (sentence);
}

int
main (int count, char **words)
{
  struct cases_tally tally = { 0 };
  char error[512];
  if (count < 2) {
    fprintf (stderr, "usage: loopnest_cases FILE...\n");
    return 2;
  }
  for (int i = 1; i < count; i++) {
    if (cases_run (words[i], print, &tally, error, sizeof error) != 0) {
      fprintf (stderr, "loopnest_cases: %s\n", error);
      return 2;
    }
  }
  printf ("%zu cases\n%zu equal, %zu unequal\n", tally.rows, tally.equal, tally.unequal);
  return tally.unequal != 0;
}
