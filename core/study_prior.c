/* core/study_prior.c - priors as part of a study. See study_prior.h.
 *
 * A run is found in a store by the options of its agent. A prior changes what an agent
 * does as they do, so its digest stands among them, under a name that no option can have;
 * what it says is kept once, in the table `priors`. */
#include "core/study_prior.h"

#include "core/digest.h"
#include "core/store_writer.h"
#include "core/text.h"

#include <string.h>

static int
check_fit (const gym_study *s, const struct study_agent *a, const gym_prior *prior,
           gym_error *err)
{
  if (!(a->entry->agent->flags & GYM_AGENT_PRIOR))
    return gym_fail (err, GYM_EINVAL,
                     "agent %s does not use a prior (gym info AGENT tells: \"Prior: "
                     "yes\")",
                     a->entry->id);
  int code = gym_space_match (s->space, gym_prior_space (prior), err);
  if (code < 0)
    gym_error_prefix (err, "the prior is for another space");
  return code;
}

/* What an agent is given; what it was made of stays behind. */
static gym_prior *
copy_prior (const gym_space *space, const gym_prior *prior, gym_error *err)
{
  gym_prior *copy = gym_prior_new (space, gym_prior_weights (prior), err);
  size_t n;
  const double *first = gym_prior_first (prior, &n);
  if (copy && n > 0 && gym_prior_begin (copy, n, first, err) < 0)
    gym_prior_destroy (&copy);
  return copy;
}

int
study_prior_take (const gym_study *s, struct study_agent *a, const gym_prior *prior,
                  gym_error *err)
{
  int code = check_fit (s, a, prior, err);
  if (code < 0)
    return code;
  const char *json = gym_prior_json (prior);
  char digest[65];
  struct gym_text text = { 0 };
  gym_digest_bytes (json, strlen (json), digest);
  bool bare = strcmp (a->options, "{}") == 0;
  gym_text_printf (&text, "{\"@prior\": \"%.32s\"%s%s", digest, bare ? "" : ", ",
                   a->options + 1);
  char *options = gym_text_take (&text, err);
  a->prior = options ? copy_prior (s->space, prior, err) : NULL;
  if (!a->prior) {
    gym_free (options);
    return GYM_ENOMEM;
  }
  gym_free (a->options);
  a->options = options;
  return GYM_OK;
}

int
study_prior_keep (gym_study *s, const struct study_agent *a, gym_error *err)
{
  gym_writer *w = s->writer;
  if (!a->prior || !w)
    return GYM_OK;
  const char *json = gym_prior_json (a->prior);
  char digest[65];
  gym_digest_bytes (json, strlen (json), digest);
  int code = gym_writer_begin (w, err);
  if (code < 0)
    return code;
  code = gym_store_exec (w->db, w->path,
                         "CREATE TABLE IF NOT EXISTS priors (digest TEXT PRIMARY KEY,"
                         " prior TEXT NOT NULL) WITHOUT ROWID",
                         err);
  if (code == GYM_OK)
    code = gym_store_exec_free (
        w->db, w->path,
        sqlite3_mprintf ("INSERT OR IGNORE INTO priors VALUES ('%.32q', %Q)", digest,
                         json),
        err);
  return code < 0 ? gym_writer_broken (w, code, err) : GYM_OK;
}
