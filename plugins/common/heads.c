/* A space as a row of discrete choices: see heads.h. */
#include "plugins/common/heads.h"
#include "plugins/common/lean.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- bins ---- */

/* Place of an integer's index on its scale, 0 for the first and 1 beyond the last. Log:
 * a value v stands for [v, v + step), as everywhere in a space. */
static double
index_at (const struct gym_param *p, uint64_t count, double share)
{
  double step = p->step > 0 ? p->step : 1;
  if (!(p->flags & GYM_PARAM_LOG))
    return share * (double)count;
  return p->low / step * (pow (1 + (double)count * step / p->low, share) - 1);
}

/* On a log scale the first bins would hold no integer: each gets one at least. */
static int
make_edges (struct head *head, const struct gym_param *p, uint64_t count, uint32_t bins)
{
  head->edges = malloc ((bins + 1) * sizeof *head->edges);
  if (!head->edges)
    return GYM_ENOMEM;
  head->edges[0] = 0;
  for (uint32_t k = 1; k < bins; k++) {
    uint64_t edge = (uint64_t)index_at (p, count, (double)k / bins);
    uint64_t least = head->edges[k - 1] + 1, most = count - (bins - k);
    head->edges[k] = edge < least ? least : edge > most ? most : edge;
  }
  head->edges[bins] = count;
  return GYM_OK;
}

static int
init_head (struct heads *heads, uint32_t i, uint32_t bins)
{
  struct head *head = heads->of + i;
  const struct gym_param *p = heads->host->space_param (heads->space, i);
  uint64_t count = heads->host->param_count (heads->space, i);
  head->ordered = p->kind != GYM_CATEGORICAL;
  head->low = p->low;
  head->high = p->high;
  head->log = p->flags & GYM_PARAM_LOG;
  head->real = count == 0;
  bool binned = head->real || (p->kind == GYM_INTEGER && count > bins);
  head->levels = binned ? bins : (uint32_t)count;
  head->at = heads->total;
  head->code = heads->n_code;
  head->n_code = head->ordered ? 1 : head->levels;
  heads->total += head->levels;
  heads->n_code += head->n_code;
  heads->most = head->levels > heads->most ? head->levels : heads->most;
  return binned && !head->real ? make_edges (head, p, count, bins) : GYM_OK;
}

int
heads_init (struct heads *heads, const struct gym_host *host,
            const struct gym_space *space, uint32_t bins)
{
  *heads = (struct heads){ .host = host, .space = space, .n = host->space_size (space) };
  heads->of = calloc (heads->n + 1, sizeof *heads->of);
  int code = heads->of ? GYM_OK : GYM_ENOMEM;
  for (uint32_t i = 0; i < heads->n && code == GYM_OK; i++)
    code = init_head (heads, i, bins);
  return code;
}

void
heads_free (struct heads *heads)
{
  for (uint32_t i = 0; heads->of && i < heads->n; i++)
    free (heads->of[i].edges);
  free (heads->of);
  free (heads->lean);
  heads->of = NULL;
  heads->lean = NULL;
}

/* ---- values and levels ---- */

/* Written so that no range overflows. */
static double
real_value (const struct head *head, double share)
{
  double value = head->log ? pow (head->low, 1 - share) * pow (head->high, share)
                           : head->low * (1 - share) + head->high * share;
  return fmin (fmax (value, head->low), head->high);
}

static double
real_share (const struct head *head, double value)
{
  if (head->log)
    return (log (value) - log (head->low)) / (log (head->high) - log (head->low));
  double half = head->high / 2 - head->low / 2;
  return (value / 2 - head->low / 2) / half;
}

double
heads_value (const struct heads *heads, gym_rng *rng, uint32_t i, uint32_t level)
{
  const struct head *head = heads->of + i;
  if (head->real)
    return real_value (head, (level + gym_rng_real (rng)) / head->levels);
  uint64_t index = level;
  if (head->edges)
    index = head->edges[level]
            + gym_rng_below (rng, head->edges[level + 1] - head->edges[level]);
  return heads->host->param_value (heads->space, i, index);
}

static uint32_t
bin_of (const struct head *head, uint64_t index)
{
  uint32_t low = 0, high = head->levels;
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (head->edges[middle] <= index)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* The inverse of heads_value: a value drawn from a bin must come back to that bin. */
uint32_t
heads_level (const struct heads *heads, uint32_t i, double value)
{
  const struct head *head = heads->of + i;
  if (head->real) {
    double at = floor (real_share (head, value) * head->levels);
    return (uint32_t)fmin (fmax (at, 0), head->levels - 1);
  }
  uint64_t index = heads->host->param_index (heads->space, i, value);
  return head->edges ? bin_of (head, index) : (uint32_t)index;
}

/* Repaired as a whole at the end: activity is known when all parents are. */
void
heads_row (const struct heads *heads, gym_rng *rng, const uint32_t *levels, double *row,
           uint8_t *active)
{
  for (uint32_t i = 0; i < heads->n; i++)
    row[i] = heads_value (heads, rng, i, levels[i]);
  heads->host->space_repair (heads->space, row);
  for (uint32_t i = 0; i < heads->n; i++)
    active[i] = !isnan (row[i]);
}

void
heads_levels (const struct heads *heads, const double *row, uint32_t *levels,
              uint8_t *active)
{
  for (uint32_t i = 0; i < heads->n; i++) {
    active[i] = !isnan (row[i]);
    levels[i] = active[i] ? heads_level (heads, i, row[i]) : 0;
  }
}

void
heads_code (const struct heads *heads, uint32_t i, uint32_t level, bool active,
            float *code)
{
  const struct head *head = heads->of + i;
  float *at = code + head->code;
  memset (at, 0, head->n_code * sizeof *at);
  if (!active)
    return;
  if (head->ordered)
    at[0] = (float)(2 * (level + 0.5) / head->levels - 1);
  else
    at[level] = 1;
}

/* ---- a prior ---- */

/* Bins of a grid add up the weights of the values in them; a real parameter has none. */
int
heads_lean (struct heads *heads, const double *const *prior)
{
  heads->lean = calloc (heads->total + 1, sizeof *heads->lean);
  if (!heads->lean)
    return GYM_ENOMEM;
  for (uint32_t i = 0; i < heads->n; i++) {
    const struct head *head = heads->of + i;
    double *lean = heads->lean + head->at;
    uint64_t count = heads->host->param_count (heads->space, i);
    if (!prior[i] || !head->edges)
      lean_pieces (prior[i], count, lean, head->levels);
    else
      for (uint64_t k = 0; k < count; k++)
        lean[bin_of (head, k)] += prior[i][k];
  }
  return GYM_OK;
}

/* Without a prior the stream of random numbers is what it was before there were any. */
uint32_t
heads_draw (const struct heads *heads, gym_rng *rng, uint32_t i)
{
  const struct head *head = heads->of + i;
  if (!heads->lean)
    return (uint32_t)gym_rng_below (rng, head->levels);
  return (uint32_t)lean_quantile (heads->lean + head->at, head->levels,
                                  gym_rng_real (rng));
}
