/* Forms of cells: counts against the benchmark's own rule and against a slow reference
 * that knows nothing of forms. */
#include "tests/tap.h"

#include "envs/cell/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int tails[CELL_EDGES] = { 0, 0, 1, 0, 1, 2 };
static const int heads[CELL_EDGES] = { 1, 2, 2, 3, 3, 3 };

static uint16_t first[CELL_CELLS];

static void
test_index (void)
{
  enum cell_op ops[CELL_EDGES];
  for (uint32_t c = 0; c < CELL_CELLS; c++) {
    cell_ops (c, ops);
    CU_ASSERT_EQUAL (cell_index (ops), c);
  }
  cell_ops (1, ops);
  CU_ASSERT_EQUAL (ops[5], CELL_SKIP);
  cell_ops (3125 * 4, ops);
  CU_ASSERT_EQUAL (ops[0], CELL_POOL);
}

/* ---- The benchmark's text ---------------------------------------------------------- */

enum { TEXT = 512 };
enum rule { PLAIN, SKIPS, ZEROS };

static int
compare_texts (const void *a, const void *b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* What a node reads over one edge, as the rule has it. */
static void
write_edge (enum rule rule, enum cell_op op, const char *tail, char text[TEXT])
{
  if (rule == ZEROS && (op == CELL_NONE || strcmp (tail, "#") == 0))
    snprintf (text, TEXT, "#");
  else if (rule != PLAIN && op == CELL_SKIP)
    snprintf (text, TEXT, "%s", tail);
  else
    snprintf (text, TEXT, "(%s)@%d", tail, op);
}

static void
write_cell (enum rule rule, const enum cell_op ops[CELL_EDGES], char text[TEXT])
{
  char node[4][TEXT] = { "0" }, parts[3][TEXT];
  for (int head = 1; head < 4; head++) {
    char *sorted[3] = { parts[0], parts[1], parts[2] };
    size_t n = 0, at = 0;
    for (int e = 0; e < CELL_EDGES; e++)
      if (heads[e] == head)
        write_edge (rule, ops[e], node[tails[e]], parts[n++]);
    qsort (sorted, n, sizeof *sorted, compare_texts);
    for (size_t i = 0; i < n; i++)
      at +=
          (size_t)snprintf (node[head] + at, TEXT - at, "%s%s", i ? "+" : "", sorted[i]);
  }
  memcpy (text, node[3], TEXT);
}

static uint32_t
count_texts (enum rule rule)
{
  static char texts[CELL_CELLS][TEXT];
  static char *sorted[CELL_CELLS];
  uint32_t n = 1;
  for (uint32_t c = 0; c < CELL_CELLS; c++) {
    enum cell_op ops[CELL_EDGES];
    cell_ops (c, ops);
    write_cell (rule, ops, texts[c]);
    sorted[c] = texts[c];
  }
  qsort (sorted, CELL_CELLS, sizeof *sorted, compare_texts);
  for (uint32_t c = 1; c < CELL_CELLS; c++)
    n += strcmp (sorted[c - 1], sorted[c]) != 0;
  return n;
}

/* 6,466 is what the paper and its repository count. */
static void
test_published_counts (void)
{
  CU_ASSERT_EQUAL (count_texts (PLAIN), 15625);
  CU_ASSERT_EQUAL (count_texts (SKIPS), 12751);
  CU_ASSERT_EQUAL (count_texts (ZEROS), 6466);
}

/* ---- A slow reference ---------------------------------------------------------------
 */

static uint64_t
mix (uint64_t z)
{
  z = (z + 0x9E3779B97F4A7C15u);
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

/* The cell as a function of numbers: operators hash, nodes add modulo 2^64, and a
 * convolution's hash depends on its name. */
static uint64_t
run (const enum cell_op ops[CELL_EDGES], const int names[CELL_EDGES])
{
  uint64_t node[4] = { mix (12345) };
  for (int e = 0; e < CELL_EDGES; e++) {
    uint64_t v = node[tails[e]];
    if (ops[e] == CELL_NONE || v == 0)
      continue;
    if (ops[e] == CELL_POOL)
      v = mix (v ^ 0x77);
    else if (ops[e] != CELL_SKIP)
      v = mix (mix (v + (uint64_t)ops[e]) + (uint64_t)names[e] * 977);
    node[heads[e]] += v;
  }
  return node[3];
}

/* The least over all ways to name its convolutions. */
static uint64_t
least_run (const enum cell_op ops[CELL_EDGES], int names[CELL_EDGES], int n)
{
  uint64_t least = UINT64_MAX;
  if (n == CELL_EDGES)
    return run (ops, names);
  for (int i = n; i < CELL_EDGES; i++) {
    int kept = names[n];
    uint64_t v;
    names[n] = names[i];
    names[i] = kept;
    v = least_run (ops, names, n + 1);
    least = v < least ? v : least;
    names[i] = names[n];
    names[n] = kept;
  }
  return least;
}

static int
compare_numbers (const void *left, const void *right)
{
  uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return a < b ? -1 : a > b;
}

static void
test_reference (void)
{
  static uint64_t runs[CELL_CELLS];
  uint32_t disconnected = 0, wrong = 0, n = 1;
  CU_ASSERT_EQUAL (cell_classes (first), 5260);
  for (uint32_t c = 0; c < CELL_CELLS; c++) {
    int names[CELL_EDGES] = { 1, 2, 3, 4, 5, 6 };
    enum cell_op ops[CELL_EDGES];
    struct cell_form form;
    cell_ops (c, ops);
    form = cell_form_of (ops);
    runs[c] = least_run (ops, names, 0);
    disconnected += form.out.n == 0;
    CU_ASSERT_EQUAL (runs[c] == 0, form.out.n == 0);
    CU_ASSERT (first[c] <= c && first[first[c]] == first[c]);
    wrong += runs[c] != runs[first[c]];
  }
  CU_ASSERT_EQUAL (wrong, 0);
  CU_ASSERT_EQUAL (disconnected, 341);
  qsort (runs, CELL_CELLS, sizeof *runs, compare_numbers);
  for (uint32_t c = 1; c < CELL_CELLS; c++)
    n += runs[c - 1] != runs[c];
  CU_ASSERT_EQUAL (n, 5260);
}

/* ---- By hand ---------------------------------------------------------------------- */

/* Digits are operators, in the order of the edges. */
static void
look (const char *digits, const char *form_text, char published[TEXT])
{
  enum cell_op ops[CELL_EDGES];
  struct cell_form form;
  char text[CELL_TEXT];
  for (int e = 0; e < CELL_EDGES; e++)
    ops[e] = (enum cell_op) (digits[e] - '0');
  form = cell_form_of (ops);
  cell_form_text (&form, text);
  if (strcmp (text, form_text) != 0)
    tap_note ("%s: %s", digits, text);
  CU_ASSERT_STRING_EQUAL (text, form_text);
  write_cell (ZEROS, ops, published);
}

static void
test_by_hand (void)
{
  char a[TEXT], b[TEXT];
  look ("000000", "0", a);
  look ("333000", "0", a);
  look ("111111", "x+x+x+x", a);
  look ("400411", "a=avgpool3x3(x) a+a", a);
  look ("033011", "a=conv3x3(x) a", a); /* nothing comes out of 0-1 */
  /* one convolution read twice, or two: the same text */
  look ("301011", "a=conv3x3(x) a+a", a);
  look ("330011", "a=conv3x3(x) b=conv3x3(x) a+b", b);
  CU_ASSERT_STRING_EQUAL (a, b);
  /* a sum of nothing and nothing is nothing: two texts */
  look ("000100", "x", a);
  look ("000103", "x", b);
  CU_ASSERT (strcmp (a, b) != 0);
  /* all that is possible at once fits */
  look ("333333",
        "a=conv3x3(x) b=conv3x3(x) c=conv3x3(x) d=conv3x3(a) e=conv3x3(a) "
        "f=conv3x3(b+d) c+e+f",
        a);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "index", .run = test_index },
    { .name = "published counts", .run = test_published_counts },
    { .name = "slow reference", .run = test_reference },
    { .name = "by hand", .run = test_by_hand },
    { 0 },
  };
  return tap_run ("cell_graph", tests);
}
