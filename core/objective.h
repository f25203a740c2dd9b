/* core/objective.h - a parsed objective: what objective_parse.c builds and objective.c
 * evaluates and spells. */
#ifndef CORE_OBJECTIVE_H
#define CORE_OBJECTIVE_H

#include <gym/objective.h>

enum node_kind {
  NODE_METRIC,  /* the metric itself */
  NODE_TARGET,  /* number/|number - metric|, at most `limit` */
  NODE_PRODUCT, /* product of the children, each to its exponent */
  NODE_BUDGETS, /* sum of the children */
  NODE_BUDGET,  /* max(0, metric/number - 1); only below NODE_BUDGETS */
  NODE_LOG,     /* logarithm of the only child */
  NODE_CAP      /* the only child, not better than `number` */
};

#define NO_NODE UINT32_MAX

/* Cap of target(): the largest value a perfect hit may have. */
#define OBJECTIVE_TARGET_LIMIT 1e6

/* Nodes refer to each other by index, since their array moves while it grows. */
struct objective_node {
  enum node_kind kind;
  enum gym_sense sense; /* direction of this value in the user's terms */
  uint32_t metric;
  uint32_t child, next; /* first child, next sibling; NO_NODE: none */
  double number, limit, exponent;
};

struct objective_goal {
  uint32_t root;
  double sign; /* inner value = sign * value: 1 minimised, -1 maximised */
  char *text, *unit;
};

struct objective_constraint {
  uint32_t metric;
  bool at_least;
  double bound;
  char *text;
};

struct objective_metric {
  char *name, *unit; /* unit "": a pure number */
  uint32_t sense, flags;
  bool used;
};

struct gym_objective {
  struct objective_metric *metrics;
  struct objective_node *nodes;
  struct objective_goal *goals;
  struct objective_constraint *constraints;
  uint32_t *needed; /* the metrics with `used`, for evaluation */
  uint32_t n_metrics, n_nodes, n_goals, n_constraints, n_needed;
  uint32_t nodes_capacity, goals_capacity, constraints_capacity;
  char *text;
};

/* Unit of a node's value: borrowed from the metric; "" for pure numbers, NULL for a
 * product of units that no single quantity can be given in. */
const char *objective_node_unit (const struct gym_objective *objective, uint32_t node);

/* Writes the canonical texts and units of a completely parsed objective, and the list of
 * needed metrics. GYM_ENOMEM. */
int objective_finish (struct gym_objective *objective, gym_error *err);

#endif
