/* core/host.h - the host table of gym/plugin.h and instances made from classes. */
#ifndef CORE_HOST_H
#define CORE_HOST_H

#include <gym/env.h>
#include <gym/registry.h>
#include <stdatomic.h>

/* What the table's `context` points to: one for each instance, embedded in its handle. */
struct gym_host_context {
  void (*log) (void *context, const char *line);
  void *log_context;
  const atomic_bool *cancel;
  bool (*stop) (void *context); /* asked where no flag can be raised; may be NULL */
  void *stop_context;
  /* Agents alone: what agent_open needs. */
  const gym_registry *registry;
  const gym_settings *settings;
  struct gym_agent *self;
  /* Envs alone: models and envs opened inside them, and the fidelity of the latter. */
  struct gym_held *held;
  char data_dir[1024];
  char cache_dir[1024];
};

/* Fills the table for an instance of `self_class`. Both structs must stay where they are
 * as long as the instance lives. GYM_DATA_DIR and GYM_CACHE_DIR override the folders. */
void gym_host_init (struct gym_host *host, struct gym_host_context *context,
                    const void *self_class);

/* Adds the part of the table that opens models and envs inside an env (host_models.c);
 * the second closes what was opened. */
void gym_host_add_models (struct gym_host *host, struct gym_host_context *context,
                          const gym_registry *registry);
void gym_host_drop_models (struct gym_host_context *context);

/* Where the lines of an env go that is open, as gym_env_set_log has it. */
void gym_env_get_log (const gym_env *env, void (**log) (void *context, const char *line),
                      void **context);

/* Whether the value of a file option is one of its choices and no file. */
bool gym_option_is_choice (const struct gym_option *option, const char *text);

/* Allocates an instance of `size` zeroed bytes with its options in their fields. */
void *gym_instance_new (size_t size, const struct gym_options *options,
                        const gym_settings *settings, const char *owner, gym_error *err);

/* {"id": ..., "options": {...}}: caller frees. */
char *gym_instance_identity (const char *id, const struct gym_options *options,
                             const gym_settings *settings, const char *owner,
                             gym_error *err);

#endif
