/* common.h - what several commands share: plugins, settings, rows of output. */
#ifndef CMD_COMMON_H
#define CMD_COMMON_H

#include "core/cmd/cli.h"

extern const struct cli_command cmd_list, cmd_info, cmd_run, cmd_eval, cmd_search,
    cmd_best, cmd_export, cmd_check, cmd_worker, cmd_status, cmd_keys, cmd_slurm,
    cmd_table, cmd_final, cmd_compare, cmd_show, cmd_watch, cmd_plot, cmd_report,
    cmd_dataset, cmd_proxy;

/* A registry with every plugin of the standard places, Lua modules included. The caller
 * destroys it. */
int cmd_registry (gym_registry **registry, gym_error *err);

/* The key=value words of option `key` as settings, in order; the caller destroys them. */
int cmd_settings (const struct cli *cli, int key, gym_settings **settings,
                  gym_error *err);

/* Which trials of stores a command reads: four options that all such commands have, the
 * words about a fidelity their own, and what was said. The plain words from `first` on
 * are the stores. Texts are borrowed from argv; cmd_stores_clear frees the rest, also
 * after a failure. */
enum { CMD_ENV = CLI_LONG + 1000, CMD_WHERE, CMD_FIDELITY, CMD_STUDY };

#define CMD_STORES_OPTIONS(fidelity_doc)                                                 \
  { .key = CMD_ENV,                                                                      \
    .name = "env",                                                                       \
    .argument = "ENV",                                                                   \
    .doc = "The env; a name without a version means the newest in the stores (the only " \
           "one there is)." },                                                           \
      { .key = CMD_WHERE,                                                                \
        .name = "where",                                                                 \
        .argument = "KEY=VALUE",                                                         \
        .doc = "Only where the env was opened with this option; a file by its base "     \
               "name or SHA-256.",                                                       \
        .repeat = true },                                                                \
      { .key = CMD_FIDELITY,                                                             \
        .name = "fidelity",                                                              \
        .argument = "NAME",                                                              \
        .doc = fidelity_doc },                                                           \
  {                                                                                      \
    .key = CMD_STUDY, .name = "study", .argument = "ID",                                 \
    .doc = "One study of every store (all)."                                             \
  }

struct cmd_stores {
  const char **paths;
  size_t n;
  const char *env, *fidelity; /* NULL: not said */
  gym_settings *where;        /* NULL: the same */
  int64_t study;
};
int cmd_stores (const struct cli *cli, size_t first, struct cmd_stores *stores,
                gym_error *err);
void cmd_stores_clear (struct cmd_stores *stores);

/* Finds `id` among envs, agents and proxy models. NULL with an error that lists them. */
const struct gym_entry *cmd_find (const gym_registry *registry, const char *id,
                                  gym_error *err);

/* A line on standard error: "gym: note: ...". */
void cmd_note (const char *format, ...) GYM_PRINTF (1, 2);

/* A log function for envs and studies: a note for each line. */
void cmd_log (void *context, const char *line);

/* A number as people and programs read it: shortest form, "" for NaN. Returns `text`. */
enum { CMD_NUMBER = 32 };
const char *cmd_number (double value, char text[CMD_NUMBER]);

/* The same in six digits, for people. */
const char *cmd_short_number (double value, char text[CMD_NUMBER]);

/* The sentence about runs that are tainted (gym/final.h), of so many; "" when there are
 * none. Returns `text`. */
enum { CMD_TAINT = 128 };
const char *cmd_taint (size_t tainted, size_t runs, char text[CMD_TAINT]);

/* A word as a shell would take it back. */
void cmd_quote (FILE *out, const char *word);

/* Rows of named fields as CSV or as a JSON array of objects, one row a line either way.
 */
enum cmd_format { CMD_CSV, CMD_JSON };

struct cmd_rows {
  FILE *file;
  enum cmd_format format;
  size_t rows;   /* finished */
  size_t fields; /* written in the row at work */
};

/* The header, a field, the end of a row, the end of the output. A field without content
 * (NULL or "") is empty in CSV and absent from JSON; `text` is quoted in JSON unless
 * `number` is set. */
void cmd_rows_begin (struct cmd_rows *rows, const char *const *names, size_t n);
void cmd_rows_field (struct cmd_rows *rows, const char *name, const char *text,
                     bool number);
void cmd_rows_next (struct cmd_rows *rows);
void cmd_rows_end (struct cmd_rows *rows);

#endif
