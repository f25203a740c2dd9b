/* core/jobs.h - worker processes of the study's own on this machine.
 *
 * Forked, so they have the env open as the study has it, and joined to the study by a
 * socket file in a folder that nobody else can enter. */
#ifndef CORE_JOBS_H
#define CORE_JOBS_H

#include "core/keys.h"

#include <sys/types.h>

struct gym_jobs;

/* Forks n workers, which look for the endpoint until it is bound. `pair` and `server` are
 * their keys, NULL: none. */
struct gym_jobs *gym_jobs_new (gym_env *env, const struct gym_limits *limits, uint32_t n,
                               const struct gym_pair *pair, const char *server,
                               gym_error *err);
const char *gym_jobs_endpoint (const struct gym_jobs *jobs);

/* Starts those anew that have died. GYM_EFAILED, with what one of them said at the end,
 * when they go on dying and no work is done. */
int gym_jobs_tend (struct gym_jobs *jobs, gym_error *err);

/* Work was done: deaths up to now are forgiven. */
void gym_jobs_worked (struct gym_jobs *jobs);

/* Processes that `tend` found dead, one a call; 0: no more. */
pid_t gym_jobs_dead (struct gym_jobs *jobs);

/* Waits a moment for them to end, then ends them. */
void gym_jobs_destroy (struct gym_jobs **jobs);

#endif
