/* dram_anchors [--format table|csv] FOLDER: every case of a folder laid out like the
 * reference's dram/anchors, run with our simulator and set beside its anchor. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sims/dram/anchors.h"

enum { ROWS = 4096 };

static struct anchor_row rows[ROWS];

static void
print_csv (size_t count)
{
  printf ("mem,trace,config,metric,ours,anchor,ratio\n");
  for (size_t i = 0; i < count; i++) {
    for (int m = 0; m < ANCHOR_METRICS; m++) {
      if (!isnan (rows[i].theirs[m]))
        printf ("%s,%s,%s,%s,%.10g,%.10g,%.6f\n", rows[i].mem, rows[i].trace,
                rows[i].config, anchor_metrics[m], rows[i].ours[m], rows[i].theirs[m],
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

/* Median and maximum of the distances to the nearer open-page anchor. */
static void
print_class (const char *name, size_t count)
{
  static double distance[ROWS];
  printf ("%-20s", name);
  for (int m = ANCHOR_CYCLES; m <= ANCHOR_LATENCY; m++) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
      double d = anchor_distance (rows, count, i, m);
      if (strcmp (class_of (&rows[i]), name) == 0 && !isnan (d))
        distance[n++] = d;
    }
    qsort (distance, n, sizeof *distance, by_value);
    if (n > 0)
      printf ("  %s %.4f / %.4f", m == ANCHOR_CYCLES ? "cycles" : "latency",
              distance[n / 2], distance[n - 1]);
  }
  printf ("\n");
}

static void
print_classes (size_t count)
{
  printf ("\nopen page, |ratio - 1| to the nearer anchor, median / max\n");
  for (size_t i = 0; i < count; i++) {
    size_t first = 0;
    while (strcmp (class_of (&rows[first]), class_of (&rows[i])) != 0)
      first++;
    if (first == i)
      print_class (class_of (&rows[i]), count);
  }
}

int
main (int argc, char **argv)
{
  char error[512] = "";
  const char *format = "table";
  size_t count;
  if (argc == 4 && strcmp (argv[1], "--format") == 0)
    format = argv[2];
  if ((argc != 2 && argc != 4)
      || (strcmp (format, "table") != 0 && strcmp (format, "csv") != 0)) {
    fprintf (stderr, "usage: dram_anchors [--format table|csv] FOLDER\n");
    return 2;
  }
  count = anchors_run (argv[argc - 1], rows, ROWS, error, sizeof error);
  if (count == 0) {
    fprintf (stderr, "dram_anchors: %s\n", error);
    return 1;
  }
  if (strcmp (format, "csv") == 0) {
    print_csv (count);
  } else {
    print_rows (count);
    print_classes (count);
  }
  return 0;
}
