/* core/stats_importance.c - importance of parameters and of pairs, from cells. */
#include "core/stats_inside.h"

#include <gym/stats_compare.h>
#include <gym/stats_importance.h>

void
gym_stats_cells (const double *values, size_t n, uint32_t count, uint32_t wanted,
                 uint8_t *cells, struct gym_factor *factor)
{
  uint32_t most = count ? count : wanted;
  bool inactive = false;
  for (size_t i = 0; i < n; i++) {
    double at = count ? values[i] : floor (values[i] * wanted);
    inactive |= isnan (at);
    cells[i] = (uint8_t)(isnan (at) ? most : fmax (0, fmin (at, most - 1)));
  }
  factor->cells = cells;
  factor->n_cells = most + inactive;
  factor->inactive = inactive;
}

/* ---- PED-ANOVA ---- */

/* Scott's rule in units of cells, with the spread that is the smaller of deviation and
 * quartile range, as for Parzen windows in TPE; at least a quarter of a cell. */
static double
bandwidth (const double *counts, uint32_t n_cells)
{
  double n = 0, mean = 0, square = 0, seen = 0, q1 = -1, q3 = -1;
  for (uint32_t i = 0; i < n_cells; i++) {
    n += counts[i];
    mean += i * counts[i];
    square += (double)i * i * counts[i];
  }
  mean /= n;
  for (uint32_t i = 0; i < n_cells; i++) {
    seen += counts[i];
    if (q1 < 0 && seen >= n / 4)
      q1 = i;
    if (q3 < 0 && seen >= 3 * n / 4)
      q3 = i;
  }
  double spread = sqrt (fmax (square / n - mean * mean, 0));
  if (q3 > q1)
    spread = fmin (spread, (q3 - q1) / 1.34);
  return fmax (1.059 * spread * pow (n, -0.2), 0.25);
}

/* The density over cells: counts, smoothed along ordered ones (each kernel sums to 1 over
 * the cells there are), and a prior worth one trial. */
static void
density (const struct gym_factor *f, const double *counts, double *out)
{
  uint32_t ordered = f->ordered ? f->n_cells - f->inactive : 0;
  double n = 0, kernel[GYM_MOST_CELLS];
  for (uint32_t i = 0; i < f->n_cells; i++) {
    n += counts[i];
    out[i] = i < ordered ? 0 : counts[i];
  }
  double inside = 0;
  for (uint32_t i = 0; i < ordered; i++)
    inside += counts[i];
  double width = inside > 0 ? bandwidth (counts, ordered) : 1;
  for (uint32_t i = 0; i < ordered; i++) {
    double sum = 0;
    for (uint32_t k = 0; k < ordered; k++) {
      double z = ((double)k - i) / width;
      sum += kernel[k] = exp (-0.5 * z * z);
    }
    for (uint32_t k = 0; counts[i] > 0 && k < ordered; k++)
      out[k] += counts[i] * kernel[k] / sum;
  }
  for (uint32_t i = 0; i < f->n_cells; i++)
    out[i] = (out[i] + 1.0 / f->n_cells) / (n + 1);
}

/* Trials as good as the limit all belong to the set, so that ties do not depend on the
 * order of trials. */
static void
count_best (const struct gym_factor *f, const double *values, size_t n, double limit,
            double *counts)
{
  memset (counts, 0, GYM_MOST_CELLS * sizeof *counts);
  for (size_t i = 0; i < n; i++)
    if (values[i] <= limit)
      counts[f->cells[i]]++;
}

static double
divergence (const struct gym_factor *f, const double *values, size_t n, double best,
            double within)
{
  double counts[GYM_MOST_CELLS], top[GYM_MOST_CELLS], all[GYM_MOST_CELLS], sum = 0;
  count_best (f, values, n, best, counts);
  density (f, counts, top);
  count_best (f, values, n, within, counts);
  density (f, counts, all);
  for (uint32_t i = 0; i < f->n_cells; i++)
    sum += all[i] * (top[i] / all[i] - 1) * (top[i] / all[i] - 1);
  return sum;
}

static double
at_share (const double *sorted, size_t n, double share)
{
  size_t k = (size_t)ceil (share * (double)n);
  return sorted[k > 0 ? k - 1 : 0];
}

int
gym_stats_ped_anova (const struct gym_factor *factors, size_t n_factors,
                     const double *values, size_t n, double best, double within,
                     double *importance, gym_error *err)
{
  if (!(best > 0 && best < within && within <= 1))
    return gym_fail (err, GYM_EINVAL,
                     "PED-ANOVA: the best share %g must be above 0 and below %g, which "
                     "is at most 1",
                     best, within);
  double *sorted = malloc ((n + 1) * sizeof *sorted), sum = 0;
  if (!sorted)
    return gym_stats_no_memory (err);
  memcpy (sorted, values, n * sizeof *values);
  gym_stats_sort (sorted, n);
  for (size_t k = 0; k < n_factors; k++) {
    importance[k] = n ? divergence (&factors[k], values, n, at_share (sorted, n, best),
                                    at_share (sorted, n, within))
                      : 0;
    sum += importance[k];
  }
  for (size_t k = 0; sum > 0 && k < n_factors; k++)
    importance[k] /= sum;
  free (sorted);
  return GYM_OK;
}

/* ---- main effects ---- */

struct cell {
  double n, sum;
};

static double
mean_of (const double *values, size_t n)
{
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += values[i];
  return n ? sum / (double)n : 0;
}

static double
squares (const double *values, size_t n, double mean)
{
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += (values[i] - mean) * (values[i] - mean);
  return sum;
}

/* Sum of squares between cells, and how many have a trial. */
static double
between (const struct cell *cells, size_t n_cells, double *used)
{
  double sum = 0;
  *used = 0;
  for (size_t i = 0; i < n_cells; i++)
    if (cells[i].n > 0) {
      sum += cells[i].sum * cells[i].sum / cells[i].n;
      ++*used;
    }
  return sum;
}

int
gym_stats_main_effect (const struct gym_factor *factor, const double *values, size_t n,
                       struct gym_effect *effect, gym_error *err)
{
  struct cell cells[GYM_MOST_CELLS] = { 0 };
  struct gym_test test;
  double mean = mean_of (values, n), total = squares (values, n, mean), used;
  uint32_t *group = malloc ((n + 1) * sizeof *group);
  if (!group)
    return gym_stats_no_memory (err);
  for (size_t i = 0; i < n; i++) {
    group[i] = factor->cells[i];
    cells[group[i]].n++;
    cells[group[i]].sum += values[i] - mean;
  }
  double explained = between (cells, GYM_MOST_CELLS, &used);
  double rest = fmax (total - explained, 0) / fmax ((double)n - used, 1);
  effect->share = total > 0 ? fmax (explained - (used - 1) * rest, 0) / total : 0;
  int code = gym_stats_kruskal (values, group, n, GYM_MOST_CELLS, &test, err);
  effect->p = isnan (test.p) ? 1 : test.p;
  free (group);
  return code;
}

/* ---- interactions ---- */

/* The table of two factors, sums of values less their mean. */
struct table {
  uint32_t rows, columns;
  double row[GYM_MOST_CELLS], column[GYM_MOST_CELLS]; /* the additive model */
  struct cell *cells;
};

/* Ordered cells are merged in runs until there are at most `most`; the inactive one stays
 * by itself. Categories stay as they are. */
static uint32_t
merged (const struct gym_factor *f, uint32_t cell, uint32_t most)
{
  uint32_t plain = f->n_cells - f->inactive;
  if (!f->ordered || plain <= most)
    return cell;
  return cell >= plain ? most : cell * most / plain;
}

static uint32_t
merged_count (const struct gym_factor *f, uint32_t most)
{
  uint32_t plain = f->n_cells - f->inactive;
  return f->ordered && plain > most ? most + f->inactive : f->n_cells;
}

/* One half step of the fit: the rows' effects given the columns' (or the other way). */
static double
fit_side (const struct table *t, bool rows, double *effect, const double *other)
{
  double moved = 0;
  uint32_t n = rows ? t->rows : t->columns, m = rows ? t->columns : t->rows;
  for (uint32_t i = 0; i < n; i++) {
    double sum = 0, count = 0;
    for (uint32_t k = 0; k < m; k++) {
      const struct cell *c = &t->cells[rows ? i * t->columns + k : k * t->columns + i];
      sum += c->sum - c->n * other[k];
      count += c->n;
    }
    double next = count > 0 ? sum / count : 0;
    moved = fmax (moved, fabs (next - effect[i]));
    effect[i] = next;
  }
  return moved;
}

/* Least squares for row + column by alternating, which converges as the table is small
 * and connected for any data worth looking at; a table that falls apart ends at the limit
 * of steps, with each part fitted. */
static void
fit_additive (struct table *t, double scale)
{
  memset (t->row, 0, sizeof t->row);
  memset (t->column, 0, sizeof t->column);
  for (int step = 0; step < 1000; step++) {
    double moved = fit_side (t, true, t->row, t->column);
    moved = fmax (moved, fit_side (t, false, t->column, t->row));
    if (moved <= 1e-12 * scale)
      break;
  }
}

/* Sum of squares that the fitted model leaves between cells. */
static double
left_between (const struct table *t, double *used)
{
  double sum = 0;
  *used = 0;
  for (uint32_t i = 0; i < t->rows; i++)
    for (uint32_t k = 0; k < t->columns; k++) {
      const struct cell *c = &t->cells[i * t->columns + k];
      if (c->n == 0)
        continue;
      double d = c->sum / c->n - t->row[i] - t->column[k];
      sum += c->n * d * d;
      ++*used;
    }
  return sum;
}

/* Rows, columns or both that have a trial. */
static double
filled (const struct table *t, bool rows)
{
  double count = 0;
  uint32_t n = rows ? t->rows : t->columns, m = rows ? t->columns : t->rows;
  for (uint32_t i = 0; i < n; i++) {
    bool any = false;
    for (uint32_t k = 0; k < m; k++)
      any |= t->cells[rows ? i * t->columns + k : k * t->columns + i].n > 0;
    count += any;
  }
  return count;
}

static void
judge_table (struct table *t, double total, double inside, size_t n, double *share,
             double *p)
{
  double used, joint = left_between (t, &used);
  double degrees = used - filled (t, true) - filled (t, false) + 1;
  double rest = (double)n - used;
  *share = NAN;
  if (p)
    *p = NAN;
  if (rest < 1 || total <= 0)
    return;
  *share = 0;
  if (p)
    *p = 1;
  if (degrees < 1)
    return;
  double noise = inside / rest;
  *share = fmax (joint - degrees * noise, 0) / total;
  if (p && noise > 0)
    *p = gym_stats_f_tail (joint / degrees / noise, degrees, rest);
  else if (p)
    *p = joint > 1e-12 * total ? 0 : 1;
}

int
gym_stats_interaction (const struct gym_factor *a, const struct gym_factor *b,
                       const double *values, size_t n, uint32_t most, double *share,
                       double *p, gym_error *err)
{
  struct table t = { .rows = merged_count (a, most), .columns = merged_count (b, most) };
  double mean = mean_of (values, n), total = squares (values, n, mean), used;
  size_t n_cells = (size_t)t.rows * t.columns;
  t.cells = calloc (n_cells + 1, sizeof *t.cells);
  if (!t.cells)
    return gym_stats_no_memory (err);
  for (size_t i = 0; i < n; i++) {
    struct cell *c = &t.cells[merged (a, a->cells[i], most) * t.columns
                              + merged (b, b->cells[i], most)];
    c->n++;
    c->sum += values[i] - mean;
  }
  double inside = fmax (total - between (t.cells, n_cells, &used), 0);
  if (inside < 1e-13 * total) /* rounding */
    inside = 0;
  fit_additive (&t, sqrt (total / fmax ((double)n, 1)));
  judge_table (&t, total, inside, n, share, p);
  free (t.cells);
  return GYM_OK;
}

/* ---- F, and the verdict ---- */

/* The continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz. */
static double
beta_fraction (double a, double b, double x)
{
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (fabs (d) < 1e-300 ? 1e-300 : d);
  double h = d;
  for (int m = 1; m < 10000; m++) {
    double factor = 1;
    for (int half = 0; half < 2; half++) {
      double am = half ? -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
                       : m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
      d = 1 + am * d;
      c = 1 + am / c;
      d = 1 / (fabs (d) < 1e-300 ? 1e-300 : d);
      factor = c * d;
      h *= factor;
    }
    if (fabs (factor - 1) < 1e-15)
      break;
  }
  return h;
}

static double
incomplete_beta (double a, double b, double x)
{
  if (x <= 0 || x >= 1)
    return x >= 1;
  double front =
      exp (lgamma (a + b) - lgamma (a) - lgamma (b) + a * log (x) + b * log1p (-x));
  if (x < (a + 1) / (a + b + 2))
    return front * beta_fraction (a, b, x) / a;
  return 1 - front * beta_fraction (b, a, 1 - x) / b;
}

double
gym_stats_f_tail (double f, double degrees_1, double degrees_2)
{
  if (!(degrees_1 > 0 && degrees_2 > 0) || isnan (f))
    return NAN;
  if (f <= 0)
    return 1;
  return incomplete_beta (degrees_2 / 2, degrees_1 / 2,
                          degrees_2 / (degrees_2 + degrees_1 * f));
}

int
gym_stats_never_mattered (const struct gym_effect *effects, const double *interactions,
                          const double *interaction_p, size_t n, double alpha,
                          double least, bool *never, gym_error *err)
{
  double *p = calloc (n + n * n + 1, sizeof *p);
  if (!p)
    return gym_stats_no_memory (err);
  for (size_t i = 0; i < n; i++)
    p[i] = effects[i].p;
  for (size_t i = 0; i < n * n; i++)
    p[n + i] = i % n > i / n ? interaction_p[i] : NAN;
  int code = gym_stats_holm (p, n + n * n, p, err);
  for (size_t i = 0; code == GYM_OK && i < n; i++)
    never[i] = !(p[i] < alpha && effects[i].share > least);
  for (size_t i = 0; code == GYM_OK && i < n * n; i++)
    if (p[n + i] < alpha && interactions[i] > least)
      never[i / n] = never[i % n] = false;
  free (p);
  return code;
}
