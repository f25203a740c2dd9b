/* Steps worked out slowly, a problem that is learned to the last image, the same bits by
 * seed, gradients by sample, and trainings that end early. */
#include "sims/nn/train.h"
#include "tests/sims/nn/samples.h"
#include "tests/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 8000 };

static struct corners corners;

static nn_net *
small_net (void)
{
  nn_net *net = nn_mlp_new (CORNERS_SIZE, 1, 16, NN_RELU, 4, 1);
  CU_ASSERT_FATAL (net && nn_net_params (net) < MOST);
  return net;
}

/* ---- steps against double arithmetic ---- */

enum { CLASSES = 3, PIXELS = 2, IMAGES = 4, PARAMS = (PIXELS + 1) * CLASSES };

static uint8_t tiny_pixels[IMAGES * PIXELS] = { 1, 0, 3, 2, 0, 2, 1, 1 };
static uint8_t tiny_labels[IMAGES] = { 0, 1, 2, 1 };
static const struct nn_images tiny = { .shape = { PIXELS, 1, 1 },
                                       .n = IMAGES,
                                       .classes = CLASSES,
                                       .most = 1,
                                       .deviation = 1,
                                       .pixels = tiny_pixels,
                                       .labels = tiny_labels };

/* Mean loss of the linear softmax classifier and its gradient, decay left out. */
static double
slow_loss (const double *w, double smoothing, double *gradient)
{
  double loss = 0;
  memset (gradient, 0, PARAMS * sizeof *gradient);
  for (int i = 0; i < IMAGES; i++) {
    double p[CLASSES], sum = 0;
    for (int c = 0; c < CLASSES; c++) {
      p[c] = w[PIXELS * CLASSES + c];
      for (int k = 0; k < PIXELS; k++)
        p[c] += tiny_pixels[i * PIXELS + k] * w[k * CLASSES + c];
      sum += exp (p[c]);
    }
    for (int c = 0; c < CLASSES; c++) {
      double target = smoothing / CLASSES + (c == tiny_labels[i]) * (1 - smoothing);
      double slope = (exp (p[c]) / sum - target) / IMAGES;
      loss += target * (log (sum) - p[c]) / IMAGES;
      for (int k = 0; k < PIXELS; k++)
        gradient[k * CLASSES + c] += slope * tiny_pixels[i * PIXELS + k];
      gradient[PIXELS * CLASSES + c] += slope;
    }
  }
  return loss;
}

static double
slow_rate (const struct nn_recipe *recipe, int step)
{
  double warm = recipe->warm, total = recipe->epochs;
  if (step < warm)
    return recipe->rate * (step + 1) / (warm + 1);
  if (!recipe->cosine)
    return recipe->rate;
  return recipe->rate * (1 + cos (3.14159265358979 * (step - warm) / (total - warm))) / 2;
}

struct slow {
  double w[PARAMS], first[PARAMS], second[PARAMS];
};

static void
slow_step (const struct nn_recipe *r, int step, double *gradient, struct slow *at)
{
  double rate = slow_rate (r, step), norm = 0;
  for (int i = 0; i < PARAMS; i++)
    norm += gradient[i] * gradient[i];
  double scale = r->clip > 0 && sqrt (norm) > r->clip ? r->clip / sqrt (norm) : 1;
  for (int i = 0; i < PARAMS; i++) {
    double g = gradient[i] * scale;
    if (r->method == NN_ADAM) {
      at->first[i] = r->momentum * at->first[i] + (1 - r->momentum) * g;
      at->second[i] = 0.999 * at->second[i] + (1 - 0.999) * g * g;
      double m = at->first[i] / (1 - pow (r->momentum, step + 1));
      double v = at->second[i] / (1 - pow (0.999, step + 1));
      at->w[i] -= rate * (m / (sqrt (v) + 1e-8) + r->decay * at->w[i]);
      continue;
    }
    g += r->decay * at->w[i];
    at->first[i] = r->momentum * at->first[i] + g;
    at->w[i] -= rate * (r->nesterov ? g + r->momentum * at->first[i] : at->first[i]);
  }
}

/* One batch an epoch: the order of its images changes nothing but rounding. */
static void
compare_steps (const struct nn_recipe *recipe)
{
  const struct nn_layer layer = { .kind = NN_DENSE, .units = CLASSES };
  nn_net *net = nn_net_new (tiny.shape, &layer, 1);
  float params[PARAMS];
  double losses[20], gradient[PARAMS];
  struct slow slow = { .w = { 0 } };
  struct nn_model model = { .net = net, .params = params };
  struct nn_report report = { .losses = losses };
  for (int i = 0; i < PARAMS; i++)
    slow.w[i] = params[i] = (float)sin (i + 1.0);
  CU_ASSERT_FATAL (nn_train (&model, &tiny, NULL, IMAGES, recipe, &report, NULL));
  CU_ASSERT (report.epochs == recipe->epochs && report.loss == losses[report.epochs - 1]);
  for (uint32_t step = 0; step < recipe->epochs; step++) {
    double loss = slow_loss (slow.w, recipe->smoothing, gradient);
    CU_ASSERT_DOUBLE_EQUAL (losses[step], loss, 2e-5);
    slow_step (recipe, (int)step, gradient, &slow);
  }
  for (int i = 0; i < PARAMS; i++)
    CU_ASSERT_DOUBLE_EQUAL (params[i], slow.w[i], 1e-4);
  nn_net_destroy (&net);
}

static void
test_steps (void)
{
  static const struct nn_recipe recipes[] = {
    { .epochs = 3, .batch = IMAGES, .rate = 0.5f },
    { .epochs = 6, .batch = 9, .rate = 0.5f, .momentum = 0.9f, .decay = 0.01f },
    { .epochs = 6,
      .batch = 4,
      .rate = 0.5f,
      .momentum = 0.8f,
      .nesterov = true,
      .decay = 0.1f,
      .smoothing = 0.1f },
    { .epochs = 12, .batch = 4, .rate = 1, .cosine = true, .warm = 3, .clip = 0.25f },
    { .epochs = 7, .batch = 4, .rate = 1, .warm = 4 },
    { .epochs = 12, .batch = 4, .rate = 0.1f, .method = NN_ADAM, .momentum = 0.9f },
    { .epochs = 12,
      .batch = 4,
      .rate = 0.1f,
      .method = NN_ADAM,
      .momentum = 0.5f,
      .decay = 0.2f,
      .cosine = true,
      .clip = 0.1f,
      .smoothing = 0.3f },
  };
  for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++)
    compare_steps (recipes + i);
}

/* A step leaves the gradient at 0, and one after the last of a cosine moves nothing. */
static void
test_optimiser (void)
{
  float params[2] = { 1, 2 }, gradient[2] = { 4, -4 };
  const struct nn_recipe recipe = { .rate = 0.25f, .cosine = true };
  nn_optimiser *optimiser = nn_optimiser_new (&recipe, 2, 1, 0);
  nn_optimiser_step (optimiser, params, gradient);
  CU_ASSERT (params[0] == 0 && params[1] == 3);
  CU_ASSERT (gradient[0] == 0 && gradient[1] == 0);
  gradient[0] = 8;
  nn_optimiser_step (optimiser, params, gradient);
  CU_ASSERT (params[0] == 0 && params[1] == 3);
  nn_optimiser_destroy (&optimiser);
  CU_ASSERT_PTR_NULL (optimiser);
  nn_optimiser_destroy (&optimiser);
}

/* ---- learning ---- */

static const struct nn_recipe plain = { .epochs = 15,
                                        .batch = 16,
                                        .rate = 0.05f,
                                        .momentum = 0.9f,
                                        .cosine = true,
                                        .decay = 1e-4f,
                                        .seed = 1 };

/* Trains from seed 1; the parameters are left in `params`. */
static struct nn_report
learn (nn_net *net, const struct nn_recipe *recipe, float *params)
{
  float statistics[64];
  struct nn_model model = { .net = net, .params = params, .statistics = statistics };
  struct nn_report report = { 0 };
  struct nn_error err = { "none" };
  CU_ASSERT_FATAL (nn_net_statistics (net) <= 64);
  nn_net_start (net, params, 1);
  nn_net_clear (net, statistics);
  CU_ASSERT_FATAL (
      nn_train (&model, &corners.images, NULL, CORNERS_N, recipe, &report, &err));
  CU_ASSERT_STRING_EQUAL (err.text, "none");
  CU_ASSERT (report.cpu_seconds > 0 && !report.diverged);
  return report;
}

static void
test_learns (void)
{
  float params[MOST];
  struct nn_recipe adam = plain;
  adam.method = NN_ADAM;
  adam.rate = 0.01f;
  corners_make (&corners, 1);
  for (int kind = 0; kind < 2; kind++) {
    nn_net *net = kind == 0 ? small_net () : corners_net ();
    struct nn_report sgd = learn (net, &plain, params), other;
    CU_ASSERT_EQUAL (sgd.accuracy, 1);
    other = learn (net, &adam, params);
    CU_ASSERT_EQUAL (other.accuracy, 1);
    CU_ASSERT (sgd.loss < 0.2 && other.loss < 0.2);
    nn_net_destroy (&net);
  }
}

/* The seed of order and moves, and nothing else, decides about the bits. */
static void
test_seeds (void)
{
  static float one[MOST], two[MOST], three[MOST];
  struct nn_recipe recipe = plain;
  recipe.shift = 1;
  recipe.flip = true;
  recipe.epochs = 3;
  corners_make (&corners, 1);
  for (int kind = 0; kind < 2; kind++) {
    nn_net *net = kind == 0 ? small_net () : corners_net ();
    size_t size = nn_net_params (net) * sizeof *one;
    recipe.seed = 1;
    struct nn_report first = learn (net, &recipe, one), second;
    second = learn (net, &recipe, two);
    CU_ASSERT_EQUAL (memcmp (one, two, size), 0);
    CU_ASSERT (first.loss == second.loss && first.accuracy == second.accuracy);
    recipe.seed = 2;
    learn (net, &recipe, three);
    CU_ASSERT_NOT_EQUAL (memcmp (one, three, size), 0);
    nn_net_destroy (&net);
  }
}

/* At rate 0, whatever the recipe says about images, losses and statistics must come out
 * as they do from the pieces. */
static void
compare_pieces (nn_net *net, const struct nn_recipe *still, float momentum)
{
  float params[MOST], gradient[MOST], ours[64], want[64];
  const struct nn_feed_settings settings = { .batch = still->batch,
                                             .shuffle = true,
                                             .shift = still->shift,
                                             .flip = still->flip,
                                             .seed = still->seed };
  struct nn_model model = {
    .net = net, .params = params, .statistics = ours, .coefficients = corners_coefficients
  };
  struct nn_report report = { 0 };
  nn_feed *feed = nn_feed_new (&corners.images, NULL, CORNERS_N, &settings);
  nn_tape *tape = nn_tape_new (net, still->batch);
  double loss = 0;
  uint32_t right = 0, hits;
  nn_net_start (net, params, 1);
  nn_net_clear (net, ours);
  nn_net_clear (net, want);
  nn_tape_mode (tape, &(struct nn_mode){ .training = true,
                                         .statistics = want,
                                         .momentum = momentum,
                                         .coefficients = corners_coefficients });
  CU_ASSERT_FATAL (
      nn_train (&model, &corners.images, NULL, CORNERS_N, still, &report, NULL));
  for (uint32_t i = 0; i < nn_feed_batches (feed); i++) {
    const struct nn_batch *batch = nn_feed_next (feed);
    loss += batch->n * nn_learn (tape, params, batch, still->smoothing, gradient, &hits);
    right += hits;
  }
  CU_ASSERT_DOUBLE_EQUAL (report.loss, loss / CORNERS_N, 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (report.accuracy, right / (double)CORNERS_N, 1e-12);
  CU_ASSERT (report.accuracy > 0 && report.accuracy < 1);
  CU_ASSERT_EQUAL (memcmp (ours, want, nn_net_statistics (net) * sizeof *ours), 0);
  nn_feed_destroy (&feed);
  nn_tape_destroy (&tape);
}

static void
test_report (void)
{
  static const struct nn_recipe recipes[] = {
    { .epochs = 1, .batch = 40, .seed = 3 },
    { .epochs = 1, .batch = 50, .shift = 1, .seed = 4, .norm_momentum = 0.3f },
    { .epochs = 1, .batch = 7, .flip = true, .smoothing = 0.2f },
  };
  corners_make (&corners, 2);
  for (int kind = 0; kind < 6; kind++) {
    nn_net *net = kind % 2 == 0 ? corners_net () : corners_mixture ();
    compare_pieces (net, recipes + kind / 2, kind / 2 == 1 ? 0.3f : 0.1f);
    nn_net_destroy (&net);
  }
}

/* ---- per-sample gradients ---- */

static double
distance (const double *a, const float *b, size_t n)
{
  double wrong = 0, length = 1e-12;
  for (size_t i = 0; i < n; i++) {
    wrong += (a[i] - b[i]) * (a[i] - b[i]);
    length += (double)b[i] * b[i];
  }
  return sqrt (wrong / length);
}

static void
compare_rows (nn_net *net, uint64_t seed)
{
  enum { BATCH = 12 };
  static float rows[BATCH * MOST], again[3 * MOST], gradient[MOST], params[MOST];
  static double mean[MOST];
  float statistics[64];
  size_t n = nn_net_params (net);
  const struct nn_feed_settings settings = { .batch = BATCH,
                                             .shuffle = true,
                                             .seed = seed };
  nn_feed *feed = nn_feed_new (&corners.images, NULL, CORNERS_N, &settings);
  nn_tape *tape = nn_tape_new (net, BATCH);
  const struct nn_batch *batch = nn_feed_next (feed);
  nn_net_start (net, params, seed);
  for (size_t i = 0; i < nn_net_statistics (net); i++)
    statistics[i] = 0.5f + (float)(i % 3); /* of no batch in particular */
  CU_ASSERT_FATAL (nn_sample_gradients (net, params, statistics, NULL, batch, rows));
  memset (gradient, 0, sizeof gradient);
  nn_tape_mode (tape, &(struct nn_mode){ .statistics = statistics });
  nn_learn (tape, params, batch, 0, gradient, NULL);
  memset (mean, 0, sizeof mean);
  for (size_t i = 0; i < BATCH * n; i++)
    mean[i % n] += (double)rows[i] / BATCH;
  CU_ASSERT (distance (mean, gradient, n) < 1e-4);
  /* A row does not depend on its neighbours. */
  struct nn_batch last = *batch;
  last.n = 3;
  last.pixels += 9 * CORNERS_SIZE;
  last.labels += 9;
  CU_ASSERT (nn_sample_gradients (net, params, statistics, NULL, &last, again));
  CU_ASSERT_EQUAL (memcmp (again, rows + 9 * n, 3 * n * sizeof *again), 0);
  nn_feed_destroy (&feed);
  nn_tape_destroy (&tape);
}

static void
test_sample_gradients (void)
{
  corners_make (&corners, 3);
  for (uint64_t seed = 1; seed < 6; seed++) {
    nn_net *net = seed % 2 ? small_net () : corners_net ();
    compare_rows (net, seed);
    nn_net_destroy (&net);
  }
}

/* ---- trainings that end early ---- */

/* Trains a perceptron that starts with seed 1; says why it ended. */
static struct nn_report
refuse (struct nn_images *images, uint32_t n, const struct nn_recipe *recipe,
        float *params, const char *want)
{
  nn_net *net = small_net ();
  struct nn_model model = { .net = net, .params = params };
  struct nn_report report = { .epochs = 99 };
  struct nn_error err = { "" };
  CU_ASSERT (!nn_train (&model, images, NULL, n, recipe, &report, &err));
  CU_ASSERT_STRING_EQUAL (err.text, want);
  if (strcmp (err.text, want) != 0)
    tap_note ("it says: %s", err.text);
  CU_ASSERT (!nn_train (&model, images, NULL, n, recipe, &report, NULL));
  nn_net_destroy (&net);
  return report;
}

static void
start (float *params)
{
  nn_net *net = small_net ();
  nn_net_start (net, params, 1);
  nn_net_destroy (&net);
}

static void
test_diverges (void)
{
  float params[MOST];
  struct nn_recipe wild = plain;
  corners_make (&corners, 1);
  start (params);
  wild.rate = 1e30f;
  struct nn_report report = refuse (&corners.images, CORNERS_N, &wild, params,
                                    "diverged: the loss is not finite in epoch 1 of 15");
  CU_ASSERT (report.diverged && report.epochs == 0);
  /* Behind max (x, 0) a weight that is no number is not seen in the loss. */
  start (params);
  for (int i = 0; i < CORNERS_SIZE * 16; i++)
    params[i] = NAN;
  report = refuse (&corners.images, CORNERS_N, &plain, params,
                   "diverged: a parameter is not finite in epoch 1 of 15");
  CU_ASSERT (report.diverged);
  start (params);
  corners.images.deviation = NAN;
  report = refuse (&corners.images, CORNERS_N, &plain, params,
                   "diverged: a parameter is not finite in epoch 1 of 15");
  CU_ASSERT (report.diverged);
}

/* Asked before each step, and what was learnt until then stays. */
static void
test_stopped (void)
{
  float params[MOST], kept[MOST];
  struct patience patience = { .most = 0 };
  struct nn_recipe recipe = plain;
  recipe.stop = (struct nn_stop){ .wanted = patience_ends, .of = &patience };
  corners_make (&corners, 1);
  start (params);
  memcpy (kept, params, sizeof kept);
  struct nn_report report =
      refuse (&corners.images, CORNERS_N, &recipe, params, "stopped in epoch 1 of 15");
  CU_ASSERT (!report.diverged && report.epochs == 0);
  CU_ASSERT_EQUAL (memcmp (kept, params, 1000 * sizeof *params), 0);
  int steps = (CORNERS_N + (int)recipe.batch - 1) / (int)recipe.batch;
  patience = (struct patience){ .most = 2 * steps };
  refuse (&corners.images, CORNERS_N, &recipe, params, "stopped in epoch 3 of 15");
  patience = (struct patience){ .most = 15 * steps };
  nn_net *net = small_net ();
  learn (net, &recipe, params);
  nn_net_destroy (&net);
  CU_ASSERT_EQUAL (patience.asked, 15 * steps);
}

static void
test_misfits (void)
{
  float params[MOST];
  struct nn_recipe none = plain, far = plain;
  corners_make (&corners, 1);
  none.epochs = 0;
  far.shift = 1000;
  refuse (&corners.images, CORNERS_N, &none, params,
          "images, epochs and batch must be at least 1");
  refuse (&corners.images, 0, &plain, params,
          "images, epochs and batch must be at least 1");
  none.epochs = 1;
  none.batch = 0;
  refuse (&corners.images, CORNERS_N, &none, params,
          "images, epochs and batch must be at least 1");
  refuse (&corners.images, 121, &plain, params, "121 images of 120");
  refuse (&corners.images, CORNERS_N, &far, params,
          "a shift is at most 256 pixels, not 1000");
  corners.images.classes = 5;
  refuse (&corners.images, CORNERS_N, &plain, params,
          "the network gives 4 results, the images have 5 classes");
  corners.images.shape.width = 3;
  refuse (&corners.images, CORNERS_N, &plain, params,
          "the network takes 72 numbers, an image has 36");
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "steps in double", test_steps },
    { "the optimiser", test_optimiser },
    { "learns to the last image", test_learns },
    { "the same bits by seed", test_seeds },
    { "what it reports", test_report },
    { "gradients of samples", test_sample_gradients },
    { "diverges", test_diverges },
    { "stopped", test_stopped },
    { "network and images that do not fit", test_misfits },
    { 0 }
  };
  return tap_run ("nn train", tests);
}
