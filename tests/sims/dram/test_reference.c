/* The simulator against DRAMSys 4.0 on the ArchGym set-up: every row of the reference
 * tables that lie beside the checkout. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sims/dram/dram.h"
#include "tests/sims/dram/random_case.h"
#include "tests/tap.h"

enum { ROWS = 1024, COLUMNS = 15, TRACES = 3 };

static const char *const trace_names[TRACES] = { "stream.stl", "random.stl",
                                                 "cloud-1.stl" };

/* One run of the reference: what was changed, and time and power of both. */
struct row {
  char design[160];
  int trace;
  double time[2], power[2]; /* ours, theirs */
};

static struct row rows[ROWS];

static int
level (const char *name, const char *levels)
{
  int index = 0;
  size_t n = strlen (name);
  for (const char *p = levels; *p != '\0';
       p += strcspn (p, " "), p += *p == ' ', index++) {
    if (strncmp (p, name, n) == 0 && (p[n] == ' ' || p[n] == '\0'))
      return index;
  }
  CU_FAIL ("unknown level");
  return 0;
}

static void
set_design (struct dram_config *c, char **field)
{
  CU_ASSERT_EQUAL_FATAL (dram_config_setup (c, "archgym", NULL), 0);
  c->page_policy = level (field[2], "Open OpenAdaptive Closed ClosedAdaptive");
  c->scheduler = level (field[3], "Fifo FrFcfs FrFcfsGrp");
  c->scheduler_buffer = level (field[4], "Bankwise ReadWrite Shared");
  c->request_buffer_size = (uint32_t)atoi (field[5]);
  c->resp_queue = level (field[6], "Fifo Reorder");
  c->refresh_policy = level (field[7], "NoRefresh AllBank");
  c->refresh_max_postponed = (uint32_t)atoi (field[8]);
  c->refresh_max_pulledin = (uint32_t)atoi (field[9]);
  c->arbiter = level (field[10], "Simple Fifo Reorder");
  c->max_active_transactions = (uint32_t)atoi (field[11]);
}

static bool
read_traces (struct dram_trace traces[TRACES])
{
  for (int i = 0; i < TRACES; i++) {
    char name[64], path[1024];
    struct dram_error err;
    snprintf (name, sizeof name, "dram/archgym_traces/%s", trace_names[i]);
    if (tap_reference (name, path, sizeof path) == NULL)
      return false;
    CU_ASSERT_EQUAL_FATAL (dram_trace_read (&traces[i], path, 0, &err), 0);
  }
  return true;
}

static void
run_row (struct row *row, char *line, struct dram_sim *sim,
         const struct dram_trace traces[TRACES])
{
  char *field[COLUMNS] = { strtok (line, ",\r\n") };
  struct dram_config config;
  struct dram_result result;
  for (int i = 1; i < COLUMNS; i++)
    CU_ASSERT_PTR_NOT_NULL_FATAL (field[i] = strtok (NULL, ",\r\n"));
  for (row->trace = 0; strcmp (trace_names[row->trace], field[1]) != 0; row->trace++)
    ;
  set_design (&config, field);
  snprintf (row->design, sizeof row->design, "%s %s %s %s %s %s %s %s %s %s %s", field[1],
            field[2], field[3], field[4], field[5], field[6], field[7], field[8],
            field[9], field[10], field[11]);
  CU_ASSERT_EQUAL_FATAL (dram_sim_run (sim, &config, traces[row->trace].requests,
                                       traces[row->trace].count, NULL, &result, NULL),
                         DRAM_OK);
  row->time[0] = result.total_time;
  row->power[0] = result.power;
  row->power[1] = strtod (field[13], NULL);
  row->time[1] = strtod (field[14], NULL);
}

/* Fills `rows` from a table; 0 when the reference is absent. */
static size_t
run_table (const char *name)
{
  struct dram_trace traces[TRACES] = { { 0 } };
  struct dram_sim *sim = dram_sim_new (NULL);
  char path[1024], line[512];
  size_t n = 0;
  FILE *file = NULL;
  CU_ASSERT_PTR_NOT_NULL_FATAL (sim);
  if (read_traces (traces) && tap_reference (name, path, sizeof path) != NULL)
    file = fopen (path, "r");
  if (file != NULL && fgets (line, sizeof line, file) != NULL) {
    while (n < ROWS && fgets (line, sizeof line, file) != NULL)
      run_row (&rows[n++], line, sim, traces);
  }
  if (file != NULL)
    fclose (file);
  else
    tap_skip ("the reference data is not beside the checkout");
  for (int i = 0; i < TRACES; i++)
    dram_trace_free (&traces[i]);
  dram_sim_destroy (&sim);
  return n;
}

static int
by_value (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* Mean rank of value i: ties share their ranks. */
static double
rank_of (const double *v, size_t n, size_t i)
{
  double below = 0, equal = 0;
  for (size_t j = 0; j < n; j++) {
    below += v[j] < v[i];
    equal += v[j] == v[i];
  }
  return below + (equal - 1) / 2;
}

static double
spearman (const double *a, const double *b, size_t n)
{
  double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (size_t i = 0; i < n; i++) {
    double x = rank_of (a, n, i), y = rank_of (b, n, i);
    sa += x, sb += y, saa += x * x, sbb += y * y, sab += x * y;
  }
  return (sab - sa * sb / (double)n)
         / sqrt ((saa - sa * sa / (double)n) * (sbb - sb * sb / (double)n));
}

/* Rank correlation and absolute relative errors of one measure on one trace. */
static void
agree (const char *what, const double *ours, const double *theirs, size_t n)
{
  static double error[ROWS];
  double rho = spearman (ours, theirs, n);
  size_t exact = 0;
  for (size_t i = 0; i < n; i++) {
    error[i] = fabs (ours[i] / theirs[i] - 1);
    exact += error[i] < 1e-5;
  }
  qsort (error, n, sizeof *error, by_value);
  tap_note ("%s: %zu rows, %zu equal, Spearman %.4f, |error| median %.4f%%, p95 %.4f%%, "
            "max %.4f%%",
            what, n, exact, rho, 100 * error[n / 2], 100 * error[n * 95 / 100],
            100 * error[n - 1]);
  CU_ASSERT (rho >= 0.97);
  CU_ASSERT (error[n / 2] <= 0.05);
  CU_ASSERT (error[n * 95 / 100] <= 0.15);
}

static void
test_random_designs (void)
{
  static double ours[ROWS], theirs[ROWS];
  size_t rows_read = run_table ("dram/dramsys/random_designs.csv");
  for (int measure = 0; measure < 2 && rows_read > 0; measure++) {
    for (int trace = 0; trace < TRACES; trace++) {
      char what[64];
      size_t n = 0;
      for (size_t i = 0; i < rows_read; i++) {
        const double *pair = measure == 0 ? rows[i].time : rows[i].power;
        if (rows[i].trace != trace)
          continue;
        ours[n] = pair[0];
        theirs[n++] = pair[1];
      }
      CU_ASSERT (n >= 100);
      snprintf (what, sizeof what, "%s of %s", measure == 0 ? "total time" : "power",
                trace_names[trace]);
      agree (what, ours, theirs, n);
    }
  }
}

/* Where the reference moves by more than 2 % from its baseline, we move the same way. */
static void
same_direction (const struct row *base, const struct row *row, const double *base_pair,
                const double *pair)
{
  double theirs = pair[1] / base_pair[1] - 1, ours = pair[0] / base_pair[0] - 1;
  if (fabs (theirs) <= 0.02)
    return;
  CU_ASSERT (ours * theirs > 0);
  if (ours * theirs <= 0)
    tap_note ("%s: %+.3f, reference %+.3f from %s", row->design, ours, theirs,
              base->design);
}

static void
test_one_factor (void)
{
  size_t n = run_table ("dram/dramsys/one_factor.csv");
  const struct row *base[TRACES] = { NULL };
  for (size_t i = 0; i < n; i++) {
    if (strstr (rows[i].design, "Open FrFcfs Bankwise 8 Fifo AllBank 8 8 Simple 128"))
      base[rows[i].trace] = &rows[i];
  }
  for (size_t i = 0; i < n; i++) {
    const struct row *b = base[rows[i].trace];
    CU_ASSERT_PTR_NOT_NULL_FATAL (b);
    same_direction (b, &rows[i], b->time, rows[i].time);
    same_direction (b, &rows[i], b->power, rows[i].power);
    CU_ASSERT (fabs (rows[i].time[0] / rows[i].time[1] - 1) < 0.01);
    CU_ASSERT (fabs (rows[i].power[0] / rows[i].power[1] - 1) < 0.01);
  }
}

/* One design of the space, every field drawn. */
static void
draw_design (struct dram_config *c, uint64_t *state)
{
  CU_ASSERT_EQUAL_FATAL (dram_config_setup (c, "archgym", NULL), 0);
  c->page_policy = random_below (state, 4);
  c->scheduler = random_below (state, 3);
  c->scheduler_buffer = random_below (state, 3);
  c->request_buffer_size = 1u << random_below (state, 8);
  c->resp_queue = random_below (state, 2);
  c->refresh_policy = random_below (state, 2);
  c->refresh_max_postponed = 1u << random_below (state, 4);
  c->refresh_max_pulledin = 1u << random_below (state, 4);
  c->arbiter = random_below (state, 3);
  c->max_active_transactions = 1u << random_below (state, 8);
}

/* Parameters that do nothing under a value of another one: each call draws anew what must
 * not matter. */
static void
without_arbiter (struct dram_config *c, uint64_t *state)
{
  c->arbiter = DRAM_ARBITER_SIMPLE;
  c->max_active_transactions = 1u << random_below (state, 8);
}

static void
without_refresh (struct dram_config *c, uint64_t *state)
{
  c->refresh_policy = DRAM_REFRESH_NOREFRESH;
  c->refresh_max_postponed = 1u << random_below (state, 4);
  c->refresh_max_pulledin = 1u << random_below (state, 4);
}

static void
without_choice (struct dram_config *c, uint64_t *state)
{
  c->request_buffer_size = 1;
  c->scheduler = random_below (state, 3);
}

static const struct {
  const char *name;
  void (*draw) (struct dram_config *c, uint64_t *state);
} interactions[] = {
  { "MaxActiveTransactions with Arbiter Simple", without_arbiter },
  { "refresh limits with NoRefresh", without_refresh },
  { "Scheduler at buffer size 1", without_choice },
};

static void
test_interactions (void)
{
  enum { DESIGNS = 30 };
  struct dram_trace traces[TRACES] = { { 0 } };
  struct dram_sim *sim = dram_sim_new (NULL);
  uint64_t state = 20;
  if (!read_traces (traces))
    tap_skip ("the reference data is not beside the checkout");
  for (int t = 0; t < TRACES && traces[t].count > 0; t++) {
    for (size_t k = 0; k < sizeof interactions / sizeof interactions[0]; k++) {
      int changed = 0;
      for (int i = 0; i < DESIGNS; i++) {
        struct dram_config config;
        struct dram_result result[2];
        draw_design (&config, &state);
        for (int run = 0; run < 2; run++) {
          interactions[k].draw (&config, &state);
          CU_ASSERT_EQUAL (dram_sim_run (sim, &config, traces[t].requests,
                                         traces[t].count, NULL, &result[run], NULL),
                           DRAM_OK);
        }
        changed += memcmp (&result[0], &result[1], sizeof result[0]) != 0;
      }
      CU_ASSERT_EQUAL (changed, 0);
      if (changed > 0)
        tap_note ("%s, %s: %d of %d designs changed", interactions[k].name,
                  trace_names[t], changed, DESIGNS);
    }
  }
  for (int t = 0; t < TRACES; t++)
    dram_trace_free (&traces[t]);
  dram_sim_destroy (&sim);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "random designs", .run = test_random_designs },
    { .name = "one factor at a time", .run = test_one_factor },
    { .name = "known interactions", .run = test_interactions },
    { 0 },
  };
  return tap_run ("dram reference", tests);
}
