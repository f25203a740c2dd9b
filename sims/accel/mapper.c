/* mapper.c - the searches of mapper.h. */
#include "sims/accel/mapper.h"

#include <math.h>
#include <string.h>

#include "sims/nn/random.h"

enum {
  REPAIRS_MAX = 64, /* factors moved outwards before a mapping is given up */
  STALL = 400       /* steps without a gain before a climb starts anew */
};

/* Where a factor can be. */
enum place { TEMPORAL, SPATIAL_X, SPATIAL_Y, PLACES };

struct search {
  const struct accel_loopnest *model;
  const struct accel_mapper_options *options;
  struct accel_mapper_report *report;
  struct nn_random random;
  uint32_t levels;
  uint32_t fan[ACCEL_LEVELS_MAX][PLACES]; /* spatial room; temporal has no limit */
};

static void
set_up (struct search *s, const struct accel_loopnest *model, uint64_t seed)
{
  uint32_t x = model->arch.mac.mesh_x, y = model->arch.mac.mesh_y;
  *s = (struct search){ .model = model,
                        .random = { .state = seed },
                        .levels = model->level_count };
  for (uint32_t i = 0; i < s->levels; i++) {
    const struct accel_level *l = &model->arch.level[i];
    s->fan[i][SPATIAL_X] = x / l->mesh_x;
    s->fan[i][SPATIAL_Y] = y / l->mesh_y;
    x = l->mesh_x;
    y = l->mesh_y;
  }
}

static uint32_t
below (struct search *s, uint32_t limit)
{
  return (uint32_t)((nn_random_bits (&s->random) >> 32) * limit >> 32);
}

/* ---- Factors --------------------------------------------------------------------- */

static uint32_t
factor_at (const struct accel_split *split, enum place place, int d)
{
  return place == TEMPORAL    ? split->temporal[d]
         : place == SPATIAL_X ? split->x[d]
                              : split->y[d];
}

static void
set_factor (struct accel_split *split, enum place place, int d, uint32_t factor)
{
  if (place == TEMPORAL)
    split->temporal[d] = factor;
  else if (place == SPATIAL_X)
    split->x[d] = (uint16_t)factor;
  else
    split->y[d] = (uint16_t)factor;
}

/* Whether `prime` more children have room along that side. */
static bool
has_room (const struct search *s, const struct accel_split *splits, uint32_t level,
          enum place place, uint32_t prime)
{
  uint64_t used = prime;
  if (place == TEMPORAL)
    return true;
  for (int d = 0; d < ACCEL_DIMS; d++)
    used *= factor_at (&splits[level], place, d);
  return used <= s->fan[level][place];
}

static uint32_t
smallest_prime (uint32_t n)
{
  for (uint32_t p = 2; p <= n / p; p++) {
    if (n % p == 0)
      return p;
  }
  return n;
}

/* One of n's primes, by how often it divides. */
static uint32_t
random_prime (struct search *s, uint32_t n)
{
  uint32_t prime = 1, seen = 0;
  while (n > 1) {
    uint32_t p = smallest_prime (n);
    n /= p;
    if (below (s, ++seen) == 0)
      prime = p;
  }
  return prime;
}

/* ---- Random mappings ------------------------------------------------------------- */

static void
shuffle (struct search *s, uint8_t order[ACCEL_DIMS])
{
  for (uint32_t i = ACCEL_DIMS - 1; i > 0; i--) {
    uint32_t k = below (s, i + 1);
    uint8_t swap = order[i];
    order[i] = order[k];
    order[k] = swap;
  }
}

/* The outermost level is the tensors' home; below it a bypass is as likely as a stop. */
static uint8_t
random_keep (struct search *s, uint32_t level, bool free_bypass)
{
  uint8_t may = s->model->arch.level[level].may_keep;
  if (level + 1 == s->levels || !free_bypass)
    return may;
  return may & (uint8_t)below (s, ACCEL_KEEP_ALL + 1);
}

/* Half of the factors try to spread over the mesh first: idle MACs are rarely good. */
static void
place_prime (struct search *s, struct accel_split *splits, int d, uint32_t prime)
{
  uint32_t level = below (s, s->levels);
  enum place place = TEMPORAL;
  if (below (s, 2) == 0) {
    uint32_t start = below (s, s->levels * 2);
    for (uint32_t k = 0; k < s->levels * 2; k++) {
      uint32_t at = (start + k) % (s->levels * 2);
      enum place side = at % 2 ? SPATIAL_X : SPATIAL_Y;
      if (!has_room (s, splits, at / 2, side, prime))
        continue;
      level = at / 2;
      place = side;
      break;
    }
  }
  set_factor (&splits[level], place, d, factor_at (&splits[level], place, d) * prime);
}

static void
random_mapping (struct search *s, struct accel_split *splits, bool free_bypass)
{
  for (uint32_t i = 0; i < s->levels; i++) {
    splits[i] = accel_split_unit ();
    splits[i].keep = random_keep (s, i, free_bypass);
    shuffle (s, splits[i].order);
  }
  for (int k = 0, from = (int)below (s, ACCEL_DIMS); k < ACCEL_DIMS; k++) {
    int d = (from + k) % ACCEL_DIMS;
    for (uint32_t n = (uint32_t)s->model->size[d]; n > 1;) {
      uint32_t prime = smallest_prime (n);
      place_prime (s, splits, d, prime);
      n /= prime;
    }
  }
}

void
accel_mapper_random (const struct accel_loopnest *model, bool free_bypass, uint64_t seed,
                     struct accel_split *splits, size_t count)
{
  struct search s;
  set_up (&s, model, seed);
  for (size_t k = 0; k < count; k++)
    random_mapping (&s, &splits[k * s.levels], free_bypass);
}

/* ---- Looking at one -------------------------------------------------------------- */

double
accel_goal_score (enum accel_goal goal, const struct accel_loopnest *model,
                  const struct accel_result *r)
{
  const struct accel_level_result *outermost = &r->level[model->level_count - 1];
  double words = 0;
  if (goal == ACCEL_GOAL_ENERGY)
    return r->energy;
  if (goal == ACCEL_GOAL_CYCLES)
    return (double)r->cycles;
  if (goal == ACCEL_GOAL_EDP)
    return r->energy * (double)r->cycles;
  for (int t = 0; t < ACCEL_TENSORS; t++)
    words += (double)(outermost->tensor[t].reads + outermost->tensor[t].updates);
  return words;
}

static bool
spent (const struct search *s)
{
  const struct accel_mapper_options *o = s->options;
  return s->report->evaluations >= o->budget
         || (o->cancel != NULL && atomic_load_explicit (o->cancel, memory_order_relaxed));
}

/* Evaluates and keeps the best; INFINITY where the mapping does not work. */
static double
look (struct search *s, const struct accel_split *splits, struct accel_result *r)
{
  struct accel_mapper_report *report = s->report;
  double score;
  accel_loopnest_evaluate (s->model, splits, r);
  report->evaluations++;
  if (r->verdict.code != ACCEL_VALID)
    return INFINITY;
  report->valid++;
  score = accel_goal_score (s->options->goal, s->model, r);
  if (score < report->score || !report->found) {
    report->found = true;
    report->score = score;
    report->result = *r;
    memcpy (report->splits, splits, s->levels * sizeof *splits);
  }
  return score;
}

/* Moves a random factor of the levels up to `level` to temporal loops outside of it;
 * false where they have none left. */
static bool
move_outwards (struct search *s, struct accel_split *splits, uint32_t level)
{
  uint32_t seen = 0, from = 0, prime, to;
  int dim = 0;
  enum place place = TEMPORAL;
  for (uint32_t k = 0; k < (level + 1) * PLACES * ACCEL_DIMS; k++) {
    uint32_t i = k / (PLACES * ACCEL_DIMS);
    int d = (int)(k % ACCEL_DIMS);
    enum place p = (enum place) (k / ACCEL_DIMS % PLACES);
    if (factor_at (&splits[i], p, d) > 1 && below (s, ++seen) == 0)
      from = i, place = p, dim = d;
  }
  if (seen == 0 || level + 1 >= s->levels)
    return false;
  prime = random_prime (s, factor_at (&splits[from], place, dim));
  to = level + 1 + below (s, s->levels - level - 1);
  set_factor (&splits[from], place, dim, factor_at (&splits[from], place, dim) / prime);
  splits[to].temporal[dim] *= prime;
  return true;
}

/* Looks at a mapping and, while a tile does not fit, at what it becomes with less in it.
 * Levels outside may be asked for less, too: their tiles hold those of the inside. */
static double
look_repaired (struct search *s, struct accel_split *splits)
{
  struct accel_result r;
  double score = look (s, splits, &r);
  for (int k = 0; k < REPAIRS_MAX && r.verdict.code == ACCEL_CAPACITY && !spent (s);
       k++) {
    if (!move_outwards (s, splits, (uint32_t)r.verdict.level))
      break;
    score = look (s, splits, &r);
  }
  return score;
}

/* ---- Random search and hill climbing --------------------------------------------- */

static void
search_random (struct search *s)
{
  struct accel_split splits[ACCEL_LEVELS_MAX];
  while (!spent (s)) {
    random_mapping (s, splits, s->options->free_bypass);
    look_repaired (s, splits);
  }
}

/* A factor goes from one place to another that has room for it. */
static void
mutate_factor (struct search *s, struct accel_split *splits)
{
  for (int tries = 0; tries < 32; tries++) {
    int d = (int)below (s, ACCEL_DIMS);
    uint32_t from = below (s, s->levels), to = below (s, s->levels), prime, factor;
    enum place out = (enum place)below (s, PLACES), in = (enum place)below (s, PLACES);
    factor = factor_at (&splits[from], out, d);
    prime = factor > 1 ? random_prime (s, factor) : 1;
    if (prime == 1 || (from == to && in == out) || !has_room (s, splits, to, in, prime))
      continue;
    set_factor (&splits[from], out, d, factor / prime);
    set_factor (&splits[to], in, d, factor_at (&splits[to], in, d) * prime);
    return;
  }
}

/* A loop goes to another place in its level's order. */
static void
mutate_order (struct search *s, struct accel_split *splits)
{
  uint8_t *order = splits[below (s, s->levels)].order;
  uint32_t from = below (s, ACCEL_DIMS), to = below (s, ACCEL_DIMS);
  uint8_t moved = order[from];
  memmove (order + from, order + from + 1, ACCEL_DIMS - 1 - from);
  memmove (order + to + 1, order + to, ACCEL_DIMS - 1 - to);
  order[to] = moved;
}

static void
mutate_keep (struct search *s, struct accel_split *splits)
{
  uint32_t level = below (s, s->levels);
  uint8_t bit = (uint8_t)(1u << below (s, ACCEL_TENSORS));
  if (level + 1 < s->levels)
    splits[level].keep ^= bit & s->model->arch.level[level].may_keep;
}

static void
mutate (struct search *s, struct accel_split *splits)
{
  do {
    uint32_t kind = below (s, s->options->free_bypass ? 8 : 7);
    if (kind < 4)
      mutate_factor (s, splits);
    else if (kind < 7)
      mutate_order (s, splits);
    else
      mutate_keep (s, splits);
  } while (below (s, 3) == 0);
}

/* One climb, until nothing has become better for a while. */
static void
climb (struct search *s, struct accel_split *here)
{
  struct accel_split next[ACCEL_LEVELS_MAX];
  double score = look_repaired (s, here);
  for (uint32_t still = 0; still < STALL && !spent (s); still++) {
    double found;
    memcpy (next, here, s->levels * sizeof *here);
    mutate (s, next);
    found = look_repaired (s, next);
    if (found > score)
      continue;
    still = found < score ? 0 : still;
    score = found;
    memcpy (here, next, s->levels * sizeof *here);
  }
}

/* Every other climb starts from a shaken copy of the best mapping so far. */
static void
search_climb (struct search *s)
{
  struct accel_split splits[ACCEL_LEVELS_MAX];
  for (uint32_t round = 0; !spent (s); round++) {
    if (round % 2 && s->report->found) {
      memcpy (splits, s->report->splits, s->levels * sizeof *splits);
      for (int k = 0; k < 6; k++)
        mutate (s, splits);
    } else {
      random_mapping (s, splits, s->options->free_bypass);
    }
    climb (s, splits);
  }
}

/* ---- All mappings ---------------------------------------------------------------- */

/* Visits every mapping of the space: factors dimension by dimension and place by place,
 * then orders and bypasses level by level. `visit` returns false to stop. */
struct walk {
  struct search *s;
  bool free_bypass;
  struct accel_split splits[ACCEL_LEVELS_MAX];
  bool (*visit) (struct walk *w);
  uint64_t count, limit;
};

static bool walk_level (struct walk *w, uint32_t level);

/* Permutes the loops of a level that are longer than 1, from position k on; the others
 * stand behind them. */
static bool
walk_order (struct walk *w, uint32_t level, uint32_t k, uint32_t loops)
{
  uint8_t *order = w->splits[level].order;
  if (k + 1 >= loops)
    return walk_level (w, level + 1);
  for (uint32_t j = k; j < loops; j++) {
    bool more;
    uint8_t swap = order[k];
    order[k] = order[j], order[j] = swap;
    more = walk_order (w, level, k + 1, loops);
    swap = order[k];
    order[k] = order[j], order[j] = swap;
    if (!more)
      return false;
  }
  return true;
}

static bool
walk_orders (struct walk *w, uint32_t level)
{
  struct accel_split *split = &w->splits[level];
  uint32_t loops = 0, rest = ACCEL_DIMS;
  for (uint8_t d = 0; d < ACCEL_DIMS; d++) {
    if (split->temporal[d] > 1)
      split->order[loops++] = d;
    else
      split->order[--rest] = d;
  }
  return walk_order (w, level, 0, level == 0 ? 0 : loops);
}

static bool
walk_level (struct walk *w, uint32_t level)
{
  uint8_t may;
  if (level == w->s->levels)
    return w->visit (w);
  may = w->s->model->arch.level[level].may_keep;
  if (!w->free_bypass || level + 1 == w->s->levels) {
    w->splits[level].keep = may;
    return walk_orders (w, level);
  }
  for (unsigned keep = 0; keep <= ACCEL_KEEP_ALL; keep++) {
    w->splits[level].keep = (uint8_t)keep;
    if ((keep & ~may) == 0 && !walk_orders (w, level))
      return false;
  }
  return true;
}

/* Gives `rest` of dimension d to the places from number `slot` on; the outermost level's
 * temporal loops take what is left. */
static bool
walk_factors (struct walk *w, int d, uint32_t slot, uint32_t rest)
{
  uint32_t level = slot / PLACES, last = w->s->levels - 1;
  enum place place = (enum place) (PLACES - 1 - slot % PLACES);
  if (d == ACCEL_DIMS)
    return walk_level (w, 0);
  if (level == last && place == TEMPORAL) {
    bool more;
    w->splits[last].temporal[d] = rest;
    more = walk_factors (w, d + 1, 0,
                         d + 1 < ACCEL_DIMS ? (uint32_t)w->s->model->size[d + 1] : 1);
    w->splits[last].temporal[d] = 1;
    return more;
  }
  for (uint32_t factor = 1; factor <= rest; factor++) {
    bool more;
    if (rest % factor != 0 || !has_room (w->s, w->splits, level, place, factor))
      continue;
    set_factor (&w->splits[level], place, d, factor);
    more = walk_factors (w, d, slot + 1, rest / factor);
    set_factor (&w->splits[level], place, d, 1);
    if (!more)
      return false;
  }
  return true;
}

static void
walk_all (struct walk *w)
{
  for (uint32_t i = 0; i < w->s->levels; i++)
    w->splits[i] = accel_split_unit ();
  walk_factors (w, 0, 0, (uint32_t)w->s->model->size[0]);
}

static bool
count_one (struct walk *w)
{
  return ++w->count <= w->limit;
}

uint64_t
accel_mapper_space (const struct accel_loopnest *model, bool free_bypass, uint64_t limit)
{
  struct search s;
  struct walk w = {
    .s = &s, .free_bypass = free_bypass, .visit = count_one, .limit = limit
  };
  set_up (&s, model, 0);
  walk_all (&w);
  return w.count;
}

static bool
look_at_one (struct walk *w)
{
  struct accel_result r;
  look (w->s, w->splits, &r);
  return !spent (w->s);
}

/* The count comes first, as half of a large space is no better than a climb. */
static void
search_exhaustive (struct search *s)
{
  const struct accel_mapper_options *o = s->options;
  struct walk w = { .s = s, .free_bypass = o->free_bypass, .visit = look_at_one };
  uint64_t space = accel_mapper_space (s->model, o->free_bypass, o->budget);
  if (space > o->budget) {
    search_climb (s);
    return;
  }
  walk_all (&w);
  s->report->exhausted = s->report->evaluations == space;
}

/* ---- The whole ------------------------------------------------------------------- */

void
accel_mapper_search (const struct accel_loopnest *model,
                     const struct accel_mapper_options *options,
                     struct accel_mapper_report *report)
{
  struct search s;
  set_up (&s, model, options->seed);
  s.options = options;
  s.report = report;
  *report = (struct accel_mapper_report){ .score = INFINITY };
  if (options->search == ACCEL_SEARCH_RANDOM)
    search_random (&s);
  else if (options->search == ACCEL_SEARCH_EXHAUSTIVE)
    search_exhaustive (&s);
  else
    search_climb (&s);
}
