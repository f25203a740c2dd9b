/* gym/agent.h - search agents as the host sees them: asking and telling by hand.
 *
 * A study (gym/study.h) does this for you; use agents directly to drive a search from
 * your own loop:
 *
 *   gym_agent *a = gym_agent_open (registry, "ga", settings, &problem, 1, &err);
 *   while ((n = gym_agent_ask (a, 8, tickets, designs, fidelities, &err)) > 0) {
 *     ... evaluate the n designs ...
 *     gym_agent_tell (a, n, tickets, objectives, violations, metrics, statuses, &err);
 *   }
 */
#ifndef GYM_AGENT_H
#define GYM_AGENT_H

#include <gym/env.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An open agent. Owned by its maker, one thread at a time; registry and everything the
 * problem points to must outlive it. */
typedef struct gym_agent gym_agent;

/* Fills a problem from an env and an objective: pointers are borrowed from both. `budget`
 * in evaluations at the highest fidelity (INFINITY: unknown); in_flight 0 is 1. */
GYM_API void gym_problem_init (struct gym_problem *problem, gym_env *env,
                               const gym_objective *objective, double budget,
                               uint32_t in_flight);

/* Opens agent `id` with the user's settings (copied; NULL: defaults). More objectives
 * than the class can handle is an error here. */
GYM_API gym_agent *gym_agent_open (const gym_registry *registry, const char *id,
                                   const gym_settings *settings,
                                   const struct gym_problem *problem, uint64_t seed,
                                   gym_error *err);
GYM_API void gym_agent_destroy (gym_agent **agent);

GYM_API const struct gym_entry *gym_agent_entry (const gym_agent *agent);

/* Options in force, {"id": "ga-v1", "options": {...}}. Borrowed. */
GYM_API const char *gym_agent_identity (const gym_agent *agent);

/* Asks for up to n designs. Writes tickets (unique, rising), canonical designs and
 * fidelities, and returns how many there are: fewer than n is allowed; 0 with tickets
 * outstanding means "tell me first", 0 with none that the agent has finished. What a
 * plugin returns is checked and made canonical; nonsense (an infinity, a fidelity that
 * does not exist, more rows than asked) is GYM_EPLUGIN. */
GYM_API int gym_agent_ask (gym_agent *agent, size_t n, uint64_t *tickets, double *designs,
                           uint32_t *fidelities, gym_error *err);

/* Tells the results of n tickets in the order they were asked. `designs` NULL: as asked
 * (else the repaired forms). `metrics` may be NULL (all NaN). A ticket that was never
 * given out, or already told, is GYM_EINVAL. Objectives, violations and metrics of a row
 * whose status is not ok are passed on as NaN whatever they hold. */
GYM_API int gym_agent_tell (gym_agent *agent, size_t n, const uint64_t *tickets,
                            const double *designs, const double *objectives,
                            const double *violations, const double *metrics,
                            const uint32_t *statuses, gym_error *err);

/* Tickets given out and not yet told. */
GYM_API size_t gym_agent_outstanding (const gym_agent *agent);

#ifdef __cplusplus
}
#endif
#endif
