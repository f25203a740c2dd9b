/* plugins/common/moves.h - small changes of designs that respect what a parameter is.
 *
 * A categorical parameter moves to any other level. Ordinal and integer ones have
 * neighbours: a share of the moves goes a few steps up or down, the rest anywhere. Real
 * ones move by a Gaussian share of their (log) range or anywhere. Conditional parameters
 * that become active are drawn, those that become inactive turn into NaN.
 *
 * Rows are canonical designs before and after. */
#ifndef PLUGINS_COMMON_MOVES_H
#define PLUGINS_COMMON_MOVES_H

#include <gym/plugin.h>

struct moves_axis {
  uint32_t kind; /* enum gym_kind */
  bool log;
  uint64_t count;   /* of values; 0: a continuum */
  double low, span; /* of a real one, on its own scale (log or not) */
};

struct moves {
  const struct gym_host *host;
  const struct gym_space *space;
  uint32_t n;
  double near; /* share of moves that stay near, where there is an order; 0.5 */
  bool conditional;
  const double *const *prior; /* of the problem, where it has one: moves to anywhere go by
                                 it. NULL; agents set it */
  uint32_t n_free;
  uint32_t *free; /* parameters with more than one value */
  struct moves_axis *axes;
  double *spare; /* a row to work in */
};

/* Looks at a space. GYM_ENOMEM; moves_free is safe after that and on zeroed memory. */
int moves_init (struct moves *moves, const struct gym_host *host,
                const struct gym_space *space);
void moves_free (struct moves *moves);

/* Another value of parameter i than `value`, which it must have. */
double moves_value (const struct moves *moves, gym_rng *rng, uint32_t i, double value);

/* Moves every active parameter with probability `rate`, and one at least. */
void moves_mutate (const struct moves *moves, gym_rng *rng, double rate, double *row);

/* Mixes two designs. Uniform: every parameter from either with equal chance; two-point:
 * from `b` between two places on the ring of parameters, from `a` elsewhere (De Jong
 * 1975). A parameter active in the child alone is drawn; one active in the child and in
 * one parent comes from that one. */
void moves_cross_uniform (const struct moves *moves, gym_rng *rng, const double *a,
                          const double *b, double *child);
void moves_cross_two_point (const struct moves *moves, gym_rng *rng, const double *a,
                            const double *b, double *child);

/* Makes any row canonical, drawing the parameters that are active and still NaN. */
void moves_settle (const struct moves *moves, gym_rng *rng, double *row);

#endif
