/* What `gym check` asks an agent: to search made-up spaces of every kind under made-up
 * results, the way a study drives it.
 *
 * Nothing here asks whether the agent searches well: that is what studies are for. It
 * must keep to the set of designs, be the same agent under the same seed, and survive
 * whatever becomes of its designs. */
#include "core/cmd/check.h"
#include "core/cmd/check_spaces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ASKS = 240, MOST_IN_FLIGHT = 8, MOST_GOALS = 2, OPENINGS = 100, SETTINGS = 12 };

/* The weight of one value, and how many values a parameter with a prior has at most. */
enum { MOST_VALUES = 64 };
static const double belief = 0.9;

/* How results turn out. */
enum outcome { ALL_OK, SOME_SPOILED, ALL_SPOILED };

struct subject {
  const struct check_subject *given;
  const struct gym_agent_class *class;
  gym_space *spaces[CHECK_SPACES];
};

/* One search: what is asked of it, and what it did. */
struct drive {
  const struct subject *subject;
  const gym_settings *settings;
  int space;
  uint32_t goals, in_flight;
  uint64_t seed;
  enum outcome outcome;
  const double *const *prior;

  gym_agent *agent;
  uint32_t p;
  size_t asked, told;
  bool finished;
  uint64_t tickets[ASKS];
  double *designs; /* ASKS rows */
  double *row, *unit;
};

/* Also closes an agent whose results are outstanding, as an interrupted study does. */
static void
drive_clear (struct drive *d)
{
  gym_agent_destroy (&d->agent);
  free (d->designs);
  free (d->row);
  free (d->unit);
}

static const gym_space *
space_of (const struct drive *d)
{
  return d->subject->spaces[d->space];
}

static int
drive_open (struct drive *d, gym_error *why)
{
  static const struct gym_metric metrics[] = {
    { .name = "slope", .unit = "1", .sense = GYM_MINIMISE },
    { .name = "valley", .unit = "1", .sense = GYM_MINIMISE }
  };
  static const struct gym_fidelity fidelity[] = { { .name = "full", .cost = 1 } };
  const struct check_subject *given = d->subject->given;
  struct gym_problem problem = { .struct_size = sizeof problem,
                                 .n_objectives = d->goals,
                                 .n_constraints = 1,
                                 .in_flight = d->in_flight,
                                 .space = space_of (d),
                                 .budget = ASKS,
                                 .prior = d->prior,
                                 .metrics = GYM_ARRAY (gym_metrics, metrics),
                                 .fidelities = GYM_ARRAY (gym_fidelities, fidelity) };
  d->p = gym_space_size (space_of (d));
  d->designs = calloc ((size_t)ASKS * d->p, sizeof *d->designs);
  d->row = calloc ((size_t)MOST_IN_FLIGHT * d->p, sizeof *d->row);
  d->unit = calloc (d->p, sizeof *d->unit);
  if (!d->designs || !d->row || !d->unit)
    return gym_fail (why, GYM_ENOMEM, "out of memory");
  d->agent = gym_agent_open (given->registry, given->entry->id,
                             d->settings ? d->settings : given->settings, &problem,
                             d->seed, why);
  return d->agent ? GYM_OK : GYM_EPLUGIN;
}

/* Asks for as many as may be in flight. */
static int
drive_ask (struct drive *d, gym_error *why)
{
  uint64_t tickets[MOST_IN_FLIGHT];
  uint32_t fidelities[MOST_IN_FLIGHT];
  size_t room = d->in_flight - (d->asked - d->told);
  room = room < ASKS - d->asked ? room : ASKS - d->asked;
  int n = gym_agent_ask (d->agent, room, tickets, d->row, fidelities, why);
  if (n < 0)
    return n;
  for (int i = 0; i < n; i++) {
    const double *row = d->row + (size_t)i * d->p;
    int code = gym_space_check (space_of (d), row, why);
    if (code < 0)
      return code;
    memcpy (d->designs + d->asked * d->p, row, d->p * sizeof *row);
    d->tickets[d->asked++] = tickets[i];
  }
  d->finished = n == 0 && d->asked == d->told && room > 0;
  return GYM_OK;
}

/* A bowl and a slope over the encoded design; a band of it breaks the constraint. */
static void
judge (struct drive *d, const double *row, double *goals, double *violation)
{
  double bowl = 0, slope = 0;
  gym_space_encode (space_of (d), row, d->unit);
  for (uint32_t i = 0; i < d->p; i++) {
    bowl += (d->unit[i] - 0.3) * (d->unit[i] - 0.3);
    slope += 1 - d->unit[i];
  }
  goals[0] = bowl;
  if (d->goals > 1)
    goals[1] = slope;
  *violation = d->unit[0] > 0.8 ? d->unit[0] - 0.8 : 0;
}

/* By the number of the trial alone, so that two runs meet the same fate. */
static uint32_t
status_of (const struct drive *d, size_t trial)
{
  static const uint32_t spoiled[] = { GYM_TRIAL_INFEASIBLE, GYM_TRIAL_FAILED,
                                      GYM_TRIAL_TIMEOUT, GYM_TRIAL_CRASHED };
  if (d->outcome == ALL_OK || (d->outcome == SOME_SPOILED && trial % 3 != 1))
    return GYM_TRIAL_OK;
  return spoiled[trial % 4];
}

/* Tells the oldest results, up to three at a time. */
static int
drive_tell (struct drive *d, gym_error *why)
{
  double goals[3 * MOST_GOALS], violations[3], metrics[3 * 2];
  uint32_t statuses[3];
  size_t n = d->asked - d->told < 3 ? d->asked - d->told : 3;
  for (size_t i = 0; i < n; i++) {
    statuses[i] = status_of (d, d->told + i);
    judge (d, d->designs + (d->told + i) * d->p, goals + i * d->goals, &violations[i]);
    metrics[2 * i] = goals[i * d->goals];
    metrics[2 * i + 1] = violations[i];
  }
  int code =
      gym_agent_tell (d->agent, n, d->tickets + d->told, d->designs + d->told * d->p,
                      goals, violations, metrics, statuses, why);
  d->told += n;
  return code;
}

/* Runs until ASKS designs were asked and told, or the agent has finished. */
static int
drive_run (struct drive *d, gym_error *why)
{
  int code = drive_open (d, why);
  while (code >= 0 && !d->finished && d->told < ASKS) {
    size_t before = d->asked;
    if (d->asked < ASKS && d->asked - d->told < d->in_flight)
      code = drive_ask (d, why);
    bool waits = d->asked == before || d->asked - d->told == d->in_flight;
    if (code >= 0 && d->asked > d->told && waits)
      code = drive_tell (d, why);
  }
  if (code < 0)
    gym_error_prefix (why, "%s space, %u in flight, ask %zu", check_space_name (d->space),
                      d->in_flight, d->asked);
  return code;
}

static int
drive_once (struct drive *d, gym_error *why)
{
  int code = drive_run (d, why);
  drive_clear (d);
  return code;
}

/* Two are enough to tell an agent that compares from one that sorts. */
static uint32_t
most_goals (const struct subject *s)
{
  uint32_t most = s->class->max_objectives;
  return most == 0 || most > MOST_GOALS ? MOST_GOALS : most;
}

/* The same search of every space with 1 and with 8 in flight, and 1 and 2 goals. */
static int
drive_everywhere (const struct subject *s, enum outcome outcome, gym_error *why)
{
  int code = CHECK_OK;
  for (int space = 0; space < CHECK_SPACES; space++)
    for (uint32_t q = 1; q <= MOST_IN_FLIGHT; q *= MOST_IN_FLIGHT)
      for (uint32_t m = 1; m <= most_goals (s) && code >= 0; m++) {
        struct drive d = { .subject = s,
                           .space = space,
                           .goals = m,
                           .in_flight = q,
                           .seed = s->given->seed,
                           .outcome = outcome };
        code = drive_once (&d, why);
      }
  return code;
}

/* ---- The checks ------------------------------------------------------------------
 *
 * Each returns what check_one prints; a skip is a check that the class's own
 * declarations make void. */

static int
texts (void *context, gym_error *why)
{
  const struct subject *s = context;
  return check_texts (s->class->doc, s->class->source, &s->class->options, why);
}

static int
unknown_option (void *context, gym_error *why)
{
  const struct subject *s = context;
  gym_error seen = { 0 };
  struct drive d = { .subject = s, .goals = 1, .in_flight = 1, .seed = 1 };
  gym_settings *wrong = check_wrong_settings (s->given->settings, why);
  if (!wrong)
    return GYM_ENOMEM;
  d.settings = wrong;
  int code = drive_open (&d, &seen);
  drive_clear (&d);
  gym_settings_destroy (&wrong);
  if (code < 0)
    return check_names_option (&seen, why);
  return gym_fail (why, GYM_EPLUGIN,
                   "seen it open with an option that nobody has, expected an error");
}

static int
too_many_goals (void *context, gym_error *why)
{
  const struct subject *s = context;
  struct drive d = {
    .subject = s, .goals = s->class->max_objectives + 1, .in_flight = 1, .seed = 1
  };
  if (s->class->max_objectives == 0) {
    gym_fail (why, 0, "it takes any number");
    return CHECK_SKIP;
  }
  int code = drive_open (&d, NULL);
  drive_clear (&d);
  if (code < 0)
    return CHECK_OK;
  return gym_fail (why, GYM_EPLUGIN, "seen it open with %u objectives, expected an error",
                   s->class->max_objectives + 1);
}

static int
searches (void *context, gym_error *why)
{
  return drive_everywhere (context, ALL_OK, why);
}

static int
bears_failures (void *context, gym_error *why)
{
  return drive_everywhere (context, SOME_SPOILED, why);
}

static int
bears_ruin (void *context, gym_error *why)
{
  return drive_everywhere (context, ALL_SPOILED, why);
}

/* Two searches of one space; how far they ask the same, and their lengths. */
static int
compare_drives (struct drive *a, struct drive *b, size_t *same, gym_error *why)
{
  int code = drive_run (a, why);
  if (code >= 0)
    code = drive_run (b, why);
  for (*same = 0; code >= 0 && *same < a->asked && *same < b->asked; (*same)++)
    if (memcmp (a->designs + *same * a->p, b->designs + *same * b->p,
                a->p * sizeof *a->designs)
        != 0)
      break;
  return code;
}

/* A store is resumed by replaying the agent: it has to ask the same again. */
static int
same_seed (void *context, gym_error *why)
{
  const struct subject *s = context;
  int code = CHECK_OK;
  if (s->class->flags & GYM_AGENT_NOT_REPLAYABLE) {
    gym_fail (why, 0, "it is declared not replayable");
    return CHECK_SKIP;
  }
  for (int space = 0; space < CHECK_SPACES && code >= 0; space++)
    for (uint32_t q = 1; q <= MOST_IN_FLIGHT && code >= 0; q *= MOST_IN_FLIGHT) {
      struct drive a = { .subject = s,
                         .space = space,
                         .goals = 1,
                         .in_flight = q,
                         .seed = s->given->seed,
                         .outcome = SOME_SPOILED };
      struct drive b = a;
      size_t same;
      code = compare_drives (&a, &b, &same, why);
      if (code >= 0 && (same < a.asked || same < b.asked))
        code = gym_fail (why, GYM_EPLUGIN,
                         "%s space, %u in flight: seen another design at ask %zu of the "
                         "second search, expected the same",
                         check_space_name (space), q, same);
      drive_clear (&a);
      drive_clear (&b);
    }
  return code;
}

/* Several seeds would not be several runs otherwise. One pair may agree by chance in a
 * small space, four seeds in the mixed one do not. */
static int
other_seed (void *context, gym_error *why)
{
  const struct subject *s = context;
  int space = CHECK_SPACE_MIXED, code = CHECK_OK;
  for (uint64_t i = 1; i <= 3 && code >= 0; i++) {
    struct drive a = {
      .subject = s, .space = space, .goals = 1, .in_flight = 1, .seed = s->given->seed
    };
    struct drive b = a;
    size_t same;
    b.seed = s->given->seed + i;
    code = compare_drives (&a, &b, &same, why);
    bool differ = same < a.asked || same < b.asked;
    drive_clear (&a);
    drive_clear (&b);
    if (code >= 0 && differ)
      return CHECK_OK;
  }
  return code < 0
             ? code
             : gym_fail (why, GYM_EPLUGIN,
                         "%s space: seen the same designs under four seeds, expected "
                         "others",
                         check_space_name (space));
}

/* The first ask that repeats an earlier one, or the number of asks. */
static size_t
first_repeat (const struct drive *d)
{
  size_t size = d->p * sizeof *d->designs;
  for (size_t i = 1; i < d->asked; i++)
    for (size_t j = 0; j < i; j++)
      if (memcmp (d->designs + i * d->p, d->designs + j * d->p, size) == 0)
        return i;
  return d->asked;
}

static int
distinct (void *context, gym_error *why)
{
  const struct subject *s = context;
  int code = CHECK_OK;
  if (!(s->class->flags & GYM_AGENT_DISTINCT)) {
    gym_fail (why, 0, "it does not promise that");
    return CHECK_SKIP;
  }
  for (int space = 0; space < CHECK_SPACES && code >= 0; space++)
    for (uint32_t q = 1; q <= MOST_IN_FLIGHT && code >= 0; q *= MOST_IN_FLIGHT) {
      struct drive d = {
        .subject = s, .space = space, .goals = 1, .in_flight = q, .seed = s->given->seed
      };
      double all = gym_space_cardinality (space_of (&d));
      code = drive_run (&d, why);
      size_t repeat = first_repeat (&d);
      if (code >= 0 && isfinite (all) && repeat < d.asked && (double)repeat < all)
        code = gym_fail (why, GYM_EPLUGIN,
                         "%s space, %u in flight: seen a repeat at ask %zu of %zu, "
                         "expected none among the first %.0f",
                         check_space_name (space), q, repeat, d.asked, all);
      drive_clear (&d);
    }
  return code;
}

/* A prior that believes in the last value of each parameter of few. */
static double **
make_prior (const gym_space *space, gym_error *why)
{
  uint32_t n = gym_space_size (space);
  double **prior = calloc (n + 1u, sizeof *prior);
  for (uint32_t i = 0; prior && i < n; i++) {
    uint64_t count = gym_space_count (space, i);
    if (count < 2 || count > MOST_VALUES)
      continue;
    prior[i] = malloc (count * sizeof **prior);
    for (uint64_t k = 0; prior[i] && k < count; k++)
      prior[i][k] = k + 1 == count ? belief : (1 - belief) / (double)(count - 1);
  }
  if (!prior)
    gym_fail (why, GYM_ENOMEM, "out of memory");
  return prior;
}

static void
free_prior (const gym_space *space, double **prior)
{
  for (uint32_t i = 0; prior && i < gym_space_size (space); i++)
    free (prior[i]);
  free (prior);
}

/* Of the values asked for, how many there are and how many are the last of theirs. */
static void
count_last (const struct drive *d, size_t *all, size_t *last)
{
  const gym_space *space = space_of (d);
  for (size_t k = 0; k < d->asked * d->p; k++) {
    uint32_t i = (uint32_t)(k % d->p);
    double value = d->designs[k];
    if (!d->prior[i] || isnan (value))
      continue;
    ++*all;
    *last += gym_space_index (space, i, value) + 1 == gym_space_count (space, i);
  }
}

/* First designs under many seeds, before any result: a third of the values at most would
 * be the last ones by chance, nine tenths are by the prior. */
static int
uses_prior (void *context, gym_error *why)
{
  const struct subject *s = context;
  int code = CHECK_OK;
  if (!(s->class->flags & GYM_AGENT_PRIOR)) {
    gym_fail (why, 0, "it does not use a prior");
    return CHECK_SKIP;
  }
  double **prior = make_prior (s->spaces[CHECK_SPACE_WIDE], why);
  size_t all = 0, last = 0;
  for (uint64_t seed = 0; seed < 8 && code >= 0 && prior; seed++) {
    struct drive d = { .subject = s,
                       .space = CHECK_SPACE_WIDE,
                       .goals = 1,
                       .in_flight = MOST_IN_FLIGHT,
                       .seed = s->given->seed + seed,
                       .prior = (const double *const *)prior };
    code = drive_open (&d, why);
    if (code >= 0)
      code = drive_ask (&d, why);
    count_last (&d, &all, &last);
    drive_clear (&d);
  }
  free_prior (s->spaces[CHECK_SPACE_WIDE], prior);
  double share = all > 0 ? (double)last / (double)all : 0;
  if (prior && code >= 0 && share < 0.7)
    code = gym_fail (why, GYM_EPLUGIN,
                     "seen %.2f of the first values where the prior has %.2f of its "
                     "weight, expected nearly as many",
                     share, belief);
  return prior ? code : GYM_ENOMEM;
}

/* Settings drawn from its own options: opening may refuse a combination, asking may not
 * fail afterwards. */
static int
search_settings (const struct subject *s, const gym_space *options, gym_rng *rng,
                 double *row, gym_error *why)
{
  struct drive d = { .subject = s,
                     .space = CHECK_SPACE_MIXED,
                     .goals = 1,
                     .in_flight = MOST_IN_FLIGHT,
                     .seed = s->given->seed };
  gym_settings *settings = s->given->settings
                               ? gym_settings_copy (s->given->settings, why)
                               : gym_settings_new (why);
  gym_space_sample (options, rng, row);
  int code = settings ? gym_options_settings (options, row, settings, why) : GYM_ENOMEM;
  d.settings = settings;
  if (code >= 0) {
    code = drive_run (&d, why);
    if (code < 0 && !d.agent)
      code = CHECK_OK;
  }
  drive_clear (&d);
  gym_settings_destroy (&settings);
  return code;
}

static int
any_settings (void *context, gym_error *why)
{
  const struct subject *s = context;
  gym_error empty = { 0 };
  gym_space *options = gym_options_space (&s->class->options, &empty);
  gym_rng rng;
  int code = CHECK_OK;
  if (!options || gym_space_size (options) == 0) {
    gym_space_destroy (&options);
    gym_fail (why, 0, "it has no options to vary");
    return CHECK_SKIP;
  }
  double *row = calloc (gym_space_size (options), sizeof *row);
  gym_rng_init (&rng, s->given->seed);
  if (!row)
    code = gym_fail (why, GYM_ENOMEM, "out of memory");
  for (int i = 0; i < SETTINGS && code >= 0; i++)
    code = search_settings (s, options, &rng, row, why);
  free (row);
  gym_space_destroy (&options);
  return code;
}

static int
silent (void *context, gym_error *why)
{
  struct check_silence silence;
  struct drive d = { .subject = context,
                     .space = CHECK_SPACE_MIXED,
                     .goals = 1,
                     .in_flight = 1,
                     .seed = 1,
                     .outcome = SOME_SPOILED };
  int code = check_silence_begin (&silence, why);
  if (code < 0)
    return code;
  code = drive_once (&d, why);
  int heard = check_silence_end (&silence, code < 0 ? NULL : why);
  return code < 0 ? code : heard;
}

/* Opens, asks a little, and closes with the results outstanding. */
static int
many_openings (void *context, gym_error *why)
{
  const struct subject *s = context;
  int before = check_count_descriptors (), code = CHECK_OK;
  for (int i = 0; i < OPENINGS && code >= 0; i++) {
    struct drive d = { .subject = s,
                       .space = i % CHECK_SPACES,
                       .goals = 1,
                       .in_flight = MOST_IN_FLIGHT,
                       .seed = (uint64_t)i };
    code = drive_open (&d, why);
    if (code >= 0)
      code = drive_ask (&d, why);
    drive_clear (&d);
  }
  return code < 0 ? code : check_none_left_open (before, OPENINGS, why);
}

int
check_agent (const struct check_subject *given, struct check_report *report,
             gym_error *err)
{
  static const struct check checks[] = {
    { "texts and options are documented", texts },
    { "an unknown option is refused", unknown_option },
    { "more objectives than it can handle are refused", too_many_goals },
    { "spaces of all kinds are searched", searches },
    { "infeasible and failed results are borne", bears_failures },
    { "nothing but failures is borne", bears_ruin },
    { "same seed, same designs", same_seed },
    { "another seed, other designs", other_seed },
    { "no design twice in a finite space", distinct },
    { "first designs go by a prior", uses_prior },
    { "settings drawn at random work", any_settings },
    { "nothing is printed", silent },
    { "opening and closing 100 times leaves no file open", many_openings },
  };
  struct subject s = { .given = given, .class = given->entry->agent };
  int code = check_spaces_open (s.spaces, err);
  if (code >= 0)
    check_each (report, checks, sizeof checks / sizeof checks[0], &s);
  check_spaces_close (s.spaces);
  return code;
}
