/* Trust regions: see region.h. */
#include "plugins/bo/region.h"

#include <math.h>
#include <stdlib.h>

/* The constants of TuRBO: it starts at 0.8, grows to 1.6 at most, ends at 2^-7, and
 * doubles after three successes in a row. */
static const double start = 0.8, widest = 1.6, narrowest = 1.0 / 128;
enum { STREAK = 3 };

void
region_init (struct region *r, const struct kernel *kernel, bool on, uint32_t patience)
{
  *r = (struct region){
    .on = on, .side = start, .n_axes = kernel->n_axes, .axes = kernel->axes
  };
  for (uint32_t i = 0; i < r->n_axes; i++)
    r->categorical += r->axes[i].categorical;
  r->patience = patience > 0 ? patience : r->n_axes < 4 ? 4 : r->n_axes;
}

void
region_tell (struct region *r, bool better)
{
  r->successes = better ? r->successes + 1 : 0;
  r->failures = better ? 0 : r->failures + 1;
  if (r->successes == STREAK) {
    r->side = fmin (widest, 2 * r->side);
    r->successes = 0;
  }
  if (r->failures == r->patience) {
    r->side /= 2;
    r->failures = 0;
  }
  if (r->side < narrowest)
    r->side = start;
}

bool
region_holds (const struct region *r, const uint16_t *centre, const uint16_t *place)
{
  double ball = fmax (1, r->side * r->categorical);
  uint32_t different = 0;
  if (!r->on || r->side > 1)
    return true;
  for (uint32_t i = 0; i < r->n_axes; i++) {
    const struct kernel_axis *axis = &r->axes[i];
    bool off = centre[i] == KERNEL_OFF || place[i] == KERNEL_OFF;
    if (axis->categorical || off)
      different += centre[i] != place[i];
    else if (abs (centre[i] - place[i]) > fmax (1, r->side / 2 * (axis->cells - 1)))
      return false;
  }
  return different <= ball;
}
