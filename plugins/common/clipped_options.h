/* plugins/common/clipped_options.h - the options of everything that learns by proximal
 * policy optimisation. */
#ifndef PLUGINS_COMMON_CLIPPED_OPTIONS_H
#define PLUGINS_COMMON_CLIPPED_OPTIONS_H

#include <gym/plugin.h>

struct clipped_options {
  int64_t batch, minibatch, epochs;
  double rate, clip, entropy, norm, floor;
};

/* One row: its name, and the range and default. */
#define CLIPPED_INT(owner, member, what, least, most, usual, text)                       \
  {                                                                                      \
    .name = #what, .doc = text, .type = GYM_OPTION_INT,                                  \
    .offset = offsetof (owner, member.what), .low = least, .high = most,                 \
    .initial = usual                                                                     \
  }
#define CLIPPED_REAL(owner, member, what, least, most, usual, text)                      \
  {                                                                                      \
    .name = #what, .doc = text, .type = GYM_OPTION_REAL,                                 \
    .flags = least > 0 ? GYM_OPTION_LOG : 0, .offset = offsetof (owner, member.what),    \
    .low = least, .high = most, .initial = usual                                         \
  }

/* Rows of an option table for the member `member` of `owner`. Clip 0.2, betas and epsilon
 * are those of the paper and its reference implementations, as is the bonus of 0.01; rate
 * 3e-4, 10 epochs and batches of 2,048 steps belong to budgets of a million steps: here
 * batches follow the budget, and a step has to count for more. */
#define CLIPPED_OPTIONS(owner, member, a_rate, a_clip, roots, an_epochs)                 \
  CLIPPED_INT (owner, member, batch, 0, 4096, "0",                                       \
               "designs between two updates; 0: " roots " the square root of the "       \
               "budget, within 8 and 64"),                                               \
      CLIPPED_INT (owner, member, minibatch, 0, 4096, "0",                               \
                   "designs in a step of an update; 0: the whole batch"),                \
      CLIPPED_INT (owner, member, epochs, 1, 100, an_epochs,                             \
                   "passes over a batch in an update"),                                  \
      CLIPPED_REAL (owner, member, rate, 1e-6, 1, a_rate, "learning rate of Adam"),      \
      CLIPPED_REAL (owner, member, clip, 0.01, 10, a_clip,                               \
                    "how far an update may move the probability of a design, as a "      \
                    "ratio"),                                                            \
      CLIPPED_REAL (owner, member, entropy, 0, 10, "0.01",                               \
                    "weight of the entropy bonus, per nat of every head"),               \
      CLIPPED_REAL (owner, member, norm, 1e-3, 1e3, "5",                                 \
                    "longer gradients are cut to this length"),                          \
      CLIPPED_REAL (owner, member, floor, 0, 1, "0.01",                                  \
                    "share of every choice that stays uniform, whatever is learnt")

#endif
