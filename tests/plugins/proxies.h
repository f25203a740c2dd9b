/* tests/plugins/proxies.h - proxy models on made-up metrics, and what every one of them
 * must keep beyond what `gym check` asks, as tests to call with its id. They assert
 * through CUnit. */
#ifndef TESTS_PLUGINS_PROXIES_H
#define TESTS_PLUGINS_PROXIES_H

#include <gym/gym.h>

/* Rows to learn and rows to be judged by. */
struct proxies_data {
  gym_space *space;
  uint32_t width, m; /* parameters; targets, up to 3 */
  size_t n, all;     /* rows to learn; those and the others */
  double *designs, *targets;
  double *mean, *spread; /* of the others, after proxies_ask */
};

/* Distinct random designs of the space, which it takes over, under three metrics: steps
 * by level with interactions, a product of slopes, and a smooth bowl; the second with
 * noise of this share of its size. */
struct proxies_data *proxies_data_new (gym_space *space, uint32_t m, size_t n, size_t all,
                                       uint64_t seed, double noise);

/* The same from an env: its space, and of its metrics those named (NULL at the end). */
struct proxies_data *proxies_data_of (gym_env *env, const char *const *metrics, size_t n,
                                      size_t all, uint64_t seed);
void proxies_data_free (struct proxies_data *data);

/* A model of the data's targets, settings as in "trees=5 depth=2"; NULL with a note. */
gym_proxy *proxies_open (const gym_registry *registry, const char *id,
                         const char *settings, const struct proxies_data *data,
                         uint64_t seed);

/* Learns and predicts the others. */
void proxies_ask (gym_proxy *proxy, struct proxies_data *data);

/* All of it; returns the model for further questions. */
gym_proxy *proxies_learn (const gym_registry *registry, const char *id,
                          const char *settings, struct proxies_data *data, uint64_t seed);

/* Root mean square error of target t on the others, over the mean of the target; and over
 * its standard deviation. */
double proxies_error (const struct proxies_data *data, uint32_t t);
double proxies_share (const struct proxies_data *data, uint32_t t);

/* Share of the others whose target t is within k spreads of the mean. */
double proxies_within (const struct proxies_data *data, uint32_t t, double k);

/* Every flag that is raised while it learns stops it: at the first, second, ... look. */
void proxies_stops (const char *id, const char *settings);

/* Bytes of a saved model, changed and cut at random, are refused or predict numbers; they
 * never harm the process. */
void proxies_damage (const char *id, const char *settings);

/* Saved models of one target, learnt from many rows and from few, are one of two targets
 * when their bytes are put together. For classes that save target by target. */
void proxies_joined (const char *id, const char *settings);

/* Levels without order in another order: predictions differ by at most `tolerance` of the
 * target's deviation, as a root mean square. */
void proxies_levels (const char *id, const char *settings, double tolerance);

/* Whatever was done with the model before, and in whatever order the targets come, a
 * target is learnt as if it were alone. Not for models that share between targets. */
void proxies_targets_apart (const char *id, const char *settings);

#endif
