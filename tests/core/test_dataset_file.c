/* Files: their names, being complete, and all that may go wrong. */
#include <config.h>

#include "tests/core/datasets.h"

#include <sys/stat.h>
#include <unistd.h>

static struct ds_scene scene;
static gym_dataset *dataset;
static char path[160];

static void
begin (void)
{
  ds_make (&scene, 1, 20, 6);
  dataset = ds_open (&scene, NULL);
}

static void
end (void)
{
  gym_dataset_destroy (&dataset);
  ds_free (&scene);
}

static bool
exists (const char *name)
{
  struct stat about;
  char whole[160];
  return stat (ds_file (&scene, name, whole), &about) == 0;
}

static void
starts (const char *name, const struct gym_dataset_output *o, const char *bytes)
{
  gym_error err = { 0 };
  char seen[16] = { 0 };
  int code = gym_dataset_write (dataset, ds_file (&scene, name, path), o, &err);
  if (code < 0)
    tap_note ("%s", err.text);
  CU_ASSERT_EQUAL (code, GYM_OK);
  FILE *f = fopen (path, "rb");
  CU_ASSERT_PTR_NOT_NULL_FATAL (f);
  CU_ASSERT_EQUAL (fread (seen, 1, strlen (bytes), f), strlen (bytes));
  CU_ASSERT_STRING_EQUAL (seen, bytes);
  fclose (f);
}

static void
test_names (void)
{
  const struct gym_dataset_output csv = { .struct_size = sizeof csv,
                                          .format = GYM_DATASET_CSV };
  begin ();
  starts ("a.csv", NULL, "p0,p1");
  starts ("a.CSV", NULL, "p0,p1");
  starts ("a.jsonl", NULL, "{\"p0\"");
  starts ("a.ndjson", NULL, "{\"p0\"");
  starts ("a.npz", NULL, "PK\x03\x04");
  starts ("a.parquet", NULL, "PAR1");
  starts ("a.npz", &csv, "p0,p1"); /* what is said counts, and the file is replaced */
  starts ("plain", &csv, "p0,p1");
  CU_ASSERT (exists ("a.csv.meta.json") && exists ("a.jsonl.meta.json")
             && exists ("plain.meta.json"));
  CU_ASSERT (!exists ("a.parquet.meta.json") && !exists ("a.csv.part"));
  end ();
}

static void
refused (const char *name, const struct gym_dataset_output *o, int code, const char *text)
{
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_dataset_write (dataset, name, o, &err), code);
  CU_ASSERT_TRUE (kit_says (&err, text));
}

static void
test_refusals (void)
{
  struct gym_dataset_output o = { .struct_size = sizeof o };
  begin ();
  refused ("data.xlsx", NULL, GYM_EINVAL,
           "data.xlsx: the end of its name says no format: .csv, .jsonl, .npz or "
           ".parquet");
  refused (".csv", NULL, GYM_EINVAL, ".csv: the end of its name says no format");
  refused ("/nowhere/x.parquet", NULL, GYM_EIO,
           "/nowhere/x.parquet.part: No such file or directory");
  o.format = 9;
  refused ("x.csv", &o, GYM_EINVAL, "unknown data set format 9");
  o = (struct gym_dataset_output){ .struct_size = sizeof o, .encoding = 4 };
  refused ("x.csv", &o, GYM_EINVAL, "unknown encoding 4");
  o.encoding = GYM_ENCODE_DECODED;
  refused ("x.npz", &o, GYM_EINVAL,
           "npz keeps designs as numbers: encode them ordinal or onehot");
  /* Another name of the store is the store. */
  o = (struct gym_dataset_output){ .struct_size = sizeof o, .format = GYM_DATASET_CSV };
  CU_ASSERT_EQUAL (symlink (scene.paths[0], ds_file (&scene, "link.csv", path)), 0);
  refused (path, &o, GYM_EINVAL, "link.csv: is a store itself; write to another file");
  refused (scene.paths[0], &o, GYM_EINVAL, "is a store itself");
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_dataset_put (dataset, NULL, NULL, NULL, &err), GYM_EINVAL);
  CU_ASSERT_TRUE (kit_says (&err, "unknown data set format 0"));
  end ();
}

/* Nor may a file that is written on the way be one: it would be cut to nothing first. */
static void
test_on_the_way (void)
{
  static const char *const ends[] = { ".part", ".meta.json", ".meta.json.part" };
  begin ();
  for (size_t i = 0; i < 3; i++) {
    char name[40], whole[160], text[100];
    snprintf (name, sizeof name, "on%zu.csv%s", i, ends[i]);
    CU_ASSERT_EQUAL (symlink (scene.paths[0], ds_file (&scene, name, whole)), 0);
    snprintf (text, sizeof text, "%s: is a store itself; write to another file", name);
    snprintf (name, sizeof name, "on%zu.csv", i);
    refused (ds_file (&scene, name, path), NULL, GYM_EINVAL, text);
    CU_ASSERT (!exists (name));
  }
  size_t rows = gym_dataset_counts (dataset)->rows;
  gym_dataset_destroy (&dataset);
  dataset = ds_open (&scene, NULL);
  CU_ASSERT_EQUAL (gym_dataset_counts (dataset)->rows, rows);
  end ();
}

static int
put_nothing (void *sink, const char *bytes, size_t n)
{
  (void)bytes;
  (void)n;
  return *(int *)sink;
}

static void
is_at_start (const struct gym_dataset_row *first)
{
  struct gym_dataset_row row = { .struct_size = sizeof row };
  CU_ASSERT_EQUAL (gym_dataset_next (dataset, &row, NULL), 1);
  CU_ASSERT (row.run == first->run && row.number == first->number);
}

/* Whoever goes on after writing, or after writing failed half way, begins anew. */
static void
test_next_walk (void)
{
  const struct gym_dataset_output csv = { .struct_size = sizeof csv,
                                          .format = GYM_DATASET_CSV };
  const struct gym_dataset_options all = { .struct_size = sizeof all,
                                           .duplicates = true };
  struct gym_dataset_row first = { .struct_size = sizeof first };
  int full = GYM_EIO;
  ds_make (&scene, 1, 500, 6);
  dataset = ds_open (&scene, &all);
  CU_ASSERT_EQUAL (gym_dataset_next (dataset, &first, NULL), 1);
  ds_file (&scene, "e.jsonl", path);
  CU_ASSERT_EQUAL (gym_dataset_write_episodes (dataset, path, NULL, NULL, NULL), GYM_OK);
  is_at_start (&first);
  CU_ASSERT_EQUAL (gym_dataset_put (dataset, &csv, put_nothing, &full, NULL), GYM_EIO);
  is_at_start (&first);
  if (access ("/dev/full", F_OK) == 0)
    refused ("/dev/full", &csv, GYM_EIO, "/dev/full: No space left on device");
  is_at_start (&first);
  end ();
}

/* A full disk is said, and leaves nothing behind. */
static void
test_full_disk (void)
{
  static const char *const formats[] = { "csv", "jsonl", "npz", "parquet" };
  struct stat about;
  if (stat ("/dev/full", &about) != 0) {
    tap_skip ("no /dev/full");
    return;
  }
  begin ();
  for (uint32_t i = 0; i < 4; i++) {
    const struct gym_dataset_output o = { .struct_size = sizeof o, .format = i + 1 };
    tap_note ("%s", formats[i]);
    refused ("/dev/full", &o, GYM_EIO, "/dev/full: No space left on device");
  }
  end ();
}

/* What stood there stays when writing fails; a half file does not. */
static void
test_failure (void)
{
  char other[160];
  begin ();
  starts ("a.csv", NULL, "p0,p1");
  CU_ASSERT_EQUAL (mkdir (ds_file (&scene, "a.csv.part", other), 0700), 0);
  refused (ds_file (&scene, "a.csv", path), NULL, GYM_EIO, "a.csv.part: Is a directory");
  CU_ASSERT (exists ("a.csv"));
  CU_ASSERT_EQUAL (rmdir (other), 0);
  CU_ASSERT_EQUAL (mkdir (ds_file (&scene, "b.parquet", other), 0700), 0);
  refused (other, NULL, GYM_EIO, "b.parquet: Is a directory");
  CU_ASSERT (!exists ("b.parquet.part"));
  end ();
}

/* A pipe takes what is written from front to back. */
static void
test_pipe (void)
{
  gym_error err = { 0 };
  char command[400], seen[64];
  const struct gym_dataset_output npz = { .struct_size = sizeof npz,
                                          .format = GYM_DATASET_NPZ };
  begin ();
  ds_file (&scene, "pipe.csv", path);
  CU_ASSERT_EQUAL (mkfifo (path, 0600), 0);
  snprintf (command, sizeof command, "wc -l <'%s' >'%s.n' &", path, path);
  CU_ASSERT_EQUAL (system (command), 0);
  CU_ASSERT_EQUAL (gym_dataset_write (dataset, path, NULL, &err), GYM_OK);
  CU_ASSERT (!exists ("pipe.csv.meta.json"));
  CU_ASSERT_EQUAL (gym_dataset_write (dataset, path, &npz, &err), GYM_EINVAL);
  CU_ASSERT_TRUE (kit_says (
      &err, "pipe.csv: npz is written in several places at a time: name a file"));
  snprintf (command, sizeof command, "%s.n", path);
  for (int i = 0; i < 300; i++, usleep (100000)) {
    FILE *f = fopen (command, "r");
    bool done = f && fgets (seen, sizeof seen, f);
    if (f)
      fclose (f);
    if (done)
      break;
  }
  CU_ASSERT_EQUAL (strtoul (seen, NULL, 10), gym_dataset_counts (dataset)->rows + 1);
  end ();
}

static void
test_episodes (void)
{
  gym_error err = { 0 };
  begin ();
  ds_file (&scene, "e.csv", path);
  CU_ASSERT_EQUAL (gym_dataset_write_episodes (dataset, path, NULL, NULL, &err),
                   GYM_EINVAL);
  CU_ASSERT_TRUE (kit_says (&err, "e.csv: episodes are written as .jsonl or .npz"));
  ds_file (&scene, "e.jsonl", path);
  CU_ASSERT_EQUAL (gym_dataset_write_episodes (dataset, path, NULL, "nothing", &err),
                   GYM_EINVAL);
  CU_ASSERT_TRUE (kit_says (&err, "unknown metric \"nothing\""));
  CU_ASSERT (!exists ("e.jsonl") && !exists ("e.jsonl.part"));
  CU_ASSERT_EQUAL (gym_dataset_write_episodes (dataset, path, NULL, NULL, &err), GYM_OK);
  CU_ASSERT (exists ("e.jsonl") && exists ("e.jsonl.meta.json"));
  end ();
}

int
main (void)
{
  static const struct tap_test tests[] = { { "names", test_names },
                                           { "refusals", test_refusals },
                                           { "stores on the way", test_on_the_way },
                                           { "next walk", test_next_walk },
                                           { "full disk", test_full_disk },
                                           { "failure", test_failure },
                                           { "pipe", test_pipe },
                                           { "episodes", test_episodes },
                                           { 0 } };
  return tap_run ("dataset_file", tests);
}
