/* gym keys: who may work for a study over the network. */
#include "core/cmd/common.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = CLI_LONG };

/* Says which file goes where: that is what people get wrong. */
static int
new_keys (const struct cli *cli, const char *dir, gym_error *err)
{
  const char *name = cli_value (cli, NAME);
  int code = gym_keys_new (dir, name ? name : "worker", err);
  if (code < 0)
    return code;
  printf ("%s/%s.key is a worker's key, and %s/allowed/%s.pub lets it in.\n"
          "A worker needs %s/server.pub and its own .key file.\n",
          dir, name ? name : "worker", dir, name ? name : "worker", dir);
  return CLI_OK;
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* In order of name: folders have none of their own. */
static int
list_keys (const char *dir, gym_error *err)
{
  char path[1024];
  char *names[4096];
  size_t n = 0;
  snprintf (path, sizeof path, "%s/allowed", dir);
  DIR *folder = opendir (path);
  if (!folder)
    return gym_fail (err, GYM_ENOTFOUND, "cannot read folder \"%s\": %s", path,
                     strerror (errno));
  for (struct dirent *e; n < 4096 && (e = readdir (folder));) {
    const char *dot = strrchr (e->d_name, '.');
    if (dot && strcmp (dot, ".pub") == 0)
      names[n++] = strndup (e->d_name, (size_t)(dot - e->d_name));
  }
  /* What has another ending is not looked at by the study either. */
  closedir (folder);
  qsort (names, n, sizeof *names, compare_names);
  for (size_t i = 0; i < n; i++) {
    printf ("%s\n", names[i] ? names[i] : "");
    free (names[i]);
  }
  return CLI_OK;
}

/* Two words behind one command, as in other tools that keep keys. */
static int
run (const struct cli *cli, gym_error *err)
{
  static const char *const verbs[] = { "new", "list" };
  const char *verb = cli_plain (cli, 0), *dir = cli_plain (cli, 1);
  if (strcmp (verb, "new") == 0)
    return new_keys (cli, dir, err);
  if (strcmp (verb, "list") == 0)
    return list_keys (dir, err);
  return cli_unknown (err, CLI_EUSAGE, "word", verb, verbs, 2);
}

static const struct cli_option options[] = {
  { .key = NAME,
    .name = "name",
    .argument = "NAME",
    .doc = "Name of the worker's key (worker). One key may serve many workers; one for "
           "each can be taken back alone." },
  { 0 }
};

const struct cli_command cmd_keys = {
  .name = "keys",
  .arguments = "new|list DIR [--name NAME]",
  .summary = "Make keys for workers on other machines",
  .doc =
      "new makes the folder DIR with the study's keys (unless they are there) and a key "
      "for a worker, which it allows; list names the workers that are allowed. "
      "Deleting DIR/allowed/NAME.pub takes the permission back for connections "
      "made from then on, also while a study runs.\n\nSecret keys (.key) are readable by "
      "their owner alone and must stay "
      "so. server.key stays with the study.",
  .options = options,
  .least = 2,
  .most = 2,
  .run = run,
};
