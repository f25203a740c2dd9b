/* mapper.h - looks for a good mapping of a layer, with a bounded number of evaluations.
 *
 * The space: every prime factor of every dimension goes to one place (a level's temporal
 * loops, X or Y; spatial factors stay within the level's own fan-out), the temporal loops
 * of each level in any order, and, with `free_bypass`, any subset of the tensors that a
 * level may keep. The innermost level's order changes nothing and stays.
 *
 * Searches: random mappings, repaired where a tile does not fit (one factor after the
 * other moves outwards); hill climbing from such mappings with restarts; or all mappings,
 * where there are no more of them than the budget. Every call of the cost model counts
 * against the budget, also those of mappings that do not fit; no clock is looked at, so
 * the same options give the same mapping everywhere. */
#ifndef SIMS_ACCEL_MAPPER_H
#define SIMS_ACCEL_MAPPER_H

#include <stdatomic.h>

#include "sims/accel/loopnest.h"

enum accel_search {
  ACCEL_SEARCH_CLIMB, /* hill climbing */
  ACCEL_SEARCH_RANDOM,
  ACCEL_SEARCH_EXHAUSTIVE /* hill climbing where the space exceeds the budget */
};

enum accel_goal {
  ACCEL_GOAL_EDP, /* energy times cycles */
  ACCEL_GOAL_ENERGY,
  ACCEL_GOAL_CYCLES,
  ACCEL_GOAL_TRAFFIC /* words read and written at the outermost level */
};

struct accel_mapper_options {
  enum accel_search search;
  enum accel_goal goal;
  uint64_t budget; /* evaluations, at least 1 */
  uint64_t seed;
  bool free_bypass;          /* otherwise every level keeps all that it may */
  const atomic_bool *cancel; /* nullable; when true the search ends early */
};

struct accel_mapper_report {
  bool found;
  bool exhausted;       /* every mapping was looked at: `score` is the optimum */
  uint64_t evaluations; /* made, at most the budget */
  uint64_t valid;       /* of them */
  double score;         /* the goal's value, INFINITY when nothing was found */
  struct accel_split splits[ACCEL_LEVELS_MAX];
  struct accel_result result;
};

/* Searches; *report is filled in any case. Does not allocate; any thread. */
void accel_mapper_search (const struct accel_loopnest *model,
                          const struct accel_mapper_options *options,
                          struct accel_mapper_report *report);

/* Mappings in the space, or `limit` + 1 when there are more than `limit`. */
uint64_t accel_mapper_space (const struct accel_loopnest *model, bool free_bypass,
                             uint64_t limit);

/* `count` random mappings, legal but for capacities, drawn as the search draws them. */
void accel_mapper_random (const struct accel_loopnest *model, bool free_bypass,
                          uint64_t seed, struct accel_split *splits, size_t count);

/* The goal's value of a valid result. */
double accel_goal_score (enum accel_goal goal, const struct accel_loopnest *model,
                         const struct accel_result *result);

#endif
