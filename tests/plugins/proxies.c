/* Proxy models under test: see proxies.h. */
#include "tests/plugins/proxies.h"
#include "core/host.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"
#include "tests/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TARGETS = 3, MOST_PARAMS = 16, MANY = 10000 };

/* ---- data ---- */

static struct proxies_data *
make_room (gym_space *space, uint32_t m, size_t n, size_t all)
{
  struct proxies_data *d = calloc (1, sizeof *d);
  CU_ASSERT_PTR_NOT_NULL_FATAL (d);
  *d = (struct proxies_data){
    .space = space, .width = gym_space_size (space), .m = m, .n = n, .all = all
  };
  d->designs = calloc (all * d->width, sizeof *d->designs);
  d->targets = calloc (all * m, sizeof *d->targets);
  d->mean = calloc ((all - n) * m + 1, sizeof *d->mean);
  d->spread = calloc ((all - n) * m + 1, sizeof *d->spread);
  CU_ASSERT_FATAL (d->designs && d->targets && d->mean && d->spread);
  return d;
}

void
proxies_data_free (struct proxies_data *d)
{
  gym_space_destroy (&d->space);
  free (d->designs);
  free (d->targets);
  free (d->mean);
  free (d->spread);
  free (d);
}

/* Repeats would be known to a model that is to be tested on what it does not know. */
static void
draw_designs (struct proxies_data *d, gym_rng *rng)
{
  for (size_t i = 0; i < d->all; i++) {
    double *row = d->designs + i * d->width;
    bool known = true;
    while (known) {
      gym_space_sample (d->space, rng, row);
      known = false;
      for (size_t k = 0; k < i && !known; k++)
        known = memcmp (row, d->designs + k * d->width, d->width * sizeof *row) == 0;
    }
  }
}

/* Steps go by the value, the others by the place in its range; NaN is a value too. */
static void
judge (const struct proxies_data *d, const double *row, double *targets)
{
  double unit[MOST_PARAMS], sum[MOST_TARGETS] = { 10, 1, 5 };
  gym_space_encode (d->space, row, unit);
  for (uint32_t i = 0; i < d->width; i++) {
    double value = isnan (row[i]) ? 3.5 : row[i], before = i > 0 ? unit[i - 1] : 0.5;
    sum[0] += sin (2.3 * value + i) / (1 + i) + (unit[i] > 0.5 && before > 0.5);
    sum[1] *= 1 + unit[i] / (1 + i);
    sum[2] += (unit[i] - 0.4) * (unit[i] - 0.4) * (i + 1);
  }
  memcpy (targets, sum, d->m * sizeof *targets);
}

/* Irwin and Hall: the sum of 12 uniform numbers is nearly normal. */
static double
normal (gym_rng *rng)
{
  double sum = -6;
  for (int i = 0; i < 12; i++)
    sum += gym_rng_real (rng);
  return sum;
}

struct proxies_data *
proxies_data_new (gym_space *space, uint32_t m, size_t n, size_t all, uint64_t seed,
                  double noise)
{
  struct proxies_data *d = make_room (space, m, n, all);
  gym_rng rng;
  gym_rng_init (&rng, seed);
  draw_designs (d, &rng);
  for (size_t i = 0; i < all; i++) {
    judge (d, d->designs + i * d->width, d->targets + i * m);
    if (m > 1)
      d->targets[i * m + 1] *= 1 + noise * normal (&rng);
  }
  return d;
}

static uint32_t
metric_index (const gym_env *env, const char *name)
{
  const struct gym_metrics *metrics = gym_env_metrics (env);
  uint32_t i = 0;
  while (i < metrics->n && strcmp (metrics->items[i].name, name) != 0)
    i++;
  CU_ASSERT_FATAL (i < metrics->n);
  return i;
}

struct proxies_data *
proxies_data_of (gym_env *env, const char *const *metrics, size_t n, size_t all,
                 uint64_t seed)
{
  gym_error err = { 0 };
  char *text = gym_space_to_json (gym_env_space (env), &err);
  uint32_t m = 0, width = gym_env_metrics (env)->n;
  while (metrics[m])
    m++;
  struct proxies_data *d = make_room (gym_space_from_json (text, &err), m, n, all);
  double *values = calloc (all * width, sizeof *values);
  uint32_t *statuses = calloc (all, sizeof *statuses);
  gym_rng rng;
  gym_rng_init (&rng, seed);
  draw_designs (d, &rng);
  for (size_t i = 0; i < all; i++) {
    int code = gym_env_evaluate (env, 1, d->designs + i * d->width, NULL, NULL,
                                 values + i * width, statuses + i, NULL, &err);
    CU_ASSERT_FATAL (code >= 0 && statuses[i] == GYM_TRIAL_OK);
    for (uint32_t t = 0; t < m; t++)
      d->targets[i * m + t] = values[i * width + metric_index (env, metrics[t])];
  }
  free (values);
  free (statuses);
  gym_free (text);
  return d;
}

/* ---- models ---- */

gym_proxy *
proxies_open (const gym_registry *registry, const char *id, const char *settings,
              const struct proxies_data *data, uint64_t seed)
{
  static const struct gym_metric items[MOST_TARGETS] = {
    { .name = "steps", .unit = "1" },
    { .name = "slopes", .unit = "nJ" },
    { .name = "bowl", .unit = "s" }
  };
  const struct gym_metrics targets = {
    .struct_size = sizeof targets, .n = data->m, .stride = sizeof items[0], .items = items
  };
  gym_error err = { 0 };
  gym_settings *s = gym_settings_new (&err);
  char *copy = settings ? strdup (settings) : NULL, *rest = NULL;
  for (char *word = copy ? strtok_r (copy, " ", &rest) : NULL; word;
       word = strtok_r (NULL, " ", &rest))
    CU_ASSERT_EQUAL (gym_settings_parse (s, word, &err), GYM_OK);
  gym_proxy *p = gym_proxy_open (registry, id, s, data->space, &targets, seed, &err);
  if (!p)
    tap_note ("%s", err.text);
  free (copy);
  gym_settings_destroy (&s);
  return p;
}

void
proxies_ask (gym_proxy *proxy, struct proxies_data *d)
{
  gym_error err = { 0 };
  int code = gym_proxy_fit (proxy, d->n, d->designs, d->targets, &err);
  if (code >= 0)
    code = gym_proxy_predict (proxy, d->all - d->n, d->designs + d->n * d->width, d->mean,
                              d->spread, &err);
  if (code < 0)
    tap_note ("%s", err.text);
  CU_ASSERT_EQUAL (code, GYM_OK);
}

gym_proxy *
proxies_learn (const gym_registry *registry, const char *id, const char *settings,
               struct proxies_data *data, uint64_t seed)
{
  gym_proxy *p = proxies_open (registry, id, settings, data, seed);
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  proxies_ask (p, data);
  return p;
}

static double
truth (const struct proxies_data *d, size_t i, uint32_t t)
{
  return d->targets[(d->n + i) * d->m + t];
}

static double
root_mean_square (const struct proxies_data *d, uint32_t t, double *mean, double *sd)
{
  double sum = 0, squares = 0, errors = 0, n = (double)(d->all - d->n);
  for (size_t i = 0; i < d->all - d->n; i++) {
    double y = truth (d, i, t), e = y - d->mean[i * d->m + t];
    sum += y;
    squares += y * y;
    errors += e * e;
  }
  *mean = sum / n;
  *sd = sqrt (squares / n - *mean * *mean);
  return sqrt (errors / n);
}

double
proxies_error (const struct proxies_data *d, uint32_t t)
{
  double mean, sd;
  return root_mean_square (d, t, &mean, &sd) / mean;
}

double
proxies_share (const struct proxies_data *d, uint32_t t)
{
  double mean, sd;
  return root_mean_square (d, t, &mean, &sd) / sd;
}

double
proxies_within (const struct proxies_data *d, uint32_t t, double k)
{
  double n = 0;
  for (size_t i = 0; i < d->all - d->n; i++)
    n += fabs (truth (d, i, t) - d->mean[i * d->m + t]) <= k * d->spread[i * d->m + t];
  return n / (double)(d->all - d->n);
}

/* ---- laws ---- */

/* The class itself, under a host that raises the flag at the k-th look. */
struct doubter {
  struct gym_host host;
  struct gym_host_context context;
  int looks, patience;
};

static struct doubter doubter;

static bool
doubt (const struct gym_host *host)
{
  (void)host;
  return ++doubter.looks > doubter.patience;
}

static int
fit_under_doubt (const struct gym_proxy_class *class, void *self, int patience,
                 const struct proxies_data *d)
{
  struct gym_rows rows = { .struct_size = sizeof rows,
                           .n_targets = d->m,
                           .n = d->n,
                           .designs = d->designs,
                           .targets = d->targets };
  gym_error err = { 0 };
  doubter.looks = 0;
  doubter.patience = patience;
  int code = class->fit (self, &rows, &err);
  CU_ASSERT (code == GYM_OK || (code == GYM_ECANCELLED && err.text[0]));
  return code;
}

void
proxies_stops (const char *id, const char *settings)
{
  gym_registry *registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 3, 40, 50, 1, 0);
  gym_proxy *p = proxies_open (registry, id, settings, d, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  const struct gym_proxy_class *class = gym_proxy_entry (p)->proxy;
  gym_error err = { 0 };
  void *self = gym_instance_new (class->instance_size, &class->options,
                                 gym_proxy_settings (p), id, &err);
  gym_host_init (&doubter.host, &doubter.context, class);
  doubter.host.cancelled = doubt;
  CU_ASSERT_EQUAL (class->open (self, &doubter.host, d->space, d->m, 1, &err), GYM_OK);
  int stopped = 0, code = GYM_ECANCELLED;
  for (int k = 0; k < MANY && code == GYM_ECANCELLED; k = k < 8 ? k + 1 : k * 2)
    stopped += (code = fit_under_doubt (class, self, k, d)) == GYM_ECANCELLED;
  CU_ASSERT (stopped >= 3); /* once a target at least */
  CU_ASSERT_EQUAL (code, GYM_OK);
  tap_note ("%s looks %d times", id, doubter.looks);
  class->close (self);
  free (self);
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

struct bytes {
  char *at;
  size_t n;
};

static int
put_bytes (void *sink, const void *bytes, size_t n)
{
  struct bytes *b = sink;
  b->at = realloc (b->at, b->n + n + 1);
  memcpy (b->at + b->n, bytes, n);
  b->n += n;
  return GYM_OK;
}

/* Loads into an instance of its own, and asks it if it took the bytes. */
static int
load_and_ask (const gym_proxy *p, const struct bytes *bytes, const struct proxies_data *d,
              double *mean, double *spread)
{
  const struct gym_proxy_class *class = gym_proxy_entry (p)->proxy;
  gym_error err = { 0 };
  void *self = gym_instance_new (class->instance_size, &class->options,
                                 gym_proxy_settings (p), "proxy", &err);
  char *exact = malloc (bytes->n + (bytes->n == 0)); /* its end is known to sanitizers */
  memcpy (exact, bytes->at, bytes->n);
  CU_ASSERT_EQUAL (class->open (self, &doubter.host, d->space, d->m, 1, &err), GYM_OK);
  int code = class->load (self, exact, bytes->n, &err);
  CU_ASSERT (code == GYM_OK || (code == GYM_EINVAL && err.text[0]));
  free (exact);
  if (code == GYM_OK)
    class->predict (self, d->all - d->n, d->designs + d->n * d->width, mean, spread,
                    &err);
  class->close (self);
  free (self);
  return code;
}

/* What an instance of its own, fitted to the first n rows, writes. */
static void
fit_and_save (const gym_proxy *p, const struct proxies_data *d, size_t n,
              struct bytes *bytes)
{
  const struct gym_proxy_class *class = gym_proxy_entry (p)->proxy;
  gym_error err = { 0 };
  gym_host_init (&doubter.host, &doubter.context, class);
  void *self = gym_instance_new (class->instance_size, &class->options,
                                 gym_proxy_settings (p), "proxy", &err);
  class->open (self, &doubter.host, d->space, d->m, 1, &err);
  struct gym_rows rows = { .struct_size = sizeof rows,
                           .n_targets = d->m,
                           .n = n,
                           .designs = d->designs,
                           .targets = d->targets };
  CU_ASSERT_EQUAL (class->fit (self, &rows, &err), GYM_OK);
  CU_ASSERT_EQUAL (class->save (self, put_bytes, bytes, &err), GYM_OK);
  class->close (self);
  free (self);
}

void
proxies_joined (const char *id, const char *settings)
{
  enum { ALL = 60, FEW = 3, ASKED = 10 };
  gym_registry *registry = play_registry ();
  struct proxies_data *one =
                          proxies_data_new (spaces_mixed (), 1, ALL, ALL + ASKED, 1, 0),
                      *two =
                          proxies_data_new (spaces_mixed (), 2, ALL, ALL + ASKED, 1, 0);
  gym_proxy *p = proxies_open (registry, id, settings, one, 1);
  struct bytes joined = { 0 }, few = { 0 };
  double a[ASKED], b[ASKED], both[2 * ASKED], spread[2 * ASKED];
  fit_and_save (p, one, ALL, &joined);
  fit_and_save (p, one, FEW, &few);
  CU_ASSERT_EQUAL (load_and_ask (p, &joined, one, a, spread), GYM_OK);
  CU_ASSERT_EQUAL (load_and_ask (p, &few, one, b, spread), GYM_OK);
  put_bytes (&joined, few.at, few.n);
  CU_ASSERT_EQUAL (load_and_ask (p, &joined, two, both, spread), GYM_OK);
  for (size_t i = 0; i < ASKED; i++)
    CU_ASSERT (both[2 * i] == a[i] && both[2 * i + 1] == b[i]);
  gym_proxy_destroy (&p);
  free (joined.at);
  free (few.at);
  proxies_data_free (one);
  proxies_data_free (two);
  gym_registry_destroy (&registry);
}

static void
change (struct bytes *b, gym_rng *rng)
{
  static const char hard[][8] = { "\0\0\0\0\0\0\0", "\377\377\377\377\377\377\377\377",
                                  "\1\0\0\0\0\0\0", "\0\0\0\0\0\0\360\177" };
  size_t at =
      (size_t)gym_rng_below (rng, gym_rng_below (rng, 2) && b->n > 64 ? 64 : b->n);
  switch (gym_rng_below (rng, 3)) {
  case 0:
    b->n = at;
    break;
  case 1:
    b->at[at] = (char)gym_rng_below (rng, 256);
    break;
  default:
    at = at / 8 * 8;
    memcpy (b->at + at, hard[gym_rng_below (rng, 4)], b->n - at < 8 ? b->n - at : 8);
  }
}

void
proxies_damage (const char *id, const char *settings)
{
  enum { TRIES = 400 };
  gym_registry *registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 2, 60, 70, 1, 0);
  gym_proxy *p = proxies_learn (registry, id, settings, d, 1);
  struct bytes bytes = { 0 };
  double *mean = calloc (2 * (d->all - d->n) * d->m, sizeof *mean);
  double *spread = mean + (d->all - d->n) * d->m;
  int refused = 0;
  gym_rng rng;
  gym_rng_init (&rng, 1);
  fit_and_save (p, d, d->n, &bytes);
  CU_ASSERT_EQUAL (load_and_ask (p, &bytes, d, mean, spread), GYM_OK);
  CU_ASSERT_EQUAL (memcmp (mean, d->mean, (d->all - d->n) * d->m * sizeof *mean), 0);
  for (int i = 0; i < TRIES; i++) {
    struct bytes other = { .at = malloc (bytes.n), .n = bytes.n };
    memcpy (other.at, bytes.at, bytes.n);
    change (&other, &rng);
    refused += load_and_ask (p, &other, d, mean, spread) < 0;
    free (other.at);
  }
  CU_ASSERT (refused > TRIES / 4);
  tap_note ("%s: %zu bytes, %d of %d refused", id, bytes.n, refused, TRIES);
  gym_proxy_destroy (&p);
  free (bytes.at);
  free (mean);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

/* The wide space again, its categorical levels turned round. */
static void
turn_levels (struct proxies_data *d)
{
  for (uint32_t i = 0; i < d->width; i++) {
    const struct gym_param *p = gym_space_param (d->space, i);
    for (size_t r = 0; r < d->all && p->kind == GYM_CATEGORICAL; r++) {
      double *value = d->designs + r * d->width + i;
      *value = fmod (*value * 5 + 2, p->n_levels); /* one to one on 6 levels */
    }
  }
}

void
proxies_levels (const char *id, const char *settings, double tolerance)
{
  gym_registry *registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_wide (), 3, 200, 260, 3, 0);
  size_t n = (d->all - d->n) * d->m;
  double *before = calloc (n, sizeof *before), squares = 0;
  gym_proxy *p = proxies_learn (registry, id, settings, d, 1);
  memcpy (before, d->mean, n * sizeof *before);
  turn_levels (d);
  proxies_ask (p, d);
  for (size_t i = 0; i < n; i++) {
    double mean, sd;
    root_mean_square (d, (uint32_t)(i % d->m), &mean, &sd);
    squares += pow ((d->mean[i] - before[i]) / sd, 2) / (double)n;
  }
  tap_note ("%s: other names of levels change predictions by %.2g deviations", id,
            sqrt (squares));
  CU_ASSERT (sqrt (squares) <= tolerance);
  gym_proxy_destroy (&p);
  free (before);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

void
proxies_targets_apart (const char *id, const char *settings)
{
  gym_registry *registry = play_registry ();
  struct proxies_data *all = proxies_data_new (spaces_mixed (), 3, 80, 100, 4, 0),
                      *one = proxies_data_new (spaces_mixed (), 1, 80, 100, 4, 0);
  gym_proxy *p = proxies_learn (registry, id, settings, all, 1),
            *q = proxies_learn (registry, id, settings, one, 1);
  for (size_t i = 0; i < 20; i++) {
    CU_ASSERT_EQUAL (all->mean[3 * i], one->mean[i]);
    CU_ASSERT_EQUAL (all->spread[3 * i], one->spread[i]);
  }
  gym_proxy_destroy (&p);
  gym_proxy_destroy (&q);
  proxies_data_free (all);
  proxies_data_free (one);
  gym_registry_destroy (&registry);
}
