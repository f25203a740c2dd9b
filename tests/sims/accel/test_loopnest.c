/* The loop-nest model: by hand, against loops that are walked, and by what must hold. */
#include "sims/accel/loopnest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sims/accel/random_case.h"
#include "tests/sims/accel/walker.h"
#include "tests/tap.h"

static uint64_t
seeds (uint64_t every_day)
{
  return getenv ("GYM_LONG") ? 20 * every_day : every_day;
}

static void
evaluate (const struct random_case *c, const struct accel_options *options,
          struct accel_result *r)
{
  struct accel_loopnest model;
  struct accel_error err = { .text = "" };
  int status = accel_loopnest_init (&model, &c->arch, &c->layer, options, &err);
  CU_ASSERT_EQUAL (status, ACCEL_OK);
  if (status != ACCEL_OK)
    tap_note ("%s", err.text);
  accel_loopnest_evaluate (&model, c->splits, r);
}

/* ---- By hand --------------------------------------------------------------------- */

/* A 3 x 3 convolution of 8 x 8 outputs, 4 to 4 channels; buffer and DRAM, one MAC. */
static struct random_case
small_case (void)
{
  struct random_case c = { .layer = accel_layer_unit (ACCEL_CONV) };
  uint32_t *n = c.layer.size;
  n[ACCEL_R] = n[ACCEL_S] = 3;
  n[ACCEL_P] = n[ACCEL_Q] = 8;
  n[ACCEL_C] = n[ACCEL_K] = 4;
  c.arch.level_count = 2;
  c.arch.mac.mesh_x = c.arch.mac.mesh_y = c.arch.mac.word_bits = 1;
  c.arch.level[0] = accel_level_unit ("GLB");
  c.arch.level[1] = accel_level_unit ("DRAM");
  c.splits[0] = c.splits[1] = accel_split_unit ();
  c.splits[0].temporal[ACCEL_R] = c.splits[0].temporal[ACCEL_S] = 3;
  c.splits[0].temporal[ACCEL_P] = 8;
  c.splits[0].temporal[ACCEL_C] = 4;
  c.splits[1].temporal[ACCEL_Q] = 8;
  c.splits[1].temporal[ACCEL_K] = 4;
  /* K inside Q: a step that does not move the input between those that do */
  memcpy (c.splits[1].order, (const uint8_t[]){ 5, 3, 0, 1, 2, 4, 6, 7 }, 8);
  return c;
}

static void
expect_count (const struct accel_count *c, uint64_t tile, uint64_t reads, uint64_t fills,
              uint64_t updates)
{
  CU_ASSERT_EQUAL (c->tile, tile);
  CU_ASSERT_EQUAL (c->reads, reads);
  CU_ASSERT_EQUAL (c->fills, fills);
  CU_ASSERT_EQUAL (c->updates, updates);
}

static void
test_by_hand (void)
{
  struct random_case c = small_case ();
  struct accel_result r;
  evaluate (&c, NULL, &r);
  CU_ASSERT_EQUAL (r.verdict.code, ACCEL_VALID);
  CU_ASSERT_EQUAL (r.cycles, 9216);
  expect_count (&r.level[0].tensor[ACCEL_WEIGHTS], 36, 9216, 1152, 0);
  expect_count (&r.level[0].tensor[ACCEL_INPUTS], 120, 9216, 960, 0);
  expect_count (&r.level[0].tensor[ACCEL_OUTPUTS], 8, 8960, 0, 9216);
  expect_count (&r.level[1].tensor[ACCEL_WEIGHTS], 144, 1152, 0, 0);
  expect_count (&r.level[1].tensor[ACCEL_INPUTS], 400, 960, 0, 0);
  expect_count (&r.level[1].tensor[ACCEL_OUTPUTS], 256, 0, 0, 256);
}

/* The exact rule keeps the two rows that a window shares with the one before. */
static void
test_exact_by_hand (void)
{
  struct random_case c = small_case ();
  struct accel_options exact = { .reuse = ACCEL_REUSE_EXACT };
  struct accel_result r;
  evaluate (&c, &exact, &r);
  expect_count (&r.level[1].tensor[ACCEL_INPUTS], 400, 400, 0, 0);
}

/* Time, energy, leakage and the network of the same mapping, put together by hand. */
static void
test_figures_by_hand (void)
{
  struct random_case c = small_case ();
  struct accel_result r;
  c.arch.mac.energy = 2;
  c.arch.mac.leakage = 0.5;
  c.arch.level[1].read_bw = 0.125; /* 2112 words read in 9216 cycles: 0.229 a cycle */
  c.arch.level[1].block = 7;
  c.arch.level[1].read_energy = 100;
  c.arch.level[1].write_energy = 300;
  c.arch.level[0].leakage = 0.25;
  c.arch.level[1].hop_energy = 10;
  evaluate (&c, NULL, &r);
  CU_ASSERT_EQUAL (r.cycles, 2112 * 8);
  CU_ASSERT_DOUBLE_EQUAL (r.utilization, 9216.0 / (2112 * 8), 1e-15);
  CU_ASSERT_DOUBLE_EQUAL (r.level[1].accesses, 100 * (165 + 138) + 300 * 37, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (r.level[1].network, 10 * (1152 + 960 + 256), 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (r.level[0].leakage, 0.25 * 2112 * 8, 1e-9);
  CU_ASSERT_DOUBLE_EQUAL (r.energy,
                          2 * 9216 + (0.5 + 0.25) * 2112 * 8 + r.level[1].accesses
                              + r.level[1].network,
                          1e-6);
}

/* ---- Against the walk ------------------------------------------------------------ */

static bool
same_counts (const struct accel_result *a, const struct accel_result *b, uint32_t levels)
{
  bool same = a->mac_cycles == b->mac_cycles && a->mac_instances == b->mac_instances;
  for (uint32_t i = 0; i < levels; i++) {
    same = same && a->level[i].instances == b->level[i].instances;
    for (int t = 0; t < ACCEL_TENSORS; t++) {
      const struct accel_count *x = &a->level[i].tensor[t], *y = &b->level[i].tensor[t];
      same = same && x->tile == y->tile && x->partition == y->partition
             && x->reads == y->reads && x->fills == y->fills && x->updates == y->updates;
    }
  }
  return same;
}

static void
note_counts (const struct accel_result *a, const struct accel_result *b, uint32_t levels)
{
  for (uint32_t i = 0; i < levels; i++) {
    for (int t = 0; t < ACCEL_TENSORS; t++) {
      const struct accel_count *x = &a->level[i].tensor[t], *y = &b->level[i].tensor[t];
      tap_note ("level%u %s: %llu %llu %llu %llu %llu, walked %llu %llu %llu %llu %llu",
                i, accel_tensor_names[t], (unsigned long long)x->tile,
                (unsigned long long)x->partition, (unsigned long long)x->reads,
                (unsigned long long)x->fills, (unsigned long long)x->updates,
                (unsigned long long)y->tile, (unsigned long long)y->partition,
                (unsigned long long)y->reads, (unsigned long long)y->fills,
                (unsigned long long)y->updates);
    }
  }
}

static void
expect_walk (enum accel_reuse reuse)
{
  struct accel_options options = { .reuse = reuse, .check_fanout = true };
  unsigned failed = 0;
  for (uint64_t seed = 0; seed < seeds (2000) && failed < 3; seed++) {
    struct random_case c;
    struct accel_result ours, walked;
    bool same;
    random_case_make (&c, seed);
    evaluate (&c, &options, &ours);
    walk (&c.layer, c.splits, c.arch.level_count, reuse, &walked);
    same = ours.verdict.code == ACCEL_VALID
           && same_counts (&ours, &walked, c.arch.level_count);
    failed += !same;
    CU_ASSERT (same);
    if (!same) {
      tap_note ("seed %llu", (unsigned long long)seed);
      random_case_print (&c);
      note_counts (&ours, &walked, c.arch.level_count);
    }
  }
}

static void
test_walk_timeloop (void)
{
  expect_walk (ACCEL_REUSE_TIMELOOP);
}

static void
test_walk_same_step (void)
{
  expect_walk (ACCEL_REUSE_SAME_STEP);
}

static void
test_walk_exact (void)
{
  expect_walk (ACCEL_REUSE_EXACT);
}

/* Accepted mappings do every multiplication once, rejected factors do not. */
static void
test_walk_covers (void)
{
  for (uint64_t seed = 0; seed < seeds (500); seed++) {
    struct random_case c;
    struct accel_result r;
    random_case_make (&c, seed);
    if (seed % 2)
      c.splits[0].temporal[seed / 2 % ACCEL_DIMS] *= 2;
    evaluate (&c, NULL, &r);
    CU_ASSERT_EQUAL (r.verdict.code, seed % 2 ? ACCEL_FACTORS : ACCEL_VALID);
    CU_ASSERT_EQUAL (walk_covers (&c.layer, c.splits, c.arch.level_count), !(seed % 2));
    CU_ASSERT (seed % 2 || r.macs == accel_layer_macs (&c.layer));
  }
}

/* ---- What must hold -------------------------------------------------------------- */

static void
swap_dims (struct random_case *c, int a, int b)
{
  uint32_t size = c->layer.size[a];
  c->layer.size[a] = c->layer.size[b];
  c->layer.size[b] = size;
  for (uint32_t i = 0; i < c->arch.level_count; i++) {
    struct accel_split *s = &c->splits[i];
    uint32_t temporal = s->temporal[a];
    uint16_t x = s->x[a], y = s->y[a];
    s->temporal[a] = s->temporal[b], s->temporal[b] = temporal;
    s->x[a] = s->x[b], s->x[b] = x;
    s->y[a] = s->y[b], s->y[b] = y;
    for (int k = 0; k < ACCEL_DIMS; k++)
      s->order[k] = (uint8_t)(s->order[k] == a ? b : s->order[k] == b ? a : s->order[k]);
  }
}

/* Width and height under each other's name change nothing. */
static void
test_mirrored (void)
{
  for (uint64_t seed = 0; seed < seeds (1000); seed++) {
    struct random_case c, mirrored;
    struct accel_result a, b;
    random_case_make (&c, seed);
    mirrored = c;
    swap_dims (&mirrored, ACCEL_R, ACCEL_S);
    swap_dims (&mirrored, ACCEL_P, ACCEL_Q);
    mirrored.layer.stride_w = c.layer.stride_h,
    mirrored.layer.stride_h = c.layer.stride_w;
    mirrored.layer.dilation_w = c.layer.dilation_h;
    mirrored.layer.dilation_h = c.layer.dilation_w;
    evaluate (&c, NULL, &a);
    evaluate (&mirrored, NULL, &b);
    CU_ASSERT (same_counts (&a, &b, c.arch.level_count) && a.energy == b.energy);
  }
}

/* A GEMM and its transpose: rows for columns, weights for inputs. */
static void
test_transposed (void)
{
  for (uint64_t seed = 0; seed < seeds (1000); seed++) {
    struct random_case c, other;
    struct accel_result a, b;
    random_case_make (&c, seed);
    if (c.layer.kind != ACCEL_GEMM || c.layer.size[ACCEL_N] * c.layer.size[ACCEL_Q] != 1)
      continue;
    other = c;
    swap_dims (&other, ACCEL_P, ACCEL_K);
    for (uint32_t i = 0; i < c.arch.level_count; i++) {
      unsigned k = c.splits[i].keep;
      other.splits[i].keep = (uint8_t)((k & 4) | (k & 1) << 1 | (k & 2) >> 1);
    }
    evaluate (&c, NULL, &a);
    evaluate (&other, NULL, &b);
    for (uint32_t i = 0; i < c.arch.level_count; i++) {
      struct accel_count swap = b.level[i].tensor[0];
      b.level[i].tensor[0] = b.level[i].tensor[1];
      b.level[i].tensor[1] = swap;
    }
    CU_ASSERT (same_counts (&a, &b, c.arch.level_count));
  }
}

/* More bandwidth, on any port of any level, is never slower. */
static void
test_bandwidth (void)
{
  for (uint64_t seed = 0; seed < seeds (1000); seed++) {
    struct random_case c;
    struct accel_result before, after;
    struct accel_level *l;
    double *port[3];
    random_case_make (&c, seed);
    l = &c.arch.level[seed % c.arch.level_count];
    port[0] = &l->read_bw, port[1] = &l->write_bw, port[2] = &l->shared_bw;
    evaluate (&c, NULL, &before);
    *port[seed % 3] *= 1.25;
    evaluate (&c, NULL, &after);
    CU_ASSERT (after.cycles <= before.cycles);
    CU_ASSERT (after.cycles >= after.mac_cycles);
    CU_ASSERT (same_counts (&before, &after, c.arch.level_count));
  }
}

/* Keeping more words never moves more of them. */
static void
test_reuse_order (void)
{
  struct accel_options options = { .reuse = ACCEL_REUSE_EXACT };
  for (uint64_t seed = 0; seed < seeds (1000); seed++) {
    struct random_case c;
    struct accel_result exact, step;
    random_case_make (&c, seed);
    options.reuse = ACCEL_REUSE_EXACT;
    evaluate (&c, &options, &exact);
    options.reuse = ACCEL_REUSE_SAME_STEP;
    evaluate (&c, &options, &step);
    for (uint32_t i = 0; i < c.arch.level_count; i++) {
      for (int t = 0; t < ACCEL_TENSORS; t++)
        CU_ASSERT (exact.level[i].tensor[t].fills <= step.level[i].tensor[t].fills);
    }
  }
}

/* A capacity that holds the tiles to the word is enough, one word less is not. */
static void
test_capacity (void)
{
  for (uint64_t seed = 0; seed < seeds (500); seed++) {
    struct random_case c;
    struct accel_result r;
    uint64_t words = 0;
    uint32_t i;
    random_case_make (&c, seed);
    i = (uint32_t)(seed % c.arch.level_count);
    evaluate (&c, NULL, &r);
    for (int t = 0; t < ACCEL_TENSORS; t++)
      words += r.level[i].tensor[t].tile;
    if (words < 2)
      continue;
    c.arch.level[i].multiple_buffering = 1;
    c.arch.level[i].entries = words;
    evaluate (&c, NULL, &r);
    CU_ASSERT_EQUAL (r.verdict.code, ACCEL_VALID);
    c.arch.level[i].entries = words - 1;
    evaluate (&c, NULL, &r);
    CU_ASSERT_EQUAL (r.verdict.code, ACCEL_CAPACITY);
    CU_ASSERT_EQUAL (r.verdict.level, (int)i);
    CU_ASSERT (r.verdict.have == words && r.verdict.limit == words - 1);
  }
}

enum { BATCH = 64 };

static void
test_batch (void)
{
  static struct accel_split splits[BATCH * ACCEL_LEVELS_MAX];
  for (uint64_t seed = 0; seed < seeds (50); seed++) {
    struct random_case c;
    struct accel_loopnest model;
    struct accel_result r;
    double cycles[BATCH], energy[BATCH], utilization[BATCH];
    uint8_t verdict[BATCH];
    struct accel_scores scores = {
      .cycles = cycles, .energy = energy, .utilization = utilization, .verdict = verdict
    };
    random_case_make (&c, seed);
    CU_ASSERT_EQUAL (accel_loopnest_init (&model, &c.arch, &c.layer, NULL, NULL),
                     ACCEL_OK);
    for (uint64_t k = 0; k < BATCH; k++) {
      random_case_remap (&c, seed * BATCH + k);
      memcpy (&splits[k * model.level_count], c.splits,
              model.level_count * sizeof *c.splits);
    }
    accel_loopnest_batch (&model, splits, BATCH, &scores);
    for (int k = 0; k < BATCH; k++) {
      accel_loopnest_evaluate (&model, &splits[(unsigned)k * model.level_count], &r);
      CU_ASSERT_EQUAL (verdict[k], r.verdict.code);
      if (r.verdict.code == ACCEL_VALID) {
        CU_ASSERT (cycles[k] == (double)r.cycles && energy[k] == r.energy
                   && utilization[k] == r.utilization);
      } else {
        CU_ASSERT (isnan (cycles[k]) && isnan (energy[k]) && isnan (utilization[k]));
      }
    }
    scores = (struct accel_scores){ .cycles = NULL };
    accel_loopnest_batch (&model, splits, BATCH, &scores);
  }
}

/* ---- Verdicts -------------------------------------------------------------------- */

static void
expect_verdict (const struct random_case *c, const struct accel_options *options,
                enum accel_verdict_code code, const char *text)
{
  struct accel_loopnest model;
  struct accel_result r;
  char line[256];
  CU_ASSERT_EQUAL (accel_loopnest_init (&model, &c->arch, &c->layer, options, NULL), 0);
  accel_loopnest_evaluate (&model, c->splits, &r);
  accel_verdict_text (&model, &r.verdict, line, sizeof line);
  CU_ASSERT_EQUAL (r.verdict.code, code);
  CU_ASSERT_STRING_EQUAL (line, text);
  if (strcmp (line, text) != 0)
    tap_note ("%s", line);
}

static void
test_mapping_verdicts (void)
{
  struct random_case c = small_case ();
  expect_verdict (&c, NULL, ACCEL_VALID, "valid");
  c.splits[1].temporal[ACCEL_K] = 3;
  expect_verdict (&c, NULL, ACCEL_FACTORS,
                  "the factors of K multiply to 3, not to its size 4");
  c.splits[1].temporal[ACCEL_K] = 0;
  expect_verdict (&c, NULL, ACCEL_FACTORS,
                  "the factors of K multiply to 0, not to its size 4");
  c = small_case ();
  c.splits[1].order[0] = ACCEL_R;
  expect_verdict (&c, NULL, ACCEL_FACTORS,
                  "the order of a level's loops is no permutation");
  c = small_case ();
  c.splits[1].keep = 6, c.splits[0].keep = 6;
  expect_verdict (&c, NULL, ACCEL_HOMELESS, "no level keeps Weights");
  c.splits[0].keep = 1;
  expect_verdict (&c, NULL, ACCEL_HOMELESS,
                  "level GLB is the outermost that keeps Weights, but holds 36 words of "
                  "1152 it would get from outside");
  c = small_case ();
  c.arch.level[0].entries = 163;
  expect_verdict (&c, NULL, ACCEL_CAPACITY,
                  "level GLB: tiles of 164 words in 163, Inputs the largest");
}

/* K 4 across the MACs, first beyond one limit, then beyond another. */
static void
test_mesh_verdicts (void)
{
  struct random_case c = small_case ();
  struct accel_options strict = { .check_fanout = true };
  c.splits[1].temporal[ACCEL_K] = 1;
  c.splits[0].x[ACCEL_K] = 4;
  expect_verdict (&c, NULL, ACCEL_INSTANCES,
                  "level MACs: the mapping needs 4 instances, there are 1");
  c.arch.mac.mesh_x = c.arch.mac.mesh_y = 2;
  expect_verdict (&c, NULL, ACCEL_MESH_X,
                  "level MACs: the mapping needs 4 columns of the mesh, there are 2");
  c.splits[0].x[ACCEL_K] = 1;
  c.splits[0].y[ACCEL_K] = 4;
  expect_verdict (&c, NULL, ACCEL_MESH_Y,
                  "level MACs: the mapping needs 4 rows of the mesh, there are 2");
  c.arch.mac.mesh_y = 4;
  c.arch.level[0].mesh_y = 4;
  expect_verdict (&c, NULL, ACCEL_VALID, "valid");
  expect_verdict (&c, &strict, ACCEL_FANOUT_Y,
                  "level GLB: the mapping needs 4 rows of the fan-out, there are 1");
  c.splits[0].y[ACCEL_K] = 1;
  c.splits[1].y[ACCEL_K] = 4;
  expect_verdict (&c, &strict, ACCEL_VALID, "valid");
}

/* Whatever the bytes of a mapping are, it is answered. */
static void
test_garbage (void)
{
  uint64_t random = 1;
  for (uint64_t seed = 0; seed < seeds (2000); seed++) {
    struct random_case c;
    struct accel_result r;
    unsigned char *bytes = (unsigned char *)c.splits;
    random_case_make (&c, seed);
    for (uint32_t k = 1 + random_below (&random, 8); k-- > 0;)
      bytes[random_below (&random, c.arch.level_count * (uint32_t)sizeof *c.splits)] =
          (unsigned char)random_below (&random, 4);
    evaluate (&c, NULL, &r);
    CU_ASSERT (r.verdict.code < ACCEL_VERDICTS && r.verdict.code != ACCEL_CONSERVATION);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "by hand", .run = test_by_hand },
    { .name = "exact by hand", .run = test_exact_by_hand },
    { .name = "figures by hand", .run = test_figures_by_hand },
    { .name = "walk, as Timeloop", .run = test_walk_timeloop },
    { .name = "walk, same step", .run = test_walk_same_step },
    { .name = "walk, exact", .run = test_walk_exact },
    { .name = "walk covers", .run = test_walk_covers },
    { .name = "mirrored", .run = test_mirrored },
    { .name = "transposed", .run = test_transposed },
    { .name = "bandwidth", .run = test_bandwidth },
    { .name = "reuse order", .run = test_reuse_order },
    { .name = "capacity", .run = test_capacity },
    { .name = "batch", .run = test_batch },
    { .name = "verdicts of mappings", .run = test_mapping_verdicts },
    { .name = "verdicts of meshes", .run = test_mesh_verdicts },
    { .name = "garbage", .run = test_garbage },
    { 0 },
  };
  return tap_run ("accel loop nest", tests);
}
