/* Files: their names, being complete, and all that may go wrong. */
#include <config.h>

#include "tests/core/datasets.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

static long
size_of (const char *name)
{
  struct stat about;
  char whole[160];
  return stat (ds_file (&scene, name, whole), &about) == 0 ? (long)about.st_size : -1;
}

/* Files in the folder that are not complete. */
static int
count_parts (void)
{
  int n = 0;
  DIR *folder = opendir (scene.kits[0].folder);
  CU_ASSERT_PTR_NOT_NULL_FATAL (folder);
  for (struct dirent *e; (e = readdir (folder));)
    n += strstr (e->d_name, ".part") != NULL;
  closedir (folder);
  return n;
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
  CU_ASSERT (!exists ("a.parquet.meta.json") && count_parts () == 0);
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
           "cannot write \"/nowhere/x.parquet\": No such file or directory");
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
  char whole[160];
  begin ();
  CU_ASSERT_EQUAL (symlink (scene.paths[0], ds_file (&scene, "on.csv.meta.json", whole)),
                   0);
  refused (ds_file (&scene, "on.csv", path), NULL, GYM_EINVAL,
           "on.csv.meta.json: is a store itself; write to another file");
  CU_ASSERT (!exists ("on.csv"));
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
  /* Metadata that cannot take its place keeps the new rows from taking theirs. */
  CU_ASSERT_EQUAL (unlink (ds_file (&scene, "a.csv.meta.json", other)), 0);
  CU_ASSERT_EQUAL (mkdir (other, 0700), 0);
  CU_ASSERT_EQUAL (truncate (ds_file (&scene, "a.csv", path), 3), 0);
  refused (path, NULL, GYM_EIO, "a.csv.meta.json\": Is a directory");
  CU_ASSERT_EQUAL (size_of ("a.csv"), 3);
  CU_ASSERT_EQUAL (rmdir (other), 0);
  refused (ds_file (&scene, "none/a.csv", other), NULL, GYM_EIO,
           "none/a.csv\": No such file or directory");
  CU_ASSERT_EQUAL (mkdir (ds_file (&scene, "b.parquet", other), 0700), 0);
  refused (other, NULL, GYM_EIO, "b.parquet: Is a directory");
  CU_ASSERT_EQUAL (count_parts (), 0);
  end ();
}

/* Rows that do not fit: no metadata tells of them. */
static void
test_no_room (void)
{
  struct rlimit old, few;
  gym_error err = { 0 };
  begin ();
  ds_file (&scene, "large.csv", path);
  CU_ASSERT_EQUAL (getrlimit (RLIMIT_FSIZE, &old), 0);
  few = old;
  few.rlim_cur = 40;
  signal (SIGXFSZ, SIG_IGN);
  CU_ASSERT_EQUAL (setrlimit (RLIMIT_FSIZE, &few), 0);
  CU_ASSERT_EQUAL (gym_dataset_write (dataset, path, NULL, &err), GYM_EIO);
  CU_ASSERT_EQUAL (setrlimit (RLIMIT_FSIZE, &old), 0);
  CU_ASSERT_TRUE (kit_says (&err, "large.csv: File too large"));
  CU_ASSERT (!exists ("large.csv") && !exists ("large.csv.meta.json"));
  CU_ASSERT_EQUAL (count_parts (), 0);
  end ();
}

/* Each writes a file of its own, and the last one stays. */
static void
test_two_writers (void)
{
  enum { TIMES = 20 };
  begin ();
  starts ("both.csv", NULL, "p0,p1");
  long whole = size_of ("both.csv");
  ds_file (&scene, "both.csv", path);
  pid_t child = fork ();
  int code = GYM_OK, status = 1;
  if (child == 0)
    dataset = ds_open (&scene, NULL); /* its own files */
  for (int i = 0; i < TIMES && code == GYM_OK; i++)
    code = gym_dataset_write (dataset, path, NULL, NULL);
  if (child == 0)
    _exit (code == GYM_OK ? 0 : 1);
  CU_ASSERT_EQUAL (waitpid (child, &status, 0), child);
  CU_ASSERT (code == GYM_OK && status == 0);
  CU_ASSERT_EQUAL (size_of ("both.csv"), whole);
  CU_ASSERT_EQUAL (count_parts (), 0);
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
  CU_ASSERT (!exists ("e.jsonl") && count_parts () == 0);
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
                                           { "no room", test_no_room },
                                           { "two writers", test_two_writers },
                                           { "pipe", test_pipe },
                                           { "episodes", test_episodes },
                                           { 0 } };
  return tap_run ("dataset_file", tests);
}
