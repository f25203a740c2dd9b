# Priors and the task bank.
prior_tests = tests/core/test_space_lean tests/core/test_prior tests/core/test_prior_bank \
  tests/core/test_prior_anchors tests/core/test_prior_learn tests/core/test_study_prior \
  tests/core/test_prior_portfolio
check_PROGRAMS += $(prior_tests)
tests_core_test_space_lean_SOURCES = tests/core/test_space_lean.c $(random_spaces)
tests_core_test_space_lean_LDADD = $(CORE_TEST_LDADD)
tests_core_test_prior_SOURCES = tests/core/test_prior.c $(random_spaces)
tests_core_test_prior_LDADD = $(CORE_TEST_LDADD)
tests_core_test_prior_bank_SOURCES = tests/core/test_prior_bank.c tests/core/prior_help.h
tests_core_test_prior_bank_LDADD = $(CORE_TEST_LDADD)
tests_core_test_prior_anchors_SOURCES = tests/core/test_prior_anchors.c
tests_core_test_prior_anchors_LDADD = $(CORE_TEST_LDADD)
tests_core_test_prior_learn_SOURCES = tests/core/test_prior_learn.c
tests_core_test_prior_learn_LDADD = $(CORE_TEST_LDADD)
tests_core_test_prior_portfolio_SOURCES = tests/core/test_prior_portfolio.c
tests_core_test_prior_portfolio_LDADD = $(CORE_TEST_LDADD)
tests_core_test_study_prior_SOURCES = tests/core/test_study_prior.c
tests_core_test_study_prior_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_core_test_study_prior_LDADD = $(CORE_TEST_LDADD) $(SQLITE_LIBS)
