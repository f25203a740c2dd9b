/* core/worker.h - the worker's end of core/wire.h, for `gym worker` and for the forked
 * workers of a study alike. */
#ifndef CORE_WORKER_H
#define CORE_WORKER_H

#include "core/keys.h"

#include <sys/types.h>

struct worker_plan {
  const gym_registry *registry;
  gym_env *env; /* open already; NULL: opened as the study says */
  const char *endpoint;
  const char *server; /* its public key; NULL: no CURVE */
  const struct gym_pair *pair;
  uint32_t isolation; /* at least this much */
  double wait;        /* seconds without an answer after which it gives up */
  const atomic_bool *cancel;
  void (*log) (void *context, const char *line);
  void *log_context;
};

/* See gym_worker_run. */
int worker_serve (const struct worker_plan *plan, uint64_t *trials, gym_error *err);

/* What a worker of this machine is called: HOST:PID. */
void gym_worker_name (pid_t pid, char *name, size_t size);

/* ---- worker_results.c: results the study has not acknowledged yet ---- */

/* A ring in order of evaluation. The oldest go when there are too many: they are results
 * that nobody asked for again. */
enum { RESULTS_MOST = 65536 };

struct worker_results {
  uint32_t m;
  size_t head, n, room;
  struct worker_result {
    uint64_t key;
    uint32_t status;
    bool acked;
    char *note; /* or NULL */
  } * items;
  double *metrics; /* room rows of m */
};

/* Adds one; NULL and GYM_ENOMEM leave it unkept. Metrics of results_metrics. */
int results_add (struct worker_results *results, uint64_t key, uint32_t status,
                 const double *metrics, const char *note);
void results_ack (struct worker_results *results, uint64_t key);
void results_clear (struct worker_results *results);

/* The i-th that is kept, from the oldest, and its metrics. */
const struct worker_result *results_at (const struct worker_results *results, size_t i);
const double *results_metrics (const struct worker_results *results, size_t i);

/* ---- worker_env.c: from the study's WELCOME to an open env ---- */

struct wire_in;
struct json_t;

/* What the study says about the env and what has been fetched of its files. */
struct worker_scene {
  void *welcome; /* json_t */
  struct gym_limits limits;
  double lease;
  size_t file;     /* the one being fetched */
  uint64_t offset; /* and how far */
  uint64_t tag;    /* tells its unfinished files from those of all other workers */
  char path[1024];
};

/* Reads a WELCOME. */
int scene_read (struct worker_scene *scene, const void *text, size_t n, gym_error *err);
void scene_free (struct worker_scene *scene);
const char *scene_identity (const struct worker_scene *scene);

/* Whether all files are here; otherwise which digest and offset to fetch next. */
int scene_missing (struct worker_scene *scene, const char **digest, uint64_t *offset,
                   gym_error *err);

/* Takes a FILE frame. */
int scene_chunk (struct worker_scene *scene, struct wire_in *in, gym_error *err);

/* Opens the env and checks that it is the study's. */
gym_env *scene_open (const struct worker_scene *scene, const gym_registry *registry,
                     gym_error *err);

#endif
