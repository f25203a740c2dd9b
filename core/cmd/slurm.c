/* gym slurm: workers as a Slurm job array. */
#include "core/cmd/place.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEYS = CLI_LONG, WAIT, DRY_RUN };

/* The program as it was started here: a job finds it under the same path, as it finds the
 * shared folder with the keys. */
static void
put_program (FILE *out)
{
  char path[4096];
  ssize_t n = readlink ("/proc/self/exe", path, sizeof path - 1);
  path[n > 0 ? n : 0] = '\0';
  cmd_quote (out, n > 0 ? path : "gym");
}

/* A job starts in another folder. */
static void
put_path (FILE *out, const char *path)
{
  char *whole = realpath (path, NULL);
  cmd_quote (out, whole ? whole : path);
  free (whole);
}

/* sbatch reads quotes as a shell does. */
static void
put_directive (FILE *out, const char *option)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789-_=:,./%+@[]";
  fputs ("#SBATCH ", out);
  if (option[strspn (option, plain)])
    cmd_quote (out, option);
  else
    fputs (option, out);
  fputc ('\n', out);
}

/* Slurm does not start a batch script again that was killed: a lost worker's trials go to
 * the others, which is the study's business. */
static void
put_script (FILE *out, const struct cli *cli, uint64_t n)
{
  const char *keys = cli_value (cli, KEYS), *wait = cli_value (cli, WAIT);
  fprintf (out,
           "#!/bin/sh\n"
           "#SBATCH --job-name=gym-worker\n"
           "#SBATCH --array=1-%llu\n"
           "#SBATCH --ntasks=1\n",
           (unsigned long long)n);
  for (size_t i = 1; i < cli_plain_count (cli); i++)
    put_directive (out, cli_plain (cli, i));
  fputs ("exec ", out);
  put_program (out);
  fputs (" worker ", out);
  cmd_quote (out, cli_plain (cli, 0));
  if (keys) {
    fputs (" --keys ", out);
    put_path (out, keys);
  }
  if (wait) {
    fputs (" --wait ", out);
    cmd_quote (out, wait);
  }
  fputc ('\n', out);
}

/* On its standard input: no file is left behind. An sbatch that does not read it, or is
 * not there, is to be reported, not to end this process by a signal. */
static int
submit (const struct cli *cli, uint64_t n, gym_error *err)
{
  fflush (stdout);
  signal (SIGPIPE, SIG_IGN);
  FILE *sbatch = popen ("sbatch", "w");
  if (!sbatch)
    return gym_fail (err, GYM_EFAILED, "cannot start sbatch: %s", strerror (errno));
  put_script (sbatch, cli, n);
  int how = pclose (sbatch);
  if (WIFEXITED (how) && WEXITSTATUS (how) == 127)
    return gym_fail (err, GYM_ENOTFOUND,
                     "sbatch was not found: is this a Slurm machine? (--dry-run prints "
                     "the script)");
  return how == 0 ? CLI_OK
                  : gym_fail (err, GYM_EFAILED, "sbatch refused the job (exit code %d)",
                              WIFEXITED (how) ? WEXITSTATUS (how) : -1);
}

static int
run (const struct cli *cli, gym_error *err)
{
  uint64_t n = 1;
  double wait;
  int code = cli_integer (cli, 'n', 1, 100000, &n, err);
  if (code >= 0)
    code = place_seconds (cli, WAIT, &wait, err);
  if (code < 0)
    return code;
  if (!strstr (cli_plain (cli, 0), "://") || strchr (cli_plain (cli, 0), '\n'))
    return gym_fail (err, CLI_EUSAGE, "\"%s\" is no endpoint: expected tcp://HOST:PORT",
                     cli_plain (cli, 0));
  for (size_t i = 1; i < cli_plain_count (cli); i++)
    if (cli_plain (cli, i)[0] != '-' || strchr (cli_plain (cli, i), '\n'))
      return gym_fail (err, CLI_EUSAGE,
                       "\"%s\": options of sbatch follow a --, each as one word "
                       "(--time=1:00:00)",
                       cli_plain (cli, i));
  if (!cli_value (cli, DRY_RUN))
    return submit (cli, n, err);
  put_script (stdout, cli, n);
  return CLI_OK;
}

static const struct cli_option options[] = {
  { .key = 'n', .name = "number", .argument = "N", .doc = "Number of workers (1)." },
  { .key = KEYS,
    .name = "keys",
    .argument = "DIR",
    .doc = "Folder with the worker's keys, on a disk that the nodes share." },
  { .key = WAIT,
    .name = "wait",
    .argument = "SECONDS",
    .doc = "How long a worker looks for the study (60)." },
  { .key = DRY_RUN, .name = "dry-run", .doc = "Print the script; submit nothing." },
  { 0 }
};

const struct cli_command cmd_slurm = {
  .name = "slurm",
  .arguments = "ENDPOINT [-n N] [--keys DIR] [--wait SECONDS] [--dry-run]\n"
               "[-- SBATCH-OPTION ...]",
  .summary = "Submit workers as a Slurm job array",
  .doc = "Submits N workers (gym worker ENDPOINT) with sbatch. What follows -- is handed "
         "on: -- --partition=short --time=1:00:00. Workers may start before or after the "
         "study, in any order; one that starts when it is over ends by itself.",
  .options = options,
  .least = 1,
  .most = 1000,
  .run = run,
};
