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
  [ANCHOR_RD] = "rd_cmds",
  [ANCHOR_WR] = "wr_cmds",
  [ANCHOR_REF] = "ref_cmds",
  [ANCHOR_ACTIVE] = "active_cycles",
  [ANCHOR_IDLE] = "idle_cycles",
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
  row->ours[ANCHOR_RD] = (double)(r->commands[DRAM_CMD_RD] + r->commands[DRAM_CMD_RDA]);
  row->ours[ANCHOR_WR] = (double)(r->commands[DRAM_CMD_WR] + r->commands[DRAM_CMD_WRA]);
  row->ours[ANCHOR_REF] = (double)r->commands[DRAM_CMD_REF];
  row->ours[ANCHOR_ACTIVE] = (double)r->rank[0].active_cycles;
  row->ours[ANCHOR_IDLE] = (double)(r->cycles - r->rank[0].active_cycles);
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
  row->bus_use =
      (double)result.requests * (config.part.org.burst / 2) / row->theirs[ANCHOR_CYCLES];
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

enum anchor_load
anchor_load (const struct anchor_row *row)
{
  if (row->reads_in_flight > 0)
    return ANCHOR_CLOSED_LOOP;
  if (row->bus_use > 0.6
      || row->theirs[ANCHOR_RESPONSE] > 1.2 * row->theirs[ANCHOR_LATENCY])
    return ANCHOR_SATURATED;
  return row->bus_use > 0.15 ? ANCHOR_MIDDLE : ANCHOR_LIGHT;
}

double
anchor_off (const struct anchor_row *rows, size_t index, size_t other, int metric)
{
  double ours = rows[index].ours[metric], theirs = rows[other].theirs[metric];
  return metric == ANCHOR_HIT_RATE ? fabs (ours - theirs) : fabs (ours / theirs - 1);
}

double
anchor_distance (const struct anchor_row *rows, size_t count, size_t index, int metric)
{
  const struct anchor_row *row = &rows[index];
  double nearest = NAN;
  if (!open_page (row))
    return NAN;
  for (size_t i = 0; i < count; i++) {
    double distance = anchor_off (rows, index, i, metric);
    if (open_page (&rows[i]) && strcmp (rows[i].mem, row->mem) == 0
        && strcmp (rows[i].trace, row->trace) == 0
        && rows[i].reads_in_flight == row->reads_in_flight && !(distance >= nearest))
      nearest = isnan (distance) ? nearest : distance;
  }
  return nearest;
}

static void
count_for (struct anchor_goal *goal, double distance)
{
  if (isnan (distance))
    return;
  goal->rows++;
  goal->worst = distance > goal->worst ? distance : goal->worst;
}

/* A precharge may fall outside of a short run while its activation does not: few
 * activations say little about the energy of one. */
static void
count_energies (struct anchor_goal *goal, const struct anchor_row *row)
{
  static const int pairs[][2] = {
    { ANCHOR_ENERGY_ACT, ANCHOR_ACT },     { ANCHOR_ENERGY_READ, ANCHOR_RD },
    { ANCHOR_ENERGY_WRITE, ANCHOR_WR },    { ANCHOR_ENERGY_REF, ANCHOR_REF },
    { ANCHOR_ENERGY_OPEN, ANCHOR_ACTIVE }, { ANCHOR_ENERGY_CLOSED, ANCHOR_IDLE },
  };
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    const int *p = pairs[i];
    double least = p[1] == ANCHOR_ACT ? 1000 : 1;
    if (row->ours[p[1]] >= least && row->theirs[p[1]] >= least)
      count_for (goal, fabs (row->ours[p[0]] / row->ours[p[1]]
                                 / (row->theirs[p[0]] / row->theirs[p[1]])
                             - 1));
  }
}

void
anchor_goals (const struct anchor_row *rows, size_t count,
              struct anchor_goal goals[ANCHOR_GOALS])
{
  static const struct anchor_goal asked[ANCHOR_GOALS] = {
    { .text = "read latency, light traffic", .limit = 0.04 },
    { .text = "read latency, closed loops", .limit = 0.04 },
    { .text = "cycles, light and middle traffic", .limit = 0.01 },
    { .text = "cycles, closed loops", .limit = 0.04 },
    { .text = "row-hit rate, difference", .limit = 0.03 },
    { .text = "energy of a command or a cycle", .limit = 0.05 },
  };
  memcpy (goals, asked, sizeof asked);
  for (size_t i = 0; i < count; i++) {
    double latency = anchor_distance (rows, count, i, ANCHOR_LATENCY);
    double cycles = anchor_distance (rows, count, i, ANCHOR_CYCLES);
    enum anchor_load load = anchor_load (&rows[i]);
    if (load == ANCHOR_LIGHT)
      count_for (&goals[0], latency);
    if (load == ANCHOR_CLOSED_LOOP)
      count_for (&goals[1], latency);
    if (load == ANCHOR_LIGHT || load == ANCHOR_MIDDLE)
      count_for (&goals[2], cycles);
    if (load == ANCHOR_CLOSED_LOOP)
      count_for (&goals[3], cycles);
    count_for (&goals[4], anchor_distance (rows, count, i, ANCHOR_HIT_RATE));
    count_energies (&goals[5], &rows[i]);
  }
}
