/* core/store_best.c - the best trials of a study by its own order.
 *
 * Ids are chosen first and shown by the same cursor as all trials. */
#include <config.h>

#include "core/memory.h"
#include "core/store_file.h"
#include "core/store_read.h"
#include "core/store_schema.h"

#include <gym/archive.h>
#include <math.h>
#include <xxhash.h>

/* ---- distinct designs ---- */

/* Designs chosen so far, in an open-addressed table of their numbers + 1. */
struct chosen {
  uint32_t n_params;
  double *designs;
  size_t n, room;
  size_t *slots;
  size_t n_slots;
};

static void
chosen_clear (struct chosen *chosen)
{
  free (chosen->designs);
  free (chosen->slots);
}

static uint64_t
hash_design (const struct chosen *chosen, const double *design)
{
  return XXH3_64bits (design, chosen->n_params * sizeof *design);
}

static size_t *
find_slot (const struct chosen *chosen, const double *design)
{
  size_t mask = chosen->n_slots - 1, at = (size_t)hash_design (chosen, design) & mask;
  for (; chosen->slots[at]; at = (at + 1) & mask) {
    const double *other = chosen->designs + (chosen->slots[at] - 1) * chosen->n_params;
    if (memcmp (other, design, chosen->n_params * sizeof *design) == 0)
      break;
  }
  return &chosen->slots[at];
}

/* Keeps the table at most half full. */
static int
make_room (struct chosen *chosen)
{
  size_t width = (chosen->n_params + 1) * sizeof *chosen->designs;
  if (gym_grow (&chosen->designs, chosen->n, &chosen->room, width) < 0)
    return GYM_ENOMEM;
  if (2 * (chosen->n + 1) < chosen->n_slots)
    return GYM_OK;
  size_t *slots = calloc (4 * (chosen->n + 8), sizeof *slots), n_slots = 16;
  if (!slots)
    return GYM_ENOMEM;
  while (n_slots * 2 <= 4 * (chosen->n + 8))
    n_slots *= 2;
  free (chosen->slots);
  chosen->slots = slots;
  chosen->n_slots = n_slots;
  for (size_t i = 0; i < chosen->n; i++)
    *find_slot (chosen, chosen->designs + i * chosen->n_params) = i + 1;
  return GYM_OK;
}

/* 1 when the design is new, 0 when it was there, < 0 without memory. */
static int
choose (struct chosen *chosen, const double *design)
{
  if (make_room (chosen) < 0)
    return GYM_ENOMEM;
  size_t *slot = find_slot (chosen, design);
  if (*slot)
    return 0;
  memcpy (chosen->designs + chosen->n * chosen->n_params, design,
          chosen->n_params * sizeof *design);
  *slot = ++chosen->n;
  return 1;
}

/* ---- choosing ---- */

/* What finding the best of one study needs. */
struct search {
  gym_store *store;
  const struct gym_layout *layout;
  gym_cursor *cursor;
  struct chosen chosen;
  sqlite3_stmt *row; /* one row of the env's table by id */
  double *numbers;   /* its parameters and metrics */
  int64_t run;       /* 0: all of the study */
  uint32_t limit;
};

/* NaN has many bit patterns; one of them stands for NULL here. */
static int
read_numbers (struct search *search, int64_t id, gym_error *err)
{
  uint32_t n = search->layout->n_params + search->layout->n_metrics;
  sqlite3_bind_int64 (search->row, 1, id);
  int code = gym_store_step (search->row, search->store->path, err);
  for (uint32_t i = 0; code == 1 && i < n; i++)
    search->numbers[i] = sqlite3_column_type (search->row, (int)i + 1) == SQLITE_NULL
                             ? NAN
                             : sqlite3_column_double (search->row, (int)i + 1);
  sqlite3_reset (search->row);
  return code;
}

static bool
enough (const struct search *search)
{
  return search->limit && search->cursor->n_ranges >= search->limit;
}

static int
take (struct search *search, int64_t id, gym_error *err)
{
  int code = read_numbers (search, id, err);
  if (code == 1)
    code = choose (&search->chosen, search->numbers);
  if (code == GYM_ENOMEM)
    return gym_fail (err, code, "out of memory");
  return code == 1 ? gym_cursor_add_range (search->cursor, id, id, err) : code;
}

/* The trials that may be among the best: evaluated, and no repeats. */
#define CANDIDATES                                                                       \
  "FROM runs r CROSS JOIN trials t ON t.id BETWEEN (r.id << %d) AND (r.id << %d |"       \
  " 4294967295) WHERE r.study = %lld AND %lld IN (0, r.id) AND t.status = %d AND "       \
  "t.origin IS NULL"                                                                     \
  " AND t.goal IS NOT NULL"

static sqlite3_stmt *
candidates (struct search *search, const char *order, gym_error *err)
{
  return gym_store_prepare_free (
      search->store->db, search->store->path,
      sqlite3_mprintf ("SELECT t.id, t.fidelity " CANDIDATES " ORDER BY t.fidelity DESC,"
                       " %s r.agent, r.seed < 0, r.seed, t.number",
                       GYM_STORE_NUMBER_BITS, GYM_STORE_NUMBER_BITS,
                       search->layout->study, search->run, GYM_TRIAL_OK, order),
      err);
}

/* One goal: the store sorts, and rows are taken until there are enough. */
static int
choose_sorted (struct search *search, gym_error *err)
{
  bool rising = gym_objective_goal_sense (search->layout->objective, 0) != GYM_MAXIMISE;
  sqlite3_stmt *query = candidates (
      search, rising ? "t.violation, t.goal," : "t.violation, t.goal DESC,", err);
  if (!query)
    return gym_store_code (search->store->db);
  int64_t fidelity = -1;
  int code = GYM_OK;
  while (!enough (search)
         && (code = gym_store_step (query, search->store->path, err)) == 1) {
    if (fidelity < 0)
      fidelity = sqlite3_column_int64 (query, 1);
    if (sqlite3_column_int64 (query, 1) != fidelity)
      break;
    code = take (search, sqlite3_column_int64 (query, 0), err);
    if (code < 0)
      break;
  }
  sqlite3_finalize (query);
  return code < 0 ? code : GYM_OK;
}

/* The archive of the trials with the smallest violation seen so far. */
struct front {
  gym_archive *archive;
  double *goals, *violations;
  double violation;
};

static int
offer (struct search *search, struct front *front, int64_t id, gym_error *err)
{
  const gym_objective *objective = search->layout->objective;
  int code = read_numbers (search, id, err);
  if (code != 1
      || gym_objective_evaluate (objective, search->numbers + search->layout->n_params,
                                 front->goals, front->violations, NULL)
             < 0)
    return code < 0 ? code : GYM_OK;
  double violation = 0;
  for (uint32_t i = 0; i < gym_objective_constraints (objective); i++)
    violation += front->violations[i];
  if (front->archive && !(violation <= front->violation))
    return GYM_OK;
  if (!front->archive || violation < front->violation) {
    gym_archive_destroy (&front->archive);
    front->archive = gym_archive_new (gym_objective_goals (objective), err);
    front->violation = violation;
  }
  if (!front->archive)
    return GYM_ENOMEM;
  code = gym_archive_add (front->archive, front->goals, (uint64_t)id, err);
  return code < 0 ? code : GYM_OK;
}

static int
offer_all (struct search *search, struct front *front, gym_error *err)
{
  sqlite3_stmt *query = candidates (search, "", err);
  if (!query)
    return gym_store_code (search->store->db);
  int64_t fidelity = -1;
  int code;
  while ((code = gym_store_step (query, search->store->path, err)) == 1) {
    if (fidelity < 0)
      fidelity = sqlite3_column_int64 (query, 1);
    if (sqlite3_column_int64 (query, 1) != fidelity)
      break;
    code = offer (search, front, sqlite3_column_int64 (query, 0), err);
    if (code < 0)
      break;
  }
  sqlite3_finalize (query);
  return code < 0 ? code : GYM_OK;
}

/* Several goals: the ones that no other dominates, in order of the first goal. */
static int
choose_front (struct search *search, gym_error *err)
{
  const gym_objective *objective = search->layout->objective;
  struct front front = { .archive = NULL };
  front.goals = calloc (gym_objective_goals (objective) + 1, sizeof (double));
  front.violations = calloc (gym_objective_constraints (objective) + 1, sizeof (double));
  int code = front.goals && front.violations
                 ? offer_all (search, &front, err)
                 : gym_fail (err, GYM_ENOMEM, "out of memory");
  size_t n = front.archive ? gym_archive_count (front.archive) : 0;
  for (size_t i = 0; code == GYM_OK && i < n && !enough (search); i++)
    code = take (search, (int64_t)gym_archive_tag (front.archive, i), err);
  gym_archive_destroy (&front.archive);
  free (front.goals);
  free (front.violations);
  return code;
}

static int
choose_best (struct search *search, gym_error *err)
{
  const struct gym_layout *layout = search->layout;
  search->chosen.n_params = layout->n_params;
  search->numbers = calloc (layout->n_params + layout->n_metrics + 1, sizeof (double));
  if (!search->numbers)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  search->row = gym_store_prepare_free (
      search->store->db, search->store->path,
      sqlite3_mprintf ("SELECT * FROM \"%w\" WHERE id = ?", layout->table), err);
  int code = search->row ? GYM_OK : gym_store_code (search->store->db);
  if (code == GYM_OK)
    code = gym_objective_goals (layout->objective) == 1 ? choose_sorted (search, err)
                                                        : choose_front (search, err);
  sqlite3_finalize (search->row);
  free (search->numbers);
  chosen_clear (&search->chosen);
  return code;
}

gym_cursor *
gym_store_best (gym_store *store, int64_t study, uint32_t limit, gym_error *err)
{
  return gym_store_best_of (store, study, 0, limit, err);
}

gym_cursor *
gym_store_best_of (gym_store *store, int64_t study, int64_t run, uint32_t limit,
                   gym_error *err)
{
  struct gym_layout *layout = gym_layout_load (store->db, store->path, study, err);
  gym_cursor *cursor =
      layout ? gym_cursor_trials (store, layout, CURSOR_BEST, err) : NULL;
  if (!cursor)
    return NULL;
  struct search search = {
    .store = store, .layout = cursor->layout, .cursor = cursor, .run = run, .limit = limit
  };
  if (choose_best (&search, err) < 0)
    gym_cursor_destroy (&cursor);
  return cursor;
}
