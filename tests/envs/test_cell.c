/* cell-v1 through the public interface. */
#include "tests/envs/accel_env.h"

#include "envs/cell/graph.h"

#include <glob.h>
#include <stdatomic.h>
#include <sys/stat.h>

enum { SCORE, SHARED, SHORT, FULL };

/* Small enough for every day. */
#define SMALL "train=96", "validation=60", "epochs=4", "supernet_epochs=6", "channels=4"
static const char *const small[] = { SMALL, NULL };

static void
write_design (const char *digits, char text[200])
{
  static const char *const edges[] = { "0_1", "0_2", "1_2", "0_3", "1_3", "2_3" };
  size_t at = 0;
  for (int e = 0; e < CELL_EDGES; e++)
    at += (size_t)snprintf (text + at, 200 - at, "%sedge_%s=%s", e ? "," : "", edges[e],
                            cell_op_names[digits[e] - '0']);
}

static void
run (struct accel_env *e, const char *digits, uint32_t fidelity)
{
  char text[200];
  write_design (digits, text);
  accel_env_run (e, text, fidelity);
}

/* ---- Figures ---------------------------------------------------------------------- */

/* Parameters and MACs of 8x8 images, 8 channels, a cell in each of two stages. */
static void
test_by_hand (void)
{
  struct accel_env e = accel_env_open ("cell", (const char *[]){ "stages=2", NULL });
  double stem = 9 * 8 + 16, head = 32 + 16 * 10 + 10;
  double reduction = 9 * 8 * 16 + 32 + 9 * 16 * 16 + 32 + 8 * 16;
  double skeleton = 64 * 72 + 16 * (9 * 8 * 16 + 9 * 16 * 16 + 8 * 16) + 160;
  double latency;
  run (&e, "000100", SCORE);
  CU_ASSERT_EQUAL (accel_env_value (&e, "params"), stem + reduction + head);
  CU_ASSERT_EQUAL (accel_env_value (&e, "macs"), skeleton);
  CU_ASSERT_EQUAL (accel_env_value (&e, "connected"), 1);
  latency = accel_env_value (&e, "latency");
  run (&e, "000300", SCORE);
  CU_ASSERT_EQUAL (accel_env_value (&e, "params"),
                   stem + reduction + head + 9 * 64 + 16 + 9 * 256 + 32);
  CU_ASSERT_EQUAL (accel_env_value (&e, "macs"), skeleton + 64 * 9 * 64 + 16 * 9 * 256);
  CU_ASSERT (accel_env_value (&e, "latency") > latency);
  run (&e, "000200", SCORE);
  CU_ASSERT_EQUAL (accel_env_value (&e, "macs"), skeleton + 64 * 64 + 16 * 256);
  run (&e, "000400", SCORE);
  CU_ASSERT_EQUAL (accel_env_value (&e, "macs"), skeleton);
  CU_ASSERT (accel_env_value (&e, "latency") > latency);
  accel_env_close (&e);
}

/* What was trained knows more than chance, and longer training more than short. */
static void
test_learns (void)
{
  struct accel_env e = accel_env_open ("cell", NULL);
  double loss;
  run (&e, "330331", SHORT);
  loss = accel_env_value (&e, "nll");
  CU_ASSERT (loss < 2);
  run (&e, "330331", FULL);
  CU_ASSERT (accel_env_value (&e, "nll") < loss);
  CU_ASSERT (accel_env_value (&e, "accuracy") > 0.9);
  CU_ASSERT (accel_env_value (&e, "train_seconds") > 0);
  accel_env_close (&e);
}

/* Three cells of one form, and one that differs from them by a convolution's edge. */
static void
test_isomorphic (void)
{
  static const char *const same[] = { "301010", "030001", "000300", "330100" };
  struct accel_env e = accel_env_open ("cell", small);
  for (uint32_t f = SCORE; f <= FULL; f++) {
    double kept[ACCEL_ENV_METRICS];
    for (int i = 0; i < 3; i++) {
      struct accel_env other = accel_env_open ("cell", small);
      run (&other, same[i], f);
      for (uint32_t j = 0; j < gym_env_metrics (e.env)->n; j++) {
        bool measured = gym_env_metrics (e.env)->items[j].flags & GYM_METRIC_MEASURED;
        if (i > 0 && !measured)
          CU_ASSERT (memcmp (&kept[j], &other.metrics[j], sizeof kept[j]) == 0);
        kept[j] = other.metrics[j];
      }
      CU_ASSERT_EQUAL (accel_env_value (&other, "form"), 3 * 25);
      accel_env_close (&other);
    }
    run (&e, same[3], f);
    CU_ASSERT (accel_env_value (&e, "form") != 3 * 25);
  }
  accel_env_close (&e);
}

/* It learns what the classes' shares are, and no more. Shared weights are those of other
 * cells, and know less. */
static void
test_disconnected (void)
{
  struct accel_env e = accel_env_open ("cell", NULL);
  for (uint32_t f = SCORE; f <= FULL; f++) {
    run (&e, "333000", f);
    CU_ASSERT_EQUAL (e.status, GYM_TRIAL_OK);
    CU_ASSERT_EQUAL (accel_env_value (&e, "connected"), 0);
    if (f == SCORE) {
      CU_ASSERT_EQUAL (accel_env_value (&e, "synflow"), 0);
      continue;
    }
    CU_ASSERT_DOUBLE_EQUAL (accel_env_value (&e, "accuracy"), 0.1, 0.02);
    CU_ASSERT_DOUBLE_EQUAL (accel_env_value (&e, "nll"), log (10),
                            f == SHARED ? 0.5 : 0.05);
    CU_ASSERT_DOUBLE_EQUAL (accel_env_value (&e, "brier"), 0.9, f == SHARED ? 0.1 : 0.02);
  }
  accel_env_close (&e);
}

/* The other accelerators price the same network otherwise. */
static void
test_accelerators (void)
{
  static const char *const names[] = { "accelerator=edge", "accelerator=cloud",
                                       "accelerator=eyeriss" };
  double latency[3], energy[3];
  for (int i = 0; i < 3; i++) {
    struct accel_env e = accel_env_open ("cell", (const char *[]){ names[i], NULL });
    run (&e, "333333", SCORE);
    latency[i] = accel_env_value (&e, "latency");
    energy[i] = accel_env_value (&e, "energy");
    CU_ASSERT (latency[i] > 0 && energy[i] > 0);
    accel_env_close (&e);
  }
  CU_ASSERT (latency[0] != latency[1] && latency[1] != latency[2]);
  CU_ASSERT (energy[1] < energy[0]);
}

/* Nothing but a sealed evaluation gives the test accuracy, also where the instance has
 * the rest of the answer already; and it changes nothing else. */
static void
test_sealed (void)
{
  struct accel_env e = accel_env_open ("cell", small);
  int at = gym_env_find_metric (e.env, "test_accuracy", NULL);
  uint32_t full = FULL, status;
  double row[CELL_EDGES], m[ACCEL_ENV_METRICS];
  char text[200], note[GYM_NOTE];
  write_design ("330331", text);
  CU_ASSERT_EQUAL (gym_design_parse (gym_env_space (e.env), text, row, NULL), GYM_OK);
  for (int i = 0; i < 2; i++) {
    run (&e, "330331", FULL);
    CU_ASSERT (isnan (e.metrics[at]));
    CU_ASSERT_EQUAL (
        gym_env_evaluate_sealed (e.env, 1, row, &full, NULL, m, &status, note, NULL),
        GYM_OK);
    CU_ASSERT (m[at] >= 0 && m[at] <= 1);
    CU_ASSERT (m[0] == e.metrics[0] && m[1] == e.metrics[1]);
  }
  accel_env_close (&e);
}

/* ---- One cell a form ----------------------------------------------------------------
 */

static void
test_merge (void)
{
  struct accel_env e =
      accel_env_open ("cell", (const char *[]){ SMALL, "merge=true", NULL });
  char text[200];
  double row[CELL_EDGES], wanted[] = { 0, 0, 0, 3, 0, 0 };
  write_design ("301010", text);
  CU_ASSERT_EQUAL (gym_design_parse (gym_env_space (e.env), text, row, NULL), GYM_OK);
  CU_ASSERT_TRUE (gym_env_repair (e.env, row));
  CU_ASSERT (memcmp (row, wanted, sizeof row) == 0);
  accel_env_close (&e);
}

/* ---- The supernet's file ------------------------------------------------------------
 */

/* The one file of the folder, and the number that it has as long as it is not written
 * anew. */
static ino_t
find_file (const char *folder, char path[512])
{
  struct stat found = { 0 };
  glob_t files;
  char pattern[300];
  snprintf (pattern, sizeof pattern, "%s/cell-????????????????", folder);
  CU_ASSERT_EQUAL_FATAL (glob (pattern, 0, NULL, &files), 0);
  CU_ASSERT_EQUAL (files.gl_pathc, 1);
  snprintf (path, 512, "%s", files.gl_pathv[0]);
  CU_ASSERT (stat (path, &found) == 0 && found.st_size > 1000);
  globfree (&files);
  return found.st_ino;
}

static void
damage (const char *path)
{
  FILE *file = fopen (path, "r+b");
  CU_ASSERT_FATAL (file != NULL);
  CU_ASSERT (fseek (file, 600, SEEK_SET) == 0 && fputc ('x', file) == 'x');
  CU_ASSERT_EQUAL (fclose (file), 0);
}

static double
run_shared (const char *folder)
{
  struct accel_env e;
  double nll;
  setenv ("GYM_CACHE_DIR", folder, 1);
  e = accel_env_open ("cell", small);
  run (&e, "330331", SHARED);
  CU_ASSERT_EQUAL (e.status, GYM_TRIAL_OK);
  nll = accel_env_value (&e, "nll");
  accel_env_close (&e);
  return nll;
}

/* The same bits whether it was trained, read, or found damaged and trained again; and
 * without a folder to keep it. The folder and the one around it are made. */
static void
test_cache (void)
{
  const char *kept = getenv ("GYM_CACHE_DIR");
  char path[256], folder[264], before[1024], file[512];
  double nll;
  ino_t number;
  snprintf (before, sizeof before, "%s", kept ? kept : "");
  help_scratch (path, "cache");
  snprintf (folder, sizeof folder, "%s/inner", path);
  nll = run_shared (folder);
  number = find_file (folder, file);
  CU_ASSERT_EQUAL (run_shared (folder), nll);
  CU_ASSERT_EQUAL (find_file (folder, file), number);
  damage (file);
  CU_ASSERT_EQUAL (run_shared (folder), nll);
  CU_ASSERT (find_file (folder, file) != number);
  CU_ASSERT_EQUAL (run_shared ("/proc/nowhere"), nll);
  setenv ("GYM_CACHE_DIR", before, 1);
  help_remove (path);
}

/* ---- Bad input ----------------------------------------------------------------------
 */

static void
test_refusals (void)
{
  char path[256], setting[300];
  accel_env_refuses ("cell", (const char *[]){ "path=/nowhere/digits.txt", NULL },
                     "digits.txt");
  accel_env_refuses ("cell",
                     (const char *[]){ "data=fashion-mnist", "path=/nowhere", NULL },
                     "dataset-fashion-mnist");
  accel_env_file (path, "digits.txt", "images 3 8x8 levels 17 classes 10 crc32 0\n");
  snprintf (setting, sizeof setting, "path=%s", path);
  accel_env_refuses ("cell", (const char *[]){ setting, NULL }, "option \"data\": ");
  help_remove (path);
  accel_env_refuses ("cell", (const char *[]){ "train=5000", NULL }, "5000");
  accel_env_refuses ("cell", (const char *[]){ "cells=1", "stages=2", NULL },
                     "option \"cells\": 1 for 2 stages");
}

static void
test_diverges (void)
{
  struct accel_env e =
      accel_env_open ("cell", (const char *[]){ SMALL, "rate=1000000", "decay=1", NULL });
  run (&e, "330331", FULL);
  CU_ASSERT_EQUAL (e.status, GYM_TRIAL_FAILED);
  CU_ASSERT (strstr (e.note, "diverged") != NULL);
  accel_env_close (&e);
}

/* A wish that is there from the start ends an evaluation that would take minutes. */
static void
test_cancel (void)
{
  struct accel_env e =
      accel_env_open ("cell", (const char *[]){ "epochs=1000", "supernet_epochs=100000",
                                                "supernet_seed=77", NULL });
  atomic_bool stop;
  char text[200];
  double row[CELL_EDGES];
  write_design ("333333", text);
  CU_ASSERT_EQUAL (gym_design_parse (gym_env_space (e.env), text, row, NULL), GYM_OK);
  atomic_init (&stop, true);
  gym_env_set_cancel (e.env, &stop);
  for (uint32_t f = SCORE; f <= FULL; f++) {
    gym_error err = { 0 };
    CU_ASSERT_EQUAL (
        gym_env_evaluate (e.env, 1, row, &f, NULL, e.metrics, &e.status, e.note, &err),
        GYM_ECANCELLED);
  }
  accel_env_close (&e);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "by hand", .run = test_by_hand },
    { .name = "learns", .run = test_learns },
    { .name = "isomorphic", .run = test_isomorphic },
    { .name = "disconnected", .run = test_disconnected },
    { .name = "accelerators", .run = test_accelerators },
    { .name = "sealed", .run = test_sealed },
    { .name = "merge", .run = test_merge },
    { .name = "cache", .run = test_cache },
    { .name = "refusals", .run = test_refusals },
    { .name = "diverges", .run = test_diverges },
    { .name = "cancel", .run = test_cancel },
    { 0 },
  };
  return tap_run ("cell", tests);
}
