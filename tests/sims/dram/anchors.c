#include "tests/sims/dram/anchors.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sims/dram/dram.h"

enum { FIELDS = 64, LINE = 2048 };

const char *const anchor_metrics[ANCHOR_METRICS] = {
  [ANCHOR_CYCLES] = "cycles",
  [ANCHOR_LATENCY] = "avg_read_latency_cycles",
  [ANCHOR_P99] = "p99",
  [ANCHOR_MAX] = "max",
  [ANCHOR_RESPONSE] = "avg_latency_from_trace_cycle",
  [ANCHOR_HIT_RATE] = "row_hit_rate",
  [ANCHOR_ACT] = "act_cmds",
  [ANCHOR_REF] = "ref_cmds",
  [ANCHOR_ENERGY_ACT] = "act_energy_pJ",
  [ANCHOR_ENERGY_READ] = "read_energy_pJ",
  [ANCHOR_ENERGY_WRITE] = "write_energy_pJ",
  [ANCHOR_ENERGY_REF] = "ref_energy_pJ",
  [ANCHOR_ENERGY_OPEN] = "act_standby_energy_pJ",
  [ANCHOR_ENERGY_CLOSED] = "pre_standby_energy_pJ",
};

/* A line of a table cut at its commas; empty fields stay. */
struct fields {
  char text[LINE];
  char *at[FIELDS];
  size_t count;
};

static void
split (struct fields *f, const char *line)
{
  char *p = f->text;
  snprintf (f->text, sizeof f->text, "%s", line);
  p[strcspn (p, "\r\n")] = '\0';
  for (f->count = 0; f->count < FIELDS;) {
    f->at[f->count++] = p;
    p += strcspn (p, ",");
    if (*p == '\0')
      break;
    *p++ = '\0';
  }
}

static const char *
field (const struct fields *header, const struct fields *row, const char *name)
{
  for (size_t i = 0; i < header->count && i < row->count; i++) {
    if (strcmp (header->at[i], name) == 0)
      return row->at[i];
  }
  return "";
}

static double
number (const struct fields *header, const struct fields *row, const char *name)
{
  const char *text = field (header, row, name);
  return *text == '\0' ? NAN : strtod (text, NULL);
}

/* The design that stands for an anchor's configuration: its name says page policy and
 * buffer.  Closing after every access is CLOSED, as soon as it is legal CLOSEDADAPTIVE.
 */
static int
design (struct dram_config *config, const struct anchor_row *row, struct dram_error *err)
{
  char setup[32];
  snprintf (setup, sizeof setup, "anchor-%s", row->mem);
  if (dram_config_setup (config, setup, err) != 0)
    return -1;
  if (row->reads_in_flight > 0)
    config->in_flight = row->reads_in_flight;
  if (strstr (row->config, "_close") != NULL)
    config->page_policy = strncmp (row->config, "dramsim3", 8) == 0
                              ? DRAM_PAGE_CLOSED
                              : DRAM_PAGE_CLOSEDADAPTIVE;
  if (strstr (row->config, "_q128") != NULL) {
    config->request_buffer_size = 128;
    config->drain_high = 102;
    config->drain_low = 25;
  }
  return 0;
}

static void
take_ours (struct anchor_row *row, const struct dram_result *r, uint32_t tck_ps)
{
  const double cycle = tck_ps / 1000.0;
  const double *e = r->energy;
  row->ours[ANCHOR_CYCLES] = (double)r->cycles;
  row->ours[ANCHOR_LATENCY] = r->latency.mean / cycle;
  row->ours[ANCHOR_P99] = r->latency.p99 / cycle;
  row->ours[ANCHOR_MAX] = r->latency.max / cycle;
  row->ours[ANCHOR_RESPONSE] = r->response.mean / cycle;
  row->ours[ANCHOR_HIT_RATE] = r->row_hit_rate;
  row->ours[ANCHOR_ACT] = (double)r->commands[DRAM_CMD_ACT];
  row->ours[ANCHOR_REF] = (double)r->commands[DRAM_CMD_REF];
  row->ours[ANCHOR_ENERGY_ACT] = 1e3 * (e[DRAM_ENERGY_ACT] + e[DRAM_ENERGY_PRE]);
  row->ours[ANCHOR_ENERGY_READ] = 1e3 * e[DRAM_ENERGY_RD];
  row->ours[ANCHOR_ENERGY_WRITE] = 1e3 * e[DRAM_ENERGY_WR];
  row->ours[ANCHOR_ENERGY_REF] = 1e3 * e[DRAM_ENERGY_REF];
  row->ours[ANCHOR_ENERGY_OPEN] = 1e3 * e[DRAM_ENERGY_OPEN];
  row->ours[ANCHOR_ENERGY_CLOSED] = 1e3 * e[DRAM_ENERGY_CLOSED];
}

static void
take_theirs (struct anchor_row *row, const struct fields *header, const struct fields *f)
{
  double reads = number (header, f, "read_row_hits");
  double writes = number (header, f, "write_row_hits");
  for (int m = 0; m < ANCHOR_METRICS; m++)
    row->theirs[m] = number (header, f, anchor_metrics[m]);
  row->theirs[ANCHOR_HIT_RATE] = (reads + writes) / number (header, f, "requests");
}

static void
name_row (struct anchor_row *row, const struct fields *header, const struct fields *f)
{
  snprintf (row->mem, sizeof row->mem, "%s", field (header, f, "mem"));
  snprintf (row->trace, sizeof row->trace, "%s", field (header, f, "trace"));
  snprintf (row->config, sizeof row->config, "%s", field (header, f, "config"));
  row->reads_in_flight = (unsigned)atoi (field (header, f, "max_reads_in_flight"));
}

static int
run_row (struct anchor_row *row, const char *folder, struct dram_sim *sim,
         struct dram_error *err)
{
  struct dram_trace trace = { 0 };
  struct dram_config config;
  struct dram_result result;
  char path[4096];
  int status;
  snprintf (path, sizeof path, "%s/traces/%s.trace", folder, row->trace);
  if (design (&config, row, err) != 0 || dram_trace_read (&trace, path, 0, err) != 0)
    return -1;
  status = dram_sim_run (sim, &config, trace.requests, trace.count, NULL, &result, err);
  dram_trace_free (&trace);
  if (status == DRAM_OK)
    take_ours (row, &result, config.part.tck_ps);
  return status;
}

static size_t
run_table (FILE *table, const char *folder, struct anchor_row *rows, size_t room,
           struct dram_error *err)
{
  static struct fields header, f;
  char line[LINE];
  size_t n = 0;
  struct dram_sim *sim = dram_sim_new (err);
  if (sim == NULL || fgets (line, sizeof line, table) == NULL)
    room = 0;
  split (&header, room > 0 ? line : "");
  while (n < room && fgets (line, sizeof line, table) != NULL) {
    split (&f, line);
    name_row (&rows[n], &header, &f);
    take_theirs (&rows[n], &header, &f);
    if (run_row (&rows[n], folder, sim, err) != DRAM_OK)
      n = room = 0;
    else
      n++;
  }
  dram_sim_destroy (&sim);
  return n;
}

size_t
anchors_run (const char *folder, struct anchor_row *rows, size_t room, char *error,
             size_t error_size)
{
  struct dram_error err = { "the table has no rows" };
  char path[4096];
  size_t n;
  FILE *table;
  snprintf (path, sizeof path, "%s/results.csv", folder);
  table = fopen (path, "r");
  if (table == NULL) {
    snprintf (error, error_size, "cannot open %s", path);
    return 0;
  }
  n = run_table (table, folder, rows, room, &err);
  fclose (table);
  if (n == 0)
    snprintf (error, error_size, "%s: %s", path, err.text);
  return n;
}

double
anchor_ratio (const struct anchor_row *row, int metric)
{
  return row->ours[metric] / row->theirs[metric];
}

static bool
open_page (const struct anchor_row *row)
{
  const char *tail = strstr (row->config, "_open");
  return tail != NULL && tail[5] == '\0';
}

double
anchor_distance (const struct anchor_row *rows, size_t count, size_t index, int metric)
{
  const struct anchor_row *row = &rows[index];
  double nearest = NAN;
  if (!open_page (row))
    return NAN;
  for (size_t i = 0; i < count; i++) {
    double distance = fabs (row->ours[metric] / rows[i].theirs[metric] - 1);
    if (open_page (&rows[i]) && strcmp (rows[i].mem, row->mem) == 0
        && strcmp (rows[i].trace, row->trace) == 0
        && rows[i].reads_in_flight == row->reads_in_flight && !(distance >= nearest))
      nearest = isnan (distance) ? nearest : distance;
  }
  return nearest;
}
