/* Activations, number by number. Their derivatives need the result alone, so what they
 * read may be gone by then. */
#include "sims/nn/forms.h"
#include "sims/nn/layer.h"

static bool
same_plan (struct nn_node *node)
{
  node->out = node->in;
  return true;
}

/* Compared, so that NAN becomes 0 in every form: divergence shows in the weights. */
static inline __attribute__ ((always_inline)) void
rectify (const float *restrict x, size_t n, float *restrict to)
{
  for (size_t i = 0; i < n; i++)
    to[i] = x[i] > 0 ? x[i] : 0;
}

NN_FORMS (rectify, (const float *restrict x, size_t n, float *restrict to), (x, n, to))

void
nn_rectify (const float *restrict x, size_t n, float *restrict to)
{
  nn_wide_rectify (x, n, to);
}

/* Slopes are read whether they are wanted or not: then a vector of them needs no
 * branches. */
static inline __attribute__ ((always_inline)) void
through_relu (const float *restrict gate, const float *restrict slopes, size_t n,
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

NN_FORMS (through_relu,
          (const float *restrict gate, const float *restrict slopes, size_t n, bool add,
           float *restrict to),
          (gate, slopes, n, add, to))

void
nn_through_relu (const float *restrict gate, const float *restrict slopes, size_t n,
                 bool add, float *restrict to)
{
  nn_wide_through_relu (gate, slopes, n, add, to);
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
  nn_rectify (pass->x, node->n_in * pass->batch, pass->y);
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
