/* loopnest.c - the closed form of loopnest.h, section by section. */
#include "sims/accel/loopnest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One more place than loops: see unwind_temporal. */
enum { LOOPS_MAX = ACCEL_LEVELS_MAX * ACCEL_DIMS };

/* A temporal loop that is not 1 long. */
struct loop {
  uint64_t stride;
  uint32_t factor, dim;
};

/* Iterations of loop k and all outside it: all of them; per tensor those that send
 * another tile, counted from the first loop that moves it on; and the tiles at different
 * places among those. */
struct outside {
  uint64_t steps, changes[ACCEL_TENSORS], places[ACCEL_TENSORS];
};

/* A mapping unwound: what every tensor's counts are made of. */
struct nest {
  uint64_t extent[ACCEL_LEVELS_MAX][ACCEL_DIMS]; /* of all loops up to this level's */
  uint64_t tile[ACCEL_LEVELS_MAX][ACCEL_TENSORS];
  uint64_t around[ACCEL_LEVELS_MAX][ACCEL_TENSORS]; /* union of the children's tiles */
  uint64_t distinct[ACCEL_LEVELS_MAX][ACCEL_TENSORS];
  uint64_t x[ACCEL_LEVELS_MAX], y[ACCEL_LEVELS_MAX]; /* children in use along each side */
  uint32_t first[ACCEL_LEVELS_MAX + 1]; /* number of a level's first temporal loop */
  uint32_t count;
  struct loop loop[LOOPS_MAX + 1];
  struct outside outside[LOOPS_MAX + 1];
};

/* ---- Verdicts -------------------------------------------------------------------- */

static bool
refuse (struct accel_result *r, struct accel_verdict verdict)
{
  r->verdict = verdict;
  return false;
}

static uint64_t
times (uint64_t a, uint64_t b)
{
  uint64_t product;
  return __builtin_mul_overflow (a, b, &product) ? UINT64_MAX : product;
}

/* Which dimension's factors do not multiply to its size; slow, as it runs once it is
 * known that there is one. */
static bool
refuse_factors (const struct accel_loopnest *m, const struct accel_split *s,
                struct accel_result *r)
{
  for (int d = 0; d < ACCEL_DIMS; d++) {
    uint64_t product = 1;
    for (uint32_t i = 0; i < m->level_count; i++)
      product =
          times (times (product, s[i].temporal[d]), (uint64_t)s[i].x[d] * s[i].y[d]);
    if (product != m->size[d])
      return refuse (
          r, (struct accel_verdict){
                 .code = ACCEL_FACTORS, .dim = d, .have = product, .limit = m->size[d] });
  }
  /* The factors are right, so an `order` names a loop twice and leaves out another. */
  return refuse (r, (struct accel_verdict){ .code = ACCEL_FACTORS });
}

/* ---- Unwinding ------------------------------------------------------------------- */

/* No factor is 0, none too many. Extents and factors stay below 2^32, so that products
 * fit between two such looks. */
static bool
within (const struct accel_loopnest *m, const uint64_t extent[ACCEL_DIMS])
{
  uint64_t beyond = 0;
  for (int d = 0; d < ACCEL_DIMS; d++)
    beyond |= extent[d] - 1 >= m->size[d];
  return !beyond;
}

static uint64_t
common_divisor (uint64_t a, uint64_t b)
{
  while (b != 0) {
    uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/* Distinct sums a i + b j with i < n, j < m: (i, j) and (i + b', j - a') give the same
 * one, where a' = a / gcd, b' = b / gcd, and equal sums form chains of such steps, so
 * their number is that of all pairs less that of the pairs with a successor. */
static uint64_t
distinct_sums (uint64_t a, uint64_t n, uint64_t b, uint64_t m)
{
  uint64_t divisor = common_divisor (a, b);
  a /= divisor;
  b /= divisor;
  return n * m - (n > b && m > a ? (n - b) * (m - a) : 0);
}

/* Children of a level at unequal offsets of a tensor. Both sides of the mesh are one
 * loop: along Y a dimension goes on where it stopped along X. */
static uint64_t
distinct_offsets (const struct accel_projection *p, const uint64_t factor[ACCEL_DIMS],
                  const uint64_t stride[ACCEL_DIMS])
{
  uint64_t count = 1;
  for (int s = 0; s < p->single_count; s++)
    count *= factor[p->single[s]];
  for (int a = 0; a < p->axis_count; a++) {
    const struct accel_axis *x = &p->axis[a];
    int u = x->dim[0], v = x->dim[1];
    if (factor[u] == 1 || factor[v] == 1)
      count *= factor[u] * factor[v];
    else
      count *= distinct_sums (x->step[0] * stride[u], factor[u], x->step[1] * stride[v],
                              factor[v]);
  }
  return count;
}

static bool
has_spatial (const struct accel_split *s)
{
  static const uint16_t none[ACCEL_DIMS] = { 1, 1, 1, 1, 1, 1, 1, 1 };
  return memcmp (s->x, none, sizeof none) != 0 || memcmp (s->y, none, sizeof none) != 0;
}

/* One child, or one alone in use: what it has is all there is. */
static void
unwind_single (struct nest *n, uint32_t i)
{
  n->x[i] = n->y[i] = 1;
  for (int t = 0; t < ACCEL_TENSORS; t++) {
    n->distinct[i][t] = 1;
    n->around[i][t] = i ? n->tile[i - 1][t] : 1;
  }
}

/* Level `i`'s spatial loops; `extent` is that of everything inside and grows. */
static bool
unwind_spatial (const struct accel_loopnest *m, struct nest *n, uint32_t i,
                const struct accel_split *s, uint64_t extent[ACCEL_DIMS])
{
  uint64_t factor[ACCEL_DIMS], inside[ACCEL_DIMS];
  n->x[i] = n->y[i] = 1;
  for (int d = 0; d < ACCEL_DIMS; d++) {
    n->x[i] *= s->x[d];
    n->y[i] *= s->y[d];
    factor[d] = (uint64_t)s->x[d] * s->y[d];
    inside[d] = extent[d];
    extent[d] *= factor[d];
  }
  if (!within (m, extent))
    return false;
  for (int t = 0; t < ACCEL_TENSORS; t++) {
    const struct accel_projection *p = &m->projection[t];
    n->distinct[i][t] = distinct_offsets (p, factor, inside);
    n->around[i][t] = accel_box_words (p, extent);
  }
  return true;
}

/* Loops of factor 1 are overwritten by the next: a branch for each would be a guess of
 * the processor that fails every other time. */
static bool
unwind_temporal (const struct accel_loopnest *m, struct nest *n, uint32_t i,
                 const struct accel_split *s, uint64_t extent[ACCEL_DIMS])
{
  uint32_t count = n->count, named = 0;
  for (int k = 0; k < ACCEL_DIMS; k++) {
    uint32_t d = s->order[k] & (ACCEL_DIMS - 1), factor = s->temporal[d];
    n->loop[count] = (struct loop){ .stride = extent[d], .factor = factor, .dim = d };
    count += factor != 1;
    extent[d] *= factor;
    named |= 1u << d;
  }
  n->count = count;
  if (named != (1u << ACCEL_DIMS) - 1 || !within (m, extent))
    return false;
  memcpy (n->extent[i], extent, sizeof n->extent[i]);
  for (int t = 0; t < ACCEL_TENSORS; t++)
    n->tile[i][t] = accel_box_words (&m->projection[t], extent);
  return true;
}

/* From the outside in, as every number is a product over the loops outside. */
static void
count_steps (const struct accel_loopnest *m, struct nest *n)
{
  n->outside[n->count] =
      (struct outside){ .steps = 1, .changes = { 1, 1, 1 }, .places = { 1, 1, 1 } };
  for (uint32_t k = n->count; k-- > 0;) {
    struct outside *o = &n->outside[k];
    uint64_t factor = n->loop[k].factor;
    o->steps = o[1].steps * factor;
    for (int t = 0; t < ACCEL_TENSORS; t++) {
      bool moves = m->moved_by[t] >> n->loop[k].dim & 1;
      o->changes[t] = moves ? o->steps : o[1].changes[t];
      o->places[t] = o[1].places[t] * (moves ? factor : 1);
    }
  }
}

/* False where the factors do not multiply to the sizes. */
static bool
unwind (const struct accel_loopnest *m, const struct accel_split *s, struct nest *n)
{
  uint64_t extent[ACCEL_DIMS] = { 1, 1, 1, 1, 1, 1, 1, 1 };
  n->count = 0;
  for (uint32_t i = 0; i < m->level_count; i++) {
    n->first[i] = n->count;
    if (!has_spatial (&s[i]))
      unwind_single (n, i);
    else if (!unwind_spatial (m, n, i, &s[i], extent))
      return false;
    if (!unwind_temporal (m, n, i, &s[i], extent))
      return false;
  }
  if (memcmp (extent, m->size, sizeof extent) != 0)
    return false;
  n->first[m->level_count] = n->count;
  count_steps (m, n);
  return true;
}

/* ---- Deliveries ------------------------------------------------------------------ */

/* What the tiles of level `i` share with their predecessors, in words over the whole
 * run, when only repeated steps share: a loop counts whose step, seen from the tile
 * before it, is that of the innermost loop. Loops on two axes never look alike again. */
static uint64_t
kept_by_same_step (const struct accel_loopnest *m, const struct nest *n, int t,
                   uint32_t i)
{
  const struct accel_projection *p = &m->projection[t];
  uint32_t first = n->first[i + 1];
  uint64_t step = 0, sum = 0, repeats = 0, shared = n->tile[i][t];
  uint8_t axis = ACCEL_NO_AXIS;
  for (uint32_t k = first; k < n->count; k++) {
    const struct loop *l = &n->loop[k];
    uint8_t a = p->axis_of[l->dim];
    uint64_t move = p->step_of[l->dim] * l->stride;
    if (a != ACCEL_NO_AXIS && axis != ACCEL_NO_AXIS && a != axis)
      break;
    if (k == first && a != ACCEL_NO_AXIS) {
      uint64_t extent = a < ACCEL_DIMS
                            ? 0 /* moves by its whole extent */
                            : accel_axis_extent (&p->axis[a - ACCEL_DIMS], n->extent[i]);
      if (move >= extent)
        return 0;
      step = move;
      shared = shared / extent * (extent - move);
    }
    if (k == first || move == sum + step)
      repeats += n->outside[k].steps - n->outside[k + 1].steps;
    sum += m->options.reuse == ACCEL_REUSE_TIMELOOP ? move : move * (l->factor - 1);
    axis = a == ACCEL_NO_AXIS ? axis : a;
  }
  return repeats * shared;
}

/* The same when every shared word counts. Once a loop moves the tile along an axis of one
 * dimension nothing is shared any more: such steps are at least an extent long. */
static uint64_t
kept_exactly (const struct accel_loopnest *m, const struct nest *n, int t, uint32_t i)
{
  const struct accel_projection *p = &m->projection[t];
  int64_t extent[ACCEL_AXES] = { 1, 1 }, sum[ACCEL_AXES] = { 0 };
  uint64_t others = n->tile[i][t], kept = 0;
  for (int a = 0; a < p->axis_count; a++) {
    extent[a] = (int64_t)accel_axis_extent (&p->axis[a], n->extent[i]);
    others /= (uint64_t)extent[a];
  }
  for (uint32_t k = n->first[i + 1]; k < n->count; k++) {
    const struct loop *l = &n->loop[k];
    int a = p->axis_of[l->dim];
    int64_t move = (int64_t)(p->step_of[l->dim] * l->stride);
    uint64_t shared = others;
    if (a < ACCEL_DIMS)
      break;
    for (int b = 0; b < ACCEL_AXES; b++) {
      int64_t shift = llabs ((a == ACCEL_DIMS + b ? move : 0) - sum[b]);
      shared *= shift < extent[b] ? (uint64_t)(extent[b] - shift) : 0;
    }
    kept += shared * (n->outside[k].steps - n->outside[k + 1].steps);
    if (a != ACCEL_NO_AXIS)
      sum[a - ACCEL_DIMS] += move * (l->factor - 1);
  }
  return kept;
}

/* Without sliding axes tiles are equal or apart, so every rule says the same. */
static uint64_t
deliveries (const struct accel_loopnest *m, const struct nest *n, int t, uint32_t i)
{
  const struct outside *o = &n->outside[n->first[i + 1]];
  uint64_t tile = n->tile[i][t];
  if (m->projection[t].axis_count == 0)
    return tile * o->changes[t];
  if (m->options.reuse == ACCEL_REUSE_EXACT)
    return tile * o->steps - kept_exactly (m, n, t, i);
  return tile * o->steps - kept_by_same_step (m, n, t, i);
}

/* ---- Counts ---------------------------------------------------------------------- */

/* floor (a b / c) */
static uint64_t
share (uint64_t a, uint64_t b, uint64_t c)
{
  uint64_t product;
  if (b == c)
    return a;
  if (__builtin_mul_overflow (a, b, &product))
    return (uint64_t)((unsigned __int128)a * b / c);
  return product / c;
}

/* Where tiles do not overlap, the share is the tiles at different places. */
static void
count_partitions (const struct accel_loopnest *m, const struct nest *n, int t,
                  struct accel_result *r)
{
  uint64_t partition = m->words[t];
  if (m->projection[t].axis_count == 0) {
    for (uint32_t i = 0; i < m->level_count; i++)
      r->level[i].tensor[t].partition =
          n->tile[i][t] * n->outside[n->first[i + 1]].places[t];
    return;
  }
  for (uint32_t i = m->level_count; i-- > 0;) {
    if (i + 1 < m->level_count)
      partition = share (partition, n->tile[i][t], n->around[i + 1][t]);
    r->level[i].tensor[t].partition = partition;
  }
}

/* What level `i` does when it exchanges `words` with its children and gets `filled`. */
static void
count_level (struct accel_count *c, int t, uint64_t tile, uint64_t words, uint64_t filled,
             bool outermost)
{
  uint64_t seen = t == ACCEL_OUTPUTS ? c->partition : 0;
  c->tile = tile;
  c->reads = words - seen;
  c->fills = outermost ? 0 : filled - seen;
  c->updates = t == ACCEL_OUTPUTS ? words : 0;
}

static uint32_t
outermost_kept (const struct accel_loopnest *m, const struct accel_split *s, int t)
{
  uint32_t i = m->level_count - 1;
  while (!(s[i].keep >> t & 1))
    i--;
  return i;
}

/* False when the tensor has no home: its outermost level is sent more than one tile. */
static bool
count_tensor (const struct accel_loopnest *m, const struct accel_split *s,
              const struct nest *n, int t, struct accel_result *r)
{
  uint32_t top = outermost_kept (m, s, t);
  uint64_t words = n->outside[0].steps, filled = 0;
  count_partitions (m, n, t, r);
  for (uint32_t i = 0; i < m->level_count; i++) {
    struct accel_count *c = &r->level[i].tensor[t];
    words *= n->distinct[i][t];
    r->level[i].moved[t] = words;
    if (!(s[i].keep >> t & 1)) {
      *c = (struct accel_count){ 0 };
      continue;
    }
    filled = deliveries (m, n, t, i);
    count_level (c, t, n->tile[i][t], words, filled, i == top);
    words = filled;
  }
  if (filled == n->tile[top][t])
    return true;
  return refuse (r, (struct accel_verdict){ .code = ACCEL_HOMELESS,
                                            .level = (int)top,
                                            .tensor = t,
                                            .have = n->tile[top][t],
                                            .limit = filled });
}

/* Every tensor is kept somewhere. */
static bool
homes (const struct accel_loopnest *m, const struct accel_split *s,
       struct accel_result *r)
{
  unsigned kept = 0;
  for (uint32_t i = 0; i < m->level_count; i++)
    kept |= s[i].keep;
  for (int t = 0; t < ACCEL_TENSORS; t++) {
    if (!(kept >> t & 1))
      return refuse (r, (struct accel_verdict){ .code = ACCEL_HOMELESS, .tensor = t });
  }
  return true;
}

/* ---- What fits ------------------------------------------------------------------- */

static bool
fits_mesh (int level, uint64_t x, uint64_t y, uint32_t mesh_x, uint32_t mesh_y,
           struct accel_result *r)
{
  struct accel_verdict v = { .code = ACCEL_VALID, .level = level };
  if (x <= mesh_x && y <= mesh_y)
    return true;
  if (x * y > (uint64_t)mesh_x * mesh_y)
    v.code = ACCEL_INSTANCES, v.have = x * y, v.limit = (uint64_t)mesh_x * mesh_y;
  else if (x > mesh_x)
    v.code = ACCEL_MESH_X, v.have = x, v.limit = mesh_x;
  else
    v.code = ACCEL_MESH_Y, v.have = y, v.limit = mesh_y;
  return refuse (r, v);
}

static bool
fits_capacity (const struct accel_loopnest *m, const struct accel_split *s,
               const struct nest *n, uint32_t i, struct accel_result *r)
{
  uint64_t sum = 0, most = 0;
  int largest = 0;
  for (int t = 0; t < ACCEL_TENSORS; t++) {
    uint64_t tile = s->keep >> t & 1 ? n->tile[i][t] : 0;
    sum += tile;
    largest = tile > most ? t : largest;
    most = tile > most ? tile : most;
  }
  if (sum <= m->capacity[i])
    return true;
  return refuse (r, (struct accel_verdict){ .code = ACCEL_CAPACITY,
                                            .level = (int)i,
                                            .tensor = largest,
                                            .have = sum,
                                            .limit = m->capacity[i] });
}

/* The children in use under each level against its own fan-out. */
static bool
fits_fanout (const struct accel_loopnest *m, const struct nest *n, struct accel_result *r)
{
  uint32_t x = m->arch.mac.mesh_x, y = m->arch.mac.mesh_y;
  for (uint32_t i = 0; i < m->level_count; i++) {
    const struct accel_level *l = &m->arch.level[i];
    struct accel_verdict v = { .level = (int)i };
    if (n->x[i] > x / l->mesh_x)
      v.code = ACCEL_FANOUT_X, v.have = n->x[i], v.limit = x / l->mesh_x;
    else if (n->y[i] > y / l->mesh_y)
      v.code = ACCEL_FANOUT_Y, v.have = n->y[i], v.limit = y / l->mesh_y;
    if (v.code != ACCEL_VALID)
      return refuse (r, v);
    x = l->mesh_x;
    y = l->mesh_y;
  }
  return true;
}

/* Meshes and capacities; also says how many instances are in use. */
static bool
fits (const struct accel_loopnest *m, const struct accel_split *s, const struct nest *n,
      struct accel_result *r)
{
  uint64_t x[ACCEL_LEVELS_MAX], y[ACCEL_LEVELS_MAX], ex = 1, ey = 1;
  for (uint32_t i = m->level_count; i-- > 0;) {
    x[i] = ex;
    y[i] = ey;
    r->level[i].instances = ex * ey;
    ex *= n->x[i];
    ey *= n->y[i];
  }
  r->mac_instances = ex * ey;
  if (!fits_mesh (ACCEL_AT_MAC, ex, ey, m->arch.mac.mesh_x, m->arch.mac.mesh_y, r))
    return false;
  for (uint32_t i = 0; i < m->level_count; i++) {
    const struct accel_level *l = &m->arch.level[i];
    if (!fits_capacity (m, &s[i], n, i, r)
        || !fits_mesh ((int)i, x[i], y[i], l->mesh_x, l->mesh_y, r))
      return false;
  }
  return !m->options.check_fanout || fits_fanout (m, n, r);
}

/* ---- Time and energy ------------------------------------------------------------- */

/* The share of full speed that a bandwidth allows at a demand in words per cycle. */
static double
throttle (double slowdown, double bandwidth, double demand)
{
  double allowed = bandwidth > 0 ? bandwidth / demand : 1;
  return allowed < slowdown ? allowed : slowdown;
}

static void
time_level (const struct accel_level *l, uint64_t cycles, struct accel_level_result *r)
{
  double read = 0, write = 0, slowdown = 1;
  for (int t = 0; t < ACCEL_TENSORS; t++) {
    const struct accel_count *c = &r->tensor[t];
    read += (double)c->reads / (double)cycles;
    write += (double)(c->fills + c->updates) / (double)cycles;
  }
  slowdown = throttle (slowdown, l->read_bw, read);
  slowdown = throttle (slowdown, l->write_bw, write);
  slowdown = throttle (slowdown, l->shared_bw, read + write);
  r->slowdown = slowdown;
  r->cycles = slowdown < 1 ? (uint64_t)ceil ((double)cycles / slowdown) : cycles;
}

static double
blocks (uint64_t words, uint32_t block)
{
  return (double)(block == 1 ? words : (words + block - 1) / block);
}

static double
access_energy (const struct accel_level *l, struct accel_level_result *r)
{
  double sum = 0;
  for (int t = 0; t < ACCEL_TENSORS; t++) {
    struct accel_count *c = &r->tensor[t];
    double writes = blocks (c->fills, l->block) + blocks (c->updates, l->block);
    double reads = blocks (c->reads, l->block);
    c->energy =
        (double)r->instances * (l->read_energy * reads + l->write_energy * writes);
    sum += c->energy;
  }
  return sum;
}

/* Words on the wires to the children, each with its hops. */
static double
network_energy (const struct accel_level *l, const struct nest *n, uint32_t i,
                const struct accel_level_result *r)
{
  double children = (double)(n->x[i] * n->y[i]), hops = 0;
  if (l->hop_energy == 0)
    return 0;
  for (int t = 0; t < ACCEL_TENSORS; t++) {
    double group = children / (double)n->distinct[i][t];
    double path = (double)(n->x[i] + n->y[i]) / 2 + group - 1;
    hops += (double)r->moved[t] * path;
  }
  return l->hop_energy * hops * (double)r->instances;
}

static void
take_time (const struct accel_loopnest *m, const struct nest *n, struct accel_result *r)
{
  r->mac_cycles = r->cycles = n->outside[0].steps;
  for (uint32_t i = 0; i < m->level_count; i++) {
    struct accel_level_result *level = &r->level[i];
    time_level (&m->arch.level[i], r->mac_cycles, level);
    r->cycles = level->cycles > r->cycles ? level->cycles : r->cycles;
  }
}

static void
take_energy (const struct accel_loopnest *m, const struct nest *n, struct accel_result *r)
{
  double macs = (double)m->arch.mac.mesh_x * m->arch.mac.mesh_y;
  double cycles = (double)r->cycles;
  r->mac_energy = (double)r->macs * m->arch.mac.energy;
  r->energy = r->mac_energy + m->arch.mac.leakage * macs * cycles;
  r->utilization = (double)r->macs / (macs * cycles);
  for (uint32_t i = 0; i < m->level_count; i++) {
    const struct accel_level *l = &m->arch.level[i];
    struct accel_level_result *level = &r->level[i];
    level->accesses = access_energy (l, level);
    level->network = network_energy (l, n, i, level);
    level->leakage = l->leakage * l->mesh_x * l->mesh_y * cycles;
    r->energy += level->accesses + level->network + level->leakage;
  }
}

/* ---- The whole ------------------------------------------------------------------- */

static void
prepare_tensor (struct accel_loopnest *model, const struct accel_layer *layer, int t)
{
  model->words[t] = accel_layer_words (layer, (enum accel_tensor)t);
  model->moved_by[t] = 0;
  for (int d = 0; d < ACCEL_DIMS; d++) {
    bool moves = model->projection[t].axis_of[d] != ACCEL_NO_AXIS;
    model->moved_by[t] |= (uint8_t)(moves << d);
  }
}

int
accel_loopnest_init (struct accel_loopnest *model, const struct accel_arch *arch,
                     const struct accel_layer *layer, const struct accel_options *options,
                     struct accel_error *err)
{
  static const struct accel_options standard = { .reuse = ACCEL_REUSE_TIMELOOP };
  if (accel_layer_check (layer, err) != ACCEL_OK
      || accel_arch_check (arch, err) != ACCEL_OK)
    return ACCEL_INVALID;
  model->options = options == NULL ? standard : *options;
  model->level_count = arch->level_count;
  model->macs = accel_layer_macs (layer);
  model->arch = *arch;
  accel_layer_project (layer, model->projection);
  for (int d = 0; d < ACCEL_DIMS; d++)
    model->size[d] = layer->size[d];
  for (int t = 0; t < ACCEL_TENSORS; t++)
    prepare_tensor (model, layer, t);
  for (uint32_t i = 0; i < arch->level_count; i++)
    model->capacity[i] = accel_level_capacity (&arch->level[i]);
  return ACCEL_OK;
}

/* Published tools have lost work in their cost models unnoticed; here it cannot. */
static bool
conserves (const struct accel_loopnest *m, const struct nest *n, struct accel_result *r)
{
  r->macs = n->outside[0].steps * r->mac_instances;
  if (r->macs == m->macs)
    return true;
  return refuse (r, (struct accel_verdict){
                        .code = ACCEL_CONSERVATION, .have = r->macs, .limit = m->macs });
}

void
accel_loopnest_evaluate (const struct accel_loopnest *model,
                         const struct accel_split *splits, struct accel_result *result)
{
  struct nest n;
  result->verdict = (struct accel_verdict){ .code = ACCEL_VALID };
  if (!unwind (model, splits, &n)) {
    refuse_factors (model, splits, result);
    return;
  }
  if (!homes (model, splits, result) || !fits (model, splits, &n, result)
      || !conserves (model, &n, result))
    return;
  for (int t = 0; t < ACCEL_TENSORS; t++) {
    if (!count_tensor (model, splits, &n, t, result))
      return;
  }
  take_time (model, &n, result);
  take_energy (model, &n, result);
}

void
accel_loopnest_batch (const struct accel_loopnest *model,
                      const struct accel_split *splits, size_t count,
                      const struct accel_scores *scores)
{
  struct accel_result r;
  for (size_t k = 0; k < count; k++) {
    bool valid;
    accel_loopnest_evaluate (model, &splits[k * model->level_count], &r);
    valid = r.verdict.code == ACCEL_VALID;
    if (scores->cycles)
      scores->cycles[k] = valid ? (double)r.cycles : NAN;
    if (scores->energy)
      scores->energy[k] = valid ? r.energy : NAN;
    if (scores->utilization)
      scores->utilization[k] = valid ? r.utilization : NAN;
    if (scores->verdict)
      scores->verdict[k] = (uint8_t)r.verdict.code;
  }
}

/* ---- Words ----------------------------------------------------------------------- */

void
accel_verdict_text (const struct accel_loopnest *model, const struct accel_verdict *v,
                    char *text, size_t size)
{
  const char *place = v->level < 0 ? "MACs" : model->arch.level[v->level].name;
  const char *tensor = accel_tensor_names[v->tensor], *dim = accel_dim_names[v->dim];
  unsigned long long have = v->have, limit = v->limit;
  static const char *const expected[ACCEL_VERDICTS] = {
    [ACCEL_INSTANCES] = "instances",
    [ACCEL_MESH_X] = "columns of the mesh",
    [ACCEL_MESH_Y] = "rows of the mesh",
    [ACCEL_FANOUT_X] = "columns of the fan-out",
    [ACCEL_FANOUT_Y] = "rows of the fan-out"
  };
  if (v->code == ACCEL_VALID)
    snprintf (text, size, "valid");
  else if (v->code == ACCEL_FACTORS && v->have == v->limit)
    snprintf (text, size, "the order of a level's loops is no permutation");
  else if (v->code == ACCEL_FACTORS)
    snprintf (text, size, "the factors of %s multiply to %llu, not to its size %llu", dim,
              have, limit);
  else if (v->code == ACCEL_HOMELESS && v->limit == 0)
    snprintf (text, size, "no level keeps %s", tensor);
  else if (v->code == ACCEL_HOMELESS)
    snprintf (text, size,
              "level %s is the outermost that keeps %s, but holds %llu words "
              "of %llu it would get from outside",
              place, tensor, have, limit);
  else if (v->code == ACCEL_CAPACITY)
    snprintf (text, size, "level %s: tiles of %llu words in %llu, %s the largest", place,
              have, limit, tensor);
  else if (v->code == ACCEL_CONSERVATION)
    snprintf (text, size, "%llu MACs done of %llu", have, limit);
  else
    snprintf (text, size, "level %s: the mapping needs %llu %s, there are %llu", place,
              have, expected[v->code], limit);
}
