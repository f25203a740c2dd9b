/* Made-up spaces: see spaces.h. */
#include "tests/plugins/spaces.h"

static const char *const letters[] = { "a", "b", "c", "d", "e", "f" };
static const char *const on_b[] = { "b", NULL };
static const char *const on_ends[] = { "a", "d", NULL };
static const char *const on_two[] = { "2", NULL };

static gym_space *
make (const struct gym_param *params, uint32_t n)
{
  struct gym_params list = {
    .struct_size = sizeof list, .n = n, .stride = sizeof *params, .items = params
  };
  return gym_space_new (&list, NULL);
}

/* outer a: 1 way; b: inner has 4 levels, of which a and d wake leaf (3 values): 3 + 1 + 1
 * + 3 = 8; c: 1. Together 10, times 9 for the two parameters without conditions. */
gym_space *
spaces_small (void)
{
  static const struct gym_param params[] = {
    { .name = "outer", .kind = GYM_CATEGORICAL, .levels = letters, .n_levels = 3 },
    { .name = "size", .kind = GYM_ORDINAL, .levels = letters, .n_levels = 3 },
    { .name = "inner",
      .kind = GYM_ORDINAL,
      .levels = letters,
      .n_levels = 4,
      .parent = "outer",
      .when = on_b },
    { .name = "leaf",
      .kind = GYM_INTEGER,
      .low = 4,
      .high = 8,
      .step = 2,
      .initial = 6,
      .parent = "inner",
      .when = on_ends },
    { .name = "count", .kind = GYM_INTEGER, .low = -1, .high = 1 },
  };
  return make (params, 5);
}

gym_space *
spaces_mixed (void)
{
  static const struct gym_param params[] = {
    { .name = "kind", .kind = GYM_CATEGORICAL, .levels = letters, .n_levels = 4 },
    { .name = "only", .kind = GYM_CATEGORICAL, .levels = letters, .n_levels = 1 },
    { .name = "size", .kind = GYM_ORDINAL, .levels = letters, .n_levels = 6 },
    { .name = "count", .kind = GYM_INTEGER, .low = 0, .high = 9 },
    { .name = "width",
      .kind = GYM_INTEGER,
      .low = 16,
      .high = 128,
      .step = 16,
      .initial = 64 },
    { .name = "long", .kind = GYM_INTEGER, .low = -500, .high = 500 },
    { .name = "depth",
      .kind = GYM_INTEGER,
      .flags = GYM_PARAM_LOG,
      .low = 1,
      .high = 4096,
      .initial = 1 },
    { .name = "share", .kind = GYM_REAL, .low = -1, .high = 3 },
    { .name = "rate",
      .kind = GYM_REAL,
      .flags = GYM_PARAM_LOG,
      .low = 1e-4,
      .high = 1,
      .initial = 0.1 },
    { .name = "mode",
      .kind = GYM_CATEGORICAL,
      .levels = letters,
      .n_levels = 3,
      .parent = "kind",
      .when = on_b },
    { .name = "gain",
      .kind = GYM_REAL,
      .low = 0,
      .high = 1,
      .parent = "mode",
      .when = on_b },
    { .name = "pairs",
      .kind = GYM_INTEGER,
      .low = 0,
      .high = 3,
      .parent = "count",
      .when = on_two },
  };
  return make (params, 12);
}

gym_space *
spaces_wide (void)
{
  static const char *const names[] = { "p0", "p1", "p2", "p3", "p4",  "p5",
                                       "p6", "p7", "p8", "p9", "p10", "p11" };
  struct gym_param params[12] = { 0 };
  for (int i = 0; i < 12; i++) {
    params[i].name = names[i];
    params[i].kind = i < 4 ? GYM_CATEGORICAL : GYM_INTEGER;
    params[i].levels = i < 4 ? letters : NULL;
    params[i].n_levels = i < 4 ? 6 : 0;
    params[i].high = i < 4 ? 0 : 15;
  }
  return make (params, 12);
}

gym_space *
spaces_line (double n, bool log)
{
  struct gym_param param = { .name = "x",
                             .kind = GYM_INTEGER,
                             .flags = log ? GYM_PARAM_LOG : 0,
                             .low = 1,
                             .high = n,
                             .initial = 1 };
  return make (&param, 1);
}
