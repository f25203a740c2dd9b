/* A study and its store: replays that differ, results known from other studies, growth.
 */
#include "tests/core/study_help.h"

#include <math.h>

/* An agent whose proposals depend on a number outside of its seed. */
static double drift;

struct drifter {
  uint64_t next;
};

static int
drifter_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
              uint64_t seed, gym_error *err)
{
  (void)self;
  (void)host;
  (void)problem;
  (void)seed;
  (void)err;
  return GYM_OK;
}

static void
drifter_close (void *self)
{
  (void)self;
}

static int
drifter_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct drifter *d = self;
  (void)err;
  for (size_t i = 0; i < asks->n; i++) {
    asks->designs[2 * i] = (double)d->next + (d->next >= 7 ? drift : 0);
    asks->designs[2 * i + 1] = 0;
    d->next++;
  }
  return (int)asks->n;
}

static int
drifter_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  (void)self;
  (void)tells;
  (void)err;
  return GYM_OK;
}

static const struct gym_agent_class drifter = { .struct_size =
                                                    sizeof (struct gym_agent_class),
                                                .id = "drifter-v1",
                                                .summary = "drifts",
                                                .instance_size = sizeof (struct drifter),
                                                .open = drifter_open,
                                                .close = drifter_close,
                                                .ask = drifter_ask,
                                                .tell = drifter_tell };
static const struct gym_agent_class *const agents[] = { &drifter, NULL };
static const struct gym_plugin made = { GYM_PLUGIN_ABI, .name = "made", .version = "1",
                                        .licence = "MIT", .agents = agents };

static int
stop_at_ten (void *context, const struct gym_trial *trial, gym_error *err)
{
  (void)context;
  return trial->number == 9 ? gym_fail (err, GYM_ECANCELLED, "enough") : 0;
}

static void
test_mismatch (void)
{
  struct help_plan plan = { .env = "faulty", .objective = "height", .budget = 20 };
  char path[256];
  plan.store = help_scratch (path, "runs.db");
  for (int life = 0; life < 2; life++) {
    struct help_scene s;
    gym_error err = { 0 };
    CU_ASSERT_EQUAL_FATAL (help_study (&s, &plan), GYM_OK);
    CU_ASSERT_EQUAL (gym_registry_add (s.registry, &made, "test", NULL), GYM_OK);
    CU_ASSERT_EQUAL (gym_study_add (s.study, "drifter", NULL, NULL, &err), GYM_OK);
    drift = life * 100;
    if (life == 0)
      gym_study_on_trial (s.study, stop_at_ten, NULL);
    int rc = gym_study_run (s.study, &err);
    if (life == 0) {
      CU_ASSERT_EQUAL (rc, GYM_ECANCELLED);
    } else {
      CU_ASSERT_EQUAL (rc, GYM_EMISMATCH);
      CU_ASSERT (help_says (&err, "trial 7"));
      CU_ASSERT (help_says (&err, "point=107"));
      CU_ASSERT (help_says (&err, "has 7"));
    }
    help_end (&s);
  }
  /* The agent that wrote the log can still go on. */
  struct help_scene s;
  drift = 0;
  CU_ASSERT_EQUAL_FATAL (help_study (&s, &plan), GYM_OK);
  gym_registry_add (s.registry, &made, "test", NULL);
  gym_study_add (s.study, "drifter", NULL, NULL, NULL);
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
  help_end (&s);
  help_remove (path);
}

struct counts {
  size_t cached, replayed, all;
};

static int
count (void *context, const struct gym_trial *trial, gym_error *err)
{
  struct counts *c = context;
  (void)err;
  c->all++;
  c->cached += trial->cached;
  c->replayed += trial->replayed;
  return GYM_OK;
}

static struct counts
counts_of (const struct help_plan *plan)
{
  struct help_scene s;
  struct counts c = { 0 };
  gym_error err = { 0 };
  CU_ASSERT_EQUAL_FATAL (help_study (&s, plan), GYM_OK);
  gym_study_on_trial (s.study, count, &c);
  if (gym_study_run (s.study, &err) < 0)
    tap_note ("%s", err.text);
  help_end (&s);
  return c;
}

/* Another study in the same file pays nothing for what the first one knows; a study on
 * another surface is another env and shares nothing. */
static void
test_known (void)
{
  static const char *const rugged[] = { "surface=rugged", NULL };
  struct help_plan plan = {
    .env = "toy", .objective = "delay", .agents = { "random" }, .budget = 50
  };
  char path[256];
  plan.store = help_scratch (path, "runs.db");
  struct counts c = counts_of (&plan);
  CU_ASSERT (c.all == 50 && c.cached == 0 && c.replayed == 0);
  plan.objective = "energy";
  c = counts_of (&plan);
  CU_ASSERT (c.all == 50 && c.cached == 50 && c.replayed == 0);
  plan.env_options = rugged;
  c = counts_of (&plan);
  CU_ASSERT (c.all == 50 && c.cached == 0 && c.replayed == 0);
  help_remove (path);
}

/* Agents and seeds can be added to a study that is in the store already. */
static void
test_growth (void)
{
  struct help_plan plan = { .env = "toy",
                            .objective = "delay",
                            .agents = { "random" },
                            .seeds = "1,2",
                            .budget = 30 };
  char grown[256], whole[256];
  plan.store = help_scratch (grown, "grown.db");
  CU_ASSERT_EQUAL (counts_of (&plan).replayed, 0);
  plan.agents[1] = "ga";
  plan.seeds = "1..3";
  struct counts c = counts_of (&plan);
  CU_ASSERT_EQUAL (c.replayed, 60);
  CU_ASSERT (c.all >= 180);
  plan.store = help_scratch (whole, "whole.db");
  CU_ASSERT_EQUAL (counts_of (&plan).replayed, 0);
  char *a = help_dump (grown), *b = help_dump (whole);
  CU_ASSERT_STRING_EQUAL (a, b);
  free (a);
  free (b);
  help_remove (grown);
  help_remove (whole);
}

static void
test_bad_stores (void)
{
  struct help_plan plan = {
    .env = "toy", .objective = "delay", .agents = { "random" }, .budget = 30
  };
  static const char *const paths[] = { "/no/such/folder/runs.db", "/dev/null/x", "/tmp" };
  for (size_t i = 0; i < 3; i++) {
    struct help_scene s;
    gym_error err = { 0 };
    plan.store = paths[i];
    CU_ASSERT_EQUAL_FATAL (help_study (&s, &plan), GYM_OK);
    CU_ASSERT (gym_study_run (s.study, &err) < 0);
    CU_ASSERT (help_says (&err, paths[i]));
    help_end (&s);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = { { "a replay that differs", test_mismatch },
                                           { "known results", test_known },
                                           { "a study that grows", test_growth },
                                           { "stores that cannot be", test_bad_stores },
                                           { 0 } };
  return tap_run ("study_log", tests);
}
