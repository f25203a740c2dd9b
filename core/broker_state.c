/* What `gym status` shows of a running study. */
#include "core/broker_inside.h"

#include <stdlib.h>

/* As people say it; a worker that was welcomed fetches files and opens the env first. */
static const char *
state_name (const struct peer *peer)
{
  return peer->state == PEER_READY ? peer->leased ? "busy" : "idle" : "starting";
}

/* No more than fit a frame: who has thousands wants sums. */
static json_t *
workers_json (const struct broker *b, int64_t now, uint64_t *all)
{
  enum { LISTED = 1000 };
  json_t *list = json_array ();
  for (size_t i = 0; i < b->n_peers; i++) {
    const struct peer *w = &b->peers[i];
    if (w->state == PEER_FREE || ++*all > LISTED)
      continue;
    double age = (double)(now - w->joined) * 1e-9;
    json_array_append_new (list, json_pack ("{s:s, s:s, s:I, s:I, s:f, s:f, s:f}", "name",
                                            w->name, "state", state_name (w), "leased",
                                            (json_int_t)w->leased, "trials",
                                            (json_int_t)w->done, "rate",
                                            age > 0 ? (double)w->done / age : 0., "busy",
                                            age > 0 ? w->busy / age : 0., "silent",
                                            (double)(now - w->heard) * 1e-9));
  }
  return list;
}

/* Counts of what went wrong stand here even when they are 0: their absence would not tell
 * that all is well. */
char *
broker_state (struct broker *b)
{
  int64_t now = gym_clock ();
  double seconds = (double)(now - b->began) * 1e-9;
  uint64_t refused = b->count.refused + (b->guard ? gym_guard_refused (b->guard) : 0);
  size_t waiting = b->tasks.queued;
  uint64_t all = 0;
  json_t *workers = workers_json (b, now, &all);
  json_t *study =
      b->plan.describe ? b->plan.describe (b->plan.describe_context) : json_object ();
  json_t *state = json_pack (
      "{s:s, s:o, s:o, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
      "endpoint", b->endpoint, "study", study, "workers", workers, "seconds", seconds,
      "rate", seconds > 0 ? (double)b->count.results / seconds : 0., "results",
      (json_int_t)b->count.results, "waiting", (json_int_t)waiting, "leased",
      (json_int_t)(b->tasks.used - (waiting < b->tasks.used ? waiting : b->tasks.used)),
      "retries", (json_int_t)b->count.retries, "lost_workers", (json_int_t)b->count.lost,
      "given_up", (json_int_t)b->count.given_up, "refused", (json_int_t)refused,
      "dropped_frames", (json_int_t)b->count.dropped, "duplicates",
      (json_int_t)b->count.duplicates);
  if (state)
    json_object_update_new (state, json_pack ("{s:I, s:I}", "disagreements",
                                              (json_int_t)b->count.disagreements,
                                              "worker_count", (json_int_t)all));
  char *text = state ? json_dumps (state, JSON_INDENT (2)) : NULL;
  json_decref (state);
  return text;
}
