/* Rewards and running statistics: see reward.h. */
#include "plugins/common/reward.h"

#include <gym/plugin.h>
#include <math.h>

/* Squares of larger numbers overflow; what is beyond is all the same to a policy. */
static const double largest = 1e150;

static const double limit = 5;

/* One pass, stable: differences from the running mean stay small. */
void
running_add (struct running *running, double value)
{
  value = fmin (fmax (value, -largest), largest);
  double before = value - running->mean;
  running->count++;
  running->mean += before / running->count;
  running->squares += before * (value - running->mean);
}

double
running_normal (const struct running *running, double value, double most)
{
  double variance = running->count > 0 ? running->squares / running->count : 0;
  if (!(variance > 0))
    return 0;
  value = fmin (fmax (value, -largest), largest);
  return fmin (fmax ((value - running->mean) / sqrt (variance), -most), most);
}

void
reward_init (struct reward *reward, bool symlog)
{
  *reward = (struct reward){ .symlog = symlog, .worst = -INFINITY };
}

struct result_kept
reward_add (struct reward *reward, uint32_t status, double objective,
            const double *violations, uint32_t c)
{
  struct result_kept kept = { .ok = status == GYM_TRIAL_OK, .objective = objective };
  if (reward->symlog)
    kept.objective = copysign (log1p (fabs (objective)), objective);
  for (uint32_t k = 0; k < c && kept.ok; k++)
    kept.violation += violations[k];
  if (kept.ok && kept.violation == 0) {
    running_add (&reward->objectives, kept.objective);
    reward->worst = fmax (reward->worst, kept.objective);
  }
  return kept;
}

/* Kept results are judged anew each time, so that old ones and new ones compare. */
double
reward_of (const struct reward *reward, const struct result_kept *result)
{
  const struct running *objectives = &reward->objectives;
  if (result->ok && result->violation == 0)
    return -running_normal (objectives, result->objective, limit);
  double worst =
      objectives->count > 0 ? -running_normal (objectives, reward->worst, limit) : 0;
  if (!result->ok)
    return worst - 1;
  return worst
         - (isinf (result->violation) ? 1 : result->violation / (1 + result->violation));
}
