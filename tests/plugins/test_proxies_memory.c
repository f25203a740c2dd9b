/* Proxy models whose allocations fail: an error, nothing lost, and the next try works. */
#include "tests/sims/nn/memory.h"

#include "tests/plugins/play.h"
#include "tests/plugins/proxies.h"
#include "tests/plugins/spaces.h"

#include <unistd.h>

static gym_registry *registry;
static struct proxies_data *data;
static char path[] = "/tmp/gym-test-XXXXXX";

struct words {
  const char *id, *settings;
};

/* The whole life of a model. */
static int
live (const struct words *words, gym_error *err)
{
  static const struct gym_metric items[] = { { .name = "a" }, { .name = "b" } };
  static const struct gym_metrics targets = GYM_ARRAY (gym_metrics, items);
  gym_settings *s = gym_settings_new (err);
  int code = s ? gym_settings_parse (s, words->settings, err) : GYM_ENOMEM;
  gym_proxy *p =
      code < 0 ? NULL
               : gym_proxy_open (registry, words->id, s, data->space, &targets, 1, err);
  code = code < 0 ? code : p ? GYM_OK : err->code;
  if (code >= 0 && gym_proxy_pretrains (p))
    code = gym_proxy_pretrain (p, data->n, data->designs, 2, data->targets, err);
  if (code >= 0)
    code = gym_proxy_fit (p, data->n, data->designs, data->targets, err);
  if (code >= 0)
    code = gym_proxy_save (p, path, err);
  gym_proxy *q = code < 0 ? NULL : gym_proxy_load (registry, path, NULL, err);
  code = code < 0 ? code : q ? GYM_OK : err->code;
  if (code >= 0)
    code = gym_proxy_predict (q, data->all - data->n, data->designs, data->mean,
                              data->spread, err);
  gym_proxy_destroy (&p);
  gym_proxy_destroy (&q);
  gym_settings_destroy (&s);
  return code;
}

static bool
attempt (const void *context, long from, long to)
{
  gym_error err = { 0 };
  long before = memory_arm (from, to);
  int code = live (context, &err);
  memory_disarm ();
  bool good = code == GYM_OK || (code < 0 && err.code < 0 && err.text[0]);
  if (!good || memory_live != before)
    tap_note ("calls %ld..%ld: code %d, \"%s\", %ld blocks more", from, to, code,
              err.text, memory_live - before);
  return good && memory_live == before;
}

static void
explore (const char *id, const char *settings)
{
  struct words words = { id, settings };
  gym_error err = { 0 };
  registry = play_registry ();
  data = proxies_data_new (spaces_small (), 2, 30, 36, 1, 0);
  int file = mkstemp (path);
  CU_ASSERT_FATAL (file >= 0);
  close (file);
  CU_ASSERT_EQUAL (live (&words, &err), GYM_OK); /* what is allocated once and kept */
  memory_explore (attempt, &words, 20);
  CU_ASSERT_EQUAL (live (&words, &err), GYM_OK);
  unlink (path);
  proxies_data_free (data);
  gym_registry_destroy (&registry);
}

static void
test_forest (void)
{
  explore ("forest", "trees=3");
}

static void
test_gbdt (void)
{
  explore ("gbdt", "trees=3");
}

static void
test_gp (void)
{
  explore ("gp", "calls=2");
}

static void
test_ridge (void)
{
  explore ("ridge", "degree=2");
}

static void
test_mlp (void)
{
  explore ("mlp", "epochs=1");
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "forest", test_forest }, { "gbdt", test_gbdt },   { "gp", test_gp },
    { "mlp", test_mlp },       { "ridge", test_ridge }, { 0 }
  };
  return tap_run ("proxies_memory", tests);
}
