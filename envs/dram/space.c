/* The memory-controller space of ArchGym and what is measured in it.
 *
 * Names and levels are those of DRAMSys's mcconfig, which ArchGym searches; a table of
 * designs made for one of them reads here without a change. The space is flat on purpose:
 * MaxActiveTransactions without an arbiter that counts, or RefreshMaxPostponed without
 * refreshes, changes nothing, yet published searches count those designs as different
 * (442,368 of them), and an agent is to meet the same plateaus here. */
#include "envs/dram/space.h"

enum {
  PAGE_POLICY,
  SCHEDULER,
  SCHEDULER_BUFFER,
  REQUEST_BUFFER_SIZE,
  RESP_QUEUE,
  REFRESH_POLICY,
  REFRESH_MAX_POSTPONED,
  REFRESH_MAX_PULLEDIN,
  ARBITER,
  MAX_ACTIVE_TRANSACTIONS,
  PARAMS
};

/* In the order of the simulator's enumerators, so that a level's index is the value. */
static const char *const page_policies[] = {
  [DRAM_PAGE_OPEN] = "Open",
  [DRAM_PAGE_OPENADAPTIVE] = "OpenAdaptive",
  [DRAM_PAGE_CLOSED] = "Closed",
  [DRAM_PAGE_CLOSEDADAPTIVE] = "ClosedAdaptive",
};
static const char *const schedulers[] = {
  [DRAM_SCHEDULER_FIFO] = "Fifo",
  [DRAM_SCHEDULER_FRFCFS] = "FrFcfs",
  [DRAM_SCHEDULER_FRFCFSGRP] = "FrFcfsGrp",
};
static const char *const buffers[] = {
  [DRAM_BUFFER_BANKWISE] = "Bankwise",
  [DRAM_BUFFER_READWRITE] = "ReadWrite",
  [DRAM_BUFFER_SHARED] = "Shared",
};
static const char *const resp_queues[] = {
  [DRAM_RESP_FIFO] = "Fifo",
  [DRAM_RESP_REORDER] = "Reorder",
};
static const char *const refreshes[] = {
  [DRAM_REFRESH_NOREFRESH] = "NoRefresh",
  [DRAM_REFRESH_ALLBANK] = "AllBank",
};
static const char *const arbiters[] = {
  [DRAM_ARBITER_SIMPLE] = "Simple",
  [DRAM_ARBITER_FIFO] = "Fifo",
  [DRAM_ARBITER_REORDER] = "Reorder",
};

/* The refresh counters use the first four. */
const char *const dram_env_powers[DRAM_ENV_POWERS] = { "1",  "2",  "4",  "8",
                                                       "16", "32", "64", "128" };

/* The defaults are the baseline from which the one-factor sweeps of the space start. */
static const struct gym_param params[PARAMS] = {
  [PAGE_POLICY] = { .name = "PagePolicy",
                    .doc = "When a row is closed: on a miss (Open), after every access "
                           "(Closed), or by what is queued (the adaptive ones).",
                    .kind = GYM_CATEGORICAL,
                    GYM_LEVELS (page_policies),
                    .initial = DRAM_PAGE_OPEN },
  [SCHEDULER] = { .name = "Scheduler",
                  .doc =
                      "Whom a bank serves next: the oldest request, the oldest row hit, "
                      "or the oldest row hit in the direction of the last transfer.",
                  .kind = GYM_CATEGORICAL,
                  GYM_LEVELS (schedulers),
                  .initial = DRAM_SCHEDULER_FRFCFS },
  [SCHEDULER_BUFFER] = { .name = "SchedulerBuffer",
                         .doc = "How the request buffer is divided: per bank, by "
                                "direction, or not at all.",
                         .kind = GYM_CATEGORICAL,
                         GYM_LEVELS (buffers),
                         .initial = DRAM_BUFFER_BANKWISE },
  [REQUEST_BUFFER_SIZE] = { .name = "RequestBufferSize",
                            .doc = "Requests that each part of the buffer holds.",
                            .kind = GYM_ORDINAL,
                            GYM_LEVELS (dram_env_powers),
                            .initial = 3 },
  [RESP_QUEUE] = { .name = "RespQueue",
                   .doc = "Order of the controller's responses: as served, or as the "
                          "requests arrived.",
                   .kind = GYM_CATEGORICAL,
                   GYM_LEVELS (resp_queues),
                   .initial = DRAM_RESP_FIFO },
  [REFRESH_POLICY] = { .name = "RefreshPolicy",
                       .doc = "Whether ranks are refreshed (AllBank) or lose their data.",
                       .kind = GYM_CATEGORICAL,
                       GYM_LEVELS (refreshes),
                       .initial = DRAM_REFRESH_ALLBANK },
  [REFRESH_MAX_POSTPONED] = { .name = "RefreshMaxPostponed",
                              .doc = "Refreshes a busy rank may put off; no effect with "
                                     "NoRefresh.",
                              .kind = GYM_ORDINAL,
                              .levels = dram_env_powers,
                              .n_levels = 4,
                              .initial = 3 },
  [REFRESH_MAX_PULLEDIN] = { .name = "RefreshMaxPulledin",
                             .doc = "Refreshes an idle rank may do ahead of time; no "
                                    "effect with NoRefresh.",
                             .kind = GYM_ORDINAL,
                             .levels = dram_env_powers,
                             .n_levels = 4,
                             .initial = 3 },
  [ARBITER] = { .name = "Arbiter",
                .doc = "What stands before the controller: nothing (Simple), a queue, or "
                       "a queue that answers in the order of the requests.",
                .kind = GYM_CATEGORICAL,
                GYM_LEVELS (arbiters),
                .initial = DRAM_ARBITER_SIMPLE },
  [MAX_ACTIVE_TRANSACTIONS] = { .name = "MaxActiveTransactions",
                                .doc = "Unanswered requests the arbiter accepts; no "
                                       "effect with Arbiter Simple.",
                                .kind = GYM_ORDINAL,
                                GYM_LEVELS (dram_env_powers),
                                .initial = 7 },
};

/* Both latency and response are there because either alone misleads: published figures
 * count from acceptance, and a controller can make that small by accepting late. The
 * names of the energies stay three edits away from `energy_pJ`, which tables of results
 * carry beside them, so that neither is taken for a misspelling of the other. */
static const struct gym_metric metrics_table[DRAM_ENV_METRICS] = {
  [DRAM_ENV_TOTAL_TIME] = { .name = "total_time",
                            .unit = "ns",
                            .doc = "Until the last answer, and the refreshes still owed "
                                   "then (option charge_owed).",
                            .sense = GYM_MINIMISE },
  [DRAM_ENV_LATENCY_MEAN] = { .name = "latency_mean",
                              .unit = "ns",
                              .doc = "Of reads, from acceptance by the controller or its "
                                     "arbiter to the answer, mean.",
                              .sense = GYM_MINIMISE },
  [DRAM_ENV_LATENCY_P99] = { .name = "latency_p99",
                             .unit = "ns",
                             .doc = "The same, 99th percentile (nearest rank).",
                             .sense = GYM_MINIMISE },
  [DRAM_ENV_RESPONSE_MEAN] = { .name = "response_mean",
                               .unit = "ns",
                               .doc =
                                   "Of reads, from the time the trace asks for them to "
                                   "the answer: waiting in front of a full controller "
                                   "counts here and not in the latency.",
                               .sense = GYM_MINIMISE },
  [DRAM_ENV_RESPONSE_P99] = { .name = "response_p99",
                              .unit = "ns",
                              .doc = "The same, 99th percentile (nearest rank).",
                              .sense = GYM_MINIMISE },
  [DRAM_ENV_BANDWIDTH] = { .name = "bandwidth",
                           .unit = "MB/s",
                           .doc = "Bytes moved over total_time, 1 MB = 10^6 bytes.",
                           .sense = GYM_MAXIMISE },
  [DRAM_ENV_ENERGY] = { .name = "energy",
                        .unit = "nJ",
                        .doc = "Of all devices; the sum of the components below.",
                        .sense = GYM_MINIMISE },
  [DRAM_ENV_ENERGY_ACTIVATE] = { .name = "energy_activate",
                                 .unit = "nJ",
                                 .doc = "Activating and precharging rows.",
                                 .sense = GYM_MINIMISE },
  [DRAM_ENV_ENERGY_READ] = { .name = "energy_read",
                             .unit = "nJ",
                             .doc = "Read bursts.",
                             .sense = GYM_MINIMISE },
  [DRAM_ENV_ENERGY_WRITE] = { .name = "energy_write",
                              .unit = "nJ",
                              .doc = "Write bursts.",
                              .sense = GYM_MINIMISE },
  [DRAM_ENV_ENERGY_REFRESH] = { .name = "energy_refresh",
                                .unit = "nJ",
                                .doc = "Refreshes, those charged at the end included.",
                                .sense = GYM_MINIMISE },
  [DRAM_ENV_ENERGY_BACKGROUND] = { .name = "energy_background",
                                   .unit = "nJ",
                                   .doc =
                                       "Standby with and without open rows, and rests.",
                                   .sense = GYM_MINIMISE },
  [DRAM_ENV_ENERGY_PUMP] = { .name = "energy_pump",
                             .unit = "nJ",
                             .doc = "Of DDR4's activation supply VPP; 0 for a part whose "
                                    "source has no figures for it.",
                             .sense = GYM_MINIMISE },
  [DRAM_ENV_POWER] = { .name = "power",
                       .unit = "mW",
                       .doc = "Average: energy over total_time.",
                       .sense = GYM_MINIMISE },
  [DRAM_ENV_ROW_HIT_RATE] = { .name = "row_hit_rate",
                              .unit = "1",
                              .doc = "Share of column commands that are not the first "
                                     "after their row was opened.",
                              .sense = GYM_NEUTRAL },
};

struct gym_params
dram_env_params (void)
{
  return (struct gym_params)GYM_ARRAY (gym_params, params);
}

struct gym_metrics
dram_env_metrics (void)
{
  return (struct gym_metrics)GYM_ARRAY (gym_metrics, metrics_table);
}

uint32_t
dram_env_power (double level)
{
  return UINT32_C (1) << (unsigned)level;
}

void
dram_env_configure (const double *row, struct dram_config *config)
{
  config->page_policy = (enum dram_page_policy)row[PAGE_POLICY];
  config->scheduler = (enum dram_scheduler)row[SCHEDULER];
  config->resp_queue = (enum dram_resp_queue)row[RESP_QUEUE];
  config->refresh_policy = (enum dram_refresh)row[REFRESH_POLICY];
  config->arbiter = (enum dram_arbiter)row[ARBITER];
  config->max_active_transactions = dram_env_power (row[MAX_ACTIVE_TRANSACTIONS]);
  /* An anchor's queues and refreshes are those of the simulators it is compared with. */
  if (config->scheduler_buffer == DRAM_BUFFER_SEPARATE)
    return;
  config->scheduler_buffer = (enum dram_buffer)row[SCHEDULER_BUFFER];
  config->request_buffer_size = dram_env_power (row[REQUEST_BUFFER_SIZE]);
  config->refresh_max_postponed = dram_env_power (row[REFRESH_MAX_POSTPONED]);
  config->refresh_max_pulledin = dram_env_power (row[REFRESH_MAX_PULLEDIN]);
}

/* The simulator speaks ns, nJ, mW and MB/s as the table above does: nothing is scaled
 * here or anywhere after, only components are put together. */
void
dram_env_report (const struct dram_result *r, double *metrics)
{
  metrics[DRAM_ENV_TOTAL_TIME] = r->total_time;
  metrics[DRAM_ENV_LATENCY_MEAN] = r->latency.mean;
  metrics[DRAM_ENV_LATENCY_P99] = r->latency.p99;
  metrics[DRAM_ENV_RESPONSE_MEAN] = r->response.mean;
  metrics[DRAM_ENV_RESPONSE_P99] = r->response.p99;
  metrics[DRAM_ENV_BANDWIDTH] = r->bandwidth;
  metrics[DRAM_ENV_ENERGY] = r->energy_total;
  metrics[DRAM_ENV_ENERGY_ACTIVATE] =
      r->energy[DRAM_ENERGY_ACT] + r->energy[DRAM_ENERGY_PRE];
  metrics[DRAM_ENV_ENERGY_READ] = r->energy[DRAM_ENERGY_RD];
  metrics[DRAM_ENV_ENERGY_WRITE] = r->energy[DRAM_ENERGY_WR];
  metrics[DRAM_ENV_ENERGY_REFRESH] = r->energy[DRAM_ENERGY_REF];
  metrics[DRAM_ENV_ENERGY_BACKGROUND] =
      r->energy[DRAM_ENERGY_OPEN] + r->energy[DRAM_ENERGY_CLOSED]
      + r->energy[DRAM_ENERGY_DOWN] + r->energy[DRAM_ENERGY_SELF];
  metrics[DRAM_ENV_ENERGY_PUMP] = r->energy[DRAM_ENERGY_VPP];
  metrics[DRAM_ENV_POWER] = r->power;
  metrics[DRAM_ENV_ROW_HIT_RATE] = r->row_hit_rate;
}

bool
dram_env_needs_reads (enum dram_env_metric metric)
{
  return metric >= DRAM_ENV_LATENCY_MEAN && metric <= DRAM_ENV_RESPONSE_P99;
}
