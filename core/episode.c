/* Any env as a one-step episode: see gym/env.h. */
#include <gym/env.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct gym_episode {
  gym_env *env;
  const gym_objective *objective;
  uint32_t n, p; /* metrics, parameters */
  uint64_t seed;
  bool over;
  bool seen; /* there is a last observation */

  /* Running mean and sum of squared deviations of each metric (Welford 1962). */
  double count;
  double *mean, *square, *metrics, *observation, *design, *violations;
};

/* One block holds every array, so that there is one thing to free. */
gym_episode *
gym_episode_new (gym_env *env, const gym_objective *objective, gym_error *err)
{
  if (gym_objective_goals (objective) != 1) {
    gym_fail (err, GYM_EINVAL,
              "an episode's reward needs an objective of one goal, not %u",
              gym_objective_goals (objective));
    return NULL;
  }
  gym_episode *e = calloc (1, sizeof *e);
  uint32_t n = gym_env_metrics (env)->n, p = gym_space_size (gym_env_space (env));
  size_t cells = (size_t)n * 4 + p + gym_objective_constraints (objective);
  double *block = e ? calloc (cells, sizeof *block) : NULL;
  if (!block) {
    free (e);
    gym_fail (err, GYM_ENOMEM, "out of memory for an episode");
    return NULL;
  }
  *e = (struct gym_episode){ .env = env,
                             .objective = objective,
                             .n = n,
                             .p = p,
                             .over = true,
                             .mean = block,
                             .square = block + n,
                             .metrics = block + 2 * n,
                             .observation = block + 3 * n,
                             .design = block + 4 * n,
                             .violations = block + 4 * n + p };
  return e;
}

void
gym_episode_destroy (gym_episode **episode)
{
  if (!*episode)
    return;
  free ((*episode)->mean);
  free (*episode);
  *episode = NULL;
}

uint32_t
gym_episode_observation_size (const gym_episode *e)
{
  return e->n;
}

/* What was learnt of the metrics' scales outlives the episode: a new one starts from the
 * last observation, which is what a one-step agent can react to. */
int
gym_episode_reset (gym_episode *e, uint64_t seed, double *observation, gym_error *err)
{
  (void)err;
  e->seed = seed;
  e->over = false;
  memcpy (observation, e->observation, e->n * sizeof *observation);
  return GYM_OK;
}

/* Takes the metrics into the running moments and scales them. Sealed metrics and those
 * the fidelity does not yield are observed as 0. */
static void
observe (gym_episode *e, bool ok)
{
  const struct gym_metric *m = gym_env_metrics (e->env)->items;
  e->count += ok;
  for (uint32_t j = 0; j < e->n; j++) {
    e->observation[j] = 0;
    if (m[j].flags & GYM_METRIC_SEALED)
      e->metrics[j] = NAN;
    if (!ok || isnan (e->metrics[j]))
      continue;
    double off = e->metrics[j] - e->mean[j];
    e->mean[j] += off / e->count;
    e->square[j] += off * (e->metrics[j] - e->mean[j]);
    double spread = sqrt (e->square[j] / e->count);
    e->observation[j] = spread > 0 ? (e->metrics[j] - e->mean[j]) / spread : 0;
  }
}

/* A failed evaluation ends the episode without a reward; only errors of the call itself
 * are errors here. */
int
gym_episode_step (gym_episode *e, const double *design, double *observation,
                  struct gym_step *step, gym_error *err)
{
  if (e->over)
    return gym_fail (err, GYM_ESTATE, "the episode is over: reset it first");
  memcpy (e->design, design, e->p * sizeof *design);
  uint32_t status = GYM_TRIAL_INFEASIBLE;
  int rc = GYM_OK;
  for (uint32_t j = 0; j < e->n; j++)
    e->metrics[j] = NAN;
  if (gym_env_repair (e->env, e->design))
    rc = gym_env_evaluate (e->env, 1, e->design, NULL, &e->seed, e->metrics, &status,
                           NULL, err);
  if (rc < 0 && rc != GYM_ECANCELLED)
    return rc;
  double goal = NAN, violation = NAN;
  bool ok = rc == GYM_OK && status == GYM_TRIAL_OK;
  if (ok
      && gym_objective_evaluate (e->objective, e->metrics, &goal, e->violations, NULL)
             < 0) {
    ok = false;
    status = GYM_TRIAL_FAILED;
    goal = NAN;
  }
  observe (e, ok);
  if (ok)
    violation = 0;
  for (uint32_t i = 0; ok && i < gym_objective_constraints (e->objective); i++)
    violation += e->violations[i];
  e->over = true;
  memcpy (observation, e->observation, e->n * sizeof *observation);
  *step = (struct gym_step){ .reward = -goal,
                             .terminated = rc == GYM_OK,
                             .truncated = rc == GYM_ECANCELLED,
                             .status = status,
                             .violation = violation,
                             .metrics = e->metrics,
                             .design = e->design };
  return GYM_OK;
}
