/* Scores of models, shown: see proxy_show.h. */
#include "core/cmd/proxy_show.h"

#include <math.h>
#include <stdio.h>

/* Arrays of a plugin's have a stride of their own. */
static const struct gym_metric *
target_at (const struct gym_metrics *m, uint32_t i)
{
  return (const void *)((const char *)m->items + (size_t)i * m->stride);
}

/* Bytes of UTF-8 that go on with a character. */
static bool
goes_on (char c)
{
  return ((unsigned char)c & 0xc0) == 0x80;
}

enum { NAME = 256 };

/* "name [unit]"; of a longer one, whole characters. */
static const char *
target_name (const struct gym_metric *m, char text[NAME])
{
  bool plain = !m->unit || !*m->unit || (m->unit[0] == '1' && !m->unit[1]);
  int n = snprintf (text, NAME, plain ? "%s" : "%s [%s]", m->name, m->unit);
  if (n >= NAME) {
    size_t end = NAME - 2;
    while (end > 0 && goes_on (text[end]))
      end--;
    text[end] = '\0';
  }
  return text;
}

/* A text in so many columns, cut between characters. */
static void
print_text (const char *text, int width)
{
  int columns = 0;
  const char *end = text;
  for (; *end && columns < width; columns++)
    do
      end++;
    while (goes_on (*end));
  printf ("%.*s%*s", (int)(end - text), text, width - columns, "");
}

/* A percentage in three digits; "-" where there is none. */
static void
print_share (double share, int width)
{
  if (isnan (share))
    printf (" %*s", width, "-");
  else
    printf (" %*.3g", width, 100 * share);
}

/* A number in so many digits; "-" where there is none. */
static void
print_number (double x, int width, int digits)
{
  if (isnan (x))
    printf (" %*s", width, "-");
  else
    printf (" %*.*g", width, digits, x);
}

/* Within 80 columns, so that a terminal shows a target a line. */
static void
print_heading (const char *first)
{
  printf ("%-17s %9s %7s %7s %6s %5s %5s %5s %s\n", first, "RMSE", "/mean%", "MAPE%",
          "R2", "rho", "tau", "top1%", "50/80/95%");
}

/* Coverage in whole percents: more digits would be those of the sample. */
static void
print_scores (const char *first, const struct gym_scores *s)
{
  print_text (first, 17);
  printf (" %9.4g", s->rmse);
  print_share (s->relative_rmse, 7);
  print_share (s->mape, 7);
  print_number (s->r2, 6, 4);
  print_number (s->spearman, 5, 3);
  print_number (s->kendall, 5, 3);
  print_share (s->recall, 5);
  if (isnan (s->coverage50))
    printf (" -\n");
  else
    printf (" %.0f/%.0f/%.0f\n", 100 * s->coverage50, 100 * s->coverage80,
            100 * s->coverage95);
}

void
proxy_show_scores (const char *title, const struct gym_metrics *targets,
                   const struct gym_scores *scores)
{
  char name[NAME];
  if (title)
    printf ("%s\n\n", title);
  print_heading ("target");
  for (uint32_t i = 0; i < targets->n; i++)
    print_scores (target_name (target_at (targets, i), name), &scores[i]);
}

/* Targets one after the other: a curve is read down a column. */
void
proxy_show_curve (const struct gym_metrics *targets, const size_t *sizes, size_t n,
                  const struct gym_scores *scores)
{
  char text[NAME];
  for (uint32_t j = 0; j < targets->n; j++) {
    printf ("%s%s\n", j ? "\n" : "", target_name (target_at (targets, j), text));
    print_heading ("designs");
    for (size_t i = 0; i < n; i++) {
      snprintf (text, sizeof text, "%zu", sizes[i]);
      print_scores (text, &scores[i * targets->n + j]);
    }
  }
}

/* Means over the draws in which this agent was the lone one; who wins is counted, as
 * errors differ much from draw to draw. */
static void
show_lone (const gym_proxy_data *data, const struct gym_proxy_draw *draws, size_t n,
           uint32_t agent, uint32_t target)
{
  size_t better = 0, count = 0;
  double lone = 0, mixed = 0;
  for (size_t i = 0; i < n; i++) {
    if (draws[i].agent != agent)
      continue;
    count++;
    lone += draws[i].lone[target].rmse;
    mixed += draws[i].mixed[target].rmse;
    better += draws[i].mixed[target].rmse < draws[i].lone[target].rmse;
  }
  if (count == 0)
    return;
  print_text (gym_proxy_data_agent (data, agent), 20);
  printf (" %14.4g %14.4g  in %zu of %zu\n", lone / (double)count, mixed / (double)count,
          better, count);
}

void
proxy_show_draws (const gym_proxy_data *data, const struct gym_proxy_draw *draws,
                  size_t n)
{
  const struct gym_metrics *targets = gym_proxy_data_targets (data);
  char text[NAME];
  if (n > 0)
    printf ("%zu designs learnt from, %zu of all agents tested on\n", draws[0].designs,
            draws[0].tests);
  for (uint32_t j = 0; j < targets->n; j++) {
    printf ("\n%s\n%-20s %14s %14s  mixed is better\n",
            target_name (target_at (targets, j), text), "lone agent", "lone RMSE",
            "mixed RMSE");
    for (uint32_t a = 0; a < gym_proxy_data_table (data)->n_agents; a++)
      show_lone (data, draws, n, a, j);
  }
}

void
proxy_show_speed (const struct gym_proxy_speed *speed)
{
  printf ("\nA prediction takes %.3g us alone, %.3g us in a batch", 1e6 * speed->single,
          1e6 * speed->batched);
  if (!isnan (speed->evaluation))
    printf (";\nan evaluation %.4g us: %.3g and %.3g times as long",
            1e6 * speed->evaluation, speed->evaluation / speed->single,
            speed->evaluation / speed->batched);
  printf (".\n");
}

/* ---- JSON ---- */

/* JSON knows no infinity. */
static void
set_number (json_t *object, const char *key, double x)
{
  json_object_set_new (object, key, isfinite (x) ? json_real (x) : json_null ());
}

/* Numbers of rows and designs are integers in JSON too. */
static void
set_count (json_t *object, const char *key, size_t n)
{
  json_object_set_new (object, key, json_integer ((json_int_t)n));
}

/* Names as in struct gym_scores, and numbers as they are: scripts do the rounding. */
static json_t *
json_scores (const struct gym_metric *target, const struct gym_scores *s)
{
  json_t *o = json_object ();
  json_object_set_new (o, "target", json_string (target->name));
  json_object_set_new (o, "unit", json_string (target->unit ? target->unit : "1"));
  set_count (o, "rows", s->n);
  set_number (o, "rmse", s->rmse);
  set_number (o, "relative_rmse", s->relative_rmse);
  set_number (o, "mape", s->mape);
  set_number (o, "r2", s->r2);
  set_number (o, "spearman", s->spearman);
  set_number (o, "kendall", s->kendall);
  set_number (o, "recall", s->recall);
  set_number (o, "coverage50", s->coverage50);
  set_number (o, "coverage80", s->coverage80);
  set_number (o, "coverage95", s->coverage95);
  set_number (o, "nll", s->nll);
  set_number (o, "sharpness", s->sharpness);
  return o;
}

json_t *
proxy_json_scores (const struct gym_metrics *targets, const struct gym_scores *scores)
{
  json_t *list = json_array ();
  for (uint32_t i = 0; i < targets->n; i++)
    json_array_append_new (list, json_scores (target_at (targets, i), &scores[i]));
  return list;
}

json_t *
proxy_json_curve (const struct gym_metrics *targets, const size_t *sizes, size_t n,
                  const struct gym_scores *scores)
{
  json_t *list = json_array ();
  for (size_t i = 0; i < n; i++) {
    json_t *o = json_object ();
    set_count (o, "designs", sizes[i]);
    json_object_set_new (o, "scores",
                         proxy_json_scores (targets, scores + i * targets->n));
    json_array_append_new (list, o);
  }
  return list;
}

json_t *
proxy_json_draws (const gym_proxy_data *data, const struct gym_proxy_draw *draws,
                  size_t n)
{
  const struct gym_metrics *targets = gym_proxy_data_targets (data);
  json_t *list = json_array ();
  for (size_t i = 0; i < n; i++) {
    json_t *o = json_object ();
    json_object_set_new (o, "agent",
                         json_string (gym_proxy_data_agent (data, draws[i].agent)));
    set_count (o, "designs", draws[i].designs);
    set_count (o, "tests", draws[i].tests);
    json_object_set_new (o, "lone", proxy_json_scores (targets, draws[i].lone));
    json_object_set_new (o, "mixed", proxy_json_scores (targets, draws[i].mixed));
    json_array_append_new (list, o);
  }
  return list;
}

json_t *
proxy_json_speed (const struct gym_proxy_speed *speed)
{
  json_t *o = json_object ();
  set_number (o, "single_seconds", speed->single);
  set_number (o, "batched_seconds", speed->batched);
  set_number (o, "evaluation_seconds", speed->evaluation);
  set_number (o, "speedup_single", speed->evaluation / speed->single);
  set_number (o, "speedup_batched", speed->evaluation / speed->batched);
  return o;
}
