/* core/units.c: numbers and quantities as text, in every locale. */
#include "core/units.h"
#include "tests/tap.h"

#include <gym/gym.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
formats_as (double value, const char *want)
{
  char text[GYM_NUMBER_TEXT];
  CU_ASSERT_EQUAL (gym_number_format (value, text, sizeof text), (int)strlen (want));
  CU_ASSERT_STRING_EQUAL (text, want);
}

static void
test_format (void)
{
  formats_as (0.1, "0.1");
  formats_as (12, "12");
  formats_as (-2.5, "-2.5");
  formats_as (1e-300, "1e-300");
  formats_as (0.1 + 0.2, "0.30000000000000004");
  formats_as (1 / 3.0, "0.3333333333333333");
  formats_as (9007199254740993.0, "9007199254740992");
  formats_as (-0.0, "-0");
  formats_as (NAN, "nan");
  formats_as (-NAN, "nan");
  formats_as (INFINITY, "inf");
  formats_as (-INFINITY, "-inf");
  char cut[4];
  CU_ASSERT_EQUAL (gym_number_format (-1234567, cut, sizeof cut), 8);
  CU_ASSERT_STRING_EQUAL (cut, "-12");
}

/* Doubles of all sizes: random bits, and short decimals. */
static double
some_double (gym_rng *rng, int k)
{
  double value;
  if (k & 1)
    return (double)gym_rng_below (rng, 100000) / 1000;
  uint64_t bits = gym_rng_u64 (rng);
  memcpy (&value, &bits, sizeof value);
  return isfinite (value) ? value : DBL_MAX;
}

static void
check_round_trips (void)
{
  gym_rng rng;
  char text[GYM_NUMBER_TEXT];
  gym_rng_init (&rng, 3);
  for (int k = 0; k < 100000; k++) {
    double value = some_double (&rng, k), back = NAN;
    gym_number_format (value, text, sizeof text);
    CU_ASSERT_EQUAL (gym_number_parse (text, &back, NULL), 0);
    CU_ASSERT_EQUAL (back, value);
    CU_ASSERT_PTR_NULL (strchr (text, ','));
    if (k & 1)
      CU_ASSERT (strlen (text) <= 6);
  }
}

static void
test_round_trip (void)
{
  static const double edge[] = { DBL_MAX, DBL_MIN, 5e-324, 0x1p53, 1e22, 1e23, 0 };
  char text[GYM_NUMBER_TEXT];
  for (size_t i = 0; i < sizeof edge / sizeof edge[0]; i++) {
    double back = NAN;
    gym_number_format (edge[i], text, sizeof text);
    CU_ASSERT_EQUAL (gym_number_parse (text, &back, NULL), 0);
    CU_ASSERT_EQUAL (back, edge[i]);
  }
  check_round_trips ();
}

/* The same by printf: the shortest of 15 to 17 digits that strtod reads back. */
static void
slow_format (double value, char text[40])
{
  for (int digits = 15; digits <= 17; digits++) {
    snprintf (text, 40, "%.*g", digits, value);
    if (strtod (text, NULL) == value)
      break;
  }
}

/* Where writing by hand could go wrong: near powers of ten and of two, at the ends of its
 * range, with ties, and with few or many digits. */
static double
awkward_double (gym_rng *rng, int k)
{
  double value = 0;
  int steps = (int)gym_rng_below (rng, 9) - 4;
  switch (k % 6) {
  case 0: /* any exponent around the range */
    value = ldexp (0.5 + gym_rng_real (rng) / 2, (int)gym_rng_below (rng, 90) - 30);
    break;
  case 1:
    value = pow (10, (double)gym_rng_below (rng, 26) - 9);
    break;
  case 2:
    value = ldexp (1, (int)gym_rng_below (rng, 90) - 30);
    break;
  case 3: /* a decimal of few digits */
    value =
        (double)gym_rng_below (rng, 1000000) / pow (10, (double)gym_rng_below (rng, 12));
    break;
  case 4: /* whole and half numbers: ties of the last digit */
    value = (double)(gym_rng_u64 (rng) >> (11 + gym_rng_below (rng, 50))) / 8;
    break;
  default:
    value = (double)gym_rng_below (rng, 1u << 30) * 999999999.0
            / (double)(1 + gym_rng_below (rng, 1000));
  }
  for (int i = 0; i < abs (steps) && k % 6 != 3; i++)
    value = nextafter (value, steps < 0 ? 0 : INFINITY);
  return gym_rng_below (rng, 4) ? value : -value;
}

static void
test_against_printf (void)
{
  gym_rng rng;
  char text[GYM_NUMBER_TEXT], want[40];
  gym_rng_init (&rng, 12);
  for (int two = -25; two <= 55; two++) {
    slow_format (ldexp (1, two), want);
    gym_number_format (ldexp (1, two), text, sizeof text);
    CU_ASSERT_STRING_EQUAL (text, want);
  }
  for (int k = 0; k < (getenv ("GYM_LONG") ? 50000000 : 600000); k++) {
    double value = awkward_double (&rng, k);
    slow_format (value, want);
    gym_number_format (value, text, sizeof text);
    if (strcmp (text, want) == 0)
      continue;
    tap_note ("%s instead of %s", text, want);
    CU_FAIL ("another text");
    break;
  }
}

/* A program may run in a locale that writes 0,5. */
static void
test_comma_locale (void)
{
  static const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "es_ES.UTF-8",
                                       "it_IT.UTF-8", "ru_RU.UTF-8", "ps_AF.UTF-8" };
  locale_t comma = (locale_t)0;
  for (size_t i = 0; i < sizeof names / sizeof names[0] && !comma; i++)
    comma = newlocale (LC_ALL_MASK, names[i], (locale_t)0);
  if (!comma) {
    tap_skip ("no locale with a decimal comma is installed");
    return;
  }
  char text[32];
  locale_t old = uselocale (comma);
  snprintf (text, sizeof text, "%g", 0.5);
  CU_ASSERT_STRING_NOT_EQUAL (text, "0.5"); /* or this would prove nothing */
  formats_as (0.5, "0.5");
  formats_as (-1.25e-300, "-1.25e-300");
  check_round_trips ();
  double value = 0;
  CU_ASSERT_EQUAL (gym_number_parse ("0,5", &value, NULL), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_quantity_parse ("1.5us", "ns", &value, NULL), 0);
  CU_ASSERT_EQUAL (value, 1500);
  uselocale (old);
  freelocale (comma);
}

static void
test_strict_numbers (void)
{
  static const char *const good[] = {
    "1", "-1", "+1", ".5", "5.", "1e5", "1E-5", "1e+5"
  };
  static const char *const bad[] = { "",    " 1",    "1 ",   "0x10", "inf", "nan",
                                     "NaN", "1e",    "1e+",  "e5",   ".",   "-",
                                     "+",   "1.2.3", "1,5",  "--1",  "1f",  "infinity",
                                     "- 1", "1e5.5", "1_000" };
  double value;
  gym_error err = { 0 };
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
    CU_ASSERT_EQUAL (gym_number_parse (good[i], &value, &err), 0);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    CU_ASSERT_EQUAL (gym_number_parse (bad[i], &value, &err), GYM_EINVAL);
    CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "is not a number"));
  }
  CU_ASSERT_EQUAL (gym_number_parse (NULL, &value, &err), GYM_EINVAL);
}

static void
test_extreme_numbers (void)
{
  static char many[2000];
  double value = 1;
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_number_parse ("1e309", &value, &err), GYM_EINVAL);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "too large"));
  CU_ASSERT_EQUAL (gym_number_parse ("1e99999999999999999999", &value, &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_number_parse ("1e-99999999999999999999", &value, &err), 0);
  CU_ASSERT_EQUAL (value, 0);
  CU_ASSERT_EQUAL (gym_number_parse ("-0", &value, &err), 0);
  CU_ASSERT (value == 0 && !signbit (value));
  memset (many, '1', 700);
  memcpy (many + 700, "e-699", 6);
  CU_ASSERT_EQUAL (gym_number_parse (many, &value, &err), 0);
  CU_ASSERT_DOUBLE_EQUAL (value, 1.1111111111111112, 1e-15);
  memset (many, '1', sizeof many - 1);
  CU_ASSERT_EQUAL (gym_number_parse (many, &value, &err), GYM_EINVAL);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "more than 800 digits"));
}

static void
converts (const char *text, const char *unit, double want)
{
  double value = NAN;
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_quantity_parse (text, unit, &value, &err), 0);
  CU_ASSERT_EQUAL (value, want);
  if (value != want)
    tap_note ("%s in %s: %.17g, not %.17g %s", text, unit ? unit : "1", value, want,
              err.text);
}

static void
test_quantities (void)
{
  converts ("0.1ms", "ns", 100000);
  converts ("0.3us", "ns", 300); /* 0.3 * 1000 is not 300 in doubles of seconds */
  converts ("1.5us", "ns", 1500);
  converts ("1W", "mW", 1000);
  converts ("1500 mW", "W", 1.5);
  converts ("2GB/s", "MB/s", 2000);
  converts ("1bit/s", "B/s", 0.125);
  converts ("4KiB", "B", 4096);
  converts ("64KB", "KB", 64); /* not SI, but the same word */
  converts ("1MiB", "KiB", 1024);
  converts ("1GHz", "MHz", 1000);
  converts ("1cm2", "mm2", 100);
  converts ("1um2", "mm2", 1e-6);
  converts ("5\xC2\xB5s", "us", 5);
  converts ("5\xCE\xBCs", "ns", 5000);
  converts ("50%", NULL, 0.5);
  converts ("0.5", "%", 0.5);
  converts ("50%", "%", 50);
  converts ("0.25", "1", 0.25);
  converts ("1EB", "PB", 1000);
  converts ("1e3pJ", "nJ", 1);
  converts ("2nJ/bit", "pJ/B", 16000);
  converts ("7cycles", "cycles", 7);
  converts ("7", "cycles", 7);
  converts ("-1e-3s", "us", -1000);
}

static void
refuses (const char *text, const char *unit, const char *why)
{
  double value = 77;
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_quantity_parse (text, unit, &value, &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (value, 77);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, why));
  if (!strstr (err.text, why))
    tap_note ("\"%s\" is not in: %s", why, err.text);
}

static void
test_wrong_quantities (void)
{
  refuses ("1W", "ns", "is a power where a time (in ns) is expected");
  refuses ("1ns", NULL, "is a time where a pure number is expected");
  refuses ("1furlong", "ns", "unknown unit \"furlong\"; a time (in ns) is expected");
  refuses ("1ns", "cycles", "cannot convert \"ns\" to \"cycles\"");
  refuses ("1Kis", "s", "unknown unit \"Kis\"");
  refuses ("1kk", "s", "unknown unit");
  refuses ("1B/", "B", "unknown unit");
  refuses ("1/s", "Hz", "unknown unit");
  refuses ("1B/s", "B", "is a ratio where a size");
  refuses ("1s2", "s", "unknown unit");
  refuses ("ns", "ns", "is not a number");
  refuses ("", "ns", "is not a number");
  refuses (" 1ns", "ns", "is not a number");
  refuses ("1e308s", "ns", "too large");
  refuses (NULL, "ns", "is not a number");
}

static void
test_units (void)
{
  struct gym_unit a, b;
  CU_ASSERT_EQUAL (gym_unit_read ("ns", &a), 0);
  CU_ASSERT (a.dimension && a.ten == -9 && a.two == 0);
  CU_ASSERT_EQUAL (gym_unit_read ("KiB", &b), 0);
  CU_ASSERT (b.dimension != a.dimension && b.ten == 0 && b.two == 13);
  CU_ASSERT_EQUAL (gym_unit_read ("um2", &b), 0);
  CU_ASSERT_EQUAL (b.ten, -12);
  CU_ASSERT_EQUAL (gym_unit_read (NULL, &b), 0);
  CU_ASSERT_EQUAL (b.dimension, 0);
  CU_ASSERT_EQUAL (gym_unit_read ("requests", &b), GYM_EINVAL);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "shortest decimals", test_format },
    { "round trip", test_round_trip },
    { "against printf", test_against_printf },
    { "comma locale", test_comma_locale },
    { "strict numbers", test_strict_numbers },
    { "extreme numbers", test_extreme_numbers },
    { "quantities", test_quantities },
    { "wrong quantities", test_wrong_quantities },
    { "units", test_units },
    { 0 },
  };
  return tap_run ("units", tests);
}
