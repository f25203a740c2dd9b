/* SPDX-License-Identifier: MIT */
/* The event loop: section 3 of dram.h, visiting only cycles in which something can
 * happen. */
#include "sims/dram/channel.h"

#include <string.h>

/* Visited cycles between two looks at the cancel flag: some tens of microseconds. */
enum { CANCEL_PERIOD = 1024 };

static void
offer (struct dram_channel *s, uint32_t bank)
{
  dram_banks_offer (&s->banks, &s->buffer, &s->timing, bank, s->now);
}

/* Offers of all banks in a mask anew: after a REF, or when the channel turns. */
static void
offer_all (struct dram_channel *s, uint64_t mask)
{
  for (; mask != 0; mask &= mask - 1)
    offer (s, (uint32_t)__builtin_ctzll (mask));
}

static void
log_command (const struct dram_channel *s, enum dram_command_kind kind, uint32_t bank,
             const struct dram_slot *p)
{
  bool pre = kind == DRAM_CMD_PRE;
  uint32_t in_rank = bank % dram_part_banks (&s->config->part);
  struct dram_command c = {
    .cycle = s->now,
    .request = s->numbers != NULL ? s->numbers[p->request] : p->request,
    .kind = kind,
    .channel = s->number,
    .rank = s->timing.rank_of[bank],
    .bank_group = in_rank / s->config->part.org.banks,
    .bank = in_rank % s->config->part.org.banks,
    .row = pre ? s->banks.open_row[bank] : p->row,
    .column = pre ? 0 : p->column,
  };
  s->options->log (s->options->log_user, &c);
}

/* Section 3, steps c and f: the request at the door, which has come, if there is space.
 */
static void
admit (struct dram_channel *s)
{
  struct dram_front *f = &s->front;
  const struct dram_request *r = &f->requests[f->next];
  struct dram_slot slot;
  s->full = !dram_buffer_has_space (&s->buffer, r->write);
  if (s->full)
    return;
  slot.request = f->next;
  slot.block = r->address >> s->map->block_shift;
  slot.accepted = f->simple ? s->now : f->accepted;
  slot.asked = f->asked;
  slot.row = dram_map_field (&s->map->field[DRAM_MAP_ROW], r->address);
  slot.column = dram_map_field (&s->map->field[DRAM_MAP_COLUMN], r->address);
  slot.bank = dram_map_bank (s->map, r->address);
  slot.write = r->write;
  slot.shadowed = 0;
  if (dram_banks_store (&s->banks, &s->buffer, &slot))
    offer (s, slot.bank);
  dram_front_admitted (f, s->now);
}

static void
issue_act (struct dram_channel *s, uint32_t bank, const struct dram_slot *p)
{
  dram_timing_act (&s->timing, bank, s->now);
  dram_tally_open (&s->rank[s->timing.rank_of[bank]], s->now);
  dram_banks_opened (&s->banks, bank, p);
  offer (s, bank);
}

static void
issue_pre (struct dram_channel *s, uint32_t bank)
{
  dram_timing_pre (&s->timing, bank, s->now);
  dram_tally_close (&s->rank[s->timing.rank_of[bank]], s->now);
  dram_banks_closed (&s->banks, bank);
  offer (s, bank);
}

/* Issues a column command up to what the bank's later offers depend on.  An automatic
 * precharge starts when its bank allows one. */
static void
move_data (struct dram_channel *s, uint32_t bank, bool write, bool close)
{
  struct dram_rank_tally *rank = &s->rank[s->timing.rank_of[bank]];
  uint64_t start = s->now + s->timing.d.wr_pre;
  if (write) {
    dram_timing_write (&s->timing, bank, s->now, close);
  } else {
    dram_timing_read (&s->timing, bank, s->now, close);
    start = s->timing.bank_pre[bank];
  }
  if (close)
    dram_tally_close (rank, start);
}

/* The order matters: the request leaves the buffer before anything is offered or
 * admitted, and its answer is known before the door is looked at. */
static void
issue_column (struct dram_channel *s, uint32_t bank, enum dram_command_kind kind,
              const struct dram_slot *p)
{
  bool write = kind == DRAM_CMD_WR || kind == DRAM_CMD_WRA;
  bool close = kind == DRAM_CMD_RDA || kind == DRAM_CMD_WRA;
  uint64_t finish = s->now + (write ? s->timing.d.write_end : s->timing.d.read_end);
  s->issued++;
  move_data (s, bank, write, close);
  s->tally->row_hits += dram_banks_served (&s->banks, &s->buffer, bank, close);
  dram_front_finished (&s->front, s->tally, p, finish);
  if (dram_banks_turn (&s->banks, write))
    offer_all (s, s->banks.open & s->banks.pending);
  if (s->front.door <= s->now)
    admit (s);
  offer (s, bank);
}

static void
issue (struct dram_channel *s, uint32_t bank)
{
  enum dram_command_kind kind = s->banks.kind[bank];
  const struct dram_slot *p = &s->buffer.slots[s->banks.slot[bank]];
  uint32_t rank = s->timing.rank_of[bank];
  if (s->options->log != NULL)
    log_command (s, kind, bank, p);
  s->rank[rank].commands[kind]++;
  if (kind == DRAM_CMD_ACT)
    issue_act (s, bank, p);
  else if (kind == DRAM_CMD_PRE)
    issue_pre (s, bank);
  else
    issue_column (s, bank, kind, p);
}

/* No bank of the unit offers anything here: they are blocked, or have no requests. */
static void
close_unit (struct dram_channel *s, uint32_t rank, enum dram_command_kind kind,
            uint64_t banks)
{
  uint64_t open = s->banks.open & banks;
  for (; open != 0; open &= open - 1) {
    uint32_t bank = (uint32_t)__builtin_ctzll (open);
    dram_tally_close (&s->rank[rank], s->now);
    dram_banks_closed (&s->banks, bank);
  }
  if (kind == DRAM_CMD_PREA)
    dram_timing_prea (&s->timing, rank, s->now);
  else
    dram_timing_pre_unit (&s->timing, rank, banks, s->now);
}

static void
refresh_unit (struct dram_channel *s, uint32_t rank, uint64_t banks)
{
  if (s->kinds.all)
    dram_timing_ref (&s->timing, rank, s->now);
  else
    dram_timing_ref_unit (&s->timing, rank, banks, s->now);
  dram_refresh_issued (&s->refresh, rank);
  s->power.refreshed[rank] = true;
  dram_banks_unblock (&s->banks, banks);
  offer_all (s, s->banks.pending & banks);
}

/* Names the unit by its lowest bank, which is the only one with PERBANK. */
static void
log_refresh (const struct dram_channel *s, enum dram_command_kind kind, uint32_t rank,
             uint64_t banks)
{
  uint32_t bank = (uint32_t)__builtin_ctzll (banks);
  uint32_t in_rank = bank % dram_part_banks (&s->config->part);
  struct dram_command c = { .cycle = s->now,
                            .request = DRAM_NO_REQUEST,
                            .kind = kind,
                            .channel = s->number,
                            .rank = rank,
                            .bank_group = in_rank / s->config->part.org.banks,
                            .bank = in_rank % s->config->part.org.banks };
  if (s->options->log == NULL)
    return;
  c.row = kind == DRAM_CMD_PRE ? s->banks.open_row[bank] : 0;
  s->options->log (s->options->log_user, &c);
}

static void
issue_refresh (struct dram_channel *s, uint32_t rank, enum dram_command_kind kind,
               uint64_t banks)
{
  log_refresh (s, kind, rank, banks);
  s->rank[rank].commands[kind]++;
  if (kind == s->kinds.refresh)
    refresh_unit (s, rank, banks);
  else
    close_unit (s, rank, kind, banks);
}

static uint64_t
earliest_refresh (const struct dram_channel *s, uint32_t rank, uint64_t banks, bool open)
{
  if (s->kinds.all)
    return open ? s->timing.rank_prea[rank] : s->timing.rank_ref[rank];
  return open ? dram_timing_unit_pre (&s->timing, banks)
              : dram_timing_unit_ref (&s->timing, banks);
}

/* Step e for a refresh manager that offers; it may issue if `free`.  True if it did;
 * *next is lowered to the first later cycle in which it can act by itself. */
static bool
offer_refresh (struct dram_channel *s, uint32_t rank, uint64_t banks, bool free,
               uint64_t *next)
{
  bool open = (s->banks.open & banks) != 0;
  uint64_t at = earliest_refresh (s, rank, banks, open), late;
  bool issued = free && at <= s->now;
  if (issued)
    issue_refresh (s, rank, open ? s->kinds.close : s->kinds.refresh, banks);
  late = s->refresh.due[rank] + s->refresh.interval;
  at = at > s->now ? at : s->now + 1;
  at = late > s->now && late < at ? late : at;
  *next = at < *next ? at : *next;
  return issued;
}

/* Step d for a refresh manager: the banks of the unit it offers for, or none. */
static uint64_t
evaluate_refresh (struct dram_channel *s, uint32_t rank, uint64_t *next)
{
  uint64_t banks;
  enum dram_refresh_wish wish =
      dram_refresh_evaluate (&s->refresh, rank, s->now, s->banks.pending, &banks);
  if (wish == DRAM_REFRESH_NOTHING) {
    *next = s->refresh.due[rank] < *next ? s->refresh.due[rank] : *next;
    return 0;
  }
  if (wish == DRAM_REFRESH_OFFER_FORCED)
    dram_banks_block (&s->banks, banks);
  return banks;
}

static bool
step_refresh (struct dram_channel *s, uint64_t *next)
{
  bool issued = false;
  for (uint32_t rank = 0; rank < s->refresh.ranks; rank++) {
    uint64_t banks = evaluate_refresh (s, rank, next);
    issued |= banks != 0 && offer_refresh (s, rank, banks, !issued, next);
  }
  return issued;
}

static void
rest (struct dram_channel *s, uint32_t rank, enum dram_command_kind kind)
{
  dram_banks_rest (&s->banks, s->banks.of_rank[rank]);
  if (kind == DRAM_CMD_SRE)
    dram_refresh_sleep (&s->refresh, rank);
}

static void
wake (struct dram_channel *s, uint32_t rank, enum dram_command_kind kind)
{
  const struct dram_distances *d = &s->timing.d;
  uint64_t mine = s->banks.of_rank[rank], until = s->now + d->self_exit;
  bool slow = s->power.slow && !s->power.open[rank];
  if (kind == DRAM_CMD_SRX)
    dram_refresh_wake (&s->refresh, rank, until + s->refresh.interval);
  else
    until = s->now + d->down_exit;
  dram_timing_wake (&s->timing, rank, until,
                    kind == DRAM_CMD_PDX && slow ? s->now + d->slow_exit : until);
  dram_banks_rise (&s->banks, mine);
  offer_all (s, s->banks.pending & mine);
}

static void
issue_power (struct dram_channel *s, uint32_t rank, enum dram_command_kind kind)
{
  uint64_t mine = s->banks.of_rank[rank];
  log_refresh (s, kind, rank, mine);
  s->rank[rank].commands[kind]++;
  if (kind == DRAM_CMD_PREA) {
    close_unit (s, rank, kind, mine);
    return;
  }
  if (kind == DRAM_CMD_PDE || kind == DRAM_CMD_SRE)
    rest (s, rank, kind);
  else
    wake (s, rank, kind);
  dram_power_issued (&s->power, rank, kind, (s->banks.open & mine) != 0, s->now,
                     &s->rank[rank]);
}

static uint64_t
earliest_power (const struct dram_channel *s, uint32_t rank, enum dram_command_kind kind)
{
  switch (kind) {
  case DRAM_CMD_PREA:
    return s->timing.rank_prea[rank];
  case DRAM_CMD_PDX:
    return s->power.since[rank] + s->config->part.timing.tcke;
  case DRAM_CMD_SRX:
    return s->power.since[rank] + s->config->part.timing.tckesr;
  default:
    return dram_timing_rest (&s->timing, rank);
  }
}

/* Steps d and e for one power manager, as offer_refresh. */
static bool
step_power (struct dram_channel *s, uint32_t rank, bool refresh_offers, bool free,
            uint64_t *next)
{
  uint64_t mine = s->banks.of_rank[rank], at;
  struct dram_power_view view = { .busy = (s->banks.pending & mine) != 0,
                                  .offers = refresh_offers,
                                  .owes = s->refresh.debt[rank] > 0,
                                  .open = (s->banks.open & mine) != 0 };
  enum dram_command_kind kind =
      dram_power_evaluate (&s->power, rank, s->now, &view, next);
  if (kind == DRAM_CMD_COUNT)
    return false;
  at = earliest_power (s, rank, kind);
  if (free && at <= s->now) {
    issue_power (s, rank, kind);
    *next = s->now + 1;
    return true;
  }
  at = at > s->now ? at : s->now + 1;
  *next = at < *next ? at : *next;
  return false;
}

/* Steps d and e for all managers, where ranks may rest. */
static bool
step_managers (struct dram_channel *s, uint64_t *next)
{
  uint64_t offered[DRAM_RANKS_MAX] = { 0 };
  bool issued = false;
  for (uint32_t rank = 0; rank < s->refresh.ranks; rank++)
    offered[rank] = evaluate_refresh (s, rank, next);
  for (uint32_t rank = 0; rank < s->config->ranks; rank++)
    issued |= step_power (s, rank, offered[rank] != 0, !issued, next);
  for (uint32_t rank = 0; rank < s->config->ranks; rank++) {
    bool awake = s->power.mode[rank] == DRAM_RANK_AWAKE;
    if (offered[rank] != 0)
      issued |= offer_refresh (s, rank, offered[rank], awake && !issued, next);
  }
  return issued;
}

/* Steps d and e; returns the first later cycle in which a command can be issued without a
 * new request. */
static uint64_t
step_commands (struct dram_channel *s)
{
  uint64_t next = DRAM_NEVER, later, available;
  bool issued = false;
  dram_banks_wake (&s->banks, s->now);
  if (s->power.on)
    issued = step_managers (s, &next);
  else if (s->now >= s->refresh.first_due)
    issued = step_refresh (s, &next);
  available = dram_banks_available (&s->banks, &s->timing, s->now, &next);
  if (!issued && available == 0)
    return next;
  if (!issued)
    issue (s, dram_banks_first (&s->banks, available));
  if (s->power.on || (s->now >= s->refresh.first_due && !s->kinds.all))
    return s->now + 1; /* what is idle from now on may matter to a manager */
  later = dram_banks_next (&s->banks, &s->timing, s->now);
  return later < next ? later : next;
}

/* One visited cycle; returns the next one to visit. */
static uint64_t
step (struct dram_channel *s)
{
  uint64_t next;
  if (s->front.door <= s->now && !s->full)
    admit (s);
  if (dram_banks_wants_turn (&s->banks, &s->buffer)) {
    dram_banks_drain (&s->banks);
    offer_all (s, s->banks.pending);
  }
  next = step_commands (s);
  if (dram_banks_wants_turn (&s->banks, &s->buffer))
    next = s->now + 1;
  if (s->front.door > s->now && s->front.door < next)
    next = s->front.door;
  if (s->refresh.first_due > s->now && s->refresh.first_due < next)
    next = s->refresh.first_due;
  return next;
}

void
dram_channel_finish (struct dram_channel *s, uint64_t end)
{
  for (uint32_t rank = 0; rank < s->config->ranks; rank++)
    dram_power_end (&s->power, rank, end, &s->rank[rank]);
}

/* The cycle of the last answer is known once all column commands are issued. */
int
dram_channel_play (struct dram_channel *s, uint64_t until)
{
  const atomic_bool *cancel = s->options->cancel;
  for (uint32_t round = 0;; round++) {
    if (s->issued == s->front.count && s->now >= until && s->now >= dram_channel_end (s))
      return DRAM_OK;
    if (cancel != NULL && round % CANCEL_PERIOD == 0
        && atomic_load_explicit (cancel, memory_order_relaxed))
      return DRAM_CANCELLED;
    s->now = step (s);
  }
}

uint64_t
dram_channel_end (const struct dram_channel *s)
{
  return s->front.next_answer > 0 ? s->front.next_answer - 1 : 0;
}

/* What a refresh manager issues. */
static struct dram_refresh_kinds
kinds_of (enum dram_refresh policy)
{
  if (policy == DRAM_REFRESH_PERBANK)
    return (struct dram_refresh_kinds){ .refresh = DRAM_CMD_REFPB,
                                        .close = DRAM_CMD_PRE };
  if (policy == DRAM_REFRESH_SAMEBANK)
    return (struct dram_refresh_kinds){ .refresh = DRAM_CMD_REFSB,
                                        .close = DRAM_CMD_PRESB };
  return (struct dram_refresh_kinds){ .refresh = DRAM_CMD_REF,
                                      .close = DRAM_CMD_PREA,
                                      .all = true };
}

int
dram_channel_start (struct dram_channel *s, const struct dram_channel_run *run)
{
  const struct dram_config *c = run->config;
  s->config = c;
  s->kinds = kinds_of (c->refresh_policy);
  s->map = run->map;
  s->options = run->options;
  s->tally = run->tally;
  s->number = run->number;
  s->rank = run->tally->rank + run->number * c->ranks;
  s->numbers = run->numbers;
  s->now = s->issued = 0;
  s->full = false;
  dram_timing_reset (&s->timing, c);
  dram_banks_reset (&s->banks, c, &s->timing);
  dram_refresh_reset (&s->refresh, c);
  dram_power_reset (&s->power, c);
  if (dram_buffer_reset (&s->buffer, c) != 0
      || dram_front_reset (&s->front, c, run->requests, run->count) != 0)
    return -1;
  return 0;
}

void
dram_channel_free (struct dram_channel *s)
{
  dram_buffer_free (&s->buffer);
  dram_front_free (&s->front);
}
