/* See walker.h. Nothing here uses the model's projections or closed forms: tensors'
 * coordinates are written down once more, tiles are boxes from corner to corner, and
 * every loop is walked. */
#include "tests/sims/accel/walker.h"

#include <stdlib.h>
#include <string.h>

enum { AXES = 5, LOOPS = ACCEL_LEVELS_MAX * 3 * ACCEL_DIMS };

struct loop {
  uint32_t level, dim, factor, stride;
  bool spatial;
};

struct nest {
  const struct accel_layer *layer;
  struct loop loop[LOOPS]; /* innermost first, all longer than 1 */
  uint32_t count;
};

struct box {
  int64_t low[AXES], high[AXES];
};

static void
append (struct nest *n, uint32_t level, uint32_t dim, uint32_t factor, bool spatial)
{
  uint32_t stride = 1;
  if (factor == 1)
    return;
  for (uint32_t k = 0; k < n->count; k++)
    stride *= n->loop[k].dim == dim ? n->loop[k].factor : 1;
  n->loop[n->count++] = (struct loop){
    .level = level, .dim = dim, .factor = factor, .stride = stride, .spatial = spatial
  };
}

static void
build (struct nest *n, const struct accel_layer *layer, const struct accel_split *s,
       uint32_t levels)
{
  *n = (struct nest){ .layer = layer };
  for (uint32_t i = 0; i < levels; i++) {
    for (uint32_t d = 0; d < ACCEL_DIMS; d++)
      append (n, i, d, s[i].x[d], true);
    for (uint32_t d = 0; d < ACCEL_DIMS; d++)
      append (n, i, d, s[i].y[d], true);
    for (uint32_t k = 0; k < ACCEL_DIMS; k++)
      append (n, i, s[i].order[k], s[i].temporal[s[i].order[k]], false);
  }
}

static void
locate (const struct accel_layer *l, int t, const int64_t at[ACCEL_DIMS],
        int64_t word[AXES])
{
  int64_t g = at[ACCEL_G], n = at[ACCEL_N], c = at[ACCEL_C], k = at[ACCEL_K];
  int64_t column = at[ACCEL_P] * l->stride_w + at[ACCEL_R] * l->dilation_w;
  int64_t row = at[ACCEL_Q] * l->stride_h + at[ACCEL_S] * l->dilation_h;
  const int64_t places[ACCEL_TENSORS][AXES] = {
    { g, k, c, at[ACCEL_R], at[ACCEL_S] },
    { n, g, c, column, row },
    { n, g, k, at[ACCEL_P], at[ACCEL_Q] },
  };
  if (l->kind == ACCEL_ELEMENTWISE)
    t = ACCEL_OUTPUTS;
  memcpy (word, places[t], sizeof places[t]);
}

/* What the loops below number `loops` span from `at` on. */
static struct box
tile_at (const struct nest *n, int t, uint32_t loops, const int64_t at[ACCEL_DIMS])
{
  int64_t far[ACCEL_DIMS];
  struct box box;
  memcpy (far, at, sizeof far);
  for (uint32_t k = 0; k < loops; k++)
    far[n->loop[k].dim] += (int64_t)(n->loop[k].factor - 1) * n->loop[k].stride;
  locate (n->layer, t, at, box.low);
  locate (n->layer, t, far, box.high);
  return box;
}

static uint64_t
words_of (const struct box *b)
{
  uint64_t words = 1;
  for (int a = 0; a < AXES; a++)
    words *= (uint64_t)(b->high[a] - b->low[a] + 1);
  return words;
}

static uint64_t
common_words (const struct box *b, const struct box *c)
{
  uint64_t words = 1;
  for (int a = 0; a < AXES; a++) {
    uint64_t common = 0;
    for (int64_t x = b->low[a]; x <= b->high[a]; x++)
      common += x >= c->low[a] && x <= c->high[a];
    words *= common;
  }
  return words;
}

/* A position of some loops: one index each. */
struct position {
  uint32_t index[LOOPS];
  int64_t at[ACCEL_DIMS];
};

static bool
taken (const struct loop *l, uint32_t from, bool temporal, bool spatial)
{
  return l->level >= from && (l->spatial ? spatial : temporal);
}

/* To the next position of the loops from number `k` on that pass `temporal` and `spatial`
 * (innermost fastest), at most `limit` iterations each; false behind the last one. */
static bool
advance (const struct nest *n, struct position *p, uint32_t from, uint32_t to,
         bool temporal, bool spatial, uint32_t limit)
{
  bool moved = false;
  for (uint32_t k = 0; k < n->count && !moved; k++) {
    const struct loop *l = &n->loop[k];
    uint32_t end = l->factor < limit ? l->factor : limit;
    if (!taken (l, from, temporal, spatial) || l->level > to)
      continue;
    moved = ++p->index[k] < end;
    p->index[k] = moved ? p->index[k] : 0;
  }
  memset (p->at, 0, sizeof p->at);
  for (uint32_t k = 0; k < n->count; k++)
    p->at[n->loop[k].dim] += (int64_t)p->index[k] * n->loop[k].stride;
  return moved;
}

static uint32_t
loops_within (const struct nest *n, uint32_t level)
{
  uint32_t k = 0;
  while (k < n->count && n->loop[k].level <= level)
    k++;
  return k;
}

/* What the rules remember between two tiles. */
struct memory {
  bool any, moving;
  struct box last;
  int64_t move[AXES];
};

static uint64_t
fetched (struct memory *m, const struct box *box, enum accel_reuse reuse)
{
  uint64_t all = words_of (box), common = m->any ? common_words (box, &m->last) : 0;
  int64_t move[AXES];
  bool first = !m->any, same;
  for (int a = 0; a < AXES; a++)
    move[a] = first ? 0 : box->low[a] - m->last.low[a];
  same = !m->moving || memcmp (move, m->move, sizeof move) == 0;
  m->last = *box;
  m->any = true;
  if (first)
    return all;
  m->moving = same;
  memcpy (m->move, move, sizeof move);
  return reuse == ACCEL_REUSE_EXACT || same ? all - common : all;
}

/* Words sent to the first instance of a level over the whole run. Timeloop looks at
 * the iterations 0 and 1 of each loop, the latter standing for all but the first. */
static uint64_t
delivered (const struct nest *n, int t, uint32_t level, enum accel_reuse reuse)
{
  struct position p = { .index = { 0 } };
  struct memory memory = { .any = false };
  uint32_t limit = reuse == ACCEL_REUSE_TIMELOOP ? 2 : UINT32_MAX;
  uint64_t words = 0;
  do {
    struct box box = tile_at (n, t, loops_within (n, level), p.at);
    uint64_t weight = 1;
    for (uint32_t k = 0; k < n->count && limit == 2; k++)
      weight *= p.index[k] == 1 ? n->loop[k].factor - 1 : 1;
    words += weight * fetched (&memory, &box, reuse);
  } while (advance (n, &p, level + 1, ACCEL_LEVELS_MAX, true, false, limit));
  return words;
}

/* Unequal places of a tensor among a level's children. */
static uint64_t
distinct_children (const struct nest *n, int t, uint32_t level)
{
  static int64_t seen[4096][AXES];
  struct position p = { .index = { 0 } };
  uint64_t count = 0, k;
  do {
    int64_t word[AXES];
    locate (n->layer, t, p.at, word);
    for (k = 0; k < count && memcmp (seen[k], word, sizeof word) != 0; k++)
      ;
    if (k == count && count < 4096)
      memcpy (seen[count++], word, sizeof word);
  } while (advance (n, &p, level, level, false, true, UINT32_MAX));
  return count;
}

static uint64_t
iterations (const struct nest *n, uint32_t from, bool spatial)
{
  uint64_t count = 1;
  for (uint32_t k = 0; k < n->count; k++)
    count *=
        n->loop[k].level >= from && n->loop[k].spatial == spatial ? n->loop[k].factor : 1;
  return count;
}

/* The share of a tensor an instance handles, by its definition from the outside in. */
static uint64_t
partition_of (const struct nest *n, int t, uint32_t level, uint32_t levels)
{
  const int64_t origin[ACCEL_DIMS] = { 0 };
  struct box box = tile_at (n, t, n->count, origin);
  uint64_t share = words_of (&box);
  for (uint32_t i = levels - 1; i > level; i--) {
    uint32_t within = loops_within (n, i - 1), spatial_end = within;
    while (spatial_end < n->count && n->loop[spatial_end].level == i
           && n->loop[spatial_end].spatial)
      spatial_end++;
    box = tile_at (n, t, within, origin);
    share *= words_of (&box);
    box = tile_at (n, t, spatial_end, origin);
    share /= words_of (&box);
  }
  return share;
}

/* Output words the first instance of a level ever holds: its tiles are equal or apart. */
static uint64_t
outputs_handled (const struct nest *n, uint32_t level)
{
  static int64_t seen[4096][AXES];
  struct position p = { .index = { 0 } };
  uint64_t tiles = 0, k;
  struct box box;
  do {
    box = tile_at (n, ACCEL_OUTPUTS, loops_within (n, level), p.at);
    for (k = 0; k < tiles && memcmp (seen[k], box.low, sizeof box.low) != 0; k++)
      ;
    if (k == tiles && tiles < 4096)
      memcpy (seen[tiles++], box.low, sizeof box.low);
  } while (advance (n, &p, level + 1, ACCEL_LEVELS_MAX, true, false, UINT32_MAX));
  return tiles * words_of (&box);
}

static void
walk_tensor (const struct nest *n, int t, const struct accel_split *s, uint32_t levels,
             enum accel_reuse reuse, struct accel_result *r)
{
  const int64_t origin[ACCEL_DIMS] = { 0 };
  uint64_t words = iterations (n, 0, false);
  for (uint32_t i = 0; i < levels; i++) {
    struct accel_count *c = &r->level[i].tensor[t];
    struct box box = tile_at (n, t, loops_within (n, i), origin);
    uint64_t seen = t == ACCEL_OUTPUTS ? outputs_handled (n, i) : 0;
    words *= distinct_children (n, t, i);
    *c = (struct accel_count){ 0 };
    if (!(s[i].keep >> t & 1))
      continue;
    c->tile = words_of (&box);
    c->partition = seen ? seen : partition_of (n, t, i, levels);
    c->reads = words - seen;
    c->updates = t == ACCEL_OUTPUTS ? words : 0;
    words = delivered (n, t, i, reuse);
    c->fills = i == levels - 1 ? 0 : words - seen;
  }
}

void
walk (const struct accel_layer *layer, const struct accel_split *splits,
      uint32_t level_count, enum accel_reuse reuse, struct accel_result *result)
{
  struct nest n;
  build (&n, layer, splits, level_count);
  result->mac_cycles = iterations (&n, 0, false);
  result->mac_instances = iterations (&n, 0, true);
  for (uint32_t i = 0; i < level_count; i++)
    result->level[i].instances = iterations (&n, i + 1, true);
  for (int t = 0; t < ACCEL_TENSORS; t++)
    walk_tensor (&n, t, splits, level_count, reuse, result);
}

bool
walk_covers (const struct accel_layer *layer, const struct accel_split *splits,
             uint32_t level_count)
{
  uint64_t macs = accel_layer_macs (layer), done = 0;
  struct position p = { .index = { 0 } };
  uint8_t *visits = calloc (macs, 1);
  bool once = visits != NULL;
  struct nest n;
  build (&n, layer, splits, level_count);
  do {
    uint64_t number = 0;
    for (int d = 0; d < ACCEL_DIMS; d++)
      number = number * layer->size[d] + (uint64_t)p.at[d];
    once = once && number < macs && visits[number]++ == 0;
    done++;
  } while (once && advance (&n, &p, 0, ACCEL_LEVELS_MAX, true, true, UINT32_MAX));
  free (visits);
  return once && done == macs;
}
