/* plugins/common/scorer_options.h - the options that all reinforcement learners share:
 * what their networks look like, and how objectives become rewards. */
#ifndef PLUGINS_COMMON_SCORER_OPTIONS_H
#define PLUGINS_COMMON_SCORER_OPTIONS_H

#include <gym/plugin.h>

struct scorer_options {
  int64_t layers, width, bins;
  int32_t shape;  /* enum scorer_shape */
  int32_t reward; /* how objectives are measured: */
};

enum { SCORER_LINEAR, SCORER_SYMLOG };

static const char *const scorer_shapes[] = { "free", "ordinal", "normal", NULL };
static const char *const scorer_rewards[] = { "linear", "symlog", NULL };

/* Rows of an option table for the member `member` of `owner`; the defaults of the hidden
 * layers and of how ordered parameters are scored as text. */
#define SCORER_OPTIONS(owner, member, n_layers, n_width, a_shape)                        \
  { .name = "layers",                                                                    \
    .doc = "hidden layers of a network; 0: the observation acts through weights alone",  \
    .type = GYM_OPTION_INT,                                                              \
    .offset = offsetof (owner, member.layers),                                           \
    .low = 0,                                                                            \
    .high = 4,                                                                           \
    .initial = n_layers },                                                               \
      { .name = "width",                                                                 \
        .doc = "units of a hidden layer",                                                \
        .type = GYM_OPTION_INT,                                                          \
        .flags = GYM_OPTION_LOG,                                                         \
        .offset = offsetof (owner, member.width),                                        \
        .low = 1,                                                                        \
        .high = 1024,                                                                    \
        .initial = n_width },                                                            \
      { .name = "bins",                                                                  \
        .doc = "choices of a real parameter, and of an integer with more values: equal " \
               "parts of its (log) range, within which the value is drawn",              \
        .type = GYM_OPTION_INT,                                                          \
        .flags = GYM_OPTION_LOG,                                                         \
        .offset = offsetof (owner, member.bins),                                         \
        .low = 2,                                                                        \
        .high = 1024,                                                                    \
        .initial = "64" },                                                               \
      { .name = "reward",                                                                \
        .doc = "the objective, or its symmetric logarithm, in running standard "         \
               "deviations: the latter where it spans orders of magnitude",              \
        .type = GYM_OPTION_ENUM,                                                         \
        .offset = offsetof (owner, member.reward),                                       \
        .choices = scorer_rewards,                                                       \
        .initial = "symlog" },                                                           \
  {                                                                                      \
    .name = "shape",                                                                     \
    .doc = "how ordered levels are scored: each by itself (free), by steps between "     \
           "neighbours (ordinal), or by a parabola, a discretised Gaussian (normal)",    \
    .type = GYM_OPTION_ENUM, .offset = offsetof (owner, member.shape),                   \
    .choices = scorer_shapes, .initial = a_shape                                         \
  }

#endif
