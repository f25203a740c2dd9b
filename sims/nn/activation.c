/* Activations, number by number: their derivatives need the result alone. */
#include "sims/nn/layer.h"

static bool
same_plan (struct nn_node *node)
{
  node->out = node->in;
  return true;
}

/* Slopes that other readers of the same numbers left there are added to. */
static float
before (const struct nn_pass *pass, size_t i)
{
  return pass->add ? pass->dx[i] : 0;
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
    pass->dx[i] = before (pass, i) + pass->dy[i] * (1 - pass->y[i] * pass->y[i]);
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
    pass->dx[i] = before (pass, i) + (pass->y[i] > 0 ? pass->dy[i] : 0);
}

const struct nn_op nn_tanh = { .plan = same_plan,
                               .forward = tanh_forward,
                               .backward = tanh_backward };

const struct nn_op nn_relu = { .plan = same_plan,
                               .forward = relu_forward,
                               .backward = relu_backward };
