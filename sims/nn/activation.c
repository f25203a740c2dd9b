/* Activations, number by number. Their derivatives need the result alone, so what they
 * read may be gone by then. */
#include "sims/nn/layer.h"

static bool
same_plan (struct nn_node *node)
{
  node->out = node->in;
  return true;
}

/* Slopes are read whether they are wanted or not: then a vector of them needs no
 * branches. */
void
nn_through_relu (const float *restrict gate, const float *restrict slopes, size_t n,
                 bool add, float *restrict to)
{
  if (add)
    for (size_t i = 0; i < n; i++) {
      float slope = slopes[i];
      to[i] += gate[i] > 0 ? slope : 0;
    }
  else
    for (size_t i = 0; i < n; i++) {
      float slope = slopes[i];
      to[i] = gate[i] > 0 ? slope : 0;
    }
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
    pass->dx[i] =
        (pass->add ? pass->dx[i] : 0) + pass->dy[i] * (1 - pass->y[i] * pass->y[i]);
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
  if (pass->dx)
    nn_through_relu (pass->y, pass->dy, node->n_in * pass->batch, pass->add, pass->dx);
}

const struct nn_op nn_tanh = { .plan = same_plan,
                               .forward = tanh_forward,
                               .backward = tanh_backward };

const struct nn_op nn_relu = { .plan = same_plan,
                               .forward = relu_forward,
                               .backward = relu_backward };
