/* REINFORCE keeps the laws of agents in all its variants, honours its options, and finds
 * better designs than random search. */
#include "tests/plugins/learners.h"

static const char *const variants[] = {
  NULL,
  "shape=normal bins=16 batch=7 entropy=0 floor=0.1",
  "shape=free layers=0 rate=0.05 batch=2 reward=linear",
  "",
};
static const char *const bad[] = { "batch=1",     "reward=0", "rate=0", "floor=1.5",
                                   "shape=round", "width=0",  "bins=1", NULL };
static const char *const changes[] = { "batch=50 rate=0.02", "batch=50 entropy=1",
                                       "batch=50 norm=0.001", "batch=50 reward=linear",
                                       NULL };

/* Nothing is learnt before the first batch is full. */
int
main (void)
{
  static const struct learner reinforce = { .agent = "reinforce",
                                            .variants = variants,
                                            .bad = bad,
                                            .usual = "batch=50",
                                            .changes = changes,
                                            .alike = 50,
                                            .budget = 2000 };
  return learner_tests (&reinforce, NULL);
}
