/* text.c - the project's own form of layer files: see workload.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sims/accel/reader.h"

enum key {
  CHANNELS,
  MAPS,
  FILTER,
  IN,
  OUT,
  M,
  N,
  K,
  STRIDE,
  DILATION,
  PAD,
  GROUPS,
  BATCH,
  TIMES,
  KEYS
};

#define BIT(key) (1u << (key))

static const char *const key_names[KEYS + 1] = { [CHANNELS] = "channels",
                                                 [MAPS] = "maps",
                                                 [FILTER] = "filter",
                                                 [IN] = "in",
                                                 [OUT] = "out",
                                                 [M] = "m",
                                                 [N] = "n",
                                                 [K] = "k",
                                                 [STRIDE] = "stride",
                                                 [DILATION] = "dilation",
                                                 [PAD] = "pad",
                                                 [GROUPS] = "groups",
                                                 [BATCH] = "batch",
                                                 [TIMES] = "times" };

/* What each kind must have and may have; of `in` and `out` one where both may be. */
struct grammar {
  const char *name;
  unsigned must, may;
};

enum { CONV, DEPTHWISE, GEMM, ELEMENTWISE, GRAMMARS };

static const struct grammar grammars[GRAMMARS] = {
  [CONV] = { .name = "conv",
             .must = BIT (CHANNELS) | BIT (MAPS) | BIT (FILTER),
             .may = BIT (IN) | BIT (OUT) | BIT (STRIDE) | BIT (DILATION) | BIT (PAD)
                    | BIT (GROUPS) | BIT (BATCH) | BIT (TIMES) },
  [DEPTHWISE] = { .name = "depthwise",
                  .must = BIT (CHANNELS) | BIT (FILTER),
                  .may = BIT (MAPS) | BIT (IN) | BIT (OUT) | BIT (STRIDE) | BIT (DILATION)
                         | BIT (PAD) | BIT (BATCH) | BIT (TIMES) },
  [GEMM] = { .name = "gemm",
             .must = BIT (M) | BIT (N) | BIT (K),
             .may = BIT (GROUPS) | BIT (BATCH) | BIT (TIMES) },
  [ELEMENTWISE] = { .name = "elementwise",
                    .must = BIT (CHANNELS),
                    .may =
                        BIT (IN) | BIT (OUT) | BIT (GROUPS) | BIT (BATCH) | BIT (TIMES) },
};

/* A line taken apart: width and height of each key, the same for single numbers. */
struct line {
  const struct grammar *grammar;
  char name[ACCEL_NAME_MAX];
  unsigned given;
  bool same;       /* pad same */
  uint32_t pad[4]; /* left, right, top, bottom */
  uint32_t w[KEYS], h[KEYS];
};

/* What has a width and a height. */
static bool
is_pair (enum key key)
{
  return key == FILTER || key == IN || key == OUT || key == STRIDE || key == DILATION
         || key == PAD;
}

/* One number stands for all sides, two for columns and rows. */
static bool
take_padding (struct accel_word value, struct line *l)
{
  struct accel_word rest = value, side;
  unsigned sides = 1;
  for (size_t i = 0; i < value.length; i++)
    sides += value.at[i] == 'x';
  if (sides != 1 && sides != 2 && sides != 4)
    return false;
  for (unsigned i = 0; i < 4; i += 4 / sides) {
    side.length = 0;
    accel_next_word (&rest, 'x', &side);
    if (!accel_word_number (side, true, &l->pad[i]))
      return false;
    for (unsigned k = 1; k < 4 / sides; k++)
      l->pad[i + k] = l->pad[i];
  }
  return true;
}

/* One number stands for both sides. */
static bool
take_value (enum key key, struct accel_word value, struct line *l)
{
  struct accel_word rest = value, side;
  if (key == PAD)
    return take_padding (value, l);
  if (!is_pair (key) || memchr (value.at, 'x', value.length) == NULL) {
    bool good = accel_word_number (value, false, &l->w[key]);
    l->h[key] = l->w[key];
    return good;
  }
  return accel_next_word (&rest, 'x', &side)
         && accel_word_number (side, false, &l->w[key])
         && accel_word_number (rest, false, &l->h[key]);
}

/* The nearest key is one that the kind has. */
static int
fail_key (struct accel_reader *r, struct accel_word word, const struct grammar *grammar)
{
  const char *own[KEYS + 1], *near;
  char shown[ACCEL_SHOWN_MAX];
  unsigned n = 0;
  for (enum key key = 0; key < KEYS; key++) {
    if ((grammar->must | grammar->may) & BIT (key))
      own[n++] = key_names[key];
  }
  own[n] = NULL;
  near = accel_nearest (word, own);
  return accel_reader_fail (r, "%s is no key of a %s layer%s%s",
                            accel_shown (word, shown), grammar->name,
                            near ? "; nearest is " : "", near ? near : "");
}

/* A key and its value; `word` is the key, the value is taken from the rest. */
static int
take_pair (struct accel_reader *r, struct accel_word word, struct accel_word *rest,
           struct line *l)
{
  struct accel_word value;
  char shown[ACCEL_SHOWN_MAX];
  enum key key = 0;
  while (key < KEYS && !accel_word_is (word, key_names[key]))
    key++;
  if (key == KEYS || !((l->grammar->must | l->grammar->may) & BIT (key)))
    return fail_key (r, word, l->grammar);
  if (l->given & BIT (key))
    return accel_reader_fail (r, "\"%s\" is given twice", key_names[key]);
  if (!accel_next_word (rest, ' ', &value))
    return accel_reader_fail (r, "\"%s\" lacks its value", key_names[key]);
  l->given |= BIT (key);
  l->same |= key == PAD && accel_word_is (value, "same");
  if ((key == PAD && l->same) || take_value (key, value, l))
    return ACCEL_OK;
  return accel_reader_fail (
      r, "%s: found %s, expected %s", key_names[key], accel_shown (value, shown),
      key == PAD      ? "a number, two as in 3x2, four as in 0x1x0x1, or same"
      : is_pair (key) ? "a number of 1 to 2147483647, or two as in 3x2"
                      : "a number of 1 to 2147483647");
}

/* All that must be there, and one way to know the extents. */
static int
check_given (struct accel_reader *r, const struct line *l)
{
  unsigned extents = l->given & (BIT (IN) | BIT (OUT));
  for (enum key key = 0; key < KEYS; key++) {
    if (l->grammar->must & ~l->given & BIT (key))
      return accel_reader_fail (r, "a %s layer needs \"%s\"", l->grammar->name,
                                key_names[key]);
  }
  if (l->grammar->may & BIT (IN) && extents != BIT (IN) && extents != BIT (OUT))
    return accel_reader_fail (r, "a %s layer needs one of \"in\" and \"out\"",
                              l->grammar->name);
  return ACCEL_OK;
}

/* TensorFlow's rule: as many outputs as strides fit in the input, the padding split with
 * the odd one behind. */
static void
pad_same (uint32_t in, uint32_t filter, uint32_t stride, uint32_t dilation,
          uint32_t *before, uint32_t *behind)
{
  uint64_t outputs = ((uint64_t)in + stride - 1) / stride;
  uint64_t need = (outputs - 1) * stride + (uint64_t)dilation * (filter - 1) + 1;
  uint64_t pad = need > in ? need - in : 0;
  *before = (uint32_t)(pad / 2);
  *behind = (uint32_t)(pad - pad / 2);
}

static void
set_padding (const struct line *l, struct accel_layer *layer)
{
  layer->pad_left = l->pad[0];
  layer->pad_right = l->pad[1];
  layer->pad_top = l->pad[2];
  layer->pad_bottom = l->pad[3];
  if (!l->same || !(l->given & BIT (IN)))
    return;
  pad_same (l->w[IN], l->w[FILTER], layer->stride_w, layer->dilation_w, &layer->pad_left,
            &layer->pad_right);
  pad_same (l->h[IN], l->h[FILTER], layer->stride_h, layer->dilation_h, &layer->pad_top,
            &layer->pad_bottom);
}

/* P and Q; the input is known where they are not given. */
static void
set_extents (const struct line *l, struct accel_layer *layer)
{
  uint32_t *n = layer->size;
  n[ACCEL_P] = l->w[OUT];
  n[ACCEL_Q] = l->h[OUT];
  if (l->given & BIT (OUT))
    return;
  n[ACCEL_P] =
      accel_output_extent (l->w[IN], (uint64_t)layer->pad_left + layer->pad_right,
                           n[ACCEL_R], layer->stride_w, layer->dilation_w);
  n[ACCEL_Q] =
      accel_output_extent (l->h[IN], (uint64_t)layer->pad_top + layer->pad_bottom,
                           n[ACCEL_S], layer->stride_h, layer->dilation_h);
}

/* Extents follow from input, padding and filter; a filter that is larger is a slip. */
static int
set_window (struct accel_reader *r, const struct line *l, struct accel_layer *layer)
{
  layer->size[ACCEL_R] = l->w[FILTER];
  layer->size[ACCEL_S] = l->h[FILTER];
  layer->stride_w = l->w[STRIDE];
  layer->stride_h = l->h[STRIDE];
  layer->dilation_w = l->w[DILATION];
  layer->dilation_h = l->h[DILATION];
  set_padding (l, layer);
  set_extents (l, layer);
  if (layer->size[ACCEL_P] == 0 || layer->size[ACCEL_Q] == 0)
    return accel_reader_fail (r, "the filter does not fit in the padded input");
  return ACCEL_OK;
}

/* Channels and maps are those of the whole layer, C and K those of a group. */
static int
set_channels (struct accel_reader *r, const struct line *l, struct accel_layer *layer)
{
  uint32_t *n = layer->size, channels = l->w[CHANNELS], maps = l->w[MAPS];
  uint32_t groups = l->grammar == &grammars[DEPTHWISE] ? channels : l->w[GROUPS];
  if (l->grammar == &grammars[ELEMENTWISE])
    maps = channels;
  if (l->grammar != &grammars[DEPTHWISE] && (channels % groups || maps % groups))
    return accel_reader_fail (r, "%u groups divide %u channels or %u maps unevenly",
                              groups, channels, maps);
  n[ACCEL_G] = groups;
  n[ACCEL_C] = l->grammar == &grammars[ELEMENTWISE] ? 1 : channels / groups;
  n[ACCEL_K] = l->grammar == &grammars[DEPTHWISE] ? maps : maps / groups;
  return ACCEL_OK;
}

/* GEMMs have no window; all others do, if only of 1 x 1. */
static int
make_layer (struct accel_reader *r, const struct line *l)
{
  bool gemm = l->grammar == &grammars[GEMM];
  struct accel_layer layer =
      gemm ? accel_layer_gemm (l->w[M], l->w[N], l->w[K]) : accel_layer_unit (ACCEL_CONV);
  memcpy (layer.name, l->name, sizeof layer.name);
  if (l->grammar == &grammars[ELEMENTWISE])
    layer.kind = ACCEL_ELEMENTWISE;
  layer.size[ACCEL_N] = l->w[BATCH];
  layer.count = l->w[TIMES];
  if (gemm)
    layer.size[ACCEL_G] = l->w[GROUPS];
  else if (set_window (r, l, &layer) != ACCEL_OK
           || set_channels (r, l, &layer) != ACCEL_OK)
    return ACCEL_INVALID;
  return accel_reader_append (r, &layer);
}

static int
fail_kind (struct accel_reader *r, struct accel_word word)
{
  const char *const kinds[GRAMMARS + 1] = { "conv", "depthwise", "gemm", "elementwise" };
  const char *near = accel_nearest (word, kinds);
  char shown[ACCEL_SHOWN_MAX];
  return accel_reader_fail (
      r, "%s is no kind of layer; valid ones are conv, depthwise, gemm, elementwise%s%s",
      accel_shown (word, shown), near ? "; nearest is " : "", near ? near : "");
}

/* Kind, name, then pairs; everything not given is 1, padding 0. */
static int
read_line (struct accel_reader *r, struct accel_word rest)
{
  struct accel_word word;
  struct line l = { .grammar = grammars };
  if (!accel_next_word (&rest, ' ', &word))
    return ACCEL_OK;
  while (l.grammar < grammars + GRAMMARS && !accel_word_is (word, l.grammar->name))
    l.grammar++;
  if (l.grammar == grammars + GRAMMARS)
    return fail_kind (r, word);
  if (!accel_next_word (&rest, ' ', &word) || word.length >= ACCEL_NAME_MAX)
    return accel_reader_fail (r,
                              "a name of 1 to %d characters was expected behind \"%s\"",
                              ACCEL_NAME_MAX - 1, l.grammar->name);
  accel_word_copy (word, l.name);
  for (enum key key = 0; key < KEYS; key++)
    l.w[key] = l.h[key] = key != PAD;
  while (accel_next_word (&rest, ' ', &word)) {
    if (take_pair (r, word, &rest, &l) != ACCEL_OK)
      return ACCEL_INVALID;
  }
  return check_given (r, &l) == ACCEL_OK ? make_layer (r, &l) : ACCEL_INVALID;
}

int
accel_read_text (struct accel_reader *r)
{
  struct accel_word line;
  while (accel_next_line (r, &line)) {
    const char *comment = memchr (line.at, '#', line.length);
    int status;
    if (comment != NULL)
      line.length = (size_t)(comment - line.at);
    status = read_line (r, line);
    if (status != ACCEL_OK)
      return status;
  }
  return ACCEL_OK;
}

/* ---- Writing --------------------------------------------------------------------- */

/* What the form has no words for. Numbers are those of its reader. */
static int
check_sayable (const struct accel_layer *l, struct accel_error *err)
{
  char name[ACCEL_NAME_MAX];
  uint64_t most =
      (uint64_t)l->size[ACCEL_G]
      * (l->size[ACCEL_C] > l->size[ACCEL_K] ? l->size[ACCEL_C] : l->size[ACCEL_K]);
  bool plain = l->stride_w == 1 && l->stride_h == 1 && l->dilation_w == 1
               && l->dilation_h == 1
               && (l->pad_left | l->pad_right | l->pad_top | l->pad_bottom) == 0;
  if (accel_layer_check (l, err) != ACCEL_OK)
    return ACCEL_INVALID;
  accel_word_copy ((struct accel_word){ .at = l->name, .length = strlen (l->name) },
                   name);
  if (strcmp (name, l->name) != 0)
    return accel_fail (err, "layer \"%s\": a name without blanks and # was expected",
                       l->name);
  if (l->kind != ACCEL_CONV && !plain)
    return accel_fail (
        err, "layer \"%s\": strides and padding were expected in conv alone", l->name);
  if (l->kind == ACCEL_GEMM && l->size[ACCEL_Q] != 1)
    return accel_fail (err, "layer \"%s\": Q = 1 was expected in a gemm", l->name);
  for (int d = 0; d < ACCEL_DIMS; d++)
    most = l->size[d] > most ? l->size[d] : most;
  if (most > INT32_MAX || l->count > INT32_MAX)
    return accel_fail (err, "layer \"%s\": numbers up to 2147483647 were expected",
                       l->name);
  return ACCEL_OK;
}

/* Nothing where both are what the reader takes for an absent key. */
static void
add_pair (char line[ACCEL_TEXT_LINE_MAX], enum key key, uint32_t w, uint32_t h)
{
  size_t used = strlen (line);
  if (w == 1 && h == 1 && (is_pair (key) ? key != FILTER && key != OUT : key >= STRIDE))
    return;
  used += (size_t)snprintf (line + used, ACCEL_TEXT_LINE_MAX - used, " %s %u",
                            key_names[key], w);
  if (w != h)
    snprintf (line + used, ACCEL_TEXT_LINE_MAX - used, "x%u", h);
}

static void
add_padding (char line[ACCEL_TEXT_LINE_MAX], const struct accel_layer *l)
{
  size_t used = strlen (line), room = ACCEL_TEXT_LINE_MAX - used;
  if (l->pad_left != l->pad_right || l->pad_top != l->pad_bottom)
    snprintf (line + used, room, " pad %ux%ux%ux%u", l->pad_left, l->pad_right,
              l->pad_top, l->pad_bottom);
  else if (l->pad_left != l->pad_top)
    snprintf (line + used, room, " pad %ux%u", l->pad_left, l->pad_top);
  else if (l->pad_left != 0)
    snprintf (line + used, room, " pad %u", l->pad_left);
}

/* `out`, not `in`: several inputs give the same output, and the layer keeps the output.
 */
static void
add_window (char line[ACCEL_TEXT_LINE_MAX], const struct accel_layer *l)
{
  add_pair (line, OUT, l->size[ACCEL_P], l->size[ACCEL_Q]);
  if (l->kind != ACCEL_CONV)
    return;
  add_pair (line, FILTER, l->size[ACCEL_R], l->size[ACCEL_S]);
  add_pair (line, STRIDE, l->stride_w, l->stride_h);
  add_pair (line, DILATION, l->dilation_w, l->dilation_h);
  add_padding (line, l);
}

static void
add_number (char line[ACCEL_TEXT_LINE_MAX], enum key key, uint32_t number)
{
  add_pair (line, key, number, number);
}

/* Channels and groups, as each kind has them. */
static void
add_channels (char line[ACCEL_TEXT_LINE_MAX], const struct accel_layer *l,
              unsigned grammar)
{
  const uint32_t *n = l->size;
  if (grammar == GEMM) {
    add_number (line, M, n[ACCEL_P]);
    add_number (line, N, n[ACCEL_K]);
    add_number (line, K, n[ACCEL_C]);
  } else if (grammar == ELEMENTWISE) {
    add_number (line, CHANNELS, n[ACCEL_K] * n[ACCEL_G]);
  } else {
    add_number (line, CHANNELS, n[ACCEL_C] * n[ACCEL_G]);
    if (grammar == CONV || n[ACCEL_K] != 1)
      add_number (line, MAPS, grammar == CONV ? n[ACCEL_K] * n[ACCEL_G] : n[ACCEL_K]);
  }
  if (grammar != DEPTHWISE)
    add_number (line, GROUPS, n[ACCEL_G]);
}

int
accel_layer_format (char line[ACCEL_TEXT_LINE_MAX], const struct accel_layer *l,
                    struct accel_error *err)
{
  unsigned grammar = l->kind == ACCEL_GEMM                           ? GEMM
                     : l->kind == ACCEL_ELEMENTWISE                  ? ELEMENTWISE
                     : l->size[ACCEL_C] == 1 && l->size[ACCEL_G] > 1 ? DEPTHWISE
                                                                     : CONV;
  if (check_sayable (l, err) != ACCEL_OK)
    return ACCEL_INVALID;
  snprintf (line, ACCEL_TEXT_LINE_MAX, "%-11s %s", grammars[grammar].name, l->name);
  if (grammar != GEMM)
    add_window (line, l);
  add_channels (line, l, grammar);
  add_number (line, BATCH, l->size[ACCEL_N]);
  add_number (line, TIMES, l->count);
  memcpy (line + strlen (line), "\n", 2);
  return ACCEL_OK;
}

static bool
write_layers (FILE *out, const struct accel_workload *w)
{
  char line[ACCEL_TEXT_LINE_MAX];
  if (fprintf (out, "# %s\n", w->name) < 0)
    return false;
  for (size_t i = 0; i < w->count; i++) {
    if (accel_layer_format (line, &w->layers[i], NULL) != ACCEL_OK
        || fputs (line, out) < 0)
      return false;
  }
  return fflush (out) == 0;
}

/* A full disk may show only when the file is closed. Devices and pipes are not removed:
 * those are not ours. */
static int
write_file (const struct accel_workload *w, const char *path, struct accel_error *err)
{
  FILE *out = fopen (path, "we");
  struct stat info;
  bool written;
  int reason;
  if (out == NULL)
    return accel_fail (err, "%.160s: %s", path, strerror (errno));
  written = write_layers (out, w);
  reason = errno;
  if (fclose (out) != 0 && written) {
    written = false;
    reason = errno;
  }
  if (written)
    return ACCEL_OK;
  if (lstat (path, &info) == 0 && S_ISREG (info.st_mode))
    unlink (path);
  return accel_fail (err, "%.160s: cannot be written: %s", path, strerror (reason));
}

/* Nothing is written where a layer cannot be said. */
int
accel_workload_write (const struct accel_workload *w, const char *path,
                      struct accel_error *err)
{
  for (size_t i = 0; i < w->count; i++) {
    if (check_sayable (&w->layers[i], err) != ACCEL_OK)
      return ACCEL_INVALID;
  }
  if (w->count == 0)
    return accel_fail (err, "a workload without a layer; no file can hold it");
  return write_file (w, path, err);
}
