/* summary.h - the table at the end of a search. */
#ifndef CMD_SUMMARY_H
#define CMD_SUMMARY_H

#include <gym/gym.h>

/* Prints a line for each agent, with median and quartiles over its runs, and the best
 * design of all. */
int summary_print (FILE *out, const gym_study *study, gym_error *err);

#endif
