/* Evolving a front: who comes before whom, who survives, nobody twice. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/moea.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <string.h>

struct bench {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct moea moea;
  uint32_t calls, last_keep; /* of survive, for a front that is not the first */
};

/* The first objective is the score: the largest survive. */
static void
survive (void *owner, struct moea *moea, uint32_t k, uint32_t *items, uint32_t n,
         uint32_t keep)
{
  struct bench *b = owner;
  for (uint32_t i = 0; i < n; i++)
    moea->scores[items[i]] = moea->objectives[items[i] * moea->m];
  moea_best (moea, items, n, keep);
  b->calls++;
  b->last_keep = keep;
  (void)k;
}

static void
start (struct bench *b, int64_t population, int64_t offspring)
{
  struct moea_options options = {
    .population = population, .offspring = offspring, .crossover = 1, .near = 0.9
  };
  *b = (struct bench){ .space = spaces_line (1000, false) };
  CU_ASSERT_PTR_NOT_NULL_FATAL (b->space);
  gym_host_init (&b->host, &b->context, NULL);
  struct gym_problem problem = { .struct_size = sizeof problem,
                                 .n_objectives = 2,
                                 .n_constraints = 1,
                                 .in_flight = 1,
                                 .space = b->space };
  int code = moea_init (&b->moea, &b->host, &problem, &options, 1, survive, b);
  CU_ASSERT_EQUAL_FATAL (code, GYM_OK);
}

static void
stop (struct bench *b)
{
  moea_free (&b->moea);
  gym_space_destroy (&b->space);
}

static void
tell (struct bench *b, double design, double first, double second, double violation,
      uint32_t status)
{
  double objectives[] = { first, second };
  struct gym_tells tells = { .struct_size = sizeof tells,
                             .n = 1,
                             .designs = &design,
                             .objectives = objectives,
                             .violations = &violation,
                             .statuses = &status };
  CU_ASSERT_EQUAL (moea_tell (&b->moea, &tells, NULL), GYM_OK);
}

/* The designs of the population, in order. */
static bool
holds (const struct bench *b, uint32_t n, const double *designs)
{
  bool same = b->moea.count == n;
  for (uint32_t k = 0; same && k < n; k++)
    same = b->moea.rows[b->moea.items[k]] == designs[k];
  return same;
}

/* Failed last, then by violation whatever the objectives, then by fronts, then by score.
 */
static void
test_order (void)
{
  static const double first[] = { 3, 2, 1, 6, 5, 4, 8, 7 };
  static const double second[] = { 3, 2, 1, 9 };
  struct bench b;
  start (&b, 8, 4);
  tell (&b, 7, NAN, NAN, NAN, GYM_TRIAL_FAILED);
  tell (&b, 8, 0, 0, 2, GYM_TRIAL_OK);
  tell (&b, 1, 1, 9, 0, GYM_TRIAL_OK);
  tell (&b, 4, 4, 10, 0, GYM_TRIAL_OK);
  tell (&b, 2, 2, 8, 0, GYM_TRIAL_OK);
  tell (&b, 5, 5, 9, 0, GYM_TRIAL_OK);
  tell (&b, 3, 3, 7, 0, GYM_TRIAL_OK);
  tell (&b, 6, 6, 8, 0, GYM_TRIAL_OK);
  CU_ASSERT_TRUE (holds (&b, 8, first));
  CU_ASSERT_EQUAL (b.moea.ranks[b.moea.items[0]], 0);
  CU_ASSERT_EQUAL (b.moea.ranks[b.moea.items[3]], 1);
  CU_ASSERT_EQUAL (b.moea.ranks[b.moea.items[6]], 2);
  CU_ASSERT_EQUAL (b.moea.ranks[b.moea.items[7]], 3);
  stop (&b);
  start (&b, 4, 1);
  tell (&b, 7, NAN, NAN, NAN, GYM_TRIAL_FAILED);
  tell (&b, 1, 1, 9, 0, GYM_TRIAL_OK);
  tell (&b, 2, 2, 8, 0, GYM_TRIAL_OK);
  tell (&b, 3, 3, 7, 0, GYM_TRIAL_OK);
  tell (&b, 9, 9, 9, 0, GYM_TRIAL_OK); /* the failed one goes for it */
  CU_ASSERT_TRUE (holds (&b, 4, second));
  tell (&b, 10, 10, 10, 0, GYM_TRIAL_OK); /* behind all */
  CU_ASSERT_TRUE (holds (&b, 4, second));
  stop (&b);
}

/* Of a front that is too large those of the highest score stay. */
static void
test_cut (void)
{
  static const double best[] = { 8, 7, 6, 5 };
  struct bench b;
  start (&b, 4, 4);
  for (int k = 1; k <= 8; k++)
    tell (&b, k, k, -k, 0, GYM_TRIAL_OK);
  CU_ASSERT_EQUAL (b.last_keep, 4);
  CU_ASSERT_TRUE (holds (&b, 4, best));
  stop (&b);
}

/* Repaired designs may come back. They take one place. */
static void
test_once (void)
{
  struct bench b;
  start (&b, 4, 1);
  for (int k = 0; k < 20; k++)
    tell (&b, 5, 1, 1, 0, GYM_TRIAL_OK);
  CU_ASSERT_EQUAL (b.moea.count, 1);
  tell (&b, 6, 1, 1, 0, GYM_TRIAL_OK);
  CU_ASSERT_EQUAL (b.moea.count, 2);
  stop (&b);
}

/* Infinite objectives are as large as numbers get. */
static void
test_bounded (void)
{
  struct bench b;
  start (&b, 4, 1);
  tell (&b, 1, INFINITY, -INFINITY, 0, GYM_TRIAL_OK);
  tell (&b, 2, NAN, 0, 0, GYM_TRIAL_OK);
  for (int k = 0; k < 2; k++)
    CU_ASSERT (isfinite (b.moea.objectives[2 * k])
               && isfinite (b.moea.objectives[2 * k + 1]));
  stop (&b);
}

/* A population of random designs first, then children of those told. */
static void
test_asks (void)
{
  double rows[100];
  bool met[1001] = { false };
  int near = 0;
  struct bench b;
  start (&b, 16, 1);
  struct gym_asks asks = { .struct_size = sizeof asks, .n = 16, .designs = rows };
  CU_ASSERT_EQUAL (moea_ask (&b.moea, &asks, NULL), 16);
  for (int k = 0; k < 16; k++) {
    tell (&b, 500 + k, 1, 1, 0, GYM_TRIAL_OK);
    met[(int)rows[k]] = met[500 + k] = true;
  }
  asks.n = 60;
  CU_ASSERT_EQUAL (moea_ask (&b.moea, &asks, NULL), 60);
  for (int k = 0; k < 60; k++) {
    CU_ASSERT_FALSE (met[(int)rows[k]]);
    met[(int)rows[k]] = true;
    near += fabs (rows[k] - 508) < 50;
  }
  CU_ASSERT (near > 30);
  stop (&b);
}

/* Half of the population is in the first front, half in the second: three children of
 * four come from the first. */
static void
test_tournament (void)
{
  double rows[80];
  int good = 0, bad = 0;
  struct bench b;
  start (&b, 16, 1);
  struct gym_asks asks = { .struct_size = sizeof asks, .n = 16, .designs = rows };
  CU_ASSERT_EQUAL (moea_ask (&b.moea, &asks, NULL), 16);
  for (int k = 0; k < 16; k++)
    tell (&b, k < 8 ? 200 + k : 800 + k, k < 8 ? 1 : 2, k < 8 ? 1 : 2, 0, GYM_TRIAL_OK);
  asks.n = 80;
  CU_ASSERT_EQUAL (moea_ask (&b.moea, &asks, NULL), 80);
  for (int k = 0; k < 80; k++) {
    good += fabs (rows[k] - 204) < 100;
    bad += fabs (rows[k] - 812) < 100;
  }
  CU_ASSERT (good > 3 * bad / 2);
  CU_ASSERT (bad > 0);
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "order", test_order },
                                           { "the cut", test_cut },
                                           { "nobody twice", test_once },
                                           { "bounded", test_bounded },
                                           { "asks", test_asks },
                                           { "tournament", test_tournament },
                                           { 0 } };
  return tap_run ("moea", tests);
}
