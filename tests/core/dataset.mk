# Data sets made of stores.
dataset_test_sources = $(store_test_sources) tests/core/datasets.h
dataset_tests = tests/core/test_dataset tests/core/test_dataset_keys \
  tests/core/test_dataset_match tests/core/test_npz tests/core/test_thrift
check_PROGRAMS += $(dataset_tests)
tests_core_test_dataset_SOURCES = tests/core/test_dataset.c $(dataset_test_sources)
tests_core_test_dataset_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_keys_SOURCES = tests/core/test_dataset_keys.c
tests_core_test_dataset_keys_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_match_SOURCES = tests/core/test_dataset_match.c $(dataset_test_sources)
tests_core_test_dataset_match_LDADD = $(CORE_TEST_LDADD)
tests_core_test_npz_SOURCES = tests/core/test_npz.c tests/core/npz_help.h
tests_core_test_npz_LDADD = $(CORE_TEST_LDADD) -lz
tests_core_test_thrift_SOURCES = tests/core/test_thrift.c
tests_core_test_thrift_LDADD = $(CORE_TEST_LDADD)
