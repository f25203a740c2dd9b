/* Several objectives: see many.h. */
#include "tests/plugins/many.h"
#include "plugins/common/seen.h"
#include "tests/plugins/functions.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"
#include "tests/tap.h"

#include <gym/archive.h>
#include <gym/stats.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TRIALS = 400, WIDTH = 12, SEEDS = 20 };

struct judge {
  const gym_space *space;
  uint32_t m;
  bool fails, strained, huge;
};

/* Bowls around places along the diagonal of the encoded space. */
static uint32_t
judge (void *context, const double *row, double *objectives, double *violations)
{
  const struct judge *j = context;
  double unit[WIDTH];
  uint64_t hash = gym_space_hash (j->space, row);
  gym_space_encode (j->space, row, unit);
  for (uint32_t k = 0; k < j->m; k++) {
    objectives[k] = 0;
    for (uint32_t i = 0; i < gym_space_size (j->space); i++)
      objectives[k] += pow (unit[i] - (k + 1) / (j->m + 1.0), 2);
    if (j->huge && hash % 3 == 0)
      objectives[k] = hash >> k & 8 ? 1.7e308 : -1.7e308;
  }
  if (j->strained)
    violations[0] = fmax (0, unit[0] + unit[1] - 0.8);
  return j->fails && hash % 4 ? 1 + hash % 2 : GYM_TRIAL_OK;
}

static void
check_rows (const gym_space *space, const double *rows, long trials)
{
  struct seen seen;
  uint32_t n = gym_space_size (space);
  seen_init (&seen, n, true);
  for (long t = 0; t < trials; t++) {
    const double *row = rows + (size_t)t * n;
    CU_ASSERT_EQUAL (gym_space_check (space, row, NULL), 0);
    CU_ASSERT_EQUAL (seen_add (&seen, gym_space_hash (space, row), row), 1);
  }
  seen_free (&seen);
}

static void
play_twice (struct play *p, long wanted)
{
  static double first[TRIALS * WIDTH], again[TRIALS * WIDTH];
  CU_ASSERT_EQUAL (play (p, first, NULL), wanted);
  CU_ASSERT_EQUAL (play (p, again, NULL), wanted);
  check_rows (p->space, first, wanted);
  for (long t = 0; t < wanted * gym_space_size (p->space); t++)
    CU_ASSERT (seen_same (first + t, again + t, 1));
}

void
many_laws (const char *agent, const char *settings)
{
  gym_registry *registry = play_registry ();
  gym_space *mixed = spaces_mixed (), *small = spaces_small ();
  for (uint32_t m = 1; m <= 16; m += m < 4 ? 1 : 6)
    for (uint32_t way = 0; way < 8; way++) {
      struct judge j = {
        .m = m, .fails = way & 1, .strained = way & 2, .huge = way & 4, .space = mixed
      };
      struct play p = { .registry = registry,
                        .agent = agent,
                        .settings = settings,
                        .space = mixed,
                        .objectives = m,
                        .constraints = j.strained,
                        .in_flight = 1 + 4 * (way % 3),
                        .seed = way,
                        .budget = TRIALS,
                        .judge = judge,
                        .context = &j };
      play_twice (&p, TRIALS);
      p.space = j.space = small;
      play_twice (&p, SPACES_SMALL);
    }
  gym_space_destroy (&mixed);
  gym_space_destroy (&small);
  gym_registry_destroy (&registry);
}

/* ---- hypervolume ---- */

static double
volume (const gym_archive *archive)
{
  static const double reference[] = { 1.1, 1.1 };
  double volume = 0;
  CU_ASSERT_EQUAL (gym_archive_hypervolume (archive, reference, &volume, NULL), 0);
  return volume;
}

static void
offer (gym_archive *archive, const struct function *f, const double *row)
{
  double objectives[2];
  if (play_function ((void *)f, row, objectives, NULL) == GYM_TRIAL_OK)
    CU_ASSERT (gym_archive_add (archive, objectives, 0, NULL) >= 0);
}

/* Of all designs there are. */
static double
true_volume (const struct function *f)
{
  gym_archive *archive = gym_archive_new (2, NULL);
  double row[WIDTH] = { 0 };
  uint32_t n = gym_space_size (f->space), i = 0;
  while (i < n) {
    offer (archive, f, row);
    for (i = 0; i < n && ++row[i] >= (double)gym_space_count (f->space, i);)
      row[i++] = 0;
  }
  double all = volume (archive);
  gym_archive_destroy (&archive);
  return all;
}

static double
missing (const struct play *p, const struct function *f, double all)
{
  gym_archive *archive = gym_archive_new (2, NULL);
  uint32_t n = gym_space_size (f->space);
  double *rows = malloc (p->budget * n * sizeof *rows);
  CU_ASSERT_FATAL (rows && play (p, rows, NULL) == (long)p->budget);
  for (size_t t = 0; t < p->budget; t++)
    offer (archive, f, rows + t * n);
  double share = 1 - volume (archive) / all;
  gym_archive_destroy (&archive);
  free (rows);
  return share;
}

double
many_missing (const char *agent, const char *settings, const char *path,
              uint64_t instance, size_t budget)
{
  double shares[SEEDS];
  gym_registry *registry = play_registry ();
  struct function *f = path ? function_load (path) : function_new ("motab5", instance);
  CU_ASSERT_PTR_NOT_NULL_FATAL (f);
  double all = true_volume (f);
  for (uint64_t s = 0; s < SEEDS; s++) {
    struct play p = { .registry = registry,
                      .agent = agent,
                      .settings = settings,
                      .space = f->space,
                      .objectives = 2,
                      .seed = s + 1,
                      .budget = budget,
                      .judge = play_function,
                      .context = f };
    shares[s] = missing (&p, f, all);
  }
  function_free (f);
  gym_registry_destroy (&registry);
  return gym_stats_quantile (shares, SEEDS, 0.5);
}
