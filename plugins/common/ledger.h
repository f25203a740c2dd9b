/* plugins/common/ledger.h - what became of every design that was asked for, by place.
 *
 * For agents whose sampling comes back to a design: its result is looked up instead of
 * evaluated again. A design's place is the number of designs that came before it, also
 * while it waits for its result, so that an agent names designs by their places, ranks
 * them and draws new ones. Over a set of used designs (fresh.h), which keeps whole
 * designs where the space is small. */
#ifndef PLUGINS_COMMON_LEDGER_H
#define PLUGINS_COMMON_LEDGER_H

#include "plugins/common/fresh.h"
#include "plugins/common/points.h"

struct ledger {
  struct fresh fresh;
  struct points results; /* by place, without rows */
  size_t room;
};

/* It allocates nothing. */
void ledger_init (struct ledger *ledger, const struct gym_host *host,
                  const struct gym_problem *problem);
void ledger_free (struct ledger *ledger);

/* The place of a canonical design: 1 when it is new, with no result yet; 0 when it was
 * there; negative GYM_ENOMEM. */
int ledger_claim (struct ledger *ledger, const double *row, size_t *place);

/* A new design, uniform among those, and its place: 1, 0 when there is none left, or
 * negative GYM_ENOMEM. */
int ledger_draw (struct ledger *ledger, gym_rng *rng, double *row, size_t *place);

/* Stores the i-th told result, and whether there is one. */
void ledger_tell (struct ledger *ledger, size_t place, const struct gym_tells *tells,
                  size_t i);
bool ledger_told (const struct ledger *ledger, size_t place);

/* Copies the result in a place, all but its row, into a slot of points. */
void ledger_recall (const struct ledger *ledger, size_t place, struct points *points,
                    size_t slot);

/* Negative when the design in place a is better, positive when b, 0 when neither
 * (gym_host.compare). Both have results. */
int ledger_compare (const struct ledger *ledger, size_t a, size_t b);

#endif
