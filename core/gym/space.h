/* gym/space.h - the set of designs an environment offers.
 *
 * A space is made from an env's parameter table (gym/plugin.h tells how a design is
 * coded) and never changes afterwards: any number of threads may read it. It copies
 * every string. Every agent searches exactly this set.
 *
 * A design is a row of gym_space_size() doubles owned by the caller. Rows handed to
 * these functions must have that length; whether their numbers make sense is what
 * gym_space_check tells. */
#ifndef GYM_SPACE_H
#define GYM_SPACE_H

#include <gym/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gym_space gym_space;

/* Checks the table (names unique and well formed, bounds finite and in order, levels
 * unique, parents earlier, values of `when` existing, defaults in range) and makes a
 * space from it. The caller destroys it. NULL on a wrong table: the error names the
 * parameter and the rule. */
GYM_API gym_space *gym_space_new (const struct gym_params *params, gym_error *err);

/* Frees the space and sets the pointer to NULL; nothing when it is NULL already. */
GYM_API void gym_space_destroy (gym_space **space);

/* Number of parameters. */
GYM_API uint32_t gym_space_size (const gym_space *space);

/* Parameter i: borrowed, valid as long as the space. `step` of an integer is never 0. */
GYM_API const struct gym_param *gym_space_param (const gym_space *space, uint32_t i);

/* Index of a name, or GYM_ENOTFOUND with an error that lists the nearest match. */
GYM_API int gym_space_find (const gym_space *space, const char *name, gym_error *err);

/* Index of the parent of parameter i, or -1. */
GYM_API int gym_space_parent (const gym_space *space, uint32_t i);

/* Whether parameter i is active in a row whose earlier entries are set. */
GYM_API bool gym_space_active (const gym_space *space, const double *row, uint32_t i);

/* Number of distinct canonical designs, conditional parameters counted only where they
 * are active; INFINITY when a continuum can be active. Exact up to 2^53, DBL_MAX when the
 * number is finite but no double. */
GYM_API double gym_space_cardinality (const gym_space *space);

/* Number of values of parameter i (0: a continuum, a real parameter whose bounds differ),
 * and the value at an index of its
 * grid and back (the nearest index). For categorical and ordinal parameters value and
 * index are the same number. */
GYM_API uint64_t gym_space_count (const gym_space *space, uint32_t i);
GYM_API double gym_space_value (const gym_space *space, uint32_t i, uint64_t index);
GYM_API uint64_t gym_space_index (const gym_space *space, uint32_t i, double value);

/* Fills `row` with the defaults (canonical). */
GYM_API void gym_space_default (const gym_space *space, double *row);

/* 0 when the row is a canonical design of this space; GYM_EINVAL with the parameter, its
 * value and what is allowed otherwise (NaN where active, a number where inactive,
 * infinity, out of range, off the grid). */
GYM_API int gym_space_check (const gym_space *space, const double *row, gym_error *err);

/* Makes any row canonical in place: clips, rounds to the grid, NaN where inactive,
 * the default where active and NaN. */
GYM_API void gym_space_repair (const gym_space *space, double *row);

/* A uniform design: every active parameter uniform over its values, parents first; log
 * parameters uniform over the logarithm, where integer v stands for [v, v + step): each
 * octave is equally likely. */
GYM_API void gym_space_sample (const gym_space *space, gym_rng *rng, double *row);

/* A value for parameter i, uniform as above, without regard to activity. */
GYM_API double gym_space_draw (const gym_space *space, gym_rng *rng, uint32_t i);

/* The designs one move away from canonical `row`: another level of a categorical
 * parameter, the next level up or down of an ordinal, the next grid value of an integer,
 * a step of 1/100 of the (log) range of a real; children that become active take their
 * defaults. Writes at most `capacity` rows into `out` (may be NULL with capacity 0) and
 * returns how many neighbours there are in all; all differ from `row` and each other.
 * Moves along levels and integers can be undone by a move, except that children which
 * became inactive have lost their values. */
GYM_API size_t gym_space_neighbours (const gym_space *space, const double *row,
                                     double *out, size_t capacity);

/* 64-bit hash (XXH3) of a canonical row: equal on every machine, part of the evaluation
 * seed. */
GYM_API uint64_t gym_space_hash (const gym_space *space, const double *row);

/* To and from [0,1]^n: the position on the parameter's (log) scale; the middle of equal
 * bins for levels and integers (on a log scale, of the bins of gym_space_sample); 0.5
 * where inactive. Decoding any point gives a canonical design: positions beyond [0,1] are
 * clipped, NaN is the default. decode (encode (row)) is row, where [0,1] has the numbers
 * to tell values apart: levels, and integers with up to 2^40 values; reals come back
 * within 2^-48 of their range (of the value itself on a log scale). `unit` and `row` may
 * be the same array. */
GYM_API void gym_space_encode (const gym_space *space, const double *row, double *unit);
GYM_API void gym_space_decode (const gym_space *space, const double *unit, double *row);

/* One-hot: n_levels columns for a categorical parameter (all 0 when inactive), one
 * column as gym_space_encode's for the others plus one activity column when conditional.
 * gym_space_onehot_size gives the length, gym_space_onehot_name the name of a column
 * ("Scheduler=Fifo", "size", "size:active") into `name`, cut to `size`: it returns the
 * length needed, or GYM_EINVAL when there is no such column. */
GYM_API uint32_t gym_space_onehot_size (const gym_space *space);
GYM_API void gym_space_onehot (const gym_space *space, const double *row, double *out);
GYM_API int gym_space_onehot_name (const gym_space *space, uint32_t column, char *name,
                                   size_t size);

/* One value as text: a level's name, an integer, or the shortest decimal that reads back
 * to the same double; "" where NaN. Returns the length needed, as snprintf does. */
GYM_API int gym_space_format (const gym_space *space, uint32_t i, double value,
                              char *text, size_t size);

/* Any double as the shortest decimal that reads back to the same bits: "0.1", "1e-300",
 * "12"; "nan", "inf", "-inf". Independent of the locale. Returns the length needed, as
 * snprintf does; 32 bytes are always enough. */
GYM_API int gym_number_format (double value, char *text, size_t size);

/* The opposite: a level's name, or a number with an optional unit that is converted to
 * the parameter's ("1.5us" for a parameter in ns). An error lists the valid levels with
 * the nearest match, or the bounds. */
GYM_API int gym_space_parse (const gym_space *space, uint32_t i, const char *text,
                             double *value, gym_error *err);

/* A whole design as "name=value,name=value" with inactive parameters left out, and its
 * parser: active parameters not mentioned take their defaults, and their number is
 * returned (0 or more). Giving a parameter that the others make inactive is an error, as
 * is giving one twice. A ',' or '\' in a level is written "\," or "\\". */
GYM_API int gym_design_format (const gym_space *space, const double *row, char *text,
                               size_t size);
GYM_API int gym_design_parse (const gym_space *space, const char *text, double *row,
                              gym_error *err);

/* The same as JSON, {"name": value, ...} in the space's order: levels are strings,
 * inactive parameters are absent. Writing wants a canonical row; the returned text is the
 * caller's: free it with gym_free. Reading is strict: a parameter that is unknown, twice,
 * inactive or missing, or of another type, is an error that names it; it returns 0. */
GYM_API char *gym_design_to_json (const gym_space *space, const double *row,
                                  gym_error *err);
GYM_API int gym_design_from_json (const gym_space *space, const char *json, double *row,
                                  gym_error *err);

/* The space itself as JSON (an array of parameters with kind, unit, doc, levels or
 * bounds, default, parent and when), and a space from such a text. Two spaces are the
 * same when these texts are. Reading is strict, as above. */
GYM_API char *gym_space_to_json (const gym_space *space, gym_error *err);
GYM_API gym_space *gym_space_from_json (const char *json, gym_error *err);

/* 0 when the designs of both spaces are the same and mean the same: names, kinds, units,
 * levels, bounds, grids, parents. GYM_EMISMATCH names the first parameter that differs,
 * and how ("... there, ... here"). Texts, defaults and groups may differ. */
GYM_API int gym_space_match (const gym_space *here, const gym_space *there,
                             gym_error *err);

/* A table for people to read: one parameter a line. The caller frees it. */
GYM_API char *gym_space_describe (const gym_space *space, gym_error *err);

/* Frees a text this library returned. */
GYM_API void gym_free (void *text);

#ifdef __cplusplus
}
#endif
#endif
