/* figures.h - the figures of gym plot and gym report.
 *
 * A figure writes a gnuplot script, its data inside, and gnuplot (Debian: gnuplot-nox)
 * draws it: lines, axes and fonts are that program's work. */
#ifndef CMD_FIGURES_H
#define CMD_FIGURES_H

#include "core/cmd/analysis.h"

enum figure_format { FIGURE_SVG, FIGURE_PNG, FIGURE_PDF };

/* What a figure is made from: all studies of the store that are looked at, and the one at
 * hand. `store` for what is read anew. */
struct figure_input {
  gym_store *store;
  struct analysis *all;
  size_t n, at;
};

struct figure {
  const char *name, *title;
  const char *doc; /* what there is to see; a paragraph */
  bool whole;      /* over all studies, not one each */
  int width, height;
  /* Whether there is anything to draw. */
  bool (*useful) (const struct figure_input *input);
  /* Writes the script after the common head; 0 or a code. */
  int (*draw) (FILE *script, const struct figure_input *input, gym_error *err);
};

/* In the order of the report; closed by NULL. */
extern const struct figure *const figures[];

/* In figure_runs.c, figure_quality.c, figure_space.c. */
extern const struct figure figure_curves, figure_volume, figure_distance, figure_epsilon,
    figure_ecdf, figure_profile, figure_ranks, figure_lottery, figure_front,
    figure_importance, figure_interactions, figure_parallel;

/* GYM_ENOTFOUND unless gnuplot runs; its version goes into `version` when it is not NULL.
 */
int figure_check (char *version, size_t size, gym_error *err);

/* Draws a figure into `out`. An SVG is made to be part of a page: its black is the page's
 * colour of text, and hover texts are titles. */
int figure_write (const struct figure *figure, const struct figure_input *input,
                  enum figure_format format, FILE *out, gym_error *err);

/* ---- for the figures themselves ---- */

enum { FIGURE_AGENTS = 8 };

/* The agents that are drawn, at most FIGURE_AGENTS: all, or where there are more the best
 * setting of each id, the best first. Returns how many. */
size_t figure_agents (const struct analysis *analysis, size_t agents[FIGURE_AGENTS]);

/* Colours that people with any kind of sight tell apart (Okabe and Ito 2008). */
const char *figure_colour (size_t i);

/* A text in double quotes for gnuplot, without anything that it or SVG could take for
 * more than text. */
void figure_text (FILE *script, const char *text);

/* A number, or the mark of a missing one. */
void figure_number (FILE *script, double value);

/* "energy [nJ]", of goal i. */
void figure_axis (FILE *script, const char *axis, const gym_objective *objective,
                  uint32_t goal);

/* Bands of an agent: median, quartile 1 and 3 at each of n (at most FIGURE_POINTS)
 * numbers of evaluations, each in a part of FIGURE_POINTS; as data block number `name`.
 * `show` turns a value into what the axis is in. */
enum { FIGURE_POINTS = 150 };
void figure_bands (FILE *script, size_t name, const size_t *at, size_t n,
                   const double *bands, double (*show) (const struct analysis *, double),
                   const struct analysis *analysis);

/* The plot command for the bands of n agents. */
void figure_lines (FILE *script, const struct analysis *analysis, const size_t *agents,
                   size_t n);

#endif
