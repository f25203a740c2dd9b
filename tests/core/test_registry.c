/* Finding classes by id and alias, and what is said when there is none. */
#include "tests/core/help.h"

static int
nothing (void *self, const struct gym_host *host, gym_error *err)
{
  (void)self;
  (void)host;
  (void)err;
  return GYM_OK;
}

static void
close_it (void *self)
{
  (void)self;
}

static int
space (void *self, struct gym_params *out, gym_error *err)
{
  (void)self;
  (void)out;
  return gym_fail (err, GYM_EFAILED, "not opened here");
}

static int
metrics (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)out;
  return gym_fail (err, GYM_EFAILED, "not opened here");
}

static int
evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  (void)self;
  (void)batch;
  return gym_fail (err, GYM_EFAILED, "not opened here");
}

#define ENV(symbol, name)                                                                \
  static const struct gym_env_class symbol = { .struct_size =                            \
                                                   sizeof (struct gym_env_class),        \
                                               .id = name,                               \
                                               .summary = "made here",                   \
                                               .instance_size = 8,                       \
                                               .open = nothing,                          \
                                               .close = close_it,                        \
                                               .space = space,                           \
                                               .metrics = metrics,                       \
                                               .evaluate = evaluate }

ENV (one, "made-v1");
ENV (nine, "made-v9");
ENV (ten, "made-v10");
ENV (longer, "made-up-v3");

static const struct gym_env_class *const envs[] = { &ten, &longer, &one, &nine, NULL };
static const struct gym_plugin made = { GYM_PLUGIN_ABI, .name = "made", .version = "1",
                                        .licence = "MIT", .envs = envs };

static void
test_alias (void)
{
  gym_registry *r = gym_registry_new (NULL);
  CU_ASSERT_EQUAL (gym_registry_add (r, &made, "here", NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_registry_count (r, GYM_ROLE_ENV), 4);
  CU_ASSERT_EQUAL (gym_registry_count (r, GYM_ROLE_AGENT), 0);
  /* The newest by number, not by text. */
  CU_ASSERT_STRING_EQUAL (gym_registry_find (r, GYM_ROLE_ENV, "made", NULL)->id,
                          "made-v10");
  CU_ASSERT_STRING_EQUAL (gym_registry_find (r, GYM_ROLE_ENV, "made-v9", NULL)->id,
                          "made-v9");
  CU_ASSERT_STRING_EQUAL (gym_registry_find (r, GYM_ROLE_ENV, "made-up", NULL)->id,
                          "made-up-v3");
  CU_ASSERT_STRING_EQUAL (gym_registry_entry (r, GYM_ROLE_ENV, 0)->id, "made-v1");
  CU_ASSERT_STRING_EQUAL (gym_registry_entry (r, GYM_ROLE_ENV, 2)->id, "made-v10");
  CU_ASSERT_PTR_NULL (gym_registry_entry (r, GYM_ROLE_ENV, 4));
  gym_registry_destroy (&r);
  CU_ASSERT_PTR_NULL (r);
  gym_registry_destroy (&r);
}

static void
test_unknown (void)
{
  gym_error err = { 0 };
  gym_registry *r = gym_registry_new (NULL);
  CU_ASSERT_EQUAL (gym_registry_add (r, &made, "here", NULL), GYM_OK);
  CU_ASSERT_PTR_NULL (gym_registry_find (r, GYM_ROLE_ENV, "mode-v9", &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  CU_ASSERT (help_says (&err, "unknown env \"mode-v9\""));
  CU_ASSERT (help_says (&err, "made-v1, made-v9, made-v10, made-up-v3"));
  CU_ASSERT (help_says (&err, "did you mean made-v9?"));
  CU_ASSERT_PTR_NULL (gym_registry_find (r, GYM_ROLE_AGENT, "made", &err));
  CU_ASSERT (help_says (&err, "unknown agent \"made\""));
  gym_registry_destroy (&r);
}

static void
test_taken (void)
{
  gym_error err = { 0 };
  gym_registry *r = gym_registry_new (NULL);
  CU_ASSERT_EQUAL (gym_registry_add (r, &made, "here", NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_registry_add (r, &made, "there", &err), GYM_ESTATE);
  CU_ASSERT (help_says (&err, "there: id \"made-v"));
  CU_ASSERT (help_says (&err, "already taken by here"));
  CU_ASSERT_EQUAL (gym_registry_count (r, GYM_ROLE_ENV), 4);
  gym_registry_destroy (&r);
}

static void
test_scan (void)
{
  gym_registry *r = help_registry ();
  CU_ASSERT_PTR_NOT_NULL (gym_registry_find (r, GYM_ROLE_ENV, "toy", NULL));
  CU_ASSERT_PTR_NOT_NULL (gym_registry_find (r, GYM_ROLE_AGENT, "random", NULL));
  CU_ASSERT_PTR_NOT_NULL (gym_registry_find (r, GYM_ROLE_AGENT, "ga-v1", NULL));
  CU_ASSERT_EQUAL (gym_registry_problem_count (r), 0);
  char digest[65];
  const struct gym_entry *toy = gym_registry_find (r, GYM_ROLE_ENV, "toy", NULL);
  CU_ASSERT_EQUAL (gym_entry_digest (toy, digest, NULL), GYM_OK);
  CU_ASSERT_EQUAL (strlen (digest), 64);
  gym_registry_destroy (&r);
}

/* Files that are no plugins are listed, and named when an id is missing. */
static void
test_problems (void)
{
  char path[256], folder[256];
  gym_error err = { 0 };
  help_scratch (path, "broken.so");
  FILE *f = fopen (path, "w");
  fputs ("this is no shared object, though it is long enough to hold an ELF header", f);
  fclose (f);
  snprintf (folder, sizeof folder, "%.*s", (int)(strrchr (path, '/') - path), path);
  setenv ("GYM_PLUGIN_PATH", folder, 1);
  gym_registry *r = gym_registry_new (NULL);
  CU_ASSERT_EQUAL (gym_registry_scan (r, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_registry_problem_count (r), 1);
  CU_ASSERT_PTR_NOT_NULL (
      strstr (gym_registry_problem (r, 0), "broken.so: not a shared"));
  CU_ASSERT_PTR_NULL (gym_registry_find (r, GYM_ROLE_ENV, "wished", &err));
  CU_ASSERT (help_says (&err, "refused: "));
  CU_ASSERT (help_says (&err, "broken.so"));
  gym_registry_destroy (&r);
  help_remove (path);
  r = gym_registry_new (NULL);
  CU_ASSERT_EQUAL (gym_registry_scan (r, &err), GYM_ENOTFOUND);
  CU_ASSERT (help_says (&err, "GYM_PLUGIN_PATH"));
  gym_registry_destroy (&r);
}

/* A class built before there were places says so by its size. */
static void
test_place (void)
{
  struct gym_agent_class class = { .struct_size = sizeof class,
                                   .place = { .strategy = "guessing" } };
  struct gym_entry entry = { .role = GYM_ROLE_AGENT, .agent = &class };
  CU_ASSERT_STRING_EQUAL (gym_entry_place (&entry).strategy, "guessing");
  CU_ASSERT_STRING_EQUAL (gym_entry_place (&entry).space, "");
  class.struct_size = offsetof (struct gym_agent_class, place);
  CU_ASSERT_STRING_EQUAL (gym_entry_place (&entry).strategy, "");
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "aliases", test_alias },          { "unknown ids", test_unknown },
    { "taken ids", test_taken },        { "scanning the build tree", test_scan },
    { "refused files", test_problems }, { 0 }
  };
  return tap_run ("registry", tests);
}
