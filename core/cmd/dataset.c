/* gym dataset: logged trials of several stores as one data set, for learning from.
 *
 * Everything is in the library (gym/dataset.h); here are the words for it. */
#include "core/cmd/common.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS = CLI_LONG, ENCODE, FORMAT, DUPLICATES, EPISODES, OBJECTIVE, DESCRIBE };

/* Given once for each status that is wanted; none is all of them. */
static int
read_statuses (const struct cli *cli, uint32_t *statuses, gym_error *err)
{
  static const char *const names[] = { "ok",      "infeasible", "failed",
                                       "timeout", "crashed",    "oom" };
  for (size_t i = 0; i < cli->n; i++) {
    if (cli->words[i].key != STATUS)
      continue;
    int status = gym_status_parse (cli->words[i].value);
    if (status < 0)
      return cli_unknown (err, CLI_EUSAGE, "status", cli->words[i].value, names, 6);
    *statuses |= 1u << status;
  }
  return GYM_OK;
}

/* What is not said is left to the library, which knows the name of the file. */
static int
read_output (const struct cli *cli, struct gym_dataset_output *output, gym_error *err)
{
  static const char *const formats[] = { "csv", "jsonl", "npz", "parquet", NULL };
  static const char *const encodings[] = { "decoded", "ordinal", "onehot", NULL };
  /* -1 becomes 0, which is the library's own choice. */
  int format = -1, encoding = -1;
  int code = cli_choice (cli, FORMAT, formats, &format, err);
  if (code >= 0)
    code = cli_choice (cli, ENCODE, encodings, &encoding, err);
  *output = (struct gym_dataset_output){ .struct_size = sizeof *output,
                                         .format = (uint32_t)(format + 1),
                                         .encoding = (uint32_t)(encoding + 1) };
  return code;
}

/* The library copies what it keeps, so that words and settings may go at once. */
static int
open_dataset (const struct cli *cli, gym_dataset **dataset, gym_error *err)
{
  struct cmd_stores stores;
  struct gym_dataset_options o = { .struct_size = sizeof o,
                                   .duplicates = cli_value (cli, DUPLICATES) != NULL };
  int code = cmd_stores (cli, 0, &stores, err);
  if (code >= 0)
    code = read_statuses (cli, &o.statuses, err);
  o.env = stores.env;
  o.fidelity = stores.fidelity;
  o.study = stores.study;
  o.where = stores.where;
  if (code >= 0 && !(*dataset = gym_dataset_open (stores.paths, stores.n, &o, err)))
    code = err->code;
  cmd_stores_clear (&stores);
  return code;
}

/* Runs without a trial yet are none. */
static size_t
episodes_of (const gym_dataset *d)
{
  size_t n = 0;
  for (size_t i = 0; i < gym_dataset_runs (d); i++)
    n += gym_dataset_run (d, i)->trials > 0;
  return n;
}

/* What a reader of the numbers should know beforehand. */
static void
tell (const gym_dataset *d, const struct cli *cli)
{
  const struct gym_dataset_counts *c = gym_dataset_counts (d);
  if (cli_value (cli, EPISODES))
    cmd_note ("%zu episodes of %zu trials", episodes_of (d), c->trials);
  else
    cmd_note ("%zu rows of %zu trials; %zu repeats and %zu duplicates are left out",
              c->rows, c->trials, c->repeats, c->duplicates);
  if (c->conflicts)
    cmd_note ("%zu duplicates differ from the row that stands for them: another machine "
              "or build, or the env breaks its word",
              c->conflicts);
  if (c->tainted)
    cmd_note ("%zu rows are of tainted runs, which saw sealed metrics", c->tainted);
  if (c->older)
    cmd_note ("%zu trials of older versions of %s are left out", c->older,
              gym_dataset_env_id (d));
}

/* For people: no other format is offered, scripts have the metadata. */
static int
describe (gym_dataset *d, gym_error *err)
{
  char *text = gym_dataset_describe (d, err);
  if (!text)
    return err->code;
  fputs (text, stdout);
  gym_free (text);
  return GYM_OK;
}

/* What the library calls for each block; the reason of a failure is kept for the end. */
static int
put (void *sink, const char *bytes, size_t n)
{
  int *reason = sink;
  if (fwrite (bytes, 1, n, stdout) == n)
    return GYM_OK;
  *reason = errno;
  return GYM_EIO;
}

/* A full disk may show only when what is buffered goes out. */
static int
print_rows (gym_dataset *d, const struct gym_dataset_output *output, gym_error *err)
{
  int reason = 0;
  int code = gym_dataset_put (d, output, put, &reason, err);
  if (code >= 0 && fflush (stdout) != 0)
    reason = errno;
  return reason ? gym_fail (err, GYM_EIO, "standard output: %s", strerror (reason))
                : code;
}

/* Notes come last: a row of them would be no help when writing failed. */
static int
write_dataset (gym_dataset *d, const struct cli *cli,
               const struct gym_dataset_output *output, gym_error *err)
{
  const char *path = cli_value (cli, 'o');
  int code;
  if (!path || strcmp (path, "-") == 0)
    return print_rows (d, output, err);
  if (cli_value (cli, EPISODES))
    code = gym_dataset_write_episodes (d, path, output, cli_value (cli, OBJECTIVE), err);
  else
    code = gym_dataset_write (d, path, output, err);
  if (code >= 0)
    tell (d, cli);
  return code;
}

/* Said before anything is opened, since reading a large store takes its time; what is
 * wrong with the words alone is a mistake of usage. */
static int
check_words (const struct cli *cli, const struct gym_dataset_output *output,
             gym_error *err)
{
  const char *path = cli_value (cli, 'o');
  bool named = path && strcmp (path, "-") != 0;
  if (!named && cli_value (cli, EPISODES))
    return gym_fail (err, CLI_EUSAGE, "--episodes needs -o FILE.jsonl or -o FILE.npz");
  if (!cli_value (cli, EPISODES) && cli_value (cli, OBJECTIVE))
    return gym_fail (err, CLI_EUSAGE, "--objective makes rewards: give --episodes");
  if (!path && !output->format && !cli_value (cli, DESCRIBE))
    return gym_fail (err, CLI_EUSAGE,
                     "where to? give -o FILE (.csv, .jsonl, .npz or .parquet), --format "
                     "for standard output, or --describe");
  if (!named && (path || output->format) && cli_value (cli, DESCRIBE))
    return gym_fail (err, CLI_EUSAGE,
                     "--describe and the rows would both go to standard output: give -o "
                     "FILE, or one at a time");
  if (path && !named && !output->format)
    return gym_fail (err, CLI_EUSAGE,
                     "which format? give --format csv, jsonl or "
                     "parquet");
  return GYM_OK;
}

/* A description and a file of the same snapshot may be had in one go. */
static int
run (const struct cli *cli, gym_error *err)
{
  struct gym_dataset_output output;
  gym_dataset *d = NULL;
  int code = read_output (cli, &output, err);
  if (code >= 0)
    code = check_words (cli, &output, err);
  if (code >= 0)
    code = open_dataset (cli, &d, err);
  if (code >= 0 && cli_value (cli, DESCRIBE))
    code = describe (d, err);
  if (code >= 0 && (cli_value (cli, 'o') || output.format))
    code = write_dataset (d, cli, &output, err);
  gym_dataset_destroy (&d);
  return code < 0 ? code : CLI_OK;
}

static const struct cli_option options[] = {
  CMD_STORES_OPTIONS ("Trials of one fidelity (all)."),
  { .key = STATUS,
    .name = "status",
    .argument = "STATUS",
    .doc = "Rows of this status: ok, infeasible, failed, timeout, crashed or oom (all).",
    .repeat = true },
  { .key = DUPLICATES,
    .name = "duplicates",
    .doc = "Keep trials of equal env, design, fidelity and evaluation seed." },
  { .key = ENCODE,
    .name = "encode",
    .argument = "decoded|ordinal|onehot",
    .doc = "Designs as people write them, by index of their levels, or a column for each "
           "level (decoded; ordinal in .npz and episodes)." },
  { .key = FORMAT,
    .name = "format",
    .argument = "csv|jsonl|npz|parquet",
    .doc = "Another format than the end of the file's name says." },
  { .key = 'o',
    .name = "output",
    .argument = "FILE",
    .doc = "Write to FILE, which appears when it is complete; beside .csv and .jsonl "
           "units and sources go to FILE.meta.json." },
  { .key = DESCRIBE,
    .name = "describe",
    .doc = "Print what is in it: agents' shares, duplicates, how often each level was "
           "tried, spread of each metric." },
  { .key = EPISODES,
    .name = "episodes",
    .doc = "Write runs as episodes of reinforcement learning (RLDS) to .jsonl or .npz." },
  { .key = OBJECTIVE,
    .name = "objective",
    .argument = "EXPR",
    .doc = "What rewards of episodes are made of (each study's own objective)." },
  { 0 }
};

const struct cli_command cmd_dataset = {
  .name = "dataset",
  .arguments = "FILE... [--env ENV] [-o OUT] [--encode E] [--describe] [...]",
  .summary = "Make a data set of the trials of stores",
  .doc =
      "Merges the trials of one env from any number of stores into a table of designs, "
      "metrics and where they come from. Trials of equal env (with options and files), "
      "design, fidelity and evaluation seed are one row. Infeasible and failed trials "
      "are kept and marked by their status; sealed metrics are left out. Stores may be "
      "read while studies write to them.",
  .options = options,
  .least = 1,
  .most = SIZE_MAX,
  .run = run,
};
