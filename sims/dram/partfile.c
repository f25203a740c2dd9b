/* SPDX-License-Identifier: MIT */
/* See partfile.h for the form.  The text is taken apart line by line into a table of
 * values, one a key; figures are made of them once all are there, since times wait for
 * tCK and the currents of further supplies for all voltages. */
#include "sims/dram/partfile.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCES_MAX = 16, WORD_MAX = 24, DIGITS_MAX = 15 };

/* ---- What there is to read -------------------------------------------------------- */

enum unit { UNIT_NONE, UNIT_BIT, UNIT_NCK, UNIT_PS, UNIT_NS, UNIT_US, UNIT_MA, UNIT_V };

static const struct {
  const char *name;
  enum unit unit;
} units[] = {
  { "bit", UNIT_BIT }, { "nCK", UNIT_NCK }, { "ps", UNIT_PS }, { "ns", UNIT_NS },
  { "us", UNIT_US },   { "mA", UNIT_MA },   { "V", UNIT_V },
};

enum kind {
  KIND_TEXT,
  KIND_COUNT,
  KIND_BITS,
  KIND_CLOCK,
  KIND_TIME,
  KIND_INTERVAL,
  KIND_CURRENT,
  KIND_VOLTAGE
};

#define BIT(unit) (1u << (unit))

static const struct {
  const char *wanted;
  unsigned units;   /* that it may have */
  double low, high; /* of the number; of a time, once it is cycles or ps */
} kinds[] = {
  [KIND_TEXT] = { .wanted = "text" },
  [KIND_COUNT] = { "a whole number", BIT (UNIT_NONE), 1, 1 << 24 },
  [KIND_BITS] = { "a whole number of bit", BIT (UNIT_BIT), 1, 1024 },
  [KIND_CLOCK] = { "a time in ps", BIT (UNIT_PS), 1, 1e6 },
  [KIND_TIME] = { "a time in nCK, ns, us or ps",
                  BIT (UNIT_NCK) | BIT (UNIT_PS) | BIT (UNIT_NS) | BIT (UNIT_US), 0,
                  1e6 },
  [KIND_INTERVAL] = { "a time in nCK, ns, us or ps",
                      BIT (UNIT_NCK) | BIT (UNIT_PS) | BIT (UNIT_NS) | BIT (UNIT_US), 0,
                      1e6 },
  [KIND_CURRENT] = { "a current in mA", BIT (UNIT_MA), 0, 1e5 },
  [KIND_VOLTAGE] = { "a voltage in V", BIT (UNIT_V), 0.1, 20 },
};

enum {
  MAY_BE_NONE = 1, /* `none` is a value, and 0 the figure */
  ADDED = 2,       /* to the figure of another key, which comes before */
  OF_VDD1 = 4,     /* a current of that supply: needed when there is one, added */
  OF_VDDQ = 8
};

struct key {
  const char *name;
  enum kind kind;
  unsigned flags;
  size_t offset; /* of its figure in struct dram_part; 0: it has none of its own */
};

#define PART(field) offsetof (struct dram_part, field)
#define COUNT(field)                                                                     \
  {                                                                                      \
#field, KIND_COUNT, 0, PART(org.field)                                               \
  }
#define TIME(name, field, flags)                                                         \
  {                                                                                      \
    name, KIND_TIME, flags, PART (timing.field)                                          \
  }
#define CURRENT(name, field, flags)                                                      \
  {                                                                                      \
    name, KIND_CURRENT, flags, PART (current.field)                                      \
  }
#define CURRENTS(of, flags)                                                              \
  CURRENT ("IDD0" of, idd0, flags), CURRENT ("IDD2N" of, idd2n, flags),                  \
      CURRENT ("IDD3N" of, idd3n, flags), CURRENT ("IDD4R" of, idd4r, flags),            \
      CURRENT ("IDD4W" of, idd4w, flags), CURRENT ("IDD5" of, idd5, flags),              \
      CURRENT ("IDD2P" of, idd2p, (flags) | MAY_BE_NONE),                                \
      CURRENT ("IDD2PS" of, idd2ps, (flags) | MAY_BE_NONE),                              \
      CURRENT ("IDD3P" of, idd3p, (flags) | MAY_BE_NONE),                                \
      CURRENT ("IDD6" of, idd6, (flags) | MAY_BE_NONE)

static const struct key keys[] = {
  { "name", KIND_TEXT, 0, PART (name) },
  { "source", KIND_TEXT, 0, PART (source) },
  { "tCK", KIND_CLOCK, 0, PART (tck_ps) },
  { "width", KIND_BITS, 0, PART (org.width) },
  COUNT (devices),
  COUNT (subchannels),
  COUNT (bank_groups),
  COUNT (banks),
  COUNT (rows),
  COUNT (columns),
  COUNT (burst),
  TIME ("CL", cl, 0),
  TIME ("CWL", cwl, 0),
  TIME ("tDQSCK", cl, MAY_BE_NONE | ADDED),
  TIME ("tDQSS", cwl, MAY_BE_NONE | ADDED),
  TIME ("AL", al, 0),
  TIME ("tRCD", trcd, 0),
  TIME ("tRCDWR", trcd_wr, 0),
  TIME ("tRP", trp, 0),
  TIME ("tRPab", trp_ab, 0),
  TIME ("tRAS", tras, 0),
  TIME ("tRC", trc, 0),
  TIME ("tRRD_S", trrd_s, 0),
  TIME ("tRRD_L", trrd_l, 0),
  TIME ("tFAW", tfaw, 0),
  TIME ("tCCD_S", tccd_s, 0),
  TIME ("tCCD_L", tccd_l, 0),
  TIME ("tCCD_L_WR", tccd_l_wr, 0),
  TIME ("tWTR_S", twtr_s, 0),
  TIME ("tWTR_L", twtr_l, 0),
  TIME ("tWR", twr, 0),
  TIME ("tRTP", trtp, 0),
  TIME ("tRTRS", trtrs, 0),
  TIME ("tRTWgap", rtw_gap, 0),
  TIME ("tRFC", trfc, 0),
  { "tREFI", KIND_INTERVAL, 0, PART (timing.trefi) },
  TIME ("tRFC2", trfc2, MAY_BE_NONE),
  TIME ("tRFC4", trfc4, MAY_BE_NONE),
  TIME ("tRFCpb", trfcpb, MAY_BE_NONE),
  TIME ("tRFCsb", trfcsb, MAY_BE_NONE),
  TIME ("tRREFD", trrefd, MAY_BE_NONE),
  TIME ("tpbR2pbR", tpbr2pbr, MAY_BE_NONE),
  TIME ("tCKE", tcke, MAY_BE_NONE),
  TIME ("tXP", txp, MAY_BE_NONE),
  TIME ("tXPDLL", txpdll, MAY_BE_NONE),
  TIME ("tXS", txs, MAY_BE_NONE),
  TIME ("tCKESR", tckesr, MAY_BE_NONE),
  { "VDD", KIND_VOLTAGE, 0, PART (current.vdd) },
  CURRENTS ("", 0),
  { "VPP", KIND_VOLTAGE, MAY_BE_NONE, PART (current.vpp) },
  CURRENT ("IPP0", ipp0, MAY_BE_NONE),
  CURRENT ("IPP3N", ipp3n, MAY_BE_NONE),
  CURRENT ("IPP5", ipp5, MAY_BE_NONE),
  { "VDD1", KIND_VOLTAGE, MAY_BE_NONE, 0 },
  CURRENTS (".VDD1", OF_VDD1),
  { "VDDQ", KIND_VOLTAGE, MAY_BE_NONE, 0 },
  CURRENTS (".VDDQ", OF_VDDQ),
};

enum { KEYS = sizeof keys / sizeof keys[0], TERMS = 2 };

/* ---- The file being read ---------------------------------------------------------- */

struct value {
  size_t line; /* 0: not given */
  bool none;
  unsigned terms; /* two: the larger of them counts */
  double number[TERMS];
  enum unit unit[TERMS];
};

struct file {
  const char *name;
  struct dram_error *err;
  struct dram_part *part;
  size_t line;
  const char *at, *end; /* the rest of the line, without its comment */
  size_t sources;
  char source[SOURCES_MAX][WORD_MAX];
  struct value values[KEYS];
};

static int
fail (const struct file *f, const char *format, ...)
{
  char text[sizeof f->err->text];
  va_list args;
  va_start (args, format);
  if (vsnprintf (text, sizeof text, format, args) < 0)
    text[0] = '\0';
  va_end (args);
  return dram_fail (f->err, "%s:%zu: %s", dram_shown_name (f->name), f->line, text);
}

static int
fail_here (const struct file *f, const char *wanted)
{
  char found[DRAM_QUOTE_MAX];
  dram_quote (found, f->at, f->end);
  return fail (f, "found %s, expected %s", found, wanted);
}

static bool
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

static bool
is_digit (char c)
{
  return c >= '0' && c <= '9';
}

/* Letters, digits and what stands inside the names of keys and sources. */
static bool
in_word (char c)
{
  return is_digit (c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
         || c == '.' || c == '-';
}

static void
skip_blanks (struct file *f)
{
  while (f->at < f->end && is_blank (*f->at))
    f->at++;
}

static bool
next_is (const struct file *f, char c)
{
  return f->at < f->end && *f->at == c;
}

static int
take (struct file *f, char c, const char *wanted)
{
  skip_blanks (f);
  if (!next_is (f, c))
    return fail_here (f, wanted);
  f->at++;
  skip_blanks (f);
  return 0;
}

static int
take_word (struct file *f, char word[WORD_MAX], const char *wanted)
{
  const char *from = f->at, *to = f->at;
  while (to < f->end && in_word (*to))
    to++;
  if (to == from || to - from >= WORD_MAX)
    return fail_here (f, wanted);
  memcpy (word, from, (size_t)(to - from));
  word[to - from] = '\0';
  f->at = to;
  return 0;
}

/* ---- Names, and the nearest of them ----------------------------------------------- */

static unsigned
lower (char c)
{
  return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Insertions, deletions and substitutions from a to b, letter case aside (Wagner and
 * Fischer, JACM 1974). */
static size_t
distance (const char *a, const char *b)
{
  size_t row[WORD_MAX + 1], n = strlen (b);
  for (size_t j = 0; j <= n; j++)
    row[j] = j;
  for (size_t i = 0; a[i] != '\0'; i++) {
    size_t corner = row[0]++;
    for (size_t j = 0; j < n; j++) {
      size_t best = corner + (lower (a[i]) != lower (b[j]));
      corner = row[j + 1];
      best = best < row[j] + 1 ? best : row[j] + 1;
      row[j + 1] = best < corner + 1 ? best : corner + 1;
    }
  }
  return row[n];
}

static size_t
nearest_key (const char *word)
{
  size_t best = 0;
  for (size_t k = 1; k < KEYS; k++)
    best = distance (word, keys[k].name) < distance (word, keys[best].name) ? k : best;
  return best;
}

/* KEYS: there is none of this name. */
static size_t
find_key (const char *word)
{
  size_t k = 0;
  while (k < KEYS && strcmp (keys[k].name, word) != 0)
    k++;
  return k;
}

static bool
source_known (const struct file *f, const char *word)
{
  for (size_t i = 0; i < f->sources; i++) {
    if (strcmp (f->source[i], word) == 0)
      return true;
  }
  return false;
}

/* ---- Values ----------------------------------------------------------------------- */

/* By hand and not by strtod, which takes signs, exponents and the locale's comma.  Both
 * numbers of the division are exact, so that the result is the nearest double, the one
 * that a C compiler makes of the same digits. */
static int
take_number (struct file *f, double *number)
{
  double digits = 0, scale = 1;
  int count = 0;
  bool point = false;
  for (; f->at < f->end && (is_digit (*f->at) || (*f->at == '.' && !point)); f->at++) {
    if (*f->at == '.') {
      point = true;
      continue;
    }
    digits = digits * 10 + (*f->at - '0');
    scale = point ? scale * 10 : scale;
    count++;
  }
  if (count == 0 || count > DIGITS_MAX || f->at[-1] == '.')
    return fail_here (f, count > DIGITS_MAX ? "at most 15 digits" : "a number");
  *number = digits / scale;
  return 0;
}

static int
take_unit (struct file *f, size_t k, enum unit *unit)
{
  char word[WORD_MAX] = "";
  skip_blanks (f);
  *unit = UNIT_NONE;
  if (f->at < f->end && in_word (*f->at) && take_word (f, word, "a unit") != 0)
    return -1;
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
    if (strcmp (units[i].name, word) == 0)
      *unit = units[i].unit;
  }
  if ((word[0] == '\0' || *unit != UNIT_NONE) && kinds[keys[k].kind].units & BIT (*unit))
    return 0;
  return fail (f, "%s has the unit \"%s\", expected %s", keys[k].name, word,
               kinds[keys[k].kind].wanted);
}

static int
take_term (struct file *f, size_t k, struct value *v)
{
  if (!(f->at < f->end && is_digit (*f->at)))
    return fail_here (f, kinds[keys[k].kind].wanted);
  if (take_number (f, &v->number[v->terms]) != 0
      || take_unit (f, k, &v->unit[v->terms]) != 0)
    return -1;
  v->terms++;
  skip_blanks (f);
  return 0;
}

/* "max(4 nCK, 7.5 ns)", the cursor behind "max". */
static int
take_larger (struct file *f, size_t k, struct value *v)
{
  if (keys[k].kind != KIND_TIME)
    return fail (f, "%s is a max (), expected %s", keys[k].name,
                 kinds[keys[k].kind].wanted);
  if (take (f, '(', "( behind max") != 0 || take_term (f, k, v) != 0
      || take (f, ',', "a comma and another time") != 0 || take_term (f, k, v) != 0)
    return -1;
  return take (f, ')', ") behind the second time");
}

static int
take_value (struct file *f, size_t k, struct value *v)
{
  char word[WORD_MAX];
  if (!(f->at < f->end && in_word (*f->at)) || is_digit (*f->at))
    return take_term (f, k, v);
  if (take_word (f, word, kinds[keys[k].kind].wanted) != 0)
    return -1;
  if (strcmp (word, "max") == 0)
    return take_larger (f, k, v);
  v->none = strcmp (word, "none") == 0;
  skip_blanks (f);
  if (v->none && keys[k].flags & MAY_BE_NONE)
    return 0;
  return fail (f, "%s is \"%s\", expected %s", keys[k].name, word,
               kinds[keys[k].kind].wanted);
}

/* "[jesd79-4]" at the end of a line. */
static int
take_source (struct file *f, const char *key)
{
  char word[WORD_MAX];
  if (!next_is (f, '['))
    return fail_here (f, "a unit at most, and the source of the figure in brackets");
  f->at++;
  if (take_word (f, word, "the name of a source") != 0
      || take (f, ']', "] behind the name of the source") != 0)
    return -1;
  if (!source_known (f, word))
    return fail (f,
                 "source [%s] of %s is not defined above, expected a line \"[%s] = "
                 "where it is from\"",
                 word, key, word);
  return f->at == f->end ? 0 : fail_here (f, "the end of the line");
}

/* ---- Lines ------------------------------------------------------------------------ */

/* The rest of the line as text; room includes the terminator. */
static int
take_text (struct file *f, const char *key, char *text, size_t room)
{
  size_t n = (size_t)(f->end - f->at);
  if (n == 0 || n >= room)
    return fail (f, "%s has %zu bytes of text, expected 1 to %zu", key, n, room - 1);
  for (const char *p = f->at; p < f->end; p++) {
    if ((unsigned char)*p < 0x20 || *p == 0x7f)
      return fail (f, "%s holds a control character, expected text", key);
  }
  memcpy (text, f->at, n);
  text[n] = '\0';
  return 0;
}

static int
define_source (struct file *f)
{
  char word[WORD_MAX], text[256];
  f->at++;
  if (take_word (f, word, "the name of a source") != 0
      || take (f, ']', "] behind the name of the source") != 0
      || take (f, '=', "= and where its figures are from") != 0)
    return -1;
  if (source_known (f, word))
    return fail (f, "source [%s] is defined twice", word);
  if (f->sources == SOURCES_MAX)
    return fail (f, "more than %d sources", SOURCES_MAX);
  if (take_text (f, word, text, sizeof text) != 0)
    return -1;
  memcpy (f->source[f->sources++], word, sizeof word);
  return 0;
}

/* A part's name becomes an option's value and a file's name: one word. */
static int
take_text_key (struct file *f, size_t k)
{
  char *text = (char *)f->part + keys[k].offset;
  bool name = keys[k].offset == PART (name);
  if (take_text (f, keys[k].name, text, name ? DRAM_PART_NAME : DRAM_PART_SOURCE) != 0)
    return -1;
  for (const char *p = text; name && *p != '\0'; p++) {
    if (!in_word (*p))
      return fail (f, "name is \"%s\", expected letters, digits, '-', '.' and '_'", text);
  }
  return 0;
}

static int
read_key (struct file *f)
{
  char word[WORD_MAX];
  struct value *v;
  size_t k;
  if (take_word (f, word, "a key, a source or a comment") != 0)
    return -1;
  k = find_key (word);
  if (k == KEYS)
    return fail (f, "unknown key \"%s\"; the nearest one is %s", word,
                 keys[nearest_key (word)].name);
  v = &f->values[k];
  if (v->line != 0)
    return fail (f, "%s is given again, it was in line %zu already", word, v->line);
  v->line = f->line;
  if (take (f, '=', "= and a value") != 0)
    return -1;
  if (keys[k].kind == KIND_TEXT)
    return take_text_key (f, k);
  return take_value (f, k, v) != 0 || take_source (f, word) != 0 ? -1 : 0;
}

static int
read_line (struct file *f, const char *line, const char *end)
{
  const char *comment = memchr (line, '#', (size_t)(end - line));
  f->line++;
  f->at = line;
  f->end = comment != NULL ? comment : end;
  if (f->end > line && comment == NULL && f->end[-1] == '\r')
    f->end--;
  skip_blanks (f);
  while (f->end > f->at && is_blank (f->end[-1]))
    f->end--;
  if (f->at == f->end)
    return 0;
  return *f->at == '[' ? define_source (f) : read_key (f);
}

/* ---- Figures ---------------------------------------------------------------------- */

static double
in_ps (double number, enum unit unit)
{
  return unit == UNIT_US ? number * 1e6 : unit == UNIT_NS ? number * 1e3 : number;
}

/* JESD79-4's rule in whole numbers.  Beyond what a part may have anything will do that
 * the check of the range refuses. */
static double
cycles_of (double number, enum unit unit, uint32_t tck_ps, bool down)
{
  double ps = in_ps (number, unit);
  if (unit == UNIT_NCK || ps > 1e12)
    return ps;
  uint64_t thousandths = (uint64_t)(ps + 0.5) * 1000 / tck_ps;
  return (double)((thousandths + (down ? 0 : 974)) / 1000);
}

/* The number behind a value, in the unit of its figure. */
static double
figure_of (const struct file *f, size_t k)
{
  const struct value *v = &f->values[k];
  double figure = 0;
  for (unsigned i = 0; i < v->terms; i++) {
    double term = v->number[i];
    if (keys[k].kind == KIND_TIME || keys[k].kind == KIND_INTERVAL)
      term = cycles_of (term, v->unit[i], f->part->tck_ps, keys[k].kind == KIND_INTERVAL);
    figure = term > figure ? term : figure;
  }
  return figure;
}

static bool
is_real (enum kind kind)
{
  return kind == KIND_CURRENT || kind == KIND_VOLTAGE;
}

static int
check_figure (struct file *f, size_t k, double figure)
{
  enum kind kind = keys[k].kind;
  f->line = f->values[k].line;
  if (f->values[k].none)
    return 0;
  if (figure < kinds[kind].low || figure > kinds[kind].high)
    return fail (f, "%s is %.15g, expected %g to %g", keys[k].name, figure,
                 kinds[kind].low, kinds[kind].high);
  if (!is_real (kind) && figure != (double)(uint32_t)figure)
    return fail (f, "%s is %.15g, expected a whole number", keys[k].name, figure);
  return 0;
}

/* The voltage of the supply that a current belongs to, 0 if the part does not have it. */
static double
supply_of (const struct file *f, size_t k)
{
  return figure_of (f, find_key (keys[k].flags & OF_VDD1 ? "VDD1" : "VDDQ"));
}

static int
set_figure (struct file *f, size_t k)
{
  char *field = (char *)f->part + keys[k].offset;
  double figure = figure_of (f, k);
  if (check_figure (f, k, figure) != 0)
    return -1;
  if (keys[k].offset == 0)
    return 0;
  if (keys[k].flags & (OF_VDD1 | OF_VDDQ))
    *(double *)(void *)field += figure * supply_of (f, k) / f->part->current.vdd;
  else if (is_real (keys[k].kind))
    *(double *)(void *)field = figure;
  else if (keys[k].flags & ADDED)
    *(uint32_t *)(void *)field += (uint32_t)figure;
  else
    *(uint32_t *)(void *)field = (uint32_t)figure;
  return 0;
}

/* What a supply draws is needed if there is one, and out of place if there is not. */
static int
check_given (struct file *f, size_t k)
{
  bool extra = keys[k].flags & (OF_VDD1 | OF_VDDQ), given = f->values[k].line != 0;
  if (extra && given && supply_of (f, k) == 0) {
    f->line = f->values[k].line;
    return fail (f, "%s in a part whose %s is none", keys[k].name,
                 strchr (keys[k].name, '.') + 1);
  }
  if (given || (extra && supply_of (f, k) == 0))
    return 0;
  return dram_fail (f->err, "%s: key %s is missing, expected %s%s",
                    dram_shown_name (f->name), keys[k].name, kinds[keys[k].kind].wanted,
                    keys[k].flags & MAY_BE_NONE ? " or none" : "");
}

static int
make_part (struct file *f)
{
  const char *fault;
  for (size_t k = 0; k < KEYS; k++) {
    if (check_given (f, k) != 0)
      return -1;
  }
  for (size_t k = 0; k < KEYS; k++) {
    if (keys[k].kind != KIND_TEXT && set_figure (f, k) != 0)
      return -1;
  }
  fault = dram_part_fault (f->part);
  if (fault != NULL)
    return dram_fail (f->err, "%s: %s", dram_shown_name (f->name), fault);
  return 0;
}

/* ---- Entry points ----------------------------------------------------------------- */

int
dram_part_parse (struct dram_part *part, const char *name, const char *text, size_t size,
                 struct dram_error *err)
{
  struct file f = { .name = name, .err = err, .part = part };
  const char *at = text, *end = text + size;
  int status = 0;
  memset (part, 0, sizeof *part);
  while (at < end && status == 0) {
    const char *newline = memchr (at, '\n', (size_t)(end - at));
    const char *stop = newline != NULL ? newline : end;
    status = read_line (&f, at, stop);
    at = stop + (newline != NULL);
  }
  if (status == 0)
    status = make_part (&f);
  if (status != 0)
    memset (part, 0, sizeof *part);
  return status;
}

static int
read_stream (struct dram_part *part, const char *path, FILE *file, char *text,
             struct dram_error *err)
{
  size_t size = fread (text, 1, DRAM_PARTFILE_MAX + 1, file);
  if (ferror (file))
    return dram_fail (err, "%s: cannot be read: %s", dram_shown_name (path),
                      strerror (errno));
  if (size > DRAM_PARTFILE_MAX)
    return dram_fail (err, "%s: more than %d bytes, expected a part file",
                      dram_shown_name (path), DRAM_PARTFILE_MAX);
  return dram_part_parse (part, path, text, size, err);
}

int
dram_part_read (struct dram_part *part, const char *path, struct dram_error *err)
{
  char *text = malloc (DRAM_PARTFILE_MAX + 1);
  FILE *file = fopen (path, "re");
  int status = -1;
  memset (part, 0, sizeof *part);
  if (text == NULL)
    dram_fail (err, "no memory to read %s", dram_shown_name (path));
  else if (file == NULL)
    dram_fail (err, "%s: cannot be opened: %s", dram_shown_name (path), strerror (errno));
  else
    status = read_stream (part, path, file, text, err);
  if (file != NULL)
    fclose (file);
  free (text);
  return status;
}
