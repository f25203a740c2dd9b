/* PPO keeps the laws of agents in all its variants, honours its options, and finds better
 * designs than random search. */
#include "tests/plugins/learners.h"

static const char *const variants[] = {
  NULL,
  "order=autoregressive width=8 layers=1 batch=5",
  "shape=normal bins=16 batch=10 minibatch=3 entropy=0 floor=0.1",
  "shape=free layers=0 epochs=3 rate=0.05",
  "",
};
static const char *const bad[] = { "batch=-1",  "epochs=0",    "clip=0",     "rate=0",
                                   "floor=1.5", "shape=round", "order=none", "width=0",
                                   "bins=1",    NULL };
static const char *const changes[] = { "batch=50 rate=0.02",
                                       "batch=50 epochs=5",
                                       "batch=50 clip=0.01",
                                       "batch=50 entropy=1",
                                       "batch=50 norm=0.001",
                                       "batch=50 minibatch=10",
                                       NULL };

/* Nothing is learnt before the first batch is full. */
int
main (void)
{
  static const struct learner ppo = { .agent = "ppo",
                                      .variants = variants,
                                      .bad = bad,
                                      .usual = "batch=50",
                                      .changes = changes,
                                      .alike = 50,
                                      .budget = 2000 };
  return learner_tests (&ppo, NULL);
}
