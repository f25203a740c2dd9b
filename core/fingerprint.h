/* core/fingerprint.h - what the bits of a result may depend on besides its inputs. */
#ifndef CORE_FINGERPRINT_H
#define CORE_FINGERPRINT_H

#include <gym/registry.h>

/* Canonical JSON: CPU features that numeric code selects by, C library (its libm),
 * version of archgym, and the SHA-256 of the plugin file behind `entry`. The caller frees
 * it. */
char *gym_fingerprint (const struct gym_entry *entry, gym_error *err);

/* Whether a study that was begun under `then` goes on under another one, and if so the
 * sentence about it: which fields differ, and how. */
enum { GYM_FINGERPRINT_NOTE = 512 };
bool gym_fingerprint_differs (const char *then, const char *now,
                              char text[GYM_FINGERPRINT_NOTE]);

#endif
