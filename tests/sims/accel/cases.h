/* Files of loop-nest cases (JSON lines: layer, architecture, mapping and either the
 * counts or the reason of the rejection), run with our model and compared. */
#ifndef TESTS_SIMS_ACCEL_CASES_H
#define TESTS_SIMS_ACCEL_CASES_H

#include <stddef.h>

struct cases_tally {
  size_t rows, equal, unequal; /* figures, or verdicts of rejected mappings */
};

/* Runs every row of the file; `report` (nullable) gets a sentence per unequal figure.
 * Returns 0, or -1 with a message in `error` where the file is unreadable or a row is
 * not of the form. */
int cases_run (const char *path, void (*report) (const char *sentence),
               struct cases_tally *tally, char *error, size_t size);

#endif
