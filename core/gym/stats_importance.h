/* gym/stats_importance.h - which parameters matter, and which pairs of them do so
 * together, as far as the trials that were made can tell.
 *
 * Works on cells: every parameter is cut into at most 64 cells, in order or not. Values
 * are inner terms of an objective, finite, the smaller the better; leave out trials that
 * failed. Shares of variance are of the values as given: hand over their ranks
 * (gym_stats_ranks) when a few terrible designs would otherwise be all that shows. Trials
 * of a search crowd where it looked: those of `random` say most about the whole space.
 * Arrays belong to the caller. Any thread. Time O(n) for each parameter or pair, beside
 * one sort. */
#ifndef GYM_STATS_IMPORTANCE_H
#define GYM_STATS_IMPORTANCE_H

#include <gym/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { GYM_MOST_CELLS = 64 };

/* One parameter of n trials: cells[i] < n_cells (1 .. 64) is where trial i has it.
 * Inactive values get a cell of their own, the last one, when `inactive` is set. */
struct gym_factor {
  const uint8_t *cells;
  uint32_t n_cells;
  bool ordered;
  bool inactive;
};

/* Cuts n values into cells: categorical and small ordered ranges (`count` values 0 ..
 * count - 1 with count <= 63) as they are; else positions in [0,1] (gym_space_encode)
 * into `wanted` (2 .. 63) equal cells, when `count` is 0. NaN, an inactive parameter,
 * goes to one cell more. Fills `cells` and the factor's n_cells and inactive. */
GYM_API void gym_stats_cells (const double *values, size_t n, uint32_t count,
                              uint32_t wanted, uint8_t *cells, struct gym_factor *factor);

/* PED-ANOVA (Watanabe, Bansal and Hutter, IJCAI 2023): importance of each of
 * n_factors for being among the best share `best` of trials, relative to the best share
 * `within` (1: all), from the Pearson divergence of the two densities of its cells
 * (kernel estimates with Scott's rule over ordered cells; one trial's weight of uniform
 * prior). Scaled to sum to 1, or all 0 when no parameter matters. 0 < best < within <= 1,
 * else GYM_EINVAL. */
GYM_API int gym_stats_ped_anova (const struct gym_factor *factors, size_t n_factors,
                                 const double *values, size_t n, double best,
                                 double within, double *importance, gym_error *err);

/* Share of the variance of the values that the means of a parameter's cells explain, less
 * what that many cells would explain by chance (epsilon squared, Kelley 1935), at least
 * 0; and the p value of Kruskal and Wallis's test that the cells do not differ. */
struct gym_effect {
  double share;
  double p;
};
GYM_API int gym_stats_main_effect (const struct gym_factor *factor, const double *values,
                                   size_t n, struct gym_effect *effect, gym_error *err);

/* Share of the variance that two parameters explain together beyond the best additive
 * model of the two (functional ANOVA on the data, with unequal numbers of trials in the
 * cells), less what chance would explain; at least 0. NaN when no cell of the two has two
 * trials. `p`, when not NULL: of the F test that there is no interaction. Cells of
 * ordered factors beyond `most` (2 .. 64) are merged with their neighbours. */
GYM_API int gym_stats_interaction (const struct gym_factor *a, const struct gym_factor *b,
                                   const double *values, size_t n, uint32_t most,
                                   double *share, double *p, gym_error *err);

/* Upper tail of the F distribution, through the incomplete beta function. */
GYM_API double gym_stats_f_tail (double f, double degrees_1, double degrees_2);

/* Whether each parameter never mattered: no main effect of it and no interaction with
 * another is both significant at level `alpha`, after Holm's correction over all of them,
 * and larger than the share `least` of the variance (with a million trials everything is
 * significant). effects[n]; interactions and their p are n by n, of which the upper
 * triangle is read. */
GYM_API int gym_stats_never_mattered (const struct gym_effect *effects,
                                      const double *interactions,
                                      const double *interaction_p, size_t n, double alpha,
                                      double least, bool *never, gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
