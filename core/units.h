/* core/units.h - numbers and units as text, the same in every locale. Internal. */
#ifndef CORE_UNITS_H
#define CORE_UNITS_H

#include <gym/error.h>
#include <stddef.h>

enum { GYM_NUMBER_TEXT = 32 };

/* Length of the decimal number that `text` begins with, 0 when there is none: an optional
 * sign, digits with at most one '.', an optional exponent with digits. No blanks, no
 * hexadecimal, no words. */
size_t gym_number_span (const char *text);

/* A whole text as one such number. Too large a number for a double is an error, too
 * small a one becomes the nearest double. */
int gym_number_parse (const char *text, double *value, gym_error *err);

/* A number in so many digits, for people; "nan" where it is none. Returns `text`. */
const char *gym_number_rounded (double value, int digits, char text[GYM_NUMBER_TEXT]);

/* What a unit measures, and its size: 10^ten * 2^two of the dimension's base unit.
 * Dimensions are equal when units can be converted; 0 is a pure number. */
struct gym_unit {
  int dimension;
  int ten;
  int two;
};

/* Reads a unit such as "ns", "MB/s", "mm2", "%". NULL, "" and "1" are pure numbers.
 * Returns 0, or GYM_EINVAL when it is not known. */
int gym_unit_read (const char *text, struct gym_unit *unit);

#endif
