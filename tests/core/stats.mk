# The statistics, against values from SciPy.
check_PROGRAMS += tests/core/test_stats_ranks tests/core/test_stats_tests \
  tests/core/test_stats_range tests/core/test_stats_effect
stats_test_sources = tests/core/stats_values.h tests/core/stats_help.h
tests_core_test_stats_ranks_SOURCES = tests/core/test_stats_ranks.c $(stats_test_sources)
tests_core_test_stats_ranks_LDADD = $(CORE_TEST_LDADD)
tests_core_test_stats_tests_SOURCES = tests/core/test_stats_tests.c $(stats_test_sources)
tests_core_test_stats_tests_LDADD = $(CORE_TEST_LDADD)
tests_core_test_stats_range_SOURCES = tests/core/test_stats_range.c $(stats_test_sources)
tests_core_test_stats_range_LDADD = $(CORE_TEST_LDADD)
tests_core_test_stats_effect_SOURCES = tests/core/test_stats_effect.c $(stats_test_sources)
tests_core_test_stats_effect_LDADD = $(CORE_TEST_LDADD)
check_PROGRAMS += tests/core/test_stats_curves tests/core/test_stats_fronts \
  tests/core/test_stats_importance
tests_core_test_stats_curves_SOURCES = tests/core/test_stats_curves.c $(stats_test_sources)
tests_core_test_stats_curves_LDADD = $(CORE_TEST_LDADD)
tests_core_test_stats_fronts_SOURCES = tests/core/test_stats_fronts.c $(stats_test_sources)
tests_core_test_stats_fronts_LDADD = $(CORE_TEST_LDADD)
tests_core_test_stats_importance_SOURCES = tests/core/test_stats_importance.c $(stats_test_sources)
tests_core_test_stats_importance_LDADD = $(CORE_TEST_LDADD)
check_PROGRAMS += tests/core/test_results
tests_core_test_results_SOURCES = tests/core/test_results.c tests/core/study_help.h
tests_core_test_results_LDADD = $(CORE_TEST_LDADD)
check_PROGRAMS += tests/core/test_stats_scores tests/core/test_transform
tests_core_test_stats_scores_SOURCES = tests/core/test_stats_scores.c tests/core/scores_values.h tests/core/stats_help.h
tests_core_test_stats_scores_LDADD = $(CORE_TEST_LDADD)
tests_core_test_transform_SOURCES = tests/core/test_transform.c tests/core/scores_values.h tests/core/stats_help.h
tests_core_test_transform_LDADD = $(CORE_TEST_LDADD)
test_scripts += tests/core/stats_values.sh tests/core/scores_values.sh
EXTRA_DIST += tests/core/stats_values.sh tests/core/stats_values.py \
  tests/core/scores_values.sh tests/core/scores_values.py
