/* Results that may have to be sent again: see core/worker.h. */
#include "core/memory.h"
#include "core/worker.h"

static size_t
place (const struct worker_results *r, size_t i)
{
  return (r->head + i) % r->room;
}

const struct worker_result *
results_at (const struct worker_results *r, size_t i)
{
  return &r->items[place (r, i)];
}

const double *
results_metrics (const struct worker_results *r, size_t i)
{
  return r->metrics + place (r, i) * r->m;
}

/* The oldest. */
static void
pop (struct worker_results *r)
{
  free (r->items[r->head].note);
  r->items[r->head].note = NULL;
  r->head = (r->head + 1) % r->room;
  r->n--;
}

/* A ring grows by being laid out anew. */
static int
grow (struct worker_results *r)
{
  size_t room = r->room ? 2 * r->room : 256;
  struct worker_results bigger = { .m = r->m, .n = r->n, .room = room };
  bigger.items = malloc (room * sizeof *bigger.items);
  bigger.metrics = malloc (room * (r->m + 1) * sizeof (double));
  if (!bigger.items || !bigger.metrics) {
    free (bigger.items);
    free (bigger.metrics);
    return GYM_ENOMEM;
  }
  for (size_t i = 0; i < r->n; i++) {
    bigger.items[i] = *results_at (r, i);
    memcpy (bigger.metrics + i * r->m, results_metrics (r, i), r->m * sizeof (double));
  }
  free (r->items);
  free (r->metrics);
  *r = bigger;
  return GYM_OK;
}

/* Lack of memory costs at most that a result is evaluated once more. */
int
results_add (struct worker_results *r, uint64_t key, uint32_t status,
             const double *metrics, const char *note)
{
  if (r->n == RESULTS_MOST)
    pop (r);
  if (r->n == r->room && grow (r) < 0)
    return GYM_ENOMEM;
  size_t at = place (r, r->n++);
  r->items[at] = (struct worker_result){ .key = key,
                                         .status = status,
                                         .note = *note ? strdup (note) : NULL };
  memcpy (r->metrics + at * r->m, metrics, r->m * sizeof (double));
  return GYM_OK;
}

/* They come about in the order of the results, so the search is short. */
void
results_ack (struct worker_results *r, uint64_t key)
{
  for (size_t i = 0; i < r->n; i++) {
    struct worker_result *item = &r->items[place (r, i)];
    if (item->key != key || item->acked)
      continue;
    item->acked = true;
    break;
  }
  while (r->n > 0 && r->items[r->head].acked)
    pop (r);
}

/* Back to an empty list of the same width. */
void
results_clear (struct worker_results *r)
{
  while (r->n > 0)
    pop (r);
  free (r->items);
  free (r->metrics);
  *r = (struct worker_results){ .m = r->m };
}
