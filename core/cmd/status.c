/* gym status: how a study is getting on, asked of the study itself or read from its
 * store. */
#include "core/cmd/place.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { JSON = CLI_LONG, KEYS, WAIT };

static double
number (const json_t *object, const char *key)
{
  return json_number_value (json_object_get (object, key));
}

static const char *
text (const json_t *object, const char *key)
{
  const char *value = json_string_value (json_object_get (object, key));
  return value ? value : "";
}

/* ---- a running study ---- */

/* One line a worker; thousands of them are for --json and a filter. */
static void
print_workers (const json_t *workers, double all)
{
  size_t i;
  const json_t *w;
  printf ("%.0f worker%s%s\n", all, all == 1 ? "" : "s",
          json_array_size (workers) ? ":" : "");
  if (json_array_size (workers))
    printf ("  %-32s %-9s %6s %10s %10s %5s %8s\n", "worker", "state", "leased", "trials",
            "trials/s", "busy", "silent");
  json_array_foreach (workers, i, w)
  {
    printf ("  %-32s %-9s %6.0f %10.0f %10.1f %4.0f%% %6.1f s\n", text (w, "name"),
            text (w, "state"), number (w, "leased"), number (w, "trials"),
            number (w, "rate"), 100 * fmin (number (w, "busy"), 1), number (w, "silent"));
  }
}

/* What went wrong stands before the list, where it is seen. */
static void
print_state (const json_t *state)
{
  const json_t *study = json_object_get (state, "study");
  double budget = number (study, "budget"), spent = number (study, "spent");
  printf ("%s, objective %s%s%s%s\n", text (study, "env"), text (study, "objective"),
          *text (study, "store") ? ", store " : "", text (study, "store"),
          json_is_true (json_object_get (study, "async")) ? ", async" : "");
  printf ("%.0f of %.0f runs have ended, %.0f %% of the budget is spent\n",
          number (study, "runs_ended"), number (study, "runs"),
          budget > 0 ? 100 * spent / budget : 0);
  printf ("%.0f results in %.0f s (%.1f a second); %.0f trials at work, %.0f waiting\n",
          number (state, "results"), number (state, "seconds"), number (state, "rate"),
          number (state, "leased"), number (state, "waiting"));
  printf ("workers lost %.0f, trials tried again %.0f, given up %.0f, duplicates %.0f "
          "(%.0f of them differ), refused peers %.0f, dropped frames %.0f\n",
          number (state, "lost_workers"), number (state, "retries"),
          number (state, "given_up"), number (state, "duplicates"),
          number (state, "disagreements"), number (state, "refused"),
          number (state, "dropped_frames"));
  print_workers (json_object_get (state, "workers"), number (state, "worker_count"));
}

/* The library's JSON is passed on as it is. */
static int
ask_study (const struct cli *cli, const char *endpoint, gym_error *err)
{
  double seconds = 5;
  int code = place_seconds (cli, WAIT, &seconds, err);
  char *answer =
      code < 0 ? NULL : gym_workers_state (endpoint, cli_value (cli, KEYS), seconds, err);
  if (!answer)
    return err->code;
  if (cli_value (cli, JSON))
    printf ("%s\n", answer);
  else {
    json_t *state = json_loads (answer, 0, NULL);
    print_state (state);
    json_decref (state);
  }
  gym_free (answer);
  return CLI_OK;
}

/* ---- a store ---- */

/* NULL is absent, as in the exports. */
static json_t *
row_json (gym_cursor *cursor)
{
  json_t *row = json_object ();
  for (uint32_t i = 0; i < gym_cursor_columns (cursor); i++) {
    const char *value = gym_cursor_text (cursor, i);
    if (value)
      json_object_set_new (row, gym_cursor_name (cursor, i),
                           gym_cursor_is_number (cursor, i)
                               ? json_real (gym_cursor_number (cursor, i))
                               : json_string (value));
  }
  return row;
}

static int
read_rows (gym_cursor *cursor, json_t *list, gym_error *err)
{
  int code;
  if (!cursor)
    return err->code;
  while ((code = gym_cursor_next (cursor, err)) == 1)
    json_array_append_new (list, row_json (cursor));
  gym_cursor_destroy (&cursor);
  return code;
}

/* Runs under their study. */
static void
print_store (const json_t *studies, const json_t *runs)
{
  size_t i, k;
  const json_t *s, *r;
  json_array_foreach (studies, i, s)
  {
    printf ("study %.0f: %s, objective %s, budget %g a run, %s; %.0f trials, last %s\n",
            number (s, "study"), text (s, "env"), text (s, "objective"),
            number (s, "budget"), text (s, "state"), number (s, "trials"),
            text (s, "updated"));
    json_array_foreach (runs, k, r)
    {
      if (number (r, "study") == number (s, "study"))
        printf ("  %-28s seed %-6.0f %-10s %10g spent %10.0f trials%s\n",
                text (r, "agent"), number (r, "seed"), text (r, "state"),
                number (r, "spent"), number (r, "trials"),
                number (r, "tainted") > 0 ? ", tainted" : "");
    }
  }
}

/* A store may be read while its study writes. */
static int
read_store (const struct cli *cli, const char *path, gym_error *err)
{
  gym_store *store = gym_store_open (path, err);
  if (!store)
    return err->code;
  json_t *studies = json_array (), *runs = json_array ();
  int code = read_rows (gym_store_studies (store, err), studies, err);
  if (code >= 0)
    code = read_rows (gym_store_runs (store, 0, err), runs, err);
  if (code >= 0 && cli_value (cli, JSON)) {
    json_t *all = json_pack ("{s:O, s:O}", "studies", studies, "runs", runs);
    char *answer = json_dumps (all, JSON_INDENT (2));
    printf ("%s\n", answer ? answer : "");
    free (answer);
    json_decref (all);
  } else if (code >= 0)
    print_store (studies, runs);
  json_decref (studies);
  json_decref (runs);
  gym_store_destroy (&store);
  return code < 0 ? code : CLI_OK;
}

/* An endpoint has a transport before it; a path that had would be no store. */
static int
run (const struct cli *cli, gym_error *err)
{
  const char *what = cli_plain (cli, 0);
  return strstr (what, "://") ? ask_study (cli, what, err) : read_store (cli, what, err);
}

static const struct cli_option options[] = {
  { .key = JSON, .name = "json", .doc = "As JSON." },
  { .key = KEYS,
    .name = "keys",
    .argument = "DIR",
    .doc = "Keys of somebody who may ask: a worker's (gym keys)." },
  { .key = WAIT,
    .name = "wait",
    .argument = "SECONDS",
    .doc = "How long to wait for an answer (5)." },
  { 0 }
};

const struct cli_command cmd_status = {
  .name = "status",
  .arguments = "ENDPOINT|FILE [--json] [--keys DIR] [--wait SECONDS]",
  .summary = "Show how a study is getting on",
  .doc =
      "Asks the study that listens at ENDPOINT (tcp://HOST:5555) for its workers, their "
      "rates, what they have at work, what was lost or refused, and its progress; or "
      "reads the studies and runs of the store FILE.",
  .options = options,
  .least = 1,
  .most = 1,
  .run = run,
};
