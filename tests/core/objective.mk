check_PROGRAMS += tests/core/test_objective tests/core/test_objective_parse \
  tests/core/test_compare tests/core/test_archive tests/core/test_stats
tests_core_test_objective_SOURCES = tests/core/test_objective.c
tests_core_test_objective_LDADD = $(CORE_TEST_LDADD)
tests_core_test_objective_parse_SOURCES = tests/core/test_objective_parse.c
tests_core_test_objective_parse_LDADD = $(CORE_TEST_LDADD)
tests_core_test_compare_SOURCES = tests/core/test_compare.c
tests_core_test_compare_LDADD = $(CORE_TEST_LDADD)
tests_core_test_archive_SOURCES = tests/core/test_archive.c
tests_core_test_archive_LDADD = $(CORE_TEST_LDADD)
tests_core_test_stats_SOURCES = tests/core/test_stats.c
tests_core_test_stats_LDADD = $(CORE_TEST_LDADD)

bench_programs += tests/bench/bench_objective
tests_bench_bench_objective_SOURCES = tests/bench/bench_objective.c tests/bench/bench.h
tests_bench_bench_objective_LDADD = core/libgym.la
