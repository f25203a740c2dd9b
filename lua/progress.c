/* Progress of a study on stderr: a bar on a terminal, a line now and then elsewhere,
 * nothing for runs that are over within two seconds. */
#include "lua/study.h"

#include <math.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const double quiet = 2;  /* seconds without a word */
static const double every = 10; /* seconds between plain lines */

/* Columns of the terminal on stderr, so that a line never wraps. */
static int
columns (void)
{
  struct winsize size;
  bool known = ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20;
  return known ? size.ws_col : 80;
}

void
bind_progress_show (struct study *s, const struct gym_progress *progress)
{
  char text[256];
  bool terminal = isatty (STDERR_FILENO);
  if (progress->seconds < quiet && !s->shown)
    return;
  if (!terminal && !progress->finished && progress->seconds < s->next)
    return;
  gym_progress_format (progress, terminal ? 24 : 0, text, sizeof text);
  if (terminal) /* back to the start of the line, and clear what is left of the old */
    fprintf (stderr, "\r%.*s\033[K%s", columns () - 1, text,
             progress->finished ? "\n" : "");
  else
    fprintf (stderr, "%s\n", text);
  fflush (stderr);
  s->shown = true;
  s->next = progress->seconds + every;
}

static void
set_number (lua_State *L, const char *key, double value)
{
  if (isnan (value))
    return;
  lua_pushnumber (L, value);
  lua_setfield (L, -2, key);
}

static void
set_count (lua_State *L, const char *key, uint64_t value)
{
  lua_pushinteger (L, (lua_Integer)value);
  lua_setfield (L, -2, key);
}

void
bind_push_progress (lua_State *L, const struct gym_progress *p)
{
  lua_createtable (L, 0, 12);
  set_count (L, "run", p->run + 1);
  set_count (L, "runs", p->runs);
  bind_set_text (L, "agent", p->label);
  set_count (L, "seed", p->run_seed);
  set_number (L, "spent", p->spent);
  set_number (L, "budget", p->budget);
  set_count (L, "trials", p->trials);
  set_count (L, "failures", p->failures);
  set_number (L, "seconds", p->seconds);
  set_number (L, "rate", p->rate);
  set_number (L, "best", p->best);
  lua_pushboolean (L, p->finished);
  lua_setfield (L, -2, "finished");
}
