/* SPDX-License-Identifier: MIT */
/* trace_main.c - `gym trace`: what is in a trace, and its conversion between forms.
 *
 * The gym command runs it as libexec/archgym/gym-trace, with "gym trace" in argv[0]. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sims/dram/dram.h"
#include "sims/dram/partfile.h"
#include "sims/dram/tracestat.h"

/* As in gym.1. */
enum { exit_ok = 0, exit_failure = 1, exit_usage = 2, exit_input = 3 };

struct job {
  struct dram_tracestat_options options;
  const char *input, *output;
  enum dram_trace_form form;
  bool form_given, json;
  uint64_t requests;
};

static const char help_text[] =
    "Usage: gym trace FILE [OPTION ...]\n"
    "       gym trace FILE --output OUT --form FORM\n\n"
    "Prints what is in a trace of memory requests, or writes it in another form.\n\n"
    "FILE may be in any of the forms, which is seen from its first bytes:\n"
    "  stl       CYCLE: read|write 0xADDR   DRAMSys, ArchGym\n"
    "  dramsim3  0xADDR READ|WRITE CYCLE    DRAMsim3\n"
    "  untimed   LD|ST 0xADDR               Ramulator; one request a cycle, and cycles\n"
    "                                       are lost in a conversion to it\n"
    "  binary    compressed, with checksums; taken wherever a trace is\n\n"
    "Options:\n"
    "  -n, --requests N     Only the first N requests.\n"
    "  -o, --output OUT     Write the trace to OUT instead of printing anything.\n"
    "  --form FORM          The form of OUT.\n"
    "  --line N             Bytes that count as one line: 1 to 4096 (64).\n"
    "  --part PART          DRAM part whose rows are looked at: a name that `gym info\n"
    "                       dram` lists, or a part file (DDR4-2400).\n"
    "  --mapping TEXT       Address bits to rows and banks, as option mapping of\n"
    "                       `gym info dram` (rkbgc).\n"
    "  --ranks N            Ranks of a channel (1).\n"
    "  --channels N         Channels (1).\n"
    "  --format table|json  How to print (table).\n"
    "  --help               This page.\n\n"
    "Row hits, conflicts and first rows are those of a memory that keeps every row open\n"
    "and serves the requests in the order of the trace: a scheduler does better, "
    "another\n"
    "page policy may do worse.\n";

/* ---- The command line ------------------------------------------------------------- */

static const struct option long_options[] = {
  { .name = "requests", .has_arg = required_argument, .val = 'n' },
  { .name = "output", .has_arg = required_argument, .val = 'o' },
  { .name = "form", .has_arg = required_argument, .val = 'f' },
  { .name = "line", .has_arg = required_argument, .val = 'l' },
  { .name = "part", .has_arg = required_argument, .val = 'p' },
  { .name = "mapping", .has_arg = required_argument, .val = 'm' },
  { .name = "ranks", .has_arg = required_argument, .val = 'r' },
  { .name = "channels", .has_arg = required_argument, .val = 'c' },
  { .name = "format", .has_arg = required_argument, .val = 'F' },
  { .name = "help", .has_arg = no_argument, .val = 'h' },
  { 0 },
};

static int
complain (int status, const char *text)
{
  fprintf (stderr, "gym trace: %s\n", text);
  return status;
}

/* Decimal and at least 1. strtoull alone would take signs and blanks. */
static bool
read_number (const char *text, uint64_t most, uint64_t *value)
{
  char *end;
  errno = 0;
  *value = strtoull (text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *value >= 1
         && *value <= most;
}

static bool
read_small (const char *text, uint32_t *value)
{
  uint64_t wide = 0;
  bool good = read_number (text, UINT32_MAX, &wide);
  *value = (uint32_t)wide;
  return good;
}

static int
set_part (struct job *job, const char *text)
{
  const struct dram_part *part = dram_part_find (text);
  struct dram_error err;
  if (part != NULL)
    job->options.part = *part;
  else if (dram_part_read (&job->options.part, text, &err) != 0)
    return complain (exit_input, err.text);
  return exit_ok;
}

/* exit_ok; or the status to end with, exit_usage when nothing was said yet. */
static int
set_option (struct job *job, int option, const char *text)
{
  bool good = true;
  switch (option) {
  case 'n':
    good = read_number (text, SIZE_MAX, &job->requests);
    break;
  case 'o':
    job->output = text;
    break;
  case 'f':
    good = job->form_given = dram_trace_form_find (text, &job->form) == 0;
    break;
  case 'l':
    good = read_small (text, &job->options.line_bytes);
    break;
  case 'p':
    return set_part (job, text);
  case 'm':
    job->options.mapping = text;
    break;
  case 'r':
    good = read_small (text, &job->options.ranks);
    break;
  case 'c':
    good = read_small (text, &job->options.channels);
    break;
  default:
    job->json = strcmp (text, "json") == 0;
    good = job->json || strcmp (text, "table") == 0;
  }
  return good ? exit_ok : exit_usage;
}

/* What the words ask for must be one thing. */
static int
check_job (const struct job *job, int argc, char **argv)
{
  if (optind == argc)
    return complain (exit_usage, "a trace is missing; try gym trace --help");
  if (optind + 1 < argc) {
    fprintf (stderr, "gym trace: one trace at a time, \"%s\" is too much\n",
             argv[optind + 1]);
    return exit_usage;
  }
  if (job->form_given != (job->output != NULL))
    return complain (exit_usage, "--output and --form (stl, dramsim3, untimed, binary) "
                                 "need each other");
  return exit_ok;
}

/* -1 to go on, else the status to end with.  getopt_long itself reports options that it
 * does not know. */
static int
parse_options (struct job *job, int argc, char **argv)
{
  int option, index = -1, status;
  while ((option = getopt_long (argc, argv, "n:o:", long_options, &index)) != -1) {
    if (option == 'h')
      return fputs (help_text, stdout) < 0 ? exit_failure : exit_ok;
    if (option == '?')
      return complain (exit_usage, "--help lists the options");
    status = set_option (job, option, optarg);
    if (status == exit_usage)
      fprintf (stderr, "gym trace: option %s%s: \"%s\" is not understood; try --help\n",
               index < 0 ? "-" : "--",
               index < 0 ? (char[]){ (char)option, '\0' } : long_options[index].name,
               optarg);
    if (status != exit_ok)
      return status;
    index = -1;
  }
  status = check_job (job, argc, argv);
  job->input = argv[optind];
  return status == exit_ok ? -1 : status;
}

/* ---- The two ways of printing ----------------------------------------------------- */

/* Every figure once, for both: `share_of` is what it is a share of, 0 for none. */
struct line {
  const char *name; /* in JSON; NULL: a heading */
  const char *text; /* in the table */
  const char *unit;
  double value, share_of;
};

enum { LINES = 26 };

static void
fill_lines (struct line lines[LINES], const struct dram_tracestat *s)
{
  double n = (double)s->requests, pairs = n > 1 ? n - 1 : NAN;
  double lines_seen = (double)s->lines, span = (double)(s->last_cycle - s->first_cycle);
  const struct line all[] = {
    { NULL, "Requests", NULL, 0, 0 },
    { "requests", "all", "", n, 0 },
    { "reads", "reads", "", (double)s->reads, n },
    { "writes", "writes", "", (double)s->writes, n },
    { NULL, "Time", NULL, 0, 0 },
    { "first_cycle", "first cycle", "", (double)s->first_cycle, 0 },
    { "last_cycle", "last cycle", "", (double)s->last_cycle, 0 },
    { "span_cycles", "from first to last", "cycles", span, 0 },
    { "mean_gap_cycles", "between two requests, mean", "cycles", s->mean_gap, 0 },
    { NULL, "Addresses", NULL, 0, 0 },
    { "lines", "distinct lines", "", lines_seen, 0 },
    { "pages", "distinct pages of 4 KiB", "", (double)s->pages, 0 },
    { "requests_per_line", "requests to a line, mean", "", n / lines_seen, 0 },
    { NULL, "Against the request before", NULL, 0, 0 },
    { "next_line", "to the line behind it", "", (double)s->next_line, pairs },
    { "same_line", "to the same line", "", (double)s->same_line, pairs },
    { "same_stride", "with the same step again", "", (double)s->same_stride, pairs },
    { "longest_run", "longest run of lines", "", (double)s->longest_run, 0 },
    { NULL, "Rows, in the order of the trace", NULL, 0, 0 },
    { "row_hits", "row open", "", (double)s->row_hits, n },
    { "row_conflicts", "another row open", "", (double)s->row_conflicts, n },
    { "row_first", "first of its bank", "", (double)s->row_first, n },
    { "rows", "distinct rows", "", (double)s->rows, 0 },
    { "banks_used", "banks used", "", s->banks_used, s->banks },
    { "busiest_bank", "requests of the busiest bank", "", (double)s->busiest_bank, n },
  };
  _Static_assert(sizeof all / sizeof all[0] < LINES, "the list ends with a zero");
  memset (lines, 0, LINES * sizeof lines[0]);
  memcpy (lines, all, sizeof all);
}

/* Columns wide enough for 2^63, so that a longer file does not shift them. */
static void
print_table (const struct dram_tracestat *s, const struct line *lines)
{
  for (; lines->text != NULL; lines++) {
    if (lines->name == NULL) {
      printf ("%s\n", lines->text);
      continue;
    }
    printf ("  %-30s %16.*f", lines->text, lines->value == floor (lines->value) ? 0 : 2,
            lines->value);
    if (lines->share_of > 0)
      printf ("  %5.1f %%", 100 * lines->value / lines->share_of);
    printf ("%s%s\n", lines->unit[0] != '\0' ? "  " : "", lines->unit);
  }
  printf ("Cycles to the next request\n");
  for (unsigned b = 0; b < DRAM_GAP_BINS; b++) {
    uint64_t low = dram_gap_low (b), high = dram_gap_low (b + 1) - 1;
    char range[48];
    if (s->gaps[b] == 0)
      continue;
    if (low == high)
      snprintf (range, sizeof range, "%" PRIu64, low);
    else if (b + 1 == DRAM_GAP_BINS)
      snprintf (range, sizeof range, "%" PRIu64 " and more", low);
    else
      snprintf (range, sizeof range, "%" PRIu64 " to %" PRIu64, low, high);
    printf ("  %-30s %16" PRIu64 "  %5.1f %%\n", range, s->gaps[b],
            100 * (double)s->gaps[b] / (double)(s->requests - 1));
  }
}

/* JSON has no NaN: what does not exist is left out.  Addresses are text, since a double
 * would not hold them. */
static void
print_json (const struct dram_tracestat *s, const struct line *lines, const char *form)
{
  const char *between = "";
  printf ("{\n  \"form\": \"%s\",\n  \"lowest_address\": \"0x%" PRIx64
          "\",\n  \"highest_address\": \"0x%" PRIx64 "\",\n",
          form, s->lowest, s->highest);
  for (; lines->text != NULL; lines++) {
    if (lines->name != NULL && !isnan (lines->value))
      printf ("  \"%s\": %.17g,\n", lines->name, lines->value);
  }
  printf ("  \"banks\": %" PRIu32 ",\n  \"gaps\": [", s->banks);
  for (unsigned b = 0; b < DRAM_GAP_BINS; b++) {
    if (s->gaps[b] == 0)
      continue;
    printf ("%s\n    { \"from\": %" PRIu64 ", \"requests\": %" PRIu64 " }", between,
            dram_gap_low (b), s->gaps[b]);
    between = ",";
  }
  printf ("\n  ]\n}\n");
}

static int
print_stat (const struct job *job, const struct dram_trace *trace)
{
  struct line lines[LINES];
  struct dram_tracestat stat;
  struct dram_error err;
  if (dram_tracestat (&stat, trace, &job->options, &err) != 0)
    return complain (exit_input, err.text);
  fill_lines (lines, &stat);
  if (job->json) {
    print_json (&stat, lines, dram_trace_form_name (trace->form));
    return exit_ok;
  }
  printf ("%s, form %s, addresses 0x%" PRIx64 " to 0x%" PRIx64 "\n", job->input,
          dram_trace_form_name (trace->form), stat.lowest, stat.highest);
  printf ("rows of %s, mapping %s, %" PRIu32 " channel%s of %" PRIu32
          " rank%s, lines of %" PRIu32 " bytes\n\n",
          job->options.part.name, job->options.mapping ? job->options.mapping : "rkbgc",
          job->options.channels, job->options.channels == 1 ? "" : "s",
          job->options.ranks, job->options.ranks == 1 ? "" : "s",
          job->options.line_bytes);
  print_table (&stat, lines);
  return exit_ok;
}

/* Standard output may be a full disk, which shows only at the end. */
static int
finish (int status)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return status;
  fprintf (stderr, "gym trace: standard output: %s\n", strerror (errno));
  return exit_failure;
}

int
main (int argc, char **argv)
{
  struct job job = { .options = { .line_bytes = 64, .ranks = 1, .channels = 1 } };
  struct dram_trace trace;
  struct dram_error err;
  job.options.part = *dram_part_find ("DDR4-2400");
  int status = parse_options (&job, argc, argv);
  if (status >= 0)
    return finish (status);
  if (dram_trace_read (&trace, job.input, (size_t)job.requests, &err) != 0)
    return complain (exit_input, err.text);
  if (job.output == NULL)
    status = print_stat (&job, &trace);
  else if (dram_trace_write (&trace, job.output, job.form, &err) != 0)
    status = complain (exit_failure, err.text);
  else
    status = exit_ok;
  dram_trace_free (&trace);
  return finish (status);
}
