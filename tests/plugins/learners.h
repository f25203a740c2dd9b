/* tests/plugins/learners.h - what every agent with a policy must show: the laws in all of
 * its variants, options that count, and late designs that are better than early ones. */
#ifndef TESTS_PLUGINS_LEARNERS_H
#define TESTS_PLUGINS_LEARNERS_H

#include "tests/plugins/play.h"
#include "tests/tap.h"

/* The space is spaces_wide, a design's value the sum of its parameters. */
enum { LEARNER_TRIALS = 400, LEARNER_PARAMS = 12 };

struct learner {
  const char *agent;
  const char *const *variants; /* settings, NULL for the defaults; closed by "" */
  const char *covering;        /* in the place of the defaults where all levels are to be
                                  seen; NULL: they do */
  const char *const *bad;      /* settings that are refused; closed by NULL */
  const char *usual;           /* settings, against which ... */
  const char *const *changes;  /* ... each of these counts; closed by NULL */
  size_t alike;                /* trials until it does */
  unsigned budget;             /* within which it is better than random designs */
};

/* All that, and tests of its own (closed by an entry without a name, or NULL); returns
 * the exit status. */
int learner_tests (const struct learner *learner, const struct tap_test *own);

/* Plays; see play.h. */
long learner_run (const char *agent, const char *settings, uint32_t objectives,
                  double *rows, double *values);

/* The sum, as a judge. */
uint32_t learner_judge (void *context, const double *row, double *objectives,
                        double *violations);

#endif
