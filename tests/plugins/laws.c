/* What every agent must keep: see laws.h. */
#include "tests/plugins/laws.h"
#include "plugins/common/seen.h"
#include "tests/plugins/functions.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"
#include "tests/tap.h"

#include <gym/stats.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 16, MOST = 4096 };

struct rows {
  double at[MOST][WIDTH];
};

/* A bowl around the middle of the encoded space. */
static uint32_t
bowl (void *context, const double *row, double *objectives, double *violations)
{
  double unit[WIDTH];
  gym_space *space = context;
  (void)violations;
  gym_space_encode (space, row, unit);
  objectives[0] = 0;
  for (uint32_t i = 0; i < gym_space_size (space); i++)
    objectives[0] += (unit[i] - 0.4) * (unit[i] - 0.4);
  return GYM_TRIAL_OK;
}

static uint32_t
fails (void *context, const double *row, double *objectives, double *violations)
{
  uint64_t hash = gym_space_hash (context, row);
  (void)violations;
  objectives[0] = NAN;
  return hash % 2 ? GYM_TRIAL_FAILED : GYM_TRIAL_INFEASIBLE;
}

static uint32_t
mostly_fails (void *context, const double *row, double *objectives, double *violations)
{
  if (gym_space_hash (context, row) % 20 != 0)
    return fails (context, row, objectives, violations);
  return bowl (context, row, objectives, violations);
}

/* Only a corner is feasible, and the objective pulls away from it. */
static uint32_t
strained (void *context, const double *row, double *objectives, double *violations)
{
  double unit[WIDTH];
  gym_space_encode (context, row, unit);
  bowl (context, row, objectives, violations);
  violations[0] = fmax (0, unit[0] + unit[1] - 0.8);
  violations[1] = fmax (0, 0.6 - unit[2]);
  return GYM_TRIAL_OK;
}

/* Numbers near the end of the range: sums and differences of them overflow. */
static uint32_t
huge (void *context, const double *row, double *objectives, double *violations)
{
  bowl (context, row, objectives, violations);
  if (gym_space_hash (context, row) % 3 == 0)
    objectives[0] = row[0] > 0 ? 1.7e308 : -1.7e308;
  return GYM_TRIAL_OK;
}

/* Plays on `space` into rows; distinct canonical designs are asked for, always. */
static long
play_checked (struct play *p, struct rows *rows, double *values)
{
  static double flat[MOST * WIDTH];
  struct seen seen;
  uint32_t n = gym_space_size (p->space);
  long trials = play (p, flat, values);
  seen_init (&seen, n, true);
  for (long t = 0; t < trials; t++) {
    const double *row = flat + (size_t)t * n;
    gym_error err = { 0 };
    if (gym_space_check (p->space, row, &err) < 0)
      tap_note ("%s", err.text);
    CU_ASSERT_EQUAL (err.code, 0);
    CU_ASSERT_EQUAL (seen_add (&seen, gym_space_hash (p->space, row), row), 1);
    memcpy (rows->at[t], row, n * sizeof *row);
  }
  seen_free (&seen);
  return trials;
}

static bool
same_rows (const struct rows *a, const struct rows *b, long trials, uint32_t n)
{
  for (long t = 0; t < trials; t++)
    if (!seen_same (a->at[t], b->at[t], n))
      return false;
  return true;
}

void
laws_determinism (const char *agent, const char *settings)
{
  static struct rows first, again, other;
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_mixed ();
  struct play p = { .registry = registry,
                    .agent = agent,
                    .settings = settings,
                    .space = space,
                    .budget = 300,
                    .judge = bowl,
                    .context = space };
  for (uint32_t q = 1; q <= 9; q += 4) {
    p.in_flight = q;
    p.seed = 1;
    CU_ASSERT_EQUAL (play_checked (&p, &first, NULL), 300);
    CU_ASSERT_EQUAL (play_checked (&p, &again, NULL), 300);
    CU_ASSERT_TRUE (same_rows (&first, &again, 300, 12));
    p.seed = 2;
    CU_ASSERT_EQUAL (play_checked (&p, &other, NULL), 300);
    CU_ASSERT_FALSE (same_rows (&first, &other, 1, 12));
  }
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

void
laws_exhaustion (const char *agent, const char *settings)
{
  static struct rows rows;
  static const uint32_t flights[] = { 1, 7, 64 };
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_small ();
  for (int k = 0; k < 3; k++)
    for (uint64_t seed = 1; seed <= 5; seed++) {
      struct play p = { .registry = registry,
                        .agent = agent,
                        .settings = settings,
                        .space = space,
                        .in_flight = flights[k],
                        .seed = seed,
                        .budget = 1000,
                        .judge = seed % 2 ? bowl : mostly_fails,
                        .context = space };
      CU_ASSERT_EQUAL (play_checked (&p, &rows, NULL), SPACES_SMALL);
    }
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

/* Bins of parameter i met in `trials` rows: its levels, or halves of its range. */
static unsigned
bins_met (const gym_space *space, const struct rows *rows, long trials, uint32_t i,
          unsigned *bins)
{
  uint64_t count = gym_space_count (space, i);
  unsigned met = 0, hit = 0;
  *bins = count > 0 && count <= 10 ? (unsigned)count : 2;
  for (long t = 0; t < trials; t++) {
    double unit[WIDTH];
    gym_space_encode (space, rows->at[t], unit);
    if (!isnan (rows->at[t][i]))
      hit |= 1u << (unsigned)fmin (*bins - 1, unit[i] * *bins);
  }
  for (; hit; hit &= hit - 1)
    met++;
  return met;
}

void
laws_coverage (const char *agent, const char *settings)
{
  static struct rows rows;
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_mixed ();
  struct play p = { .registry = registry,
                    .agent = agent,
                    .settings = settings,
                    .space = space,
                    .seed = 1,
                    .budget = 1000,
                    .judge = bowl,
                    .context = space };
  CU_ASSERT_EQUAL (play_checked (&p, &rows, NULL), 1000);
  for (uint32_t i = 0; i < gym_space_size (space); i++) {
    unsigned bins, met = bins_met (space, &rows, 1000, i, &bins);
    if (met != bins)
      tap_note ("%s: %u of %u", gym_space_param (space, i)->name, met, bins);
    CU_ASSERT_EQUAL (met, bins);
  }
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

void
laws_failures (const char *agent, const char *settings)
{
  static struct rows rows;
  static double values[MOST];
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_mixed ();
  struct play p = { .registry = registry,
                    .agent = agent,
                    .settings = settings,
                    .space = space,
                    .seed = 1,
                    .budget = 500,
                    .judge = fails,
                    .context = space };
  CU_ASSERT_EQUAL (play_checked (&p, &rows, values), 500);
  CU_ASSERT_TRUE (isnan (play_best (values, 500)));
  p.judge = mostly_fails;
  p.in_flight = 5;
  CU_ASSERT_EQUAL (play_checked (&p, &rows, values), 500);
  CU_ASSERT_FALSE (isnan (play_best (values, 500)));
  p.judge = huge;
  CU_ASSERT_EQUAL (play_checked (&p, &rows, values), 500);
  p.judge = strained;
  p.constraints = 2;
  CU_ASSERT_EQUAL (play_checked (&p, &rows, values), 500);
  CU_ASSERT_FALSE (isnan (play_best (values, 500)));
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

void
laws_small_budgets (const char *agent, const char *settings)
{
  static struct rows rows;
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_mixed (), *line = spaces_line (1, false);
  struct play p = { .registry = registry,
                    .agent = agent,
                    .settings = settings,
                    .space = space,
                    .judge = bowl,
                    .context = space };
  for (p.budget = 1; p.budget <= 5; p.budget++)
    for (p.in_flight = 1; p.in_flight <= 8; p.in_flight += 7)
      CU_ASSERT_EQUAL (play_checked (&p, &rows, NULL), (long)p.budget);
  p.space = p.context = line; /* a space of one design */
  CU_ASSERT_EQUAL (play_checked (&p, &rows, NULL), 1);
  gym_space_destroy (&space);
  gym_space_destroy (&line);
  gym_registry_destroy (&registry);
}

static void
make_even (double *row)
{
  row[0] += (int)row[0] % 2;
}

static uint32_t
first_number (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)violations;
  objectives[0] = row[0];
  return GYM_TRIAL_OK;
}

/* Of 40 numbers the odd ones are repaired to the next. Neither what was asked nor what
 * was evaluated for it is asked for again. */
void
laws_repair (const char *agent)
{
  static struct rows rows;
  bool known[41] = { false };
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_line (40, false);
  struct play p = { .registry = registry,
                    .agent = agent,
                    .space = space,
                    .seed = 1,
                    .budget = 100,
                    .judge = first_number,
                    .repair = make_even };
  long trials = play_checked (&p, &rows, NULL);
  CU_ASSERT (trials >= 20 && trials < 40);
  for (long t = 0; t < trials; t++) {
    double row = rows.at[t][0];
    CU_ASSERT_FALSE (known[(int)row]);
    known[(int)row] = true;
    make_even (&row);
    known[(int)row] = true;
  }
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

double
laws_median (const char *agent, const char *settings, const char *family, unsigned budget)
{
  static double values[MOST];
  double best[20];
  gym_registry *registry = play_registry ();
  struct function *f =
      strchr (family, '/') ? function_load (family) : function_new (family, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (f);
  CU_ASSERT_FATAL (budget <= MOST);
  for (int s = 0; s < 20; s++) {
    struct play p = { .registry = registry,
                      .agent = agent,
                      .settings = settings,
                      .space = f->space,
                      .seed = (uint64_t)s + 1,
                      .budget = budget,
                      .judge = play_function,
                      .context = f };
    CU_ASSERT_EQUAL (play (&p, NULL, values), (long)budget);
    best[s] = play_best (values, budget);
  }
  function_free (f);
  gym_registry_destroy (&registry);
  return gym_stats_quantile (best, 20, 0.5);
}

void
laws_better_than_random (const char *agent, unsigned budget)
{
  for (int k = 0; k < FUNCTION_FAMILIES; k++) {
    double ours = laws_median (agent, NULL, function_families[k], budget);
    double random = laws_median ("random", NULL, function_families[k], budget);
    tap_note ("%s at %u: %s %.4g, random %.4g", function_families[k], budget, agent, ours,
              random);
    CU_ASSERT (ours < random);
  }
}

/* The median in the row of a function, a program, a number of seeds and a budget; NaN:
 * there is none. */
static double
anchor_of (const char *file, const char *family, const char *program, int seeds,
           unsigned budget)
{
  char line[512], start[128], place[32];
  double median = NAN;
  FILE *f = fopen (file, "r");
  snprintf (start, sizeof start, "%s,%s", family, program);
  snprintf (place, sizeof place, ",%d,%u,", seeds, budget);
  while (f && fgets (line, sizeof line, f)) {
    const char *rest = strstr (line, place);
    if (rest && strncmp (line, start, strlen (start)) == 0)
      median = strtod (rest + strlen (place), NULL);
  }
  if (f)
    fclose (f);
  return median;
}

/* Slow programs were run with 10 seeds, the others with 20. */
static double
anchor (const char *file, const char *family, const char *program, unsigned budget)
{
  double median = anchor_of (file, family, program, 20, budget);
  return isnan (median) ? anchor_of (file, family, program, 10, budget) : median;
}

void
laws_anchors (const char *agent, const char *program, unsigned budget)
{
  laws_anchors_but (agent, program, budget, "");
}

void
laws_anchors_but (const char *agent, const char *program, unsigned budget,
                  const char *excepted)
{
  char path[512], name[64], anchors[512];
  int rows = 0;
  if (!tap_reference ("search/anchors.csv", anchors, sizeof anchors)) {
    tap_skip ("the reference instances are not beside the checkout");
    return;
  }
  for (int k = 0; k < FUNCTION_FAMILIES; k++) {
    const char *family = function_families[k];
    snprintf (name, sizeof name, "search/%s.json", family);
    CU_ASSERT_PTR_NOT_NULL_FATAL (tap_reference (name, path, sizeof path));
    double theirs = anchor (anchors, family, program, budget);
    if (isnan (theirs))
      continue;
    double ours = laws_median (agent, NULL, path, budget);
    rows++;
    tap_note ("%s at %u: %s %.4g, %s %.4g", family, budget, agent, ours, program, theirs);
    CU_ASSERT (ours <= theirs || strcmp (family, excepted) == 0);
  }
  CU_ASSERT (rows > 0);
}
