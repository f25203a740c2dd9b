/* Activations, number by number: their derivatives need the result alone. */
#include "sims/nn/layer.h"

static bool
same_plan (struct nn_node *node)
{
  node->out = node->in;
  return true;
}

static bool
no_start (const struct nn_node *node, float *params, struct nn_random *random)
{
  (void)node, (void)params, (void)random;
  return true;
}

static void
tanh_forward (const struct nn_node *node, const struct nn_pass *pass)
{
  for (size_t i = 0; i < node->n_in * pass->batch; i++)
    pass->y[i] = tanhf (pass->x[i]);
}

static void
tanh_backward (const struct nn_node *node, const struct nn_pass *pass)
{
  for (size_t i = 0; pass->dx && i < node->n_in * pass->batch; i++)
    pass->dx[i] = pass->dy[i] * (1 - pass->y[i] * pass->y[i]);
}

static void
relu_forward (const struct nn_node *node, const struct nn_pass *pass)
{
  for (size_t i = 0; i < node->n_in * pass->batch; i++)
    pass->y[i] = pass->x[i] > 0 ? pass->x[i] : 0;
}

static void
relu_backward (const struct nn_node *node, const struct nn_pass *pass)
{
  for (size_t i = 0; pass->dx && i < node->n_in * pass->batch; i++)
    pass->dx[i] = pass->y[i] > 0 ? pass->dy[i] : 0;
}

const struct nn_op nn_tanh = {
  .plan = same_plan, .start = no_start, .forward = tanh_forward, .backward = tanh_backward
};

const struct nn_op nn_relu = {
  .plan = same_plan, .start = no_start, .forward = relu_forward, .backward = relu_backward
};
