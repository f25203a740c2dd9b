/* gym proxy: models of metrics trained from stores, scored, and described.
 *
 * Everything is in the library (gym/proxy_train.h); here are the words for it. */
#include "core/cmd/common.h"
#include "core/cmd/proxy_show.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
  METRIC = CLI_LONG,
  PRETRAIN,
  MODEL,
  TRANSFORM,
  SEED,
  FOLDS,
  CURVE,
  DIVERSITY,
  DRAWS,
  DESIGNS,
  FILES,
  JSON
};

/* Owned texts: words of the command line are cut at commas. */
struct names {
  char **items;
  uint32_t n;
};

/* Everything a run of the command opens, given back in one place. */
struct work {
  const struct cli *cli;
  gym_registry *registry;
  gym_settings *settings, *files;
  gym_proxy_data *data;
  gym_proxy *proxy;
  gym_env *env;
  struct gym_scores *scores;
  struct gym_proxy_draw *draws;
  size_t *sizes;
  struct names metrics, hints;
  struct gym_proxy_recipe recipe;
  json_t *json; /* what is to be printed; NULL: tables */
};

static void
names_free (struct names *names)
{
  for (uint32_t i = 0; i < names->n; i++)
    free (names->items[i]);
  free (names->items);
}

static void
clear (struct work *w)
{
  gym_env_destroy (&w->env);
  gym_proxy_destroy (&w->proxy);
  gym_proxy_data_destroy (&w->data);
  gym_settings_destroy (&w->settings);
  gym_settings_destroy (&w->files);
  gym_registry_destroy (&w->registry);
  names_free (&w->metrics);
  names_free (&w->hints);
  free (w->scores);
  free (w->draws);
  free (w->sizes);
  json_decref (w->json);
}

/* ---- interrupts and progress ---- */

static atomic_bool interrupted;

/* A second signal finds the default action. */
static void
on_signal (int number)
{
  atomic_store (&interrupted, true);
  signal (number, SIG_DFL);
}

/* A fit is one call, however long: that it is at work can only be said from outside. */
static void
on_alarm (int number)
{
  static const char line[] = "gym: training ...\n";
  (void)number;
  ssize_t n = write (STDERR_FILENO, line, sizeof line - 1);
  (void)n;
}

/* Of a clock that nobody sets: progress must not jump with the time of day. */
static double
seconds_now (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double begun, shown;

/* Between models there is something to say; the alarm is for the first one alone. */
static void
on_progress (void *context, size_t done, size_t all)
{
  double now = seconds_now ();
  (void)context;
  alarm (0);
  if (all < 2 || now - begun < 2 || (now - shown < 5 && done < all))
    return;
  shown = now;
  fprintf (stderr, "gym: %zu of %zu models trained and scored\n", done, all);
}

static void
on_log (void *context, const char *line)
{
  (void)context;
  cmd_note ("%s", line);
}

static void
watch (void)
{
  struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
  sigemptyset (&action.sa_mask);
  sigaction (SIGALRM, &action, NULL);
  signal (SIGINT, on_signal);
  signal (SIGTERM, on_signal);
  begun = shown = seconds_now ();
  alarm (2);
}

/* From here on an interrupt ends the process as any other: there is nothing to lose. */
static void
unwatch (void)
{
  alarm (0);
  signal (SIGINT, SIG_DFL);
  signal (SIGTERM, SIG_DFL);
}

/* ---- words ---- */

static int
no_memory (gym_error *err)
{
  return gym_fail (err, GYM_ENOMEM, "out of memory");
}

/* "a,b,c", given once or more. */
static int
read_names (const struct cli *cli, int key, struct names *names, gym_error *err)
{
  for (size_t i = 0; i < cli->n; i++) {
    const char *at = cli->words[i].value;
    while (cli->words[i].key == key && at) {
      size_t length = strcspn (at, ",");
      char **more = realloc (names->items, (names->n + 1) * sizeof *more);
      if (!more)
        return no_memory (err);
      names->items = more;
      if (!(more[names->n] = strndup (at, length)))
        return no_memory (err);
      names->n++;
      at = at[length] ? at + length + 1 : NULL;
    }
  }
  return GYM_OK;
}

/* "100,200,400": a curve's sizes; returns how many. */
static int
read_sizes (struct work *w, const char *text, gym_error *err)
{
  int n = 0;
  for (const char *at = text; at;) {
    char *end;
    errno = 0;
    unsigned long long size = strtoull (at, &end, 10);
    if (end == at || *at == '-' || errno || size == 0 || (*end && *end != ','))
      return gym_fail (err, CLI_EUSAGE,
                       "option --curve: \"%s\" is not a list of numbers such as "
                       "100,200,400",
                       text);
    size_t *more = realloc (w->sizes, (size_t)(n + 1) * sizeof *more);
    if (!more)
      return no_memory (err);
    w->sizes = more;
    more[n++] = (size_t)size;
    at = *end ? end + 1 : NULL;
  }
  return n;
}

/* Plain targets are the default: errors are scored in the unit itself, where the few bad
 * designs weigh most, of which a logarithm makes light. */
static int
read_recipe (struct work *w, gym_error *err)
{
  static const char *const names[] = { "none", "log", "boxcox", "auto", NULL };
  const char *model = cli_value (w->cli, MODEL);
  int transform = GYM_TRANSFORM_NONE;
  int code = cli_choice (w->cli, TRANSFORM, names, &transform, err);
  w->recipe = (struct gym_proxy_recipe){ .struct_size = sizeof w->recipe,
                                         .transform = (uint32_t)transform,
                                         .model = model ? model : "gbdt",
                                         .cancel = &interrupted,
                                         .log = on_log,
                                         .progress = on_progress };
  if (code >= 0)
    code = cli_integer (w->cli, SEED, 0, UINT64_MAX, &w->recipe.seed, err);
  if (code >= 0)
    code = cmd_settings (w->cli, 'm', &w->settings, err);
  w->recipe.settings = w->settings;
  return code;
}

/* Rows of the stores from plain word `first` on. With a model given they are those of its
 * env, fidelity and targets. */
static int
open_data (struct work *w, size_t first, struct gym_proxy_choice choice, gym_error *err)
{
  struct cmd_stores stores;
  int code = cmd_stores (w->cli, first, &stores, err);
  choice.struct_size = sizeof choice;
  choice.where = stores.where;
  choice.study = stores.study;
  if (stores.env)
    choice.env = stores.env;
  if (stores.fidelity)
    choice.fidelity = stores.fidelity;
  if (code >= 0
      && !(w->data = gym_proxy_data_open (stores.paths, stores.n, &choice, err)))
    code = err->code;
  cmd_stores_clear (&stores);
  return code;
}

/* The rows of a recipe: whatever the words choose. */
static int
open_chosen (struct work *w, size_t first, gym_error *err)
{
  int code = read_names (w->cli, METRIC, &w->metrics, err);
  if (code >= 0)
    code = read_names (w->cli, PRETRAIN, &w->hints, err);
  if (code >= 0)
    code = read_recipe (w, err);
  struct gym_proxy_choice choice = { .n_metrics = w->metrics.n,
                                     .metrics = (const char *const *)w->metrics.items,
                                     .n_hints = w->hints.n,
                                     .hints = (const char *const *)w->hints.items };
  return code < 0 ? code : open_data (w, first, choice, err);
}

/* How many plain words an action takes depends on it: the parser cannot tell. */
static int
need_stores (const struct work *w, size_t first, const char *what, gym_error *err)
{
  if (cli_plain_count (w->cli) > first)
    return GYM_OK;
  return gym_fail (err, CLI_EUSAGE, "gym proxy %s: %s", what,
                   first > 1 ? "stores with rows to score it on are missing, or --model "
                               "to train on what is given"
                             : "a store is missing");
}

/* An option that another action has is no silent one here. */
static int
refuse_options (const struct work *w, const char *what, const int *keys, size_t n,
                gym_error *err)
{
  for (size_t i = 0; i < n; i++)
    if (cli_value (w->cli, keys[i]))
      return gym_fail (err, CLI_EUSAGE, "gym proxy %s has no option %s%s", what,
                       keys[i] < CLI_LONG ? "-" : "--", cli_spelling (w->cli, keys[i]));
  return GYM_OK;
}

/* ---- gym proxy train ---- */

/* On standard error: standard output is for what was asked for. */
static void
tell_trained (const struct work *w, const char *path)
{
  const struct gym_metrics *m = gym_proxy_targets (w->proxy);
  const struct gym_proxy_table *t = gym_proxy_data_table (w->data);
  cmd_note ("%s learnt %u target%s from %zu rows of %zu designs; written to %s",
            gym_proxy_entry (w->proxy)->id, m->n, m->n == 1 ? "" : "s", t->n, t->n_groups,
            path);
}

/* Saved only when it is whole: an interrupt leaves an older file as it was. */
static int
train (struct work *w, gym_error *err)
{
  static const int foreign[] = { FOLDS, CURVE, DIVERSITY, DRAWS, DESIGNS, FILES, JSON };
  const char *path = cli_value (w->cli, 'o');
  int code =
      refuse_options (w, "train", foreign, sizeof foreign / sizeof foreign[0], err);
  if (code >= 0)
    code = need_stores (w, 1, "train", err);
  if (code >= 0 && !path)
    code = gym_fail (err, CLI_EUSAGE, "gym proxy train: where to? give -o FILE.proxy");
  if (code >= 0)
    code = open_chosen (w, 1, err);
  if (code < 0)
    return code;
  watch ();
  w->proxy = gym_proxy_train (w->registry, w->data, &w->recipe, err);
  unwatch ();
  if (!w->proxy)
    return err->code;
  code = gym_proxy_save (w->proxy, path, err);
  if (code >= 0)
    tell_trained (w, path);
  return code;
}

/* ---- gym proxy eval ---- */

/* The env that the rows are of, to measure against; without it the rest is still worth
 * knowing. */
static int
open_env (struct work *w, const char *identity, gym_error *err)
{
  gym_error why = { 0 };
  int code = cmd_settings (w->cli, FILES, &w->files, err);
  if (code < 0)
    return code;
  w->env = gym_env_reopen (w->registry, identity, w->files, NULL, &why);
  if (!w->env)
    cmd_note ("no evaluation is timed: %s (--file says where it lies)", why.text);
  return GYM_OK;
}

static int
show_speed (struct work *w, gym_error *err)
{
  struct gym_proxy_speed speed = { .struct_size = sizeof speed };
  int code = open_env (w, gym_proxy_data_env (w->data), err);
  if (code >= 0)
    code = gym_proxy_measure (w->proxy, w->env, w->recipe.seed, &speed, err);
  if (code < 0)
    return code;
  if (w->json)
    json_object_set_new (w->json, "speed", proxy_json_speed (&speed));
  else
    proxy_show_speed (&speed);
  return GYM_OK;
}

static void
show_scores (struct work *w, const char *how)
{
  const struct gym_metrics *targets = gym_proxy_data_targets (w->data);
  char title[256];
  const struct gym_proxy_table *t = gym_proxy_data_table (w->data);
  snprintf (title, sizeof title, "%s, %s: %zu rows of %zu designs",
            w->proxy ? gym_proxy_entry (w->proxy)->id : w->recipe.model, how, t->n,
            t->n_groups);
  if (w->json)
    json_object_set_new (w->json, "scores", proxy_json_scores (targets, w->scores));
  else
    proxy_show_scores (title, targets, w->scores);
}

/* The rows must be of the model's env: its identity, fidelity and targets. */
static int
open_as_trained (struct work *w, const struct gym_proxy_origin *origin, gym_error *err)
{
  const struct gym_metrics *m = gym_proxy_targets (w->proxy);
  const char **names = calloc (m->n + 1, sizeof *names);
  struct gym_proxy_choice choice = { .n_metrics = m->n,
                                     .metrics = names,
                                     .fidelity = origin->fidelity,
                                     .identity = origin->env };
  for (uint32_t i = 0; names && i < m->n; i++)
    names[i] = m->items[i].name;
  int code = names ? open_data (w, 2, choice, err) : no_memory (err);
  free (names);
  return code;
}

/* A score on what was learnt says nothing, and looks splendid. */
static void
warn_of_learnt (const struct work *w, const struct gym_proxy_origin *origin)
{
  json_t *stores = json_loads (origin->stores, 0, NULL), *store;
  size_t i;
  json_array_foreach (stores, i, store)
  {
    const char *path = json_string_value (json_object_get (store, "path"));
    for (size_t k = 2; path && k < cli_plain_count (w->cli); k++) {
      const char *here = cli_plain (w->cli, k);
      if (strcmp (path, here) == 0) {
        cmd_note ("the model was trained on rows of %s: scores on them flatter it", here);
        json_decref (stores);
        return;
      }
    }
  }
  json_decref (stores);
}

static int
eval_model (struct work *w, gym_error *err)
{
  static const int foreign[] = { METRIC, PRETRAIN,  TRANSFORM, 'm',     FOLDS,
                                 CURVE,  DIVERSITY, DRAWS,     DESIGNS, 'o' };
  const char *path = cli_plain (w->cli, 1);
  struct gym_proxy_origin origin = { .struct_size = sizeof origin };
  int code =
      refuse_options (w, "eval MODEL", foreign, sizeof foreign / sizeof foreign[0], err);
  if (code >= 0)
    code = need_stores (w, 2, "eval", err);
  if (code >= 0 && !(w->proxy = gym_proxy_load (w->registry, path, NULL, err)))
    code = err->code;
  if (code >= 0)
    code = gym_proxy_origin_read (w->proxy, &origin, err);
  if (code >= 0)
    code = read_recipe (w, err);
  if (code >= 0)
    code = open_as_trained (w, &origin, err);
  if (code >= 0
      && !(w->scores = calloc (gym_proxy_targets (w->proxy)->n, sizeof *w->scores)))
    code = no_memory (err);
  if (code >= 0)
    code = gym_proxy_score (w->proxy, w->data, w->scores, err);
  if (code >= 0) {
    warn_of_learnt (w, &origin);
    show_scores (w, "held out");
    code = show_speed (w, err);
  }
  gym_proxy_origin_clear (&origin);
  return code;
}

/* A model of all rows comes after the folds, for its speed: a fold's is of fewer. */
static int
eval_folds (struct work *w, gym_error *err)
{
  uint64_t folds = 5;
  char how[64];
  int code = cli_integer (w->cli, FOLDS, 2, 1000, &folds, err);
  uint32_t m = gym_proxy_data_targets (w->data)->n;
  if (code >= 0 && !(w->scores = calloc (m, sizeof *w->scores)))
    code = no_memory (err);
  watch ();
  if (code >= 0)
    code = gym_proxy_folds (w->registry, w->data, &w->recipe, (uint32_t)folds, w->scores,
                            err);
  if (code >= 0 && !(w->proxy = gym_proxy_train (w->registry, w->data, &w->recipe, err)))
    code = err->code;
  unwatch ();
  if (code < 0)
    return code;
  snprintf (how, sizeof how, "%u folds by design", (unsigned)folds);
  show_scores (w, how);
  return show_speed (w, err);
}

/* Sizes are of designs: of a noisy env a design has several rows. */
static int
eval_curve (struct work *w, gym_error *err)
{
  const struct gym_metrics *targets = gym_proxy_data_targets (w->data);
  int n = read_sizes (w, cli_value (w->cli, CURVE), err), code = n;
  if (n >= 0 && !(w->scores = calloc ((size_t)n * targets->n, sizeof *w->scores)))
    code = no_memory (err);
  if (code < 0)
    return code;
  watch ();
  code = gym_proxy_curve (w->registry, w->data, &w->recipe, w->sizes, (size_t)n,
                          w->scores, err);
  unwatch ();
  if (code >= 0 && w->json)
    json_object_set_new (w->json, "curve",
                         proxy_json_curve (targets, w->sizes, (size_t)n, w->scores));
  else if (code >= 0)
    proxy_show_curve (targets, w->sizes, (size_t)n, w->scores);
  return code;
}

/* Those that a draw can leave alone: with rows of the env and fidelity. */
static uint32_t
count_agents (const struct work *w)
{
  const struct gym_proxy_table *t = gym_proxy_data_table (w->data);
  uint32_t n = 0;
  for (uint32_t a = 0; a < t->n_agents; a++)
    for (size_t i = 0; i < t->n; i++)
      if (t->agents[i] == a) {
        n++;
        break;
      }
  return n;
}

/* One block of scores for all draws: two rows of targets each. */
static int
eval_diversity (struct work *w, gym_error *err)
{
  uint64_t n = 5, designs = 0;
  uint32_t m = gym_proxy_data_targets (w->data)->n;
  int code = cli_integer (w->cli, DRAWS, 1, 10000, &n, err);
  if (code >= 0)
    code = cli_integer (w->cli, DESIGNS, 1, SIZE_MAX, &designs, err);
  if (code < 0)
    return code;
  n *= count_agents (w);
  w->draws = calloc (n, sizeof *w->draws);
  w->scores = calloc (2 * n * m, sizeof *w->scores);
  if (!w->draws || !w->scores)
    return no_memory (err);
  for (size_t i = 0; i < n; i++) {
    w->draws[i].lone = w->scores + 2 * i * m;
    w->draws[i].mixed = w->scores + (2 * i + 1) * m;
  }
  watch ();
  code = gym_proxy_diversity (w->registry, w->data, &w->recipe, (size_t)designs, w->draws,
                              (size_t)n, err);
  unwatch ();
  if (code >= 0 && w->json)
    json_object_set_new (w->json, "draws",
                         proxy_json_draws (w->data, w->draws, (size_t)n));
  else if (code >= 0)
    proxy_show_draws (w->data, w->draws, (size_t)n);
  return code;
}

static int
eval_recipe (struct work *w, gym_error *err)
{
  static const int alone[] = { 'o' };
  const struct cli *cli = w->cli;
  bool curve = cli_value (cli, CURVE) != NULL, mix = cli_value (cli, DIVERSITY) != NULL;
  int code = refuse_options (w, "eval", alone, 1, err);
  if (code >= 0)
    code = need_stores (w, 1, "eval", err);
  if (code >= 0 && curve + mix + (cli_value (cli, FOLDS) != NULL) > 1)
    code = gym_fail (err, CLI_EUSAGE, "give one of --folds, --curve and --diversity");
  if (code >= 0 && !mix && (cli_value (cli, DRAWS) || cli_value (cli, DESIGNS)))
    code = gym_fail (err, CLI_EUSAGE, "option --%s goes with --diversity",
                     cli_value (cli, DRAWS) ? "draws" : "designs");
  if (code >= 0)
    code = open_chosen (w, 1, err);
  if (code < 0)
    return code;
  if (curve)
    return eval_curve (w, err);
  return mix ? eval_diversity (w, err) : eval_folds (w, err);
}

/* All digits: what is read back is what was measured. */
static int
print_json (const struct work *w, gym_error *err)
{
  char *text = json_dumps (w->json, JSON_INDENT (2) | JSON_REAL_PRECISION (17));
  if (!text)
    return no_memory (err);
  puts (text);
  free (text);
  return GYM_OK;
}

/* With --model something is to be trained, without it the first word is a model. */
static int
evaluate (struct work *w, gym_error *err)
{
  if (cli_value (w->cli, JSON) && !(w->json = json_object ()))
    return no_memory (err);
  int code = cli_value (w->cli, MODEL) ? eval_recipe (w, err) : eval_model (w, err);
  return code >= 0 && w->json ? print_json (w, err) : code;
}

/* ---- gym proxy info ---- */

static void
print_target (const gym_proxy *p, uint32_t i)
{
  const struct gym_metric *m = &gym_proxy_targets (p)->items[i];
  double power;
  enum gym_transform kind = gym_proxy_transform (p, i, &power);
  printf ("  %s [%s], learnt as %s", m->name, m->unit ? m->unit : "1",
          kind == GYM_TRANSFORM_NONE  ? "it is"
          : kind == GYM_TRANSFORM_LOG ? "its logarithm"
                                      : "a power");
  if (kind == GYM_TRANSFORM_BOXCOX)
    printf (" (%.4g)", power);
  printf ("\n");
}

/* A model that was not trained by this command has no origin, and is shown all the same.
 */
static int
describe (struct work *w, gym_error *err)
{
  struct gym_proxy_origin origin = { .struct_size = sizeof origin };
  if (cli_plain_count (w->cli) != 2)
    return gym_fail (err, CLI_EUSAGE, "gym proxy info takes one model file");
  w->proxy = gym_proxy_load (w->registry, cli_plain (w->cli, 1), NULL, err);
  if (!w->proxy)
    return err->code;
  printf ("Model:     %s\n", gym_proxy_identity (w->proxy));
  printf ("Seed:      %llu\n", (unsigned long long)gym_proxy_seed (w->proxy));
  if (gym_proxy_origin_read (w->proxy, &origin, NULL) == GYM_OK) {
    printf ("Env:       %s\nFidelity:  %s\n", origin.env, origin.fidelity);
    printf ("Rows:      %zu of %zu designs\nStores:    %s\n", origin.rows, origin.designs,
            origin.stores);
    if (origin.hints && strcmp (origin.hints, "[]") != 0)
      printf ("Pretrained on: %s\n", origin.hints);
  } else
    printf ("Rows:      %zu\n", gym_proxy_rows (w->proxy));
  printf ("Space:     %u parameters, %.6g designs\nTargets:\n",
          gym_space_size (gym_proxy_space (w->proxy)),
          gym_space_cardinality (gym_proxy_space (w->proxy)));
  for (uint32_t i = 0; i < gym_proxy_targets (w->proxy)->n; i++)
    print_target (w->proxy, i);
  gym_proxy_origin_clear (&origin);
  return GYM_OK;
}

/* ---- the command ---- */

/* Actions by name, as commands are; the registry is opened for all of them. */
static int
run (const struct cli *cli, gym_error *err)
{
  static const char *const actions[] = { "train", "eval", "info" };
  static int (*const calls[]) (struct work *, gym_error *) = { train, evaluate,
                                                               describe };
  struct work w = { .cli = cli };
  size_t i = 0;
  while (i < 3 && strcmp (actions[i], cli_plain (cli, 0)) != 0)
    i++;
  if (i == 3)
    return cli_unknown (err, CLI_EUSAGE, "action", cli_plain (cli, 0), actions, 3);
  int code = cmd_registry (&w.registry, err);
  if (code >= 0)
    code = calls[i](&w, err);
  clear (&w);
  if (code == GYM_ECANCELLED)
    fprintf (stderr, "gym: interrupted\n");
  return code == GYM_ECANCELLED ? CLI_INTERRUPTED : code < 0 ? code : CLI_OK;
}

static const struct cli_option options[] = {
  { .key = MODEL,
    .name = "model",
    .argument = "ID",
    .doc = "The proxy model to train (gbdt); see gym list proxies." },
  { .key = 'm',
    .name = "model-option",
    .argument = "KEY=VALUE",
    .doc = "Set an option of the model.",
    .repeat = true },
  { .key = METRIC,
    .name = "metric",
    .argument = "NAME,...",
    .doc = "Metrics to learn (all that are not measured times).",
    .repeat = true },
  { .key = PRETRAIN,
    .name = "pretrain",
    .argument = "NAME,...",
    .doc = "Metrics that cost little, such as counts, zero-cost scores or, as "
           "METRIC@FIDELITY, those of a cheap fidelity, targets too: the model (mlp) is "
           "first taught those of all designs in the stores.",
    .repeat = true },
  { .key = TRANSFORM,
    .name = "transform",
    .argument = "none|log|boxcox|auto",
    .doc = "What targets are learnt as; they are predicted and scored in their own unit "
           "(none; auto: the logarithm where that is more like a normal distribution)." },
  { .key = 'o',
    .name = "output",
    .argument = "FILE",
    .doc = "Where train writes the model." },
  CMD_STORES_OPTIONS ("Trials of this fidelity (the dearest there is)."),
  { .key = FOLDS,
    .name = "folds",
    .argument = "K",
    .doc = "eval --model: cross-validation in K parts (5); no design is in two." },
  { .key = CURVE,
    .name = "curve",
    .argument = "N,...",
    .doc = "eval --model: scores by the number of designs learnt from, on a fifth of all "
           "that is set aside." },
  { .key = DIVERSITY,
    .name = "diversity",
    .doc = "eval --model: one agent's log against as many designs from all agents." },
  { .key = DRAWS,
    .name = "draws",
    .argument = "N",
    .doc = "How often --diversity draws for each agent (5)." },
  { .key = DESIGNS,
    .name = "designs",
    .argument = "N",
    .doc = "Designs that --diversity learns from (as many as the shortest log has)." },
  { .key = FILES,
    .name = "file",
    .argument = "KEY=PATH",
    .doc = "eval: where a file of the env lies that is timed against.",
    .repeat = true },
  { .key = SEED,
    .name = "seed",
    .argument = "S",
    .doc = "Seed of the model and of everything that is drawn (0)." },
  { .key = JSON, .name = "json", .doc = "eval: print JSON." },
  { 0 }
};

const struct cli_command cmd_proxy = {
  .name = "proxy",
  .arguments = "train FILE... -o MODEL [--model ID] [-m KEY=VALUE ...] [...]\n"
               "eval MODEL FILE... [--json]\n"
               "eval --model ID FILE... [--folds K] [--curve N,...] [--diversity] [...]\n"
               "info MODEL",
  .summary = "Train models of metrics from stores, and score them",
  .doc =
      "`train` learns metrics of one env (its id and all options) from the ok trials of "
      "any number of stores, and writes a model that env `proxy` searches. `eval MODEL` "
      "scores a model on other stores; `eval --model` trains and scores on parts of the "
      "same rows, and no design is ever in both. Scores are in the metric's unit: RMSE, "
      "also over the mean; MAPE; R2; Spearman's and Kendall's correlation of ranks; how "
      "many of the best 1 % are found; how many values lie within the central intervals "
      "of 50, 80 and 95 % that the model's spread promises. Times are CPU times, "
      "measured in the same run as the simulator's.",
  .options = options,
  .least = 1,
  .most = SIZE_MAX,
  .run = run,
};
