/* The text form of objectives: spelling, units, and messages that name the place. */
#include "tests/tap.h"

#include <gym/objective.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct gym_metric items[] = {
  { .name = "energy", .unit = "nJ", .sense = GYM_MINIMISE },
  { .name = "latency_p99", .unit = "ns", .sense = GYM_MINIMISE },
  { .name = "power", .unit = "mW", .sense = GYM_MINIMISE },
  { .name = "bandwidth", .unit = "MB/s", .sense = GYM_MAXIMISE },
  { .name = "row_hit_rate", .unit = "1", .sense = GYM_NEUTRAL },
  { .name = "log", .unit = "s", .sense = GYM_MINIMISE },
  { .name = "a.x", .unit = NULL, .sense = GYM_MAXIMISE },
  { .name = "accuracy", .unit = "%", .sense = GYM_MAXIMISE, .flags = GYM_METRIC_SEALED },
};
static const struct gym_metrics metrics = GYM_ARRAY (gym_metrics, items);

static const struct {
  const char *text, *canonical;
} good[] = {
  { "energy", "energy" },
  { " energy\t,\nlatency_p99 ", "energy, latency_p99" },
  { "min(energy)", "energy" },
  { "max(energy)", "max(energy)" },
  { "min ( row_hit_rate )", "min(row_hit_rate)" },
  { "max(bandwidth)", "bandwidth" },
  { "target(power,1W)", "target(power, 1000)" },
  { "target(power,1 W,1e6)", "target(power, 1000)" },
  { "target(power,1W,100)", "target(power, 1000, 100)" },
  { "target(latency_p99,0.1ms)", "target(latency_p99, 100000)" },
  { "product(energy^1,latency_p99^-0.5)", "product(energy, latency_p99^-0.5)" },
  { "product(row_hit_rate)", "product(row_hit_rate)" },
  { "product(target(power,1W)^2,target(energy,1uJ))",
    "product(target(power, 1000)^2, target(energy, 1000))" },
  { "budgets(energy<=50,power<=1W)", "budgets(energy<=50, power<=1000)" },
  { "log(energy)", "log(energy)" },
  { "log", "log" },
  { "log(log)", "log(log)" },
  { "log(max(row_hit_rate))", "log(max(row_hit_rate))" },
  { "cap(energy,2uJ)", "cap(energy, 2000)" },
  { "cap(log(product(energy,power)),-1.5)", "cap(log(product(energy, power)), -1.5)" },
  { "cap(cap(max(row_hit_rate),90%),0.8)", "cap(cap(max(row_hit_rate), 0.9), 0.8)" },
  { "energy;latency_p99<=400", "energy; latency_p99<=400" },
  { "energy ; latency_p99 <= 0.4us; bandwidth>=2GB/s ;a.x>=.5",
    "energy; latency_p99<=400; bandwidth>=2000; a.x>=0.5" },
  { "energy; row_hit_rate>=80%", "energy; row_hit_rate>=0.8" },
  { "energy; power<=0.1", "energy; power<=0.1" },
  { "a.x, energy; log<=1e-3", "a.x, energy; log<=0.001" },
};

static void
test_canonical (void)
{
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    gym_error err = { 0 };
    gym_objective *o = gym_objective_parse (good[i].text, &metrics, &err);
    if (!o)
      tap_note ("%s: %s", good[i].text, err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL (o);
    CU_ASSERT_STRING_EQUAL (gym_objective_text (o), good[i].canonical);
    gym_objective *again = gym_objective_parse (gym_objective_text (o), &metrics, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL (again);
    CU_ASSERT_STRING_EQUAL (gym_objective_text (again), good[i].canonical);
    gym_objective_destroy (&o);
    gym_objective_destroy (&again);
  }
}

static const struct {
  const char *text, *place, *reason;
} bad[] = {
  { "", "column 1 (the end)", "expected a metric" },
  { "   ", "column 4 (the end)", "expected a metric" },
  { "energi", "column 1 near \"energi\"", "did you mean \"energy\"" },
  { "energy, latency_p9", "column 9 near \"latency_p9\"", "\"latency_p99\"" },
  { "max(bandwith)", "column 5 near \"bandwith\"", "\"bandwidth\"" },
  { "product(energy, pwer^2)", "column 17 near \"pwer\"", "\"power\"" },
  { "energy; rowhit_rate<=1", "column 9 near \"rowhit_rate\"", "\"row_hit_rate\"" },
  { "zzz", "column 1 near \"zzz\"", "energy, latency_p99, power" },
  { "row_hit_rate", "column 1 near \"row_hit_rate\"", "min(row_hit_rate) or max(row_h" },
  { "log(row_hit_rate)", "column 5 near \"row_hit_rate\"", "min(row_hit_rate)" },
  { "accuracy", "column 1 near \"accuracy\"", "sealed" },
  { "energy; accuracy>=1", "column 9 near \"accuracy\"", "sealed" },
  { "mean(energy)", "column 1 near \"mean\"", "min, max, target, product, budgets, log" },
  { "energy,", "column 8 (the end)", "expected a metric" },
  { "energy;", "column 8 (the end)", "expected the name of a metric" },
  { ",energy", "column 1 near \",\"", "expected a metric" },
  { "energy energy", "column 8 near \"energy\"", "expected \",\"" },
  { "energy)", "column 7 near \")\"", "expected \",\"" },
  { "max(energy", "column 11 (the end)", "expected \")\"" },
  { "max energy", "column 1 near \"max\"", "unknown metric" },
  { "max(max(energy))", "column 5 near \"max\"", "unknown metric" },
  { "max(energy, power)", "column 11 near \",\"", "expected \")\"" },
  { "target(power)", "column 13 near \")\"", "expected \",\"" },
  { "target(power, )", "column 15 near \")\"", "expected a number in mW" },
  { "target(power, W)", "column 15 near \"W\"", "expected a number in mW" },
  { "target(power, 1s)", "column 15 near \"1s\"", "time" },
  { "target(power, 1Q)", "column 15 near \"1Q\"", "unit" },
  { "target(power, 0)", "column 15 near \"0\"", "above 0" },
  { "target(power, -1W)", "column 15 near \"-1W\"", "above 0" },
  { "target(power, 1W, 0)", "column 19 near \"0\"", "above 0" },
  { "target(power, 1W, 5mW)", "column 19 near \"5mW\"", "pure number" },
  { "target(power, inf)", "column 15 near \"inf\"", "expected a number" },
  { "target(power, 1e999)", "column 15 near \"1e999\"", "too large" },
  { "target(energy+power, 1)", "column 14 near \"+\"", "expected \",\"" },
  { "product()", "column 9 near \")\"", "expected the name of a metric" },
  { "product(energy^)", "column 16 near \")\"", "expected a number" },
  { "product(energy^0)", "column 16 near \"0\"", "exponent of 0" },
  { "product(energy^2s)", "column 16 near \"2s\"", "without a unit" },
  { "product(target(power,1)^-1)", "column 25 near \"-1\"", "above 0" },
  { "product(energy, target(power, 1W))", "column 17 near \"target\"", "not both" },
  { "product(log(energy))", "column 12 near \"(\"", "expected \")\"" },
  { "budgets(energy)", "column 15 near \")\"", "expected \"<=\"" },
  { "budgets(energy>=5)", "column 15 near \">=\"", "upper bound" },
  { "budgets(energy<=0)", "column 17 near \"0\"", "above 0" },
  { "cap(energy)", "column 11 near \")\"", "expected \",\"" },
  { "cap(product(energy,power), 3nJ)", "column 28 near \"3nJ\"", "without a unit" },
  { "cap(log(energy), 3nJ)", "column 18 near \"3nJ\"", "pure number" },
  { "energy; power", "column 14 (the end)", "\"<=\" or \">=\"" },
  { "energy; power<4", "column 14 near \"<\"", "\"<=\" or \">=\"" },
  { "energy; power=4", "column 14 near \"=\"", "\"<=\" or \">=\"" },
  { "energy; power<=", "column 16 (the end)", "expected a number in mW" },
  { "energy; power<=4, bandwidth>=3", "column 17 near \",\"", "expected \";\"" },
  { "energy; max(power)<=4", "column 9 near \"max\"", "unknown metric" },
  { "energy; power<=4 $", "column 18 near \"$\"", "expected \";\"" },
  { "\xC3\xA9\xC3\xA9, energy", "column 1 near", "expected a metric" },
  { "energy, \xC2\xB5, $", "column 9 near \"\xC2", "expected a metric" },
};

static void
test_messages (void)
{
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    gym_error err = { 0 };
    gym_objective *o = gym_objective_parse (bad[i].text, &metrics, &err);
    if (o || !strstr (err.text, bad[i].place) || !strstr (err.text, bad[i].reason)
        || err.code != GYM_EINVAL) {
      tap_note ("\"%s\": %s", bad[i].text, o ? "accepted" : err.text);
      CU_FAIL ("message of a bad text");
    }
    gym_objective_destroy (&o);
    CU_ASSERT_PTR_NULL (gym_objective_parse (bad[i].text, &metrics, NULL));
  }
}

static void
test_columns_count_characters (void)
{
  gym_error err = { 0 };
  CU_ASSERT_PTR_NULL (
      gym_objective_parse ("target(latency_p99, 5\xC2\xB5s), $", &metrics, &err));
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "column 27 near \"$\""));
}

static void
test_depth (void)
{
  char text[2048] = "", *end = text;
  gym_error err = { 0 };
  for (int i = 0; i < 300; i++)
    end += sprintf (end, "log(");
  CU_ASSERT_PTR_NULL (gym_objective_parse (text, &metrics, &err));
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "nested too deeply"));
}

/* An env built against a longer struct has a longer stride; one built against a shorter
 * struct has neither sense nor flags. */
static void
test_stride (void)
{
  struct longer {
    struct gym_metric metric;
    double more[3];
  } longer[] = { { .metric = { .name = "x", .sense = GYM_MINIMISE } },
                 { .metric = { .name = "y", .unit = "ns", .sense = GYM_MINIMISE } } };
  struct gym_metrics list = { .struct_size = sizeof list,
                              .n = 2,
                              .stride = sizeof longer[0],
                              .items = &longer[0].metric };
  gym_objective *o = gym_objective_parse ("y; x<=1", &list, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (o);
  CU_ASSERT_STRING_EQUAL (gym_objective_goal_unit (o, 0), "ns");
  gym_objective_destroy (&o);
  struct shorter {
    const char *name, *unit, *doc;
  } shorter[] = { { .name = "x" }, { .name = "y", .unit = "ns" } };
  list.stride = sizeof shorter[0];
  list.items = (const struct gym_metric *)(const void *)shorter;
  CU_ASSERT_PTR_NULL (gym_objective_parse ("y", &list, NULL)); /* neutral */
  o = gym_objective_parse ("max(y)", &list, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (o);
  CU_ASSERT_STRING_EQUAL (gym_objective_goal_unit (o, 0), "ns");
  gym_objective_destroy (&o);
}

/* Whatever happens to a text, it parses or there is a message; what parses has a
 * canonical form that is its own. */
static void
judge (const char *text, int *parsed)
{
  gym_error err = { 0 };
  gym_objective *o = gym_objective_parse (text, &metrics, &err);
  if (!o) {
    CU_ASSERT_EQUAL (err.code, GYM_EINVAL);
    CU_ASSERT (strncmp (err.text, "objective: at column ", 21) == 0);
    return;
  }
  gym_objective *again = gym_objective_parse (gym_objective_text (o), &metrics, &err);
  if (!again)
    tap_note ("\"%s\" became \"%s\": %s", text, gym_objective_text (o), err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (again);
  CU_ASSERT_STRING_EQUAL (gym_objective_text (o), gym_objective_text (again));
  gym_objective_destroy (&again);
  gym_objective_destroy (&o);
  ++*parsed;
}

static void
mutate (gym_rng *rng, char *text, size_t size)
{
  static const char alphabet[] = "(),;^<>=-+.0123456789eEWsnm% \t\"\\axlog\xC2\xB5\x01";
  static const char *const words[] = {
    "max(", "target(power,", "product(", "energy", "budgets(",
    "<=",   "1e308",         "log(",     ",",      "^-2"
  };
  size_t n = strlen (text), at = gym_rng_below (rng, n + 1);
  const char *word = words[gym_rng_below (rng, sizeof words / sizeof words[0])];
  switch (gym_rng_below (rng, 4)) {
  case 0: /* change */
    if (at < n)
      text[at] = alphabet[gym_rng_below (rng, sizeof alphabet - 1)];
    break;
  case 1: /* cut out */
    if (at < n)
      memmove (text + at, text + at + 1, n - at);
    break;
  case 2: /* put in */
    if (n + strlen (word) + 1 < size) {
      memmove (text + at + strlen (word), text + at, n - at + 1);
      memcpy (text + at, word, strlen (word));
    }
    break;
  default: /* cut off */
    if (gym_rng_below (rng, 4) == 0)
      text[at] = '\0';
  }
}

static void
test_fuzz (void)
{
  gym_rng rng;
  char text[512];
  int parsed = 0, n = 60000;
  gym_rng_init (&rng, 2);
  for (int i = 0; i < n; i++) {
    const char *from = good[gym_rng_below (&rng, sizeof good / sizeof good[0])].text;
    snprintf (text, sizeof text, "%s", from);
    for (uint64_t k = gym_rng_below (&rng, 6); k-- > 0;)
      mutate (&rng, text, sizeof text);
    judge (text, &parsed);
  }
  tap_note ("%d of %d texts parsed", parsed, n);
  CU_ASSERT (parsed > n / 10 && parsed < n * 9 / 10);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "canonical texts", test_canonical },
                                           { "bad texts name the place", test_messages },
                                           { "columns count characters",
                                             test_columns_count_characters },
                                           { "nesting is bounded", test_depth },
                                           { "metrics of another stride", test_stride },
                                           { "mutated texts", test_fuzz },
                                           { 0 } };
  return tap_run ("objective_parse", tests);
}
