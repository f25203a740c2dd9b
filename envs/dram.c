/* dram.c - the environments dram-v1 and dram-full-v1: memory controllers and their
 * devices on a trace, in ArchGym's space and in a larger one.
 *
 * The simulator is sims/dram; dram/space.c and dram/full.c say what a design is,
 * dram/setup.c what else a run needs. Here is what ties them to the gym. */
#include "envs/dram/full.h"
#include "envs/dram/setup.h"
#include "envs/dram/space.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SIXTEENTH, QUARTER, WHOLE, FIDELITIES };

/* Commands between two looks at the host's wish to stop: about a millisecond. */
enum { LOOK_PERIOD = 4096 };

struct dram_env {
  struct dram_env_choice choice;
  const char *trace_path;
  int64_t requests;

  const struct gym_host *host;
  struct dram_config config; /* without a design */
  struct dram_full full;     /* of dram-full */
  bool is_full;
  struct dram_trace trace;
  struct dram_sim *sim;
  struct gym_fidelity fidelities[FIDELITIES];
  uint8_t yields[FIDELITIES][DRAM_ENV_METRICS];

  atomic_bool stop; /* what the simulator looks at */
  uint32_t patience;
};

/* What a set-up decides has a value that means "not given", so that whatever a user does
 * give wins: a bool or a part without such a value could not be told from its default. */
#define CHOICE(member) offsetof (struct dram_env, choice.member)

static const struct gym_option options[] = {
  { .name = "trace",
    .doc = "The requests: a text file of lines \"CYCLE: read|write 0xADDR\", \"0xADDR "
           "READ|WRITE CYCLE\" or \"LD|ST 0xADDR\" (one a cycle), or a binary one that "
           "`gym trace` made of it.",
    .type = GYM_OPTION_FILE,
    .flags = GYM_OPTION_REQUIRED,
    .offset = offsetof (struct dram_env, trace_path) },
  { .name = "setup",
    .doc = "A named set-up, told above: what the options below mean when they say "
           "\"setup\", and trace_clock when it is 0.",
    .type = GYM_OPTION_ENUM,
    .offset = CHOICE (setup),
    .choices = dram_env_setups,
    .initial = "default" },
  { .name = "part",
    .doc = "The DRAM devices of a channel: geometry, timings and currents, by name or "
           "from a part file (those of the names are installed in share/archgym/parts, "
           "each figure with its source).",
    .type = GYM_OPTION_FILE,
    .offset = CHOICE (part),
    .choices = dram_env_parts,
    .initial = "setup" },
  { .name = "traffic",
    .doc =
        "open: requests come at the cycles of the trace; closed: as soon as fewer than "
        "in_flight are unanswered, whatever the trace says.",
    .type = GYM_OPTION_ENUM,
    .offset = CHOICE (traffic),
    .choices = dram_env_traffics,
    .initial = "setup" },
  { .name = "in_flight",
    .doc = "Unanswered requests at a time with closed traffic, unanswered reads with an "
           "anchor's; open traffic ignores it. 0: the set-up's, 4, or no limit to an "
           "anchor's.",
    .type = GYM_OPTION_INT,
    .offset = CHOICE (in_flight),
    .low = 0,
    .high = DRAM_ACTIVE_MAX,
    .initial = "0" },
  { .name = "trace_clock",
    .unit = "MHz",
    .doc = "Clock in which the trace's cycles count and requests are offered; 0: the "
           "set-up's, which by default is the command clock of the part.",
    .type = GYM_OPTION_REAL,
    .offset = CHOICE (trace_clock),
    .low = 0,
    .high = 1e6,
    .initial = "0" },
  { .name = "charge_owed",
    .doc = "Whether refreshes still postponed at the end cost their time and energy; "
           "without, postponing is a loophole in runs of a few refresh intervals.",
    .type = GYM_OPTION_ENUM,
    .offset = CHOICE (charge_owed),
    .choices = dram_env_owed,
    .initial = "setup" },
  { .name = "requests",
    .doc = "Use only so many requests from the start of the trace; 0: all.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct dram_env, requests),
    .low = 0,
    .high = 1e12,
    .initial = "0" },
  /* the last: dram-full has a parameter instead */
  { .name = "mapping",
    .doc =
        "Which address bits are row, rank, bank, group and column: letters from the "
        "most significant field down (rkbgc; with C, c is the columns of a burst and C "
        "the others; b^r: exclusive or with row bits), or bit lists "
        "(r=16-29,b=13-15,c=3-12; 13^17 is an exclusive or).",
    .type = GYM_OPTION_TEXT,
    .offset = CHOICE (mapping),
    .initial = "setup" },
};

/* ---- Opening --------------------------------------------------------------------- */

/* Heads of the trace, not samples of it: leaving requests out would change the very
 * locality that page policies and schedulers live on. Time is proportional to requests,
 * hence the costs. */
static const struct gym_fidelity shares[FIDELITIES] = {
  [SIXTEENTH] = { .name = "1/16",
                  .doc = "The first sixteenth of the requests.",
                  .cost = 1. / 16 },
  [QUARTER] = { .name = "1/4", .doc = "The first quarter.", .cost = 1. / 4 },
  [WHOLE] = { .name = "1", .doc = "The whole trace.", .cost = 1 },
};

/* The share of the trace that a fidelity plays, at least one request. */
static size_t
head_count (const struct dram_env *env, uint32_t fidelity)
{
  static const size_t parts[FIDELITIES] = { 16, 4, 1 };
  size_t n = env->trace.count, part = parts[fidelity];
  return n / part + (n % part != 0);
}

/* A head without a read has no latencies: its fidelity says so, instead of failing every
 * design. */
static void
set_fidelities (struct dram_env *env)
{
  for (uint32_t f = 0; f < FIDELITIES; f++) {
    size_t reads = 0, n = head_count (env, f);
    env->fidelities[f] = shares[f];
    for (size_t i = 0; i < n && reads == 0; i++)
      reads += !env->trace.requests[i].write;
    for (int m = 0; m < DRAM_ENV_METRICS; m++)
      env->yields[f][m] = reads > 0 || !dram_env_needs_reads ((enum dram_env_metric)m);
    if (reads == 0)
      env->fidelities[f].yields = env->yields[f];
  }
}

/* The whole trace is read once; every evaluation then plays a head of it in place. The
 * reader takes any 63-bit cycle, the simulator does not: better said now than by each
 * design. */
static int
read_trace (struct dram_env *env, gym_error *err)
{
  struct dram_error why;
  if (dram_trace_read (&env->trace, env->trace_path, (size_t)env->requests, &why) != 0)
    return gym_fail (err, GYM_EINVAL, "option \"trace\": %s", why.text);
  uint64_t last = env->trace.requests[env->trace.count - 1].cycle;
  if (last > DRAM_CYCLE_MAX)
    return gym_fail (
        err, GYM_EINVAL,
        "option \"trace\": %s: the last of %zu requests is for cycle %" PRIu64
        ", at most %" PRIu64 " can be simulated",
        env->trace_path, env->trace.count, last, DRAM_CYCLE_MAX);
  return GYM_OK;
}

static int
dram_open (void *self, const struct gym_host *host, gym_error *err)
{
  struct dram_env *env = self;
  struct dram_error why;
  if (!env->choice.mapping)
    env->choice.mapping = "setup";
  int rc = dram_env_set_up (&env->choice, &env->config, err);
  env->host = host;
  if (rc < 0 || (rc = read_trace (env, err)) < 0)
    return rc;
  env->sim = dram_sim_new (&why);
  if (!env->sim)
    return gym_fail (err, GYM_ENOMEM, "%s", why.text);
  set_fidelities (env);
  return GYM_OK;
}

static int
dram_full_open (void *self, const struct gym_host *host, gym_error *err)
{
  struct dram_env *env = self;
  int rc = dram_open (self, host, err);
  env->is_full = true;
  if (rc == GYM_OK)
    dram_full_init (&env->full, &env->config);
  return rc;
}

static void
dram_close (void *self)
{
  struct dram_env *env = self;
  dram_trace_free (&env->trace);
  dram_sim_destroy (&env->sim);
}

static int
dram_space (void *self, struct gym_params *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = dram_env_params ();
  return GYM_OK;
}

static int
dram_full_space (void *self, struct gym_params *out, gym_error *err)
{
  struct dram_env *env = self;
  (void)err;
  *out = (struct gym_params)GYM_ARRAY (gym_params, env->full.params);
  return GYM_OK;
}

static int
dram_metrics (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = dram_env_metrics ();
  return GYM_OK;
}

static int
dram_fidelities (void *self, struct gym_fidelities *out, gym_error *err)
{
  struct dram_env *env = self;
  (void)err;
  *out = (struct gym_fidelities)GYM_ARRAY (gym_fidelities, env->fidelities);
  return GYM_OK;
}

/* ---- Evaluation ------------------------------------------------------------------ */

/* The host says through a call whether to stop, the simulator looks at a flag, and the
 * command log is where this thread comes by while a run goes on. */
static void
look (void *user, const struct dram_command *command)
{
  struct dram_env *env = user;
  (void)command;
  if (env->patience-- > 0)
    return;
  env->patience = LOOK_PERIOD;
  if (env->host->cancelled (env->host))
    atomic_store_explicit (&env->stop, true, memory_order_relaxed);
}

static struct dram_config
configured (const struct dram_env *env, const double *row)
{
  struct dram_config config = env->config;
  if (env->is_full)
    dram_full_configure (&env->full, row, &config);
  else
    dram_env_configure (row, &config);
  return config;
}

/* One design on one share of the trace; `log` is called with `user` for each command. */
static int
play (struct dram_env *env, const double *row, uint32_t fidelity, dram_log_fn *log,
      void *user, struct dram_result *result, struct dram_error *why)
{
  struct dram_config config = configured (env, row);
  struct dram_run_options run = { .cancel = &env->stop, .log = log, .log_user = user };
  atomic_store_explicit (&env->stop, env->host->cancelled (env->host),
                         memory_order_relaxed);
  env->patience = LOOK_PERIOD;
  return dram_sim_run (env->sim, &config, env->trace.requests, head_count (env, fidelity),
                       &run, result, why);
}

/* Every design is feasible; the simulator fails for lack of memory alone, once the
 * configuration was checked in `open`, and then says so in the row's note. */
static int
dram_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  struct dram_env *env = self;
  for (size_t i = 0; i < batch->n; i++) {
    struct dram_result result;
    struct dram_error why;
    int rc = play (env, batch->designs + i * batch->n_params, batch->fidelities[i], look,
                   env, &result, &why);
    if (rc == DRAM_CANCELLED)
      return gym_fail (err, GYM_ECANCELLED, "%s", why.text);
    if (rc == DRAM_OK) {
      dram_env_report (&result, batch->metrics + i * batch->n_metrics);
      continue;
    }
    batch->statuses[i] = GYM_TRIAL_FAILED;
    if (batch->note_size > 0)
      snprintf (batch->notes + i * batch->note_size, batch->note_size, "%s", why.text);
  }
  return GYM_OK;
}

/* ---- Extension detail/1: what each bank did --------------------------------------- */

enum { ACTIVATES, PRECHARGES, READS, WRITES, ROW_HITS, BANK_COLUMNS };

static const struct gym_metric bank_columns[BANK_COLUMNS] = {
  [ACTIVATES] = { .name = "activates", .unit = "1", .doc = "Rows opened." },
  [PRECHARGES] = { .name = "precharges",
                   .unit = "1",
                   .doc = "Rows closed: by a precharge of the bank or of all banks, or "
                          "automatically after an access." },
  [READS] = { .name = "reads", .unit = "1", .doc = "Read bursts." },
  [WRITES] = { .name = "writes", .unit = "1", .doc = "Write bursts." },
  [ROW_HITS] = { .name = "row_hits",
                 .unit = "1",
                 .doc = "Bursts that are not the first after their row was opened." },
};

struct bank_tally {
  double values[BANK_COLUMNS];
  bool open, used; /* used: a burst since the row was opened */
};

struct tally {
  struct dram_env *env;
  uint32_t group_banks, rank_banks;
  uint32_t channel_banks;
  struct bank_tally *banks;
};

/* An open bank closes once, whoever closes it: a precharge of all banks does nothing to
 * the closed ones, and energy is spent on those that do close. */
static void
tally_close (struct bank_tally *bank)
{
  bank->values[PRECHARGES] += bank->open;
  bank->open = false;
}

static void
tally_burst (struct bank_tally *bank, enum dram_command_kind kind)
{
  bool write = kind == DRAM_CMD_WR || kind == DRAM_CMD_WRA;
  bank->values[write ? WRITES : READS]++;
  bank->values[ROW_HITS] += bank->used;
  bank->used = true;
  if (kind == DRAM_CMD_RDA || kind == DRAM_CMD_WRA)
    tally_close (bank);
}

static void
tally_command (void *user, const struct dram_command *c)
{
  struct tally *tally = user;
  struct bank_tally *first =
      tally->banks + c->channel * tally->channel_banks + c->rank * tally->rank_banks;
  struct bank_tally *bank = first + c->bank_group * tally->group_banks + c->bank;
  look (tally->env, c);
  if (c->request == DRAM_NO_REQUEST && c->kind != DRAM_CMD_PREA && c->kind != DRAM_CMD_PRE
      && c->kind != DRAM_CMD_PRESB)
    return;
  if (c->kind == DRAM_CMD_ACT) {
    bank->values[ACTIVATES]++;
    bank->open = true;
    bank->used = false;
  } else if (c->kind == DRAM_CMD_PRE) {
    tally_close (bank);
  } else if (c->kind == DRAM_CMD_PREA) {
    for (uint32_t i = 0; i < tally->rank_banks; i++)
      tally_close (first + i);
  } else if (c->kind == DRAM_CMD_PRESB) {
    for (uint32_t i = c->bank; i < tally->rank_banks; i += tally->group_banks)
      tally_close (first + i);
  } else {
    tally_burst (bank, c->kind);
  }
}

static int
detail_columns (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, bank_columns);
  return GYM_OK;
}

/* "rank0.group1.bank2", with the channel in front where there can be several. */
static void
emit_bank (const struct dram_env *env, const struct tally *tally, uint32_t bank,
           void (*emit) (void *sink, const char *label, const double *values), void *sink)
{
  uint32_t in_channel = bank % tally->channel_banks;
  uint32_t in_rank = in_channel % tally->rank_banks;
  char label[96], channel[32] = "";
  if (env->is_full)
    snprintf (channel, sizeof channel, "channel%" PRIu32 ".",
              bank / tally->channel_banks);
  snprintf (label, sizeof label, "%srank%" PRIu32 ".group%" PRIu32 ".bank%" PRIu32,
            channel, in_channel / tally->rank_banks, in_rank / tally->group_banks,
            in_rank % tally->group_banks);
  emit (sink, label, tally->banks[bank].values);
}

/* Runs the design again with a log that keeps count: a row per bank costs evaluations
 * that nobody looks into nothing. */
static int
detail_rows (void *self, const double *design, uint32_t fidelity, uint64_t seed,
             void (*emit) (void *sink, const char *label, const double *values),
             void *sink, gym_error *err)
{
  struct dram_env *env = self;
  struct dram_config config = configured (env, design);
  struct tally tally = { .env = env,
                         .group_banks = config.part.org.banks,
                         .rank_banks = dram_part_banks (&config.part) };
  struct dram_result result;
  struct dram_error why;
  (void)seed;
  tally.channel_banks = config.ranks * tally.rank_banks;
  tally.banks = calloc (config.channels * tally.channel_banks, sizeof *tally.banks);
  if (!tally.banks)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the figures of the banks");
  int rc = play (env, design, fidelity, tally_command, &tally, &result, &why);
  for (uint32_t i = 0; rc == DRAM_OK && i < config.channels * tally.channel_banks; i++)
    emit_bank (env, &tally, i, emit, sink);
  free (tally.banks);
  if (rc != DRAM_OK)
    return gym_fail (err, rc == DRAM_CANCELLED ? GYM_ECANCELLED : GYM_EFAILED, "%s",
                     why.text);
  return GYM_OK;
}

static const struct gym_detail_1 detail = { .struct_size = sizeof detail,
                                            .columns = detail_columns,
                                            .rows = detail_rows };

static const void *
dram_extension (const char *name)
{
  return strcmp (name, "detail/1") == 0 ? &detail : NULL;
}

/* ---- The class ------------------------------------------------------------------- */

static const struct gym_env_class dram_class = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "dram-v1",
  .summary = "a DDR memory controller on a trace of requests",
  .doc =
      "One channel of DRAM, command by command: bank machines with all timings between "
      "commands, request buffers, page policies, schedulers, refresh with postponing and "
      "pulling in, an arbiter, and energy from the devices' currents. A design is a "
      "controller; the space is that of ArchGym's memory-controller search, 442,368 "
      "designs, with its names and levels. It is flat although some parameters matter "
      "only under others (MaxActiveTransactions with Arbiter Fifo or Reorder, the "
      "refresh "
      "counters with AllBank): searches published over it count those designs as "
      "different, and agents are to meet the same plateaus.\n"
      "Latency counts from the moment the controller accepts a read, so a controller "
      "that "
      "keeps requests waiting outside looks fast; response counts from the moment the "
      "trace asks. A share of the trace without reads yields neither. Results depend on "
      "design, options and fidelity alone. Extension detail/1 counts what each bank "
      "did.\n"
      "Set-ups: `default` is DDR4-2400, mapping rkbgc, open traffic in cycles of the "
      "part, owed refreshes charged; `archgym` is DDR3-1600 (a DIMM of eight 1 Gb x8 "
      "devices), mapping rbc, open traffic at 800 MHz, owed refreshes not charged; "
      "`anchor-ddr4` and `anchor-ddr3` are the comparison with DRAMsim3 and Ramulator 2: "
      "DDR4-2400 with mapping rbgc or DDR3-1600-4Gb with rbc, read and write queues of "
      "32 of their own, writes drained from 26 down to 6, a row closed after four column "
      "commands when an older request waits, in_flight counting reads alone, refreshes "
      "on time and owed ones not charged, so that SchedulerBuffer, "
      "RequestBufferSize, RefreshMaxPostponed and RefreshMaxPulledin have no effect. An "
      "option that is given wins over the set-up.",
  .source =
      "Rules and names of the policies: Steiner et al., DRAMSys4.0: An Open-Source "
      "Simulation Framework for In-Depth DRAM Analyses, IJPP 2022. Space: Krishnan et "
      "al., "
      "ArchGym: An Open-Source Gymnasium for Machine Learning Assisted Architecture "
      "Design, ISCA 2023. Timings and IDD loops: JEDEC JESD79-3 (DDR3), JESD79-4 (DDR4) "
      "and the data files and sheets named in each part file.",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .space = "parameters of a memory controller",
             .cost = "simulation, command by command" },
  .instance_size = sizeof (struct dram_env),
  .open = dram_open,
  .close = dram_close,
  .space = dram_space,
  .metrics = dram_metrics,
  .fidelities = dram_fidelities,
  .evaluate = dram_evaluate,
  .extension = dram_extension,
};

static const struct gym_env_class dram_full_class = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "dram-full-v1",
  .summary = "memory controllers with mapping, channels, refresh kinds and rests",
  .doc =
      "The simulator of `dram` with all it can vary: besides the ten parameters of that "
      "space the address mapping, channels and ranks, refreshes of single banks or in "
      "fractions where the part has them, a cap on row hits, write draining by "
      "watermarks, power-down and self-refresh after idle time. Parameters that matter "
      "only under others are conditional, and levels that the part does not have are "
      "left out, so the space depends on option part; its default design is that of "
      "`dram`.\n"
      "Channels take their requests out of the trace by address and are independent: "
      "in_flight and MaxActiveTransactions count for each of them, total_time is that of "
      "the last one done, counts and energies are sums. Rests cost the time to wake up "
      "and spend the devices' IDD2P, IDD3P and IDD6, which energy_background includes. "
      "Set-ups give part, clock, traffic and whether owed refreshes are charged; all "
      "else "
      "is the design's.\n"
      "Extension detail/1 counts what each bank did.",
  .source =
      "As `dram`; refreshes of some banks and their order: the same simulator's "
      "managers, "
      "after JESD79-4, JESD79-5, JESD209-4 and JESD235. Hashed bank numbers: Zhang, Zhu "
      "and Zhang, A Permutation-based Page Interleaving Scheme, MICRO 2000. Time-outs "
      "before power-down: Hur and Lin, A Comprehensive Approach to DRAM Power "
      "Management, "
      "HPCA 2008. Cap on row hits: Mutlu and Moscibroda, Stall-Time Fair Memory Access "
      "Scheduling, MICRO 2007.",
  .options = { .struct_size = sizeof (struct gym_options),
               .n = sizeof options / sizeof options[0] - 1,
               .stride = sizeof options[0],
               .items = options },
  .place = { .space = "parameters of a memory controller and channel",
             .cost = "simulation, command by command" },
  .instance_size = sizeof (struct dram_env),
  .open = dram_full_open,
  .close = dram_close,
  .space = dram_full_space,
  .metrics = dram_metrics,
  .fidelities = dram_fidelities,
  .evaluate = dram_evaluate,
  .extension = dram_extension,
};

static const struct gym_env_class *const classes[] = { &dram_class, &dram_full_class,
                                                       NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "dram",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "memory controllers",
  .envs = classes,
};
