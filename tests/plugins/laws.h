/* tests/plugins/laws.h - what every agent must keep, as tests to call with its id and
 * settings. They assert through CUnit. */
#ifndef TESTS_PLUGINS_LAWS_H
#define TESTS_PLUGINS_LAWS_H

/* The same seed gives the same trials, another seed others; asks in blocks as in ones. */
void laws_determinism (const char *agent, const char *settings);

/* A small conditional space is asked for wholly, each design once, then the agent has
 * finished; with 1, 7 and 64 trials in flight. */
void laws_exhaustion (const char *agent, const char *settings);

/* All kinds of parameters: canonical designs, none twice, every level and both halves of
 * every range used. */
void laws_coverage (const char *agent, const char *settings);

/* Trials that fail, all or most of them, or break constraints; objectives near overflow.
 */
void laws_failures (const char *agent, const char *settings);

/* Budgets of 1 to 5 trials, in flight at once or one by one. */
void laws_small_budgets (const char *agent, const char *settings);

/* Repair between ask and evaluation: the agent hears of other designs than it asked. */
void laws_repair (const char *agent);

/* Median best of 20 seeds after `budget` trials on a function: instance 1 of a family, or
 * a file where the name has a slash. */
double laws_median (const char *agent, const char *settings, const char *family,
                    unsigned budget);

/* On every family the median of 20 seeds after `budget` trials is below that of random
 * designs. */
void laws_better_than_random (const char *agent, unsigned budget);

/* On the given instances the median of 20 seeds after `budget` trials is at most that of
 * a program in anchors.csv (its name up to a comma), where it has a row, which is
 * somewhere; skipped where there are no instances. */
void laws_anchors (const char *agent, const char *program, unsigned budget);

/* The same on all families but one, where it may fall short. */
void laws_anchors_but (const char *agent, const char *program, unsigned budget,
                       const char *family);

#endif
