/* See network.h. */
#include "envs/cell/network.h"

#include <stdlib.h>
#include <string.h>

/* A layer being built; `inputs` is where its own inputs go. */
struct item {
  struct nn_layer layer;
  uint32_t inputs[CELL_TERMS];
  uint32_t key;
};

/* Values are named as `from` wants them: 1 + the layer's number. */
struct builder {
  struct item *items;
  uint32_t n, room;
  uint32_t skeleton; /* layers with weights outside of cells up to here */
  bool failed;
};

/* ---- Layers ---------------------------------------------------------------------- */

static uint32_t
add (struct builder *b, const struct item *item)
{
  if (b->n == b->room) {
    uint32_t room = b->room > 0 ? 2 * b->room : 64;
    struct item *items = realloc (b->items, room * sizeof *items);
    if (!items) {
      b->failed = true;
      return 1;
    }
    b->items = items;
    b->room = room;
  }
  b->items[b->n] = *item;
  return ++b->n;
}

static uint32_t
add_conv (struct builder *b, uint32_t from, uint32_t units, uint32_t kernel,
          uint32_t stride, bool relu, uint32_t key)
{
  struct item conv = { .layer = { .kind = NN_CONV,
                                  .units = units,
                                  .start = NN_HE,
                                  .from = from,
                                  .kernel = kernel,
                                  .stride = stride,
                                  .relu = relu },
                       .key = key };
  return add (b, &conv);
}

static uint32_t
add_plain (struct builder *b, enum nn_kind kind, uint32_t from, uint32_t key)
{
  struct item item = { .layer = { .kind = kind, .from = from }, .key = key };
  return add (b, &item);
}

static uint32_t
add_average (struct builder *b, uint32_t from, uint32_t kernel, uint32_t stride)
{
  struct item item = {
    .layer = { .kind = NN_AVERAGE, .from = from, .kernel = kernel, .stride = stride }
  };
  return add (b, &item);
}

/* Of values, or zeros in the shape of `from` where there are none. */
static uint32_t
add_sum (struct builder *b, uint32_t from, const uint32_t *values, uint8_t n)
{
  struct item item = { .layer = { .kind = NN_SUM, .from = from, .n_inputs = n } };
  memcpy (item.inputs, values, n * sizeof *values);
  return add (b, &item);
}

/* ---- Skeleton -------------------------------------------------------------------- */

/* Keys outside of cells count up from 1, those of cells begin here. */
enum { CELL_KEYS = 1 << 16 };

static uint32_t
skeleton_key (struct builder *b)
{
  return ++b->skeleton;
}

/* With `relu` in front of the convolution. */
static uint32_t
add_block (struct builder *b, uint32_t from, uint32_t units, uint32_t stride, bool relu)
{
  uint32_t conv = add_conv (b, from, units, 3, stride, relu, skeleton_key (b));
  return add_plain (b, NN_NORM, conv, skeleton_key (b));
}

static uint32_t
add_reduction (struct builder *b, uint32_t from, uint32_t units)
{
  uint32_t both[2];
  uint32_t half = add_block (b, from, units, 2, true), pooled;
  both[0] = add_block (b, half, units, 1, true);
  pooled = add_average (b, from, 2, 2);
  both[1] = add_conv (b, pooled, units, 1, 1, false, skeleton_key (b));
  return add_sum (b, 0, both, 2);
}

static void
add_head (struct builder *b, uint32_t from, uint32_t classes)
{
  uint32_t norm = add_plain (b, NN_NORM, from, skeleton_key (b));
  uint32_t relu = add_plain (b, NN_RELU, norm, 0);
  uint32_t pooled = add_plain (b, NN_GLOBAL, relu, 0);
  struct item dense = { .layer = { .kind = NN_DENSE,
                                   .units = classes,
                                   .start = NN_HE,
                                   .gain = 1,
                                   .from = pooled },
                        .key = skeleton_key (b) };
  add (b, &dense);
}

/* ---- Cells ----------------------------------------------------------------------- */

/* A convolution and its norm on an edge of a cell. */
static uint32_t
add_operator (struct builder *b, uint32_t from, uint32_t units, enum cell_op op,
              uint32_t cell, uint32_t edge, bool relu)
{
  uint32_t key = CELL_KEYS + 4 * (cell * CELL_EDGES + edge) + (op == CELL_CONV3 ? 2 : 0);
  uint32_t conv = add_conv (b, from, units, op == CELL_CONV3 ? 3 : 1, 1, relu, key);
  return add_plain (b, NN_NORM, conv, key + 1);
}

/* Sums of the form made so far: several operators may read one. */
struct made {
  struct cell_sum sum;
  uint32_t value;
};

static uint32_t
sum_of (struct builder *b, const struct cell_sum *sum, const uint32_t *values,
        struct made *made, int *n_made)
{
  uint32_t inputs[CELL_TERMS];
  if (sum->n == 1)
    return values[sum->terms[0]];
  for (int i = 0; i < *n_made; i++)
    if (memcmp (&made[i].sum, sum, sizeof *sum) == 0)
      return made[i].value;
  for (uint8_t i = 0; i < sum->n; i++)
    inputs[i] = values[sum->terms[i]];
  made[*n_made] =
      (struct made){ .sum = *sum, .value = add_sum (b, values[0], inputs, sum->n) };
  return made[(*n_made)++].value;
}

/* What convolutions of the form read with the one of step i: max (x, 0) of the same sum.
 * A layer of its own makes it when there are several of them. */
static uint32_t
rectified_of (struct builder *b, const struct cell_form *form, uint8_t i, uint32_t sum,
              uint32_t *rectified)
{
  const struct cell_sum *of = &form->steps[i].of;
  for (uint8_t k = 0; k < form->n; k++) {
    const struct cell_step *other = &form->steps[k];
    if (k == i || other->op == CELL_POOL || memcmp (&other->of, of, sizeof *of) != 0)
      continue;
    if (k < i)
      return rectified[i] = rectified[k];
    return rectified[i] = add_plain (b, NN_RELU, sum, 0);
  }
  return 0;
}

static uint32_t
add_cell (struct builder *b, uint32_t from, uint32_t units, uint32_t cell,
          const struct cell_form *form)
{
  uint32_t values[CELL_EDGES + 1] = { from }, rectified[CELL_EDGES] = { 0 };
  struct made made[CELL_EDGES + 1];
  int n_made = 0;
  for (uint8_t i = 0; i < form->n; i++) {
    const struct cell_step *s = &form->steps[i];
    uint32_t read = sum_of (b, &s->of, values, made, &n_made), relu;
    if (s->op == CELL_POOL) {
      values[i + 1] = add_average (b, read, 3, 1);
      continue;
    }
    relu = rectified_of (b, form, i, read, rectified);
    values[i + 1] =
        add_operator (b, relu ? relu : read, units, s->op, cell, s->edge, relu == 0);
  }
  return sum_of (b, &form->out, values, made, &n_made);
}

/* All operators that have weights, side by side. */
static uint32_t
add_all (struct builder *b, uint32_t from, uint32_t units, uint32_t cell)
{
  for (uint32_t e = 0; e < CELL_EDGES; e++) {
    add_operator (b, from, units, CELL_CONV1, cell, e, true);
    add_operator (b, from, units, CELL_CONV3, cell, e, true);
  }
  return from;
}

/* ---- Networks -------------------------------------------------------------------- */

/* Turns the items into a network. */
static bool
finish (struct builder *b, struct nn_shape input, struct cell_net *out)
{
  struct nn_layer *layers = b->failed ? NULL : calloc (b->n, sizeof *layers);
  out->keys = b->failed ? NULL : calloc (b->n, sizeof *out->keys);
  for (uint32_t i = 0; layers && out->keys && i < b->n; i++) {
    layers[i] = b->items[i].layer;
    if (layers[i].n_inputs > 0)
      layers[i].inputs = b->items[i].inputs;
    out->keys[i] = b->items[i].key;
  }
  out->n = b->n;
  if (layers && out->keys)
    out->net = nn_net_new (input, layers, b->n);
  free (layers);
  free (b->items);
  if (!out->net)
    cell_net_free (out);
  return out->net != NULL;
}

/* `form` NULL: the supernet. */
static bool
build (const struct cell_plan *plan, const struct cell_form *form, struct cell_net *out)
{
  struct builder b = { .n = 0 };
  uint32_t units = plan->channels, cell = 0;
  uint32_t conv = add_conv (&b, NN_INPUT, units, 3, 1, false, skeleton_key (&b));
  uint32_t at = add_plain (&b, NN_NORM, conv, skeleton_key (&b));
  *out = (struct cell_net){ .n = 0 };
  for (uint32_t stage = 0; stage < plan->stages; stage++) {
    if (stage > 0)
      at = add_reduction (&b, at, units *= 2);
    for (; cell < plan->cells * (stage + 1) / plan->stages; cell++)
      at = form ? add_cell (&b, at, units, cell, form) : add_all (&b, at, units, cell);
  }
  add_head (&b, at, plan->classes);
  return finish (&b, plan->input, out);
}

bool
cell_net_build (const struct cell_plan *plan, const struct cell_form *form,
                struct cell_net *out)
{
  return build (plan, form, out);
}

bool
cell_supernet_build (const struct cell_plan *plan, struct cell_net *out)
{
  return build (plan, NULL, out);
}

/* Keys are unique within a network. */
void
cell_net_layers (const struct cell_net *sub, const struct cell_net *super,
                 uint32_t *layer_of)
{
  for (uint32_t i = 0; i < sub->n; i++) {
    layer_of[i] = 0;
    for (uint32_t k = 0; sub->keys[i] != 0 && k < super->n; k++)
      if (super->keys[k] == sub->keys[i])
        layer_of[i] = k;
  }
}

void
cell_net_free (struct cell_net *net)
{
  nn_net_destroy (&net->net);
  free (net->keys);
  *net = (struct cell_net){ .n = 0 };
}
