/* SPDX-License-Identifier: MIT */
/* The texts behind the built-in parts. */
#ifndef SIMS_DRAM_PARTS_H
#define SIMS_DRAM_PARTS_H

#include "sims/dram/part.h"

/* A part file, as it lies in sims/dram/parts. */
struct dram_part_text {
  const char *name; /* of the file */
  const char *text;
};

/* All of them, in the order of dram_part_at(), closed by an entry without a name.  The
 * source that holds it is made by parts/embed.sh. */
extern const struct dram_part_text dram_part_texts[];

#endif
