/* What `gym check` asks an environment.
 *
 * A study caches results by design, fidelity and seed, evaluates in any order and any
 * batch, in this process or another: that is sound only when a result depends on nothing
 * else, to the bit. Most checks here try to catch one way of depending on more. */
#include "core/cmd/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OPENINGS = 100 };

/* An open env, its random designs, and room for the results of one evaluation. */
struct subject {
  const struct check_subject *given;
  gym_env *env;
  const gym_space *space;
  const struct gym_metrics *metrics;
  const struct gym_fidelities *fidelities;
  size_t n; /* designs; the default one is the first */
  uint32_t p;
  double *designs, *rows; /* `rows`: a changed copy of the designs */
  uint64_t *seeds, *other_seeds;
  uint32_t *levels;
  char *notes;
  double *single; /* metrics of one design */
};

/* Metrics and statuses of n designs. */
struct results {
  double *metrics;
  uint32_t *statuses;
};

static void
results_clear (struct results *r)
{
  free (r->metrics);
  free (r->statuses);
}

static int
results_new (const struct subject *s, struct results *r, gym_error *why)
{
  r->metrics = calloc (s->n * s->metrics->n, sizeof *r->metrics);
  r->statuses = calloc (s->n, sizeof *r->statuses);
  if (r->metrics && r->statuses)
    return GYM_OK;
  results_clear (r);
  return gym_fail (why, GYM_ENOMEM, "out of memory");
}

/* With the sealed metrics everywhere: what is said of metrics holds for them too, and the
 * designs here are nobody's results. */
static int
evaluate (const struct subject *s, gym_env *env, uint32_t fidelity, const double *designs,
          const uint64_t *seeds, struct results *r, gym_error *why)
{
  for (size_t i = 0; i < s->n; i++)
    s->levels[i] = fidelity;
  return gym_env_evaluate_sealed (env, s->n, designs, s->levels, seeds, r->metrics,
                                  r->statuses, s->notes, why);
}

/* Says where results a (seen, row i) and b (expected, row j) differ, if they do. Measured
 * metrics are no part of equality. */
static int
compare_rows (const struct subject *s, const struct results *a, size_t i,
              const struct results *b, size_t j, gym_error *why)
{
  uint32_t m = s->metrics->n;
  if (a->statuses[i] != b->statuses[j])
    return gym_fail (why, GYM_EPLUGIN, "design %zu: seen status %s, expected %s", j,
                     gym_status_name (a->statuses[i]), gym_status_name (b->statuses[j]));
  for (uint32_t k = 0; k < m; k++) {
    double seen = a->metrics[i * m + k], expected = b->metrics[j * m + k];
    char left[32], right[32];
    if (s->metrics->items[k].flags & GYM_METRIC_MEASURED
        || (isnan (seen) && isnan (expected))
        || memcmp (&seen, &expected, sizeof seen) == 0)
      continue;
    gym_number_format (seen, left, sizeof left);
    gym_number_format (expected, right, sizeof right);
    return gym_fail (why, GYM_EPLUGIN, "design %zu: seen %s = %s, expected %s", j,
                     s->metrics->items[k].name, left, right);
  }
  return CHECK_OK;
}

static int
compare_all (const struct subject *s, const struct results *a, const struct results *b,
             gym_error *why)
{
  int code = CHECK_OK;
  for (size_t i = 0; i < s->n && code >= 0; i++)
    code = compare_rows (s, a, i, b, i, why);
  return code;
}

/* Evaluates the designs at every fidelity twice, as `first` and `second` say, and
 * compares. */
struct side {
  gym_env *env;
  const uint64_t *seeds;
};

static int
compare_sides (const struct subject *s, struct side first, struct side second,
               gym_error *why)
{
  struct results a = { 0 }, b = { 0 };
  int code = results_new (s, &a, why);
  if (code >= 0)
    code = results_new (s, &b, why);
  for (uint32_t f = 0; f < s->fidelities->n && code >= 0; f++)
    if ((code = evaluate (s, first.env, f, s->designs, first.seeds, &a, why)) >= 0
        && (code = evaluate (s, second.env, f, s->designs, second.seeds, &b, why)) >= 0)
      code = compare_all (s, &b, &a, why);
  results_clear (&a);
  results_clear (&b);
  return code;
}

/* ---- What it says about itself ---------------------------------------------------
 *
 * Whether units and docs are true cannot be checked; that they are there can. */

static int
texts (void *context, gym_error *why)
{
  const struct subject *s = context;
  const struct gym_env_class *class = s->given->entry->env;
  return check_texts (class->doc, class->source, &class->options, why);
}

static int
parameters_documented (void *context, gym_error *why)
{
  const struct subject *s = context;
  for (uint32_t i = 0; i < s->p; i++) {
    const struct gym_param *p = gym_space_param (s->space, i);
    if (!p->doc || !p->doc[0])
      return gym_fail (why, GYM_EPLUGIN,
                       "parameter \"%s\": seen no doc, expected a sentence", p->name);
  }
  return CHECK_OK;
}

static int
metrics_documented (void *context, gym_error *why)
{
  const struct subject *s = context;
  for (uint32_t i = 0; i < s->metrics->n; i++) {
    const struct gym_metric *m = &s->metrics->items[i];
    if (!m->doc || !m->doc[0])
      return gym_fail (why, GYM_EPLUGIN,
                       "metric \"%s\": seen no doc, expected a sentence", m->name);
    if (!m->unit || !m->unit[0])
      return gym_fail (why, GYM_EPLUGIN,
                       "metric \"%s\": seen no unit, expected one (\"1\" for a pure "
                       "number)",
                       m->name);
  }
  return CHECK_OK;
}

static int
costs_rise (void *context, gym_error *why)
{
  const struct subject *s = context;
  const struct gym_fidelity *f = s->fidelities->items;
  for (uint32_t i = 0; i < s->fidelities->n; i++) {
    bool yields = !f[i].yields;
    for (uint32_t k = 0; k < s->metrics->n && !yields; k++)
      yields = f[i].yields[k];
    if (!yields)
      return gym_fail (why, GYM_EPLUGIN,
                       "fidelity \"%s\": seen no metric, expected at least one",
                       f[i].name);
    if (i > 0 && !(f[i].cost > f[i - 1].cost))
      return gym_fail (why, GYM_EPLUGIN,
                       "fidelity \"%s\": seen cost %g after %g, expected more", f[i].name,
                       f[i].cost, f[i - 1].cost);
  }
  return CHECK_OK;
}

static int
unknown_option (void *context, gym_error *why)
{
  const struct subject *s = context;
  gym_error seen = { 0 };
  gym_settings *wrong = check_wrong_settings (s->given->settings, why);
  if (!wrong)
    return GYM_ENOMEM;
  gym_env *env = gym_env_open (s->given->registry, s->given->entry->id, wrong, &seen);
  gym_settings_destroy (&wrong);
  if (!env)
    return check_names_option (&seen, why);
  gym_env_destroy (&env);
  return gym_fail (why, GYM_EPLUGIN,
                   "seen it open with an option that nobody has, expected an error");
}

/* ---- Designs and results --------------------------------------------------------- */

static int
defaults_valid (void *context, gym_error *why)
{
  struct subject *s = context;
  double *row = s->rows;
  uint32_t status = 0;
  gym_space_default (s->space, row);
  int code = gym_space_check (s->space, row, why);
  if (code >= 0)
    code = gym_env_evaluate_sealed (s->env, 1, row, NULL, NULL, s->single, &status,
                                    s->notes, why);
  if (code >= 0 && status != GYM_TRIAL_OK)
    return gym_fail (why, GYM_EPLUGIN, "seen status %s (%s), expected ok",
                     gym_status_name (status), s->notes);
  return code;
}

static int
random_in_bounds (void *context, gym_error *why)
{
  const struct subject *s = context;
  int code = CHECK_OK;
  for (size_t i = 0; i < s->n && code >= 0; i++)
    code = gym_space_check (s->space, s->designs + i * s->p, why);
  return code;
}

/* A metric of an ok row must be there exactly when the fidelity yields it. */
static int
check_yields (const struct subject *s, const struct results *r, size_t i, uint32_t f,
              gym_error *why)
{
  const uint8_t *yields = s->fidelities->items[f].yields;
  for (uint32_t k = 0; k < s->metrics->n; k++) {
    double value = r->metrics[i * s->metrics->n + k];
    bool expected = !yields || yields[k];
    if (expected ? !isfinite (value) : !isnan (value))
      return gym_fail (why, GYM_EPLUGIN,
                       "design %zu, fidelity %s: seen %s = %g, expected %s", i,
                       s->fidelities->items[f].name, s->metrics->items[k].name, value,
                       expected ? "a finite number" : "none, as it is not yielded");
  }
  return CHECK_OK;
}

static int
check_outcomes (const struct subject *s, const struct results *r, uint32_t f,
                size_t *infeasible, gym_error *why)
{
  int code = CHECK_OK;
  for (size_t i = 0; i < s->n && code >= 0; i++) {
    *infeasible += r->statuses[i] == GYM_TRIAL_INFEASIBLE;
    if (r->statuses[i] == GYM_TRIAL_OK)
      code = check_yields (s, r, i, f, why);
    else if (r->statuses[i] != GYM_TRIAL_INFEASIBLE)
      code = gym_fail (why, GYM_EPLUGIN,
                       "design %zu, fidelity %s: seen status %s (%s), expected ok or "
                       "infeasible",
                       i, s->fidelities->items[f].name, gym_status_name (r->statuses[i]),
                       s->notes + i * GYM_NOTE);
  }
  return code;
}

static int
random_evaluate (void *context, gym_error *why)
{
  const struct subject *s = context;
  struct results r = { 0 };
  size_t infeasible = 0, n = s->n * s->fidelities->n;
  int code = results_new (s, &r, why);
  for (uint32_t f = 0; f < s->fidelities->n && code >= 0; f++) {
    code = evaluate (s, s->env, f, s->designs, s->seeds, &r, why);
    if (code >= 0)
      code = check_outcomes (s, &r, f, &infeasible, why);
  }
  results_clear (&r);
  if (code >= 0 && infeasible == n)
    return gym_fail (why, GYM_EPLUGIN, "seen all of %zu infeasible, expected some ok", n);
  return code;
}

/* What is not sealed, in rows of which `sealed` has been asked for the rest too. */
static int
compare_open (const struct subject *s, const struct results *open,
              const struct results *sealed, gym_error *why)
{
  uint32_t m = s->metrics->n;
  for (size_t i = 0; i < s->n * m; i++)
    if (s->metrics->items[i % m].flags & GYM_METRIC_SEALED)
      open->metrics[i] = sealed->metrics[i] = NAN;
  return compare_all (s, open, sealed, why);
}

/* A search and its final report must see the same env. */
static int
sealed_apart (void *context, gym_error *why)
{
  const struct subject *s = context;
  struct results open = { 0 }, sealed = { 0 };
  int code = results_new (s, &open, why);
  if (code >= 0)
    code = results_new (s, &sealed, why);
  for (uint32_t f = 0; f < s->fidelities->n && code >= 0; f++) {
    code = evaluate (s, s->env, f, s->designs, s->seeds, &sealed, why);
    if (code >= 0)
      code = gym_env_evaluate (s->env, s->n, s->designs, s->levels, s->seeds,
                               open.metrics, open.statuses, s->notes, why);
    if (code >= 0)
      code = compare_open (s, &open, &sealed, why);
  }
  results_clear (&open);
  results_clear (&sealed);
  return code;
}

static int
same_bits (void *context, gym_error *why)
{
  const struct subject *s = context;
  struct side side = { s->env, s->seeds };
  return compare_sides (s, side, side, why);
}

/* While the first is open: two instances may not share what changes. */
static int
second_instance (void *context, gym_error *why)
{
  const struct subject *s = context;
  gym_env *env =
      gym_env_open (s->given->registry, s->given->entry->id, s->given->settings, why);
  if (!env)
    return GYM_EPLUGIN;
  int code = compare_sides (s, (struct side){ s->env, s->seeds },
                            (struct side){ env, s->seeds }, why);
  gym_env_destroy (&env);
  return code;
}

/* What a design gives may not depend on its company. */
static int
singles (void *context, gym_error *why)
{
  const struct subject *s = context;
  struct results batch = { 0 }, one = { 0 };
  uint32_t top = s->fidelities->n - 1;
  int code = results_new (s, &batch, why);
  if (code >= 0)
    code = results_new (s, &one, why);
  if (code >= 0)
    code = evaluate (s, s->env, top, s->designs, s->seeds, &batch, why);
  for (size_t i = 0; i < s->n && code >= 0; i++) {
    code = gym_env_evaluate_sealed (s->env, 1, s->designs + i * s->p, NULL, s->seeds + i,
                                    one.metrics, one.statuses, NULL, why);
    if (code >= 0)
      code = compare_rows (s, &one, 0, &batch, i, why);
  }
  results_clear (&batch);
  results_clear (&one);
  return code;
}

/* The designs once more, from the last to the first. */
static int
any_order (void *context, gym_error *why)
{
  const struct subject *s = context;
  struct results forth = { 0 }, back = { 0 };
  uint32_t top = s->fidelities->n - 1;
  int code = results_new (s, &forth, why);
  if (code >= 0)
    code = results_new (s, &back, why);
  for (size_t i = 0; i < s->n; i++) {
    memcpy (s->rows + i * s->p, s->designs + (s->n - 1 - i) * s->p,
            s->p * sizeof *s->rows);
    s->other_seeds[i] = s->seeds[s->n - 1 - i];
  }
  if (code >= 0)
    code = evaluate (s, s->env, top, s->designs, s->seeds, &forth, why);
  if (code >= 0)
    code = evaluate (s, s->env, top, s->rows, s->other_seeds, &back, why);
  for (size_t i = 0; i < s->n && code >= 0; i++)
    code = compare_rows (s, &back, s->n - 1 - i, &forth, i, why);
  results_clear (&forth);
  results_clear (&back);
  return code;
}

/* Who repeats evaluations to see the noise goes by the flag: a wrong one wastes them, or
 * hides the noise. */
static int
seed_matters (void *context, gym_error *why)
{
  const struct subject *s = context;
  bool noisy = s->given->entry->env->flags & GYM_ENV_NOISY;
  gym_error difference = { 0 };
  for (size_t i = 0; i < s->n; i++)
    s->other_seeds[i] = ~s->seeds[i];
  int code = compare_sides (s, (struct side){ s->env, s->seeds },
                            (struct side){ s->env, s->other_seeds }, &difference);
  if (noisy && code >= 0)
    return gym_fail (why, GYM_EPLUGIN,
                     "seen the same results under other seeds, expected none from an env "
                     "that is declared noisy");
  if (!noisy && code < 0)
    return gym_fail (why, GYM_EPLUGIN, "%s, as the env is not declared noisy",
                     difference.text);
  return CHECK_OK;
}

/* ---- Conditional parameters and rules -------------------------------------------- */

/* Looks for a design in which parameter i is active, or inactive; false when chance does
 * not find one. */
static bool
find_activity (const struct subject *s, uint32_t i, bool active, double *row)
{
  gym_rng rng;
  gym_rng_init (&rng, gym_rng_derive (s->given->seed, i, active));
  for (int attempt = 0; attempt < 10000; attempt++) {
    gym_space_sample (s->space, &rng, row);
    if (isnan (row[i]) == !active)
      return true;
  }
  return false;
}

static int
evaluate_activity (struct subject *s, uint32_t i, bool active, gym_error *why)
{
  double *row = s->rows;
  uint32_t status = 0;
  if (!find_activity (s, i, active, row))
    return CHECK_OK;
  int code = gym_space_check (s->space, row, why);
  if (code >= 0)
    code = gym_env_evaluate_sealed (s->env, 1, row, NULL, NULL, s->single, &status,
                                    s->notes, why);
  if (code >= 0 && status != GYM_TRIAL_OK && status != GYM_TRIAL_INFEASIBLE)
    return gym_fail (why, GYM_EPLUGIN,
                     "\"%s\" %s: seen status %s (%s), expected ok or infeasible",
                     gym_space_param (s->space, i)->name, active ? "active" : "inactive",
                     gym_status_name (status), s->notes);
  return code;
}

static int
inactive_honoured (void *context, gym_error *why)
{
  struct subject *s = context;
  unsigned conditional = 0;
  int code = CHECK_OK;
  for (uint32_t i = 0; i < s->p && code >= 0; i++) {
    if (gym_space_parent (s->space, i) < 0)
      continue;
    conditional++;
    code = evaluate_activity (s, i, false, why);
    if (code >= 0)
      code = evaluate_activity (s, i, true, why);
  }
  if (conditional > 0 || code < 0)
    return code;
  gym_fail (why, 0, "it has no conditional parameter");
  return CHECK_SKIP;
}

/* The core repairs what an agent asks and tells the repaired design; a repair that moves
 * on when repeated would give a design that is not the one evaluated. */
static int
repair_settles (void *context, gym_error *why)
{
  struct subject *s = context;
  const struct gym_env_class *class = s->given->entry->env;
  if (!class->extension || !class->extension ("constraint/1")) {
    gym_fail (why, 0, "it has no rules beyond its space");
    return CHECK_SKIP;
  }
  for (size_t i = 0; i < s->n; i++) {
    double *row = s->rows, *again = s->rows + s->p;
    memcpy (row, s->designs + i * s->p, s->p * sizeof *row);
    bool valid = gym_env_repair (s->env, row);
    if (gym_space_check (s->space, row, why) < 0)
      return GYM_EPLUGIN;
    memcpy (again, row, s->p * sizeof *row);
    bool still = gym_env_repair (s->env, again);
    if (valid != still || memcmp (again, row, s->p * sizeof *row) != 0)
      return gym_fail (why, GYM_EPLUGIN,
                       "design %zu: seen another design when the repaired one was "
                       "repaired, expected the same",
                       i);
  }
  return CHECK_OK;
}

/* ---- What it must refuse --------------------------------------------------------- */

/* Evaluates a row that is no design: the call must fail and leave the results alone. */
static int
refuse_row (const struct subject *s, const double *row, const char *what,
            const char *name, gym_error *why)
{
  uint32_t status = 77;
  s->single[0] = 77;
  int code = gym_env_evaluate_sealed (s->env, 1, row, NULL, NULL, s->single, &status,
                                      NULL, NULL);
  if (code == GYM_EINVAL && s->single[0] == 77)
    return CHECK_OK;
  return gym_fail (why, GYM_EPLUGIN,
                   "%s in \"%s\": seen %s, expected an error and no result", what, name,
                   code < 0 ? gym_error_name (code) : "an evaluation");
}

static int
refuse_values (struct subject *s, uint32_t i, gym_error *why)
{
  const struct gym_param *p = gym_space_param (s->space, i);
  bool level = p->kind == GYM_CATEGORICAL || p->kind == GYM_ORDINAL;
  double beyond = level ? p->n_levels : p->high + (p->high - p->low) + 1;
  double *row = s->rows, kept;
  int code;
  gym_space_default (s->space, row);
  if (isnan (row[i]))
    return CHECK_OK;
  kept = row[i];
  row[i] = INFINITY;
  code = refuse_row (s, row, "infinity", p->name, why);
  row[i] = NAN;
  if (code >= 0)
    code = refuse_row (s, row, "NaN", p->name, why);
  row[i] = beyond;
  if (code >= 0)
    code = refuse_row (s, row, "a value out of range", p->name, why);
  row[i] = kept + 0.25;
  if (code >= 0 && p->kind != GYM_REAL)
    code = refuse_row (s, row, "a value off the grid", p->name, why);
  return code;
}

/* Afterwards good designs must give what they gave before. */
static int
bad_designs (void *context, gym_error *why)
{
  struct subject *s = context;
  int code = CHECK_OK;
  for (uint32_t i = 0; i < s->p && code >= 0; i++)
    code = refuse_values (s, i, why);
  if (code >= 0
      && gym_design_parse (s->space, "no_such_parameter=1", s->rows, NULL)
             != GYM_ENOTFOUND
      && gym_design_parse (s->space, "no_such_parameter=1", s->rows, NULL) != GYM_EINVAL)
    return gym_fail (why, GYM_EPLUGIN,
                     "a parameter that nobody has: seen it accepted, expected an error");
  return code < 0 ? code : same_bits (s, why);
}

static int
silent (void *context, gym_error *why)
{
  const struct subject *s = context;
  struct check_silence silence;
  struct results r = { 0 };
  int code = results_new (s, &r, why);
  if (code >= 0)
    code = check_silence_begin (&silence, why);
  if (code < 0) {
    results_clear (&r);
    return code;
  }
  gym_env *env =
      gym_env_open (s->given->registry, s->given->entry->id, s->given->settings, why);
  code = env ? CHECK_OK : GYM_EPLUGIN;
  for (uint32_t f = 0; f < s->fidelities->n && code >= 0; f++)
    code = evaluate (s, env, f, s->designs, s->seeds, &r, why);
  gym_env_destroy (&env);
  int heard = check_silence_end (&silence, code < 0 ? NULL : why);
  results_clear (&r);
  return code < 0 ? code : heard;
}

static int
many_openings (void *context, gym_error *why)
{
  const struct subject *s = context;
  uint32_t status;
  int before = check_count_descriptors (), code = CHECK_OK;
  for (int i = 0; i < OPENINGS && code >= 0; i++) {
    gym_env *env =
        gym_env_open (s->given->registry, s->given->entry->id, s->given->settings, why);
    if (!env)
      return GYM_EPLUGIN;
    if (i % 10 == 0)
      code = gym_env_evaluate_sealed (env, 1, s->designs, NULL, s->seeds, s->single,
                                      &status, NULL, why);
    gym_env_destroy (&env);
  }
  return code < 0 ? code : check_none_left_open (before, OPENINGS, why);
}

/* ---- All of it ------------------------------------------------------------------- */

static int
opens (void *context, gym_error *why)
{
  struct subject *s = context;
  s->env =
      gym_env_open (s->given->registry, s->given->entry->id, s->given->settings, why);
  return s->env ? CHECK_OK : GYM_EPLUGIN;
}

static void
clear (struct subject *s)
{
  gym_env_destroy (&s->env);
  free (s->designs);
  free (s->rows);
  free (s->seeds);
  free (s->other_seeds);
  free (s->levels);
  free (s->notes);
  free (s->single);
}

static int
draw_designs (struct subject *s, gym_error *err)
{
  gym_rng rng;
  s->space = gym_env_space (s->env);
  s->metrics = gym_env_metrics (s->env);
  s->fidelities = gym_env_fidelities (s->env);
  s->p = gym_space_size (s->space);
  s->n = s->given->designs + 1;
  s->designs = calloc (s->n * (s->p + 1), sizeof *s->designs);
  s->rows = calloc ((s->n + 1) * (s->p + 1), sizeof *s->rows);
  s->seeds = calloc (s->n, sizeof *s->seeds);
  s->other_seeds = calloc (s->n, sizeof *s->other_seeds);
  s->levels = calloc (s->n, sizeof *s->levels);
  s->notes = calloc (s->n, GYM_NOTE);
  s->single = calloc (s->metrics->n, sizeof *s->single);
  if (!s->designs || !s->rows || !s->seeds || !s->other_seeds || !s->levels || !s->notes
      || !s->single)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the designs");
  gym_rng_init (&rng, s->given->seed);
  gym_space_default (s->space, s->designs);
  for (size_t i = 1; i < s->n; i++) {
    gym_space_sample (s->space, &rng, s->designs + i * s->p);
    if (i % 2 == 0) /* the others may break rules, which must show in their status */
      gym_env_repair (s->env, s->designs + i * s->p);
  }
  for (size_t i = 0; i < s->n; i++)
    s->seeds[i] = gym_rng_derive (s->given->seed, i, 3);
  return GYM_OK;
}

int
check_env (const struct check_subject *given, struct check_report *report, gym_error *err)
{
  static const struct check checks[] = {
    { "texts and options are documented", texts },
    { "parameters are documented", parameters_documented },
    { "metrics have a doc and a unit", metrics_documented },
    { "fidelity costs rise", costs_rise },
    { "an unknown option is refused", unknown_option },
    { "the default design is ok", defaults_valid },
    { "random designs are in bounds", random_in_bounds },
    { "random designs evaluate to finite metrics", random_evaluate },
    { "sealed metrics leave the others alone", sealed_apart },
    { "same design and seed, same bits", same_bits },
    { "a second instance gives the same bits", second_instance },
    { "a batch equals single designs", singles },
    { "the order of a batch does not matter", any_order },
    { "the seed matters exactly when it is declared", seed_matters },
    { "inactive parameters are honoured", inactive_honoured },
    { "repair settles", repair_settles },
    { "bad designs are refused and leave no trace", bad_designs },
    { "nothing is printed", silent },
    { "opening and closing 100 times leaves no file open", many_openings },
  };
  struct subject s = { .given = given };
  int code = CHECK_OK;
  if (check_one (report, "opens", opens, &s)) {
    code = draw_designs (&s, err);
    if (code >= 0)
      check_each (report, checks, sizeof checks / sizeof checks[0], &s);
  }
  clear (&s);
  return code;
}
