#include "tests/core/spaces.h"
#include "tests/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const level_pool[] = { "a",    "b,c",   "d\\e", "f=g",
                                          "Fifo", "8",     "1e3",  "\xC3\xA9t\xC3\xA9",
                                          "h i",  "\"q\"", "x",    "y" };

enum { pool_size = sizeof level_pool / sizeof level_pool[0] };

struct range {
  double low, high, step;
  uint32_t flags;
};

static const struct range small_integers[] = {
  { .low = 0, .high = 3 },
  { .low = 1, .high = 9, .step = 3 },
  { .low = -2, .high = 2 },
  { .low = 7, .high = 7 },
  { .low = 1, .high = 6, .flags = GYM_PARAM_LOG },
  { .low = 9007199254740988.0, .high = 9007199254740992.0, .step = 2 },
};

static const struct range integers[] = {
  { .low = 0, .high = 1000 },
  { .low = -9007199254740992.0, .high = 9007199254740992.0 },
  { .low = -9007199254740992.0, .high = 9007199254740991.0, .step = 7 },
  { .low = 9007199254740900.0, .high = 9007199254740992.0, .step = 3 },
  { .low = 1, .high = 1024, .flags = GYM_PARAM_LOG },
  { .low = 3, .high = 100000, .step = 17, .flags = GYM_PARAM_LOG },
  { .low = 1, .high = 9007199254740992.0, .flags = GYM_PARAM_LOG },
  { .low = 5, .high = 5, .flags = GYM_PARAM_LOG },
  { .low = 1, .high = 10, .step = 4 },
};

static const struct range reals[] = {
  { .low = 0, .high = 1 },
  { .low = -1.7e308, .high = 1.7e308 },
  { .low = 5e-324, .high = 1e-300 },
  { .low = 0, .high = 5e-324 },
  { .low = 1, .high = 1.0000000000000002 },
  { .low = -3, .high = -3 },
  { .low = -0.0, .high = 2.5 },
  { .low = 1e-9, .high = 1e9, .flags = GYM_PARAM_LOG },
  { .low = 5e-324, .high = 1.7e308, .flags = GYM_PARAM_LOG },
  { .low = 2, .high = 2, .flags = GYM_PARAM_LOG },
};

#define PICK(rng, list) (&(list)[gym_rng_below (rng, sizeof (list) / sizeof (list)[0])])

static void
set_range (struct gym_param *p, const struct range *r)
{
  p->low = r->low;
  p->high = r->high;
  p->step = r->step;
  p->flags = r->flags;
  p->initial = r->low;
}

static void
make_param (struct gym_param *p, gym_rng *rng, bool small)
{
  static const char *const units[] = { NULL, "ns", "mW", "kB", "cycles", "%" };
  p->kind = (uint32_t)(1 + gym_rng_below (rng, small ? 3 : 4));
  p->doc = gym_rng_below (rng, 2) ? "What it does." : NULL;
  if (p->kind == GYM_INTEGER && (small || gym_rng_below (rng, 2)))
    set_range (p, PICK (rng, small_integers));
  else if (p->kind == GYM_INTEGER)
    set_range (p, PICK (rng, integers));
  else if (p->kind == GYM_REAL)
    set_range (p, PICK (rng, reals));
  else {
    uint32_t first = (uint32_t)gym_rng_below (rng, pool_size);
    uint32_t most = pool_size - first;
    p->levels = level_pool + first;
    p->n_levels = 1 + (uint32_t)gym_rng_below (rng, small && most > 4 ? 4 : most);
    p->initial = (double)gym_rng_below (rng, p->n_levels);
    return;
  }
  p->unit = *PICK (rng, units);
}

static void
value_text (const struct gym_param *p, uint64_t index, char text[40])
{
  double step = p->step == 0 ? 1 : p->step;
  if (p->kind == GYM_INTEGER)
    snprintf (text, 40, "%.0f", p->low + (double)index * step);
  else
    snprintf (text, 40, "%s", p->levels[index]);
}

/* Hangs parameter i on an earlier one, when the one that is tried fits. */
static void
make_child (struct table *t, uint32_t i, gym_rng *rng)
{
  uint32_t at = (uint32_t)gym_rng_below (rng, i), n = 0;
  const struct gym_param *up = &t->params[at];
  double step = up->step == 0 ? 1 : up->step;
  double count = up->kind == GYM_INTEGER ? floor ((up->high - up->low) / step) + 1
                                         : (double)up->n_levels;
  uint64_t shown = count < 4 ? (uint64_t)count : 4;
  if (up->kind == GYM_REAL)
    return;
  for (uint64_t k = shown; k-- > 0;)
    if (gym_rng_below (rng, 2) || (k == 0 && n == 0)) {
      value_text (up, k, t->texts[i][n]);
      t->when[i][n] = t->texts[i][n];
      n++;
    }
  t->params[i].parent = t->names[at];
  t->params[i].when = t->when[i];
}

void
make_table (struct table *table, gym_rng *rng, uint32_t n, bool small)
{
  memset (table, 0, sizeof *table);
  for (uint32_t i = 0; i < n; i++) {
    struct gym_param *p = &table->params[i];
    snprintf (table->names[i], sizeof table->names[i], "%s%u", i % 3 ? "p." : "_q", i);
    p->name = table->names[i];
    make_param (p, rng, small);
    if (i && gym_rng_below (rng, 2))
      make_child (table, i, rng);
  }
  table->head = (struct gym_params){ .struct_size = sizeof table->head,
                                     .n = n,
                                     .stride = sizeof table->params[0],
                                     .items = table->params };
}

gym_space *
make_space (gym_rng *rng, uint32_t n, bool small)
{
  static struct table table;
  gym_error err = { 0 };
  make_table (&table, rng, n, small);
  gym_space *space = gym_space_new (&table.head, &err);
  if (!space) {
    tap_note ("%s", err.text);
    abort ();
  }
  return space;
}

bool
same_row (const double *a, const double *b, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (!(isnan (a[i]) && isnan (b[i])) && memcmp (&a[i], &b[i], sizeof a[i]) != 0)
      return false;
  return true;
}
