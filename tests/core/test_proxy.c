/* core/proxy.c: open models, and what is checked on the way to a class and back. */
#include "tests/core/proxy_help.h"

static void
test_life (void)
{
  static const char *const shift[] = { "shift=1.5", NULL };
  gym_registry *r = average_registry ();
  gym_proxy *p = average_proxy (r, "average", shift);
  double mean[4], spread[4];
  gym_error err = { 0 };
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  CU_ASSERT_STRING_EQUAL (gym_proxy_entry (p)->id, "average-v1");
  CU_ASSERT_STRING_EQUAL (gym_proxy_identity (p),
                          "{\"id\": \"average-v1\", \"options\": {\"fault\": \"none\", "
                          "\"shift\": 1.5}}");
  CU_ASSERT (gym_proxy_seed (p) == 7 && gym_proxy_rows (p) == 0);
  CU_ASSERT_EQUAL (gym_space_size (gym_proxy_space (p)), 2);
  CU_ASSERT_STRING_EQUAL (gym_settings_get (gym_proxy_settings (p), "shift"), "1.5");
  const struct gym_metrics *m = gym_proxy_targets (p);
  CU_ASSERT (m->n == 2 && m->items[0].name != average_targets[0].name);
  CU_ASSERT_STRING_EQUAL (m->items[0].unit, "ns");
  CU_ASSERT_STRING_EQUAL (m->items[0].doc, "How long.");
  CU_ASSERT (!m->items[1].unit && m->items[1].flags == GYM_METRIC_MEASURED
             && m->items[0].sense == GYM_MINIMISE);
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, average_values, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_rows (p), 2);
  CU_ASSERT_EQUAL (gym_proxy_predict (p, 2, average_designs, mean, spread, &err), GYM_OK);
  CU_ASSERT (mean[0] == 4 && mean[1] == 6.5 && mean[2] == 4 && spread[3] == 0.5);
  CU_ASSERT_EQUAL (gym_proxy_predict (p, 2, average_designs, mean, NULL, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_predict (p, 0, NULL, NULL, NULL, &err), GYM_OK);
  CU_ASSERT_EQUAL (err.code, 0);
  gym_proxy_destroy (&p);
  CU_ASSERT_PTR_NULL (p);
  gym_proxy_destroy (&p);
  gym_registry_destroy (&r);
}

static void
refuse_open (const gym_registry *r, const char *id, const char *const *texts,
             const struct gym_metrics *targets, const char *text)
{
  gym_error err = { 0 };
  gym_space *space = average_space (AVERAGE_SPACE);
  gym_settings *s = help_settings (texts);
  CU_ASSERT_PTR_NULL (gym_proxy_open (r, id, s, space, targets, 1, &err));
  CU_ASSERT (help_says (&err, text));
  CU_ASSERT (err.code < 0);
  gym_settings_destroy (&s);
  gym_space_destroy (&space);
}

static void
test_refusals (void)
{
  static const char *const unknown[] = { "shfit=1", NULL },
                           *const wide[] = { "shift=11", NULL },
                           *const broken[] = { "fault=open", NULL };
  static const struct gym_metric twins[] = { { .name = "a" }, { .name = "a" } },
                                 nameless[] = { { .name = "a" }, { .unit = "s" } };
  static const struct gym_metrics none = { .struct_size = sizeof none },
                                  two = GYM_ARRAY (gym_metrics, twins),
                                  bare = GYM_ARRAY (gym_metrics, nameless);
  gym_registry *r = average_registry ();
  refuse_open (r, "avrage", NULL, &average_metrics, "average");
  refuse_open (r, "average", unknown, &average_metrics, "did you mean \"shift\"");
  refuse_open (r, "average", wide, &average_metrics, "proxy average-v1");
  refuse_open (r, "average", broken, &average_metrics,
               "proxy average-v1: no luck with 2 parameters");
  refuse_open (r, "average", NULL, &none,
               "proxy average-v1: a model needs at least one target");
  refuse_open (r, "average", NULL, NULL, "at least one target");
  refuse_open (r, "average", NULL, &two, "two targets are named \"a\"");
  refuse_open (r, "average", NULL, &bare, "target 1 has no name");
  gym_registry_destroy (&r);
}

static void
test_rows (void)
{
  gym_registry *r = average_registry ();
  gym_proxy *p = average_proxy (r, "average", NULL);
  double mean[4], level[] = { 0, 4, 2, NAN }, active[] = { 0, 4, 1, 3 },
                  value[] = { 1, 2, 3, INFINITY };
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_proxy_predict (p, 1, average_designs, mean, NULL, &err),
                   GYM_ESTATE);
  CU_ASSERT_STRING_EQUAL (err.text, "proxy average-v1 is not fitted");
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 0, average_designs, average_values, &err),
                   GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "proxy average-v1: there are no rows to learn from");
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, level, average_values, &err), GYM_EINVAL);
  CU_ASSERT (help_says (&err, "proxy average-v1: row 1: parameter \"kind\""));
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, value, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (
      err.text, "proxy average-v1: row 1: target \"share\" is not a finite number");
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, average_values, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_predict (p, 2, active, mean, NULL, &err), GYM_EINVAL);
  CU_ASSERT (help_says (&err, "row 1: parameter \"n\""));
  /* A fit that fails leaves nothing behind. */
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, value, NULL), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_proxy_rows (p), 0);
  CU_ASSERT_EQUAL (gym_proxy_predict (p, 1, average_designs, mean, NULL, NULL),
                   GYM_ESTATE);
  gym_proxy_destroy (&p);
  gym_registry_destroy (&r);
}

static void
test_broken_classes (void)
{
  static const char *const nan[] = { "fault=nan", NULL },
                           *const below[] = { "fault=spread", NULL },
                           *const fit[] = { "fault=fit", NULL };
  gym_registry *r = average_registry ();
  gym_error err = { 0 };
  double mean[4], spread[4];
  gym_proxy *p = average_proxy (r, "average", nan);
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, average_values, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_predict (p, 2, average_designs, mean, NULL, &err),
                   GYM_EPLUGIN);
  CU_ASSERT (help_says (&err, "target \"time\" of row 0"));
  gym_proxy_destroy (&p);
  p = average_proxy (r, "average", below);
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, average_values, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_predict (p, 2, average_designs, mean, spread, &err),
                   GYM_EPLUGIN);
  CU_ASSERT (help_says (&err, "with spread -1 for target"));
  gym_proxy_destroy (&p);
  p = average_proxy (r, "average", fit);
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, average_values, &err),
                   GYM_EFAILED);
  CU_ASSERT_STRING_EQUAL (err.text, "proxy average-v1: nothing to be learnt");
  gym_proxy_destroy (&p);
  gym_registry_destroy (&r);
}

static void
test_note (void)
{
  gym_registry *r = average_registry ();
  gym_proxy *p = average_proxy (r, "average", NULL);
  gym_error err = { 0 };
  CU_ASSERT_PTR_NULL (gym_proxy_note (p));
  CU_ASSERT_EQUAL (gym_proxy_set_note (p, "{\"log\": [\"time\"]}", &err), GYM_OK);
  CU_ASSERT_STRING_EQUAL (gym_proxy_note (p), "{\"log\": [\"time\"]}");
  CU_ASSERT_EQUAL (gym_proxy_set_note (p, "\xff", &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "the note of a model must be UTF-8");
  CU_ASSERT_STRING_EQUAL (gym_proxy_note (p), "{\"log\": [\"time\"]}");
  CU_ASSERT_EQUAL (gym_proxy_set_note (p, NULL, &err), GYM_OK);
  CU_ASSERT_PTR_NULL (gym_proxy_note (p));
  gym_proxy_destroy (&p);
  gym_registry_destroy (&r);
}

/* A class that predicts the mean of what it sees, 0 here, with a spread of 0.5. */
static void
test_transform (void)
{
  static const double low[] = { 1, 2, 0, 8 };
  gym_registry *r = average_registry ();
  gym_proxy *p = average_proxy (r, "average", NULL);
  gym_error err = { 0 };
  double mean[4], alone[4], spread[4], power;
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, average_values, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_set_transform (p, 0, GYM_TRANSFORM_LOG, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_rows (p), 0); /* to be fitted anew */
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, average_values, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_transform (p, 0, &power), GYM_TRANSFORM_LOG);
  CU_ASSERT_EQUAL (power, 0);
  CU_ASSERT_EQUAL (gym_proxy_transform (p, 1, &power), GYM_TRANSFORM_NONE);
  CU_ASSERT_EQUAL (power, 1);
  CU_ASSERT_EQUAL (gym_proxy_predict (p, 2, average_designs, mean, spread, &err), GYM_OK);
  CU_ASSERT_DOUBLE_EQUAL (mean[0], 2 * exp (0.125), 1e-14);
  CU_ASSERT_DOUBLE_EQUAL (spread[0], mean[0] * sqrt (expm1 (0.25)), 1e-14);
  CU_ASSERT_EQUAL (mean[1], 5);
  CU_ASSERT_EQUAL (spread[1], 0.5);
  CU_ASSERT_EQUAL (gym_proxy_predict (p, 2, average_designs, alone, NULL, &err), GYM_OK);
  CU_ASSERT_EQUAL (memcmp (mean, alone, sizeof mean), 0);
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, low, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text,
                          "proxy average-v1: row 1: target \"time\": transform log "
                          "needs values above 0, not 0: choose none or auto");
  CU_ASSERT_EQUAL (gym_proxy_set_transform (p, 2, GYM_TRANSFORM_LOG, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "target 2; there are 2");
  CU_ASSERT_EQUAL (gym_proxy_set_transform (p, 0, (enum gym_transform)4, &err),
                   GYM_EINVAL);
  gym_proxy_destroy (&p);
  gym_registry_destroy (&r);
}

/* Rows of another width than the targets'; whoever cannot says so. */
static void
test_pretraining (void)
{
  static const double hints[] = { 1, 2, 3, 4, 5, 9 };
  static const double gap[] = { 1, 2, 3, 4, INFINITY, 6 }, nowhere[] = { 0, 4, 2, NAN };
  static const char *const broken[] = { "fault=fit", NULL };
  gym_registry *r = average_registry ();
  gym_proxy *p = average_proxy (r, "eager", NULL),
            *plain = average_proxy (r, "average", NULL);
  double mean[4];
  gym_error err = { 0 };
  CU_ASSERT_FATAL (p && plain);
  CU_ASSERT (gym_proxy_pretrains (p) && !gym_proxy_pretrains (plain));
  CU_ASSERT_EQUAL (gym_proxy_pretrain (plain, 2, average_designs, 3, hints, &err),
                   GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "proxy average-v1 cannot be pretrained");
  CU_ASSERT_EQUAL (gym_proxy_pretrain (p, 2, average_designs, 3, gap, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text,
                          "proxy eager-v1: row 1: hint 1 is not a finite number");
  CU_ASSERT_EQUAL (gym_proxy_pretrain (p, 2, nowhere, 3, hints, &err), GYM_EINVAL);
  CU_ASSERT (help_says (&err, "proxy eager-v1: row 1: "));
  CU_ASSERT_EQUAL (gym_proxy_pretrain (p, 0, NULL, 3, NULL, &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_proxy_pretrain (p, 2, average_designs, 0, hints, &err),
                   GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text,
                          "proxy eager-v1: there is nothing to be pretrained on");
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, average_values, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_pretrain (p, 2, average_designs, 3, hints, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_rows (p), 0);
  CU_ASSERT_EQUAL (gym_proxy_predict (p, 1, average_designs, mean, NULL, &err),
                   GYM_ESTATE);
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, average_values, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_predict (p, 1, average_designs, mean, NULL, &err), GYM_OK);
  CU_ASSERT (mean[0] == 2.5 + 4 && mean[1] == 5 + 4);
  gym_proxy_destroy (&p);
  p = average_proxy (r, "eager", broken);
  CU_ASSERT_EQUAL (gym_proxy_pretrain (p, 2, average_designs, 3, hints, &err),
                   GYM_EFAILED);
  CU_ASSERT_STRING_EQUAL (err.text, "proxy eager-v1: nothing to be learnt");
  gym_proxy_destroy (&p);
  gym_proxy_destroy (&plain);
  gym_registry_destroy (&r);
}

/* What lies behind the end of a class of ABI 1.1 is not its own. */
static void
test_older_class (void)
{
  static const double hints[] = { 1, 2, 3, 4, 5, 9 };
  gym_registry *r = average_registry ();
  gym_error err = { 0 };
  eager_class.struct_size = offsetof (struct gym_proxy_class, pretrain);
  eager_class.place.cost = "none";
  gym_proxy *p = average_proxy (r, "eager", NULL);
  CU_ASSERT_FATAL (p != NULL);
  CU_ASSERT (!gym_proxy_pretrains (p));
  CU_ASSERT_EQUAL (gym_proxy_pretrain (p, 2, average_designs, 3, hints, &err),
                   GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "proxy eager-v1 cannot be pretrained");
  CU_ASSERT_STRING_EQUAL (gym_entry_place (gym_proxy_entry (p)).cost, "none");
  gym_proxy_destroy (&p);
  gym_registry_destroy (&r);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "life of a model", test_life },
                                           { "what cannot be opened", test_refusals },
                                           { "rows are checked", test_rows },
                                           { "classes that go wrong",
                                             test_broken_classes },
                                           { "the note", test_note },
                                           { "transformed targets", test_transform },
                                           { "pretraining", test_pretraining },
                                           { "a class of ABI 1.1", test_older_class },
                                           { 0 } };
  return tap_run ("proxy", tests);
}
