/* What a step of training costs, beside what the kernels of libraries alone allow on the
 * same shapes: OpenBLAS on matrices of windows (im2col), and oneDNN where it is
 * installed. All on one core; set OPENBLAS_NUM_THREADS and OMP_NUM_THREADS to 1. */
#include "config.h"

#include "sims/nn/nn.h"
#include "tests/bench/bench.h"

#include <cblas.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_DNNL_H
#include <dnnl.h>
#endif

enum { BATCH = 64, CONVS = 3, KERNEL = 3, TRIES = 12 };

static const struct conv {
  int in, out, side, stride;
} convs[CONVS] = { { 1, 16, 28, 1 }, { 16, 32, 28, 2 }, { 32, 64, 14, 2 } };

static int
result_side (const struct conv *c)
{
  return (c->side + c->stride - 1) / c->stride;
}

static float *
numbers (size_t n)
{
  float *at = malloc (n * sizeof *at);
  for (size_t i = 0; at && i < n; i++)
    at[i] = (float)(i % 13) * 0.01f - 0.05f;
  return at;
}

/* Steps a second of the fastest of some tries: other programs only make them slower. */
static double
rate (void (*step) (void *), void *data)
{
  double best = 1e9;
  for (int i = 0; i < TRIES; i++) {
    double start = bench_cpu ();
    for (int j = 0; j < 8; j++)
      step (data);
    double time = (bench_cpu () - start) / 8;
    best = time < best ? time : best;
  }
  return 1 / best;
}

/* ---- the engine: whole steps, normalisation, loss and optimiser too ---- */

struct training {
  nn_net *net;
  nn_tape *tape;
  float *params, *gradient, *velocity, *statistics, *images;
};

static struct training
training_of (struct nn_shape in, const struct nn_layer *layers, uint32_t n)
{
  struct training t = { .net = nn_net_new (in, layers, n) };
  size_t params = nn_net_params (t.net);
  t.tape = nn_tape_new (t.net, BATCH);
  t.params = numbers (params);
  t.gradient = numbers (params);
  t.velocity = calloc (params, sizeof *t.velocity);
  t.statistics = calloc (nn_net_statistics (t.net) + 1, sizeof *t.statistics);
  t.images = numbers (nn_net_inputs (t.net) * BATCH);
  nn_net_start (t.net, t.params, 1);
  nn_net_clear (t.net, t.statistics);
  struct nn_mode mode = { .training = true,
                          .statistics = t.statistics,
                          .momentum = 0.1f };
  nn_tape_mode (t.tape, &mode);
  return t;
}

static void
training_end (struct training *t)
{
  nn_tape_destroy (&t->tape);
  nn_net_destroy (&t->net);
  free (t->params);
  free (t->gradient);
  free (t->velocity);
  free (t->statistics);
  free (t->images);
}

static void
train (void *data)
{
  struct training *t = data;
  struct nn_sgd_settings settings = { .rate = 1e-3f, .momentum = 0.9f, .decay = 5e-4f };
  uint8_t labels[BATCH];
  float slopes[BATCH * 10];
  size_t params = nn_net_params (t->net);
  for (int i = 0; i < BATCH; i++)
    labels[i] = (uint8_t)(i % 10);
  const float *logits = nn_forward (t->tape, t->params, t->images, BATCH);
  nn_cross_entropy (logits, labels, BATCH, 10, 0, slopes);
  memset (t->gradient, 0, params * sizeof *t->gradient);
  nn_backward (t->tape, t->params, slopes, t->gradient, NULL);
  nn_sgd_step (&settings, params, t->params, t->gradient, t->velocity);
}

static double
engine (void)
{
  struct nn_layer layers[2 * CONVS + 3];
  memset (layers, 0, sizeof layers);
  for (int i = 0; i < CONVS; i++) {
    layers[2 * i] = (struct nn_layer){ .kind = NN_CONV,
                                       .units = (uint32_t)convs[i].out,
                                       .start = NN_HE,
                                       .kernel = KERNEL,
                                       .stride = (uint32_t)convs[i].stride,
                                       .relu = i > 0 };
    layers[2 * i + 1].kind = NN_NORM;
  }
  layers[2 * CONVS].kind = NN_RELU;
  layers[2 * CONVS + 1].kind = NN_GLOBAL;
  layers[2 * CONVS + 2] = (struct nn_layer){ .kind = NN_DENSE, .units = 10 };
  struct training t = training_of ((struct nn_shape){ 1, 28, 28 }, layers, 2 * CONVS + 3);
  double steps = rate (train, &t);
  training_end (&t);
  return steps;
}

/* ---- OpenBLAS: the three products of each convolution, image by image ---- */

struct blas {
  float *x[CONVS], *y[CONVS], *w[CONVS], *dw[CONVS], *windows;
};

/* Row p of the windows holds what result p reads. */
static void
im2col (const struct conv *c, const float *x, float *windows)
{
  int side = result_side (c), before = 1;
  for (int p = 0; p < side * side; p++)
    for (int t = 0; t < KERNEL * KERNEL; t++, windows += c->in) {
      int row = p / side * c->stride + t / KERNEL - before;
      int column = p % side * c->stride + t % KERNEL - before;
      if (row < 0 || column < 0 || row >= c->side || column >= c->side)
        memset (windows, 0, (size_t)c->in * sizeof *windows);
      else
        memcpy (windows, x + (row * c->side + column) * c->in,
                (size_t)c->in * sizeof *windows);
    }
}

static void
blas_conv (const struct blas *b, int i, int image)
{
  const struct conv *c = convs + i;
  int pixels = result_side (c) * result_side (c), window = KERNEL * KERNEL * c->in;
  const float *x = b->x[i] + (size_t)image * (size_t)(c->side * c->side * c->in);
  float *y = b->y[i] + (size_t)image * (size_t)(pixels * c->out);
  im2col (c, x, b->windows);
  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, pixels, c->out, window, 1,
               b->windows, window, b->w[i], c->out, 0, y, c->out);
  cblas_sgemm (CblasRowMajor, CblasTrans, CblasNoTrans, window, c->out, pixels, 1,
               b->windows, window, y, c->out, 1, b->dw[i], c->out);
  if (i > 0)
    cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasTrans, pixels, window, c->out, 1, y,
                 c->out, b->w[i], c->out, 0, b->windows, window);
}

static void
blas_step (void *data)
{
  for (int i = 0; i < CONVS; i++)
    for (int image = 0; image < BATCH; image++)
      blas_conv (data, i, image);
}

static double
openblas (void)
{
  struct blas b = { .windows = numbers (28 * 28 * KERNEL * KERNEL * 32) };
  for (int i = 0; i < CONVS; i++) {
    const struct conv *c = convs + i;
    size_t side = (size_t)result_side (c);
    size_t weights = (size_t)(KERNEL * KERNEL * c->in * c->out);
    b.x[i] = numbers ((size_t)BATCH * (size_t)(c->side * c->side * c->in));
    b.y[i] = numbers (BATCH * side * side * (size_t)c->out);
    b.w[i] = numbers (weights);
    b.dw[i] = numbers (weights);
  }
  double steps = rate (blas_step, &b);
  for (int i = 0; i < CONVS; i++) {
    free (b.x[i]);
    free (b.y[i]);
    free (b.w[i]);
    free (b.dw[i]);
  }
  free (b.windows);
  return steps;
}

/* ---- oneDNN: the same three products, in the layouts that it likes best ---- */

#ifdef HAVE_DNNL_H
struct dnnl {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_t primitives[3 * CONVS];
  dnnl_exec_arg_t args[3 * CONVS][3];
  int n;
};

/* A tensor in the layout that the primitive asks for. */
static dnnl_exec_arg_t
tensor (struct dnnl *d, const_dnnl_primitive_desc_t primitive, dnnl_query_t what, int arg)
{
  dnnl_exec_arg_t a = { .arg = arg };
  dnnl_memory_create (&a.memory, dnnl_primitive_desc_query_md (primitive, what, 0),
                      d->engine, DNNL_MEMORY_ALLOCATE);
  return a;
}

/* Adds a pass of a convolution; returns its description for the passes back. */
static dnnl_primitive_desc_t
add_pass (struct dnnl *d, const dnnl_convolution_desc_t *conv, dnnl_primitive_desc_t hint,
          const dnnl_query_t what[3], const int arg[3])
{
  dnnl_primitive_desc_t primitive;
  dnnl_primitive_desc_create (&primitive, conv, NULL, d->engine, hint);
  dnnl_primitive_create (d->primitives + d->n, primitive);
  for (int i = 0; i < 3; i++)
    d->args[d->n][i] = tensor (d, primitive, what[i], arg[i]);
  d->n++;
  return primitive;
}

static void
add_conv (struct dnnl *d, const struct conv *c)
{
  int side = result_side (c);
  dnnl_memory_desc_t x, w, y;
  dnnl_convolution_desc_t conv;
  dnnl_memory_desc_init_by_tag (&x, 4, (dnnl_dims_t){ BATCH, c->in, c->side, c->side },
                                dnnl_f32, dnnl_format_tag_any);
  dnnl_memory_desc_init_by_tag (&w, 4, (dnnl_dims_t){ c->out, c->in, KERNEL, KERNEL },
                                dnnl_f32, dnnl_format_tag_any);
  dnnl_memory_desc_init_by_tag (&y, 4, (dnnl_dims_t){ BATCH, c->out, side, side },
                                dnnl_f32, dnnl_format_tag_any);
  dnnl_dims_t stride = { c->stride, c->stride }, before = { 1, 1 };
  int64_t rest = (side - 1) * c->stride + KERNEL - c->side - 1;
  dnnl_dims_t after = { rest, rest };
  dnnl_convolution_forward_desc_init (&conv, dnnl_forward_training,
                                      dnnl_convolution_direct, &x, &w, NULL, &y, stride,
                                      before, after);
  dnnl_primitive_desc_t forward = add_pass (
      d, &conv, NULL,
      (dnnl_query_t[]){ dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md },
      (int[]){ DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST });
  dnnl_convolution_backward_weights_desc_init (&conv, dnnl_convolution_direct, &x, &w,
                                               NULL, &y, stride, before, after);
  add_pass (d, &conv, forward,
            (dnnl_query_t[]){ dnnl_query_src_md, dnnl_query_diff_weights_md,
                              dnnl_query_diff_dst_md },
            (int[]){ DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST });
  if (c->in == 1)
    return;
  dnnl_convolution_backward_data_desc_init (&conv, dnnl_convolution_direct, &x, &w, &y,
                                            stride, before, after);
  add_pass (d, &conv, forward,
            (dnnl_query_t[]){ dnnl_query_diff_src_md, dnnl_query_weights_md,
                              dnnl_query_diff_dst_md },
            (int[]){ DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST });
}

static void
dnnl_step (void *data)
{
  struct dnnl *d = data;
  for (int i = 0; i < d->n; i++)
    dnnl_primitive_execute (d->primitives[i], d->stream, 3, d->args[i]);
  dnnl_stream_wait (d->stream);
}

/* What it made goes with the program. */
static double
onednn (void)
{
  struct dnnl d = { .n = 0 };
  dnnl_engine_create (&d.engine, dnnl_cpu, 0);
  dnnl_stream_create (&d.stream, d.engine, dnnl_stream_default_flags);
  for (int i = 0; i < CONVS; i++)
    add_conv (&d, convs + i);
  return rate (dnnl_step, &d);
}
#endif

int
main (void)
{
  openblas_set_num_threads (1);
  double steps = engine (), blas = openblas ();
  bench_at_least ("nn: steps of three convolutions, batch 64", steps, 40, "steps/CPU-s");
  bench_at_least ("nn: the same over OpenBLAS's products alone", steps / blas, 1 / 1.5,
                  "ratio");
#ifdef HAVE_DNNL_H
  bench_at_least ("nn: the same over oneDNN's products alone", steps / onednn (), 1 / 1.5,
                  "ratio");
#endif
  return 0;
}
