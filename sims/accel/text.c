/* text.c - the project's own form of layer files: see workload.h. */
#include <string.h>

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

static const char *const key_names[KEYS] = { [CHANNELS] = "channels",
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
                    .may = BIT (IN) | BIT (OUT) | BIT (BATCH) | BIT (TIMES) },
};

/* A line taken apart: width and height of each key, the same for single numbers. */
struct line {
  const struct grammar *grammar;
  char name[ACCEL_NAME_MAX];
  unsigned given;
  bool same; /* pad same */
  uint32_t w[KEYS], h[KEYS];
};

/* What has a width and a height. */
static bool
is_pair (enum key key)
{
  return key == FILTER || key == IN || key == OUT || key == STRIDE || key == DILATION
         || key == PAD;
}

/* One number stands for both sides. */
static bool
take_value (enum key key, struct accel_word value, struct line *l)
{
  struct accel_word rest = value, side;
  bool zero = key == PAD;
  if (!is_pair (key) || memchr (value.at, 'x', value.length) == NULL) {
    bool good = accel_word_number (value, zero, &l->w[key]);
    l->h[key] = l->w[key];
    return good;
  }
  return accel_next_word (&rest, 'x', &side) && accel_word_number (side, zero, &l->w[key])
         && accel_word_number (rest, zero, &l->h[key]);
}

/* A key and its value; `word` is the key, the value is taken from the rest. */
static int
take_pair (struct accel_reader *r, struct accel_word word, struct accel_word *rest,
           struct line *l)
{
  struct accel_word value;
  enum key key = 0;
  while (key < KEYS && !accel_word_is (word, key_names[key]))
    key++;
  if (key == KEYS || !((l->grammar->must | l->grammar->may) & BIT (key)))
    return accel_reader_fail (r, "\"%.*s\" is no key of a %s layer", (int)word.length,
                              word.at, l->grammar->name);
  if (l->given & BIT (key))
    return accel_reader_fail (r, "\"%s\" is given twice", key_names[key]);
  if (!accel_next_word (rest, ' ', &value))
    return accel_reader_fail (r, "\"%s\" lacks its value", key_names[key]);
  l->given |= BIT (key);
  l->same |= key == PAD && accel_word_is (value, "same");
  if ((key == PAD && l->same) || take_value (key, value, l))
    return ACCEL_OK;
  return accel_reader_fail (
      r, "\"%s %.*s\": expected %s", key_names[key], (int)value.length, value.at,
      key == PAD      ? "a number, two as in 3x2, or same"
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
  layer->pad_left = layer->pad_right = l->w[PAD];
  layer->pad_top = layer->pad_bottom = l->h[PAD];
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
  if (l->grammar == &grammars[ELEMENTWISE]) {
    n[ACCEL_K] = channels;
    return ACCEL_OK;
  }
  if (l->grammar == &grammars[CONV] && (channels % groups || maps % groups))
    return accel_reader_fail (r, "%u groups divide %u channels or %u maps unevenly",
                              groups, channels, maps);
  n[ACCEL_G] = groups;
  n[ACCEL_C] = channels / groups;
  n[ACCEL_K] = l->grammar == &grammars[CONV] ? maps / groups : maps;
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
    return accel_reader_fail (
        r,
        "\"%.*s\" is no kind of layer; valid ones are conv, depthwise, gemm, elementwise",
        (int)(word.length < 40 ? word.length : 40), word.at);
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
