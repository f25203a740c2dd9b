/* dram-full-v1 through the public interface: its space by part, its default design, and
 * what the parameters that dram does not have do. */
#include "tests/core/help.h"

#include "core/host.h"
#include "sims/dram/dram.h"

#include <math.h>

enum { PARAMS = 19, METRICS = 32, SAMPLES = 150 };

struct bench {
  gym_registry *r;
  gym_env *env;
  const gym_space *space;
  uint32_t m;
  double metrics[METRICS];
};

/* Opens an env on one of the recorded traces; `more` is one further setting or NULL. */
static struct bench
bench_open (const char *id, const char *trace, const char *more)
{
  char path[512], text[600], file[64];
  struct bench b = { .r = help_registry () };
  snprintf (file, sizeof file, "examples/traces/%s.trc", trace);
  snprintf (text, sizeof text, "trace=%s", tap_source (file, path, sizeof path));
  b.env = help_env (b.r, id, (const char *[]){ text, more, NULL });
  CU_ASSERT_FATAL (b.env != NULL);
  b.space = gym_env_space (b.env);
  b.m = gym_env_metrics (b.env)->n;
  CU_ASSERT_FATAL (b.m <= METRICS && gym_space_size (b.space) <= PARAMS);
  return b;
}

static void
bench_close (struct bench *b)
{
  gym_env_destroy (&b->env);
  gym_registry_destroy (&b->r);
}

/* Evaluates "name=value,..." (the rest default) on a quarter of the trace. */
static void
bench_run (struct bench *b, const char *design)
{
  double row[PARAMS];
  uint32_t fidelity = 1, status;
  char note[GYM_NOTE] = "";
  gym_error err = { 0 };
  int rc = gym_design_parse (b->space, design, row, &err);
  if (rc >= 0)
    rc = gym_env_evaluate (b->env, 1, row, &fidelity, NULL, b->metrics, &status, note,
                           &err);
  if (rc < 0 || status != GYM_TRIAL_OK)
    tap_note ("%s: %s %s", design, err.text, note);
  CU_ASSERT_FATAL (rc >= 0 && status == GYM_TRIAL_OK);
}

static double
value (const struct bench *b, const char *metric)
{
  int i = gym_env_find_metric (b->env, metric, NULL);
  CU_ASSERT_FATAL (i >= 0);
  return b->metrics[i];
}

static double
value_of (struct bench *b, const char *design, const char *metric)
{
  bench_run (b, design);
  return value (b, metric);
}

/* ---- The space ------------------------------------------------------------------- */

static void
levels_of (const struct bench *b, const char *name, char *text, size_t size)
{
  int i = gym_space_find (b->space, name, NULL);
  CU_ASSERT_FATAL (i >= 0);
  const struct gym_param *p = gym_space_param (b->space, (uint32_t)i);
  size_t n = 0;
  for (uint32_t k = 0; k < p->n_levels; k++)
    n += (size_t)snprintf (text + n, size - n, "%s%s", k > 0 ? " " : "", p->levels[k]);
}

static void
test_space (void)
{
  static const struct {
    const char *part, *name, *levels;
  } wanted[] = {
    { "part=DDR4-2400", "RefreshPolicy", "NoRefresh AllBank AllBank2x AllBank4x" },
    { "part=DDR3-1600", "RefreshPolicy", "NoRefresh AllBank" },
    { "part=DDR4-2400", "PowerDown", "Never Fast" },
    { "part=DDR3-1600", "PowerDown", "Never Fast Slow" },
    { "part=DDR3-1600", "AddressMapping",
      "rkbChc hrkbCc rCkbhc rkb^rChc rCkb^rhc rCk^rb^rh^rc" },
    { "part=DDR3-1600", "Ranks", "1 2 4" },
    { "part=DDR3-1600", "SchedulerBuffer", "Bankwise ReadWrite Shared Separate" },
  };
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    char levels[256] = "";
    struct bench b = bench_open ("dram-full", "stream", wanted[i].part);
    CU_ASSERT_EQUAL (gym_space_size (b.space), PARAMS);
    levels_of (&b, wanted[i].name, levels, sizeof levels);
    CU_ASSERT_STRING_EQUAL (levels, wanted[i].levels);
    bench_close (&b);
  }
}

/* What matters only under another parameter is absent without it. */
static void
test_conditions (void)
{
  static const struct {
    const char *design, *inactive[3];
  } cases[] = {
    { "RequestBufferSize=1", { "Scheduler", "RowHitCap" } },
    { "Scheduler=Fifo", { "RowHitCap" } },
    { "SchedulerBuffer=Shared", { "WriteDrainHigh", "WriteDrainLow" } },
    { "RefreshPolicy=NoRefresh", { "RefreshMaxPostponed", "RefreshMaxPulledin" } },
    { "Arbiter=Simple", { "MaxActiveTransactions" } },
    { "PowerDown=Never", { "PowerDownIdle", "SelfRefreshIdle" } },
  };
  struct bench b = bench_open ("dram-full", "stream", NULL);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double row[PARAMS];
    CU_ASSERT (gym_design_parse (b.space, cases[i].design, row, NULL) >= 0);
    for (int k = 0; k < 3 && cases[i].inactive[k] != NULL; k++)
      CU_ASSERT (isnan (row[gym_space_find (b.space, cases[i].inactive[k], NULL)]));
  }
  bench_close (&b);
}

/* The flat space's designs are here too, with equal figures to the bit. */
static void
test_same_as_dram (void)
{
  static const char *const designs[] = {
    "", "PagePolicy=Closed,Scheduler=FrFcfsGrp,RequestBufferSize=16,RespQueue=Reorder",
    "SchedulerBuffer=ReadWrite,RefreshMaxPostponed=1,Arbiter=Fifo,MaxActiveTransactions="
    "2",
    "RefreshPolicy=NoRefresh,PagePolicy=OpenAdaptive"
  };
  static const char *const setups[] = { "setup=default", "setup=archgym" };
  for (size_t s = 0; s < 2; s++) {
    struct bench flat = bench_open ("dram", "lua-sort", setups[s]);
    struct bench full = bench_open ("dram-full", "lua-sort", setups[s]);
    for (size_t i = 0; i < sizeof designs / sizeof *designs; i++) {
      bench_run (&flat, designs[i]);
      bench_run (&full, designs[i]);
      CU_ASSERT_EQUAL (memcmp (flat.metrics, full.metrics, flat.m * sizeof (double)), 0);
    }
    bench_close (&flat);
    bench_close (&full);
  }
}

/* ---- What designs do ------------------------------------------------------------- */

static void
test_random_designs (void)
{
  static const char *const energies[] = { "energy_activate",   "energy_read",
                                          "energy_write",      "energy_refresh",
                                          "energy_background", "energy_pump" };
  const struct dram_part *part;
  for (size_t p = 0; (part = dram_part_at (p)) != NULL; p++) {
    char setting[64];
    double row[PARAMS];
    uint32_t fidelity = 0, status;
    gym_rng rng;
    gym_rng_init (&rng, 11);
    snprintf (setting, sizeof setting, "part=%s", part->name);
    struct bench b = bench_open ("dram-full", "lua-sort", setting);
    for (int i = 0; i < SAMPLES; i++) {
      double sum = 0;
      gym_space_sample (b.space, &rng, row);
      CU_ASSERT_EQUAL (gym_env_evaluate (b.env, 1, row, &fidelity, NULL, b.metrics,
                                         &status, NULL, NULL),
                       GYM_OK);
      CU_ASSERT_EQUAL_FATAL (status, GYM_TRIAL_OK);
      for (size_t e = 0; e < sizeof energies / sizeof *energies; e++)
        sum += value (&b, energies[e]);
      CU_ASSERT_DOUBLE_EQUAL (value (&b, "energy"), sum, 1e-9 * sum);
    }
    bench_close (&b);
  }
}

/* Each new parameter moves something, in the direction it is there for. */
static void
test_effects (void)
{
  struct bench b = bench_open ("dram-full", "lua-sort", "traffic=closed");
  double one = value_of (&b, "", "total_time");
  CU_ASSERT (value_of (&b, "Channels=4,AddressMapping=rkbgChc", "total_time")
             < 0.6 * one);
  CU_ASSERT (value_of (&b, "Ranks=2", "energy_background")
             > 1.5 * value_of (&b, "Ranks=1", "energy_background"));
  CU_ASSERT (value_of (&b, "RowHitCap=1,RequestBufferSize=64", "row_hit_rate")
             <= value_of (&b, "RequestBufferSize=64", "row_hit_rate"));
  CU_ASSERT (value_of (&b, "AddressMapping=rkb^rg^rChc", "total_time") != one);
  CU_ASSERT (value_of (&b, "RefreshPolicy=AllBank4x", "energy_refresh")
             != value_of (&b, "", "energy_refresh"));
  double low =
      value_of (&b, "SchedulerBuffer=Separate,WriteDrainHigh=0.25", "total_time");
  CU_ASSERT (value_of (&b, "SchedulerBuffer=Separate,WriteDrainHigh=1", "total_time")
             != low);
  bench_close (&b);
}

/* A sparse trace: resting saves energy and costs latency; deeper rests save more. */
static void
test_rests (void)
{
  struct bench b = bench_open ("dram-full", "gzip", "part=DDR3-1600");
  double energy = value_of (&b, "", "energy"), latency = value (&b, "latency_mean");
  double fast = value_of (&b, "PowerDown=Fast,PowerDownIdle=8", "energy");
  CU_ASSERT (fast < 0.95 * energy);
  CU_ASSERT (value (&b, "latency_mean") > latency);
  CU_ASSERT (
      value_of (&b, "PowerDown=Slow,PowerDownIdle=8,PagePolicy=Closed", "energy")
      < value_of (&b, "PowerDown=Fast,PowerDownIdle=8,PagePolicy=Closed", "energy"));
  CU_ASSERT (value_of (&b, "PowerDown=Fast,PowerDownIdle=2048", "energy") > fast);
  bench_close (&b);
}

/* ---- Detail ---------------------------------------------------------------------- */

struct rows {
  size_t n;
  double reads, writes;
  char first[64], last[64];
};

static void
take (void *sink, const char *label, const double *values)
{
  struct rows *rows = sink;
  snprintf (rows->n++ == 0 ? rows->first : rows->last, 64, "%s", label);
  rows->reads += values[2];
  rows->writes += values[3];
}

static bool
never (const struct gym_host *host)
{
  (void)host;
  return false;
}

/* By hand, as the host would: an instance of the class, and the extension on it. */
static void
test_detail (void)
{
  char path[512], setting[600];
  struct bench b = bench_open ("dram-full", "lua-sort", NULL);
  const struct gym_env_class *class = gym_env_entry (b.env)->env;
  const struct gym_detail_1 *detail = class->extension ("detail/1");
  struct gym_host host = { .struct_size = sizeof host, .cancelled = never };
  struct rows rows = { 0 };
  double row[PARAMS];
  snprintf (setting, sizeof setting, "trace=%s",
            tap_source ("examples/traces/lua-sort.trc", path, sizeof path));
  gym_settings *s = help_settings ((const char *[]){ setting, NULL });
  void *self = gym_instance_new (class->instance_size, &class->options, s, "x", NULL);
  CU_ASSERT_FATAL (self != NULL && detail != NULL);
  CU_ASSERT_EQUAL_FATAL (class->open (self, &host, NULL), GYM_OK);
  CU_ASSERT (gym_design_parse (b.space, "Channels=2,Ranks=2", row, NULL) >= 0);
  CU_ASSERT_EQUAL (detail->rows (self, row, 1, 0, take, &rows, NULL), GYM_OK);
  CU_ASSERT_EQUAL (rows.n, 2 * 2 * 16);
  CU_ASSERT_STRING_EQUAL (rows.first, "channel0.rank0.group0.bank0");
  CU_ASSERT_STRING_EQUAL (rows.last, "channel1.rank1.group3.bank3");
  CU_ASSERT_EQUAL (rows.reads + rows.writes, 5000);
  class->close (self);
  free (self);
  gym_settings_destroy (&s);
  bench_close (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "space", .run = test_space },
    { .name = "conditions", .run = test_conditions },
    { .name = "same as dram", .run = test_same_as_dram },
    { .name = "random designs", .run = test_random_designs },
    { .name = "effects", .run = test_effects },
    { .name = "rests", .run = test_rests },
    { .name = "detail", .run = test_detail },
    { 0 },
  };
  return tap_run ("dram-full", tests);
}
