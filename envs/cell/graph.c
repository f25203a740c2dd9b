/* See graph.h. */
#include "envs/cell/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const cell_op_names[CELL_OPS] = { "none", "skip", "conv1x1", "conv3x3",
                                              "avgpool3x3" };

enum { NODES = 4 };

/* The ends of the edges. */
static const uint8_t tails[CELL_EDGES] = { 0, 0, 1, 0, 1, 2 };
static const uint8_t heads[CELL_EDGES] = { 1, 2, 2, 3, 3, 3 };

void
cell_ops (uint32_t cell, enum cell_op ops[CELL_EDGES])
{
  for (int e = CELL_EDGES - 1; e >= 0; e--, cell /= CELL_OPS)
    ops[e] = (enum cell_op) (cell % CELL_OPS);
}

uint32_t
cell_index (const enum cell_op ops[CELL_EDGES])
{
  uint32_t cell = 0;
  for (int e = 0; e < CELL_EDGES; e++)
    cell = cell * CELL_OPS + (uint32_t)ops[e];
  return cell;
}

/* ---- Steps in the order of the edges ----------------------------------------------- */

/* Few numbers: insertion keeps them sorted. */
static void
add_term (struct cell_sum *sum, uint8_t term)
{
  int i = sum->n++;
  for (; i > 0 && sum->terms[i - 1] > term; i--)
    sum->terms[i] = sum->terms[i - 1];
  sum->terms[i] = term;
}

/* Both hold zeros behind their terms, so that bytes tell. */
static int
compare_sums (const struct cell_sum *a, const struct cell_sum *b)
{
  return memcmp (a, b, sizeof *a);
}

/* The value of an operator on a sum: an earlier pool of the same, or a new step. */
static uint8_t
add_step (struct cell_form *form, enum cell_op op, int edge, const struct cell_sum *of)
{
  struct cell_step *step = &form->steps[form->n];
  for (uint8_t i = 0; i < form->n && op == CELL_POOL; i++)
    if (form->steps[i].op == op && compare_sums (&form->steps[i].of, of) == 0)
      return (uint8_t)(i + 1);
  *step = (struct cell_step){ .op = op, .edge = (uint8_t)edge, .of = *of };
  return ++form->n;
}

/* Edges are sorted by their heads, so a tail is whole before it is read. */
static void
trace (const enum cell_op ops[CELL_EDGES], struct cell_form *form)
{
  struct cell_sum node[NODES] = { { .n = 1 } };
  for (int e = 0; e < CELL_EDGES; e++) {
    const struct cell_sum *tail = &node[tails[e]];
    if (ops[e] == CELL_NONE || tail->n == 0)
      continue;
    if (ops[e] != CELL_SKIP)
      add_term (&node[heads[e]], add_step (form, ops[e], e, tail));
    else
      for (uint8_t i = 0; i < tail->n; i++)
        add_term (&node[heads[e]], tail->terms[i]);
  }
  form->out = node[NODES - 1];
}

/* Values that the output depends on, as bits. */
static uint32_t
find_read (const struct cell_form *form)
{
  uint32_t read = 0;
  for (uint8_t i = 0; i < form->out.n; i++)
    read |= 1u << form->out.terms[i];
  for (int k = form->n; k >= 1; k--)
    for (uint8_t i = 0; (read & 1u << k) && i < form->steps[k - 1].of.n; i++)
      read |= 1u << form->steps[k - 1].of.terms[i];
  return read;
}

/* ---- The order that reads least ---------------------------------------------------- */

/* A search through orders: `number[v]` is the new number of old value v, 0 while it has
 * none (the input keeps its 0). */
struct order {
  const struct cell_form *from;
  uint32_t read;
  uint8_t wanted;
  uint8_t number[CELL_EDGES + 1];
  struct cell_form now, best;
  bool any;
};

static bool
renumber (const struct order *o, const struct cell_sum *sum, struct cell_sum *out)
{
  *out = (struct cell_sum){ .n = 0 };
  for (uint8_t i = 0; i < sum->n; i++) {
    if (sum->terms[i] != 0 && o->number[sum->terms[i]] == 0)
      return false;
    add_term (out, o->number[sum->terms[i]]);
  }
  return true;
}

static int
compare_steps (const struct cell_step *a, const struct cell_step *b)
{
  if (a->op != b->op)
    return a->op < b->op ? -1 : 1;
  return compare_sums (&a->of, &b->of);
}

int
cell_form_compare (const struct cell_form *a, const struct cell_form *b)
{
  if (a->n != b->n)
    return a->n < b->n ? -1 : 1;
  for (uint8_t i = 0; i < a->n; i++) {
    int c = compare_steps (&a->steps[i], &b->steps[i]);
    if (c != 0)
      return c;
  }
  return compare_sums (&a->out, &b->out);
}

/* Puts the least of the steps that can come next, and where several are equal, each of
 * them in turn: which is better shows later. */
static void
search (struct order *o)
{
  struct cell_step ready[CELL_EDGES];
  uint8_t value[CELL_EDGES], n = 0, least = 0;
  if (o->now.n == o->wanted) {
    renumber (o, &o->from->out, &o->now.out);
    if (!o->any || cell_form_compare (&o->now, &o->best) < 0)
      o->best = o->now;
    o->any = true;
    return;
  }
  for (uint8_t v = 1; v <= o->from->n; v++) {
    ready[n] = o->from->steps[v - 1];
    if (!(o->read & 1u << v) || o->number[v]
        || !renumber (o, &o->from->steps[v - 1].of, &ready[n].of))
      continue;
    value[n] = v;
    if (compare_steps (&ready[n], &ready[least]) < 0)
      least = n;
    n++;
  }
  for (uint8_t i = 0; i < n; i++)
    if (compare_steps (&ready[i], &ready[least]) == 0) {
      o->now.steps[o->now.n] = ready[i];
      o->number[value[i]] = ++o->now.n;
      search (o);
      o->number[value[i]] = 0;
      o->now.n--;
    }
}

struct cell_form
cell_form_of (const enum cell_op ops[CELL_EDGES])
{
  struct cell_form raw = { .n = 0 };
  struct order o = { .from = &raw };
  trace (ops, &raw);
  o.read = find_read (&raw);
  for (int v = 1; v <= raw.n; v++)
    o.wanted += (o.read >> v) & 1;
  search (&o);
  return o.best;
}

/* ---- All cells ------------------------------------------------------------------- */

struct entry {
  struct cell_form form;
  uint16_t cell;
};

/* Equal forms by number, so that the first of them is the least. */
static int
compare_entries (const void *left, const void *right)
{
  const struct entry *a = left, *b = right;
  int c = cell_form_compare (&a->form, &b->form);
  return c != 0 ? c : a->cell < b->cell ? -1 : 1;
}

uint32_t
cell_classes (uint16_t *first)
{
  struct entry *all = calloc (CELL_CELLS, sizeof *all);
  uint32_t n = 0;
  uint16_t least = 0;
  if (!all)
    return 0;
  for (uint32_t c = 0; c < CELL_CELLS; c++) {
    enum cell_op ops[CELL_EDGES];
    cell_ops (c, ops);
    all[c] = (struct entry){ .form = cell_form_of (ops), .cell = (uint16_t)c };
  }
  qsort (all, CELL_CELLS, sizeof *all, compare_entries);
  for (uint32_t i = 0; i < CELL_CELLS; i++) {
    if (i == 0 || cell_form_compare (&all[i - 1].form, &all[i].form) != 0) {
      least = all[i].cell;
      n++;
    }
    first[all[i].cell] = least;
  }
  free (all);
  return n;
}

/* ---- Words ----------------------------------------------------------------------- */

static size_t
write_sum (const struct cell_sum *sum, char *text, size_t at)
{
  for (uint8_t i = 0; i < sum->n; i++)
    at += (size_t)snprintf (text + at, CELL_TEXT - at, "%s%c", i > 0 ? "+" : "",
                            sum->terms[i] == 0 ? 'x' : 'a' + sum->terms[i] - 1);
  return at;
}

/* The longest form, six convolutions of four terms each, has less than half the room. */
void
cell_form_text (const struct cell_form *form, char text[CELL_TEXT])
{
  size_t at = 0;
  for (uint8_t i = 0; i < form->n; i++) {
    const struct cell_step *s = &form->steps[i];
    at += (size_t)snprintf (text + at, CELL_TEXT - at, "%c=%s(", 'a' + i,
                            cell_op_names[s->op]);
    at = write_sum (&s->of, text, at);
    at += (size_t)snprintf (text + at, CELL_TEXT - at, ") ");
  }
  if (form->out.n == 0)
    snprintf (text + at, CELL_TEXT - at, "0");
  else
    write_sum (&form->out, text, at);
}
