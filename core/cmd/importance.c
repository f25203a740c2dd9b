/* Which parameters of a study matter: see importance.h. */
#include "core/cmd/importance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST = 50, ENOUGH = 200, CELLS = 16, PAIR_CELLS = 8, MOST_LEVELS = 63 };

void
importance_clear (struct importance *m)
{
  free (m->ped);
  free (m->effects);
  free (m->pairs);
  free (m->pair_p);
  free (m->never);
  *m = (struct importance){ 0 };
}

/* The kept designs that are results, of agent random alone where that has enough. */
struct sample {
  size_t *designs, n;
  double *ranks;
  struct gym_factor *factors;
  uint8_t *cells; /* a row a parameter */
};

/* Pointers of what failed half-way are NULL. */
static void
sample_clear (struct sample *s)
{
  free (s->designs);
  free (s->ranks);
  free (s->factors);
  free (s->cells);
}

/* Trials are asked for in rising order, so that one pass finds all of their runs. */
static size_t
run_of (const struct analysis *a, size_t trial, size_t from)
{
  while (from + 1 < a->n_runs && gym_results_run (a->results, from + 1)->first <= trial)
    from++;
  return from;
}

/* Designs whose trials are results. */
static size_t
choose (const struct analysis *a, bool random, size_t *designs)
{
  const double *goals = gym_results_goals (a->results);
  size_t n = 0;
  for (size_t i = 0, run = 0; i < gym_results_designs (a->results); i++) {
    size_t trial = gym_results_design_trial (a->results, i);
    run = run_of (a, trial, run);
    bool wanted = !random || gym_results_run (a->results, run)->agent == a->random_agent;
    if (wanted && !isnan (goals[trial * a->study->m]))
      designs[n++] = i;
  }
  return n;
}

/* Ranks make the terrible designs count no more than the middling ones. */
static int
rank (const struct analysis *a, struct sample *s, gym_error *err)
{
  const double *goals = gym_results_goals (a->results);
  s->ranks = calloc (2 * s->n + 1, sizeof *s->ranks);
  if (!s->ranks)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the importance");
  double *values = s->ranks + s->n;
  for (size_t i = 0; i < s->n; i++) {
    size_t trial = gym_results_design_trial (a->results, s->designs[i]);
    values[i] = goals[trial * a->study->m];
  }
  return gym_stats_ranks (values, s->n, s->ranks, NULL, err);
}

/* Levels and few integers as they are, the rest in equal parts of its (log) scale. */
static int
cut (const struct analysis *a, struct sample *s, gym_error *err)
{
  const gym_space *space = a->study->space;
  uint32_t p = gym_space_size (space);
  double *column = calloc (s->n + 1, sizeof *column),
         *unit = calloc (p + 1, sizeof *unit);
  s->factors = calloc (p + 1, sizeof *s->factors);
  s->cells = calloc (p * s->n + 1, sizeof *s->cells);
  bool good = column && unit && s->factors && s->cells;
  for (uint32_t k = 0; good && k < p; k++) {
    uint64_t count = gym_space_count (space, k);
    bool plain = count > 0
                 && count <= (gym_space_param (space, k)->kind == GYM_CATEGORICAL
                                  ? (uint64_t)MOST_LEVELS
                                  : (uint64_t)CELLS);
    for (size_t i = 0; i < s->n; i++) {
      const double *row = gym_results_design (a->results, s->designs[i]);
      if (plain)
        column[i] = isnan (row[k]) ? NAN : (double)gym_space_index (space, k, row[k]);
      else {
        gym_space_encode (space, row, unit);
        column[i] = isnan (row[k]) ? NAN : unit[k];
      }
    }
    s->factors[k].ordered = gym_space_param (space, k)->kind != GYM_CATEGORICAL;
    gym_stats_cells (column, s->n, plain ? (uint32_t)count : 0, CELLS,
                     s->cells + k * s->n, &s->factors[k]);
  }
  free (column);
  free (unit);
  return good ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory for the importance");
}

/* Few cells a parameter: pairs of many would hold a trial each. */
static int
find_pairs (const struct sample *s, struct importance *m, gym_error *err)
{
  size_t p = m->n_params;
  int code = GYM_OK;
  for (size_t i = 0; code >= 0 && i < p * p; i++) {
    m->pairs[i] = m->pair_p[i] = NAN;
    if (i % p > i / p)
      code = gym_stats_interaction (&s->factors[i / p], &s->factors[i % p], s->ranks,
                                    s->n, PAIR_CELLS, &m->pairs[i], &m->pair_p[i], err);
  }
  return code;
}

/* A share of 0.2 % of the variance is below what anybody could use. */
static int
measure (const struct sample *s, struct importance *m, gym_error *err)
{
  size_t p = m->n_params;
  m->ped = calloc (p + 1, sizeof *m->ped);
  m->effects = calloc (p + 1, sizeof *m->effects);
  m->pairs = calloc (p * p + 1, sizeof *m->pairs);
  m->pair_p = calloc (p * p + 1, sizeof *m->pair_p);
  m->never = calloc (p + 1, sizeof *m->never);
  if (!m->ped || !m->effects || !m->pairs || !m->pair_p || !m->never)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the importance");
  int code = gym_stats_ped_anova (s->factors, p, s->ranks, s->n, 0.1, 1, m->ped, err);
  for (size_t k = 0; code >= 0 && k < p; k++)
    code = gym_stats_main_effect (&s->factors[k], s->ranks, s->n, &m->effects[k], err);
  if (code >= 0)
    code = find_pairs (s, m, err);
  if (code >= 0)
    code = gym_stats_never_mattered (m->effects, m->pairs, m->pair_p, p, 0.05, 0.002,
                                     m->never, err);
  /* What the best designs share mattered to them, whatever it does on average. */
  for (size_t k = 0; k < p; k++)
    m->never[k] = m->never[k] && !(m->ped[k] > 0.05);
  return code;
}

int
importance_find (const struct analysis *a, struct importance *m, gym_error *err)
{
  struct sample s = { 0 };
  *m = (struct importance){ .n_params = gym_space_size (a->study->space) };
  s.designs = calloc (gym_results_designs (a->results) + 1, sizeof *s.designs);
  if (!s.designs)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the importance");
  s.n = a->random_agent == SIZE_MAX ? 0 : choose (a, true, s.designs);
  m->random = s.n >= ENOUGH;
  if (!m->random)
    s.n = choose (a, false, s.designs);
  int code = GYM_OK;
  if (s.n >= LEAST) {
    m->n_trials = s.n;
    if ((code = rank (a, &s, err)) >= 0 && (code = cut (a, &s, err)) >= 0)
      code = measure (&s, m, err);
  }
  sample_clear (&s);
  if (code < 0)
    importance_clear (m);
  return code;
}
