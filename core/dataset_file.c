/* core/dataset_file.c - a data set into a file: format, name, and being complete. */
#include <config.h>

#include "core/dataset_inside.h"

#include "core/part.h"
#include "core/text.h"

#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
  const char *end;
  enum gym_dataset_format format;
} ends[] = { { ".csv", GYM_DATASET_CSV },
             { ".jsonl", GYM_DATASET_JSONL },
             { ".npz", GYM_DATASET_NPZ },
             { ".parquet", GYM_DATASET_PARQUET },
             { ".ndjson", GYM_DATASET_JSONL } };

/* A file being written. */
struct target {
  const char *name; /* for messages */
  int file;
  int reason; /* errno of what failed */
};

static int
fail_write (const struct target *target, gym_error *err)
{
  return gym_fail (err, GYM_EIO, "%s: %s", target->name, strerror (target->reason));
}

static int
put (void *sink, const char *bytes, size_t n)
{
  struct target *target = sink;
  while (n > 0) {
    ssize_t written = write (target->file, bytes, n);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0) {
      target->reason = errno;
      return GYM_EIO;
    }
    bytes += written;
    n -= (size_t)written;
  }
  return GYM_OK;
}

/* ---- what is asked for ---- */

/* A caller's struct may be shorter than ours. */
static int
settle (const struct gym_dataset_output *from, const char *path,
        struct gym_dataset_output *to, gym_error *err)
{
  size_t n = from ? from->struct_size : 0, length = path ? strlen (path) : 0;
  *to = (struct gym_dataset_output){ .format = 0 };
  memcpy (to, from ? (const void *)from : "", n < sizeof *to ? n : sizeof *to);
  to->struct_size = sizeof *to;
  for (size_t i = 0; !to->format && i < sizeof ends / sizeof ends[0]; i++) {
    size_t k = strlen (ends[i].end);
    if (length > k && strcasecmp (path + length - k, ends[i].end) == 0)
      to->format = ends[i].format;
  }
  if (!to->format && path)
    return gym_fail (err, GYM_EINVAL,
                     "%s: the end of its name says no format: .csv, .jsonl, .npz or "
                     ".parquet",
                     path);
  if (to->format < GYM_DATASET_CSV || to->format > GYM_DATASET_PARQUET)
    return gym_fail (err, GYM_EINVAL, "unknown data set format %u", to->format);
  if (!to->encoding)
    to->encoding =
        to->format == GYM_DATASET_NPZ ? GYM_ENCODE_ORDINAL : GYM_ENCODE_DECODED;
  if (to->encoding > GYM_ENCODE_ONEHOT)
    return gym_fail (err, GYM_EINVAL, "unknown encoding %u", to->encoding);
  if (to->format == GYM_DATASET_NPZ && to->encoding == GYM_ENCODE_DECODED)
    return gym_fail (err, GYM_EINVAL,
                     "npz keeps designs as numbers: encode them ordinal or onehot");
  return GYM_OK;
}

/* ---- writing ---- */

/* The formats that are written from front to back. */
static int
write_stream (gym_dataset *d, const struct gym_dataset_output *o,
              const struct dataset_columns *c, struct dataset_out *out, gym_error *err)
{
  if (o->format == GYM_DATASET_CSV)
    return gym_dataset_csv (d, c, out, err);
  if (o->format == GYM_DATASET_JSONL)
    return gym_dataset_jsonl (d, c, out, err);
  char *metadata = gym_dataset_metadata (d, o, err);
  int code = metadata ? gym_dataset_parquet (d, c, metadata, out, err) : GYM_ENOMEM;
  gym_free (metadata);
  return code;
}

int
gym_dataset_put (gym_dataset *d, const struct gym_dataset_output *output,
                 int (*put_bytes) (void *sink, const char *bytes, size_t n), void *sink,
                 gym_error *err)
{
  struct gym_dataset_output o;
  struct dataset_columns c;
  struct dataset_out out = { .put = put_bytes, .sink = sink };
  gym_error own = { 0 };
  err = err ? err : &own;
  int code = settle (output, NULL, &o, err);
  if (code == GYM_OK && o.format == GYM_DATASET_NPZ)
    code = gym_fail (err, GYM_EINVAL,
                     "npz is written in several places at a time: name a file");
  if (code < 0 || (code = gym_dataset_columns (d, o.encoding, &c, err)) < 0)
    return code;
  code = write_stream (d, &o, &c, &out, err);
  gym_dataset_rewind (d);
  gym_dataset_columns_clear (&c);
  free (out.bytes);
  return code;
}

/* What is written: rows, or (with an episode) runs. */
struct job {
  gym_dataset *dataset;
  const struct gym_dataset_output *output;
  struct dataset_episode *episode;
  const char *text; /* or a text */
};

static int
write_npz (const struct job *job, int file, gym_error *err)
{
  struct dataset_columns c;
  char *metadata = gym_dataset_metadata (job->dataset, job->output, err);
  int code = metadata ? gym_dataset_columns (job->dataset, job->output->encoding, &c, err)
                      : GYM_ENOMEM;
  if (code == GYM_OK) {
    code = job->episode ? gym_dataset_episodes_npz (job->episode, &c, metadata, file, err)
                        : gym_dataset_npz (job->dataset, &c, metadata, file, err);
    gym_dataset_columns_clear (&c);
  }
  gym_free (metadata);
  return code;
}

static int
write_lines (const struct job *job, struct target *target, gym_error *err)
{
  struct dataset_columns c;
  struct dataset_out out = { .put = put, .sink = target };
  int code = gym_dataset_columns (job->dataset, job->output->encoding, &c, err);
  if (code < 0)
    return code;
  code = job->episode ? gym_dataset_episodes_jsonl (job->episode, &c, &out, err)
                      : write_stream (job->dataset, job->output, &c, &out, err);
  gym_dataset_columns_clear (&c);
  free (out.bytes);
  return target->reason ? fail_write (target, err) : code;
}

static int
put_rows (const struct job *job, struct target *target, gym_error *err)
{
  if (job->output->format != GYM_DATASET_NPZ)
    return write_lines (job, target, err);
  int code = write_npz (job, target->file, err);
  if (code == GYM_EIO)
    gym_error_prefix (err, "%s", target->name);
  return code;
}

static int
put_text (const struct job *job, struct target *target, gym_error *err)
{
  return put (target, job->text, strlen (job->text)) < 0 ? fail_write (target, err)
                                                         : GYM_OK;
}

typedef int (*dataset_body) (const struct job *, struct target *, gym_error *);

/* Closing may be what fails: a disk can fill up behind the last write. */
static int
write_to (int file, const char *name, dataset_body body, const struct job *job,
          gym_error *err)
{
  struct target target = { .name = name, .file = file };
  int code = body (job, &target, err);
  if (close (file) != 0 && code >= 0)
    code = gym_fail (err, GYM_EIO, "%s: %s", name, strerror (errno));
  return code;
}

/* A device or a pipe is written to as it is: renaming would put a file in its place. */
static int
write_special (const char *path, dataset_body body, const struct job *job, gym_error *err)
{
  int file = open (path, O_WRONLY | O_TRUNC | O_CLOEXEC);
  if (file < 0)
    return gym_fail (err, GYM_EIO, "%s: %s", path, strerror (errno));
  return write_to (file, path, body, job, err);
}

static int
write_part (const char *path, dataset_body body, const struct job *job, char **part,
            gym_error *err)
{
  int file = gym_part_open (path, part, err);
  int code = file < 0 ? file : write_to (file, path, body, job, err);
  if (code < 0)
    gym_part_drop (part);
  return code;
}

static char *
with_end (const char *path, const char *end, gym_error *err)
{
  struct gym_text text = { .bytes = NULL };
  gym_text_puts (&text, path);
  gym_text_puts (&text, end);
  return gym_text_take (&text, err);
}

/* ---- a data set and its metadata ---- */

/* Formats without a place of their own for it have it in a file beside. */
static int
write_metadata (gym_dataset *d, const char *path, const struct gym_dataset_output *o,
                char **part, gym_error *err)
{
  char *text = gym_dataset_metadata (d, o, err);
  struct job job = { .text = text };
  int code = text ? write_part (path, put_text, &job, part, err) : GYM_ENOMEM;
  gym_free (text);
  return code;
}

/* Both appear under their names when both are complete: nobody finds metadata without
 * rows, or beside those of another day. */
static int
write_files (const char *path, const struct job *job, gym_error *err)
{
  char *rows = NULL, *metadata = NULL, *name = NULL;
  int code = write_part (path, put_rows, job, &rows, err);
  if (code >= 0 && job->output->format <= GYM_DATASET_JSONL) {
    name = with_end (path, ".meta.json", err);
    code = name ? write_metadata (job->dataset, name, job->output, &metadata, err)
                : GYM_ENOMEM;
  }
  if (code >= 0)
    code = gym_part_take (&metadata, name, err);
  if (code >= 0)
    code = gym_part_take (&rows, path, err);
  gym_part_drop (&rows);
  gym_free (name);
  return code < 0 ? code : GYM_OK;
}

static int
refuse_name (const gym_dataset *d, const char *path, gym_error *err)
{
  struct stat one, two;
  if (stat (path, &one) != 0)
    return GYM_OK;
  for (size_t i = 0; i < d->n_stores; i++)
    if (stat (d->stores[i].store->path, &two) == 0 && one.st_dev == two.st_dev
        && one.st_ino == two.st_ino)
      return gym_fail (err, GYM_EINVAL, "%s: is a store itself; write to another file",
                       path);
  return GYM_OK;
}

/* Writing over a store that is being read would be the end of it. */
static int
refuse_store (const gym_dataset *d, const char *path, gym_error *err)
{
  char *metadata = with_end (path, ".meta.json", err);
  int code = metadata ? refuse_name (d, path, err) : GYM_ENOMEM;
  if (code == GYM_OK)
    code = refuse_name (d, metadata, err);
  gym_free (metadata);
  return code;
}

/* A pipe is refused before it is opened, which would wait for its reader. Whatever comes
 * of it, the next walk begins anew. */
static int
write_job (const char *path, struct job *job, gym_error *err)
{
  struct stat about;
  bool special = stat (path, &about) == 0 && !S_ISREG (about.st_mode);
  int code = refuse_store (job->dataset, path, err);
  if (code == GYM_OK && job->output->format == GYM_DATASET_NPZ && special
      && (S_ISFIFO (about.st_mode) || S_ISSOCK (about.st_mode)))
    code = gym_fail (err, GYM_EINVAL,
                     "%s: npz is written in several places at a time: name a file", path);
  if (code == GYM_OK)
    code =
        special ? write_special (path, put_rows, job, err) : write_files (path, job, err);
  gym_dataset_rewind (job->dataset);
  return code < 0 ? code : GYM_OK;
}

int
gym_dataset_write (gym_dataset *d, const char *path,
                   const struct gym_dataset_output *output, gym_error *err)
{
  struct gym_dataset_output o;
  struct job job = { .dataset = d, .output = &o };
  gym_error own = { 0 };
  err = err ? err : &own;
  int code = settle (output, path, &o, err);
  return code == GYM_OK ? write_job (path, &job, err) : code;
}

int
gym_dataset_write_episodes (gym_dataset *d, const char *path,
                            const struct gym_dataset_output *output,
                            const char *objective, gym_error *err)
{
  struct gym_dataset_output o;
  struct dataset_episode episode;
  struct job job = { .dataset = d, .output = &o, .episode = &episode };
  gym_error own = { 0 };
  err = err ? err : &own;
  int code = settle (output, path, &o, err);
  if (code == GYM_OK && o.format != GYM_DATASET_JSONL && o.format != GYM_DATASET_NPZ)
    code = gym_fail (err, GYM_EINVAL, "%s: episodes are written as .jsonl or .npz", path);
  if (code == GYM_OK)
    code = gym_dataset_episode_open (&episode, d, objective, err);
  if (code < 0)
    return code;
  /* Numbers unless said otherwise: what learns from episodes wants them. */
  if (!output || output->struct_size < sizeof *output || !output->encoding)
    o.encoding = GYM_ENCODE_ORDINAL;
  code = write_job (path, &job, err);
  gym_dataset_episode_close (&episode);
  return code;
}
