# What every test of the store shares.
store_test_sources = tests/core/stores.c tests/core/stores.h tests/core/spaces.c \
  tests/core/spaces.h

check_PROGRAMS += tests/core/test_store
tests_core_test_store_SOURCES = tests/core/test_store.c $(store_test_sources)
tests_core_test_store_LDADD = $(CORE_TEST_LDADD)
