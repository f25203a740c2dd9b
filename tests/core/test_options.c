/* core/options.c: option tables against settings, identities, hyperparameter spaces. */
#include "tests/tap.h"

#include <gym/options.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct instance {
  char guard;
  bool elitism;
  int64_t population;
  double rate;
  int32_t crossover;
  const char *label;
  const char *trace;
  double window;
  int64_t seed;
};

static const char *const crossovers[] = { "uniform", "two_point", NULL };

#define FIELD(name) .offset = offsetof (struct instance, name)

static const struct gym_option items[] = {
  { .name = "population",
    .doc = "Members of a generation.",
    .type = GYM_OPTION_INT,
    FIELD (population),
    .low = 2,
    .high = 4096,
    .initial = "32",
    .flags = GYM_OPTION_LOG },
  { .name = "rate",
    .doc = "Mutation rate.",
    .type = GYM_OPTION_REAL,
    FIELD (rate),
    .low = 0,
    .high = 1,
    .initial = "0.1" },
  { .name = "elitism", .type = GYM_OPTION_BOOL, FIELD (elitism), .initial = "true" },
  { .name = "crossover",
    .type = GYM_OPTION_ENUM,
    FIELD (crossover),
    .choices = crossovers,
    .initial = "two_point" },
  { .name = "label", .type = GYM_OPTION_TEXT, FIELD (label) },
  { .name = "trace", .type = GYM_OPTION_FILE, FIELD (trace) },
  { .name = "window",
    .unit = "ns",
    .type = GYM_OPTION_REAL,
    FIELD (window),
    .initial = "1.5us" },
  { .name = "seed",
    .type = GYM_OPTION_INT,
    FIELD (seed),
    .initial = "-1",
    .flags = GYM_OPTION_FIXED },
};

static const struct gym_options options = GYM_ARRAY (gym_options, items);

static gym_settings *
settings_of (const char *const *texts)
{
  gym_settings *settings = gym_settings_new (NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (settings);
  for (; texts && *texts; texts++)
    CU_ASSERT_EQUAL (gym_settings_parse (settings, *texts, NULL), 0);
  return settings;
}

#define SETTINGS(...) settings_of ((const char *const[]){ __VA_ARGS__, NULL })

static void
test_defaults (void)
{
  struct instance in;
  gym_error err = { 0 };
  memset (&in, 0x5A, sizeof in);
  CU_ASSERT_EQUAL (gym_options_apply (&options, NULL, "agent ga-v1", &in, &err), 0);
  CU_ASSERT (in.elitism == true && in.population == 32 && in.rate == 0.1);
  CU_ASSERT (in.crossover == 1 && in.label == NULL && in.trace == NULL);
  CU_ASSERT (in.window == 1500 && in.seed == -1 && in.guard == 0x5A);
  CU_ASSERT_EQUAL (gym_options_apply (NULL, NULL, "agent x-v1", NULL, &err), 0);
}

static void
test_every_type (void)
{
  struct instance in = { 0 };
  gym_error err = { 0 };
  char path[4096];
  gym_settings *s = SETTINGS ("elitism=no", "population=64", "rate=25%",
                              "crossover=uniform", "label=two words\nand a line",
                              "window=2 ms", "seed=-9223372036854775808");
  gym_settings_set (s, "trace", tap_source ("configure.ac", path, sizeof path), NULL);
  CU_ASSERT_EQUAL (gym_options_apply (&options, s, "agent ga-v1", &in, &err), 0);
  if (err.code)
    tap_note ("%s", err.text);
  CU_ASSERT (in.elitism == false && in.population == 64 && in.rate == 0.25);
  CU_ASSERT (in.crossover == 0 && in.window == 2e6 && in.seed == INT64_MIN);
  CU_ASSERT_PTR_EQUAL (in.label, gym_settings_get (s, "label"));
  CU_ASSERT_PTR_EQUAL (in.trace, gym_settings_get (s, "trace"));
  gym_settings_destroy (&s);
  s = SETTINGS ("population=1e3", "elitism=1", "seed=9223372036854775807");
  CU_ASSERT_EQUAL (gym_options_apply (&options, s, "agent ga-v1", &in, &err), 0);
  CU_ASSERT (in.population == 1000 && in.elitism && in.seed == INT64_MAX);
  gym_settings_destroy (&s);
}

static void
refuses (const char *setting, int code, const char *why)
{
  gym_error err = { 0 };
  gym_settings *s = SETTINGS (setting);
  CU_ASSERT_EQUAL (gym_options_apply (&options, s, "agent ga-v1", NULL, &err), code);
  CU_ASSERT_EQUAL (err.code, code);
  CU_ASSERT_EQUAL (strncmp (err.text, "agent ga-v1: ", 13), 0);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, why));
  if (!strstr (err.text, why))
    tap_note ("\"%s\" is not in: %s", why, err.text);
  CU_ASSERT_EQUAL (gym_options_apply (&options, s, NULL, NULL, NULL), code);
  gym_settings_destroy (&s);
}

static void
test_bad_input (void)
{
  refuses ("popluation=3", GYM_EINVAL,
           "unknown option \"popluation\"; did you mean \"population\"? Valid: "
           "population, rate, elitism, crossover, label, trace, window, seed");
  refuses ("population=1", GYM_EINVAL,
           "option \"population\": \"1\" is not in 2 .. 4096");
  refuses ("population=4097", GYM_EINVAL, "is not in 2 .. 4096");
  refuses ("population=2.5", GYM_EINVAL,
           "\"2.5\" is not a whole number; the range is 2 .. 4096");
  refuses ("population=1e30", GYM_EINVAL, "\"1e30\" is not in 2 .. 4096");
  refuses ("population=99999999999999999999", GYM_EINVAL, "is not in 2 .. 4096");
  refuses ("population=nan", GYM_EINVAL,
           "option \"population\": \"nan\" is not a number; the range is 2 .. 4096");
  refuses ("population=1e999", GYM_EINVAL, "too large for a number; the range is 2 ..");
  refuses ("population=", GYM_EINVAL, "\"\" is not a number");
  refuses ("population=+", GYM_EINVAL, "is not a number");
  refuses ("population=many", GYM_EINVAL, "\"many\" is not a number");
  refuses ("seed=9223372036854775808", GYM_EINVAL, "64 bits");
  refuses ("seed=1e17", GYM_EINVAL,
           "\"1e17\" is not a whole number within 2^53: write out its digits");
  refuses ("seed=1.5", GYM_EINVAL, "option \"seed\": \"1.5\" is not a whole number");
  refuses ("rate=1.01", GYM_EINVAL, "option \"rate\": \"1.01\" is not in 0 .. 1");
  refuses ("rate=nan", GYM_EINVAL, "\"nan\" is not a number; the range is 0 .. 1");
  refuses ("rate=5ns", GYM_EINVAL, "is a time where a pure number is expected");
  refuses ("window=5W", GYM_EINVAL, "is a power where a time");
  refuses ("elitism=maybe", GYM_EINVAL, "\"maybe\" is not true, false, yes, no, 1 or 0");
  refuses ("elitism=", GYM_EINVAL, "\"\" is not true");
  refuses ("crossover=twopoint", GYM_EINVAL,
           "unknown choice \"twopoint\"; did you mean \"two_point\"? Valid: uniform, "
           "two_point");
  refuses ("label=\xFF", GYM_EINVAL, "UTF-8");
  refuses ("trace=\xFF", GYM_EINVAL, "UTF-8");
  refuses ("trace=/no/such/file.trc", GYM_ENOTFOUND,
           "option \"trace\": cannot read file \"/no/such/file.trc\": No such file");
  refuses ("trace=/", GYM_EINVAL, "not a regular file");
}

/* What only the author of a plugin can have got wrong is GYM_EPLUGIN. */
static void
refuses_table (struct gym_option wrong, int code, const char *why)
{
  struct gym_options table = {
    .struct_size = sizeof table, .n = 1, .stride = sizeof wrong, .items = &wrong
  };
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_options_apply (&table, NULL, "env x-v1", NULL, &err), code);
  CU_ASSERT_EQUAL (err.code, code);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, why));
  if (!strstr (err.text, why))
    tap_note ("\"%s\" is not in: %s", why, err.text);
}

#define REFUSES_TABLE(code, why, ...)                                                    \
  refuses_table ((struct gym_option){ __VA_ARGS__ }, code, why)

static void
test_bad_tables (void)
{
  REFUSES_TABLE (GYM_EPLUGIN, "has no name", .type = GYM_OPTION_BOOL, .initial = "no");
  REFUSES_TABLE (GYM_EPLUGIN, "type 9", .name = "x", .type = 9, .initial = "no");
  REFUSES_TABLE (GYM_EPLUGIN, "no default", .name = "x", .type = GYM_OPTION_INT);
  REFUSES_TABLE (GYM_EPLUGIN, "\"x\": its default: \"7\" is not in 1 .. 5", .name = "x",
                 .type = GYM_OPTION_INT, .low = 1, .high = 5, .initial = "7");
  REFUSES_TABLE (GYM_EPLUGIN, "there is none", .name = "x", .type = GYM_OPTION_ENUM,
                 .initial = "a");
  REFUSES_TABLE (GYM_EINVAL, "\"x\": it must be given", .name = "x",
                 .type = GYM_OPTION_TEXT, .flags = GYM_OPTION_REQUIRED);
  REFUSES_TABLE (GYM_ENOTFOUND, "its default: cannot read", .name = "x",
                 .type = GYM_OPTION_FILE, .initial = "/no/such/file");
  struct gym_options table = options;
  gym_error err = { 0 };
  table.stride = 0;
  CU_ASSERT_EQUAL (gym_options_apply (&table, NULL, "env x-v1", NULL, &err), GYM_EPLUGIN);
  CU_ASSERT_PTR_NULL (gym_options_space (&table, &err));
  CU_ASSERT_PTR_NULL (gym_options_describe (&table, &err));
}

/* An older plugin's entries end early: here before `choices`. */
static void
test_stride (void)
{
  size_t old = offsetof (struct gym_option, choices);
  char *older = malloc (old);
  CU_ASSERT_PTR_NOT_NULL_FATAL (older);
  memcpy (older, &items[4], old);
  struct gym_options table = { .struct_size = sizeof table,
                               .n = 1,
                               .stride = (uint32_t)old,
                               .items = (const void *)older };
  struct instance in = { .label = "before" };
  CU_ASSERT_EQUAL (gym_options_apply (&table, NULL, NULL, &in, NULL), 0);
  CU_ASSERT_PTR_NULL (in.label);
  struct gym_option o = gym_option_at (&table, 0);
  CU_ASSERT_STRING_EQUAL (o.name, "label");
  CU_ASSERT (o.type == GYM_OPTION_TEXT && !o.choices && !o.initial);
  free (older);
}

static char *
json_of (gym_settings *s)
{
  gym_error err = { 0 };
  char *json = gym_options_to_json (&options, s, "agent ga-v1", &err);
  if (!json)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (json);
  gym_settings_destroy (&s);
  return json;
}

static void
test_json (void)
{
  char *json = json_of (NULL);
  CU_ASSERT_STRING_EQUAL (
      json, "{\"crossover\": \"two_point\", \"elitism\": true, \"label\": null, "
            "\"population\": 32, \"rate\": 0.1, \"seed\": -1, \"trace\": null, "
            "\"window\": 1500}");
  char *same = json_of (
      SETTINGS ("window=1500ns", "rate=10%", "elitism=yes", "population=32", "seed=-1"));
  CU_ASSERT_STRING_EQUAL (same, json);
  char *other = json_of (SETTINGS ("rate=0.2", "label=\"q\""));
  CU_ASSERT_PTR_NOT_NULL (strstr (other, "\"label\": \"\\\"q\\\"\""));
  CU_ASSERT_STRING_NOT_EQUAL (other, json);
  gym_free (other);
  gym_free (same);
  gym_free (json);
  gym_settings *s = SETTINGS ("rate=2");
  gym_error err = { 0 };
  CU_ASSERT_PTR_NULL (gym_options_to_json (&options, s, "agent ga-v1", &err));
  CU_ASSERT_EQUAL (err.code, GYM_EINVAL);
  gym_settings_destroy (&s);
}

/* A file is its name and content, wherever it lies. */
static void
test_json_file (void)
{
  char folder[] = "/tmp/gym-options-XXXXXX", path[100], setting[120];
  char *json[2];
  CU_ASSERT_PTR_NOT_NULL_FATAL (mkdtemp (folder));
  for (int i = 0; i < 2; i++) {
    snprintf (path, sizeof path, "%s/%d", folder, i);
    CU_ASSERT_EQUAL (mkdir (path, 0700), 0);
    snprintf (path, sizeof path, "%s/%d/a.trc", folder, i);
    FILE *file = fopen (path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL (file);
    fputs ("abc", file);
    fclose (file);
    snprintf (setting, sizeof setting, "trace=%s", path);
    json[i] = json_of (SETTINGS (setting));
    unlink (path);
    snprintf (path, sizeof path, "%s/%d", folder, i);
    rmdir (path);
  }
  rmdir (folder);
  CU_ASSERT_STRING_EQUAL (json[0], json[1]);
  /* SHA-256 of "abc": FIPS 180-2, appendix B.1. */
  CU_ASSERT_PTR_NOT_NULL (strstr (
      json[0], "\"trace\": {\"name\": \"a.trc\", \"sha256\": "
               "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"}"));
  CU_ASSERT_PTR_NULL (strstr (json[0], "/tmp"));
  gym_free (json[0]);
  gym_free (json[1]);
}

/* What a plugin brings along has a name instead of a file. */
static void
test_named_file (void)
{
  struct named {
    const char *network;
  } named;
  static const char *const networks[] = { "resnet18", "vgg16", NULL };
  static const struct gym_option item[] = { { .name = "network",
                                              .type = GYM_OPTION_FILE,
                                              .offset = offsetof (struct named, network),
                                              .choices = networks,
                                              .initial = "resnet18" } };
  static const struct gym_options table = GYM_ARRAY (gym_options, item);
  gym_error err = { 0 };
  gym_settings *s = SETTINGS ("network=vgg16"), *slip = SETTINGS ("network=vgg61");
  char *json = gym_options_to_json (&table, s, "env x-v1", NULL),
       *text = gym_options_describe (&table, NULL);
  CU_ASSERT_EQUAL (gym_options_apply (&table, NULL, "env x-v1", &named, &err), GYM_OK);
  CU_ASSERT_STRING_EQUAL (named.network, "resnet18");
  CU_ASSERT_EQUAL (gym_options_apply (&table, s, "env x-v1", &named, &err), GYM_OK);
  CU_ASSERT_STRING_EQUAL (named.network, "vgg16");
  CU_ASSERT_STRING_EQUAL (json, "{\"network\": \"vgg16\"}");
  CU_ASSERT_PTR_NOT_NULL (strstr (text, "a file, resnet18, vgg16"));
  CU_ASSERT_EQUAL (gym_options_apply (&table, slip, "env x-v1", &named, &err),
                   GYM_ENOTFOUND);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "unknown file or name \"vgg61\"; did you "
                                            "mean \"vgg16\"? Valid: resnet18, vgg16"));
  gym_free (json);
  gym_free (text);
  gym_settings_destroy (&s);
  gym_settings_destroy (&slip);
}

static void
test_space (void)
{
  gym_error err = { 0 };
  gym_space *space = gym_options_space (&options, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT_EQUAL (gym_space_size (space), 4);
  const struct gym_param *p = gym_space_param (space, 0);
  CU_ASSERT_STRING_EQUAL (p->name, "population");
  CU_ASSERT (p->kind == GYM_INTEGER && p->flags == GYM_PARAM_LOG && p->low == 2
             && p->high == 4096 && p->initial == 32);
  p = gym_space_param (space, 1);
  CU_ASSERT (p->kind == GYM_REAL && p->low == 0 && p->high == 1 && p->initial == 0.1);
  p = gym_space_param (space, 2);
  CU_ASSERT (p->kind == GYM_CATEGORICAL && p->n_levels == 2 && p->initial == 1);
  p = gym_space_param (space, 3);
  CU_ASSERT (p->kind == GYM_CATEGORICAL && p->n_levels == 2 && p->initial == 1);
  CU_ASSERT_STRING_EQUAL (p->levels[0], "uniform");
  gym_space_destroy (&space);
  space = gym_options_space (NULL, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT_EQUAL (gym_space_size (space), 0);
  gym_space_destroy (&space);
}

static void
test_space_skips (void)
{
  static const struct gym_option odd[] = {
    { .name = "wide",
      .type = GYM_OPTION_INT,
      .low = -9.3e18,
      .high = 9.2e18,
      .initial = "0" },
    { .name = "deep", .type = GYM_OPTION_INT, .low = -0x1p54, .high = 1, .initial = "0" },
    { .name = "need",
      .type = GYM_OPTION_INT,
      .low = 3,
      .high = 9,
      .flags = GYM_OPTION_REQUIRED },
    { .name = "set",
      .type = GYM_OPTION_BOOL,
      .flags = GYM_OPTION_FIXED,
      .initial = "no" },
  };
  struct gym_options table = GYM_ARRAY (gym_options, odd);
  gym_space *space = gym_options_space (&table, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT_EQUAL (gym_space_size (space), 1);
  CU_ASSERT_EQUAL (gym_space_param (space, 0)->initial, 3);
  gym_space_destroy (&space);
}

/* Any design of the space, as settings, gives the option values that it means. */
static void
test_space_settings (void)
{
  gym_error err = { 0 };
  gym_space *space = gym_options_space (&options, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  gym_rng rng;
  gym_rng_init (&rng, 11);
  for (int k = 0; k < 500; k++) {
    double row[4];
    struct instance in;
    gym_settings *s = SETTINGS ("label=kept", "rate=0.77");
    gym_space_sample (space, &rng, row);
    CU_ASSERT_EQUAL (gym_options_settings (space, row, s, &err), 0);
    CU_ASSERT_EQUAL (gym_options_apply (&options, s, "agent ga-v1", &in, &err), 0);
    CU_ASSERT ((double)in.population == row[0] && in.rate == row[1]
               && in.elitism == row[2] && in.crossover == row[3]);
    CU_ASSERT_STRING_EQUAL (in.label, "kept");
    gym_settings_destroy (&s);
  }
  double wrong[] = { 1, 0, 0, 0 };
  gym_settings *s = SETTINGS ("label=kept");
  CU_ASSERT_EQUAL (gym_options_settings (space, wrong, s, &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_settings_count (s), 1);
  gym_settings_destroy (&s);
  gym_space_destroy (&space);
}

static void
test_describe (void)
{
  char *text = gym_options_describe (&options, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (text);
  CU_ASSERT_PTR_NOT_NULL (strstr (
      text, "population  int   2 .. 4096           default 32         Members of a"));
  CU_ASSERT_PTR_NOT_NULL (strstr (text, "elitism     bool  true, false"));
  CU_ASSERT_PTR_NOT_NULL (strstr (text, "crossover   enum  uniform, two_point"));
  CU_ASSERT_PTR_NOT_NULL (strstr (text, "window      real  any ns"));
  if (!strstr (text, "default 32         Members"))
    tap_note ("%s", text);
  gym_free (text);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "defaults", test_defaults },
    { "every type", test_every_type },
    { "bad input", test_bad_input },
    { "bad tables", test_bad_tables },
    { "stride", test_stride },
    { "json", test_json },
    { "files in json", test_json_file },
    { "named files", test_named_file },
    { "space", test_space },
    { "what is no hyperparameter", test_space_skips },
    { "settings of a design", test_space_settings },
    { "describe", test_describe },
    { 0 },
  };
  return tap_run ("options", tests);
}
