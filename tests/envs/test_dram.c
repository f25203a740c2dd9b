/* dram-v1 through the public interface: what it says about itself, arithmetic by hand,
 * set-ups, known interactions of its parameters, and what happens to bad input. */
#include "tests/core/help.h"
#include "tests/envs/table.h"

#include "core/host.h"
#include "sims/dram/dram.h"

#include <math.h>

enum { SAMPLES = 200, PARAMS = 10, METRICS = 32 };

/* One env under test with the last row it gave. */
struct bench {
  gym_registry *r;
  gym_env *env;
  const gym_space *space;
  uint32_t m;
  double metrics[METRICS];
  uint32_t status;
  char note[GYM_NOTE];
};

/* Opens dram on `trace` (a path) with further "key=value" texts, the last one NULL. */
static struct bench
bench_open (const char *trace, const char *const *more)
{
  const char *settings[16];
  char text[600];
  size_t n = 0;
  struct bench b = { .r = help_registry () };
  snprintf (text, sizeof text, "trace=%s", trace);
  settings[n++] = text;
  for (; more && more[n - 1]; n++)
    settings[n] = more[n - 1];
  settings[n] = NULL;
  b.env = help_env (b.r, "dram", settings);
  CU_ASSERT_FATAL (b.env != NULL);
  b.space = gym_env_space (b.env);
  b.m = gym_env_metrics (b.env)->n;
  CU_ASSERT_FATAL (b.m <= METRICS && gym_space_size (b.space) == PARAMS);
  return b;
}

static void
bench_close (struct bench *b)
{
  gym_env_destroy (&b->env);
  gym_registry_destroy (&b->r);
}

/* Evaluates "name=value,..." (the rest default) at a fidelity. */
static void
bench_run (struct bench *b, const char *design, uint32_t fidelity)
{
  double row[PARAMS];
  gym_error err = { 0 };
  if (gym_design_parse (b->space, design, row, &err) < 0
      || gym_env_evaluate (b->env, 1, row, &fidelity, NULL, b->metrics, &b->status,
                           b->note, &err)
             < 0) {
    tap_note ("%s", err.text);
    CU_FAIL_FATAL ("a design cannot be evaluated");
  }
  if (b->status != GYM_TRIAL_OK)
    tap_note ("%s", b->note);
}

static double
value (const struct bench *b, const char *metric)
{
  int i = gym_env_find_metric (b->env, metric, NULL);
  CU_ASSERT_FATAL (i >= 0);
  return b->metrics[i];
}

static void
expect (const struct bench *b, const char *metric, double wanted)
{
  double got = value (b, metric);
  int good = fabs (got - wanted) <= 1e-9 * fabs (wanted) + 1e-12;
  if (!good)
    tap_note ("%s is %.17g and should be %.17g", metric, got, wanted);
  CU_ASSERT (good);
}

/* A trace file with this text in a folder of its own; help_remove deletes it. */
static const char *
write_trace (char path[256], const char *text)
{
  FILE *file;
  CU_ASSERT_FATAL (help_scratch (path, "small.trc") != NULL);
  file = fopen (path, "w");
  CU_ASSERT_FATAL (file != NULL);
  CU_ASSERT (fputs (text, file) >= 0);
  CU_ASSERT_EQUAL (fclose (file), 0);
  return path;
}

/* `count` requests as scattered as a linear congruential generator makes them; every
 * `write_every`-th is a write. */
static const char *
write_scattered (char path[256], unsigned count, unsigned gap, unsigned write_every)
{
  uint64_t x = 12345;
  FILE *file;
  CU_ASSERT_FATAL (help_scratch (path, "scattered.trc") != NULL);
  file = fopen (path, "w");
  CU_ASSERT_FATAL (file != NULL);
  for (unsigned i = 0; i < count; i++) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    fprintf (file, "%u: %s 0x%llx\n", i * gap,
             write_every && i % write_every == 0 ? "write" : "read",
             (unsigned long long)(x >> 34 << 6));
  }
  CU_ASSERT_EQUAL (fclose (file), 0);
  return path;
}

static const char *
recorded (char path[512])
{
  return tap_source ("examples/traces/lua-sort.trc", path, 512);
}

/* ---- What it says about itself ---------------------------------------------------- */

static void
test_space (void)
{
  static const char *const wanted =
      "PagePolicy=Open OpenAdaptive Closed ClosedAdaptive;"
      "Scheduler=Fifo FrFcfs FrFcfsGrp;SchedulerBuffer=Bankwise ReadWrite Shared;"
      "RequestBufferSize=1 2 4 8 16 32 64 128;RespQueue=Fifo Reorder;"
      "RefreshPolicy=NoRefresh AllBank;RefreshMaxPostponed=1 2 4 8;"
      "RefreshMaxPulledin=1 2 4 8;Arbiter=Simple Fifo Reorder;"
      "MaxActiveTransactions=1 2 4 8 16 32 64 128;";
  char path[512], text[1024] = "";
  struct bench b = bench_open (recorded (path), NULL);
  size_t n = 0;
  CU_ASSERT_EQUAL (gym_space_cardinality (b.space), 442368);
  for (uint32_t i = 0; i < PARAMS; i++) {
    const struct gym_param *p = gym_space_param (b.space, i);
    CU_ASSERT_PTR_NULL (p->parent);
    n += (size_t)snprintf (text + n, sizeof text - n, "%s=", p->name);
    for (uint32_t k = 0; k < p->n_levels; k++)
      n += (size_t)snprintf (text + n, sizeof text - n, "%s%c", p->levels[k],
                             k + 1 < p->n_levels ? ' ' : ';');
  }
  CU_ASSERT_STRING_EQUAL (text, wanted);
  bench_close (&b);
}

static void
test_metrics (void)
{
  static const struct {
    const char *name, *unit;
    uint32_t sense;
  } wanted[] = {
    { "total_time", "ns", GYM_MINIMISE },     { "latency_mean", "ns", GYM_MINIMISE },
    { "latency_p99", "ns", GYM_MINIMISE },    { "bandwidth", "MB/s", GYM_MAXIMISE },
    { "energy", "nJ", GYM_MINIMISE },         { "energy_activate", "nJ", GYM_MINIMISE },
    { "energy_read", "nJ", GYM_MINIMISE },    { "energy_write", "nJ", GYM_MINIMISE },
    { "energy_refresh", "nJ", GYM_MINIMISE }, { "energy_background", "nJ", GYM_MINIMISE },
    { "power", "mW", GYM_MINIMISE },          { "row_hit_rate", "1", GYM_NEUTRAL }
  };
  char path[512];
  struct bench b = bench_open (recorded (path), NULL);
  const struct gym_fidelities *f = gym_env_fidelities (b.env);
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    int k = gym_env_find_metric (b.env, wanted[i].name, NULL);
    CU_ASSERT_FATAL (k >= 0);
    CU_ASSERT_STRING_EQUAL (gym_env_metrics (b.env)->items[k].unit, wanted[i].unit);
    CU_ASSERT_EQUAL (gym_env_metrics (b.env)->items[k].sense, wanted[i].sense);
  }
  CU_ASSERT_EQUAL_FATAL (f->n, 3);
  for (uint32_t i = 0; i < 3; i++) {
    static const char *const names[] = { "1/16", "1/4", "1" };
    static const double costs[] = { 1. / 16, 1. / 4, 1 };
    CU_ASSERT_STRING_EQUAL (f->items[i].name, names[i]);
    CU_ASSERT_EQUAL (f->items[i].cost, costs[i]);
    CU_ASSERT_PTR_NULL (f->items[i].yields);
  }
  CU_ASSERT_EQUAL (gym_env_entry (b.env)->env->flags & GYM_ENV_NOISY, 0);
  bench_close (&b);
}

/* Tables of the reference must be usable as they are: their design columns are the
 * parameters, and what they carry besides cannot be taken for a misspelt metric. */
static void
test_reference_columns (void)
{
  struct table table = { 0 };
  char path[512];
  if (!tap_reference ("dram/dramsys/random_designs.csv", path, sizeof path)) {
    tap_skip ("no reference data");
    return;
  }
  CU_ASSERT_EQUAL_FATAL (table_read (&table, path), 0);
  struct bench b = bench_open (recorded (path), NULL);
  size_t known = 0;
  for (size_t c = 0; c < table.columns; c++) {
    const char *column = table.cells[c];
    if (gym_space_find (b.space, column, NULL) >= 0) {
      known++;
      continue;
    }
    for (uint32_t i = 0; i < b.m; i++)
      CU_ASSERT (gym_edit_distance (column, gym_env_metrics (b.env)->items[i].name) > 2);
    for (uint32_t i = 0; i < PARAMS; i++)
      CU_ASSERT (gym_edit_distance (column, gym_space_param (b.space, i)->name) > 2);
  }
  CU_ASSERT_EQUAL (known, PARAMS);
  bench_close (&b);
  table_free (&table);
}

/* The options list the parts by name: each of them has to be there. */
static void
test_parts (void)
{
  char path[512], setting[64];
  const struct dram_part *part;
  for (size_t i = 0; (part = dram_part_at (i)) != NULL; i++) {
    snprintf (setting, sizeof setting, "part=%s", part->name);
    struct bench b = bench_open (recorded (path), (const char *[]){ setting, NULL });
    bench_run (&b, "", 0);
    CU_ASSERT_EQUAL (b.status, GYM_TRIAL_OK);
    bench_close (&b);
  }
}

/* A file says the same as the name it came from; a bad one is refused by its line. */
static void
test_part_file (void)
{
  char path[512], setting[600], part[512];
  struct bench b[2];
  snprintf (setting, sizeof setting, "part=%s",
            tap_source ("sims/dram/parts/DDR4-3200.part", part, sizeof part));
  b[0] = bench_open (recorded (path), (const char *[]){ setting, NULL });
  b[1] = bench_open (recorded (path), (const char *[]){ "part=DDR4-3200", NULL });
  for (int i = 0; i < 2; i++)
    bench_run (&b[i], "", 0);
  CU_ASSERT (memcmp (b[0].metrics, b[1].metrics, sizeof b[0].metrics) == 0);
  for (int i = 0; i < 2; i++)
    bench_close (&b[i]);
}

/* ---- Conformance ------------------------------------------------------------------ */

struct sample {
  double designs[SAMPLES * PARAMS], metrics[SAMPLES * METRICS];
  uint32_t fidelities[SAMPLES], statuses[SAMPLES];
};

/* Random designs, the three fidelities in turn. */
static struct sample *
sample_new (const struct bench *b)
{
  struct sample *s = calloc (1, sizeof *s);
  gym_rng rng;
  CU_ASSERT_FATAL (s != NULL);
  gym_rng_init (&rng, 7);
  for (int i = 0; i < SAMPLES; i++) {
    gym_space_sample (b->space, &rng, s->designs + i * PARAMS);
    s->fidelities[i] = (uint32_t)i % 3;
  }
  CU_ASSERT_EQUAL (gym_env_evaluate (b->env, SAMPLES, s->designs, s->fidelities, NULL,
                                     s->metrics, s->statuses, NULL, NULL),
                   GYM_OK);
  return s;
}

static void
check_sums (const struct bench *b)
{
  static const char *const parts[] = { "energy_activate",   "energy_read",
                                       "energy_write",      "energy_refresh",
                                       "energy_background", "energy_pump" };
  double sum = 0;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    sum += value (b, parts[i]);
  expect (b, "energy", sum);
  /* mW x ns = pJ */
  expect (b, "energy", value (b, "power") * value (b, "total_time") / 1000);
  CU_ASSERT (value (b, "row_hit_rate") >= 0 && value (b, "row_hit_rate") <= 1);
  CU_ASSERT (value (b, "latency_mean") > 0);
  CU_ASSERT (value (b, "latency_mean") <= value (b, "response_mean") * (1 + 1e-12));
}

/* All ok and finite, sums right, and bytes over time: 20,000 requests of 64 bytes. */
static void
test_random_designs (void)
{
  char path[512];
  struct bench b = bench_open (recorded (path), NULL);
  struct sample *s = sample_new (&b);
  for (int i = 0; i < SAMPLES; i++) {
    static const double bytes[] = { 1250 * 64, 5000 * 64, 20000 * 64 };
    CU_ASSERT_EQUAL (s->statuses[i], GYM_TRIAL_OK);
    memcpy (b.metrics, s->metrics + (size_t)i * b.m, b.m * sizeof (double));
    for (uint32_t k = 0; k < b.m; k++)
      CU_ASSERT (isfinite (b.metrics[k]));
    check_sums (&b);
    /* MB/s x ns = mB */
    expect (&b, "bandwidth", bytes[i % 3] / value (&b, "total_time") * 1000);
  }
  free (s);
  bench_close (&b);
}

/* The same bits alone and in a batch, in another order, in another instance, whatever
 * the seed. */
static void
test_repeatable (void)
{
  char path[512];
  struct bench b = bench_open (recorded (path), NULL);
  struct bench other = bench_open (path, NULL);
  struct sample *s = sample_new (&b);
  for (size_t i = SAMPLES; i-- > 0;) {
    struct bench *use = i % 2 ? &b : &other;
    uint64_t seed = i;
    CU_ASSERT_EQUAL (gym_env_evaluate (use->env, 1, s->designs + i * PARAMS,
                                       &s->fidelities[i], &seed, use->metrics,
                                       &use->status, NULL, NULL),
                     GYM_OK);
    CU_ASSERT_EQUAL (memcmp (use->metrics, s->metrics + i * b.m, b.m * sizeof (double)),
                     0);
  }
  free (s);
  bench_close (&other);
  bench_close (&b);
}

/* A fidelity is the whole of a shorter trace. */
static void
test_shares (void)
{
  static const char *const designs[] = { "", "PagePolicy=Closed,Arbiter=Reorder",
                                         "RequestBufferSize=1,Scheduler=Fifo" };
  static const char *const shorter[][2] = { { "requests=1250" }, { "requests=5000" } };
  char path[512];
  struct bench whole = bench_open (recorded (path), NULL);
  for (uint32_t f = 0; f < 2; f++) {
    struct bench head = bench_open (path, shorter[f]);
    for (size_t i = 0; i < 3; i++) {
      bench_run (&whole, designs[i], f);
      bench_run (&head, designs[i], 2);
      CU_ASSERT_EQUAL (memcmp (whole.metrics, head.metrics, whole.m * sizeof (double)),
                       0);
    }
    bench_close (&head);
  }
  bench_close (&whole);
}

/* ---- Arithmetic by hand ----------------------------------------------------------- */

/* One read of a closed row: tRCD + CL + BL/2 cycles; DDR4-2400: 17, 17, 4 at 833 ps,
 * DDR3-1600: 10, 10, 4 at 1250 ps. Eight devices, currents of the data files; a row stays
 * open, so nothing is precharged. Metrics in ns, nJ, mW, MB/s. */
static void
test_one_read (void)
{
  char path[256];
  struct bench b = bench_open (write_trace (path, "0: read 0x40\n"), NULL);
  double tck = 0.833, time = 38 * tck, act, read, back;
  act = 1.2 * (48 - 43) * (39 * tck) * 8 / 1000;
  read = 1.2 * (135 - 43) * (4 * tck) * 8 / 1000;
  back = 1.2 * 43 * time * 8 / 1000;
  for (uint32_t f = 0; f < 3; f++) { /* one request is the least share of one */
    bench_run (&b, "", f);
    expect (&b, "total_time", time);
    expect (&b, "latency_mean", time);
    expect (&b, "latency_p99", time);
    expect (&b, "response_mean", time);
    expect (&b, "bandwidth", 64 / time * 1000);
    expect (&b, "energy_activate", act);
    expect (&b, "energy_read", read);
    expect (&b, "energy_write", 0);
    expect (&b, "energy_refresh", 0);
    expect (&b, "energy_background", back);
    expect (&b, "energy_pump", 0);
    expect (&b, "power", (act + read + back) / time * 1000);
    expect (&b, "row_hit_rate", 0);
  }
  bench_close (&b);
  b = bench_open (path, (const char *[]){ "part=DDR3-1600", NULL });
  bench_run (&b, "", 2);
  expect (&b, "latency_mean", 30);
  expect (&b, "bandwidth", 64 / 30e-9 / 1e6);
  expect (&b, "energy", 10.5 + 5.7 + 16.2);
  expect (&b, "power", 1080);
  bench_close (&b);
  help_remove (path);
}

/* A hit is CL + BL/2, a conflict tRP more than a closed row; the trace has one of each,
 * far enough apart. Addresses: the row starts at bit 17 with four groups of four. */
static void
test_hit_and_conflict (void)
{
  char path[256];
  struct bench b = bench_open (write_trace (path, "0: read 0x0\n100: read 0x40\n"
                                                  "200: read 0x20000\n"),
                               NULL);
  bench_run (&b, "", 2);
  expect (&b, "latency_mean", (38 + 21 + 55) * 0.833 / 3);
  expect (&b, "latency_p99", 55 * 0.833);
  expect (&b, "total_time", 255 * 0.833);
  expect (&b, "row_hit_rate", 1. / 3);
  bench_run (&b, "PagePolicy=Closed", 2);
  expect (&b, "latency_mean", 38 * 0.833);
  expect (&b, "row_hit_rate", 0);
  bench_close (&b);
  help_remove (path);
}

/* Of 200 reads one opens the row: the 99th percentile is a hit, the largest is not. */
static void
test_percentile (void)
{
  char path[256], text[200 * 32] = "";
  size_t n = 0;
  for (int i = 0; i < 200; i++)
    n += (size_t)snprintf (text + n, sizeof text - n, "%d: read 0x%x\n", 100 * i,
                           i % 128 * 64);
  struct bench b = bench_open (write_trace (path, text), NULL);
  bench_run (&b, "RefreshPolicy=NoRefresh", 2);
  expect (&b, "latency_mean", (38 + 199 * 21) * 0.833 / 200);
  expect (&b, "latency_p99", 21 * 0.833);
  expect (&b, "response_p99", 21 * 0.833);
  expect (&b, "row_hit_rate", 199. / 200);
  bench_close (&b);
  help_remove (path);
}

/* Two reads of one bank at once and room for one: the second is accepted in cycle 17,
 * when the first leaves the buffer, is precharged for after tRAS = 39 and answered 17 +
 * 17 + 21 cycles later, in cycle 94. The response counts from cycle 0, the latency does
 * not. */
static void
test_response (void)
{
  char path[256];
  struct bench b =
      bench_open (write_trace (path, "0: read 0x0\n0: read 0x20000\n"), NULL);
  bench_run (&b, "RequestBufferSize=1", 2);
  expect (&b, "latency_mean", (38 + 77) * 0.833 / 2);
  expect (&b, "latency_p99", 77 * 0.833);
  expect (&b, "response_mean", (38 + 94) * 0.833 / 2);
  expect (&b, "response_p99", 94 * 0.833);
  bench_close (&b);
  help_remove (path);
}

/* A conflict of 55 cycles and, one cycle later, a closed row of 38 in another bank: in
 * order, the second is answered in the cycle after the first. */
static void
test_resp_queue (void)
{
  char path[256];
  struct bench b = bench_open (write_trace (path, "0: read 0x0\n100: read 0x20000\n"
                                                  "101: read 0x8000\n"),
                               NULL);
  bench_run (&b, "RespQueue=Fifo", 2);
  expect (&b, "latency_mean", (38 + 55 + 38) * 0.833 / 3);
  bench_run (&b, "RespQueue=Reorder", 2);
  expect (&b, "latency_mean", (38 + 55 + 55) * 0.833 / 3);
  bench_close (&b);
  help_remove (path);
}

/* DDR4's second supply: 2.5 V, 4.05 mA over tRC = 55 cycles of the one activation. */
static void
test_pump (void)
{
  char path[256];
  struct bench b = bench_open (write_trace (path, "0: read 0x40\n"),
                               (const char *[]){ "part=DDR4-2400-4Gb", NULL });
  bench_run (&b, "", 2);
  expect (&b, "energy_pump", 2.5 * 4.05 * 55 * 0.833 * 8 / 1000);
  check_sums (&b);
  bench_close (&b);
  help_remove (path);
}

/* Two reads of different banks at cycle 0 with closed traffic: one at a time they are
 * both unloaded; two at a time the second waits for tRRD_L (neighbours in the group). */
static void
test_closed_traffic (void)
{
  char path[256];
  write_trace (path, "0: read 0x0\n900: read 0x8000\n");
  struct bench b =
      bench_open (path, (const char *[]){ "traffic=closed", "in_flight=1", NULL });
  bench_run (&b, "", 2);
  expect (&b, "latency_mean", 38 * 0.833);
  expect (&b, "total_time", (38 + 1 + 38) * 0.833);
  bench_close (&b);
  b = bench_open (path, (const char *[]){ "traffic=closed", "in_flight=2", NULL });
  bench_run (&b, "", 2);
  expect (&b, "total_time", (38 + 6) * 0.833);
  bench_close (&b);
  b = bench_open (path, (const char *[]){ "traffic=open", "in_flight=1", NULL });
  bench_run (&b, "", 2);
  expect (&b, "total_time", (900 + 38) * 0.833);
  bench_close (&b);
  help_remove (path);
}

/* The trace's clock: a read at cycle 300 of 300 MHz is asked for after 1 us. */
static void
test_trace_clock (void)
{
  char path[256];
  write_trace (path, "300: read 0x0\n");
  struct bench b =
      bench_open (path, (const char *[]){ "part=DDR3-1600", "trace_clock=300", NULL });
  bench_run (&b, "", 2);
  expect (&b, "latency_mean", 30);
  expect (&b, "total_time", 1000 + 30); /* 300 x 3333 ps, the next edge of 1250 ps */
  bench_close (&b);
  help_remove (path);
}

/* A trace without a read has no latency of reads; everything else it has. */
static void
test_writes_only (void)
{
  char path[256];
  struct bench b = bench_open (write_trace (path, "0: write 0x0\n9: write 0x40\n"), NULL);
  const struct gym_fidelity *whole = &gym_env_fidelities (b.env)->items[2];
  CU_ASSERT_FATAL (whole->yields != NULL);
  bench_run (&b, "", 2);
  CU_ASSERT_EQUAL (b.status, GYM_TRIAL_OK);
  for (uint32_t i = 0; i < b.m; i++)
    CU_ASSERT_EQUAL (isfinite (b.metrics[i]) != 0, whole->yields[i]);
  CU_ASSERT (isnan (value (&b, "latency_mean")) && isnan (value (&b, "response_p99")));
  /* tRCD + CWL + BL/2, and 2 writes of (IDD4W - IDD3N) for four cycles */
  CU_ASSERT (value (&b, "total_time") > (17 + 12 + 4) * 0.833);
  expect (&b, "energy_write", 2 * 1.2 * (123 - 43) * 4 * 0.833 * 8 / 1000);
  expect (&b, "row_hit_rate", 0.5);
  bench_close (&b);
  b = bench_open (write_trace (path, "0: write 0x0\n9: read 0x40\n"), NULL);
  CU_ASSERT_PTR_NOT_NULL (gym_env_fidelities (b.env)->items[0].yields);
  CU_ASSERT_PTR_NULL (gym_env_fidelities (b.env)->items[2].yields);
  bench_close (&b);
  help_remove (path);
}

/* ---- Set-ups ---------------------------------------------------------------------- */

/* Whether two lists of options give the same bits for a few designs. */
static int
same (const char *trace, const char *const *a, const char *const *b)
{
  static const char *const designs[] = { "", "RequestBufferSize=1,Arbiter=Fifo",
                                         "PagePolicy=ClosedAdaptive,Scheduler=Fifo" };
  struct bench first = bench_open (trace, a), second = bench_open (trace, b);
  int equal = 1;
  for (size_t i = 0; i < 3; i++) {
    bench_run (&first, designs[i], 2);
    bench_run (&second, designs[i], 2);
    equal &= memcmp (first.metrics, second.metrics, first.m * sizeof (double)) == 0;
  }
  bench_close (&first);
  bench_close (&second);
  return equal;
}

/* A set-up is the defaults of the other options, and each option that is given wins. */
static void
test_setups (void)
{
  static const char *const nothing[] = { NULL }, *const archgym[] = { "setup=archgym",
                                                                      NULL };
  static const char *const spelt[] = { "part=DDR3-1600",    "mapping=rbc",
                                       "trace_clock=800",   "traffic=open",
                                       "charge_owed=false", NULL };
  static const char *const undone[] = { "setup=archgym",    "part=DDR4-2400",
                                        "mapping=rkbgc",    "trace_clock=1200.48",
                                        "charge_owed=true", NULL };
  static const char *const faster[] = { "setup=archgym", "part=DDR4-2400", NULL },
                           *const clocked[] = { "setup=archgym", "part=DDR4-2400",
                                                "trace_clock=800", NULL };
  static const char *const changes[][2] = { { "part=DDR4-2400-4Gb", NULL },
                                            { "mapping=rcb", NULL },
                                            { "traffic=closed", NULL },
                                            { "trace_clock=100", NULL },
                                            { "charge_owed=true", NULL } };
  char path[256];
  write_scattered (path, 3000, 5, 3);
  CU_ASSERT (same (path, archgym, spelt));
  CU_ASSERT (same (path, nothing, undone)); /* 833 ps are 1200.48 MHz */
  CU_ASSERT (same (path, faster, clocked));
  CU_ASSERT (!same (path, nothing, archgym));
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    const char *const both[] = { "setup=archgym", changes[i][0], NULL };
    if (same (path, archgym, both))
      tap_note ("%s changes nothing", changes[i][0]);
    CU_ASSERT (!same (path, archgym, both));
  }
  help_remove (path);
}

/* An anchor's queues are its own: whatever a design says of queues changes nothing there,
 * and does elsewhere. Fewer reads in flight take longer. */
static void
test_anchors (void)
{
  static const char *const anchors[] = { "setup=anchor-ddr4", "setup=anchor-ddr3" };
  static const char *const queues[] = { "SchedulerBuffer", "RequestBufferSize",
                                        "RefreshMaxPostponed" };
  char path[256];
  write_scattered (path, 3000, 2, 3);
  for (int a = 0; a < 2; a++) {
    struct bench b = bench_open (path, (const char *[]){ anchors[a], NULL });
    const gym_space *space = gym_env_space (b.env);
    double row[16], usual[32], other[32];
    uint32_t status;
    gym_space_default (space, row);
    gym_env_evaluate (b.env, 1, row, NULL, NULL, usual, &status, NULL, NULL);
    CU_ASSERT_EQUAL (status, GYM_TRIAL_OK);
    for (int q = 0; q < 3; q++) {
      row[gym_space_find (space, queues[q], NULL)] = 0;
      gym_env_evaluate (b.env, 1, row, NULL, NULL, other, &status, NULL, NULL);
      CU_ASSERT_EQUAL (memcmp (usual, other, gym_env_metrics (b.env)->n * sizeof *usual),
                       0);
    }
    uint32_t time = (uint32_t)gym_env_find_metric (b.env, "total_time", NULL);
    struct bench one =
        bench_open (path, (const char *[]){ anchors[a], "in_flight=1", NULL });
    gym_env_evaluate (one.env, 1, row, NULL, NULL, other, &status, NULL, NULL);
    CU_ASSERT (other[time] > 1.2 * usual[time]);
    bench_close (&one);
    bench_close (&b);
  }
  help_remove (path);
}

/* Refreshes put off to the end and beyond: charged, they cost what they would have. The
 * run lasts three intervals of 9360 cycles and is always busy. */
static void
test_charge_owed (void)
{
  char path[256];
  write_scattered (path, 3000, 10, 0);
  struct bench b = bench_open (path, (const char *[]){ "charge_owed=false", NULL });
  struct bench charged = bench_open (path, NULL);
  double each = 1.2 * (250 - 43) * 420 * 0.833 * 8 / 1000, owed;
  bench_run (&b, "", 2);
  bench_run (&charged, "", 2);
  owed = value (&charged, "energy_refresh") / each;
  tap_note ("%g refreshes charged, %g done", owed, value (&b, "energy_refresh") / each);
  CU_ASSERT (owed >= 3);
  CU_ASSERT (fabs (owed - round (owed)) < 1e-9);
  owed -= value (&b, "energy_refresh") / each;
  CU_ASSERT (owed >= 1);
  expect (&charged, "total_time", value (&b, "total_time") + owed * 420 * 0.833);
  bench_close (&b);
  bench_close (&charged);
  help_remove (path);
}

/* ---- Known interactions ----------------------------------------------------------- */

/* Draws designs, fixes one parameter and moves another to every level: whether any metric
 * of any of them changes. */
static bool
changes (struct bench *b, const char *when, const char *level, const char *moved)
{
  int i = gym_space_find (b->space, when, NULL);
  int k = gym_space_find (b->space, moved, NULL);
  double row[PARAMS], first[METRICS] = { 0 };
  bool changed = false;
  gym_rng rng;
  gym_rng_init (&rng, 3);
  for (int n = 0; n < 12; n++) {
    uint32_t fidelity = 1;
    gym_space_sample (b->space, &rng, row);
    CU_ASSERT_EQUAL_FATAL (gym_space_parse (b->space, (uint32_t)i, level, &row[i], NULL),
                           GYM_OK);
    for (uint64_t v = 0; v < gym_space_count (b->space, (uint32_t)k); v++) {
      row[k] = gym_space_value (b->space, (uint32_t)k, v);
      CU_ASSERT_EQUAL (gym_env_evaluate (b->env, 1, row, &fidelity, NULL, b->metrics,
                                         &b->status, NULL, NULL),
                       GYM_OK);
      if (v == 0)
        memcpy (first, b->metrics, sizeof first);
      changed |= memcmp (first, b->metrics, b->m * sizeof (double)) != 0;
    }
  }
  return changed;
}

/* Refreshes are only pulled in where there is idle time: gzip has it. */
static void
test_interactions (void)
{
  static const struct {
    const char *when, *without, *with, *moved, *trace;
  } cases[] = {
    { "Arbiter", "Simple", "Fifo", "MaxActiveTransactions",
      "examples/traces/lua-sort.trc" },
    { "Arbiter", "Simple", "Reorder", "MaxActiveTransactions",
      "examples/traces/lua-sort.trc" },
    { "RefreshPolicy", "NoRefresh", "AllBank", "RefreshMaxPostponed",
      "examples/traces/lua-sort.trc" },
    { "RefreshPolicy", "NoRefresh", "AllBank", "RefreshMaxPulledin",
      "examples/traces/gzip.trc" },
    { "RequestBufferSize", "1", "16", "Scheduler", "examples/traces/lua-sort.trc" },
  };
  char path[512];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    tap_source (cases[i].trace, path, sizeof path);
    struct bench b = bench_open (path, NULL);
    CU_ASSERT (!changes (&b, cases[i].when, cases[i].without, cases[i].moved));
    if (!changes (&b, cases[i].when, cases[i].with, cases[i].moved)) {
      tap_note ("%s does nothing with %s", cases[i].moved, cases[i].with);
      CU_FAIL ("a parameter has no effect");
    }
    bench_close (&b);
  }
}

/* ---- Bad input -------------------------------------------------------------------- */

static void
refused (const char *const *settings, int code, const char *word, const char *word2)
{
  gym_error err = { 0 };
  gym_registry *r = help_registry ();
  gym_settings *s = help_settings (settings);
  gym_env *env = gym_env_open (r, "dram", s, &err);
  CU_ASSERT_PTR_NULL (env);
  CU_ASSERT_EQUAL (err.code, code);
  CU_ASSERT (help_says (&err, word) && help_says (&err, word2));
  gym_env_destroy (&env);
  gym_settings_destroy (&s);
  gym_registry_destroy (&r);
}

static void
test_bad_options (void)
{
  static const struct {
    const char *text;
    const char *word, *word2;
  } cases[] = {
    { "setup=archgim", "setup", "did you mean \"archgym\"" },
    { "mapping=rbx", "option \"mapping\"", "'x' is no field" },
    { "mapping=r=16-20,b=13-15,c=3-12", "option \"mapping\"", "needs" },
    { "traffic=shut", "traffic", "closed" },
    { "in_flight=-1", "in_flight", "0 .. 65536" },
    { "trace_clock=0.0001", "option \"trace_clock\"", "at least 0.001" },
    { "charge_owed=perhaps", "charge_owed", "false" },
    { "requests=-1", "requests", "-1" },
    { "tracs=x", "tracs", "did you mean \"trace\"" },
  };
  char path[512], trace[600];
  snprintf (trace, sizeof trace, "trace=%s", recorded (path));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *const settings[] = { trace, cases[i].text, NULL };
    refused (settings, GYM_EINVAL, cases[i].word, cases[i].word2);
  }
}

static void
test_bad_part (void)
{
  char path[256], setting[300], trace[600], recording[512];
  snprintf (trace, sizeof trace, "trace=%s", recorded (recording));
  refused ((const char *[]){ trace, "part=DDR4-2040", NULL }, GYM_ENOTFOUND,
           "option \"part\"", "did you mean \"DDR4-2400\"");
  write_trace (path, "# a part\n\ntRDC = 1 nCK\n");
  snprintf (setting, sizeof setting, "part=%s", path);
  refused ((const char *[]){ trace, setting, NULL }, GYM_EINVAL, "small.trc:3: unknown",
           "nearest one is tRC");
  help_remove (path);
}

static void
test_bad_trace (void)
{
  char path[256], setting[300];
  write_trace (path, "0: read 0x0\n\n7: reed 0x40\n");
  snprintf (setting, sizeof setting, "trace=%s", path);
  refused ((const char *[]){ setting, NULL }, GYM_EINVAL, "small.trc:3", "reed");
  help_remove (path);
  write_trace (path, "0: read 0x0\n1152921504606846976: read 0x40\n");
  snprintf (setting, sizeof setting, "trace=%s", path);
  refused ((const char *[]){ setting, NULL }, GYM_EINVAL, "small.trc",
           "cycle 1152921504606846976");
  help_remove (path);
  write_trace (path, "# nothing\n");
  snprintf (setting, sizeof setting, "trace=%s", path);
  refused ((const char *[]){ setting, NULL }, GYM_EINVAL, "option \"trace\"",
           "small.trc");
  help_remove (path);
  refused ((const char *[]){ setting, NULL }, GYM_ENOTFOUND, "trace", "small.trc");
  refused (NULL, GYM_EINVAL, "trace", "dram-v1");
}

/* ---- Stopping, detail ------------------------------------------------------------- */

static int asked, last;

/* Wants to stop at question number `last`. */
static bool
cancelled (const struct gym_host *host)
{
  (void)host;
  return ++asked >= last;
}

/* One long design, run by hand so that the wish to stop comes in the middle of it: before
 * the run the env asks once, later every few thousand commands. */
static void
test_cancel (void)
{
  char path[256], setting[300];
  gym_registry *r = help_registry ();
  const struct gym_entry *entry = gym_registry_find (r, GYM_ROLE_ENV, "dram", NULL);
  CU_ASSERT_FATAL (entry != NULL);
  const struct gym_env_class *class = entry->env;
  snprintf (setting, sizeof setting, "trace=%s", write_scattered (path, 30000, 1, 0));
  gym_settings *s = help_settings ((const char *[]){ setting, NULL });
  struct gym_host host = { .struct_size = sizeof host, .cancelled = cancelled };
  for (last = 1; last <= 5; last++) {
    double row[PARAMS] = { 0 }, metrics[METRICS];
    uint32_t fidelity = 2, status = GYM_TRIAL_OK;
    uint64_t seed = 0;
    char note[GYM_NOTE] = "";
    struct gym_batch batch = { .struct_size = sizeof batch,
                               .n_params = PARAMS,
                               .n_metrics = METRICS,
                               .note_size = GYM_NOTE,
                               .n = 1,
                               .designs = row,
                               .fidelities = &fidelity,
                               .seeds = &seed,
                               .metrics = metrics,
                               .statuses = &status,
                               .notes = note };
    gym_error err = { 0 };
    void *self =
        gym_instance_new (class->instance_size, &class->options, s, "dram", &err);
    CU_ASSERT_FATAL (self != NULL);
    CU_ASSERT_EQUAL (class->open (self, &host, &err), GYM_OK);
    asked = 0;
    CU_ASSERT_EQUAL (class->evaluate (self, &batch, &err), GYM_ECANCELLED);
    CU_ASSERT_EQUAL (asked, last);
    class->close (self);
    free (self);
  }
  gym_settings_destroy (&s);
  gym_registry_destroy (&r);
  help_remove (path);
}

struct sums {
  int rows;
  double columns[8];
};

static void
add_row (void *sink, const char *label, const double *values)
{
  struct sums *sums = sink;
  CU_ASSERT_EQUAL (strncmp (label, "rank0.group", 11), 0);
  sums->rows++;
  for (int i = 0; i < 5; i++)
    sums->columns[i] += values[i];
}

/* What the banks did adds up to what the metrics say: activations, closings, bursts at
 * their energies, and hits. */
static void
check_detail (struct bench *b, void *self, const struct gym_detail_1 *detail,
              const char *design)
{
  double row[PARAMS], tck = 0.833, v = 1.2 * 8 / 1000;
  struct sums sums = { 0 };
  CU_ASSERT (gym_design_parse (b->space, design, row, NULL) >= 0);
  bench_run (b, design, 2);
  CU_ASSERT_EQUAL (detail->rows (self, row, 2, 0, add_row, &sums, NULL), GYM_OK);
  CU_ASSERT_EQUAL (sums.rows, 16);
  CU_ASSERT_EQUAL (sums.columns[2] + sums.columns[3], 4000);
  CU_ASSERT_EQUAL (sums.columns[3], 1000);
  expect (b, "energy_activate",
          v * tck * (sums.columns[0] * 5 * 39 + sums.columns[1] * 14 * 17));
  expect (b, "energy_read", v * tck * sums.columns[2] * (135 - 43) * 4);
  expect (b, "energy_write", v * tck * sums.columns[3] * (123 - 43) * 4);
  expect (b, "row_hit_rate", sums.columns[4] / 4000);
}

static void
test_detail (void)
{
  char path[256], setting[300];
  struct bench b = bench_open (write_scattered (path, 4000, 7, 4), NULL);
  const struct gym_env_class *class = gym_env_entry (b.env)->env;
  const struct gym_detail_1 *detail = class->extension ("detail/1");
  snprintf (setting, sizeof setting, "trace=%s", path);
  gym_settings *s = help_settings ((const char *[]){ setting, NULL });
  struct gym_host host = { .struct_size = sizeof host, .cancelled = cancelled };
  struct gym_metrics columns = { .struct_size = sizeof columns };
  void *self = gym_instance_new (class->instance_size, &class->options, s, "dram", NULL);
  CU_ASSERT_FATAL (self != NULL && detail != NULL);
  last = 1000000;
  CU_ASSERT_EQUAL (class->open (self, &host, NULL), GYM_OK);
  CU_ASSERT_EQUAL (detail->columns (self, &columns, NULL), GYM_OK);
  CU_ASSERT_EQUAL (columns.n, 5);
  check_detail (&b, self, detail, "");
  check_detail (&b, self, detail, "PagePolicy=Closed");
  check_detail (&b, self, detail, "PagePolicy=OpenAdaptive,RefreshMaxPostponed=1");
  CU_ASSERT_PTR_NULL (class->extension ("detail/2"));
  class->close (self);
  free (self);
  gym_settings_destroy (&s);
  bench_close (&b);
  help_remove (path);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "space", test_space },
                                           { "metrics", test_metrics },
                                           { "reference columns",
                                             test_reference_columns },
                                           { "parts", test_parts },
                                           { "part files", test_part_file },
                                           { "random designs", test_random_designs },
                                           { "repeatable", test_repeatable },
                                           { "shares", test_shares },
                                           { "one read", test_one_read },
                                           { "hit and conflict", test_hit_and_conflict },
                                           { "percentile", test_percentile },
                                           { "response", test_response },
                                           { "response queue", test_resp_queue },
                                           { "pump", test_pump },
                                           { "closed traffic", test_closed_traffic },
                                           { "trace clock", test_trace_clock },
                                           { "writes only", test_writes_only },
                                           { "set-ups", test_setups },
                                           { "anchors", test_anchors },
                                           { "owed refreshes", test_charge_owed },
                                           { "interactions", test_interactions },
                                           { "bad options", test_bad_options },
                                           { "bad parts", test_bad_part },
                                           { "bad trace", test_bad_trace },
                                           { "stopping", test_cancel },
                                           { "detail", test_detail },
                                           { 0 } };
  return tap_run ("dram", tests);
}
