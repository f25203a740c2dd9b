/* Running gnuplot, and what all figures share. */
#include "core/cmd/figures.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const struct figure *const figures[] = { &figure_curves,
                                         &figure_volume,
                                         &figure_distance,
                                         &figure_epsilon,
                                         &figure_ecdf,
                                         &figure_profile,
                                         &figure_ranks,
                                         &figure_lottery,
                                         &figure_front,
                                         &figure_importance,
                                         &figure_interactions,
                                         &figure_parallel,
                                         NULL };

/* Text and axes are drawn in this colour, which becomes the page's own in SVG. */
#define INK "#010203"

const char *
figure_colour (size_t i)
{
  static const char *const colours[FIGURE_AGENTS] = { "#0072B2", "#D55E00", "#009E73",
                                                      "#CC79A7", "#E69F00", "#56B4E9",
                                                      "#8C6D31", "#888888" };
  return colours[i % FIGURE_AGENTS];
}

/* Quotes and backslashes end or change strings, backquotes run commands, braces and the
 * apostrophe matter in hover texts. */
void
figure_text (FILE *script, const char *text)
{
  fputc ('"', script);
  for (; *text; text++)
    fputc (strchr ("\"\\`'{}<>&$@", *text) || (unsigned char)*text < 0x20 ? ' ' : *text,
           script);
  fputc ('"', script);
}

void
figure_number (FILE *script, double value)
{
  char text[CMD_NUMBER];
  fputs (isfinite (value) ? cmd_number (value, text) : "?", script);
}

void
figure_axis (FILE *script, const char *axis, const gym_objective *objective,
             uint32_t goal)
{
  const char *unit = gym_objective_goal_unit (objective, goal);
  bool plain = !unit[0] || strcmp (unit, "1") == 0;
  char text[160];
  snprintf (text, sizeof text, plain ? "%.100s" : "%.100s [%.40s]",
            gym_objective_goal_text (objective, goal), unit);
  fprintf (script, "set %slabel ", axis);
  figure_text (script, text);
  fputc ('\n', script);
}

/* ---- which agents ---- */

static double
median_of (const struct analysis *a, size_t agent, double *scores)
{
  size_t n = analysis_scores (a, agent, scores);
  double m = analysis_quantile (scores, n, 0.5);
  return isnan (m) ? INFINITY : m;
}

/* Puts agent i with its median where it belongs: in place of a worse one of its id, else
 * at the end; kept in order of medians. */
static size_t
consider (const struct analysis *a, size_t i, double m, size_t *agents, double *medians,
          size_t n)
{
  const char *id = gym_results_agent (a->results, i)->id;
  size_t at = 0;
  while (at < n && strcmp (gym_results_agent (a->results, agents[at])->id, id) != 0)
    at++;
  if (at < n && medians[at] <= m)
    return n;
  if (at == n && n == FIGURE_AGENTS) {
    at = n - 1;
    if (medians[at] <= m)
      return n;
  }
  n = at == n ? n + 1 : n;
  for (; at > 0 && medians[at - 1] > m; at--) {
    agents[at] = agents[at - 1];
    medians[at] = medians[at - 1];
  }
  agents[at] = i;
  medians[at] = m;
  return n;
}

size_t
figure_agents (const struct analysis *a, size_t agents[FIGURE_AGENTS])
{
  double medians[FIGURE_AGENTS], *scores;
  size_t n = 0;
  if (a->n_agents <= FIGURE_AGENTS) {
    for (; n < a->n_agents; n++)
      agents[n] = n;
    return n;
  }
  scores = calloc (a->n_runs + 1, sizeof *scores);
  for (size_t i = 0; scores && i < a->n_agents; i++)
    n = consider (a, i, median_of (a, i, scores), agents, medians, n);
  free (scores);
  return n;
}

/* ---- bands ---- */

/* A block of x, median and quartiles; one a name. */
void
figure_bands (FILE *s, size_t name, const size_t *at, size_t n, const double *bands,
              double (*show) (const struct analysis *, double), const struct analysis *a)
{
  fprintf (s, "$d%zu << EOD\n", name);
  for (size_t i = 0; i < n; i++) {
    fprintf (s, "%zu", at[i]);
    for (int k = 0; k < 3; k++) {
      fputc (' ', s);
      figure_number (s, isnan (bands[k * FIGURE_POINTS + i])
                            ? NAN
                            : show (a, bands[k * FIGURE_POINTS + i]));
    }
    fputc ('\n', s);
  }
  fputs ("EOD\n", s);
}

/* Bands below lines, each agent in its colour and dash. */
void
figure_lines (FILE *s, const struct analysis *a, const size_t *agents, size_t n)
{
  fputs ("plot ", s);
  for (size_t i = 0; i < n; i++)
    fprintf (s,
             "%s$d%zu using 1:3:4 with filledcurves fs solid 0.18 noborder lc rgb '%s'",
             i ? ", " : "", i, figure_colour (i));
  for (size_t i = 0; i < n; i++) {
    fprintf (s, ", $d%zu using 1:2 with lines lw 2 dt %zu lc rgb '%s' title ", i,
             i % 5 + 1, figure_colour (i));
    figure_text (s, gym_results_agent (a->results, agents[i])->label);
  }
  fputc ('\n', s);
}

/* ---- gnuplot ---- */

/* Runs gnuplot with a script as its input; what it writes goes to `out`, what it
 * complains about to `log`. Files rather than pipes on both sides: nobody waits. */
static int
run_gnuplot (FILE *script, FILE *out, FILE *log, const char *argument, gym_error *err)
{
  fflush (script);
  rewind (script);
  fflush (out);
  pid_t pid = fork ();
  if (pid == 0) {
    dup2 (fileno (script), STDIN_FILENO);
    dup2 (fileno (out), STDOUT_FILENO);
    dup2 (fileno (log), STDERR_FILENO);
    execlp ("gnuplot", "gnuplot", argument, (char *)NULL);
    _exit (127);
  }
  int status = 0;
  if (pid < 0)
    return gym_fail (err, GYM_EFAILED, "gnuplot cannot be started: %s", strerror (errno));
  while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
    continue;
  if (WIFEXITED (status) && WEXITSTATUS (status) == 127)
    return gym_fail (err, GYM_ENOTFOUND,
                     "figures need gnuplot, which is not installed "
                     "(Debian: apt install gnuplot-nox)");
  return WIFEXITED (status) && WEXITSTATUS (status) == 0
             ? GYM_OK
             : gym_fail (err, GYM_EFAILED, "gnuplot failed");
}

/* The first line that says something. */
static void
add_complaint (FILE *log, gym_error *err)
{
  char line[200];
  rewind (log);
  while (fgets (line, sizeof line, log)) {
    line[strcspn (line, "\n")] = '\0';
    if (strspn (line, " \t^") == strlen (line))
      continue;
    char before[GYM_ERROR_TEXT];
    snprintf (before, sizeof before, "%s", err->text);
    gym_fail (err, err->code, "%.200s: %s", before, line);
    return;
  }
}

int
figure_check (char *version, size_t size, gym_error *err)
{
  FILE *in = tmpfile (), *out = tmpfile ();
  char line[64] = "";
  int code = in && out ? run_gnuplot (in, out, out, "--version", err)
                       : gym_fail (err, GYM_EIO, "no temporary file can be made");
  if (code >= 0 && version) {
    rewind (out);
    if (fgets (line, sizeof line, out))
      line[strcspn (line, "\n")] = '\0';
    snprintf (version, size, "%s", line);
  }
  if (in)
    fclose (in);
  if (out)
    fclose (out);
  return code;
}

/* Terminals, and a look of little ink: two axes, a faint grid. */
static void
write_head (FILE *script, const struct figure *f, enum figure_format format)
{
  if (format == FIGURE_SVG)
    fprintf (script,
             "set terminal svg size %d,%d dynamic font 'sans-serif,13' noenhanced\n",
             f->width, f->height);
  else if (format == FIGURE_PNG)
    fprintf (script, "set terminal pngcairo size %d,%d font 'Sans,13' noenhanced\n",
             f->width, f->height);
  else
    fprintf (script,
             "set terminal pdfcairo size %.2fin,%.2fin font 'Sans,10' noenhanced\n",
             f->width / 110.0, f->height / 110.0);
  fputs ("set encoding utf8\nset datafile missing '?'\n"
         "set border 3 lc rgb '" INK "'\nset tics nomirror textcolor rgb '" INK "'\n"
         "set xlabel textcolor rgb '" INK "'\nset ylabel textcolor rgb '" INK "'\n"
         "set key textcolor rgb '" INK "'\nset cblabel textcolor rgb '" INK "'\n"
         "set grid lc rgb '#999999' lw 0.3 dt 3\n"
         "set key tmargin left horizontal noautotitle\n"
         "set palette defined (0 '#440154', 0.25 '#3b528b', 0.5 '#21918c', 0.75 "
         "'#5ec962', 1 '#fde725')\n",
         script);
}

/* ---- SVG as part of a page ---- */

struct swap {
  const char *from, *to;
};

/* gnuplot's black becomes the page's ink, its ids (which would be there twice) go, and
 * what its script would show on hovering is a title. */
static const struct swap swaps[] = {
  { "color=\"black\"", "color=\"inherit\"" },
  { "stroke=\"black\"", "stroke=\"currentColor\"" },
  { "fill=\"black\"", "fill=\"currentColor\"" },
  { "rgb(  1,   2,   3)", "currentColor" },
  { "rgb(1,2,3)", "currentColor" },
  { "<title>Gnuplot</title>", "" },
  { " id=\"gnuplot_canvas\"", "" },
  { "<g onmousemove=\"gnuplot_svg.showHypertext(evt,'", "<g class=\"point\"><title>" },
  { "')\" onmouseout=\"gnuplot_svg.hideHypertext()\"><title> </title>", "</title>" },
  { "xlink:href", "href" },
};

static const char *
copy_swapped (const char *at, FILE *out)
{
  for (size_t i = 0; i < sizeof swaps / sizeof swaps[0]; i++) {
    size_t n = strlen (swaps[i].from);
    if (strncmp (at, swaps[i].from, n) == 0) {
      fputs (swaps[i].to, out);
      return at + n;
    }
  }
  if (strncmp (at, " id=\"gnuplot_plot_", 18) == 0)
    return strchr (at + 5, '"') + 1;
  fputc (*at, out);
  return at + 1;
}

/* Reads all of a file; the caller frees it. */
static char *
read_all (FILE *file)
{
  if (fseek (file, 0, SEEK_END) != 0)
    return NULL;
  long size = ftell (file);
  char *text = size >= 0 ? malloc ((size_t)size + 1) : NULL;
  rewind (file);
  if (text)
    text[fread (text, 1, (size_t)size, file)] = '\0';
  return text;
}

/* Names in one picture must not meet those of the next: symbols get its number. */
static int
embed_svg (FILE *from, FILE *out, gym_error *err)
{
  char *text = read_all (from);
  if (!text)
    return gym_fail (err, GYM_ENOMEM, "out of memory for a figure");
  const char *at = strstr (text, "<svg");
  while (at && *at)
    at = copy_swapped (at, out);
  free (text);
  return at ? GYM_OK : gym_fail (err, GYM_EFAILED, "gnuplot drew nothing");
}

static int
copy_file (FILE *from, FILE *out, gym_error *err)
{
  char block[65536];
  size_t n;
  rewind (from);
  while ((n = fread (block, 1, sizeof block, from)) > 0)
    if (fwrite (block, 1, n, out) != n)
      return gym_fail (err, GYM_EIO, "the figure cannot be written: %s",
                       strerror (errno));
  return GYM_OK;
}

int
figure_write (const struct figure *f, const struct figure_input *input,
              enum figure_format format, FILE *out, gym_error *err)
{
  FILE *script = tmpfile (), *drawn = tmpfile (), *log = tmpfile ();
  int code = script && drawn && log
                 ? GYM_OK
                 : gym_fail (err, GYM_EIO, "no temporary file can be made");
  if (code >= 0) {
    write_head (script, f, format);
    code = f->draw (script, input, err);
  }
  if (code >= 0 && (code = run_gnuplot (script, drawn, log, "-", err)) == GYM_EFAILED)
    add_complaint (log, err);
  if (code >= 0)
    code =
        format == FIGURE_SVG ? embed_svg (drawn, out, err) : copy_file (drawn, out, err);
  FILE *all[] = { script, drawn, log };
  for (int i = 0; i < 3; i++)
    if (all[i])
      fclose (all[i]);
  if (code < 0)
    gym_error_prefix (err, "figure %s", f->name);
  return code;
}
