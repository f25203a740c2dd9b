/* See data.h. */
#include "envs/cell/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASSESS_BATCH = 64, PATH_SIZE = 4096 };

/* ---- Opening --------------------------------------------------------------------- */

/* The text of the engine names the file and what would help. */
static int
data_fail (int status, const struct nn_error *why, gym_error *err)
{
  int code = status == NN_NOMEM     ? GYM_ENOMEM
             : status == NN_MISSING ? GYM_ENOTFOUND
                                    : GYM_EINVAL;
  return gym_fail (err, code, "option \"data\": %s", why->text);
}

bool
cell_data_stopped (const struct cell_data *data)
{
  return data->host->cancelled (data->host);
}

/* The digits come with the package, Fashion-MNIST has a place of its own. */
static const char *
find_path (const struct cell_data_choice *choice, const struct gym_host *host,
           char path[PATH_SIZE])
{
  if (choice->path || choice->kind != NN_DIGITS)
    return choice->path;
  snprintf (path, PATH_SIZE, "%s/digits.txt", host->data_dir);
  return path;
}

int
cell_data_open (struct cell_data *data, const struct cell_data_choice *choice,
                const struct gym_host *host, gym_error *err)
{
  char path[PATH_SIZE];
  struct nn_dataset_choice wanted = { .kind = (enum nn_dataset_kind)choice->kind,
                                      .path = find_path (choice, host, path),
                                      .seed = (uint64_t)choice->seed,
                                      .train = (uint32_t)choice->train,
                                      .validation = (uint32_t)choice->validation };
  struct nn_error why;
  int status = nn_dataset_open (&data->set, &wanted, &why);
  data->host = host;
  return status == NN_OK ? GYM_OK : data_fail (status, &why, err);
}

/* A part that is never asked for is never read, not even from the disk. */
int
cell_data_open_test (struct cell_data *data, gym_error *err)
{
  struct nn_error why;
  int status;
  if (data->test.pixels)
    return GYM_OK;
  status = nn_dataset_open_test (&data->set, &data->test, &why);
  return status == NN_OK ? GYM_OK : data_fail (status, &why, err);
}

void
cell_data_close (struct cell_data *data)
{
  nn_images_free (&data->test);
  nn_dataset_close (&data->set);
}

/* FNV-1a (Fowler, Noll, Vo) of 64 bits. */
uint64_t
cell_data_digest (const struct cell_data *data)
{
  const struct nn_images *images = &data->set.train;
  size_t n = images->n * nn_images_size (images);
  uint64_t hash = UINT64_C (0xCBF29CE484222325);
  for (size_t i = 0; i < n; i++)
    hash = (hash ^ images->pixels[i]) * UINT64_C (0x100000001B3);
  for (uint32_t i = 0; i < images->n; i++)
    hash = (hash ^ images->labels[i]) * UINT64_C (0x100000001B3);
  return hash;
}

/* ---- Judging --------------------------------------------------------------------- */

/* Logits and labels of a whole part. */
struct verdicts {
  float *logits, *pixels;
  uint8_t *labels;
  uint32_t *indices; /* of a batch */
  nn_tape *tape;
};

static void
verdicts_free (struct verdicts *v)
{
  free (v->logits);
  free (v->pixels);
  free (v->labels);
  free (v->indices);
  nn_tape_destroy (&v->tape);
}

/* Room for all of a part: calibration is a matter of all images at once. */
static bool
verdicts_new (struct verdicts *v, const struct nn_images *images, const nn_net *net)
{
  v->logits = calloc ((size_t)images->n * images->classes, sizeof *v->logits);
  v->pixels = calloc (ASSESS_BATCH * nn_net_inputs (net), sizeof *v->pixels);
  v->labels = calloc (images->n, 1);
  v->indices = calloc (ASSESS_BATCH, sizeof *v->indices);
  v->tape = nn_tape_new (net, ASSESS_BATCH);
  return v->logits && v->pixels && v->labels && v->indices && v->tape;
}

static int
pass_all (struct verdicts *v, const struct cell_data *data,
          const struct nn_images *images, const struct nn_model *model, gym_error *err)
{
  uint32_t classes = images->classes, batch;
  struct nn_mode mode = { .statistics = model->statistics };
  nn_tape_mode (v->tape, &mode);
  for (uint32_t i = 0; i < images->n; i += batch) {
    batch = images->n - i < ASSESS_BATCH ? images->n - i : ASSESS_BATCH;
    if (cell_data_stopped (data))
      return gym_fail (err, GYM_ECANCELLED, "stopped after %u of %u images", i,
                       images->n);
    for (uint32_t k = 0; k < batch; k++)
      v->indices[k] = i + k;
    nn_images_batch (images, v->indices, batch, NULL, v->pixels, v->labels + i);
    memcpy (v->logits + (size_t)i * classes,
            nn_forward (v->tape, model->params, v->pixels, batch),
            (size_t)batch * classes * sizeof *v->logits);
  }
  return GYM_OK;
}

int
cell_data_assess (const struct cell_data *data, const struct nn_images *images,
                  const struct nn_model *model, struct nn_assessment *assessment,
                  gym_error *err)
{
  struct verdicts v = { .tape = NULL };
  int rc;
  if (verdicts_new (&v, images, model->net))
    rc = pass_all (&v, data, images, model, err);
  else
    rc = gym_fail (err, GYM_ENOMEM, "out of memory for judging a network");
  if (rc == GYM_OK)
    nn_judge (v.logits, v.labels, images->n, images->classes, assessment);
  verdicts_free (&v);
  return rc;
}
