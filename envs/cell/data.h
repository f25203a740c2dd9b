/* data.h - the images of an instance, as its trainings read them. */
#ifndef ENVS_CELL_DATA_H
#define ENVS_CELL_DATA_H

#include <gym/plugin.h>

#include "sims/nn/images.h"
#include "sims/nn/train.h"

/* What the user chose, as the options deliver it. */
struct cell_data_choice {
  int32_t kind;     /* enum nn_dataset_kind */
  const char *path; /* NULL: where it is installed */
  int64_t seed, train, validation;
};

struct cell_data {
  const struct gym_host *host;
  struct nn_dataset set;
  struct nn_images test; /* empty until it is asked for */
};

/* Reads the training and validation part. After an error, too, to be closed. */
int cell_data_open (struct cell_data *data, const struct cell_data_choice *choice,
                    const struct gym_host *host, gym_error *err);

/* Reads the sealed part, at the first call. */
int cell_data_open_test (struct cell_data *data, gym_error *err);

void cell_data_close (struct cell_data *data);

/* Whether the host wants the work to stop, for the env and for the engine. */
bool cell_data_stopped (const struct cell_data *data);
struct nn_stop cell_data_stop (const struct cell_data *data);

/* Why the engine did not finish `what`: the host wanted it to stop, or memory ran out. */
int cell_data_unfinished (const struct cell_data *data, const char *what, gym_error *err);

/* A hash of the training part: what was trained on depends on the file. */
uint64_t cell_data_digest (const struct cell_data *data);

#endif
