/* cachefilter_main.c - the program that turns lackey's events into a trace file.
 *
 * gym-record-trace feeds it through a pipe and kills the recorded program when this one
 * ends. It prints nothing but the trace on standard output. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sims/dram/cachefilter.h"

enum { exit_ok = 0, exit_failure = 1, exit_usage = 2 };

/* What the command line asks for, and how far it is done. */
struct job {
  struct dram_cachefilter_options options;
  enum dram_trace_form form;
  uint64_t wanted; /* requests */
  const char *output;
  FILE *out;
  uint64_t written;
  bool failed;
};

static const char help_text[] =
  "Usage: gym cache-filter [OPTION]... < EVENTS > TRACE\n"
  "Sends the memory accesses that valgrind's lackey tool prints (--trace-mem=yes)\n"
  "through two levels of cache and writes what reaches the DRAM, one request a line.\n"
  "\n"
  "  --requests=N     stop after N requests (default 20000)\n"
  "  --skip=N         warm the caches with the first N instructions, write nothing yet\n"
  "  --l1=SIZE,WAYS   instruction and data cache, each (default 32k,8)\n"
  "  --l2=SIZE,WAYS   second level (default 256k,8)\n"
  "  --line=N         bytes in a cache line (default 64)\n"
  "  --cpi=X          core clocks an instruction, cache misses not counted (default 1)\n"
  "  --core-mhz=N     clock of the core (default 3000)\n"
  "  --dram-mhz=N     clock of the DRAM, half its data rate (default 1200)\n"
  "  --keep-addresses the program's own addresses; else its pages are numbered in the\n"
  "                   order of their first touch\n"
  "  --form=FORM      dramsim3: 0xADDR READ|WRITE CYCLE (default),\n"
  "                   stl: CYCLE: read|write 0xADDR, or untimed: LD|ST 0xADDR\n"
  "  --output=FILE    write to FILE instead of standard output\n"
  "  --help           print this text\n"
  "\n"
  "CYCLE counts DRAM clocks: instruction i after the warm-up is at\n"
  "floor (i * cpi * dram-mhz / core-mhz). Sizes may end in k or m.\n"
  "Exit status: 0 a trace was written (also when the program ended early, which is\n"
  "said), 1 no request, bad events, or the trace cannot be written, 2 a wrong option.\n";

/* strtoull alone would take signs, blanks and, silently, what is too large. */
static int parse_number (const char *text, uint64_t *value, const char **end)
{
  char *stop;

  errno = 0;
  if (*text < '0' || *text > '9')
    return -1;
  *value = strtoull (text, &stop, 10);
  *end = stop;
  return errno == 0 ? 0 : -1;
}

static int set_number (const char *text, uint64_t *value)
{
  const char *end;

  return parse_number (text, value, &end) == 0 && *end == '\0' ? 0 : -1;
}

static int set_small (const char *text, uint32_t *value)
{
  uint64_t wide;

  if (set_number (text, &wide) != 0 || wide > UINT32_MAX)
    return -1;
  *value = (uint32_t) wide;
  return 0;
}

static int set_shape (const char *text, struct dram_cache_shape *shape)
{
  unsigned shift = 0;
  const char *end;

  if (parse_number (text, &shape->size, &end) != 0)
    return -1;
  if (*end == 'k' || *end == 'm')
    shift = *end++ == 'k' ? 10 : 20;
  /* Far more than any cache, and the shift cannot overflow. */
  if (shape->size > UINT32_MAX || *end != ',')
    return -1;
  shape->size <<= shift;
  return set_small (end + 1, &shape->ways);
}

/* A decimal with at most three places, kept exact: 1, 0.75, 1.333. Not strtod, whose
 * decimal point depends on the locale and whose rounding would move cycles. */
static int set_cpi (const char *text, uint32_t *milli)
{
  uint64_t whole;
  uint64_t part = 0;
  const char *end;
  int places;

  if (parse_number (text, &whole, &end) != 0 || whole > 1000)
    return -1;
  if (*end == '.')
    end++;
  for (places = 0; places < 3; places++)
    part = part * 10 + (*end >= '0' && *end <= '9' ? (uint64_t) (*end++ - '0') : 0);
  *milli = (uint32_t) (whole * 1000 + part);
  return *end == '\0' ? 0 : -1;
}

/* Requests are written as they come: the binary form begins with their number. */
static int set_form (const char *text, enum dram_trace_form *form)
{
  return dram_trace_form_find (text, form) == 0 && *form != DRAM_TRACE_BINARY ? 0 : -1;
}

static const struct option long_options[] = {
  { .name = "requests", .has_arg = required_argument, .val = 'n' },
  { .name = "skip", .has_arg = required_argument, .val = 's' },
  { .name = "l1", .has_arg = required_argument, .val = '1' },
  { .name = "l2", .has_arg = required_argument, .val = '2' },
  { .name = "line", .has_arg = required_argument, .val = 'l' },
  { .name = "cpi", .has_arg = required_argument, .val = 'c' },
  { .name = "core-mhz", .has_arg = required_argument, .val = 'C' },
  { .name = "dram-mhz", .has_arg = required_argument, .val = 'D' },
  { .name = "keep-addresses", .has_arg = no_argument, .val = 'k' },
  { .name = "form", .has_arg = required_argument, .val = 'f' },
  { .name = "output", .has_arg = required_argument, .val = 'o' },
  { .name = "help", .has_arg = no_argument, .val = 'h' },
  { 0 }
};

static int set_option (struct job *job, int option, const char *text)
{
  switch (option) {
  case 'n': return set_number (text, &job->wanted) == 0 && job->wanted > 0 ? 0 : -1;
  case 's': return set_number (text, &job->options.skip);
  case '1': return set_shape (text, &job->options.l1);
  case '2': return set_shape (text, &job->options.l2);
  case 'l': return set_small (text, &job->options.line);
  case 'c': return set_cpi (text, &job->options.cpi_milli);
  case 'C': return set_small (text, &job->options.core_mhz);
  case 'D': return set_small (text, &job->options.dram_mhz);
  case 'k': job->options.keep_addresses = true; return 0;
  case 'f': return set_form (text, &job->form);
  case 'o': job->output = text; return 0;
  default: return -1;
  }
}

static int usage_error (const char *name, const char *value)
{
  if (name != NULL)
    fprintf (stderr, "gym-cache-filter: --%s=%s is not understood\n", name, value);
  fputs ("gym-cache-filter: --help lists the options\n", stderr);
  return exit_usage;
}

/* Returns -1 to go on, else the exit status. getopt_long itself reports options that it
 * does not know. */
static int parse_options (struct job *job, int argc, char **argv)
{
  int index = 0;
  int option;

  while ((option = getopt_long (argc, argv, "", long_options, &index)) != -1) {
    if (option == 'h') {
      fputs (help_text, stdout);
      return exit_ok;
    }
    if (option == '?')
      return usage_error (NULL, NULL);
    if (set_option (job, option, optarg) != 0)
      return usage_error (long_options[index].name, optarg);
  }
  if (optind == argc)
    return -1;
  fprintf (stderr, "gym-cache-filter: unexpected argument %s\n", argv[optind]);
  return usage_error (NULL, NULL);
}

/* The sink: false stops the filter, after the last request wanted or a failed write. */
static bool write_request (void *context, const struct dram_request *request)
{
  struct job *job = context;
  char line[DRAM_TRACE_TEXT_MAX];
  size_t length = dram_trace_format (line, job->form, request);

  if (fwrite (line, 1, length, job->out) != length) {
    job->failed = true;
    return false;
  }
  job->written++;
  return job->written < job->wanted;
}

/* Ends early when the sink has enough: the writer of the pipe is then stopped. */
static int feed (struct dram_cachefilter *filter, struct dram_error *err)
{
  char *line = NULL;
  size_t size = 0;
  ssize_t length;
  int status = 0;

  while (status == 0 && (length = getline (&line, &size, stdin)) > 0) {
    if (line[length - 1] == '\n')
      length--;
    status = dram_cachefilter_line (filter, line, (size_t) length, err);
  }
  free (line);
  if (status == 0 && ferror (stdin))
    return dram_fail (err, "the events cannot be read: %s", strerror (errno));
  return status;
}

static int complain (const char *text)
{
  fprintf (stderr, "gym-cache-filter: %s\n", text);
  return exit_failure;
}

static int report (const struct job *job, const struct dram_cachefilter *filter)
{
  struct dram_cachefilter_counts counts = dram_cachefilter_counts (filter);

  if (job->failed)
    return complain ("the trace cannot be written");
  if (job->written == 0)
    return complain ("the program made no request");
  if (job->written < job->wanted)
    complain ("the program ended before all requests were seen");
  fprintf (stderr,
           "gym-cache-filter: %" PRIu64 " requests, %" PRIu64 " instructions, %" PRIu64
           " accesses, %" PRIu64 " L1 misses\n",
           job->written, counts.instructions, counts.accesses, counts.l1_misses);
  return exit_ok;
}

static int run (struct job *job)
{
  struct dram_error err;
  struct dram_cachefilter *filter =
    dram_cachefilter_new (&job->options, write_request, job, &err);
  int status;

  if (filter == NULL) {
    complain (err.text);
    return exit_usage;
  }
  status = feed (filter, &err);
  /* The last block reaches the disk here, and a full disk shows only now. */
  if (fflush (job->out) != 0)
    job->failed = true;
  status = status < 0 ? complain (err.text) : report (job, filter);
  dram_cachefilter_free (filter);
  return status;
}

int main (int argc, char **argv)
{
  struct job job = { .options = dram_cachefilter_defaults (), .form = DRAM_TRACE_DRAMSIM3,
                     .wanted = 20000, .out = stdout };
  int status = parse_options (&job, argc, argv);

  if (status >= 0)
    return status;
  if (job.output != NULL)
    job.out = fopen (job.output, "w");
  if (job.out == NULL) {
    fprintf (stderr, "gym-cache-filter: %s: %s\n", job.output, strerror (errno));
    return exit_failure;
  }
  status = run (&job);
  if (job.out != stdout)
    fclose (job.out);
  return status;
}
