/* Tests of sims/dram/cachefilter_main.c and of the recorder around it, as programs. */
#define _POSIX_C_SOURCE 200809L
#include "tests/tap.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sims/dram/trace.h"

struct outcome {
  int status;
  char text[8192];
};

/* Runs a shell command in which $filter and $record name the two programs. */
static struct outcome run (const char *command)
{
  struct outcome outcome = { .status = -1 };
  char path[4096];
  FILE *pipe;
  size_t length;

  setenv ("filter", tap_build ("sims/dram/gym-cache-filter", path, sizeof path), 1);
  setenv ("GYM_CACHE_FILTER", path, 1);
  setenv ("record", tap_build ("sims/dram/gym-record-trace", path, sizeof path), 1);
  pipe = popen (command, "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL (pipe);
  length = fread (outcome.text, 1, sizeof outcome.text - 1, pipe);
  outcome.text[length] = '\0';
  outcome.status = WEXITSTATUS (pclose (pipe));
  return outcome;
}

static void check_run (const char *command, int status, const char *text)
{
  struct outcome outcome = run (command);

  CU_ASSERT_EQUAL (outcome.status, status);
  CU_ASSERT_STRING_EQUAL (outcome.text, text);
  if (strcmp (outcome.text, text) != 0)
    tap_note ("%s gave %d, %s", command, outcome.status, outcome.text);
}

static void check_says (const char *command, int status, const char *part)
{
  struct outcome outcome = run (command);

  CU_ASSERT_EQUAL (outcome.status, status);
  CU_ASSERT_PTR_NOT_NULL (strstr (outcome.text, part));
  if (strstr (outcome.text, part) == NULL)
    tap_note ("%s gave %d, %s", command, outcome.status, outcome.text);
}

static void test_forms (void)
{
  check_run ("printf ' L 1040,8\\n S 2000,8\\n' | $filter 2> /dev/null", 0,
             "0x40 READ 0\n0x1000 READ 0\n");
  check_run ("printf ' L 1040,8\\n' | $filter --form=stl 2> /dev/null", 0,
             "0:\tread\t0x40\n");
  check_run ("printf ' L 1040,8\\n' |"
             " $filter --form=untimed --keep-addresses 2> /dev/null",
             0, "LD 0x1040\n");
}

static void test_options (void)
{
  check_run ("printf ' L 0,8\\n L 20,8\\n L 0,8\\n' |"
             " $filter --l1=32,1 --l2=64,2 --line=32 2> /dev/null",
             0, "0x0 READ 0\n0x20 READ 0\n");
  check_run ("printf 'I  0,1\\nI  40,1\\nI  80,1\\nI  c0,1\\n' |"
             " $filter --l1=1k,1 --cpi=2.5 --core-mhz=1000 --dram-mhz=1000 --skip=1"
             " --requests=2 2> /dev/null",
             0, "0x40 READ 0\n0x80 READ 2\n");
}

static void test_wrong_options (void)
{
  static const char *const wrong[] = {
    "--requests=0",  "--requests=1x",    "--requests=-1", "--l1=32k",    "--l1=32q,8",
    "--l2=1,2,3",    "--cpi=1.2345",     "--cpi=x",       "--form=what", "--line=65",
    "--dram-mhz=0",  "--nothing",        "extra",         "--skip=",     "--l1=33k,8",
    "--requests=99999999999999999999999"
  };
  char command[128];
  size_t i;

  for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    snprintf (command, sizeof command, "echo ' L 0,8' | $filter %s 2>&1", wrong[i]);
    check_says (command, 2, "gym-cache-filter: ");
  }
}

static void test_failures (void)
{
  check_says ("echo '==1== nothing' | $filter 2>&1", 1, "the program made no request");
  check_says ("echo nonsense | $filter 2>&1", 1, "event 1: found \"nonsense\"");
  check_says ("echo ' L 0,8' | $filter --output=no/such.trc 2>&1", 1,
              "no/such.trc: No such file");
  check_says ("echo ' L 0,8' | $filter --requests=2 2>&1", 0,
              "the program ended before all requests were seen");
  if (access ("/dev/full", W_OK) == 0)
    check_says ("echo ' L 0,8' | $filter --output=/dev/full 2>&1", 1,
                "the trace cannot be written");
}

static void test_help (void)
{
  check_says ("$filter --help", 0, "--l2=SIZE,WAYS");
  check_says ("$record --help", 0, "--l2=SIZE,WAYS");
}

static bool have_valgrind (void)
{
  if (run ("valgrind --tool=lackey --version > /dev/null 2>&1").status == 0)
    return true;
  tap_skip ("valgrind's lackey tool is absent");
  return false;
}

static void test_recorder_errors (void)
{
  if (!have_valgrind ())
    return;
  check_says ("$record true 2>&1", 2, "-o TRACE is needed");
  check_says ("$record -o t.trc 2>&1", 2, "a program to run is needed");
  check_says ("$record -o t.trc --what true 2>&1", 2, "unknown option --what");
  check_says ("$record -o t.trc '--l1=1 2' true 2>&1", 2, "is not understood");
  check_says ("$record -o t.trc --l1=1 true 2>&1", 2, "--l1=1 is not understood");
  check_says ("$record -o t.trc no-such-program 2>&1", 1, "no program no-such-program");
  check_says ("VALGRIND=false $record -o t.trc true 2>&1", 1,
              "the program made no request");
  check_says ("VALGRIND=no-valgrind $record -o t.trc true 2>&1", 1, "valgrind is needed");
  CU_ASSERT_NOT_EQUAL (access ("t.trc", F_OK), 0);
}

static bool read_back (const char *path, size_t count)
{
  struct dram_trace trace;
  struct dram_error err = { "" };
  bool good = dram_trace_read (&trace, path, 0, &err) == 0 && trace.count == count;

  if (!good)
    tap_note ("%zu requests, %s", trace.count, err.text);
  dram_trace_free (&trace);
  unlink (path);
  return good;
}

/* The program never ends by itself: the recorder has to stop it. */
static void test_recording (void)
{
  char path[64];
  char command[256];

  if (!have_valgrind ())
    return;
  snprintf (path, sizeof path, "recorded_%ld.trc", (long) getpid ());
  snprintf (command, sizeof command,
            "$record --requests=500 -o %s sh -c 'while :; do :; done' 2> /dev/null",
            path);
  CU_ASSERT_EQUAL (run (command).status, 0);
  CU_ASSERT (read_back (path, 500));
}

static void test_streams_of_the_program (void)
{
  char path[64];
  char command[256];

  if (!have_valgrind ())
    return;
  snprintf (path, sizeof path, "streams_%ld.trc", (long) getpid ());
  snprintf (command, sizeof command,
            "echo hello | $record --requests=1000000 -o %s cat 2> /dev/null", path);
  check_run (command, 0, "hello\n");
  CU_ASSERT_EQUAL (unlink (path), 0);
}

int main (void)
{
  static const struct tap_test tests[] = {
    { .name = "forms", .run = test_forms },
    { .name = "options", .run = test_options },
    { .name = "wrong options", .run = test_wrong_options },
    { .name = "failures", .run = test_failures },
    { .name = "help", .run = test_help },
    { .name = "recorder errors", .run = test_recorder_errors },
    { .name = "recording", .run = test_recording },
    { .name = "streams of the program", .run = test_streams_of_the_program },
    { 0 }
  };

  return tap_run ("dram cachefilter program", tests);
}
