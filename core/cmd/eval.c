/* gym eval: the metrics of given designs.
 *
 * Designs are evaluated as they are given, without the repair that a search applies:
 * one that breaks a rule of the env comes back infeasible. */
#include "core/cmd/common.h"
#include "core/cmd/designs.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
  DESIGN = CLI_LONG,
  DESIGNS,
  WHERE,
  RANDOM,
  SEED,
  FIDELITY,
  EVAL_SEED,
  FORMAT,
  DETAIL,
  SEALED,
  STORE,
  MOST_BATCH = 1024,
  MOST_NOTES = 5
};

struct eval {
  gym_registry *registry;
  gym_settings *settings;
  gym_env *env;
  struct designs designs;
  struct cmd_rows out;
  uint32_t fidelity;
  uint64_t seed;
  bool sealed;    /* compute sealed metrics too */
  size_t spoiled; /* designs whose status is not ok */
  size_t at;      /* the design whose details are printed */

  double *metrics; /* of a batch */
  uint32_t *statuses, *fidelities;
  uint64_t *seeds;
  char *notes;
};

static void
clear (struct eval *e)
{
  free (e->metrics);
  free (e->statuses);
  free (e->fidelities);
  free (e->seeds);
  free (e->notes);
  designs_clear (&e->designs);
  gym_env_destroy (&e->env);
  gym_settings_destroy (&e->settings);
  gym_registry_destroy (&e->registry);
}

/* ---- Which designs --------------------------------------------------------------- */

/* One note for all of them: a loop in a shell should not drown its output in notes. */
static int
add_texts (const struct cli *cli, struct eval *e, gym_error *err)
{
  int most = 0;
  for (size_t i = 0; i < cli->n; i++) {
    if (cli->words[i].key != DESIGN)
      continue;
    int missing = designs_add_text (&e->designs, e->env, cli->words[i].value, err);
    if (missing < 0)
      return missing;
    most = missing > most ? missing : most;
  }
  if (most > 0)
    cmd_note ("%d parameter%s not given: default%s taken", most,
              most == 1 ? " is" : "s are", most == 1 ? "" : "s");
  return GYM_OK;
}

/* Reads the conditions; `copies` keeps their texts, cut at the first "=". */
static int
read_where (const struct cli *cli, struct designs_where *where, char **copies, size_t *n,
            gym_error *err)
{
  for (size_t i = 0; i < cli->n; i++) {
    if (cli->words[i].key != WHERE)
      continue;
    char *text = strdup (cli->words[i].value), *equals = text ? strchr (text, '=') : NULL;
    copies[*n] = text;
    if (!text)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
    (*n)++;
    if (!equals)
      return gym_fail (err, CLI_EUSAGE,
                       "option --where: \"%s\" is not of the form column=value", text);
    *equals = '\0';
    where[*n - 1] = (struct designs_where){ .column = text, .value = equals + 1 };
  }
  return GYM_OK;
}

static int
add_file (const struct cli *cli, struct eval *e, gym_error *err)
{
  struct designs_where *where = calloc (cli->n, sizeof *where);
  char **copies = calloc (cli->n, sizeof *copies);
  size_t n = 0;
  int code = where && copies ? read_where (cli, where, copies, &n, err)
                             : gym_fail (err, GYM_ENOMEM, "out of memory");
  if (code >= 0)
    code =
        designs_add_file (&e->designs, e->env, cli_value (cli, DESIGNS), where, n, err);
  while (n > 0)
    free (copies[--n]);
  free (copies);
  free (where);
  return code;
}

static int
add_random (const struct cli *cli, struct eval *e, gym_error *err)
{
  uint64_t n = 0, seed = 0;
  int code = cli_integer (cli, RANDOM, 1, 1000000000, &n, err);
  if (code >= 0)
    code = cli_integer (cli, SEED, 0, UINT64_MAX, &seed, err);
  return code < 0 ? code : designs_add_random (&e->designs, e->env, n, seed, err);
}

/* Of the three ways to name designs exactly one, and their helpers only with them. */
static int
check_ways (const struct cli *cli, gym_error *err)
{
  int ways =
      !!cli_value (cli, DESIGN) + !!cli_value (cli, DESIGNS) + !!cli_value (cli, RANDOM);
  if (ways != 1)
    return gym_fail (err, CLI_EUSAGE, "%s: give --design, --designs or --random",
                     ways ? "designs are named in two ways" : "which designs?");
  if (cli_value (cli, WHERE) && !cli_value (cli, DESIGNS))
    return gym_fail (err, CLI_EUSAGE, "option --where selects rows of --designs FILE");
  if (cli_value (cli, STORE) && !cli_value (cli, SEALED))
    return gym_fail (err, CLI_EUSAGE,
                     "option --store names the store that is to know of --sealed");
  if (cli_value (cli, SEALED) && cli_value (cli, DETAIL))
    return gym_fail (err, CLI_EUSAGE, "option --detail shows no metrics to unseal");
  if (cli_value (cli, SEED) && !cli_value (cli, RANDOM))
    return gym_fail (err, CLI_EUSAGE,
                     "option --seed draws the designs of --random; --eval-seed is the "
                     "one that noisy envs see");
  return GYM_OK;
}

/* ---- Evaluating and printing ----------------------------------------------------- */

static int
reserve (struct eval *e, gym_error *err)
{
  size_t m = gym_env_metrics (e->env)->n;
  e->metrics = malloc (MOST_BATCH * m * sizeof *e->metrics);
  e->statuses = malloc (MOST_BATCH * sizeof *e->statuses);
  e->fidelities = malloc (MOST_BATCH * sizeof *e->fidelities);
  e->seeds = malloc (MOST_BATCH * sizeof *e->seeds);
  e->notes = malloc ((size_t)MOST_BATCH * GYM_NOTE);
  if (!e->metrics || !e->statuses || !e->fidelities || !e->seeds || !e->notes)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the results");
  return GYM_OK;
}

static int
print_header (struct eval *e, gym_error *err)
{
  const gym_space *space = gym_env_space (e->env);
  const struct gym_metrics *metrics = gym_env_metrics (e->env);
  size_t p = gym_space_size (space), c = e->designs.n_carried, n = 0;
  const char **names = malloc ((p + metrics->n + 1 + c) * sizeof *names);
  if (!names)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the columns");
  for (uint32_t i = 0; i < p; i++)
    names[n++] = gym_space_param (space, i)->name;
  for (uint32_t i = 0; i < metrics->n; i++)
    names[n++] = metrics->items[i].name;
  names[n++] = "status";
  for (size_t i = 0; i < c; i++)
    names[n++] = e->designs.names[i];
  cmd_rows_begin (&e->out, names, n);
  free (names);
  return GYM_OK;
}

/* Whether a carried text is a number as JSON writes them, short enough to keep its value
 * in any reader. */
static bool
is_json_number (const char *text)
{
  const char *p = text + (text[0] == '-'), *digits = p;
  size_t n = strspn (p, "0123456789");
  if (n == 0 || (p[0] == '0' && n > 1))
    return false;
  p += n;
  if (*p == '.' && (n = strspn (p + 1, "0123456789")) > 0)
    p += 1 + n;
  if (p - digits > 16)
    return false;
  if (*p == 'e' || *p == 'E') {
    p += 1 + (p[1] == '+' || p[1] == '-');
    n = strspn (p, "0123456789");
    p = n > 0 && n < 4 ? p + n : "?";
  }
  return *p == '\0';
}

/* Levels by name: an index means nothing to who reads the file. */
static void
print_parameter (struct eval *e, uint32_t i, double value)
{
  const gym_space *space = gym_env_space (e->env);
  const struct gym_param *param = gym_space_param (space, i);
  bool level = param->kind == GYM_CATEGORICAL || param->kind == GYM_ORDINAL;
  char text[64] = "";
  if (!level || !(value >= 0))
    gym_space_format (space, i, value, text, sizeof text);
  cmd_rows_field (&e->out, param->name,
                  level && value >= 0 ? param->levels[(size_t)value] : text, !level);
}

/* Row k of the batch that begins with design `first`. */
static void
print_row (struct eval *e, size_t first, size_t k)
{
  const struct gym_metrics *metrics = gym_env_metrics (e->env);
  const struct designs *d = &e->designs;
  uint32_t p = gym_space_size (gym_env_space (e->env));
  char text[CMD_NUMBER];
  for (uint32_t i = 0; i < p; i++)
    print_parameter (e, i, d->rows[(first + k) * p + i]);
  for (uint32_t i = 0; i < metrics->n; i++)
    cmd_rows_field (&e->out, metrics->items[i].name,
                    cmd_number (e->metrics[k * metrics->n + i], text), true);
  cmd_rows_field (&e->out, "status", gym_status_name (e->statuses[k]), false);
  for (size_t i = 0; i < d->n_carried; i++) {
    const char *cell = csv_cell (d->csv, d->records[first + k], d->carried[i]);
    cmd_rows_field (&e->out, d->names[i], cell, is_json_number (cell));
  }
  cmd_rows_next (&e->out);
}

/* The reasons of the first few, and at the end how many there were: all of them could
 * fill the screen of a person who waits for rows. */
static void
note_spoiled (struct eval *e, size_t design, size_t k)
{
  const char *note = e->notes + k * GYM_NOTE;
  if (e->statuses[k] == GYM_TRIAL_OK || e->spoiled++ >= MOST_NOTES)
    return;
  fflush (e->out.file);
  cmd_note ("design %zu is %s%s%s", design + 1, gym_status_name (e->statuses[k]),
            note[0] ? ": " : "", note);
}

/* As a study with this evaluation seed would have it. */
static uint64_t
evaluation_seed (const struct eval *e, const double *row)
{
  return gym_rng_derive (e->seed, gym_space_hash (gym_env_space (e->env), row), 0);
}

static int
evaluate_batch (struct eval *e, size_t first, size_t n, gym_error *err)
{
  const gym_space *space = gym_env_space (e->env);
  const double *rows = e->designs.rows + first * gym_space_size (space);
  for (size_t k = 0; k < n; k++) {
    e->fidelities[k] = e->fidelity;
    e->seeds[k] = evaluation_seed (e, rows + k * gym_space_size (space));
  }
  int code = (e->sealed ? gym_env_evaluate_sealed : gym_env_evaluate) (
      e->env, n, rows, e->fidelities, e->seeds, e->metrics, e->statuses, e->notes, err);
  for (size_t k = 0; k < n && code >= 0; k++) {
    print_row (e, first, k);
    note_spoiled (e, first + k, k);
  }
  return code;
}

/* ---- Details --------------------------------------------------------------------- */

static int
print_detail_header (struct eval *e, gym_error *err)
{
  const struct gym_metrics *columns = gym_env_detail_columns (e->env);
  if (!columns)
    return gym_fail (err, CLI_EUSAGE, "option --detail: env %s has no details to show",
                     gym_env_entry (e->env)->id);
  const char **names = malloc ((columns->n + 2) * sizeof *names);
  if (!names)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the columns");
  names[0] = "design";
  names[1] = "part";
  for (uint32_t i = 0; i < columns->n; i++)
    names[i + 2] = columns->items[i].name;
  cmd_rows_begin (&e->out, names, columns->n + 2);
  free (names);
  return GYM_OK;
}

static void
print_detail_row (void *sink, const char *label, const double *values)
{
  struct eval *e = sink;
  const struct gym_metrics *columns = gym_env_detail_columns (e->env);
  char text[CMD_NUMBER];
  cmd_rows_field (&e->out, "design", cmd_number ((double)e->at + 1, text), true);
  cmd_rows_field (&e->out, "part", label, false);
  for (uint32_t i = 0; i < columns->n; i++)
    cmd_rows_field (&e->out, columns->items[i].name, cmd_number (values[i], text), true);
  cmd_rows_next (&e->out);
}

/* A design without details does not end the rest, as one that fails does not. */
static int
print_details (struct eval *e, gym_error *err)
{
  const gym_space *space = gym_env_space (e->env);
  int code = GYM_OK;
  for (e->at = 0; e->at < e->designs.n && code >= 0 && !ferror (e->out.file); e->at++) {
    const double *row = e->designs.rows + e->at * gym_space_size (space);
    gym_error why = { 0 };
    code = gym_env_detail (e->env, row, e->fidelity, evaluation_seed (e, row),
                           print_detail_row, e, &why);
    fflush (e->out.file);
    if (code == GYM_EFAILED) {
      if (e->spoiled++ < MOST_NOTES)
        cmd_note ("design %zu: %s", e->at + 1, why.text);
      code = GYM_OK;
    } else if (code < 0)
      gym_fail (err, code, "%s", why.text);
  }
  return code;
}

/* ---- Sealed metrics -------------------------------------------------------------- */

/* The store has to know before anything is computed. */
static int
unseal (const struct cli *cli, struct eval *e, gym_error *err)
{
  const char *store = cli_value (cli, STORE);
  e->sealed = cli_value (cli, SEALED) != NULL;
  if (!e->sealed || gym_env_sealed (e->env) == 0)
    return GYM_OK;
  if (store)
    return gym_store_unseal (store, e->env, "eval", err);
  cmd_note ("sealed metrics are read, and no store tells: studies that go on after this "
            "are not marked as tainted (--store FILE marks them)");
  return GYM_OK;
}

/* ---- All of it ------------------------------------------------------------------- */

static double
seconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Batches grow while they are quick, so that rows of a slow env appear one by one. */
static int
evaluate_all (struct eval *e, gym_error *err)
{
  size_t first = 0, size = 1;
  int code = GYM_OK;
  /* What cannot be written need not be computed; main says why. */
  while (first < e->designs.n && code >= 0 && !ferror (e->out.file)) {
    size_t left = e->designs.n - first, n = size < left ? size : left;
    double start = seconds ();
    code = evaluate_batch (e, first, n, err);
    fflush (e->out.file);
    first += n;
    if (seconds () - start < 0.05 && size < MOST_BATCH)
      size *= 2;
  }
  return code;
}

/* The command line is checked before plugins are loaded, which may take a while. */
static int
set_up (const struct cli *cli, struct eval *e, gym_error *err)
{
  static const char *const formats[] = { "csv", "json", NULL };
  const char *fidelity = cli_value (cli, FIDELITY);
  int code = check_ways (cli, err), format = CMD_CSV;
  if (code < 0 || (code = cli_choice (cli, FORMAT, formats, &format, err)) < 0
      || (code = cli_integer (cli, EVAL_SEED, 0, UINT64_MAX, &e->seed, err)) < 0
      || (code = cmd_settings (cli, 'o', &e->settings, err)) < 0
      || (code = cmd_registry (&e->registry, err)) < 0)
    return code;
  e->out = (struct cmd_rows){ .file = stdout, .format = (enum cmd_format)format };
  e->env = gym_env_open (e->registry, cli_plain (cli, 0), e->settings, err);
  if (!e->env)
    return err->code;
  gym_env_set_log (e->env, cmd_log, NULL);
  code = fidelity ? gym_env_find_fidelity (e->env, fidelity, err)
                  : (int)gym_env_fidelities (e->env)->n - 1;
  e->fidelity = (uint32_t)code;
  return code;
}

static int
run (const struct cli *cli, gym_error *err)
{
  struct eval e = { 0 };
  int code = set_up (cli, &e, err);
  if (code >= 0)
    code = cli_value (cli, DESIGN)    ? add_texts (cli, &e, err)
           : cli_value (cli, DESIGNS) ? add_file (cli, &e, err)
                                      : add_random (cli, &e, err);
  const bool detail = cli_value (cli, DETAIL) != NULL;
  if (code >= 0 && (code = reserve (&e, err)) >= 0)
    code = unseal (cli, &e, err);
  if (code >= 0)
    code = detail ? print_detail_header (&e, err) : print_header (&e, err);
  if (code >= 0) {
    code = detail ? print_details (&e, err) : evaluate_all (&e, err);
    cmd_rows_end (&e.out);
  }
  if (e.spoiled > 0)
    cmd_note ("%zu of %zu designs are not ok", e.spoiled, e.designs.n);
  clear (&e);
  return code < 0 ? code : CLI_OK;
}

static const struct cli_option options[] = {
  { .key = 'o',
    .name = "option",
    .argument = "KEY=VALUE",
    .doc = "Set an option of the env.",
    .repeat = true },
  { .key = DESIGN,
    .name = "design",
    .argument = "P=V,...",
    .doc = "A design; parameters not mentioned take their defaults. May be given "
           "several times.",
    .repeat = true },
  { .key = DESIGNS,
    .name = "designs",
    .argument = "FILE",
    .doc = "Designs from a CSV file (- for standard input)." },
  { .key = WHERE,
    .name = "where",
    .argument = "COLUMN=VALUE",
    .doc = "Of that file take only the rows with this text in that column. Several "
           "conditions must all hold.",
    .repeat = true },
  { .key = RANDOM,
    .name = "random",
    .argument = "N",
    .doc = "N designs drawn uniformly." },
  { .key = SEED, .name = "seed", .argument = "S", .doc = "Seed of that draw (0)." },
  { .key = FIDELITY,
    .name = "fidelity",
    .argument = "NAME",
    .doc = "Fidelity of the evaluation (the highest)." },
  { .key = EVAL_SEED,
    .name = "eval-seed",
    .argument = "S",
    .doc = "Evaluation seed (0). Every design gets its own seed from it, the same "
           "one as in a search with that evaluation seed." },
  { .key = FORMAT,
    .name = "format",
    .argument = "csv|json",
    .doc = "CSV with a header (the default), or a JSON array with an object a "
           "line." },
  { .key = DETAIL,
    .name = "detail",
    .doc = "Instead of a row a design, the rows behind it: what each layer, bank or "
           "task of the env did." },
  { .key = DETAIL, .name = "per-layer", .doc = "The same, where the rows are layers." },
  { .key = SEALED,
    .name = "sealed",
    .doc = "Compute the sealed metrics too, which are kept for the final report and "
           "empty otherwise (gym final reports them)." },
  { .key = STORE,
    .name = "store",
    .argument = "FILE",
    .doc = "With --sealed: the store that is to know of it. What is added to its studies "
           "of this env from then on is marked as tainted." },
  { 0 }
};

const struct cli_command cmd_eval = {
  .name = "eval",
  .arguments = "ENV [-o KEY=VALUE ...]\n"
               "(--design P=V,... | --designs FILE [--where COLUMN=VALUE ...]\n"
               "| --random N [--seed S])\n"
               "[--fidelity NAME] [--eval-seed S] [--format csv|json] [--detail]\n"
               "[--sealed [--store FILE]]",
  .summary = "Evaluate designs",
  .doc =
      "Prints one row a design: its parameters, the metrics, then its status. Inactive "
      "parameters and metrics that the fidelity does not yield or the status does not "
      "allow are empty in CSV and absent from JSON.\n\n"
      "The header of a designs file names parameters. A parameter without a column "
      "takes its default, which is noted on standard error; an empty field means that "
      "the parameter is inactive. Other columns are carried through behind the status, "
      "with the prefix in_ where they would clash with an output column; one within "
      "two edits of the name of a parameter or metric is taken for a slip and "
      "refused.\n\n"
      "With --detail a row has the number of its design, the part it is about and the "
      "columns of the env.\n\n"
      "Designs whose status is not ok do not change the exit code.",
  .options = options,
  .least = 1,
  .most = 1,
  .run = run,
};
