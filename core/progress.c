/* When to report progress, and how it reads. */
#include "core/broker.h"
#include "core/clock.h"
#include "core/study.h"

#include <math.h>

/* Seconds between two times in ns. */
static double
between (int64_t a, int64_t b)
{
  return (double)(b - a) / GYM_SECOND;
}

/* The rate is that of the last stretch, so that it tells about now; the final line gives
 * the mean. */
static void
report (gym_study *s, size_t run, int64_t now, bool last)
{
  const struct study_run *r = &s->runs[run];
  double since = between (s->shown, now), spent = 0;
  for (size_t i = 0; i < s->n_runs; i++)
    spent += s->runs[i].state >= GYM_RUN_FINISHED ? s->budget : s->runs[i].spent;
  double fresh = (double)(s->told - s->told_shown), whole = between (s->began, now);
  const struct gym_progress p = {
    .struct_size = sizeof p,
    .workers = s->remote && s->dispatch ? gym_broker_ready (s->dispatch) : 0,
    .run = run,
    .runs = s->n_runs,
    .label = s->agents[r->agent].label,
    .run_seed = r->seed,
    .spent = spent,
    .budget = s->budget * (double)s->n_runs,
    .trials = s->told,
    .failures = s->told_failures,
    .seconds = whole,
    .rate = last || since <= 0 ? (double)s->told / fmax (whole, 1e-9) : fresh / since,
    .best = r->curve_length ? r->curve[r->curve_length - 1] : NAN,
    .finished = last
  };
  s->shown = now;
  s->told_shown = s->told;
  s->on_progress (s->progress_context, &p);
}

void
study_progress (gym_study *s, size_t run, bool last)
{
  if (!s->on_progress || !s->runs)
    return;
  int64_t now = gym_clock_coarse ();
  if (last || between (s->shown, now) >= 0.25)
    report (s, run, now, last);
}

/* Hours only where there are some; dashes where a guess would be noise. */
static int
format_time (double seconds, char *text, size_t size)
{
  if (!isfinite (seconds) || seconds > 359999)
    return snprintf (text, size, "--:--");
  unsigned t = (unsigned)(seconds + 0.5);
  return t < 3600 ? snprintf (text, size, "%u:%02u", t / 60, t % 60)
                  : snprintf (text, size, "%u:%02u:%02u", t / 3600, t / 60 % 60, t % 60);
}

/* Full and empty places; wider than the text has room for is cut. */
static int
format_bar (double share, uint32_t width, char *text, size_t size)
{
  char bar[128];
  uint32_t n = width < sizeof bar - 3 ? width : sizeof bar - 3;
  uint32_t full = (uint32_t)(share * n + 0.5);
  bar[0] = '[';
  for (uint32_t i = 0; i < n; i++)
    bar[i + 1] = i < full ? '#' : '.';
  bar[n + 1] = ']';
  bar[n + 2] = '\0';
  return snprintf (text, size, "%s ", bar);
}

int
gym_progress_format (const struct gym_progress *p, uint32_t width, char *text,
                     size_t size)
{
  double share = p->budget > 0 ? p->spent / p->budget : 1, left;
  char bar[160] = "", eta[32], best[48] = "", workers[32] = "";
  share = share > 1 ? 1 : share;
  left = share > 0 ? p->seconds * (1 - share) / share : INFINITY;
  if (width)
    format_bar (share, width, bar, sizeof bar);
  format_time (p->finished ? p->seconds : left, eta, sizeof eta);
  if (!isnan (p->best))
    snprintf (best, sizeof best, ", best %.6g", p->best);
  if (p->workers)
    snprintf (workers, sizeof workers, "%u worker%s, ", p->workers,
              p->workers == 1 ? "" : "s");
  return snprintf (text, size,
                   "%s%3.0f %%  run %zu of %zu (%s, seed %llu), %s%.0f trials/s, "
                   "%s %s%s%s",
                   bar, 100 * share, p->run + 1, p->runs, p->label,
                   (unsigned long long)p->run_seed, workers, p->rate,
                   p->finished ? "took" : "ETA", eta, best,
                   p->failures ? ", some not ok" : "");
}
