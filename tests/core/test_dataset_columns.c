/* Columns and cells in every encoding. */
#include <config.h>

#include "core/dataset_inside.h"
#include "tests/core/datasets.h"

static const char *const numbers[] = { "1", "2", "4" };
static const char *const decimals[] = { "0.5", "1e3", "-2" };
static const char *const twins[] = { "8", "8.0" };
static const char *const words[] = { "1", "many" };
static const char *const when[] = { "many", NULL };

/* Levels that are numbers and such that only look like some; names that are taken. */
static const struct gym_param params[] = {
  { .name = "whole", .kind = GYM_ORDINAL, .levels = numbers, .n_levels = 3 },
  { .name = "real",
    .unit = "ns",
    .kind = GYM_ORDINAL,
    .levels = decimals,
    .n_levels = 3 },
  { .name = "twins", .kind = GYM_CATEGORICAL, .levels = twins, .n_levels = 2 },
  { .name = "Status", .kind = GYM_CATEGORICAL, .levels = words, .n_levels = 2 },
  { .name = "seed_2", .kind = GYM_INTEGER, .low = -9e15, .high = 9e15 },
  { .name = "seed", .kind = GYM_REAL, .high = 1, .parent = "Status", .when = when },
};

static struct gym_metric metrics[] = { { .name = "WHOLE", .unit = "nJ", .doc = "Text." },
                                       { .name = "agent", .unit = "1", .doc = "" } };
static char *store_name = (char[]){ "runs.db" };
static struct dataset_run run = { .about = { .study = 3, .run = 4, .seed = UINT64_MAX } };
static struct dataset_study study;
static struct gym_dataset_env envs[2] = { { .workload = "one" }, { .workload = "two" } };
static struct gym_dataset_agent agents[] = { { .label = "random" } };
static struct gym_dataset_fidelity fidelities[] = { { .name = "rough" },
                                                    { .name = "full" } };

static gym_dataset
make (void)
{
  static struct dataset_store stores[1];
  const struct gym_params list = {
    .struct_size = sizeof list, .n = 6, .stride = sizeof *params, .items = params
  };
  stores[0].path = store_name;
  return (
      gym_dataset){ .space = gym_space_new (&list, NULL),
                    .metrics = { .n = 2, .stride = sizeof *metrics, .items = metrics },
                    .items = metrics,
                    .stores = stores,
                    .n_stores = 1,
                    .runs = &run,
                    .n_runs = 1,
                    .studies = &study,
                    .n_studies = 1,
                    .envs = envs,
                    .n_envs = 2,
                    .agents = agents,
                    .n_agents = 1,
                    .fidelities = fidelities,
                    .n_fidelities = 2 };
}

static const struct gym_dataset_row row = {
  .status = GYM_TRIAL_OOM,
  .design = (const double[]){ 2, 1, 1, 1, -9e15, 0.25 },
  .metrics = (const double[]){ 1.5, NAN },
  .env = 1,
  .fidelity = 1,
  .number = 12,
  .seed = 77,
};

static void
names_are (const struct dataset_columns *c, const char *const *names)
{
  size_t i = 0;
  for (; names[i] && i < c->n; i++)
    CU_ASSERT_TRUE (ds_is (c->items[i].name, names[i]));
  CU_ASSERT (!names[i] && i == c->n);
}

static void
test_decoded (void)
{
  static const char *const names[] = {
    "whole",   "real",   "twins",    "Status_2", "seed_2", "seed_3", "WHOLE_2",
    "agent_2", "status", "fidelity", "workload", "agent",  "seed",   "evaluation_seed",
    "env",     "store",  "study",    "run",      "number", NULL
  };
  gym_dataset d = make ();
  struct dataset_columns c;
  struct dataset_cell cells[32];
  CU_ASSERT_EQUAL_FATAL (gym_dataset_columns (&d, GYM_ENCODE_DECODED, &c, NULL), 0);
  names_are (&c, names);
  gym_dataset_cells (&c, &row, cells);
  CU_ASSERT (c.items[0].type == TYPE_INTEGER && cells[0].as.integer == 4);
  CU_ASSERT (c.items[1].type == TYPE_REAL && cells[1].as.real == 1000);
  CU_ASSERT_STRING_EQUAL (c.items[1].unit, "ns");
  CU_ASSERT (c.items[2].type == TYPE_TEXT && cells[2].as.integer == 1);
  CU_ASSERT_STRING_EQUAL (c.items[2].texts[1], "8.0");
  CU_ASSERT (c.items[3].type == TYPE_TEXT);
  CU_ASSERT (cells[4].as.integer == -9000000000000000);
  CU_ASSERT (c.items[5].optional && !c.items[4].optional && cells[5].as.real == 0.25);
  CU_ASSERT (c.items[6].role == ROLE_METRIC && cells[6].as.real == 1.5);
  CU_ASSERT (cells[7].none && c.items[7].optional && !cells[6].none);
  CU_ASSERT_STRING_EQUAL (c.items[8].texts[cells[8].as.integer], "oom");
  CU_ASSERT_STRING_EQUAL (c.items[9].texts[cells[9].as.integer], "full");
  CU_ASSERT_STRING_EQUAL (c.items[10].texts[cells[10].as.integer], "two");
  CU_ASSERT_STRING_EQUAL (c.items[11].texts[cells[11].as.integer], "random");
  CU_ASSERT (cells[12].as.natural == UINT64_MAX && cells[13].as.natural == 77);
  CU_ASSERT_STRING_EQUAL (c.items[15].texts[cells[15].as.integer], "runs.db");
  CU_ASSERT (cells[14].as.integer == 1 && cells[16].as.integer == 3
             && cells[17].as.integer == 4 && cells[18].as.integer == 12);
  gym_dataset_columns_clear (&c);
  gym_space_destroy (&d.space);
}

static void
test_ordinal (void)
{
  gym_dataset d = make ();
  struct dataset_columns c;
  struct dataset_cell cells[32];
  CU_ASSERT_EQUAL_FATAL (gym_dataset_columns (&d, GYM_ENCODE_ORDINAL, &c, NULL), 0);
  const double inactive[] = { 0, 2, 0, 0, 5, NAN };
  struct gym_dataset_row other = row;
  other.design = inactive;
  gym_dataset_cells (&c, &other, cells);
  for (int i = 0; i < 5; i++)
    CU_ASSERT (c.items[i].type == TYPE_INTEGER && !cells[i].none
               && cells[i].as.integer == (int64_t)inactive[i]);
  CU_ASSERT (c.items[5].type == TYPE_REAL && cells[5].none);
  gym_dataset_columns_clear (&c);
  gym_space_destroy (&d.space);
}

static void
test_onehot (void)
{
  gym_dataset d = make ();
  struct dataset_columns c;
  struct dataset_cell cells[32];
  double want[16];
  CU_ASSERT_EQUAL_FATAL (gym_dataset_columns (&d, GYM_ENCODE_ONEHOT, &c, NULL), 0);
  uint32_t n = gym_space_onehot_size (d.space);
  CU_ASSERT_EQUAL (c.n_params, n);
  CU_ASSERT_TRUE (ds_is (c.items[2].name, "twins=8"));
  CU_ASSERT_TRUE (ds_is (c.items[8].name, "seed:active"));
  gym_dataset_cells (&c, &row, cells);
  gym_space_onehot (d.space, row.design, want);
  for (uint32_t i = 0; i < n; i++)
    CU_ASSERT (c.items[i].type == TYPE_REAL && cells[i].as.real == want[i]
               && !cells[i].none);
  gym_dataset_columns_clear (&c);
  gym_space_destroy (&d.space);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "decoded", test_decoded },
                                           { "ordinal", test_ordinal },
                                           { "one-hot", test_onehot },
                                           { 0 } };
  return tap_run ("dataset_columns", tests);
}
