/* See network.h. */
#include "envs/accel/network.h"

int
network_fail (int status, const struct accel_error *why, gym_error *err)
{
  return gym_fail (err, status == ACCEL_NOMEM ? GYM_ENOMEM : GYM_EINVAL, "%s", why->text);
}

/* Larger batches may be too many multiply-accumulates for a layer. */
static int
set_batch (struct accel_workload *w, uint32_t batch, gym_error *err)
{
  struct accel_error why;
  for (size_t i = 0; i < w->count; i++) {
    uint64_t n = (uint64_t)w->layers[i].size[ACCEL_N] * batch;
    w->layers[i].size[ACCEL_N] = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
    if (accel_layer_check (&w->layers[i], &why) != ACCEL_OK)
      return gym_fail (err, GYM_EINVAL, "option \"batch\": %s; less than %u was expected",
                       why.text, batch);
  }
  return GYM_OK;
}

int
network_open (const struct network_choice *choice, struct accel_workload *w,
              gym_error *err)
{
  struct accel_error why;
  int status = accel_workload_open (w, choice->workload, &why);
  if (status != ACCEL_OK)
    return gym_fail (err, status == ACCEL_NOMEM ? GYM_ENOMEM : GYM_EINVAL,
                     "option \"workload\": %s", why.text);
  return set_batch (w, (uint32_t)choice->batch, err);
}

int
network_open_merged (const struct network_choice *choice, struct accel_workload *w,
                     gym_error *err)
{
  int rc = network_open (choice, w, err);
  if (rc == GYM_OK)
    accel_workload_merge (w);
  return rc;
}
