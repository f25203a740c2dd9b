/* gym search: agents x seeds on one env, with a store that a second call goes on with.
 *
 * Everything that matters happens in gym_study_run; here words become its settings, and
 * what it reports becomes lines. */
#include "core/cmd/common.h"
#include "core/cmd/place.h"
#include "core/cmd/prior.h"
#include "core/cmd/summary.h"
#include "core/cmd/verify.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
  ENV = CLI_LONG,
  AGENT,
  LABEL,
  PRIOR,
  OBJECTIVE,
  BUDGET,
  SEEDS,
  STORE,
  IN_FLIGHT,
  FIDELITY,
  SEED,
  EVAL_SEED,
  DURABILITY,
  QUIET,
  VERIFY,
  VERIFY_ON,
  VERIFY_OPTION
};

/* Nothing is shown of what is over sooner, and lines are this far apart when piped. */
static const double first_progress = 2, line_interval = 5;

struct search {
  gym_registry *registry;
  gym_settings *settings, *agent_settings;
  gym_env *env;
  gym_study *study;
  struct cmd_prior prior; /* of the agent at hand */
  bool terminal;
  double next_line;  /* seconds */
  bool bar;          /* there is an unfinished line on the terminal */
  uint64_t failures; /* trials that failed, and why the first did */
  char first_failure[GYM_NOTE + 96];
};

static void
clear (struct search *s)
{
  gym_study_destroy (&s->study);
  cmd_prior_clear (&s->prior);
  gym_env_destroy (&s->env);
  gym_settings_destroy (&s->settings);
  gym_settings_destroy (&s->agent_settings);
  gym_registry_destroy (&s->registry);
}

/* ---- Ctrl-C ---------------------------------------------------------------------- */

/* The one thing a signal handler can reach. */
static gym_study *volatile interrupted_study;

static void
on_signal (int signal)
{
  (void)signal;
  if (interrupted_study)
    gym_study_cancel (interrupted_study);
}

/* With SA_RESETHAND the second signal finds the default action, which ends the process at
 * once: the store survives that as well. */
static void
catch_signals (gym_study *study)
{
  struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };
  interrupted_study = study;
  sigemptyset (&action.sa_mask);
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

/* Printing the table is over in no time: it may be interrupted like any program. */
static void
release_signals (void)
{
  signal (SIGINT, SIG_DFL);
  signal (SIGTERM, SIG_DFL);
  interrupted_study = NULL;
}

/* ---- Progress -------------------------------------------------------------------- */

static uint32_t
terminal_width (void)
{
  struct winsize size;
  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

/* With the longest bar that leaves room for the words. */
static void
show_bar (struct search *s, const struct gym_progress *progress)
{
  static const uint32_t bars[] = { 40, 20, 10, 4, 0 };
  char text[512];
  uint32_t width = terminal_width ();
  for (size_t i = 0; i < sizeof bars / sizeof bars[0]; i++)
    if (gym_progress_format (progress, bars[i], text, sizeof text) < (int)width)
      break;
  fprintf (stderr, "\r%.*s\033[K", (int)width - 1, text);
  s->bar = !progress->finished;
  if (progress->finished)
    fputc ('\n', stderr);
  fflush (stderr);
}

static void
on_progress (void *context, const struct gym_progress *progress)
{
  struct search *s = context;
  char text[512];
  if (progress->seconds < first_progress)
    return;
  if (s->terminal) {
    show_bar (s, progress);
  } else if (progress->seconds >= s->next_line || progress->finished) {
    gym_progress_format (progress, 0, text, sizeof text);
    fprintf (stderr, "gym: %s\n", text);
    s->next_line = progress->seconds + line_interval;
  }
}

/* Whatever comes next begins on a line of its own. */
static void
end_bar (struct search *s)
{
  if (s->bar)
    fputc ('\n', stderr);
  s->bar = false;
}

/* A note must not be written over by the bar. */
static void
on_log (void *context, const char *line)
{
  end_bar (context);
  cmd_note ("%s", line);
}

/* Keeps the reason of the first failure: thousands of failures have few reasons. */
static int
on_trial (void *context, const struct gym_trial *trial, gym_error *err)
{
  struct search *s = context;
  struct gym_run run = { .struct_size = sizeof run };
  if (trial->status == GYM_TRIAL_OK || trial->status == GYM_TRIAL_INFEASIBLE
      || s->failures++ > 0)
    return GYM_OK;
  int code = gym_study_run_info (s->study, trial->run, &run, err);
  if (code >= 0)
    snprintf (s->first_failure, sizeof s->first_failure,
              "%.40s seed %llu trial %llu %s%s%s", run.label,
              (unsigned long long)run.seed, (unsigned long long)trial->number,
              gym_status_name (trial->status), trial->note && trial->note[0] ? ": " : "",
              trial->note ? trial->note : "");
  return code;
}

/* ---- Setting up ------------------------------------------------------------------ */

static int
add_agent (const struct cli *cli, struct search *s, const char *agent, const char *label,
           gym_error *err)
{
  const gym_prior *prior = NULL;
  int code = cmd_prior_make (&s->prior, s->env, cli_value (cli, OBJECTIVE),
                             cli_value (cli, STORE), cli_value (cli, QUIET) != NULL,
                             &prior, err);
  if (code >= 0)
    code = gym_study_add_prior (s->study, agent, s->agent_settings, prior, label, err);
  gym_settings_destroy (&s->agent_settings);
  return code;
}

/* Each --agent with the -a, --label and --prior that follow it. */
static int
add_agents (const struct cli *cli, struct search *s, gym_error *err)
{
  const char *agent = NULL, *label = NULL;
  int code = GYM_OK;
  for (size_t i = 0; i < cli->n && code >= 0; i++) {
    const struct cli_word *word = &cli->words[i];
    if (word->key == AGENT) {
      code = agent ? add_agent (cli, s, agent, label, err) : GYM_OK;
      agent = word->value;
      label = NULL;
    } else if (word->key == 'a' || word->key == LABEL || word->key == PRIOR) {
      if (!agent)
        return gym_fail (err, CLI_EUSAGE,
                         "option --%s belongs to the --agent before it; there is none",
                         cli_spelling (cli, word->key));
      if (word->key == LABEL)
        label = word->value;
      else if (word->key == PRIOR)
        code = cmd_prior_add (&s->prior, word->value, err);
      else if (!s->agent_settings && !(s->agent_settings = gym_settings_new (err)))
        return GYM_ENOMEM;
      else
        code = gym_settings_parse (s->agent_settings, word->value, err);
    }
  }
  return code < 0 ? code : add_agent (cli, s, agent, label, err);
}

/* A budget is a real number: fidelities cost fractions. */
static int
set_budget (const struct cli *cli, gym_study *study, gym_error *err)
{
  const char *text = cli_value (cli, BUDGET);
  char *end;
  if (!text)
    return GYM_OK;
  double budget = strtod (text, &end);
  if (end == text || *end || !isfinite (budget) || budget <= 0)
    return gym_fail (err, CLI_EUSAGE, "option --budget: \"%s\" is not a number above 0",
                     text);
  return gym_study_set_budget (study, budget, err);
}

static int
set_numbers (const struct cli *cli, gym_study *study, gym_error *err)
{
  uint64_t seed = 0, eval_seed = 0, in_flight = 0;
  const char *seeds = cli_value (cli, SEEDS), *fidelity = cli_value (cli, FIDELITY);
  int code = set_budget (cli, study, err);
  if (code >= 0 && seeds)
    code = gym_study_set_seeds_text (study, seeds, err);
  if (code >= 0)
    code = cli_integer (cli, SEED, 0, UINT64_MAX, &seed, err);
  if (code >= 0)
    code = cli_integer (cli, EVAL_SEED, 0, UINT64_MAX, &eval_seed, err);
  if (code >= 0)
    code = gym_study_set_seed (study, seed, eval_seed, err);
  if (code >= 0)
    code = cli_integer (cli, IN_FLIGHT, 1, 65536, &in_flight, err);
  if (code >= 0 && in_flight > 0)
    code = gym_study_set_in_flight (study, (uint32_t)in_flight, err);
  if (code >= 0 && fidelity)
    code = gym_study_set_fidelity (study, fidelity, err);
  return code;
}

static int
set_store (const struct cli *cli, gym_study *study, gym_error *err)
{
  static const char *const names[] = { "process", "power", NULL };
  static const enum gym_durability values[] = { GYM_DURABLE_PROCESS, GYM_DURABLE_POWER };
  const char *store = cli_value (cli, STORE);
  int choice = 0, code = cli_choice (cli, DURABILITY, names, &choice, err);
  if (code >= 0)
    code = gym_study_set_durability (study, values[choice], err);
  if (code >= 0 && store)
    code = gym_study_set_store (study, store, err);
  return code;
}

/* Before anything is opened: what is missing, and what would be done without being asked
 * for at the end of a long search. */
static int
check_given (const struct cli *cli, gym_error *err)
{
  static const int needed[] = { ENV, AGENT, OBJECTIVE };
  for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
    if (!cli_value (cli, needed[i]))
      return gym_fail (err, CLI_EUSAGE, "option --%s is missing; see gym search --help",
                       cli_spelling (cli, needed[i]));
  if (cli_value (cli, VERIFY) && !cli_value (cli, STORE))
    return gym_fail (err, CLI_EUSAGE,
                     "option --verify needs --store, where the trials are");
  if ((cli_value (cli, VERIFY_ON) || cli_value (cli, VERIFY_OPTION))
      && !cli_value (cli, VERIFY))
    return gym_fail (err, CLI_EUSAGE, "verify how many? give --verify N");
  return GYM_OK;
}

static int
set_up (const struct cli *cli, struct search *s, gym_error *err)
{
  int code;
  if ((code = check_given (cli, err)) < 0
      || (code = cmd_settings (cli, 'o', &s->settings, err)) < 0
      || (code = cmd_registry (&s->registry, err)) < 0)
    return code;
  s->env = gym_env_open (s->registry, cli_value (cli, ENV), s->settings, err);
  if (!s->env)
    return err->code;
  s->study = gym_study_new (s->env, cli_value (cli, OBJECTIVE), err);
  if (!s->study)
    return err->code;
  if ((code = set_numbers (cli, s->study, err)) < 0
      || (code = add_agents (cli, s, err)) < 0
      || (code = place_apply (cli, s->study, err)) < 0)
    return code;
  return set_store (cli, s->study, err);
}

/* ---- Running --------------------------------------------------------------------- */

static void
say_how_to_resume (const struct cli *cli)
{
  if (!cli_value (cli, STORE)) {
    fprintf (stderr, "gym: interrupted; nothing is kept without --store\n");
    return;
  }
  fprintf (stderr, "gym: interrupted; the same command continues:");
  for (int i = 0; i < cli->argc; i++) {
    fputc (' ', stderr);
    cmd_quote (stderr, cli->argv[i]);
  }
  fputc ('\n', stderr);
}

static int
run_study (const struct cli *cli, struct search *s, gym_error *err)
{
  bool quiet = cli_value (cli, QUIET) != NULL;
  s->terminal = isatty (STDERR_FILENO);
  s->next_line = first_progress;
  gym_study_on_trial (s->study, on_trial, s);
  if (!quiet) {
    gym_study_on_progress (s->study, on_progress, s);
    gym_study_on_log (s->study, on_log, s);
  }
  catch_signals (s->study);
  int code = gym_study_run (s->study, err);
  release_signals ();
  end_bar (s);
  if (s->failures > 0 && !quiet)
    cmd_note ("%llu trial%s failed; the first: %s", (unsigned long long)s->failures,
              s->failures == 1 ? "" : "s", s->first_failure);
  return code;
}

/* Measures the best designs. The search is over and its store free, so that the trials
 * can go there; the env of the search stays open for nothing, which costs nothing. */
static int
verify (const struct cli *cli, struct search *s, gym_error *err)
{
  gym_settings *files = NULL;
  uint64_t n = 0;
  int code = cli_integer (cli, VERIFY, 1, 100000, &n, err);
  if (code < 0 || n == 0)
    return code;
  code = cmd_settings (cli, VERIFY_OPTION, &files, err);
  if (code < 0)
    return code;
  const struct verify v = { .store = cli_value (cli, STORE),
                            .objective = cli_value (cli, OBJECTIVE),
                            .env = cli_value (cli, ENV),
                            .options = s->settings,
                            .on = cli_value (cli, VERIFY_ON),
                            .files = files,
                            .n = (size_t)n };
  code = verify_print (&v, err);
  gym_settings_destroy (&files);
  return code;
}

static int
run (const struct cli *cli, gym_error *err)
{
  struct search s = { 0 };
  int code = set_up (cli, &s, err);
  if (code >= 0)
    code = run_study (cli, &s, err);
  if (code >= 0)
    code = summary_print (stdout, s.study, err);
  if (code >= 0)
    code = verify (cli, &s, err);
  clear (&s);
  if (code == GYM_ECANCELLED) {
    say_how_to_resume (cli);
    return CLI_INTERRUPTED;
  }
  return code < 0 ? code : CLI_OK;
}

static const struct cli_option options[] = {
  { .key = ENV, .name = "env", .argument = "ENV", .doc = "The environment." },
  { .key = 'o',
    .name = "option",
    .argument = "KEY=VALUE",
    .doc = "Set an option of the env.",
    .repeat = true },
  { .key = AGENT,
    .name = "agent",
    .argument = "AGENT",
    .doc = "An agent; several are compared.",
    .repeat = true },
  { .key = 'a',
    .name = "agent-option",
    .argument = "KEY=VALUE",
    .doc = "Set an option of the agent before it.",
    .repeat = true },
  { .key = LABEL,
    .name = "label",
    .argument = "TEXT",
    .doc = "Name of the agent before it in tables.",
    .repeat = true },
  { .key = PRIOR,
    .name = "prior",
    .argument = "STORE",
    .doc = "Begin the agent before it where designs are good on the workloads in STORE "
           "that are most like this one. The best designs of up to 8 workloads are "
           "evaluated first, tell which these are, and are the first trials of "
           "agents that take them; kept in --store. Several stores are one bank.",
    .repeat = true },
  { .key = OBJECTIVE,
    .name = "objective",
    .argument = "EXPR",
    .doc = "What to achieve: \"energy\", \"energy,delay\", \"target(power,1W)\", each "
           "with constraints as in \"energy; delay<=400ns\"." },
  { .key = BUDGET,
    .name = "budget",
    .argument = "N",
    .doc = "Evaluations of a run, in units of the highest fidelity (100)." },
  { .key = SEEDS,
    .name = "seeds",
    .argument = "LIST",
    .doc = "A run of each agent for each of these seeds: 1..5, 1,2,7 or 1..3,10 (1)." },
  { .key = STORE,
    .name = "store",
    .argument = "FILE",
    .doc = "Keep all trials in FILE, and continue what is there." },
  { .key = IN_FLIGHT,
    .name = "in-flight",
    .argument = "Q",
    .doc = "Results an agent waits for at a time (what suits the agent). The trials "
           "depend on it." },
  { .key = FIDELITY,
    .name = "fidelity",
    .argument = "NAME",
    .doc = "Fidelity for agents that do not choose (the highest)." },
  { .key = SEED,
    .name = "seed",
    .argument = "S",
    .doc = "Study seed, from which agents get theirs (0)." },
  { .key = EVAL_SEED,
    .name = "eval-seed",
    .argument = "S",
    .doc = "Evaluation seed, from which noisy envs get theirs (0)." },
  { .key = DURABILITY,
    .name = "durability",
    .argument = "process|power",
    .doc =
        "What a commit survives: the end of the process (the default) or a power cut." },
  { .key = VERIFY,
    .name = "verify",
    .argument = "N",
    .doc = "Measure the N best designs in the end: of a search on env proxy with the env "
           "its model stands for. The trials go to the store." },
  { .key = VERIFY_ON,
    .name = "verify-on",
    .argument = "ENV",
    .doc = "Measure them on this env instead." },
  { .key = VERIFY_OPTION,
    .name = "verify-option",
    .argument = "KEY=VALUE",
    .doc = "An option of that env, or where a file of the model's env lies.",
    .repeat = true },
  PLACE_OPTIONS,
  { .key = QUIET, .name = "quiet", .doc = "No progress and no notes on standard error." },
  { 0 }
};

const struct cli_command cmd_search = {
  .name = "search",
  .arguments = "--env ENV [-o KEY=VALUE ...]\n"
               "--agent AGENT [-a KEY=VALUE ...] [--label TEXT]\n"
               "[--prior STORE ...] ...\n"
               "--objective EXPR [--budget N] [--seeds LIST] [--store FILE]\n"
               "[--in-flight Q] [--fidelity NAME] [--seed S] [--eval-seed S]\n"
               "[--durability process|power] [--quiet]\n"
               "[--verify N [--verify-on ENV] [--verify-option KEY=VALUE ...]]\n"
               "[--jobs N] [--workers ENDPOINT [--keys DIR]]\n"
               "[--isolate limits|strict|none] [--timeout SECONDS] [--memory SIZE]\n"
               "[--lease SECONDS] [--batch N] [--mixed] [--async]",
  .summary = "Search the designs of an environment with one or several agents",
  .doc =
      "Runs every agent once for each seed and prints a table with the best objective "
      "over the seeds, then the best design of all. Progress is shown on standard "
      "error from two seconds on.\n\n"
      "Ctrl-C ends the search after the trials at hand (exit code 130), a second one "
      "at once. Either way, and after any other end, the same command continues from "
      "the store and ends with the result of an undisturbed search.\n\n"
      "Trials are evaluated in a child process under limits, in N of them (--jobs), or "
      "by workers that join over the network (--workers, gym worker). The trials of a "
      "search do not depend on where they are evaluated. A run has as many at work as "
      "its agent waits for at a time (--in-flight); runs go on side by side while "
      "workers are idle.",
  .options = options,
  .run = run,
};
