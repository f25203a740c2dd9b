/* gym check: does a plugin keep to the contract? Prints TAP.
 *
 * Gymnasium's env checker is the model: what the study loop takes for granted is asked
 * here once, while the author of a plugin is still looking at it. */
#include "core/cmd/check.h"

#include "core/cmd/common.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DESIGNS = CLI_LONG, SEED, TIMEOUT };

static const char no_option[] = "no_such_option";

bool
check_one (struct check_report *report, const char *name,
           int (*run) (void *subject, gym_error *why), void *subject)
{
  gym_error why = { 0 };
  /* A check that hangs ends the process; the one that waits for it says so. */
  alarm (report->timeout);
  int code = run (subject, &why);
  alarm (0);
  for (char *c = why.text; *c; c++)
    if (*c == '\n')
      *c = ' ';
  report->done++;
  report->failed += code < 0;
  if (code < 0)
    fprintf (report->out, "not ok %u - %s: %s\n", report->done, name, why.text);
  else if (code == CHECK_SKIP)
    fprintf (report->out, "ok %u - %s # SKIP %s\n", report->done, name, why.text);
  else
    fprintf (report->out, "ok %u - %s\n", report->done, name);
  fflush (report->out);
  return code >= 0;
}

void
check_each (struct check_report *report, const struct check *checks, size_t n,
            void *subject)
{
  for (size_t i = 0; i < n; i++)
    check_one (report, checks[i].name, checks[i].run, subject);
}

/* A plugin describes itself: `gym info` has nothing but these texts. */
static int
has_text (const char *what, const char *text, gym_error *why)
{
  if (text && text[0])
    return GYM_OK;
  return gym_fail (why, GYM_EINVAL, "%s is empty, expected a sentence", what);
}

int
check_texts (const char *doc, const char *source, const struct gym_options *options,
             gym_error *why)
{
  char what[160];
  int code = has_text ("doc", doc, why);
  if (code >= 0)
    code = has_text ("source", source, why);
  for (uint32_t i = 0; i < options->n && code >= 0; i++) {
    const struct gym_option o = gym_option_at (options, i);
    snprintf (what, sizeof what, "doc of option \"%s\"", o.name);
    code = has_text (what, o.doc, why);
  }
  return code;
}

gym_settings *
check_wrong_settings (const gym_settings *settings, gym_error *why)
{
  gym_settings *wrong =
      settings ? gym_settings_copy (settings, why) : gym_settings_new (why);
  if (wrong && gym_settings_set (wrong, no_option, "1", why) < 0)
    gym_settings_destroy (&wrong);
  return wrong;
}

int
check_names_option (const gym_error *seen, gym_error *why)
{
  if (strstr (seen->text, no_option))
    return CHECK_OK;
  return gym_fail (why, GYM_EINVAL, "seen the error \"%s\", expected one that names %s",
                   seen->text, no_option);
}

int
check_count_descriptors (void)
{
  DIR *folder = opendir ("/proc/self/fd");
  int n = 0;
  if (!folder)
    return -1;
  while (readdir (folder))
    n++;
  closedir (folder);
  return n - 3; /* ".", ".." and the folder itself */
}

/* Fewer is no fault: what was opened before may have been closed. */
int
check_none_left_open (int before, int openings, gym_error *why)
{
  int after = check_count_descriptors ();
  if (after <= before)
    return CHECK_OK;
  return gym_fail (why, GYM_EPLUGIN,
                   "seen %d open files after %d openings, expected the %d from before",
                   after, openings, before);
}

int
check_silence_begin (struct check_silence *silence, gym_error *why)
{
  fflush (stdout);
  fflush (stderr);
  silence->file = tmpfile ();
  silence->out = silence->file ? dup (STDOUT_FILENO) : -1;
  silence->err = silence->file ? dup (STDERR_FILENO) : -1;
  if (silence->out >= 0 && silence->err >= 0
      && dup2 (fileno (silence->file), STDOUT_FILENO) >= 0
      && dup2 (fileno (silence->file), STDERR_FILENO) >= 0)
    return GYM_OK;
  return gym_fail (why, GYM_EIO, "cannot redirect the output: %s", strerror (errno));
}

int
check_silence_end (struct check_silence *silence, gym_error *why)
{
  char seen[120];
  fflush (stdout);
  fflush (stderr);
  dup2 (silence->out, STDOUT_FILENO);
  dup2 (silence->err, STDERR_FILENO);
  close (silence->out);
  close (silence->err);
  rewind (silence->file);
  size_t n = fread (seen, 1, sizeof seen - 1, silence->file);
  fclose (silence->file);
  seen[n] = '\0';
  if (n == 0)
    return CHECK_OK;
  return gym_fail (why, GYM_EPLUGIN, "seen \"%s\" on the terminal, expected nothing",
                   seen);
}

/* Standard output becomes the report's alone: what a plugin prints goes to standard
 * error and cannot garble it. */
static FILE *
open_report (gym_error *err)
{
  int copy = dup (STDOUT_FILENO);
  FILE *out = copy >= 0 ? fdopen (copy, "w") : NULL;
  if (!out || dup2 (STDERR_FILENO, STDOUT_FILENO) < 0)
    gym_fail (err, GYM_EIO, "cannot redirect the output: %s", strerror (errno));
  return out;
}

/* A report that did not reach its reader must not pass for a good one. */
static int
close_report (FILE *out, int code, gym_error *err)
{
  bool failed = ferror (out);
  if ((fclose (out) != 0 || failed) && code >= 0)
    return gym_fail (err, GYM_EIO, "standard output: %s", strerror (errno));
  return code;
}

/* Everything but the process around it. */
static int
check_all (const struct cli *cli, gym_error *err)
{
  gym_registry *registry = NULL;
  gym_settings *settings = NULL;
  uint64_t designs = 20, seed = 1, timeout = 300;
  struct check_report report = { 0 };
  int code;
  if ((code = cli_integer (cli, DESIGNS, 1, 100000, &designs, err)) < 0
      || (code = cli_integer (cli, SEED, 0, UINT64_MAX, &seed, err)) < 0
      || (code = cli_integer (cli, TIMEOUT, 1, 1000000, &timeout, err)) < 0
      || (code = cmd_settings (cli, 'o', &settings, err)) < 0)
    return code;
  report.timeout = (unsigned)timeout;
  report.out = open_report (err);
  code = report.out ? cmd_registry (&registry, err) : GYM_EIO;
  struct check_subject subject = {
    .registry = registry, .settings = settings, .designs = designs, .seed = seed
  };
  if (code >= 0 && !(subject.entry = cmd_find (registry, cli_plain (cli, 0), err)))
    code = GYM_ENOTFOUND;
  if (code >= 0)
    code = subject.entry->env     ? check_env (&subject, &report, err)
           : subject.entry->agent ? check_agent (&subject, &report, err)
                                  : check_proxy (&subject, &report, err);
  if (code >= 0)
    fprintf (report.out, "1..%u\n", report.done);
  gym_settings_destroy (&settings);
  gym_registry_destroy (&registry);
  if (report.out)
    code = close_report (report.out, code, err);
  return code < 0 ? code : report.failed > 0 ? CLI_FAILED : CLI_OK;
}

/* The checks run in a child: what a plugin does to the process shall not keep its author
 * from learning about it. */
static int
run (const struct cli *cli, gym_error *err)
{
  int status;
  fflush (stdout);
  pid_t child = fork ();
  if (child < 0)
    return gym_fail (err, GYM_EIO, "cannot start a process: %s", strerror (errno));
  if (child == 0)
    return check_all (cli, err);
  while (waitpid (child, &status, 0) < 0)
    if (errno != EINTR)
      return gym_fail (err, GYM_EIO, "lost the process: %s", strerror (errno));
  if (WIFEXITED (status))
    return WEXITSTATUS (status);
  printf ("not ok - the check after the last line: seen the process %s (%s), expected it "
          "to go on\n",
          WTERMSIG (status) == SIGALRM ? "hang" : "die", strsignal (WTERMSIG (status)));
  return CLI_FAILED;
}

static const struct cli_option options[] = {
  { .key = 'o',
    .name = "option",
    .argument = "KEY=VALUE",
    .doc = "Set an option of the plugin.",
    .repeat = true },
  { .key = DESIGNS,
    .name = "designs",
    .argument = "N",
    .doc = "Random designs an env is checked with (20)." },
  { .key = SEED,
    .name = "seed",
    .argument = "S",
    .doc = "Seed they are drawn from (1)." },
  { .key = TIMEOUT,
    .name = "timeout",
    .argument = "SECONDS",
    .doc = "What a single check may take (300)." },
  { 0 }
};

const struct cli_command cmd_check = {
  .name = "check",
  .arguments = "ID [-o KEY=VALUE ...] [--designs N] [--seed S]\n"
               "[--timeout SECONDS]",
  .summary = "Check that a plugin keeps to the contract",
  .doc =
      "Puts an environment, an agent or a proxy model through the checks that this "
      "program relies on and prints a line for each, in the Test Anything Protocol: "
      "ok, or not ok with what was seen and what was expected. The exit code is 1 when "
      "any is not ok.",
  .options = options,
  .least = 1,
  .most = 1,
  .run = run,
};
