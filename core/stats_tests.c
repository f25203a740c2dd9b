/* core/stats_tests.c - tests of ranks: signed-rank, rank-sum, Friedman, Kruskal-Wallis,
 * and Holm's correction. */
#include "core/stats_inside.h"

#include <gym/stats_compare.h>

enum { EXACT = 50 };

/* Two-sided p of a statistic whose distribution over 0 .. n has these counts. */
static double
two_sided (const double *counts, size_t n, double statistic)
{
  double below = 0, above = 0, total = 0;
  for (size_t i = 0; i <= n; i++) {
    total += counts[i];
    below += (double)i <= statistic ? counts[i] : 0;
    above += (double)i >= statistic ? counts[i] : 0;
  }
  return fmin (1, 2 * fmin (below, above) / total);
}

/* Normal approximation, corrected for continuity. */
static double
approximate (double statistic, double mean, double variance)
{
  double distance = fabs (statistic - mean) - 0.5;
  if (!(variance > 0))
    return 1;
  return fmin (1, 2 * gym_stats_normal (-fmax (distance, 0) / sqrt (variance)));
}

/* ---- signed ranks ---- */

/* Counts of the subsets of 1 .. n by their sum: at most 2^50, exact in doubles. */
static double
signed_exact (size_t n, double statistic)
{
  double counts[EXACT * (EXACT + 1) / 2 + 1] = { 1 };
  size_t most = 0;
  for (size_t k = 1; k <= n; k++) {
    most += k;
    for (size_t sum = most; sum >= k; sum--)
      counts[sum] += counts[sum - k];
  }
  return two_sided (counts, most, statistic);
}

/* Differences that are not 0; of two infinities there is none. */
static size_t
differences (const double *a, const double *b, size_t n, double *d, double *size)
{
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    double x = gym_stats_worst (a[i]), y = gym_stats_worst (b[i]);
    if (x == y)
      continue;
    d[kept] = x - y;
    size[kept] = fabs (d[kept]);
    kept++;
  }
  return kept;
}

static void
judge_signed (const double *d, const double *ranks, double ties, size_t n,
              struct gym_test *test)
{
  double m = (double)n, sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += d[i] > 0 ? ranks[i] : 0;
  test->statistic = sum;
  test->exact = n <= EXACT && ties == 0;
  if (n == 0)
    test->p = 1;
  else if (test->exact)
    test->p = signed_exact (n, sum);
  else
    test->p =
        approximate (sum, m * (m + 1) / 4, m * (m + 1) * (2 * m + 1) / 24 - ties / 48);
}

int
gym_stats_signed_rank (const double *a, const double *b, size_t n, struct gym_test *test,
                       gym_error *err)
{
  double *d = calloc (3 * n + 1, sizeof *d), ties = 0;
  *test = (struct gym_test){ .p = NAN,
                             .smallest = ldexp (1, 1 - (int)fmin ((double)n, 1000)) };
  if (!d)
    return gym_stats_no_memory (err);
  double *size = d + n, *ranks = d + 2 * n;
  test->n = differences (a, b, n, d, size);
  test->dropped = n - test->n;
  int code = gym_stats_ranks (size, test->n, ranks, &ties, err);
  if (code == GYM_OK && n > 0)
    judge_signed (d, ranks, ties, test->n, test);
  free (d);
  return code;
}

/* ---- rank sums ---- */

/* Counts of the ways to choose n_a of n_a + n_b ranks by U: adding one rank after the
 * other, to subsets of each size (Mann and Whitney 1947). */
static int
sum_exact (size_t n_a, size_t n_b, double statistic, double *p)
{
  size_t most = n_a * n_b, width = most + 1;
  double *counts = calloc ((n_a + 1) * width, sizeof *counts);
  if (!counts)
    return GYM_ENOMEM;
  counts[0] = 1;
  for (size_t k = 1; k <= n_a + n_b; k++)
    for (size_t size = k < n_a ? k : n_a; size >= 1; size--) {
      /* The size-th smallest of the chosen being rank k adds k - size to U. */
      double *to = counts + size * width, *from = to - width;
      if (k - size <= n_b)
        for (size_t u = k - size; u < width; u++)
          to[u] += from[u - (k - size)];
    }
  *p = two_sided (counts + n_a * width, most, statistic);
  free (counts);
  return GYM_OK;
}

static double
binomial (size_t n, size_t k)
{
  double product = 1;
  for (size_t i = 1; i <= k; i++)
    product = product * (double)(n - k + i) / (double)i;
  return product;
}

static int
judge_sum (const double *ranks, double ties, size_t n_a, size_t n_b,
           struct gym_test *test)
{
  double a = (double)n_a, b = (double)n_b, n = a + b, sum = 0;
  for (size_t i = 0; i < n_a; i++)
    sum += ranks[i];
  test->statistic = sum - a * (a + 1) / 2;
  test->exact = n_a <= EXACT && n_b <= EXACT && ties == 0;
  if (test->exact)
    return sum_exact (n_a, n_b, test->statistic, &test->p);
  test->p = approximate (test->statistic, a * b / 2,
                         a * b / 12 * (n + 1 - ties / (n * (n - 1))));
  return GYM_OK;
}

int
gym_stats_rank_sum (const double *a, size_t n_a, const double *b, size_t n_b,
                    struct gym_test *test, gym_error *err)
{
  size_t n = n_a + n_b;
  double *both = malloc ((2 * n + 1) * sizeof *both), ties = 0;
  *test = (struct gym_test){ .p = NAN, .n = n, .smallest = NAN };
  if (!both)
    return gym_stats_no_memory (err);
  memcpy (both, a, n_a * sizeof *a);
  memcpy (both + n_a, b, n_b * sizeof *b);
  int code = gym_stats_ranks (both, n, both + n, &ties, err);
  if (code == GYM_OK && n_a > 0 && n_b > 0) {
    test->smallest = fmin (1, 2 / binomial (n, n_a));
    code = judge_sum (both + n, ties, n_a, n_b, test);
    if (code < 0)
      gym_stats_no_memory (err);
  }
  free (both);
  return code;
}

/* ---- several treatments ---- */

int
gym_stats_friedman (const double *values, size_t n, size_t k, double *mean_ranks,
                    struct gym_test *test, gym_error *err)
{
  double *ranks = malloc ((k + 1) * sizeof *ranks), ties = 0, sum = 0;
  double blocks = (double)n, m = (double)k;
  int code = ranks ? GYM_OK : gym_stats_no_memory (err);
  *test = (struct gym_test){ .p = NAN, .statistic = NAN, .smallest = NAN, .n = n };
  memset (mean_ranks, 0, k * sizeof *mean_ranks);
  for (size_t i = 0; code == GYM_OK && i < n; i++) {
    double tied = 0;
    code = gym_stats_ranks (values + i * k, k, ranks, &tied, err);
    ties += tied;
    for (size_t j = 0; code == GYM_OK && j < k; j++)
      mean_ranks[j] += ranks[j] / blocks;
  }
  for (size_t j = 0; j < k; j++)
    sum += (mean_ranks[j] - (m + 1) / 2) * (mean_ranks[j] - (m + 1) / 2);
  free (ranks);
  if (code < 0 || n < 2 || k < 2)
    return code;
  /* All tied everywhere: nothing differs. */
  double correction = 1 - ties / (blocks * m * (m * m - 1));
  test->statistic = correction > 0 ? 12 * blocks / (m * (m + 1)) * sum / correction : 0;
  test->p = gym_stats_chi_square (test->statistic, m - 1);
  return GYM_OK;
}

static void
judge_groups (const double *sums, const double *sizes, uint32_t n_groups, double n,
              double ties, struct gym_test *test)
{
  double h = 0, groups = 0, correction = 1 - ties / (n * n * n - n);
  for (uint32_t g = 0; g < n_groups; g++)
    if (sizes[g] > 0) {
      h += sums[g] * sums[g] / sizes[g];
      groups++;
    }
  if (groups < 2)
    return;
  h = 12 / (n * (n + 1)) * h - 3 * (n + 1);
  test->statistic = correction > 0 ? h / correction : 0;
  test->p = gym_stats_chi_square (test->statistic, groups - 1);
}

int
gym_stats_kruskal (const double *values, const uint32_t *group, size_t n,
                   uint32_t n_groups, struct gym_test *test, gym_error *err)
{
  double *ranks = malloc ((n + 1) * sizeof *ranks), ties = 0;
  double *sums = calloc (2 * (size_t)n_groups + 1, sizeof *sums);
  int code = ranks && sums ? gym_stats_ranks (values, n, ranks, &ties, err)
                           : gym_stats_no_memory (err);
  *test = (struct gym_test){ .p = NAN, .statistic = NAN, .smallest = NAN, .n = n };
  for (size_t i = 0; code == GYM_OK && i < n; i++) {
    sums[group[i]] += ranks[i];
    sums[n_groups + group[i]]++;
  }
  if (code == GYM_OK && n > 1)
    judge_groups (sums, sums + n_groups, n_groups, (double)n, ties, test);
  free (ranks);
  free (sums);
  return code;
}

/* ---- several tests ---- */

int
gym_stats_holm (const double *p, size_t n, double *adjusted, gym_error *err)
{
  double *sorted = malloc ((2 * n + 1) * sizeof *sorted);
  size_t m = 0;
  if (!sorted)
    return gym_stats_no_memory (err);
  for (size_t i = 0; i < n; i++)
    if (!isnan (p[i]))
      sorted[m++] = p[i];
  gym_stats_sort (sorted, m);
  double *raised = sorted + n, most = 0;
  for (size_t i = 0; i < m; i++)
    raised[i] = most = fmax (most, fmin (1, sorted[i] * (double)(m - i)));
  for (size_t i = 0; i < n; i++) {
    const double *at =
        m ? bsearch (&p[i], sorted, m, sizeof *sorted, gym_stats_rising) : NULL;
    /* Of equal ones the first has the largest factor, which holds for all of them. */
    while (at && at > sorted && at[-1] == *at)
      at--;
    adjusted[i] = isnan (p[i]) ? NAN : raised[at - sorted];
  }
  free (sorted);
  return GYM_OK;
}
