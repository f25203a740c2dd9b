/* Reinforcement learners over designs: see rl.h. */
#include "plugins/common/rl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How often a design that was evaluated before is chosen again. */
enum { retries = 16 };

/* Observations are clipped to so many deviations (OpenAI Baselines' VecNormalize). */
static const double clip = 5;

static void
pick_metrics (struct rl *rl, const struct gym_metrics *metrics)
{
  const char *items = (const char *)metrics->items;
  for (uint32_t k = 0; k < rl->metrics; k++) {
    const struct gym_metric *m = (const struct gym_metric *)(items + k * metrics->stride);
    rl->used[k] = !(m->flags & (GYM_METRIC_MEASURED | GYM_METRIC_SEALED));
    rl->n_observed += rl->used[k];
  }
}

int
rl_init (struct rl *rl, const struct gym_host *host, const struct gym_problem *problem,
         uint64_t seed, const struct scorer_options *options)
{
  *rl = (struct rl){ .host = host,
                     .n = host->space_size (problem->space),
                     .constraints = problem->n_constraints,
                     .metrics = problem->metrics.n,
                     .n_observed = 1,
                     .budget = problem->budget,
                     .seed = seed,
                     .room = problem->in_flight };
  gym_rng_init (&rl->rng, seed);
  fresh_init (&rl->fresh, host, problem->space);
  reward_init (&rl->reward, options->reward == SCORER_SYMLOG);
  rl->statistics = calloc (rl->metrics + 1, sizeof *rl->statistics);
  rl->used = calloc (rl->metrics + 1, sizeof *rl->used);
  if (!rl->statistics || !rl->used
      || heads_init (&rl->heads, host, problem->space, (uint32_t)options->bins) < 0
      || (problem->prior && heads_lean (&rl->heads, problem->prior) < 0))
    return GYM_ENOMEM;
  pick_metrics (rl, &problem->metrics);
  rl->observed = calloc (rl->n_observed, sizeof *rl->observed);
  rl->waiting = rl_episodes (rl, rl->room);
  return rl->observed && rl->waiting ? GYM_OK : GYM_ENOMEM;
}

void
rl_free (struct rl *rl)
{
  heads_free (&rl->heads);
  fresh_free (&rl->fresh);
  free (rl->statistics);
  free (rl->used);
  free (rl->observed);
  free (rl->waiting);
}

/* ---- episodes ---- */

/* One block for all: episodes are moved about by their pointers, never taken apart. */
struct episode *
rl_episodes (const struct rl *rl, size_t count)
{
  size_t floats = rl->n_observed + rl->heads.n_code + rl->n;
  size_t one = (floats * sizeof (float) + rl->n * (sizeof (uint32_t) + 1) + 7) / 8 * 8;
  struct episode *episodes = calloc (count, sizeof *episodes + one);
  char *block = (char *)(episodes + count);
  for (size_t e = 0; episodes && e < count; e++, block += one) {
    struct choice *c = &episodes[e].choice;
    c->observed = (float *)(void *)block;
    c->code = c->observed + rl->n_observed;
    c->logs = c->code + rl->heads.n_code;
    c->levels = (uint32_t *)(void *)(c->logs + rl->n);
    c->active = (uint8_t *)(c->levels + rl->n);
  }
  return episodes;
}

void
rl_copy (const struct rl *rl, struct episode *to, const struct episode *from)
{
  const struct choice *f = &from->choice;
  struct choice *t = &to->choice;
  memcpy (t->observed, f->observed, rl->n_observed * sizeof *t->observed);
  memcpy (t->code, f->code, rl->heads.n_code * sizeof *t->code);
  memcpy (t->logs, f->logs, rl->n * sizeof *t->logs);
  memcpy (t->levels, f->levels, rl->n * sizeof *t->levels);
  memcpy (t->active, f->active, rl->n);
  to->result = from->result;
  to->ticket = from->ticket;
  to->drawn = from->drawn;
}

/* ---- asking ---- */

/* Its probabilities are not noted: learners leave out what they did not choose. */
static int
draw (struct rl *rl, struct choice *choice, double *row)
{
  int code = fresh_draw (&rl->fresh, &rl->rng, row);
  if (code <= 0)
    return code;
  heads_levels (&rl->heads, row, choice->levels, choice->active);
  for (uint32_t i = 0; i < rl->n; i++)
    heads_code (&rl->heads, i, choice->levels[i], choice->active[i], choice->code);
  return 1;
}

/* Writes a new design and its episode: 1, or 0 when there is none left, or negative. */
static int
choose_new (struct rl *rl, rl_choose *choose, void *self, struct episode *episode,
            double *row)
{
  memcpy (episode->choice.observed, rl->observed, rl->n_observed * sizeof (float));
  episode->drawn = false;
  for (int k = 0; k < retries; k++) {
    choose (self, (double)k / retries, &episode->choice, row);
    int code = fresh_claim (&rl->fresh, row);
    if (code)
      return code;
  }
  episode->drawn = true;
  return draw (rl, &episode->choice, row);
}

int
rl_ask (struct rl *rl, struct gym_asks *asks, rl_choose *choose, void *self,
        gym_error *err)
{
  size_t n = 0;
  for (; n < asks->n && rl->asked < rl->room; n++, rl->asked++) {
    struct episode *episode = rl->waiting + (rl->first + rl->asked) % rl->room;
    int code = choose_new (rl, choose, self, episode, asks->designs + n * rl->n);
    if (code < 0)
      return gym_fail (err, code, "out of memory");
    if (code == 0)
      break;
    episode->ticket = asks->tickets[n];
  }
  return (int)n;
}

/* ---- hearing ---- */

static void
observe (struct rl *rl, const double *metrics, const struct result_kept *result)
{
  float *at = rl->observed;
  for (uint32_t k = 0; k < rl->metrics; k++) {
    if (!rl->used[k])
      continue;
    bool known = isfinite (metrics[k]);
    if (known)
      running_add (rl->statistics + k, metrics[k]);
    *at++ = known ? (float)running_normal (rl->statistics + k, metrics[k], clip) : 0;
  }
  *at = (float)reward_of (&rl->reward, result);
}

/* Takes the episode of a ticket out of the ring; results mostly come in order. */
static struct episode *
take_waiting (struct rl *rl, uint64_t ticket)
{
  for (size_t k = 0; k < rl->asked; k++) {
    struct episode *found = rl->waiting + (rl->first + k) % rl->room;
    if (found->ticket != ticket)
      continue;
    for (; k > 0; k--) { /* those before it move up */
      struct episode *to = rl->waiting + (rl->first + k) % rl->room;
      struct episode *from = rl->waiting + (rl->first + k - 1) % rl->room;
      struct episode kept = *to;
      *to = *from;
      *from = kept;
    }
    found = rl->waiting + rl->first;
    rl->first = (rl->first + 1) % rl->room;
    rl->asked--;
    return found;
  }
  return NULL;
}

int
rl_tell (struct rl *rl, const struct gym_tells *tells, rl_learn *learn, void *self,
         gym_error *err)
{
  for (size_t t = 0; t < tells->n; t++) {
    const double *metrics = rl->metrics ? tells->metrics + t * rl->metrics : NULL;
    const double *violations =
        rl->constraints ? tells->violations + t * rl->constraints : NULL;
    if (fresh_claim (&rl->fresh, tells->designs + t * rl->n) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
    struct result_kept result =
        reward_add (&rl->reward, tells->statuses[t], tells->objectives[t], violations,
                    rl->constraints);
    observe (rl, metrics, &result);
    struct episode *episode = take_waiting (rl, tells->tickets[t]);
    if (!episode)
      return gym_fail (err, GYM_EINVAL, "a result of a trial that was not asked for");
    rl->told++;
    episode->result = result;
    int code = learn (self, episode);
    if (code < 0)
      return gym_fail (err, code, "out of memory");
  }
  return GYM_OK;
}
