/* envs/function.c - benchmark functions with known structure, from instance files: what
 * search agents are compared on. The formulas are in function/formula.c, the reader in
 * function/read.c. */
#include "envs/function/formula.h"

#include <string.h>

struct function_env {
  const char *file;
  struct formula *formula;
};

/* Instances are read once and checked wholly: a wrong one is better refused now than
 * found out by its rankings. */
static int
function_open (void *self, const struct gym_host *host, gym_error *err)
{
  struct function_env *env = self;
  gym_error why = { 0 };
  (void)host;
  env->formula = formula_read (env->file, &why);
  if (env->formula)
    return GYM_OK;
  return gym_fail (err, why.code, "option \"file\": %s", why.text);
}

static void
function_close (void *self)
{
  struct function_env *env = self;
  formula_free (env->formula);
}

static int
function_space (void *self, struct gym_params *out, gym_error *err)
{
  struct function_env *env = self;
  (void)err;
  *out = (struct gym_params){ .struct_size = sizeof *out,
                              .n = env->formula->n,
                              .stride = sizeof env->formula->params[0],
                              .items = env->formula->params };
  return GYM_OK;
}

/* The number of goals is the instance's; agents are to be told of no metric that is none.
 */
static const struct gym_metric one[] = {
  { .name = "value",
    .unit = "1",
    .doc = "Value of the function.",
    .sense = GYM_MINIMISE },
};
static const struct gym_metric two[] = {
  { .name = "value1", .unit = "1", .doc = "The first goal.", .sense = GYM_MINIMISE },
  { .name = "value2", .unit = "1", .doc = "The second goal.", .sense = GYM_MINIMISE },
};

static int
function_metrics (void *self, struct gym_metrics *out, gym_error *err)
{
  struct function_env *env = self;
  (void)err;
  if (formula_goals (env->formula) == 1)
    *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, one);
  else
    *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, two);
  return GYM_OK;
}

/* What a table marks with its penalty is a status here, not a large value: agents that
 * model values would be misled by one. */
static int
function_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  struct function_env *env = self;
  (void)err;
  for (size_t i = 0; i < batch->n; i++) {
    if (formula_value (env->formula, batch->designs + i * batch->n_params,
                       batch->metrics + i * batch->n_metrics))
      continue;
    batch->statuses[i] = GYM_TRIAL_INFEASIBLE;
    if (batch->note_size > 0)
      snprintf (batch->notes + i * batch->note_size, batch->note_size,
                "the table marks this design as infeasible");
  }
  return GYM_OK;
}

/* Of type file: its digest is part of what identifies a study. */
static const struct gym_option options[] = {
  { .name = "file",
    .doc = "The instance: a JSON object with params [{name, type (cat or int), n}], kind "
           "and the fields of that kind.",
    .type = GYM_OPTION_FILE,
    .flags = GYM_OPTION_REQUIRED | GYM_OPTION_FIXED,
    .offset = offsetof (struct function_env, file) },
};

static const struct gym_env_class function_class = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "function-v1",
  .summary = "benchmark functions of known structure, from an instance file",
  .doc =
      "Functions to compare search agents on, all minimised. The file names parameters "
      "(\"cat\": levels without order, \"int\": a grid) and one of the kinds below; x is "
      "the index of a level or of a grid point, from 0.\n\n"
      "misphere (cat_cost, opt): a cost per level of each categorical parameter, plus "
      "25 ((x - opt) / 16)^2 for each integer.\n\n"
      "rastrigin (shift, scale, rot): y = (x - shift) scale; z = rot y, or y where rot "
      "is null; the sum of z^2 - 10 cos (2 pi z) + 10.\n\n"
      "nk (q, neigh, table): 1 minus the mean over loci i of table[i] at the letters of "
      "the loci neigh[i], the first being the lowest digit.\n\n"
      "trap (block, perm, target): for each block of perm, u is the number of parameters "
      "at their target; 0 if all are, else 1 + u.\n\n"
      "table (table, penalty): the value of every design, the last parameter fastest; a "
      "value equal to penalty means infeasible.\n\n"
      "motable (tables): two such tables and two goals, the metrics value1 and value2.",
  .source =
      "L. Rastrigin: Systems of Extremal Control (1974); S. Kauffman: The Origins of "
      "Order "
      "(1993); K. Deb, D. Goldberg: Analyzing deception in trap functions (FOGA 1993)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .space = "reals, integers, levels and permutations", .cost = "formula" },
  .instance_size = sizeof (struct function_env),
  .open = function_open,
  .close = function_close,
  .space = function_space,
  .metrics = function_metrics,
  .evaluate = function_evaluate,
};

static const struct gym_env_class *const classes[] = { &function_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,   .name = "function",           .version = "0.1.0",
  .licence = "MIT", .doc = "benchmark functions", .envs = classes,
};
