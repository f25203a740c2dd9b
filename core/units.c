/* Numbers and units as text: see units.h.
 *
 * C's strtod and printf follow the locale of the host program ("0,5" in German). Reading
 * goes through strtod_l with the constant C locale, after our own check of the spelling;
 * writing lets printf do the digits and puts '.' where the locale put its point. Neither
 * changes the locale. A conversion between decimal units is made in the exponent before
 * the number becomes binary, so that 0.3us in ns is 300 and not 299.99999999999994. */
#include "core/units.h"
#include "core/text.h"

#include <gym/objective.h>
#include <gym/space.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { max_digits = 800, max_exponent = 100000 };

/* The C locale; glibc and musl hand out a static object for it, so this cannot fail for
 * lack of memory and costs nothing. */
static double
read_c_locale (const char *text)
{
  locale_t c = newlocale (LC_ALL_MASK, "C", (locale_t)0);
  double value = c ? strtod_l (text, NULL, c) : strtod (text, NULL);
  if (c)
    freelocale (c);
  return value;
}

/* Puts one '.' in place of whatever the locale uses, which may be several bytes. */
static void
plain_point (const char *from, char text[GYM_NUMBER_TEXT])
{
  int n = 0, in_point = 0;
  for (; *from && n < GYM_NUMBER_TEXT - 1; from++) {
    int plain = strchr ("0123456789+-einfa", *from) != NULL;
    if (plain)
      text[n++] = *from;
    else if (!in_point)
      text[n++] = '.';
    in_point = !plain;
  }
  text[n] = '\0';
}

/* ---- numbers of everyday size, without printf ----
 *
 * Exports write tens of millions of numbers, and printf with strtod behind it takes a
 * microsecond for each. From 1e-6 up to 1e15 all that is needed fits into 128 bits: a
 * double f 2^-s is f 10^k / 2^s in units of its last wanted digit, the quotient is the
 * digits, and how far the remainder is from none says whether they read back. */

typedef unsigned __int128 wide;

enum { least_exponent = -6, most_exponent = 14 };

static const uint64_t tens[] = {
  1u,
  10u,
  100u,
  1000u,
  10000u,
  100000u,
  1000000u,
  10000000u,
  100000000u,
  1000000000u,
  10000000000u,
  100000000000u,
  1000000000000u,
  10000000000000u,
  100000000000000u,
  1000000000000000u,
  10000000000000000u,
  100000000000000000u,
};

/* A positive double as f 2^-shift. */
struct parts {
  uint64_t f;
  int shift, exponent; /* of ten: 10^exponent is not above the number */
};

static wide
scaled (const struct parts *parts, int k)
{
  wide ten = k > 17 ? (wide)tens[17] * tens[k - 17] : tens[k];
  return parts->f * ten;
}

/* False where the number is not of everyday size. */
static bool
take_apart (double value, struct parts *parts)
{
  int two;
  if (!(value >= 1e-6 && value < 1e15))
    return false;
  parts->f = (uint64_t)ldexp (frexp (value, &two), 53);
  parts->shift = 53 - two;
  parts->exponent = (int)floor ((two - 1) * 0.30103);
  if (parts->exponent < least_exponent)
    parts->exponent = least_exponent;
  /* The guess is right or one too small. */
  if (scaled (parts, 16 - parts->exponent) >> parts->shift >= tens[17])
    parts->exponent++;
  return parts->exponent <= most_exponent;
}

/* The number in `digits` digits, rounded to the nearest (half to even), and whether it
 * reads back: whether it is nearer to this double than half the way to the next. (Exactly
 * half the way would ask for more factors of two than there are in this range; and below
 * a power of two, where the next double is only half as far, the 70 of this range come
 * out the same.) */
static bool
round_to (const struct parts *parts, int digits, uint64_t *rounded)
{
  int k = digits - 1 - parts->exponent;
  wide all = scaled (parts, k), unit = (wide)1 << parts->shift;
  wide rest = all & (unit - 1), half = unit >> 1;
  uint64_t n = (uint64_t)(all >> parts->shift);
  bool up = rest > half || (rest == half && n & 1);
  *rounded = n + up;
  return 2 * (up ? unit - rest : rest) < scaled (&(struct parts){ .f = 1 }, k);
}

/* Digits as "%g" lays them out: trailing zeros gone, and an exponent below 1e-4. */
static void
lay_out (uint64_t n, int digits, int exponent, char *text)
{
  char all[24];
  int count = digits;
  for (int i = digits; i-- > 0; n /= 10)
    all[i] = (char)('0' + n % 10);
  while (count > 1 && all[count - 1] == '0')
    count--;
  int before = exponent < -4 ? 1 : exponent + 1;
  if (before <= 0) {
    *text++ = '0';
    *text++ = '.';
    for (; before < 0; before++)
      *text++ = '0';
    before = count;
  }
  for (int i = 0; i < count || i < before; i++) {
    if (i == before)
      *text++ = '.';
    *text++ = i < count ? all[i] : '0';
  }
  if (exponent < -4) {
    memcpy (text, "e-0", 3);
    text[3] = (char)('0' - exponent);
    text += 4;
  }
  *text = '\0';
}

static bool
shortest_everyday (double value, char *text)
{
  struct parts parts;
  uint64_t n = 0;
  if (value == 0 && !signbit (value)) {
    memcpy (text, "0", 2);
    return true;
  }
  *text = '-';
  text += value < 0;
  if (!take_apart (fabs (value), &parts))
    return false;
  int digits = 15;
  while (!round_to (&parts, digits, &n) && digits < 17)
    digits++;
  if (n == tens[digits]) { /* 9.99... became 10 */
    n /= 10;
    if (++parts.exponent > most_exponent)
      return false;
  }
  lay_out (n, digits, parts.exponent, text);
  return true;
}

/* The shortest of the forms with 15, 16 and 17 digits that reads back. */
static void
shortest (double value, char text[GYM_NUMBER_TEXT])
{
  char raw[64];
  if (shortest_everyday (value, text))
    return;
  for (int digits = 15; digits <= 17; digits++) {
    snprintf (raw, sizeof raw, "%.*g", digits, value);
    plain_point (raw, text);
    if (digits == 17 || isinf (value) || read_c_locale (text) == value)
      break;
  }
}

int
gym_number_format (double value, char *text, size_t size)
{
  char digits[GYM_NUMBER_TEXT] = "nan"; /* never "-nan" */
  if (!isnan (value))
    shortest (value, digits);
  size_t n = strlen (digits);
  if (size > 0) {
    size_t fits = n < size ? n : size - 1;
    memcpy (text, digits, fits);
    text[fits] = '\0';
  }
  return (int)n;
}

const char *
gym_number_rounded (double value, int digits, char text[GYM_NUMBER_TEXT])
{
  char raw[64];
  snprintf (raw, sizeof raw, "%.*g", digits, isnan (value) ? fabs (value) : value);
  plain_point (raw, text);
  return text;
}

static size_t
digit_span (const char *text)
{
  return strspn (text, "0123456789");
}

/* Sign, digits and point: where the exponent or the unit begins. */
static size_t
mantissa_span (const char *text)
{
  size_t n = text[0] == '+' || text[0] == '-';
  size_t whole = digit_span (text + n), part = 0;
  n += whole;
  if (text[n] == '.') {
    part = digit_span (text + n + 1);
    n += 1 + part;
  }
  return whole + part ? n : 0;
}

size_t
gym_number_span (const char *text)
{
  size_t n = mantissa_span (text);
  if (n == 0 || (text[n] != 'e' && text[n] != 'E'))
    return n;
  size_t sign = text[n + 1] == '+' || text[n + 1] == '-';
  size_t digits = digit_span (text + n + 1 + sign);
  return digits ? n + 1 + sign + digits : n; /* "1EB" has no exponent but a prefix */
}

/* The exponent of a number of n characters, 0 without one; held within bounds. */
static long
exponent_of (const char *text, size_t n)
{
  size_t m = mantissa_span (text);
  if (m >= n)
    return 0;
  long e = strtol (text + m + 1, NULL, 10);
  return e > max_exponent ? max_exponent : e < -max_exponent ? -max_exponent : e;
}

/* The number in the first n characters times 10^ten 2^two, rounded once. */
static int
read_scaled (const char *text, size_t n, int ten, int two, double *value, gym_error *err)
{
  char digits[max_digits + 32];
  size_t m = mantissa_span (text);
  if (m > max_digits)
    return gym_fail (err, GYM_EINVAL, "\"%.20s...\" has more than %d digits", text,
                     max_digits);
  snprintf (digits, sizeof digits, "%.*se%ld", (int)m, text, exponent_of (text, n) + ten);
  double read = ldexp (read_c_locale (digits), two) + 0.0; /* no negative zero */
  if (isinf (read))
    return gym_fail (err, GYM_EINVAL, "\"%s\" is too large for a number", text);
  *value = read;
  return 0;
}

int
gym_number_parse (const char *text, double *value, gym_error *err)
{
  size_t n = text ? gym_number_span (text) : 0;
  if (n == 0 || text[n])
    return gym_fail (err, GYM_EINVAL, "\"%s\" is not a number", text ? text : "");
  return read_scaled (text, n, 0, 0, value, err);
}

/* Base units: `power` is that of the prefix (mm2 is 1e-6 m2), `two` the size in powers of
 * two (a byte is 2^3 bits), `binary` whether Ki, Mi, ... go with it. */
static const struct base {
  const char *name;
  const char *kind;
  int dimension, power, two, binary;
} bases[] = {
  { .name = "s", .kind = "a time", .dimension = 1, .power = 1 },
  { .name = "W", .kind = "a power", .dimension = 2, .power = 1 },
  { .name = "J", .kind = "an energy", .dimension = 3, .power = 1 },
  { .name = "B", .kind = "a size", .dimension = 4, .power = 1, .two = 3, .binary = 1 },
  { .name = "bit", .kind = "a size", .dimension = 4, .power = 1, .binary = 1 },
  { .name = "Hz", .kind = "a frequency", .dimension = 5, .power = 1 },
  { .name = "m2", .kind = "an area", .dimension = 6, .power = 2 },
};

enum { n_bases = sizeof bases / sizeof bases[0], dimensions = 7 };

/* SI prefixes (BIPM, SI brochure, table 7) and the binary ones of IEC 80000-13. */
static const struct prefix {
  const char *name;
  int ten, two;
} prefixes[] = {
  { .name = "" },
  { .name = "f", .ten = -15 },
  { .name = "p", .ten = -12 },
  { .name = "n", .ten = -9 },
  { .name = "u", .ten = -6 },
  { .name = "\xC2\xB5", .ten = -6 }, /* U+00B5, the micro sign */
  { .name = "\xCE\xBC", .ten = -6 }, /* U+03BC, the Greek letter */
  { .name = "m", .ten = -3 },
  { .name = "c", .ten = -2 },
  { .name = "k", .ten = 3 },
  { .name = "M", .ten = 6 },
  { .name = "G", .ten = 9 },
  { .name = "T", .ten = 12 },
  { .name = "P", .ten = 15 },
  { .name = "E", .ten = 18 },
  { .name = "Ki", .two = 10 },
  { .name = "Mi", .two = 20 },
  { .name = "Gi", .two = 30 },
  { .name = "Ti", .two = 40 },
};

static int
same_span (const char *name, const char *text, size_t n)
{
  return strlen (name) == n && memcmp (name, text, n) == 0;
}

static const struct prefix *
find_prefix (const char *text, size_t n)
{
  for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
    if (same_span (prefixes[i].name, text, n))
      return &prefixes[i];
  return NULL;
}

/* One factor of a unit, without '/'. */
static int
read_factor (const char *text, size_t n, struct gym_unit *unit)
{
  *unit = (struct gym_unit){ 0 };
  if (n == 0 || same_span ("1", text, n))
    return 0;
  if (same_span ("%", text, n)) {
    unit->ten = -2;
    return 0;
  }
  for (size_t i = 0; i < n_bases; i++) {
    size_t tail = strlen (bases[i].name);
    if (tail > n || memcmp (text + n - tail, bases[i].name, tail) != 0)
      continue;
    const struct prefix *p = find_prefix (text, n - tail);
    if (!p || (p->two && !bases[i].binary))
      continue;
    *unit = (struct gym_unit){ .dimension = bases[i].dimension,
                               .ten = p->ten * bases[i].power,
                               .two = p->two + bases[i].two };
    return 0;
  }
  return GYM_EINVAL;
}

int
gym_unit_read (const char *text, struct gym_unit *unit)
{
  struct gym_unit over, under = { 0 };
  const char *slash = text ? strchr (text, '/') : NULL;
  if (!text)
    text = "";
  size_t n = slash ? (size_t)(slash - text) : strlen (text);
  if (slash && (n == 0 || !slash[1]))
    return GYM_EINVAL;
  if (read_factor (text, n, &over)
      || (slash && read_factor (slash + 1, strlen (slash + 1), &under)))
    return GYM_EINVAL;
  unit->dimension = over.dimension + dimensions * under.dimension;
  unit->ten = over.ten - under.ten;
  unit->two = over.two - under.two;
  return 0;
}

static const char *
kind_of (int dimension)
{
  if (dimension == 0)
    return "a pure number";
  if (dimension >= dimensions)
    return "a ratio";
  for (size_t i = 0; i < n_bases; i++)
    if (bases[i].dimension == dimension)
      return bases[i].kind;
  return "a ratio";
}

static int
fail_unit (const char *text, const char *given, const struct gym_unit *from,
           const char *wanted, const struct gym_unit *to, gym_error *err)
{
  if (!to)
    return gym_fail (err, GYM_EINVAL,
                     "\"%s\": cannot convert \"%s\" to \"%s\"; write the bare number",
                     text, given, wanted);
  if (!from)
    return gym_fail (err, GYM_EINVAL, "\"%s\": unknown unit \"%s\"; %s%s%s%s is expected",
                     text, given, kind_of (to->dimension), *wanted ? " (in " : "", wanted,
                     *wanted ? ")" : "");
  return gym_fail (err, GYM_EINVAL, "\"%s\" is %s where %s%s%s%s is expected", text,
                   kind_of (from->dimension), kind_of (to->dimension),
                   *wanted ? " (in " : "", wanted, *wanted ? ")" : "");
}

int
gym_quantity_parse (const char *text, const char *unit, double *value, gym_error *err)
{
  struct gym_unit from = { 0 }, to = { 0 };
  size_t n = text ? gym_number_span (text) : 0;
  if (n == 0)
    return gym_fail (err, GYM_EINVAL, "\"%s\" is not a number", text ? text : "");
  const char *given = text + n + strspn (text + n, " "), *wanted = unit ? unit : "";
  if (*given && strcmp (given, wanted) != 0) {
    int unread = gym_unit_read (given, &from), unknown = gym_unit_read (wanted, &to);
    if (unread || unknown || from.dimension != to.dimension)
      return fail_unit (text, given, unread ? NULL : &from, wanted, unknown ? NULL : &to,
                        err);
  }
  return read_scaled (text, n, from.ten - to.ten, from.two - to.two, value, err);
}
