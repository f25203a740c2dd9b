/* The frame of reinforcement learners: episodes, asking without repeats, hearing. */
#include "tests/plugins/common/rl_scene.h"

#include <math.h>

/* A learner that always wants the default design. */
static struct scene *here;

static void
stubborn (void *self, double extra, struct choice *choice, double *row)
{
  (void)self;
  (void)extra;
  gym_space_default (here->space, row);
  heads_levels (&here->rl.heads, row, choice->levels, choice->active);
}

struct heard {
  int n, drawn;
  uint64_t tickets[256];
};

static int
hear (void *self, const struct episode *episode)
{
  struct heard *h = self;
  h->drawn += episode->drawn;
  h->tickets[h->n++] = episode->ticket;
  return GYM_OK;
}

static int
ask (struct scene *s, size_t n, uint64_t first, double *designs)
{
  uint64_t tickets[64];
  uint32_t fidelities[64] = { 0 };
  for (size_t i = 0; i < n; i++)
    tickets[i] = first + i;
  struct gym_asks asks = { .struct_size = sizeof asks,
                           .n = n,
                           .tickets = tickets,
                           .designs = designs,
                           .fidelities = fidelities };
  here = s;
  return rl_ask (&s->rl, &asks, stubborn, NULL, NULL);
}

static int
tell (struct scene *s, uint64_t ticket, const double *design, double objective,
      struct heard *heard)
{
  const uint32_t status = GYM_TRIAL_OK;
  struct gym_tells tells = { .struct_size = sizeof tells,
                             .n = 1,
                             .tickets = &ticket,
                             .designs = design,
                             .objectives = &objective,
                             .metrics = &objective,
                             .statuses = &status };
  return rl_tell (&s->rl, &tells, hear, heard, NULL);
}

/* However stubborn the policy, no design twice, and an end when there is none left. */
static void
test_no_repeats (void)
{
  struct scene s;
  struct heard heard = { 0 };
  double designs[SPACES_SMALL + 1][16];
  int n = 0;
  scene_open (&s, spaces_small (), 1);
  while (n <= SPACES_SMALL && ask (&s, 1, (uint64_t)n, designs[n]) == 1) {
    for (int k = 0; k < n; k++)
      CU_ASSERT_FALSE (seen_same (designs[k], designs[n], s.rl.n));
    CU_ASSERT_EQUAL (tell (&s, (uint64_t)n, designs[n], n, &heard), GYM_OK);
    n++;
  }
  CU_ASSERT_EQUAL (n, SPACES_SMALL);
  CU_ASSERT_EQUAL (heard.drawn,
                   SPACES_SMALL - 1); /* all but the first were not its own */
  scene_close (&s);
}

/* Results that come out of order find their episodes. */
static void
test_order (void)
{
  static const uint64_t order[] = { 12, 10, 13, 11 };
  struct scene s;
  struct heard heard = { 0 };
  double designs[4 * 64];
  scene_open (&s, spaces_mixed (), 4);
  CU_ASSERT_EQUAL (ask (&s, 4, 10, designs), 4);
  CU_ASSERT_EQUAL (ask (&s, 1, 14, designs), 0); /* as many as may be in flight */
  gym_space_default (s.space, designs);
  for (int i = 0; i < 4; i++)
    CU_ASSERT_EQUAL (tell (&s, order[i], designs, i, &heard), GYM_OK);
  for (int i = 0; i < 4; i++)
    CU_ASSERT_EQUAL (heard.tickets[i], order[i]);
  CU_ASSERT_EQUAL (s.rl.asked, 0);
  CU_ASSERT_EQUAL (tell (&s, 99, designs, 1, &heard), GYM_EINVAL);
  scene_close (&s);
}

static void
test_observation (void)
{
  struct scene s;
  struct heard heard = { 0 };
  double design[64];
  scene_open (&s, spaces_mixed (), 1);
  CU_ASSERT_EQUAL (s.rl.n_observed, 2); /* one metric, the reward */
  CU_ASSERT (s.rl.observed[0] == 0 && s.rl.observed[1] == 0);
  for (uint64_t t = 0; t < 40; t++) {
    CU_ASSERT_EQUAL (ask (&s, 1, t, design), 1);
    tell (&s, t, design, t == 39 ? 1e9 : (double)(t % 5), &heard);
    CU_ASSERT (fabsf (s.rl.observed[0]) <= 5);
    CU_ASSERT_DOUBLE_EQUAL (s.rl.observed[0], -s.rl.observed[1], 1e-5);
  }
  CU_ASSERT (s.rl.observed[0] > 4); /* far off, within the limit */
  scene_close (&s);
}

static void
test_copies (void)
{
  struct scene s;
  scene_open (&s, spaces_mixed (), 1);
  struct episode *e = rl_episodes (&s.rl, 3);
  e[0].ticket = 5;
  e[0].choice.levels[s.rl.n - 1] = 3;
  e[0].choice.active[s.rl.n - 1] = 1;
  e[0].choice.logs[0] = -1;
  e[0].choice.code[s.rl.heads.n_code - 1] = 0.5f;
  e[0].choice.observed[0] = 2;
  rl_copy (&s.rl, &e[2], &e[0]);
  e[0].choice.levels[s.rl.n - 1] = 0;
  CU_ASSERT_EQUAL (e[2].ticket, 5);
  CU_ASSERT_EQUAL (e[2].choice.levels[s.rl.n - 1], 3);
  CU_ASSERT_EQUAL (e[2].choice.active[s.rl.n - 1], 1);
  CU_ASSERT_EQUAL (e[2].choice.logs[0], -1);
  CU_ASSERT_EQUAL (e[2].choice.code[s.rl.heads.n_code - 1], 0.5f);
  CU_ASSERT_EQUAL (e[2].choice.observed[0], 2);
  CU_ASSERT_EQUAL (e[1].choice.levels[s.rl.n - 1], 0);
  CU_ASSERT_EQUAL (e[1].choice.observed[0], 0);
  free (e);
  scene_close (&s);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "no repeats", test_no_repeats },
                                           { "results out of order", test_order },
                                           { "observations", test_observation },
                                           { "copies", test_copies },
                                           { 0 } };
  return tap_run ("rl", tests);
}
