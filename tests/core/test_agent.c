/* Open agents: tickets, and what a misbehaving plugin may not get away with. */
#include "tests/core/help.h"

#include <math.h>

/* An agent that proposes the points of a line and, when told to, breaks a rule. */
enum mischief { NONE, TOO_MANY, INFINITE, BAD_FIDELITY, REFUSE, OFF_GRID };

struct walker {
  int64_t mischief;
  uint32_t p, m, n;
  uint64_t next;
  size_t told;
  double last_objective, last_metric;
};

static const struct gym_option options[] = { { .name = "mischief",
                                               .doc = "Which rule to break.",
                                               .type = GYM_OPTION_INT,
                                               .offset =
                                                   offsetof (struct walker, mischief),
                                               .low = 0,
                                               .high = 5,
                                               .initial = "0" } };

static int
walker_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
             uint64_t seed, gym_error *err)
{
  struct walker *w = self;
  (void)err;
  w->p = host->space_size (problem->space);
  w->m = problem->n_objectives;
  w->n = problem->metrics.n;
  w->next = seed;
  return GYM_OK;
}

static void
walker_close (void *self)
{
  (void)self;
}

static int
walker_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct walker *w = self;
  if (w->mischief == REFUSE)
    return gym_fail (err, GYM_EFAILED, "no more ideas");
  for (size_t i = 0; i < asks->n; i++) {
    asks->designs[i * w->p] = (double)(w->next++ % 1000);
    asks->designs[i * w->p + 1] = 1;
    if (w->mischief == INFINITE)
      asks->designs[i * w->p] = INFINITY;
    if (w->mischief == OFF_GRID)
      asks->designs[i * w->p] = 4711.3;
    if (w->mischief == BAD_FIDELITY)
      asks->fidelities[i] = 7;
  }
  return (int)asks->n + (w->mischief == TOO_MANY);
}

static struct walker *spy; /* the instance of the running test */

static int
walker_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct walker *w = self;
  (void)err;
  w->told += tells->n;
  w->last_objective = tells->objectives[(tells->n - 1) * w->m];
  w->last_metric = tells->metrics[(tells->n - 1) * w->n];
  spy = w;
  return GYM_OK;
}

static const struct gym_agent_class walker = { .struct_size =
                                                   sizeof (struct gym_agent_class),
                                               .id = "walker-v1",
                                               .summary = "walks",
                                               .options =
                                                   GYM_ARRAY (gym_options, options),
                                               .instance_size = sizeof (struct walker),
                                               .max_objectives = 1,
                                               .in_flight = 1,
                                               .open = walker_open,
                                               .close = walker_close,
                                               .ask = walker_ask,
                                               .tell = walker_tell };
/* An agent around another: it hands everything on, and forgets to close what it opened.
 */
struct shell {
  const char *inner;
  const struct gym_host *host;
  struct gym_agent *agent;
};

static const struct gym_option shell_options[] = { { .name = "inner",
                                                     .doc = "The agent inside.",
                                                     .type = GYM_OPTION_AGENT,
                                                     .offset =
                                                         offsetof (struct shell, inner),
                                                     .initial = "walker" } };

static int
shell_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
            uint64_t seed, gym_error *err)
{
  struct shell *s = self;
  s->host = host;
  s->agent = host->agent_open (host, "inner", problem, seed, err);
  return s->agent ? GYM_OK : GYM_EFAILED;
}

static int
shell_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct shell *s = self;
  uint64_t tickets[16];
  return s->host->agent_ask (s->agent, asks->n, tickets, asks->designs, asks->fidelities,
                             err);
}

static int
shell_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct shell *s = self;
  return s->host->agent_tell (s->agent, tells->n, tells->tickets, tells->designs,
                              tells->objectives, tells->violations, tells->metrics,
                              tells->statuses, err);
}

static const struct gym_agent_class shell = { .struct_size =
                                                  sizeof (struct gym_agent_class),
                                              .id = "shell-v1",
                                              .summary = "hands on",
                                              .options =
                                                  GYM_ARRAY (gym_options, shell_options),
                                              .instance_size = sizeof (struct shell),
                                              .in_flight = 1,
                                              .open = shell_open,
                                              .close = walker_close,
                                              .ask = shell_ask,
                                              .tell = shell_tell };
static const struct gym_agent_class *const agents[] = { &walker, &shell, NULL };
static const struct gym_plugin made = { GYM_PLUGIN_ABI, .name = "made", .version = "1",
                                        .licence = "MIT", .agents = agents };

struct scene {
  gym_registry *registry;
  gym_env *env;
  gym_objective *objective;
  struct gym_problem problem;
};

static void
set_up (struct scene *s, const char *objective)
{
  s->registry = help_registry ();
  CU_ASSERT_EQUAL (gym_registry_add (s->registry, &made, "test", NULL), GYM_OK);
  s->env = help_env (s->registry, "faulty", NULL);
  CU_ASSERT_FATAL (s->env != NULL);
  s->objective = gym_objective_parse (objective, gym_env_metrics (s->env), NULL);
  gym_problem_init (&s->problem, s->env, s->objective, 100, 0);
}

static void
tear_down (struct scene *s)
{
  gym_objective_destroy (&s->objective);
  gym_env_destroy (&s->env);
  gym_registry_destroy (&s->registry);
}

static void
test_tickets (void)
{
  struct scene s;
  gym_error err = { 0 };
  set_up (&s, "height");
  gym_agent *a = gym_agent_open (s.registry, "walker", NULL, &s.problem, 5, &err);
  CU_ASSERT_FATAL (a != NULL);
  CU_ASSERT_STRING_EQUAL (gym_agent_entry (a)->id, "walker-v1");
  uint64_t tickets[100];
  double designs[200];
  uint32_t fidelities[100], ok = GYM_TRIAL_OK;
  for (int round = 0; round < 10; round++)
    CU_ASSERT_EQUAL (gym_agent_ask (a, 10, tickets + 10 * round, designs + 20 * round,
                                    fidelities, NULL),
                     10);
  for (int i = 0; i < 100; i++) {
    CU_ASSERT_EQUAL (tickets[i], tickets[0] + (uint64_t)i);
    CU_ASSERT_EQUAL (designs[2 * i], 5 + i);
  }
  CU_ASSERT_EQUAL (gym_agent_outstanding (a), 100);
  /* Out of order, each once; a second time is an error that changes nothing. */
  double objective = 1;
  for (int i = 0; i < 100; i++) {
    uint64_t t = tickets[(i * 37) % 100];
    CU_ASSERT_EQUAL (gym_agent_tell (a, 1, &t, NULL, &objective, NULL, NULL, &ok, NULL),
                     0);
    CU_ASSERT_EQUAL (gym_agent_tell (a, 1, &t, NULL, &objective, NULL, NULL, &ok, &err),
                     GYM_EINVAL);
  }
  CU_ASSERT (help_says (&err, "not outstanding"));
  CU_ASSERT_EQUAL (gym_agent_outstanding (a), 0);
  CU_ASSERT_EQUAL (spy->told, 100);
  uint64_t never = tickets[99] + 1;
  CU_ASSERT_EQUAL (gym_agent_tell (a, 1, &never, NULL, &objective, NULL, NULL, &ok, &err),
                   GYM_EINVAL);
  gym_agent_destroy (&a);
  gym_agent_destroy (&a);
  tear_down (&s);
}

/* Whatever the caller's arrays hold, a trial that is not ok is told as NaN. */
static void
test_told (void)
{
  struct scene s;
  gym_error err = { 0 };
  set_up (&s, "height");
  gym_agent *a = gym_agent_open (s.registry, "walker", NULL, &s.problem, 5, &err);
  uint64_t tickets[3];
  double designs[6], objective = 3, metrics[2] = { 4, 5 };
  uint32_t fidelities[3], failed = GYM_TRIAL_FAILED, ok = GYM_TRIAL_OK, silly = 9;
  gym_agent_ask (a, 3, tickets, designs, fidelities, NULL);
  gym_agent_tell (a, 1, tickets, NULL, &objective, NULL, metrics, &failed, NULL);
  CU_ASSERT (isnan (spy->last_objective) && isnan (spy->last_metric));
  gym_agent_tell (a, 1, tickets + 1, NULL, &objective, NULL, metrics, &ok, NULL);
  CU_ASSERT (spy->last_objective == 3 && spy->last_metric == 4);
  objective = NAN;
  CU_ASSERT_EQUAL (
      gym_agent_tell (a, 1, tickets + 2, NULL, &objective, NULL, metrics, &ok, &err),
      GYM_EINVAL);
  CU_ASSERT (help_says (&err, "not a finite number"));
  CU_ASSERT_EQUAL (
      gym_agent_tell (a, 1, tickets + 2, NULL, &objective, NULL, metrics, &silly, &err),
      GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_agent_outstanding (a), 1);
  gym_agent_destroy (&a);
  tear_down (&s);
}

static void
test_mischief (void)
{
  static const struct {
    const char *option;
    int code;
    const char *word;
  } cases[] = { { "mischief=1", GYM_EPLUGIN, "returned 5 proposals" },
                { "mischief=2", GYM_EPLUGIN, "infinite \"point\"" },
                { "mischief=3", GYM_EPLUGIN, "fidelity 7" },
                { "mischief=4", GYM_EFAILED, "agent walker-v1: no more ideas" } };
  struct scene s;
  set_up (&s, "height");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *const texts[] = { cases[i].option, NULL };
    gym_error err = { 0 };
    gym_settings *settings = help_settings (texts);
    gym_agent *a = gym_agent_open (s.registry, "walker", settings, &s.problem, 1, NULL);
    uint64_t tickets[5];
    double designs[10];
    uint32_t fidelities[5];
    CU_ASSERT_EQUAL (gym_agent_ask (a, 4, tickets, designs, fidelities, &err),
                     cases[i].code);
    CU_ASSERT (help_says (&err, cases[i].word));
    gym_agent_destroy (&a);
    gym_settings_destroy (&settings);
  }
  tear_down (&s);
}

static void
test_repair_and_refusals (void)
{
  struct scene s;
  gym_error err = { 0 };
  static const char *const off[] = { "mischief=5", NULL };
  set_up (&s, "height");
  gym_settings *settings = help_settings (off);
  gym_agent *a = gym_agent_open (s.registry, "walker", settings, &s.problem, 1, NULL);
  uint64_t ticket;
  double design[2];
  uint32_t fidelity;
  CU_ASSERT_EQUAL (gym_agent_ask (a, 1, &ticket, design, &fidelity, NULL), 1);
  CU_ASSERT_EQUAL (design[0], 999); /* clipped and on the grid */
  gym_agent_destroy (&a);
  gym_settings_destroy (&settings);
  tear_down (&s);
  set_up (&s, "height,weight");
  CU_ASSERT_PTR_NULL (gym_agent_open (s.registry, "walker", NULL, &s.problem, 1, &err));
  CU_ASSERT (help_says (&err, "handles 1 objective, not 2"));
  tear_down (&s);
}

static void
test_inside (void)
{
  struct scene s;
  gym_error err = { 0 };
  set_up (&s, "height");
  static const char *const given[] = { "inner.mischief=5", NULL },
                           *const itself[] = { "inner=shell", NULL },
                           *const unknown[] = { "inner.mischeif=5", NULL },
                           *const nobody[] = { "inner=nobody", NULL };
  gym_settings *settings = help_settings (given);
  gym_agent *a = gym_agent_open (s.registry, "shell", settings, &s.problem, 4, &err);
  CU_ASSERT_FATAL (a != NULL);
  CU_ASSERT_PTR_NOT_NULL (
      strstr (gym_agent_identity (a), "{\"id\": \"walker\", \"mischief\": \"5\"}"));
  uint64_t ticket;
  double design[2], objective = 1;
  uint32_t fidelity, ok = GYM_TRIAL_OK;
  CU_ASSERT_EQUAL (gym_agent_ask (a, 1, &ticket, design, &fidelity, NULL), 1);
  CU_ASSERT_EQUAL (design[0], 999);
  CU_ASSERT_EQUAL (
      gym_agent_tell (a, 1, &ticket, NULL, &objective, NULL, NULL, &ok, NULL), GYM_OK);
  CU_ASSERT_EQUAL (spy->told, 1);
  gym_agent_destroy (&a);
  gym_settings_destroy (&settings);
  const char *const *bad[] = { itself, unknown, nobody };
  static const char *const words[] = { "inside itself", "mischief", "walker-v1" };
  for (int i = 0; i < 3; i++) {
    settings = help_settings (bad[i]);
    CU_ASSERT_PTR_NULL (
        gym_agent_open (s.registry, "shell", settings, &s.problem, 4, &err));
    CU_ASSERT (help_says (&err, words[i]) && help_says (&err, "agent shell-v1: inner: "));
    gym_settings_destroy (&settings);
  }
  tear_down (&s);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "tickets", test_tickets },
                                           { "what an agent is told", test_told },
                                           { "broken rules", test_mischief },
                                           { "repair and refusals",
                                             test_repair_and_refusals },
                                           { "an agent inside another", test_inside },
                                           { 0 } };
  return tap_run ("agent", tests);
}
