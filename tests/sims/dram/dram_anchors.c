/* dram_anchors [--format table|csv] FOLDER: every case of a folder laid out like the
 * reference's dram/anchors, run with our simulator and set beside its anchor. The table
 * ends with the goals of agreement, and the exit code is 1 if one is missed. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sims/dram/anchors.h"

enum { ROWS = 4096 };

static struct anchor_row rows[ROWS];

static void
print_csv (size_t count)
{
  printf ("trace,config,metric,ours,anchor,ratio\n");
  for (size_t i = 0; i < count; i++) {
    for (int m = 0; m < ANCHOR_METRICS; m++) {
      if (!isnan (rows[i].theirs[m]))
        printf ("%s,%s,%s,%.10g,%.10g,%.6f\n", rows[i].trace, rows[i].config,
                anchor_metrics[m], rows[i].ours[m], rows[i].theirs[m],
                anchor_ratio (&rows[i], m));
    }
  }
}

static void
print_rows (size_t count)
{
  printf ("%-5s %-18s %-32s %10s %9s %9s %9s  (ours / anchor)\n", "mem", "trace",
          "config", "cycles", "latency", "p99", "hit rate");
  for (size_t i = 0; i < count; i++)
    printf ("%-5s %-18s %-32s %10.4f %9.4f %9.4f %+9.4f\n", rows[i].mem, rows[i].trace,
            rows[i].config, anchor_ratio (&rows[i], ANCHOR_CYCLES),
            anchor_ratio (&rows[i], ANCHOR_LATENCY), anchor_ratio (&rows[i], ANCHOR_P99),
            rows[i].ours[ANCHOR_HIT_RATE] - rows[i].theirs[ANCHOR_HIT_RATE]);
}

/* What follows the number in "t03_random_light"; closed loops are one class. */
static const char *
class_of (const struct anchor_row *row)
{
  const char *name = strchr (row->trace, '_');
  return row->reads_in_flight > 0 ? "closed loop" : name == NULL ? row->trace : name + 1;
}

static int
by_value (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* What a class is compared with: the nearer anchor, or those of one simulator. */
static double
off (size_t count, size_t i, const char *simulator, int metric)
{
  if (isnan (anchor_distance (rows, count, i, metric)))
    return NAN;
  if (simulator == NULL)
    return anchor_distance (rows, count, i, metric);
  return strncmp (rows[i].config, simulator, strlen (simulator)) == 0
             ? anchor_off (rows, i, i, metric)
             : NAN;
}

/* Median and maximum over the open-page rows of a class. */
static void
print_distances (const char *class, size_t count, const char *simulator, int metric)
{
  static double distance[ROWS];
  size_t n = 0;
  for (size_t i = 0; i < count; i++) {
    double d = off (count, i, simulator, metric);
    if (strcmp (class_of (&rows[i]), class) == 0 && !isnan (d))
      distance[n++] = d;
  }
  qsort (distance, n, sizeof *distance, by_value);
  if (n > 0)
    printf ("  %6.4f / %6.4f", (distance[(n - 1) / 2] + distance[n / 2]) / 2,
            distance[n - 1]);
  else
    printf ("  %6s   %6s", "-", "-");
}

static void
print_class (const char *class, size_t count)
{
  static const char *const simulators[] = { NULL, "dramsim3", "ramulator2" };
  printf ("%-16s", class);
  for (int m = ANCHOR_CYCLES; m <= ANCHOR_LATENCY; m++) {
    for (size_t i = 0; i < sizeof simulators / sizeof simulators[0]; i++)
      print_distances (class, count, simulators[i], m);
  }
  printf ("\n");
}

static void
print_classes (size_t count)
{
  printf ("\nOpen page, |ours / anchor - 1|, median / max\n%-16s  %-49s  %s\n%-16s", "",
          "cycles", "mean read latency", "");
  for (int i = 0; i < 2; i++)
    printf ("  %-15s  %-15s  %-15s", "nearer", "DRAMsim3", "Ramulator 2");
  printf ("\n");
  for (size_t i = 0; i < count; i++) {
    size_t first = 0;
    while (strcmp (class_of (&rows[first]), class_of (&rows[i])) != 0)
      first++;
    if (first == i)
      print_class (class_of (&rows[i]), count);
  }
}

/* The worst row of each goal, to the nearer anchor; true if all hold. */
static bool
print_goals (size_t count)
{
  struct anchor_goal goals[ANCHOR_GOALS];
  bool all = true;
  anchor_goals (rows, count, goals);
  printf ("\n%-34s %6s %8s %6s\n", "goal (open page, nearer anchor)", "asked", "worst",
          "rows");
  for (int i = 0; i < ANCHOR_GOALS; i++) {
    bool holds = goals[i].worst <= goals[i].limit;
    all = all && holds;
    printf ("%-34s %6.2f %8.4f %6zu  %s\n", goals[i].text, goals[i].limit, goals[i].worst,
            goals[i].rows,
            goals[i].rows == 0 ? "no row"
            : holds            ? "holds"
                               : "MISSED");
  }
  return all;
}

/* The folder and --format table|csv or --format=..., in any order; false: neither. */
static bool
read_arguments (int argc, char **argv, const char **folder, const char **format)
{
  for (int i = 1; i < argc; i++)
    if (strcmp (argv[i], "--format") == 0 && i + 1 < argc)
      *format = argv[++i];
    else if (strncmp (argv[i], "--format=", 9) == 0)
      *format = argv[i] + 9;
    else if (argv[i][0] != '-' && !*folder)
      *folder = argv[i];
    else
      return false;
  return *folder && (strcmp (*format, "table") == 0 || strcmp (*format, "csv") == 0);
}

int
main (int argc, char **argv)
{
  char error[512] = "";
  const char *folder = NULL, *format = "table";
  if (!read_arguments (argc, argv, &folder, &format)) {
    fprintf (stderr, "usage: dram_anchors [--format table|csv] FOLDER\n");
    return 2;
  }
  size_t count = anchors_run (folder, rows, ROWS, error, sizeof error);
  if (count == 0) {
    fprintf (stderr, "dram_anchors: %s\n", error);
    return 1;
  }
  if (strcmp (format, "csv") == 0) {
    print_csv (count);
    return 0;
  }
  print_rows (count);
  print_classes (count);
  return print_goals (count) ? 0 : 1;
}
