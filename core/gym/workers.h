/* gym/workers.h - trials in other processes: on this machine, on others, on a cluster.
 *
 * A study evaluates in its own process unless told otherwise. It may instead hand trials
 * to a child process that can be limited and may die (gym_study_set_limits), to several
 * of them on this machine (gym_study_set_jobs), or to workers that join over the network
 * (gym_study_set_workers): the same protocol (core/wire.h in the sources), the same
 * trials, the same store. Agents and envs notice nothing.
 *
 * Security: an endpoint that other machines can reach needs keys (CurveZMQ): the study
 * proves to a worker who it is, and serves only workers whose public key lies in the
 * folder `allowed`. Workers load env plugins from their own disk; no code is sent. */
#ifndef GYM_WORKERS_H
#define GYM_WORKERS_H

#include <gym/study.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What a trial may take ---- */

enum gym_isolation {
  GYM_ISOLATE_NONE = 0,   /* in the process (of the study or the worker) itself */
  GYM_ISOLATE_LIMITS = 1, /* in a child process with the limits below, a new one after
                             each death */
  GYM_ISOLATE_STRICT = 2  /* and, once the env is open, only system calls that compute:
                             no files, no sockets, no processes (seccomp) */
};

/* Limits of one trial; what is over them gets status timeout, oom or crashed. */
struct gym_limits {
  uint32_t struct_size;
  uint32_t isolation; /* enum gym_isolation */
  double seconds;     /* of wall-clock time; 0: none */
  double cpu_seconds; /* of CPU time, rounded up to whole seconds; 0: none */
  uint64_t memory;    /* bytes beyond what the open env takes; 0: none */
  uint64_t file_size; /* bytes of a file it writes; 0: none */
};

/* What `gym search` uses: isolation limits, 600 s of either time, as much memory as the
 * machine has, files up to 1 GiB. */
GYM_API void gym_limits_init (struct gym_limits *limits);

/* "none", "limits", "strict": all of them, in order and closed by NULL; one; and back, -1
 * when unknown. Static. */
GYM_API const char *const *gym_isolation_names (void);
GYM_API const char *gym_isolation_name (uint32_t isolation);
GYM_API int gym_isolation_parse (const char *name);

/* ---- A study's side; all before the first gym_study_run, none part of its identity ----
 */

/* Evaluate in a child process under these limits (copied; NULL, the default: in process).
 * With jobs or workers the limits hold for theirs. */
GYM_API int gym_study_set_limits (gym_study *study, const struct gym_limits *limits,
                                  gym_error *err);

/* Evaluate in n worker processes of this machine, at most 1024; 0 (default): none. They
 * are forked, so they have the env as it is open here. Runs of the study then advance
 * side by side where one has too little in flight to keep all workers busy. */
GYM_API int gym_study_set_jobs (gym_study *study, uint32_t n, gym_error *err);

struct gym_workers {
  uint32_t struct_size;
  uint32_t max_batch; /* trials a message; 0: as many as take about 5 ms */
  const char *bind;   /* where to listen: tcp://127.0.0.1:5555 (port 0: any), ipc://FILE,
                         or with a star for the address: on every interface */
  const char *keys;   /* folder of gym_keys_new; NULL: none, only for loopback and ipc */
  double lease;       /* seconds without a sign of life after which a worker's trials
                         go to others; 0: 15 */
  bool mixed;         /* take workers of another numeric fingerprint too */
};

/* Listen for workers (copied; NULL: do not). Runs advance side by side as with jobs.
 * GYM_EINVAL where others could reach the endpoint and there are no keys, and for an env
 * whose class lives in this process alone: no worker could have it. */
GYM_API int gym_study_set_workers (gym_study *study, const struct gym_workers *workers,
                                   gym_error *err);

/* Tell agents results as they come instead of in order of asking: faster where trial
 * times differ, but other trials every time. Part of the study's identity. */
GYM_API int gym_study_set_async (gym_study *study, bool async, gym_error *err);

/* The endpoint a running study listens on ("*" resolved), or NULL. Borrowed. */
GYM_API const char *gym_study_endpoint (const gym_study *study);

/* ---- A worker's side ---- */

struct gym_worker {
  uint32_t struct_size;
  uint32_t isolation;   /* at least this much, whatever the study asks for */
  const char *endpoint; /* tcp://host:5555 */
  const char *keys;     /* folder with server.pub and worker.key; NULL: none */
  double wait;          /* seconds to go on looking for a study that does not answer; 0:
                           60 */
  const atomic_bool *cancel; /* looked at a few times a second; may be NULL */
  void (*log) (void *context, const char *line); /* may be NULL */
  void *log_context;
};

/* Serves studies at the endpoint until one says that it is over, or until none has
 * answered for `wait` seconds (both GYM_OK, the log says which). GYM_ECANCELLED;
 * GYM_EMISMATCH when the study refuses this worker (its reason is the text). `trials`
 * (may be NULL) receives how many were evaluated. One thread; children of its own. */
GYM_API int gym_worker_run (const gym_registry *registry, const struct gym_worker *worker,
                            uint64_t *trials, gym_error *err);

/* ---- Watching ---- */

/* The state of the study behind an endpoint as JSON (workers, rates, leases, retries,
 * refused peers, progress). The caller frees it with gym_free. GYM_ENOTFOUND when nothing
 * answers within `seconds`. */
GYM_API char *gym_workers_state (const char *endpoint, const char *keys, double seconds,
                                 gym_error *err);

/* ---- Keys ---- */

/* Makes folder `dir` (mode 0700) with server.key and server.pub unless there, and a pair
 * for a worker: NAME.key, with NAME.pub in `allowed`. Secret files have mode 0600.
 * GYM_ESTATE when NAME exists. A worker needs server.pub and worker.key alone: under that
 * name, or given as the folder's only other .key. */
GYM_API int gym_keys_new (const char *dir, const char *name, gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
