/* gym list: the ids that plugins offer. The lines of one role, without titles, are made
 * for scripts: the id is the first word. */
#include "core/cmd/common.h"

#include <string.h>

enum { MATRIX = CLI_LONG, AXES = 4 };

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

/* ---- the matrix ------------------------------------------------------------------ */

static void
axes_of (const struct gym_entry *entry, const char *axes[AXES])
{
  struct gym_place place = gym_entry_place (entry);
  const char *const all[AXES] = { place.space, place.strategy, place.acceleration,
                                  place.cost };
  for (int i = 0; i < AXES; i++)
    axes[i] = all[i][0] ? all[i] : "-";
}

static void
widen (int *width, const char *text)
{
  int length = (int)strlen (text);
  *width = length > *width ? length : *width;
}

static void
print_axes (const char *id, const char *const axes[AXES], const int widths[AXES + 1])
{
  printf ("%-*s", widths[0], id);
  for (int i = 0; i < AXES; i++)
    printf ("  %-*s", i + 1 < AXES ? widths[i + 1] : 0, axes[i]);
  putchar ('\n');
}

/* A line an entry, a column an axis; axes that nobody of the roles uses stay, since that
 * is what the table is looked at for. */
static void
print_matrix (const gym_registry *registry, int only)
{
  static const char *const titles[AXES] = { "search space", "search strategy",
                                            "acceleration", "cost estimation" };
  const char *axes[AXES];
  int widths[AXES + 1] = { 0 };
  for (int i = 0; i < AXES; i++)
    widen (&widths[i + 1], titles[i]);
  for (int pass = 0; pass < 2; pass++) {
    if (pass == 1)
      print_axes ("", titles, widths);
    for (int r = 0; r < N_ROLES; r++)
      for (size_t i = 0; (only == r || only == N_ROLES)
                         && i < gym_registry_count (registry, roles[r].role);
           i++) {
        const struct gym_entry *e = gym_registry_entry (registry, roles[r].role, i);
        axes_of (e, axes);
        if (pass == 1)
          print_axes (e->id, axes, widths);
        widen (&widths[0], e->id);
        for (int k = 0; k < AXES; k++)
          widen (&widths[k + 1], axes[k]);
      }
  }
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
  bool matrix = cli_value (cli, MATRIX) != NULL;
  if (matrix)
    print_matrix (registry, only);
  for (int i = 0; !matrix && i < N_ROLES; i++)
    if (only == i
        || (only == N_ROLES
            && (i < 2 || gym_registry_count (registry, roles[i].role) > 0)))
      print_role (registry, &roles[i], only == N_ROLES);
  for (size_t i = 0; i < gym_registry_problem_count (registry); i++)
    cmd_note ("refused %s", gym_registry_problem (registry, i));
  gym_registry_destroy (&registry);
  return CLI_OK;
}

static const struct cli_option options[] = {
  { .key = MATRIX,
    .name = "matrix",
    .doc =
        "Instead of summaries their places on the axes of hardware-aware search: search "
        "space, search strategy, acceleration, cost estimation." },
  { 0 }
};

const struct cli_command cmd_list = {
  .name = "list",
  .arguments = "[envs|agents|proxies] [--matrix]",
  .summary = "List environments, agents and proxy models",
  .doc = "Prints the id and a summary of everything that the plugins offer. Files that "
         "look like plugins and cannot be used are named on standard error, with the "
         "reason.",
  .options = options,
  .most = 1,
  .run = run,
};
