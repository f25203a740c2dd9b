/* One parser for all commands. Not getopt_long: its messages cannot name the nearest
 * option, and it reorders words or knows no order between options. */
#include "core/cmd/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 78, MOST_NAMES = 64 };

int
cli_exit_code (int code)
{
  switch (code) {
  case CLI_EUSAGE:
    return CLI_USAGE;
  case GYM_EINVAL:
  case GYM_ENOTFOUND:
    return CLI_INPUT;
  case GYM_EBUSY:
    return CLI_BUSY;
  case GYM_ECANCELLED:
    return CLI_INTERRUPTED;
  default:
    return code < 0 ? CLI_FAILED : CLI_OK;
  }
}

int
cli_unknown (gym_error *err, int code, const char *what, const char *word,
             const char *const *names, unsigned n)
{
  return cli_unknown_hidden (err, code, what, word, names, n, 0);
}

int
cli_unknown_hidden (gym_error *err, int code, const char *what, const char *word,
                    const char *const *names, unsigned n, unsigned hidden)
{
  const char *near = gym_nearest (word, names, n + hidden);
  char known[512] = "";
  size_t used = 0;
  for (unsigned i = 0; i < n && used < sizeof known; i++)
    used += (size_t)snprintf (known + used, sizeof known - used, "%s%s", i ? ", " : "",
                              names[i]);
  return gym_fail (err, code, "unknown %s \"%s\"; valid ones are: %s%s%s%s", what, word,
                   n ? known : "none", near ? "; did you mean " : "", near ? near : "",
                   near ? "?" : "");
}

static const struct cli_option *
find_key (const struct cli_command *command, int key)
{
  for (const struct cli_option *o = command->options; o && o->name; o++)
    if (o->key == key)
      return o;
  return NULL;
}

/* The option that a long name of `length` bytes stands for. Abbreviations are not taken:
 * a script that uses one breaks when an option is added. */
static const struct cli_option *
find_long (const struct cli_command *command, const char *name, size_t length)
{
  for (const struct cli_option *o = command->options; o && o->name; o++)
    if (strlen (o->name) == length && memcmp (o->name, name, length) == 0)
      return o;
  return NULL;
}

/* What is listed is how options are written, dashes and all. */
static int
unknown_option (const struct cli_command *command, const char *word, gym_error *err)
{
  char spelled[MOST_NAMES][32], written[64];
  const char *names[MOST_NAMES];
  unsigned n = 0;
  for (const struct cli_option *o = command->options; o && o->name && n < MOST_NAMES - 1;
       o++, n++)
    snprintf (spelled[n], sizeof spelled[n], "--%s", o->name);
  snprintf (spelled[n++], sizeof spelled[0], "--help");
  for (unsigned i = 0; i < n; i++)
    names[i] = spelled[i];
  snprintf (written, sizeof written, "%.*s", (int)strcspn (word, "="), word);
  return cli_unknown (err, CLI_EUSAGE, "option", written, names, n);
}

/* Two values for what takes one is a slip: which of them was meant cannot be known. */
static int
add_word (struct cli *cli, const struct cli_option *option, const char *value,
          gym_error *err)
{
  if (option && !option->repeat && cli_value (cli, option->key))
    return gym_fail (err, CLI_EUSAGE, "option --%s is given twice", option->name);
  cli->words[cli->n].key = option ? option->key : 0;
  cli->words[cli->n++].value = value;
  return GYM_OK;
}

/* Takes the option at argv[i] and perhaps its value; returns how many words that was. */
static int
take_option (struct cli *cli, int i, gym_error *err)
{
  const struct cli_command *command = cli->command;
  const char *word = cli->argv[i], *value = NULL;
  const struct cli_option *option;
  int used = 1, code;
  if (word[1] == '-') {
    size_t length = strcspn (word + 2, "=");
    option = find_long (command, word + 2, length);
    value = word[2 + length] == '=' ? word + 3 + length : NULL;
  } else {
    option = find_key (command, (unsigned char)word[1]);
    value = word[2] ? word + 2 : NULL;
  }
  if (!option)
    return unknown_option (command, word, err);
  if (!option->argument && value)
    return gym_fail (err, CLI_EUSAGE, "option --%s takes no value", option->name);
  if (option->argument && !value) {
    if (i + 1 >= cli->argc)
      return gym_fail (err, CLI_EUSAGE, "option --%s needs a value: --%s %s",
                       option->name, option->name, option->argument);
    value = cli->argv[i + 1];
    used = 2;
  }
  code = add_word (cli, option, value ? value : "", err);
  return code < 0 ? code : used;
}

/* Counted at the end, so that --help works however little else is given. */
static int
check_count (const struct cli *cli, gym_error *err)
{
  const struct cli_command *command = cli->command;
  size_t n = cli_plain_count (cli);
  if (n < command->least)
    return gym_fail (err, CLI_EUSAGE, "%.*s is missing; see gym %s --help",
                     (int)strcspn (command->arguments, " \n"), command->arguments,
                     command->name);
  if (n > command->most && !command->script)
    return gym_fail (err, CLI_EUSAGE, "\"%s\" is one word too many; see gym %s --help",
                     cli_plain (cli, command->most), command->name);
  return GYM_OK;
}

/* The conventions of POSIX (Utility Syntax Guidelines, XBD 12.2) with GNU's long options:
 * "--" ends the options, "-" is a plain word, options may follow plain words. */
static int
take_words (struct cli *cli, int i, gym_error *err)
{
  bool plain = false;
  while (i < cli->argc) {
    const char *word = cli->argv[i];
    int used = 1;
    if (!plain && strcmp (word, "--") == 0) {
      plain = true;
    } else if (plain || word[0] != '-' || word[1] == '\0') {
      add_word (cli, NULL, word, err);
      plain = plain || cli->command->script;
    } else if (strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0) {
      cli->help = true;
      return GYM_OK;
    } else {
      used = take_option (cli, i, err);
    }
    if (used < 0)
      return used;
    i += used;
  }
  return check_count (cli, err);
}

int
cli_parse (const struct cli_command *command, int argc, char **argv, int first,
           struct cli *cli, gym_error *err)
{
  *cli = (struct cli){ .command = command, .argc = argc, .argv = argv };
  cli->words = calloc ((size_t)argc + 1, sizeof *cli->words);
  if (!cli->words)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  int code = take_words (cli, first, err);
  if (code < 0)
    cli_clear (cli);
  return code;
}

/* Also after a parse that failed, which has cleared it already. */
void
cli_clear (struct cli *cli)
{
  free (cli->words);
  cli->words = NULL;
  cli->n = 0;
}

const char *
cli_plain (const struct cli *cli, size_t i)
{
  for (size_t j = 0; j < cli->n; j++)
    if (cli->words[j].key == 0 && i-- == 0)
      return cli->words[j].value;
  return NULL;
}

size_t
cli_plain_count (const struct cli *cli)
{
  size_t n = 0;
  for (size_t j = 0; j < cli->n; j++)
    n += cli->words[j].key == 0;
  return n;
}

const char *
cli_value (const struct cli *cli, int key)
{
  for (size_t j = 0; j < cli->n; j++)
    if (cli->words[j].key == key)
      return cli->words[j].value;
  return NULL;
}

const char *
cli_spelling (const struct cli *cli, int key)
{
  const struct cli_option *option = find_key (cli->command, key);
  return option ? option->name : "?";
}

int
cli_integer (const struct cli *cli, int key, uint64_t low, uint64_t high, uint64_t *value,
             gym_error *err)
{
  const char *text = cli_value (cli, key);
  char *end;
  if (!text)
    return GYM_OK;
  errno = 0;
  unsigned long long number = strtoull (text, &end, 10);
  /* strtoull takes signs and spaces, which make no sense here. */
  if (text[0] < '0' || text[0] > '9' || *end || errno || number < low || number > high)
    return gym_fail (
        err, CLI_EUSAGE, "option --%s: \"%s\" is not a whole number from %llu to %llu",
        cli_spelling (cli, key), text, (unsigned long long)low, (unsigned long long)high);
  *value = number;
  return GYM_OK;
}

int
cli_choice (const struct cli *cli, int key, const char *const *names, int *value,
            gym_error *err)
{
  const char *text = cli_value (cli, key);
  unsigned n = 0;
  if (!text)
    return GYM_OK;
  for (; names[n]; n++)
    if (strcmp (names[n], text) == 0) {
      *value = (int)n;
      return GYM_OK;
    }
  return cli_unknown (err, CLI_EUSAGE, cli_spelling (cli, key), text, names, n);
}

/* ---- Help ------------------------------------------------------------------------
 *
 * Written to a stream and never cut: help that was asked for goes to standard output. */

void
cli_fill (FILE *out, const char *text, int indent, int at)
{
  while (*text) {
    size_t spaces = strspn (text, " "), length = strcspn (text + spaces, " \n");
    if (text[spaces] == '\n') { /* a line break of the author's: kept */
      fputc ('\n', out);
      at = 0;
      text += spaces + 1;
      continue;
    }
    if (length == 0)
      break;
    if (at > indent && at + 1 + (int)length > WIDTH) {
      fputc ('\n', out);
      at = 0;
    }
    if (at < indent)
      at += fprintf (out, "%*s", indent - at, "");
    else if (at > indent)
      at += fprintf (out, " ");
    at += fprintf (out, "%.*s", (int)length, text + spaces);
    text += spaces + length;
  }
  fputc ('\n', out);
}

/* Options and their texts stand in two columns; one that is too long for the first gets
 * a line of its own. */
static void
help_option (FILE *out, int key, const char *name, const char *argument, const char *doc)
{
  int at = key < CLI_LONG ? fprintf (out, "  -%c, --%s", key, name)
                          : fprintf (out, "      --%s", name);
  if (argument)
    at += fprintf (out, " %s", argument);
  if (at > 27) {
    fputc ('\n', out);
    at = 0;
  }
  cli_fill (out, doc, 28, at);
}

void
cli_help (FILE *out, const struct cli_command *command)
{
  fprintf (out, "Usage: gym %s ", command->name);
  cli_fill (out, command->arguments, 11 + (int)strlen (command->name) + 1,
            11 + (int)strlen (command->name) + 1);
  fprintf (out, "\n%s.\n\n", command->summary);
  cli_fill (out, command->doc, 0, 0);
  fprintf (out, "\nOptions:\n");
  for (const struct cli_option *o = command->options; o && o->name; o++)
    help_option (out, o->key, o->name, o->argument, o->doc);
  help_option (out, 'h', "help", NULL, "Show this page.");
}

void
cli_overview (FILE *out, const struct cli_command *const *commands,
              const struct programs *programs)
{
  fprintf (out, "Usage: gym COMMAND [argument ...]\n\n"
                "Searches the designs of simulated hardware with exchangeable agents.\n\n"
                "Commands:\n");
  for (; *commands; commands++) {
    int at = fprintf (out, "  %s", (*commands)->name);
    cli_fill (out, (*commands)->summary, 12, at);
  }
  for (unsigned i = 0; i < programs->n; i++)
    fprintf (out, "%s%s", i > 0 ? ", " : "\nPrograms, which show their own page: ",
             programs->names[i]);
  if (programs->n > 0)
    fprintf (out, "\n");
  fprintf (out,
           "\nOptions:\n"
           "  --help      Show this page; after a command, the page of that command.\n"
           "  --version   Show the version.\n\n"
           "Exit codes:\n"
           "  0    it worked\n"
           "  1    it was tried and did not work\n"
           "  2    the command line makes no sense\n"
           "  3    bad input: an unknown id, a wrong option or design, a bad file\n"
           "  4    another process owns the store\n"
           "  130  interrupted\n\n"
           "Environment:\n"
           "  GYM_PLUGIN_PATH   folders with further plugins, separated by colons\n"
           "  GYM_CACHE_DIR     folder for what plugins build once\n");
}
