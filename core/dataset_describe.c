/* core/dataset_describe.c - a data set in a screenful. */
#include <config.h>

#include "core/dataset_inside.h"

#include "core/text.h"
#include "core/units.h"

#include <gym/env.h>
#include <gym/stats.h>
#include <math.h>

enum { WIDTH = 80, NAME = 22, LEVEL = 31, MOST_LINES = 20, MOST_LEVELS = 32, BINS = 10 };
enum { SAMPLE = 20000 };

/* What a walk gathers of the rows. */
struct gathered {
  size_t **levels; /* rows of each level, or of each tenth of the range; then inactive */
  size_t *n_levels;
  double *least, *most, *sample; /* a column of the sample for each metric */
  size_t *values;                /* rows that have one */
  size_t n_sample, every, rows;
  double *unit;
};

/* ---- gathering ---- */

/* Grids that are too fine for a line of shares are shown by tenths of their range. */
static bool
by_level (const gym_space *space, uint32_t i)
{
  uint64_t count = gym_space_count (space, i);
  return count > 0 && count <= MOST_LEVELS;
}

static void
clear (struct gathered *g, uint32_t n_params)
{
  for (uint32_t i = 0; g->levels && i < n_params; i++)
    free (g->levels[i]);
  free (g->levels);
  free (g->n_levels);
  free (g->least);
  free (g->most);
  free (g->sample);
  free (g->values);
  free (g->unit);
}

static int
make_room (const gym_dataset *d, struct gathered *g)
{
  uint32_t p = gym_space_size (d->space), m = d->metrics.n;
  size_t rows = d->counts.rows, most = rows < SAMPLE ? rows : SAMPLE;
  g->every = rows > SAMPLE ? (rows + SAMPLE - 1) / SAMPLE : 1;
  g->levels = calloc (p + 1, sizeof *g->levels);
  g->n_levels = calloc (p + 1, sizeof *g->n_levels);
  g->unit = calloc (p + 1, sizeof *g->unit);
  g->least = calloc (m + 1, sizeof *g->least);
  g->most = calloc (m + 1, sizeof *g->most);
  g->values = calloc (m + 1, sizeof *g->values);
  g->sample = calloc (most * m + 1, sizeof *g->sample);
  if (!g->levels || !g->n_levels || !g->unit || !g->least || !g->most || !g->values
      || !g->sample)
    return GYM_ENOMEM;
  for (uint32_t i = 0; i < p; i++) {
    g->n_levels[i] = by_level (d->space, i) ? gym_space_count (d->space, i) : BINS;
    g->levels[i] = calloc (g->n_levels[i] + 1, sizeof *g->levels[i]);
    if (!g->levels[i])
      return GYM_ENOMEM;
  }
  for (uint32_t i = 0; i < m; i++) {
    g->least[i] = INFINITY;
    g->most[i] = -INFINITY;
  }
  return GYM_OK;
}

/* On the parameter's own scale, so that the tenths of a log parameter are of its
 * logarithm. */
static void
gather_design (const gym_space *space, struct gathered *g, const double *design)
{
  gym_space_encode (space, design, g->unit);
  for (uint32_t i = 0; i < gym_space_size (space); i++) {
    size_t at = g->n_levels[i];
    if (!isnan (design[i]) && by_level (space, i))
      at = gym_space_index (space, i, design[i]);
    else if (!isnan (design[i]))
      at = (size_t)fmin (BINS - 1, g->unit[i] * BINS);
    g->levels[i][at]++;
  }
}

/* Every so many rows go into the sample, so that it is spread evenly over the walk. */
static void
gather_metrics (const gym_dataset *d, struct gathered *g, const double *metrics)
{
  uint32_t m = d->metrics.n;
  bool taken = g->rows % g->every == 0;
  for (uint32_t i = 0; i < m; i++) {
    if (taken)
      g->sample[g->n_sample * m + i] = metrics[i];
    if (isnan (metrics[i]))
      continue;
    g->least[i] = fmin (g->least[i], metrics[i]);
    g->most[i] = fmax (g->most[i], metrics[i]);
    g->values[i]++;
  }
  g->n_sample += taken;
}

static int
gather (gym_dataset *d, struct gathered *g, gym_error *err)
{
  struct gym_dataset_row row = { .struct_size = sizeof row };
  int code;
  gym_dataset_rewind (d);
  while ((code = gym_dataset_next (d, &row, err)) == 1) {
    gather_design (d->space, g, row.design);
    gather_metrics (d, g, row.metrics);
    g->rows++;
  }
  return code;
}

/* ---- lines ---- */

/* A name in at most `width` columns; a longer one is cut, with dots. Returns the bytes of
 * it that are shown, and whether all are. */
static int
cut (const char *name, size_t width, const char **dots)
{
  size_t bytes = 0, n = gym_text_width (name) > width ? width - 3 : SIZE_MAX;
  *dots = n == SIZE_MAX ? "" : "...";
  for (; n > 0 && name[bytes]; n--)
    do
      bytes++;
    while (((unsigned char)name[bytes] & 0xC0) == 0x80);
  return (int)bytes;
}

static void
put_name (struct gym_text *text, const char *name)
{
  const char *dots;
  int bytes = cut (name, NAME, &dots);
  size_t n = *dots ? NAME : gym_text_width (name);
  gym_text_printf (text, "%.*s%s%*s", bytes, name, dots, (int)(NAME + 2 - n), "");
}

/* What is there must not show as nothing. */
static const char *
percent (size_t part, size_t whole, char text[GYM_NUMBER_TEXT])
{
  double share = whole ? 100.0 * (double)part / (double)whole : 0;
  if (share > 0 && share < 0.1)
    return "<0.1";
  return gym_number_rounded (share, 3, text);
}

static void
put_counts (const gym_dataset *d, struct gym_text *text)
{
  const struct gym_dataset_counts *c = &d->counts;
  gym_text_printf (text, "%s: %zu rows of %zu trials", d->env_id, c->rows, c->trials);
  if (!d->options.duplicates)
    gym_text_printf (text, " (%zu repeats and %zu duplicates are left out)", c->repeats,
                     c->duplicates);
  gym_text_puts (text, "\nstatus:");
  for (uint32_t i = 0; i <= GYM_TRIAL_OOM; i++)
    if (c->statuses[i])
      gym_text_printf (text, " %s %zu", gym_status_name (i), c->statuses[i]);
  if (!c->rows)
    gym_text_puts (text, " none");
  if (c->conflicts)
    gym_text_printf (text,
                     "\n%zu duplicates differ from the row that stands for them: they "
                     "are from\nanother machine or build, or the env breaks its word",
                     c->conflicts);
  if (c->tainted)
    gym_text_printf (text, "\n%zu rows are of tainted runs, which saw sealed metrics",
                     c->tainted);
  if (c->older)
    gym_text_printf (text, "\n%zu trials of older versions of the env are left out",
                     c->older);
  gym_text_puts (text, "\n");
}

/* A line of the tables of agents, workloads and fidelities. */
static void
put_share (const gym_dataset *d, struct gym_text *text, const char *name, size_t trials,
           size_t rows)
{
  char share[GYM_NUMBER_TEXT], fresh[GYM_NUMBER_TEXT];
  put_name (text, *name ? name : "-");
  gym_text_printf (text, "%10zu  %10zu  %10s  %10s\n", trials, rows,
                   percent (rows, d->counts.rows, share), percent (rows, trials, fresh));
}

static void
put_share_heading (struct gym_text *text, const char *what)
{
  gym_text_puts (text, "\n");
  put_name (text, what);
  gym_text_printf (text, "%10s  %10s  %10s  %10s\n", "trials", "rows", "% of rows",
                   "% new");
}

/* Where there is a choice. */
static void
put_fidelities (const gym_dataset *d, struct gym_text *text)
{
  size_t used = 0;
  for (size_t i = 0; i < d->n_fidelities; i++)
    used += d->fidelities[i].trials > 0;
  if (used < 2)
    return;
  put_share_heading (text, "fidelity");
  for (size_t i = 0; i < d->n_fidelities; i++)
    if (d->fidelities[i].trials)
      put_share (d, text, d->fidelities[i].name, d->fidelities[i].trials,
                 d->fidelities[i].rows);
}

static void
put_shares (const gym_dataset *d, struct gym_text *text)
{
  put_share_heading (text, "agent");
  for (size_t i = 0; i < d->n_agents && i < MOST_LINES; i++)
    put_share (d, text, d->agents[i].label, d->agents[i].trials, d->agents[i].rows);
  if (d->n_agents > MOST_LINES)
    gym_text_printf (text, "and %zu more\n", d->n_agents - MOST_LINES);
  put_share_heading (text, "workload");
  for (size_t i = 0; i < d->n_envs && i < MOST_LINES; i++)
    put_share (d, text, d->envs[i].workload, d->envs[i].trials, d->envs[i].rows);
  if (d->n_envs > MOST_LINES)
    gym_text_printf (text, "and %zu more\n", d->n_envs - MOST_LINES);
  put_fidelities (d, text);
}

/* Words behind one another, in as many lines as they need. */
struct filler {
  struct gym_text *text;
  size_t at; /* column */
};

static void
fill (struct filler *f, const char *word)
{
  enum { INDENT = NAME + 2 + 12 };
  size_t n = gym_text_width (word);
  if (f->at > INDENT && f->at + 2 + n > WIDTH) {
    gym_text_printf (f->text, "\n%*s", INDENT, "");
    f->at = INDENT;
  }
  if (f->at > INDENT) {
    gym_text_puts (f->text, "  ");
    f->at += 2;
  }
  gym_text_puts (f->text, word);
  f->at += n;
}

/* What a level, or a tenth of a range, is called, and its share of the rows. The text has
 * room for more than is shown, in the longest of characters. */
static void
put_level (struct filler *f, const gym_space *space, uint32_t i, size_t k,
           const char *share)
{
  char name[4 * LEVEL + 4], word[sizeof name + GYM_NUMBER_TEXT + 8];
  const char *dots;
  snprintf (name, sizeof name, "%zu/%d", k + 1, BINS);
  if (by_level (space, i))
    gym_space_format (space, i, gym_space_value (space, i, k), name, sizeof name);
  int bytes = cut (name, LEVEL, &dots);
  snprintf (word, sizeof word, "%.*s%s %s", bytes, name, dots, share);
  fill (f, word);
}

static void
put_param (const gym_dataset *d, struct gym_text *text, const struct gathered *g,
           uint32_t i)
{
  struct filler f = { .text = text, .at = NAME + 2 + 12 };
  bool levels = by_level (d->space, i);
  size_t seen = 0, rows = d->counts.rows;
  char share[GYM_NUMBER_TEXT], word[GYM_NUMBER_TEXT + 16], of[64];
  for (size_t k = 0; k < g->n_levels[i]; k++)
    seen += g->levels[i][k] > 0;
  put_name (text, gym_space_param (d->space, i)->name);
  snprintf (of, sizeof of, "%zu of %zu%s", seen, g->n_levels[i], levels ? "" : "ths");
  gym_text_printf (text, "%-12s", of);
  for (size_t k = 0; k < g->n_levels[i]; k++)
    put_level (&f, d->space, i, k, percent (g->levels[i][k], rows, share));
  if (g->levels[i][g->n_levels[i]]) {
    snprintf (word, sizeof word, "(inactive %s)",
              percent (g->levels[i][g->n_levels[i]], rows, share));
    fill (&f, word);
  }
  gym_text_puts (text, "\n");
}

/* What a model can learn of a level is bounded by how often it was tried. */
static void
put_params (const gym_dataset *d, struct gym_text *text, const struct gathered *g)
{
  gym_text_puts (text, "\n");
  put_name (text, "parameter");
  gym_text_puts (text, "seen        % of rows with each level\n");
  for (uint32_t i = 0; i < gym_space_size (d->space); i++)
    put_param (d, text, g, i);
}

/* The sample has NaN where a row had no value: they are left out, not counted as 0. Of a
 * rare metric it may have nothing, and no quartiles are shown. */
static int
put_metric (const gym_dataset *d, struct gym_text *text, const struct gathered *g,
            uint32_t i, double *column)
{
  const struct gym_metric *metric = &d->metrics.items[i];
  char name[96], digits[GYM_NUMBER_TEXT];
  size_t n = 0;
  for (size_t k = 0; k < g->n_sample; k++)
    if (!isnan (g->sample[k * d->metrics.n + i]))
      column[n++] = g->sample[k * d->metrics.n + i];
  bool unit = *metric->unit && strcmp (metric->unit, "1") != 0;
  snprintf (name, sizeof name, unit ? "%s, %s" : "%s", metric->name, metric->unit);
  put_name (text, name);
  if (!g->values[i]) {
    gym_text_puts (text, "no value\n");
    return GYM_OK;
  }
  const double numbers[] = { g->least[i], gym_stats_quantile (column, n, 0.25),
                             gym_stats_quantile (column, n, 0.5),
                             gym_stats_quantile (column, n, 0.75), g->most[i] };
  for (int k = 0; k < 5; k++)
    gym_text_printf (text, "%s%10s", k ? " " : "",
                     isnan (numbers[k]) ? "-"
                                        : gym_number_rounded (numbers[k], 4, digits));
  gym_text_puts (text, "\n");
  if (g->values[i] < d->counts.statuses[GYM_TRIAL_OK])
    gym_text_printf (text, "%*s%zu rows that are ok have none\n", NAME + 2, "",
                     d->counts.statuses[GYM_TRIAL_OK] - g->values[i]);
  return GYM_OK;
}

static int
put_metrics (const gym_dataset *d, struct gym_text *text, const struct gathered *g)
{
  double *column = calloc (g->n_sample + 1, sizeof *column);
  int code = column ? GYM_OK : GYM_ENOMEM;
  gym_text_puts (text, "\n");
  put_name (text, "metric");
  gym_text_printf (text, "%10s %10s %10s %10s %10s\n", "least", "quartile 1", "median",
                   "quartile 3", "most");
  for (uint32_t i = 0; code == GYM_OK && i < d->metrics.n; i++)
    code = put_metric (d, text, g, i, column);
  free (column);
  return code;
}

char *
gym_dataset_describe (gym_dataset *d, gym_error *err)
{
  struct gym_text text = { .bytes = NULL };
  struct gathered g = { .levels = NULL };
  int code = make_room (d, &g);
  if (code == GYM_ENOMEM)
    gym_fail (err, code, "out of memory for the data set");
  if (code == GYM_OK)
    code = gather (d, &g, err);
  if (code == GYM_OK) {
    put_counts (d, &text);
    put_shares (d, &text);
    put_params (d, &text, &g);
    text.failed |= put_metrics (d, &text, &g) < 0;
  }
  clear (&g, gym_space_size (d->space));
  char *taken = gym_text_take (&text, err);
  if (code < 0) {
    gym_free (taken);
    taken = NULL;
  }
  return taken;
}
