/* plugins/common/moea.h - evolving a front: all but which of a front survive.
 *
 * The plan of NSGA-II (Deb et al., IEEE TEC 2002), which many later algorithms keep:
 * parents win binary tournaments, by front and then by a score; children join the
 * population; it is cut back front by front; of the last front that finds room a part
 * survives. Feasible results come before all others, those by how far they break the
 * constraints (gym_host.compare). No design is asked for twice, and none is in the
 * population twice. */
#ifndef PLUGINS_COMMON_MOEA_H
#define PLUGINS_COMMON_MOEA_H

#include "plugins/common/dominance.h"
#include "plugins/common/fresh.h"
#include "plugins/common/moea_options.h"
#include "plugins/common/moves.h"

struct moea;

/* Scores the n items of front k (from 0), into moea->scores[item], and puts the `keep`
 * that are to survive first. All are ok; larger scores win tournaments. */
typedef void (*moea_survival) (void *owner, struct moea *moea, uint32_t k,
                               uint32_t *items, uint32_t n, uint32_t keep);

struct moea {
  const struct gym_host *host;
  uint32_t n, m, c;    /* numbers in a design, objectives, constraints */
  uint32_t size, room; /* of the population; with the children */
  uint32_t count;      /* members now */
  uint32_t ranked;     /* members that had a rank when last cut back */
  double crossover, rate;
  gym_rng rng;
  struct moves moves;
  struct fresh fresh;
  struct dominance dominance;
  moea_survival survive;
  void *owner;
  uint64_t asked;

  uint32_t *items; /* slots of the members, survivors first */
  uint32_t *ends;
  double *rows, *objectives, *violations; /* of slots */
  uint32_t *statuses, *ranks;
  uint64_t *hashes;
  double *scores;
};

/* GYM_ENOMEM; moea_free is safe after that and on zeroed memory. */
int moea_init (struct moea *moea, const struct gym_host *host,
               const struct gym_problem *problem, const struct moea_options *options,
               uint64_t seed, moea_survival survive, void *owner);
void moea_free (struct moea *moea);

/* What an agent's methods of these names do. */
int moea_ask (struct moea *moea, struct gym_asks *asks, gym_error *err);
int moea_tell (struct moea *moea, const struct gym_tells *tells, gym_error *err);

/* Puts the `keep` items of highest score first, in falling order; a way to survive. */
void moea_best (const struct moea *moea, uint32_t *items, uint32_t n, uint32_t keep);

#endif
