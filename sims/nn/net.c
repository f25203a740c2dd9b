/* Networks as layers that read one another, and the passes through them: see nn.h. */
#include "sims/nn/layer.h"

#include <stdlib.h>
#include <string.h>

/* Where the slopes of a result go in the pass back. Rows of slopes are used again once
 * the layer that made the result has read them: a network of any depth needs but a few.
 */
struct place {
  bool read;      /* by a layer that is read itself, or it is the last one */
  uint32_t slot;  /* of slopes; not for the last one's, which the caller brings */
  uint32_t into;  /* 1 + the sum that the layer writes to, and whose slopes it reads */
  bool adds;      /* to that sum, which another has begun */
  uint32_t begun; /* a sum: 1 + the first of the layers that write to it */
};

struct nn_net {
  uint32_t n;
  struct nn_shape input;
  size_t params, statistics, kept, coefficients;
  size_t scratch; /* of the layer that wants most */
  size_t most_in; /* inputs of the layer that has most */
  uint32_t *refs; /* all layers' lists of inputs */
  bool *adds;     /* the same places: others have written to these slopes before */
  uint32_t n_slots;
  size_t *slots; /* numbers of a sample that each holds */
  struct place *places;
  struct nn_node nodes[];
};

static const struct nn_op *
op_of (const struct nn_node *node)
{
  static const struct nn_op *const ops[] = {
    [NN_DENSE] = &nn_dense,     [NN_TANH] = &nn_tanh,     [NN_RELU] = &nn_relu,
    [NN_CONV] = &nn_conv,       [NN_NORM] = &nn_norm,     [NN_AVERAGE] = &nn_average,
    [NN_MAXIMUM] = &nn_maximum, [NN_GLOBAL] = &nn_global, [NN_SUM] = &nn_sum,
    [NN_MIX] = &nn_mixture
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

/* The number in lists of inputs of what layer i means by `from`; false: nothing before
 * it.
 */
static bool
resolve (uint32_t i, uint32_t from, uint32_t *number)
{
  *number = from == NN_INPUT ? 0 : from == 0 ? i : from;
  return *number <= i;
}

static struct nn_shape
shape_of (const nn_net *net, uint32_t number)
{
  return number == 0 ? net->input : net->nodes[number - 1].out;
}

static bool
sums (const struct nn_layer *layer)
{
  return layer->kind == NN_SUM || layer->kind == NN_MIX;
}

/* Fills the list of layer i, for which there is room. */
static bool
connect (nn_net *net, uint32_t i)
{
  struct nn_node *node = net->nodes + i;
  if (!sums (&node->layer) || node->layer.n_inputs == 0) {
    node->n_inputs = 1;
    return resolve (i, node->layer.from, node->inputs);
  }
  node->n_inputs = node->layer.n_inputs;
  for (uint32_t j = 0; j < node->n_inputs; j++)
    if (!resolve (i, node->layer.inputs[j], node->inputs + j))
      return false;
  struct nn_shape first = shape_of (net, node->inputs[0]);
  for (uint32_t j = 1; j < node->n_inputs; j++) {
    struct nn_shape other = shape_of (net, node->inputs[j]);
    if (other.channels != first.channels || other.height != first.height
        || other.width != first.width)
      return false;
  }
  node->layer.inputs = node->inputs;
  return true;
}

/* Lengths of vectors, and where in them a layer's own part begins. */
static void
add_up (nn_net *net, struct nn_node *node)
{
  node->offset = net->params;
  node->statistics_offset = net->statistics;
  node->kept_offset = net->kept;
  net->params += node->params;
  net->statistics += node->statistics;
  net->kept += node->kept;
  net->scratch = larger (net->scratch, node->scratch);
  net->most_in = larger (net->most_in, node->n_inputs);
  if (node->layer.kind == NN_MIX)
    net->coefficients =
        larger (net->coefficients, (size_t)node->layer.first + node->layer.n_inputs);
}

/* Shapes and places follow from the input: a layer says what it makes of what it gets. */
static bool
plan (nn_net *net)
{
  uint32_t *refs = net->refs;
  for (uint32_t i = 0; i < net->n; i++) {
    struct nn_node *node = net->nodes + i;
    node->inputs = refs;
    if (!connect (net, i))
      return false;
    refs += node->n_inputs;
    node->in = shape_of (net, node->inputs[0]);
    node->n_in = size_of (node->in);
    if (!op_of (node)->plan (node))
      return false;
    node->n_out = size_of (node->out);
    add_up (net, node);
  }
  return true;
}

/* A norm that nobody reads but one sum writes to the sum itself: neither its result nor a
 * copy of the sum's slopes is stored. `readers` counts readers of all that can be read.
 */
static void
plan_sums (nn_net *net, uint32_t *readers)
{
  for (uint32_t i = 0; i < net->n; i++)
    for (uint32_t j = 0; j < net->nodes[i].n_inputs; j++)
      readers[net->nodes[i].inputs[j]]++;
  for (uint32_t i = 0; i < net->n; i++) {
    const struct nn_node *sum = net->nodes + i;
    uint32_t first = 0;
    for (uint32_t j = 0; sum->layer.kind == NN_SUM && j < sum->layer.n_inputs; j++) {
      uint32_t number = sum->inputs[j];
      if (number == 0 || readers[number] > 1
          || net->nodes[number - 1].layer.kind != NN_NORM)
        continue;
      net->places[number - 1].into = i + 1;
      net->places[number - 1].adds = true;
      first = first == 0 || number < first ? number : first;
    }
    net->places[i].begun = first;
    if (first > 0)
      net->places[first - 1].adds = false;
  }
}

/* What `number` stands for in lists of inputs writes to layer i itself. */
static bool
into (const nn_net *net, uint32_t number, uint32_t i)
{
  return number > 0 && net->places[number - 1].into == i + 1;
}

/* The layer whose result, and its slopes, layer i takes for its own. */
static uint32_t
holder (const nn_net *net, uint32_t i)
{
  return net->places[i].into > 0 ? net->places[i].into - 1 : i;
}

/* In the pass back nobody after layer i reads the slopes that it reads. */
static bool
last_reader (const nn_net *net, uint32_t i)
{
  uint32_t begun = net->places[holder (net, i)].begun;
  return begun == 0 || begun == i + 1;
}

/* The free slot that fits best; with none free, a new one. */
static uint32_t
take_slot (nn_net *net, bool *taken, size_t want)
{
  uint32_t best = net->n_slots;
  for (uint32_t s = 0; s < net->n_slots; s++)
    if (!taken[s]
        && (best == net->n_slots
            || (net->slots[best] < want
                    ? net->slots[s] > net->slots[best]
                    : net->slots[s] >= want && net->slots[s] < net->slots[best])))
      best = s;
  if (best == net->n_slots)
    net->n_slots++;
  net->slots[best] = larger (net->slots[best], want);
  taken[best] = true;
  return best;
}

/* Plays the pass back: who writes slopes first, who adds, and which rows are free again.
 */
static bool
plan_back (nn_net *net)
{
  bool *taken = calloc (net->n, sizeof *taken), input = false;
  uint32_t *readers = calloc ((size_t)net->n + 1, sizeof *readers);
  if (!taken || !readers) {
    free (taken);
    free (readers);
    return false;
  }
  plan_sums (net, readers);
  free (readers);
  net->places[net->n - 1].read = true;
  for (uint32_t i = net->n; i-- > 0;) {
    struct nn_node *node = net->nodes + i;
    bool *adds = net->adds + (node->inputs - net->refs);
    for (uint32_t j = 0; net->places[i].read && j < node->n_inputs; j++) {
      uint32_t number = node->inputs[j];
      bool *read = number == 0 ? &input : &net->places[number - 1].read;
      if (!*read && number > 0 && !into (net, number, i))
        net->places[number - 1].slot =
            take_slot (net, taken, net->nodes[number - 1].n_out);
      adds[j] = *read;
      *read = true;
    }
    if (net->places[i].read && last_reader (net, i) && holder (net, i) + 1 < net->n)
      taken[net->places[holder (net, i)].slot] = false;
  }
  free (taken);
  return true;
}

nn_net *
nn_net_new (struct nn_shape input, const struct nn_layer *layers, uint32_t n)
{
  nn_net *net = NULL;
  size_t refs = 0;
  if (n > 0 && size_of (input) > 0)
    net = calloc (1, sizeof *net + n * sizeof *net->nodes);
  if (!net)
    return NULL;
  net->n = n;
  net->input = input;
  for (uint32_t i = 0; i < n; i++) {
    net->nodes[i].layer = layers[i];
    refs += sums (layers + i) && layers[i].n_inputs > 1 ? layers[i].n_inputs : 1;
  }
  net->refs = calloc (refs, sizeof *net->refs);
  net->adds = calloc (refs, sizeof *net->adds);
  net->slots = calloc (n, sizeof *net->slots);
  net->places = calloc (n, sizeof *net->places);
  if (!net->refs || !net->adds || !net->slots || !net->places || !plan (net)
      || !plan_back (net))
    nn_net_destroy (&net);
  return net;
}

void
nn_net_destroy (nn_net **net)
{
  if (!*net)
    return;
  free ((*net)->refs);
  free ((*net)->adds);
  free ((*net)->slots);
  free ((*net)->places);
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
nn_net_statistics (const nn_net *net)
{
  return net->statistics;
}

size_t
nn_net_coefficients (const nn_net *net)
{
  return net->coefficients;
}

size_t
nn_net_inputs (const nn_net *net)
{
  return size_of (net->input);
}

size_t
nn_net_outputs (const nn_net *net)
{
  return net->nodes[net->n - 1].n_out;
}

uint32_t
nn_net_layers (const nn_net *net)
{
  return net->n;
}

struct nn_part
nn_net_part (const nn_net *net, uint32_t i)
{
  const struct nn_node *node = net->nodes + i;
  return (struct nn_part){ .layer = node->layer,
                           .in = node->in,
                           .out = node->out,
                           .params = node->params,
                           .offset = node->offset,
                           .statistics = node->statistics,
                           .statistics_offset = node->statistics_offset,
                           .macs = node->macs };
}

bool
nn_net_start (const nn_net *net, float *params, uint64_t seed)
{
  struct nn_random random = { .state = seed };
  for (uint32_t i = 0; i < net->n; i++) {
    const struct nn_node *node = net->nodes + i;
    if (op_of (node)->start
        && !op_of (node)->start (node, params + node->offset, &random))
      return false;
  }
  return true;
}

void
nn_net_clear (const nn_net *net, float *statistics)
{
  for (uint32_t i = 0; i < net->n; i++)
    for (size_t j = 0; j < net->nodes[i].statistics; j++)
      statistics[net->nodes[i].statistics_offset + j] =
          j < net->nodes[i].statistics / 2 ? 0 : 1;
}

/* ---- passes ---- */

/* Numbers in one piece, that begin where a line of the cache does. */
struct room {
  float *at;
  size_t n;
};

enum { LINE = 16 };

static size_t
whole_lines (size_t n)
{
  return (n + LINE - 1) / LINE * LINE;
}

/* A larger one where there is not enough, else the same. */
static bool
room_for (const struct room *old, size_t n, struct room *fresh)
{
  *fresh = *old;
  if (n <= old->n && old->at)
    return true;
  fresh->n = n;
  fresh->at = aligned_alloc (LINE * sizeof (float), whole_lines (n + 1) * sizeof (float));
  return fresh->at != NULL;
}

/* Results of every layer, one after another, and the rows of slopes. */
enum { VALUES, SLOPES, KEPT, SCRATCH, ROOMS };

/* What depends on the network: all of it is there before any of it is replaced. The lists
 * xs and dxs serve one layer after another. */
struct parts {
  struct room rooms[ROOMS];
  float **results, **slots; /* of every layer, of every slot */
  const float **xs;
  float **dxs;
};

struct nn_tape {
  const nn_net *net;
  uint32_t most, batch;
  const float *inputs;
  struct nn_mode mode;
  struct parts parts;
};

static size_t
cut (const size_t *sizes, size_t n, size_t most, float *from, float **parts)
{
  size_t total = 0;
  for (size_t i = 0; i < n; i++) {
    if (parts)
      parts[i] = from + total;
    total += whole_lines (sizes[i] * most);
  }
  return total;
}

/* Frees the parts, but for rooms that `other` has too. */
static void
free_parts (struct parts *parts, const struct parts *other)
{
  for (int i = 0; i < ROOMS; i++)
    if (parts->rooms[i].at != other->rooms[i].at)
      free (parts->rooms[i].at);
  free (parts->results);
  free (parts->slots);
  free (parts->xs);
  free (parts->dxs);
}

static bool
make_parts (struct parts *fresh, const struct parts *old, const nn_net *net,
            const size_t lengths[ROOMS])
{
  bool done = true;
  for (int i = 0; i < ROOMS; i++)
    done = room_for (&old->rooms[i], lengths[i], &fresh->rooms[i]) && done;
  fresh->results = calloc (net->n, sizeof *fresh->results);
  fresh->slots = calloc (net->n_slots + 1, sizeof *fresh->slots);
  fresh->xs = calloc (net->most_in, sizeof *fresh->xs);
  fresh->dxs = calloc (net->most_in, sizeof *fresh->dxs);
  return done && fresh->results && fresh->slots && fresh->xs && fresh->dxs;
}

bool
nn_tape_turn (nn_tape *tape, const nn_net *net)
{
  struct parts fresh = { .results = NULL };
  size_t *sizes = calloc (net->n, sizeof *sizes);
  if (!sizes)
    return false;
  for (uint32_t i = 0; i < net->n; i++)
    sizes[i] = holder (net, i) == i ? net->nodes[i].n_out : 0;
  const size_t lengths[ROOMS] = { [VALUES] = cut (sizes, net->n, tape->most, NULL, NULL),
                                  [SLOPES] = cut (net->slots, net->n_slots, tape->most,
                                                  NULL, NULL),
                                  [KEPT] = net->kept,
                                  [SCRATCH] = net->scratch };
  bool done = make_parts (&fresh, &tape->parts, net, lengths);
  if (done) {
    cut (sizes, net->n, tape->most, fresh.rooms[VALUES].at, fresh.results);
    cut (net->slots, net->n_slots, tape->most, fresh.rooms[SLOPES].at, fresh.slots);
    free_parts (&tape->parts, &fresh);
    tape->parts = fresh;
    tape->net = net;
  } else
    free_parts (&fresh, &tape->parts);
  free (sizes);
  return done;
}

nn_tape *
nn_tape_new (const nn_net *net, uint32_t most)
{
  nn_tape *tape = most > 0 ? calloc (1, sizeof *tape) : NULL;
  if (!tape)
    return NULL;
  tape->most = most;
  if (!nn_tape_turn (tape, net))
    nn_tape_destroy (&tape);
  return tape;
}

void
nn_tape_destroy (nn_tape **tape)
{
  if (!*tape)
    return;
  free_parts (&(*tape)->parts, &(struct parts){ .results = NULL });
  free (*tape);
  *tape = NULL;
}

void
nn_tape_mode (nn_tape *tape, const struct nn_mode *mode)
{
  tape->mode = *mode;
}

static float *
results_of (const nn_tape *tape, uint32_t i)
{
  return tape->parts.results[holder (tape->net, i)];
}

const float *
nn_tape_result (const nn_tape *tape, uint32_t i)
{
  return results_of (tape, i);
}

/* What layer i is handed in both directions. */
static struct nn_pass
pass_of (const nn_tape *tape, uint32_t i, const float *params)
{
  const nn_net *net = tape->net;
  const struct nn_node *node = net->nodes + i;
  for (uint32_t j = 0; j < node->n_inputs; j++)
    tape->parts.xs[j] = node->inputs[j] == 0 ? tape->inputs
                        : into (net, node->inputs[j], i)
                            ? NULL
                            : results_of (tape, node->inputs[j] - 1);
  float *statistics = tape->mode.statistics;
  return (struct nn_pass){ .mode = &tape->mode,
                           .params = params + node->offset,
                           .x = tape->parts.xs[0],
                           .xs = tape->parts.xs,
                           .y = results_of (tape, i),
                           .y_add = net->places[i].adds || net->places[i].begun > 0,
                           .statistics =
                               statistics ? statistics + node->statistics_offset : NULL,
                           .kept = tape->parts.rooms[KEPT].at + node->kept_offset,
                           .scratch = tape->parts.rooms[SCRATCH].at,
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
  return tape->parts.results[net->n - 1];
}

void
nn_backward (nn_tape *tape, const float *params, float *slopes, float *gradient,
             float *input_slopes)
{
  const nn_net *net = tape->net;
  for (uint32_t i = net->n; i-- > 0;) {
    const struct nn_node *node = net->nodes + i;
    if (!net->places[i].read)
      continue;
    struct nn_pass pass = pass_of (tape, i, params);
    for (uint32_t j = 0; j < node->n_inputs; j++)
      tape->parts.dxs[j] = node->inputs[j] == 0 ? input_slopes
                           : into (net, node->inputs[j], i)
                               ? NULL
                               : tape->parts.slots[net->places[node->inputs[j] - 1].slot];
    uint32_t held = holder (net, i);
    pass.dy = held + 1 == net->n ? slopes : tape->parts.slots[net->places[held].slot];
    pass.dxs = tape->parts.dxs;
    pass.dx = tape->parts.dxs[0];
    pass.adds = net->adds + (node->inputs - net->refs);
    pass.add = pass.adds[0];
    pass.gradient = gradient + node->offset;
    op_of (node)->backward (node, &pass);
  }
}
