/* The checker of command logs: every rule by a log made by hand, at its limit and one
 * cycle short of it; logs of the simulator, which it must accept; and logs of a simulator
 * whose part has one timing a cycle too short, which it must not. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sims/dram/check.h"
#include "tests/sims/dram/random_case.h"
#include "tests/tap.h"

/* ---- Logs made by hand ---- */

enum { STEPS_MAX = 8, ROW = 5 };

struct step {
  uint64_t cycle; /* of the last step: ignored */
  enum dram_command_kind kind;
  uint32_t rank, group, bank;
};

/* The last command may come `distance` cycles after command number `from`, no earlier. */
struct example {
  const char *rule;
  size_t count, from;
  uint64_t distance;
  struct step steps[STEPS_MAX];
};

/* DDR4-2400 (CL 17, CWL 12, tRCD and tRP 17, tRAS 39) with another AL, tRC, tCCD_S, tWR
 * and tRTRS, so that each distance below is the one that decides. */
static void
example_config (struct dram_config *config) {
  struct dram_part part = *dram_part_find ("DDR4-2400");
  part.timing.trc = 58;
  part.timing.tccd_s = 5;
  part.timing.al = 2;
  part.timing.twr = 20;
  part.timing.trtrs = 4;
  dram_config_default (config, &part);
  config->ranks = 2;
}

#define A DRAM_CMD_ACT
#define P DRAM_CMD_PRE
#define PA DRAM_CMD_PREA
#define R DRAM_CMD_RD
#define RA DRAM_CMD_RDA
#define W DRAM_CMD_WR
#define WA DRAM_CMD_WRA

static const struct example examples[] = {
  { "command bus", 2, 0, 1, { { 9, A, 0, 0, 0 }, { 0, A, 1, 0, 0 } } },
  { "tRC", 3, 0, 58, { { 0, A, 0, 0, 0 }, { 39, P, 0, 0, 0 }, { 0, A, 0, 0, 0 } } },
  { "tRP", 3, 1, 17, { { 0, A, 0, 0, 0 }, { 80, P, 0, 0, 0 }, { 0, A, 0, 0, 0 } } },
  { "tRP", 3, 1, 17, { { 0, A, 0, 0, 0 }, { 80, PA, 0, 0, 0 }, { 0, A, 0, 3, 3 } } },
  { "tRAS", 2, 0, 39, { { 0, A, 0, 0, 0 }, { 0, P, 0, 0, 0 } } },
  { "tRAS", 3, 1, 39, { { 0, A, 0, 0, 0 }, { 9, A, 0, 1, 0 }, { 0, PA, 0, 0, 0 } } },
  { "tRCD", 2, 0, 15, { { 0, A, 0, 0, 0 }, { 0, R, 0, 0, 0 } } },
  { "tRCD", 2, 0, 15, { { 0, A, 0, 0, 0 }, { 0, WA, 0, 0, 0 } } },
  { "tRRD_L", 2, 0, 6, { { 0, A, 0, 0, 0 }, { 0, A, 0, 0, 1 } } },
  { "tRRD_S", 2, 0, 4, { { 0, A, 0, 0, 0 }, { 0, A, 0, 1, 0 } } },
  { "tFAW", 5, 0, 26,
    { { 3, A, 0, 0, 0 }, { 9, A, 0, 1, 0 }, { 14, A, 0, 2, 0 }, { 20, A, 0, 3, 0 },
      { 0, A, 0, 0, 1 } } },
  { "tCCD_L", 4, 2, 6,
    { { 0, A, 0, 0, 0 }, { 6, A, 0, 0, 1 }, { 40, R, 0, 0, 0 }, { 0, RA, 0, 0, 1 } } },
  { "tCCD_S", 4, 2, 5,
    { { 0, A, 0, 0, 0 }, { 6, A, 0, 1, 0 }, { 40, RA, 0, 0, 0 }, { 0, R, 0, 1, 0 } } },
  { "tCCD_L", 3, 1, 6, { { 0, A, 0, 0, 0 }, { 40, W, 0, 0, 0 }, { 0, W, 0, 0, 0 } } },
  { "tCCD_S", 4, 2, 5,
    { { 0, A, 0, 0, 0 }, { 6, A, 0, 1, 0 }, { 40, W, 0, 0, 0 }, { 0, WA, 0, 1, 0 } } },
  { "tWTR_L", 4, 2, 12 + 4 + 9,
    { { 0, A, 0, 0, 0 }, { 6, A, 0, 0, 1 }, { 40, W, 0, 0, 0 }, { 0, R, 0, 0, 1 } } },
  { "tWTR_S", 4, 2, 12 + 4 + 3,
    { { 0, A, 0, 0, 0 }, { 6, A, 0, 1, 0 }, { 40, WA, 0, 0, 0 }, { 0, RA, 0, 1, 0 } } },
  { "turnaround", 3, 1, 17 + 4 + 2 - 12,
    { { 0, A, 0, 0, 0 }, { 40, R, 0, 0, 0 }, { 0, W, 0, 0, 0 } } },
  { "tRTRS", 4, 2, 4 + 4,
    { { 0, A, 0, 0, 0 }, { 6, A, 1, 0, 0 }, { 40, R, 0, 0, 0 }, { 0, R, 1, 0, 0 } } },
  { "tRTRS", 4, 2, 4 + 4,
    { { 0, A, 0, 0, 0 }, { 6, A, 1, 0, 0 }, { 40, W, 0, 0, 0 }, { 0, WA, 1, 0, 0 } } },
  { "tRTRS", 4, 2, 17 + 4 + 4 - 12,
    { { 0, A, 0, 0, 0 }, { 6, A, 1, 0, 0 }, { 40, R, 0, 0, 0 }, { 0, W, 1, 0, 0 } } },
  { "tRTRS", 4, 2, 12 + 4 + 4 - 17,
    { { 0, A, 0, 0, 0 }, { 6, A, 1, 0, 0 }, { 40, W, 0, 0, 0 }, { 0, R, 1, 0, 0 } } },
  { "tRTP", 3, 1, 2 + 9, { { 0, A, 0, 0, 0 }, { 40, R, 0, 0, 0 }, { 0, P, 0, 0, 0 } } },
  { "tRTP", 4, 2, 2 + 9,
    { { 0, A, 0, 0, 0 }, { 9, A, 0, 1, 0 }, { 60, RA, 0, 0, 0 }, { 0, PA, 0, 0, 0 } } },
  { "tRTP", 3, 1, 2 + 9 + 17,
    { { 0, A, 0, 0, 0 }, { 60, RA, 0, 0, 0 }, { 0, A, 0, 0, 0 } } },
  { "tWR", 3, 1, 2 + 12 + 4 + 20,
    { { 0, A, 0, 0, 0 }, { 40, W, 0, 0, 0 }, { 0, P, 0, 0, 0 } } },
  { "tWR", 4, 2, 2 + 12 + 4 + 20,
    { { 0, A, 0, 0, 0 }, { 9, A, 0, 1, 0 }, { 60, WA, 0, 0, 0 }, { 0, PA, 0, 0, 0 } } },
  { "tWR", 3, 1, 2 + 12 + 4 + 20 + 17,
    { { 0, A, 0, 0, 0 }, { 40, WA, 0, 0, 0 }, { 0, A, 0, 0, 0 } } },
  { "tWR", 3, 1, 12 + 4 + 20 - 9,
    { { 0, A, 0, 0, 0 }, { 40, W, 0, 0, 0 }, { 0, RA, 0, 0, 0 } } },
};

static struct dram_command
command_of (const struct step *s, uint64_t cycle) {
  bool of_rank = s->kind == PA || s->kind == DRAM_CMD_REF;
  return (struct dram_command) { .cycle = cycle, .kind = s->kind, .rank = s->rank,
                                 .bank_group = s->group, .bank = s->bank,
                                 .row = of_rank ? 0 : ROW };
}

static void
play_example (const struct dram_config *config, const struct example *e, bool short_of) {
  struct dram_check *check = dram_check_new (config, NULL);
  uint64_t last = e->steps[e->from].cycle + e->distance - short_of;
  char text[512] = "accepted";
  CU_ASSERT_PTR_NOT_NULL_FATAL (check);
  for (size_t i = 0; i < e->count; i++) {
    struct dram_command c =
      command_of (&e->steps[i], i + 1 < e->count ? e->steps[i].cycle : last);
    (void) dram_check_command (check, &c);
  }
  const struct dram_violation *v = dram_check_violation (check);
  if (v != NULL)
    dram_violation_text (v, text, sizeof text);
  bool right = short_of ? v != NULL && strcmp (v->rule, e->rule) == 0 &&
                            v->required == (int64_t) e->distance &&
                            v->actual == v->required - 1 && v->later.cycle == last
                        : v == NULL;
  if (!right)
    tap_note ("%s at %s: %s", e->rule, short_of ? "one cycle less" : "its limit", text);
  CU_ASSERT (right);
  dram_check_destroy (&check);
}

static void
test_distances (void) {
  struct dram_config config;
  example_config (&config);
  for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
    play_example (&config, &examples[i], false);
    play_example (&config, &examples[i], true);
  }
}

/* Refresh distances need a refresh that is due: times from tREFI = 9360 on. */
static const struct example refresh_examples[] = {
  { "tRFC", 2, 0, 420, { { 9360, DRAM_CMD_REF, 0, 0, 0 }, { 0, A, 0, 0, 0 } } },
  { "tRFC", 2, 0, 420,
    { { 9360, DRAM_CMD_REF, 0, 0, 0 }, { 0, DRAM_CMD_REF, 0, 0, 0 } } },
  { "tRP", 3, 1, 17,
    { { 9300, A, 0, 0, 0 }, { 9380, P, 0, 0, 0 }, { 0, DRAM_CMD_REF, 0, 0, 0 } } },
  { "tRP", 3, 1, 17,
    { { 9300, A, 0, 0, 0 }, { 9380, PA, 0, 0, 0 }, { 0, DRAM_CMD_REF, 0, 0, 0 } } },
  { "tRC", 3, 0, 58,
    { { 9400, A, 0, 0, 0 }, { 9439, P, 0, 0, 0 }, { 0, DRAM_CMD_REF, 0, 0, 0 } } },
  { "tRTP", 3, 1, 2 + 9 + 17,
    { { 9300, A, 0, 0, 0 }, { 9380, RA, 0, 0, 0 }, { 0, DRAM_CMD_REF, 0, 0, 0 } } },
  { "tWR", 3, 1, 2 + 12 + 4 + 20 + 17,
    { { 9300, A, 0, 0, 0 }, { 9380, WA, 0, 0, 0 }, { 0, DRAM_CMD_REF, 0, 0, 0 } } },
};

static void
test_refresh_distances (void) {
  struct dram_config config;
  example_config (&config);
  for (size_t i = 0; i < sizeof refresh_examples / sizeof refresh_examples[0]; i++) {
    play_example (&config, &refresh_examples[i], false);
    play_example (&config, &refresh_examples[i], true);
  }
}

/* ---- State ---- */

struct state_example {
  const char *rule;
  size_t count;
  struct dram_command steps[4];
};

static const struct state_example state_examples[] = {
  { "closed bank", 2, { { .kind = A, .row = 5 }, { .cycle = 90, .kind = A, .row = 5 } } },
  { "closed bank", 2,
    { { .kind = A, .cycle = 9300 }, { .cycle = 9500, .kind = DRAM_CMD_REF } } },
  { "open row", 1, { { .kind = R } } },
  { "open row", 2, { { .kind = A, .row = 5 }, { .cycle = 90, .kind = R, .row = 6 } } },
  { "open row", 3,
    { { .kind = A }, { .cycle = 90, .kind = RA }, { .cycle = 200, .kind = R } } },
  { "open row", 3,
    { { .kind = A }, { .cycle = 90, .kind = PA }, { .cycle = 200, .kind = WA } } },
  { "open row", 2, { { .kind = A, .row = 5 }, { .cycle = 90, .kind = P, .row = 6 } } },
  { "open row", 1, { { .kind = P } } },
  { "open row", 1, { { .kind = PA } } },
  { "place", 1, { { .kind = A, .rank = 2 } } },
  { "place", 1, { { .kind = A, .bank_group = 4 } } },
  { "place", 1, { { .kind = A, .bank = 4 } } },
  { "place", 1, { { .kind = A, .row = 65536 } } },
  { "place", 1, { { .kind = R, .column = 1024 } } },
  { "place", 1, { { .kind = DRAM_CMD_COUNT } } },
  { NULL, 3, { { .kind = A }, { .cycle = 90, .kind = P }, { .cycle = 200, .kind = A } } },
};

static void
test_state (void) {
  struct dram_config config;
  example_config (&config);
  for (size_t i = 0; i < sizeof state_examples / sizeof state_examples[0]; i++) {
    const struct state_example *e = &state_examples[i];
    struct dram_check *check = dram_check_new (&config, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL (check);
    for (size_t k = 0; k < e->count; k++)
      CU_ASSERT_EQUAL (dram_check_command (check, &e->steps[k]),
                       e->rule != NULL && k + 1 == e->count ? -1 : 0);
    const struct dram_violation *v = dram_check_violation (check);
    CU_ASSERT_EQUAL (v != NULL, e->rule != NULL);
    if (v != NULL && e->rule != NULL)
      CU_ASSERT_STRING_EQUAL (v->rule, e->rule);
    dram_check_destroy (&check);
  }
}

/* ---- The refresh bounds ---- */

static const char *
rule_of_refreshes (const struct dram_config *config, const uint64_t *cycles, size_t n,
                   uint32_t rank, uint64_t end) {
  struct dram_check *check = dram_check_new (config, NULL);
  const char *rule = NULL;
  CU_ASSERT_PTR_NOT_NULL_FATAL (check);
  for (size_t i = 0; i < n; i++) {
    struct dram_command ref = { .cycle = cycles[i], .kind = DRAM_CMD_REF, .rank = rank };
    (void) dram_check_command (check, &ref);
  }
  (void) dram_check_end (check, end);
  if (dram_check_violation (check) != NULL)
    rule = dram_check_violation (check)->rule;
  dram_check_destroy (&check);
  return rule;
}

static bool
is_rule (const char *rule, const char *expected) {
  return rule != NULL && strcmp (rule, expected) == 0;
}

static void
test_refresh_debt (void) {
  struct dram_config config;
  static const uint64_t pulled[] = { 1000, 1420, 1840, 2260, 3000 };
  static const uint64_t early[] = { 999 }, too_many[] = { 1000, 1420, 1840, 2260, 2999 };
  example_config (&config);
  config.ranks = 1;
  config.part.timing.trefi = 1000;
  config.refresh_max_pulledin = 2;
  config.refresh_max_postponed = 3;
  CU_ASSERT (is_rule (rule_of_refreshes (&config, early, 1, 0, 1000), "tREFI early"));
  CU_ASSERT_PTR_NULL (rule_of_refreshes (&config, pulled, 5, 0, 3500));
  CU_ASSERT (is_rule (rule_of_refreshes (&config, too_many, 5, 0, 3500), "tREFI early"));
  /* the first, once three are owed, is forced at 4000; it can take tRC (58, or else the
   * longest way to a precharge and tRP), and two cycles a rank for the command bus */
  uint64_t slack = 58 + 2;
  CU_ASSERT_PTR_NULL (rule_of_refreshes (&config, NULL, 0, 0, 4000 + slack));
  CU_ASSERT (is_rule (rule_of_refreshes (&config, NULL, 0, 0, 4000 + slack + 1),
                      "tREFI late"));
  CU_ASSERT_PTR_NULL (rule_of_refreshes (&config, pulled, 1, 0, 5000 + slack));
  CU_ASSERT (is_rule (rule_of_refreshes (&config, pulled, 1, 0, 5000 + slack + 1),
                      "tREFI late"));
  config.refresh_policy = DRAM_REFRESH_NOREFRESH;
  CU_ASSERT_PTR_NULL (rule_of_refreshes (&config, NULL, 0, 0, 1000000));
  CU_ASSERT (is_rule (rule_of_refreshes (&config, pulled, 1, 0, 1000),
                      "unasked refresh"));
}

/* Four ranks take turns: rank 1 is second in the bit-reversed order of 0 2 1 3, counted
 * from the end of the interval. */
static void
test_refresh_stagger (void) {
  struct dram_config config;
  static const uint64_t at[] = { 500 }, before[] = { 499 };
  example_config (&config);
  config.ranks = 4;
  config.part.timing.trefi = 1000;
  CU_ASSERT_PTR_NULL (rule_of_refreshes (&config, at, 1, 1, 600));
  CU_ASSERT (is_rule (rule_of_refreshes (&config, before, 1, 1, 600), "tREFI early"));
}

/* ---- Logs of the simulator ---- */

/* The rule that the simulator's log of `c` breaks when the checker goes by `truth`. */
static const char *
rule_broken (struct dram_sim *sim, const struct random_case *c,
             const struct dram_config *truth, bool talk) {
  struct dram_check *check = dram_check_new (truth, NULL);
  struct dram_run_options options = { .log = dram_check_log, .log_user = check };
  struct dram_result result;
  struct dram_error error = { "" };
  const char *rule = NULL;
  char text[512];
  CU_ASSERT_PTR_NOT_NULL_FATAL (check);
  int status = dram_sim_run (sim, &c->config, c->requests, c->count, &options, &result,
                             &error);
  CU_ASSERT_EQUAL (status, DRAM_OK);
  if (status != DRAM_OK)
    tap_note ("%s", error.text);
  uint64_t owed = 0; /* the charged time behind the last answer has no commands */
  for (uint32_t k = 0; k < result.ranks; k++) {
    if (result.rank[k].refreshes_owed > owed)
      owed = result.rank[k].refreshes_owed;
  }
  (void) dram_check_end (check, result.cycles - owed * c->config.part.timing.trfc);
  const struct dram_violation *v = dram_check_violation (check);
  if (v != NULL) {
    rule = v->rule;
    if (talk)
      tap_note ("%s", dram_violation_text (v, text, sizeof text));
  }
  dram_check_destroy (&check);
  return rule;
}

static void
test_accepts (void) {
  static struct random_case c;
  struct dram_sim *sim = dram_sim_new (NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (sim);
  for (uint64_t seed = 0; seed < 1000; seed++) {
    random_case_make (&c, seed);
    const char *rule = rule_broken (sim, &c, &c.config, true);
    CU_ASSERT_PTR_NULL (rule);
    if (rule != NULL) {
      tap_note ("seed %" PRIu64, seed);
      random_case_print (&c);
      break;
    }
  }
  dram_sim_destroy (&sim);
}

#define TIMING(field, rule) { #field, rule, offsetof (struct dram_timing, field) }
static const struct timing_name {
  const char *name, *rule; /* rule: one of those that have to notice */
  size_t offset;
} timings[] = {
  TIMING (cl, "turnaround"),  TIMING (cwl, "tWTR_L"),    TIMING (al, "tRTP"),
  TIMING (trcd, "tRCD"),      TIMING (trp, "tRP"),       TIMING (tras, "tRAS"),
  TIMING (trc, "tRC"),        TIMING (trrd_s, "tRRD_S"), TIMING (trrd_l, "tRRD_L"),
  TIMING (tfaw, "tFAW"),      TIMING (tccd_s, "tCCD_S"), TIMING (tccd_l, "tCCD_L"),
  TIMING (twtr_s, "tWTR_S"),  TIMING (twtr_l, "tWTR_L"), TIMING (twr, "tWR"),
  TIMING (trtp, "tRTP"),      TIMING (trtrs, "tRTRS"),   TIMING (trfc, "tRFC"),
  TIMING (trefi, "tREFI early")
};

static uint32_t *
timing_field (struct dram_config *config, const struct timing_name *t) {
  return (uint32_t *) (void *) ((char *) &config->part.timing + t->offset);
}

/* The part with the timing one cycle longer, and the others moved as far as needed for
 * one cycle less to be a legal part again: the simulator then runs with that. */
static void
lengthen (struct dram_config *config, const struct timing_name *t) {
  struct dram_timing *timing = &config->part.timing;
  ++*timing_field (config, t);
  if (timing->tras < timing->trcd)
    timing->tras = timing->trcd;
  if (timing->trc < timing->tras + timing->trp)
    timing->trc = timing->tras + timing->trp;
  if (timing->trrd_l < timing->trrd_s)
    timing->trrd_l = timing->trrd_s;
  if (timing->tccd_l < timing->tccd_s)
    timing->tccd_l = timing->tccd_s;
  if (timing->twtr_l < timing->twtr_s)
    timing->twtr_l = timing->twtr_s;
  if (timing->trcd <= timing->al)
    timing->al = timing->trcd - 1;
  timing->trefi += 100;
}

struct catches {
  unsigned logs, caught;
  const char *rules[32]; /* the different ones */
  size_t kinds;
};

static size_t
place_of_rule (const struct catches *k, const char *rule) {
  size_t i = 0;
  while (i < k->kinds && strcmp (k->rules[i], rule) != 0)
    i++;
  return i;
}

static void
note_rule (struct catches *k, const char *rule) {
  size_t i = place_of_rule (k, rule);
  k->caught++;
  if (i == k->kinds && i < sizeof k->rules / sizeof k->rules[0])
    k->rules[k->kinds++] = rule;
}

static void
mutate_and_check (struct dram_sim *sim, const struct timing_name *t, uint64_t seed,
                  struct catches *k) {
  static struct random_case c;
  struct dram_config truth;
  random_case_make (&c, seed);
  lengthen (&c.config, t);
  truth = c.config;
  --*timing_field (&c.config, t);
  if (dram_config_check (&truth, NULL) != 0 || dram_config_check (&c.config, NULL) != 0)
    return;
  const char *rule = rule_broken (sim, &c, &truth, false);
  k->logs++;
  if (rule != NULL)
    note_rule (k, rule);
}

static void
report (const char *name, const struct catches *k) {
  char rules[400] = "";
  size_t n = 0;
  for (size_t i = 0; i < k->kinds && n < sizeof rules; i++)
    n += (size_t) snprintf (rules + n, sizeof rules - n, "%s%s", i > 0 ? ", " : "",
                            k->rules[i]);
  tap_note ("%-6s one cycle short: %u of %u logs caught, by %s", name, k->caught, k->logs,
            rules);
}

static void
test_mutations (void) {
  struct dram_sim *sim = dram_sim_new (NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (sim);
  for (size_t i = 0; i < sizeof timings / sizeof timings[0]; i++) {
    struct catches k = { 0 };
    for (uint64_t seed = 0; seed < 400; seed++)
      mutate_and_check (sim, &timings[i], seed, &k);
    report (timings[i].name, &k);
    CU_ASSERT (k.logs > 300);
    CU_ASSERT (place_of_rule (&k, timings[i].rule) < k.kinds);
  }
  dram_sim_destroy (&sim);
}

/* Also a simulator that postpones or pulls in one refresh too many. */
static void
test_refresh_mutations (void) {
  static struct random_case c;
  struct dram_sim *sim = dram_sim_new (NULL);
  unsigned late = 0, early = 0;
  CU_ASSERT_PTR_NOT_NULL_FATAL (sim);
  for (uint64_t seed = 0; seed < 200; seed++) {
    random_case_make (&c, seed);
    struct dram_config truth = c.config;
    c.config.refresh_max_postponed++;
    late += is_rule (rule_broken (sim, &c, &truth, false), "tREFI late");
    c.config.refresh_max_postponed--;
    c.config.refresh_max_pulledin++;
    early += is_rule (rule_broken (sim, &c, &truth, false), "tREFI early");
  }
  tap_note ("one too many: postponed caught in %u logs, pulled in %u", late, early);
  CU_ASSERT (late > 0);
  CU_ASSERT (early > 0);
  dram_sim_destroy (&sim);
}

/* A log with one command left out is no log of a working controller. */
static void
test_missing_command (void) {
  static struct random_case c;
  struct dram_sim *sim = dram_sim_new (NULL);
  struct command_log log = { 0 };
  struct dram_run_options options = { .log = command_log_append, .log_user = &log };
  struct dram_result result;
  unsigned caught = 0, left_out = 0;
  CU_ASSERT_PTR_NOT_NULL_FATAL (sim);
  for (uint64_t seed = 0; seed < 20; seed++) {
    random_case_make (&c, seed);
    log.count = 0;
    CU_ASSERT_EQUAL (dram_sim_run (sim, &c.config, c.requests, c.count, &options, &result,
                                   NULL), DRAM_OK);
    for (size_t skip = 0; skip < log.count; skip += 7) {
      struct dram_check *check = dram_check_new (&c.config, NULL);
      CU_ASSERT_PTR_NOT_NULL_FATAL (check);
      for (size_t i = 0; i < log.count; i++) {
        if (i != skip)
          (void) dram_check_command (check, &log.commands[i]);
      }
      bool opens = log.commands[skip].kind == DRAM_CMD_ACT;
      caught += opens && dram_check_violation (check) != NULL;
      left_out += opens;
      dram_check_destroy (&check);
    }
  }
  tap_note ("%u of %u missing ACT caught", caught, left_out);
  CU_ASSERT (left_out > 100);
  CU_ASSERT (caught * 10 > left_out * 9); /* the rest was closed by a PREA */
  command_log_free (&log);
  dram_sim_destroy (&sim);
}

/* ---- The rest of the interface ---- */

static void
test_text (void) {
  struct dram_config config;
  struct dram_command act = { .cycle = 7, .kind = A, .rank = 1, .row = 5 };
  struct dram_command rd = { .cycle = 21, .kind = R, .rank = 1, .row = 5, .column = 8 };
  char text[512];
  example_config (&config);
  struct dram_check *check = dram_check_new (&config, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (check);
  CU_ASSERT_EQUAL (dram_check_command (check, &act), 0);
  CU_ASSERT_PTR_NULL (dram_check_violation (check));
  CU_ASSERT_EQUAL (dram_check_command (check, &rd), -1);
  rd.cycle = 900; /* the first violation stays */
  CU_ASSERT_EQUAL (dram_check_command (check, &rd), -1);
  CU_ASSERT_EQUAL (dram_check_end (check, 950), -1);
  CU_ASSERT_STRING_EQUAL (
    dram_violation_text (dram_check_violation (check), text, sizeof text),
    "tRCD: RD of rank 1 group 0 bank 0 row 5 column 8 at cycle 21; after ACT of rank 1 "
    "group 0 bank 0 row 5 column 0 at cycle 7; required 15, actual 14");
  dram_check_destroy (&check);
  CU_ASSERT_PTR_NULL (check);
  dram_check_destroy (&check);
}

static void
test_refuses_configurations (void) {
  struct dram_config config;
  struct dram_error error = { "" };
  example_config (&config);
  config.ranks = 3;
  CU_ASSERT_PTR_NULL (dram_check_new (&config, &error));
  CU_ASSERT_PTR_NOT_NULL (strstr (error.text, "ranks"));
  config.ranks = 8;
  CU_ASSERT_PTR_NULL (dram_check_new (&config, &error));
  config.ranks = 2;
  config.part.timing.trc = 1;
  CU_ASSERT_PTR_NULL (dram_check_new (&config, &error));
  CU_ASSERT_PTR_NOT_NULL (strstr (error.text, "tRC"));
}

int
main (void) {
  static const struct tap_test tests[] = {
    { "every distance at its limit and below", test_distances },
    { "every distance of refresh", test_refresh_distances },
    { "states and places", test_state },
    { "refresh debt", test_refresh_debt },
    { "refresh stagger of ranks", test_refresh_stagger },
    { "text of a violation", test_text },
    { "refused configurations", test_refuses_configurations },
    { "accepts the simulator's logs", test_accepts },
    { "catches every timing one cycle short", test_mutations },
    { "catches one refresh too many", test_refresh_mutations },
    { "catches a missing ACT", test_missing_command },
    { 0 }
  };
  return tap_run ("dram-check", tests);
}
