/* Results of one fidelity in the terms of another: see scale.h. */
#include "plugins/hyperband/scale.h"

#include <math.h>

void
scale_add (struct scale *s, double low, double high)
{
  double from = low - s->low, to = high - s->high;
  s->n++;
  s->low += from / s->n;
  s->high += to / s->n;
  s->square += from * (low - s->low);
  s->product += from * (high - s->high);
}

/* Three pairs at least: two always lie on a line. */
double
scale_map (const struct scale *s, double low)
{
  double slope = s->product / s->square, same_sign = s->low * s->high, mapped;
  if (s->n == 0)
    return low;
  if (s->n < 3 || !(slope > 0) || isinf (slope))
    slope = same_sign > 0 ? s->high / s->low : 1;
  mapped = s->high + slope * (low - s->low);
  return isfinite (mapped) ? mapped : low;
}
