/* dram-v1 beside DRAMSys 4.0 on the set-up of ArchGym: designs drawn at random and one
 * factor at a time, on three traces. The figures asked for are those of the landscape a
 * search sees: order of the designs, typical and large deviations. */
#include "tests/core/help.h"
#include "tests/envs/table.h"

#include <math.h>

enum { SIDES = 2 };

/* What is compared: our metric, their column, and the factor to our unit. */
static const struct {
  const char *metric, *column;
} sides[SIDES] = { { "total_time", "total_time_ns" }, { "power", "avg_power_mW" } };

static const char *const traces[] = { "stream.stl", "random.stl", "cloud-1.stl" };

struct pairs {
  size_t n;
  double *ours[SIDES], *theirs[SIDES];
  size_t *rows; /* of the table */
};

static void
pairs_free (struct pairs *pairs)
{
  for (int s = 0; s < SIDES; s++) {
    free (pairs->ours[s]);
    free (pairs->theirs[s]);
  }
  free (pairs->rows);
}

/* The design of a row: its columns are the parameters. */
static void
read_design (const struct table *table, size_t row, const gym_space *space,
             double *design)
{
  gym_error err = { 0 };
  for (uint32_t i = 0; i < gym_space_size (space); i++) {
    int column = table_find (table, gym_space_param (space, i)->name);
    CU_ASSERT_FATAL (column >= 0);
    if (gym_space_parse (space, i, table_cell (table, row, column), &design[i], &err) < 0)
      CU_FAIL_FATAL ("a level of the reference does not parse");
  }
}

static gym_env *
open_archgym (const gym_registry *r, const char *trace)
{
  char name[64], path[512], setting[600];
  snprintf (name, sizeof name, "dram/archgym_traces/%s", trace);
  if (!tap_reference (name, path, sizeof path))
    return NULL;
  snprintf (setting, sizeof setting, "trace=%s", path);
  const char *const settings[] = { "setup=archgym", setting, NULL };
  return help_env (r, "dram", settings);
}

/* Evaluates the rows of one trace. */
static struct pairs
run_trace (const gym_registry *r, const struct table *table, const char *trace)
{
  gym_env *env = open_archgym (r, trace);
  CU_ASSERT_FATAL (env != NULL);
  const struct gym_metrics *m = gym_env_metrics (env);
  double design[16], metrics[64];
  uint32_t status;
  struct pairs pairs = { .rows = calloc (table->rows, sizeof *pairs.rows) };
  for (int s = 0; s < SIDES; s++) {
    pairs.ours[s] = calloc (table->rows, sizeof (double));
    pairs.theirs[s] = calloc (table->rows, sizeof (double));
  }
  CU_ASSERT_FATAL (m->n <= 64 && gym_space_size (gym_env_space (env)) <= 16);
  for (size_t row = 0; row < table->rows; row++) {
    if (strcmp (table_cell (table, row, table_find (table, "trace")), trace) != 0)
      continue;
    read_design (table, row, gym_env_space (env), design);
    CU_ASSERT_EQUAL (
        gym_env_evaluate (env, 1, design, NULL, NULL, metrics, &status, NULL, NULL), 0);
    CU_ASSERT_EQUAL (status, GYM_TRIAL_OK);
    for (int s = 0; s < SIDES; s++) {
      int column = table_find (table, sides[s].column);
      pairs.ours[s][pairs.n] = metrics[gym_env_find_metric (env, sides[s].metric, NULL)];
      pairs.theirs[s][pairs.n] = table_number (table, row, column);
    }
    pairs.rows[pairs.n++] = row;
  }
  gym_env_destroy (&env);
  return pairs;
}

/* Mean ranks of values, from 1. */
static void
rank (const double *values, size_t n, double *ranks)
{
  for (size_t i = 0; i < n; i++) {
    ranks[i] = 0.5;
    for (size_t j = 0; j < n; j++)
      ranks[i] += values[j] < values[i] ? 1 : values[j] == values[i] ? 0.5 : 0;
  }
}

/* Spearman's correlation: Pearson's of the ranks. */
static double
spearman (const double *a, const double *b, size_t n)
{
  double *ra = calloc (n, sizeof *ra), *rb = calloc (n, sizeof *rb);
  double saa = 0, sbb = 0, sab = 0, mean = (double)(n + 1) / 2;
  rank (a, n, ra);
  rank (b, n, rb);
  for (size_t i = 0; i < n; i++) {
    saa += (ra[i] - mean) * (ra[i] - mean);
    sbb += (rb[i] - mean) * (rb[i] - mean);
    sab += (ra[i] - mean) * (rb[i] - mean);
  }
  free (ra);
  free (rb);
  return sab / sqrt (saa * sbb);
}

static void
judge (const struct pairs *pairs, int side, const char *trace)
{
  const double *ours = pairs->ours[side], *theirs = pairs->theirs[side];
  double *error = calloc (pairs->n, sizeof *error);
  for (size_t i = 0; i < pairs->n; i++)
    error[i] = fabs (ours[i] / theirs[i] - 1);
  double rho = spearman (ours, theirs, pairs->n);
  double median = gym_stats_quantile (error, pairs->n, 0.5);
  double high = gym_stats_quantile (error, pairs->n, 0.95);
  double worst = gym_stats_quantile (error, pairs->n, 1);
  tap_note ("%-11s %-10s %zu rows: Spearman %.4f, |error| median %.2f %%, "
            "95th percentile %.2f %%, largest %.2f %%",
            trace, sides[side].metric, pairs->n, rho, 100 * median, 100 * high,
            100 * worst);
  CU_ASSERT (rho >= 0.97);
  CU_ASSERT (median <= 0.05);
  CU_ASSERT (high <= 0.15);
  free (error);
}

static int
read_reference (struct table *table, const char *file)
{
  char path[512];
  if (!tap_reference (file, path, sizeof path)) {
    tap_skip ("no reference data");
    return -1;
  }
  CU_ASSERT_EQUAL_FATAL (table_read (table, path), 0);
  return 0;
}

static void
test_random_designs (void)
{
  struct table table = { 0 };
  if (read_reference (&table, "dram/dramsys/random_designs.csv") < 0)
    return;
  gym_registry *r = help_registry ();
  for (size_t t = 0; t < sizeof traces / sizeof *traces; t++) {
    struct pairs pairs = run_trace (r, &table, traces[t]);
    CU_ASSERT_EQUAL (pairs.n, 150);
    for (int s = 0; s < SIDES; s++)
      judge (&pairs, s, traces[t]);
    pairs_free (&pairs);
  }
  gym_registry_destroy (&r);
  table_free (&table);
}

/* Whether rows a and b differ in exactly one parameter. */
static int
one_apart (const struct table *table, size_t a, size_t b)
{
  int first = table_find (table, "PagePolicy"), differ = 0;
  for (int i = first; i < first + 10; i++)
    differ += strcmp (table_cell (table, a, i), table_cell (table, b, i)) != 0;
  return differ == 1;
}

/* Wherever one parameter moves DRAMSys by more than 2 %, it moves us the same way. The
 * first row of a trace is the baseline. */
static void
judge_moves (const struct pairs *pairs, const struct table *table, const char *trace)
{
  for (int s = 0; s < SIDES; s++) {
    int moves = 0, wrong = 0;
    for (size_t i = 1; i < pairs->n; i++) {
      double theirs = pairs->theirs[s][i] / pairs->theirs[s][0] - 1;
      double ours = pairs->ours[s][i] / pairs->ours[s][0] - 1;
      if (!one_apart (table, pairs->rows[0], pairs->rows[i]) || fabs (theirs) <= 0.02)
        continue;
      moves++;
      if (theirs * ours > 0)
        continue;
      wrong++;
      tap_note ("%s %s row %zu: DRAMSys %+.2f %%, here %+.2f %%", trace, sides[s].metric,
                pairs->rows[i] + 2, 100 * theirs, 100 * ours);
    }
    tap_note ("%-11s %-10s %d moves above 2 %%, %d in the other direction", trace,
              sides[s].metric, moves, wrong);
    CU_ASSERT_EQUAL (wrong, 0);
  }
}

static void
test_one_factor (void)
{
  struct table table = { 0 };
  if (read_reference (&table, "dram/dramsys/one_factor.csv") < 0)
    return;
  gym_registry *r = help_registry ();
  for (size_t t = 0; t < sizeof traces / sizeof *traces; t++) {
    struct pairs pairs = run_trace (r, &table, traces[t]);
    CU_ASSERT (pairs.n > 10);
    judge_moves (&pairs, &table, traces[t]);
    pairs_free (&pairs);
  }
  gym_registry_destroy (&r);
  table_free (&table);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "random designs", test_random_designs },
                                           { "one factor", test_one_factor },
                                           { 0 } };
  return tap_run ("dram-reference", tests);
}
