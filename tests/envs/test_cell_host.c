/* cell-v1 under a host of the test's own: allocations that fail, and wishes to stop at
 * every time. */
#include "tests/core/help.h"
#include "tests/sims/nn/memory.h"

#include "core/host.h"
#include "envs/cell/envs.h"

#include <glob.h>

enum { SCORE, SHARED, SHORT, FULL, PARAMS = 6, TRAIN_SECONDS = 10, METRICS = 32 };

static int asked, patience;

static bool
cancelled (const struct gym_host *host)
{
  (void)host;
  return ++asked > patience;
}

static void
no_log (const struct gym_host *host, const char *format, ...)
{
  (void)host;
  (void)format;
}

static struct gym_host host = { .struct_size = sizeof host,
                                .cancelled = cancelled,
                                .log = no_log };

/* An instance and the place of its answers. */
struct bench {
  void *self;
  double metrics[METRICS];
  uint32_t status;
  char note[GYM_NOTE];
};

static struct bench
make_bench (const char *const *texts)
{
  static char data[300];
  gym_settings *s = help_settings (texts);
  struct bench b = { .status = GYM_TRIAL_OK };
  snprintf (data, sizeof data, "%s/envs/cell", getenv ("GYM_SOURCE_TOP"));
  host.data_dir = data;
  patience = 1000000;
  b.self = gym_instance_new (cell_env.instance_size, &cell_env.options, s, "cell", NULL);
  CU_ASSERT_FATAL (b.self != NULL);
  gym_settings_destroy (&s);
  return b;
}

static void
close_bench (struct bench *b)
{
  cell_env.close (b->self);
  free (b->self);
}

/* Evaluates a cell, the operators of its edges as digits. */
static int
evaluate (struct bench *b, const char *digits, uint32_t fidelity, gym_error *err)
{
  double row[PARAMS];
  uint64_t seed = 5;
  struct gym_metrics metrics = { .struct_size = sizeof metrics };
  struct gym_batch batch = { .struct_size = sizeof batch,
                             .n_params = PARAMS,
                             .note_size = GYM_NOTE,
                             .n = 1,
                             .designs = row,
                             .fidelities = &fidelity,
                             .seeds = &seed,
                             .metrics = b->metrics,
                             .statuses = &b->status,
                             .notes = b->note,
                             .flags = GYM_BATCH_SEALED };
  CU_ASSERT_EQUAL (cell_env.metrics (b->self, &metrics, NULL), GYM_OK);
  CU_ASSERT_FATAL (metrics.n <= METRICS);
  batch.n_metrics = metrics.n;
  for (int i = 0; i < PARAMS; i++)
    row[i] = digits[i] - '0';
  b->status = GYM_TRIAL_OK;
  b->note[0] = '\0';
  asked = 0;
  return cell_env.evaluate (b->self, &batch, err);
}

/* ---- Wishes to stop -------------------------------------------------------------- */

/* Ends an evaluation at each of the times that it asks, the first, the second and so on,
 * until it gets through; returns how often it was ended. */
static int
stop_everywhere (struct bench *b, const char *digits, uint32_t fidelity)
{
  gym_error err = { 0 };
  patience = 0;
  while (evaluate (b, digits, fidelity, &err) == GYM_ECANCELLED) {
    CU_ASSERT (help_says (&err, "stopped"));
    CU_ASSERT (asked > patience && asked <= patience + 2);
    patience++;
  }
  CU_ASSERT_EQUAL (err.code, GYM_ECANCELLED);
  int ends = patience;
  patience = 1000000;
  return ends;
}

static void
test_stops (void)
{
  static const char *const texts[] = {
    "train=96",          "validation=100", "epochs=2", "channels=2",
    "supernet_epochs=2", "score_images=7", NULL
  };
  enum { STEPS = 96 / 32, JUDGED = 2, SEALED = 7 };
  char path[256];
  struct bench b = make_bench (texts);
  host.cache_dir = help_scratch (path, "cache");
  CU_ASSERT_EQUAL_FATAL (cell_env.open (b.self, &host, NULL), GYM_OK);
  CU_ASSERT_EQUAL (stop_everywhere (&b, "330331", SCORE), 7);
  /* the supernet's training stops, too, and the look at how it begins; once it is done,
   * it is not lost */
  CU_ASSERT_EQUAL (stop_everywhere (&b, "330331", SHARED), 2 * STEPS + 2 * STEPS + 1);
  CU_ASSERT_EQUAL (asked, STEPS + JUDGED);
  CU_ASSERT_EQUAL (stop_everywhere (&b, "330332", SHARED), STEPS + JUDGED);
  CU_ASSERT_EQUAL (stop_everywhere (&b, "330331", SHORT), STEPS + JUDGED);
  CU_ASSERT_EQUAL (stop_everywhere (&b, "330331", FULL), 2 * STEPS + JUDGED + SEALED);
  close_bench (&b);
  help_remove (path);
}

/* A supernet that diverges does so once, not for every cell. */
static void
test_diverged (void)
{
  static const char *const texts[] = { "train=96",     "channels=2", "supernet_epochs=50",
                                       "rate=1000000", "decay=1",    NULL };
  char path[256];
  struct bench b = make_bench (texts);
  host.cache_dir = help_scratch (path, "cache");
  CU_ASSERT_EQUAL_FATAL (cell_env.open (b.self, &host, NULL), GYM_OK);
  for (int i = 0; i < 2; i++) {
    CU_ASSERT_EQUAL (evaluate (&b, i ? "333333" : "330331", SHARED, NULL), GYM_OK);
    CU_ASSERT_EQUAL (b.status, GYM_TRIAL_FAILED);
    CU_ASSERT (strstr (b.note, "supernet diverged") != NULL);
    CU_ASSERT (i ? asked == 0 : asked > 0);
  }
  close_bench (&b);
  help_remove (path);
}

/* ---- The file of shared weights ------------------------------------------------------
 */

/* The one file of the cache folder that is no lock, in memory that the caller frees. */
static char *
read_kept (const char *folder, size_t *size)
{
  char path[600];
  glob_t found;
  char *bytes = NULL;
  FILE *file;
  snprintf (path, sizeof path, "%s/cell-????????????????", folder);
  CU_ASSERT_EQUAL_FATAL (glob (path, 0, NULL, &found), 0);
  CU_ASSERT_EQUAL (found.gl_pathc, 1);
  file = fopen (found.gl_pathv[0], "rb");
  CU_ASSERT_FATAL (file != NULL);
  bytes = malloc (1 << 20);
  *size = fread (bytes, 1, 1 << 20, file);
  fclose (file);
  globfree (&found);
  return bytes;
}

static uint64_t
fnv1a (const char *bytes, size_t n)
{
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < n; i++)
    hash = (hash ^ (uint8_t)bytes[i]) * 1099511628211u;
  return hash;
}

/* The title holds what the first steps made of the weights: of a training that has no
 * more, those of the file. So no other program's weights are taken for this one's. */
static void
test_title (void)
{
  static const char *const texts[] = { "train=96", "channels=2", "supernet_epochs=2",
                                       NULL };
  char path[256], want[40];
  size_t size;
  struct bench b = make_bench (texts);
  host.cache_dir = help_scratch (path, "cache");
  CU_ASSERT_EQUAL_FATAL (cell_env.open (b.self, &host, NULL), GYM_OK);
  CU_ASSERT_EQUAL (evaluate (&b, "330331", SHARED, NULL), GYM_OK);
  char *bytes = read_kept (path, &size);
  char *weights = memchr (bytes, '\n', size);
  CU_ASSERT_FATAL (weights != NULL);
  weights++;
  snprintf (want, sizeof want, " begins %016llx\n",
            (unsigned long long)fnv1a (weights, (size_t)(bytes + size - weights) - 8));
  CU_ASSERT_NSTRING_EQUAL (weights - strlen (want), want, strlen (want));
  free (bytes);
  close_bench (&b);
  help_remove (path);
}

/* ---- Memory ---------------------------------------------------------------------- */

/* Giving back what is too much may fail without harm, so success is allowed too. The
 * instance is closed in any case. */
static bool
try_open (const void *context, long from, long to)
{
  struct bench b = make_bench (context);
  gym_error err = { 0 };
  long before = memory_arm (from, to);
  int rc = cell_env.open (b.self, &host, &err);
  memory_disarm ();
  cell_env.close (b.self);
  bool good = memory_live == before && (rc == GYM_OK || rc == GYM_ENOMEM);
  free (b.self);
  if (!good)
    tap_note ("from call %ld: %d, \"%s\", %ld blocks more", from, rc, err.text,
              memory_live - before);
  return good;
}

static void
test_open (void)
{
  static const char *const arrays[] = { "accelerator=edge", NULL };
  static const char *const eyeriss[] = { "accelerator=eyeriss", NULL };
  memory_explore (try_open, arrays, 20);
  memory_explore (try_open, eyeriss, 20);
}

struct attempt {
  const char *digits;
  uint32_t fidelity;
  double metrics[METRICS]; /* undisturbed */
};

static const char *const smallest[] = {
  "train=20",          "validation=20",  "epochs=2", "channels=1",
  "supernet_epochs=1", "score_images=2", NULL
};

static bool
as_undisturbed (const struct bench *b, const struct attempt *a)
{
  bool same = b->status == GYM_TRIAL_OK;
  for (size_t i = 0; i < METRICS; i++)
    same = same
           && (i == TRAIN_SECONDS
               || memcmp (&b->metrics[i], &a->metrics[i], sizeof a->metrics[i]) == 0);
  return same;
}

/* An instance of its own, that nothing is left in it from before. Whether it failed or
 * did without, what it says then is what it would have said. */
static bool
try_evaluate (const void *context, long from, long to)
{
  const struct attempt *a = context;
  long before = memory_live;
  struct bench b = make_bench (smallest);
  gym_error err = { 0 };
  CU_ASSERT_EQUAL_FATAL (cell_env.open (b.self, &host, NULL), GYM_OK);
  memory_arm (from, to);
  int rc = evaluate (&b, a->digits, a->fidelity, &err);
  memory_disarm ();
  bool good = rc == GYM_OK ? as_undisturbed (&b, a)
                           : rc == GYM_ENOMEM && strstr (err.text, "out of memory");
  good = good && evaluate (&b, a->digits, a->fidelity, NULL) == GYM_OK
         && as_undisturbed (&b, a);
  close_bench (&b);
  good = good && memory_live == before;
  if (!good)
    tap_note ("from call %ld: %d, \"%s\", \"%s\", %ld blocks more", from, rc, err.text,
              b.note, memory_live - before);
  return good;
}

static void
explore (const char *digits, uint32_t fidelity)
{
  struct attempt a = { .digits = digits, .fidelity = fidelity };
  struct bench b = make_bench (smallest);
  CU_ASSERT_EQUAL_FATAL (cell_env.open (b.self, &host, NULL), GYM_OK);
  CU_ASSERT_EQUAL (evaluate (&b, digits, fidelity, NULL), GYM_OK);
  memcpy (a.metrics, b.metrics, sizeof a.metrics);
  close_bench (&b);
  memory_explore (try_evaluate, &a, 20);
}

static void
test_evaluate (void)
{
  host.cache_dir = "/dev/null/nowhere";
  explore ("330331", SCORE);
  explore ("330331", SHARED);
  explore ("330331", FULL);
}

/* A file that memory is too short to read is as good as none. */
static void
test_cache (void)
{
  char path[256];
  host.cache_dir = help_scratch (path, "cache");
  explore ("330331", SHARED);
  help_remove (path);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "stops", .run = test_stops },
    { .name = "a supernet that diverges", .run = test_diverged },
    { .name = "the title of shared weights", .run = test_title },
    { .name = "memory of opening", .run = test_open },
    { .name = "memory of evaluations", .run = test_evaluate },
    { .name = "memory of shared weights in a file", .run = test_cache },
    { 0 },
  };
  return tap_run ("cell host", tests);
}
