/* Values of every form of objective, computed by hand. */
#include "tests/tap.h"

#include <gym/objective.h>
#include <math.h>
#include <string.h>

static const struct gym_metric items[] = {
  { .name = "energy", .unit = "nJ", .sense = GYM_MINIMISE },
  { .name = "latency_p99", .unit = "ns", .sense = GYM_MINIMISE },
  { .name = "power", .unit = "mW", .sense = GYM_MINIMISE },
  { .name = "bandwidth", .unit = "MB/s", .sense = GYM_MAXIMISE },
  { .name = "row_hit_rate", .unit = "1", .sense = GYM_NEUTRAL },
  { .name = "errors", .sense = GYM_MINIMISE },
};
static const struct gym_metrics metrics = GYM_ARRAY (gym_metrics, items);
static const double row[] = { 100, 200, 900, 50, 0.5, 0 };

/* One goal of `text` at `row`, inner and reported. */
static double
inner (const char *text, double *reported)
{
  gym_error err = { 0 };
  double goal = NAN, violation[4];
  gym_objective *o = gym_objective_parse (text, &metrics, &err);
  if (!o || gym_objective_evaluate (o, row, &goal, violation, &err) != GYM_OK)
    tap_note ("%s: %s", text, err.text);
  if (o && reported)
    *reported = gym_objective_report (o, 0, goal);
  gym_objective_destroy (&o);
  return goal;
}

static void
test_values (void)
{
  static const struct {
    const char *text;
    double inner, reported;
  } cases[] = {
    { "energy", 100, 100 },
    { "bandwidth", -50, 50 },
    { "min(bandwidth)", 50, 50 },
    { "max(row_hit_rate)", -0.5, 0.5 },
    { "target(power, 1W)", -10, 10 },       /* 1000 / |1000 - 900| */
    { "target(power, 800)", -8, 8 },        /* from above as from below */
    { "target(power, 0.9W)", -1e6, 1e6 },   /* a hit is capped */
    { "target(power, 0.9W, 50)", -50, 50 }, /* at another cap if so asked */
    { "target(power, 1W, 4)", -4, 4 },      /* which binds near hits, too */
    { "product(energy, latency_p99)", 20000, 20000 },
    { "product(energy^2, latency_p99^-1)", 50, 50 },
    { "product(row_hit_rate^-2)", 4, 4 },
    { "product(target(power, 1W), target(energy, 50))", -10, 10 }, /* 10 * 1 */
    { "product(target(power, 1W)^2, target(energy, 80)^0.5)", -200, 200 },
    { "budgets(energy<=50, power<=1W)", 1, 1 }, /* 100/50 - 1 + 0 */
    { "budgets(energy<=80, latency_p99<=0.1us)", 1.25, 1.25 },
    { "budgets(energy<=100)", 0, 0 },
    { "cap(energy, 150)", 150, 150 },
    { "cap(energy, 50)", 100, 100 },
    { "cap(bandwidth, 40)", -40, 40 },
    { "cap(bandwidth, 0.06GB/s)", -50, 50 },
    { "cap(log(energy), 5)", 5, 5 },
    { "cap(target(power, 1W), 7)", -7, 7 },
    { "errors", 0, 0 },
    { "max(errors)", 0, 0 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double reported = NAN, value = inner (cases[i].text, &reported);
    if (fabs (value - cases[i].inner) > 1e-12 * fabs (value)
        || fabs (reported - cases[i].reported) > 1e-12 * fabs (reported)
        || isnan (value)) {
      tap_note ("%s: %.17g, %.17g", cases[i].text, value, reported);
      CU_FAIL ("value of an objective");
    }
  }
  CU_ASSERT_DOUBLE_EQUAL (inner ("log(energy)", NULL), 4.605170185988092, 1e-15);
  CU_ASSERT_DOUBLE_EQUAL (inner ("log(bandwidth)", NULL), -3.912023005428146, 1e-15);
  CU_ASSERT_FALSE (signbit (inner ("max(errors)", NULL)));
}

static void
test_several_goals (void)
{
  double goals[3], violations[3];
  gym_error err = { 0 };
  gym_objective *o = gym_objective_parse (
      "energy, bandwidth, target(power,1W); latency_p99<=150; bandwidth>=0.1GB/s; "
      "errors<=0",
      &metrics, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (o);
  CU_ASSERT_EQUAL (gym_objective_goals (o), 3);
  CU_ASSERT_EQUAL (gym_objective_constraints (o), 3);
  CU_ASSERT_EQUAL (gym_objective_evaluate (o, row, goals, violations, &err), GYM_OK);
  CU_ASSERT_EQUAL (goals[0], 100);
  CU_ASSERT_EQUAL (goals[1], -50);
  CU_ASSERT_EQUAL (goals[2], -10);
  CU_ASSERT_DOUBLE_EQUAL (violations[0], 50.0 / 150, 1e-15); /* 200 against 150 */
  CU_ASSERT_DOUBLE_EQUAL (violations[1], 0.5, 1e-15);        /* 50 of at least 100 */
  CU_ASSERT_EQUAL (violations[2], 0);                        /* on the bound: met */
  double worse[] = { 100, 100, 900, 150, 0.5, 3 };
  CU_ASSERT_EQUAL (gym_objective_evaluate (o, worse, goals, violations, &err), GYM_OK);
  CU_ASSERT_EQUAL (violations[0], 0);
  CU_ASSERT_EQUAL (violations[1], 0);
  CU_ASSERT_EQUAL (violations[2], 3); /* no scale: the excess itself */
  gym_objective_destroy (&o);
  CU_ASSERT_PTR_NULL (o);
  gym_objective_destroy (&o);
}

static void
test_negative_bound (void)
{
  double goal, violation;
  gym_objective *o = gym_objective_parse ("energy; errors<=-2", &metrics, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (o);
  CU_ASSERT_EQUAL (gym_objective_evaluate (o, row, &goal, &violation, NULL), GYM_OK);
  CU_ASSERT_EQUAL (violation, 1); /* 2 above, over |-2| */
  gym_objective_destroy (&o);
}

static void
test_descriptions (void)
{
  static const struct {
    const char *text, *unit;
    enum gym_sense sense;
  } cases[] = {
    { "energy", "nJ", GYM_MINIMISE },
    { "bandwidth", "MB/s", GYM_MAXIMISE },
    { "min(bandwidth)", "MB/s", GYM_MINIMISE },
    { "max(row_hit_rate)", "", GYM_MAXIMISE },
    { "target(power, 1000)", "", GYM_MAXIMISE },
    { "product(energy^2, latency_p99)", "nJ^2*ns", GYM_MINIMISE },
    { "product(target(power, 1000))", "", GYM_MAXIMISE },
    { "cap(product(energy, row_hit_rate), 3)", "nJ", GYM_MINIMISE },
    { "budgets(energy<=50)", "", GYM_MINIMISE },
    { "cap(bandwidth, 3)", "MB/s", GYM_MAXIMISE },
    { "log(bandwidth)", "", GYM_MAXIMISE },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    gym_objective *o = gym_objective_parse (cases[i].text, &metrics, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL (o);
    CU_ASSERT_STRING_EQUAL (gym_objective_goal_text (o, 0), cases[i].text);
    CU_ASSERT_STRING_EQUAL (gym_objective_goal_unit (o, 0), cases[i].unit);
    CU_ASSERT_EQUAL (gym_objective_goal_sense (o, 0), cases[i].sense);
    gym_objective_destroy (&o);
  }
}

static void
test_uses (void)
{
  gym_objective *o =
      gym_objective_parse ("product(energy, power); errors<=1", &metrics, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (o);
  CU_ASSERT_STRING_EQUAL (gym_objective_constraint_text (o, 0), "errors<=1");
  static const bool used[] = { true, false, true, false, false, true, false };
  for (uint32_t i = 0; i < 7; i++)
    CU_ASSERT_EQUAL (gym_objective_uses (o, i), used[i]);
  gym_objective_destroy (&o);
}

static void
test_bad_rows (void)
{
  double goal, violation, bad[6];
  gym_error err = { 0 };
  gym_objective *o = gym_objective_parse ("log(energy); power<=1W", &metrics, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (o);
  memcpy (bad, row, sizeof bad);
  bad[1] = NAN; /* not needed */
  CU_ASSERT_EQUAL (gym_objective_evaluate (o, bad, &goal, &violation, &err), GYM_OK);
  bad[2] = NAN; /* a constraint's metric is needed */
  CU_ASSERT_EQUAL (gym_objective_evaluate (o, bad, &goal, &violation, &err), GYM_EINVAL);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "\"power\""));
  bad[2] = 1;
  static const double impossible[] = { 0, -1, INFINITY };
  for (int i = 0; i < 3; i++) {
    bad[0] = impossible[i];
    CU_ASSERT_EQUAL (gym_objective_evaluate (o, bad, &goal, &violation, &err),
                     GYM_EINVAL);
    CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "log(energy)"));
  }
  gym_objective_destroy (&o);
}

static void
test_report_and_back (void)
{
  gym_objective *o = gym_objective_parse ("energy, bandwidth", &metrics, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (o);
  CU_ASSERT_EQUAL (gym_objective_report (o, 0, 3), 3);
  CU_ASSERT_EQUAL (gym_objective_report (o, 1, 3), -3);
  CU_ASSERT_EQUAL (gym_objective_inner (o, 1, -3), 3);
  CU_ASSERT_FALSE (signbit (gym_objective_report (o, 1, 0)));
  CU_ASSERT (isnan (gym_objective_report (o, 1, NAN)));
  gym_objective_destroy (&o);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "values of every form", test_values },
    { "several goals and constraints", test_several_goals },
    { "a negative bound", test_negative_bound },
    { "text, unit and direction of goals", test_descriptions },
    { "metrics in use", test_uses },
    { "rows that cannot be judged", test_bad_rows },
    { "report is the inverse of inner", test_report_and_back },
    { 0 }
  };
  return tap_run ("objective", tests);
}
