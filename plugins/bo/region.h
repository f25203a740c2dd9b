/* plugins/bo/region.h - trust regions: where the model is asked.
 *
 * A box around the best trial for numeric parameters (TuRBO: Eriksson, Pearce, Gardner,
 * Turner, Poloczek: "Scalable global optimization via local Bayesian optimization",
 * NeurIPS 2019) and a Hamming ball for categorical ones (CASMOPOLITAN: Wan, Nguyen, Ha,
 * Ru, Lu, Osborne, ICML 2021). It widens after successes, narrows after failures, and
 * starts over at full size once it is narrower than useful. */
#ifndef PLUGINS_BO_REGION_H
#define PLUGINS_BO_REGION_H

#include "plugins/bo/model.h"

struct region {
  bool on;
  double side; /* of the box as a share of the range; above 1: everywhere */
  uint32_t successes, failures, patience;
  uint32_t n_axes, categorical; /* axes, and how many of them have no order */
  const struct kernel_axis *axes;
};

/* Regions of a space; `patience`: failures before the region is halved, 0: the number of
 * parameters, and four at least. */
void region_init (struct region *region, const struct kernel *kernel, bool on,
                  uint32_t patience);

/* Hears whether a trial was better than all before. */
void region_tell (struct region *region, bool better);

/* Whether a design lies in the region around `centre`. A parameter that only one of them
 * has counts as a categorical difference. */
bool region_holds (const struct region *region, const uint16_t *centre,
                   const uint16_t *place);

#endif
