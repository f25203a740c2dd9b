/* tests/core/datasets.h - stores for tests of data sets: few designs under few seeds, so
 * that trials meet each other in every way. */
#ifndef TESTS_CORE_DATASETS_H
#define TESTS_CORE_DATASETS_H

#include "tests/core/stores.h"

#include <gym/dataset.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wunused-function"

enum { ds_params = 5, ds_metrics = 6, ds_shown = 5, ds_most = 4096 };

/* A trial as it was written. */
struct ds_trial {
  size_t store;
  int64_t study, run;
  uint64_t number, seed;
  uint32_t env, fidelity, status;
  bool repeat;
  double design[ds_params], metrics[ds_metrics];
};

/* A plan for some stores, and what was written to them in the order of a walk. */
struct ds_scene {
  struct kit kits[3];
  char path[3][96];
  const char *paths[3];
  size_t n_stores;
  struct ds_trial trials[ds_most];
  size_t n;
};

static const char *const ds_identities[] = {
  "{\"id\": \"made-up-v1\", \"options\": {\"mode\": \"fast\", \"size\": 8, \"trace\": "
  "{\"name\": \"a.trc\", \"sha256\": \"0123456789abcdef\"}}}",
  "{\"id\": \"made-up-v1\", \"options\": {\"mode\": \"slow\", \"size\": 8.5, \"trace\": "
  "{\"name\": \"b.trc\", \"sha256\": \"fedcba9876543210\"}}}",
};

/* Design k of a handful. */
static void
ds_design (const struct kit *kit, uint64_t k, double *design)
{
  gym_rng rng;
  gym_rng_init (&rng, gym_rng_derive (77, k, 0));
  gym_space_sample (kit->space, &rng, design);
}

/* What the made-up env says: a function of all that identifies a trial, but for a crash
 * now and then, a measured metric, and (rarely) a lie. */
static void
ds_outcome (struct ds_trial *t, uint64_t k, gym_rng *noise)
{
  gym_rng rng;
  gym_rng_init (&rng, gym_rng_derive (t->env * 1000 + t->fidelity, k, t->seed));
  t->status = gym_rng_below (&rng, 4) ? GYM_TRIAL_OK : GYM_TRIAL_INFEASIBLE;
  for (uint32_t i = 0; i < ds_metrics; i++)
    t->metrics[i] = floor (gym_rng_real (&rng) * 1e4) / 16;
  if (t->fidelity == 0)
    t->metrics[4] = NAN;
  t->metrics[1] = gym_rng_real (noise); /* measured */
  if (gym_rng_below (noise, 40) == 0)
    t->metrics[0] += 1;
  if (gym_rng_below (noise, 5) == 0)
    t->status = GYM_TRIAL_FAILED + (uint32_t)gym_rng_below (noise, 4);
}

static void
ds_write (struct ds_scene *scene, const struct kit *kit, gym_writer *writer,
          struct ds_trial *t)
{
  gym_error err = { 0 };
  int64_t origin = -1;
  for (size_t i = scene->n;
       i-- > 0 && scene->trials[i].run == t->run && scene->trials[i].store == t->store;)
    if (memcmp (scene->trials[i].design, t->design, sizeof t->design) == 0
        && scene->trials[i].fidelity == t->fidelity && scene->trials[i].seed == t->seed
        && !scene->trials[i].repeat) {
      origin = (int64_t)scene->trials[i].number;
      t->status = scene->trials[i].status;
      memcpy (t->metrics, scene->trials[i].metrics, sizeof t->metrics);
    }
  t->repeat = origin >= 0;
  const struct gym_logged logged = { .run = t->run,
                                     .number = t->number,
                                     .status = t->status,
                                     .fidelity = t->fidelity,
                                     .origin = origin,
                                     .seed = t->seed,
                                     .design = t->design,
                                     .metrics = t->metrics,
                                     .goal = NAN,
                                     .violation = NAN,
                                     .note = t->status ? "why, \"so\"" : NULL };
  if (gym_writer_trial (writer, &logged, &err) < 0)
    tap_note ("%s", err.text);
  (void)kit;
  if (t->status != GYM_TRIAL_OK)
    for (uint32_t i = 0; i < ds_metrics; i++)
      t->metrics[i] = NAN;
  t->metrics[2] = NAN; /* sealed */
  scene->trials[scene->n++] = *t;
}

/* A study of the store: two runs of `trials` each. */
static void
ds_study (struct ds_scene *scene, size_t store, uint32_t env, const char *objective,
          uint64_t trials, uint64_t seed)
{
  struct kit *kit = &scene->kits[store];
  gym_error err = { 0 };
  char identity[64];
  gym_rng rng;
  gym_rng_init (&rng, seed);
  snprintf (identity, sizeof identity, "study %llu", (unsigned long long)seed);
  kit->row.identity = identity;
  kit->row.env_identity = ds_identities[env];
  kit->row.objective = objective;
  gym_writer *writer = gym_writer_open (kit->path, GYM_DURABLE_PROCESS, &err);
  int64_t study = writer ? gym_writer_study (writer, &kit->row, NULL, 0, &err) : -1;
  for (uint32_t r = 0; study > 0 && r < 2; r++) {
    int64_t run = gym_writer_run (writer, study, r, r ? "ga-v1" : "random-v1",
                                  r ? "ga, tuned" : "random",
                                  r ? "{\"population\": 8}" : "{}", 7 + r, NULL, &err);
    for (uint64_t i = 0; run > 0 && i < trials; i++) {
      struct ds_trial t = { .store = store, .study = study, .run = run, .number = i };
      uint64_t k = gym_rng_below (&rng, 12);
      t.env = env;
      t.fidelity = (uint32_t)gym_rng_below (&rng, 2);
      t.seed = gym_rng_below (&rng, 2) ? 1 : UINT64_MAX - 1;
      ds_design (kit, k, t.design);
      ds_outcome (&t, k, &rng);
      ds_write (scene, kit, writer, &t);
    }
  }
  if (study < 0 || gym_writer_close (&writer, &err) < 0)
    tap_note ("%s", err.text);
}

/* n stores, the first with two studies. */
static void
ds_make (struct ds_scene *scene, size_t n, uint64_t trials, uint64_t seed)
{
  memset (scene, 0, sizeof *scene);
  scene->n_stores = n;
  for (size_t i = 0; i < n; i++) {
    kit_make (&scene->kits[i], kit_space (ds_params, true), ds_metrics);
    scene->paths[i] = scene->kits[i].path;
    ds_study (scene, i, (uint32_t)i % 2, "energy", trials, seed + 10 * i);
    if (i == 0)
      ds_study (scene, i, 1, "max(m5)", trials, seed + 1);
  }
}

static void
ds_free (struct ds_scene *scene)
{
  for (size_t i = 0; i < scene->n_stores; i++)
    kit_free (&scene->kits[i]);
}

/* The shown metric j is metric ds_column[j]: without the sealed one. */
static const uint32_t ds_column[ds_shown] = { 0, 1, 3, 4, 5 };

static bool
ds_same_key (const struct ds_trial *a, const struct ds_trial *b)
{
  return a->env == b->env && a->fidelity == b->fidelity && a->seed == b->seed
         && memcmp (a->design, b->design, sizeof a->design) == 0;
}

static bool
ds_firm (const struct ds_trial *t)
{
  return t->status == GYM_TRIAL_OK || t->status == GYM_TRIAL_INFEASIBLE;
}

/* Slowly: whether trial i stands for its key, the first firm one or else the first. */
static bool
ds_stands (const struct ds_scene *scene, size_t i)
{
  const struct ds_trial *t = &scene->trials[i];
  for (size_t k = 0; k < scene->n; k++) {
    const struct ds_trial *o = &scene->trials[k];
    if (k == i || !ds_same_key (t, o))
      continue;
    if (ds_firm (o) != ds_firm (t) ? ds_firm (o) : k < i)
      return false;
  }
  return true;
}

static bool
ds_same (double a, double b)
{
  return isnan (a) ? isnan (b) : a == b;
}

static bool
ds_is_row (const struct ds_trial *t, const struct gym_dataset_row *row)
{
  bool same = row->status == t->status && row->number == t->number && row->seed == t->seed
              && row->repeat == t->repeat;
  for (uint32_t i = 0; i < ds_params; i++)
    same = same && ds_same (row->design[i], t->design[i]);
  for (uint32_t i = 0; i < ds_shown; i++)
    same = same && ds_same (row->metrics[i], t->metrics[ds_column[i]]);
  return same;
}

static gym_dataset *
ds_open (const struct ds_scene *scene, const struct gym_dataset_options *options)
{
  gym_error err = { 0 };
  gym_dataset *d = gym_dataset_open (scene->paths, scene->n_stores, options, &err);
  if (!d)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (d);
  return d;
}

/* ---- reading files back ---- */

/* A scratch file in the folder of the first store. */
static const char *
ds_file (const struct ds_scene *scene, const char *name, char path[160])
{
  snprintf (path, 160, "%s/%s", scene->kits[0].folder, name);
  return path;
}

/* Writes the data set and reads the whole file (free it). */
static char *
ds_written (gym_dataset *d, const char *path, enum gym_encoding encoding, size_t *size)
{
  gym_error err = { 0 };
  const struct gym_dataset_output o = { .struct_size = sizeof o, .encoding = encoding };
  int code = gym_dataset_write (d, path, &o, &err);
  if (code < 0)
    tap_note ("%s", err.text);
  CU_ASSERT_EQUAL_FATAL (code, GYM_OK);
  FILE *f = fopen (path, "rb");
  CU_ASSERT_PTR_NOT_NULL_FATAL (f);
  fseek (f, 0, SEEK_END);
  *size = (size_t)ftell (f);
  rewind (f);
  char *bytes = malloc (*size + 1);
  CU_ASSERT_EQUAL (fread (bytes, 1, *size, f), *size);
  bytes[*size] = 0;
  fclose (f);
  return bytes;
}

/* A number as files have it, "" for none. */
static const char *
ds_number (double value, char text[40])
{
  text[0] = 0;
  if (!isnan (value))
    gym_number_format (value, text, 40);
  return text;
}

static bool
ds_is (const char *seen, const char *want)
{
  if (seen && strcmp (seen, want) == 0)
    return true;
  tap_note ("\"%s\" instead of \"%s\"", seen ? seen : "nothing", want);
  return false;
}

static const char *const ds_labels[] = { "random", "ga, tuned" };
static const char *const ds_traces[] = { "a.trc", "b.trc" };

#endif
