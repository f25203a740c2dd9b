/* gym export: all trials of a store as text. The store is only read, so a study may be
 * writing to it at the same time. */
#include "core/cmd/common.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FORMAT = CLI_LONG, CANONICAL };

struct sink {
  FILE *file;
  const char *name;
  int reason; /* errno of the first write that failed */
};

/* What the library calls for each piece of text. */
static int
put (void *context, const char *text, size_t n)
{
  struct sink *sink = context;
  if (fwrite (text, 1, n, sink->file) == n)
    return GYM_OK;
  sink->reason = errno;
  return GYM_EIO;
}

/* Writing over the store that is being read would be the end of it. */
static bool
same_file (const char *a, const char *b)
{
  struct stat one, two;
  return stat (a, &one) == 0 && stat (b, &two) == 0 && one.st_dev == two.st_dev
         && one.st_ino == two.st_ino;
}

static int
write_all (const char *path, enum gym_format format, bool canonical, struct sink *sink,
           gym_error *err)
{
  gym_store *store = gym_store_open (path, err);
  if (!store)
    return err->code;
  int code = gym_store_export (store, format, canonical, put, sink, err);
  if (code >= 0 && fflush (sink->file) != 0) {
    sink->reason = errno;
    code = GYM_EIO;
  }
  if (sink->reason)
    code = gym_fail (err, GYM_EIO, "%s: %s", sink->name, strerror (sink->reason));
  gym_store_destroy (&store);
  return code;
}

/* A device or a pipe is written to as it is: renaming would put a file in its place. */
static bool
is_special (const char *path)
{
  struct stat about;
  return stat (path, &about) == 0 && !S_ISREG (about.st_mode);
}

/* Closing may be what fails: a disk can fill up behind the last fwrite. */
static int
write_to (const char *path, const char *target, const char *output,
          enum gym_format format, bool canonical, gym_error *err)
{
  struct sink sink = { .name = output, .file = fopen (target, "w") };
  if (!sink.file)
    return gym_fail (err, GYM_EIO, "%s: %s", target, strerror (errno));
  int code = write_all (path, format, canonical, &sink, err);
  if (fclose (sink.file) != 0 && code >= 0)
    code = gym_fail (err, GYM_EIO, "%s: %s", output, strerror (errno));
  return code;
}

/* Into a file that appears under its name only when it is complete. */
static int
write_file (const char *path, const char *output, enum gym_format format, bool canonical,
            gym_error *err)
{
  char part[4096];
  if (same_file (path, output))
    return gym_fail (err, GYM_EINVAL, "%s: is the store itself; write to another file",
                     output);
  if (is_special (output))
    return write_to (path, output, output, format, canonical, err);
  if (snprintf (part, sizeof part, "%s.part", output) >= (int)sizeof part)
    return gym_fail (err, GYM_EINVAL, "%s: the name is too long", output);
  int code = write_to (path, part, output, format, canonical, err);
  if (code >= 0 && rename (part, output) != 0)
    code = gym_fail (err, GYM_EIO, "%s: %s", output, strerror (errno));
  if (code < 0)
    unlink (part);
  return code;
}

static int
run (const struct cli *cli, gym_error *err)
{
  static const char *const formats[] = { "csv", "jsonl", NULL };
  static const enum gym_format values[] = { GYM_FORMAT_CSV, GYM_FORMAT_JSONL };
  const char *output = cli_value (cli, 'o');
  bool canonical = cli_value (cli, CANONICAL) != NULL;
  struct sink sink = { .file = stdout, .name = "standard output" };
  int choice = -1, code = cli_choice (cli, FORMAT, formats, &choice, err);
  if (code < 0)
    return code;
  if (choice < 0)
    return gym_fail (err, CLI_EUSAGE, "which format? give --format csv or jsonl");
  if (output && strcmp (output, "-") != 0)
    code = write_file (cli_plain (cli, 0), output, values[choice], canonical, err);
  else
    code = write_all (cli_plain (cli, 0), values[choice], canonical, &sink, err);
  return code < 0 ? code : CLI_OK;
}

static const struct cli_option options[] = {
  { .key = FORMAT,
    .name = "format",
    .argument = "csv|jsonl",
    .doc = "CSV with a header line for each study, or a JSON object a trial." },
  { .key = CANONICAL,
    .name = "canonical",
    .doc = "The form in which equal studies are equal byte for byte: without times, "
           "hosts, row numbers and measured metrics." },
  { .key = 'o',
    .name = "output",
    .argument = "FILE",
    .doc = "Write to FILE, which appears when it is complete (standard output)." },
  { 0 }
};

const struct cli_command cmd_export = {
  .name = "export",
  .arguments = "FILE --format csv|jsonl [--canonical] [-o OUT]",
  .summary = "Export all trials of a store",
  .doc =
      "Writes every trial of every study of the store FILE, one a line, with levels by "
      "name and inactive parameters left empty. A store may be exported while a study "
      "writes to it.",
  .options = options,
  .least = 1,
  .most = 1,
  .run = run,
};
