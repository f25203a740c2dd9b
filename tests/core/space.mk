check_PROGRAMS += tests/core/test_error tests/core/test_text tests/core/test_settings \
  tests/core/test_options tests/core/test_units tests/core/test_space \
  tests/core/test_space_code tests/core/test_space_text tests/core/test_space_json \
  tests/core/test_rng

tests_core_test_error_SOURCES = tests/core/test_error.c
tests_core_test_error_LDADD = $(CORE_TEST_LDADD)
tests_core_test_text_SOURCES = tests/core/test_text.c
tests_core_test_text_LDADD = $(CORE_TEST_LDADD) $(JANSSON_LIBS)
tests_core_test_settings_SOURCES = tests/core/test_settings.c
tests_core_test_settings_LDADD = $(CORE_TEST_LDADD)
tests_core_test_options_SOURCES = tests/core/test_options.c
tests_core_test_options_LDADD = $(CORE_TEST_LDADD)
tests_core_test_units_SOURCES = tests/core/test_units.c
tests_core_test_units_LDADD = $(CORE_TEST_LDADD)
tests_core_test_rng_SOURCES = tests/core/test_rng.c
tests_core_test_rng_LDADD = $(TEST_LDADD) -lm

# Random spaces, shared by the tests of spaces.
random_spaces = tests/core/spaces.h tests/core/spaces.c
tests_core_test_space_SOURCES = tests/core/test_space.c $(random_spaces)
tests_core_test_space_LDADD = $(CORE_TEST_LDADD)
tests_core_test_space_code_SOURCES = tests/core/test_space_code.c $(random_spaces)
tests_core_test_space_code_LDADD = $(CORE_TEST_LDADD)
tests_core_test_space_text_SOURCES = tests/core/test_space_text.c $(random_spaces)
tests_core_test_space_text_LDADD = $(CORE_TEST_LDADD)
tests_core_test_space_json_SOURCES = tests/core/test_space_json.c $(random_spaces)
tests_core_test_space_json_LDADD = $(CORE_TEST_LDADD)
