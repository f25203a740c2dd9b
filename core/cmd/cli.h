/* cli.h - one table, one parser and one help page for every command of `gym`.
 *
 * A command is described by a struct cli_command; the parser checks a command line
 * against it and leaves the words in the order they were given, since some options
 * belong to the one before them (`--agent ga -a population=8`). */
#ifndef CMD_CLI_H
#define CMD_CLI_H

#include <gym/gym.h>

#include "core/cmd/program.h"

/* Exit codes, the same for all commands (and in gym.1). */
enum {
  CLI_OK = 0,
  CLI_FAILED =
      1, /* it was tried and did not work: a check, a script, the disk, a plugin */
  CLI_USAGE = 2, /* the command line makes no sense */
  CLI_INPUT = 3, /* what it names or holds is wrong: an id, a level, a line of a file */
  CLI_BUSY = 4,  /* another process owns the store */
  CLI_INTERRUPTED = 130 /* Ctrl-C; as shells report it */
};

/* gym_error codes of our own, beside those of the library. */
enum { CLI_EUSAGE = -100 };

/* The exit code for a gym_error code (0 and above: 0). */
int cli_exit_code (int code);

enum { CLI_LONG = 256 };

struct cli_option {
  int key;              /* its letter, or CLI_LONG and above when it has none */
  const char *name;     /* long name without dashes */
  const char *argument; /* placeholder of its value; NULL: it takes none */
  const char *doc;
  bool repeat; /* may be given more than once */
};

struct cli_word {
  int key; /* of the option; 0 for a word that is none */
  const char *value;
};

struct cli_command;

/* A parsed command line. Values are borrowed from argv. */
struct cli {
  const struct cli_command *command;
  struct cli_word *words;
  size_t n;
  int argc; /* as handed to main */
  char **argv;
  bool help;
};

struct cli_command {
  const char *name;
  const char *arguments;            /* what follows the name in the usage line */
  const char *summary;              /* one line */
  const char *doc;                  /* paragraphs, empty lines between them */
  const struct cli_option *options; /* closed by an entry without a name; may be NULL */
  size_t least, most;               /* how many plain words it takes */
  bool script; /* everything after the first plain word is left alone */
  /* Returns an exit code, or a negative gym_error code with `err` filled in. */
  int (*run) (const struct cli *cli, gym_error *err);
};

/* Parses argv[first..] for `command`. On success `cli` owns memory: cli_clear frees it.
 * CLI_EUSAGE: an unknown option (with the nearest one), a missing or surplus value, an
 * option given twice, too few or too many words. */
int cli_parse (const struct cli_command *command, int argc, char **argv, int first,
               struct cli *cli, gym_error *err);
void cli_clear (struct cli *cli);

/* Plain word i, or NULL. */
const char *cli_plain (const struct cli *cli, size_t i);
size_t cli_plain_count (const struct cli *cli);

/* Value of an option ("" for one without a value), or NULL when it was not given. */
const char *cli_value (const struct cli *cli, int key);

/* How an option is written in messages: "--seed", "-n". */
const char *cli_spelling (const struct cli *cli, int key);

/* Reads a whole number in [low, high] into `value`, which keeps its content when the
 * option was not given. */
int cli_integer (const struct cli *cli, int key, uint64_t low, uint64_t high,
                 uint64_t *value, gym_error *err);

/* Reads one of `names` (NULL-terminated) as its index; keeps `value` when not given. */
int cli_choice (const struct cli *cli, int key, const char *const *names, int *value,
                gym_error *err);

/* Says that `word` is not one of n names: "unknown WHAT "word"; valid ones are: ...; did
 * you mean ...?". Returns `code`. `hidden` further names, behind the n, may be meant too
 * but are not listed. */
int cli_unknown (gym_error *err, int code, const char *what, const char *word,
                 const char *const *names, unsigned n);
int cli_unknown_hidden (gym_error *err, int code, const char *what, const char *word,
                        const char *const *names, unsigned n, unsigned hidden);

/* Writes a command's help page, or the page of all commands and programs. */
void cli_help (FILE *out, const struct cli_command *command);
void cli_overview (FILE *out, const struct cli_command *const *commands,
                   const struct programs *programs);

/* Writes `text` filled to 78 columns, every line indented by `indent`, the first one
 * from column `at` on. Paragraphs are kept. */
void cli_fill (FILE *out, const char *text, int indent, int at);

#endif
