/* toy.c - environments for the tests of everything else, cheap and fully understood.
 *
 *   toy-v1       deterministic; a parameter of every kind, conditionals two deep, three
 *                fidelities, a rule with an optional repair, an option of every type
 *   noisy-v1     depends on the evaluation seed; a measured and a sealed metric
 *   trivial-v1   12 parameters, 4 metrics, next to no work: what is left is overhead
 *   faulty-v1    goes wrong on request, at given designs or at a share of them
 *   needy-v1     cannot be opened without its required option
 *
 * The landscapes are made up here and stand for nothing. */
#define _POSIX_C_SOURCE 200809L
#include <gym/plugin.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A number in [0,1) that depends on the bits of `value` and on `salt` alone. */
static double
scatter (double value, uint64_t salt)
{
  uint64_t bits;
  uint32_t out[4];
  memcpy (&bits, &value, sizeof bits);
  gym_philox (0x746f79, bits, salt, out);
  return out[0] * 0x1p-32;
}

/* ---- toy-v1 ---------------------------------------------------------------------- */

enum { TOPOLOGY, PORTS, ROWS, LANES, CLOCK, THRESHOLD, ROUTING, WINDOW, TOY_PARAMS };
enum { MESH, RING, CROSSBAR };
enum { DELAY, ENERGY, THROUGHPUT, UTILISATION, TOY_METRICS };
enum { COARSE, MEDIUM, FULL };
enum { SMOOTH, RUGGED };

struct toy {
  bool repair;
  int32_t surface;
  int64_t limit;
  double scale;
  const char *tag;
  const char *weights;
  double weight;
};

static const char *const surfaces[] = { "smooth", "rugged", NULL };

static const struct gym_option toy_options[] = {
  { .name = "repair",
    .doc = "Shrink designs that break the size rule instead of refusing them.",
    .type = GYM_OPTION_BOOL,
    .flags = GYM_OPTION_FIXED,
    .offset = offsetof (struct toy, repair),
    .initial = "true" },
  { .name = "limit",
    .doc = "Largest rows times lanes.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct toy, limit),
    .low = 4,
    .high = 1024,
    .initial = "512" },
  { .name = "scale",
    .doc = "Factor on the energy.",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct toy, scale),
    .low = 1e-3,
    .high = 1e3,
    .initial = "1" },
  { .name = "surface",
    .doc = "Whether neighbouring designs behave alike.",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct toy, surface),
    .choices = surfaces,
    .initial = "smooth" },
  { .name = "tag",
    .doc = "A text that changes nothing but the identity.",
    .type = GYM_OPTION_TEXT,
    .flags = GYM_OPTION_FIXED,
    .offset = offsetof (struct toy, tag) },
  { .name = "weights",
    .doc = "A file whose first number is a factor on the delay.",
    .type = GYM_OPTION_FILE,
    .flags = GYM_OPTION_FIXED,
    .offset = offsetof (struct toy, weights) },
};

static const char *const topologies[] = { "mesh", "ring", "crossbar" };
static const char *const port_counts[] = { "1", "2", "4", "8" };
static const char *const routings[] = { "fixed", "adaptive" };
static const char *const when_routed[] = { "mesh", "ring", NULL };
static const char *const when_adaptive[] = { "adaptive", NULL };

static const struct gym_param toy_params[TOY_PARAMS] = {
  [TOPOLOGY] = { .name = "topology",
                 .doc = "How the nodes are wired.",
                 .kind = GYM_CATEGORICAL,
                 .levels = topologies,
                 .n_levels = 3,
                 .group = "network" },
  [PORTS] = { .name = "ports",
              .doc = "Ports of a node.",
              .kind = GYM_ORDINAL,
              .levels = port_counts,
              .n_levels = 4,
              .initial = 1 },
  [ROWS] = { .name = "rows",
             .doc = "Rows of nodes.",
             .kind = GYM_INTEGER,
             .low = 1,
             .high = 16,
             .initial = 4 },
  [LANES] = { .name = "lanes",
              .doc = "Lanes of a node.",
              .kind = GYM_INTEGER,
              .low = 4,
              .high = 64,
              .step = 4,
              .initial = 16 },
  [CLOCK] = { .name = "clock",
              .unit = "GHz",
              .doc = "Clock frequency.",
              .kind = GYM_REAL,
              .low = 0.5,
              .high = 2,
              .initial = 1 },
  [THRESHOLD] = { .name = "threshold",
                  .unit = "us",
                  .doc = "Idle time before a node sleeps.",
                  .kind = GYM_REAL,
                  .flags = GYM_PARAM_LOG,
                  .low = 0.001,
                  .high = 10,
                  .initial = 0.1 },
  [ROUTING] = { .name = "routing",
                .doc = "How a path is chosen, where there is more than one.",
                .kind = GYM_CATEGORICAL,
                .levels = routings,
                .n_levels = 2,
                .parent = "topology",
                .when = when_routed,
                .group = "network" },
  [WINDOW] = { .name = "window",
               .doc = "Packets a router looks back on.",
               .kind = GYM_INTEGER,
               .flags = GYM_PARAM_LOG,
               .low = 1,
               .high = 64,
               .initial = 8,
               .parent = "routing",
               .when = when_adaptive,
               .group = "network" },
};

static const struct gym_metric toy_metrics[TOY_METRICS] = {
  [DELAY] = { .name = "delay",
              .unit = "ns",
              .doc = "Mean time of a packet.",
              .sense = GYM_MINIMISE },
  [ENERGY] = { .name = "energy",
               .unit = "nJ",
               .doc = "Energy of a packet.",
               .sense = GYM_MINIMISE },
  [THROUGHPUT] = { .name = "throughput",
                   .unit = "GB/s",
                   .doc = "Data moved a second.",
                   .sense = GYM_MAXIMISE },
  [UTILISATION] = { .name = "utilisation",
                    .unit = "1",
                    .doc = "Share of the time a port is busy.",
                    .sense = GYM_NEUTRAL },
};

static const uint8_t coarse_yields[TOY_METRICS] = { [DELAY] = 1, [ENERGY] = 1 };
static const uint8_t medium_yields[TOY_METRICS] = {
  [DELAY] = 1, [ENERGY] = 1, [THROUGHPUT] = 1
};

static const struct gym_fidelity toy_fidelities[] = {
  [COARSE] = { .name = "coarse",
               .doc = "A bound from the sizes alone.",
               .cost = 1.0 / 16,
               .yields = coarse_yields },
  [MEDIUM] = { .name = "medium",
               .doc = "Off by some.",
               .cost = 0.25,
               .yields = medium_yields },
  [FULL] = { .name = "full", .doc = "The whole model.", .cost = 1 },
};

static int
toy_open (void *self, const struct gym_host *host, gym_error *err)
{
  struct toy *toy = self;
  FILE *file;
  (void)host;
  toy->weight = 1;
  if (!toy->weights)
    return GYM_OK;
  file = fopen (toy->weights, "r");
  if (!file)
    return gym_fail (err, GYM_EIO, "%s: cannot be read", toy->weights);
  int found = fscanf (file, "%lf", &toy->weight);
  fclose (file);
  if (found != 1 || !isfinite (toy->weight))
    return gym_fail (err, GYM_EINVAL, "%s: expected a number", toy->weights);
  return GYM_OK;
}

static void
nothing_to_close (void *self)
{
  (void)self;
}

static int
toy_space (void *self, struct gym_params *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_params)GYM_ARRAY (gym_params, toy_params);
  return GYM_OK;
}

static int
toy_describe (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, toy_metrics);
  return GYM_OK;
}

static int
toy_list_fidelities (void *self, struct gym_fidelities *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_fidelities)GYM_ARRAY (gym_fidelities, toy_fidelities);
  return GYM_OK;
}

static bool
toy_valid (void *self, const double *row)
{
  const struct toy *toy = self;
  return row[ROWS] * row[LANES] <= (double)toy->limit;
}

static void
toy_repair (void *self, double *row)
{
  const struct toy *toy = self;
  while (toy->repair && !toy_valid (self, row) && row[ROWS] > 1)
    row[ROWS] -= 1;
  while (toy->repair && !toy_valid (self, row) && row[LANES] > 4)
    row[LANES] -= 4;
}

static const void *
toy_extension (const char *name)
{
  static const struct gym_constraint_1 constraint = { .struct_size = sizeof constraint,
                                                      .valid = toy_valid,
                                                      .repair = toy_repair };
  return strcmp (name, "constraint/1") == 0 ? &constraint : NULL;
}

/* Hops between two nodes, the only thing in which conditional parameters matter. No
 * function of libm but sqrt here and below: every machine gets the same bits. */
static double
toy_hops (const double *row)
{
  double nodes = row[ROWS] * 4, hops = 1;
  if (row[TOPOLOGY] == MESH)
    hops = sqrt (nodes);
  else if (row[TOPOLOGY] == RING)
    hops = nodes / 4;
  if (isnan (row[WINDOW]))
    return hops;
  double miss = (row[WINDOW] - 16) / (row[WINDOW] + 16);
  return hops * (0.7 + miss * miss / 2);
}

static double
toy_ripple (const double *row, uint64_t salt)
{
  double sum = 0;
  for (unsigned i = 0; i < TOY_PARAMS; i++)
    sum += isnan (row[i]) ? 0 : scatter (row[i], salt * TOY_PARAMS + i) - 0.5;
  return sum / TOY_PARAMS;
}

static void
toy_one (const struct toy *toy, const double *row, uint32_t fidelity, double *metrics)
{
  static const double bias[] = { [COARSE] = 0.5, [MEDIUM] = 0.1, [FULL] = 0 };
  double ports = ldexp (1, (int)row[PORTS]), work = 4096 / (row[ROWS] * row[LANES]);
  double hops = toy_hops (row), sleep = (row[THRESHOLD] - 0.2) / (row[THRESHOLD] + 0.2);
  double delay = (hops / ports + work) / row[CLOCK] + 2 / (1 + row[THRESHOLD]);
  double energy =
      row[ROWS] * row[LANES] / 64 * row[CLOCK] * row[CLOCK] * (1 + sleep * sleep)
      + ports * (row[TOPOLOGY] == CROSSBAR ? 4 : 1) / 2;
  double off = bias[fidelity] * toy_ripple (row, 2);
  if (toy->surface == RUGGED)
    off += toy_ripple (row, 1);
  metrics[DELAY] = toy->weight * delay * (1 + off);
  metrics[ENERGY] = toy->scale * energy * (1 + off);
  if (fidelity != COARSE)
    metrics[THROUGHPUT] = row[LANES] * row[CLOCK] * ports / (hops + work) * (1 - off);
  if (fidelity == FULL)
    metrics[UTILISATION] = hops / (hops + work);
}

static int
toy_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  const struct toy *toy = self;
  (void)err;
  for (size_t i = 0; i < batch->n; i++) {
    const double *row = batch->designs + i * batch->n_params;
    if (toy_valid (self, row))
      toy_one (toy, row, batch->fidelities[i], batch->metrics + i * batch->n_metrics);
    else
      batch->statuses[i] = GYM_TRIAL_INFEASIBLE;
  }
  return GYM_OK;
}

static const struct gym_env_class toy_class = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "toy-v1",
  .summary = "A made-up network on chip, for tests",
  .doc = "Parameters of every kind, conditionals two deep, three fidelities and a size "
         "rule.",
  .source = "made up for the tests of archgym",
  .options = GYM_ARRAY (gym_options, toy_options),
  .place = { .space = "a network on chip", .cost = "formula" },
  .instance_size = sizeof (struct toy),
  .open = toy_open,
  .close = nothing_to_close,
  .space = toy_space,
  .metrics = toy_describe,
  .fidelities = toy_list_fidelities,
  .evaluate = toy_evaluate,
  .extension = toy_extension,
};

/* ---- noisy-v1 -------------------------------------------------------------------- */

enum { LOSS, ELAPSED, HELD_OUT, NOISY_METRICS };

struct noisy {
  double noise;
};

static const struct gym_option noisy_options[] = {
  { .name = "noise",
    .doc = "Standard deviation of the loss.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct noisy, noise),
    .low = 0,
    .high = 10,
    .initial = "0.1" },
};

static const char *const widths[] = { "narrow", "middle", "wide" };

static const struct gym_param noisy_params[] = {
  { .name = "rate",
    .doc = "Learning rate.",
    .kind = GYM_REAL,
    .flags = GYM_PARAM_LOG,
    .low = 1e-5,
    .high = 1,
    .initial = 1e-3 },
  { .name = "momentum",
    .doc = "Momentum.",
    .kind = GYM_REAL,
    .low = 0,
    .high = 1,
    .initial = 0.5 },
  { .name = "width",
    .doc = "Width of the layers.",
    .kind = GYM_ORDINAL,
    .levels = widths,
    .n_levels = 3 },
};

static const struct gym_metric noisy_metrics[NOISY_METRICS] = {
  [LOSS] = { .name = "loss",
             .unit = "1",
             .doc = "Validation loss, with noise.",
             .sense = GYM_MINIMISE },
  [ELAPSED] = { .name = "elapsed",
                .unit = "s",
                .doc = "Time the evaluation took.",
                .sense = GYM_MINIMISE,
                .flags = GYM_METRIC_MEASURED },
  [HELD_OUT] = { .name = "held_out",
                 .unit = "1",
                 .doc = "Loss without the noise, kept for the final report.",
                 .sense = GYM_MINIMISE,
                 .flags = GYM_METRIC_SEALED },
};

static int
open_nothing (void *self, const struct gym_host *host, gym_error *err)
{
  (void)self;
  (void)host;
  (void)err;
  return GYM_OK;
}

static int
noisy_space (void *self, struct gym_params *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_params)GYM_ARRAY (gym_params, noisy_params);
  return GYM_OK;
}

static int
noisy_describe (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, noisy_metrics);
  return GYM_OK;
}

static double
seconds_now (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int
noisy_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  const struct noisy *noisy = self;
  (void)err;
  for (size_t i = 0; i < batch->n; i++) {
    const double *row = batch->designs + i * batch->n_params;
    double *metrics = batch->metrics + i * batch->n_metrics, start = seconds_now ();
    double rate = log10 (row[0]) + 2.5, momentum = row[1] - 0.9;
    gym_rng rng;
    gym_rng_init (&rng, batch->seeds[i]);
    double held_out = rate * rate / 4 + momentum * momentum + 0.1 * (2 - row[2]);
    if (gym_batch_sealed (batch))
      metrics[HELD_OUT] = held_out;
    metrics[LOSS] = held_out + noisy->noise * gym_rng_normal (&rng);
    metrics[ELAPSED] = seconds_now () - start;
  }
  return GYM_OK;
}

static const struct gym_env_class noisy_class = {
  .struct_size = sizeof (struct gym_env_class),
  .flags = GYM_ENV_NOISY,
  .id = "noisy-v1",
  .summary = "A made-up training run whose result depends on the seed, for tests",
  .doc = "A bowl with normal noise, a measured time and a sealed metric.",
  .source = "made up for the tests of archgym",
  .options = GYM_ARRAY (gym_options, noisy_options),
  .instance_size = sizeof (struct noisy),
  .open = open_nothing,
  .close = nothing_to_close,
  .space = noisy_space,
  .metrics = noisy_describe,
  .evaluate = noisy_evaluate,
};

/* ---- trivial-v1 ------------------------------------------------------------------ */

struct trivial {
  char unused;
};

static const char *const eight[] = { "1", "2", "4", "8", "16", "32", "64", "128" };
static const char *const colours[] = { "red", "green", "blue", "white" };

#define TRIVIAL_ORDINAL(label)                                                           \
  {                                                                                      \
    .name = label, .doc = "A power of two.", .kind = GYM_ORDINAL, .levels = eight,       \
    .n_levels = 8                                                                        \
  }
#define TRIVIAL_CATEGORICAL(label)                                                       \
  {                                                                                      \
    .name = label, .doc = "A colour.", .kind = GYM_CATEGORICAL, .levels = colours,       \
    .n_levels = 4                                                                        \
  }
#define TRIVIAL_INTEGER(label)                                                           \
  {                                                                                      \
    .name = label, .doc = "A count.", .kind = GYM_INTEGER, .low = 0, .high = 15,         \
    .initial = 7                                                                         \
  }

static const struct gym_param trivial_params[] = {
  TRIVIAL_ORDINAL ("ordinal_a"),    TRIVIAL_ORDINAL ("ordinal_b"),
  TRIVIAL_ORDINAL ("ordinal_c"),    TRIVIAL_ORDINAL ("ordinal_d"),
  TRIVIAL_CATEGORICAL ("colour_a"), TRIVIAL_CATEGORICAL ("colour_b"),
  TRIVIAL_CATEGORICAL ("colour_c"), TRIVIAL_CATEGORICAL ("colour_d"),
  TRIVIAL_INTEGER ("count_a"),      TRIVIAL_INTEGER ("count_b"),
  TRIVIAL_INTEGER ("count_c"),      TRIVIAL_INTEGER ("count_d"),
};

enum { TOTAL, SQUARES, DISTANCE, LARGEST, TRIVIAL_METRICS };

static const struct gym_metric trivial_metrics[TRIVIAL_METRICS] = {
  [TOTAL] = { .name = "total", .unit = "1", .doc = "Sum.", .sense = GYM_MINIMISE },
  [SQUARES] = { .name = "squares",
                .unit = "1",
                .doc = "Sum of squares.",
                .sense = GYM_MINIMISE },
  [DISTANCE] = { .name = "distance",
                 .unit = "1",
                 .doc = "Squared distance to a hidden design.",
                 .sense = GYM_MINIMISE },
  [LARGEST] = { .name = "largest",
                .unit = "1",
                .doc = "Largest value.",
                .sense = GYM_MAXIMISE },
};

static int
trivial_space (void *self, struct gym_params *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_params)GYM_ARRAY (gym_params, trivial_params);
  return GYM_OK;
}

static int
trivial_describe (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, trivial_metrics);
  return GYM_OK;
}

static int
trivial_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  static const double hidden[] = { 3, 1, 4, 1, 3, 2, 2, 1, 5, 3, 5, 8 };
  (void)self;
  (void)err;
  for (size_t i = 0; i < batch->n; i++) {
    const double *row = batch->designs + i * batch->n_params;
    double *metrics = batch->metrics + i * batch->n_metrics;
    double total = 0, squares = 0, distance = 0, largest = 0;
    for (uint32_t j = 0; j < batch->n_params; j++) {
      double away = row[j] - hidden[j];
      total += row[j];
      squares += row[j] * row[j];
      distance += away * away;
      largest = row[j] > largest ? row[j] : largest;
    }
    metrics[TOTAL] = total;
    metrics[SQUARES] = squares;
    metrics[DISTANCE] = distance;
    metrics[LARGEST] = largest;
  }
  return GYM_OK;
}

static const struct gym_env_class trivial_class = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "trivial-v1",
  .summary = "Twelve parameters and next to no work, for tests and benchmarks",
  .doc = "Sums over the design; `distance` has one optimum, 0.",
  .source = "made up for the tests of archgym",
  .instance_size = sizeof (struct trivial),
  .open = open_nothing,
  .close = nothing_to_close,
  .space = trivial_space,
  .metrics = trivial_describe,
  .evaluate = trivial_evaluate,
};

/* ---- faulty-v1 ------------------------------------------------------------------- */

enum {
  NONE,
  FAIL,
  NOT_A_NUMBER,
  INFINITE,
  INFEASIBLE,
  ERROR,
  SLEEP,
  CRASH,
  MIXED,
  HANG,
  SAY
};

static const char *const faults[] = { "none",       "fail",  "nan",   "infinity",
                                      "infeasible", "error", "sleep", "crash",
                                      "mixed",      "hang",  "say",   NULL };

struct faulty {
  int32_t fault;
  double share;
  double seconds;
  const char *at;
  const struct gym_host *host;
};

static const struct gym_option faulty_options[] = {
  { .name = "fault",
    .doc =
        "What happens: fail, nan and infinity spoil the trial, infeasible refuses the "
        "design, error fails the whole call, sleep takes `seconds`, hang does so and "
        "does not listen, crash aborts the process, say tells the log, mixed is one of "
        "the first four by design.",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct faulty, fault),
    .choices = faults,
    .initial = "none" },
  { .name = "share",
    .doc = "Share of the points that are struck, chosen by their number alone.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct faulty, share),
    .low = 0,
    .high = 1,
    .initial = "0" },
  { .name = "at",
    .doc = "Points that are struck, as 3,17,200.",
    .type = GYM_OPTION_TEXT,
    .offset = offsetof (struct faulty, at),
    .initial = "" },
  { .name = "seconds",
    .unit = "s",
    .doc = "How long a sleep takes.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct faulty, seconds),
    .low = 0,
    .high = 1e6,
    .initial = "1" },
};

static const char *const sides[] = { "left", "right" };

static const struct gym_param faulty_params[] = {
  { .name = "point",
    .doc = "The number by which designs are struck.",
    .kind = GYM_INTEGER,
    .low = 0,
    .high = 999,
    .initial = 0 },
  { .name = "side",
    .doc = "Changes the result, not the fault.",
    .kind = GYM_CATEGORICAL,
    .levels = sides,
    .n_levels = 2 },
};

static const struct gym_metric faulty_metrics[] = {
  { .name = "height", .unit = "m", .doc = "Of the point.", .sense = GYM_MINIMISE },
  { .name = "weight", .unit = "g", .doc = "Of the point.", .sense = GYM_MINIMISE },
};

static int
faulty_open (void *self, const struct gym_host *host, gym_error *err)
{
  struct faulty *faulty = self;
  const char *p = faulty->at;
  faulty->host = host;
  while (*p) {
    char *end;
    strtol (p, &end, 10);
    if (end == p || (*end && *end != ','))
      return gym_fail (err, GYM_EINVAL, "option \"at\": expected 3,17,200, found \"%s\"",
                       faulty->at);
    p = *end ? end + 1 : end;
  }
  return GYM_OK;
}

static int
faulty_space (void *self, struct gym_params *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_params)GYM_ARRAY (gym_params, faulty_params);
  return GYM_OK;
}

static int
faulty_describe (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, faulty_metrics);
  return GYM_OK;
}

static bool
faulty_strikes (const struct faulty *faulty, double point)
{
  const char *p = faulty->at;
  if (scatter (point, 1) < faulty->share)
    return true;
  while (*p) {
    char *end;
    if ((double)strtol (p, &end, 10) == point)
      return true;
    p = *end ? end + 1 : end;
  }
  return false;
}

/* Sleeps in slices so that a cancelled study need not wait for the end of it; one that
 * hangs does not look. */
static int
faulty_sleep (const struct faulty *faulty, bool deaf, gym_error *err)
{
  double until = seconds_now () + faulty->seconds;
  struct timespec slice = { .tv_nsec = 2000000 };
  while (seconds_now () < until) {
    if (!deaf && faulty->host->cancelled (faulty->host))
      return gym_fail (err, GYM_ECANCELLED, "cancelled");
    nanosleep (&slice, NULL);
  }
  return GYM_OK;
}

/* Spoils a row that has its metrics; a negative value fails the whole call. */
static int
faulty_strike (const struct faulty *faulty, int fault, struct gym_batch *batch, size_t i,
               gym_error *err)
{
  double *metrics = batch->metrics + i * batch->n_metrics;
  switch (fault) {
  case FAIL:
    batch->statuses[i] = GYM_TRIAL_FAILED;
    snprintf (batch->notes + i * batch->note_size, batch->note_size, "struck on request");
    return GYM_OK;
  case NOT_A_NUMBER:
    metrics[1] = NAN;
    return GYM_OK;
  case INFINITE:
    metrics[1] = INFINITY;
    return GYM_OK;
  case INFEASIBLE:
    batch->statuses[i] = GYM_TRIAL_INFEASIBLE;
    return GYM_OK;
  case ERROR:
    return gym_fail (err, GYM_EFAILED, "struck on request");
  case SLEEP:
  case HANG:
    return faulty_sleep (faulty, fault == HANG, err);
  case CRASH:
    abort ();
  case SAY:
    faulty->host->log (faulty->host, "at point %g", batch->designs[i * batch->n_params]);
    return GYM_OK;
  default:
    return GYM_OK;
  }
}

static int
faulty_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  const struct faulty *faulty = self;
  for (size_t i = 0; i < batch->n; i++) {
    const double *row = batch->designs + i * batch->n_params;
    double *metrics = batch->metrics + i * batch->n_metrics;
    int fault = faulty->fault, code;
    metrics[0] = 1 + fabs (row[0] - 617) / 100 + row[1] / 8;
    metrics[1] = 1 + scatter (row[0], 2) + row[1];
    if (!faulty_strikes (faulty, row[0]))
      continue;
    if (fault == MIXED)
      fault = FAIL + (int)(4 * scatter (row[0], 3));
    code = faulty_strike (faulty, fault, batch, i, err);
    if (code < 0)
      return code;
  }
  return GYM_OK;
}

static const struct gym_env_class faulty_class = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "faulty-v1",
  .summary = "Goes wrong on request, for tests",
  .doc = "A line of 1,000 points; the options say which of them go wrong and how.",
  .source = "made up for the tests of archgym",
  .options = GYM_ARRAY (gym_options, faulty_options),
  .instance_size = sizeof (struct faulty),
  .open = faulty_open,
  .close = nothing_to_close,
  .space = faulty_space,
  .metrics = faulty_describe,
  .evaluate = faulty_evaluate,
};

/* ---- needy-v1 -------------------------------------------------------------------- */

struct needy {
  int64_t factor;
};

static const struct gym_option needy_options[] = {
  { .name = "factor",
    .doc = "Factor on the height; there is no sensible default.",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_REQUIRED,
    .offset = offsetof (struct needy, factor),
    .low = 1,
    .high = 100 },
};

static int
needy_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  const struct needy *needy = self;
  (void)err;
  for (size_t i = 0; i < batch->n; i++) {
    const double *row = batch->designs + i * batch->n_params;
    double *metrics = batch->metrics + i * batch->n_metrics;
    metrics[0] = (double)needy->factor * (1 + row[0]);
    metrics[1] = 1 + row[1];
  }
  return GYM_OK;
}

static const struct gym_env_class needy_class = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "needy-v1",
  .summary = "Wants an option, for tests",
  .doc = "A slope whose steepness the user must give.",
  .source = "made up for the tests of archgym",
  .options = GYM_ARRAY (gym_options, needy_options),
  .instance_size = sizeof (struct needy),
  .open = open_nothing,
  .close = nothing_to_close,
  .space = faulty_space,
  .metrics = faulty_describe,
  .evaluate = needy_evaluate,
};

static const struct gym_env_class *const classes[] = { &toy_class,     &noisy_class,
                                                       &trivial_class, &faulty_class,
                                                       &needy_class,   NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "toy",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "Made-up environments for tests.",
  .envs = classes,
};
