/* lua/study.h - what study.c and results.c share: the object behind a study handle. */
#ifndef GYM_LUA_STUDY_H
#define GYM_LUA_STUDY_H

#include "lua/binding.h"

/* Goal 0 over a run's ok and feasible trials: what the mean of random designs is made
 * of. */
struct sums {
  double total;
  uint64_t n;
};

/* A trial that entered its run's non-dominated set when it was told: kept because the
 * set itself knows numbers only. Rows of `size` doubles in `values`: design, metrics. */
struct member {
  size_t run;
  uint64_t number;
};

struct study {
  gym_study *study;
  gym_env *env; /* borrowed through the box's parent */
  uint32_t n_params, n_metrics, n_goals;
  double seconds; /* that a call of study:run may take */

  struct sums *sums; /* one a run, made when the study first runs */
  struct member *members;
  double *values;
  size_t n_members, room;

  /* While it runs. */
  lua_State *L; /* the thread of study:run; NULL: not running */
  struct bind_watch watch;
  bool failed;    /* a callback raised: the error is at RUN_ERROR of L's stack */
  bool stopped;   /* a callback asked for the end */
  bool interrupt; /* the watch tells of an interrupt: somebody wants the end */
  bool late;      /* its time was over */
  bool shown;     /* a progress line was written */
  double next;    /* seconds at which the next plain progress line is due */
};

/* Stack of a running study:run. */
enum { RUN_SELF = 1, RUN_TRIAL = 2, RUN_PROGRESS = 3, RUN_ERROR = 4 };

struct study *bind_study (lua_State *L);

/* results.c */
void bind_study_results (lua_State *L);

/* Makes room for sums, and forgets what runs that will begin anew left behind; false when
 * memory ran out. Does not raise. */
bool bind_study_prepare (struct study *s);

/* Keeps what a told trial adds to the results; GYM_ENOMEM. Does not raise. */
int bind_study_record (struct study *s, const struct gym_trial *trial, gym_error *err);

/* progress.c. Shows progress on stderr; does not raise. */
void bind_progress_show (struct study *s, const struct gym_progress *progress);
void bind_push_progress (lua_State *L, const struct gym_progress *progress);

#endif
