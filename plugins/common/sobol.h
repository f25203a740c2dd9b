/* plugins/common/sobol.h - Sobol points with Owen's nested uniform scrambling.
 *
 * Sobol, "On the distribution of points in a cube" (1967); direction numbers of Joe and
 * Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM J.
 * Sci. Comput. 30 (2008), 64 dimensions; Owen, "Randomly permuted (t,m,s)-nets" (1995):
 * each bit is flipped or not by a coin that depends on the bits before it, so that every
 * point is uniform and the nets stay nets. Further dimensions are independent uniform
 * numbers. The points are those of index 0, 1, ... in Gray-code order. */
#ifndef PLUGINS_COMMON_SOBOL_H
#define PLUGINS_COMMON_SOBOL_H

#include <stdint.h>

enum { SOBOL_DIMENSIONS = 64 };

struct sobol {
  uint32_t n;     /* dimensions of a point */
  uint64_t seed;  /* of the scrambling */
  uint64_t index; /* of the next point */
  uint32_t state[SOBOL_DIMENSIONS];
  uint32_t directions[SOBOL_DIMENSIONS][32];
};

void sobol_init (struct sobol *sobol, uint32_t n, uint64_t seed);

/* The next point into unit[n], each number in (0, 1). After 2^32 points they begin again,
 * scrambled anew. */
void sobol_next (struct sobol *sobol, double *unit);

#endif
