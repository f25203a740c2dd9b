/* See random_case.h. */
#include "tests/sims/accel/random_case.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
uint64_t
random_bits (uint64_t *state)
{
  uint64_t z = (*state += UINT64_C (0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

uint32_t
random_below (uint64_t *state, uint32_t limit)
{
  return (uint32_t)((random_bits (state) >> 32) * limit >> 32);
}

static uint32_t
pick (uint64_t *r, const uint32_t *from, uint32_t count)
{
  return from[random_below (r, count)];
}

/* Sizes multiply to at most a few thousand MACs, so that walking them is quick. */
static void
make_layer (uint64_t *r, struct accel_layer *layer)
{
  static const uint32_t small[] = { 1, 1, 2, 3 }, large[] = { 1, 2, 3, 4, 6, 8 };
  uint32_t macs = 1;
  *layer = accel_layer_unit ((enum accel_kind)random_below (r, ACCEL_KINDS));
  snprintf (layer->name, sizeof layer->name, "random");
  for (int k = 0; k < ACCEL_DIMS; k++) {
    int d = k * 3 % ACCEL_DIMS; /* all of them, the large ones not last */
    bool filter = d == ACCEL_R || d == ACCEL_S;
    uint32_t n =
        filter || d == ACCEL_G || d == ACCEL_N ? pick (r, small, 4) : pick (r, large, 6);
    if ((filter && layer->kind != ACCEL_CONV)
        || (d == ACCEL_C && layer->kind == ACCEL_ELEMENTWISE) || macs * n > 2500)
      continue;
    layer->size[d] = n;
    macs *= n;
  }
  if (layer->kind != ACCEL_CONV)
    return;
  layer->stride_w = 1 + random_below (r, 3);
  layer->stride_h = 1 + random_below (r, 3);
  layer->dilation_w = 1 + random_below (r, 3);
  layer->dilation_h = 1 + random_below (r, 3);
}

static void
shuffle (uint64_t *r, uint8_t order[ACCEL_DIMS])
{
  for (uint32_t i = ACCEL_DIMS - 1; i > 0; i--) {
    uint32_t k = random_below (r, i + 1);
    uint8_t swap = order[i];
    order[i] = order[k];
    order[k] = swap;
  }
}

/* Every prime factor of every dimension goes to a random place. */
static void
make_splits (uint64_t *r, struct random_case *c)
{
  uint32_t levels = c->arch.level_count;
  for (uint32_t i = 0; i < levels; i++) {
    c->splits[i] = accel_split_unit ();
    shuffle (r, c->splits[i].order);
    c->splits[i].keep = (uint8_t)random_below (r, ACCEL_KEEP_ALL + 1);
  }
  c->splits[levels - 1].keep = ACCEL_KEEP_ALL;
  for (int d = 0; d < ACCEL_DIMS; d++) {
    for (uint32_t n = c->layer.size[d], prime = 2; n > 1; prime += n % prime != 0) {
      struct accel_split *s = &c->splits[random_below (r, levels)];
      uint32_t where = random_below (r, 5);
      if (n % prime != 0)
        continue;
      n /= prime;
      if (where < 3)
        s->temporal[d] *= prime;
      else if (where == 3)
        s->x[d] = (uint16_t)(s->x[d] * prime);
      else
        s->y[d] = (uint16_t)(s->y[d] * prime);
    }
  }
}

static uint32_t
product (const uint16_t factor[ACCEL_DIMS])
{
  uint32_t n = 1;
  for (int d = 0; d < ACCEL_DIMS; d++)
    n *= factor[d];
  return n;
}

static void
make_level (uint64_t *r, struct accel_level *l, uint32_t i)
{
  *l = accel_level_unit ("");
  snprintf (l->name, sizeof l->name, "level%u", i);
  l->multiple_buffering = 1 + 0.5 * random_below (r, 3);
  l->block = 1 + random_below (r, 4);
  l->read_bw = random_below (r, 3) ? 0 : 0.25 * (1 + random_below (r, 40));
  l->write_bw = random_below (r, 3) ? 0 : 0.25 * (1 + random_below (r, 40));
  l->shared_bw = random_below (r, 3) ? 0 : 0.25 * (1 + random_below (r, 80));
  l->read_energy = 0.1 * random_below (r, 100);
  l->write_energy = 0.1 * random_below (r, 100);
  l->leakage = 0.01 * random_below (r, 10);
  l->hop_energy = 0.1 * random_below (r, 3);
  l->area = random_below (r, 1000);
}

/* Meshes that the spatial factors fit in, now and then with room to spare. */
static void
make_meshes (uint64_t *r, struct random_case *c)
{
  uint32_t x = 1, y = 1;
  for (uint32_t i = c->arch.level_count; i-- > 0;) {
    c->arch.level[i].mesh_x = x;
    c->arch.level[i].mesh_y = y;
    x *= product (c->splits[i].x) * (random_below (r, 8) == 0 ? 2 : 1);
    y *= product (c->splits[i].y) * (random_below (r, 8) == 0 ? 2 : 1);
  }
  c->arch.mac.mesh_x = x;
  c->arch.mac.mesh_y = y;
}

void
random_case_make (struct random_case *c, uint64_t seed)
{
  uint64_t r = seed * 1000003 + 17;
  memset (c, 0, sizeof *c);
  make_layer (&r, &c->layer);
  c->arch.level_count = 1 + random_below (&r, 4);
  c->arch.mac.word_bits = 16;
  c->arch.mac.energy = 1;
  c->arch.mac.leakage = 0.001;
  for (uint32_t i = 0; i < c->arch.level_count; i++)
    make_level (&r, &c->arch.level[i], i);
  make_splits (&r, c);
  make_meshes (&r, c);
}

void
random_case_remap (struct random_case *c, uint64_t seed)
{
  uint64_t r = seed * 1000003 + 29;
  make_splits (&r, c);
}

void
random_case_print (const struct random_case *c)
{
  const struct accel_layer *l = &c->layer;
  char text[4096], *line = text;
  accel_mapping_text (text, sizeof text, c->splits, &c->arch);
  tap_note ("%s R %u S %u P %u Q %u C %u K %u N %u G %u, strides %u %u, dilations %u %u",
            accel_kind_names[l->kind], l->size[0], l->size[1], l->size[2], l->size[3],
            l->size[4], l->size[5], l->size[6], l->size[7], l->stride_w, l->stride_h,
            l->dilation_w, l->dilation_h);
  for (char *end; (end = strchr (line, '\n')) != NULL; line = end + 1)
    tap_note ("%.*s", (int)(end - line), line);
}
