/* SPDX-License-Identifier: MIT */
/* A run: the trace is dealt out to the channels, which are played one after the other,
 * and what they tallied becomes the result. */
#include "sims/dram/channel.h"
#include "sims/dram/dram.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The requests of one channel after those of the other, and their numbers. */
struct deal {
  struct dram_request *requests;
  uint64_t *numbers;
  size_t capacity;
  size_t first[DRAM_CHANNELS_MAX + 1];
};

struct dram_sim {
  struct dram_config config;
  struct dram_map map;
  struct deal deal;
  struct dram_tally tally;
  struct dram_channel channel[DRAM_CHANNELS_MAX];
};

struct dram_sim *
dram_sim_new (struct dram_error *err)
{
  struct dram_sim *s = calloc (1, sizeof *s);
  if (s == NULL)
    dram_fail (err, "out of memory for a DRAM simulator");
  return s;
}

void
dram_sim_destroy (struct dram_sim **sim)
{
  if (*sim == NULL)
    return;
  for (int i = 0; i < DRAM_CHANNELS_MAX; i++)
    dram_channel_free (&(*sim)->channel[i]);
  free ((*sim)->deal.requests);
  free ((*sim)->deal.numbers);
  free (*sim);
  *sim = NULL;
}

/* Cycles that decrease would make "earlier in the trace" and "earlier" two things. */
static int
check_requests (const struct dram_request *requests, size_t count, uint64_t *reads,
                struct dram_error *err)
{
  *reads = 0;
  if (count == 0)
    return dram_fail (err, "a trace needs at least one request");
  for (size_t i = 0; i < count; i++) {
    *reads += !requests[i].write;
    if (i > 0 && requests[i].cycle < requests[i - 1].cycle)
      return dram_fail (err, "request %zu is for cycle %" PRIu64 ", before the one ahead",
                        i, (uint64_t)requests[i].cycle);
  }
  if (requests[count - 1].cycle > DRAM_CYCLE_MAX)
    return dram_fail (
        err, "request %zu is for cycle %" PRIu64 ", at most %" PRIu64 " is possible",
        count - 1, (uint64_t)requests[count - 1].cycle, DRAM_CYCLE_MAX);
  return 0;
}

/* Shares are only made for more than one channel; their memory is kept for later runs. */
static int
reserve_deal (struct deal *d, size_t count)
{
  if (count <= d->capacity)
    return 0;
  free (d->requests);
  free (d->numbers);
  d->capacity = 0;
  d->requests = calloc (count, sizeof *d->requests);
  d->numbers = calloc (count, sizeof *d->numbers);
  if (d->requests == NULL || d->numbers == NULL)
    return -1;
  d->capacity = count;
  return 0;
}

/* A counting sort by channel keeps the order of the trace within each. */
static int
deal_out (struct dram_sim *s, const struct dram_request *requests, size_t count)
{
  struct deal *d = &s->deal;
  size_t at[DRAM_CHANNELS_MAX] = { 0 };
  if (reserve_deal (d, count) != 0)
    return -1;
  for (size_t i = 0; i < count; i++)
    at[dram_map_channel (&s->map, requests[i].address)]++;
  for (uint32_t h = 0; h < s->config.channels; h++) {
    d->first[h + 1] = d->first[h] + at[h];
    at[h] = d->first[h];
  }
  for (size_t i = 0; i < count; i++) {
    size_t to = at[dram_map_channel (&s->map, requests[i].address)]++;
    d->requests[to] = requests[i];
    d->numbers[to] = i;
  }
  return 0;
}

/* One channel plays the caller's trace as it is, several play what was dealt to them. */
static int
start_channel (struct dram_sim *s, uint32_t number, const struct dram_request *requests,
               size_t count, const struct dram_run_options *options)
{
  const struct deal *d = &s->deal;
  struct dram_channel_run run = { .config = &s->config,
                                  .map = &s->map,
                                  .options = options,
                                  .tally = &s->tally,
                                  .number = number,
                                  .requests = requests,
                                  .count = count };
  if (s->config.channels > 1) {
    run.requests = d->requests + d->first[number];
    run.numbers = d->numbers + d->first[number];
    run.count = d->first[number + 1] - d->first[number];
  }
  return dram_channel_start (&s->channel[number], &run);
}

static int
prepare (struct dram_sim *s, const struct dram_request *requests, size_t count,
         const struct dram_run_options *options, struct dram_error *err)
{
  const struct dram_config *c = &s->config;
  int status = 0;
  if (dram_map_compile (&s->map, c->mapping, &c->part, c->ranks, c->channels, err) != 0)
    return -1;
  dram_tally_reset (&s->tally);
  if (c->channels > 1)
    status = deal_out (s, requests, count);
  for (uint32_t h = 0; status == 0 && h < c->channels; h++)
    status = start_channel (s, h, requests, count, options);
  if (status != 0)
    return dram_fail (err, "out of memory for a run of %zu requests", count);
  return 0;
}

/* Channels share nothing, so their order does not matter; those that are done first wait
 * for the last, refreshed as ever. */
static int
play (struct dram_sim *s, uint64_t *end)
{
  int status = DRAM_OK;
  *end = 0;
  for (uint32_t h = 0; h < s->config.channels && status == DRAM_OK; h++) {
    status = dram_channel_play (&s->channel[h], 0);
    if (status == DRAM_CANCELLED)
      *end = s->channel[h].now;
    else if (dram_channel_end (&s->channel[h]) > *end)
      *end = dram_channel_end (&s->channel[h]);
  }
  for (uint32_t h = 0; h < s->config.channels && status == DRAM_OK; h++)
    status = dram_channel_play (&s->channel[h], *end);
  return status;
}

/* Owed are refreshes of all channels by the end of the whole run, not of their own. */
static void
conclude (struct dram_sim *s, uint64_t end, size_t count, uint64_t reads,
          struct dram_result *result)
{
  const struct dram_config *c = &s->config;
  struct dram_run_end all = { .last_answer = end, .requests = count, .reads = reads };
  for (uint32_t h = 0; h < c->channels; h++)
    dram_channel_finish (&s->channel[h], end);
  for (uint32_t i = 0; i < c->channels * c->ranks && c->charge_owed_refresh; i++)
    all.owed[i] =
        dram_refresh_owed (&s->channel[i / c->ranks].refresh, i % c->ranks, end);
  dram_tally_result (&s->tally, c, &all, result);
}

int
dram_sim_run (struct dram_sim *s, const struct dram_config *config,
              const struct dram_request *requests, size_t count,
              const struct dram_run_options *options, struct dram_result *result,
              struct dram_error *err)
{
  static const struct dram_run_options none;
  uint64_t reads, end;
  int status;
  memset (result, 0, sizeof *result);
  if (dram_config_check (config, err) != 0
      || check_requests (requests, count, &reads, err) != 0)
    return DRAM_FAILED;
  s->config = *config;
  if (prepare (s, requests, count, options != NULL ? options : &none, err) != 0)
    return DRAM_FAILED;
  status = play (s, &end);
  if (status == DRAM_OK)
    conclude (s, end, count, reads, result);
  else
    dram_fail (err, "cancelled in cycle %" PRIu64, end);
  return status;
}
