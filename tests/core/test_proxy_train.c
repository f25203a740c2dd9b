/* core/proxy_train.c: training, and the note of what a model stands for. */
#include "tests/core/proxy_scene.h"

#include <jansson.h>

static char path[256];
static atomic_bool stop = true;

static gym_proxy_data *
begin (void)
{
  help_scratch (path, "train.db");
  scene_store (path, "toy", NULL, "energy", "random", "ga", 60, "1", 0);
  return scene_data (path, NULL);
}

static void
test_train (void)
{
  gym_proxy_data *d = begin ();
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  const struct gym_proxy_recipe recipe = { .struct_size = sizeof recipe,
                                           .model = "ridge",
                                           .transform = GYM_TRANSFORM_AUTO,
                                           .seed = 3 };
  gym_proxy *p = gym_proxy_train (r, d, &recipe, &err);
  CU_ASSERT_STRING_EQUAL (err.text, "");
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  const struct gym_proxy_table *t = gym_proxy_data_table (d);
  struct gym_proxy_origin o = { .struct_size = sizeof o };
  CU_ASSERT_EQUAL (gym_proxy_origin_read (p, &o, &err), GYM_OK);
  CU_ASSERT_STRING_EQUAL (o.env, gym_proxy_data_env (d));
  CU_ASSERT_STRING_EQUAL (o.fidelity, "full");
  CU_ASSERT_STRING_EQUAL (o.hints, "[]");
  CU_ASSERT (o.rules && o.rows == t->n && o.designs == t->n_groups);
  json_t *stores = json_loads (o.stores, 0, NULL);
  CU_ASSERT_EQUAL (json_array_size (stores), 1);
  CU_ASSERT_STRING_EQUAL (
      json_string_value (json_object_get (json_array_get (stores, 0), "path")), path);
  json_decref (stores);
  gym_proxy_origin_clear (&o);
  CU_ASSERT (gym_proxy_rows (p) == t->n && gym_proxy_seed (p) == 3);
  /* The same recipe, the same bits. */
  gym_proxy *q = gym_proxy_train (r, d, &recipe, &err);
  double a[4], b[4];
  for (size_t i = 0; i < t->n; i++) {
    gym_proxy_predict (p, 1, t->designs + i * t->n_params, a, NULL, &err);
    gym_proxy_predict (q, 1, t->designs + i * t->n_params, b, NULL, &err);
    CU_ASSERT_EQUAL (memcmp (a, b, sizeof a), 0);
  }
  gym_proxy_destroy (&p);
  gym_proxy_destroy (&q);
  gym_registry_destroy (&r);
  gym_proxy_data_destroy (&d);
  help_remove (path);
}

/* Free metrics come first, at training and in every part of a cross-validation, and the
 * note names them. */
static void
test_pretrained (void)
{
  const char *const names[] = { "energy" }, *const hints[] = { "delay", "utilisation" };
  const struct gym_proxy_choice choice = { .struct_size = sizeof choice,
                                           .n_metrics = 1,
                                           .metrics = names,
                                           .n_hints = 2,
                                           .hints = hints };
  static const char *const short_run[] = { "epochs=3", "members=1", "width=8", NULL };
  gym_error err = { 0 };
  gym_proxy_data *plain = begin (), *d = scene_data (path, &choice);
  gym_registry *r = help_registry ();
  gym_settings *settings = help_settings (short_run);
  struct gym_proxy_recipe recipe = { .struct_size = sizeof recipe,
                                     .model = "mlp",
                                     .settings = settings };
  const struct gym_proxy_table *t = gym_proxy_data_table (d);
  gym_proxy *p = gym_proxy_train (r, d, &recipe, &err);
  CU_ASSERT_STRING_EQUAL (err.text, "");
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  struct gym_proxy_origin o = { .struct_size = sizeof o };
  CU_ASSERT_EQUAL (gym_proxy_origin_read (p, &o, &err), GYM_OK);
  CU_ASSERT_STRING_EQUAL (o.hints, "[\"delay\", \"utilisation\"]");
  gym_proxy_origin_clear (&o);
  /* By hand the same. */
  gym_proxy *q = gym_proxy_open (r, "mlp", settings, gym_proxy_data_space (d),
                                 gym_proxy_data_targets (d), 0, &err);
  CU_ASSERT_EQUAL (
      gym_proxy_pretrain (q, t->n_hinted, t->hinted, t->n_hints, t->hints, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_fit (q, t->n, t->designs, t->targets, &err), GYM_OK);
  for (size_t i = 0; i < t->n; i++) {
    double a, b;
    gym_proxy_predict (p, 1, t->designs + i * t->n_params, &a, NULL, &err);
    gym_proxy_predict (q, 1, t->designs + i * t->n_params, &b, NULL, &err);
    CU_ASSERT_EQUAL (a, b);
  }
  recipe.model = "ridge";
  recipe.settings = NULL;
  CU_ASSERT_PTR_NULL (gym_proxy_train (r, d, &recipe, &err));
  CU_ASSERT_STRING_EQUAL (err.text, "proxy ridge-v1 cannot be pretrained");
  struct gym_scores scores;
  CU_ASSERT_EQUAL (gym_proxy_folds (r, d, &recipe, 3, &scores, &err), GYM_EINVAL);
  gym_proxy_destroy (&p);
  gym_proxy_destroy (&q);
  gym_settings_destroy (&settings);
  gym_registry_destroy (&r);
  gym_proxy_data_destroy (&d);
  gym_proxy_data_destroy (&plain);
  help_remove (path);
}

static bool
stop_when (void *context)
{
  return *(const bool *)context;
}

static void
test_refusals (void)
{
  gym_proxy_data *d = begin ();
  gym_registry *r = spy_registry ();
  gym_error err = { 0 };
  struct gym_proxy_recipe recipe = { .struct_size = sizeof recipe, .model = "no-such" };
  CU_ASSERT_PTR_NULL (gym_proxy_train (r, d, &recipe, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  recipe.model = "spy";
  recipe.transform = 9;
  CU_ASSERT_PTR_NULL (gym_proxy_train (r, d, &recipe, &err));
  CU_ASSERT_STRING_EQUAL (err.text, "transform 9 does not exist");
  recipe.transform = 0;
  recipe.cancel = &stop;
  CU_ASSERT_PTR_NULL (gym_proxy_train (r, d, &recipe, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ECANCELLED);
  /* A function that says the same, unless the recipe was made before there was one. */
  bool asked = true;
  recipe.cancel = NULL;
  recipe.stop = stop_when;
  recipe.context = &asked;
  CU_ASSERT_PTR_NULL (gym_proxy_train (r, d, &recipe, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ECANCELLED);
  recipe.struct_size = offsetof (struct gym_proxy_recipe, stop);
  gym_proxy *p = gym_proxy_train (r, d, &recipe, &err);
  CU_ASSERT_PTR_NOT_NULL (p);
  gym_proxy_destroy (&p);
  /* It is not asked by a model that has left the call. */
  asked = false;
  recipe.struct_size = sizeof recipe;
  p = gym_proxy_train (r, d, &recipe, &err);
  asked = true;
  const struct gym_proxy_table *t = gym_proxy_data_table (d);
  CU_ASSERT_EQUAL (gym_proxy_fit (p, t->n, t->designs, t->targets, &err), GYM_OK);
  gym_proxy_destroy (&p);
  gym_registry_destroy (&r);
  gym_proxy_data_destroy (&d);
  help_remove (path);
}

/* A note of somebody else's, or none. */
static void
test_origin (void)
{
  gym_proxy_data *d = begin ();
  gym_registry *r = spy_registry ();
  gym_error err = { 0 };
  const struct gym_proxy_recipe recipe = { .struct_size = sizeof recipe, .model = "spy" };
  gym_proxy *p = gym_proxy_train (r, d, &recipe, &err);
  static const char *const notes[] = {
    NULL, "", "{}", "[", "{\"env\": 3}", "{\"env\": \"x\", \"fidelity\": \"y\"}"
  };
  for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
    struct gym_proxy_origin o = { .struct_size = sizeof o };
    gym_proxy_set_note (p, notes[i], &err);
    CU_ASSERT_EQUAL (gym_proxy_origin_read (p, &o, &err), GYM_EINVAL);
    CU_ASSERT_STRING_EQUAL (err.text, "the model does not say which env it stands for: "
                                      "train it with gym proxy train");
    CU_ASSERT (!o.env && !o.fidelity && !o.stores);
  }
  gym_proxy_destroy (&p);
  gym_registry_destroy (&r);
  gym_proxy_data_destroy (&d);
  help_remove (path);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "a model and its note", test_train },
                                           { "a pretrained model", test_pretrained },
                                           { "what is refused", test_refusals },
                                           { "other notes", test_origin },
                                           { 0 } };
  return tap_run ("proxy_train", tests);
}
