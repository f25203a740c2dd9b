/* plugins/hyperband/scale.h - results of a fidelity in the terms of the next higher one.
 *
 * A line through the pairs of results of those designs that were evaluated at both, by
 * least squares. Energies of a part of a workload are a part of those of the whole: an
 * agent that is told results of several fidelities must not compare them as they are. */
#ifndef PLUGINS_HYPERBAND_SCALE_H
#define PLUGINS_HYPERBAND_SCALE_H

/* Zeroed memory knows no pairs. */
struct scale {
  double n, low, high;    /* pairs, and their means */
  double square, product; /* sums about the means */
};

void scale_add (struct scale *scale, double low, double high);

/* The result to be expected at the higher fidelity; finite for a finite one. Rising
 * always: where the pairs say nothing about the slope, in proportion. */
double scale_map (const struct scale *scale, double low);

#endif
