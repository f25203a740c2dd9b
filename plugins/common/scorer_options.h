/* plugins/common/scorer_options.h - the options of reinforcement learners that say what
 * their networks look like, the same in all of them. */
#ifndef PLUGINS_COMMON_SCORER_OPTIONS_H
#define PLUGINS_COMMON_SCORER_OPTIONS_H

#include <gym/plugin.h>

struct scorer_options {
  int64_t layers, width, bins;
  int32_t shape; /* enum scorer_shape */
};

static const char *const scorer_shapes[] = { "free", "ordinal", "normal", NULL };

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
  {                                                                                      \
    .name = "shape",                                                                     \
    .doc = "how ordered levels are scored: each by itself (free), by steps between "     \
           "neighbours (ordinal), or by a parabola, a discretised Gaussian (normal)",    \
    .type = GYM_OPTION_ENUM, .offset = offsetof (owner, member.shape),                   \
    .choices = scorer_shapes, .initial = a_shape                                         \
  }

#endif
