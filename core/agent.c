/* Open agents: tickets, and checks on everything that crosses the border to a plugin. */
#include <gym/agent.h>

#include "core/host.h"
#include "core/memory.h"
#include "core/space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Tickets are handed out in rising order; those from `oldest` to `next` live in a ring
 * (a power of two long), each with the design it stands for. */
struct gym_agent {
  const struct gym_entry *entry;
  const struct gym_agent_class *class;
  gym_settings *settings;
  void *self;
  bool opened;
  struct gym_host host;
  struct gym_host_context context;
  struct gym_problem problem;
  gym_space *lean; /* the problem's space as a prior has it, or NULL */
  char *identity;
  uint32_t size; /* of a design */

  gym_agent *outer;         /* the agent this one is opened inside of, or NULL */
  gym_agent *inner, *after; /* those opened inside this one; its place in such a list */

  uint64_t oldest, next;
  size_t outstanding, ring;
  bool *waiting;
  uint32_t *fidelities;
  double *designs;

  /* Rows of one tell, made NaN where the contract says so. */
  size_t room;
  double *objectives, *violations, *metrics, *told;
  uint32_t *told_fidelities;
};

void
gym_problem_init (struct gym_problem *problem, gym_env *env,
                  const gym_objective *objective, double budget, uint32_t in_flight)
{
  const struct gym_fidelities *f = gym_env_fidelities (env);
  *problem = (struct gym_problem){ .struct_size = sizeof *problem,
                                   .n_objectives = gym_objective_goals (objective),
                                   .n_constraints = gym_objective_constraints (objective),
                                   .in_flight = in_flight ? in_flight : 1,
                                   .space = gym_env_space (env),
                                   .budget = budget,
                                   .metrics = *gym_env_metrics (env),
                                   .fidelities = *f,
                                   .fidelity = f->n - 1 };
}

/* An agent for one objective must not be given several: turning them into one behind the
 * user's back would decide what the study is about. */
static int
check_objectives (const struct gym_agent_class *c, uint32_t m, gym_error *err)
{
  if (m == 0)
    return gym_fail (err, GYM_EINVAL, "agent %s: a problem needs an objective", c->id);
  if (c->max_objectives && m > c->max_objectives)
    return gym_fail (
        err, GYM_EINVAL,
        "agent %s handles %u objective%s, not %u: choose another agent or one "
        "goal, such as a product(...)",
        c->id, c->max_objectives, c->max_objectives > 1 ? "s" : "", m);
  return GYM_OK;
}

/* `close` is due from the moment `open` is called, even when it fails: plugins may keep
 * all their cleaning up in one place. */
static int
open_instance (gym_agent *a, uint64_t seed, gym_error *err)
{
  const struct gym_agent_class *c = a->class;
  char owner[160];
  snprintf (owner, sizeof owner, "agent %s", c->id);
  a->self = gym_instance_new (c->instance_size, &c->options, a->settings, owner, err);
  if (!a->self)
    return GYM_EINVAL;
  a->identity = gym_instance_identity (c->id, &c->options, a->settings, owner, err);
  if (!a->identity)
    return GYM_ENOMEM;
  a->opened = true;
  int rc = c->open (a->self, &a->host, &a->problem, seed, err);
  if (rc < 0)
    gym_error_prefix (err, "%s", owner);
  return rc;
}

/* The settings of an agent inside: those of the form OPTION.NAME, without the front. */
static gym_settings *
inner_settings (const gym_settings *all, const char *option, gym_error *err)
{
  size_t n = strlen (option);
  gym_settings *s = gym_settings_new (err);
  for (size_t i = 0; s && i < gym_settings_count (all); i++) {
    const char *key = gym_settings_key (all, i);
    if (strncmp (key, option, n) == 0 && key[n] == '.'
        && gym_settings_set (s, key + n + 1, gym_settings_value (all, i), err) < 0)
      gym_settings_destroy (&s);
  }
  return s;
}

/* The id in force for an option of type agent, or NULL when the class has no such. */
static const char *
inner_id (const gym_agent *a, const char *option)
{
  const struct gym_options *o = &a->class->options;
  for (uint32_t i = 0; i < o->n; i++) {
    const struct gym_option item = gym_option_at (o, i);
    if (item.type != GYM_OPTION_AGENT || strcmp (item.name, option) != 0)
      continue;
    const char *given = gym_settings_get (a->settings, option);
    return given ? given : item.initial;
  }
  return NULL;
}

static gym_agent *open_within (gym_agent *outer, const gym_registry *registry,
                               const char *id, const gym_settings *settings,
                               const struct gym_problem *problem, uint64_t seed,
                               gym_error *err);

static struct gym_agent *
host_agent_open (const struct gym_host *host, const char *option,
                 const struct gym_problem *problem, uint64_t seed, gym_error *err)
{
  const struct gym_host_context *c = host->context;
  const char *id = c->self ? inner_id (c->self, option) : NULL;
  if (!id) {
    gym_fail (err, GYM_EPLUGIN, "\"%s\" is no option that names an agent", option);
    return NULL;
  }
  gym_settings *s = inner_settings (c->settings, option, err);
  gym_agent *a = s ? open_within (c->self, c->registry, id, s, problem, seed, err) : NULL;
  gym_settings_destroy (&s);
  if (!a)
    gym_error_prefix (err, "%s", option);
  return a;
}

static void
host_agent_close (const struct gym_host *host, struct gym_agent **inner)
{
  const struct gym_host_context *c = host->context;
  gym_agent **at = &c->self->inner;
  while (*at && *at != *inner)
    at = &(*at)->after;
  if (!*at)
    return;
  *at = (*inner)->after;
  gym_agent_destroy (inner);
}

/* An agent that contained its own class would open itself without end. */
static int
check_cycle (const gym_agent *outer, const struct gym_entry *entry, gym_error *err)
{
  for (const gym_agent *a = outer; a; a = a->outer)
    if (a->entry == entry)
      return gym_fail (err, GYM_EINVAL, "agent %s cannot be opened inside itself",
                       entry->id);
  return GYM_OK;
}

/* A prior acts through the space: see core/space_lean.c. */
static int
set_problem (gym_agent *a, const struct gym_problem *problem, gym_error *err)
{
  a->problem = *problem;
  a->size = gym_space_size (problem->space);
  if (!(a->class->flags & GYM_AGENT_PRIOR))
    a->problem.prior = NULL;
  if (!(a->class->flags & GYM_AGENT_FIRST) || a->outer)
    a->problem.n_first = 0;
  if (!a->problem.prior)
    return GYM_OK;
  a->lean = gym_space_lean (problem->space, problem->prior, err);
  a->problem.space = a->lean;
  return a->lean ? GYM_OK : GYM_ENOMEM;
}

static void
init_host (gym_agent *a, const gym_registry *registry, gym_agent *outer)
{
  gym_host_init (&a->host, &a->context, a->class);
  a->context.registry = registry;
  a->context.settings = a->settings;
  a->context.self = a;
  a->host.agent_open = host_agent_open;
  a->host.agent_ask = gym_agent_ask;
  a->host.agent_tell = gym_agent_tell;
  a->host.agent_close = host_agent_close;
  a->outer = outer;
  if (outer) {
    a->context.log = outer->context.log;
    a->context.log_context = outer->context.log_context;
    a->context.cancel = outer->context.cancel;
  }
}

static gym_agent *
open_within (gym_agent *outer, const gym_registry *registry, const char *id,
             const gym_settings *settings, const struct gym_problem *problem,
             uint64_t seed, gym_error *err)
{
  const struct gym_entry *entry = gym_registry_find (registry, GYM_ROLE_AGENT, id, err);
  if (!entry || check_objectives (entry->agent, problem->n_objectives, err) < 0
      || check_cycle (outer, entry, err) < 0)
    return NULL;
  gym_agent *a = calloc (1, sizeof *a);
  if (!a) {
    gym_fail (err, GYM_ENOMEM, "out of memory for agent %s", entry->id);
    return NULL;
  }
  a->entry = entry;
  a->class = entry->agent;
  a->settings = gym_settings_copy (settings, err);
  init_host (a, registry, outer);
  if (!a->settings || set_problem (a, problem, err) < 0
      || open_instance (a, seed, err) < 0) {
    gym_agent_destroy (&a);
    return NULL;
  }
  if (outer) {
    a->after = outer->inner;
    outer->inner = a;
  }
  return a;
}

gym_agent *
gym_agent_open (const gym_registry *registry, const char *id,
                const gym_settings *settings, const struct gym_problem *problem,
                uint64_t seed, gym_error *err)
{
  return open_within (NULL, registry, id, settings, problem, seed, err);
}

void
gym_agent_destroy (gym_agent **pointer)
{
  gym_agent *a = *pointer;
  if (!a)
    return;
  if (a->opened)
    a->class->close (a->self);
  while (a->inner) {
    gym_agent *inner = a->inner;
    a->inner = inner->after;
    gym_agent_destroy (&inner);
  }
  free (a->self);
  gym_settings_destroy (&a->settings);
  gym_space_destroy (&a->lean);
  free (a->identity);
  free (a->waiting);
  free (a->fidelities);
  free (a->designs);
  free (a->objectives);
  free (a->violations);
  free (a->metrics);
  free (a->told);
  free (a->told_fidelities);
  free (a);
  *pointer = NULL;
}

const struct gym_entry *
gym_agent_entry (const gym_agent *agent)
{
  return agent->entry;
}

const char *
gym_agent_identity (const gym_agent *agent)
{
  return agent->identity;
}

size_t
gym_agent_outstanding (const gym_agent *agent)
{
  return agent->outstanding;
}

/* Makes the ring at least `n` long, moving every ticket to its new place. */
static int
widen_ring (gym_agent *a, size_t n, gym_error *err)
{
  size_t ring = a->ring ? a->ring : 16;
  while (ring < n)
    ring *= 2;
  if (ring == a->ring)
    return GYM_OK;
  bool *waiting = calloc (ring, sizeof *waiting);
  uint32_t *fidelities = calloc (ring, sizeof *fidelities);
  double *designs = calloc (ring * (a->size ? a->size : 1), sizeof *designs);
  if (!waiting || !fidelities || !designs) {
    free (waiting);
    free (fidelities);
    free (designs);
    return gym_fail (err, GYM_ENOMEM, "out of memory for %zu outstanding asks", n);
  }
  for (uint64_t t = a->oldest; t < a->next; t++) {
    size_t from = t & (a->ring - 1), to = t & (ring - 1);
    waiting[to] = a->waiting[from];
    fidelities[to] = a->fidelities[from];
    memcpy (designs + to * a->size, a->designs + from * a->size,
            a->size * sizeof *designs);
  }
  free (a->waiting);
  free (a->fidelities);
  free (a->designs);
  a->waiting = waiting;
  a->fidelities = fidelities;
  a->designs = designs;
  a->ring = ring;
  return GYM_OK;
}

/* Judges proposal `row`, makes it canonical and remembers it under the next ticket: the
 * first may give way to the designs of a prior. */
static int
take_proposal (gym_agent *a, double *row, uint32_t fidelity, gym_error *err)
{
  for (uint32_t j = 0; j < a->size; j++)
    if (isinf (row[j]))
      return gym_fail (err, GYM_EPLUGIN, "agent %s asked for an infinite \"%s\"",
                       a->class->id, gym_space_param (a->problem.space, j)->name);
  if (fidelity >= a->problem.fidelities.n)
    return gym_fail (err, GYM_EPLUGIN, "agent %s asked for fidelity %u; there are %u",
                     a->class->id, fidelity, a->problem.fidelities.n);
  if (a->next < a->problem.n_first)
    memcpy (row, a->problem.first + a->next * a->size, a->size * sizeof *row);
  gym_space_repair (a->problem.space, row);
  size_t at = a->next++ & (a->ring - 1);
  a->waiting[at] = true;
  a->fidelities[at] = fidelity;
  memcpy (a->designs + at * a->size, row, a->size * sizeof *row);
  a->outstanding++;
  return GYM_OK;
}

/* Designs are preset to NaN: what a plugin forgets to fill in becomes the default, not
 * whatever the memory held. */
int
gym_agent_ask (gym_agent *a, size_t n, uint64_t *tickets, double *designs,
               uint32_t *fidelities, gym_error *err)
{
  if (n > INT32_MAX)
    n = INT32_MAX;
  int rc = widen_ring (a, (size_t)(a->next - a->oldest) + n, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < n; i++) {
    tickets[i] = a->next + i;
    fidelities[i] = a->problem.fidelity;
  }
  for (size_t i = 0; i < n * a->size; i++)
    designs[i] = NAN;
  struct gym_asks asks = { .struct_size = sizeof asks,
                           .n = n,
                           .tickets = tickets,
                           .designs = designs,
                           .fidelities = fidelities };
  int made = a->class->ask (a->self, &asks, err);
  if (made < 0) {
    gym_error_prefix (err, "agent %s", a->class->id);
    return made;
  }
  if ((size_t)made > n)
    return gym_fail (err, GYM_EPLUGIN,
                     "agent %s returned %d proposals where at most %zu "
                     "were asked for",
                     a->class->id, made, n);
  for (int i = 0; i < made && rc == GYM_OK; i++)
    rc = take_proposal (a, designs + (size_t)i * a->size, fidelities[i], err);
  return rc < 0 ? rc : made;
}

/* The arrays of a tell are the host's: a plugin may keep no pointer into the caller's. */
static int
reserve (gym_agent *a, size_t n, gym_error *err)
{
  if (n <= a->room)
    return GYM_OK;
  size_t m = a->problem.n_objectives, c = a->problem.n_constraints;
  if (gym_resize (&a->objectives, n * m, sizeof (double)) < 0
      || gym_resize (&a->violations, n * c, sizeof (double)) < 0
      || gym_resize (&a->metrics, n * a->problem.metrics.n, sizeof (double)) < 0
      || gym_resize (&a->told, n * a->size, sizeof (double)) < 0
      || gym_resize (&a->told_fidelities, n, sizeof (uint32_t)) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory for %zu results", n);
  a->room = n;
  return GYM_OK;
}

/* Whatever the caller's arrays hold for a trial that is not ok, the agent hears NaN: it
 * must not learn from numbers that mean nothing. */
static void
copy_row (double *to, const double *from, size_t i, size_t n, bool ok)
{
  for (size_t j = 0; j < n; j++)
    to[i * n + j] = ok && from ? from[i * n + j] : NAN;
}

/* Checked for all rows before the first is told, so that a wrong call changes nothing. */
static int
check_result (const gym_agent *a, size_t i, uint64_t ticket, uint32_t status,
              const double *objectives, gym_error *err)
{
  if (ticket < a->oldest || ticket >= a->next || !a->waiting[ticket & (a->ring - 1)])
    return gym_fail (err, GYM_EINVAL,
                     "agent %s: ticket %llu is not outstanding (never given out, or told "
                     "already)",
                     a->class->id, (unsigned long long)ticket);
  if (status > GYM_TRIAL_OOM)
    return gym_fail (err, GYM_EINVAL, "status %u does not exist", status);
  for (uint32_t j = 0; j < a->problem.n_objectives && status == GYM_TRIAL_OK; j++)
    if (!isfinite (objectives[i * a->problem.n_objectives + j]))
      return gym_fail (err, GYM_EINVAL,
                       "result %zu is ok but objective %u is not a finite number", i, j);
  return GYM_OK;
}

/* The window of live tickets moves on over those that are told, in whatever order. */
int
gym_agent_tell (gym_agent *a, size_t n, const uint64_t *tickets, const double *designs,
                const double *objectives, const double *violations, const double *metrics,
                const uint32_t *statuses, gym_error *err)
{
  int rc = reserve (a, n, err);
  for (size_t i = 0; i < n && rc == GYM_OK; i++)
    rc = check_result (a, i, tickets[i], statuses[i], objectives, err);
  if (rc < 0 || n == 0)
    return rc;
  for (size_t i = 0; i < n; i++) {
    bool ok = statuses[i] == GYM_TRIAL_OK;
    size_t at = tickets[i] & (a->ring - 1);
    copy_row (a->objectives, objectives, i, a->problem.n_objectives, ok);
    copy_row (a->violations, violations, i, a->problem.n_constraints, ok);
    copy_row (a->metrics, metrics, i, a->problem.metrics.n, ok);
    memcpy (a->told + i * a->size,
            designs ? designs + i * a->size : a->designs + at * a->size,
            a->size * sizeof *a->told);
    a->told_fidelities[i] = a->fidelities[at];
    a->waiting[at] = false;
  }
  a->outstanding -= n;
  while (a->oldest < a->next && !a->waiting[a->oldest & (a->ring - 1)])
    a->oldest++;
  struct gym_tells tells = { .struct_size = sizeof tells,
                             .n = n,
                             .tickets = tickets,
                             .designs = a->told,
                             .fidelities = a->told_fidelities,
                             .objectives = a->objectives,
                             .violations = a->violations,
                             .metrics = a->metrics,
                             .statuses = statuses };
  rc = a->class->tell (a->self, &tells, err);
  if (rc < 0)
    gym_error_prefix (err, "agent %s", a->class->id);
  return rc;
}
