/* Dense layers: y = x W + b. The parameters are W, a row per input, then b. */
#include "sims/nn/layer.h"
#include "sims/nn/matmul.h"

#include <string.h>

static bool
dense_plan (struct nn_node *node)
{
  if (node->layer.units == 0)
    return false;
  node->out = (struct nn_shape){ .channels = node->layer.units, .height = 1, .width = 1 };
  node->params = (node->n_in + 1) * node->layer.units;
  node->scratch = node->n_in * node->layer.units;
  node->macs = (double)node->n_in * node->layer.units;
  return true;
}

static bool
dense_start (const struct nn_node *node, float *params, struct nn_random *random)
{
  memset (params + node->n_in * node->n_out, 0, node->n_out * sizeof *params);
  return nn_start_matrix (node->layer.start, nn_gain (node), node->n_in, node->n_out,
                          params, random);
}

static void
dense_forward (const struct nn_node *node, const struct nn_pass *pass)
{
  const float *bias = pass->params + node->n_in * node->n_out;
  struct nn_matrix x = { .at = pass->x, .row = node->n_in, .column = 1 };
  for (uint32_t b = 0; b < pass->batch; b++)
    memcpy (pass->y + b * node->n_out, bias, node->n_out * sizeof *bias);
  nn_matmul (pass->batch, node->n_out, node->n_in, x, pass->params, pass->y, true);
}

static void
dense_backward (const struct nn_node *node, const struct nn_pass *pass)
{
  float *bias = pass->gradient + node->n_in * node->n_out;
  struct nn_matrix x = { .at = pass->x, .row = 1, .column = node->n_in };
  struct nn_matrix dy = { .at = pass->dy, .row = node->n_out, .column = 1 };
  nn_matmul (node->n_in, node->n_out, pass->batch, x, pass->dy, pass->gradient, true);
  for (uint32_t b = 0; b < pass->batch; b++)
    for (size_t j = 0; j < node->n_out; j++)
      bias[j] += pass->dy[b * node->n_out + j];
  if (!pass->dx)
    return;
  nn_transpose (node->n_in, node->n_out, pass->params, pass->scratch);
  nn_matmul (pass->batch, node->n_in, node->n_out, dy, pass->scratch, pass->dx,
             pass->add);
}

const struct nn_op nn_dense = { .plan = dense_plan,
                                .start = dense_start,
                                .forward = dense_forward,
                                .backward = dense_backward };
