/* SPDX-License-Identifier: MIT */
/* The built-in parts: the files of sims/dram/parts, whose text a generated source holds,
 * read the first time that somebody asks for one. */
#include "sims/dram/parts.h"

#include <pthread.h>
#include <string.h>

#include "sims/dram/partfile.h"

enum { PARTS_MAX = 32 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct dram_part parts[PARTS_MAX];
static size_t count;

/* A text that cannot be read is a mistake of the build, for a test to find; here its part
 * is missing. */
static void
read_texts (void)
{
  for (const struct dram_part_text *t = dram_part_texts; t->name != NULL; t++) {
    if (count < PARTS_MAX
        && dram_part_parse (&parts[count], t->name, t->text, strlen (t->text), NULL) == 0)
      count++;
  }
}

const struct dram_part *
dram_part_at (size_t index)
{
  pthread_once (&once, read_texts);
  return index < count ? &parts[index] : NULL;
}

const struct dram_part *
dram_part_find (const char *name)
{
  const struct dram_part *part;
  for (size_t i = 0; (part = dram_part_at (i)) != NULL; i++) {
    if (strcmp (part->name, name) == 0)
      return part;
  }
  return NULL;
}
