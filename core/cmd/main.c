/* The `gym` command: finds the command, runs it, reports. All messages about failures are
 * printed here, so that every one has the same form. */
#include "core/cmd/common.h"
#include "core/cmd/program.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const struct cli_command *const commands[] = {
  &cmd_list,   &cmd_info,    &cmd_run,     &cmd_eval,  &cmd_search, &cmd_best,
  &cmd_table,  &cmd_compare, &cmd_show,    &cmd_watch, &cmd_report, &cmd_plot,
  &cmd_final,  &cmd_export,  &cmd_dataset, &cmd_proxy, &cmd_check,  &cmd_worker,
  &cmd_status, &cmd_keys,    &cmd_slurm,   NULL
};

static const struct cli_command *
known_command (const char *name)
{
  for (unsigned n = 0; commands[n]; n++) {
    if (strcmp (commands[n]->name, name) == 0)
      return commands[n];
  }
  return NULL;
}

/* An option in the place of a command is met with the options there are. */
static int
refuse (const char *name, gym_error *err)
{
  static const char *const options[] = { "--help", "--version" };
  const char *names[sizeof commands / sizeof commands[0] + PROGRAMS_MAX];
  struct programs programs;
  unsigned n = 0;
  if (name[0] == '-')
    return cli_unknown (err, CLI_EUSAGE, "option", name, options, 2);
  for (; commands[n]; n++)
    names[n] = commands[n]->name;
  program_list (&programs);
  for (unsigned i = 0; i < programs.n; i++)
    names[n++] = programs.names[i];
  return cli_unknown (err, CLI_EUSAGE, "command", name, names, n);
}

/* Where help is asked for, nothing runs. */
static int
run_command (const struct cli_command *command, int argc, char **argv, gym_error *err)
{
  struct cli cli;
  int code = cli_parse (command, argc, argv, 2, &cli, err);
  if (code < 0)
    return code;
  if (cli.help)
    cli_help (stdout, command);
  else
    code = command->run (&cli, err);
  cli_clear (&cli);
  return code;
}

/* The page of a command; a program has its own. */
static int
help (const char *name, gym_error *err)
{
  char *words[] = { NULL, (char[]){ "--help" }, NULL };
  const struct cli_command *command = known_command (name);
  if (!command && program_exists (name))
    return program_run (name, words, err);
  if (!command)
    return refuse (name, err);
  cli_help (stdout, command);
  return CLI_OK;
}

static int
overview (void)
{
  struct programs programs;
  program_list (&programs);
  cli_overview (stdout, commands, &programs);
  return CLI_OK;
}

static int
dispatch (int argc, char **argv, gym_error *err)
{
  const char *word = argc > 1 ? argv[1] : NULL;
  if (!word)
    return gym_fail (err, CLI_EUSAGE, "a command is missing; try gym --help");
  if (strcmp (word, "--version") == 0 && argc == 2) {
    printf ("gym %s\n", gym_version ());
    return CLI_OK;
  }
  if (strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0
      || (strcmp (word, "help") == 0 && argc == 2))
    return overview ();
  if (strcmp (word, "help") == 0)
    return help (argv[2], err);
  const struct cli_command *command = known_command (word);
  if (command)
    return run_command (command, argc, argv, err);
  return program_exists (word) ? program_run (word, argv + 1, err) : refuse (word, err);
}

int
main (int argc, char **argv)
{
  gym_error err = { 0 };
  /* A limit on the size of files is then an error of writing, as a full disk is. */
  signal (SIGXFSZ, SIG_IGN);
  /* OpenBLAS, which some plugins load, starts a thread a core, and they spin for a tenth
   * of a second; no plugin gives them work. */
  setenv ("OPENBLAS_NUM_THREADS", "1", 0);
  int code = dispatch (argc, argv, &err), exit_code = code;
  if (code < 0) {
    exit_code = cli_exit_code (code);
    fprintf (stderr, "gym: %s\n", err.text[0] ? err.text : gym_error_name (code));
  }
  /* Results that did not arrive are a failure, however well the rest went. */
  if (fflush (stdout) != 0 || ferror (stdout)) {
    fprintf (stderr, "gym: standard output: %s\n", strerror (errno));
    exit_code = exit_code ? exit_code : CLI_FAILED;
  }
  return exit_code;
}
