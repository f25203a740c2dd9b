/* What several commands share.
 *
 * Nothing here knows the id of a plugin or the name of an option. */
#include "core/cmd/common.h"

#include "lua/gymlua.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int
cmd_registry (gym_registry **registry, gym_error *err)
{
  *registry = gym_registry_new (err);
  if (!*registry)
    return GYM_ENOMEM;
  int code = gym_registry_scan (*registry, err);
  if (code >= 0)
    code = gym_lua_register (*registry, err);
  if (code < 0)
    gym_registry_destroy (registry);
  return code < 0 ? code : GYM_OK;
}

int
cmd_settings (const struct cli *cli, int key, gym_settings **settings, gym_error *err)
{
  int code = GYM_OK;
  *settings = gym_settings_new (err);
  if (!*settings)
    return GYM_ENOMEM;
  for (size_t i = 0; i < cli->n && code >= 0; i++)
    if (cli->words[i].key == key)
      code = gym_settings_parse (*settings, cli->words[i].value, err);
  if (code < 0)
    gym_settings_destroy (settings);
  return code < 0 ? code : GYM_OK;
}

/* What `id` might have meant, with and without versions. */
static void
unknown_id (const gym_registry *registry, const char *id, gym_error *err)
{
  enum { most = 128 };
  static const enum gym_role roles[] = { GYM_ROLE_ENV, GYM_ROLE_AGENT,
                                         GYM_ROLE_PROXY };
  const char *names[2 * most];
  char bare[most][64];
  unsigned n = 0;
  for (size_t k = 0; k < sizeof roles / sizeof roles[0]; k++)
    for (size_t i = 0; i < gym_registry_count (registry, roles[k]) && n < most; i++)
      names[n++] = gym_registry_entry (registry, roles[k], i)->id;
  for (unsigned i = 0; i < n; i++) {
    const char *dash = strrchr (names[i], '-');
    snprintf (bare[i], sizeof bare[i], "%.*s",
              (int)(dash ? dash - names[i] : (ptrdiff_t)strlen (names[i])), names[i]);
    names[n + i] = bare[i];
  }
  cli_unknown_hidden (err, GYM_ENOTFOUND, "env, agent or proxy", id, names, n, n);
}

/* The paths are all there before anything may fail, and have no end but their number. */
int
cmd_stores (const struct cli *cli, size_t first, struct cmd_stores *stores,
            gym_error *err)
{
  uint64_t study = 0;
  size_t n = cli_plain_count (cli) - first;
  *stores = (struct cmd_stores){ .n = n,
                                 .env = cli_value (cli, CMD_ENV),
                                 .fidelity = cli_value (cli, CMD_FIDELITY) };
  stores->paths = calloc (n + 1, sizeof *stores->paths);
  if (!stores->paths)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  for (size_t i = 0; i < n; i++)
    stores->paths[i] = cli_plain (cli, first + i);
  int code = cli_integer (cli, CMD_STUDY, 1, INT64_MAX, &study, err);
  stores->study = (int64_t)study;
  return code < 0 ? code : cmd_settings (cli, CMD_WHERE, &stores->where, err);
}

void
cmd_stores_clear (struct cmd_stores *stores)
{
  free (stores->paths);
  gym_settings_destroy (&stores->where);
  stores->paths = NULL;
}

/* Envs come first, then agents: an id that several roles use is the first of them
 * wherever any would do. */
const struct gym_entry *
cmd_find (const gym_registry *registry, const char *id, gym_error *err)
{
  const struct gym_entry *entry = gym_registry_find (registry, GYM_ROLE_ENV, id, NULL);
  if (!entry)
    entry = gym_registry_find (registry, GYM_ROLE_AGENT, id, NULL);
  if (!entry)
    entry = gym_registry_find (registry, GYM_ROLE_PROXY, id, NULL);
  if (!entry)
    unknown_id (registry, id, err);
  return entry;
}

/* Notes are for people: they never go to standard output, which may be a file of rows. */
void
cmd_note (const char *format, ...)
{
  va_list args;
  va_start (args, format);
  fputs ("gym: note: ", stderr);
  vfprintf (stderr, format, args);
  fputc ('\n', stderr);
  va_end (args);
}

void
cmd_log (void *context, const char *line)
{
  (void)context;
  cmd_note ("%s", line);
}

const char *
cmd_number (double value, char text[CMD_NUMBER])
{
  text[0] = '\0';
  if (!isnan (value))
    gym_number_format (value, text, CMD_NUMBER);
  return text;
}

const char *
cmd_short_number (double value, char text[CMD_NUMBER])
{
  text[0] = '\0';
  if (!isnan (value))
    snprintf (text, CMD_NUMBER, "%.6g", value);
  return text;
}

const char *
cmd_taint (size_t tainted, size_t runs, char text[CMD_TAINT])
{
  text[0] = '\0';
  if (tainted > 0)
    snprintf (text, CMD_TAINT,
              "TAINTED: %zu of %zu runs went on after sealed metrics of this env had "
              "been read.",
              tainted, runs);
  return text;
}

/* Plain words stay as they are: they are easier to read. */
void
cmd_quote (FILE *out, const char *word)
{
  if (word[0]
      && strspn (word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                       "_-./=,:+@%^")
             == strlen (word)) {
    fputs (word, out);
    return;
  }
  fputc ('\'', out);
  for (; *word; word++)
    if (*word == '\'')
      fputs ("'\\''", out);
    else
      fputc (*word, out);
  fputc ('\'', out);
}
