/* core/stats_effect.c - how large differences are: effect size, wins, bootstrap
 * intervals, and the bands of the hyperparameter lottery. */
#include "core/stats_inside.h"

#include <gym/rng.h>
#include <gym/stats.h>
#include <gym/stats_compare.h>

/* A is 1 - U / (n m) of the rank-sum test, whose U counts where `a` is larger; so it
 * takes a sort, not n times m comparisons. */
int
gym_stats_effect (const double *a, size_t n_a, const double *b, size_t n_b,
                  double *effect, gym_error *err)
{
  size_t n = n_a + n_b;
  double *both = malloc ((2 * n + 1) * sizeof *both), sum = 0;
  if (!both)
    return gym_stats_no_memory (err);
  memcpy (both, a, n_a * sizeof *a);
  memcpy (both + n_a, b, n_b * sizeof *b);
  int code = gym_stats_ranks (both, n, both + n, NULL, err);
  for (size_t i = 0; i < n_a; i++)
    sum += both[n + i];
  double u = sum - (double)n_a * ((double)n_a + 1) / 2;
  *effect = n_a && n_b ? 1 - u / ((double)n_a * (double)n_b) : NAN;
  free (both);
  return code;
}

struct gym_wins
gym_stats_wins (const double *a, const double *b, size_t n)
{
  struct gym_wins wins = { 0 };
  for (size_t i = 0; i < n; i++) {
    double x = gym_stats_worst (a[i]), y = gym_stats_worst (b[i]);
    wins.wins += x < y;
    wins.ties += x == y;
    wins.losses += x > y;
  }
  return wins;
}

/* ---- bootstrap ---- */

double
gym_stats_boot_mean (double *values, size_t n)
{
  return gym_stats_mean (values, n);
}

double
gym_stats_boot_median (double *values, size_t n)
{
  gym_stats_sort (values, n);
  return n ? gym_stats_sorted_quantile (values, n, 0.5) : NAN;
}

struct boot {
  const double *values;
  size_t n, resamples;
  double (*statistic) (double *values, size_t n);
  double *draw;    /* n */
  double *results; /* of the resamples, sorted */
  double estimate;
};

/* Each resample has a stream of its own, so that the first thousand of ten thousand are
 * those of one thousand. */
static void
resample (struct boot *b, uint64_t seed)
{
  for (size_t i = 0; i < b->resamples; i++) {
    gym_rng rng;
    gym_rng_init (&rng, gym_rng_derive (seed, i, 0));
    for (size_t k = 0; k < b->n; k++)
      b->draw[k] = b->values[gym_rng_below (&rng, b->n)];
    b->results[i] = gym_stats_worst (b->statistic (b->draw, b->n));
  }
  gym_stats_sort (b->results, b->resamples);
}

/* Skew of the influence of single values, from leaving one out at a time (Efron 1987,
 * 6.6). */
static double
acceleration (struct boot *b)
{
  double squares = 0, cubes = 0, mean = 0, *out = malloc ((b->n + 1) * sizeof *out);
  for (size_t i = 0; out && i < b->n; i++) {
    memcpy (b->draw, b->values, i * sizeof *b->draw);
    memcpy (b->draw + i, b->values + i + 1, (b->n - i - 1) * sizeof *b->draw);
    out[i] = b->statistic (b->draw, b->n - 1);
    mean += out[i] / (double)b->n;
  }
  for (size_t i = 0; out && i < b->n; i++) {
    double d = mean - out[i];
    squares += d * d;
    cubes += d * d * d;
  }
  free (out);
  return out ? cubes / (6 * pow (squares, 1.5)) : NAN;
}

/* The normal quantile of the share of resamples below the estimate, equal ones half. */
static double
bias (const struct boot *b)
{
  double below = 0;
  for (size_t i = 0; i < b->resamples; i++)
    below += b->results[i] < b->estimate ? 1 : b->results[i] == b->estimate ? 0.5 : 0;
  return gym_stats_normal_quantile (below / (double)b->resamples);
}

/* The level that bias and acceleration move p to (Efron 1987, 2.3). */
static double
adjust (double p, double z0, double a)
{
  double z = z0 + gym_stats_normal_quantile (p);
  return gym_stats_normal (z0 + z / (1 - a * z));
}

static void
find_interval (struct boot *b, enum gym_bootstrap kind, double level,
               struct gym_interval *out)
{
  double low = (1 - level) / 2, high = 1 - low;
  if (kind == GYM_BOOTSTRAP_BCA && b->n > 1) {
    double a = acceleration (b), z0 = bias (b);
    if (isfinite (a) && isfinite (z0)) {
      low = adjust (low, z0, a);
      high = adjust (high, z0, a);
    }
  }
  out->estimate = b->estimate;
  out->low = gym_stats_sorted_quantile (b->results, b->resamples, low);
  out->high = gym_stats_sorted_quantile (b->results, b->resamples, high);
}

int
gym_stats_bootstrap (const double *values, size_t n,
                     double (*statistic) (double *values, size_t n),
                     enum gym_bootstrap kind, double level, size_t resamples,
                     uint64_t seed, struct gym_interval *interval, gym_error *err)
{
  if (n == 0 || resamples == 0 || !(level > 0 && level < 1))
    return gym_fail (err, GYM_EINVAL,
                     "bootstrap: needs a value, a resample and a level between 0 and 1, "
                     "not %zu, %zu and %g",
                     n, resamples, level);
  struct boot b = { .values = values,
                    .n = n,
                    .resamples = resamples,
                    .statistic = statistic,
                    .draw = malloc (n * sizeof *b.draw),
                    .results = malloc (resamples * sizeof *b.results) };
  int code = b.draw && b.results ? GYM_OK : gym_stats_no_memory (err);
  if (code == GYM_OK) {
    memcpy (b.draw, values, n * sizeof *values);
    b.estimate = statistic (b.draw, n);
    resample (&b, seed);
    find_interval (&b, kind, level, interval);
  }
  free (b.draw);
  free (b.results);
  return code;
}

/* ---- the lottery ---- */

/* The scores of one agent, sorted, into `out`; how many. Infinite ones are failures. */
static size_t
scores_of (const double *score, const uint32_t *agent, size_t n, uint32_t which,
           double *out, size_t *failed)
{
  size_t count = 0;
  *failed = 0;
  for (size_t i = 0; i < n; i++)
    if (agent[i] == which) {
      if (isfinite (score[i]))
        out[count++] = score[i];
      else
        ++*failed;
    }
  gym_stats_sort (out, count);
  return count;
}

static void
fill_band (struct gym_lottery_band *band, const double *sorted, size_t n)
{
  band->settings = n;
  band->best = n ? sorted[0] : NAN;
  band->q1 = n ? gym_stats_sorted_quantile (sorted, n, 0.25) : NAN;
  band->median = n ? gym_stats_sorted_quantile (sorted, n, 0.5) : NAN;
  band->q3 = n ? gym_stats_sorted_quantile (sorted, n, 0.75) : NAN;
  band->worst = n ? sorted[n - 1] : NAN;
}

/* Spreads of bands of one setting say nothing and are left out. */
static void
sum_up (const struct gym_lottery_band *bands, uint32_t n_agents, double *spreads,
        struct gym_lottery *lottery)
{
  double least = INFINITY, most = -INFINITY;
  size_t wide = 0;
  for (uint32_t i = 0; i < n_agents; i++) {
    lottery->settings += bands[i].settings;
    if (bands[i].settings > 0) {
      least = fmin (least, bands[i].best);
      most = fmax (most, bands[i].best);
    }
    if (bands[i].settings > 1)
      spreads[wide++] = bands[i].worst - bands[i].best;
  }
  gym_stats_sort (spreads, wide);
  lottery->between = most >= least ? most - least : NAN;
  lottery->widest = wide ? spreads[wide - 1] : NAN;
  lottery->typical = wide ? gym_stats_sorted_quantile (spreads, wide, 0.5) : NAN;
}

int
gym_stats_lottery (const double *score, const uint32_t *agent, size_t n,
                   uint32_t n_agents, struct gym_lottery_band *bands,
                   struct gym_lottery *lottery, gym_error *err)
{
  double *sorted = malloc ((n + n_agents + 1) * sizeof *sorted);
  *lottery = (struct gym_lottery){ 0 };
  if (!sorted)
    return gym_stats_no_memory (err);
  for (uint32_t i = 0; i < n_agents; i++) {
    size_t count = scores_of (score, agent, n, i, sorted, &bands[i].failed);
    fill_band (&bands[i], sorted, count);
  }
  sum_up (bands, n_agents, sorted + n, lottery);
  free (sorted);
  return GYM_OK;
}
