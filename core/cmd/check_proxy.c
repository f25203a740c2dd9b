/* What `gym check` asks a proxy model: to learn a made-up metric on made-up spaces of
 * every kind, the way it is trained from a store.
 *
 * How well it predicts is for studies to say; here it must tell slopes from noise, be the
 * same model for the same rows and seed, and stay so in a file. */
#include "core/cmd/check.h"
#include "core/cmd/check_spaces.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 120, OTHERS = 60, TARGETS = 2, OPENINGS = 50, SETTINGS = 12 };

struct subject {
  const struct check_subject *given;
  const struct gym_proxy_class *class;
  gym_space *spaces[CHECK_SPACES];
};

/* One model, the rows it learns and those it is asked for. */
struct model {
  const struct subject *subject;
  const gym_settings *settings; /* NULL: those given */
  int space;
  uint64_t seed;

  gym_proxy *proxy;
  uint32_t p;
  double *designs; /* ROWS + OTHERS rows */
  double *unit;
  double targets[(ROWS + OTHERS) * TARGETS];
  double mean[OTHERS * TARGETS], spread[OTHERS * TARGETS];
};

static void
model_clear (struct model *m)
{
  gym_proxy_destroy (&m->proxy);
  free (m->designs);
  free (m->unit);
}

static const gym_space *
space_of (const struct model *m)
{
  return m->subject->spaces[m->space];
}

static int
model_open (struct model *m, gym_error *why)
{
  static const struct gym_metric metrics[TARGETS] = {
    { .name = "slope", .unit = "1", .sense = GYM_MINIMISE },
    { .name = "valley", .unit = "s", .sense = GYM_MINIMISE }
  };
  static const struct gym_metrics targets = GYM_ARRAY (gym_metrics, metrics);
  const struct check_subject *given = m->subject->given;
  m->proxy = gym_proxy_open (given->registry, given->entry->id,
                             m->settings ? m->settings : given->settings, space_of (m),
                             &targets, m->seed, why);
  return m->proxy ? GYM_OK : GYM_EPLUGIN;
}

/* A slope and a bowl over the encoded design, of different size; an inactive parameter
 * counts as neither end. */
static void
judge (const struct model *m, const double *row, double *targets)
{
  gym_space_encode (space_of (m), row, m->unit);
  targets[0] = 1000;
  targets[1] = 0;
  for (uint32_t i = 0; i < m->p; i++) {
    double x = m->unit[i];
    targets[0] += (i == 0 ? 10 : 1) * x;
    targets[1] += 1e-6 * (x - 0.3) * (x - 0.3);
  }
}

static int
model_new (struct model *m, gym_error *why)
{
  gym_rng rng;
  m->p = gym_space_size (space_of (m));
  m->designs = calloc ((size_t)(ROWS + OTHERS) * m->p, sizeof *m->designs);
  m->unit = calloc (m->p, sizeof *m->unit);
  if (!m->designs || !m->unit)
    return gym_fail (why, GYM_ENOMEM, "out of memory");
  gym_rng_init (&rng, m->subject->given->seed);
  for (size_t i = 0; i < ROWS + OTHERS; i++) {
    gym_space_sample (space_of (m), &rng, m->designs + i * m->p);
    judge (m, m->designs + i * m->p, m->targets + i * TARGETS);
  }
  return model_open (m, why);
}

static int
model_fit (struct model *m, size_t rows, gym_error *why)
{
  return gym_proxy_fit (m->proxy, rows, m->designs, m->targets, why);
}

/* The rows that it has not seen. */
static int
model_ask (struct model *m, gym_error *why)
{
  return gym_proxy_predict (m->proxy, OTHERS, m->designs + (size_t)ROWS * m->p, m->mean,
                            m->spread, why);
}

/* Opens, learns and asks on one space; the caller clears, also after a failure. */
static int
model_run (struct model *m, size_t rows, gym_error *why)
{
  int code = model_new (m, why);
  if (code >= 0)
    code = model_fit (m, rows, why);
  if (code >= 0)
    code = model_ask (m, why);
  if (code < 0)
    gym_error_prefix (why, "%s space", check_space_name (m->space));
  return code;
}

static struct model
model_on (const struct subject *s, int space)
{
  return (struct model){ .subject = s, .space = space, .seed = s->given->seed };
}

/* Where two answers differ, or OTHERS. */
static size_t
differ_at (const struct model *a, const struct model *b)
{
  size_t size = TARGETS * sizeof *a->mean, i = 0;
  while (i < OTHERS && memcmp (a->mean + i * TARGETS, b->mean + i * TARGETS, size) == 0
         && memcmp (a->spread + i * TARGETS, b->spread + i * TARGETS, size) == 0)
    i++;
  return i;
}

static int
expect_same (const struct model *a, const struct model *b, const char *what,
             gym_error *why)
{
  size_t i = differ_at (a, b);
  if (i == OTHERS)
    return CHECK_OK;
  return gym_fail (why, GYM_EPLUGIN,
                   "%s space: seen %.17g +- %.17g for row %zu and %.17g +- %.17g %s, "
                   "expected the same bits",
                   check_space_name (a->space), a->mean[i * TARGETS],
                   a->spread[i * TARGETS], i, b->mean[i * TARGETS],
                   b->spread[i * TARGETS], what);
}

/* ---- The checks ------------------------------------------------------------------ */

static int
texts (void *context, gym_error *why)
{
  const struct subject *s = context;
  return check_texts (s->class->doc, s->class->source, &s->class->options, why);
}

static int
unknown_option (void *context, gym_error *why)
{
  const struct subject *s = context;
  gym_error seen = { 0 };
  struct model m = model_on (s, CHECK_SPACE_TINY);
  gym_settings *wrong = check_wrong_settings (s->given->settings, why);
  if (!wrong)
    return GYM_ENOMEM;
  m.settings = wrong;
  int code = model_open (&m, &seen);
  model_clear (&m);
  gym_settings_destroy (&wrong);
  if (code < 0)
    return check_names_option (&seen, why);
  return gym_fail (why, GYM_EPLUGIN,
                   "seen it open with an option that nobody has, expected an error");
}

/* What crosses the border is checked by the host on the way: NaN, spreads below 0. */
static int
learns_everywhere (void *context, gym_error *why)
{
  int code = CHECK_OK;
  for (int space = 0; space < CHECK_SPACES && code >= 0; space++) {
    struct model m = model_on (context, space);
    code = model_run (&m, ROWS, why);
    model_clear (&m);
  }
  return code;
}

/* Squared error of the predictions of target t, over that of the mean of the rows that
 * were learnt. */
static double
share_left (const struct model *m, uint32_t t)
{
  double mean = 0, left = 0, all = 0;
  for (size_t i = 0; i < ROWS; i++)
    mean += m->targets[i * TARGETS + t] / ROWS;
  for (size_t i = 0; i < OTHERS; i++) {
    double truth = m->targets[(ROWS + i) * TARGETS + t];
    left += (truth - m->mean[i * TARGETS + t]) * (truth - m->mean[i * TARGETS + t]);
    all += (truth - mean) * (truth - mean);
  }
  return left / all;
}

/* The slope is as plain as a metric can be. */
static int
better_than_mean (void *context, gym_error *why)
{
  int code = CHECK_OK;
  static const int spaces[] = { CHECK_SPACE_MIXED, CHECK_SPACE_REAL };
  for (int i = 0; i < 2 && code >= 0; i++) {
    struct model m = model_on (context, spaces[i]);
    code = model_run (&m, ROWS, why);
    double left = code >= 0 ? share_left (&m, 0) : 0;
    model_clear (&m);
    if (!(left < 0.8))
      code = gym_fail (why, GYM_EPLUGIN,
                       "%s space: seen %.0f %% of the squared error of the mean on new "
                       "rows, expected less than 80 %%",
                       check_space_name (spaces[i]), 100 * left);
  }
  return code;
}

/* One by one, from the last to the first, and without a spread. */
static int
ask_singly (const struct model *m, struct model *alone, gym_error *why)
{
  int code = GYM_OK;
  for (size_t i = OTHERS; i-- > 0 && code >= 0;) {
    double mean[TARGETS];
    const double *design = m->designs + (ROWS + i) * m->p;
    code = gym_proxy_predict (m->proxy, 1, design, mean, NULL, why);
    if (code >= 0)
      code = gym_proxy_predict (m->proxy, 1, design, alone->mean + i * TARGETS,
                                alone->spread + i * TARGETS, why);
    if (code >= 0 && memcmp (mean, alone->mean + i * TARGETS, sizeof mean) != 0)
      code = gym_fail (why, GYM_EPLUGIN,
                       "%s space: seen %.17g for row %zu without a spread and %.17g with "
                       "one, expected the same bits",
                       check_space_name (m->space), mean[0], i, alone->mean[i * TARGETS]);
  }
  return code;
}

static int
rows_are_apart (void *context, gym_error *why)
{
  int code = CHECK_OK;
  for (int space = 0; space < CHECK_SPACES && code >= 0; space++) {
    struct model m = model_on (context, space), alone = m;
    code = model_run (&m, ROWS, why);
    if (code >= 0)
      code = ask_singly (&m, &alone, why);
    if (code >= 0)
      code = expect_same (&m, &alone, "alone", why);
    model_clear (&m);
  }
  return code;
}

/* Also after it has learnt something else. */
static int
same_seed (void *context, gym_error *why)
{
  int code = CHECK_OK;
  for (int space = 0; space < CHECK_SPACES && code >= 0; space++) {
    struct model a = model_on (context, space), b = a;
    code = model_run (&a, ROWS, why);
    if (code >= 0)
      code = model_run (&b, ROWS / 3, why);
    if (code >= 0)
      code = model_fit (&b, ROWS, why);
    if (code >= 0)
      code = model_ask (&b, why);
    if (code >= 0)
      code = expect_same (&a, &b, "of a model that had learnt other rows before", why);
    model_clear (&a);
    model_clear (&b);
  }
  return code;
}

/* A name that is not in use; the caller removes it. */
static int
scratch (char *path, gym_error *why)
{
  int file = mkstemp (path);
  if (file < 0)
    return gym_fail (why, GYM_EIO, "%s: %s", path, strerror (errno));
  close (file);
  return GYM_OK;
}

static int
save_and_load (struct model *m, struct model *copy, gym_error *why)
{
  const struct check_subject *given = m->subject->given;
  char path[] = "/tmp/gym-check-XXXXXX";
  int code = scratch (path, why);
  if (code < 0)
    return code;
  code = gym_proxy_save (m->proxy, path, why);
  if (code >= 0)
    copy->proxy = gym_proxy_load (given->registry, path, space_of (m), why);
  unlink (path);
  copy->designs = NULL;
  copy->unit = NULL;
  return code < 0 ? code : copy->proxy ? GYM_OK : GYM_EPLUGIN;
}

static int
file_keeps_bits (void *context, gym_error *why)
{
  int code = CHECK_OK;
  for (int space = 0; space < CHECK_SPACES && code >= 0; space++) {
    struct model m = model_on (context, space), copy = m;
    code = model_run (&m, ROWS, why);
    if (code >= 0)
      code = save_and_load (&m, &copy, why);
    if (code >= 0)
      code = gym_proxy_predict (copy.proxy, OTHERS, m.designs + (size_t)ROWS * m.p,
                                copy.mean, copy.spread, why);
    if (code >= 0)
      code = expect_same (&m, &copy, "from the file", why);
    model_clear (&m);
    model_clear (&copy);
  }
  return code;
}

/* One row says nothing but its own targets; equal ones leave nothing to explain. */
static int
expect_targets (const struct model *m, const double *targets, gym_error *why)
{
  for (size_t i = 0; i < OTHERS * TARGETS; i++) {
    double truth = targets[i % TARGETS];
    if (!(fabs (m->mean[i] - truth) <= 1e-9 * fabs (truth)))
      return gym_fail (why, GYM_EPLUGIN,
                       "%s space: seen %.17g where all that was learnt is %.17g",
                       check_space_name (m->space), m->mean[i], truth);
  }
  return CHECK_OK;
}

/* The first trials of a study are few, and an agent may want a model from the start. */
static int
one_row (void *context, gym_error *why)
{
  int code = CHECK_OK;
  for (int space = 0; space < CHECK_SPACES && code >= 0; space++) {
    struct model m = model_on (context, space);
    code = model_run (&m, 1, why);
    if (code >= 0)
      code = expect_targets (&m, m.targets, why);
    model_clear (&m);
  }
  return code;
}

/* Zero, and sizes at which a variance would be lost to rounding or overflow. */
static int
constant_targets (void *context, gym_error *why)
{
  static const double sizes[][TARGETS] = { { 0, 5 }, { 1e300, -1e-300 }, { 0.1, 1e17 } };
  int code = CHECK_OK;
  for (size_t k = 0; k < sizeof sizes / sizeof sizes[0] && code >= 0; k++) {
    struct model m = model_on (context, CHECK_SPACE_MIXED);
    code = model_new (&m, why);
    for (size_t i = 0; i < ROWS * TARGETS; i++)
      m.targets[i] = sizes[k][i % TARGETS];
    if (code >= 0)
      code = model_fit (&m, ROWS, why);
    if (code >= 0)
      code = model_ask (&m, why);
    if (code >= 0)
      code = expect_targets (&m, sizes[k], why);
    model_clear (&m);
  }
  return code;
}

/* Answers far beyond the targets, or none, would be the work of squares that overflow. */
static int
any_size (void *context, gym_error *why)
{
  static const double sizes[] = { 1e305, 1e-305, 1e160, 1e-160 };
  int code = CHECK_OK;
  for (size_t k = 0; k < sizeof sizes / sizeof sizes[0] && code >= 0; k++) {
    struct model m = model_on (context, CHECK_SPACE_MIXED);
    code = model_new (&m, why);
    for (size_t i = 0; i < ROWS * TARGETS; i++)
      m.targets[i] = (i % 3 == 0 ? -1 : 1) * (double)(i % 7) * sizes[k];
    if (code >= 0)
      code = model_fit (&m, ROWS, why);
    if (code >= 0)
      code = model_ask (&m, why);
    for (size_t i = 0; i < OTHERS * TARGETS && code >= 0; i++)
      if (!(fabs (m.mean[i]) <= 100 * sizes[k]))
        code = gym_fail (why, GYM_EPLUGIN, "seen %g after targets of up to %g", m.mean[i],
                         6 * sizes[k]);
    model_clear (&m);
  }
  return code;
}

/* A fit may take hours: whoever asks it to stop does not wait for the end. */
static int
stops (void *context, gym_error *why)
{
  struct model m = model_on (context, CHECK_SPACE_MIXED);
  atomic_bool raised = true;
  gym_error seen = { 0 };
  int code = model_new (&m, why);
  if (code >= 0) {
    gym_proxy_set_cancel (m.proxy, &raised);
    code = model_fit (&m, ROWS, &seen);
    if (code != GYM_ECANCELLED)
      code = gym_fail (why, GYM_EPLUGIN,
                       "seen a fit return %d (%s) under a raised flag, "
                       "expected GYM_ECANCELLED",
                       code, seen.text);
    else
      code = CHECK_OK;
  }
  model_clear (&m);
  return code;
}

/* A search for settings walks this very space; none of it may be a trap. */
static int
learn_settings (const struct subject *s, const gym_space *options, gym_rng *rng,
                double *row, gym_error *why)
{
  struct model m = model_on (s, CHECK_SPACE_MIXED);
  gym_settings *settings = s->given->settings
                               ? gym_settings_copy (s->given->settings, why)
                               : gym_settings_new (why);
  gym_space_sample (options, rng, row);
  int code = settings ? gym_options_settings (options, row, settings, why) : GYM_ENOMEM;
  m.settings = settings;
  if (code >= 0) {
    code = model_run (&m, ROWS, why);
    if (code < 0 && m.proxy)
      gym_error_prefix (why, "%s", gym_proxy_identity (m.proxy));
  }
  model_clear (&m);
  gym_settings_destroy (&settings);
  return code;
}

static int
any_settings (void *context, gym_error *why)
{
  const struct subject *s = context;
  gym_space *options = gym_options_space (&s->class->options, NULL);
  gym_rng rng;
  int code = CHECK_OK;
  if (!options || gym_space_size (options) == 0) {
    gym_space_destroy (&options);
    gym_fail (why, 0, "it has no options to vary");
    return CHECK_SKIP;
  }
  double *row = calloc (gym_space_size (options), sizeof *row);
  gym_rng_init (&rng, s->given->seed);
  if (!row)
    code = gym_fail (why, GYM_ENOMEM, "out of memory");
  for (int i = 0; i < SETTINGS && code >= 0; i++)
    code = learn_settings (s, options, &rng, row, why);
  free (row);
  gym_space_destroy (&options);
  return code;
}

/* By more hints than there are targets, then as ever. */
static int
teach (struct model *m, gym_error *why)
{
  enum { HINTS = TARGETS + 1 };
  int code =
      gym_proxy_pretrain (m->proxy, ROWS / HINTS, m->designs, HINTS, m->targets, why);
  if (code >= 0)
    code = model_fit (m, ROWS, why);
  return code < 0 ? code : model_ask (m, why);
}

/* A class that cannot be pretrained is none the worse: the check does not apply. */
static int
pretraining (void *context, gym_error *why)
{
  struct model a = model_on (context, CHECK_SPACE_MIXED), b = a;
  int code = model_new (&a, why);
  if (code >= 0 && !gym_proxy_pretrains (a.proxy)) {
    model_clear (&a);
    gym_fail (why, 0, "it cannot be pretrained");
    return CHECK_SKIP;
  }
  if (code >= 0)
    code = teach (&a, why);
  if (code >= 0)
    code = model_run (&b, ROWS / 3, why);
  for (int i = 0; i < 2 && code >= 0; i++)
    code = teach (&b, why);
  if (code >= 0)
    code = expect_same (&a, &b, "of a model that had been pretrained before", why);
  model_clear (&a);
  model_clear (&b);
  return code;
}

/* Standard output may be a file of rows, and the log is the host's. */
static int
silent (void *context, gym_error *why)
{
  struct check_silence silence;
  struct model m = model_on (context, CHECK_SPACE_MIXED);
  int code = check_silence_begin (&silence, why);
  if (code < 0)
    return code;
  code = model_run (&m, ROWS, why);
  model_clear (&m);
  int heard = check_silence_end (&silence, code < 0 ? NULL : why);
  return code < 0 ? code : heard;
}

/* Studies that retrain every round open many models in one process. */
static int
many_openings (void *context, gym_error *why)
{
  int before = check_count_descriptors (), code = CHECK_OK;
  for (int i = 0; i < OPENINGS && code >= 0; i++) {
    struct model m = model_on (context, i % CHECK_SPACES);
    code = model_run (&m, 3, why);
    model_clear (&m);
  }
  return code < 0 ? code : check_none_left_open (before, OPENINGS, why);
}

int
check_proxy (const struct check_subject *given, struct check_report *report,
             gym_error *err)
{
  static const struct check checks[] = {
    { "texts and options are documented", texts },
    { "an unknown option is refused", unknown_option },
    { "spaces of all kinds are learnt", learns_everywhere },
    { "new rows are predicted better than by the mean", better_than_mean },
    { "no row's prediction depends on others", rows_are_apart },
    { "same seed and rows, same model", same_seed },
    { "a saved model predicts the same bits", file_keeps_bits },
    { "a single row is enough", one_row },
    { "constant targets are predicted", constant_targets },
    { "targets of any size are borne", any_size },
    { "learning stops on request", stops },
    { "settings drawn at random work", any_settings },
    { "pretraining is repeatable", pretraining },
    { "nothing is printed", silent },
    { "opening and closing 50 times leaves no file open", many_openings },
  };
  struct subject s = { .given = given, .class = given->entry->proxy };
  int code = check_spaces_open (s.spaces, err);
  if (code >= 0)
    check_each (report, checks, sizeof checks / sizeof checks[0], &s);
  check_spaces_close (s.spaces);
  return code;
}
