/* Where a parameter of the ten only matters under another it is conditional here, unlike
 * in the flat space: an agent is spared the plateaus.  Scheduler needs a choice of two
 * requests, MaxActiveTransactions an arbiter that counts, the refresh counters refreshes.
 *
 * Parents stand before their children, which is why the order is not the flat space's. */
#include "envs/dram/full.h"

#include "envs/dram/space.h"
#include "sims/dram/refresh.h"

#include <math.h>
#include <string.h>

enum {
  PAGE_POLICY,
  REQUEST_BUFFER_SIZE,
  SCHEDULER,
  ROW_HIT_CAP,
  SCHEDULER_BUFFER,
  WRITE_DRAIN_HIGH,
  WRITE_DRAIN_LOW,
  RESP_QUEUE,
  REFRESH_POLICY,
  REFRESH_MAX_POSTPONED,
  REFRESH_MAX_PULLEDIN,
  ARBITER,
  MAX_ACTIVE_TRANSACTIONS,
  ADDRESS_MAPPING,
  POWER_DOWN,
  POWER_DOWN_IDLE,
  SELF_REFRESH_IDLE,
  CHANNELS,
  RANKS
};

/* ---- Levels ---------------------------------------------------------------------- */

static const char *const buffers[] = {
  [DRAM_BUFFER_BANKWISE] = "Bankwise",
  [DRAM_BUFFER_READWRITE] = "ReadWrite",
  [DRAM_BUFFER_SHARED] = "Shared",
  [DRAM_BUFFER_SEPARATE] = "Separate",
};
static const char *const power_downs[] = {
  [DRAM_POWER_DOWN_NEVER] = "Never",
  [DRAM_POWER_DOWN_FAST] = "Fast",
  [DRAM_POWER_DOWN_SLOW] = "Slow",
};

/* Level i is 2^i for up to 16 column commands, then none. */
static const char *const caps[] = { "1", "2", "4", "8", "16", "None" };
enum { NO_CAP = 5 };

/* Shares, so that low is below high and high is within the buffer whatever the others. */
static const char *const highs[] = { "0.25", "0.5", "0.75", "1" };
static const double high_shares[] = { 0.25, 0.5, 0.75, 1 };
static const char *const lows[] = { "0", "0.25", "0.5", "0.75" };
static const double low_shares[] = { 0, 0.25, 0.5, 0.75 };

static const char *const down_idles[] = { "8", "32", "128", "512", "2048" };
static const uint32_t down_cycles[] = { 8, 32, 128, 512, 2048 };
static const char *const self_idles[] = { "1000", "10000", "100000", "1000000", "Never" };
static const uint32_t self_cycles[] = { 1000, 10000, 100000, 1000000, 0 };

/* From whole rows in a bank over bursts in turn through channels, groups and banks, to
 * the same with bank numbers hashed by the row.  The first is the default of dram. */
static const char *const mappings[] = { "rkbgChc",        "hrkbgCc",     "rkbCghc",
                                        "rCkbghc",        "rkb^rg^rChc", "rkb^rCg^rhc",
                                        "rCk^rb^rg^rh^rc" };
static const char *const mappings_without_groups[] = { "rkbChc",   "hrkbCc",
                                                       "rCkbhc",   "rkb^rChc",
                                                       "rCkb^rhc", "rCk^rb^rh^rc" };

static const char *const refreshes[] = {
  [DRAM_REFRESH_NOREFRESH] = "NoRefresh", [DRAM_REFRESH_ALLBANK] = "AllBank",
  [DRAM_REFRESH_ALLBANK2X] = "AllBank2x", [DRAM_REFRESH_ALLBANK4X] = "AllBank4x",
  [DRAM_REFRESH_PERBANK] = "PerBank",     [DRAM_REFRESH_SAMEBANK] = "SameBank",
};

static const char *const choice_of_two[] = {
  "2", "4", "8", "16", "32", "64", "128", NULL
};
static const char *const hit_first[] = { "FrFcfs", "FrFcfsGrp", NULL };
static const char *const separate[] = { "Separate", NULL };
static const char *const refreshing[] = { "AllBank", "AllBank2x", "AllBank4x",
                                          "PerBank", "SameBank",  NULL };
static const char *const counting[] = { "Fifo", "Reorder", NULL };
static const char *const resting[] = { "Fast", "Slow", NULL };
static const char *const resting_fast[] = { "Fast", NULL };

/* ---- The space ------------------------------------------------------------------- */

/* What the flat space does not have; the others are taken from there. */
static const struct gym_param params[DRAM_FULL_PARAMS] = {
  [ROW_HIT_CAP] = { .name = "RowHitCap",
                    .doc = "Column commands a row gets while an older request to another "
                           "row of the bank waits.",
                    .kind = GYM_ORDINAL,
                    GYM_LEVELS (caps),
                    .initial = NO_CAP,
                    .parent = "Scheduler",
                    .when = hit_first },
  [SCHEDULER_BUFFER] = { .name = "SchedulerBuffer",
                         .doc = "How the request buffer is divided: per bank, by "
                                "direction with one limit, not at all, or by direction "
                                "with writes drained in bursts (Separate).",
                         .kind = GYM_CATEGORICAL,
                         GYM_LEVELS (buffers),
                         .initial = DRAM_BUFFER_BANKWISE },
  [WRITE_DRAIN_HIGH] = { .name = "WriteDrainHigh",
                         .doc = "Buffered writes that start a drain, as a share of "
                                "RequestBufferSize.",
                         .kind = GYM_ORDINAL,
                         GYM_LEVELS (highs),
                         .initial = 2,
                         .parent = "SchedulerBuffer",
                         .when = separate },
  [WRITE_DRAIN_LOW] = { .name = "WriteDrainLow",
                        .doc =
                            "Buffered writes at which a drain ends when reads wait, as "
                            "a share of the writes that start it.",
                        .kind = GYM_ORDINAL,
                        GYM_LEVELS (lows),
                        .initial = 1,
                        .parent = "SchedulerBuffer",
                        .when = separate },
  [ADDRESS_MAPPING] = { .name = "AddressMapping",
                        .doc =
                            "From the most significant address bits down: h channel, r "
                            "row, k rank, b bank, g bank group, c columns of a burst, C "
                            "the other columns; ^r: exclusive or with row bits.",
                        .kind = GYM_CATEGORICAL },
  [POWER_DOWN] = { .name = "PowerDown",
                   .doc =
                       "Whether idle ranks are powered down, and for DDR3 whether with "
                       "the DLL off (Slow), which saves more and wakes later.",
                   .kind = GYM_CATEGORICAL,
                   GYM_LEVELS (power_downs),
                   .initial = DRAM_POWER_DOWN_NEVER },
  [POWER_DOWN_IDLE] = { .name = "PowerDownIdle",
                        .unit = "cycles",
                        .doc = "Idle time before a rank is powered down.",
                        .kind = GYM_ORDINAL,
                        GYM_LEVELS (down_idles),
                        .initial = 2,
                        .parent = "PowerDown",
                        .when = resting },
  [SELF_REFRESH_IDLE] = { .name = "SelfRefreshIdle",
                          .unit = "cycles",
                          .doc = "Idle time before a rank goes into self-refresh; no "
                                 "effect with NoRefresh.",
                          .kind = GYM_ORDINAL,
                          GYM_LEVELS (self_idles),
                          .initial = 4,
                          .parent = "PowerDown",
                          .when = resting },
  [CHANNELS] = { .name = "Channels",
                 .doc = "Independent controllers with ranks of their own.",
                 .kind = GYM_ORDINAL,
                 .levels = dram_env_powers,
                 .n_levels = 4 },
  [RANKS] = { .name = "Ranks",
              .doc = "Ranks of each channel, which share its buses.",
              .kind = GYM_ORDINAL,
              .levels = dram_env_powers },
};

/* The flat space's parameter of a name, with a parent. */
static void
adopt (struct gym_param *param, const char *name, const char *parent,
       const char *const *when)
{
  struct gym_params flat = dram_env_params ();
  for (uint32_t i = 0; i < flat.n; i++) {
    if (strcmp (flat.items[i].name, name) == 0)
      *param = flat.items[i];
  }
  param->parent = parent;
  param->when = when;
}

static void
adopt_all (struct gym_param *p)
{
  adopt (&p[PAGE_POLICY], "PagePolicy", NULL, NULL);
  adopt (&p[REQUEST_BUFFER_SIZE], "RequestBufferSize", NULL, NULL);
  adopt (&p[SCHEDULER], "Scheduler", "RequestBufferSize", choice_of_two);
  adopt (&p[RESP_QUEUE], "RespQueue", NULL, NULL);
  adopt (&p[REFRESH_POLICY], "RefreshPolicy", NULL, NULL);
  adopt (&p[REFRESH_MAX_POSTPONED], "RefreshMaxPostponed", "RefreshPolicy", refreshing);
  adopt (&p[REFRESH_MAX_PULLEDIN], "RefreshMaxPulledin", "RefreshPolicy", refreshing);
  adopt (&p[ARBITER], "Arbiter", NULL, NULL);
  adopt (&p[MAX_ACTIVE_TRANSACTIONS], "MaxActiveTransactions", "Arbiter", counting);
  p[SCHEDULER].doc =
      "Whom a bank serves next: the oldest request, the oldest row hit, or "
      "the oldest row hit in the direction of the last transfer; a buffer "
      "of one leaves no choice.";
  p[REFRESH_POLICY].doc =
      "What one refresh is for: all banks (in DDR4 also in halves and "
      "quarters), one bank, or the banks of one number in all groups; "
      "with NoRefresh ranks lose their data.";
  p[REFRESH_MAX_POSTPONED].doc = "Refreshes of all banks a busy rank may put off.";
  p[REFRESH_MAX_PULLEDIN].doc =
      "Refreshes of all banks an idle rank may do ahead of time.";
  p[MAX_ACTIVE_TRANSACTIONS].doc =
      "Unanswered requests the arbiter of a channel accepts.";
}

/* A value of the parent that the part does not have must not be named by a child. */
static void
find_refreshes (struct dram_full *full, const struct dram_config *config)
{
  struct dram_config trial = *config;
  struct gym_param *p = &full->params[REFRESH_POLICY];
  uint32_t n = 0;
  for (int policy = DRAM_REFRESH_NOREFRESH; policy <= DRAM_REFRESH_SAMEBANK; policy++) {
    trial.refresh_policy = (enum dram_refresh)policy;
    if (policy > DRAM_REFRESH_ALLBANK && dram_refresh_fault (&trial) != NULL)
      continue;
    full->refreshes[n] = trial.refresh_policy;
    full->refresh_names[n++] = refreshes[policy];
  }
  full->refresh_names[n] = NULL;
  p->levels = full->refresh_names;
  p->n_levels = n;
  full->params[REFRESH_MAX_POSTPONED].when = full->refresh_names + 1;
  full->params[REFRESH_MAX_PULLEDIN].when = full->refresh_names + 1;
}

static void
find_mappings (struct gym_param *p, const struct dram_config *config)
{
  bool groups = config->part.org.bank_groups > 1;
  p->levels = groups ? mappings : mappings_without_groups;
  p->n_levels = groups ? sizeof mappings / sizeof mappings[0]
                       : sizeof mappings_without_groups / sizeof mappings[0];
}

/* Without any figures for rests the idle times are left with one level each. */
static void
find_rests (struct gym_param *p, const struct dram_timing *t)
{
  bool none = t->txp == 0, slow = t->txpdll > 0;
  p[POWER_DOWN].n_levels = none ? 1 : slow ? 3 : 2;
  for (int i = POWER_DOWN_IDLE; i <= SELF_REFRESH_IDLE; i++) {
    p[i].when = slow ? resting : resting_fast;
    if (!none)
      continue;
    p[i].parent = NULL;
    p[i].when = NULL;
    p[i].n_levels = 1;
    p[i].initial = 0;
  }
}

void
dram_full_init (struct dram_full *full, const struct dram_config *config)
{
  uint32_t banks = dram_part_banks (&config->part);
  memcpy (full->params, params, sizeof params);
  adopt_all (full->params);
  find_refreshes (full, config);
  find_mappings (&full->params[ADDRESS_MAPPING], config);
  find_rests (full->params, &config->part.timing);
  full->params[RANKS].n_levels = banks * 4 <= DRAM_BANKS_MAX ? 3 : 2;
}

/* ---- From a row to a configuration ------------------------------------------------ */

/* Level of an inactive parameter: what the simulator then ignores. */
static double
or_else (double level, double instead)
{
  return isnan (level) ? instead : level;
}

static void
configure_buffer (const double *row, struct dram_config *config)
{
  double cap = or_else (row[ROW_HIT_CAP], NO_CAP), high;
  config->request_buffer_size = dram_env_power (row[REQUEST_BUFFER_SIZE]);
  config->scheduler = (enum dram_scheduler)or_else (row[SCHEDULER], DRAM_SCHEDULER_FIFO);
  config->row_hit_cap = cap < NO_CAP ? dram_env_power (cap) : 0;
  config->scheduler_buffer = (enum dram_buffer)row[SCHEDULER_BUFFER];
  config->drain_high = config->drain_low = 0;
  if (config->scheduler_buffer != DRAM_BUFFER_SEPARATE)
    return;
  high = ceil (high_shares[(int)row[WRITE_DRAIN_HIGH]] * config->request_buffer_size);
  config->drain_high = (uint32_t)high;
  config->drain_low = (uint32_t)floor (low_shares[(int)row[WRITE_DRAIN_LOW]] * high);
}

static void
configure_rank (const struct dram_full *full, const double *row,
                struct dram_config *config)
{
  config->refresh_policy = full->refreshes[(int)row[REFRESH_POLICY]];
  config->refresh_max_postponed =
      dram_env_power (or_else (row[REFRESH_MAX_POSTPONED], 0));
  config->refresh_max_pulledin = dram_env_power (or_else (row[REFRESH_MAX_PULLEDIN], 0));
  config->power_down = (enum dram_power_down)row[POWER_DOWN];
  if (config->power_down == DRAM_POWER_DOWN_NEVER)
    return;
  config->power_down_idle = down_cycles[(int)row[POWER_DOWN_IDLE]];
  config->self_refresh_idle = self_cycles[(int)row[SELF_REFRESH_IDLE]];
  if (config->part.timing.txs == 0)
    config->self_refresh_idle = 0;
}

void
dram_full_configure (const struct dram_full *full, const double *row,
                     struct dram_config *config)
{
  configure_buffer (row, config);
  configure_rank (full, row, config);
  config->page_policy = (enum dram_page_policy)row[PAGE_POLICY];
  config->resp_queue = (enum dram_resp_queue)row[RESP_QUEUE];
  config->arbiter = (enum dram_arbiter)row[ARBITER];
  config->max_active_transactions =
      dram_env_power (or_else (row[MAX_ACTIVE_TRANSACTIONS], 0));
  config->mapping = full->params[ADDRESS_MAPPING].levels[(int)row[ADDRESS_MAPPING]];
  config->channels = dram_env_power (row[CHANNELS]);
  config->ranks = dram_env_power (row[RANKS]);
}
