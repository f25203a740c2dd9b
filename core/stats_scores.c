/* core/stats_scores.c - scores of predictions: see gym/stats_scores.h. */
#include "core/stats_inside.h"

#include <gym/plugin.h>
#include <gym/stats_compare.h>
#include <gym/stats_scores.h>
#include <stdbool.h>

/* Half the width of the central interval of a normal distribution, in spreads. */
static const double half50 = 0.67448975019608171, half80 = 1.2815515655446004,
                    half95 = 1.9599639845400545;

/* One NaN would make every score one: the place is worth more than that. */
static int
check_finite (const char *what, const double *values, size_t n, gym_error *err)
{
  for (size_t i = 0; i < n; i++)
    if (!isfinite (values[i]))
      return gym_fail (err, GYM_EINVAL, "scores: %s value %zu is not a finite number",
                       what, i);
  return GYM_OK;
}

/* Sums of thousands of numbers keep their digits (Neumaier 1974). */
struct sum {
  double total, rest;
};

/* The part of the smaller number that the sum has no room for is kept apart. */
static void
add (struct sum *sum, double x)
{
  double total = sum->total + x;
  sum->rest +=
      fabs (sum->total) >= fabs (x) ? sum->total - total + x : x - total + sum->total;
  sum->total = total;
}

static double
value (const struct sum *sum)
{
  return isfinite (sum->rest) ? sum->total + sum->rest : sum->total;
}

/* That of equal values is one of them, to the last bit: they have no variance. */
static double
mean_of (const double *values, size_t n)
{
  struct sum sum = { 0 };
  bool equal = true;
  for (size_t i = 0; i < n; i++) {
    add (&sum, values[i]);
    equal = equal && values[i] == values[0];
  }
  if (n == 0)
    return NAN;
  return equal ? values[0] : value (&sum) / (double)n;
}

static int
check_both (const char *what, const double *a, const char *other, const double *b,
            size_t n, gym_error *err)
{
  int code = check_finite (what, a, n, err);
  return code == GYM_OK ? check_finite (other, b, n, err) : code;
}

/* ---- order ---- */

/* Around the means first: sums of squares of values far from 0 would cancel. */
static double
pearson (const double *a, const double *b, size_t n)
{
  double mean_a = mean_of (a, n), mean_b = mean_of (b, n);
  struct sum ab = { 0 }, aa = { 0 }, bb = { 0 };
  for (size_t i = 0; i < n; i++) {
    add (&ab, (a[i] - mean_a) * (b[i] - mean_b));
    add (&aa, (a[i] - mean_a) * (a[i] - mean_a));
    add (&bb, (b[i] - mean_b) * (b[i] - mean_b));
  }
  return value (&ab) / sqrt (value (&aa) * value (&bb)); /* 0 / 0 is NaN */
}

int
gym_stats_spearman (const double *a, const double *b, size_t n, double *correlation,
                    gym_error *err)
{
  *correlation = NAN;
  int code = check_both ("first", a, "second", b, n, err);
  if (code < 0)
    return code;
  double *ranks = malloc ((2 * n + 1) * sizeof *ranks);
  if (!ranks)
    return gym_stats_no_memory (err);
  code = gym_stats_ranks (a, n, ranks, NULL, err);
  if (code == GYM_OK)
    code = gym_stats_ranks (b, n, ranks + n, NULL, err);
  if (code == GYM_OK)
    *correlation = pearson (ranks, ranks + n, n);
  free (ranks);
  return code;
}

struct pair {
  double a, b;
};

static int
by_both (const void *x, const void *y)
{
  const struct pair *p = x, *q = y;
  if (p->a != q->a)
    return p->a < q->a ? -1 : 1;
  return (p->b > q->b) - (p->b < q->b);
}

/* Sorts by b, counting the pairs that change places: those in which a and b disagree. */
static double
sort_counting (struct pair *pairs, struct pair *space, size_t n)
{
  if (n < 2)
    return 0;
  size_t half = n / 2, i = 0, j = half, k = 0;
  double swaps =
      sort_counting (pairs, space, half) + sort_counting (pairs + half, space, n - half);
  while (i < half || j < n)
    if (j == n || (i < half && pairs[i].b <= pairs[j].b))
      space[k++] = pairs[i++];
    else {
      swaps += (double)(half - i);
      space[k++] = pairs[j++];
    }
  memcpy (pairs, space, n * sizeof *pairs);
  return swaps;
}

/* Pairs of neighbours that are equal, by a, by b, or by both. */
enum ties { TIES_A, TIES_B, TIES_BOTH };

static double
count_ties (const struct pair *pairs, size_t n, enum ties kind)
{
  double ties = 0;
  for (size_t first = 0, last; first < n; first = last) {
    for (last = first + 1; last < n; last++)
      if ((kind != TIES_B && pairs[last].a != pairs[first].a)
          || (kind != TIES_A && pairs[last].b != pairs[first].b))
        break;
    ties += 0.5 * (double)(last - first) * (double)(last - first - 1);
  }
  return ties;
}

int
gym_stats_kendall (const double *a, const double *b, size_t n, double *tau,
                   gym_error *err)
{
  *tau = NAN;
  int code = check_both ("first", a, "second", b, n, err);
  if (code < 0)
    return code;
  struct pair *pairs = malloc ((2 * n + 1) * sizeof *pairs);
  if (!pairs)
    return gym_stats_no_memory (err);
  for (size_t i = 0; i < n; i++)
    pairs[i] = (struct pair){ .a = a[i], .b = b[i] };
  if (n > 1)
    qsort (pairs, n, sizeof *pairs, by_both);
  double all = 0.5 * (double)n * ((double)n - 1);
  double ties_a = count_ties (pairs, n, TIES_A), both = count_ties (pairs, n, TIES_BOTH);
  double swaps = sort_counting (pairs, pairs + n, n);
  double ties_b = count_ties (pairs, n, TIES_B);
  double difference = all - ties_a - ties_b + both - 2 * swaps;
  *tau = difference / sqrt ((all - ties_a) * (all - ties_b));
  free (pairs);
  return GYM_OK;
}

/* The k-th best of n values; the order of `sorted` is left changed. */
static double
border_of (const double *values, size_t n, size_t k, double sign, double *sorted)
{
  for (size_t i = 0; i < n; i++)
    sorted[i] = sign * values[i];
  gym_stats_sort (sorted, n);
  return sorted[k - 1];
}

int
gym_stats_top_recall (const double *actual, const double *predicted, size_t n, size_t k,
                      uint32_t sense, double *recall, gym_error *err)
{
  double sign = sense == GYM_MAXIMISE ? -1 : 1;
  size_t inside = 0, inside_hits = 0, tied = 0, tied_hits = 0;
  *recall = NAN;
  if (k == 0 || k > n)
    return n == 0
               ? GYM_OK
               : gym_fail (err, GYM_EINVAL, "scores: the best %zu of %zu values", k, n);
  int code = check_both ("actual", actual, "predicted", predicted, n, err);
  if (code < 0)
    return code;
  double *sorted = malloc (n * sizeof *sorted);
  if (!sorted)
    return gym_stats_no_memory (err);
  double truth = border_of (actual, n, k, sign, sorted),
         border = border_of (predicted, n, k, sign, sorted);
  free (sorted);
  for (size_t i = 0; i < n; i++) {
    bool hit = sign * actual[i] <= truth;
    inside += sign * predicted[i] < border;
    inside_hits += hit && sign * predicted[i] < border;
    tied += sign * predicted[i] == border;
    tied_hits += hit && sign * predicted[i] == border;
  }
  double drawn = (double)(k - inside) * (double)tied_hits / (double)tied;
  *recall = ((double)inside_hits + drawn) / (double)k;
  return GYM_OK;
}

/* ---- errors ---- */

/* An error of 0 is no share of anything, also where the value is 0. */
static void
score_errors (const double *actual, const double *predicted, size_t n,
              struct gym_scores *s)
{
  double mean = mean_of (actual, n);
  struct sum squared = { 0 }, shares = { 0 }, around = { 0 };
  for (size_t i = 0; i < n; i++) {
    double e = predicted[i] - actual[i];
    add (&squared, e * e);
    add (&shares, e == 0 ? 0 : fabs (e / actual[i]));
    add (&around, (actual[i] - mean) * (actual[i] - mean));
  }
  s->rmse = sqrt (value (&squared) / (double)n);
  s->relative_rmse = mean != 0 ? s->rmse / fabs (mean) : NAN;
  s->mape = value (&shares) / (double)n;
  s->r2 = value (&around) > 0 ? 1 - value (&squared) / value (&around) : NAN;
}

/* In the limit of a spread of 0 a right value is sure, and a wrong one impossible. */
static double
log_likelihood (double error, double spread)
{
  if (spread == 0)
    return error == 0 ? INFINITY : -INFINITY;
  double z = error / spread;
  return -0.5 * z * z - log (spread) - 0.91893853320467274178; /* log (2 pi) / 2 */
}

/* A share that is exactly on the border of an interval is within it: a spread of 0 is
 * right where there is no error. */
static void
score_spread (const double *actual, const double *predicted, const double *spread,
              size_t n, struct gym_scores *s)
{
  size_t in50 = 0, in80 = 0, in95 = 0;
  struct sum likelihood = { 0 };
  bool wrong = false; /* sums of opposite infinities would be no number */
  for (size_t i = 0; i < n; i++) {
    double e = fabs (predicted[i] - actual[i]), l = log_likelihood (e, spread[i]);
    in50 += e <= half50 * spread[i];
    in80 += e <= half80 * spread[i];
    in95 += e <= half95 * spread[i];
    wrong = wrong || l == -INFINITY;
    add (&likelihood, l);
  }
  s->coverage50 = (double)in50 / (double)n;
  s->coverage80 = (double)in80 / (double)n;
  s->coverage95 = (double)in95 / (double)n;
  s->nll = wrong ? INFINITY : -value (&likelihood) / (double)n;
  s->sharpness = mean_of (spread, n);
}

static int
check_all (const double *actual, const double *predicted, const double *spread, size_t n,
           gym_error *err)
{
  int code = check_both ("actual", actual, "predicted", predicted, n, err);
  if (code == GYM_OK && spread)
    code = check_finite ("spread", spread, n, err);
  for (size_t i = 0; code == GYM_OK && spread && i < n; i++)
    if (spread[i] < 0)
      code = gym_fail (err, GYM_EINVAL, "scores: spread value %zu is negative", i);
  return code;
}

int
gym_stats_scores (const double *actual, const double *predicted, const double *spread,
                  size_t n, uint32_t sense, struct gym_scores *scores, gym_error *err)
{
  struct gym_scores s = { .struct_size = sizeof s,
                          .n = n,
                          .rmse = NAN,
                          .relative_rmse = NAN,
                          .mape = NAN,
                          .r2 = NAN,
                          .spearman = NAN,
                          .kendall = NAN,
                          .recall = NAN,
                          .coverage50 = NAN,
                          .coverage80 = NAN,
                          .coverage95 = NAN,
                          .nll = NAN,
                          .sharpness = NAN };
  int code = check_all (actual, predicted, spread, n, err);
  if (code == GYM_OK && n > 0) {
    score_errors (actual, predicted, n, &s);
    code = gym_stats_spearman (actual, predicted, n, &s.spearman, err);
    if (code == GYM_OK)
      code = gym_stats_kendall (actual, predicted, n, &s.kendall, err);
    if (code == GYM_OK)
      code = gym_stats_top_recall (actual, predicted, n, (n + 99) / 100, sense, &s.recall,
                                   err);
    if (spread)
      score_spread (actual, predicted, spread, n, &s);
  }
  if (code == GYM_OK) {
    size_t size = scores->struct_size < sizeof s ? scores->struct_size : sizeof s;
    s.struct_size = scores->struct_size;
    memcpy (scores, &s, size);
  }
  return code;
}
