/* The built-in networks beside the published figures. */
#include "sims/accel/workload.h"

#include <math.h>

#include "tests/tap.h"

/* MACs and weights; where the source counts biases and normalisation too, or rounds, the
 * share it may be off. */
static const struct {
  const char *name;
  double macs, macs_off, weights, weights_off;
} published[] = {
  { .name =
        "alexnet", /* Krizhevsky et al.: 60 million parameters; 724 M MACs: Sze et al.,
                      "Efficient processing of DNNs", Proc. IEEE 2017, table II */
    .macs = 724e6,
    .macs_off = 1e-3,
    .weights = 61e6,
    .weights_off = 1e-3 },
  { .name = "vgg16", /* Sze et al. 2017: 15.5 G, 138 M */
    .macs = 15.5e9,
    .macs_off = 3e-3,
    .weights = 138e6,
    .weights_off = 3e-3 },
  { .name = "resnet18", /* He et al.: 1.8 G; torchvision: 11,689,512 with 9,600 of
                           normalisation and 1,000 biases */
    .macs = 1.8e9,
    .macs_off = 1e-2,
    .weights = 11689512 - 9600 - 1000 },
  { .name = "resnet50", /* torchvision: 4.09 G, 25,557,032, of them 53,120 and 1,000 */
    .macs = 4.09e9,
    .macs_off = 1e-3,
    .weights = 25557032 - 53120 - 1000 },
  { .name = "mobilenet_v1", /* Howard et al.: 569 M, 4.2 M */
    .macs = 569e6,
    .macs_off = 1e-3,
    .weights = 4.2e6,
    .weights_off = 3e-3 },
  { .name = "mobilenet_v2", /* Sandler et al.: 300 M; torchvision: 3,504,872, of them
                               34,112 and 1,000 */
    .macs = 300e6,
    .macs_off = 3e-3,
    .weights = 3504872 - 34112 - 1000 },
  { .name = "efficientnet_b0", /* Tan and Le: 0.39 G, 5.3 M */
    .macs = 0.39e9,
    .macs_off = 2e-2,
    .weights = 5.3e6,
    .weights_off = 2e-2 },
  { .name = "bert_base", /* Sun et al., MobileBERT, ACL 2020: 22.5 GFLOPS at 128 tokens;
                            Devlin et al.: 110 M, 23.8 M of them embeddings */
    .macs = 22.5e9 / 2,
    .macs_off = 1e-2,
    .weights = 110e6 - 23.8e6,
    .weights_off = 1e-2 },
  { .name = "gpt2_small", /* 124 M parameters; twice the weights a token, and attention of
                             2 * 12 * 1024 * 768 more */
    .macs = 1024 * (123.53e6 + 2 * 12 * 1024 * 768),
    .macs_off = 1e-3,
    .weights = 124e6,
    .weights_off = 1e-2 },
  { .name = "vit_b16", /* torchvision: 17.56 G, 86,567,656 */
    .macs = 17.56e9,
    .macs_off = 1e-3,
    .weights = 86567656,
    .weights_off = 5e-3 },
  { .name = "mlp", /* LeCun et al. 1998: 266,610 with 410 biases */
    .macs = 266200,
    .weights = 266610 - 410 },
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
    CU_ASSERT (fabs (weights / published[n].weights - 1) <= published[n].weights_off);
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
