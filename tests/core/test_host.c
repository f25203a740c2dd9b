/* The table of functions that plugins get. */
#include "core/host.h"
#include "tests/core/help.h"

struct seen {
  int n;
  char last[128];
};

static void
keep_line (void *context, const char *line)
{
  struct seen *s = context;
  s->n++;
  snprintf (s->last, sizeof s->last, "%s", line);
}

static bool
stop_when (void *context)
{
  return *(const bool *)context;
}

static void
test_table (void)
{
  struct gym_host host;
  struct gym_host_context context = { 0 };
  struct seen seen = { 0 };
  atomic_bool flag = false;
  int class = 0;
  gym_host_init (&host, &context, &class);
  CU_ASSERT_EQUAL (host.struct_size, sizeof host);
  CU_ASSERT_PTR_EQUAL (host.self_class, &class);
  host.log (&host, "dropped %d", 1);
  CU_ASSERT_FALSE (host.cancelled (&host));
  context.log = keep_line;
  context.log_context = &seen;
  context.cancel = &flag;
  host.log (&host, "kept %d", 2);
  CU_ASSERT_EQUAL (seen.n, 1);
  CU_ASSERT_STRING_EQUAL (seen.last, "kept 2");
  atomic_store (&flag, true);
  CU_ASSERT_TRUE (host.cancelled (&host));
  atomic_store (&flag, false);
  bool asked = false;
  context.stop = stop_when;
  context.stop_context = &asked;
  CU_ASSERT_FALSE (host.cancelled (&host));
  asked = true;
  CU_ASSERT_TRUE (host.cancelled (&host));
  /* No hole in the table: every function pointer is set. */
  void *const *p = (void *const *)(void *)&host.space_size;
  for (; p <= (void *const *)(void *)&host.cancelled; p++)
    CU_ASSERT_PTR_NOT_NULL (*p);
}

static void
test_folders (void)
{
  struct gym_host host;
  struct gym_host_context context = { 0 };
  setenv ("GYM_DATA_DIR", "/some/data", 1);
  unsetenv ("GYM_CACHE_DIR");
  setenv ("XDG_CACHE_HOME", "/some/cache", 1);
  gym_host_init (&host, &context, NULL);
  CU_ASSERT_STRING_EQUAL (host.data_dir, "/some/data");
  CU_ASSERT_STRING_EQUAL (host.cache_dir, "/some/cache/archgym");
  unsetenv ("XDG_CACHE_HOME");
  unsetenv ("HOME");
  gym_host_init (&host, &context, NULL);
  CU_ASSERT_STRING_EQUAL (host.cache_dir, "/var/tmp/archgym");
}

struct thing {
  int64_t count;
  bool on;
};

static void
test_instances (void)
{
  static const struct gym_option items[] = { { .name = "count",
                                               .doc = "How many.",
                                               .type = GYM_OPTION_INT,
                                               .offset = offsetof (struct thing, count),
                                               .low = 1,
                                               .high = 9,
                                               .initial = "4" },
                                             { .name = "on",
                                               .doc = "Whether.",
                                               .type = GYM_OPTION_BOOL,
                                               .offset = offsetof (struct thing, on),
                                               .initial = "false" } };
  const struct gym_options options = GYM_ARRAY (gym_options, items);
  gym_error err = { 0 };
  static const char *const given[] = { "on=yes", NULL }, *const wrong[] = { "count=10",
                                                                            NULL };
  gym_settings *s = help_settings (given), *w = help_settings (wrong);
  struct thing *t = gym_instance_new (sizeof *t, &options, s, "thing", &err);
  CU_ASSERT_FATAL (t != NULL);
  CU_ASSERT (t->count == 4 && t->on);
  char *identity = gym_instance_identity ("thing-v1", &options, s, "thing", NULL);
  CU_ASSERT_PTR_NOT_NULL (strstr (identity, "\"id\": \"thing-v1\""));
  CU_ASSERT_PTR_NOT_NULL (strstr (identity, "\"count\": 4"));
  CU_ASSERT_PTR_NULL (gym_instance_new (sizeof *t, &options, w, "thing", &err));
  CU_ASSERT (help_says (&err, "count") && help_says (&err, "thing"));
  gym_free (identity);
  free (t);
  gym_settings_destroy (&s);
  gym_settings_destroy (&w);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "the table", test_table },
                                           { "folders", test_folders },
                                           { "instances", test_instances },
                                           { 0 } };
  return tap_run ("host", tests);
}
