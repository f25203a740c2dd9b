/* timeloop.c - layers out of Timeloop's YAML: see workload.h. */
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "sims/accel/reader.h"

enum name { R, S, P, Q, C, K, M, N, G, WSTRIDE, HSTRIDE, WDILATION, HDILATION, NAMES };

static const char *const names[NAMES] = { [R] = "R",
                                          [S] = "S",
                                          [P] = "P",
                                          [Q] = "Q",
                                          [C] = "C",
                                          [K] = "K",
                                          [M] = "M",
                                          [N] = "N",
                                          [G] = "G",
                                          [WSTRIDE] = "Wstride",
                                          [HSTRIDE] = "Hstride",
                                          [WDILATION] = "Wdilation",
                                          [HDILATION] = "Hdilation" };

/* An instance: its numbers, 0 where absent. */
struct instance {
  uint32_t value[NAMES];
};

/* Empty for anything that is no scalar, which then equals no word and no number. */
static struct accel_word
scalar (const yaml_node_t *node)
{
  if (node == NULL || node->type != YAML_SCALAR_NODE)
    return (struct accel_word){ .at = "", .length = 0 };
  return (struct accel_word){ .at = (const char *)node->data.scalar.value,
                              .length = node->data.scalar.length };
}

static int
fail_at (struct accel_reader *r, const yaml_node_t *node, const char *text)
{
  r->line = node == NULL ? 1 : node->start_mark.line + 1;
  return accel_reader_fail (r, "%s", text);
}

/* The value of a key of a mapping, or NULL. */
static yaml_node_t *
member (yaml_document_t *d, const yaml_node_t *map, const char *key)
{
  const yaml_node_pair_t *p;
  if (map == NULL || map->type != YAML_MAPPING_NODE)
    return NULL;
  for (p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
    if (accel_word_is (scalar (yaml_document_get_node (d, p->key)), key))
      return yaml_document_get_node (d, p->value);
  }
  return NULL;
}

/* One pair of an instance. Unknown names are errors: a size that is passed over would
 * be a layer with less work. */
static int
take_size (struct accel_reader *r, const yaml_node_t *key, const yaml_node_t *value,
           struct instance *found)
{
  struct accel_word word = scalar (key);
  char text[120];
  int i = 0;
  while (i < NAMES && !accel_word_is (word, names[i]))
    i++;
  snprintf (text, sizeof text,
            "\"%.*s\" is no size of a layer: R S P Q C K M N G, Wstride "
            "Hstride Wdilation Hdilation are",
            (int)(word.length < 20 ? word.length : 20), word.at);
  if (i == NAMES)
    return fail_at (r, key, text);
  snprintf (text, sizeof text, "%s is given twice", names[i]);
  if (found->value[i] != 0)
    return fail_at (r, key, text);
  snprintf (text, sizeof text, "%s: a number of 1 to 2147483647 was expected", names[i]);
  if (!accel_word_number (scalar (value), false, &found->value[i]))
    return fail_at (r, value, text);
  return ACCEL_OK;
}

/* All pairs of the mapping; of `problem` itself those of other meaning are passed. */
static int
take_sizes (struct accel_reader *r, yaml_document_t *d, const yaml_node_t *map,
            bool problem, struct instance *found)
{
  const yaml_node_pair_t *p;
  if (map->type != YAML_MAPPING_NODE)
    return fail_at (r, map, "a mapping of sizes was expected");
  for (p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
    const yaml_node_t *key = yaml_document_get_node (d, p->key);
    struct accel_word word = scalar (key);
    if (problem && (accel_word_is (word, "shape") || accel_word_is (word, "version")))
      continue;
    if (take_size (r, key, yaml_document_get_node (d, p->value), found) != ACCEL_OK)
      return ACCEL_INVALID;
  }
  return ACCEL_OK;
}

static uint32_t
given (const struct instance *found, enum name name)
{
  return found->value[name] ? found->value[name] : 1;
}

/* M, N and K without anything of a convolution. */
static bool
is_gemm (const struct instance *found)
{
  const uint32_t *v = found->value;
  return v[M] && v[N] && v[K] && !v[R] && !v[S] && !v[P] && !v[Q] && !v[C] && !v[G];
}

/* Sizes that are not there are 1, as in Timeloop. */
static struct accel_layer
make_conv (const struct instance *found)
{
  struct accel_layer l = accel_layer_unit (ACCEL_CONV);
  bool depthwise = !found->value[K] && !found->value[M] && !found->value[G];
  l.size[ACCEL_R] = given (found, R);
  l.size[ACCEL_S] = given (found, S);
  l.size[ACCEL_P] = given (found, P);
  l.size[ACCEL_Q] = given (found, Q);
  l.size[ACCEL_N] = given (found, N);
  l.size[ACCEL_K] = found->value[K] ? found->value[K] : given (found, M);
  l.size[ACCEL_G] = depthwise ? given (found, C) : given (found, G);
  l.size[ACCEL_C] = depthwise ? 1 : given (found, C);
  l.stride_w = given (found, WSTRIDE);
  l.stride_h = given (found, HSTRIDE);
  l.dilation_w = given (found, WDILATION);
  l.dilation_h = given (found, HDILATION);
  return l;
}

/* "resnet_layer1" out of a path to resnet_layer1.yaml. */
static struct accel_word
stem (const char *path)
{
  const char *base = strrchr (path, '/'), *dot;
  base = base == NULL ? path : base + 1;
  dot = strrchr (base, '.');
  return (struct accel_word){ .at = base,
                              .length = dot ? (size_t)(dot - base) : strlen (base) };
}

static int
take_document (struct accel_reader *r, yaml_document_t *d)
{
  yaml_node_t *root = yaml_document_get_root_node (d);
  yaml_node_t *problem = member (d, root, "problem");
  yaml_node_t *instance = member (d, problem, "instance");
  struct instance found = { .value = { 0 } };
  struct accel_layer l;
  if (problem == NULL)
    return fail_at (r, root, "a mapping \"problem\" was expected");
  if (take_sizes (r, d, instance ? instance : problem, instance == NULL, &found)
      != ACCEL_OK)
    return ACCEL_INVALID;
  if (!is_gemm (&found) && found.value[K] && found.value[M])
    return fail_at (r, problem, "both K and M; a convolution has one of them");
  if (!is_gemm (&found) && (!found.value[C] || !found.value[P] || !found.value[Q]))
    return fail_at (r, problem, "a convolution needs C, P and Q, a GEMM M, N and K");
  l = is_gemm (&found) ? accel_layer_gemm (found.value[M], found.value[N], found.value[K])
                       : make_conv (&found);
  accel_word_copy (stem (r->name), l.name);
  r->line = problem->start_mark.line + 1;
  return accel_reader_append (r, &l);
}

/* What libyaml says, at its line. */
static int
fail_parse (struct accel_reader *r, const yaml_parser_t *parser)
{
  if (parser->error == YAML_MEMORY_ERROR)
    return accel_no_memory (r->err);
  r->line = parser->problem_mark.line + 1;
  return accel_reader_fail (r, "no YAML: %s",
                            parser->problem ? parser->problem : "cannot be read");
}

int
accel_read_timeloop (struct accel_reader *r)
{
  yaml_parser_t parser;
  yaml_document_t document;
  int status;
  if (!yaml_parser_initialize (&parser))
    return accel_no_memory (r->err);
  yaml_parser_set_input_string (&parser, (const unsigned char *)r->at,
                                (size_t)(r->end - r->at));
  if (yaml_parser_load (&parser, &document)) {
    status = take_document (r, &document);
    yaml_document_delete (&document);
  } else {
    status = fail_parse (r, &parser);
  }
  yaml_parser_delete (&parser);
  return status;
}
