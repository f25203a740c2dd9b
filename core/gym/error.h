/* gym/error.h - how every call of the library reports what went wrong.
 *
 * A function that can fail returns an int status (0, or a count where it says so, on
 * success; a negative GYM_E... code on failure) or a pointer that is NULL on failure.
 * Its last argument is a `gym_error *` that the caller owns and that may be NULL.
 * On failure the text says what was wrong, where, and what would be right. On success
 * the struct is left as it was.
 *
 * The library and its plugins never print, never exit, never use a global random
 * generator and never change the locale. */
#ifndef GYM_ERROR_H
#define GYM_ERROR_H

#include <stdarg.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(GYM_BUILDING) && defined(__GNUC__)
#define GYM_API __attribute__ ((visibility ("default")))
#else
#define GYM_API
#endif

#if defined(__GNUC__)
#define GYM_PRINTF(text, first) __attribute__ ((format (printf, text, first)))
#else
#define GYM_PRINTF(text, first)
#endif

/* Status codes. The values are part of the ABI; new ones are only appended. A caller that
 * can act on a failure tells by the code which of them it is (try again, another name,
 * give up); the text is for people. */
enum {
  GYM_OK = 0,
  GYM_EINVAL = -1,     /* an argument, option, design or text is wrong */
  GYM_ENOMEM = -2,     /* memory ran out */
  GYM_EIO = -3,        /* a file could not be read or written; disk full */
  GYM_ENOTFOUND = -4,  /* no such id, name, file or row */
  GYM_EPLUGIN = -5,    /* a plugin file is refused, or a plugin broke the contract */
  GYM_ESTATE = -6,     /* the call is not allowed in this state */
  GYM_ECANCELLED = -7, /* stopped on request (signal, callback) */
  GYM_EBUSY = -8,      /* another process owns the store */
  GYM_EMISMATCH = -9,  /* a replayed ask differs from the logged one */
  GYM_EFAILED = -10    /* an env or agent reported a failure of its own */
};

enum { GYM_ERROR_TEXT = 1024 };

/* Owned by the caller; no part of it is allocated. `text` is UTF-8, one line without a
 * final newline unless it lists several findings. */
typedef struct gym_error {
  int code;
  char text[GYM_ERROR_TEXT];
} gym_error;

/* Fills `err` (when not NULL) and returns `code`, so that failing is one statement:
 *   return gym_fail (err, GYM_EINVAL, "parameter \"%s\": ...", name);
 * Thread: any. Too long a text is cut. Inline, so that plugins link against nothing. */
static inline int gym_fail (gym_error *err, int code, const char *format, ...)
    GYM_PRINTF (3, 4);

static inline int
gym_fail (gym_error *err, int code, const char *format, ...)
{
  if (err) {
    va_list args;
    va_start (args, format);
    err->code = code;
    vsnprintf (err->text, sizeof err->text, format, args);
    va_end (args);
  }
  return code;
}

/* Puts "context: " before the text of `err`, whose end is cut where there is no room;
 * the code stays. Nothing when err is NULL. */
GYM_API void gym_error_prefix (gym_error *err, const char *format, ...) GYM_PRINTF (2, 3);

/* A static string in English naming a code ("invalid argument"), for messages and
 * bindings; "unknown error" for a number that is no code. */
GYM_API const char *gym_error_name (int code);

/* The nearest of `n` names to `word` by edit distance (ASCII letters of either case are
 * alike), or NULL when none is within reach: more than a third of the word's length, at
 * least 2, edits away, or nothing in common with it. Used in every "unknown ..." message.
 * Borrowed from `names`. */
GYM_API const char *gym_nearest (const char *word, const char *const *names, unsigned n);

/* Number of characters to insert, delete or replace to get from one text to the other
 * (Levenshtein 1966), by bytes; the measure behind gym_nearest. Texts longer than 255
 * bytes are compared by their first 255. */
GYM_API unsigned gym_edit_distance (const char *a, const char *b);

/* Version of the library: "0.1.0". Static; that of the headers a caller was compiled with
 * may be another. */
GYM_API const char *gym_version (void);

#ifdef __cplusplus
}
#endif
#endif
