/* core/objective.c - evaluating objectives and spelling them. The parser is in
 * objective_parse.c. */
#include "core/objective.h"
#include "core/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- evaluation ---- */

/* The reward of ArchGym's targets (ISCA 2023, section 4); without a cap one exact hit
 * would outweigh everything. Metrics are known not to be NaN here: the comparisons rely
 * on it. */
static double
target_value (const struct objective_node *node, double x)
{
  double gap = fabs (node->number - x);
  if (gap == 0)
    return node->limit;
  double ratio = node->number / gap;
  return ratio < node->limit ? ratio : node->limit;
}

static double node_value (const struct gym_objective *o, uint32_t index,
                          const double *metrics);

static double
product_value (const struct gym_objective *o, uint32_t child, const double *metrics)
{
  double product = 1;
  for (; child != NO_NODE; child = o->nodes[child].next)
    product *= pow (node_value (o, child, metrics), o->nodes[child].exponent);
  return product;
}

/* The distance to the budgets of FARSI (Boroujerdian et al. 2022): what keeps within one
 * earns nothing, so that no surplus pays for another's excess. */
static double
budgets_value (const struct gym_objective *o, uint32_t child, const double *metrics)
{
  double sum = 0;
  for (; child != NO_NODE; child = o->nodes[child].next)
    sum += node_value (o, child, metrics);
  return sum;
}

/* Better values than the cap are worth no more than it: a goal that is met is met. */
static double
cap_value (const struct objective_node *node, double x)
{
  bool better = node->sense == GYM_MAXIMISE ? x > node->number : x < node->number;
  return better ? node->number : x;
}

static double
node_value (const struct gym_objective *o, uint32_t index, const double *metrics)
{
  const struct objective_node *node = &o->nodes[index];
  switch (node->kind) {
  case NODE_METRIC:
    return metrics[node->metric];
  case NODE_TARGET:
    return target_value (node, metrics[node->metric]);
  case NODE_PRODUCT:
    return product_value (o, node->child, metrics);
  case NODE_BUDGETS:
    return budgets_value (o, node->child, metrics);
  case NODE_BUDGET:
    return fmax (0, metrics[node->metric] / node->number - 1);
  case NODE_LOG:
    return log (node_value (o, node->child, metrics));
  case NODE_CAP:
    return cap_value (node, node_value (o, node->child, metrics));
  }
  return NAN;
}

/* 0 where met, else the excess relative to the bound; a bound of 0 has no scale of its
 * own, so there the excess itself counts. */
static double
violation (const struct objective_constraint *c, double x)
{
  double excess = c->at_least ? c->bound - x : x - c->bound;
  if (!(excess > 0))
    return 0;
  return c->bound == 0 ? excess : excess / fabs (c->bound);
}

int
gym_objective_evaluate (const gym_objective *o, const double *metrics, double *goals,
                        double *violations, gym_error *err)
{
  for (uint32_t i = 0; i < o->n_needed; i++)
    if (isnan (metrics[o->needed[i]]))
      return gym_fail (err, GYM_EINVAL,
                       "objective: metric \"%s\" is NaN; it needs a number",
                       o->metrics[o->needed[i]].name);
  for (uint32_t i = 0; i < o->n_goals; i++) {
    double value = node_value (o, o->goals[i].root, metrics);
    if (!isfinite (value))
      return gym_fail (err, GYM_EINVAL,
                       "objective: goal \"%s\" is %g; it needs a finite number",
                       o->goals[i].text, value);
    goals[i] = gym_objective_inner (o, i, value);
  }
  for (uint32_t i = 0; i < o->n_constraints; i++)
    violations[i] = violation (&o->constraints[i], metrics[o->constraints[i].metric]);
  return GYM_OK;
}

/* Adding 0 turns a negative zero into a plain one. */
double
gym_objective_inner (const gym_objective *o, uint32_t i, double reported)
{
  return o->goals[i].sign * reported + 0.0;
}

/* A sign is its own inverse. */
double
gym_objective_report (const gym_objective *o, uint32_t i, double inner)
{
  return gym_objective_inner (o, i, inner);
}

/* ---- spelling ---- */

/* A direction that the env declares anyway is left out, so that one meaning has one
 * spelling; factors of products have no direction of their own. */
static void
put_metric (struct gym_text *t, const struct gym_objective *o,
            const struct objective_node *node)
{
  const struct objective_metric *metric = &o->metrics[node->metric];
  if (node->sense == GYM_NEUTRAL || node->sense == (enum gym_sense)metric->sense)
    gym_text_printf (t, "%s", metric->name);
  else
    gym_text_printf (t, "%s(%s)", node->sense == GYM_MAXIMISE ? "max" : "min",
                     metric->name);
}

static void
put_target (struct gym_text *t, const struct gym_objective *o,
            const struct objective_node *node)
{
  gym_text_printf (t, "target(%s, ", o->metrics[node->metric].name);
  gym_text_number (t, node->number);
  if (node->limit != OBJECTIVE_TARGET_LIMIT) {
    gym_text_printf (t, ", ");
    gym_text_number (t, node->limit);
  }
  gym_text_printf (t, ")");
}

static void
put_node (struct gym_text *t, const struct gym_objective *o, uint32_t index)
{
  static const char *const heads[] = { [NODE_PRODUCT] = "product",
                                       [NODE_BUDGETS] = "budgets",
                                       [NODE_LOG] = "log",
                                       [NODE_CAP] = "cap" };
  const struct objective_node *node = &o->nodes[index];
  if (node->kind == NODE_METRIC) {
    put_metric (t, o, node);
  } else if (node->kind == NODE_TARGET) {
    put_target (t, o, node);
  } else if (node->kind == NODE_BUDGET) {
    gym_text_printf (t, "%s<=", o->metrics[node->metric].name);
    gym_text_number (t, node->number);
  } else {
    gym_text_printf (t, "%s(", heads[node->kind]);
    for (uint32_t child = node->child; child != NO_NODE; child = o->nodes[child].next) {
      gym_text_printf (t, child == node->child ? "" : ", ");
      put_node (t, o, child);
    }
    if (node->kind == NODE_CAP) {
      gym_text_printf (t, ", ");
      gym_text_number (t, node->number);
    }
    gym_text_printf (t, ")");
  }
  if (node->exponent != 1) {
    gym_text_printf (t, "^");
    gym_text_number (t, node->exponent);
  }
}

const char *
objective_node_unit (const struct gym_objective *o, uint32_t index)
{
  const struct objective_node *node = &o->nodes[index];
  switch (node->kind) {
  case NODE_METRIC:
    return o->metrics[node->metric].unit;
  case NODE_CAP:
    return objective_node_unit (o, node->child);
  case NODE_PRODUCT:
    return o->nodes[node->child].kind == NODE_TARGET ? "" : NULL;
  default:
    return "";
  }
}

/* "nJ*ns^2" for product(energy, latency^2). */
static void
put_product_unit (struct gym_text *t, const struct gym_objective *o, uint32_t child)
{
  for (; child != NO_NODE; child = o->nodes[child].next) {
    const char *unit = o->metrics[o->nodes[child].metric].unit;
    if (!*unit)
      continue;
    gym_text_printf (t, "%s%s", t->length ? "*" : "", unit);
    if (o->nodes[child].exponent != 1) {
      gym_text_printf (t, "^");
      gym_text_number (t, o->nodes[child].exponent);
    }
  }
}

static char *
goal_unit (const struct gym_objective *o, uint32_t root)
{
  struct gym_text t = { 0 };
  const char *unit = objective_node_unit (o, root);
  while (o->nodes[root].kind == NODE_CAP)
    root = o->nodes[root].child;
  if (unit)
    gym_text_printf (&t, "%s", unit);
  else
    put_product_unit (&t, o, o->nodes[root].child);
  return gym_text_take (&t, NULL);
}

static char *
goal_text (const struct gym_objective *o, uint32_t root)
{
  struct gym_text t = { 0 };
  put_node (&t, o, root);
  return gym_text_take (&t, NULL);
}

static char *
constraint_text (const struct gym_objective *o, const struct objective_constraint *c)
{
  struct gym_text t = { 0 };
  gym_text_printf (&t, "%s%s", o->metrics[c->metric].name, c->at_least ? ">=" : "<=");
  gym_text_number (&t, c->bound);
  return gym_text_take (&t, NULL);
}

static char *
whole_text (const struct gym_objective *o)
{
  struct gym_text t = { 0 };
  for (uint32_t i = 0; i < o->n_goals; i++)
    gym_text_printf (&t, "%s%s", i ? ", " : "", o->goals[i].text);
  for (uint32_t i = 0; i < o->n_constraints; i++)
    gym_text_printf (&t, "; %s", o->constraints[i].text);
  return gym_text_take (&t, NULL);
}

/* Evaluation runs once a trial and looks at these alone for NaN. */
static bool
list_needed (struct gym_objective *o)
{
  o->needed = malloc ((o->n_metrics + 1) * sizeof *o->needed);
  for (uint32_t i = 0; o->needed && i < o->n_metrics; i++)
    if (o->metrics[i].used)
      o->needed[o->n_needed++] = i;
  return o->needed;
}

int
objective_finish (struct gym_objective *o, gym_error *err)
{
  bool ok = list_needed (o);
  for (uint32_t i = 0; i < o->n_goals; i++) {
    struct objective_goal *goal = &o->goals[i];
    goal->sign = o->nodes[goal->root].sense == GYM_MAXIMISE ? -1 : 1;
    goal->text = goal_text (o, goal->root);
    goal->unit = goal_unit (o, goal->root);
    ok = ok && goal->text && goal->unit;
  }
  for (uint32_t i = 0; i < o->n_constraints; i++) {
    o->constraints[i].text = constraint_text (o, &o->constraints[i]);
    ok = ok && o->constraints[i].text;
  }
  if (ok)
    o->text = whole_text (o);
  return o->text ? GYM_OK : gym_fail_memory (err);
}

/* ---- the object ---- */

void
gym_objective_destroy (gym_objective **objective)
{
  if (!objective || !*objective)
    return;
  gym_objective *o = *objective;
  for (uint32_t i = 0; i < o->n_metrics; i++) {
    free (o->metrics[i].name);
    free (o->metrics[i].unit);
  }
  for (uint32_t i = 0; i < o->n_goals; i++) {
    free (o->goals[i].text);
    free (o->goals[i].unit);
  }
  for (uint32_t i = 0; i < o->n_constraints; i++)
    free (o->constraints[i].text);
  free (o->metrics);
  free (o->nodes);
  free (o->goals);
  free (o->constraints);
  free (o->needed);
  free (o->text);
  free (o);
  *objective = NULL;
}

const char *
gym_objective_text (const gym_objective *o)
{
  return o->text;
}

uint32_t
gym_objective_goals (const gym_objective *o)
{
  return o->n_goals;
}

uint32_t
gym_objective_constraints (const gym_objective *o)
{
  return o->n_constraints;
}

const char *
gym_objective_goal_text (const gym_objective *o, uint32_t i)
{
  return o->goals[i].text;
}

const char *
gym_objective_goal_unit (const gym_objective *o, uint32_t i)
{
  return o->goals[i].unit;
}

enum gym_sense
gym_objective_goal_sense (const gym_objective *o, uint32_t i)
{
  return o->nodes[o->goals[i].root].sense;
}

const char *
gym_objective_constraint_text (const gym_objective *o, uint32_t i)
{
  return o->constraints[i].text;
}

bool
gym_objective_uses (const gym_objective *o, uint32_t metric)
{
  return metric < o->n_metrics && o->metrics[metric].used;
}
