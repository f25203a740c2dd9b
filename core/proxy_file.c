/* Model files: see gym/proxy.h.
 *
 *   8 bytes   "gymproxy"
 *   u32, u32  version of this layout; length of the head
 *   u64       length of the body
 *   head      JSON: class, settings, seed, rows, targets, transforms, space, note
 *   body      what the class wrote
 *   64 bytes  SHA-256 of everything before, in hexadecimal
 *
 * Numbers are in the machine's own byte order: on another one the version is none that is
 * known. Nothing of the file is believed before the sum is right. */
#include "core/digest.h"
#include "core/part.h"
#include "core/proxy.h"
#include "core/text.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = { 'g', 'y', 'm', 'p', 'r', 'o', 'x', 'y' };

enum { VERSION = 1, SUM = 64, FRONT = 24 };

/* ---- writing ---- */

static void
put_settings (struct gym_text *out, const gym_settings *settings)
{
  gym_text_puts (out, "{");
  for (size_t i = 0; i < gym_settings_count (settings); i++) {
    gym_text_puts (out, i ? ", " : "");
    gym_text_json (out, gym_settings_key (settings, i));
    gym_text_puts (out, ": ");
    gym_text_json (out, gym_settings_value (settings, i));
  }
  gym_text_puts (out, "}");
}

static void
put_target (struct gym_text *out, const struct gym_metric *target)
{
  gym_text_puts (out, "{\"name\": ");
  gym_text_json (out, target->name);
  gym_text_puts (out, ", \"unit\": ");
  gym_text_json (out, target->unit);
  gym_text_puts (out, ", \"doc\": ");
  gym_text_json (out, target->doc);
  gym_text_printf (out, ", \"sense\": %" PRIu32 ", \"flags\": %" PRIu32 "}",
                   target->sense, target->flags);
}

/* Numbers in all their digits: it must predict the same bits. */
static void
put_transform (struct gym_text *out, const struct gym_transformer *t)
{
  static const char *const keys[] = { "power", "centre", "low", "high", "deviation" };
  const double values[] = { t->power, t->centre, t->low, t->high, t->deviation };
  gym_text_printf (out, "{\"wanted\": \"%s\", \"kind\": \"%s\"",
                   gym_transform_name (t->wanted), gym_transform_name (t->kind));
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    gym_text_printf (out, ", \"%s\": ", keys[i]);
    gym_text_number (out, values[i]);
  }
  gym_text_puts (out, "}");
}

static char *
make_head (const gym_proxy *p, gym_error *err)
{
  struct gym_text out = { 0 };
  char *space = gym_space_to_json (p->space, err);
  if (!space)
    return NULL;
  gym_text_puts (&out, "{\"id\": ");
  gym_text_json (&out, p->class->id);
  gym_text_printf (&out, ", \"library\": \"%s\", \"seed\": \"%" PRIu64 "\"",
                   gym_version (), p->seed);
  gym_text_printf (&out, ", \"rows\": %zu, \"settings\": ", p->rows);
  put_settings (&out, p->settings);
  gym_text_puts (&out, ", \"targets\": [");
  for (uint32_t i = 0; i < p->targets.n; i++) {
    gym_text_puts (&out, i ? ", " : "");
    put_target (&out, &p->target_items[i]);
  }
  gym_text_puts (&out, "], \"transforms\": [");
  for (uint32_t i = 0; i < p->targets.n; i++) {
    gym_text_puts (&out, i ? ", " : "");
    put_transform (&out, &p->transforms[i]);
  }
  gym_text_puts (&out, "], \"note\": ");
  gym_text_json (&out, p->note);
  gym_text_puts (&out, ", \"space\": ");
  gym_text_puts (&out, space);
  gym_text_puts (&out, "}");
  gym_free (space);
  return gym_text_take (&out, err);
}

static int
put_body (void *sink, const void *bytes, size_t n)
{
  struct gym_text *out = sink;
  gym_text_add (out, bytes, n);
  return out->failed ? GYM_ENOMEM : GYM_OK;
}

/* The whole file in memory; its length of body is filled in once that is known. */
static int
make_file (gym_proxy *p, struct gym_text *out, gym_error *err)
{
  char *head = make_head (p, err);
  if (!head)
    return GYM_ENOMEM;
  size_t length = strlen (head);
  uint32_t numbers[2] = { VERSION, (uint32_t)length };
  gym_text_add (out, magic, sizeof magic);
  gym_text_add (out, (const char *)numbers, sizeof numbers);
  gym_text_add (out, "\0\0\0\0\0\0\0", 8);
  gym_text_add (out, head, length);
  gym_free (head);
  int rc = out->failed ? gym_fail_memory (err) : GYM_OK;
  if (rc == GYM_OK && (rc = p->class->save (p->self, put_body, out, err)) < 0)
    gym_error_prefix (err, "proxy %s", p->class->id);
  if (rc == GYM_OK && out->failed)
    rc = gym_fail_memory (err);
  if (rc < 0)
    return rc;
  uint64_t body = out->length - FRONT - length;
  memcpy (out->bytes + 16, &body, sizeof body);
  char sum[SUM + 1];
  gym_digest_bytes (out->bytes, out->length, sum);
  gym_text_add (out, sum, SUM);
  return out->failed ? gym_fail_memory (err) : GYM_OK;
}

/* On the disk before it takes its name: after a power cut there is an old file or a new
 * one. */
static int
write_file (const char *path, const struct gym_text *content, gym_error *err)
{
  char *part;
  int file = gym_part_open (path, &part, err);
  if (file < 0)
    return file;
  FILE *f = fdopen (file, "wb");
  bool good = f && fwrite (content->bytes, 1, content->length, f) == content->length
              && fflush (f) == 0 && fsync (file) == 0;
  int number = errno;
  if ((f ? fclose (f) : close (file)) != 0 && good) {
    good = false;
    number = errno;
  }
  if (good)
    return gym_part_take (&part, path, err);
  gym_part_drop (&part);
  return gym_fail (err, GYM_EIO, "cannot write \"%s\": %s", path, strerror (number));
}

int
gym_proxy_save (gym_proxy *p, const char *path, gym_error *err)
{
  if (p->rows == 0)
    return gym_fail (err, GYM_ESTATE, "proxy %s is not fitted", p->class->id);
  if (!p->class->save || !p->class->load)
    return gym_fail (err, GYM_EPLUGIN, "proxy %s cannot be saved: the class has no way",
                     p->class->id);
  struct gym_text content = { 0 };
  int rc = make_file (p, &content, err);
  if (rc == GYM_OK)
    rc = write_file (path, &content, err);
  gym_free (content.bytes);
  return rc;
}

/* ---- reading ---- */

struct image {
  char *bytes;
  size_t n;
  const char *head, *body;
  size_t head_length, body_length;
};

static int
read_stream (FILE *f, const char *path, struct image *image, gym_error *err)
{
  struct stat st;
  if (fstat (fileno (f), &st) != 0 || !S_ISREG (st.st_mode))
    return gym_fail (err, GYM_EINVAL, "\"%s\" is no file", path);
  image->n = (size_t)st.st_size;
  image->bytes = malloc (image->n + 1);
  if (!image->bytes)
    return gym_fail_memory (err);
  if (fread (image->bytes, 1, image->n, f) != image->n)
    return gym_fail (err, GYM_EIO, "cannot read \"%s\": %s", path,
                     ferror (f) ? strerror (errno) : "it is shorter than it was");
  return GYM_OK;
}

static int
read_file (const char *path, struct image *image, gym_error *err)
{
  FILE *f = fopen (path, "rb");
  if (!f)
    return gym_fail (err, errno == ENOENT ? GYM_ENOTFOUND : GYM_EIO,
                     "cannot read \"%s\": %s", path, strerror (errno));
  int rc = read_stream (f, path, image, err);
  fclose (f);
  return rc;
}

static int
check_front (const char *path, struct image *image, gym_error *err)
{
  uint32_t numbers[2];
  uint64_t body;
  if (image->n < FRONT + SUM || memcmp (image->bytes, magic, sizeof magic) != 0)
    return gym_fail (err, GYM_EINVAL, "\"%s\" is not a model file", path);
  memcpy (numbers, image->bytes + 8, sizeof numbers);
  memcpy (&body, image->bytes + 16, sizeof body);
  if (numbers[0] != VERSION)
    return gym_fail (err, GYM_EINVAL,
                     "\"%s\" is a model file of version %u; this library reads %d: train "
                     "it again",
                     path, numbers[0], VERSION);
  size_t room = image->n - FRONT - SUM;
  if (numbers[1] > room || body != room - numbers[1])
    return gym_fail (err, GYM_EINVAL,
                     "\"%s\" is cut short or damaged: its length is not "
                     "what its front says",
                     path);
  image->head = image->bytes + FRONT;
  image->head_length = numbers[1];
  image->body = image->head + image->head_length;
  image->body_length = (size_t)body;
  return GYM_OK;
}

static int
check_sum (const char *path, const struct image *image, gym_error *err)
{
  char sum[SUM + 1];
  gym_digest_bytes (image->bytes, image->n - SUM, sum);
  if (memcmp (sum, image->bytes + image->n - SUM, SUM) == 0)
    return GYM_OK;
  return gym_fail (err, GYM_EINVAL, "\"%s\" is damaged: its checksum is another", path);
}

/* What is right by the sum and still no head was written by something else. */
static int
fail_head (gym_error *err, const char *what)
{
  return gym_fail (err, GYM_EINVAL, "the head of the model file: %s is wrong", what);
}

static int
read_settings (const json_t *object, gym_settings **settings, gym_error *err)
{
  const char *key;
  json_t *value;
  *settings = gym_settings_new (err);
  int rc = *settings ? GYM_OK : GYM_ENOMEM;
  json_object_foreach ((json_t *)(uintptr_t)object, key, value)
  {
    if (rc == GYM_OK && json_is_string (value))
      rc = gym_settings_set (*settings, key, json_string_value (value), err);
  }
  return rc;
}

static int
read_targets (const json_t *array, struct gym_metrics *targets, gym_error *err)
{
  size_t n = json_array_size (array);
  struct gym_metric *items = calloc (n + 1, sizeof *items);
  if (!items)
    return gym_fail_memory (err);
  *targets = (struct gym_metrics){ .struct_size = sizeof *targets,
                                   .n = (uint32_t)n,
                                   .stride = sizeof *items,
                                   .items = items };
  for (size_t i = 0; i < n; i++) {
    const json_t *t = json_array_get (array, i);
    items[i] = (struct gym_metric){
      .name = json_string_value (json_object_get (t, "name")),
      .unit = json_string_value (json_object_get (t, "unit")),
      .doc = json_string_value (json_object_get (t, "doc")),
      .sense = (uint32_t)json_number_value (json_object_get (t, "sense")),
      .flags = (uint32_t)json_number_value (json_object_get (t, "flags"))
    };
  }
  return GYM_OK;
}

static int
read_kind (const json_t *object, const char *key, enum gym_transform *kind,
           gym_error *err)
{
  const char *name = json_string_value (json_object_get (object, key));
  int value = name ? gym_transform_parse (name) : -1;
  if (value < 0)
    return fail_head (err, "\"transforms\"");
  *kind = (enum gym_transform)value;
  return GYM_OK;
}

/* One for each target, or none at all: then targets are learnt as they are. */
static int
read_transforms (gym_proxy *p, const json_t *array, gym_error *err)
{
  int rc = GYM_OK;
  if (array && json_array_size (array) != p->targets.n)
    return fail_head (err, "\"transforms\"");
  for (uint32_t i = 0; array && rc == GYM_OK && i < p->targets.n; i++) {
    const json_t *o = json_array_get (array, i);
    struct gym_transformer *t = &p->transforms[i];
    *t = (struct gym_transformer){
      .power = json_number_value (json_object_get (o, "power")),
      .centre = json_number_value (json_object_get (o, "centre")),
      .low = json_number_value (json_object_get (o, "low")),
      .high = json_number_value (json_object_get (o, "high")),
      .deviation = json_number_value (json_object_get (o, "deviation"))
    };
    rc = read_kind (o, "wanted", &t->wanted, err);
    if (rc == GYM_OK)
      rc = read_kind (o, "kind", &t->kind, err);
  }
  return rc;
}

static gym_space *
read_space (const json_t *head, gym_error *err)
{
  char *text = json_dumps (json_object_get (head, "space"), JSON_REAL_PRECISION (17));
  if (!text) {
    fail_head (err, "\"space\"");
    return NULL;
  }
  gym_space *space = gym_space_from_json (text, err);
  free (text);
  return space;
}

/* An instance as the head describes it. */
static gym_proxy *
open_head (const gym_registry *registry, const json_t *head, const gym_space *space,
           gym_error *err)
{
  const char *id = json_string_value (json_object_get (head, "id"));
  const char *seed = json_string_value (json_object_get (head, "seed"));
  gym_settings *settings = NULL;
  struct gym_metrics targets = { 0 };
  gym_proxy *p = NULL;
  if (!id || !seed)
    fail_head (err, id ? "\"seed\"" : "\"id\"");
  else if (read_settings (json_object_get (head, "settings"), &settings, err) == GYM_OK
           && read_targets (json_object_get (head, "targets"), &targets, err) == GYM_OK)
    p = gym_proxy_open (registry, id, settings, space, &targets,
                        strtoull (seed, NULL, 10), err);
  gym_settings_destroy (&settings);
  free ((void *)(uintptr_t)targets.items);
  return p;
}

static int
load_body (gym_proxy *p, const json_t *head, const struct image *image, gym_error *err)
{
  double rows = json_number_value (json_object_get (head, "rows"));
  const char *note = json_string_value (json_object_get (head, "note"));
  if (!(rows >= 1))
    return fail_head (err, "\"rows\"");
  if (!p->class->load)
    return gym_fail (err, GYM_EPLUGIN, "proxy %s cannot be loaded: the class has no way",
                     p->class->id);
  int rc = gym_proxy_set_note (p, note, err);
  if (rc == GYM_OK)
    rc = read_transforms (p, json_object_get (head, "transforms"), err);
  if (rc < 0)
    return rc;
  rc = p->class->load (p->self, image->body, image->body_length, err);
  if (rc < 0)
    gym_error_prefix (err, "proxy %s", p->class->id);
  else
    p->rows = (size_t)rows;
  return rc;
}

/* The space is compared before the class is looked for: a model of other designs is of no
 * use, whether its class exists or not. */
static gym_proxy *
load_image (const gym_registry *registry, const struct image *image,
            const gym_space *space, gym_error *err)
{
  json_error_t why;
  json_t *head =
      json_loadb (image->head, image->head_length, JSON_DECODE_INT_AS_REAL, &why);
  gym_space *own = NULL;
  gym_proxy *p = NULL;
  if (!head)
    gym_fail (
        err, json_error_code (&why) == json_error_out_of_memory ? GYM_ENOMEM : GYM_EINVAL,
        "the head of the model file: %s", why.text);
  else if ((own = read_space (head, err))
           && (!space || gym_space_match (space, own, err) == GYM_OK))
    p = open_head (registry, head, own, err);
  if (p && load_body (p, head, image, err) < 0)
    gym_proxy_destroy (&p);
  gym_space_destroy (&own);
  json_decref (head);
  return p;
}

gym_proxy *
gym_proxy_load (const gym_registry *registry, const char *path, const gym_space *space,
                gym_error *err)
{
  struct image image = { 0 };
  gym_proxy *p = NULL;
  if (read_file (path, &image, err) == GYM_OK && check_front (path, &image, err) == GYM_OK
      && check_sum (path, &image, err) == GYM_OK) {
    p = load_image (registry, &image, space, err);
    if (!p)
      gym_error_prefix (err, "\"%s\"", path);
  }
  free (image.bytes);
  return p;
}
