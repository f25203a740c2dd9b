/* core/dataset_sources.c - the stores of a data set, and which of their studies take
 * part.
 *
 * Every store has a connection of its own with a transaction that is open as long as the
 * data set: what is read twice is the same twice. */
#include <config.h>

#include "core/dataset_inside.h"

#include "core/store_file.h"
#include "core/store_seal.h"
#include "core/text.h"

#include <math.h>

static int
no_memory (gym_error *err)
{
  return gym_fail (err, GYM_ENOMEM, "out of memory for the data set");
}

/* A copy as valid UTF-8, which is what every format asks for. */
static char *
clean_copy (const char *text)
{
  char *copy = gym_store_copy (text);
  if (copy)
    gym_store_utf8 (text, copy, strlen (text) + 1);
  return copy;
}

static void
forget_study (struct dataset_study *study)
{
  gym_layout_destroy (&study->layout);
  free (study->fidelities);
  free (study->metric_at);
}

static void
forget_lists (gym_dataset *d)
{
  for (size_t i = 0; i < d->n_envs; i++) {
    free ((char *)d->envs[i].identity);
    free ((char *)d->envs[i].workload);
  }
  for (size_t i = 0; i < d->n_agents; i++) {
    free ((char *)d->agents[i].id);
    free ((char *)d->agents[i].label);
    free ((char *)d->agents[i].options);
  }
  for (size_t i = 0; i < d->n_fidelities; i++)
    free ((char *)d->fidelities[i].name);
  for (uint32_t i = 0; d->items && i < d->metrics.n; i++) {
    free ((char *)d->items[i].name);
    free ((char *)d->items[i].unit);
    free ((char *)d->items[i].doc);
  }
}

void
gym_dataset_forget (gym_dataset *d)
{
  forget_lists (d);
  for (size_t i = 0; i < d->n_studies; i++)
    forget_study (&d->studies[i]);
  for (size_t i = 0; i < d->n_stores; i++) {
    if (d->stores[i].store)
      sqlite3_exec (d->stores[i].store->db, "COMMIT", NULL, NULL, NULL);
    gym_store_destroy (&d->stores[i].store);
    free (d->stores[i].path);
  }
  gym_space_destroy (&d->space);
  free (d->stores);
  free (d->studies);
  free (d->runs);
  free (d->envs);
  free (d->agents);
  free (d->fidelities);
  free (d->items);
  free (d->env_id);
}

/* ---- stores ---- */

static int
open_store (struct dataset_store *store, const char *path, gym_error *err)
{
  store->path = clean_copy (path);
  if (!store->path)
    return no_memory (err);
  store->store = gym_store_open (path, err);
  return store->store
             ? gym_store_exec (store->store->db, store->store->path, "BEGIN", err)
             : err->code;
}

/* Two names of one file would make every trial a duplicate of itself. */
static int
open_stores (gym_dataset *d, const char *const *paths, size_t n, gym_error *err)
{
  int code = n ? GYM_OK : gym_fail (err, GYM_EINVAL, "a data set needs a store at least");
  d->stores = calloc (n + 1, sizeof *d->stores);
  if (!d->stores)
    return no_memory (err);
  for (size_t i = 0; code == GYM_OK && i < n; i++) {
    d->n_stores = i + 1;
    code = open_store (&d->stores[i], paths[i], err);
    for (size_t k = 0; code == GYM_OK && k < i; k++)
      if (strcmp (d->stores[k].store->path, d->stores[i].store->path) == 0)
        code = gym_fail (err, GYM_EINVAL, "store \"%s\" is given twice", paths[i]);
  }
  return code;
}

/* ---- the env ---- */

/* "dram-v12" is 4 characters and version 12; an id without a version is all name. */
static size_t
bare_length (const char *id, unsigned *version)
{
  const char *dash = strrchr (id, '-');
  size_t digits = dash && dash[1] == 'v' ? strspn (dash + 2, "0123456789") : 0;
  *version = 0;
  if (!digits || dash[2 + digits])
    return strlen (id);
  *version = (unsigned)strtoul (dash + 2, NULL, 10);
  return (size_t)(dash - id);
}

static bool
same_bare (const char *a, const char *b)
{
  unsigned version;
  size_t n = bare_length (a, &version), m = bare_length (b, &version);
  return n == m && memcmp (a, b, n) == 0;
}

/* The distinct env ids of all stores. */
struct ids {
  char **names;
  size_t n, room;
};

/* An id that is left out, for whatever reason, would be an env that is not there: a store
 * may hold any number of them. */
static int
add_id (struct ids *ids, const char *id, gym_error *err)
{
  for (size_t k = 0; k < ids->n; k++)
    if (strcmp (ids->names[k], id) == 0)
      return GYM_OK;
  if (gym_grow (&ids->names, ids->n, &ids->room, sizeof *ids->names) < 0)
    return no_memory (err);
  ids->names[ids->n] = clean_copy (id);
  if (!ids->names[ids->n])
    return no_memory (err);
  ids->n++;
  return GYM_OK;
}

static int
list_ids (const gym_dataset *d, struct ids *ids, gym_error *err)
{
  int code = GYM_OK;
  for (size_t i = 0; code >= 0 && i < d->n_stores; i++) {
    const gym_store *store = d->stores[i].store;
    sqlite3_stmt *query = gym_store_prepare (
        store->db, store->path, "SELECT DISTINCT env FROM studies ORDER BY env", err);
    code = query ? GYM_OK : gym_store_code (store->db);
    while (query && (code = gym_store_step (query, store->path, err)) == 1)
      if ((code = add_id (ids, gym_store_column (query, 0), err)) < 0)
        break;
    sqlite3_finalize (query);
  }
  return code < 0 ? code : GYM_OK;
}

/* The full id wins; a bare name is the newest version; no name will do where there is
 * one env alone. */
static const char *
choose_id (const struct ids *ids, const char *wanted, gym_error *err)
{
  const char *const *names = (const char *const *)ids->names;
  const char *best = NULL;
  unsigned version, newest = 0;
  char list[400];
  for (size_t i = 0; i < ids->n; i++) {
    if (wanted && strcmp (names[i], wanted) == 0)
      return names[i];
    if (!wanted && !same_bare (names[i], names[0])) {
      gym_fail (err, GYM_EINVAL, "there are several envs (%s): choose one",
                gym_name_list (list, sizeof list, names, (unsigned)ids->n));
      return NULL;
    }
    size_t n = bare_length (names[i], &version);
    bool fits = !wanted || (strlen (wanted) == n && memcmp (wanted, names[i], n) == 0);
    if (fits && (!best || version > newest)) {
      best = names[i];
      newest = version;
    }
  }
  if (!best && wanted)
    gym_fail_unknown (err, GYM_ENOTFOUND, "env", wanted, names, (unsigned)ids->n);
  else if (!best)
    gym_fail (err, GYM_ENOTFOUND, "there is no study yet");
  return best;
}

static int
find_env (gym_dataset *d, const char *wanted, gym_error *err)
{
  struct ids ids = { .n = 0 };
  int code = list_ids (d, &ids, err);
  const char *id = code == GYM_OK ? choose_id (&ids, wanted, err) : NULL;
  if (code == GYM_OK && !id)
    code = err->code;
  if (code == GYM_OK && !(d->env_id = clean_copy (id)))
    code = no_memory (err);
  for (size_t i = 0; i < ids.n; i++)
    free (ids.names[i]);
  free (ids.names);
  return code;
}

/* ---- lists of the data set ---- */

static int
find_identity (gym_dataset *d, const char *identity, size_t *index, gym_error *err)
{
  for (*index = 0; *index < d->n_envs; ++*index)
    if (strcmp (d->envs[*index].identity, identity) == 0)
      return GYM_OK;
  if (gym_grow (&d->envs, d->n_envs, &d->room_envs, sizeof *d->envs) < 0)
    return no_memory (err);
  d->envs[d->n_envs] = (struct gym_dataset_env){ .identity = clean_copy (identity) };
  d->n_envs++;
  return d->envs[*index].identity ? GYM_OK : no_memory (err);
}

static int
find_agent (gym_dataset *d, sqlite3_stmt *row, size_t *index, gym_error *err)
{
  const char *label = gym_store_column (row, 2), *id = gym_store_column (row, 3);
  const char *options = gym_store_column (row, 4);
  for (*index = 0; *index < d->n_agents; ++*index) {
    const struct gym_dataset_agent *a = &d->agents[*index];
    if (strcmp (a->label, label) == 0 && strcmp (a->id, id) == 0
        && strcmp (a->options, options) == 0)
      return GYM_OK;
  }
  if (gym_grow (&d->agents, d->n_agents, &d->room_agents, sizeof *d->agents) < 0)
    return no_memory (err);
  struct gym_dataset_agent *a = &d->agents[d->n_agents++];
  *a = (struct gym_dataset_agent){ .id = clean_copy (id),
                                   .label = clean_copy (label),
                                   .options = clean_copy (options) };
  return a->id && a->label && a->options ? GYM_OK : no_memory (err);
}

/* By name: the same fidelity may have another place where an env has more of them. */
static int
find_fidelity (gym_dataset *d, const char *name, double cost, size_t *index,
               gym_error *err)
{
  for (*index = 0; *index < d->n_fidelities; ++*index)
    if (strcmp (d->fidelities[*index].name, name) == 0)
      return GYM_OK;
  if (gym_grow (&d->fidelities, d->n_fidelities, &d->room_fidelities,
                sizeof *d->fidelities)
      < 0)
    return no_memory (err);
  d->fidelities[d->n_fidelities] =
      (struct gym_dataset_fidelity){ .name = clean_copy (name), .cost = cost };
  d->n_fidelities++;
  return d->fidelities[*index].name ? GYM_OK : no_memory (err);
}

/* A number that the study does not list stands for itself, as in the store's views. */
int
gym_dataset_fidelity_of (gym_dataset *d, struct dataset_study *study, int64_t own,
                         size_t *index, gym_error *err)
{
  char name[32];
  if (own >= 0 && (uint64_t)own < study->n_fidelities) {
    *index = study->fidelities[own];
    return GYM_OK;
  }
  snprintf (name, sizeof name, "%lld", (long long)own);
  return find_fidelity (d, name, NAN, index, err);
}

/* ---- a study ---- */

/* From the first study; sealed ones are left out here and so can get nowhere. */
static int
take_metrics (gym_dataset *d, const struct gym_layout *layout, gym_error *err)
{
  d->items = calloc (layout->n_metrics + 1, sizeof *d->items);
  if (!d->items)
    return no_memory (err);
  d->metrics = (struct gym_metrics){ .struct_size = sizeof d->metrics,
                                     .stride = sizeof *d->items,
                                     .items = d->items };
  for (uint32_t i = 0; i < layout->n_metrics; i++) {
    const struct layout_column *c = &layout->columns[layout->n_params + i];
    if (c->sealed)
      continue;
    struct gym_metric *m = &d->items[d->metrics.n++];
    *m = (struct gym_metric){ .name = clean_copy (c->name),
                              .unit = clean_copy (c->unit),
                              .doc = clean_copy (c->doc),
                              .sense = c->sense,
                              .flags = c->measured ? GYM_METRIC_MEASURED : 0 };
    if (!m->name || !m->unit || !m->doc)
      return no_memory (err);
  }
  return GYM_OK;
}

/* The first study says what the others must be like. */
static int
match (gym_dataset *d, const struct dataset_study *study, const char *json,
       gym_error *err)
{
  gym_space *space = gym_space_from_json (json, err);
  int code = space ? GYM_OK : GYM_EIO;
  bool first = !d->space;
  if (first && space) {
    d->space = space;
    return take_metrics (d, study->layout, err);
  }
  if (code == GYM_OK)
    code = gym_dataset_same_space (d->space, space, err);
  if (code == GYM_OK)
    code = gym_dataset_same_metrics (&d->metrics, study->layout, err);
  gym_space_destroy (&space);
  if (code == GYM_EINVAL)
    gym_error_prefix (err,
                      "study %lld of \"%s\" and study %lld of \"%s\" are no one data set",
                      (long long)d->studies[0].id, d->stores[d->studies[0].store].path,
                      (long long)study->id, d->stores[study->store].path);
  return code;
}

/* Where the data set's metrics are among the study's. */
static int
place_metrics (struct dataset_study *study, gym_error *err)
{
  const struct gym_layout *layout = study->layout;
  uint32_t n = 0;
  study->metric_at = calloc (layout->n_metrics + 1, sizeof *study->metric_at);
  if (!study->metric_at)
    return no_memory (err);
  for (uint32_t i = 0; i < layout->n_metrics; i++)
    if (!layout->columns[layout->n_params + i].sealed)
      study->metric_at[n++] = (int)i;
  return GYM_OK;
}

static int
take_fidelities (gym_dataset *d, struct dataset_study *study, gym_error *err)
{
  const gym_store *store = d->stores[study->store].store;
  size_t room = 0;
  int code;
  sqlite3_stmt *query = gym_store_prepare_free (
      store->db, store->path,
      sqlite3_mprintf ("SELECT name, cost FROM fidelities WHERE study = %lld"
                       " ORDER BY fidelity",
                       study->id),
      err);
  if (!query)
    return gym_store_code (store->db);
  while ((code = gym_store_step (query, store->path, err)) == 1) {
    if (gym_grow (&study->fidelities, study->n_fidelities, &room,
                  sizeof *study->fidelities)
        < 0)
      code = no_memory (err);
    else
      code =
          find_fidelity (d, gym_store_column (query, 0), sqlite3_column_double (query, 1),
                         &study->fidelities[study->n_fidelities++], err);
    if (code < 0)
      break;
  }
  sqlite3_finalize (query);
  return code;
}

/* In order of their ids, which is the order they were begun in. */
static int
take_runs (gym_dataset *d, size_t index, const char *objective, gym_error *err)
{
  const struct dataset_study *study = &d->studies[index];
  const gym_store *store = d->stores[study->store].store;
  int code;
  sqlite3_stmt *query = gym_store_prepare_free (
      store->db, store->path,
      sqlite3_mprintf ("SELECT r.id, r.seed, r.label, r.agent_id, r.options, r.state,"
                       " %s FROM runs r WHERE r.study = %lld ORDER BY r.id",
                       gym_layout_seals (study->layout) ? gym_seal_tainted (store->db)
                                                        : "0",
                       study->id),
      err);
  if (!query)
    return gym_store_code (store->db);
  while ((code = gym_store_step (query, store->path, err)) == 1) {
    size_t agent;
    if ((code = find_agent (d, query, &agent, err)) < 0)
      break;
    if (gym_grow (&d->runs, d->n_runs, &d->room_runs, sizeof *d->runs) < 0) {
      code = no_memory (err);
      break;
    }
    d->runs[d->n_runs++] = (struct dataset_run){
      .about = { .store = d->stores[study->store].path,
                 .study = study->id,
                 .run = sqlite3_column_int64 (query, 0),
                 .env = study->env,
                 .agent = agent,
                 .seed = (uint64_t)sqlite3_column_int64 (query, 1),
                 .objective = objective,
                 .state = (enum gym_run_state)sqlite3_column_int (query, 5),
                 .tainted = sqlite3_column_int (query, 6) != 0 },
      .study = index,
    };
  }
  sqlite3_finalize (query);
  return code;
}

/* The row of `studies`: id, env, env_identity, space. */
static int
add_study (gym_dataset *d, size_t store, sqlite3_stmt *row, gym_error *err)
{
  const gym_store *s = d->stores[store].store;
  if (gym_grow (&d->studies, d->n_studies, &d->room_studies, sizeof *d->studies) < 0)
    return no_memory (err);
  struct dataset_study *study = &d->studies[d->n_studies];
  *study = (struct dataset_study){ .store = store, .id = sqlite3_column_int64 (row, 0) };
  study->layout = gym_layout_load (s->db, s->path, study->id, err);
  if (!study->layout)
    return err->code;
  d->n_studies++;
  d->seals = d->seals || gym_layout_seals (study->layout);
  int code = match (d, study, gym_store_column (row, 3), err);
  if (code == GYM_OK)
    code = place_metrics (study, err);
  if (code == GYM_OK && study->layout->n_params != gym_space_size (d->space))
    code = gym_fail (err, GYM_EIO,
                     "store \"%s\": the space of study %lld and its table differ: the "
                     "file is damaged",
                     s->path, (long long)study->id);
  if (code == GYM_OK)
    code = find_identity (d, gym_store_column (row, 2), &study->env, err);
  if (code == GYM_OK)
    code = take_fidelities (d, study, err);
  return code < 0 ? code
                  : take_runs (d, d->n_studies - 1,
                               gym_objective_text (study->layout->objective), err);
}

/* ---- all of them ---- */

/* Older versions of the env are left out, and their trials counted. */
static int
look_at_study (gym_dataset *d, size_t store, sqlite3_stmt *row,
               const struct gym_dataset_options *options, gym_error *err)
{
  const char *id = gym_store_column (row, 1);
  if (options->study && options->study != sqlite3_column_int64 (row, 0))
    return GYM_OK;
  if (strcmp (id, d->env_id) != 0) {
    bool bare = !options->env || strcmp (options->env, d->env_id) != 0;
    if (bare && same_bare (id, d->env_id))
      d->counts.older += (size_t)sqlite3_column_int64 (row, 4);
    return GYM_OK;
  }
  int fits = gym_dataset_fits (gym_store_column (row, 2), options->where, err);
  if (fits < 0)
    gym_error_prefix (err, "env %s", id);
  return fits == 1 ? add_study (d, store, row, err) : fits;
}

/* A study without a space is damaged, and says so when it is looked at. */
static int
look_at_store (gym_dataset *d, size_t index, const struct gym_dataset_options *options,
               gym_error *err)
{
  const gym_store *store = d->stores[index].store;
  sqlite3_stmt *query = gym_store_prepare (
      store->db, store->path,
      "SELECT s.id, s.env, s.env_identity, p.space,"
      " (SELECT total (r.trials) FROM runs r WHERE r.study = s.id)"
      " FROM studies s LEFT JOIN spaces p ON p.id = s.space ORDER BY s.id",
      err);
  int code = query ? GYM_OK : gym_store_code (store->db);
  while (query && (code = gym_store_step (query, store->path, err)) == 1)
    if ((code = look_at_study (d, index, query, options, err)) < 0)
      break;
  sqlite3_finalize (query);
  return code;
}

/* Two files of one name tell themselves apart by the beginning of their digests. */
static bool
collides (const gym_dataset *d, char *const *digested, size_t i)
{
  for (size_t k = 0; k < d->n_envs; k++)
    if (strcmp (d->envs[i].workload, d->envs[k].workload) == 0
        && strcmp (digested[i], digested[k]) != 0)
      return true;
  return false;
}

static int
name_workloads (gym_dataset *d, gym_error *err)
{
  char **digested = calloc (2 * d->n_envs + 1, sizeof *digested);
  bool good = digested;
  for (size_t i = 0; good && i < d->n_envs; i++) {
    d->envs[i].workload = gym_dataset_workload (d->envs[i].identity, false);
    digested[i] = gym_dataset_workload (d->envs[i].identity, true);
    good = d->envs[i].workload && digested[i];
  }
  /* All are looked at before any is renamed; what loses its place is freed below. */
  char **spare = digested ? digested + d->n_envs : NULL;
  for (size_t i = 0; good && i < d->n_envs; i++)
    spare[i] = collides (d, digested, i) ? digested[i] : NULL;
  for (size_t i = 0; good && i < d->n_envs; i++)
    if (spare[i]) {
      digested[i] = (char *)d->envs[i].workload;
      d->envs[i].workload = spare[i];
    }
  for (size_t i = 0; digested && i < d->n_envs; i++)
    gym_free (digested[i]);
  free (digested);
  return good ? GYM_OK : no_memory (err);
}

/* An agent among those of its label, in their order. */
struct named {
  const char *label;
  char *other; /* what it is to be called instead; NULL: its label */
  size_t agent;
};

static int
by_label (const void *a, const void *b)
{
  const struct named *x = a, *y = b;
  int order = strcmp (x->label, y->label);
  return order ? order : x->agent < y->agent ? -1 : x->agent > y->agent;
}

static int
compare_label (const void *label, const void *at)
{
  return strcmp (label, ((const struct named *)at)->label);
}

/* Names of one label do not meet those of another: what is before the last # tells them
 * apart. So it is labels that were there alone that a name must not take. */
static int
name_again (struct named *list, size_t n, struct named *at, unsigned *number)
{
  struct gym_text text = { .bytes = NULL };
  do {
    text.length = 0;
    gym_text_printf (&text, "%s#%u", at->label, (*number)++);
  } while (!text.failed && bsearch (text.bytes, list, n, sizeof *list, compare_label));
  at->other = gym_text_take (&text, NULL);
  return at->other ? GYM_OK : GYM_ENOMEM;
}

/* Labels are unique in a study, not in several: the second of one name is NAME#2. */
static int
name_agents (gym_dataset *d, gym_error *err)
{
  struct named *list = calloc (d->n_agents + 1, sizeof *list);
  int code = list ? GYM_OK : GYM_ENOMEM;
  unsigned number = 2;
  for (size_t i = 0; list && i < d->n_agents; i++)
    list[i] = (struct named){ .label = d->agents[i].label, .agent = i };
  if (list)
    qsort (list, d->n_agents, sizeof *list, by_label);
  for (size_t i = 1; code == GYM_OK && i < d->n_agents; i++)
    if (strcmp (list[i].label, list[i - 1].label) != 0)
      number = 2;
    else
      code = name_again (list, d->n_agents, &list[i], &number);
  for (size_t i = 0; list && i < d->n_agents; i++)
    if (list[i].other) {
      free ((char *)d->agents[list[i].agent].label);
      d->agents[list[i].agent].label = list[i].other;
    }
  free (list);
  return code == GYM_OK ? GYM_OK : no_memory (err);
}

/* Only once all studies are known: the one that has it may be the last. */
static int
choose_fidelity (gym_dataset *d, const char *wanted, gym_error *err)
{
  const char *names[64];
  unsigned n = 0;
  for (size_t i = 0; wanted && i < d->n_fidelities; i++) {
    if (strcmp (d->fidelities[i].name, wanted) == 0) {
      d->only_fidelity = i;
      return GYM_OK;
    }
    if (n < sizeof names / sizeof names[0])
      names[n++] = d->fidelities[i].name;
  }
  return wanted ? gym_fail_unknown (err, GYM_ENOTFOUND, "fidelity", wanted, names, n)
                : GYM_OK;
}

/* The id is right, or it would not have come to this. */
static int
none_fits (const gym_dataset *d, const struct gym_dataset_options *options,
           gym_error *err)
{
  if (options->study)
    return gym_fail (err, GYM_ENOTFOUND, "there is no study %lld of env %s%s",
                     (long long)options->study, d->env_id,
                     options->where ? " with these options" : "");
  return gym_fail (err, GYM_ENOTFOUND, "no study of env %s has these options", d->env_id);
}

int
gym_dataset_find (gym_dataset *d, const char *const *paths, size_t n,
                  const struct gym_dataset_options *options, gym_error *err)
{
  int code = open_stores (d, paths, n, err);
  if (code == GYM_OK)
    code = find_env (d, options->env, err);
  for (size_t i = 0; code == GYM_OK && i < n; i++)
    code = look_at_store (d, i, options, err);
  if (code == GYM_OK && d->n_studies == 0)
    code = none_fits (d, options, err);
  if (code == GYM_OK)
    code = name_workloads (d, err);
  if (code == GYM_OK)
    code = name_agents (d, err);
  return code == GYM_OK ? choose_fidelity (d, options->fidelity, err) : code;
}
