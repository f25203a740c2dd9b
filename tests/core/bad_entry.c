/* A shared object that is no plugin. */
#include <gym/plugin.h>

GYM_EXPORT int something_else (void);

int
something_else (void)
{
  return 1;
}
