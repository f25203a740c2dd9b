/* core/sandbox.h - what a child that evaluates trials may take and do. */
#ifndef CORE_SANDBOX_H
#define CORE_SANDBOX_H

#include <gym/workers.h>

/* Puts the calling process under the limits for good. Threads started later inherit
 * them. Linux; GYM_EFAILED where the kernel refuses. */
int gym_sandbox_enter (const struct gym_limits *limits);

/* Allows the calling process so many further seconds of CPU time, rounded up; 0: any
 * number. Beyond them it gets SIGXCPU. */
void gym_sandbox_cpu (double seconds);

#endif
