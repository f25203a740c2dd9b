/* Where a search evaluates its trials. */
#include "core/cmd/place.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The unit may be written out; no other is taken, since "5m" could mean two things. */
int
place_seconds (const struct cli *cli, int key, double *value, gym_error *err)
{
  const char *text = cli_value (cli, key);
  char *end;
  if (!text)
    return GYM_OK;
  double seconds = strtod (text, &end);
  if (end == text || (*end && strcmp (end, "s") != 0) || !(seconds >= 0) || seconds > 1e8)
    return gym_fail (err, CLI_EUSAGE, "option --%s: \"%s\" is not a number of seconds",
                     cli_spelling (cli, key), text);
  *value = seconds;
  return GYM_OK;
}

/* Powers of 1024, with or without the "iB" that says so. */
static int
read_size (const struct cli *cli, uint64_t *value, gym_error *err)
{
  static const char *const units[] = { "", "K", "M", "G", "T" };
  const char *text = cli_value (cli, PLACE_MEMORY);
  char *end;
  if (!text)
    return GYM_OK;
  double number = strtod (text, &end);
  for (size_t i = 0; end != text && number >= 0 && i < 5; i++) {
    size_t n = strlen (units[i]);
    if (strncmp (end, units[i], n) != 0
        || (end[n] && strcmp (end + n, "B") != 0 && strcmp (end + n, "iB") != 0))
      continue;
    double size = number * pow (1024, (double)i);
    if (size < 0x1p63) {
      *value = (uint64_t)size;
      return GYM_OK;
    }
  }
  return gym_fail (err, CLI_EUSAGE,
                   "option --memory: \"%s\" is not a size such as 500M or 4G", text);
}

int
place_isolation (const struct cli *cli, uint32_t *isolation, gym_error *err)
{
  int choice = (int)*isolation,
      code = cli_choice (cli, PLACE_ISOLATE, gym_isolation_names (), &choice, err);
  *isolation = (uint32_t)choice;
  return code;
}

/* One time for both clocks: a trial that sleeps and one that spins are both too slow. */
static int
set_limits (const struct cli *cli, gym_study *study, gym_error *err)
{
  struct gym_limits limits;
  gym_limits_init (&limits);
  int code = place_isolation (cli, &limits.isolation, err);
  if (code >= 0)
    code = place_seconds (cli, PLACE_TIMEOUT, &limits.seconds, err);
  limits.cpu_seconds = limits.seconds;
  if (code >= 0)
    code = read_size (cli, &limits.memory, err);
  return code < 0 ? code : gym_study_set_limits (study, &limits, err);
}

/* Keys without an endpoint would protect nothing, which their owner should know. */
static int
set_workers (const struct cli *cli, gym_study *study, gym_error *err)
{
  uint64_t batch = 0;
  struct gym_workers workers = { .struct_size = sizeof workers,
                                 .bind = cli_value (cli, PLACE_WORKERS),
                                 .keys = cli_value (cli, PLACE_KEYS),
                                 .mixed = cli_value (cli, PLACE_MIXED) != NULL };
  if (workers.keys && !workers.bind)
    return gym_fail (err, CLI_EUSAGE, "option --keys needs --workers ENDPOINT");
  int code = place_seconds (cli, PLACE_LEASE, &workers.lease, err);
  if (code >= 0)
    code = cli_integer (cli, PLACE_BATCH, 1, 1024, &batch, err);
  workers.max_batch = (uint32_t)batch;
  return code < 0 ? code : gym_study_set_workers (study, &workers, err);
}

/* One job is the default: a single child that the study waits for, without a socket. */
int
place_apply (const struct cli *cli, gym_study *study, gym_error *err)
{
  uint64_t jobs = 0;
  int code = set_limits (cli, study, err);
  if (code >= 0)
    code = set_workers (cli, study, err);
  if (code >= 0)
    code = cli_integer (cli, PLACE_JOBS, 1, 1024, &jobs, err);
  if (code >= 0)
    code = gym_study_set_jobs (study, jobs > 1 ? (uint32_t)jobs : 0, err);
  return code < 0
             ? code
             : gym_study_set_async (study, cli_value (cli, PLACE_ASYNC) != NULL, err);
}
