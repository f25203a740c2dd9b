/* gym/options.h - what a user sets on an env, an agent or a proxy model.
 *
 * `gym_settings` is an ordered list of key=value texts as a person wrote them;
 * `struct gym_options` (gym/plugin.h) is what a class accepts. The functions here bring
 * the two together, for all plugins alike: an unknown key is an error that lists the
 * valid ones and the nearest match; a value out of range names the range. */
#ifndef GYM_OPTIONS_H
#define GYM_OPTIONS_H

#include <gym/space.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Owned by its maker, one thread at a time. Keys keep the order in which they were first
 * set. Nothing is checked here: what a key may be, only the class knows. */
typedef struct gym_settings gym_settings;

GYM_API gym_settings *gym_settings_new (gym_error *err);
GYM_API gym_settings *gym_settings_copy (const gym_settings *from, gym_error *err);
GYM_API void gym_settings_destroy (gym_settings **settings);

/* Sets one key (a second time: replaces its value, in place). Copies both texts. */
GYM_API int gym_settings_set (gym_settings *settings, const char *key, const char *value,
                              gym_error *err);

/* Reads one "key=value" as given on a command line; the value may be empty or contain
 * further "=". */
GYM_API int gym_settings_parse (gym_settings *settings, const char *text, gym_error *err);

/* Number of keys, key i and its value (borrowed until the next change), look-up by key
 * (NULL when absent). A NULL `settings` is an empty list. */
GYM_API size_t gym_settings_count (const gym_settings *settings);
GYM_API const char *gym_settings_key (const gym_settings *settings, size_t i);
GYM_API const char *gym_settings_value (const gym_settings *settings, size_t i);
GYM_API const char *gym_settings_get (const gym_settings *settings, const char *key);

/* Entry i < options->n. What a plugin older than this library does not have is 0. */
GYM_API struct gym_option gym_option_at (const struct gym_options *options, uint32_t i);

/* Checks `settings` against a class's table and, when `instance` is not NULL, writes
 * every option (given or default) into its field. Texts are stored as pointers into
 * `settings` or the table: keep both alive. `owner` names the class in messages
 * ("agent ga-v1"). Numbers may carry a unit, which is converted to the option's. Errors:
 * GYM_EINVAL for what the user wrote, GYM_ENOTFOUND for a file that is missing,
 * GYM_EPLUGIN for a table that is wrong in itself. */
GYM_API int gym_options_apply (const struct gym_options *options,
                               const gym_settings *settings, const char *owner,
                               void *instance, gym_error *err);

/* Every option with the value in force, as a canonical JSON object with sorted keys:
 * two lists of settings that mean the same give the same text. A file appears as
 * {"name": base name, "sha256": digest of its content}, never as a path. The caller
 * frees it with gym_free. */
GYM_API char *gym_options_to_json (const struct gym_options *options,
                                   const gym_settings *settings, const char *owner,
                                   gym_error *err);

/* The table as the space of its hyperparameters: bounded int and real, bool and enum
 * options that are not GYM_OPTION_FIXED. The caller destroys it. */
GYM_API gym_space *gym_options_space (const struct gym_options *options, gym_error *err);

/* Writes a design of that space into settings, beside what they hold already. */
GYM_API int gym_options_settings (const gym_space *space, const double *row,
                                  gym_settings *settings, gym_error *err);

/* A table for people to read: one option a line with type, range, default and doc. */
GYM_API char *gym_options_describe (const struct gym_options *options, gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
