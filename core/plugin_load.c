/* Opening plugin files and refusing what breaks the contract before it can do harm. */
#include "core/registry.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The dynamic loader maps the segments that the ELF header promises without looking at
 * the file's length: touching a page beyond the end of a cut file is a SIGBUS. So the
 * length is checked here first. */
static int
check_whole (const char *path, gym_error *err)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return gym_fail (err, GYM_EPLUGIN, "%s: cannot be read", path);
  struct stat st;
  Elf64_Ehdr head;
  int good = fstat (fd, &st) == 0 && S_ISREG (st.st_mode);
  ssize_t n = good ? pread (fd, &head, sizeof head, 0) : -1;
  close (fd);
  if (n < (ssize_t)sizeof head || memcmp (head.e_ident, ELFMAG, SELFMAG) != 0)
    return gym_fail (err, GYM_EPLUGIN, "%s: not a shared object", path);
  /* The section table is the last thing a linker writes. */
  uint64_t end = head.e_shoff + (uint64_t)head.e_shentsize * head.e_shnum;
  if (head.e_ident[EI_CLASS] == ELFCLASS64 && end > (uint64_t)st.st_size)
    return gym_fail (err, GYM_EPLUGIN,
                     "%s: cut short: %lld bytes where its header says at least %llu",
                     path, (long long)st.st_size, (unsigned long long)end);
  return GYM_OK;
}

/* The major version comes first: nothing beyond it can be trusted to be where we look. */
static int
check_header (const struct gym_plugin *p, const char *path, gym_error *err)
{
  if (p->abi_major != GYM_ABI_MAJOR)
    return gym_fail (err, GYM_EPLUGIN,
                     "%s: made for plugin ABI %u.%u, this is %d.%d: build it again", path,
                     p->abi_major, p->abi_minor, GYM_ABI_MAJOR, GYM_ABI_MINOR);
  if (p->struct_size < sizeof *p)
    return gym_fail (err, GYM_EPLUGIN,
                     "%s: gym_plugin_entry says %u bytes, ABI %d.0 has %zu: set it with "
                     "GYM_PLUGIN_ABI",
                     path, p->struct_size, GYM_ABI_MAJOR, sizeof *p);
  return GYM_OK;
}

/* RTLD_NOW finds missing symbols here rather than in the middle of a study; RTLD_LOCAL
 * keeps plugins from seeing each other. */
const struct gym_plugin *
gym_plugin_load (const char *path, gym_error *err)
{
  if (check_whole (path, err) < 0)
    return NULL;
  void *object = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  if (!object) {
    const char *why = dlerror ();
    gym_fail (err, GYM_EPLUGIN, "%s: %s", path, why ? why : "cannot be loaded");
    return NULL;
  }
  const struct gym_plugin *p = dlsym (object, "gym_plugin_entry");
  if (!p) {
    gym_fail (err, GYM_EPLUGIN, "%s: exports no gym_plugin_entry", path);
    return NULL;
  }
  if (check_header (p, path, err) < 0 || gym_plugin_check (p, path, err) < 0)
    return NULL;
  return p;
}

int
gym_id_split (const char *id, size_t *bare, unsigned *version, gym_error *err)
{
  const char *dash = id ? strrchr (id, '-') : NULL;
  unsigned v = 0;
  int good = dash && dash > id && dash[1] == 'v' && dash[2] != '\0';
  for (const char *c = good ? dash + 2 : ""; *c && good; c++) {
    good = *c >= '0' && *c <= '9' && v < 100000;
    v = v * 10 + (unsigned)(*c - '0');
  }
  for (const char *c = id; good && c < dash; c++)
    good = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || strchr ("-_", *c);
  if (!good)
    return gym_fail (err, GYM_EPLUGIN,
                     "id \"%s\" is not of the form name-vN with small letters, digits, "
                     "- and _",
                     id ? id : "(null)");
  *bare = (size_t)(dash - id);
  *version = v;
  return GYM_OK;
}

/* A class is checked by a list of what must be there: a NULL would be a jump to nowhere
 * at the first trial. */
struct method {
  const char *name;
  bool there;
};

static int
check_class (const char *origin, const char *role, const char *id, uint32_t size,
             size_t least, const struct method *methods, gym_error *err)
{
  size_t bare;
  unsigned version;
  if (gym_id_split (id, &bare, &version, err) < 0) {
    gym_error_prefix (err, "%s: %s", origin, role);
    return GYM_EPLUGIN;
  }
  if (size < least)
    return gym_fail (err, GYM_EPLUGIN,
                     "%s: %s %s: struct_size is %u, at least %zu is needed", origin, role,
                     id, size, least);
  for (const struct method *m = methods; m->name; m++)
    if (!m->there)
      return gym_fail (err, GYM_EPLUGIN, "%s: %s %s: \"%s\" is missing", origin, role, id,
                       m->name);
  return GYM_OK;
}

static int
check_env (const struct gym_env_class *c, const char *origin, gym_error *err)
{
  const struct method methods[] = {
    { "summary", c->summary },   { "instance_size", c->instance_size > 0 },
    { "open", c->open },         { "close", c->close },
    { "space", c->space },       { "metrics", c->metrics },
    { "evaluate", c->evaluate }, { 0 }
  };
  return check_class (origin, "env", c->id, c->struct_size,
                      offsetof (struct gym_env_class, extension), methods, err);
}

static int
check_agent (const struct gym_agent_class *c, const char *origin, gym_error *err)
{
  const struct method methods[] = { { "summary", c->summary },
                                    { "instance_size", c->instance_size > 0 },
                                    { "open", c->open },
                                    { "close", c->close },
                                    { "ask", c->ask },
                                    { "tell", c->tell },
                                    { 0 } };
  return check_class (origin, "agent", c->id, c->struct_size,
                      offsetof (struct gym_agent_class, extension), methods, err);
}

static int
check_proxy (const struct gym_proxy_class *c, const char *origin, gym_error *err)
{
  const struct method methods[] = { { "summary", c->summary },
                                    { "instance_size", c->instance_size > 0 },
                                    { "open", c->open },
                                    { "close", c->close },
                                    { "fit", c->fit },
                                    { "predict", c->predict },
                                    { 0 } };
  return check_class (origin, "proxy model", c->id, c->struct_size,
                      offsetof (struct gym_proxy_class, place), methods, err);
}

int
gym_plugin_check (const struct gym_plugin *p, const char *origin, gym_error *err)
{
  int rc = GYM_OK;
  if (!p->name || !p->version || !p->licence)
    return gym_fail (err, GYM_EPLUGIN, "%s: name, version and licence must be given",
                     origin);
  for (size_t i = 0; rc == GYM_OK && p->envs && p->envs[i]; i++)
    rc = check_env (p->envs[i], origin, err);
  for (size_t i = 0; rc == GYM_OK && p->agents && p->agents[i]; i++)
    rc = check_agent (p->agents[i], origin, err);
  for (size_t i = 0; rc == GYM_OK && p->proxies && p->proxies[i]; i++)
    rc = check_proxy (p->proxies[i], origin, err);
  return rc;
}
