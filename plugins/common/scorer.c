/* Networks that score levels: see scorer.h. */
#include "plugins/common/scorer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct scorer_learner {
  nn_net *net;
  nn_tape *tape;
  size_t offset; /* of its parameters */
  uint32_t inputs, outputs;
  float *x;       /* batch x inputs */
  float *slopes;  /* batch x outputs */
  const float *y; /* outputs of the last pass */
};

/* ---- from outputs to scores ---- */

uint32_t
scorer_outputs (const struct head *head, uint32_t shape)
{
  return head->ordered && shape == SCORER_NORMAL ? 2 : head->levels;
}

/* Steps z_1 .. z_L-1 between levels: score_k = s (sum of z_j up to k - sum of those
 * beyond), so that neither end is special; with s = 1 / sqrt L independent steps give
 * scores of variance 1 whose correlation falls linearly with the distance. z_0 is for
 * nothing. */
static float
step_scale (const struct head *head)
{
  return 1 / sqrtf ((float)head->levels);
}

static void
expand_ordinal (const struct head *head, const float *z, float *scores)
{
  float s = step_scale (head), sum = 0;
  for (uint32_t k = 1; k < head->levels; k++)
    sum -= s * z[k];
  for (uint32_t k = 0; k < head->levels; k++) {
    sum += k > 0 ? 2 * s * z[k] : 0;
    scores[k] = sum;
  }
}

static void
contract_ordinal (const struct head *head, const float *g, float *slopes)
{
  float s = step_scale (head), total = 0, below = 0;
  for (uint32_t k = 0; k < head->levels; k++)
    total += g[k];
  slopes[0] = 0;
  for (uint32_t k = 1; k < head->levels; k++) {
    below += g[k - 1];
    slopes[k] = s * (total - 2 * below);
  }
}

/* The parabola -(x - mean)^2 / (2 deviation^2) on x in [-1, 1]. It starts almost flat;
 * the deviation stays within an eighth of a level and 8. */
struct normal {
  float mean, precision;
  bool free; /* the deviation is not at a bound */
};

static struct normal
normal_of (const struct head *head, const float *outputs)
{
  float least = logf (0.25f / (float)head->levels), most = logf (8);
  float log_deviation = fminf (fmaxf (outputs[1], least), most);
  return (struct normal){ .mean = outputs[0],
                          .precision = expf (-2 * log_deviation),
                          .free = log_deviation == outputs[1] };
}

static float
place (const struct head *head, uint32_t k)
{
  return (2 * (float)k + 1) / (float)head->levels - 1;
}

static void
expand_normal (const struct head *head, const float *outputs, float *scores)
{
  struct normal normal = normal_of (head, outputs);
  for (uint32_t k = 0; k < head->levels; k++) {
    float d = place (head, k) - normal.mean;
    scores[k] = -0.5f * d * d * normal.precision;
  }
}

static void
contract_normal (const struct head *head, const float *outputs, const float *g,
                 float *slopes)
{
  struct normal normal = normal_of (head, outputs);
  slopes[0] = slopes[1] = 0;
  for (uint32_t k = 0; k < head->levels; k++) {
    float d = place (head, k) - normal.mean;
    slopes[0] += g[k] * d * normal.precision;
    slopes[1] += normal.free ? g[k] * d * d * normal.precision : 0;
  }
}

void
scorer_expand (const struct head *head, uint32_t shape, const float *outputs,
               float *scores)
{
  if (!head->ordered || shape == SCORER_FREE)
    memcpy (scores, outputs, head->levels * sizeof *scores);
  else if (shape == SCORER_ORDINAL)
    expand_ordinal (head, outputs, scores);
  else
    expand_normal (head, outputs, scores);
}

void
scorer_contract (const struct head *head, uint32_t shape, const float *outputs,
                 const float *score_slopes, float *slopes)
{
  if (!head->ordered || shape == SCORER_FREE)
    memcpy (slopes, score_slopes, head->levels * sizeof *slopes);
  else if (shape == SCORER_ORDINAL)
    contract_ordinal (head, score_slopes, slopes);
  else
    contract_normal (head, outputs, score_slopes, slopes);
}

/* ---- learners ---- */

bool
scorer_has (const struct scorer *scorer, uint32_t g, uint32_t i)
{
  return scorer->learner[i] == g;
}

/* Whether learner g sees the choice of parameter i. */
static bool
sees (const struct scorer *scorer, uint32_t g, uint32_t i)
{
  return scorer->setup.autoregressive && scorer->learner[i] < g;
}

static int
init_learner (struct scorer *scorer, uint32_t g)
{
  const struct scorer_setup *s = &scorer->setup;
  struct scorer_learner *learner = scorer->of + g;
  learner->inputs = s->n_observed;
  learner->outputs = s->valued;
  for (uint32_t i = 0; i < s->heads->n; i++) {
    const struct head *head = s->heads->of + i;
    learner->inputs += sees (scorer, g, i) ? head->n_code : 0;
    learner->outputs += scorer_has (scorer, g, i) ? scorer_outputs (head, s->shape) : 0;
  }
  learner->net = nn_mlp_new (learner->inputs, s->layers, s->width, s->activation,
                             learner->outputs, s->gain);
  learner->tape = learner->net ? nn_tape_new (learner->net, s->batch) : NULL;
  learner->x = malloc ((size_t)s->batch * learner->inputs * sizeof (float));
  learner->slopes = malloc ((size_t)s->batch * learner->outputs * sizeof (float));
  if (!learner->tape || !learner->x || !learner->slopes)
    return GYM_ENOMEM;
  learner->offset = scorer->n_params;
  scorer->n_params += nn_net_params (learner->net);
  return GYM_OK;
}

static bool
start (struct scorer *scorer)
{
  bool ok = true;
  for (uint32_t g = 0; g < scorer->setup.learners; g++)
    ok &= nn_net_start (scorer->of[g].net, scorer->params + scorer->of[g].offset,
                        gym_rng_derive (scorer->setup.seed, g, 0));
  return ok;
}

/* Parameters of all learners lie in one vector, under one optimiser. */
int
scorer_init (struct scorer *scorer, const struct scorer_setup *setup)
{
  const struct heads *heads = setup->heads;
  size_t batch = setup->batch;
  *scorer = (struct scorer){ .setup = *setup };
  scorer->of = calloc (setup->learners, sizeof *scorer->of);
  scorer->learner = calloc (heads->n + 1, sizeof *scorer->learner);
  if (!scorer->of || !scorer->learner)
    return GYM_ENOMEM;
  if (setup->learner)
    memcpy (scorer->learner, setup->learner, heads->n * sizeof *setup->learner);
  for (uint32_t g = 0; g < setup->learners; g++)
    if (init_learner (scorer, g) < 0)
      return GYM_ENOMEM;
  scorer->params = calloc (scorer->n_params, sizeof (float));
  scorer->gradient = calloc (scorer->n_params, sizeof (float));
  scorer->scores = calloc (batch * heads->total + 1, sizeof (float));
  scorer->score_slopes = calloc (batch * heads->total + 1, sizeof (float));
  scorer->values = calloc (batch * setup->learners, sizeof (float));
  scorer->value_slopes = calloc (batch * setup->learners, sizeof (float));
  scorer->adam = nn_adam_new (scorer->n_params);
  bool ok = scorer->adam && scorer->params && scorer->gradient && scorer->scores
            && scorer->score_slopes && scorer->values && scorer->value_slopes
            && start (scorer);
  return ok ? GYM_OK : GYM_ENOMEM;
}

void
scorer_free (struct scorer *scorer)
{
  for (uint32_t g = 0; scorer->of && g < scorer->setup.learners; g++) {
    struct scorer_learner *learner = scorer->of + g;
    nn_tape_destroy (&learner->tape);
    nn_net_destroy (&learner->net);
    free (learner->x);
    free (learner->slopes);
  }
  nn_adam_destroy (&scorer->adam);
  free (scorer->of);
  free (scorer->learner);
  free (scorer->params);
  free (scorer->gradient);
  free (scorer->scores);
  free (scorer->score_slopes);
  free (scorer->values);
  free (scorer->value_slopes);
  *scorer = (struct scorer){ 0 };
}

/* ---- passes ---- */

static void
gather_inputs (struct scorer *scorer, uint32_t g, const float *const *observed,
               const float *const *codes, uint32_t n)
{
  const struct heads *heads = scorer->setup.heads;
  float *x = scorer->of[g].x;
  for (uint32_t b = 0; b < n; b++) {
    memcpy (x, observed[b], scorer->setup.n_observed * sizeof *x);
    x += scorer->setup.n_observed;
    for (uint32_t i = 0; i < heads->n; i++)
      if (sees (scorer, g, i)) {
        const struct head *head = heads->of + i;
        memcpy (x, codes[b] + head->code, head->n_code * sizeof *x);
        x += head->n_code;
      }
  }
}

void
scorer_forward_one (struct scorer *scorer, const float *params, uint32_t g,
                    const float *const *observed, const float *const *codes, uint32_t n)
{
  const struct heads *heads = scorer->setup.heads;
  struct scorer_learner *learner = scorer->of + g;
  gather_inputs (scorer, g, observed, codes, n);
  learner->y = nn_forward (learner->tape, params + learner->offset, learner->x, n);
  const float *y = learner->y;
  for (uint32_t b = 0; b < n; b++) {
    if (scorer->setup.valued)
      scorer->values[b * scorer->setup.learners + g] = *y++;
    for (uint32_t i = 0; i < heads->n; i++)
      if (scorer_has (scorer, g, i)) {
        const struct head *head = heads->of + i;
        scorer_expand (head, scorer->setup.shape, y,
                       scorer->scores + (size_t)b * heads->total + head->at);
        y += scorer_outputs (head, scorer->setup.shape);
      }
  }
}

void
scorer_forward (struct scorer *scorer, const float *params, const float *const *observed,
                const float *const *codes, uint32_t n)
{
  uint32_t learners = scorer->setup.learners;
  for (uint32_t g = 0; g < learners; g++)
    scorer_forward_one (scorer, params, g, observed, codes, n);
  memset (scorer->score_slopes, 0,
          (size_t)n * scorer->setup.heads->total * sizeof (float));
  memset (scorer->value_slopes, 0, (size_t)n * learners * sizeof (float));
}

static void
gather_slopes (struct scorer *scorer, uint32_t g, uint32_t n)
{
  const struct heads *heads = scorer->setup.heads;
  struct scorer_learner *learner = scorer->of + g;
  const float *y = learner->y;
  float *dy = learner->slopes;
  for (uint32_t b = 0; b < n; b++) {
    if (scorer->setup.valued) {
      *dy++ = scorer->value_slopes[b * scorer->setup.learners + g];
      y++;
    }
    for (uint32_t i = 0; i < heads->n; i++)
      if (scorer_has (scorer, g, i)) {
        const struct head *head = heads->of + i;
        uint32_t outputs = scorer_outputs (head, scorer->setup.shape);
        scorer_contract (head, scorer->setup.shape, y,
                         scorer->score_slopes + (size_t)b * heads->total + head->at, dy);
        y += outputs;
        dy += outputs;
      }
  }
}

/* Slopes of one learner touch its own parameters alone: learners stay independent. */
void
scorer_backward (struct scorer *scorer, uint32_t n)
{
  memset (scorer->gradient, 0, scorer->n_params * sizeof (float));
  for (uint32_t g = 0; g < scorer->setup.learners; g++) {
    struct scorer_learner *learner = scorer->of + g;
    gather_slopes (scorer, g, n);
    nn_backward (learner->tape, scorer->params + learner->offset, learner->slopes,
                 scorer->gradient + learner->offset, NULL);
  }
}

void
scorer_step (struct scorer *scorer, const struct nn_adam_settings *adam, double most,
             uint32_t n)
{
  scorer_backward (scorer, n);
  nn_clip_norm (scorer->gradient, scorer->n_params, most);
  nn_adam_step (scorer->adam, adam, scorer->params, scorer->gradient);
}
