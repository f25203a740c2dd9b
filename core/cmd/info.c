/* gym info: everything a plugin says about itself.
 *
 * What holds for the class is printed first and needs no instance: options, doc, source.
 * Parameters, metrics and fidelities may depend on the options and need an open env. */
#include "core/cmd/common.h"

#include <math.h>
#include <string.h>

/* Line by line, as the tables of the library come without a margin. */
static void
print_indented (const char *text)
{
  while (*text) {
    size_t length = strcspn (text, "\n");
    printf ("%s%.*s\n", length > 0 ? "  " : "", (int)length, text);
    text += length + (text[length] == '\n');
  }
}

/* Prints a table the library made and frees it. */
static int
print_table (const char *title, char *text)
{
  if (!text)
    return GYM_ENOMEM;
  printf ("\n%s:\n", title);
  print_indented (text);
  gym_free (text);
  return GYM_OK;
}

/* The table is the library's, the same that a script gets. */
static int
print_options (const struct gym_options *options, gym_error *err)
{
  if (options->n > 0)
    return print_table ("Options", gym_options_describe (options, err));
  printf ("\nOptions: none\n");
  return GYM_OK;
}

/* What every entry has, whatever its role. */
static void
print_head (const struct gym_entry *entry, const char *summary, const char *doc,
            const char *source)
{
  printf ("%s: %s\n\n", entry->id, summary);
  if (doc && doc[0]) {
    cli_fill (stdout, doc, 0, 0);
    printf ("\n");
  }
  printf ("Source:      ");
  cli_fill (stdout, source ? source : "not given", 13, 13);
  printf ("Plugin:      %s %s (%s)\n", entry->plugin->name, entry->plugin->version,
          entry->plugin->licence);
  printf ("File:        %s\n", entry->origin);
}

/* In one short word a column; "-" where neither direction is better. */
static const char *
sense_name (uint32_t sense)
{
  static const char *const names[] = { "-", "less", "more" };
  return sense < sizeof names / sizeof names[0] ? names[sense] : "?";
}

static void
print_metrics (const struct gym_metrics *metrics)
{
  int name = 4, unit = 4;
  for (uint32_t i = 0; i < metrics->n; i++) {
    const struct gym_metric *m = &metrics->items[i];
    int length = (int)strlen (m->name), width = m->unit ? (int)strlen (m->unit) : 0;
    name = length > name ? length : name;
    unit = width > unit ? width : unit;
  }
  printf ("\nMetrics:\n  %-*s  %-*s  better\n", name, "name", unit, "unit");
  for (uint32_t i = 0; i < metrics->n; i++) {
    const struct gym_metric *m = &metrics->items[i];
    printf ("  %-*s  %-*s  %-6s  %s%s%s\n", name, m->name, unit, m->unit ? m->unit : "",
            sense_name (m->sense), m->doc ? m->doc : "",
            m->flags & GYM_METRIC_MEASURED ? " (measured)" : "",
            m->flags & GYM_METRIC_SEALED ? " (sealed)" : "");
  }
}

/* Which metrics a fidelity yields, where it does not yield all. */
static void
print_yields (const struct gym_fidelity *fidelity, const struct gym_metrics *metrics)
{
  const char *between = " Yields ";
  for (uint32_t i = 0; fidelity->yields && i < metrics->n; i++)
    if (fidelity->yields[i]) {
      printf ("%s%s", between, metrics->items[i].name);
      between = ", ";
    }
  printf ("%s\n", fidelity->yields ? "." : "");
}

static void
print_fidelities (const struct gym_fidelities *fidelities,
                  const struct gym_metrics *metrics)
{
  char text[CMD_NUMBER];
  int name = 0, cost = 0;
  for (uint32_t i = 0; i < fidelities->n; i++) {
    int length = (int)strlen (fidelities->items[i].name);
    int digits = (int)strlen (cmd_number (fidelities->items[i].cost, text));
    name = length > name ? length : name;
    cost = digits > cost ? digits : cost;
  }
  printf ("\nFidelities, the last one by default:\n");
  for (uint32_t i = 0; i < fidelities->n; i++) {
    const struct gym_fidelity *f = &fidelities->items[i];
    const char *number = cmd_number (f->cost, text);
    if (f->doc)
      printf ("  %-*s  cost %-*s  %s", name, f->name, cost, number, f->doc);
    else
      printf ("  %-*s  cost %s", name, f->name, number);
    print_yields (f, metrics);
  }
}

/* A continuum has no number of designs that would mean anything. */
static int
print_opened (const gym_env *env, gym_error *err)
{
  const gym_space *space = gym_env_space (env);
  double designs = gym_space_cardinality (space);
  char title[96], text[CMD_NUMBER];
  if (isfinite (designs))
    snprintf (title, sizeof title, "Parameters, %s designs", cmd_number (designs, text));
  else
    snprintf (title, sizeof title, "Parameters, no end of designs");
  int code = print_table (title, gym_space_describe (space, err));
  if (code < 0)
    return code;
  print_metrics (gym_env_metrics (env));
  print_fidelities (gym_env_fidelities (env), gym_env_metrics (env));
  return GYM_OK;
}

/* Names of the options that have to be given and were not, into `text`. */
static bool
missing_options (const struct gym_options *options, const gym_settings *settings,
                 char *text, size_t size)
{
  size_t used = 0;
  text[0] = '\0';
  for (uint32_t i = 0; i < options->n && used < size; i++) {
    const struct gym_option o = gym_option_at (options, i);
    if (o.flags & GYM_OPTION_REQUIRED && !gym_settings_get (settings, o.name))
      used += (size_t)snprintf (text + used, size - used, "%s-o %s=...", used ? " " : "",
                                o.name);
  }
  return used > 0;
}

static int
info_env (const gym_registry *registry, const struct gym_entry *entry,
          const gym_settings *settings, gym_error *err)
{
  const struct gym_env_class *class = entry->env;
  char missing[256];
  print_head (entry, class->summary, class->doc, class->source);
  printf ("Noisy:       %s\n", class->flags & GYM_ENV_NOISY
                                   ? "yes: results depend on the evaluation seed"
                                   : "no");
  int code = print_options (&class->options, err);
  if (code < 0)
    return code;
  if (missing_options (&class->options, settings, missing, sizeof missing)) {
    printf ("\nParameters and metrics can be shown once the required options are given:\n"
            "  gym info %s %s\n",
            entry->id, missing);
    return GYM_OK;
  }
  gym_env *env = gym_env_open (registry, entry->id, settings, err);
  code = env ? print_opened (env, err) : err->code;
  gym_env_destroy (&env);
  return code;
}

/* Only envs are opened here, so only theirs can be set. */
static int
refuse_settings (const struct gym_entry *entry, const char *role,
                 const gym_settings *settings, gym_error *err)
{
  if (gym_settings_count (settings) == 0)
    return GYM_OK;
  return gym_fail (err, CLI_EUSAGE, "%s is %s: -o only makes sense for an env", entry->id,
                   role);
}

/* An agent is opened on a problem, so there is nothing to open here. */
static int
info_agent (const struct gym_entry *entry, const gym_settings *settings, gym_error *err)
{
  const struct gym_agent_class *class = entry->agent;
  int code = refuse_settings (entry, "an agent", settings, err);
  if (code < 0)
    return code;
  print_head (entry, class->summary, class->doc, class->source);
  if (class->max_objectives)
    printf ("Objectives:  at most %u\n", class->max_objectives);
  else
    printf ("Objectives:  any number\n");
  printf ("In flight:   %u\n", class->in_flight ? class->in_flight : 1);
  printf ("Warm start:  %s\n", class->flags & GYM_AGENT_WARM_START ? "yes" : "no");
  printf ("Prior:       %s\n", class->flags & GYM_AGENT_PRIOR ? "yes" : "no");
  printf ("Distinct:    %s\n",
          class->flags & GYM_AGENT_DISTINCT ? "yes: asks no design twice" : "no promise");
  printf ("Replayable:  %s\n", class->flags & GYM_AGENT_NOT_REPLAYABLE ? "no" : "yes");
  return print_options (&class->options, err);
}

/* A model is opened on a space and targets, so all there is are its options. */
static int
info_proxy (const struct gym_entry *entry, const gym_settings *settings, gym_error *err)
{
  const struct gym_proxy_class *class = entry->proxy;
  int code = refuse_settings (entry, "a proxy model", settings, err);
  if (code < 0)
    return code;
  print_head (entry, class->summary, class->doc, class->source);
  printf ("Saved:       %s\n", class->save && class->load ? "yes" : "no");
  return print_options (&class->options, err);
}

static int
run (const struct cli *cli, gym_error *err)
{
  gym_registry *registry = NULL;
  gym_settings *settings = NULL;
  int code = cmd_settings (cli, 'o', &settings, err);
  if (code >= 0)
    code = cmd_registry (&registry, err);
  if (code >= 0) {
    const struct gym_entry *entry = cmd_find (registry, cli_plain (cli, 0), err);
    if (!entry)
      code = GYM_ENOTFOUND;
    else if (entry->env)
      code = info_env (registry, entry, settings, err);
    else if (entry->agent)
      code = info_agent (entry, settings, err);
    else
      code = info_proxy (entry, settings, err);
  }
  gym_settings_destroy (&settings);
  gym_registry_destroy (&registry);
  return code;
}

static const struct cli_option options[] = {
  { .key = 'o',
    .name = "option",
    .argument = "KEY=VALUE",
    .doc = "Set an option of the env, which may change its parameters.",
    .repeat = true },
  { 0 }
};

const struct cli_command cmd_info = {
  .name = "info",
  .arguments = "ID [-o KEY=VALUE ...]",
  .summary = "Describe an environment, an agent or a proxy model",
  .doc = "Prints what it does, where that comes from, its options, and for an env its "
         "parameters, metrics with units and fidelities. An env with required options "
         "shows the latter once they are given.",
  .options = options,
  .least = 1,
  .most = 1,
  .run = run,
};
