/* timeloop.c - problem files of Timeloop: see workload.h. */
#include "sims/accel/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

/* What an instance may give: dimensions, then coefficients. */
enum bound {
  BOUND_R,
  BOUND_S,
  BOUND_P,
  BOUND_Q,
  BOUND_C,
  BOUND_K,
  BOUND_N,
  BOUND_G,
  BOUND_M,
  BOUND_WSTRIDE,
  BOUND_HSTRIDE,
  BOUND_WDILATION,
  BOUND_HDILATION,
  BOUNDS,
  DIMENSIONS = BOUND_WSTRIDE
};

enum {
  YAML_MAX =
      256 * 1024, /* bytes; with an architecture beside it a problem has a few KiB */
  DEPTH_MAX = 64  /* of brackets */
};

static const char *const bound_names[BOUNDS + 1] = {
  "R", "S", "P",       "Q",       "C",         "K",         "N",
  "G", "M", "Wstride", "Hstride", "Wdilation", "Hdilation", NULL
};

#define BIT(name) (1u << BOUND_##name)

static const unsigned conv_bounds =
    BIT (R) | BIT (S) | BIT (P) | BIT (Q) | BIT (C) | BIT (K) | BIT (N);
static const unsigned product_bounds = BIT (M) | BIT (N) | BIT (K);

/* One file being read. `text->line` follows the node at hand. */
struct problem {
  struct accel_reader *text;
  yaml_document_t document;
  unsigned given;     /* bounds with a value */
  unsigned declared;  /* dimensions of the shape, 0 when it has none */
  unsigned inputs[2]; /* their dimensions: the two that are read, ... */
  unsigned outputs;   /* ... and the one that is written */
  unsigned inputs_seen;
  bool outputs_seen;
  bool product;   /* by the shape's name or the bounds */
  bool depthwise; /* C plays the groups */
  bool template;  /* bounds default to 1 */
  uint64_t value[BOUNDS];
};

/* ---- Nodes ------------------------------------------------------------------------- */

static yaml_node_t *
node_at (struct problem *r, int number)
{
  yaml_node_t *node = yaml_document_get_node (&r->document, number);
  r->text->line = node->start_mark.line + 1;
  return node;
}

/* Nothing when it is no scalar, which no wanted word is. */
static struct accel_word
scalar (const yaml_node_t *node)
{
  if (node->type != YAML_SCALAR_NODE)
    return (struct accel_word){ .at = "" };
  return (struct accel_word){ .at = (const char *)node->data.scalar.value,
                              .length = node->data.scalar.length };
}

static int
fail_word (const struct problem *r, const char *what, struct accel_word word,
           const char *const *names, const char *expected)
{
  const char *near = accel_nearest (word, names);
  char shown[ACCEL_SHOWN_MAX];
  return accel_reader_fail (r->text, "%s %s, expected %s%s%s", what,
                            accel_shown (word, shown), expected,
                            near ? "; nearest is " : "", near ? near : "");
}

/* Which of the names a key is; refuses unknown and repeated ones. */
static int
take_key (struct problem *r, int number, const char *where, const char *const *names,
          unsigned *seen, unsigned *index)
{
  struct accel_word key = scalar (node_at (r, number));
  char what[48], expected[128] = "";
  for (*index = 0; names[*index] != NULL; ++*index) {
    if (accel_word_is (key, names[*index])) {
      if ((*seen >> *index & 1) != 0)
        return accel_reader_fail (r->text,
                                  "found %s a second time in %s, expected it once",
                                  names[*index], where);
      *seen |= 1u << *index;
      return ACCEL_OK;
    }
  }
  for (unsigned i = 0, used = 0; names[i] != NULL; i++)
    used += (unsigned)snprintf (expected + used, sizeof expected - used, "%s%s",
                                i > 0 ? ", " : "", names[i]);
  snprintf (what, sizeof what, "%s has no key", where);
  return fail_word (r, what, key, names, expected);
}

static int
expect_type (struct problem *r, const yaml_node_t *node, yaml_node_type_t type,
             const char *what)
{
  static const char *const types[] = {
    [YAML_NO_NODE] = "nothing",
    [YAML_SCALAR_NODE] = "a word",
    [YAML_SEQUENCE_NODE] = "a list",
    [YAML_MAPPING_NODE] = "keys with values",
  };
  if (node->type == type)
    return ACCEL_OK;
  return accel_reader_fail (r->text, "%s: found %s, expected %s", what, types[node->type],
                            types[type]);
}

/* ---- Bounds ------------------------------------------------------------------------ */

/* The name of a dimension or coefficient; BOUNDS when it is none. */
static unsigned
find_bound (struct accel_word word)
{
  unsigned b = 0;
  if (accel_word_is (word, "WStride"))
    return BOUND_WSTRIDE;
  if (accel_word_is (word, "HStride"))
    return BOUND_HSTRIDE;
  while (b < BOUNDS && !accel_word_is (word, bound_names[b]))
    b++;
  return b;
}

static int
read_bound (struct problem *r, struct accel_word key, const yaml_node_t *value)
{
  unsigned b = find_bound (key);
  if (b == BOUNDS)
    return fail_word (
        r,
        accel_word_is (key, "densities") ? "dense layers have no key"
                                         : "instance has no key",
        key, bound_names,
        "R, S, P, Q, C, K, N, G, M, Wstride, Hstride, Wdilation, Hdilation");
  if ((r->given >> b & 1) != 0)
    return accel_reader_fail (r->text, "found %s a second time, expected it once",
                              bound_names[b]);
  r->given |= 1u << b;
  return accel_reader_number (r->text, scalar (value), bound_names[b], 1,
                              b < DIMENSIONS ? UINT32_MAX : ACCEL_STRIDE_MAX,
                              &r->value[b]);
}

static int
read_instance (struct problem *r, const yaml_node_t *node)
{
  if (expect_type (r, node, YAML_MAPPING_NODE, "instance") != ACCEL_OK)
    return ACCEL_INVALID;
  for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
       pair < node->data.mapping.pairs.top; pair++) {
    const yaml_node_t *value = node_at (r, pair->value);
    if (read_bound (r, scalar (node_at (r, pair->key)), value) != ACCEL_OK)
      return ACCEL_INVALID;
  }
  return ACCEL_OK;
}

/* ---- Shapes ------------------------------------------------------------------------ */

static int
read_dimensions (struct problem *r, const yaml_node_t *node)
{
  if (expect_type (r, node, YAML_SEQUENCE_NODE, "dimensions") != ACCEL_OK)
    return ACCEL_INVALID;
  for (yaml_node_item_t *item = node->data.sequence.items.start;
       item < node->data.sequence.items.top; item++) {
    struct accel_word word = scalar (node_at (r, *item));
    unsigned b = find_bound (word);
    if (b >= DIMENSIONS)
      return fail_word (r, "found dimension", word, bound_names,
                        "R, S, P, Q, C, K, N, G or M");
    if ((r->declared >> b & 1) != 0)
      return accel_reader_fail (
          r->text, "found dimension %s a second time, expected it once", bound_names[b]);
    r->declared |= 1u << b;
  }
  return ACCEL_OK;
}

/* A coefficient's name and default; an instance read before wins. */
static int
read_coefficient (struct problem *r, const yaml_node_t *node)
{
  static const char *const names[] = { "name", "default", NULL };
  unsigned seen = 0, key = 0, b = BOUNDS;
  uint64_t value = 1;
  if (expect_type (r, node, YAML_MAPPING_NODE, "coefficients") != ACCEL_OK)
    return ACCEL_INVALID;
  for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
       pair < node->data.mapping.pairs.top; pair++) {
    struct accel_word word;
    if (take_key (r, pair->key, "coefficient", names, &seen, &key) != ACCEL_OK)
      return ACCEL_INVALID;
    word = scalar (node_at (r, pair->value));
    if (key == 1
        && accel_reader_number (r->text, word, "default", 1, ACCEL_STRIDE_MAX, &value)
               != ACCEL_OK)
      return ACCEL_INVALID;
    if (key == 0 && ((b = find_bound (word)) < DIMENSIONS || b == BOUNDS))
      return fail_word (r, "found coefficient", word, bound_names + DIMENSIONS,
                        "Wstride, Hstride, Wdilation or Hdilation");
  }
  if (b == BOUNDS)
    return accel_reader_fail (r->text,
                              "coefficient without a name, expected it to have one");
  if ((r->given >> b & 1) == 0)
    r->value[b] = value;
  return ACCEL_OK;
}

/* One product of an axis, such as [R, Wdilation]: adds its names to *names. A coefficient
 * belongs to one dimension, or a stride would be taken for that of the other side. */
static int
read_term (struct problem *r, const yaml_node_t *node, unsigned *names)
{
  static const unsigned fit[] = { BIT (P) | BIT (WSTRIDE), BIT (Q) | BIT (HSTRIDE),
                                  BIT (R) | BIT (WDILATION), BIT (S) | BIT (HDILATION) };
  unsigned term = 0, good;
  if (expect_type (r, node, YAML_SEQUENCE_NODE, "projection") != ACCEL_OK)
    return ACCEL_INVALID;
  for (yaml_node_item_t *item = node->data.sequence.items.start;
       item < node->data.sequence.items.top; item++) {
    struct accel_word word = scalar (node_at (r, *item));
    unsigned b = find_bound (word);
    if (b == BOUNDS)
      return fail_word (r, "projection has", word, bound_names,
                        "dimensions and coefficients");
    term |= 1u << b;
  }
  good = (term & (term - 1)) == 0 && term < 1u << DIMENSIONS;
  for (unsigned i = 0; i < sizeof fit / sizeof *fit; i++)
    good |= term == fit[i];
  if (!good || term == 0)
    return accel_reader_fail (r->text,
                              "found another product, expected one dimension, or "
                              "[P, Wstride], [R, Wdilation], [Q, Hstride], "
                              "[S, Hdilation]");
  *names |= term & ((1u << DIMENSIONS) - 1);
  return ACCEL_OK;
}

/* A sum of products: a dimension by itself, or what slides. */
static int
read_axis (struct problem *r, const yaml_node_t *node, unsigned *space, unsigned *alone)
{
  unsigned axis = 0;
  if (expect_type (r, node, YAML_SEQUENCE_NODE, "projection") != ACCEL_OK)
    return ACCEL_INVALID;
  for (yaml_node_item_t *item = node->data.sequence.items.start;
       item < node->data.sequence.items.top; item++) {
    if (read_term (r, node_at (r, *item), &axis) != ACCEL_OK)
      return ACCEL_INVALID;
  }
  if (axis == 0 || (*space & axis) != 0
      || ((axis & (axis - 1)) != 0 && axis != (BIT (P) | BIT (R))
          && axis != (BIT (Q) | BIT (S))))
    return accel_reader_fail (r->text, "found another axis, expected one dimension, or P "
                                       "with R, or Q with S, each once");
  *space |= axis;
  *alone |= (axis & (axis - 1)) == 0 ? axis : 0;
  return ACCEL_OK;
}

/* All axes of a data space. P and R on axes of their own would be inputs that do not
 * overlap. */
static int
read_projection (struct problem *r, const yaml_node_t *node, unsigned *space)
{
  const unsigned width = BIT (P) | BIT (R), height = BIT (Q) | BIT (S);
  unsigned alone = 0;
  if (expect_type (r, node, YAML_SEQUENCE_NODE, "projection") != ACCEL_OK)
    return ACCEL_INVALID;
  for (yaml_node_item_t *item = node->data.sequence.items.start;
       item < node->data.sequence.items.top; item++) {
    if (read_axis (r, node_at (r, *item), space, &alone) != ACCEL_OK)
      return ACCEL_INVALID;
  }
  if (((*space & width) == width && (alone & width) != 0)
      || ((*space & height) == height && (alone & height) != 0))
    return accel_reader_fail (r->text, "found P beside R, or Q beside S, expected them "
                                       "summed on one axis");
  return ACCEL_OK;
}

/* Any word but these is what YAML 1.1 calls false, or nonsense. */
static bool
is_true (struct accel_word word)
{
  return accel_word_is (word, "true") || accel_word_is (word, "True")
         || accel_word_is (word, "TRUE");
}

static int
read_space (struct problem *r, const yaml_node_t *node)
{
  static const char *const names[] = { "name", "projection", "read_write", NULL };
  unsigned seen = 0, key = 0, space = 0;
  bool written = false;
  if (expect_type (r, node, YAML_MAPPING_NODE, "data_spaces") != ACCEL_OK)
    return ACCEL_INVALID;
  for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
       pair < node->data.mapping.pairs.top; pair++) {
    const yaml_node_t *value;
    if (take_key (r, pair->key, "data space", names, &seen, &key) != ACCEL_OK)
      return ACCEL_INVALID;
    value = node_at (r, pair->value);
    if (key == 2)
      written = is_true (scalar (value));
    if (key == 1 && read_projection (r, value, &space) != ACCEL_OK)
      return ACCEL_INVALID;
  }
  if (written ? r->outputs_seen : r->inputs_seen == 2)
    return accel_reader_fail (r->text,
                              "found too many data spaces, expected two that are "
                              "read and one with read_write: true");
  if (written) {
    r->outputs = space;
    r->outputs_seen = true;
  } else {
    r->inputs[r->inputs_seen++] = space;
  }
  return ACCEL_OK;
}

/* A list of data spaces or of coefficients. */
static int
read_list (struct problem *r, const yaml_node_t *node, const char *what,
           int (*read) (struct problem *, const yaml_node_t *))
{
  if (expect_type (r, node, YAML_SEQUENCE_NODE, what) != ACCEL_OK)
    return ACCEL_INVALID;
  for (yaml_node_item_t *item = node->data.sequence.items.start;
       item < node->data.sequence.items.top; item++) {
    if (read (r, node_at (r, *item)) != ACCEL_OK)
      return ACCEL_INVALID;
  }
  return ACCEL_OK;
}

/* The tensors that a product or a convolution has over the declared dimensions, in either
 * order of the two that are read. */
static bool
reads_tensors (const struct problem *r, unsigned weights, unsigned inputs,
               unsigned outputs)
{
  unsigned have = r->declared;
  weights &= have;
  inputs &= have;
  return r->outputs == (outputs & have)
         && ((r->inputs[0] == weights && r->inputs[1] == inputs)
             || (r->inputs[0] == inputs && r->inputs[1] == weights));
}

static int
judge_shape (struct problem *r)
{
  const unsigned k = BIT (K) | BIT (M), slides = BIT (P) | BIT (Q) | BIT (R) | BIT (S);
  const unsigned image = BIT (N) | BIT (P) | BIT (Q), filter = BIT (R) | BIT (S);
  if (!r->outputs_seen || r->inputs_seen != 2 || r->declared == 0)
    return accel_reader_fail (r->text,
                              "shape: expected dimensions, and three data_spaces of "
                              "which one has read_write: true");
  r->product = r->declared == product_bounds;
  if (r->product
      && reads_tensors (r, BIT (N) | BIT (K), BIT (M) | BIT (K), BIT (M) | BIT (N)))
    return ACCEL_OK;
  if ((r->declared & k) != k
      && reads_tensors (r, k | filter | BIT (C) | BIT (G),
                        slides | BIT (N) | BIT (C) | BIT (G), image | k | BIT (G)))
    return ACCEL_OK;
  r->depthwise = (r->declared & k) != k && (r->declared & BIT (G)) == 0;
  if (r->depthwise
      && reads_tensors (r, k | filter | BIT (C), slides | BIT (N) | BIT (C),
                        image | k | BIT (C)))
    return ACCEL_OK;
  return accel_reader_fail (r->text,
                            "shape: found other projections, expected those of a "
                            "convolution (Weights C K R S, Inputs N C P+R Q+S, "
                            "Outputs N K Q P) or of a product (M K, N K, M N)");
}

static int
read_described (struct problem *r, const yaml_node_t *node)
{
  static const char *const names[] = { "name", "dimensions", "coefficients",
                                       "data_spaces", NULL };
  size_t line = r->text->line;
  unsigned seen = 0, key = 0;
  int status = ACCEL_OK;
  for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
       status == ACCEL_OK && pair < node->data.mapping.pairs.top; pair++) {
    const yaml_node_t *value;
    status = take_key (r, pair->key, "shape", names, &seen, &key);
    value = node_at (r, pair->value);
    if (status != ACCEL_OK)
      return status;
    if (key == 1)
      status = read_dimensions (r, value);
    else if (key == 2)
      status = read_list (r, value, "coefficients", read_coefficient);
    else if (key == 3)
      status = read_list (r, value, "data_spaces", read_space);
  }
  r->text->line = line;
  return status == ACCEL_OK ? judge_shape (r) : status;
}

/* Timeloop looks a name up among its own files; these are the ones it comes with. */
static int
read_shape (struct problem *r, const yaml_node_t *node)
{
  static const char *const names[] = { "cnn_layer", "CNN_Layer", "cnn-layer", "gemm_ABZ",
                                       NULL };
  struct accel_word word = scalar (node);
  if (node->type == YAML_MAPPING_NODE)
    return read_described (r, node);
  for (unsigned i = 0; names[i] != NULL; i++) {
    if (accel_word_is (word, names[i])) {
      r->product = i == 3;
      r->declared = r->product ? product_bounds : conv_bounds;
      return ACCEL_OK;
    }
  }
  return fail_word (r, "shape: found", word, names,
                    "cnn_layer, gemm_ABZ or a description");
}

/* ---- The problem ------------------------------------------------------------------- */

/* Bounds under `problem` itself are Timeloop's older form. */
static int
read_problem (struct problem *r, const yaml_node_t *node)
{
  static const char *const names[] = { "version", "shape", "instance", "name", NULL };
  unsigned seen = 0, key = 0;
  int status = expect_type (r, node, YAML_MAPPING_NODE, "problem");
  if (status != ACCEL_OK)
    return status;
  for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
       status == ACCEL_OK && pair < node->data.mapping.pairs.top; pair++) {
    struct accel_word word = scalar (node_at (r, pair->key));
    bool bound = find_bound (word) < BOUNDS;
    const yaml_node_t *value;
    if (!bound && take_key (r, pair->key, "problem", names, &seen, &key) != ACCEL_OK)
      return ACCEL_INVALID;
    value = node_at (r, pair->value);
    if (bound)
      status = read_bound (r, word, value);
    else if (key == 1)
      status = read_shape (r, value);
    else if (key == 2)
      status = read_instance (r, value);
  }
  return status;
}

/* Without a shape the bounds tell what it is, and which are missing. */
static int
check_given (struct problem *r)
{
  const unsigned k = BIT (K) | BIT (M), all = (1u << DIMENSIONS) - 1;
  unsigned needed = r->declared, given = r->given & all;
  if (r->template) {
    needed = (conv_bounds & ~BIT (K)) | BIT (G) | BIT (M);
  } else if (needed == 0) {
    r->product = given == product_bounds;
    needed = r->product ? product_bounds : conv_bounds & ~BIT (K);
    needed |= (given & k) == 0 ? BIT (K) : given & (k | BIT (G));
  }
  for (unsigned b = 0; b < DIMENSIONS; b++) {
    if ((given >> b & 1) != 0 && (needed >> b & 1) == 0)
      return accel_reader_fail (
          r->text, "found %s, expected dimensions of the shape alone", bound_names[b]);
    if ((given >> b & 1) == 0 && (needed >> b & 1) != 0 && !r->template)
      return accel_reader_fail (r->text,
                                "problem without %s, expected every dimension of "
                                "its shape",
                                bound_names[b]);
  }
  if (!r->product && (given & k) == k)
    return accel_reader_fail (r->text,
                              "found K and M, expected one name for output channels");
  return ACCEL_OK;
}

static void
set_conv (const struct problem *r, struct accel_layer *layer)
{
  const uint64_t *v = r->value;
  layer->size[ACCEL_R] = (uint32_t)v[BOUND_R];
  layer->size[ACCEL_S] = (uint32_t)v[BOUND_S];
  layer->size[ACCEL_P] = (uint32_t)v[BOUND_P];
  layer->size[ACCEL_Q] = (uint32_t)v[BOUND_Q];
  layer->size[ACCEL_C] = r->depthwise ? 1 : (uint32_t)v[BOUND_C];
  layer->size[ACCEL_K] = (uint32_t)(v[BOUND_K] * v[BOUND_M]); /* one of them is 1 */
  layer->size[ACCEL_N] = (uint32_t)v[BOUND_N];
  layer->size[ACCEL_G] = (uint32_t)v[r->depthwise ? BOUND_C : BOUND_G];
  layer->stride_w = (uint32_t)v[BOUND_WSTRIDE];
  layer->stride_h = (uint32_t)v[BOUND_HSTRIDE];
  layer->dilation_w = (uint32_t)v[BOUND_WDILATION];
  layer->dilation_h = (uint32_t)v[BOUND_HDILATION];
}

static int
append_layer (struct problem *r)
{
  const struct accel_workload *w = r->text->workload;
  struct accel_layer layer = accel_layer_unit (ACCEL_CONV);
  if (r->product)
    layer = accel_layer_gemm ((uint32_t)r->value[BOUND_M], (uint32_t)r->value[BOUND_N],
                              (uint32_t)r->value[BOUND_K]);
  else
    set_conv (r, &layer);
  accel_word_copy ((struct accel_word){ .at = w->name, .length = strlen (w->name) },
                   layer.name);
  return accel_reader_append (r->text, &layer);
}

/* Finds `problem` among what else a file may hold. */
static int
read_root (struct problem *r)
{
  yaml_node_t *root = yaml_document_get_root_node (&r->document);
  yaml_node_pair_t *found = NULL;
  r->text->line = 1;
  for (yaml_node_pair_t *pair = root != NULL && root->type == YAML_MAPPING_NODE
                                    ? root->data.mapping.pairs.start
                                    : NULL;
       pair != NULL && pair < root->data.mapping.pairs.top; pair++) {
    if (!accel_word_is (scalar (node_at (r, pair->key)), "problem"))
      continue;
    if (found != NULL)
      return accel_reader_fail (r->text, "found problem a second time, expected it once");
    found = pair;
  }
  if (found == NULL)
    return accel_reader_fail (r->text,
                              "found no key problem, expected a problem of Timeloop "
                              "(\"problem:\" with its instance)");
  node_at (r, found->key);
  if (read_problem (r, node_at (r, found->value)) != ACCEL_OK)
    return ACCEL_INVALID;
  node_at (r, found->key);
  if (check_given (r) != ACCEL_OK)
    return ACCEL_INVALID;
  return append_layer (r);
}

/* ---- The text ---------------------------------------------------------------------- */

/* Blanks the lines of a template, which are no YAML; true when there were any. */
static bool
blank_template (char *bytes, size_t size)
{
  struct accel_reader lines = { .name = "", .at = bytes, .end = bytes + size };
  struct accel_word line;
  bool any = false;
  while (accel_next_line (&lines, &line)) {
    bool include = line.length >= 4 && memcmp (line.at, "{{", 2) == 0
                   && memcmp (line.at + line.length - 2, "}}", 2) == 0;
    bool merge = accel_word_is (line, "<<<: *problem_base")
                 || accel_word_is (line, "<<: *problem_base");
    if (include || merge)
      memset (bytes + (line.at - bytes), ' ', line.length);
    any = any || include || merge;
  }
  return any;
}

/* libyaml takes the square of the depth of brackets, and of the number of anchors, in
 * time. Brackets in quotes and comments count too: a problem is far from the limit. */
static int
check_extent (struct accel_reader *r)
{
  int depth = 0;
  r->line = 1;
  if (r->end - r->at > YAML_MAX)
    return accel_reader_fail (
        r, "found more than %d bytes, expected a problem of Timeloop", YAML_MAX);
  for (const char *c = r->at; c < r->end; c++) {
    r->line += *c == '\n';
    depth += *c == '[' || *c == '{';
    depth -= *c == ']' || *c == '}';
    if (depth > DEPTH_MAX)
      return accel_reader_fail (
          r, "found more than %d brackets in each other, expected a problem of Timeloop",
          DEPTH_MAX);
  }
  return ACCEL_OK;
}

static int
fail_yaml (const struct problem *r, const yaml_parser_t *parser)
{
  if (parser->error == YAML_MEMORY_ERROR)
    return accel_no_memory (r->text->err);
  /* Errors of the encoding have an offset instead of a line. */
  r->text->line = parser->problem_mark.line + (parser->error != YAML_READER_ERROR);
  return accel_reader_fail (r->text, "found no YAML (%s), expected a problem of Timeloop",
                            parser->problem != NULL ? parser->problem : "unknown");
}

/* A second document would be passed over in silence. */
static int
expect_end (struct problem *r, yaml_parser_t *parser)
{
  yaml_document_t more;
  bool empty;
  if (yaml_parser_load (parser, &more) == 0)
    return fail_yaml (r, parser);
  empty = yaml_document_get_root_node (&more) == NULL;
  r->text->line = more.start_mark.line + 1;
  yaml_document_delete (&more);
  return empty ? ACCEL_OK
               : accel_reader_fail (r->text, "found a second document, expected one");
}

static int
read_yaml (struct problem *r, const char *bytes, size_t size)
{
  yaml_parser_t parser;
  int status;
  if (yaml_parser_initialize (&parser) == 0)
    return accel_no_memory (r->text->err);
  yaml_parser_set_input_string (&parser, (const unsigned char *)bytes, size);
  if (yaml_parser_load (&parser, &r->document) == 0) {
    status = fail_yaml (r, &parser);
  } else {
    status = read_root (r);
    yaml_document_delete (&r->document);
    if (status == ACCEL_OK)
      status = expect_end (r, &parser);
  }
  yaml_parser_delete (&parser);
  return status;
}

int
accel_read_timeloop (struct accel_reader *r)
{
  struct problem p = { .text = r };
  size_t size = (size_t)(r->end - r->at);
  char *bytes;
  int status;
  if (check_extent (r) != ACCEL_OK)
    return ACCEL_INVALID;
  bytes = malloc (size + 1);
  if (bytes == NULL)
    return accel_no_memory (r->err);
  memcpy (bytes, r->at, size);
  for (unsigned b = 0; b < BOUNDS; b++)
    p.value[b] = 1;
  p.template = blank_template (bytes, size);
  status = read_yaml (&p, bytes, size);
  free (bytes);
  return status;
}
