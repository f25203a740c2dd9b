/* Priors beside the host's own draws. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/heads.h"
#include "plugins/common/lean.h"
#include "plugins/common/moves.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 60000, MOST = 12 };

static double
make_weights (gym_rng *rng, uint64_t count, double *weights)
{
  double sum = 0;
  for (uint64_t k = 0; k < count; k++)
    sum += weights[k] = 0.05 + gym_rng_real (rng);
  for (uint64_t k = 0; k < count; k++)
    weights[k] /= sum;
  return sum;
}

static void
test_other (void)
{
  gym_rng rng;
  gym_rng_init (&rng, 1);
  for (uint64_t count = 2; count <= MOST; count++) {
    double weights[MOST];
    size_t seen[MOST] = { 0 };
    make_weights (&rng, count, weights);
    uint64_t not = gym_rng_below (&rng, count);
    for (int d = 0; d < DRAWS; d++)
      seen[lean_other (&rng, weights, count, not )]++;
    for (uint64_t k = 0; k < count; k++) {
      double expected = k == not ? 0 : DRAWS * weights[k] / (1 - weights[not ]);
      CU_ASSERT (fabs ((double)seen[k] - expected) <= 6 * sqrt (expected));
    }
  }
}

/* The inverse of the distribution function, looked for in the slow way. */
static void
test_quantile (void)
{
  gym_rng rng;
  gym_rng_init (&rng, 2);
  for (uint64_t count = 1; count <= MOST; count++) {
    double weights[MOST];
    make_weights (&rng, count, weights);
    for (int d = 0; d < 2000; d++) {
      double share = gym_rng_real (&rng), sum = 0;
      uint64_t k = lean_quantile (weights, count, share);
      for (uint64_t j = 0; j < k; j++)
        sum += weights[j];
      CU_ASSERT (sum <= share + 1e-12);
      CU_ASSERT (k == count - 1 || sum + weights[k] > share - 1e-12);
    }
    CU_ASSERT_EQUAL (lean_quantile (weights, count, 0), 0);
    CU_ASSERT_EQUAL (lean_quantile (weights, count, 0.999999999999), count - 1);
  }
}

static void
test_pieces (void)
{
  static const double weights[] = { 0.1, 0.2, 0.3, 0.15, 0.15, 0.1 };
  double shares[6];
  lean_pieces (weights, 6, shares, 6);
  CU_ASSERT_EQUAL (memcmp (shares, weights, sizeof weights), 0);
  lean_pieces (weights, 6, shares, 3);
  CU_ASSERT_DOUBLE_EQUAL (shares[0], 0.3, 1e-15);
  CU_ASSERT_DOUBLE_EQUAL (shares[1], 0.45, 1e-15);
  CU_ASSERT_DOUBLE_EQUAL (shares[2], 0.25, 1e-15);
  lean_pieces (NULL, 0, shares, 3);
  for (int k = 0; k < 3; k++)
    CU_ASSERT_EQUAL (shares[k], 1.0 / 3);
}

static double **
make_prior (const gym_space *space, gym_rng *rng)
{
  uint32_t n = gym_space_size (space);
  double **prior = calloc (n + 1u, sizeof *prior);
  for (uint32_t i = 0; i < n; i++) {
    uint64_t count = gym_space_count (space, i);
    if (count == 0 || count > 4096)
      continue;
    prior[i] = malloc (count * sizeof **prior);
    make_weights (rng, count, prior[i]);
  }
  return prior;
}

static void
free_prior (double **prior, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    free (prior[i]);
  free (prior);
}

/* A place decodes to its value, and the density of a design is the product of its
 * weights over the uniform ones. */
static void
test_places (void)
{
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space = spaces_mixed ();
  uint32_t n = gym_space_size (space);
  double unit[64], row[64];
  gym_rng rng;
  gym_rng_init (&rng, 3);
  gym_host_init (&host, &context, NULL);
  double **prior = make_prior (space, &rng);
  for (uint32_t i = 0; i < n; i++)
    for (uint64_t k = 0; k < gym_space_count (space, i) && k < 4096; k++) {
      gym_space_default (space, row);
      gym_space_encode (space, row, unit);
      unit[i] = lean_place (&host, space, i, k);
      CU_ASSERT (unit[i] >= 0 && unit[i] <= 1);
      gym_space_decode (space, unit, row);
      if (!isnan (row[i]))
        CU_ASSERT_EQUAL (gym_space_index (space, i, row[i]), k);
    }
  for (int d = 0; d < 200; d++) {
    double product = 1;
    gym_space_sample (space, &rng, row);
    for (uint32_t i = 0; i < n; i++)
      if (prior[i] && !isnan (row[i]))
        product *= prior[i][gym_space_index (space, i, row[i])]
                   * (double)gym_space_count (space, i);
    CU_ASSERT_DOUBLE_EQUAL (lean_log (&host, space, (const double *const *)prior, row),
                            log (product), 1e-9);
  }
  free_prior (prior, n);
  gym_space_destroy (&space);
}

/* Moves to anywhere go by the weights, and never stay. */
static void
test_moves (void)
{
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space = spaces_mixed ();
  uint32_t n = gym_space_size (space);
  struct moves moves;
  gym_rng rng;
  gym_rng_init (&rng, 4);
  gym_host_init (&host, &context, NULL);
  double **prior = make_prior (space, &rng);
  CU_ASSERT_EQUAL_FATAL (moves_init (&moves, &host, space), GYM_OK);
  moves.prior = (const double *const *)prior;
  moves.near = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint64_t count = gym_space_count (space, i);
    size_t seen[64] = { 0 };
    if (count < 2 || count > 64 || gym_space_param (space, i)->flags & GYM_PARAM_LOG)
      continue;
    for (int d = 0; d < DRAWS; d++)
      seen[gym_space_index (
          space, i, moves_value (&moves, &rng, i, gym_space_value (space, i, 0)))]++;
    CU_ASSERT_EQUAL (seen[0], 0);
    for (uint64_t k = 1; k < count; k++) {
      double expected = DRAWS * prior[i][k] / (1 - prior[i][0]);
      CU_ASSERT (fabs ((double)seen[k] - expected) <= 6 * sqrt (expected) + 1);
    }
  }
  moves_free (&moves);
  free_prior (prior, n);
  gym_space_destroy (&space);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "another value", test_other }, { "quantiles", test_quantile },
    { "pieces", test_pieces },       { "places and densities", test_places },
    { "moves", test_moves },         { NULL, NULL }
  };
  return tap_run ("lean", tests);
}
