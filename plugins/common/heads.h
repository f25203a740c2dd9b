/* plugins/common/heads.h - a space as a row of discrete choices, one head a parameter.
 *
 * Categorical and ordinal parameters, and integers of few values, choose among their
 * values. An integer of many values and a real parameter choose a bin of their (log)
 * scale, and the value is uniform within it (binned actions: Tang and Agrawal,
 * "Discretizing continuous action space for on-policy optimization", AAAI 2020); so every
 * value of every parameter can be reached. A choice of an inactive parameter counts for
 * nothing: `active` masks it.
 *
 * Choices are also inputs of networks (a critic of a joint choice, a policy that sees
 * earlier choices): the code of a categorical parameter is one number per level, 1 for
 * the one chosen; of an ordered one its place on [-1, 1]; of an inactive one zeros. */
#ifndef PLUGINS_COMMON_HEADS_H
#define PLUGINS_COMMON_HEADS_H

#include <gym/plugin.h>

struct head {
  bool ordered;
  uint32_t levels;       /* choices, >= 1 */
  uint32_t at;           /* of its first level among those of all heads */
  uint32_t code, n_code; /* its part of the code of a joint choice */
  uint64_t *edges;       /* integer of many values: bin k is [edges[k], edges[k+1]) of
                            its indices; NULL otherwise */
  bool real, log;        /* real: bins of equal width on its (log) scale */
  double low, high;
};

struct heads {
  const struct gym_host *host;
  const struct gym_space *space;
  uint32_t n;
  uint32_t total;  /* levels of all heads */
  uint32_t n_code; /* numbers in the code of a joint choice */
  uint32_t most;   /* levels of the largest head */
  double *lean; /* total: the weight of each level under the problem's prior; or NULL */
  struct head *of;
};

/* Looks at a space; reals and integers of more than `bins` values get as many bins.
 * GYM_ENOMEM; heads_free is safe after that and on zeroed memory. */
int heads_init (struct heads *heads, const struct gym_host *host,
                const struct gym_space *space, uint32_t bins);
void heads_free (struct heads *heads);

/* Takes a prior (as in the problem; not NULL) to heart: levels of parameters without
 * weights stay alike. GYM_ENOMEM */
int heads_lean (struct heads *heads, const double *const *prior);

/* A level of parameter i by chance: uniformly, or by the prior's weight. */
uint32_t heads_draw (const struct heads *heads, gym_rng *rng, uint32_t i);

/* A value of parameter i that belongs to a level; where that is a bin, drawn from it. */
double heads_value (const struct heads *heads, gym_rng *rng, uint32_t i, uint32_t level);

/* The level to which a value of parameter i belongs. */
uint32_t heads_level (const struct heads *heads, uint32_t i, double value);

/* The canonical design of n levels, and which parameters are active in it. */
void heads_row (const struct heads *heads, gym_rng *rng, const uint32_t *levels,
                double *row, uint8_t *active);

/* The other way; the levels of inactive parameters become 0. */
void heads_levels (const struct heads *heads, const double *row, uint32_t *levels,
                   uint8_t *active);

/* Writes parameter i's part of the code (see above) into code[n_code]. */
void heads_code (const struct heads *heads, uint32_t i, uint32_t level, bool active,
                 float *code);

#endif
