/* How the cost of statistics grows with the number of trials: the ratio of CPU times for
 * ten times as many, 10 to about 12 where they are linear or n log n; what scoring a model
 * costs; and hypervolumes of four objectives. */
#include "tests/bench/bench.h"
#include <gym/gym.h>

#include <stdlib.h>

enum { MOST = 1000000, CELLS = 16 };

static double values[MOST], other[MOST], out[MOST];
static uint8_t cells[2][MOST];
static uint32_t group[MOST];

static void
ranks (size_t n)
{
  gym_stats_ranks (values, n, out, NULL, NULL);
}

static void
rank_sum (size_t n)
{
  struct gym_test test;
  gym_stats_rank_sum (values, n / 2, other, n / 2, &test, NULL);
}

static void
kruskal (size_t n)
{
  struct gym_test test;
  gym_stats_kruskal (values, group, n, CELLS, &test, NULL);
}

static void
kendall (size_t n)
{
  gym_stats_kendall (values, other, n, out, NULL);
}

/* What gym proxy eval has for a target; `out` is a spread, of whatever is in it. */
static void
scores (size_t n)
{
  struct gym_scores all = { .struct_size = sizeof all };
  gym_stats_scores (values, other, out, n, GYM_MINIMISE, &all, NULL);
}

static void
ecdf (size_t n)
{
  gym_stats_ecdf (values, n, out);
}

static void
importance (size_t n)
{
  struct gym_factor f[2];
  double score[2], share, p;
  struct gym_effect effect;
  for (int i = 0; i < 2; i++)
    f[i] = (struct gym_factor){ .cells = cells[i], .n_cells = CELLS, .ordered = i == 0 };
  gym_stats_ped_anova (f, 2, values, n, 0.1, 1, score, NULL);
  gym_stats_main_effect (&f[0], values, n, &effect, NULL);
  gym_stats_interaction (&f[0], &f[1], values, n, 8, &share, &p, NULL);
}

static double
time_of (void (*body) (size_t), size_t n)
{
  double best = 1e9;
  for (int i = 0; i < 3; i++) {
    double from = bench_cpu ();
    body (n);
    double seconds = bench_cpu () - from;
    best = seconds < best ? seconds : best;
  }
  return best;
}

static void
growth (const char *name, void (*body) (size_t))
{
  char text[80];
  double large = time_of (body, MOST), small = time_of (body, MOST / 10);
  snprintf (text, sizeof text, "statistics, %s, 10 times the trials", name);
  bench_at_most (text, large / small, 20, "times the CPU time");
  snprintf (text, sizeof text, "statistics, %s of 1,000,000", name);
  bench_at_most (text, large, 2, "s CPU");
}

/* Points on a sphere: none dominates another. */
static double
volume (uint32_t m, size_t n)
{
  gym_archive *a = gym_archive_new (m, NULL);
  double point[8], reference[8], result;
  gym_rng rng;
  gym_rng_init (&rng, m);
  for (uint32_t k = 0; k < m; k++)
    reference[k] = 1.1;
  for (size_t i = 0; a && i < n; i++) {
    double length = 0;
    for (uint32_t k = 0; k < m; k++) {
      point[k] = fabs (gym_rng_normal (&rng));
      length += point[k] * point[k];
    }
    for (uint32_t k = 0; k < m; k++)
      point[k] = 1 - point[k] / sqrt (length);
    gym_archive_add (a, point, i, NULL);
  }
  double from = bench_cpu ();
  gym_archive_hypervolume (a, reference, &result, NULL);
  double seconds = bench_cpu () - from;
  gym_archive_destroy (&a);
  return seconds;
}

int
main (void)
{
  gym_rng rng;
  gym_rng_init (&rng, 1);
  for (size_t i = 0; i < MOST; i++) {
    values[i] = gym_rng_normal (&rng);
    other[i] = gym_rng_normal (&rng);
    cells[0][i] = (uint8_t)gym_rng_below (&rng, CELLS);
    cells[1][i] = (uint8_t)gym_rng_below (&rng, CELLS);
    group[i] = cells[0][i];
  }
  growth ("ranks", ranks);
  growth ("rank sums", rank_sum);
  growth ("Kruskal-Wallis", kruskal);
  growth ("distributions", ecdf);
  growth ("Kendall's tau", kendall);
  for (size_t i = 0; i < MOST; i++)
    out[i] = 1;
  growth ("all scores of a model", scores);
  double from = bench_cpu ();
  scores (100000);
  bench_at_most ("all scores of 100,000 rows", bench_cpu () - from, 0.5, "s CPU");
  growth ("importance", importance);
  bench_at_most ("hypervolume, 4 objectives, 1,000 points", volume (4, 1000), 2, "s CPU");
  bench_at_most ("hypervolume, 5 objectives, 200 points", volume (5, 200), 2, "s CPU");
  bench_at_most ("hypervolume, 6 objectives, 100 points", volume (6, 100), 2, "s CPU");
  return 0;
}
