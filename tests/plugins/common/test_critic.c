/* A critic learns what it is shown, the same for the same seed. */
#include "plugins/common/critic.h"
#include "tests/tap.h"

#include <gym/plugin.h>
#include <math.h>

enum { rows = 32, width = 3 };

static const struct nn_adam_settings adam = {
  .rate = 0.01f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f
};

static void
make_rows (float *x, float *y)
{
  gym_rng rng;
  gym_rng_init (&rng, 3);
  for (int b = 0; b < rows; b++) {
    for (int j = 0; j < width; j++)
      x[b * width + j] = (float)gym_rng_normal (&rng);
    y[b] = 0.5f * x[b * width] - x[b * width + 1] + 0.25f;
  }
}

/* Mean squared error after `steps`. */
static double
error_after (int steps, uint64_t seed)
{
  struct critic c;
  float x[rows * width], y[rows];
  double sum = 0;
  make_rows (x, y);
  CU_ASSERT_EQUAL_FATAL (critic_init (&c, width, 1, 16, rows, seed), GYM_OK);
  for (int k = 0; k < steps; k++)
    critic_fit (&c, &adam, 10, x, y, rows);
  const float *v = critic_values (&c, x, rows);
  for (int b = 0; b < rows; b++)
    sum += (v[b] - y[b]) * (v[b] - y[b]) / rows;
  critic_free (&c);
  critic_free (&c);
  return sum;
}

static void
test_learns (void)
{
  double before = error_after (0, 1), after = error_after (600, 1);
  tap_note ("error %.3g, then %.3g", before, after);
  CU_ASSERT (after < 0.02 * before);
}

static void
test_seeds (void)
{
  CU_ASSERT_EQUAL (error_after (20, 1), error_after (20, 1));
  CU_ASSERT_NOT_EQUAL (error_after (20, 1), error_after (20, 2));
}

int
main (void)
{
  static const struct tap_test tests[] = { { "it learns", test_learns },
                                           { "seeds", test_seeds },
                                           { 0 } };
  return tap_run ("critic", tests);
}
