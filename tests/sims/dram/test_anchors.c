/* The simulator beside DRAMsim3 and Ramulator 2 on equal parts, mappings and queues: how
 * far it may be from the nearer of them, by traffic. */
#include <math.h>
#include <string.h>

#include "tests/sims/dram/anchors.h"
#include "tests/tap.h"

enum { ROWS = 1024 };

static struct anchor_row rows[ROWS];

static size_t
run_all (void)
{
  char path[1024], error[512] = "";
  const char *table = tap_reference ("dram/anchors/results.csv", path, sizeof path);
  size_t n;
  if (table == NULL) {
    tap_skip ("the reference data is not beside the checkout");
    return 0;
  }
  *strrchr (path, '/') = '\0';
  n = anchors_run (path, rows, ROWS, error, sizeof error);
  if (n == 0)
    tap_note ("%s", error);
  CU_ASSERT (n > 0);
  return n;
}

/* Every row whose trace is named like `part` and is limited or not as `closed` says. */
static void
expect_near (size_t count, const char *part, int closed, int metric, double most)
{
  double worst = 0;
  size_t n = 0;
  for (size_t i = 0; i < count; i++) {
    double d = anchor_distance (rows, count, i, metric);
    if (isnan (d) || (rows[i].reads_in_flight > 0) != closed
        || strstr (rows[i].trace, part) == NULL)
      continue;
    worst = d > worst ? d : worst;
    n++;
  }
  CU_ASSERT (n > 0 && worst <= most);
  tap_note ("%s %s: %zu rows, at most %.2f%% off, %.0f%% allowed", part,
            anchor_metrics[metric], n, 100 * worst, 100 * most);
}

static void
test_times (void)
{
  size_t n = run_all ();
  if (n == 0)
    return;
  expect_near (n, "random_light", 0, ANCHOR_LATENCY, 0.04);
  expect_near (n, "bankrow_slow", 0, ANCHOR_LATENCY, 0.04);
  expect_near (n, "mix70_30", 0, ANCHOR_LATENCY, 0.04);
  expect_near (n, "bursty", 0, ANCHOR_LATENCY, 0.04);
  expect_near (n, "hotrows", 0, ANCHOR_LATENCY, 0.04);
  expect_near (n, "", 1, ANCHOR_LATENCY, 0.04);
  expect_near (n, "", 1, ANCHOR_CYCLES, 0.04);
  expect_near (n, "", 0, ANCHOR_CYCLES, 0.01);
}

static void
test_goals (void)
{
  struct anchor_goal goals[ANCHOR_GOALS];
  size_t n = run_all ();
  anchor_goals (rows, n, goals);
  for (int i = 0; i < ANCHOR_GOALS && n > 0; i++) {
    CU_ASSERT (goals[i].rows > 0 && goals[i].worst <= goals[i].limit);
    tap_note ("%s: %zu rows, at most %.4f off, %.2f allowed", goals[i].text,
              goals[i].rows, goals[i].worst, goals[i].limit);
  }
}

/* A read is the same formula in both simulators: less than rounding apart. */
static void
test_reads (void)
{
  size_t n = run_all (), compared = 0;
  for (size_t i = 0; i < n; i++) {
    if (isnan (rows[i].theirs[ANCHOR_ENERGY_READ]))
      continue;
    CU_ASSERT_DOUBLE_EQUAL (anchor_ratio (&rows[i], ANCHOR_ENERGY_READ), 1, 0.002);
    compared++;
  }
  CU_ASSERT (n == 0 || compared > 0);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "times", .run = test_times },
    { .name = "goals", .run = test_goals },
    { .name = "reads", .run = test_reads },
    { 0 },
  };
  return tap_run ("dram anchors", tests);
}
