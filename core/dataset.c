/* core/dataset.c - a data set: survey, rows, table. See gym/dataset.h.
 *
 * The survey goes over all trials once and leaves a bit for each that is a row. Walks
 * then read the same snapshot again and need no memory of keys. */
#include <config.h>

#include "core/dataset_inside.h"

#include "core/store_file.h"
#include "core/text.h"

#include <math.h>
#include <xxhash.h>

/* ---- the survey ---- */

struct survey {
  struct dataset_keys keys;
  double *buffer;
  size_t room; /* bits */
};

static int
no_memory (gym_error *err)
{
  return gym_fail (err, GYM_ENOMEM, "out of memory for the data set");
}

/* Ok and infeasible are what the env says of a design; the rest is what befell it. */
static bool
is_firm (uint32_t status)
{
  return status == GYM_TRIAL_OK || status == GYM_TRIAL_INFEASIBLE;
}

static bool
is_wanted (const gym_dataset *d, uint32_t status)
{
  return !d->options.statuses || d->options.statuses & 1u << status;
}

/* The bits grow with the walk: how many trials there are, nobody knows beforehand. */
static int
set_bit (gym_dataset *d, struct survey *s, size_t at, bool value)
{
  if (at >= s->room) {
    size_t more = s->room ? 2 * s->room : 1 << 16;
    more = more > at ? more : at + 8;
    if (gym_resize (&d->kept, more / 8 + 1, 1) < 0)
      return GYM_ENOMEM;
    memset (d->kept + s->room / 8, 0, more / 8 + 1 - s->room / 8);
    s->room = more / 8 * 8;
  }
  if (value)
    d->kept[at / 8] |= (uint8_t)(1u << at % 8);
  else
    d->kept[at / 8] &= (uint8_t) ~(1u << at % 8);
  return GYM_OK;
}

/* The run of a trial by its place in the walk. */
static size_t
run_of (const gym_dataset *d, size_t ordinal)
{
  size_t low = 0, high = d->walk.run;
  while (low < high) {
    size_t middle = (low + high + 1) / 2;
    if (d->runs[middle].first <= ordinal)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

/* One more row, or (by = SIZE_MAX) one less. */
static void
count_row (gym_dataset *d, size_t run, size_t fidelity, uint32_t status, size_t by)
{
  const struct gym_dataset_run *about = &d->runs[run].about;
  d->counts.rows += by;
  d->counts.statuses[status] += by;
  d->counts.tainted += about->tainted ? by : 0;
  d->runs[run].about.rows += by;
  d->envs[about->env].rows += by;
  d->agents[about->agent].rows += by;
  d->fidelities[fidelity].rows += by;
}

/* A row of a status that is not wanted still stands for its key. */
static int
take_row (gym_dataset *d, struct survey *s, const struct gym_dataset_row *row)
{
  size_t at = d->walk.ordinal - 1;
  if (!is_wanted (d, row->status))
    return GYM_OK;
  count_row (d, row->run, row->fidelity, row->status, 1);
  return set_bit (d, s, at, true);
}

/* A firm status takes the place of one that is not. */
static int
replace_row (gym_dataset *d, struct survey *s, const struct gym_dataset_row *row,
             const struct dataset_slot *slot)
{
  size_t old = gym_dataset_about_ordinal (slot->about);
  uint32_t status = gym_dataset_about_status (slot->about);
  if (is_wanted (d, status)) {
    count_row (d, run_of (d, old), row->fidelity, status, SIZE_MAX);
    if (set_bit (d, s, old, false) < 0)
      return GYM_ENOMEM;
  }
  return take_row (d, s, row);
}

/* Measured metrics differ each time. */
static uint64_t
check_of (const gym_dataset *d, const struct gym_dataset_row *row, double *buffer)
{
  size_t n = 0;
  for (uint32_t i = 0; i < d->metrics.n; i++)
    if (!(d->items[i].flags & GYM_METRIC_MEASURED))
      buffer[n++] = row->metrics[i];
  return XXH3_64bits (buffer, n * sizeof *buffer);
}

static int
survey_row (gym_dataset *d, struct survey *s, const struct gym_dataset_row *row)
{
  const struct dataset_key key =
      gym_dataset_key (row->env, row->fidelity, row->seed, row->design,
                       gym_space_size (d->space), s->buffer);
  struct dataset_slot *slot = gym_dataset_slot (&s->keys, &key);
  if (!slot)
    return GYM_ENOMEM;
  uint64_t about =
      gym_dataset_about (d->walk.ordinal - 1, row->status, check_of (d, row, s->buffer));
  if (!slot->about) {
    slot->about = about;
    return take_row (d, s, row);
  }
  uint32_t status = gym_dataset_about_status (slot->about);
  *(row->repeat ? &d->counts.repeats : &d->counts.duplicates) += 1;
  if (is_firm (status) && is_firm (row->status))
    d->counts.conflicts +=
        status != row->status
        || gym_dataset_about_check (slot->about) != gym_dataset_about_check (about);
  int code = GYM_OK;
  if (!is_firm (status) && is_firm (row->status)) {
    code = replace_row (d, s, row, slot);
    slot->about = about;
  }
  return code;
}

/* Counts, and the bits. With duplicates kept, every wanted trial is a row. */
static int
survey_all (gym_dataset *d, struct survey *s, gym_error *err)
{
  struct gym_dataset_row row = { .struct_size = sizeof row };
  int code;
  while ((code = gym_dataset_step (d, &row, err)) == 1) {
    d->counts.trials++;
    d->runs[row.run].about.trials++;
    d->envs[row.env].trials++;
    d->agents[row.agent].trials++;
    d->fidelities[row.fidelity].trials++;
    code = d->options.duplicates ? take_row (d, s, &row) : survey_row (d, s, &row);
    if (code < 0)
      return no_memory (err);
  }
  /* Bits for the trials behind the last row as well. */
  return code < 0 ? code : set_bit (d, s, d->walk.ordinal, false);
}

static int
survey (gym_dataset *d, gym_error *err)
{
  struct survey s = { .room = 0 };
  size_t n = gym_space_size (d->space) + d->metrics.n + 4;
  s.buffer = calloc (n, sizeof *s.buffer);
  d->design = calloc (n, sizeof *d->design);
  d->numbers = calloc (n, sizeof *d->numbers);
  int code = s.buffer && d->design && d->numbers ? survey_all (d, &s, err) : GYM_ENOMEM;
  if (code == GYM_ENOMEM)
    no_memory (err);
  free (s.keys.slots);
  free (s.buffer);
  gym_dataset_rewind (d);
  return code;
}

/* ---- opening ---- */

void
gym_dataset_destroy (gym_dataset **handle)
{
  gym_dataset *d = handle ? *handle : NULL;
  if (!d)
    return;
  sqlite3_finalize (d->walk.query);
  gym_dataset_forget (d);
  free (d->kept);
  free (d->design);
  free (d->numbers);
  if (d->table) {
    free ((void *)d->table->designs);
    free ((void *)d->table->numbers);
    free ((void *)d->table->envs);
    free ((void *)d->table->statuses);
    free (d->table);
  }
  free (d);
  *handle = NULL;
}

/* A caller's struct may be shorter than ours, and one beyond is not ours to read. */
static void
copy_options (struct gym_dataset_options *to, const struct gym_dataset_options *from)
{
  size_t n = from ? from->struct_size : 0;
  memcpy (to, from ? (const void *)from : "", n < sizeof *to ? n : sizeof *to);
  to->struct_size = sizeof *to;
}

gym_dataset *
gym_dataset_open (const char *const *paths, size_t n,
                  const struct gym_dataset_options *options, gym_error *err)
{
  gym_error own = { 0 };
  err = err ? err : &own;
  gym_dataset *d = calloc (1, sizeof *d);
  if (!d)
    return no_memory (err), NULL;
  copy_options (&d->options, options);
  d->counts.struct_size = sizeof d->counts;
  d->only_fidelity = SIZE_MAX;
  int code = gym_dataset_find (d, paths, n, &d->options, err);
  if (code >= 0)
    code = survey (d, err);
  /* The texts were the caller's and may go. */
  d->options.env = d->options.fidelity = NULL;
  d->options.where = NULL;
  if (code < 0)
    gym_dataset_destroy (&d);
  return d;
}

/* ---- rows ---- */

static bool
is_kept (const gym_dataset *d, size_t ordinal)
{
  return d->kept[ordinal / 8] & 1u << ordinal % 8;
}

int
gym_dataset_next (gym_dataset *d, struct gym_dataset_row *row, gym_error *err)
{
  struct gym_dataset_row full = { .struct_size = sizeof full };
  gym_error own = { 0 };
  size_t size = row->struct_size < sizeof full ? row->struct_size : sizeof full;
  int code;
  err = err ? err : &own;
  while ((code = gym_dataset_step (d, &full, err)) == 1)
    if (is_kept (d, d->walk.ordinal - 1)) {
      full.struct_size = row->struct_size;
      memcpy (row, &full, size);
      return 1;
    }
  gym_dataset_rewind (d);
  return code;
}

/* ---- the table ---- */

/* Arrays of one width share an allocation. */
static struct gym_dataset_table *
new_table (const gym_dataset *d)
{
  struct gym_dataset_table *t = calloc (1, sizeof *t);
  size_t n = d->counts.rows, p = gym_space_size (d->space), m = d->metrics.n;
  double *reals = calloc (n * (p + m) + 1, sizeof *reals);
  uint64_t *longs = calloc (2 * n + 1, sizeof *longs);
  uint32_t *indices = calloc (4 * n + 1, sizeof *indices);
  uint8_t *bytes = calloc (n + 1, 1);
  if (t)
    *t = (struct gym_dataset_table){ .struct_size = sizeof *t,
                                     .n_params = (uint32_t)p,
                                     .n_metrics = (uint32_t)m,
                                     .designs = reals,
                                     .metrics = reals + n * p,
                                     .statuses = bytes,
                                     .envs = indices,
                                     .agents = indices + n,
                                     .fidelities = indices + 2 * n,
                                     .runs = indices + 3 * n,
                                     .numbers = longs,
                                     .seeds = longs + n };
  if (t && reals && longs && indices && bytes)
    return t;
  free (t);
  free (reals);
  free (longs);
  free (indices);
  free (bytes);
  return NULL;
}

static void
fill_row (struct gym_dataset_table *t, const struct gym_dataset_row *row)
{
  size_t i = t->n++;
  memcpy ((double *)t->designs + i * t->n_params, row->design,
          t->n_params * sizeof (double));
  memcpy ((double *)t->metrics + i * t->n_metrics, row->metrics,
          t->n_metrics * sizeof (double));
  ((uint8_t *)t->statuses)[i] = (uint8_t)row->status;
  ((uint32_t *)t->envs)[i] = (uint32_t)row->env;
  ((uint32_t *)t->agents)[i] = (uint32_t)row->agent;
  ((uint32_t *)t->fidelities)[i] = (uint32_t)row->fidelity;
  ((uint32_t *)t->runs)[i] = (uint32_t)row->run;
  ((uint64_t *)t->numbers)[i] = row->number;
  ((uint64_t *)t->seeds)[i] = row->seed;
}

const struct gym_dataset_table *
gym_dataset_load (gym_dataset *d, gym_error *err)
{
  struct gym_dataset_row row = { .struct_size = sizeof row };
  int code = GYM_OK;
  if (d->table && d->table->n == d->counts.rows)
    return d->table;
  gym_dataset_rewind (d);
  if (!d->table && !(d->table = new_table (d)))
    return no_memory (err), NULL;
  d->table->n = 0;
  while ((code = gym_dataset_next (d, &row, err)) == 1)
    fill_row (d->table, &row);
  if (code < 0)
    d->table->n = SIZE_MAX; /* to be read again */
  return code < 0 ? NULL : d->table;
}

/* ---- looking ---- */

const char *
gym_dataset_env_id (const gym_dataset *d)
{
  return d->env_id;
}

const gym_space *
gym_dataset_space (const gym_dataset *d)
{
  return d->space;
}

const struct gym_metrics *
gym_dataset_metrics (const gym_dataset *d)
{
  return &d->metrics;
}

int
gym_dataset_find_metric (const gym_dataset *d, const char *name, gym_error *err)
{
  enum { most = 256 };
  const char *names[most];
  unsigned n = 0;
  for (uint32_t i = 0; i < d->metrics.n; i++) {
    if (strcmp (d->items[i].name, name) == 0)
      return (int)i;
    if (n < most)
      names[n++] = d->items[i].name;
  }
  return gym_fail_unknown (err, GYM_ENOTFOUND, "metric", name, names, n);
}

const struct gym_dataset_counts *
gym_dataset_counts (const gym_dataset *d)
{
  return &d->counts;
}

size_t
gym_dataset_envs (const gym_dataset *d)
{
  return d->n_envs;
}

const struct gym_dataset_env *
gym_dataset_env (const gym_dataset *d, size_t i)
{
  return i < d->n_envs ? &d->envs[i] : NULL;
}

size_t
gym_dataset_agents (const gym_dataset *d)
{
  return d->n_agents;
}

const struct gym_dataset_agent *
gym_dataset_agent (const gym_dataset *d, size_t i)
{
  return i < d->n_agents ? &d->agents[i] : NULL;
}

size_t
gym_dataset_fidelities (const gym_dataset *d)
{
  return d->n_fidelities;
}

const struct gym_dataset_fidelity *
gym_dataset_fidelity (const gym_dataset *d, size_t i)
{
  return i < d->n_fidelities ? &d->fidelities[i] : NULL;
}

size_t
gym_dataset_runs (const gym_dataset *d)
{
  return d->n_runs;
}

const struct gym_dataset_run *
gym_dataset_run (const gym_dataset *d, size_t i)
{
  return i < d->n_runs ? &d->runs[i].about : NULL;
}
