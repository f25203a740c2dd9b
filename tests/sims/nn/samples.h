/* Images in memory for tests of training: a problem that can be learned. */
#ifndef TESTS_SIMS_NN_SAMPLES_H
#define TESTS_SIMS_NN_SAMPLES_H

#include "sims/nn/images.h"
#include "sims/nn/random.h"
#include "sims/nn/train.h"
#include "tests/tap.h"

/* Images of SIDE x SIDE x 2 with one bright corner, which is the class. */
enum {
  CORNERS_SIDE = 6,
  CORNERS_SIZE = CORNERS_SIDE * CORNERS_SIDE * 2,
  CORNERS_N = 120
};

struct corners {
  uint8_t pixels[CORNERS_N * CORNERS_SIZE];
  uint8_t labels[CORNERS_N];
  struct nn_images images;
};

static inline void
corners_make (struct corners *corners, uint64_t seed)
{
  enum { HALF = CORNERS_SIDE / 2 };
  struct nn_random random = { .state = seed };
  for (uint32_t i = 0; i < CORNERS_N; i++) {
    uint32_t label = nn_random_below (&random, 4);
    uint8_t *image = corners->pixels + i * CORNERS_SIZE;
    for (uint32_t k = 0; k < CORNERS_SIZE; k++) {
      uint32_t y = k / 2 / CORNERS_SIDE, x = k / 2 % CORNERS_SIDE;
      bool bright = y / HALF == label / 2 && x / HALF == label % 2;
      image[k] = (uint8_t)(nn_random_below (&random, 120) + (bright ? 80 : 0));
    }
    corners->labels[i] = (uint8_t)label;
  }
  corners->images = (struct nn_images){ .name = "corners",
                                        .shape = { 2, CORNERS_SIDE, CORNERS_SIDE },
                                        .n = CORNERS_N,
                                        .classes = 4,
                                        .most = 255,
                                        .mean = 0.3,
                                        .deviation = 0.15,
                                        .pixels = corners->pixels,
                                        .labels = corners->labels };
}

/* Wants its time back when it is asked for the (most + 1)th time. */
struct patience {
  int asked, most;
};

static inline bool
patience_ends (const void *of)
{
  struct patience *patience = (struct patience *)of;
  return ++patience->asked > patience->most;
}

/* `work` fails however often it asks before it is stopped, `asks` times when it is not.
 */
static inline void
patience_check (bool (*work) (const struct nn_stop *stop), int asks)
{
  struct patience patience = { .most = 0 };
  const struct nn_stop stop = { .wanted = patience_ends, .of = &patience };
  for (; patience.most <= asks; patience.most++) {
    patience.asked = 0;
    CU_ASSERT_EQUAL (work (&stop), patience.most == asks);
    CU_ASSERT_EQUAL (patience.asked, patience.most + (patience.most < asks));
  }
}

/* A network for them with all that a cell has. */
enum { CORNERS_PARAMS = 1000, CORNERS_STATISTICS = 24 };

static inline nn_net *
corners_net (void)
{
  static const uint32_t both[] = { 3, 6 };
  static const struct nn_layer layers[] = {
    { .kind = NN_CONV, .units = 6, .kernel = 3 },
    { .kind = NN_NORM },
    { .kind = NN_RELU },
    { .kind = NN_CONV, .units = 6, .kernel = 3, .start = NN_HE, .bias = true },
    { .kind = NN_NORM },
    { .kind = NN_AVERAGE, .kernel = 3 },
    { .kind = NN_SUM, .n_inputs = 2, .inputs = both },
    { .kind = NN_MAXIMUM, .kernel = 2, .stride = 2 },
    { .kind = NN_DENSE, .units = 4, .gain = 1 },
  };
  nn_net *net = nn_net_new ((struct nn_shape){ 2, CORNERS_SIDE, CORNERS_SIDE }, layers,
                            sizeof layers / sizeof *layers);
  CU_ASSERT_FATAL (net && nn_net_params (net) < CORNERS_PARAMS
                   && nn_net_statistics (net) == CORNERS_STATISTICS);
  return net;
}

/* Another one, with a mixture of two convolutions; its coefficients. */
static const float corners_coefficients[] = { 0.3f, -1.2f };

static inline nn_net *
corners_mixture (void)
{
  static const uint32_t both[] = { 1, 2 };
  static const struct nn_layer layers[] = {
    { .kind = NN_CONV, .units = 5, .kernel = 3 },
    { .kind = NN_CONV, .units = 5, .from = NN_INPUT },
    { .kind = NN_MIX, .n_inputs = 2, .inputs = both },
    { .kind = NN_NORM },
    { .kind = NN_TANH },
    { .kind = NN_GLOBAL },
    { .kind = NN_DENSE, .units = 4, .gain = 1 },
  };
  nn_net *net = nn_net_new ((struct nn_shape){ 2, CORNERS_SIDE, CORNERS_SIDE }, layers,
                            sizeof layers / sizeof *layers);
  CU_ASSERT_FATAL (net && nn_net_params (net) < CORNERS_PARAMS
                   && nn_net_statistics (net) < CORNERS_STATISTICS);
  return net;
}

#endif
