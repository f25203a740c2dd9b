/* graph.h - cells of NAS-Bench-201 (Dong and Yang, ICLR 2020), and which of them are the
 * same network.
 *
 * A cell has four nodes. Node 0 is its input; every later node is the sum of one operator
 * on each earlier node; node 3 is its output. A cell is six operators, one an edge, in
 * the order 0-1, 0-2, 1-2, 0-3, 1-3, 2-3.
 *
 * FORM. What is computed is a list of steps: value 0 is the cell's input, value i the
 * result of step i - 1, and a step is an operator on a sum of earlier values. Skips
 * disappear in the sums, nothing (none, or an operator on nothing) disappears
 * altogether, and so does what nobody reads. Two convolutions are two steps, since each
 * has weights of its own; a pool has none, and so a sum is pooled once. Of all orders
 * of the steps the one that reads least is taken, so that two cells have one form
 * exactly when they are one network but for the names of its weights.
 *
 * The count of the benchmark's authors, 6,466 of 15,625, is that of a text
 * (Structure.to_unique_str in their AutoDL-Projects). It is finer than forms in that a
 * sum of nothing and nothing is something there, and that a node reached by a skip keeps
 * its brackets; it is coarser in that one convolution read twice and two convolutions of
 * one node, read once each, are the same text. Neither knows that pooling is linear, and
 * both take a normalisation of nothing, which is a constant, for nothing. */
#ifndef ENVS_CELL_GRAPH_H
#define ENVS_CELL_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cell_op { CELL_NONE, CELL_SKIP, CELL_CONV1, CELL_CONV3, CELL_POOL, CELL_OPS };

enum {
  CELL_EDGES = 6,
  CELL_CELLS = 15625, /* CELL_OPS to the power of CELL_EDGES */
  CELL_TERMS = 4      /* input + (input) + (input + (input)), all by skips */
};

extern const char *const cell_op_names[CELL_OPS];

/* A sum of values, in rising order. */
struct cell_sum {
  uint8_t n, terms[CELL_TERMS];
};

struct cell_step {
  enum cell_op op; /* CELL_CONV1, CELL_CONV3 or CELL_POOL */
  uint8_t edge;    /* where it stands in the cell; no part of the form */
  struct cell_sum of;
};

struct cell_form {
  uint8_t n;
  struct cell_step steps[CELL_EDGES];
  struct cell_sum out; /* n = 0: the cell is disconnected and yields zeros */
};

/* The operators of cell 0 .. CELL_CELLS - 1, the last edge changing fastest, and back. */
void cell_ops (uint32_t cell, enum cell_op ops[CELL_EDGES]);
uint32_t cell_index (const enum cell_op ops[CELL_EDGES]);

/* The form of a cell, and its order: 0 when two forms are the same. */
struct cell_form cell_form_of (const enum cell_op ops[CELL_EDGES]);
int cell_form_compare (const struct cell_form *a, const struct cell_form *b);

/* For every cell the least one of the same form. `first` has CELL_CELLS numbers; returns
 * how many forms there are, 0 when memory runs out. */
uint32_t cell_classes (uint16_t *first);

/* A form in words: "a=conv3x3(x) b=avgpool3x3(a+x) a+b". */
enum { CELL_TEXT = 256 };
void cell_form_text (const struct cell_form *form, char text[CELL_TEXT]);

#endif
