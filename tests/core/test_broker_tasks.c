/* The tasks of a broker against a model of lists that are searched from end to end. */
#include "core/broker_inside.h"
#include "tests/core/help.h"

#include <gym/rng.h>

enum { MODEL = 600 };

/* What must be: the keys that are known, who is queued, and in which order. */
struct model {
  struct known {
    uint64_t key;
    bool queued, removed; /* removed while queued: gone with the pop */
    struct gym_task *tasks;
  } known[MODEL];
  size_t n;
  uint64_t queue[MODEL];
  size_t queued;
};

static struct known *
model_find (struct model *m, uint64_t key)
{
  for (size_t i = 0; i < m->n; i++)
    if (m->known[i].key == key)
      return &m->known[i];
  return NULL;
}

static void
model_forget (struct model *m, struct known *k)
{
  *k = m->known[--m->n];
}

/* Keys whose low bits fall together, at the end of the table as well, so that chains are
 * long and wrap around. */
static uint64_t
draw_key (gym_rng *rng)
{
  uint64_t low =
      gym_rng_below (rng, 3) ? 60 + gym_rng_below (rng, 6) : gym_rng_below (rng, 64);
  return low | gym_rng_below (rng, 12) << 40 | (low & 1 ? UINT64_MAX << 48 : 0);
}

struct play {
  struct broker_tasks tasks;
  struct model model;
  gym_rng rng;
  struct gym_task some;
  unsigned bad;
};

static void
play_add (struct play *p)
{
  uint64_t key = draw_key (&p->rng);
  struct known *k = model_find (&p->model, key);
  bool fresh;
  if (!k && p->model.n == MODEL)
    return;
  struct entry *e = tasks_add (&p->tasks, key, &fresh);
  p->bad += !e || e->key != key || fresh == (k != NULL);
  if (!e)
    return;
  if (!k) {
    p->bad += e->tasks || e->queued || e->attempts || e->peer != NOBODY;
    k = &p->model.known[p->model.n++];
    *k = (struct known){ .key = key };
  }
  /* One that was removed while it waited comes back to life where it is. */
  e->tasks = &p->some;
  k->tasks = &p->some;
  k->removed = false;
}

static struct known *
draw_known (struct play *p)
{
  return p->model.n ? &p->model.known[gym_rng_below (&p->rng, p->model.n)] : NULL;
}

static void
play_remove (struct play *p)
{
  struct known *k = draw_known (p);
  struct entry *e = k ? tasks_find (&p->tasks, k->key) : NULL;
  p->bad += k && !e;
  if (!e)
    return;
  tasks_remove (&p->tasks, e);
  if (k->queued) {
    k->removed = true;
    k->tasks = NULL;
    p->bad += e->tasks != NULL || !e->queued;
  } else
    model_forget (&p->model, k);
}

static void
play_push (struct play *p)
{
  struct known *k = draw_known (p);
  struct entry *e = k ? tasks_find (&p->tasks, k->key) : NULL;
  bool first = gym_rng_below (&p->rng, 2);
  struct model *m = &p->model;
  if (!e)
    return;
  p->bad += tasks_push (&p->tasks, e, first) != GYM_OK;
  if (k->queued)
    return; /* it keeps its place */
  k->queued = true;
  if (first)
    memmove (m->queue + 1, m->queue, m->queued * sizeof *m->queue);
  m->queue[first ? 0 : m->queued] = k->key;
  m->queued++;
}

/* As the broker does: what has no tasks any more is removed for good. */
static void
play_pop (struct play *p)
{
  struct model *m = &p->model;
  struct entry *e = tasks_pop (&p->tasks);
  p->bad += (e == NULL) != (m->queued == 0);
  if (!e || m->queued == 0)
    return;
  struct known *k = model_find (m, e->key);
  p->bad += e->key != m->queue[0] || e->queued || !k;
  memmove (m->queue, m->queue + 1, --m->queued * sizeof *m->queue);
  if (!k)
    return;
  p->bad += e->tasks != k->tasks;
  k->queued = false;
  if (k->removed) {
    tasks_remove (&p->tasks, e);
    model_forget (m, k);
  }
}

/* Known keys are found, others are not, and none is in the table twice. */
static void
compare (struct play *p)
{
  size_t in_table = 0;
  for (size_t i = 0; i < p->tasks.slots; i++)
    in_table += p->tasks.table[i] != 0;
  p->bad += in_table != p->model.n || p->tasks.used != p->model.n
            || p->tasks.queued != p->model.queued || 2 * p->tasks.used > p->tasks.slots;
  for (size_t i = 0; i < p->model.n; i++) {
    const struct known *k = &p->model.known[i];
    const struct entry *e = tasks_find (&p->tasks, k->key);
    p->bad += !e || e->key != k->key || e->queued != k->queued || e->tasks != k->tasks;
  }
  for (int i = 0; i < 8; i++) {
    uint64_t key = draw_key (&p->rng);
    p->bad += !tasks_find (&p->tasks, key) != !model_find (&p->model, key);
  }
}

/* Phases that fill and phases that drain: chains grow, wrap, and are closed up again. */
static void
test_against_model (void)
{
  unsigned rounds = getenv ("GYM_LONG") ? 400 : 12;
  for (unsigned seed = 1; seed <= rounds; seed++) {
    struct play p = { 0 };
    CU_ASSERT_EQUAL_FATAL (tasks_init (&p.tasks), GYM_OK);
    gym_rng_init (&p.rng, seed);
    for (int step = 0; step < 4000 && !p.bad; step++) {
      uint64_t weight = step / 500 % 2 ? 2 : 6, what = gym_rng_below (&p.rng, weight + 6);
      if (what < weight)
        play_add (&p);
      else if (what < weight + 2)
        play_remove (&p);
      else if (what < weight + 4)
        play_push (&p);
      else
        play_pop (&p);
      if (step % 16 == 0)
        compare (&p);
    }
    compare (&p);
    CU_ASSERT_EQUAL (p.bad, 0);
    tasks_free (&p.tasks);
  }
}

/* All in, all out in order: the table and the ring grow from their first size. */
static void
test_growth (void)
{
  enum { MANY = 5000 };
  struct broker_tasks t;
  struct gym_task task = { 0 };
  unsigned bad = 0;
  CU_ASSERT_EQUAL_FATAL (tasks_init (&t), GYM_OK);
  CU_ASSERT_PTR_NULL (tasks_pop (&t));
  for (uint64_t round = 0; round < 3; round++) {
    for (uint64_t i = 0; i < MANY; i += 7) {
      bool fresh = false;
      struct entry *e = tasks_add (&t, i << 32, &fresh); /* all of one home */
      bad += !e || !fresh || tasks_push (&t, e, i % 2) != GYM_OK;
      if (e)
        e->tasks = &task;
    }
    /* The odd ones from the last to the first, then the even ones. */
    uint64_t last = UINT64_MAX;
    for (struct entry *e; (e = tasks_pop (&t));) {
      uint64_t i = e->key >> 32;
      bad += last != UINT64_MAX && (last % 2 ? i % 2 && i > last : i % 2 || i < last);
      last = i;
      tasks_remove (&t, e);
    }
    CU_ASSERT_EQUAL (t.used, 0);
    CU_ASSERT_EQUAL (t.queued, 0);
  }
  CU_ASSERT_EQUAL (bad, 0);
  CU_ASSERT (t.n <= MANY / 7 + 1); /* places are used again */
  tasks_free (&t);
}

/* The life of a trial whose lost worker's result comes after all. */
static void
test_removed_while_queued (void)
{
  struct broker_tasks t;
  struct gym_task task = { 0 };
  bool fresh;
  CU_ASSERT_EQUAL_FATAL (tasks_init (&t), GYM_OK);
  struct entry *e = tasks_add (&t, 7, &fresh);
  CU_ASSERT_PTR_NOT_NULL_FATAL (e);
  e->tasks = &task;
  tasks_push (&t, e, false);
  tasks_remove (&t, e);
  CU_ASSERT_PTR_NULL (e->tasks);
  CU_ASSERT_PTR_EQUAL (tasks_find (&t, 7), e);
  /* Asked for once more before it is popped: not fresh, and queued once. */
  CU_ASSERT_PTR_EQUAL (tasks_add (&t, 7, &fresh), e);
  CU_ASSERT_FALSE (fresh);
  e->tasks = &task;
  tasks_push (&t, e, true);
  CU_ASSERT_PTR_EQUAL (tasks_pop (&t), e);
  CU_ASSERT_PTR_EQUAL (e->tasks, &task);
  CU_ASSERT_PTR_NULL (tasks_pop (&t));
  tasks_remove (&t, e);
  CU_ASSERT_PTR_NULL (tasks_find (&t, 7));
  CU_ASSERT_EQUAL (t.used, 0);
  tasks_free (&t);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "against a model", test_against_model },
                                           { "growth", test_growth },
                                           { "removed while queued",
                                             test_removed_while_queued },
                                           { 0 } };
  return tap_run ("broker_tasks", tests);
}
