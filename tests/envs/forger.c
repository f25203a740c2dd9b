/* forger.c - a proxy model that breaks the contract, one rule at a time; option `lie`
 * says which. Nearest neighbours otherwise. It shows that `gym check` sees what it looks
 * for. */
#define _POSIX_C_SOURCE 200809L
#include <gym/plugin.h>

#include <fcntl.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a plugin must not have: something that lives longer than an instance. */
static atomic_uint counter;

enum {
  HONEST,
  IGNORANT,
  BATCH,
  RESTLESS,
  KEEPSAKE,
  FILE_SHORT,
  MANY_ROWS,
  OFFSET,
  SQUARES,
  DEAF,
  TOUCHY,
  PRINT,
  LEAK,
  NO_SPREAD
};

static const char *const lies[] = { "none",     "ignorant", "batch",  "restless",
                                    "keepsake", "file",     "rows",   "offset",
                                    "squares",  "deaf",     "touchy", "print",
                                    "leak",     "spread",   NULL };

struct forger {
  int32_t lie;
  int64_t speed;
  const struct gym_host *host;
  uint32_t width, m;
  size_t n, fits;
  double *designs, *targets;
};

static const struct gym_option options[] = {
  { .name = "lie",
    .doc = "The rule that is broken.",
    .type = GYM_OPTION_ENUM,
    .flags = GYM_OPTION_FIXED,
    .offset = offsetof (struct forger, lie),
    .choices = lies,
    .initial = "none" },
  { .name = "speed",
    .doc = "Changes nothing, except for the touchy.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct forger, speed),
    .low = 1,
    .high = 9,
    .initial = "1" },
};

static int
forger_open (void *self, const struct gym_host *host, const struct gym_space *space,
             uint32_t n_targets, uint64_t seed, gym_error *err)
{
  struct forger *f = self;
  (void)seed;
  f->host = host;
  f->width = host->space_size (space);
  f->m = n_targets;
  if (f->lie == LEAK && open ("/dev/null", O_RDONLY) < 0)
    return gym_fail (err, GYM_EIO, "cannot even leak");
  return GYM_OK;
}

static void
forger_close (void *self)
{
  struct forger *f = self;
  free (f->designs);
  free (f->targets);
}

static int
keep (struct forger *f, size_t n, const double *designs, const double *targets,
      gym_error *err)
{
  forger_close (f);
  f->designs = malloc (n * f->width * sizeof *designs);
  f->targets = malloc (n * f->m * sizeof *targets);
  if (!f->designs || !f->targets)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  memcpy (f->designs, designs, n * f->width * sizeof *designs);
  memcpy (f->targets, targets, n * f->m * sizeof *targets);
  f->n = n;
  return GYM_OK;
}

static int
forger_fit (void *self, const struct gym_rows *rows, gym_error *err)
{
  struct forger *f = self;
  f->fits++;
  if (f->lie == PRINT && write (STDOUT_FILENO, "Hello\n", 6) < 0)
    return GYM_EIO;
  if (f->lie == MANY_ROWS && rows->n < 2)
    return gym_fail (err, GYM_EFAILED, "one row is no data");
  if (f->lie == TOUCHY && f->speed > 5)
    return gym_fail (err, GYM_EFAILED, "too fast");
  if (f->lie != DEAF && f->host->cancelled (f->host))
    return gym_fail (err, GYM_ECANCELLED, "stopped on request");
  return keep (f, rows->n, rows->designs, rows->targets, err);
}

static double
distance (const struct forger *f, const double *a, const double *b)
{
  double sum = 0;
  for (uint32_t i = 0; i < f->width; i++) {
    double x = isnan (a[i]) ? -1e9 : a[i], y = isnan (b[i]) ? -1e9 : b[i];
    sum += fabs (x - y) / (1 + fabs (x) + fabs (y));
  }
  return sum;
}

/* What is told instead of `value`, of row i of n. */
static double
forge (const struct forger *f, double value, size_t i, size_t n)
{
  switch (f->lie) {
  case IGNORANT:
    return f->targets[0];
  case BATCH:
    return value + (double)(n > 1 && i == n - 1);
  case RESTLESS:
    return value + atomic_fetch_add (&counter, 1) * 1e-9;
  case KEEPSAKE:
    return value + (f->fits > 1);
  case OFFSET:
    return value * (1 + 1e-6);
  case SQUARES:
    return value * value > 0 ? value * value / value : 0;
  default:
    return value;
  }
}

static int
forger_predict (void *self, size_t n, const double *designs, double *mean, double *spread,
                gym_error *err)
{
  struct forger *f = self;
  (void)err;
  for (size_t i = 0; i < n; i++) {
    size_t nearest = 0;
    const double *row = designs + i * f->width;
    for (size_t k = 1; k < f->n; k++)
      if (distance (f, row, f->designs + k * f->width)
          < distance (f, row, f->designs + nearest * f->width))
        nearest = k;
    for (uint32_t t = 0; t < f->m; t++) {
      mean[i * f->m + t] = forge (f, f->targets[nearest * f->m + t], i, n);
      if (spread)
        spread[i * f->m + t] = f->lie == NO_SPREAD ? -1 : 1;
    }
  }
  return GYM_OK;
}

static int
forger_save (void *self, int (*put) (void *sink, const void *bytes, size_t n), void *sink,
             gym_error *err)
{
  const struct forger *f = self;
  (void)err;
  size_t n = f->lie == FILE_SHORT ? (f->n + 1) / 2 : f->n;
  int code = put (sink, &n, sizeof n);
  if (code >= 0)
    code = put (sink, f->targets, n * f->m * sizeof *f->targets);
  return code < 0 ? code : put (sink, f->designs, n * f->width * sizeof *f->designs);
}

static int
forger_load (void *self, const void *bytes, size_t size, gym_error *err)
{
  struct forger *f = self;
  const char *at = bytes;
  size_t n;
  if (size < sizeof n)
    return gym_fail (err, GYM_EINVAL, "too short");
  memcpy (&n, at, sizeof n);
  if (n == 0 || (size - sizeof n) / n != (f->m + f->width) * sizeof (double))
    return gym_fail (err, GYM_EINVAL, "another number of rows");
  double *copy = malloc (size);
  if (!copy)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  memcpy (copy, at + sizeof n, size - sizeof n);
  int code = keep (f, n, copy + n * f->m, copy, err);
  free (copy);
  return code;
}

static const struct gym_proxy_class forger = {
  .struct_size = sizeof (struct gym_proxy_class),
  .id = "forger-v1",
  .summary = "Breaks the contract on request, for tests",
  .doc = "The nearest row; its option says how it misbehaves.",
  .source = "made up for the tests of archgym",
  .options = GYM_ARRAY (gym_options, options),
  .instance_size = sizeof (struct forger),
  .open = forger_open,
  .close = forger_close,
  .fit = forger_fit,
  .predict = forger_predict,
  .save = forger_save,
  .load = forger_load,
};

static const struct gym_proxy_class *const proxies[] = { &forger, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "forger",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "A proxy model that breaks the contract, for tests.",
  .proxies = proxies,
};
