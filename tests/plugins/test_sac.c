/* SAC keeps the laws of agents in all its variants, honours its options, and finds better
 * designs than random search. */
#include "tests/plugins/learners.h"

static const char *const variants[] = {
  NULL,
  "batch=8 layers=1 width=16 shape=normal bins=16 floor=0.05",
  "shape=free layers=0 updates=2 batch=8 replay=100 reward=linear",
  "",
};
static const char *const bad[] = { "batch=0",     "replay=0",        "updates=0",
                                   "entropy=2",   "entropy_last=-1", "temperature_rate=0",
                                   "shape=round", "reward=best",     "start=0",
                                   NULL };
static const char *const changes[] = {
  "start=50 batch=8 rate=0.01",      "start=50 batch=8 updates=2",
  "start=50 batch=8 replay=64",      "start=50 batch=8 entropy=0.2",
  "start=50 batch=8 norm=0.001",     "start=50 batch=8 temperature_rate=1",
  "start=50 batch=8 entropy_last=0", "start=50 batch=9",
  "start=50 batch=8 reward=linear",  NULL,
};

/* Nothing is learnt before `start` results. */
int
main (void)
{
  static const struct learner sac = { .agent = "sac",
                                      .variants = variants,
                                      .bad = bad,
                                      .usual = "start=50 batch=8",
                                      .changes = changes,
                                      .alike = 50,
                                      .budget = 300 };
  return learner_tests (&sac, NULL);
}
