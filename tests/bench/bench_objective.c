/* What it costs to turn a row of metrics into goals and violations. */
#include "tests/bench/bench.h"
#include <gym/objective.h>

#include <stdlib.h>

static const struct gym_metric items[] = {
  { .name = "energy", .unit = "nJ", .sense = GYM_MINIMISE },
  { .name = "latency", .unit = "ns", .sense = GYM_MINIMISE },
  { .name = "power", .unit = "mW", .sense = GYM_MINIMISE },
  { .name = "bandwidth", .unit = "MB/s", .sense = GYM_MAXIMISE },
};
static const struct gym_metrics metrics = GYM_ARRAY (gym_metrics, items);

/* Nanoseconds a row, the best of five. */
static double
per_row (const char *text)
{
  enum { ROWS = 1000000 };
  double best = 1e9, row[4] = { 100, 200, 900, 50 }, goals[4], violations[4];
  gym_objective *o = gym_objective_parse (text, &metrics, NULL);
  for (int round = 0; o && round < 5; round++) {
    double from = bench_cpu ();
    for (int i = 0; i < ROWS; i++) {
      row[0] = 100 + i;
      if (gym_objective_evaluate (o, row, goals, violations, NULL) < 0)
        exit (1);
    }
    double ns = (bench_cpu () - from) / ROWS * 1e9;
    best = ns < best ? ns : best;
  }
  gym_objective_destroy (&o);
  return best;
}

int
main (void)
{
  bench_at_most ("objective, a metric", per_row ("energy"), 100, "ns CPU/row");
  bench_at_most ("objective, a metric, a constraint", per_row ("energy; latency<=0.1us"),
                 100, "ns CPU/row");
  bench_at_most ("objective, product of targets",
                 per_row ("product(target(power,1W), target(energy,1uJ))"), 200,
                 "ns CPU/row");
  return 0;
}
