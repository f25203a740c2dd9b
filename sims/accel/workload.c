/* workload.c - networks as lists of layers: see workload.h. */
#include "sims/accel/workload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sims/accel/reader.h"

void
accel_workload_free (struct accel_workload *w)
{
  free (w->layers);
  *w = (struct accel_workload){ .layers = NULL };
}

static bool
ends_with (const char *name, const char *ending)
{
  size_t n = strlen (name), m = strlen (ending);
  return n >= m && strcmp (name + n - m, ending) == 0;
}

/* By the name's ending: a slip in the header of a .csv is to be told as one of a CSV. */
static enum accel_form
guess_form (const char *name)
{
  if (ends_with (name, ".yaml") || ends_with (name, ".yml"))
    return ACCEL_FORM_TIMELOOP;
  return ends_with (name, ".csv") ? ACCEL_FORM_CSV : ACCEL_FORM_TEXT;
}

/* Forms that are given count more than endings. */
static int
read_form (struct accel_reader *r, enum accel_form form)
{
  static int (*const forms[ACCEL_FORMS]) (struct accel_reader *) = {
    [ACCEL_FORM_TEXT] = accel_read_text,
    [ACCEL_FORM_CSV] = accel_read_csv,
    [ACCEL_FORM_TIMELOOP] = accel_read_timeloop,
  };
  return forms[form == ACCEL_FORM_GUESS ? guess_form (r->name) : form](r);
}

/* A NUL would end names early, so a file with one is no text. */
int
accel_workload_parse (struct accel_workload *w, const char *name, const char *text,
                      size_t size, enum accel_form form, struct accel_error *err)
{
  const char *base = strrchr (name, '/');
  struct accel_reader r = {
    .name = name, .at = text, .end = text + size, .workload = w, .err = err
  };
  int status;
  *w = (struct accel_workload){ .layers = NULL };
  base = base == NULL ? name : base + 1;
  snprintf (w->name, sizeof w->name, "%.*s", (int)strcspn (base, "."), base);
  if (memchr (text, '\0', size) != NULL)
    status = accel_fail (err, "%.100s: not a text file", name);
  else
    status = read_form (&r, form);
  if (status == ACCEL_OK && w->count == 0)
    status = accel_fail (err, "%.100s: no layer in it", name);
  if (status != ACCEL_OK)
    accel_workload_free (w);
  return status;
}

/* The whole file; the caller frees it. Read by its length as it comes, so pipes work. */
static int
slurp (FILE *file, const char *path, char **text, size_t *size, struct accel_error *err)
{
  size_t room = 1 << 16;
  *size = 0;
  *text = NULL;
  for (;;) {
    char *more = realloc (*text, room);
    if (more == NULL)
      return accel_no_memory (err);
    *text = more;
    *size += fread (*text + *size, 1, room - *size, file);
    if (*size < room)
      break;
    if (room >= ACCEL_FILE_MAX)
      return accel_fail (err, "%.100s: more than %d MiB", path, ACCEL_FILE_MAX >> 20);
    room *= 2;
  }
  if (ferror (file))
    return accel_fail (err, "%.100s: %s", path, strerror (errno));
  return ACCEL_OK;
}

/* Files are small, so they are read whole and then parsed like text in memory. */
int
accel_workload_read (struct accel_workload *w, const char *path, struct accel_error *err)
{
  FILE *file = fopen (path, "rb");
  char *text = NULL;
  size_t size = 0;
  int status;
  *w = (struct accel_workload){ .layers = NULL };
  if (file == NULL)
    return accel_fail (err, "%.100s: %s", path, strerror (errno));
  status = slurp (file, path, &text, &size, err);
  if (status == ACCEL_OK)
    status = accel_workload_parse (w, path, text, size, ACCEL_FORM_GUESS, err);
  free (text);
  fclose (file);
  return status;
}

/* ---- Built-in networks ----------------------------------------------------------- */

/* -1 where there is none. */
static int
find_network (const char *name)
{
  for (int i = 0; accel_networks[i] != NULL; i++) {
    if (strcmp (accel_networks[i], name) == 0)
      return i;
  }
  return -1;
}

int
accel_workload_network (struct accel_workload *w, const char *name,
                        struct accel_error *err)
{
  int i = find_network (name);
  char list[200] = "";
  const char *near;
  size_t used = 0;
  if (i >= 0)
    return accel_workload_parse (w, name, accel_network_texts[i],
                                 strlen (accel_network_texts[i]), ACCEL_FORM_TEXT, err);
  *w = (struct accel_workload){ .layers = NULL };
  for (i = 0; accel_networks[i] != NULL && used < sizeof list; i++)
    used += (size_t)snprintf (list + used, sizeof list - used, "%s%s", i ? ", " : "",
                              accel_networks[i]);
  near = accel_nearest ((struct accel_word){ .at = name, .length = strlen (name) },
                        accel_networks);
  return accel_fail (err, "no network \"%.40s\"; there are %s%s%s", name, list,
                     near ? "; nearest is " : "", near ? near : "");
}

/* What has neither a dot nor a slash and is no file was meant as a name. */
int
accel_workload_open (struct accel_workload *w, const char *what, struct accel_error *err)
{
  if (find_network (what) >= 0
      || (strpbrk (what, "./") == NULL && access (what, F_OK) != 0))
    return accel_workload_network (w, what, err);
  return accel_workload_read (w, what, err);
}

/* ---- Figures --------------------------------------------------------------------- */

/* Element-wise operations are no multiply-accumulates. */
double
accel_workload_macs (const struct accel_workload *w)
{
  double macs = 0;
  for (size_t i = 0; i < w->count; i++) {
    if (w->layers[i].kind != ACCEL_ELEMENTWISE)
      macs += (double)accel_layer_macs (&w->layers[i]) * w->layers[i].count;
  }
  return macs;
}

double
accel_workload_weights (const struct accel_workload *w)
{
  double weights = 0;
  for (size_t i = 0; i < w->count; i++) {
    const struct accel_layer *l = &w->layers[i];
    bool activations =
        l->kind == ACCEL_ELEMENTWISE || (l->kind == ACCEL_GEMM && l->size[ACCEL_G] > 1);
    if (!activations)
      weights += (double)accel_layer_words (l, ACCEL_WEIGHTS) * l->count;
  }
  return weights;
}

/* Padding changes no count, so it is not looked at. */
static bool
same_shape (const struct accel_layer *a, const struct accel_layer *b)
{
  return a->kind == b->kind && memcmp (a->size, b->size, sizeof a->size) == 0
         && a->stride_w == b->stride_w && a->stride_h == b->stride_h
         && a->dilation_w == b->dilation_w && a->dilation_h == b->dilation_h;
}

/* Counts whose sum would not fit stay apart. */
void
accel_workload_merge (struct accel_workload *w)
{
  size_t kept = 0;
  for (size_t i = 0; i < w->count; i++) {
    size_t k = 0;
    while (k < kept
           && !(same_shape (&w->layers[k], &w->layers[i])
                && w->layers[k].count <= UINT32_MAX - w->layers[i].count))
      k++;
    if (k < kept)
      w->layers[k].count += w->layers[i].count;
    else
      w->layers[kept++] = w->layers[i];
  }
  w->count = kept;
}
