/* gym plot: one figure of a store as a file for a paper. */
#include "core/cmd/figures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIGURE = CLI_LONG, DESIGNS = 100000 };

/* By name, with the nearest for a slip. */
static int
find_figure (const char *word, const struct figure **figure, gym_error *err)
{
  const char *names[32];
  unsigned n = 0;
  for (; figures[n]; n++) {
    names[n] = figures[n]->name;
    if (strcmp (names[n], word) == 0) {
      *figure = figures[n];
      return GYM_OK;
    }
  }
  return cli_unknown (err, CLI_EUSAGE, "figure", word, names, n);
}

/* The format goes by the ending of the file. */
static int
find_format (const char *path, enum figure_format *format, gym_error *err)
{
  static const char *const endings[] = { ".svg", ".png", ".pdf" };
  const char *dot = strrchr (path, '.');
  for (int i = 0; dot && i < 3; i++)
    if (strcmp (dot, endings[i]) == 0) {
      *format = (enum figure_format)i;
      return GYM_OK;
    }
  return gym_fail (err, CLI_EUSAGE,
                   "option -o: \"%s\" does not end in .svg, .png or .pdf", path);
}

/* The file appears when it is whole. */
static int
write_file (const struct figure *figure, const struct figure_input *input,
            enum figure_format format, const char *path, gym_error *err)
{
  FILE *out = fopen (path, "w");
  if (!out)
    return gym_fail (err, GYM_EIO, "%s cannot be written: %s", path, strerror (errno));
  int code = figure_write (figure, input, format, out, err);
  if (fclose (out) != 0 && code >= 0)
    code = gym_fail (err, GYM_EIO, "%s cannot be written: %s", path, strerror (errno));
  if (code < 0)
    unlink (path);
  return code;
}

/* The newest study is at hand unless another is named; figures of the whole store take
 * all of them in. */
static int
plot (const struct cli *cli, const struct figure *figure, enum figure_format format,
      const char *path, gym_error *err)
{
  struct figure_input input = { 0 };
  int code = analysis_open (cli, DESIGNS, &input.store, &input.all, &input.n, err);
  if (code >= 0) {
    input.at = input.n - 1;
    code = figure->useful (&input)
               ? write_file (figure, &input, format, path, err)
               : gym_fail (err, GYM_EINVAL,
                           "study %lld has nothing for figure \"%s\"; it shows: %s",
                           (long long)input.all[input.at].study->study, figure->name,
                           figure->doc);
  }
  analysis_close (&input.store, &input.all, input.n);
  return code;
}

/* Everything is checked before the store is read. */
static int
run (const struct cli *cli, gym_error *err)
{
  const struct figure *figure = NULL;
  const char *path = cli_value (cli, 'o'), *word = cli_value (cli, FIGURE);
  enum figure_format format = FIGURE_SVG;
  int code;
  /* Neither has a default: a file nobody asked for helps nobody. */
  if (!path || !word)
    return gym_fail (err, CLI_EUSAGE, "option --%s is missing; see gym plot --help",
                     word ? "output" : "figure");
  if ((code = find_figure (word, &figure, err)) < 0
      || (code = find_format (path, &format, err)) < 0
      || (code = figure_check (NULL, 0, err)) < 0)
    return code;
  code = plot (cli, figure, format, path, err);
  return code < 0 ? code : CLI_OK;
}

static const struct cli_option options[] = {
  { .key = FIGURE,
    .name = "figure",
    .argument = "NAME",
    .doc = "curves, volume, distance, epsilon, ecdf, profile, ranks, lottery, front, "
           "importance, interactions or parallel." },
  { .key = 'o',
    .name = "output",
    .argument = "FILE",
    .doc = "Where to; the ending tells the format: .svg, .pdf or .png." },
  ANALYSIS_OPTIONS ("The study, by the number it has in the store (the newest)."),
  { 0 }
};

const struct cli_command cmd_plot = {
  .name = "plot",
  .arguments = "FILE --figure NAME -o OUT.svg|pdf|png [--study ID] [--target VALUE]",
  .summary = "Draw a figure of a store",
  .doc =
      "Draws one of the figures of gym report as a file of its own. Running times "
      "(ecdf), profiles and ranks take in all studies of the store unless one is named. "
      "Needs gnuplot.",
  .options = options,
  .least = 1,
  .most = 1,
  .run = run,
};
