/* tests/core/proxy_help.h - a proxy class that predicts the mean of each target plus
 * `shift`, and breaks its contract on request. */
#ifndef TESTS_CORE_PROXY_HELP_H
#define TESTS_CORE_PROXY_HELP_H

#include "tests/core/help.h"

#include <math.h>

#pragma GCC diagnostic ignored "-Wunused-function"

enum average_fault {
  AVERAGE_GOOD,
  AVERAGE_NAN,
  AVERAGE_SPREAD,
  AVERAGE_FIT,
  AVERAGE_OPEN
};

struct average {
  double shift;
  int32_t fault;
  uint32_t n;
  uint64_t seed;
  double *mean;
};

static const char *const average_faults[] = {
  "none", "nan", "spread", "fit", "open", NULL
};

static const struct gym_option average_options[] = {
  { .name = "shift",
    .doc = "Added to every mean.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct average, shift),
    .low = -10,
    .high = 10,
    .initial = "0" },
  { .name = "fault",
    .doc = "What goes wrong.",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct average, fault),
    .choices = average_faults,
    .initial = "none" }
};

static int
average_open (void *self, const struct gym_host *host, const struct gym_space *space,
              uint32_t n, uint64_t seed, gym_error *err)
{
  struct average *a = self;
  a->n = n;
  a->seed = seed;
  a->mean = calloc (n, sizeof *a->mean);
  if (a->fault == AVERAGE_OPEN)
    return gym_fail (err, GYM_EINVAL, "no luck with %u parameters",
                     host->space_size (space));
  return a->mean ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory");
}

static void
average_close (void *self)
{
  struct average *a = self;
  free (a->mean);
}

static int
average_fit (void *self, const struct gym_rows *rows, gym_error *err)
{
  struct average *a = self;
  if (a->fault == AVERAGE_FIT)
    return gym_fail (err, GYM_EFAILED, "nothing to be learnt");
  for (uint32_t j = 0; j < a->n; j++) {
    a->mean[j] = 0;
    for (size_t i = 0; i < rows->n; i++)
      a->mean[j] += rows->targets[i * a->n + j] / (double)rows->n;
  }
  return GYM_OK;
}

static int
average_predict (void *self, size_t n, const double *designs, double *mean,
                 double *spread, gym_error *err)
{
  struct average *a = self;
  (void)designs;
  (void)err;
  for (size_t i = 0; i < n * a->n; i++) {
    mean[i] = a->fault == AVERAGE_NAN ? NAN : a->mean[i % a->n] + a->shift;
    if (spread)
      spread[i] = a->fault == AVERAGE_SPREAD ? -1 : 0.5;
  }
  return GYM_OK;
}

static int
average_save (void *self, int (*put) (void *sink, const void *bytes, size_t n),
              void *sink, gym_error *err)
{
  struct average *a = self;
  int rc = put (sink, a->mean, a->n * sizeof *a->mean);
  return rc < 0 ? gym_fail (err, rc, "cannot be written") : GYM_OK;
}

static int
average_load (void *self, const void *bytes, size_t n, gym_error *err)
{
  struct average *a = self;
  if (n != a->n * sizeof *a->mean)
    return gym_fail (err, GYM_EINVAL, "%zu bytes", n);
  memcpy (a->mean, bytes, n);
  return GYM_OK;
}

static const struct gym_proxy_class average_class = {
  .struct_size = sizeof (struct gym_proxy_class),
  .id = "average-v1",
  .summary = "The mean",
  .doc = "Predicts the mean of what it saw.",
  .source = "none",
  .options = GYM_ARRAY (gym_options, average_options),
  .instance_size = sizeof (struct average),
  .open = average_open,
  .close = average_close,
  .fit = average_fit,
  .predict = average_predict,
  .save = average_save,
  .load = average_load,
};

/* Told the mean of all hints, it predicts that much more. */
static int
average_pretrain (void *self, const struct gym_rows *rows, gym_error *err)
{
  struct average *a = self;
  size_t n = rows->n * rows->n_targets;
  if (a->fault == AVERAGE_FIT)
    return gym_fail (err, GYM_EFAILED, "nothing to be learnt");
  for (size_t i = 0; i < n; i++)
    a->shift += rows->targets[i] / (double)n;
  return GYM_OK;
}

/* The same that cannot be saved, and one that can be pretrained. */
static struct gym_proxy_class forgetful_class, eager_class;

static const struct gym_metric average_targets[] = {
  { .name = "time", .unit = "ns", .doc = "How long.", .sense = GYM_MINIMISE },
  { .name = "share", .sense = GYM_NEUTRAL, .flags = GYM_METRIC_MEASURED }
};

static const struct gym_metrics average_metrics =
    GYM_ARRAY (gym_metrics, average_targets);

static gym_registry *
average_registry (void)
{
  static const struct gym_proxy_class *proxies[4];
  static struct gym_plugin plugin = { GYM_PLUGIN_ABI, .name = "average", .version = "1",
                                      .licence = "MIT", .proxies = proxies };
  gym_error err = { 0 };
  forgetful_class = average_class;
  forgetful_class.id = "forgetful-v1";
  forgetful_class.save = NULL;
  proxies[0] = &average_class;
  eager_class = average_class;
  eager_class.id = "eager-v1";
  eager_class.pretrain = average_pretrain;
  proxies[1] = &forgetful_class;
  proxies[2] = &eager_class;
  gym_registry *r = gym_registry_new (&err);
  CU_ASSERT_EQUAL (gym_registry_add (r, &plugin, "test", &err), GYM_OK);
  return r;
}

#define AVERAGE_SPACE                                                                    \
  "[{\"name\": \"kind\", \"kind\": \"categorical\", \"levels\": [\"a\", \"b\"], "        \
  "\"default\": \"b\"}, {\"name\": \"n\", \"kind\": \"integer\", \"low\": 0, "           \
  "\"high\": 1e15, \"step\": 1, \"default\": 2, \"parent\": \"kind\", \"when\": "        \
  "[\"a\"]}]"

static gym_space *
average_space (const char *text)
{
  gym_error err = { 0 };
  gym_space *space = gym_space_from_json (text, &err);
  if (!space)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  return space;
}

static gym_proxy *
average_proxy (const gym_registry *r, const char *id, const char *const *texts)
{
  gym_error err = { 0 };
  gym_space *space = average_space (AVERAGE_SPACE);
  gym_settings *s = help_settings (texts);
  gym_proxy *p = gym_proxy_open (r, id, s, space, &average_metrics, 7, &err);
  if (!p)
    tap_note ("%s", err.text);
  gym_settings_destroy (&s);
  gym_space_destroy (&space);
  return p;
}

static const double average_designs[] = { 0, 4, 1, NAN },
                    average_values[] = { 1, 2, 4, 8 };

#endif
