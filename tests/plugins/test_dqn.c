/* DQN keeps the laws of agents in all its variants, honours its options, and finds better
 * designs than random search. */
#include "tests/plugins/learners.h"

static const char *const variants[] = {
  NULL,
  "value=each batch=8 layers=1 width=16 shape=free",
  "shape=normal layers=0 batch=8 replay=100 bins=16 epsilon_last=0.1",
  "",
};
static const char *const bad[] = { "batch=0",     "replay=0",        "updates=0",
                                   "epsilon=2",   "epsilon_last=-1", "decay=2",
                                   "shape=round", "value=half",      NULL };
static const char *const changes[] = {
  "batch=8 rate=0.01",
  "batch=8 updates=2",
  "batch=8 replay=64",
  "batch=8 norm=0.001",
  "batch=8 epsilon=0.5",
  "batch=8 epsilon_last=0.1",
  "batch=8 decay=0.5",
  "batch=8 value=each",
  "batch=9",
  "batch=8 shape=normal",
  NULL,
};

/* The share left to chance falls along its line: of the designs told at first next to
 * none agree with those in the end. */
static void
test_epsilon (void)
{
  static double rows[LEARNER_TRIALS][LEARNER_PARAMS];
  double same[2] = { 0, 0 };
  CU_ASSERT_EQUAL (
      learner_run ("dqn", "batch=8 epsilon=1 epsilon_last=0 decay=1", 1, rows[0], NULL),
      LEARNER_TRIALS);
  for (int half = 0; half < 2; half++)
    for (int t = 0; t < 50; t++)
      for (int i = 4; i < LEARNER_PARAMS; i++) {
        const double *row = rows[half ? LEARNER_TRIALS - 50 + t : t];
        same[half] += row[i] == rows[LEARNER_TRIALS - 1][i];
      }
  CU_ASSERT (same[0] < 0.2 * 50 * 8);
  CU_ASSERT (same[1] > 0.4 * 50 * 8);
}

/* What is learnt counts from the first: how much is left to chance is an option, too. */
int
main (void)
{
  static const struct learner dqn = { .agent = "dqn",
                                      .variants = variants,
                                      .bad = bad,
                                      .usual = "batch=8",
                                      .changes = changes,
                                      .budget = 300 };
  static const struct tap_test own[] = { { "epsilon", test_epsilon }, { 0 } };
  return learner_tests (&dqn, own);
}
