/* core/study_prior.h - what a study does with an agent's prior. */
#ifndef CORE_STUDY_PRIOR_H
#define CORE_STUDY_PRIOR_H

#include "core/study.h"

#include <gym/prior.h>

/* Copies the prior into the agent and puts its digest among the options that identify its
 * runs. The agent's options are set already. */
int study_prior_take (const gym_study *study, struct study_agent *agent,
                      const gym_prior *prior, gym_error *err);

/* Keeps the agent's prior, if it has one, in the study's store. */
int study_prior_keep (gym_study *study, const struct study_agent *agent, gym_error *err);

#endif
