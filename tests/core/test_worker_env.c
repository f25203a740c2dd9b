/* From a study's WELCOME to an open env: what a worker believes of it, and what it does
 * not. */
#include "core/digest.h"
#include "core/wire.h"
#include "core/worker.h"
#include "tests/core/help.h"

#include <dirent.h>
#include <gym/rng.h>
#include <jansson.h>
#include <sys/stat.h>

/* A study with a file, and a cache folder of the test's own, which is not there yet. */
struct scene {
  char home[256], file[256], cache[300];
  char digest[65];
  gym_registry *registry;
  gym_env *env; /* the study's */
  json_t *welcome;
};

static const char content[] = "1.25\nand more that nobody reads\n";

static void
begin (struct scene *t)
{
  char option[300];
  const char *const texts[] = { option, "scale=2", NULL };
  *t = (struct scene){ .registry = help_registry () };
  help_scratch (t->home, "x");
  *strrchr (t->home, '/') = '\0';
  snprintf (t->file, sizeof t->file, "%.240s/weights", t->home);
  snprintf (t->cache, sizeof t->cache, "%s/deep/and/deeper", t->home);
  setenv ("GYM_CACHE_DIR", t->cache, 1);
  FILE *file = fopen (t->file, "w");
  CU_ASSERT_PTR_NOT_NULL_FATAL (file);
  fputs (content, file);
  fclose (file);
  snprintf (option, sizeof option, "weights=%s", t->file);
  gym_digest_bytes (content, strlen (content), t->digest);
  t->env = help_env (t->registry, "toy", texts);
  CU_ASSERT_PTR_NOT_NULL_FATAL (t->env);
  t->welcome = json_pack (
      "{s:s, s:s, s:[[s,s],[s,s]], s:[{s:s, s:s, s:s, s:i}], s:i, s:i, s:f, s:{s:s, s:f, "
      "s:f, s:i, s:i}}",
      "env", gym_env_entry (t->env)->id, "identity", gym_env_identity (t->env),
      "settings", "weights", t->file, "scale", "2", "files", "option", "weights", "name",
      "weights", "sha256", t->digest, "size", (int)strlen (content), "params",
      (int)gym_space_size (gym_env_space (t->env)), "metrics",
      (int)gym_env_metrics (t->env)->n, "lease", 7.5, "limits", "isolation", "strict",
      "seconds", 1.5, "cpu_seconds", 2.5, "memory", 1000, "file_size", 2000);
  CU_ASSERT_PTR_NOT_NULL_FATAL (t->welcome);
}

static void
finish (struct scene *t)
{
  char path[300];
  json_decref (t->welcome);
  gym_env_destroy (&t->env);
  gym_registry_destroy (&t->registry);
  snprintf (path, sizeof path, "%s/x", t->home);
  help_remove (path);
}

static int
read_json (struct worker_scene *s, const json_t *j, gym_error *err)
{
  char *text = json_dumps (j, 0);
  int rc = scene_read (s, text, strlen (text), err);
  free (text);
  return rc;
}

static json_t *
file_of (const struct scene *t)
{
  return json_array_get (json_object_get (t->welcome, "files"), 0);
}

/* The only file below the cache folder, or "" when there is none, "several" when more. */
static void
find_files (const char *folder, char found[600])
{
  DIR *dir = opendir (folder);
  for (struct dirent *e; dir && (e = readdir (dir));) {
    char path[600];
    struct stat info;
    if (e->d_name[0] == '.'
        || snprintf (path, sizeof path, "%s/%s", folder, e->d_name) >= (int)sizeof path
        || stat (path, &info) != 0)
      continue;
    if (S_ISDIR (info.st_mode))
      find_files (path, found);
    else
      snprintf (found, 600, "%s", found[0] ? "several" : path);
  }
  if (dir)
    closedir (dir);
}

static bool
cache_holds (const struct scene *t, const char *expected)
{
  char found[600] = "";
  find_files (t->cache, found);
  if (!expected)
    return !found[0];
  FILE *file = fopen (found, "r");
  char text[200] = "";
  size_t n = file ? fread (text, 1, sizeof text - 1, file) : 0;
  if (file)
    fclose (file);
  return n == strlen (expected) && memcmp (text, expected, n) == 0;
}

/* ---- WELCOME ---- */

static void
test_read (void)
{
  struct scene t;
  struct worker_scene s = { 0 };
  begin (&t);
  CU_ASSERT_STRING_EQUAL (scene_identity (&s), "");
  for (int twice = 0; twice < 2; twice++) {
    CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
    CU_ASSERT_STRING_EQUAL (scene_identity (&s), gym_env_identity (t.env));
    CU_ASSERT (s.lease == 7.5);
    CU_ASSERT_EQUAL (s.limits.isolation, GYM_ISOLATE_STRICT);
    CU_ASSERT (s.limits.seconds == 1.5 && s.limits.cpu_seconds == 2.5);
    CU_ASSERT (s.limits.memory == 1000 && s.limits.file_size == 2000);
  }
  scene_free (&s);
  scene_free (&s);
  CU_ASSERT_STRING_EQUAL (scene_identity (&s), "");
  finish (&t);
}

/* What cannot be done without is missed at once; a scene that was read stays. */
static void
test_missing_parts (void)
{
  static const char *const keys[] = { "env", "identity", "limits", "lease" };
  struct scene t;
  struct worker_scene s = { 0 };
  gym_error err = { 0 };
  begin (&t);
  CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
  for (size_t i = 0; i < 4; i++) {
    json_t *less = json_deep_copy (t.welcome);
    json_object_del (less, keys[i]);
    CU_ASSERT_EQUAL (read_json (&s, less, &err), GYM_EINVAL);
    json_object_set_new (less, keys[i], json_true ());
    CU_ASSERT_EQUAL (read_json (&s, less, &err), GYM_EINVAL);
    json_object_set_new (less, keys[i], json_array ());
    CU_ASSERT_EQUAL (read_json (&s, less, &err), GYM_EINVAL);
    json_decref (less);
  }
  json_object_set_new (t.welcome, "lease", json_real (-1));
  CU_ASSERT_EQUAL (read_json (&s, t.welcome, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (scene_identity (&s), gym_env_identity (t.env));
  scene_free (&s);
  finish (&t);
}

/* Numbers that no size can have are no limits; an isolation nobody knows is one. */
static void
test_odd_limits (void)
{
  static const double values[] = { -1, -1e300, 1e300, 0x1p63, 0 };
  struct scene t;
  struct worker_scene s = { 0 };
  begin (&t);
  json_t *limits = json_object_get (t.welcome, "limits");
  for (size_t i = 0; i < 5; i++) {
    json_object_set_new (limits, "memory", json_real (values[i]));
    json_object_set_new (limits, "file_size", json_real (values[i]));
    CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
    CU_ASSERT (s.limits.memory == 0 && s.limits.file_size == 0);
  }
  json_object_set_new (limits, "memory", json_string ("much"));
  json_object_set_new (limits, "isolation", json_string ("tight"));
  CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
  CU_ASSERT_EQUAL (s.limits.memory, 0);
  CU_ASSERT_EQUAL (s.limits.isolation, GYM_ISOLATE_LIMITS);
  scene_free (&s);
  finish (&t);
}

/* Cut, changed, and no JSON at all. What is read all the same is opened without harm. */
static void
test_garbage (void)
{
  struct scene t;
  struct worker_scene s = { 0 };
  unsigned rounds = getenv ("GYM_LONG") ? 100000 : 3000, good = 0;
  gym_rng rng;
  gym_rng_init (&rng, 7);
  begin (&t);
  char *text = json_dumps (t.welcome, JSON_COMPACT);
  size_t n = strlen (text);
  CU_ASSERT_EQUAL (scene_read (&s, NULL, 0, NULL), GYM_EINVAL);
  for (size_t cut = 0; cut < n; cut++)
    CU_ASSERT_EQUAL (scene_read (&s, text, cut, NULL), GYM_EINVAL);
  for (unsigned i = 0; i < rounds; i++) {
    const char *digest;
    uint64_t offset;
    char *own = malloc (n);
    memcpy (own, text, n);
    for (uint64_t k = gym_rng_below (&rng, 4) + 1; k-- > 0;)
      own[gym_rng_below (&rng, n)] ^= (char)(1 << gym_rng_below (&rng, 7));
    if (scene_read (&s, own, n, NULL) == GYM_OK) {
      good++;
      if (scene_missing (&s, &digest, &offset, NULL) == 0)
        gym_env_destroy (&(gym_env *){ scene_open (&s, t.registry, NULL) });
    }
    free (own);
  }
  CU_ASSERT (good > 10);
  free (text);
  scene_free (&s);
  finish (&t);
}

/* ---- files ---- */

/* Names and digests that are paths: refused before anything is made. */
static void
test_hostile_names (void)
{
  static const char *const names[] = {
    "../x", "a/b", "/etc/passwd", "..", ".", "", ".x"
  };
  static const char *const digests[] = { "", "../../x", "abc" };
  struct scene t;
  const char *digest;
  char odd[65];
  uint64_t offset;
  begin (&t);
  char *long_name = calloc (1, 1000);
  CU_ASSERT_PTR_NOT_NULL_FATAL (long_name);
  memset (long_name, 'n', 999);
  for (size_t i = 0; i < 15; i++) {
    struct worker_scene s = { 0 };
    gym_error err = { 0 };
    json_t *file = json_deep_copy (file_of (&t));
    snprintf (odd, sizeof odd, "%s", t.digest);
    odd[i % 64] = i % 2 ? '/' : 'A';
    if (i < 7)
      json_object_set_new (file, "name", json_string (names[i]));
    else if (i < 10)
      json_object_set_new (file, "sha256", json_string (digests[i - 7]));
    else if (i < 12)
      json_object_set_new (file, "sha256", json_string (odd));
    else if (i == 12)
      json_object_set_new (file, "name", json_string (long_name));
    else
      json_object_set_new (file, i == 13 ? "name" : "sha256", json_null ());
    json_object_set_new (t.welcome, "files", json_pack ("[o]", file));
    CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
    CU_ASSERT (scene_missing (&s, &digest, &offset, &err) < 0);
    CU_ASSERT (help_says (&err, "names a file in a way it may not"));
    CU_ASSERT_PTR_NULL (scene_open (&s, t.registry, &err));
    scene_free (&s);
    json_object_set_new (t.welcome, "files",
                         json_pack ("[{s:s, s:s, s:s}]", "option", "weights", "name",
                                    "weights", "sha256", t.digest));
  }
  CU_ASSERT (access (t.cache, F_OK) < 0);
  free (long_name);
  finish (&t);
}

/* Hands over one FILE frame. */
static int
chunk (struct worker_scene *s, const char *digest, uint64_t offset, uint64_t size,
       const char *bytes, size_t n, gym_error *err)
{
  struct wire_out out = { 0 };
  struct wire_in in;
  wire_begin (&out, WIRE_FILE, 1);
  wire_u64 (&out, offset);
  wire_u64 (&out, size);
  wire_bytes (&out, digest, 64);
  wire_bytes (&out, bytes, n);
  CU_ASSERT_EQUAL_FATAL (wire_seal (&out, 0, NULL), GYM_OK);
  CU_ASSERT_EQUAL_FATAL (wire_open (&in, out.bytes, out.length, NULL), GYM_OK);
  int rc = scene_chunk (s, &in, err);
  wire_free (&out);
  return rc;
}

static bool
wants (struct worker_scene *s, const char *digest, uint64_t offset)
{
  const char *wanted = "";
  uint64_t from = 99;
  return scene_missing (s, &wanted, &from, NULL) == 1 && strncmp (wanted, digest, 64) == 0
         && from == offset;
}

static bool
has_all (struct worker_scene *s)
{
  const char *wanted;
  uint64_t from;
  return scene_missing (s, &wanted, &from, NULL) == 0;
}

/* The same bits as the study's own. */
static bool
works (const struct scene *t, const struct worker_scene *s)
{
  gym_error err = { 0 };
  gym_env *env = scene_open (s, t->registry, &err);
  if (!env) {
    tap_note ("%s", err.text);
    return false;
  }
  double row[64], ours[16], theirs[16];
  uint32_t status;
  gym_space_default (gym_env_space (t->env), row);
  bool same =
      strcmp (gym_env_identity (env), gym_env_identity (t->env)) == 0
      && gym_env_evaluate (env, 1, row, NULL, NULL, ours, &status, NULL, NULL) == GYM_OK
      && gym_env_evaluate (t->env, 1, row, NULL, NULL, theirs, &status, NULL, NULL)
             == GYM_OK
      && memcmp (ours, theirs, gym_env_metrics (env)->n * sizeof (double)) == 0;
  gym_env_destroy (&env);
  return same;
}

/* Piece by piece; answers to other questions change nothing. */
static void
test_fetch (void)
{
  struct scene t;
  struct worker_scene s = { 0 };
  const size_t size = strlen (content);
  char other[65];
  begin (&t);
  gym_digest_bytes ("x", 1, other);
  CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
  CU_ASSERT (wants (&s, t.digest, 0));
  CU_ASSERT_EQUAL (chunk (&s, other, 0, 1, "x", 1, NULL), GYM_OK);
  CU_ASSERT_EQUAL (chunk (&s, t.digest, 5, size, content + 5, 5, NULL), GYM_OK);
  CU_ASSERT (wants (&s, t.digest, 0));
  CU_ASSERT_EQUAL (chunk (&s, t.digest, 0, size, content, 10, NULL), GYM_OK);
  CU_ASSERT (wants (&s, t.digest, 10));
  CU_ASSERT_EQUAL (chunk (&s, t.digest, 0, size, content, 10, NULL), GYM_OK); /* twice */
  CU_ASSERT (wants (&s, t.digest, 10));
  CU_ASSERT_EQUAL (chunk (&s, t.digest, 20, size, content + 20, size - 20, NULL), GYM_OK);
  CU_ASSERT (wants (&s, t.digest, 10));
  CU_ASSERT_EQUAL (chunk (&s, t.digest, 10, size, content + 10, size - 10, NULL), GYM_OK);
  CU_ASSERT (has_all (&s));
  CU_ASSERT (cache_holds (&t, content));
  CU_ASSERT (works (&t, &s));
  CU_ASSERT_EQUAL (chunk (&s, t.digest, 0, size, content, 10, NULL), GYM_OK); /* late */
  CU_ASSERT (cache_holds (&t, content));
  scene_free (&s);
  /* Another worker finds it in the cache. */
  CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
  CU_ASSERT (has_all (&s));
  CU_ASSERT (works (&t, &s));
  scene_free (&s);
  finish (&t);
}

/* Two workers with one cache, in turns: neither spoils the other's. */
static void
test_two_workers (void)
{
  struct scene t;
  struct worker_scene a = { 0 }, b = { 0 };
  const size_t size = strlen (content);
  begin (&t);
  CU_ASSERT_EQUAL (read_json (&a, t.welcome, NULL), GYM_OK);
  CU_ASSERT_EQUAL (read_json (&b, t.welcome, NULL), GYM_OK);
  CU_ASSERT (wants (&a, t.digest, 0) && wants (&b, t.digest, 0));
  for (size_t at = 0; at < size; at += 7) {
    size_t n = size - at < 7 ? size - at : 7;
    CU_ASSERT_EQUAL (chunk (&a, t.digest, at, size, content + at, n, NULL), GYM_OK);
    CU_ASSERT_EQUAL (chunk (&b, t.digest, at, size, content + at, n, NULL), GYM_OK);
  }
  CU_ASSERT (has_all (&a) && has_all (&b));
  CU_ASSERT (cache_holds (&t, content));
  scene_free (&a);
  scene_free (&b);
  finish (&t);
}

/* What arrives damaged is not kept, nor is what was left unfinished. */
static void
test_damage (void)
{
  struct scene t;
  struct worker_scene s = { 0 };
  const size_t size = strlen (content);
  gym_error err = { 0 };
  char bad[sizeof content], path[600] = "";
  begin (&t);
  memcpy (bad, content, sizeof bad);
  bad[3] ^= 1;
  CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
  CU_ASSERT (wants (&s, t.digest, 0));
  CU_ASSERT_EQUAL (chunk (&s, t.digest, 0, size, bad, size, &err), GYM_EIO);
  CU_ASSERT (help_says (&err, "damaged"));
  CU_ASSERT (cache_holds (&t, NULL));
  CU_ASSERT (wants (&s, t.digest, 0)); /* from the beginning */
  CU_ASSERT_EQUAL (chunk (&s, t.digest, 0, size, content, 4, NULL), GYM_OK);
  CU_ASSERT_EQUAL (chunk (&s, t.digest, 4, size, NULL, 0, &err), GYM_EIO); /* it shrank */
  CU_ASSERT (cache_holds (&t, NULL));
  CU_ASSERT (wants (&s, t.digest, 0));
  CU_ASSERT_EQUAL (chunk (&s, t.digest, 0, size, content, 4, NULL), GYM_OK);
  scene_free (&s);
  CU_ASSERT (cache_holds (&t, NULL));
  /* In the cache, but cut short by a full disk. */
  CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
  CU_ASSERT (wants (&s, t.digest, 0));
  CU_ASSERT_EQUAL (chunk (&s, t.digest, 0, size, content, size, NULL), GYM_OK);
  find_files (t.cache, path);
  CU_ASSERT_EQUAL (truncate (path, 5), 0);
  scene_free (&s);
  CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
  CU_ASSERT (wants (&s, t.digest, 0));
  CU_ASSERT_EQUAL (chunk (&s, t.digest, 0, size, content, size, NULL), GYM_OK);
  CU_ASSERT (has_all (&s) && cache_holds (&t, content));
  scene_free (&s);
  finish (&t);
}

/* A frame that is too short, one before any WELCOME, and an empty file. */
static void
test_odd_frames (void)
{
  struct scene t;
  struct worker_scene s = { 0 };
  struct wire_out out = { 0 };
  struct wire_in in;
  char empty[65];
  begin (&t);
  gym_digest_bytes ("", 0, empty);
  CU_ASSERT_EQUAL (chunk (&s, t.digest, 0, 1, "x", 1, NULL), GYM_OK);
  CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
  CU_ASSERT (wants (&s, t.digest, 0));
  for (size_t n = 0; n < 80; n += 8) {
    wire_begin (&out, WIRE_FILE, 1);
    wire_bytes (&out, t.digest, n < 64 ? n : 64);
    CU_ASSERT_EQUAL (wire_seal (&out, 0, NULL), GYM_OK);
    CU_ASSERT_EQUAL (wire_open (&in, out.bytes, out.length, NULL), GYM_OK);
    CU_ASSERT_EQUAL (scene_chunk (&s, &in, NULL), GYM_OK);
  }
  CU_ASSERT (wants (&s, t.digest, 0) && cache_holds (&t, NULL));
  scene_free (&s);
  json_object_set_new (file_of (&t), "sha256", json_string (empty));
  CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
  CU_ASSERT (wants (&s, empty, 0));
  CU_ASSERT_EQUAL (chunk (&s, empty, 0, 0, "", 0, NULL), GYM_OK);
  CU_ASSERT (has_all (&s));
  scene_free (&s);
  wire_free (&out);
  finish (&t);
}

/* A cache that cannot be: a file in its place, or a path without end. */
static void
test_no_cache (void)
{
  struct scene t;
  struct worker_scene s = { 0 };
  const char *digest;
  uint64_t offset;
  char place[400], *endless = calloc (1, 1100);
  gym_error err = { 0 };
  begin (&t);
  CU_ASSERT_PTR_NOT_NULL_FATAL (endless);
  memset (endless, 'x', 1000);
  endless[0] = '/';
  CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
  setenv ("GYM_CACHE_DIR", t.file, 1);
  CU_ASSERT (scene_missing (&s, &digest, &offset, &err) < 0);
  CU_ASSERT (help_says (&err, t.file));
  snprintf (place, sizeof place, "%s/below", t.file);
  setenv ("GYM_CACHE_DIR", place, 1);
  CU_ASSERT (scene_missing (&s, &digest, &offset, &err) < 0);
  setenv ("GYM_CACHE_DIR", endless, 1);
  CU_ASSERT (scene_missing (&s, &digest, &offset, &err) < 0);
  CU_ASSERT (help_says (&err, "too long"));
  free (endless);
  scene_free (&s);
  finish (&t);
}

/* ---- the env ---- */

/* Another env than the study's is none, however alike. */
static void
test_mismatch (void)
{
  struct scene t;
  struct worker_scene s = { 0 };
  gym_error err = { 0 };
  begin (&t);
  static const char *const keys[] = { "identity", "params", "metrics", "env" };
  json_t *const values[] = { json_string ("{}"), json_integer (9), json_integer (3),
                             json_string ("no-such-env-v1") };
  CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
  CU_ASSERT (wants (&s, t.digest, 0));
  CU_ASSERT_EQUAL (
      chunk (&s, t.digest, 0, strlen (content), content, strlen (content), NULL), GYM_OK);
  for (size_t i = 0; i < 4; i++) {
    json_t *other = json_deep_copy (t.welcome);
    json_object_set_new (other, keys[i], values[i]);
    CU_ASSERT_EQUAL (read_json (&s, other, NULL), GYM_OK);
    CU_ASSERT_PTR_NULL (scene_open (&s, t.registry, &err));
    CU_ASSERT_EQUAL (err.code, i < 3 ? GYM_EMISMATCH : GYM_ENOTFOUND);
    json_decref (other);
  }
  json_object_set_new (t.welcome, "settings", json_pack ("[[s,s]]", "scale", "3"));
  CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
  CU_ASSERT_PTR_NULL (scene_open (&s, t.registry, &err));
  CU_ASSERT_EQUAL (err.code, GYM_EMISMATCH);
  CU_ASSERT (help_says (&err, "not the study's"));
  json_object_set_new (t.welcome, "settings", json_pack ("[[s,s]]", "scael", "3"));
  CU_ASSERT_EQUAL (read_json (&s, t.welcome, NULL), GYM_OK);
  CU_ASSERT_PTR_NULL (scene_open (&s, t.registry, &err));
  CU_ASSERT (help_says (&err, "scael"));
  scene_free (&s);
  finish (&t);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "read", test_read },
                                           { "missing parts", test_missing_parts },
                                           { "odd limits", test_odd_limits },
                                           { "garbage", test_garbage },
                                           { "hostile names", test_hostile_names },
                                           { "fetch", test_fetch },
                                           { "two workers", test_two_workers },
                                           { "damage", test_damage },
                                           { "odd frames", test_odd_frames },
                                           { "no cache", test_no_cache },
                                           { "mismatch", test_mismatch },
                                           { 0 } };
  return tap_run ("worker_env", tests);
}
