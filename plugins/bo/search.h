/* plugins/bo/search.h - the best design to evaluate next, by local search.
 *
 * A pool of random designs, of variations of the best trials and of mixtures of them is
 * judged; from the best of the pool and from the best trials themselves a steepest ascent
 * goes from neighbour to neighbour, a neighbour being another level of one categorical
 * parameter or a step along a numeric one (as in SMAC: Hutter, Hoos, Leyton-Brown, LION
 * 2011). Designs evaluated before are passed through but not chosen. */
#ifndef PLUGINS_BO_SEARCH_H
#define PLUGINS_BO_SEARCH_H

#include "plugins/bo/acquisition.h"
#include "plugins/bo/region.h"
#include "plugins/common/fresh.h"
#include "plugins/common/moves.h"

struct search {
  const struct model *model;
  const struct acquisition *acquisition;
  const struct region *region;
  struct fresh *fresh;
  struct moves moves;
  gym_rng *rng;
  size_t most; /* designs judged in one search */
  size_t spent;
  bool *parent; /* by axis: other parameters depend on it */
  struct batch batch;
  struct forecast forecast;
  double *score;
  double *row, *at; /* rows to work in */
  uint16_t *place;
  const uint16_t *centre; /* of the region: the best trial */
  double *best;           /* the best new design */
  double best_score;
  bool found;
  double *starts, *start_scores;
};

int search_init (struct search *s, const struct model *model, struct fresh *fresh,
                 gym_rng *rng);
void search_free (struct search *s);

/* Writes the most promising design that is new: 1, 0 when none was met, GYM_ENOMEM. */
int search_run (struct search *s, double *row);

#endif
