/* tests/bench/bench.h - CPU time and the lines that tests/bench/report.lua reads. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stdio.h>
#include <time.h>

/* CPU seconds of this process. */
static inline double
bench_cpu (void)
{
  struct timespec t;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* A figure that must be at most, or at least, `asked`. */
static inline void
bench_at_most (const char *name, double measured, double asked, const char *unit)
{
  printf ("%s\t%.4g\t<= %.4g\t%s\t%s\n", name, measured, asked, unit,
          measured <= asked ? "yes" : "no");
}

static inline void
bench_at_least (const char *name, double measured, double asked, const char *unit)
{
  printf ("%s\t%.4g\t>= %.4g\t%s\t%s\n", name, measured, asked, unit,
          measured >= asked ? "yes" : "no");
}

#endif
