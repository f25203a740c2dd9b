/* gym show: one trial of a store, with everything that is known of it. */
#include "core/cmd/analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STUDY = CLI_LONG, TRIAL, RUN, AGENT, SEED };

/* What the command line says of the run; NULL and 0: nothing. */
struct wanted {
  const char *agent, *seed;
  uint64_t run, number;
};

/* By name: which columns there are depends on the env. */
static int
column_of (const gym_cursor *cursor, const char *name)
{
  for (uint32_t i = 0; i < gym_cursor_columns (cursor); i++)
    if (strcmp (gym_cursor_name (cursor, i), name) == 0)
      return (int)i;
  return -1;
}

/* "" for a column that is not there, or empty. */
static const char *
text_of (gym_cursor *cursor, const char *name)
{
  int at = column_of (cursor, name);
  const char *text = at < 0 ? NULL : gym_cursor_text (cursor, (uint32_t)at);
  return text ? text : "";
}

/* The run that agent and seed, or its id, tell; the only one there is needs no words. */
static int
find_run (gym_store *store, int64_t study, const struct wanted *w, int64_t *run,
          gym_error *err)
{
  gym_cursor *cursor = gym_store_runs (store, study, err);
  int code = cursor ? GYM_OK : err->code;
  size_t matches = 0;
  while (code >= 0 && (code = gym_cursor_next (cursor, err)) == 1) {
    int64_t id = (int64_t)gym_cursor_number (cursor, (uint32_t)column_of (cursor, "run"));
    bool fits = (!w->run || (uint64_t)id == w->run)
                && (!w->agent || strcmp (w->agent, text_of (cursor, "agent")) == 0
                    || analysis_is_id (text_of (cursor, "agent_id"), w->agent))
                && (!w->seed || strcmp (w->seed, text_of (cursor, "seed")) == 0);
    if (fits && matches++ == 0)
      *run = id;
  }
  gym_cursor_destroy (&cursor);
  if (code < 0)
    return code;
  if (matches == 1)
    return GYM_OK;
  return matches == 0
             ? gym_fail (err, GYM_ENOTFOUND,
                         "no run of this agent and seed; gym table lists the agents")
             : gym_fail (err, GYM_EINVAL,
                         "%zu runs have a trial %llu: say which by --agent LABEL and "
                         "--seed S, or --run ID",
                         matches, (unsigned long long)w->number);
}

/* Ids rise, so that it is the last of the list. */
static int64_t
newest_study (gym_store *store, gym_error *err)
{
  gym_cursor *cursor = gym_store_studies (store, err);
  int64_t newest = 0;
  int code = cursor ? GYM_OK : err->code;
  while (code >= 0 && (code = gym_cursor_next (cursor, err)) == 1)
    newest = (int64_t)gym_cursor_number (cursor, 0);
  gym_cursor_destroy (&cursor);
  if (code < 0)
    return code;
  return newest ? newest : gym_fail (err, GYM_ENOTFOUND, "the store has no study yet");
}

/* Parameters that are inactive and metrics that were not measured are left out. */
static void
print_trial (gym_cursor *cursor)
{
  int width = 0;
  for (uint32_t i = 0; i < gym_cursor_columns (cursor); i++) {
    int length = (int)strlen (gym_cursor_name (cursor, i));
    width = length > width ? length : width;
  }
  for (uint32_t i = 0; i < gym_cursor_columns (cursor); i++) {
    const char *text = gym_cursor_text (cursor, i), *unit = gym_cursor_unit (cursor, i);
    if (!text || !text[0])
      continue;
    bool plain = !unit[0] || strcmp (unit, "1") == 0;
    printf ("%-*s  %s%s%s\n", width, gym_cursor_name (cursor, i), text, plain ? "" : " ",
            plain ? "" : unit);
  }
}

/* Trials come in order of number, so that this ends at the one that is wanted. */
static int
show (gym_store *store, int64_t study, int64_t run, uint64_t number, gym_error *err)
{
  gym_cursor *cursor = gym_store_trials (store, study, run, err);
  int code = cursor ? GYM_OK : err->code, at = cursor ? column_of (cursor, "number") : -1;
  bool found = false;
  while (code >= 0 && !found && (code = gym_cursor_next (cursor, err)) == 1)
    found = gym_cursor_number (cursor, (uint32_t)at) == (double)number;
  if (found)
    print_trial (cursor);
  gym_cursor_destroy (&cursor);
  if (code >= 0 && !found)
    code = gym_fail (err, GYM_ENOTFOUND, "run %lld has no trial %llu", (long long)run,
                     (unsigned long long)number);
  return code;
}

/* A trial belongs to a run, and a run to a study: found in that order. */
static int
run (const struct cli *cli, gym_error *err)
{
  uint64_t study = 0;
  struct wanted w = { .agent = cli_value (cli, AGENT), .seed = cli_value (cli, SEED) };
  int64_t id = 0, of;
  int code;
  if (!cli_value (cli, TRIAL))
    return gym_fail (err, CLI_EUSAGE, "option --trial is missing; see gym show --help");
  if ((code = cli_integer (cli, STUDY, 1, INT64_MAX, &study, err)) < 0
      || (code = cli_integer (cli, RUN, 1, INT64_MAX, &w.run, err)) < 0
      || (code = cli_integer (cli, TRIAL, 0, UINT32_MAX, &w.number, err)) < 0)
    return code;
  gym_store *store = gym_store_open (cli_plain (cli, 0), err);
  if (!store)
    return err->code;
  of = study ? (int64_t)study : newest_study (store, err);
  code = of < 0 ? (int)of : find_run (store, of, &w, &id, err);
  if (code >= 0)
    code = show (store, of, id, w.number, err);
  gym_store_destroy (&store);
  return code < 0 ? code : CLI_OK;
}

static const struct cli_option options[] = {
  { .key = TRIAL, .name = "trial", .argument = "N", .doc = "Its number in its run." },
  { .key = AGENT, .name = "agent", .argument = "LABEL", .doc = "Of this agent's run." },
  { .key = SEED, .name = "seed", .argument = "S", .doc = "Of the run with this seed." },
  { .key = RUN,
    .name = "run",
    .argument = "ID",
    .doc = "Of the run with this number in the store." },
  { .key = STUDY,
    .name = "study",
    .argument = "ID",
    .doc = "The study, by the number it has in the store (the newest)." },
  { 0 }
};

const struct cli_command cmd_show = {
  .name = "show",
  .arguments = "FILE --trial N [--agent LABEL] [--seed S] [--run ID] [--study ID]",
  .summary = "Show one trial of a store",
  .doc =
      "Prints the design of a trial, its metrics with units, goals and violations, its "
      "status and the reason where it failed. Agent and seed tell whose trial is meant "
      "where the study has several runs.",
  .options = options,
  .least = 1,
  .most = 1,
  .run = run,
};
