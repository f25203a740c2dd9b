/* The table of functions that plugins get instead of linking against the library. */
#include "core/text.h"
#include "core/host.h"
#include "core/registry.h"

#include <gym/objective.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Plugins never print: where a line goes, if anywhere, is for the host to say. */
static void
host_log (const struct gym_host *host, const char *format, ...)
{
  const struct gym_host_context *c = host->context;
  va_list args;
  va_start (args, format);
  gym_log_line (c->log, c->log_context, format, args);
  va_end (args);
}

static bool
host_cancelled (const struct gym_host *host)
{
  const struct gym_host_context *c = host->context;
  return (c->cancel && atomic_load_explicit (c->cancel, memory_order_relaxed))
         || (c->stop && c->stop (c->stop_context));
}

/* The per-user cache of the XDG base directory specification; a shared folder of the
 * system when there is no home. Whoever writes there makes it. */
static void
find_cache (char *path, size_t size)
{
  const char *own = getenv ("GYM_CACHE_DIR"), *xdg = getenv ("XDG_CACHE_HOME"),
             *home = getenv ("HOME");
  if (own && *own)
    snprintf (path, size, "%s", own);
  else if (xdg && *xdg)
    snprintf (path, size, "%s/archgym", xdg);
  else if (home && *home)
    snprintf (path, size, "%s/.cache/archgym", home);
  else
    snprintf (path, size, "/var/tmp/archgym");
}

/* What is installed, or in a build tree what would be (share there links to it). */
static void
find_data (char *path, size_t size)
{
  const char *own = getenv ("GYM_DATA_DIR");
  char top[GYM_BUILD_TREE];
  if (own && *own)
    snprintf (path, size, "%s", own);
  else if (gym_build_tree (top) > 0)
    snprintf (path, size, "%.*sshare", (int)size - 8, top);
  else
    snprintf (path, size, "%s", PKGDATADIR);
}

void
gym_host_init (struct gym_host *host, struct gym_host_context *context,
               const void *self_class)
{
  find_data (context->data_dir, sizeof context->data_dir);
  find_cache (context->cache_dir, sizeof context->cache_dir);
  *host = (struct gym_host){ .struct_size = sizeof *host,
                             .abi_minor = GYM_ABI_MINOR,
                             .space_size = gym_space_size,
                             .space_cardinality = gym_space_cardinality,
                             .space_param = gym_space_param,
                             .space_sample = gym_space_sample,
                             .space_draw = gym_space_draw,
                             .param_count = gym_space_count,
                             .param_value = gym_space_value,
                             .param_index = gym_space_index,
                             .space_repair = gym_space_repair,
                             .space_hash = gym_space_hash,
                             .space_encode = gym_space_encode,
                             .space_decode = gym_space_decode,
                             .compare = gym_compare,
                             .log = host_log,
                             .cancelled = host_cancelled,
                             .data_dir = context->data_dir,
                             .cache_dir = context->cache_dir,
                             .self_class = self_class,
                             .context = context };
}

/* Zeroed, so that `close` can tell what `open` had got to. */
void *
gym_instance_new (size_t size, const struct gym_options *options,
                  const gym_settings *settings, const char *owner, gym_error *err)
{
  void *self = calloc (1, size);
  if (!self) {
    gym_fail (err, GYM_ENOMEM, "out of memory for %s", owner);
    return NULL;
  }
  if (gym_options_apply (options, settings, owner, self, err) < 0) {
    free (self);
    return NULL;
  }
  return self;
}

/* Options in force rather than options given: spelling a default out changes nothing. */
char *
gym_instance_identity (const char *id, const struct gym_options *options,
                       const gym_settings *settings, const char *owner, gym_error *err)
{
  char *values = gym_options_to_json (options, settings, owner, err);
  if (!values)
    return NULL;
  size_t size = strlen (id) + strlen (values) + 32;
  char *text = malloc (size);
  if (text)
    snprintf (text, size, "{\"id\": \"%s\", \"options\": %s}", id, values);
  else
    gym_fail (err, GYM_ENOMEM, "out of memory for %s", owner);
  gym_free (values);
  return text;
}
