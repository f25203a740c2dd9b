/* What the columns of a study mean, read back. */
#include <config.h>

#include "core/store_layout.h"
#include "tests/core/stores.h"

#include <stdlib.h>
#include <string.h>

static void
make (struct kit *kit, const char *objective)
{
  kit_make (kit, kit_space (5, true), 5);
  kit->row.objective = objective;
  gym_writer *writer = kit_writer (kit, NULL, 0);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
}

static struct gym_layout *
load (const struct kit *kit, int64_t study, gym_error *err)
{
  sqlite3 *db = NULL;
  CU_ASSERT_EQUAL_FATAL (sqlite3_open (kit->path, &db), SQLITE_OK);
  struct gym_layout *layout = gym_layout_load (db, kit->path, study, err);
  sqlite3_close (db);
  return layout;
}

static void
test_load (void)
{
  struct kit kit;
  gym_error err = { 0 };
  make (&kit, "energy, m4; elapsed <= 5");
  struct gym_layout *layout = load (&kit, 0, &err);
  if (!layout)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (layout);
  CU_ASSERT_EQUAL (layout->study, 1);
  CU_ASSERT_STRING_EQUAL (layout->table, "made_up_v1");
  CU_ASSERT_STRING_EQUAL (layout->identity, kit.row.identity);
  CU_ASSERT (layout->n_params == 5 && layout->n_metrics == 5);
  const struct layout_column *c = layout->columns;
  CU_ASSERT (c[0].kind == LAYOUT_LEVEL && c[0].n_levels == 3);
  CU_ASSERT_STRING_EQUAL (gym_layout_level (&c[0], 2), "it's \"open\"");
  CU_ASSERT_PTR_NULL (gym_layout_level (&c[0], 3));
  CU_ASSERT_PTR_NULL (gym_layout_level (&c[0], -1));
  CU_ASSERT (c[2].kind == LAYOUT_INTEGER && c[3].kind == LAYOUT_REAL);
  CU_ASSERT_STRING_EQUAL (c[3].unit, "ns");
  CU_ASSERT (c[5].kind == LAYOUT_METRIC && c[5].sense == GYM_MINIMISE);
  CU_ASSERT (c[6].measured && !c[6].sealed && c[7].sealed && !c[7].measured);
  CU_ASSERT_STRING_EQUAL (c[8].name, "p0");
  CU_ASSERT_STRING_EQUAL (c[8].column, "p0_2");
  CU_ASSERT (layout->n_fidelities == 2);
  CU_ASSERT_STRING_EQUAL (layout->fidelities[1], "full");
  CU_ASSERT_EQUAL (gym_objective_goals (layout->objective), 2);
  CU_ASSERT_EQUAL (gym_objective_constraints (layout->objective), 1);
  CU_ASSERT_TRUE (layout->measured); /* through its constraint */
  gym_layout_destroy (&layout);
  gym_layout_destroy (&layout);
  kit_free (&kit);
}

static void
test_measured (void)
{
  struct kit kit;
  make (&kit, "energy; m4 >= 1");
  struct gym_layout *layout = load (&kit, 1, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (layout);
  CU_ASSERT_FALSE (layout->measured);
  gym_layout_destroy (&layout);
  kit_free (&kit);
}

static void
refuse (const struct kit *kit, const char *sql, int code, const char *word)
{
  gym_error err = { 0 };
  char text[64];
  kit_query (kit->path, sql, text);
  CU_ASSERT_PTR_NULL (load (kit, 1, &err));
  CU_ASSERT_EQUAL (err.code, code);
  CU_ASSERT_TRUE (kit_says (&err, word) && kit_says (&err, kit->path));
}

static void
test_refused (void)
{
  struct kit kit;
  gym_error err = { 0 };
  make (&kit, "energy");
  CU_ASSERT_PTR_NULL (load (&kit, 7, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  CU_ASSERT_TRUE (kit_says (&err, "no study 7"));
  refuse (&kit, "UPDATE columns SET levels = '[1' WHERE position = 0", GYM_EIO,
          "damaged");
  refuse (&kit, "UPDATE columns SET levels = '[1]' WHERE position = 0", GYM_EIO,
          "damaged");
  refuse (&kit, "UPDATE columns SET levels = '{}' WHERE position = 0", GYM_EIO,
          "damaged");
  refuse (&kit, "UPDATE columns SET levels = NULL WHERE position = 0", GYM_EIO,
          "damaged");
  kit_free (&kit);
}

static void
test_strange_objective (void)
{
  struct kit kit;
  make (&kit, "energy");
  refuse (&kit, "UPDATE studies SET objective = 'engery'", GYM_EINVAL, "engery");
  refuse (&kit, "DELETE FROM studies", GYM_ENOTFOUND, "no study");
  kit_free (&kit);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "columns, fidelities, objective", test_load },
    { "objectives of measured metrics", test_measured },
    { "studies that cannot be loaded", test_refused },
    { "objectives that are none", test_strange_objective },
    { 0 },
  };
  return tap_run ("store_layout", tests);
}
