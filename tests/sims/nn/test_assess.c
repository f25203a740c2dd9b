/* Judging against cases worked out by hand and scikit-learn's values, and running
 * statistics against sums in double. */
#include "sims/nn/train.h"
#include "tests/sims/nn/samples.h"
#include "tests/sims/nn/values.h"
#include "tests/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct corners corners;

/* ---- by hand ---- */

static void
test_by_hand (void)
{
  /* Probabilities (0.7, 0.3), (0.9, 0.1), (0.9, 0.1), (0.4, 0.6); the third is wrong. */
  static const double chances[] = { 0.7, 0.9, 0.9, 0.4 };
  static const uint8_t labels[] = { 0, 0, 1, 1 };
  struct nn_assessment found;
  float logits[8];
  for (int i = 0; i < 4; i++) {
    logits[2 * i] = (float)(5 + log (chances[i])); /* a common shift changes nothing */
    logits[2 * i + 1] = (float)(5 + log (1 - chances[i]));
  }
  nn_judge (logits, labels, 4, 2, &found);
  CU_ASSERT_EQUAL (found.n, 4);
  CU_ASSERT_DOUBLE_EQUAL (found.accuracy, 0.75, 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (found.loss,
                          -(log (0.7) + log (0.9) + log (0.1) + log (0.6)) / 4, 1e-6);
  /* 0.09 + 0.09, 0.01 + 0.01, 0.81 + 0.81, 0.16 + 0.16 */
  CU_ASSERT_DOUBLE_EQUAL (found.brier, (0.18 + 0.02 + 1.62 + 0.32) / 4, 1e-6);
  /* Bins of 0.6 and of 0.7 with one sample, that of 0.9 with two, half of them right. */
  CU_ASSERT_DOUBLE_EQUAL (found.ece, (0.4 + 0.3 + 2 * 0.4) / 4, 1e-6);
}

/* Over- and underconfidence in one bin make up for each other, in two they do not. */
static void
test_bins (void)
{
  static const uint8_t labels[] = { 0, 1 };
  struct nn_assessment found;
  float near[] = { logf (0.75f / 0.25f), 0, logf (0.78f / 0.22f), 0 };
  float far[] = { logf (0.75f / 0.25f), 0, logf (0.85f / 0.15f), 0 };
  nn_judge (near, labels, 2, 2, &found);
  CU_ASSERT_DOUBLE_EQUAL (found.ece, fabs (1 - 0.75 - 0.78) / 2, 1e-6);
  nn_judge (far, labels, 2, 2, &found);
  CU_ASSERT_DOUBLE_EQUAL (found.ece, (0.25 + 0.85) / 2, 1e-6);
}

/* With many classes the first bin is reached, and it is not the second. */
static void
test_low_bins (void)
{
  enum { MANY = 20 };
  static const uint8_t labels[] = { 0, 1 };
  static const double tops[] = { 0.06, 0.1 };
  struct nn_assessment found;
  float logits[2 * MANY];
  for (int i = 0; i < 2 * MANY; i++) {
    double top = tops[i / MANY];
    logits[i] = (float)log (i % MANY == 0 ? top : (1 - top) / (MANY - 1));
  }
  nn_judge (logits, labels, 2, MANY, &found);
  CU_ASSERT_DOUBLE_EQUAL (found.ece, (0.94 + 0.1) / 2, 1e-6);
}

/* Logits far apart, equal, infinite and none at all. */
static void
test_extremes (void)
{
  static const uint8_t labels[] = { 0, 1 };
  struct nn_assessment found;
  float sure[] = { 500, -500, -3e38f, 3e38f }, equal[] = { 2, 2, 2, 2 };
  nn_judge (sure, labels, 2, 2, &found);
  CU_ASSERT (found.accuracy == 1 && found.loss == 0 && found.brier == 0);
  CU_ASSERT_EQUAL (found.ece, 0);
  nn_judge (equal, labels, 2, 2, &found);
  CU_ASSERT_DOUBLE_EQUAL (found.accuracy, 0.5, 0); /* the first of equals */
  CU_ASSERT_DOUBLE_EQUAL (found.loss, log (2), 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (found.brier, 0.5, 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (found.ece, 0, 1e-12);
  sure[0] = INFINITY;
  nn_judge (sure, labels, 2, 2, &found);
  CU_ASSERT (isnan (found.accuracy) && isnan (found.loss) && isnan (found.brier)
             && isnan (found.ece) && found.n == 2);
  sure[0] = NAN;
  nn_judge (sure, labels, 2, 2, &found);
  CU_ASSERT (isnan (found.accuracy) && isnan (found.loss) && isnan (found.ece));
  /* Of another class, and minus: the exponential would be a plain 0. */
  sure[0] = 500;
  sure[1] = -INFINITY;
  nn_judge (sure, labels, 2, 2, &found);
  CU_ASSERT (isnan (found.accuracy) && isnan (found.loss) && isnan (found.brier)
             && isnan (found.ece) && found.n == 2);
  sure[1] = -500;
  nn_judge (sure, labels, 2, 2, &found);
  CU_ASSERT (found.accuracy == 1 && found.loss == 0);
  nn_judge (sure, labels, 0, 2, &found);
  CU_ASSERT (isnan (found.accuracy) && isnan (found.ece) && found.n == 0);
}

/* ---- outside values ---- */

enum { N = 300, CLASSES = 7 };

static void
compare_values (double sharpness, const double *want)
{
  static float logits[N * CLASSES];
  uint8_t labels[N];
  struct nn_assessment found;
  for (int i = 0; i < N; i++) {
    float *row = logits + i * CLASSES;
    for (int c = 0; c < CLASSES; c++)
      row[c] = (float)(sharpness * sin (1.7 * i + 2.3 * c + 0.1 * c * i));
    labels[i] =
        (uint8_t)(i % 3 == 0 ? (uint32_t)(i * i % CLASSES) : nn_top (row, CLASSES));
  }
  nn_judge (logits, labels, N, CLASSES, &found);
  CU_ASSERT_DOUBLE_EQUAL (found.accuracy, want[0], 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (found.loss, want[1], 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (found.brier, want[2], 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (found.ece, want[3], 1e-6);
}

static void
test_values (void)
{
  compare_values (0.3, flat);
  compare_values (2, middle);
  compare_values (12, sharp);
}

/* ---- models ---- */

/* A model with starting parameters and clear statistics. */
struct fresh {
  nn_net *net;
  float params[CORNERS_PARAMS], statistics[CORNERS_STATISTICS];
  struct nn_model model;
};

static void
make_fresh (struct fresh *fresh, nn_net *net)
{
  corners_make (&corners, 4);
  fresh->net = net;
  nn_net_start (fresh->net, fresh->params, 2);
  nn_net_clear (fresh->net, fresh->statistics);
  fresh->model = (struct nn_model){ .net = fresh->net,
                                    .params = fresh->params,
                                    .statistics = fresh->statistics,
                                    .coefficients = corners_coefficients };
}

/* Whatever the batch: the values of all logits at once. */
static void
compare_batches (nn_net *net)
{
  static struct fresh fresh;
  static float pixels[CORNERS_N * CORNERS_SIZE];
  uint32_t some[50];
  struct nn_assessment want, found;
  uint8_t labels[50];
  make_fresh (&fresh, net);
  for (uint32_t i = 0; i < 50; i++)
    some[i] = 2 * i + 3;
  nn_tape *tape = nn_tape_new (fresh.net, 50);
  nn_images_batch (&corners.images, some, 50, NULL, pixels, labels);
  nn_tape_mode (tape, &(struct nn_mode){ .statistics = fresh.statistics,
                                         .coefficients = corners_coefficients });
  const float *logits = nn_forward (tape, fresh.params, pixels, 50);
  nn_judge (logits, labels, 50, 4, &want);
  CU_ASSERT (want.loss > 0.5 && want.accuracy > 0 && want.accuracy < 1);
  for (uint32_t batch = 1; batch < 80; batch += 13) {
    CU_ASSERT (nn_assess (&fresh.model, &corners.images, some, 50, batch, NULL, &found));
    CU_ASSERT (found.n == want.n && found.accuracy == want.accuracy);
    CU_ASSERT (found.loss == want.loss && found.brier == want.brier);
    CU_ASSERT_EQUAL (found.ece, want.ece);
  }
  CU_ASSERT (
      nn_assess (&fresh.model, &corners.images, NULL, CORNERS_N, 32, NULL, &found));
  CU_ASSERT_EQUAL (found.n, CORNERS_N);
  CU_ASSERT (!nn_assess (&fresh.model, &corners.images, some, 50, 0, NULL, &found));
  CU_ASSERT (!nn_assess (&fresh.model, &corners.images, some, 0, 5, NULL, &found));
  corners.images.classes = 3;
  CU_ASSERT (!nn_assess (&fresh.model, &corners.images, some, 50, 5, NULL, &found));
  CU_ASSERT (!nn_recalibrate (&fresh.model, &corners.images, some, 50, 5, NULL));
  nn_tape_destroy (&tape);
  nn_net_destroy (&fresh.net);
}

static void
test_assess (void)
{
  compare_batches (corners_net ());
  compare_batches (corners_mixture ());
}

/* Mean and unbiased variance of a batch's channel, where layer i of the network reads;
 * added to `sums` times the size of the batch. */
static void
add_moments (const float *x, size_t pixels, size_t channels, double weight, double *sums)
{
  for (size_t c = 0; c < channels; c++) {
    double mean = 0, square = 0;
    for (size_t p = 0; p < pixels; p++)
      mean += x[p * channels + c] / (double)pixels;
    for (size_t p = 0; p < pixels; p++) {
      double away = x[p * channels + c] - mean;
      square += away * away / (double)(pixels - 1);
    }
    sums[c] += weight * mean;
    sums[channels + c] += weight * square;
  }
}

/* `norms` are the layers that normalise, which read the results before theirs. */
static void
compare_statistics (nn_net *net, const uint32_t *norms, uint32_t n)
{
  static struct fresh fresh;
  make_fresh (&fresh, net);
  for (uint32_t batch = 7; batch <= 200; batch += 50) {
    double want[CORNERS_STATISTICS] = { 0 };
    const struct nn_feed_settings settings = { .batch = batch, .shuffle = true };
    nn_feed *feed = nn_feed_new (&corners.images, NULL, CORNERS_N, &settings);
    nn_tape *tape = nn_tape_new (net, CORNERS_N);
    nn_tape_mode (tape, &(struct nn_mode){ .training = true,
                                           .coefficients = corners_coefficients });
    for (uint32_t i = 0; i < nn_feed_batches (feed); i++) {
      const struct nn_batch *next = nn_feed_next (feed);
      size_t pixels = (size_t)next->n * CORNERS_SIDE * CORNERS_SIDE;
      nn_forward (tape, fresh.params, next->pixels, next->n);
      for (uint32_t k = 0; k < n; k++) {
        struct nn_part part = nn_net_part (net, norms[k]);
        add_moments (nn_tape_result (tape, norms[k] - 1), pixels, part.in.channels,
                     next->n / (double)CORNERS_N, want + part.statistics_offset);
      }
    }
    for (size_t i = 0; i < CORNERS_STATISTICS; i++)
      fresh.statistics[i] = NAN; /* what was there before does not count */
    CU_ASSERT (
        nn_recalibrate (&fresh.model, &corners.images, NULL, CORNERS_N, batch, NULL));
    for (size_t i = 0; i < nn_net_statistics (net); i++)
      CU_ASSERT_DOUBLE_EQUAL (fresh.statistics[i], want[i], 1e-4 * (1 + fabs (want[i])));
    nn_feed_destroy (&feed);
    nn_tape_destroy (&tape);
  }
  nn_net_destroy (&net);
}

static void
test_recalibrate (void)
{
  static const uint32_t norms[] = { 1, 4 }, norm[] = { 3 };
  compare_statistics (corners_net (), norms, 2);
  compare_statistics (corners_mixture (), norm, 1);
}

/* Nothing to do, and nothing looked at. */
static void
test_no_norms (void)
{
  nn_net *net = nn_mlp_new (3, 1, 4, NN_RELU, 2, 1);
  struct nn_model model = { .net = net };
  CU_ASSERT (nn_recalibrate (&model, NULL, NULL, 0, 0, NULL));
  nn_net_destroy (&net);
}

/* ---- stopping ---- */

static struct fresh stopped;

static bool
assess_once (const struct nn_stop *stop)
{
  struct nn_assessment found;
  return nn_assess (&stopped.model, &corners.images, NULL, CORNERS_N, 50, stop, &found);
}

static bool
recalibrate_once (const struct nn_stop *stop)
{
  return nn_recalibrate (&stopped.model, &corners.images, NULL, CORNERS_N, 50, stop);
}

static void
test_stopped (void)
{
  make_fresh (&stopped, corners_net ());
  patience_check (assess_once, 3);
  patience_check (recalibrate_once, 3);
  nn_net_destroy (&stopped.net);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "by hand", test_by_hand },
                                           { "bins", test_bins },
                                           { "low bins", test_low_bins },
                                           { "extreme logits", test_extremes },
                                           { "scikit-learn's values", test_values },
                                           { "a model in batches", test_assess },
                                           { "running statistics anew",
                                             test_recalibrate },
                                           { "no normalisations", test_no_norms },
                                           { "stopped", test_stopped },
                                           { 0 } };
  return tap_run ("nn assess", tests);
}
