/* gym/archive.h - the set of non-dominated points seen so far.
 *
 * All objectives are minimised. A point that another dominates or equals is not kept
 * (the first of equals stays). One owner at a time. */
#ifndef GYM_ARCHIVE_H
#define GYM_ARCHIVE_H

#include <gym/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gym_archive gym_archive;

/* An empty archive of m >= 1 objectives. NULL: m is 0 (GYM_EINVAL) or GYM_ENOMEM. */
GYM_API gym_archive *gym_archive_new (uint32_t m, gym_error *err);

/* Frees it and sets the pointer to NULL; nothing when it is NULL already. */
GYM_API void gym_archive_destroy (gym_archive **archive);

/* Offers a point of m finite numbers with a tag of the caller's (a trial number); both
 * are copied. Returns 1 when it was kept, 0 when not, GYM_EINVAL on NaN or infinity,
 * GYM_ENOMEM (the archive is then as before). Cost: O(log n) comparisons for m <= 2 and
 * the moving of what lies behind the place, O(n) above. */
GYM_API int gym_archive_add (gym_archive *archive, const double *point, uint64_t tag,
                             gym_error *err);

/* Number of points; point i (m numbers) and its tag, i < count, in rising order of the
 * first objective (then the second, ...). Points are borrowed until the next change, and
 * lie one behind the other: point 0 is the start of a matrix of count rows. */
GYM_API size_t gym_archive_count (const gym_archive *archive);
GYM_API const double *gym_archive_point (const gym_archive *archive, size_t i);
GYM_API uint64_t gym_archive_tag (const gym_archive *archive, size_t i);

/* Exact volume dominated by the archive inside the box below `reference` (m numbers);
 * points outside the box count for what they dominate within it, which is nothing.
 * m = 1: reference minus the best. m = 2: sweep, O(n). m = 3: the dimension-sweep of
 * Beume, Fonseca, Lopez-Ibanez, Paquete and Vahrenhold (2009), O(n log n). m = 4 .. 16:
 * exclusive volumes by While, Bradstreet and Barone (2012), which for many points and
 * objectives takes its time: 40 ms for 1,000 points that all are on a front of four.
 * Other m: GYM_EINVAL, as is a reference that is not finite; GYM_ENOMEM can happen for
 * m >= 3. The archive is not changed. */
GYM_API int gym_archive_hypervolume (const gym_archive *archive, const double *reference,
                                     double *volume, gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
