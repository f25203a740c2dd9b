/* core/dataset_episodes_npz.c - runs as episodes in NumPy arrays over all their steps. */
#include <config.h>

#include "core/dataset_inside.h"
#include "core/npz.h"
#include "core/text.h"

#include <errno.h>
#include <math.h>

enum {
  IS_FIRST,
  IS_LAST,
  IS_TERMINAL,
  OBSERVATION,
  ACTION,
  REWARD,
  DISCOUNT,
  STATUS,
  FIDELITY,
  EVALUATION_SEED,
  REPEAT,
  VIOLATION,
  METRICS,
  EPISODE_START,
  EPISODE_LENGTH,
  EPISODE_RUN,
  ARRAYS
};

/* What an array is long: steps, or episodes. */
static const struct {
  const char *name;
  enum npz_type type;
  enum { A_VALUE, A_METRIC, A_PARAM } width;
} about[ARRAYS] = {
  [IS_FIRST] = { "is_first", NPZ_BOOL, A_VALUE },
  [IS_LAST] = { "is_last", NPZ_BOOL, A_VALUE },
  [IS_TERMINAL] = { "is_terminal", NPZ_BOOL, A_VALUE },
  [OBSERVATION] = { "observation", NPZ_F8, A_METRIC },
  [ACTION] = { "action", NPZ_F8, A_PARAM },
  [REWARD] = { "reward", NPZ_F8, A_VALUE },
  [DISCOUNT] = { "discount", NPZ_F8, A_VALUE },
  [STATUS] = { "status", NPZ_I4, A_VALUE },
  [FIDELITY] = { "fidelity", NPZ_I4, A_VALUE },
  [EVALUATION_SEED] = { "evaluation_seed", NPZ_U8, A_VALUE },
  [REPEAT] = { "repeat", NPZ_BOOL, A_VALUE },
  [VIOLATION] = { "violation", NPZ_F8, A_VALUE },
  [METRICS] = { "metrics", NPZ_F8, A_METRIC },
  [EPISODE_START] = { "episode_start", NPZ_I8, A_VALUE },
  [EPISODE_LENGTH] = { "episode_length", NPZ_I8, A_VALUE },
  [EPISODE_RUN] = { "episode_run", NPZ_I8, A_VALUE },
};

/* Where the walk is in the arrays. */
struct writer {
  const struct dataset_columns *columns;
  struct dataset_cell *cells;
  struct npz *npz;
  int array[ARRAYS];
  int64_t step, start; /* of the episode at work */
};

/* Runs without a trial are no episodes. */
static int
declare (struct writer *w, const gym_dataset *d, const char *metadata)
{
  size_t episodes = 0, steps = 0;
  for (size_t i = 0; i < d->n_runs; i++)
    if (d->runs[i].about.trials) {
      episodes++;
      steps += d->runs[i].about.trials + 1;
    }
  int code = GYM_OK;
  for (int i = 0; code >= 0 && i < ARRAYS; i++) {
    size_t columns = about[i].width == A_METRIC  ? d->metrics.n
                     : about[i].width == A_PARAM ? w->columns->n_params
                                                 : 0;
    code = w->array[i] =
        gym_npz_array (w->npz, about[i].name, about[i].type, 0, about[i].width ? 2 : 1,
                       i < EPISODE_START ? steps : episodes, columns);
  }
  if (code >= 0)
    code = gym_dataset_npz_names (w->npz, w->columns);
  if (code < 0)
    return code;
  code = gym_npz_array (w->npz, "metadata", NPZ_TEXT, gym_text_width (metadata), 0, 0, 0);
  return code < 0 ? code : gym_npz_add_text (w->npz, code, metadata);
}

/* By the array's place in the table above. */
static int
add (struct writer *w, int array, const void *value, size_t n)
{
  return gym_npz_add (w->npz, w->array[array], value, n);
}

/* The last step has no action; zeros stand for it. */
static int
add_action (struct writer *w, bool last)
{
  const struct dataset_columns *c = w->columns;
  int code = GYM_OK;
  for (size_t i = 0; code == GYM_OK && i < c->n_params; i++) {
    double value = last                               ? 0
                   : w->cells[i].none                 ? NAN
                   : c->items[i].type == TYPE_INTEGER ? (double)w->cells[i].as.integer
                                                      : w->cells[i].as.real;
    code = add (w, ACTION, &value, sizeof value);
  }
  return code;
}

/* What came of the action, unscaled: the observation of the next step scales it. */
static int
add_metrics (struct writer *w, uint32_t n, const double *metrics)
{
  int code = GYM_OK;
  const double none = NAN;
  for (uint32_t i = 0; code == GYM_OK && i < n; i++)
    code = add (w, METRICS, metrics ? &metrics[i] : &none, sizeof none);
  return code;
}

/* Where an episode ends, it is known how long it is. */
static int
add_episode (struct writer *w, size_t run)
{
  int64_t length = w->step - w->start, number = (int64_t)run;
  int code = add (w, EPISODE_START, &w->start, sizeof w->start);
  if (code == GYM_OK)
    code = add (w, EPISODE_LENGTH, &length, sizeof length);
  if (code == GYM_OK)
    code = add (w, EPISODE_RUN, &number, sizeof number);
  w->start = w->step;
  return code;
}

/* The last step has -1 where others have a status and a fidelity. */
static int
add_step (void *context, const struct dataset_episode *e, size_t run,
          const struct gym_dataset_row *row, bool first, gym_error *err)
{
  struct writer *w = context;
  const uint32_t m = e->dataset->metrics.n;
  const bool last = !row, terminal = false, repeat = row && row->repeat;
  const double reward = row ? e->reward : 0, discount = row ? 1 : 0;
  const double violation = row ? e->violation : NAN;
  const int32_t status = row ? (int32_t)row->status : -1;
  const int32_t fidelity = row ? (int32_t)row->fidelity : -1;
  const uint64_t seed = row ? row->seed : 0;
  const struct {
    int array;
    const void *value;
    size_t n;
  } values[] = {
    { IS_FIRST, &first, 1 },
    { IS_LAST, &last, 1 },
    { IS_TERMINAL, &terminal, 1 },
    { OBSERVATION, e->observation, m * sizeof *e->observation },
    { REWARD, &reward, sizeof reward },
    { DISCOUNT, &discount, sizeof discount },
    { STATUS, &status, sizeof status },
    { FIDELITY, &fidelity, sizeof fidelity },
    { EVALUATION_SEED, &seed, sizeof seed },
    { REPEAT, &repeat, 1 },
    { VIOLATION, &violation, sizeof violation },
  };
  int code = GYM_OK;
  if (row)
    gym_dataset_cells (w->columns, row, w->cells);
  for (size_t i = 0; code == GYM_OK && i < sizeof values / sizeof values[0]; i++)
    code = add (w, values[i].array, values[i].value, values[i].n);
  if (code == GYM_OK)
    code = add_action (w, last);
  if (code == GYM_OK)
    code = add_metrics (w, m, row ? row->metrics : NULL);
  w->step++;
  if (code == GYM_OK && last)
    code = add_episode (w, run);
  return code < 0 ? gym_fail (err, code, "%s", strerror (errno)) : GYM_OK;
}

/* Errors are the file's unless memory ran out: nothing else can go wrong in there. */
int
gym_dataset_episodes_npz (struct dataset_episode *e,
                          const struct dataset_columns *columns, const char *metadata,
                          int file, gym_error *err)
{
  struct writer w = { .columns = columns, .npz = gym_npz_new (file) };
  w.cells = calloc (columns->n + 1, sizeof *w.cells);
  int code = w.npz && w.cells ? declare (&w, e->dataset, metadata) : GYM_ENOMEM;
  if (code == GYM_ENOMEM)
    gym_fail (err, code, "out of memory for the episodes");
  else if (code < 0)
    gym_fail (err, code, "%s", strerror (errno));
  if (code == GYM_OK)
    code = gym_dataset_episodes (e, add_step, &w, err);
  if (code == GYM_OK && (code = gym_npz_end (w.npz)) < 0)
    gym_fail (err, code, "%s", code == GYM_ENOMEM ? "out of memory" : strerror (errno));
  gym_npz_destroy (&w.npz);
  free (w.cells);
  return code;
}
