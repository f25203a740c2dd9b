/* Every allocation of a training, an assessment, a slice or a score may fail: each says
 * so and leaves nothing. */
#include "sims/nn/slice.h"
#include "sims/nn/zerocost.h"
#include "tests/sims/nn/memory.h"
#include "tests/sims/nn/samples.h"

/* Everything is made before the failing starts, but what the calls make themselves. */
static struct corners corners;
static float params[CORNERS_PARAMS], statistics[CORNERS_STATISTICS];
static nn_net *net;
static const struct nn_batch *batch;

static void
begin (void)
{
  corners_make (&corners, 1);
  net = corners_net ();
  nn_net_start (net, params, 1);
  nn_net_clear (net, statistics);
}

static struct nn_model
model (void)
{
  return (struct nn_model){ .net = net, .params = params, .statistics = statistics };
}

/* Not one call may fail unnoticed: success is for when none failed. */
static bool
right (bool done, long before, long from)
{
  bool whole = memory_calls < from;
  if (done != whole || memory_live != before)
    tap_note ("from call %ld: %d, %ld blocks more", from, done, memory_live - before);
  return done == whole && memory_live == before;
}

static bool
try_train (const void *context, long from, long to)
{
  const struct nn_recipe *recipe = context;
  struct nn_model all = model ();
  struct nn_report report = { 0 };
  struct nn_error err = { "" };
  long before = memory_arm (from, to);
  bool done = nn_train (&all, &corners.images, NULL, CORNERS_N, recipe, &report, &err);
  memory_disarm ();
  return right (done, before, from) && !report.diverged
         && strcmp (err.text, done ? "" : "out of memory") == 0;
}

static void
test_train (void)
{
  const struct nn_recipe sgd = { .epochs = 1, .batch = 64 };
  const struct nn_recipe adam = { .epochs = 1, .batch = 64, .method = NN_ADAM };
  begin ();
  memory_explore (try_train, &sgd, 10);
  memory_explore (try_train, &adam, 10);
  nn_net_destroy (&net);
}

static bool
try_assess (const void *context, long from, long to)
{
  struct nn_model all = model ();
  struct nn_assessment found;
  bool (*recalibrate) (const struct nn_model *, const struct nn_images *,
                       const uint32_t *, uint32_t, uint32_t, const struct nn_stop *) =
      nn_recalibrate;
  long before = memory_arm (from, to);
  bool done = context ? recalibrate (&all, &corners.images, NULL, 50, 20, NULL)
                      : nn_assess (&all, &corners.images, NULL, 50, 20, NULL, &found);
  memory_disarm ();
  return right (done, before, from);
}

static void
test_assess (void)
{
  begin ();
  memory_explore (try_assess, NULL, 10);
  memory_explore (try_assess, &corners, 8);
  nn_net_destroy (&net);
}

static bool
try_scores (const void *context, long from, long to)
{
  (void)context;
  struct nn_scores scores = { .jacob_cov = 0 };
  long before = memory_arm (from, to);
  bool done = nn_zero_cost (net, params, NULL, batch, NULL, &scores);
  memory_disarm ();
  return right (done, before, from);
}

static void
test_scores (void)
{
  const struct nn_feed_settings settings = { .batch = 16 };
  begin ();
  nn_feed *feed = nn_feed_new (&corners.images, NULL, 16, &settings);
  batch = nn_feed_next (feed);
  memory_explore (try_scores, NULL, 10);
  nn_feed_destroy (&feed);
  nn_net_destroy (&net);
}

/* A first convolution with a smaller kernel: many runs, so that their list grows. */
static bool
try_slice (const void *context, long from, long to)
{
  static const uint32_t layer_of[] = { 0 };
  const nn_net *sub = context;
  long before = memory_arm (from, to);
  nn_slice *slice = nn_slice_new (sub, net, layer_of);
  memory_disarm ();
  bool done = slice != NULL;
  nn_slice_destroy (&slice);
  return right (done, before, from);
}

static void
test_slice (void)
{
  struct nn_layer large = { .kind = NN_CONV, .units = 16, .kernel = 5 };
  struct nn_layer small = { .kind = NN_CONV, .units = 8, .kernel = 3 };
  nn_net *sub = nn_net_new ((struct nn_shape){ 16, 4, 4 }, &small, 1);
  net = nn_net_new ((struct nn_shape){ 16, 4, 4 }, &large, 1);
  CU_ASSERT_FATAL (net && sub);
  memory_explore (try_slice, sub, 3);
  nn_net_destroy (&sub);
  nn_net_destroy (&net);
}

/* Whether a pass writes into memory that others have got meanwhile. */
static bool
keeps_to_its_own (nn_tape *tape, const float *params, const float *x, const float *want)
{
  enum { BLOCKS = 40, STEP = 64 };
  unsigned char *blocks[BLOCKS];
  for (size_t i = 0; i < BLOCKS; i++)
    if ((blocks[i] = malloc ((i + 1) * STEP)))
      memset (blocks[i], 0xA5, (i + 1) * STEP);
  bool kept = memcmp (want, nn_forward (tape, params, x, 1), 2 * sizeof *want) == 0;
  for (size_t i = 0; i < BLOCKS; i++) {
    for (size_t j = 0; blocks[i] && j < (i + 1) * STEP; j++)
      kept = kept && blocks[i][j] == 0xA5;
    free (blocks[i]);
  }
  return kept;
}

/* A tape that cannot be turned to a larger network serves its old one as before. */
static bool
try_turn (const void *context, long from, long to)
{
  const nn_net *other = context;
  const float x[4] = { 1, -2, 3, 0.5f };
  float params[64], first[2];
  nn_tape *tape = nn_tape_new (net, 1);
  nn_net_start (net, params, 1);
  memcpy (first, nn_forward (tape, params, x, 1), sizeof first);
  long before = memory_arm (from, to);
  bool done = nn_tape_turn (tape, other);
  memory_disarm ();
  bool same =
      done || (memory_live == before && keeps_to_its_own (tape, params, x, first));
  nn_tape_destroy (&tape);
  return same && done == (from > memory_calls);
}

static void
test_turn (void)
{
  nn_net *other = nn_mlp_new (4, 5, 64, NN_TANH, 3, 1);
  net = nn_mlp_new (4, 1, 8, NN_TANH, 2, 1);
  CU_ASSERT_FATAL (net && other && nn_net_params (net) <= 64);
  memory_explore (try_turn, other, 7);
  nn_net_destroy (&other);
  nn_net_destroy (&net);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "training", test_train },       { "judging, statistics", test_assess },
    { "scores", test_scores },        { "slices", test_slice },
    { "a tape in turns", test_turn }, { 0 }
  };
  return tap_run ("nn train memory", tests);
}
