/* Slices as lists of runs of consecutive numbers: see slice.h. */
#include "sims/nn/slice.h"

#include <stdlib.h>
#include <string.h>

/* The two sides of a slice. */
enum { SUPER, SUB, SIDES };

struct run {
  size_t at[SIDES], n; /* places, and how many numbers */
};

struct runs {
  struct run *at;
  size_t n, room;
};

struct nn_slice {
  struct runs params, statistics;
};

/* A run that continues the last one on both sides makes it longer: a layer that is taken
 * whole is one memcpy. */
static bool
add (struct runs *runs, size_t super, size_t sub, size_t n)
{
  struct run *last = runs->n > 0 ? runs->at + runs->n - 1 : NULL;
  if (last && last->at[SUPER] + last->n == super && last->at[SUB] + last->n == sub) {
    last->n += n;
    return true;
  }
  if (runs->n == runs->room) {
    size_t room = runs->room == 0 ? 64 : 2 * runs->room;
    struct run *at = realloc (runs->at, room * sizeof *at);
    if (!at)
      return false;
    runs->at = at;
    runs->room = room;
  }
  runs->at[runs->n++] = (struct run){ .at = { [SUPER] = super, [SUB] = sub }, .n = n };
  return true;
}

/* ---- kinds of layers ---- */

static uint32_t
or_one (uint32_t n)
{
  return n == 0 ? 1 : n;
}

/* Rows of the weights are inputs, in the order of the image: its pixels, the channels of
 * each. */
static bool
take_dense (struct runs *runs, const struct nn_part *sub, const struct nn_part *super)
{
  uint32_t few = sub->in.channels, all = super->in.channels;
  uint32_t units = sub->layer.units, most = super->layer.units;
  if (sub->in.height != super->in.height || sub->in.width != super->in.width || few > all
      || units > most)
    return false;
  size_t pixels = (size_t)sub->in.height * sub->in.width;
  for (size_t p = 0; p < pixels; p++)
    for (uint32_t c = 0; c < few; c++)
      if (!add (runs, super->offset + (p * all + c) * most,
                sub->offset + (p * few + c) * units, units))
        return false;
  return add (runs, super->offset + pixels * all * most,
              sub->offset + pixels * few * units, units);
}

/* The numbers of a convolution's weights, side by side. */
struct window {
  uint32_t kernel, groups, in, out; /* channels of a group */
};

static struct window
window_of (const struct nn_part *part)
{
  uint32_t groups = or_one (part->layer.groups);
  return (struct window){ .kernel = or_one (part->layer.kernel),
                          .groups = groups,
                          .in = part->in.channels / groups,
                          .out = part->layer.units / groups };
}

static bool
window_fits (struct window few, struct window all)
{
  bool same = few.in == all.in && few.out == all.out;
  bool less = few.in <= all.in && few.out <= all.out;
  return few.kernel <= all.kernel && (all.kernel - few.kernel) % 2 == 0
         && few.groups <= all.groups && (all.groups == 1 ? less : same);
}

static size_t
place (struct window w, uint32_t group, uint32_t y, uint32_t x, uint32_t in)
{
  return ((((size_t)group * w.kernel + y) * w.kernel + x) * w.in + in) * w.out;
}

static bool
take_conv (struct runs *runs, const struct nn_part *sub, const struct nn_part *super)
{
  struct window few = window_of (sub), all = window_of (super);
  if (!window_fits (few, all) || sub->layer.bias != super->layer.bias)
    return false;
  uint32_t edge = (all.kernel - few.kernel) / 2;
  for (uint32_t g = 0; g < few.groups; g++)
    for (uint32_t y = 0; y < few.kernel; y++)
      for (uint32_t x = 0; x < few.kernel; x++)
        for (uint32_t i = 0; i < few.in; i++)
          if (!add (runs, super->offset + place (all, g, y + edge, x + edge, i),
                    sub->offset + place (few, g, y, x, i), few.out))
            return false;
  return !sub->layer.bias
         || add (runs, super->offset + place (all, all.groups, 0, 0, 0),
                 sub->offset + place (few, few.groups, 0, 0, 0), sub->layer.units);
}

/* Two numbers a channel, all first ones before all second ones. */
static bool
take_pair (struct runs *runs, size_t super, size_t all, size_t sub, size_t few)
{
  return few <= all && add (runs, super, sub, few)
         && add (runs, super + all, sub + few, few);
}

static bool
take_norm (nn_slice *slice, const struct nn_part *sub, const struct nn_part *super)
{
  size_t all = super->in.channels, few = sub->in.channels;
  return take_pair (&slice->params, super->offset, all, sub->offset, few)
         && take_pair (&slice->statistics, super->statistics_offset, all,
                       sub->statistics_offset, few);
}

static bool
take (nn_slice *slice, const struct nn_part *sub, const struct nn_part *super)
{
  if (sub->layer.kind != super->layer.kind)
    return false;
  switch (sub->layer.kind) {
  case NN_DENSE:
    return take_dense (&slice->params, sub, super);
  case NN_CONV:
    return take_conv (&slice->params, sub, super);
  case NN_NORM:
    return take_norm (slice, sub, super);
  default:
    return false;
  }
}

/* ---- slices ---- */

/* Layers without numbers need no counterpart: what is skipped is simply not named. */
nn_slice *
nn_slice_new (const nn_net *sub, const nn_net *super, const uint32_t *layer_of)
{
  nn_slice *slice = calloc (1, sizeof *slice);
  bool fits = slice != NULL;
  for (uint32_t i = 0; fits && i < nn_net_layers (sub); i++) {
    struct nn_part part = nn_net_part (sub, i);
    if (part.params == 0 && part.statistics == 0)
      continue;
    fits = layer_of[i] < nn_net_layers (super);
    if (fits) {
      struct nn_part whole = nn_net_part (super, layer_of[i]);
      fits = take (slice, &part, &whole);
    }
  }
  if (slice && !fits)
    nn_slice_destroy (&slice);
  return slice;
}

void
nn_slice_destroy (nn_slice **slice)
{
  if (!*slice)
    return;
  free ((*slice)->params.at);
  free ((*slice)->statistics.at);
  free (*slice);
  *slice = NULL;
}

/* From `source`, which is of that side, to the other. */
static void
copy (const struct runs *runs, int side, const float *source, float *to)
{
  for (size_t k = 0; k < runs->n; k++) {
    const struct run *r = runs->at + k;
    memcpy (to + r->at[!side], source + r->at[side], r->n * sizeof *to);
  }
}

void
nn_slice_gather (const nn_slice *slice, const float *super, float *sub)
{
  copy (&slice->params, SUPER, super, sub);
}

void
nn_slice_put (const nn_slice *slice, const float *sub, float *super)
{
  copy (&slice->params, SUB, sub, super);
}

void
nn_slice_gather_statistics (const nn_slice *slice, const float *super, float *sub)
{
  copy (&slice->statistics, SUPER, super, sub);
}

void
nn_slice_put_statistics (const nn_slice *slice, const float *sub, float *super)
{
  copy (&slice->statistics, SUB, sub, super);
}

void
nn_slice_scatter (const nn_slice *slice, const float *sub, float *super)
{
  const struct runs *runs = &slice->params;
  for (size_t k = 0; k < runs->n; k++) {
    const struct run *r = runs->at + k;
    const float *restrict from = sub + r->at[SUB];
    float *restrict to = super + r->at[SUPER];
    for (size_t i = 0; i < r->n; i++)
      to[i] += from[i];
  }
}
