/* check.h - conformance checks: a list of questions to a plugin, a line for each. */
#ifndef CMD_CHECK_H
#define CMD_CHECK_H

#include "core/cmd/cli.h"

/* What a check returns besides a negative code, which means "not ok" with what was seen
 * and what was expected in the error text. */
enum { CHECK_OK = 0, CHECK_SKIP = 1 };

struct check_report {
  FILE *out;
  unsigned done, failed;
  unsigned timeout; /* seconds a check may take */
};

/* Runs one check and prints its line: "ok 3 - name", "not ok 3 - name: seen, expected",
 * "ok 3 - name # SKIP why". Returns whether it was ok or skipped. */
bool check_one (struct check_report *report, const char *name,
                int (*run) (void *subject, gym_error *why), void *subject);

/* The same for a list of them. */
struct check {
  const char *name;
  int (*run) (void *subject, gym_error *why);
};
void check_each (struct check_report *report, const struct check *checks, size_t n,
                 void *subject);

struct check_subject {
  const gym_registry *registry;
  const struct gym_entry *entry;
  const gym_settings *settings;
  size_t designs; /* how many random ones */
  uint64_t seed;
};

/* All checks of an env, an agent, a proxy model. They print; they fail only for lack of
 * memory. */
int check_env (const struct check_subject *subject, struct check_report *report,
               gym_error *err);
int check_agent (const struct check_subject *subject, struct check_report *report,
                 gym_error *err);
int check_proxy (const struct check_subject *subject, struct check_report *report,
                 gym_error *err);

/* ---- Questions that all of them are asked alike ---- */

/* Texts and options documented. */
int check_texts (const char *doc, const char *source, const struct gym_options *options,
                 gym_error *why);

/* `settings` and an option that nobody has. The caller destroys them. */
gym_settings *check_wrong_settings (const gym_settings *settings, gym_error *why);

/* Whether an error text names that option. */
int check_names_option (const gym_error *seen, gym_error *why);

/* Number of open file descriptors of this process, and whether there are no more of them
 * than `before` so many openings. */
int check_count_descriptors (void);
int check_none_left_open (int before, int openings, gym_error *why);

/* Standard output and error go to a temporary file between these two; the second one
 * says what was written there. */
struct check_silence {
  FILE *file;
  int out, err;
};
int check_silence_begin (struct check_silence *silence, gym_error *why);
int check_silence_end (struct check_silence *silence, gym_error *why);

#endif
