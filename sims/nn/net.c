/* Networks as sequences of layers, and the passes through them: see nn.h. */
#include "sims/nn/layer.h"

#include <stdlib.h>
#include <string.h>

struct nn_net {
  uint32_t n;
  size_t params;
  size_t widest;  /* numbers of a sample, of the widest result */
  size_t scratch; /* of the layer that wants most */
  struct nn_node nodes[];
};

/* Results of every layer, one after another, and two rows of slopes that take turns. */
struct nn_tape {
  const nn_net *net;
  uint32_t most, batch;
  const float *inputs;
  float **results;
  float *values, *slopes[2], *scratch;
};

static const struct nn_op *
op_of (const struct nn_node *node)
{
  static const struct nn_op *const ops[] = {
    [NN_DENSE] = &nn_dense, [NN_TANH] = &nn_tanh, [NN_RELU] = &nn_relu
  };
  return ops[node->layer.kind];
}

static size_t
size_of (struct nn_shape shape)
{
  return (size_t)shape.channels * shape.height * shape.width;
}

static size_t
larger (size_t a, size_t b)
{
  return a > b ? a : b;
}

/* ---- networks ---- */

/* Shapes and places follow from the input: a layer says what it makes of what it gets. */
static bool
plan (nn_net *net, struct nn_shape input)
{
  for (uint32_t i = 0; i < net->n; i++) {
    struct nn_node *node = net->nodes + i;
    node->in = i == 0 ? input : node[-1].out;
    node->n_in = size_of (node->in);
    node->offset = net->params;
    if (!op_of (node)->plan (node))
      return false;
    node->n_out = size_of (node->out);
    net->params += node->params;
    net->widest = larger (net->widest, larger (node->n_in, node->n_out));
    net->scratch = larger (net->scratch, node->scratch);
  }
  return true;
}

nn_net *
nn_net_new (struct nn_shape input, const struct nn_layer *layers, uint32_t n)
{
  nn_net *net = NULL;
  if (n > 0 && size_of (input) > 0)
    net = calloc (1, sizeof *net + n * sizeof *net->nodes);
  if (!net)
    return NULL;
  net->n = n;
  for (uint32_t i = 0; i < n; i++)
    net->nodes[i].layer = layers[i];
  if (!plan (net, input))
    nn_net_destroy (&net);
  return net;
}

void
nn_net_destroy (nn_net **net)
{
  free (*net);
  *net = NULL;
}

nn_net *
nn_mlp_new (uint32_t inputs, uint32_t hidden, uint32_t width, enum nn_kind activation,
            uint32_t outputs, float last_gain)
{
  struct nn_layer *layers = calloc (2 * (size_t)hidden + 1, sizeof *layers);
  if (!layers)
    return NULL;
  for (uint32_t i = 0; i < hidden; i++) {
    layers[2 * i] = (struct nn_layer){ .kind = NN_DENSE, .units = width };
    layers[2 * i + 1] = (struct nn_layer){ .kind = activation };
  }
  layers[2 * hidden] =
      (struct nn_layer){ .kind = NN_DENSE, .units = outputs, .gain = last_gain };
  struct nn_shape input = { .channels = inputs, .height = 1, .width = 1 };
  nn_net *net = nn_net_new (input, layers, 2 * hidden + 1);
  free (layers);
  return net;
}

size_t
nn_net_params (const nn_net *net)
{
  return net->params;
}

size_t
nn_net_inputs (const nn_net *net)
{
  return net->nodes[0].n_in;
}

size_t
nn_net_outputs (const nn_net *net)
{
  return net->nodes[net->n - 1].n_out;
}

bool
nn_net_start (const nn_net *net, float *params, uint64_t seed)
{
  struct nn_random random = { .state = seed };
  for (uint32_t i = 0; i < net->n; i++) {
    const struct nn_node *node = net->nodes + i;
    if (!op_of (node)->start (node, params + node->offset, &random))
      return false;
  }
  return true;
}

/* ---- passes ---- */

/* Cuts `values` into the results of the layers. */
static bool
tape_room (nn_tape *tape)
{
  const nn_net *net = tape->net;
  size_t total = 0, widest = net->widest * tape->most;
  for (uint32_t i = 0; i < net->n; i++)
    total += net->nodes[i].n_out * tape->most;
  tape->results = calloc (net->n, sizeof *tape->results);
  tape->values = calloc (total, sizeof *tape->values);
  tape->slopes[0] = calloc (widest, sizeof (float));
  tape->slopes[1] = calloc (widest, sizeof (float));
  tape->scratch = calloc (net->scratch + 1, sizeof (float));
  if (!tape->results || !tape->values || !tape->slopes[0] || !tape->slopes[1]
      || !tape->scratch)
    return false;
  float *next = tape->values;
  for (uint32_t i = 0; i < net->n; next += net->nodes[i++].n_out * tape->most)
    tape->results[i] = next;
  return true;
}

nn_tape *
nn_tape_new (const nn_net *net, uint32_t most)
{
  nn_tape *tape = most > 0 ? calloc (1, sizeof *tape) : NULL;
  if (!tape)
    return NULL;
  tape->net = net;
  tape->most = most;
  if (!tape_room (tape))
    nn_tape_destroy (&tape);
  return tape;
}

void
nn_tape_destroy (nn_tape **tape)
{
  if (!*tape)
    return;
  free ((*tape)->results);
  free ((*tape)->values);
  free ((*tape)->slopes[0]);
  free ((*tape)->slopes[1]);
  free ((*tape)->scratch);
  free (*tape);
  *tape = NULL;
}

/* What layer i is handed in both directions. */
static struct nn_pass
pass_of (const nn_tape *tape, uint32_t i, const float *params)
{
  return (struct nn_pass){ .params = params + tape->net->nodes[i].offset,
                           .x = i == 0 ? tape->inputs : tape->results[i - 1],
                           .y = tape->results[i],
                           .scratch = tape->scratch,
                           .batch = tape->batch };
}

/* Results of every layer are kept: the pass back needs them. */
const float *
nn_forward (nn_tape *tape, const float *params, const float *inputs, uint32_t batch)
{
  const nn_net *net = tape->net;
  tape->inputs = inputs;
  tape->batch = batch;
  for (uint32_t i = 0; i < net->n; i++) {
    struct nn_pass pass = pass_of (tape, i, params);
    op_of (net->nodes + i)->forward (net->nodes + i, &pass);
  }
  return tape->results[net->n - 1];
}

/* Slopes take turns between two rows, since a layer reads those of its results while it
 * writes those of its inputs. */
void
nn_backward (nn_tape *tape, const float *params, float *slopes, float *gradient,
             float *input_slopes)
{
  const nn_net *net = tape->net;
  float *dy = slopes;
  for (uint32_t i = net->n; i-- > 0;) {
    struct nn_pass pass = pass_of (tape, i, params);
    pass.dy = dy;
    pass.dx = i == 0 ? input_slopes : tape->slopes[i % 2];
    pass.gradient = gradient + net->nodes[i].offset;
    op_of (net->nodes + i)->backward (net->nodes + i, &pass);
    dy = pass.dx;
  }
}
