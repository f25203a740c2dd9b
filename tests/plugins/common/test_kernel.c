/* The kernel by hand, in two ways, and as a covariance. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/cholesky.h"
#include "plugins/common/kernel.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <string.h>

enum { N = 150, AXES = 16 };

struct bench {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct kernel kernel;
  struct kernel_points points;
  gym_rng rng;
};

static void
start (struct bench *b, gym_space *space)
{
  double row[AXES];
  uint16_t place[AXES];
  memset (b, 0, sizeof *b);
  gym_host_init (&b->host, &b->context, NULL);
  gym_rng_init (&b->rng, 1);
  b->space = space;
  CU_ASSERT_EQUAL_FATAL (kernel_init (&b->kernel, &b->host, space), 0);
  CU_ASSERT_EQUAL_FATAL (kernel_points_reserve (&b->kernel, &b->points, N), 0);
  for (b->points.n = 0; b->points.n < N; b->points.n++) {
    gym_space_sample (space, &b->rng, row);
    kernel_place (&b->kernel, row, place);
    kernel_points_put (&b->points, b->points.n, place);
  }
}

static void
stop (struct bench *b)
{
  kernel_free (&b->kernel);
  kernel_points_free (&b->points);
  gym_space_destroy (&b->space);
}

static void
random_theta (struct bench *b)
{
  for (uint32_t t = 0; t < b->kernel.n_theta; t++)
    b->kernel.theta[t] = b->kernel.centre[t] + gym_rng_normal (&b->rng);
  kernel_set (&b->kernel, b->kernel.theta);
}

/* One integer of 1 .. 5: one short axis; weight w, lengths l and m, s and no pairs:
 * k = 1 + w M (d / l) + s M (d / m) with Matern's M. */
static double
matern (double r)
{
  return (1 + sqrt (5) * r + 5 * r * r / 3) * exp (-sqrt (5) * r);
}

static void
test_by_hand (void)
{
  struct bench b;
  double out, one = 1, three = 3;
  uint16_t at[1];
  start (&b, spaces_line (5, false));
  CU_ASSERT_EQUAL (b.kernel.n_theta, 6);
  double theta[6] = { log (0.1), log (2), log (1), log (3), log (0.5), log (0.25) };
  kernel_set (&b.kernel, theta);
  kernel_place (&b.kernel, &one, at);
  kernel_points_put (&b.points, 0, at);
  kernel_place (&b.kernel, &three, at);
  kernel_row (&b.kernel, &b.points, 1, at, &out);
  CU_ASSERT_DOUBLE_EQUAL (out, 1 + 3 * matern (1) + 2 * matern (2), 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (kernel_self (&b.kernel, at), 6, 1e-12);
  CU_ASSERT_DOUBLE_EQUAL (kernel_noise (&b.kernel), 0.1, 1e-6);
  stop (&b);
}

/* Any hyperparameters give a covariance, also where parameters are inactive. */
static void
test_positive_definite (void)
{
  struct bench b;
  struct cholesky c;
  uint16_t place[AXES];
  start (&b, spaces_mixed ());
  cholesky_init (&c);
  CU_ASSERT_EQUAL_FATAL (cholesky_reserve (&c, N), 0);
  for (int round = 0; round < 50; round++) {
    random_theta (&b);
    for (size_t i = 0; i < N; i++) {
      double *row = c.factor + i * c.room;
      kernel_points_get (&b.points, i, place);
      kernel_row (&b.kernel, &b.points, i, place, row);
      row[i] = kernel_self (&b.kernel, place) * (1 + 1e-8);
    }
    CU_ASSERT_EQUAL (cholesky_factorise (&c, N), 0);
  }
  cholesky_free (&c);
  stop (&b);
}

/* Covariances of a neighbour by the short way are those by the long one. */
static void
test_neighbours (void)
{
  struct bench b;
  struct kernel_base base = { 0 };
  double fast[N], slow[N], row[AXES];
  uint16_t place[AXES], moved[AXES];
  start (&b, spaces_mixed ());
  CU_ASSERT_EQUAL_FATAL (kernel_base_reserve (&b.kernel, &base, N), 0);
  for (int round = 0; round < 200; round++) {
    random_theta (&b);
    gym_space_sample (b.space, &b.rng, row);
    kernel_place (&b.kernel, row, place);
    kernel_base_at (&b.kernel, &b.points, place, &base);
    uint32_t axis = (uint32_t)gym_rng_below (&b.rng, b.kernel.n_axes);
    memcpy (moved, place, sizeof place);
    moved[axis] = (uint16_t)gym_rng_below (&b.rng, b.kernel.axes[axis].cells);
    kernel_moved (&b.kernel, &b.points, &base, axis, moved[axis], fast);
    kernel_row (&b.kernel, &b.points, N, moved, slow);
    for (int j = 0; j < N; j++)
      CU_ASSERT_DOUBLE_EQUAL (fast[j], slow[j], 1e-9 * fmax (1, fabs (slow[j])));
  }
  kernel_base_free (&base);
  stop (&b);
}

/* The gradient of a weighted sum of all covariances against differences. */
static double
weighted (struct bench *b, const double *weight)
{
  double sum = 0, row[N];
  uint16_t place[AXES];
  for (size_t i = 0; i < 40; i++) {
    kernel_points_get (&b->points, i, place);
    kernel_row (&b->kernel, &b->points, i, place, row);
    for (size_t j = 0; j < i; j++)
      sum += 2 * weight[i * 40 + j] * row[j];
    sum += weight[i * 40 + i]
           * (kernel_self (&b->kernel, place) + kernel_noise (&b->kernel));
  }
  return sum;
}

static void
test_gradient (void)
{
  struct bench b;
  static double weight[1600], gradient[128], theta[128];
  start (&b, spaces_mixed ());
  random_theta (&b);
  for (int i = 0; i < 1600; i++)
    weight[i] = gym_rng_normal (&b.rng);
  CU_ASSERT_FATAL (b.kernel.n_theta <= 128);
  kernel_gradient (&b.kernel, &b.points, 40, weight, 40, gradient);
  memcpy (theta, b.kernel.theta, b.kernel.n_theta * sizeof *theta);
  for (uint32_t t = 0; t < b.kernel.n_theta; t++) {
    double side[2], kept = theta[t];
    for (int s = 0; s < 2; s++) {
      theta[t] = kept + (s ? 1e-5 : -1e-5);
      kernel_set (&b.kernel, theta);
      side[s] = weighted (&b, weight);
    }
    theta[t] = kept;
    CU_ASSERT_DOUBLE_EQUAL (gradient[t], (side[1] - side[0]) / 2e-5,
                            1e-5 * fmax (1, fabs (gradient[t])));
  }
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "by hand", test_by_hand },
                                           { "positive definite",
                                             test_positive_definite },
                                           { "neighbours", test_neighbours },
                                           { "gradient", test_gradient },
                                           { 0 } };
  return tap_run ("kernel", tests);
}
