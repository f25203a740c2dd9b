/* The made-up spaces in which agents and proxy models are checked: no env's own, as these
 * know none, and small enough to be exhausted where that is the point. */
#include "core/cmd/check_spaces.h"

static const char *const letters[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
static const char *const when_a[] = { "a", NULL };
static const char *const when_bc[] = { "b", "c", NULL };

#define LEVELS(label, sort, count)                                                       \
  .name = label, .kind = sort, .levels = letters, .n_levels = count
#define RANGE(label, sort, least, most)                                                  \
  .name = label, .kind = sort, .low = least, .high = most, .initial = least

static const struct gym_param single[] = { { LEVELS ("only", GYM_CATEGORICAL, 1) } };

static const struct gym_param tiny[] = { { LEVELS ("colour", GYM_CATEGORICAL, 2) },
                                         { LEVELS ("size", GYM_ORDINAL, 3) } };

/* b and c: 2 x (1 + 2 x 5) ways, a: 1 way. */
static const struct gym_param conditional[] = {
  { LEVELS ("first", GYM_CATEGORICAL, 3) },
  { LEVELS ("second", GYM_ORDINAL, 3), .parent = "first", .when = when_bc },
  { RANGE ("third", GYM_INTEGER, 1, 5), .parent = "second", .when = when_bc }
};

static const struct gym_param mixed[] = {
  { LEVELS ("kind", GYM_CATEGORICAL, 4) },
  { LEVELS ("size", GYM_ORDINAL, 8) },
  { RANGE ("count", GYM_INTEGER, -5, 50) },
  { RANGE ("bytes", GYM_INTEGER, 16, 4096), .step = 16, .flags = GYM_PARAM_LOG },
  { RANGE ("share", GYM_REAL, 0, 1) },
  { RANGE ("rate", GYM_REAL, 1e-6, 1), .flags = GYM_PARAM_LOG },
  { RANGE ("depth", GYM_INTEGER, 1, 9), .parent = "kind", .when = when_a },
  { LEVELS ("mode", GYM_CATEGORICAL, 3), .parent = "kind", .when = when_bc },
  { RANGE ("gain", GYM_REAL, -1, 1), .parent = "mode", .when = when_a }
};

static const struct gym_param real[] = { { RANGE ("x", GYM_REAL, -5, 5) },
                                         { RANGE ("y", GYM_REAL, 0, 1) },
                                         { RANGE ("z", GYM_REAL, 1e-9, 1e9),
                                           .flags = GYM_PARAM_LOG } };

static const struct gym_param wide[] = {
  { LEVELS ("p1", GYM_ORDINAL, 8) },  { LEVELS ("p2", GYM_ORDINAL, 8) },
  { LEVELS ("p3", GYM_ORDINAL, 8) },  { LEVELS ("p4", GYM_ORDINAL, 8) },
  { LEVELS ("p5", GYM_ORDINAL, 8) },  { LEVELS ("p6", GYM_ORDINAL, 8) },
  { LEVELS ("p7", GYM_ORDINAL, 8) },  { LEVELS ("p8", GYM_ORDINAL, 8) },
  { LEVELS ("p9", GYM_ORDINAL, 8) },  { LEVELS ("p10", GYM_ORDINAL, 8) },
  { LEVELS ("p11", GYM_ORDINAL, 8) }, { LEVELS ("p12", GYM_ORDINAL, 8) }
};

/* Lehmer (1960): digit i of a permutation of n items counts 0 .. n-1-i; the last is 0. */
#define DIGIT(label, most)                                                               \
  RANGE (label, GYM_INTEGER, 0, most), .flags = GYM_PARAM_LEHMER, .group = "order"

static const struct gym_param permutation[] = { { DIGIT ("first", 4) },
                                                { DIGIT ("second", 3) },
                                                { DIGIT ("third", 2) },
                                                { DIGIT ("fourth", 1) } };

static const struct {
  const char *name;
  struct gym_params params;
} spaces[CHECK_SPACES] = {
  [CHECK_SPACE_SINGLE] = { "single", GYM_ARRAY (gym_params, single) },
  [CHECK_SPACE_TINY] = { "tiny", GYM_ARRAY (gym_params, tiny) },
  [CHECK_SPACE_CONDITIONAL] = { "conditional", GYM_ARRAY (gym_params, conditional) },
  [CHECK_SPACE_MIXED] = { "mixed", GYM_ARRAY (gym_params, mixed) },
  [CHECK_SPACE_REAL] = { "real", GYM_ARRAY (gym_params, real) },
  [CHECK_SPACE_WIDE] = { "wide", GYM_ARRAY (gym_params, wide) },
  [CHECK_SPACE_PERMUTATION] = { "permutation", GYM_ARRAY (gym_params, permutation) },
};

/* Out of memory is all that can go wrong: the tables are constant, and tested. */
gym_space *
check_space_new (int space, gym_error *err)
{
  return gym_space_new (&spaces[space].params, err);
}

/* Emptied first, so that closing is right after a failure as well. */
int
check_spaces_open (gym_space *all[CHECK_SPACES], gym_error *err)
{
  for (int i = 0; i < CHECK_SPACES; i++)
    all[i] = NULL;
  for (int i = 0; i < CHECK_SPACES; i++)
    if (!(all[i] = check_space_new (i, err)))
      return GYM_ENOMEM;
  return GYM_OK;
}

void
check_spaces_close (gym_space *all[CHECK_SPACES])
{
  for (int i = 0; i < CHECK_SPACES; i++)
    gym_space_destroy (&all[i]);
}

const char *
check_space_name (int space)
{
  return spaces[space].name;
}
