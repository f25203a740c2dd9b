/* Whether two spaces hold the same designs, told by the first parameter that differs.
 *
 * The texts of two spaces (gym_space_to_json) would say whether, but not where: what a
 * user needs to know is which of the files in front of him does not belong here. */
#include "core/space.h"
#include "core/text.h"

#include <string.h>

static const char *const kinds[] = { "", "categorical", "ordinal", "integer", "real" };

static bool
same_text (const char *a, const char *b)
{
  return strcmp (a ? a : "", b ? b : "") == 0;
}

static bool
same_list (const char *const *a, const char *const *b)
{
  while (a && b && *a && *b && strcmp (*a, *b) == 0) {
    a++;
    b++;
  }
  return (!a || !*a) && (!b || !*b);
}

static int
differ (gym_error *err, const struct gym_param *p, const char *what, const char *here,
        const char *there)
{
  return gym_fail (err, GYM_EMISMATCH, "parameter \"%s\": %s is %s there, %s here",
                   p->name, what, there ? there : "none", here ? here : "none");
}

static int
differ_number (gym_error *err, const struct gym_param *p, const char *what, double here,
               double there)
{
  char a[32], b[32];
  gym_number_format (here, a, sizeof a);
  gym_number_format (there, b, sizeof b);
  return differ (err, p, what, a, b);
}

/* Levels are compared in order: a design holds their index. */
static int
match_levels (const struct gym_param *here, const struct gym_param *there, gym_error *err)
{
  if (here->n_levels != there->n_levels)
    return gym_fail (err, GYM_EMISMATCH, "parameter \"%s\" has %u levels there, %u here",
                     here->name, there->n_levels, here->n_levels);
  for (uint32_t i = 0; i < here->n_levels; i++)
    if (strcmp (here->levels[i], there->levels[i]) != 0)
      return gym_fail (err, GYM_EMISMATCH,
                       "parameter \"%s\": level %u is \"%s\" there, \"%s\" here",
                       here->name, i, there->levels[i], here->levels[i]);
  return GYM_OK;
}

static int
match_numbers (const struct gym_param *here, const struct gym_param *there,
               gym_error *err)
{
  if (here->low != there->low)
    return differ_number (err, here, "its lower bound", here->low, there->low);
  if (here->high != there->high)
    return differ_number (err, here, "its upper bound", here->high, there->high);
  if (here->kind == GYM_INTEGER && here->step != there->step)
    return differ_number (err, here, "its step", here->step, there->step);
  if ((here->flags ^ there->flags) & GYM_PARAM_LOG)
    return differ (err, here, "its scale", here->flags & GYM_PARAM_LOG ? "log" : "linear",
                   there->flags & GYM_PARAM_LOG ? "log" : "linear");
  return GYM_OK;
}

static int
match_param (const struct gym_param *here, const struct gym_param *there, uint32_t i,
             gym_error *err)
{
  if (strcmp (here->name, there->name) != 0)
    return gym_fail (err, GYM_EMISMATCH, "parameter %u is \"%s\" there, \"%s\" here", i,
                     there->name, here->name);
  if (here->kind != there->kind)
    return differ (err, here, "its kind", kinds[here->kind], kinds[there->kind]);
  if (!same_text (here->unit, there->unit))
    return differ (err, here, "its unit", here->unit, there->unit);
  if (!same_text (here->parent, there->parent))
    return differ (err, here, "its parent", here->parent, there->parent);
  if (!same_list (here->when, there->when))
    return gym_fail (err, GYM_EMISMATCH,
                     "parameter \"%s\" is active under other values of \"%s\" there",
                     here->name, here->parent);
  return here->kind == GYM_CATEGORICAL || here->kind == GYM_ORDINAL
             ? match_levels (here, there, err)
             : match_numbers (here, there, err);
}

/* A parameter too many is told last: one that was put in between is found by its name. */
int
gym_space_match (const gym_space *here, const gym_space *there, gym_error *err)
{
  uint32_t least = here->size < there->size ? here->size : there->size;
  for (uint32_t i = 0; i < least; i++) {
    int rc = match_param (&here->params[i], &there->params[i], i, err);
    if (rc < 0)
      return rc;
  }
  if (here->size < there->size)
    return gym_fail (err, GYM_EMISMATCH, "parameter \"%s\" is missing here",
                     there->params[least].name);
  if (here->size > there->size)
    return gym_fail (err, GYM_EMISMATCH, "parameter \"%s\" is missing there",
                     here->params[least].name);
  return GYM_OK;
}
