/* core/jobs.h - worker processes of the study's own on this machine.
 *
 * Forked, so they have the env open as the study has it, and joined to the study by a
 * socket file in a folder that nobody else can enter. */
#ifndef CORE_JOBS_H
#define CORE_JOBS_H

#include "core/keys.h"

struct gym_jobs;

/* Forks n workers, which look for the endpoint until it is bound. `pair` and `server` are
 * their keys, NULL: none. */
struct gym_jobs *gym_jobs_new (gym_env *env, const struct gym_limits *limits, uint32_t n,
                               const struct gym_pair *pair, const char *server,
                               gym_error *err);
const char *gym_jobs_endpoint (const struct gym_jobs *jobs);

/* Starts those anew that have died. GYM_EFAILED when they die faster than they work. */
int gym_jobs_tend (struct gym_jobs *jobs, gym_error *err);

/* Waits a moment for them to end, then ends them. */
void gym_jobs_destroy (struct gym_jobs **jobs);

#endif
