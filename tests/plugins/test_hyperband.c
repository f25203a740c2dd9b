/* Hyperband: brackets and ladders as in the papers, one agent around another, budgets in
 * units of cost, and cheap results that pay. */
#include "tests/tap.h"

#include "tests/plugins/functions.h"
#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

#include <gym/plugin.h>
#include <gym/stats.h>
#include <gym/study.h>
#include <math.h>
#include <string.h>

static const char *const variants[] = { NULL, "inner=regevo eta=2", "mode=asha" };
enum { VARIANTS = sizeof variants / sizeof variants[0], MOST = 4000 };

static void
test_laws (void)
{
  for (int v = 0; v < VARIANTS; v++) {
    laws_determinism ("hyperband", variants[v]);
    laws_exhaustion ("hyperband", variants[v]);
    laws_failures ("hyperband", variants[v]);
    laws_small_budgets ("hyperband", variants[v]);
  }
  laws_coverage ("hyperband", NULL);
  laws_repair ("hyperband");
}

/* ---- a function at several fidelities ---- */

static const struct gym_fidelity ninths[] = { { .name = "low", .cost = 1. / 9 },
                                              { .name = "middle", .cost = 1. / 3 },
                                              { .name = "high", .cost = 1 } };
static const struct gym_fidelities three = GYM_ARRAY (gym_fidelities, ninths);

/* A sum of digits; a share of it at lower fidelities, beside something of no meaning. */
static uint32_t
shares (void *context, const double *row, uint32_t fidelity, double *objectives,
        double *violations)
{
  static const double part[] = { 0.1, 0.3, 1 };
  (void)context, (void)violations;
  objectives[0] = 5;
  for (int i = 0; i < 12; i++)
    objectives[0] += row[i];
  objectives[0] = part[fidelity] * objectives[0] - (2 - (int)fidelity);
  return GYM_TRIAL_OK;
}

struct record {
  double rows[MOST][12], values[MOST];
  uint32_t levels[MOST];
};

static struct play
scene (const char *settings, double cost, struct record *r)
{
  return (struct play){ .registry = play_registry (),
                        .agent = "hyperband",
                        .settings = settings,
                        .space = spaces_wide (),
                        .seed = 1,
                        .budget = MOST,
                        .judge_at = shares,
                        .fidelities = three,
                        .cost = cost,
                        .levels = r->levels };
}

static void
end (struct play *p)
{
  gym_space *space = (gym_space *)(uintptr_t)p->space;
  gym_registry *registry = (gym_registry *)(uintptr_t)p->registry;
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

static bool
same (const struct record *r, long a, long b)
{
  return memcmp (r->rows[a], r->rows[b], sizeof r->rows[a]) == 0;
}

/* Trials from .. from + n are of one level and go on from the best of those before. */
static void
check_rung (const struct record *r, long from, long n, uint32_t level, long before)
{
  for (long k = from; k < from + n; k++) {
    long better = 0, source = -1;
    CU_ASSERT_EQUAL (r->levels[k], level);
    for (long j = from - before; j < from; j++)
      if (same (r, j, k))
        source = j;
    for (long j = from - before; source >= 0 && j < from; j++)
      better += r->values[j] < r->values[source];
    CU_ASSERT_EQUAL (source >= 0, before > 0);
    CU_ASSERT (better < n);
  }
}

/* eta 3 and three rungs: 9, 3, 1; then 5 and 1 from the second rung; then 3 at once. With
 * results at hand one by one or nine at a time. */
static void
test_brackets (void)
{
  static struct record r;
  for (int mode = 0; mode < 2; mode++)
    for (uint32_t q = 1; q <= 9; q += 8) {
      struct play p = scene (mode ? "mode=hyperband" : "mode=halving", 30, &r);
      p.in_flight = q;
      long trials = play (&p, r.rows[0], r.values);
      CU_ASSERT (trials > 40);
      check_rung (&r, 0, 9, 0, 0);
      check_rung (&r, 9, 3, 1, 9);
      check_rung (&r, 12, 1, 2, 3);
      check_rung (&r, 13, mode ? 5 : 9, mode ? 1 : 0, 0);
      check_rung (&r, mode ? 18 : 22, mode ? 1 : 3, mode ? 2 : 1, mode ? 5 : 9);
      if (mode) {
        check_rung (&r, 19, 3, 2, 0);
        check_rung (&r, 22, 9, 0, 0);
      }
      end (&p);
    }
}

/* About a third of a rung goes on (some more, as those that went early may turn out not
 * to belong to the best), the better ones. */
static void
test_asha (void)
{
  static struct record r;
  for (uint32_t q = 1; q <= 64; q += 63) {
    struct play p = scene ("mode=asha", 40, &r);
    long count[3] = { 0 };
    double sum[3] = { 0 };
    p.in_flight = q;
    long trials = play (&p, r.rows[0], r.values);
    for (long k = 0; k < trials; k++) {
      double all = 0;
      for (int i = 0; i < 12; i++)
        all += r.rows[k][i];
      count[r.levels[k]]++;
      sum[r.levels[k]] += all;
    }
    CU_ASSERT (count[1] > count[0] / 5 && count[1] < count[0] / 2);
    CU_ASSERT (count[2] > count[1] / 5 && count[2] < count[1] / 2);
    CU_ASSERT (sum[2] / count[2] < sum[1] / count[1] - 3);
    CU_ASSERT (sum[1] / count[1] < sum[0] / count[0] - 3);
    end (&p);
  }
}

static uint32_t
by_cost (void *context, const double *row, uint32_t fidelity, double *objectives,
         double *violations)
{
  return shares (context, row, fidelity > 1 ? fidelity - 1 : fidelity, objectives,
                 violations);
}

/* 0.2 is too near to 0.3 for eta = 3; 0.3 is to 1 for eta = 4, and then 0.1 to 0.2. */
static void
test_near_fidelities (void)
{
  static struct record r;
  static const struct gym_fidelity list[] = { { .name = "a", .cost = 0.1 },
                                              { .name = "b", .cost = 0.2 },
                                              { .name = "c", .cost = 0.3 },
                                              { .name = "d", .cost = 1 } };
  for (int eta = 3; eta <= 4; eta++) {
    struct play p = scene (eta == 3 ? "eta=3" : "eta=4", 30, &r);
    long count[4] = { 0 };
    p.fidelities = (struct gym_fidelities)GYM_ARRAY (gym_fidelities, list);
    p.judge_at = by_cost;
    long trials = play (&p, r.rows[0], r.values);
    for (long k = 0; k < trials; k++)
      count[r.levels[k]]++;
    CU_ASSERT (count[3] > 0);
    CU_ASSERT_EQUAL (count[0] > 0, eta == 3);
    CU_ASSERT_EQUAL (count[1] > 0, eta == 4);
    CU_ASSERT_EQUAL (count[2] > 0, eta == 3);
    end (&p);
  }
}

/* However little there is to spend, it is not exceeded by more than the rest of one
 * evaluation, and a design is evaluated fully. */
static void
test_budgets (void)
{
  static struct record r;
  static const char *const settings[] = { "mode=halving", NULL, "mode=asha" };
  static const double costs[] = { 0.5, 1, 1.5, 2, 3.3, 7, 20 };
  for (int s = 0; s < 3; s++)
    for (int c = 0; c < 7; c++) {
      struct play p = scene (settings[s], costs[c], &r);
      double spent = 0;
      long full = 0, trials = play (&p, r.rows[0], r.values);
      for (long k = 0; k < trials; k++) {
        spent += ninths[r.levels[k]].cost;
        full += r.levels[k] == 2;
      }
      CU_ASSERT (full > 0);
      CU_ASSERT (spent < costs[c] + 1 && spent > costs[c] - 1e-6);
      end (&p);
    }
}

/* ---- the agent inside ---- */

/* Proposes random designs and keeps what it is told. */
struct spy {
  const struct gym_host *host;
  const struct gym_space *space;
  gym_rng rng;
};

static struct {
  size_t n;
  double rows[MOST][12], told[MOST];
  double budget;
  uint32_t in_flight, fidelities;
} heard;

static int
spy_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
          uint64_t seed, gym_error *err)
{
  struct spy *spy = self;
  (void)err;
  *spy = (struct spy){ .host = host, .space = problem->space };
  gym_rng_init (&spy->rng, seed);
  heard.n = 0;
  heard.budget = problem->budget;
  heard.in_flight = problem->in_flight;
  heard.fidelities = problem->fidelities.n;
  return GYM_OK;
}

static void
spy_close (void *self)
{
  (void)self;
}

static int
spy_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct spy *spy = self;
  (void)err;
  for (size_t i = 0; i < asks->n; i++)
    spy->host->space_sample (spy->space, &spy->rng, asks->designs + i * 12);
  return (int)asks->n;
}

static int
spy_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  (void)self, (void)err;
  for (size_t i = 0; i < tells->n && heard.n < MOST; i++, heard.n++) {
    memcpy (heard.rows[heard.n], tells->designs + i * 12, sizeof heard.rows[0]);
    heard.told[heard.n] = tells->objectives[i];
  }
  return GYM_OK;
}

static const struct gym_agent_class spy = { .struct_size = sizeof spy,
                                            .id = "spy-v1",
                                            .summary = "listens",
                                            .instance_size = sizeof (struct spy),
                                            .in_flight = 1,
                                            .open = spy_open,
                                            .close = spy_close,
                                            .ask = spy_ask,
                                            .tell = spy_tell };
static const struct gym_agent_class *const spies[] = { &spy, NULL };
static const struct gym_plugin made = { GYM_PLUGIN_ABI, .name = "spies", .version = "1",
                                        .licence = "MIT", .agents = spies };

/* Each design once, at what it would be worth fully, though most were never evaluated so:
 * shares are lines, and lines are learnt from three designs. */
static void
test_what_is_told (void)
{
  static struct record r;
  static const char *const settings[] = { "inner=spy mode=halving", "inner=spy",
                                          "inner=spy mode=asha" };
  for (int s = 0; s < 3; s++) {
    struct play p = scene (settings[s], 40, &r);
    CU_ASSERT_EQUAL (
        gym_registry_add ((gym_registry *)(uintptr_t)p.registry, &made, "test", NULL),
        GYM_OK);
    play (&p, r.rows[0], r.values);
    CU_ASSERT (heard.n > 60);
    CU_ASSERT_EQUAL (heard.fidelities, 1);
    CU_ASSERT (heard.budget > (double)heard.n && heard.budget < 3 * (double)heard.n);
    int off = 0; /* where it would have been better than any full result so far */
    for (size_t k = heard.n / 2; k < heard.n; k++) {
      double full, violation;
      shares (NULL, heard.rows[k], 2, &full, &violation);
      CU_ASSERT (heard.told[k] > full - 1e-6);
      off += heard.told[k] > full + 1e-6;
      for (size_t j = 0; j < k; j++)
        CU_ASSERT (memcmp (heard.rows[j], heard.rows[k], sizeof heard.rows[0]) != 0);
    }
    CU_ASSERT (off <= 2);
    end (&p);
  }
}

static uint32_t
whole (void *context, const double *row, double *objectives, double *violations)
{
  return shares (context, row, 2, objectives, violations);
}

/* With one fidelity there is nothing to decide. */
static void
test_one_fidelity (void)
{
  static double rows[2][300][12];
  static const char *const inners[] = { "inner=regevo inner.population=8 mode=asha",
                                        "inner=regevo inner.population=8" };
  for (int k = 0; k < 2; k++)
    for (uint32_t q = 1; q <= 7; q += 6) {
      static struct record r;
      struct play p = scene (inners[k], 0, &r);
      p.judge_at = NULL;
      p.levels = NULL;
      p.in_flight = q;
      p.budget = 300;
      p.judge = whole;
      CU_ASSERT_EQUAL (play (&p, rows[0][0], NULL), 300);
      p.agent = "regevo";
      p.settings = "population=8";
      CU_ASSERT_EQUAL (play (&p, rows[1][0], NULL), 300);
      CU_ASSERT_EQUAL (memcmp (rows[0], rows[1], sizeof rows[0]), 0);
      end (&p);
    }
}

/* ---- does it pay? ---- */

/* A function whose lower fidelities are shares of it, disturbed by design. */
static uint32_t
disturbed (void *context, const double *row, uint32_t fidelity, double *objectives,
           double *violations)
{
  static const double part[] = { 1. / 9, 1. / 3, 1 }, spread[] = { 0.3, 0.1, 0 };
  const struct function *f = context;
  gym_rng rng;
  gym_rng_init (&rng, gym_space_hash (f->space, row) + fidelity);
  uint32_t status = play_function (context, row, objectives, violations);
  objectives[0] *= part[fidelity] * (1 + spread[fidelity] * (gym_rng_real (&rng) - 0.5));
  return status;
}

/* The median over 20 seeds of the best full result for a cost, and of what was spent
 * until a full result was at most `target` (twice the cost where none was). */
static double
median (const char *agent, const char *settings, double cost, double target,
        double *reached)
{
  static struct record r;
  double best[20], spent[20];
  struct function *f = function_new ("misphere", 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (f);
  for (int s = 0; s < 20; s++) {
    struct play p = scene (settings, cost, &r);
    gym_space *unused = (gym_space *)(uintptr_t)p.space;
    double sum = 0;
    gym_space_destroy (&unused);
    p.agent = agent;
    p.seed = (uint64_t)s + 1;
    p.space = f->space;
    p.context = f;
    p.judge_at = disturbed;
    long trials = play (&p, r.rows[0], r.values);
    best[s] = INFINITY;
    spent[s] = 2 * cost;
    for (long k = 0; k < trials; k++) {
      sum += ninths[r.levels[k]].cost;
      if (r.levels[k] < 2)
        continue;
      best[s] = fmin (best[s], r.values[k]);
      if (r.values[k] <= target)
        spent[s] = fmin (spent[s], sum);
    }
    gym_registry *registry = (gym_registry *)(uintptr_t)p.registry;
    gym_registry_destroy (&registry);
  }
  function_free (f);
  *reached = gym_stats_quantile (spent, 20, 0.5);
  return gym_stats_quantile (best, 20, 0.5);
}

/* Against the agent inside alone, which evaluates fully, for equal cost: better, and
 * clearly earlier at what that agent had in the end. */
static void
test_pays (void)
{
  static const char *const inners[] = { "random", "regevo", "cmaes" };
  static const char *const modes[] = { "halving", "hyperband", "asha" };
  for (int i = 0; i < 3; i++)
    for (int m = 0; m < 3; m++) {
      char settings[64];
      double alone_at, at;
      double alone = median (inners[i], NULL, 60, -1, &alone_at);
      snprintf (settings, sizeof settings, "inner=%s mode=%s", inners[i], modes[m]);
      double value = median ("hyperband", settings, 60, alone, &at);
      tap_note ("%s: %.4g, alone %.4g, which it had after %.3g of 60", settings, value,
                alone, at);
      CU_ASSERT (value < alone);
      CU_ASSERT (at < 52);
    }
}

/* ---- in a study ---- */

struct story {
  double best;
  long low, full, improved;
};

static int
watch (void *context, const struct gym_trial *trial, gym_error *err)
{
  struct story *story = context;
  (void)err;
  story->low += trial->fidelity < 2;
  story->full += trial->fidelity == 2;
  if (trial->fidelity == 2 && trial->status == GYM_TRIAL_OK)
    story->best = fmin (story->best, trial->goals[0]);
  CU_ASSERT (!trial->improved || trial->fidelity == 2);
  return GYM_OK;
}

/* The best of a run and its curve know the study's fidelity alone, though lower ones,
 * half as large, come first. */
static void
test_study (void)
{
  static const char *const settings[] = { "halving", "hyperband", "asha" };
  for (int s = 0; s < 3; s++) {
    gym_error err = { 0 };
    struct story story = { .best = INFINITY };
    double curve[2000];
    struct gym_run run = { .struct_size = sizeof run };
    gym_registry *registry = play_registry ();
    gym_env *env = gym_env_open (registry, "toy", NULL, &err);
    gym_study *study = env ? gym_study_new (env, "delay", &err) : NULL;
    gym_settings *mode = gym_settings_new (NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL (study);
    CU_ASSERT_EQUAL (gym_settings_set (mode, "mode", settings[s], NULL), GYM_OK);
    CU_ASSERT_EQUAL (gym_study_add (study, "hyperband", mode, NULL, &err), GYM_OK);
    CU_ASSERT_EQUAL (gym_study_set_budget (study, 25, &err), GYM_OK);
    gym_study_on_trial (study, watch, &story);
    CU_ASSERT_EQUAL (gym_study_run (study, &err), GYM_OK);
    CU_ASSERT_EQUAL (gym_study_run_info (study, 0, &run, &err), GYM_OK);
    size_t n = gym_study_curve (study, 0, curve, 2000);
    CU_ASSERT (story.low > 2 * story.full && story.full > 3);
    CU_ASSERT (run.spent < 26 && run.spent > 25 - 1e-6);
    CU_ASSERT_EQUAL (run.best_goals[0], story.best);
    CU_ASSERT_EQUAL (curve[n - 1], story.best);
    CU_ASSERT_TRUE (isnan (curve[0]));
    gym_settings_destroy (&mode);
    gym_study_destroy (&study);
    gym_env_destroy (&env);
    gym_registry_destroy (&registry);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = { { "laws", test_laws },
                                           { "brackets", test_brackets },
                                           { "asha", test_asha },
                                           { "near fidelities", test_near_fidelities },
                                           { "budgets", test_budgets },
                                           { "what is told", test_what_is_told },
                                           { "one fidelity", test_one_fidelity },
                                           { "pays", test_pays },
                                           { "in a study", test_study },
                                           { 0 } };
  return tap_run ("hyperband", tests);
}
