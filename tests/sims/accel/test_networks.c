/* The built-in networks beside the published figures. */
#include "sims/accel/workload.h"

#include <math.h>

#include "tests/tap.h"

/* Biases of four products and two layer norms in each of 12 blocks of width 768. */
enum { BIASES = 12 * (2304 + 768 + 3072 + 768), NORMS = 12 * 2 * 2 * 768 };

/* `params` as published implementations count them, and `left_out`, what our layers have
 * no place for (biases, normalisation, embeddings): the difference is exact. MACs are the
 * papers' figures, as near as their digits are. */
static const struct {
  const char *name;
  double params, left_out, macs, macs_off;
} published[] = {
  /* Caffe's model zoo; 724 M: Sze et al., "Efficient processing of DNNs", Proc. IEEE
   * 2017, table II */
  { .name = "alexnet", .params = 60965224, .left_out = 10568, .macs = 724406816 },
  /* torchvision, as those that follow where nothing is said; the biases, then two numbers
   * a channel of batch norm */
  { .name = "vgg16",
    .params = 138357544,
    .left_out = 4224 + 9192,
    .macs = 15.5e9,
    .macs_off = 3e-3 },
  { .name = "resnet18",
    .params = 11689512,
    .left_out = 1000 + 2 * 4800,
    .macs = 1.8e9,
    .macs_off = 1e-2 },
  { .name = "resnet50",
    .params = 25557032,
    .left_out = 1000 + 2 * 26560,
    .macs = 4.09e9,
    .macs_off = 1e-3 },
  /* Keras, trainable ones; 569 M: Howard et al. */
  { .name = "mobilenet_v1",
    .params = 4231976,
    .left_out = 1000 + 2 * 10944,
    .macs = 569e6,
    .macs_off = 1e-3 },
  { .name = "mobilenet_v2",
    .params = 3504872,
    .left_out = 1000 + 2 * 17056,
    .macs = 300e6,
    .macs_off = 3e-3 },
  /* the biases of squeeze and excite too; 0.386 G: torchvision (Tan and Le: 0.39 G with
   * normalisation) */
  { .name = "efficientnet_b0",
    .params = 5288548,
    .left_out = 1000 + 9340 + 2 * 21008,
    .macs = 0.386e9,
    .macs_off = 1e-3 },
  /* Devlin et al.'s code without embeddings; 22.5 GFLOPS at 128 tokens: Sun et al.,
   * MobileBERT, ACL 2020 */
  { .name = "bert_base",
    .params = 109482240 - 23837184,
    .left_out = BIASES + NORMS + 768,
    .macs = 22.5e9 / 2,
    .macs_off = 1e-2 },
  /* the last norm and the positions too; twice the weights a token, and attention */
  { .name = "gpt2_small",
    .params = 124439808,
    .left_out = BIASES + NORMS + 2 * 768 + 1024 * 768,
    .macs = 1024 * (123.53e6 + 2 * 12 * 1024 * 768),
    .macs_off = 1e-3 },
  /* the last norm, biases at both ends, class token and positions too */
  { .name = "vit_b16",
    .params = 86567656,
    .left_out = BIASES + NORMS + 2 * 768 + 768 + 1000 + 198 * 768,
    .macs = 17.56e9,
    .macs_off = 1e-3 },
  { .name = "mlp", .params = 266610, .left_out = 410, .macs = 266200 },
};

static void
test_figures (void)
{
  size_t n = 0;
  for (; accel_networks[n] != NULL; n++) {
    struct accel_workload w;
    double macs, weights;
    CU_ASSERT_EQUAL (accel_workload_network (&w, accel_networks[n], NULL), ACCEL_OK);
    CU_ASSERT_STRING_EQUAL (published[n].name, accel_networks[n]);
    CU_ASSERT_STRING_EQUAL (w.name, accel_networks[n]);
    macs = accel_workload_macs (&w);
    weights = accel_workload_weights (&w);
    tap_note ("%s: %.0f MACs, %.0f weights", w.name, macs, weights);
    CU_ASSERT (fabs (macs / published[n].macs - 1) <= published[n].macs_off);
    CU_ASSERT_EQUAL (weights, published[n].params - published[n].left_out);
    accel_workload_free (&w);
  }
  CU_ASSERT_EQUAL (n, sizeof published / sizeof *published);
}

/* Eleven shapes of convolutions and one of the classifier. */
static void
test_shapes (void)
{
  struct accel_workload w;
  CU_ASSERT_EQUAL (accel_workload_network (&w, "resnet18", NULL), ACCEL_OK);
  accel_workload_merge (&w);
  CU_ASSERT_EQUAL (w.count, 12);
  accel_workload_free (&w);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "figures", .run = test_figures },
    { .name = "shapes", .run = test_shapes },
    { 0 },
  };
  return tap_run ("accel networks", tests);
}
