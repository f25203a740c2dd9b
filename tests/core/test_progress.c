/* The line a person sees. */
#include "tests/core/help.h"

#include <math.h>

static struct gym_progress
sample (void)
{
  return (struct gym_progress){ .struct_size = sizeof (struct gym_progress),
                                .run = 1,
                                .runs = 10,
                                .label = "ga",
                                .run_seed = 2,
                                .spent = 250,
                                .budget = 1000,
                                .trials = 260,
                                .seconds = 20,
                                .rate = 13,
                                .best = 1.5 };
}

static void
test_line (void)
{
  struct gym_progress p = sample ();
  char text[256];
  gym_progress_format (&p, 20, text, sizeof text);
  CU_ASSERT_STRING_EQUAL (text,
                          "[#####...............]  25 %  run 2 of 10 (ga, seed 2), 13 "
                          "trials/s, ETA 1:00, best 1.5");
  gym_progress_format (&p, 0, text, sizeof text);
  CU_ASSERT_STRING_EQUAL (
      text, " 25 %  run 2 of 10 (ga, seed 2), 13 trials/s, ETA 1:00, best 1.5");
}

static void
test_edges (void)
{
  struct gym_progress p = sample ();
  char text[256], little[8];
  p.spent = 0;
  p.best = NAN;
  gym_progress_format (&p, 4, text, sizeof text);
  CU_ASSERT_PTR_NOT_NULL (strstr (text, "[....]   0 %"));
  CU_ASSERT_PTR_NOT_NULL (strstr (text, "ETA --:--"));
  CU_ASSERT_PTR_NULL (strstr (text, "best"));
  p.spent = 2000;
  p.finished = true;
  p.seconds = 3725;
  p.failures = 1;
  gym_progress_format (&p, 4, text, sizeof text);
  CU_ASSERT_PTR_NOT_NULL (strstr (text, "[####] 100 %"));
  CU_ASSERT_PTR_NOT_NULL (strstr (text, "took 1:02:05"));
  CU_ASSERT_PTR_NOT_NULL (strstr (text, "not ok"));
  int n = gym_progress_format (&p, 4, little, sizeof little);
  CU_ASSERT_EQUAL (n, (int)strlen (text));
  CU_ASSERT_EQUAL (strlen (little), 7);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "the line", test_line },
                                           { "edges", test_edges },
                                           { 0 } };
  return tap_run ("progress", tests);
}
