/* Evaluation in the calling thread: all tasks come back, once, with their own results. */
#include "core/dispatch.h"
#include "tests/core/help.h"

enum { n_tasks = 9 };

struct marks {
  int n;
  uint64_t first[32], length[32];
};

static void
mark (void *context, uint64_t first, uint64_t n)
{
  struct marks *m = context;
  m->first[m->n] = first;
  m->length[m->n++] = n;
}

static void
test_tasks (void)
{
  gym_registry *r = help_registry ();
  gym_env *env = help_env (r, "faulty", NULL);
  struct gym_dispatch *d = gym_dispatch_local_new (env, NULL);
  struct gym_task tasks[n_tasks], *list[n_tasks], *done[n_tasks];
  double designs[n_tasks][2], metrics[n_tasks][2], expected[2];
  struct marks marks = { 0 };
  d->mark = mark;
  d->mark_context = &marks;
  for (int i = 0; i < n_tasks; i++) {
    designs[i][0] = 10 * i;
    designs[i][1] = i % 2;
    tasks[i] = (struct gym_task){ .number = (uint64_t)i + 100,
                                  .design = designs[i],
                                  .attempts = i == 4,
                                  .metrics = metrics[i] };
    list[i] = &tasks[i];
  }
  CU_ASSERT_EQUAL (d->wait (d, done, n_tasks, NULL), 0);
  CU_ASSERT_EQUAL (d->submit (d, list, n_tasks, NULL), GYM_OK);
  int n, got = 0;
  while ((n = d->wait (d, done, 3, NULL)) > 0)
    for (int i = 0; i < n; i++) {
      struct gym_task *t = done[i];
      uint32_t status;
      CU_ASSERT_PTR_EQUAL (t, &tasks[got]);
      gym_env_evaluate (env, 1, t->design, NULL, NULL, expected, &status, NULL, NULL);
      CU_ASSERT (t->metrics[0] == expected[0] && t->metrics[1] == expected[1]);
      CU_ASSERT_EQUAL (t->status, GYM_TRIAL_OK);
      got++;
    }
  CU_ASSERT_EQUAL (got, n_tasks);
  /* 3 and 1 before the suspect, which goes alone, then 3 and 1; each mark is lifted. */
  static const uint64_t lengths[] = { 3, 0, 1, 0, 1, 0, 3, 0, 1, 0 };
  CU_ASSERT_EQUAL (marks.n, 10);
  for (int i = 0; i < marks.n; i++)
    CU_ASSERT_EQUAL (marks.length[i], lengths[i]);
  CU_ASSERT_EQUAL (marks.first[4], 104);
  d->destroy (d);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "tasks", test_tasks }, { 0 } };
  return tap_run ("dispatch_local", tests);
}
