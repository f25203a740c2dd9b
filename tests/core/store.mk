# What every test of the store shares.
store_test_sources = tests/core/stores.c tests/core/stores.h tests/core/spaces.c \
  tests/core/spaces.h

check_PROGRAMS += tests/core/test_store tests/core/test_store_file \
  tests/core/test_store_lock tests/core/test_store_schema tests/core/test_store_study \
  tests/core/test_store_replay tests/core/test_store_layout tests/core/test_store_cursor \
  tests/core/test_store_read tests/core/test_store_best tests/core/test_store_export
tests_core_test_store_SOURCES = tests/core/test_store.c $(store_test_sources)
tests_core_test_store_LDADD = $(CORE_TEST_LDADD)
tests_core_test_store_file_SOURCES = tests/core/test_store_file.c $(store_test_sources)
tests_core_test_store_file_LDADD = $(CORE_TEST_LDADD)
tests_core_test_store_lock_SOURCES = tests/core/test_store_lock.c $(store_test_sources)
tests_core_test_store_lock_LDADD = $(CORE_TEST_LDADD)
tests_core_test_store_schema_SOURCES = tests/core/test_store_schema.c $(store_test_sources)
tests_core_test_store_schema_LDADD = $(CORE_TEST_LDADD)
tests_core_test_store_study_SOURCES = tests/core/test_store_study.c $(store_test_sources)
tests_core_test_store_study_LDADD = $(CORE_TEST_LDADD)
tests_core_test_store_replay_SOURCES = tests/core/test_store_replay.c $(store_test_sources)
tests_core_test_store_replay_LDADD = $(CORE_TEST_LDADD)
tests_core_test_store_layout_SOURCES = tests/core/test_store_layout.c $(store_test_sources)
tests_core_test_store_layout_LDADD = $(CORE_TEST_LDADD)
tests_core_test_store_cursor_SOURCES = tests/core/test_store_cursor.c $(store_test_sources)
tests_core_test_store_cursor_LDADD = $(CORE_TEST_LDADD)
tests_core_test_store_read_SOURCES = tests/core/test_store_read.c $(store_test_sources)
tests_core_test_store_read_LDADD = $(CORE_TEST_LDADD)
tests_core_test_store_best_SOURCES = tests/core/test_store_best.c $(store_test_sources)
tests_core_test_store_best_LDADD = $(CORE_TEST_LDADD)
tests_core_test_store_export_SOURCES = tests/core/test_store_export.c $(store_test_sources)
tests_core_test_store_export_LDADD = $(CORE_TEST_LDADD)

bench_programs += tests/bench/bench_store
tests_bench_bench_store_SOURCES = tests/bench/bench_store.c tests/bench/bench.h
tests_bench_bench_store_LDADD = core/libgymcore.la

check_PROGRAMS += tests/core/test_store_seal
tests_core_test_store_seal_SOURCES = tests/core/test_store_seal.c $(store_test_sources)
tests_core_test_store_seal_LDADD = $(CORE_TEST_LDADD)
