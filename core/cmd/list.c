/* gym list: the ids that plugins offer. The lines of one role, without titles, are made
 * for scripts: the id is the first word. */
#include "core/cmd/common.h"

#include <string.h>

struct role {
  enum gym_role role;
  const char *word, *title;
};

static const struct role roles[] = { { GYM_ROLE_ENV, "envs", "Environments" },
                                     { GYM_ROLE_AGENT, "agents", "Agents" },
                                     { GYM_ROLE_PROXY, "proxies", "Proxy models" } };

enum { N_ROLES = sizeof roles / sizeof roles[0] };

/* Exactly one class of an entry is set. */
static const char *
summary_of (const struct gym_entry *entry)
{
  if (entry->env)
    return entry->env->summary;
  return entry->agent ? entry->agent->summary : entry->proxy->summary;
}

/* Proxy models are shown once there are any: the other two are what people look for. */
static void
print_role (const gym_registry *registry, const struct role *role, bool title)
{
  size_t n = gym_registry_count (registry, role->role);
  int width = 0;
  for (size_t i = 0; i < n; i++) {
    int length = (int)strlen (gym_registry_entry (registry, role->role, i)->id);
    width = length > width ? length : width;
  }
  if (title)
    printf ("%s:\n", role->title);
  for (size_t i = 0; i < n; i++) {
    const struct gym_entry *entry = gym_registry_entry (registry, role->role, i);
    printf ("%s%-*s  %s\n", title ? "  " : "", width, entry->id, summary_of (entry));
  }
  if (title && n == 0)
    printf ("  none\n");
}

/* The index into `roles` of a word. */
static int
find_role (const char *word, gym_error *err)
{
  const char *words[N_ROLES];
  for (int i = 0; i < N_ROLES; i++) {
    words[i] = roles[i].word;
    if (strcmp (words[i], word) == 0)
      return i;
  }
  return cli_unknown (err, CLI_EUSAGE, "word", word, words, N_ROLES);
}

static int
run (const struct cli *cli, gym_error *err)
{
  const char *word = cli_plain (cli, 0);
  gym_registry *registry;
  int only = word ? find_role (word, err) : N_ROLES, code;
  if (only < 0 || (code = cmd_registry (&registry, err)) < 0)
    return only < 0 ? only : code;
  for (int i = 0; i < N_ROLES; i++)
    if (only == i
        || (only == N_ROLES
            && (i < 2 || gym_registry_count (registry, roles[i].role) > 0)))
      print_role (registry, &roles[i], only == N_ROLES);
  for (size_t i = 0; i < gym_registry_problem_count (registry); i++)
    cmd_note ("refused %s", gym_registry_problem (registry, i));
  gym_registry_destroy (&registry);
  return CLI_OK;
}

const struct cli_command cmd_list = {
  .name = "list",
  .arguments = "[envs|agents|proxies]",
  .summary = "List environments and agents",
  .doc = "Prints the id and a summary of everything that the plugins offer. Files that "
         "look like plugins and cannot be used are named on standard error, with the "
         "reason.",
  .most = 1,
  .run = run,
};
