/* Sums of results, plain or weighted: residual connections, the nodes of a cell, and
 * mixtures of operators whose weights are learned (DARTS: Liu et al. 2019). */
#include "sims/nn/forms.h"
#include "sims/nn/layer.h"

#include <string.h>

static bool
sum_plan (struct nn_node *node)
{
  node->out = node->in;
  return true;
}

/* y += weight x; in place of what was there where `first`. */
static inline __attribute__ ((always_inline)) void
add_scaled (size_t n, float weight, const float *x, bool first, float *y)
{
  if (first)
    for (size_t i = 0; i < n; i++)
      y[i] = weight * x[i];
  else
    for (size_t i = 0; i < n; i++)
      y[i] += weight * x[i];
}

NN_FORMS (add_scaled, (size_t n, float weight, const float *x, bool first, float *y),
          (n, weight, x, first, y))

static float
weight_of (const struct nn_node *node, const struct nn_pass *pass, uint32_t i)
{
  return node->layer.kind == NN_MIX ? pass->mode->coefficients[node->layer.first + i] : 1;
}

/* What wrote to the sum itself is not among what it reads; the rest is added. */
static void
sum_forward (const struct nn_node *node, const struct nn_pass *pass)
{
  size_t n = node->n_in * pass->batch;
  bool first = !pass->y_add;
  if (node->layer.n_inputs == 0)
    memset (pass->y, 0, n * sizeof *pass->y);
  for (uint32_t i = 0; i < node->layer.n_inputs; i++)
    if (pass->xs[i]) {
      nn_wide_add_scaled (n, weight_of (node, pass, i), pass->xs[i], first, pass->y);
      first = false;
    }
}

static void
sum_backward (const struct nn_node *node, const struct nn_pass *pass)
{
  size_t n = node->n_in * pass->batch;
  for (uint32_t i = 0; i < node->layer.n_inputs; i++)
    if (pass->dxs[i])
      nn_wide_add_scaled (n, weight_of (node, pass, i), pass->dy, !pass->adds[i],
                          pass->dxs[i]);
  if (node->layer.n_inputs == 0 && pass->dx && !pass->add)
    memset (pass->dx, 0, n * sizeof *pass->dx);
}

/* A coefficient's slope is the product of what it scales and what comes back. */
static void
mix_backward (const struct nn_node *node, const struct nn_pass *pass)
{
  float *gradient = pass->mode->coefficient_gradient;
  for (uint32_t i = 0; gradient && i < node->layer.n_inputs; i++) {
    double sum = 0;
    for (size_t j = 0; j < node->n_in * pass->batch; j++)
      sum += (double)(pass->xs[i][j] * pass->dy[j]);
    gradient[node->layer.first + i] += (float)sum;
  }
  sum_backward (node, pass);
}

const struct nn_op nn_sum = { .plan = sum_plan,
                              .forward = sum_forward,
                              .backward = sum_backward };

const struct nn_op nn_mixture = { .plan = sum_plan,
                                  .forward = sum_forward,
                                  .backward = mix_backward };
