/* core/prior_portfolio.c - which designs are anchors of a task bank. See gym/prior.h.
 *
 * Anchors are tried first on the workload at hand, so they are to be good there as well
 * as to tell tasks apart. Both follow from taking the best design of each task: where two
 * tasks differ, one's best is poor on the other. Their order is that of a greedy cover:
 * each next one serves the tasks that those before it serve worst. */
#include "core/memory.h"
#include "core/prior_bank.h"
#include "core/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the best design of a task ---- */

/* The rows of a task that are as good as its best. */
static size_t
find_ties (const gym_bank *b, size_t env, size_t *rows)
{
  size_t n = 0;
  for (size_t i = 0; i < b->table->n; i++) {
    if (b->table->envs[i] != env || isnan (b->goals[i]))
      continue;
    if (n > 0 && b->goals[i] < b->goals[rows[0]])
      n = 0;
    if (n == 0 || b->goals[i] == b->goals[rows[0]])
      rows[n++] = i;
  }
  return n;
}

/* How many of the rows have the value that row k has for parameter i. */
static size_t
count_alike (const gym_bank *b, const size_t *rows, size_t n, size_t k, uint32_t i)
{
  double value = b->table->designs[rows[k] * b->p + i];
  size_t alike = 0;
  for (size_t j = 0; j < n; j++) {
    double other = b->table->designs[rows[j] * b->p + i];
    alike += other == value || (isnan (other) && isnan (value));
  }
  return alike;
}

/* Many ties stand for all: they are compared each with each. */
enum { MOST_TIES = 1000 };

/* Of equals the one whose values most of them have: the middle of a plateau, whose edges
 * lie elsewhere on other workloads. */
static size_t
pick_middle (const gym_bank *b, const size_t *rows, size_t n)
{
  size_t best = 0;
  double most = -1;
  n = n < MOST_TIES ? n : MOST_TIES;
  for (size_t k = 0; k < n; k++) {
    double sum = 0;
    for (uint32_t i = 0; i < b->p; i++)
      sum += (double)count_alike (b, rows, n, k, i);
    if (sum > most) {
      most = sum;
      best = k;
    }
  }
  return rows[best];
}

/* ---- proposing ---- */

/* A design is an anchor once. */
static void
propose (gym_bank *b, const double *design)
{
  uint64_t hash = gym_space_hash (b->space, design);
  for (size_t i = 0; i < b->n_anchors; i++)
    if (b->hashes[i] == hash)
      return;
  memmove (b->anchors + b->n_anchors * b->p, design, b->p * sizeof *design);
  b->hashes[b->n_anchors++] = hash;
}

/* Each task is asked for each of them, so their number is bounded: no task costs more
 * than twice what the workload at hand does. */
static size_t
most_candidates (const gym_bank *b)
{
  return 2 * (size_t)b->options.anchors;
}

/* They tell how far few tasks are to be believed, and are what a search without a prior
 * begins with. */
static void
draw_contrast (gym_bank *b, gym_env *env)
{
  size_t wanted = b->n_candidates + b->options.contrast;
  gym_rng rng;
  gym_rng_init (&rng, gym_rng_derive (b->options.seed, 0x616e63, 0));
  for (size_t tries = 0; b->n_anchors < wanted && tries < 64 * wanted; tries++) {
    double *row = b->anchors + b->n_anchors * b->p;
    gym_space_sample (b->space, &rng, row);
    gym_env_repair (env, row);
    propose (b, row);
  }
}

int
gym_bank_propose (gym_bank *b, gym_env *env, gym_error *err)
{
  size_t room = most_candidates (b) + b->options.contrast + 1;
  size_t *rows = malloc ((b->table->n + 1) * sizeof *rows);
  double *design = malloc ((b->p + 1u) * sizeof *design);
  b->anchors = malloc ((room * b->p + 1) * sizeof *b->anchors);
  b->hashes = malloc (room * sizeof *b->hashes);
  int code = rows && design && b->anchors && b->hashes ? GYM_OK : gym_fail_memory (err);
  for (size_t i = 0; code == GYM_OK && i < b->n_tasks; i++) {
    size_t n = find_ties (b, b->tasks[i].env, rows);
    if (n == 0 || b->n_anchors == most_candidates (b))
      continue;
    memcpy (design, b->table->designs + pick_middle (b, rows, n) * b->p,
            b->p * sizeof *design);
    gym_env_repair (env, design); /* the rules of this workload may be others */
    propose (b, design);
  }
  b->n_candidates = b->n_anchors;
  if (code == GYM_OK)
    draw_contrast (b, env);
  free (design);
  free (rows);
  return code;
}

/* ---- choosing ---- */

/* How much nearer design i brings the tasks to their best, in ranks. */
static double
gain (const gym_bank *b, const double *reached, size_t i)
{
  double sum = 0;
  for (size_t t = 0; t < b->n_tasks; t++)
    if (!*b->tasks[t].about.why)
      sum += fmax (0, reached[t] - b->tasks[t].answers.ranks[i]);
  return sum;
}

/* Moves anchor `from` before anchor `to`, and the answers with it. */
static void
rotate (void *rows, size_t size, size_t to, size_t from, void *spare)
{
  char *at = rows;
  memcpy (spare, at + from * size, size);
  memmove (at + (to + 1) * size, at + to * size, (from - to) * size);
  memcpy (at + to * size, spare, size);
}

static void
rotate_answers (const gym_bank *b, struct bank_answers *a, size_t to, size_t from,
                void *spare)
{
  rotate (a->known, sizeof *a->known, to, from, spare);
  rotate (a->statuses, sizeof *a->statuses, to, from, spare);
  rotate (a->goals, sizeof *a->goals, to, from, spare);
  rotate (a->ranks, sizeof *a->ranks, to, from, spare);
  rotate (a->violations, b->c * sizeof *a->violations, to, from, spare);
  rotate (a->metrics, b->n * sizeof *a->metrics, to, from, spare);
}

static void
place (gym_bank *b, size_t to, size_t from, void *spare)
{
  rotate (b->anchors, b->p * sizeof *b->anchors, to, from, spare);
  rotate (b->hashes, sizeof *b->hashes, to, from, spare);
  rotate_answers (b, &b->own.answers, to, from, spare);
  for (size_t t = 0; t < b->n_tasks; t++)
    rotate_answers (b, &b->tasks[t].answers, to, from, spare);
}

/* The next of the proposed designs, after k anchors; SIZE_MAX when every task has its
 * best among those. */
static size_t
next_anchor (const gym_bank *b, const double *reached, size_t k)
{
  size_t best = SIZE_MAX;
  double most = 0;
  for (size_t i = k; i < b->n_candidates; i++) {
    double more = gain (b, reached, i);
    if (more > most) {
      most = more;
      best = i;
    }
  }
  return best;
}

int
gym_bank_choose (gym_bank *b, gym_error *err)
{
  double *reached = malloc ((b->n_tasks + 1) * sizeof *reached);
  void *spare = malloc (((size_t)b->p + b->c + b->n + 1) * sizeof (double));
  size_t k = 0, drawn = b->n_anchors - b->n_candidates, next;
  bool good = reached && spare;
  for (size_t t = 0; good && t < b->n_tasks; t++)
    reached[t] = (double)b->n_anchors + 1;
  while (good && k < b->options.anchors
         && (next = next_anchor (b, reached, k)) != SIZE_MAX) {
    place (b, k, next, spare);
    for (size_t t = 0; t < b->n_tasks; t++)
      if (!*b->tasks[t].about.why)
        reached[t] = fmin (reached[t], b->tasks[t].answers.ranks[k]);
    k++;
  }
  for (size_t i = 0; good && i < drawn; i++) /* behind the others */
    place (b, k + i, b->n_candidates + i, spare);
  b->n_anchors = k + drawn;
  free (reached);
  free (spare);
  return good ? GYM_OK : gym_fail_memory (err);
}
