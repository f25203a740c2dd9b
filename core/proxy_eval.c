/* core/proxy_eval.c - scores of models, by held-out rows of many kinds: see
 * gym/proxy_train.h. */
#include <config.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/proxy_data.h"
#include "core/text.h"

#include <math.h>

/* Streams of the recipe's seed, one for each use, so that none depends on another. */
enum { STREAM_FOLDS = 1, STREAM_CURVE, STREAM_DRAW, STREAM_SPEED };

static const struct gym_metric *
target_at (const struct gym_metrics *m, uint32_t i)
{
  return (const void *)((const char *)m->items + (size_t)i * m->stride);
}

/* ---- predictions of some rows, scored ---- */

/* One row a test, columns a target: kept until all folds are through. */
struct tested {
  size_t n, room;
  uint32_t m;
  double *actual, *mean, *spread; /* target j of test i at [j * room + i] */
};

static void
tested_free (struct tested *t)
{
  free (t->actual);
  free (t->mean);
  free (t->spread);
  *t = (struct tested){ 0 };
}

static int
tested_init (struct tested *t, size_t room, uint32_t m, gym_error *err)
{
  *t = (struct tested){ .room = room, .m = m };
  t->actual = malloc ((room * m + 1) * sizeof (double));
  t->mean = malloc ((room * m + 1) * sizeof (double));
  t->spread = malloc ((room * m + 1) * sizeof (double));
  if (t->actual && t->mean && t->spread)
    return GYM_OK;
  tested_free (t);
  return gym_fail_memory (err);
}

/* Predicts the given rows (NULL: the first n) and adds them. */
static int
test_rows (gym_proxy *p, const struct gym_proxy_table *t, const size_t *rows, size_t n,
           struct tested *out, gym_error *err)
{
  enum { BATCH = 256 };
  double *designs = malloc ((BATCH * t->n_params + 1) * sizeof *designs);
  double *answers = malloc (2 * BATCH * t->n_targets * sizeof *answers);
  int rc = designs && answers ? GYM_OK : gym_fail_memory (err);
  for (size_t i = 0, k; rc == GYM_OK && i < n; i += k) {
    k = n - i < BATCH ? n - i : BATCH;
    for (size_t r = 0; r < k; r++)
      memcpy (designs + r * t->n_params,
              t->designs + (rows ? rows[i + r] : i + r) * t->n_params,
              t->n_params * sizeof *designs);
    double *spread = answers + BATCH * t->n_targets;
    rc = gym_proxy_predict (p, k, designs, answers, spread, err);
    for (size_t r = 0; rc == GYM_OK && r < k; r++, out->n++)
      for (uint32_t j = 0; j < t->n_targets; j++) {
        size_t at = j * out->room + out->n, row = rows ? rows[i + r] : i + r;
        out->actual[at] = t->targets[row * t->n_targets + j];
        out->mean[at] = answers[r * t->n_targets + j];
        out->spread[at] = spread[r * t->n_targets + j];
      }
  }
  free (designs);
  free (answers);
  return rc;
}

static int
score_tested (const struct tested *t, const struct gym_metrics *targets,
              struct gym_scores *scores, gym_error *err)
{
  int rc = GYM_OK;
  for (uint32_t j = 0; j < t->m && rc == GYM_OK; j++) {
    size_t at = j * t->room;
    scores[j].struct_size = sizeof scores[j];
    rc = gym_stats_scores (t->actual + at, t->mean + at, t->spread + at, t->n,
                           target_at (targets, j)->sense, &scores[j], err);
  }
  return rc;
}

/* A model of some rows, scored on others. */
static int
train_and_score (const gym_registry *registry, const gym_proxy_data *data,
                 const struct gym_proxy_recipe *recipe, const size_t *train, size_t n,
                 const size_t *test, size_t n_test, struct gym_scores *scores,
                 gym_error *err)
{
  struct tested tested;
  int rc = tested_init (&tested, n_test, data->targets.n, err);
  if (rc < 0)
    return rc;
  gym_proxy *p = gym_proxy_fit_rows (registry, data, recipe, train, n, err);
  rc = p ? test_rows (p, &data->table, test, n_test, &tested, err)
         : (err && err->code ? err->code : GYM_EFAILED);
  if (rc == GYM_OK)
    rc = score_tested (&tested, &data->targets, scores, err);
  gym_proxy_destroy (&p);
  tested_free (&tested);
  return rc;
}

static void
tell (const struct gym_proxy_recipe *recipe, size_t done, size_t all)
{
  if (recipe->progress)
    recipe->progress (recipe->context, done, all);
}

/* ---- a model as it is ---- */

/* Rows of other designs are not even as wide. */
static int
check_data (const gym_proxy *p, const gym_proxy_data *data, gym_error *err)
{
  int rc = gym_space_match (gym_proxy_space (p), gym_proxy_data_space (data), err);
  if (rc < 0)
    return rc;
  const struct gym_metrics *a = gym_proxy_targets (p), *b = &data->targets;
  if (a->n != b->n)
    return gym_fail (err, GYM_EMISMATCH, "the model has %u target(s), the data %u", a->n,
                     b->n);
  for (uint32_t i = 0; i < a->n; i++)
    if (strcmp (target_at (a, i)->name, target_at (b, i)->name) != 0)
      return gym_fail (err, GYM_EMISMATCH, "target %u is \"%s\", in the data \"%s\"", i,
                       target_at (a, i)->name, target_at (b, i)->name);
  return GYM_OK;
}

int
gym_proxy_score (gym_proxy *proxy, const gym_proxy_data *data, struct gym_scores *scores,
                 gym_error *err)
{
  struct tested tested;
  int rc = check_data (proxy, data, err);
  if (rc == GYM_OK)
    rc = tested_init (&tested, data->table.n, data->targets.n, err);
  if (rc < 0)
    return rc;
  rc = test_rows (proxy, &data->table, NULL, data->table.n, &tested, err);
  if (rc == GYM_OK)
    rc = score_tested (&tested, &data->targets, scores, err);
  tested_free (&tested);
  return rc;
}

/* ---- folds ---- */

/* Numbers 0 .. n-1 in a drawn order (Fisher and Yates). */
static size_t *
shuffled (size_t n, uint64_t key, gym_error *err)
{
  size_t *order = malloc ((n + 1) * sizeof *order);
  gym_rng rng;
  if (!order) {
    gym_fail_memory (err);
    return NULL;
  }
  gym_rng_init (&rng, key);
  for (size_t i = 0; i < n; i++) {
    size_t j = (size_t)gym_rng_below (&rng, i + 1);
    order[i] = order[j];
    order[j] = i;
  }
  return order;
}

/* The rows for whose group `part` is as wanted; returns how many. */
static size_t
select_rows (const struct gym_proxy_table *t, const uint32_t *part, uint32_t wanted,
             bool equal, size_t *rows)
{
  size_t n = 0;
  for (size_t i = 0; i < t->n; i++)
    if ((part[t->groups[i]] == wanted) == equal)
      rows[n++] = i;
  return n;
}

static int
one_fold (const gym_registry *registry, const gym_proxy_data *data,
          const struct gym_proxy_recipe *recipe, const uint32_t *part, uint32_t fold,
          size_t *rows, struct tested *tested, gym_error *err)
{
  size_t n = select_rows (&data->table, part, fold, false, rows);
  gym_proxy *p = gym_proxy_fit_rows (registry, data, recipe, rows, n, err);
  if (!p)
    return err && err->code ? err->code : GYM_EFAILED;
  n = select_rows (&data->table, part, fold, true, rows);
  int rc = test_rows (p, &data->table, rows, n, tested, err);
  gym_proxy_destroy (&p);
  return rc;
}

int
gym_proxy_folds (const gym_registry *registry, const gym_proxy_data *data,
                 const struct gym_proxy_recipe *recipe, uint32_t folds,
                 struct gym_scores *scores, gym_error *err)
{
  const struct gym_proxy_table *t = &data->table;
  gym_error own = { 0 }; /* whoever passes none still needs its code */
  if (folds < 2 || t->n_groups < folds)
    return gym_fail (err, GYM_EINVAL,
                     "%u folds of %zu designs: two folds at least, and a design for each",
                     folds, t->n_groups);
  struct tested tested = { 0 };
  size_t *order =
      shuffled (t->n_groups, gym_rng_derive (recipe->seed, STREAM_FOLDS, 0), &own);
  uint32_t *part = malloc (t->n_groups * sizeof *part);
  size_t *rows = malloc (t->n * sizeof *rows);
  int rc = order && part && rows ? tested_init (&tested, t->n, t->n_targets, &own)
                                 : gym_fail_memory (&own);
  for (size_t i = 0; rc == GYM_OK && i < t->n_groups; i++)
    part[order[i]] = (uint32_t)(i % folds);
  for (uint32_t f = 0; rc == GYM_OK && f < folds; f++) {
    rc = one_fold (registry, data, recipe, part, f, rows, &tested, &own);
    tell (recipe, f + 1, folds);
  }
  if (rc == GYM_OK)
    rc = score_tested (&tested, &data->targets, scores, &own);
  if (rc < 0 && err)
    *err = own;
  free (order);
  free (part);
  free (rows);
  tested_free (&tested);
  return rc;
}

/* ---- learning curves ---- */

/* Rows of the groups whose place in the order is in [from, to), in order of rows. */
static size_t
rows_between (const struct gym_proxy_table *t, const size_t *place, size_t from,
              size_t to, size_t *rows)
{
  size_t n = 0;
  for (size_t i = 0; i < t->n; i++)
    if (place[t->groups[i]] >= from && place[t->groups[i]] < to)
      rows[n++] = i;
  return n;
}

static int
check_sizes (const size_t *sizes, size_t n, size_t most, gym_error *err)
{
  for (size_t i = 0; i < n; i++)
    if (sizes[i] == 0 || sizes[i] > most)
      return gym_fail (err, GYM_EINVAL,
                       "a curve's size of %zu designs; with a fifth set aside for the "
                       "test there are 1 to %zu",
                       sizes[i], most);
  return GYM_OK;
}

int
gym_proxy_curve (const gym_registry *registry, const gym_proxy_data *data,
                 const struct gym_proxy_recipe *recipe, const size_t *sizes,
                 size_t n_sizes, struct gym_scores *scores, gym_error *err)
{
  const struct gym_proxy_table *t = &data->table;
  gym_error own = { 0 };
  size_t test = (t->n_groups + 4) / 5;
  int rc = check_sizes (sizes, n_sizes, t->n_groups - test, &own);
  size_t *order = shuffled (t->n_groups, gym_rng_derive (recipe->seed, STREAM_CURVE, 0),
                            rc < 0 ? NULL : &own);
  size_t *place = malloc (t->n_groups * sizeof *place);
  size_t *rows = malloc (2 * t->n * sizeof *rows), n_test = 0;
  if (rc == GYM_OK && !(order && place && rows))
    rc = gym_fail_memory (&own);
  if (rc == GYM_OK) {
    for (size_t i = 0; i < t->n_groups; i++)
      place[order[i]] = i;
    n_test = rows_between (t, place, 0, test, rows + t->n);
  }
  for (size_t i = 0; rc == GYM_OK && i < n_sizes; i++) {
    size_t n = rows_between (t, place, test, test + sizes[i], rows);
    rc = train_and_score (registry, data, recipe, rows, n, rows + t->n, n_test,
                          scores + i * t->n_targets, &own);
    tell (recipe, i + 1, n_sizes);
  }
  if (rc < 0 && err)
    *err = own;
  free (order);
  free (place);
  free (rows);
  return rc;
}

/* ---- one agent against several ---- */

/* The groups of each agent in a drawn order: those of agent a at [first[a], first[a+1]).
 * A group is its first row's agent's. */
struct logs {
  size_t *groups, *first; /* n_agents + 1 */
  uint32_t *owner;        /* of each group */
  uint32_t *use;          /* of each group: nothing, or a part of a draw */
  size_t *rows;           /* scratch: training, then test */
};

enum use { UNUSED, TEST, LONE, MIXED, BOTH };

static void
logs_free (struct logs *l)
{
  free (l->groups);
  free (l->first);
  free (l->owner);
  free (l->use);
  free (l->rows);
}

static int
logs_init (struct logs *l, const struct gym_proxy_table *t, gym_error *err)
{
  *l = (struct logs){ .groups = malloc ((t->n_groups + 1) * sizeof *l->groups),
                      .first = calloc (t->n_agents + 2, sizeof *l->first),
                      .owner = malloc ((t->n_groups + 1) * sizeof *l->owner),
                      .use = calloc (t->n_groups + 1, sizeof *l->use),
                      .rows = malloc ((2 * t->n + 1) * sizeof *l->rows) };
  if (!l->groups || !l->first || !l->owner || !l->use || !l->rows) {
    logs_free (l);
    return gym_fail_memory (err);
  }
  for (size_t i = t->n; i-- > 0;)
    l->owner[t->groups[i]] = t->agents[i];
  for (size_t g = 0; g < t->n_groups; g++)
    l->first[l->owner[g] + 1]++;
  for (uint32_t a = 0; a < t->n_agents; a++)
    l->first[a + 1] += l->first[a];
  return GYM_OK;
}

/* Deals the groups out anew for a draw. */
static int
logs_shuffle (struct logs *l, const struct gym_proxy_table *t, uint64_t key,
              gym_error *err)
{
  size_t *order = shuffled (t->n_groups, key, err);
  size_t *next = malloc ((t->n_agents + 1) * sizeof *next);
  int rc = order && next ? GYM_OK : gym_fail_memory (err);
  if (rc == GYM_OK) {
    memcpy (next, l->first, t->n_agents * sizeof *next);
    for (size_t i = 0; i < t->n_groups; i++)
      l->groups[next[l->owner[order[i]]]++] = order[i];
    memset (l->use, 0, t->n_groups * sizeof *l->use);
  }
  free (order);
  free (next);
  return rc;
}

static size_t
log_length (const struct logs *l, uint32_t agent)
{
  return l->first[agent + 1] - l->first[agent];
}

/* Of each agent with a log, `count` groups (shared out among the agents so that they sum
 * to `all`) from place `skip` of its order on are put to a use. */
static void
take_evenly (struct logs *l, const struct gym_proxy_table *t, size_t skip, size_t all,
             uint32_t agents, uint32_t use)
{
  size_t at = 0;
  for (uint32_t a = 0; a < t->n_agents; a++) {
    if (log_length (l, a) == 0)
      continue;
    size_t count = (at + 1) * all / agents - at * all / agents;
    for (size_t i = 0; i < count; i++) {
      uint32_t *u = &l->use[l->groups[l->first[a] + skip + i]];
      *u = *u == LONE ? BOTH : use;
    }
    at++;
  }
}

/* The rows of groups in one of two uses. */
static size_t
used_rows (const struct logs *l, const struct gym_proxy_table *t, uint32_t use,
           uint32_t or_use, size_t *rows)
{
  size_t n = 0;
  for (size_t i = 0; i < t->n; i++)
    if (l->use[t->groups[i]] == use || l->use[t->groups[i]] == or_use)
      rows[n++] = i;
  return n;
}

static int
one_draw (const gym_registry *registry, const gym_proxy_data *data,
          const struct gym_proxy_recipe *recipe, struct logs *l, uint32_t agents,
          size_t test, struct gym_proxy_draw *draw, gym_error *err)
{
  const struct gym_proxy_table *t = &data->table;
  take_evenly (l, t, 0, test * agents, agents, TEST);
  for (size_t i = 0; i < draw->designs; i++)
    l->use[l->groups[l->first[draw->agent] + test + i]] = LONE;
  take_evenly (l, t, test, draw->designs, agents, MIXED);
  size_t n_test = used_rows (l, t, TEST, TEST, l->rows + t->n);
  size_t n = used_rows (l, t, LONE, BOTH, l->rows);
  draw->tests = test * agents;
  int rc = train_and_score (registry, data, recipe, l->rows, n, l->rows + t->n, n_test,
                            draw->lone, err);
  n = used_rows (l, t, MIXED, BOTH, l->rows);
  if (rc == GYM_OK)
    rc = train_and_score (registry, data, recipe, l->rows, n, l->rows + t->n, n_test,
                          draw->mixed, err);
  return rc;
}

/* How many agents have a log, and the length of the shortest. */
static uint32_t
count_logs (const struct logs *l, const struct gym_proxy_table *t, size_t *shortest)
{
  uint32_t n = 0;
  *shortest = SIZE_MAX;
  for (uint32_t a = 0; a < t->n_agents; a++)
    if (log_length (l, a) > 0) {
      n++;
      *shortest = log_length (l, a) < *shortest ? log_length (l, a) : *shortest;
    }
  return n;
}

/* A fifth of the shortest log is set aside of each; the rest may be learnt from. */
static int
draw_all (const gym_registry *registry, const gym_proxy_data *data,
          const struct gym_proxy_recipe *recipe, struct logs *l, size_t designs,
          struct gym_proxy_draw *draws, size_t n_draws, gym_error *err)
{
  const struct gym_proxy_table *t = &data->table;
  size_t shortest, test;
  uint32_t agents = count_logs (l, t, &shortest), agent = t->n_agents - 1;
  if (agents < 2)
    return gym_fail (err, GYM_EINVAL,
                     "the rows are of one agent: there is nothing to mix");
  test = (shortest + 4) / 5;
  if (designs == 0)
    designs = shortest - test;
  if (designs == 0 || designs > shortest - test)
    return gym_fail (err, GYM_EINVAL,
                     "%zu designs of each agent: the shortest log has %zu, of which %zu "
                     "are set aside for the test",
                     designs, shortest, test);
  int rc = GYM_OK;
  for (size_t i = 0; rc == GYM_OK && i < n_draws; i++) {
    do
      agent = (agent + 1) % t->n_agents;
    while (log_length (l, agent) == 0);
    draws[i].agent = agent;
    draws[i].designs = designs;
    rc = logs_shuffle (l, t, gym_rng_derive (recipe->seed, STREAM_DRAW, i), err);
    if (rc == GYM_OK)
      rc = one_draw (registry, data, recipe, l, agents, test, &draws[i], err);
    tell (recipe, i + 1, n_draws);
  }
  return rc;
}

int
gym_proxy_diversity (const gym_registry *registry, const gym_proxy_data *data,
                     const struct gym_proxy_recipe *recipe, size_t designs,
                     struct gym_proxy_draw *draws, size_t n_draws, gym_error *err)
{
  struct logs logs;
  gym_error own = { 0 };
  int rc = logs_init (&logs, &data->table, &own);
  if (rc == GYM_OK) {
    rc = draw_all (registry, data, recipe, &logs, designs, draws, n_draws, &own);
    logs_free (&logs);
  }
  if (rc < 0 && err)
    *err = own;
  return rc;
}

/* ---- speed ---- */

enum { DRAWN = 1000 };
static const double least_time = 0.1;

static double
cpu_seconds (void)
{
  return 1e-9 * (double)gym_clock_of (CLOCK_THREAD_CPUTIME_ID);
}

/* Seconds a design, predicted `batch` at a time. */
static int
time_predictions (gym_proxy *p, const double *designs, size_t width, size_t batch,
                  double *answers, double *seconds, gym_error *err)
{
  size_t done = 0;
  double *spread = answers + DRAWN * gym_proxy_targets (p)->n;
  double begin = cpu_seconds (), passed = 0;
  for (size_t at = 0; passed < least_time; at = (at + batch) % DRAWN) {
    int rc = gym_proxy_predict (p, batch, designs + at * width, answers, spread, err);
    if (rc < 0)
      return rc;
    done += batch;
    passed = cpu_seconds () - begin;
  }
  *seconds = passed / (double)done;
  return GYM_OK;
}

static int
time_env (gym_env *env, double *designs, size_t width, double *seconds, gym_error *err)
{
  double *metrics = malloc ((gym_env_metrics (env)->n + 1) * sizeof *metrics);
  uint32_t status;
  size_t done = 0;
  int rc = metrics ? GYM_OK : gym_fail_memory (err);
  double begin = cpu_seconds (), passed = 0;
  for (; rc == GYM_OK && done < DRAWN && passed < least_time; done++) {
    gym_env_repair (env, designs + done * width);
    rc = gym_env_evaluate (env, 1, designs + done * width, NULL, NULL, metrics, &status,
                           NULL, err);
    passed = cpu_seconds () - begin;
  }
  *seconds = done ? passed / (double)done : NAN;
  free (metrics);
  return rc;
}

int
gym_proxy_measure (gym_proxy *proxy, gym_env *env, uint64_t seed,
                   struct gym_proxy_speed *speed, gym_error *err)
{
  const gym_space *space = gym_proxy_space (proxy);
  size_t width = gym_space_size (space), m = gym_proxy_targets (proxy)->n;
  int rc = env ? gym_space_match (space, gym_env_space (env), err) : GYM_OK;
  speed->single = speed->batched = speed->evaluation = NAN;
  if (rc < 0)
    return rc;
  double *designs = malloc ((DRAWN * width + 1) * sizeof *designs);
  double *answers = malloc (2 * DRAWN * m * sizeof *answers);
  gym_rng rng;
  gym_rng_init (&rng, gym_rng_derive (seed, STREAM_SPEED, 0));
  if (!designs || !answers)
    rc = gym_fail_memory (err);
  for (size_t i = 0; rc == GYM_OK && i < DRAWN; i++)
    gym_space_sample (space, &rng, designs + i * width);
  if (rc == GYM_OK)
    rc = time_predictions (proxy, designs, width, 1, answers, &speed->single, err);
  if (rc == GYM_OK)
    rc = time_predictions (proxy, designs, width, DRAWN, answers, &speed->batched, err);
  if (rc == GYM_OK && env)
    rc = time_env (env, designs, width, &speed->evaluation, err);
  free (designs);
  free (answers);
  return rc;
}
