/* gym/proxy.h - models of metrics, learnt from evaluated designs.
 *
 * A proxy predicts in microseconds what an env takes its time to evaluate:
 *
 *   gym_proxy *p = gym_proxy_open (registry, "gbdt", settings, space, &targets, 1, &err);
 *   gym_proxy_fit (p, n, designs, values, &err);
 *   gym_proxy_save (p, "dram.proxy", &err);
 *   ...
 *   gym_proxy *q = gym_proxy_load (registry, "dram.proxy", NULL, &err);
 *   gym_proxy_predict (q, m, others, mean, spread, &err);
 *
 * Targets come and go in their own unit; what a class learns may be their logarithm, see
 * gym_proxy_set_transform. gym/proxy_train.h makes models from stores and scores them. */
#ifndef GYM_PROXY_H
#define GYM_PROXY_H

#include <gym/registry.h>
#include <gym/space.h>
#include <stdatomic.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An open proxy model. Owned by its maker, one thread at a time; the registry must
 * outlive it. Space, targets and settings are copied. */
typedef struct gym_proxy gym_proxy;

/* Opens proxy `id` (full or bare) for designs of `space` and one or more targets, with
 * the user's settings (NULL: all defaults). `seed` is its only source of randomness: the
 * same seed and rows give the same model, bit for bit. It must be fitted before it
 * predicts. NULL with the error: an unknown id or option, no target, two of one name. */
GYM_API gym_proxy *gym_proxy_open (const gym_registry *registry, const char *id,
                                   const gym_settings *settings, const gym_space *space,
                                   const struct gym_metrics *targets, uint64_t seed,
                                   gym_error *err);
GYM_API void gym_proxy_destroy (gym_proxy **proxy);

/* What was opened. All borrowed, constant until the proxy is destroyed. The identity is
 * {"id": "gbdt-v1", "options": {...}} with all options in force. */
GYM_API const struct gym_entry *gym_proxy_entry (const gym_proxy *proxy);
GYM_API const gym_space *gym_proxy_space (const gym_proxy *proxy);
GYM_API const struct gym_metrics *gym_proxy_targets (const gym_proxy *proxy);
GYM_API const gym_settings *gym_proxy_settings (const gym_proxy *proxy);
GYM_API const char *gym_proxy_identity (const gym_proxy *proxy);
GYM_API uint64_t gym_proxy_seed (const gym_proxy *proxy);

/* Rows it was fitted to; 0: it is not fitted. */
GYM_API size_t gym_proxy_rows (const gym_proxy *proxy);

/* How a target is learnt: as it is; as its logarithm; as its power by the transform of
 * Box and Cox ("An analysis of transformations", 1964), the one that makes the rows most
 * like a normal distribution; or as it is or as its logarithm, whichever does that better
 * (none, where a value is not above 0). Predictions are in the target's own unit: the
 * mean is that of the value (of the logarithm m with spread s it is exp (m + s^2 / 2),
 * not exp (m)), the spread its standard deviation. Neither leaves what is believable from
 * the rows: at most their range beyond it, at most twice their spread. */
enum gym_transform {
  GYM_TRANSFORM_NONE = 0,
  GYM_TRANSFORM_LOG = 1,
  GYM_TRANSFORM_BOXCOX = 2,
  GYM_TRANSFORM_AUTO = 3
};

/* Chooses it for a target (default: none); the model is then not fitted. Values that are
 * not above 0 are an error of gym_proxy_fit (GYM_EINVAL) with log and boxcox. */
GYM_API int gym_proxy_set_transform (gym_proxy *proxy, uint32_t target,
                                     enum gym_transform transform, gym_error *err);

/* What it came to in the fit: none, log or boxcox, and the power (1, 0, or that of Box
 * and Cox), which may be NULL. */
GYM_API enum gym_transform gym_proxy_transform (const gym_proxy *proxy, uint32_t target,
                                                double *power);

/* "none", "log", "boxcox", "auto"; and back, -1 when unknown. */
GYM_API const char *gym_transform_name (enum gym_transform transform);
GYM_API int gym_transform_parse (const char *name);

/* Where its log lines go (default: nowhere), the flag that asks a long fit to stop, and a
 * function that does the same by returning true (default: none). The function is called
 * now and then during a fit, in the thread of the fit. All may be changed between calls.
 */
GYM_API void gym_proxy_set_log (gym_proxy *proxy,
                                void (*log) (void *context, const char *line),
                                void *context);
GYM_API void gym_proxy_set_cancel (gym_proxy *proxy, const atomic_bool *flag);
GYM_API void gym_proxy_set_stop (gym_proxy *proxy, bool (*stop) (void *context),
                                 void *context);

/* Learns n >= 1 rows: designs (rows of gym_space_size numbers, canonical) and targets
 * (rows of one finite number a target, in the target's unit). Whatever was learnt before
 * is forgotten. GYM_EINVAL names the row that is no design or has a target that is no
 * number; GYM_ECANCELLED when it was asked to stop. On failure it is not fitted. */
GYM_API int gym_proxy_fit (gym_proxy *proxy, size_t n, const double *designs,
                           const double *targets, gym_error *err);

/* Whether its class can be pretrained. */
GYM_API bool gym_proxy_pretrains (const gym_proxy *proxy);

/* Shows it n >= 1 designs with m >= 1 hints each: metrics that are known for nothing
 * (counts, sizes, zero-cost scores), as they are. Every fit from now on starts from what
 * that taught, until it is pretrained anew. It is not fitted afterwards. GYM_EINVAL: the
 * class cannot be pretrained, or a row as above; GYM_ECANCELLED. After Dai et al.,
 * "FBNetV3: joint architecture-recipe search using predictor pretraining", CVPR 2021. */
GYM_API int gym_proxy_pretrain (gym_proxy *proxy, size_t n, const double *designs,
                                uint32_t m, const double *hints, gym_error *err);

/* Predicts n canonical designs: mean and, unless `spread` is NULL, the standard deviation
 * of what an evaluation may find, n rows of one number a target each. A row's prediction
 * does not depend on the rows beside it. GYM_ESTATE: not fitted. GYM_EINVAL names the row
 * that is no design. */
GYM_API int gym_proxy_predict (gym_proxy *proxy, size_t n, const double *designs,
                               double *mean, double *spread, gym_error *err);

/* A text of the caller's that is saved along with the model (units of its data, where the
 * rows came from, transforms of the targets). Copied; NULL: none. Borrowed until it is
 * set again. */
GYM_API int gym_proxy_set_note (gym_proxy *proxy, const char *note, gym_error *err);
GYM_API const char *gym_proxy_note (const gym_proxy *proxy);

/* ------------------------------------------------------------------------------------
 * Model files
 *
 * A file holds the class's id, the settings, seed, targets, note, number of rows and the
 * space as text (JSON), what the class makes of its model, and a SHA-256 of it all. It is
 * the same on every machine of the same byte order and number format. */

/* Writes a fitted model, beside `path` first: an older file there stays whole until the
 * new one is. GYM_ESTATE: not fitted; GYM_EIO names the file. */
GYM_API int gym_proxy_save (gym_proxy *proxy, const char *path, gym_error *err);

/* Reads one: it predicts the same bits as the model that was saved. With `space` not
 * NULL, a model of other designs is refused with GYM_EMISMATCH and the first parameter
 * that differs; NULL takes the space from the file. GYM_EINVAL: not a model file, made by
 * a later version, cut short or damaged; GYM_ENOTFOUND: no such file, or a class that the
 * registry does not know. */
GYM_API gym_proxy *gym_proxy_load (const gym_registry *registry, const char *path,
                                   const gym_space *space, gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
