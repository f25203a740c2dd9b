# Trials in other processes and on other machines.
WIRE_TEST_CPPFLAGS = $(AM_CPPFLAGS) $(ZMQ_CFLAGS) $(JANSSON_CFLAGS)

check_PROGRAMS += tests/core/test_broker tests/core/test_broker_peers \
  tests/core/test_broker_state tests/core/test_worker tests/core/test_study_turns
tests_core_test_broker_SOURCES = tests/core/test_broker.c tests/core/wire_help.h
tests_core_test_broker_CPPFLAGS = $(WIRE_TEST_CPPFLAGS)
tests_core_test_broker_LDADD = $(CORE_TEST_LDADD)
tests_core_test_broker_peers_SOURCES = tests/core/test_broker_peers.c
tests_core_test_broker_peers_CPPFLAGS = $(WIRE_TEST_CPPFLAGS)
tests_core_test_broker_peers_LDADD = $(CORE_TEST_LDADD)
tests_core_test_broker_state_SOURCES = tests/core/test_broker_state.c
tests_core_test_broker_state_CPPFLAGS = $(WIRE_TEST_CPPFLAGS)
tests_core_test_broker_state_LDADD = $(CORE_TEST_LDADD)
tests_core_test_worker_SOURCES = tests/core/test_worker.c
tests_core_test_worker_CPPFLAGS = $(WIRE_TEST_CPPFLAGS)
tests_core_test_worker_LDADD = $(CORE_TEST_LDADD)
tests_core_test_study_turns_SOURCES = tests/core/test_study_turns.c
tests_core_test_study_turns_LDADD = $(CORE_TEST_LDADD)
# Trials in other processes: the frames, the parts of the two ends, the child that
# evaluates, the keys.
check_PROGRAMS += tests/core/test_wire
tests_core_test_wire_SOURCES = tests/core/test_wire.c
tests_core_test_wire_LDADD = $(CORE_TEST_LDADD)

check_PROGRAMS += tests/core/test_broker_tasks tests/core/test_worker_results
tests_core_test_broker_tasks_SOURCES = tests/core/test_broker_tasks.c
tests_core_test_broker_tasks_LDADD = $(CORE_TEST_LDADD)
tests_core_test_worker_results_SOURCES = tests/core/test_worker_results.c
tests_core_test_worker_results_LDADD = $(CORE_TEST_LDADD)

check_PROGRAMS += tests/core/test_sandbox
tests_core_test_sandbox_SOURCES = tests/core/test_sandbox.c
tests_core_test_sandbox_LDADD = $(CORE_TEST_LDADD) -lpthread

check_PROGRAMS += tests/core/test_evaluator
tests_core_test_evaluator_SOURCES = tests/core/test_evaluator.c
tests_core_test_evaluator_LDADD = $(CORE_TEST_LDADD)

check_PROGRAMS += tests/core/test_keys
tests_core_test_keys_SOURCES = tests/core/test_keys.c
tests_core_test_keys_LDADD = $(CORE_TEST_LDADD) $(ZMQ_LIBS)

check_PROGRAMS += tests/core/test_jobs
tests_core_test_jobs_SOURCES = tests/core/test_jobs.c
tests_core_test_jobs_CPPFLAGS = $(WIRE_TEST_CPPFLAGS)
tests_core_test_jobs_LDADD = $(CORE_TEST_LDADD)

check_PROGRAMS += tests/core/test_worker_env
tests_core_test_worker_env_SOURCES = tests/core/test_worker_env.c
tests_core_test_worker_env_CPPFLAGS = $(WIRE_TEST_CPPFLAGS)
tests_core_test_worker_env_LDADD = $(CORE_TEST_LDADD)
