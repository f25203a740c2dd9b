# Data sets made of stores.
dataset_test_sources = $(store_test_sources) tests/core/datasets.h
check_PROGRAMS += tests/core/test_dataset
tests_core_test_dataset_SOURCES = tests/core/test_dataset.c $(dataset_test_sources)
tests_core_test_dataset_LDADD = $(CORE_TEST_LDADD)
