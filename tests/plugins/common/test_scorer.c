/* Scores from outputs and slopes back, by differences; who sees what; learning. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/scorer.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <string.h>

static void
check_shape (uint32_t shape, bool ordered, uint32_t levels)
{
  struct head head = { .ordered = ordered, .levels = levels };
  float outputs[16] = { 0 }, weights[16], slopes[16], scores[16];
  uint32_t n = scorer_outputs (&head, shape);
  for (uint32_t i = 0; i < n; i++)
    outputs[i] = 0.3f * sinf ((float)i + 1);
  for (uint32_t k = 0; k < levels; k++)
    weights[k] = cosf ((float)k * 2);
  scorer_contract (&head, shape, outputs, weights, slopes);
  for (uint32_t i = 0; i < n; i++) {
    double difference = 0;
    for (int side = -1; side <= 1; side += 2) {
      float kept = outputs[i];
      outputs[i] += (float)side / 128;
      scorer_expand (&head, shape, outputs, scores);
      outputs[i] = kept;
      for (uint32_t k = 0; k < levels; k++)
        difference += side * 64.0 * weights[k] * scores[k];
    }
    CU_ASSERT_DOUBLE_EQUAL (slopes[i], difference, 2e-3 * (1 + fabs (difference)));
  }
}

static void
test_shapes (void)
{
  for (uint32_t shape = SCORER_FREE; shape <= SCORER_NORMAL; shape++)
    for (uint32_t levels = 1; levels <= 16; levels += 5)
      for (int ordered = 0; ordered < 2; ordered++)
        check_shape (shape, ordered, levels);
}

/* Steps between levels: one step parts the levels below from those above, evenly. */
static void
test_ordinal (void)
{
  struct head head = { .ordered = true, .levels = 4 };
  float z[4] = { 9, 0, 1, 0 }, scores[4];
  scorer_expand (&head, SCORER_ORDINAL, z, scores);
  CU_ASSERT_DOUBLE_EQUAL (scores[0], -0.5, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (scores[1], -0.5, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (scores[2], 0.5, 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (scores[3], 0.5, 1e-6);
}

struct bench {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct heads heads;
  struct scorer scorer;
};

enum { OBSERVED = 3, BATCH = 4 };

static void
start (struct bench *b, bool autoregressive, uint32_t shape, float gain)
{
  static const uint32_t learner[12] = { 0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 9 };
  gym_host_init (&b->host, &b->context, NULL);
  b->space = spaces_mixed ();
  CU_ASSERT_EQUAL_FATAL (heads_init (&b->heads, &b->host, b->space, 8), GYM_OK);
  struct scorer_setup setup = { .heads = &b->heads,
                                .n_observed = OBSERVED,
                                .learners = autoregressive ? 10 : 1,
                                .learner = autoregressive ? learner : NULL,
                                .autoregressive = autoregressive,
                                .layers = 1,
                                .width = 6,
                                .activation = NN_TANH,
                                .shape = shape,
                                .valued = true,
                                .gain = gain,
                                .batch = BATCH,
                                .seed = 3 };
  CU_ASSERT_EQUAL_FATAL (scorer_init (&b->scorer, &setup), GYM_OK);
}

static void
stop (struct bench *b)
{
  scorer_free (&b->scorer);
  scorer_free (&b->scorer);
  heads_free (&b->heads);
  gym_space_destroy (&b->space);
}

static float observed[BATCH][OBSERVED], codes[BATCH][64];
static const float *in[BATCH], *code[BATCH];

static void
make_inputs (void)
{
  for (int i = 0; i < BATCH; i++) {
    for (int k = 0; k < OBSERVED; k++)
      observed[i][k] = sinf ((float)(3 * i + k));
    for (int k = 0; k < 64; k++)
      codes[i][k] = cosf ((float)(5 * i + k));
    in[i] = observed[i];
    code[i] = codes[i];
  }
}

/* A loss of all scores and values: their product with fixed weights. */
static double
loss (struct bench *b)
{
  double sum = 0;
  scorer_forward (&b->scorer, b->scorer.params, in, code, BATCH);
  for (uint32_t i = 0; i < BATCH * b->heads.total; i++) {
    b->scorer.score_slopes[i] = sinf ((float)i);
    sum += (double)b->scorer.scores[i] * b->scorer.score_slopes[i];
  }
  for (uint32_t i = 0; i < BATCH * b->scorer.setup.learners; i++) {
    b->scorer.value_slopes[i] = cosf ((float)i);
    sum += (double)b->scorer.values[i] * b->scorer.value_slopes[i];
  }
  return sum;
}

static void
check_gradient (bool autoregressive, uint32_t shape)
{
  struct bench b;
  double wrong = 0, length = 0;
  start (&b, autoregressive, shape, 0.5f);
  make_inputs ();
  loss (&b);
  scorer_backward (&b.scorer, BATCH);
  for (size_t i = 0; i < b.scorer.n_params; i++) {
    float kept = b.scorer.params[i];
    b.scorer.params[i] = kept + 1.0f / 128;
    double up = loss (&b);
    b.scorer.params[i] = kept - 1.0f / 128;
    double d = (up - loss (&b)) * 64;
    b.scorer.params[i] = kept;
    wrong += (d - b.scorer.gradient[i]) * (d - b.scorer.gradient[i]);
    length += d * d;
  }
  CU_ASSERT (length > 1 && sqrt (wrong / length) < 5e-3);
  stop (&b);
}

static void
test_gradient (void)
{
  for (uint32_t shape = SCORER_FREE; shape <= SCORER_NORMAL; shape++)
    for (int autoregressive = 0; autoregressive < 2; autoregressive++)
      check_gradient (autoregressive, shape);
}

/* A learner's scores depend on the code of those before it, and on no other. */
static void
test_sight (void)
{
  struct bench b;
  static float before[BATCH * 128];
  start (&b, true, SCORER_FREE, 1);
  make_inputs ();
  for (uint32_t changed = 0; changed < 12; changed++) {
    scorer_forward (&b.scorer, b.scorer.params, in, code, BATCH);
    memcpy (before, b.scorer.scores, b.heads.total * sizeof *before);
    codes[0][b.heads.of[changed].code] += 1;
    scorer_forward (&b.scorer, b.scorer.params, in, code, BATCH);
    for (uint32_t i = 0; i < 12; i++) {
      const struct head *head = b.heads.of + i;
      bool same = memcmp (before + head->at, b.scorer.scores + head->at,
                          head->levels * sizeof *before)
                  == 0;
      CU_ASSERT_EQUAL (same, b.scorer.learner[i] <= b.scorer.learner[changed]);
    }
  }
  stop (&b);
}

/* Steps of Adam lead scores to where a loss wants them. */
static void
test_step (void)
{
  struct nn_adam_settings adam = {
    .rate = 0.02f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-5f
  };
  struct bench b;
  double first = 0, last = 0;
  start (&b, false, SCORER_ORDINAL, 0.01f);
  make_inputs ();
  for (int t = 0; t < 300; t++) {
    last = 0;
    scorer_forward (&b.scorer, b.scorer.params, in, NULL, BATCH);
    for (uint32_t k = 0; k < b.heads.total; k++) {
      float slope;
      last += nn_huber (b.scorer.scores[k] - (k % 3 == 0), 1, &slope);
      b.scorer.score_slopes[k] = slope;
    }
    first = t == 0 ? last : first;
    scorer_step (&b.scorer, &adam, 10, BATCH);
  }
  CU_ASSERT (last < 0.2 * first);
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "shapes", test_shapes },      { "steps between levels", test_ordinal },
    { "gradient", test_gradient },  { "who sees what", test_sight },
    { "steps of Adam", test_step }, { 0 }
  };
  return tap_run ("scorer", tests);
}
