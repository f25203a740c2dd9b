/* program.h - commands that are programs of their own.
 *
 * What belongs to one simulator alone (statistics of its traces, say) is no business of
 * this command. `gym NAME` with a NAME it does not know runs the program gym-NAME of the
 * package: from its own folder (libexec/archgym), or, when this command runs from a build
 * tree, from where the simulators were built. PATH is not looked at: what else is
 * installed on a machine decides nothing. */
#ifndef CMD_PROGRAM_H
#define CMD_PROGRAM_H

#include <gym/gym.h>

enum { PROGRAM_NAME = 32, PROGRAMS_MAX = 16 };

/* The programs there are, without "gym-", in order of the alphabet; how many. */
struct programs {
  char names[PROGRAMS_MAX][PROGRAM_NAME];
  unsigned n;
};

void program_list (struct programs *programs);

/* Whether there is a program of this name. */
bool program_exists (const char *name);

/* Becomes the program `name` with the words that follow argv[0], up to a NULL. Comes back
 * only if that fails, with a gym_error code. */
int program_run (const char *name, char **argv, gym_error *err);

#endif
