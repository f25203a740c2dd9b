/* function-v1 through the public interface: every kind by hand, generated instances
 * through a file, the reference's optima, and what it says about bad files. */
#include "tests/core/help.h"
#include "tests/plugins/functions.h"

#include <jansson.h>
#include <math.h>

static const char *
write_text (char path[256], const char *text)
{
  CU_ASSERT_FATAL (help_scratch (path, "instance.json") != NULL);
  FILE *file = fopen (path, "w");
  CU_ASSERT_FATAL (file != NULL);
  fputs (text, file);
  fclose (file);
  return path;
}

static gym_env *
open_file (const gym_registry *r, const char *path, gym_error *err)
{
  char text[600];
  snprintf (text, sizeof text, "file=%s", path);
  gym_settings *s = help_settings ((const char *const[]){ text, NULL });
  gym_env *env = gym_env_open (r, "function", s, err);
  gym_settings_destroy (&s);
  return env;
}

static uint32_t
evaluate (gym_env *env, const double *row, double *metrics)
{
  gym_error err = { 0 };
  uint32_t status = GYM_TRIAL_CRASHED;
  if (gym_env_evaluate (env, 1, row, NULL, NULL, metrics, &status, NULL, &err) < 0)
    tap_note ("%s", err.text);
  return status;
}

/* ---- by hand ---- */

/* An instance, a design and its values; no goals: infeasible. */
static void
by_hand (const char *text, const char *design, uint32_t goals, double one, double two)
{
  char path[256];
  double row[8], metrics[2] = { NAN, NAN };
  gym_error err = { 0 };
  gym_registry *r = help_registry ();
  gym_env *env = open_file (r, write_text (path, text), &err);
  if (!env || gym_design_parse (gym_env_space (env), design, row, &err) < 0)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (env);
  uint32_t status = evaluate (env, row, metrics);
  CU_ASSERT_EQUAL (status, goals ? GYM_TRIAL_OK : GYM_TRIAL_INFEASIBLE);
  if (goals > 0)
    CU_ASSERT_DOUBLE_EQUAL (metrics[0], one, 1e-12);
  if (goals > 1)
    CU_ASSERT_DOUBLE_EQUAL (metrics[1], two, 1e-12);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
}

#define AB                                                                               \
  "\"params\":[{\"name\":\"a\",\"type\":\"cat\",\"n\":2},"                               \
  "{\"name\":\"b\",\"type\":\"cat\",\"n\":2}]"
#define IJ                                                                               \
  "\"params\":[{\"name\":\"i\",\"type\":\"int\",\"n\":5},"                               \
  "{\"name\":\"j\",\"type\":\"int\",\"n\":5}]"

static void
test_misphere (void)
{
  static const char text[] =
      "{\"kind\":\"misphere\",\"params\":[{\"name\":\"a\",\"type\":\"cat\",\"n\":3},"
      "{\"name\":\"i\",\"type\":\"int\",\"n\":64}],\"cat_cost\":[[4,1,0]],\"opt\":[20]}";
  by_hand (text, "a=0,i=28", 1, 4 + 25 * 0.25, 0);
  by_hand (text, "a=1,i=4", 1, 1 + 25, 0);
  by_hand (text, "a=2,i=20", 1, 0, 0);
}

/* z = 1/2 costs 1/4 + 10 + 10; a quarter turn swaps the coordinates. */
static void
test_rastrigin (void)
{
  by_hand ("{\"kind\":\"rastrigin\"," IJ ",\"shift\":[2,1],\"scale\":0.25,\"rot\":null}",
           "i=4,j=1", 1, 20.25, 0);
  by_hand ("{\"kind\":\"rastrigin\"," IJ ",\"shift\":[2,1],\"scale\":0.5,"
           "\"rot\":[[0.6,-0.8],[0.8,0.6]]}",
           "i=4,j=1", 1, 1 + 20 - 10 * (cos (1.2 * acos (-1)) + cos (1.6 * acos (-1))),
           0);
}

static void
test_nk (void)
{
  static const char text[] = "{\"kind\":\"nk\"," AB ",\"q\":2,\"neigh\":[[0,1],[1,0]],"
                             "\"table\":[[0.1,0.2,0.3,0.4],[0.5,0.6,0.7,0.8]]}";
  by_hand (text, "a=1,b=0", 1, 1 - (0.2 + 0.7) / 2, 0);
  by_hand (text, "a=0,b=1", 1, 1 - (0.3 + 0.6) / 2, 0);
  by_hand (text, "a=1,b=1", 1, 1 - (0.4 + 0.8) / 2, 0);
}

static void
test_trap (void)
{
  static const char text[] =
      "{\"kind\":\"trap\",\"params\":[{\"name\":\"a\",\"type\":\"cat\",\"n\":2},"
      "{\"name\":\"b\",\"type\":\"cat\",\"n\":2},{\"name\":\"c\",\"type\":\"cat\",\"n\":"
      "2},"
      "{\"name\":\"d\",\"type\":\"cat\",\"n\":2}],\"block\":2,\"perm\":[0,3,1,2],"
      "\"target\":[1,0,0,1]}";
  by_hand (text, "a=1,b=0,c=0,d=1", 1, 0, 0);
  by_hand (text, "a=1,b=0,c=0,d=0", 1, 2, 0);
  by_hand (text, "a=0,b=1,c=1,d=0", 1, 2, 0);
  by_hand (text, "a=1,b=1,c=0,d=0", 1, 4, 0);
}

static void
test_table (void)
{
  static const char text[] =
      "{\"kind\":\"table\",\"params\":[{\"name\":\"i\",\"type\":\"int\",\"n\":2},"
      "{\"name\":\"a\",\"type\":\"cat\",\"n\":3}],\"table\":[1,2,3,4,99,6],"
      "\"penalty\":99}";
  by_hand (text, "i=0,a=2", 1, 3, 0);
  by_hand (text, "i=1,a=0", 1, 4, 0);
  by_hand (text, "i=1,a=1", 0, 0, 0);
  by_hand ("{\"kind\":\"motable\"," AB ",\"tables\":[[1,2,3,4],[8,7,6,5]]}", "a=1,b=0", 2,
           3, 6);
}

/* Integers keep their bounds and steps; the formula sees indices. */
static void
test_steps (void)
{
  by_hand ("{\"kind\":\"misphere\",\"params\":[{\"name\":\"i\",\"type\":\"int\",\"n\":64,"
           "\"low\":100,\"step\":10}],\"cat_cost\":[],\"opt\":[0]}",
           "i=420", 1, 100, 0);
}

/* ---- generated instances through a file ---- */

static void
compare (gym_env *env, const struct function *f, uint64_t seed)
{
  gym_rng rng;
  double row[32], there[2], here[2];
  gym_rng_init (&rng, seed);
  CU_ASSERT_EQUAL (gym_space_cardinality (gym_env_space (env)),
                   gym_space_cardinality (f->space));
  for (int k = 0; k < 300; k++) {
    gym_space_sample (f->space, &rng, row);
    bool feasible = formula_value (f->formula, row, here);
    CU_ASSERT_EQUAL (evaluate (env, row, there),
                     feasible ? GYM_TRIAL_OK : GYM_TRIAL_INFEASIBLE);
    for (uint32_t o = 0; feasible && o < formula_goals (f->formula); o++)
      CU_ASSERT_DOUBLE_EQUAL (there[o], here[o], 1e-12);
  }
}

static void
test_families (void)
{
  gym_registry *r = help_registry ();
  for (int k = 0; k <= FUNCTION_FAMILIES; k++) {
    char path[256];
    const char *family = k < FUNCTION_FAMILIES ? function_families[k] : "motab5";
    struct function *f = function_new (family, 5), *again;
    gym_error err = { 0 };
    CU_ASSERT_PTR_NOT_NULL_FATAL (f);
    CU_ASSERT_TRUE_FATAL (function_save (f, write_text (path, "")));
    gym_env *env = open_file (r, path, &err);
    if (!env)
      tap_note ("%s: %s", family, err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL (env);
    CU_ASSERT_EQUAL (gym_env_metrics (env)->n, k < FUNCTION_FAMILIES ? 1u : 2u);
    compare (env, f, 1);
    CU_ASSERT_PTR_NOT_NULL (again = function_load (path));
    function_free (again);
    gym_env_destroy (&env);
    function_free (f);
    help_remove (path);
  }
  gym_registry_destroy (&r);
}

/* ---- the reference's instances ---- */

/* The stated optimum is met where the file says, and no random design is below it. */
static void
check_optimum (gym_registry *r, const char *path)
{
  json_t *file = json_load_file (path, 0, NULL);
  const json_t *at = json_object_get (file, "x_opt"),
               *best = json_object_get (file, "f_opt");
  gym_error err = { 0 };
  gym_env *env = open_file (r, path, &err);
  gym_rng rng;
  double row[32], metrics[2];
  if (!env)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (env);
  for (size_t i = 0; i < json_array_size (at); i++)
    row[i] = json_number_value (json_array_get (at, i));
  if (at) {
    CU_ASSERT_EQUAL (evaluate (env, row, metrics), GYM_TRIAL_OK);
    CU_ASSERT_DOUBLE_EQUAL (metrics[0], json_number_value (best), 1e-9);
  }
  gym_rng_init (&rng, 3);
  for (int k = 0; k < 2000; k++) {
    gym_space_sample (gym_env_space (env), &rng, row);
    if (evaluate (env, row, metrics) == GYM_TRIAL_OK && json_is_number (best))
      CU_ASSERT (metrics[0] >= json_number_value (best) - 1e-9);
  }
  gym_env_destroy (&env);
  json_decref (file);
}

static void
test_reference (void)
{
  char path[512], name[64];
  gym_registry *r = help_registry ();
  for (int k = 0; k <= FUNCTION_FAMILIES; k++) {
    snprintf (name, sizeof name, "search/%s.json",
              k < FUNCTION_FAMILIES ? function_families[k] : "motab5");
    if (tap_reference (name, path, sizeof path))
      check_optimum (r, path);
    else
      tap_skip ("the reference instances are not beside the checkout");
  }
  gym_registry_destroy (&r);
}

/* ---- what is wrong with a file ---- */

static void
test_bad_files (void)
{
  static const struct {
    const char *text, *word;
  } bad[] = {
    { "", "line 1" },
    { "[1]", "a JSON object" },
    { "{\"kind\":\"nk\",\"kind\":\"nk\"}", "duplicate" },
    { "{\"kind\":\"nk\"}", "params: an array" },
    { "{\"kind\":\"nk\",\"params\":[]}", "params: 1 element or more" },
    { "{\"params\":[{\"type\":\"cat\",\"n\":2}]}", "\"name\"" },
    { "{\"params\":[{\"name\":\"a\",\"type\":\"real\",\"n\":2}]}", "\"cat\" or \"int\"" },
    { "{\"params\":[{\"name\":\"a\",\"type\":\"cat\",\"n\":2.5}]}", "\"a\": \"n\"" },
    { "{\"params\":[{\"name\":\"a\",\"type\":\"int\",\"n\":0}]}", "from 1" },
    { "{\"params\":[{\"name\":\"a\",\"type\":\"int\",\"n\":4,\"step\":0}]}", "\"step\"" },
    { "{\"params\":[{\"name\":\"a\",\"type\":\"cat\",\"n\":2},"
      "{\"name\":\"a\",\"type\":\"cat\",\"n\":2}]}",
      "two are called \"a\"" },
    { "{\"kind\":\"sphere\"," AB "}", "not sphere" },
    { "{" AB "}", "not nothing" },
    { "{\"kind\":\"misphere\"," AB ",\"cat_cost\":[[1,2],[1,2,3]]}",
      "cat_cost, row 1: 2" },
    { "{\"kind\":\"misphere\"," IJ ",\"cat_cost\":[[1,2,3,4,5]],\"opt\":[1]}",
      "\"i\": type \"cat\"" },
    { "{\"kind\":\"misphere\"," IJ ",\"cat_cost\":[],\"opt\":[1]}", "opt: 2" },
    { "{\"kind\":\"misphere\"," IJ ",\"cat_cost\":[],\"opt\":[1,\"2\"]}",
      "opt, element 1: a number" },
    { "{\"kind\":\"rastrigin\"," AB ",\"shift\":[1,2],\"scale\":1}", "type \"int\"" },
    { "{\"kind\":\"rastrigin\"," IJ ",\"shift\":[1,2],\"rot\":null}", "scale" },
    { "{\"kind\":\"rastrigin\"," IJ ",\"shift\":[1,2],\"scale\":1}", "rot" },
    { "{\"kind\":\"rastrigin\"," IJ ",\"shift\":[1,2],\"scale\":1,\"rot\":[[1,0],[1]]}",
      "rot, row 1: 2" },
    { "{\"kind\":\"nk\"," AB ",\"q\":1,\"neigh\":[[0],[1]],\"table\":[[1],[1]]}",
      "q = 1" },
    { "{\"kind\":\"nk\"," AB ",\"q\":2,\"neigh\":[[0],[2]],\"table\":[[1,1],[1,1]]}",
      "neigh, row 1, element 0" },
    { "{\"kind\":\"nk\"," AB ",\"q\":2,\"neigh\":[[0],[1]],\"table\":[[1,1],[1,1,1]]}",
      "table, row 1: 2" },
    { "{\"kind\":\"trap\"," AB ",\"block\":3,\"perm\":[0,1],\"target\":[0,0]}", "block" },
    { "{\"kind\":\"trap\"," AB ",\"block\":2,\"perm\":[0,0],\"target\":[0,0]}", "twice" },
    { "{\"kind\":\"trap\"," AB ",\"block\":2,\"perm\":[0,1],\"target\":[0,2]}",
      "target" },
    { "{\"kind\":\"table\"," AB ",\"table\":[1,2,3]}", "table: 4" },
    { "{\"kind\":\"table\"," AB ",\"table\":[1,2,3,4],\"penalty\":\"x\"}", "penalty" },
    { "{\"kind\":\"motable\"," AB ",\"tables\":[[1,2,3,4]]}", "tables: 2" },
  };
  gym_registry *r = help_registry ();
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    char path[256];
    gym_error err = { 0 };
    CU_ASSERT_PTR_NULL (open_file (r, write_text (path, bad[i].text), &err));
    CU_ASSERT_EQUAL (err.code, GYM_EINVAL);
    CU_ASSERT (help_says (&err, bad[i].word) && help_says (&err, "instance.json"));
    help_remove (path);
  }
  gym_error err = { 0 };
  CU_ASSERT_PTR_NULL (gym_env_open (r, "function", NULL, &err));
  CU_ASSERT (help_says (&err, "file"));
  gym_registry_destroy (&r);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "misphere by hand", test_misphere },
                                           { "rastrigin by hand", test_rastrigin },
                                           { "nk by hand", test_nk },
                                           { "trap by hand", test_trap },
                                           { "tables by hand", test_table },
                                           { "bounds and steps", test_steps },
                                           { "generated families", test_families },
                                           { "reference optima", test_reference },
                                           { "bad files", test_bad_files },
                                           { 0 } };
  return tap_run ("function", tests);
}
