/* gym watch: a running study, seen from another process.
 *
 * It reads the store like anybody else: the study neither knows nor waits. Only runs are
 * read, whose rows are few, and the best trials; not all trials every time. */
#include "core/cmd/common.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STUDY = CLI_LONG, EVERY, ONCE, MOST_AGENTS = 64 };

/* What the runs of an agent add up to. */
struct line {
  char label[48];
  size_t runs, ended;
  double spent, trials;
};

struct view {
  struct line lines[MOST_AGENTS];
  size_t n, runs, ended, tainted;
  double spent, trials, budget;
  int64_t study;
  char env[64], objective[160], state[24], updated[32];
};

/* Columns by name; "" and NaN where there is none. */
static const char *
text_at (gym_cursor *cursor, const char *name)
{
  for (uint32_t i = 0; i < gym_cursor_columns (cursor); i++)
    if (strcmp (gym_cursor_name (cursor, i), name) == 0) {
      const char *text = gym_cursor_text (cursor, i);
      return text ? text : "";
    }
  return "";
}

static double
number_at (gym_cursor *cursor, const char *name)
{
  for (uint32_t i = 0; i < gym_cursor_columns (cursor); i++)
    if (strcmp (gym_cursor_name (cursor, i), name) == 0)
      return gym_cursor_number (cursor, i);
  return NAN;
}

/* The study with the number, or the newest. */
static int
read_study (gym_store *store, int64_t study, struct view *v, gym_error *err)
{
  gym_cursor *cursor = gym_store_studies (store, err);
  int code = cursor ? GYM_OK : err->code;
  v->study = 0;
  while (code >= 0 && (code = gym_cursor_next (cursor, err)) == 1) {
    int64_t id = (int64_t)number_at (cursor, "study");
    if (study && id != study)
      continue;
    v->study = id;
    v->budget = number_at (cursor, "budget");
    snprintf (v->env, sizeof v->env, "%.60s", text_at (cursor, "env"));
    snprintf (v->objective, sizeof v->objective, "%.150s", text_at (cursor, "objective"));
    snprintf (v->state, sizeof v->state, "%.20s", text_at (cursor, "state"));
    snprintf (v->updated, sizeof v->updated, "%.30s", text_at (cursor, "updated"));
  }
  gym_cursor_destroy (&cursor);
  if (code >= 0 && !v->study)
    code = gym_fail (err, GYM_ENOTFOUND, "the store has no %s",
                     study ? "study of this number" : "study yet");
  return code;
}

/* What is beyond the room is added to the last line. */
static struct line *
find_line (struct view *v, const char *label)
{
  for (size_t i = 0; i < v->n; i++)
    if (strncmp (v->lines[i].label, label, sizeof v->lines[i].label - 1) == 0)
      return &v->lines[i];
  if (v->n == MOST_AGENTS)
    return &v->lines[MOST_AGENTS - 1];
  snprintf (v->lines[v->n].label, sizeof v->lines[v->n].label, "%.47s", label);
  return &v->lines[v->n++];
}

/* Runs that wait or are at work have not ended. */
static int
read_runs (gym_store *store, struct view *v, gym_error *err)
{
  gym_cursor *cursor = gym_store_runs (store, v->study, err);
  int code = cursor ? GYM_OK : err->code;
  while (code >= 0 && (code = gym_cursor_next (cursor, err)) == 1) {
    struct line *l = find_line (v, text_at (cursor, "agent"));
    const char *state = text_at (cursor, "state");
    bool ended = strcmp (state, "pending") != 0 && strcmp (state, "running") != 0;
    l->runs++;
    l->ended += ended;
    l->spent += number_at (cursor, "spent");
    l->trials += number_at (cursor, "trials");
    v->runs++;
    v->tainted += number_at (cursor, "tainted") > 0;
    v->ended += ended;
    v->spent += number_at (cursor, "spent");
    v->trials += number_at (cursor, "trials");
  }
  gym_cursor_destroy (&cursor);
  return code;
}

/* Rounded down: 100 % is when it is over. */
static void
print_bar (double share)
{
  enum { WIDTH = 30 };
  int full = (int)floor (fmin (fmax (share, 0), 1) * WIDTH);
  putchar ('[');
  for (int i = 0; i < WIDTH; i++)
    putchar (i < full ? '#' : '.');
  printf ("] %3.0f %%", floor (100 * share));
}

/* The best trial so far, in a line. */
static int
print_best (gym_store *store, const struct view *v, gym_error *err)
{
  gym_cursor *cursor = gym_store_best (store, v->study, 1, err);
  int code = cursor ? gym_cursor_next (cursor, err) : err->code;
  if (code == 1) {
    printf ("best so far: %s, seed %s, trial %s:", text_at (cursor, "agent"),
            text_at (cursor, "seed"), text_at (cursor, "number"));
    for (uint32_t i = 0; i < gym_cursor_columns (cursor); i++)
      if (strncmp (gym_cursor_name (cursor, i), "goal", 4) == 0) {
        char text[CMD_NUMBER];
        const char *unit = gym_cursor_unit (cursor, i);
        bool plain = !unit[0] || strcmp (unit, "1") == 0;
        printf (" %s%s%s", cmd_short_number (gym_cursor_number (cursor, i), text),
                plain ? "" : " ", plain ? "" : unit);
      }
    putchar ('\n');
  } else if (code == 0)
    printf ("no trial was ok yet\n");
  gym_cursor_destroy (&cursor);
  return code;
}

/* The whole study, the best, and then its agents. */
static int
print_view (gym_store *store, const struct view *v, double rate, gym_error *err)
{
  char taint[CMD_TAINT];
  printf ("study %lld: %s, %s, %g evaluations a run; %s\n", (long long)v->study, v->env,
          v->objective, v->budget, v->state);
  print_bar (v->runs ? v->spent / (v->budget * (double)v->runs) : 0);
  printf ("  %zu of %zu runs ended, %.0f trials", v->ended, v->runs, v->trials);
  if (rate > 0)
    printf (", %.3g trials/s", rate);
  printf (", last change %s\n", v->updated);
  if (v->tainted)
    printf ("!! %s\n", cmd_taint (v->tainted, v->runs, taint));
  int code = print_best (store, v, err);
  for (size_t i = 0; i < v->n; i++) {
    const struct line *l = &v->lines[i];
    printf ("  %-47s ", l->label);
    print_bar (l->spent / (v->budget * (double)l->runs));
    printf ("  %zu/%zu runs\n", l->ended, l->runs);
  }
  return code;
}

/* A look at the store; `*done` when there is nothing more to wait for. */
static int
look (gym_store *store, int64_t study, bool clear, double *trials, double seconds,
      bool *done, gym_error *err)
{
  struct view *v = calloc (1, sizeof *v);
  if (!v)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the view");
  int code = read_study (store, study, v, err);
  if (code >= 0)
    code = read_runs (store, v, err);
  if (code >= 0 && clear)
    printf ("\033[H\033[J");
  double rate = *trials >= 0 && seconds > 0 ? (v->trials - *trials) / seconds : 0;
  if (code >= 0)
    code = print_view (store, v, rate, err);
  fflush (stdout);
  *trials = v->trials;
  *done = v->runs > 0 && v->ended == v->runs;
  free (v);
  return code;
}

/* Ends with the study; Ctrl-C ends it before, and disturbs nothing. */
static int
run (const struct cli *cli, gym_error *err)
{
  uint64_t study = 0, every = 2;
  bool once = cli_value (cli, ONCE) != NULL, done = false;
  bool terminal = isatty (STDOUT_FILENO);
  double trials = -1;
  int code;
  if ((code = cli_integer (cli, STUDY, 1, INT64_MAX, &study, err)) < 0
      || (code = cli_integer (cli, EVERY, 1, 3600, &every, err)) < 0)
    return code;
  gym_store *store = gym_store_open (cli_plain (cli, 0), err);
  if (!store)
    return err->code;
  while ((code = look (store, (int64_t)study, terminal && !once, &trials, (double)every,
                       &done, err))
             >= 0
         && !done && !once) {
    sleep ((unsigned)every);
    if (!terminal)
      putchar ('\n');
  }
  gym_store_destroy (&store);
  return code < 0 ? code : CLI_OK;
}

static const struct cli_option options[] = {
  { .key = STUDY,
    .name = "study",
    .argument = "ID",
    .doc = "The study, by the number it has in the store (the newest)." },
  { .key = EVERY,
    .name = "every",
    .argument = "SECONDS",
    .doc = "How often to look (2)." },
  { .key = ONCE, .name = "once", .doc = "Look once and end." },
  { 0 }
};

const struct cli_command cmd_watch = {
  .name = "watch",
  .arguments = "FILE [--study ID] [--every SECONDS] [--once]",
  .summary = "Watch a running study from another terminal",
  .doc = "Shows how far the runs of a study are, how fast it goes and the best trial so "
         "far, until all runs have ended. The study is not disturbed: only its store is "
         "read.",
  .options = options,
  .least = 1,
  .most = 1,
  .run = run,
};
