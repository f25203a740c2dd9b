/* core/prior.c - weights of the values of parameters: see gym/prior.h. */
#include "core/prior.h"

#include "core/memory.h"
#include "core/text.h"

#include <jansson.h>
#include <math.h>

/* Sums of thousands of decimals are off by this much at most. */
static const double tolerance = 1e-9;

void
gym_prior_destroy (gym_prior **prior)
{
  gym_prior *p = *prior;
  if (!p)
    return;
  for (uint32_t i = 0; p->weights && i < gym_space_size (p->space); i++)
    free (p->weights[i]);
  for (size_t i = 0; i < p->n_tasks; i++)
    free ((char *)p->tasks[i].workload);
  free (p->weights);
  free (p->first);
  free (p->tasks);
  free (p->json);
  gym_space_destroy (&p->space);
  free (p);
  *prior = NULL;
}

/* ---- making ---- */

/* Value k of parameter i as people write it. */
static const char *
value_text (const gym_space *space, uint32_t i, uint64_t k, char text[32])
{
  const struct gym_param *param = gym_space_param (space, i);
  if (param->kind == GYM_CATEGORICAL || param->kind == GYM_ORDINAL)
    return param->levels[k];
  snprintf (text, 32, "%.17g", gym_space_value (space, i, k));
  return text;
}

static int
check_weights (const gym_space *space, uint32_t i, const double *weights, gym_error *err)
{
  const char *name = gym_space_param (space, i)->name;
  uint64_t count = gym_space_count (space, i);
  double sum = 0;
  char text[32];
  if (count == 0)
    return gym_fail (err, GYM_EINVAL,
                     "prior: parameter \"%s\" is a continuum: it cannot have weights",
                     name);
  for (uint64_t k = 0; k < count; k++) {
    if (!(weights[k] > 0) || isinf (weights[k]))
      return gym_fail (err, GYM_EINVAL,
                       "prior: parameter \"%s\": the weight of %s is %g: a number above "
                       "0 is needed, as no value may be out of reach",
                       name, value_text (space, i, k, text), weights[k]);
    sum += weights[k];
  }
  if (fabs (sum - 1) > tolerance)
    return gym_fail (err, GYM_EINVAL,
                     "prior: parameter \"%s\": the weights sum to %.9g, not to 1", name,
                     sum);
  return GYM_OK;
}

/* By value, since callers make rows for the moment. */
static int
copy_weights (gym_prior *p, uint32_t i, const double *weights, gym_error *err)
{
  int code = check_weights (p->space, i, weights, err);
  if (code < 0)
    return code;
  size_t size = gym_space_count (p->space, i) * sizeof *weights;
  p->weights[i] = malloc (size);
  if (!p->weights[i])
    return gym_fail_memory (err);
  memcpy (p->weights[i], weights, size);
  return GYM_OK;
}

/* By name rather than by place: a store is read long after, and by people. */
static json_t *
weights_json (const gym_prior *p, uint32_t i)
{
  json_t *j = json_object ();
  char text[32];
  for (uint64_t k = 0; j && k < gym_space_count (p->space, i); k++)
    if (json_object_set_new (j, value_text (p->space, i, k, text),
                             json_real (p->weights[i][k]))
        < 0) {
      json_decref (j);
      return NULL;
    }
  return j;
}

/* No parameter has such a name: see gym_space_new. */
static const char first_key[] = "@first";

static json_t *
first_json (const gym_prior *p)
{
  json_t *list = json_array ();
  for (size_t i = 0; list && i < p->n_first; i++) {
    char *text =
        gym_design_to_json (p->space, p->first + i * gym_space_size (p->space), NULL);
    json_t *design = text ? json_loads (text, 0, NULL) : NULL;
    gym_free (text);
    if (json_array_append_new (list, design) < 0) {
      json_decref (list);
      return NULL;
    }
  }
  return list;
}

/* In the space's order: equal priors have equal texts. */
static int
write_json (gym_prior *p, gym_error *err)
{
  json_t *j = json_object ();
  bool good =
      j && (p->n_first == 0 || json_object_set_new (j, first_key, first_json (p)) == 0);
  for (uint32_t i = 0; good && i < gym_space_size (p->space); i++)
    if (p->weights[i])
      good = json_object_set_new (j, gym_space_param (p->space, i)->name,
                                  weights_json (p, i))
             == 0;
  gym_free (p->json);
  p->json = good ? json_dumps (j, JSON_REAL_PRECISION (17)) : NULL;
  json_decref (j);
  return p->json ? GYM_OK : gym_fail_memory (err);
}

/* A space goes through its text: there is no other way to copy one, and none is needed.
 */
static gym_space *
copy_space (const gym_space *space, gym_error *err)
{
  char *text = gym_space_to_json (space, err);
  gym_space *copy = text ? gym_space_from_json (text, err) : NULL;
  gym_free (text);
  return copy;
}

gym_prior *
gym_prior_new (const gym_space *space, const double *const *weights, gym_error *err)
{
  uint32_t n = gym_space_size (space);
  gym_prior *p = calloc (1, sizeof *p);
  if (!p) {
    gym_fail_memory (err);
    return NULL;
  }
  p->space = copy_space (space, err);
  p->weights = p->space ? calloc ((size_t)n + 1, sizeof *p->weights) : NULL;
  int code = p->weights ? GYM_OK : p->space ? gym_fail_memory (err) : GYM_EINVAL;
  for (uint32_t i = 0; code == GYM_OK && i < n; i++)
    if (weights[i])
      code = copy_weights (p, i, weights[i], err);
  if (code == GYM_OK)
    code = write_json (p, err);
  if (code < 0)
    gym_prior_destroy (&p);
  return p;
}

int
gym_prior_begin (gym_prior *p, size_t n, const double *designs, gym_error *err)
{
  size_t width = gym_space_size (p->space);
  double *copy = malloc ((n * width + 1) * sizeof *copy);
  if (!copy)
    return gym_fail_memory (err);
  memcpy (copy, designs, n * width * sizeof *copy);
  for (size_t i = 0; i < n; i++)
    gym_space_repair (p->space, copy + i * width);
  free (p->first);
  p->first = copy;
  p->n_first = n;
  return write_json (p, err);
}

const double *
gym_prior_first (const gym_prior *prior, size_t *n)
{
  *n = prior->n_first;
  return prior->first;
}

const double *const *
gym_prior_weights (const gym_prior *prior)
{
  return (const double *const *)prior->weights;
}

const gym_space *
gym_prior_space (const gym_prior *prior)
{
  return prior->space;
}

const char *
gym_prior_json (const gym_prior *prior)
{
  return prior->json;
}

size_t
gym_prior_tasks (const gym_prior *prior)
{
  return prior->n_tasks;
}

const struct gym_prior_task *
gym_prior_task (const gym_prior *prior, size_t i)
{
  return &prior->tasks[i];
}

/* ---- reading ---- */

/* Every value once and nothing else: a list that is short would not sum to 1 anyhow, but
 * this says what is missing. */
static int
read_weights (const gym_space *space, uint32_t i, const json_t *list, double *weights,
              gym_error *err)
{
  const char *name = gym_space_param (space, i)->name;
  uint64_t count = gym_space_count (space, i);
  char text[32];
  if (!json_is_object (list))
    return gym_fail (err, GYM_EINVAL,
                     "prior: parameter \"%s\": an object of values and weights is needed",
                     name);
  for (uint64_t k = 0; k < count; k++) {
    const char *value = value_text (space, i, k, text);
    const json_t *weight = json_object_get (list, value);
    if (!json_is_number (weight))
      return gym_fail (err, GYM_EINVAL,
                       "prior: parameter \"%s\": the weight of %s is missing or no "
                       "number",
                       name, value);
    weights[k] = json_number_value (weight);
  }
  if (json_object_size (list) != count)
    return gym_fail (err, GYM_EINVAL, "prior: parameter \"%s\" has %llu values, not %zu",
                     name, (unsigned long long)count, json_object_size (list));
  return GYM_OK;
}

/* Whatever the text says, no more is allocated than it has numbers for. */
static int
read_parameter (const gym_space *space, const char *name, const json_t *list,
                double **weights, gym_error *err)
{
  int i = gym_space_find (space, name, err);
  if (i < 0)
    return i;
  uint64_t count = gym_space_count (space, (uint32_t)i);
  if (count == 0)
    return gym_fail (err, GYM_EINVAL,
                     "prior: parameter \"%s\" is a continuum: it cannot have weights",
                     name);
  if (json_object_size (list) < count)
    count = json_object_size (list); /* no room for values that are not in the text */
  weights[i] = malloc ((count + 1) * sizeof **weights);
  return weights[i] ? read_weights (space, (uint32_t)i, list, weights[i], err)
                    : gym_fail_memory (err);
}

static int
read_first (gym_prior *p, const json_t *list, gym_error *err)
{
  size_t n = json_array_size (list), width = gym_space_size (p->space);
  double *rows = malloc ((n * width + 1) * sizeof *rows);
  int code = rows ? GYM_OK : gym_fail_memory (err);
  if (code == GYM_OK && list && !json_is_array (list))
    code =
        gym_fail (err, GYM_EINVAL, "prior: %s: a list of designs is needed", first_key);
  for (size_t i = 0; code == GYM_OK && i < n; i++) {
    char *text = json_dumps (json_array_get (list, i), JSON_ENCODE_ANY);
    code = text ? gym_design_from_json (p->space, text, rows + i * width, err)
                : gym_fail_memory (err);
    if (code < 0)
      gym_error_prefix (err, "prior: %s: design %zu", first_key, i + 1);
    free (text);
  }
  if (code == GYM_OK && n > 0)
    code = gym_prior_begin (p, n, rows, err);
  free (rows);
  return code;
}

/* Rows are read first and judged all at once, by the function that judges those given in
 * C: one rule for both. */
gym_prior *
gym_prior_from_json (const gym_space *space, const char *json, gym_error *err)
{
  json_error_t where;
  json_t *j = json_loads (json, JSON_REJECT_DUPLICATES, &where), *list;
  uint32_t n = gym_space_size (space);
  double **weights = calloc ((size_t)n + 1, sizeof *weights);
  int code = weights ? GYM_OK : gym_fail_memory (err);
  const char *name;
  gym_prior *p = NULL;
  if (code == GYM_OK && !json_is_object (j))
    code = gym_fail (err, GYM_EINVAL, "prior: a JSON object is needed%s%s", j ? "" : ": ",
                     j ? "" : where.text);
  if (code == GYM_OK)
    json_object_foreach (j, name, list)
    {
      if (code == GYM_OK && strcmp (name, first_key) != 0)
        code = read_parameter (space, name, list, weights, err);
    }
  if (code == GYM_OK)
    p = gym_prior_new (space, (const double *const *)weights, err);
  if (p && read_first (p, json_object_get (j, first_key), err) < 0)
    gym_prior_destroy (&p);
  for (uint32_t i = 0; weights && i < n; i++)
    free (weights[i]);
  free (weights);
  json_decref (j);
  return p;
}

/* ---- for people ---- */

/* How many values a line names. */
enum { MOST_VALUES = 5 };

/* The next most likely value below (or, of equals, behind) `last`. */
static uint64_t
next_likely (const double *weights, uint64_t count, uint64_t last, bool first)
{
  uint64_t best = count;
  for (uint64_t k = 0; k < count; k++) {
    bool later =
        first || weights[k] < weights[last] || (weights[k] == weights[last] && k > last);
    if (later && (best == count || weights[k] > weights[best]))
      best = k;
  }
  return best;
}

static void
put_parameter (struct gym_text *text, const gym_prior *p, uint32_t i)
{
  uint64_t count = gym_space_count (p->space, i), k = 0;
  char number[32];
  gym_text_printf (text, "%s\t", gym_space_param (p->space, i)->name);
  if (!p->weights[i])
    gym_text_puts (text, "nothing known");
  for (uint64_t j = 0; p->weights[i] && j < count && j < MOST_VALUES; j++) {
    k = next_likely (p->weights[i], count, k, j == 0);
    gym_text_printf (text, "%s%s %.2f", j ? ", " : "",
                     value_text (p->space, i, k, number), p->weights[i][k]);
  }
  if (p->weights[i] && count > MOST_VALUES)
    gym_text_printf (text, ", %llu more", (unsigned long long)(count - MOST_VALUES));
  gym_text_puts (text, "\n");
}

static char *
describe_tasks (const gym_prior *p, gym_error *err)
{
  struct gym_text text = { 0 };
  gym_text_puts (&text, "task\tsimilarity\tweight\tbest designs\n");
  for (size_t i = 0; i < p->n_tasks; i++)
    gym_text_printf (&text, "%s\t%.3f\t%.3f\t%zu\n", p->tasks[i].workload,
                     p->tasks[i].similarity, p->tasks[i].weight, p->tasks[i].designs);
  return gym_text_take_table (&text, err);
}

/* Two tables whose columns have nothing to do with each other. */
char *
gym_prior_describe (const gym_prior *p, gym_error *err)
{
  struct gym_text text = { 0 }, all = { 0 };
  char *tasks = p->n_tasks > 0 ? describe_tasks (p, err) : NULL;
  if (p->n_tasks > 0 && !tasks)
    return NULL;
  gym_text_puts (&text, "parameter\tvalues and weights\n");
  for (uint32_t i = 0; i < gym_space_size (p->space); i++)
    put_parameter (&text, p, i);
  char *parameters = gym_text_take_table (&text, err);
  if (tasks)
    gym_text_printf (&all, "%sanchors evaluated: %zu here, %zu on the tasks\n\n", tasks,
                     p->evaluations, p->task_evaluations);
  if (parameters)
    gym_text_puts (&all, parameters);
  else
    all.failed = true;
  gym_free (tasks);
  gym_free (parameters);
  return gym_text_take (&all, err);
}
