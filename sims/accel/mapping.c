/* mapping.c - mappings as data: see mapping.h. */
#include "sims/accel/mapping.h"

#include <stdarg.h>
#include <stdio.h>

struct accel_split
accel_split_unit (void)
{
  return (struct accel_split){
    .temporal = { 1, 1, 1, 1, 1, 1, 1, 1 },
    .x = { 1, 1, 1, 1, 1, 1, 1, 1 },
    .y = { 1, 1, 1, 1, 1, 1, 1, 1 },
    .order = { ACCEL_R, ACCEL_S, ACCEL_P, ACCEL_Q, ACCEL_C, ACCEL_K, ACCEL_N, ACCEL_G },
    .keep = ACCEL_KEEP_ALL,
  };
}

/* What has been written so far and what would have been. */
struct text {
  char *at;
  size_t left, length;
};

static void add (struct text *t, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* Counts on behind the end, so that a caller learns what room it takes. */
static void
add (struct text *t, const char *format, ...)
{
  va_list args;
  int n;
  size_t taken;
  va_start (args, format);
  n = vsnprintf (t->at, t->left, format, args);
  va_end (args);
  if (n < 0)
    return;
  t->length += (size_t)n;
  taken = (size_t)n < t->left ? (size_t)n : t->left ? t->left - 1 : 0;
  t->at += taken;
  t->left -= taken;
}

/* "  across x K 2, C 4", nothing where every factor is 1. */
static void
add_spatial (struct text *t, const char *side, const uint16_t factor[ACCEL_DIMS])
{
  for (int d = ACCEL_DIMS - 1; d >= 0; d--) {
    if (factor[d] == 1)
      continue;
    add (t, "%s %s %u", side, accel_dim_names[d], factor[d]);
    side = ",";
  }
}

/* A person reads a nest from the outside in, so the loops are turned round. */
static void
add_level (struct text *t, const char *name, const struct accel_split *s)
{
  const char *before = "";
  add (t, "%-12s [", name);
  for (int k = 0; k < ACCEL_TENSORS; k++) {
    if (s->keep >> k & 1)
      add (t, "%s%s", before, accel_tensor_names[k]), before = " ";
  }
  add (t, "]");
  before = "  for ";
  for (int k = ACCEL_DIMS - 1; k >= 0; k--) {
    int d = s->order[k] & (ACCEL_DIMS - 1);
    if (s->temporal[d] != 1)
      add (t, "%s%s %u", before, accel_dim_names[d], s->temporal[d]), before = ", ";
  }
  add_spatial (t, "  across y", s->y);
  add_spatial (t, "  across x", s->x);
  add (t, "\n");
}

size_t
accel_mapping_text (char *text, size_t size, const struct accel_split *splits,
                    const struct accel_arch *arch)
{
  struct text t = { .at = text, .left = size };
  for (uint32_t i = arch->level_count; i-- > 0;)
    add_level (&t, arch->level[i].name, &splits[i]);
  return t.length;
}
