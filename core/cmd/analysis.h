/* analysis.h - what tables, comparisons and reports make of a store's studies. */
#ifndef CMD_ANALYSIS_H
#define CMD_ANALYSIS_H

#include "core/cmd/common.h"

/* A study with one score a run, the smaller the better: the best of goal 0 in inner
 * terms; for several goals the share of the hypervolume of all runs' front that the run's
 * own front misses. NaN: nothing feasible was found. */
struct analysis {
  gym_results *results;
  const struct gym_result_study *study;
  size_t n_agents, n_runs;
  double *scores;
  double *reference;    /* m > 1: the point below which volumes are measured */
  double volume;        /* of the front of all runs */
  double random_mean;   /* inner goal 0 of random designs: all results of agent random */
  size_t random_agent;  /* SIZE_MAX: there is none */
  double target;        /* inner goal 0; NaN: none */
  char target_note[64]; /* where it comes from */
  char env[160];        /* the env, its files, and options in which studies differ */
  char unit[32];        /* of scores, with a space before it; "" for pure numbers */
};

/* Keys of the options below, above those of the command that has them. */
enum { ANALYSIS_STUDY = CLI_LONG + 100, ANALYSIS_TARGET };

/* For a command's table of options; `what` tells which study, and which without it. */
#define ANALYSIS_OPTIONS(what)                                                           \
  { .key = ANALYSIS_STUDY, .name = "study", .argument = "ID", .doc = what },             \
  {                                                                                      \
    .key = ANALYSIS_TARGET, .name = "target", .argument = "VALUE",                       \
    .doc = "Value of the first goal that runs are to reach, with an optional unit "      \
           "(within 1 % of the best found)."                                             \
  }
#define ANALYSIS_ALL "One study, by the number it has in the store (all)."

/* Opens the store that the first word names and loads the study that is asked for, or
 * without --study all of them (of which there is at least one). Of the designs of each at
 * most `designs` are kept. Whatever comes of it, analysis_close ends it. */
int analysis_open (const struct cli *cli, size_t designs, gym_store **store,
                   struct analysis **list, size_t *n, gym_error *err);
void analysis_close (gym_store **store, struct analysis **list, size_t n);

/* The same of one study of an open store; target NULL: none is named. Nothing is left to
 * clear after an error. */
int analysis_load (gym_store *store, int64_t study, size_t designs, const char *target,
                   struct analysis *analysis, gym_error *err);
void analysis_clear (struct analysis *analysis);

/* A score in the user's terms: goal 0, or the share of the volume in %. */
double analysis_report (const struct analysis *analysis, double score);

/* Scores of an agent's runs, in order of runs; at most `analysis->n_runs`. */
size_t analysis_scores (const struct analysis *analysis, size_t agent, double *scores);

/* Quantile of scores where NaN is the worst; NaN when it falls on one of those. */
double analysis_quantile (const double *scores, size_t n, double p);

/* Evaluations to the target and length of each of the agent's runs. */
size_t analysis_hits (const struct analysis *analysis, size_t agent, size_t *hits,
                      size_t *lengths);

/* The agent a word means: a label, or an id (with or without its version) that only one
 * agent of the study has. Errors list the labels. */
int analysis_find (const struct analysis *analysis, const char *word, size_t *agent,
                   gym_error *err);

/* Whether a full id is meant by a word, with or without its version. */
bool analysis_is_id (const char *id, const char *word);

/* Two agents of a study compared over the seeds that both have. */
struct comparison {
  size_t a, b, pairs;
  struct gym_test test;      /* paired */
  double p;                  /* corrected by whoever makes several; else as in the test */
  double effect;             /* the chance that a run of `a` is better */
  struct gym_wins wins;      /* of `a` */
  double median_a, median_b; /* scores */
  struct gym_interval difference; /* of the median of paired differences, b - a */
};
int analysis_compare (const struct analysis *analysis, size_t a, size_t b,
                      struct comparison *comparison, gym_error *err);

/* Holm's correction of the p of n comparisons. */
int analysis_correct (struct comparison *list, size_t n, gym_error *err);

/* The verdict in a sentence, and the note about too few seeds ("" when there are enough).
 */
enum { ANALYSIS_TEXT = 512 };
void analysis_verdict (const struct analysis *analysis, const struct comparison *c,
                       size_t tests, char text[ANALYSIS_TEXT]);
void analysis_warning (const struct comparison *c, size_t tests,
                       char text[ANALYSIS_TEXT]);

/* Runs that are tainted: of one agent (SIZE_MAX: of all), and cmd_taint about them. */
size_t analysis_tainted (const struct analysis *analysis, size_t agent);
const char *analysis_taint (const struct analysis *analysis, char text[CMD_TAINT]);

/* "small", "medium", "large" or "negligible" (Vargha and Delaney 2000). */
const char *analysis_size (double effect);

/* Evaluations and budgets for people: "2,000". */
const char *analysis_count (double count, char text[CMD_NUMBER]);

/* The share by which a score is better than the mean random design; NaN without one, or
 * with several goals. */
double analysis_improvement (const struct analysis *analysis, double score);

/* Share of random designs that are at least as good as `goal` (inner goal 0); NaN. */
double analysis_hit_rate (const struct analysis *analysis, double goal);

#endif
