/* plugins/common/moea_options.h - the options of what evolves a front. */
#ifndef PLUGINS_COMMON_MOEA_OPTIONS_H
#define PLUGINS_COMMON_MOEA_OPTIONS_H

#include <gym/plugin.h>

struct moea_options {
  int64_t population, offspring;
  double crossover, mutation, near;
};

#define MOEA_REAL(owner, member, what, usual, text)                                      \
  {                                                                                      \
    .name = #what, .doc = text, .type = GYM_OPTION_REAL,                                 \
    .offset = offsetof (owner, member.what), .low = 0, .high = 1, .initial = usual       \
  }

/* Rows of an option table for the member `member` of `owner`. */
#define MOEA_OPTIONS(owner, member, a_population, an_offspring, a_crossover)             \
  { .name = "population",                                                                \
    .doc = "designs kept; the search starts with as many random ones",                   \
    .type = GYM_OPTION_INT,                                                              \
    .flags = GYM_OPTION_LOG,                                                             \
    .offset = offsetof (owner, member.population),                                       \
    .low = 2,                                                                            \
    .high = 4096,                                                                        \
    .initial = a_population },                                                           \
      { .name = "offspring",                                                             \
        .doc = "results after which the population is cut back to its size; 1: a "       \
               "steady state; 0: as many as the population, the generations of the "     \
               "paper",                                                                  \
        .type = GYM_OPTION_INT,                                                          \
        .offset = offsetof (owner, member.offspring),                                    \
        .low = 0,                                                                        \
        .high = 4096,                                                                    \
        .initial = an_offspring },                                                       \
      MOEA_REAL (owner, member, crossover, a_crossover,                                  \
                 "probability that a child has two parents rather than one"),            \
      MOEA_REAL (owner, member, mutation, "0",                                           \
                 "probability that a parameter of a child moves (one at least always "   \
                 "does, if only to be new); 0: one over the number of parameters"),      \
      MOEA_REAL (owner, member, near, "0.8",                                             \
                 "share of the moves of ordered parameters that stay near: one or two "  \
                 "steps of a grid, a Gaussian step of a real parameter; the others go "  \
                 "anywhere")

#endif
