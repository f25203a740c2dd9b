/* From a study's WELCOME to an open env, with the files it needs. */
#include "core/digest.h"
#include "core/host.h"
#include "core/wire.h"
#include "core/worker.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 1024 };

static const char *
text_of (const json_t *object, const char *key)
{
  return json_string_value (json_object_get (object, key));
}

static double
number_of (const json_t *object, const char *key)
{
  return json_number_value (json_object_get (object, key));
}

/* While a file is fetched. Cache folders are shared by machines whose processes have
 * equal numbers, so the name is drawn at random. */
static void
name_part (const struct worker_scene *s, char part[PATH + 32])
{
  snprintf (part, PATH + 32, "%s.%016llx", s->path, (unsigned long long)s->tag);
}

void
scene_free (struct worker_scene *s)
{
  char part[PATH + 32];
  if (s->offset > 0) {
    name_part (s, part);
    unlink (part);
  }
  json_decref (s->welcome);
  *s = (struct worker_scene){ 0 };
}

const char *
scene_identity (const struct worker_scene *s)
{
  const char *identity = s->welcome ? text_of (s->welcome, "identity") : NULL;
  return identity ? identity : "";
}

/* A size in bytes; 0, none, for what makes no sense. */
static uint64_t
size_of (const json_t *object, const char *key)
{
  double value = number_of (object, key);
  return value > 0 && value < 0x1p63 ? (uint64_t)value : 0;
}

/* What is missing here would be missed in the middle of the work. */
int
scene_read (struct worker_scene *s, const void *text, size_t n, gym_error *err)
{
  json_t *j = text ? json_loadb (text, n, 0, NULL) : NULL;
  const json_t *limits = json_object_get (j, "limits");
  if (!text_of (j, "env") || !text_of (j, "identity") || !json_is_object (limits)
      || !(number_of (j, "lease") > 0)) {
    json_decref (j);
    return gym_fail (err, GYM_EINVAL, "the study's welcome makes no sense");
  }
  scene_free (s);
  int isolation = gym_isolation_parse (text_of (limits, "isolation"));
  s->welcome = j;
  s->lease = number_of (j, "lease");
  randombytes_buf (&s->tag, sizeof s->tag);
  s->limits = (struct gym_limits){ .struct_size = sizeof s->limits,
                                   .isolation = isolation < 0 ? GYM_ISOLATE_LIMITS
                                                              : (uint32_t)isolation,
                                   .seconds = number_of (limits, "seconds"),
                                   .cpu_seconds = number_of (limits, "cpu_seconds"),
                                   .memory = size_of (limits, "memory"),
                                   .file_size = size_of (limits, "file_size") };
  return GYM_OK;
}

/* ---- files ---- */

static json_t *
file_at (const struct worker_scene *s, size_t i)
{
  return json_array_get (json_object_get (s->welcome, "files"), i);
}

/* A name is the last part of a path on another machine: it may not leave the folder. */
static bool
is_plain (const char *name)
{
  return name && *name && *name != '.' && !strchr (name, '/') && strlen (name) < 200;
}

static bool
is_digest (const char *text)
{
  return text && strlen (text) == 64 && strspn (text, "0123456789abcdef") == 64;
}

/* A folder and those above it, none of which a new account need have. */
static int
make_folders (const char *folder, gym_error *err)
{
  char path[PATH];
  snprintf (path, sizeof path, "%s", folder);
  for (char *end = path + 1; *end; end++) {
    if (*end != '/')
      continue;
    *end = '\0';
    mkdir (path, 0777); /* the last one tells whether all went well */
    *end = '/';
  }
  if (mkdir (path, 0777) == 0 || errno == EEXIST)
    return GYM_OK;
  return gym_fail (err, GYM_EIO, "cannot make folder \"%s\": %s", path, strerror (errno));
}

/* CACHE/files/DIGEST/NAME: the name is part of what identifies an env. */
static int
place_of_file (const struct worker_scene *s, size_t i, char path[PATH], bool make,
               gym_error *err)
{
  struct gym_host host;
  struct gym_host_context context;
  const char *digest = text_of (file_at (s, i), "sha256"),
             *name = text_of (file_at (s, i), "name");
  if (!is_plain (name) || !is_digest (digest))
    return gym_fail (err, GYM_EINVAL, "the study names a file in a way it may not");
  gym_host_init (&host, &context, NULL);
  if (snprintf (path, PATH, "%s/files/%s/%s", host.cache_dir, digest, name) >= PATH)
    return gym_fail (err, GYM_EIO, "the cache folder's path is too long");
  if (!make)
    return GYM_OK;
  char *slash = strrchr (path, '/');
  *slash = '\0';
  int rc = make_folders (path, err);
  *slash = '/';
  return rc;
}

/* By content: a file that was cut short by a full disk is not there. */
static bool
is_here (const char *path, const char *digest)
{
  char found[65];
  return gym_digest_file (path, found, NULL) == GYM_OK && strcmp (found, digest) == 0;
}

/* A file of which a part came is not looked at again until it is whole. */
int
scene_missing (struct worker_scene *s, const char **digest, uint64_t *offset,
               gym_error *err)
{
  size_t n = json_array_size (json_object_get (s->welcome, "files"));
  for (; s->file < n; s->file++, s->offset = 0) {
    *digest = text_of (file_at (s, s->file), "sha256");
    if (place_of_file (s, s->file, s->path, true, err) < 0)
      return GYM_EIO;
    if (s->offset > 0 || !is_here (s->path, *digest)) {
      *offset = s->offset;
      return 1;
    }
  }
  return 0;
}

/* Written beside its place and moved there when it is whole and right: other workers on
 * this machine may be fetching it as well. */
static int
settle_file (struct worker_scene *s, const char *part, const char *digest, gym_error *err)
{
  if (!is_here (part, digest)) {
    unlink (part);
    s->offset = 0;
    return gym_fail (err, GYM_EIO, "a file from the study arrived damaged");
  }
  if (rename (part, s->path) != 0)
    return gym_fail (err, GYM_EIO, "cannot write \"%s\": %s", s->path, strerror (errno));
  s->file++;
  s->offset = 0;
  return GYM_OK;
}

int
scene_chunk (struct worker_scene *s, struct wire_in *in, gym_error *err)
{
  char part[PATH + 32];
  uint64_t offset = wire_get_u64 (in), size = wire_get_u64 (in);
  const char *digest = wire_get_bytes (in, 64);
  size_t n = wire_left (in);
  const void *bytes = wire_get_bytes (in, n);
  const char *wanted = text_of (file_at (s, s->file), "sha256");
  if (in->bad || !is_digest (wanted) || memcmp (digest, wanted, 64) != 0
      || offset != s->offset)
    return GYM_OK; /* an answer to an older question */
  name_part (s, part);
  FILE *file = fopen (part, offset == 0 ? "wb" : "ab");
  bool good = file && fwrite (bytes, 1, n, file) == n;
  good = file && fclose (file) == 0 && good;
  if (!good)
    return gym_fail (err, GYM_EIO, "cannot write \"%s\": %s", part, strerror (errno));
  s->offset += n;
  return s->offset >= size || n == 0 ? settle_file (s, part, wanted, err) : GYM_OK;
}

/* ---- the env ---- */

/* The study's settings, with the files where they lie here. */
static gym_settings *
read_settings (const struct worker_scene *s, gym_error *err)
{
  gym_settings *settings = gym_settings_new (err);
  const json_t *pair;
  char path[PATH];
  size_t i;
  int rc = settings ? GYM_OK : GYM_ENOMEM;
  json_array_foreach (json_object_get (s->welcome, "settings"), i, pair)
  {
    const char *key = json_string_value (json_array_get (pair, 0)),
               *value = json_string_value (json_array_get (pair, 1));
    if (rc == GYM_OK && key && value)
      rc = gym_settings_set (settings, key, value, err);
  }
  const json_t *file;
  json_array_foreach (json_object_get (s->welcome, "files"), i, file)
  {
    const char *option = text_of (file, "option");
    if (rc == GYM_OK && option && (rc = place_of_file (s, i, path, false, err)) == GYM_OK)
      rc = gym_settings_set (settings, option, path, err);
  }
  if (rc < 0)
    gym_settings_destroy (&settings);
  return settings;
}

/* Equal identities are equal results; that the lengths agree as well guards the memory.
 */
gym_env *
scene_open (const struct worker_scene *s, const gym_registry *registry, gym_error *err)
{
  gym_settings *settings = read_settings (s, err);
  gym_env *env = settings
                     ? gym_env_open (registry, text_of (s->welcome, "env"), settings, err)
                     : NULL;
  gym_settings_destroy (&settings);
  if (env
      && (strcmp (gym_env_identity (env), scene_identity (s)) != 0
          || gym_space_size (gym_env_space (env)) != number_of (s->welcome, "params")
          || gym_env_metrics (env)->n != number_of (s->welcome, "metrics"))) {
    gym_fail (err, GYM_EMISMATCH,
              "the env opened here is not the study's: here %s, there %s",
              gym_env_identity (env), scene_identity (s));
    gym_env_destroy (&env);
  }
  return env;
}
