/* See data.h. */
#include "envs/cell/data.h"

#include <stdio.h>

#include "envs/cell/cache.h"

enum { PATH_SIZE = 4096 };

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

static bool
host_stopped (const void *of)
{
  const struct gym_host *host = of;
  return host->cancelled (host);
}

struct nn_stop
cell_data_stop (const struct cell_data *data)
{
  return (struct nn_stop){ .wanted = host_stopped, .of = data->host };
}

/* A wish to stop is never taken back. */
int
cell_data_unfinished (const struct cell_data *data, const char *what, gym_error *err)
{
  if (cell_data_stopped (data))
    return gym_fail (err, GYM_ECANCELLED, "stopped during %s", what);
  return gym_fail (err, GYM_ENOMEM, "out of memory for %s", what);
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

uint64_t
cell_data_digest (const struct cell_data *data)
{
  const struct nn_images *images = &data->set.train;
  uint64_t hash =
      cell_hash (CELL_HASH, images->pixels, images->n * nn_images_size (images));
  return cell_hash (hash, images->labels, images->n);
}
