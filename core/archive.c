/* core/archive.c - non-dominated sets and exact hypervolume.
 *
 * Points lie in lexicographic order in one array. What dominates a point then stands
 * before it and what it dominates behind it; for two objectives the second falls as the
 * first rises, so that a binary search finds both ends. */
#include <gym/archive.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct gym_archive {
  uint32_t m;
  size_t n, capacity;
  double *points; /* n rows of m */
  uint64_t *tags;
};

gym_archive *
gym_archive_new (uint32_t m, gym_error *err)
{
  gym_archive *a = m ? calloc (1, sizeof *a) : NULL;
  if (!m)
    gym_fail (err, GYM_EINVAL, "archive: needs at least one objective");
  else if (!a)
    gym_fail (err, GYM_ENOMEM, "archive: out of memory");
  else
    a->m = m;
  return a;
}

void
gym_archive_destroy (gym_archive **archive)
{
  if (!archive || !*archive)
    return;
  free ((*archive)->points);
  free ((*archive)->tags);
  free (*archive);
  *archive = NULL;
}

size_t
gym_archive_count (const gym_archive *a)
{
  return a->n;
}

const double *
gym_archive_point (const gym_archive *a, size_t i)
{
  return a->points + i * a->m;
}

uint64_t
gym_archive_tag (const gym_archive *a, size_t i)
{
  return a->tags[i];
}

/* ---- adding ---- */

static int
lexicographic (const double *a, const double *b, uint32_t m)
{
  for (uint32_t i = 0; i < m; i++)
    if (a[i] != b[i])
      return a[i] < b[i] ? -1 : 1;
  return 0;
}

static bool
no_worse (const double *a, const double *b, uint32_t m)
{
  for (uint32_t i = 0; i < m; i++)
    if (a[i] > b[i])
      return false;
  return true;
}

/* Number of kept points that do not come after `point`. */
static size_t
place_of (const gym_archive *a, const double *point)
{
  size_t low = 0, high = a->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (lexicographic (gym_archive_point (a, middle), point, a->m) <= 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Whether a point before `place` dominates or equals the new one: up to two objectives
 * only the nearest can, as it has the smallest second value of all. */
static bool
is_covered (const gym_archive *a, const double *point, size_t place)
{
  size_t from = a->m <= 2 && place > 0 ? place - 1 : 0;
  for (size_t i = from; i < place; i++)
    if (no_worse (gym_archive_point (a, i), point, a->m))
      return true;
  return false;
}

static void
move_point (gym_archive *a, size_t to, size_t from, size_t n)
{
  memmove (a->points + to * a->m, a->points + from * a->m, n * a->m * sizeof *a->points);
  memmove (a->tags + to, a->tags + from, n * sizeof *a->tags);
}

/* Drops what the new point dominates. Up to two objectives those are neighbours. */
static void
evict (gym_archive *a, const double *point, size_t place)
{
  size_t kept = place, i = place;
  if (a->m <= 2) {
    while (i < a->n && no_worse (point, gym_archive_point (a, i), a->m))
      i++;
    move_point (a, kept, i, a->n - i);
    a->n -= i - kept;
    return;
  }
  for (; i < a->n; i++)
    if (!no_worse (point, gym_archive_point (a, i), a->m))
      move_point (a, kept++, i, 1);
  a->n = kept;
}

static bool
reserve (gym_archive *a)
{
  if (a->n < a->capacity)
    return true;
  size_t capacity = 2 * a->capacity + 16;
  double *points = realloc (a->points, capacity * a->m * sizeof *points);
  if (points)
    a->points = points;
  uint64_t *tags = realloc (a->tags, capacity * sizeof *tags);
  if (tags)
    a->tags = tags;
  if (points && tags)
    a->capacity = capacity;
  return points && tags;
}

int
gym_archive_add (gym_archive *a, const double *point, uint64_t tag, gym_error *err)
{
  for (uint32_t i = 0; i < a->m; i++)
    if (!isfinite (point[i]))
      return gym_fail (err, GYM_EINVAL,
                       "archive: objective %u is %g; a point needs finite numbers", i,
                       point[i]);
  size_t place = place_of (a, point);
  if (is_covered (a, point, place))
    return 0;
  if (!reserve (a))
    return gym_fail (err, GYM_ENOMEM, "archive: out of memory");
  evict (a, point, place);
  move_point (a, place + 1, place, a->n - place);
  memcpy (a->points + place * a->m, point, a->m * sizeof *point);
  a->tags[place] = tag;
  a->n++;
  return 1;
}

/* ---- hypervolume ---- */

/* The cost of more objectives grows with the power of their number: 16 are out of reach
 * but for a handful of points. */
enum { MOST_VOLUME = 16 };

static bool
inside (const double *point, const double *reference, uint32_t m)
{
  for (uint32_t i = 0; i < m; i++)
    if (point[i] >= reference[i])
      return false;
  return true;
}

static double
volume_1 (const gym_archive *a, const double *reference)
{
  return a->n && a->points[0] < reference[0] ? reference[0] - a->points[0] : 0;
}

static double
volume_2 (const gym_archive *a, const double *reference)
{
  double volume = 0, top = reference[1];
  for (size_t i = 0; i < a->n; i++) {
    const double *point = gym_archive_point (a, i);
    if (!inside (point, reference, 2))
      continue;
    volume += (reference[0] - point[0]) * (top - point[1]);
    top = point[1];
  }
  return volume;
}

/* A set of the numbers below n with predecessor and successor in O(log n): bits, and
 * above every 64 of them one that tells whether any is set. It stands in for the balanced
 * tree of the paper: the order in x of all points is known before the sweep begins. */
enum { LEVELS = 11 };
struct ranks {
  uint64_t *level[LEVELS];
  uint64_t *words;
  int levels;
};

static bool
ranks_init (struct ranks *r, size_t n)
{
  size_t sizes[LEVELS], total = 0;
  r->levels = 0;
  do {
    n = n / 64 + 1;
    sizes[r->levels++] = n;
    total += n;
  } while (n > 1);
  r->words = calloc (total, sizeof *r->words);
  uint64_t *next = r->words;
  for (int i = 0; next && i < r->levels; i++) {
    r->level[i] = next;
    next += sizes[i];
  }
  return r->words;
}

static void
ranks_add (struct ranks *r, size_t i)
{
  for (int level = 0; level < r->levels; level++, i /= 64)
    r->level[level][i / 64] |= (uint64_t)1 << i % 64;
}

static void
ranks_remove (struct ranks *r, size_t i)
{
  for (int level = 0; level < r->levels; level++, i /= 64) {
    r->level[level][i / 64] &= ~((uint64_t)1 << i % 64);
    if (r->level[level][i / 64])
      return;
  }
}

/* Nearest member above (up) or below i, or SIZE_MAX: climb until a word has a member on
 * the wanted side, then descend to its nearest leaf. */
static size_t
ranks_next (const struct ranks *r, size_t i, bool up)
{
  for (int level = 0; level < r->levels; level++, i /= 64) {
    uint64_t at = (uint64_t)1 << i % 64;
    uint64_t word = r->level[level][i / 64] & (up ? ~(at | (at - 1)) : at - 1);
    if (!word)
      continue;
    i = i / 64 * 64 + (size_t)(up ? __builtin_ctzll (word) : 63 - __builtin_clzll (word));
    while (level-- > 0) {
      word = r->level[level][i];
      i = i * 64 + (size_t)(up ? __builtin_ctzll (word) : 63 - __builtin_clzll (word));
    }
    return i;
  }
  return SIZE_MAX;
}

/* Area that `point` adds to the staircase of those ranked so far (x rises, y falls); it
 * joins the staircase, and the steps it covers leave. The step to its left is always
 * above it: one below, met earlier in the sweep, would dominate the point. */
static double
add_step (const gym_archive *a, struct ranks *r, size_t rank, const double *reference)
{
  const double *point = gym_archive_point (a, rank);
  size_t left = ranks_next (r, rank, false);
  double top = left == SIZE_MAX ? reference[1] : gym_archive_point (a, left)[1];
  double area = 0, x = point[0];
  for (;;) {
    size_t right = ranks_next (r, rank, true);
    const double *step = right == SIZE_MAX ? NULL : gym_archive_point (a, right);
    area += ((step ? step[0] : reference[0]) - x) * (top - point[1]);
    if (!step || step[1] <= point[1])
      break;
    x = step[0];
    top = step[1];
    ranks_remove (r, right);
  }
  ranks_add (r, rank);
  return area;
}

struct depth {
  double z;
  size_t rank;
};

static int
by_depth (const void *a, const void *b)
{
  const struct depth *left = a, *right = b;
  if (left->z != right->z)
    return left->z < right->z ? -1 : 1;
  return left->rank < right->rank ? -1 : left->rank > right->rank;
}

/* Sweep along the third objective: the volume is the area dominated so far times the
 * distance to the next point. */
static int
volume_3 (const gym_archive *a, const double *reference, double *volume)
{
  struct ranks ranks;
  size_t n = 0;
  double area = 0;
  struct depth *depths = malloc ((a->n + 1) * sizeof *depths);
  bool ok = depths && ranks_init (&ranks, a->n);
  for (size_t i = 0; ok && i < a->n; i++)
    if (inside (gym_archive_point (a, i), reference, 3))
      depths[n++] = (struct depth){ .z = gym_archive_point (a, i)[2], .rank = i };
  *volume = 0;
  if (ok && n)
    qsort (depths, n, sizeof *depths, by_depth);
  for (size_t i = 0; ok && i < n; i++) {
    area += add_step (a, &ranks, depths[i].rank, reference);
    *volume += area * ((i + 1 < n ? depths[i + 1].z : reference[2]) - depths[i].z);
  }
  if (ok)
    free (ranks.words);
  free (depths);
  return ok ? GYM_OK : GYM_ENOMEM;
}

static int volume_of (const gym_archive *a, const double *reference, double *volume);

/* Indices of the points inside the box, in rising order of the last objective. */
static size_t
by_last (const gym_archive *a, const double *reference, struct depth *depths)
{
  size_t n = 0;
  for (size_t i = 0; i < a->n; i++)
    if (inside (gym_archive_point (a, i), reference, a->m))
      depths[n++] = (struct depth){ .z = gym_archive_point (a, i)[a->m - 1], .rank = i };
  if (n)
    qsort (depths, n, sizeof *depths, by_depth);
  return n;
}

/* What point k adds to those before it in the order: as none of them is worse in the last
 * objective, that is a slab of which the cross-section lies in the other objectives: the
 * box of the point without what the others, limited to that box, dominate there. */
static int
add_slab (const gym_archive *a, const struct depth *depths, size_t k,
          const double *reference, gym_archive *section, double *volume)
{
  uint32_t m = a->m - 1;
  const double *point = gym_archive_point (a, depths[k].rank);
  double limited[MOST_VOLUME], covered = 0, box = 1;
  int code = 1;
  section->n = 0;
  for (size_t i = 0; code >= 0 && i < k; i++) {
    const double *other = gym_archive_point (a, depths[i].rank);
    for (uint32_t j = 0; j < m; j++)
      limited[j] = fmax (point[j], other[j]);
    code = gym_archive_add (section, limited, 0, NULL);
  }
  if (code >= 0)
    code = volume_of (section, reference, &covered);
  for (uint32_t j = 0; j < m; j++)
    box *= reference[j] - point[j];
  *volume += (box - covered) * (reference[m] - point[m]);
  return code < 0 ? code : GYM_OK;
}

/* More than three objectives: exclusive volumes after While, Bradstreet and Barone (2012,
 * WFG with slicing), down to the sweep above. */
static int
volume_many (const gym_archive *a, const double *reference, double *volume)
{
  struct depth *depths = malloc ((a->n + 1) * sizeof *depths);
  gym_archive *section = gym_archive_new (a->m - 1, NULL);
  int code = depths && section ? GYM_OK : GYM_ENOMEM;
  size_t n = code == GYM_OK ? by_last (a, reference, depths) : 0;
  *volume = 0;
  for (size_t k = 0; code == GYM_OK && k < n; k++)
    code = add_slab (a, depths, k, reference, section, volume);
  gym_archive_destroy (&section);
  free (depths);
  return code;
}

static int
volume_of (const gym_archive *a, const double *reference, double *volume)
{
  if (a->m > 3)
    return volume_many (a, reference, volume);
  if (a->m == 3)
    return volume_3 (a, reference, volume);
  *volume = a->m == 1 ? volume_1 (a, reference) : volume_2 (a, reference);
  return GYM_OK;
}

int
gym_archive_hypervolume (const gym_archive *a, const double *reference, double *volume,
                         gym_error *err)
{
  for (uint32_t i = 0; i < a->m; i++)
    if (!isfinite (reference[i]))
      return gym_fail (err, GYM_EINVAL,
                       "hypervolume: reference %u is %g; it needs a "
                       "finite number",
                       i, reference[i]);
  if (a->m > MOST_VOLUME)
    return gym_fail (err, GYM_EINVAL,
                     "hypervolume: there are %u objectives; at most %d are supported",
                     a->m, MOST_VOLUME);
  int code = volume_of (a, reference, volume);
  return code < 0 ? gym_fail (err, code, "hypervolume: out of memory") : GYM_OK;
}
