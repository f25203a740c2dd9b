# Plugins that break the contract, each in one way.
check_LTLIBRARIES += tests/core/bad_abi.la tests/core/bad_symbol.la tests/core/bad_entry.la \
  tests/core/bad_method.la
tests_core_bad_abi_la_SOURCES = tests/core/bad_abi.c
tests_core_bad_abi_la_LDFLAGS = $(CHECK_PLUGIN_LDFLAGS)
tests_core_bad_symbol_la_SOURCES = tests/core/bad_symbol.c
tests_core_bad_symbol_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_core_bad_entry_la_SOURCES = tests/core/bad_entry.c
tests_core_bad_entry_la_LDFLAGS = $(CHECK_PLUGIN_LDFLAGS)
tests_core_bad_method_la_SOURCES = tests/core/bad_method.c
tests_core_bad_method_la_LDFLAGS = $(CHECK_PLUGIN_LDFLAGS)

check_PROGRAMS += tests/core/test_registry tests/core/test_plugin_load \
  tests/core/test_host tests/core/test_env tests/core/test_episode tests/core/test_cache \
  tests/core/test_dispatch_local tests/core/test_progress tests/core/test_digest \
  tests/core/test_fingerprint
tests_core_test_registry_SOURCES = tests/core/test_registry.c tests/core/help.h
tests_core_test_registry_LDADD = $(CORE_TEST_LDADD)
tests_core_test_plugin_load_SOURCES = tests/core/test_plugin_load.c
tests_core_test_plugin_load_LDADD = $(CORE_TEST_LDADD)
tests_core_test_host_SOURCES = tests/core/test_host.c
tests_core_test_host_LDADD = $(CORE_TEST_LDADD)
tests_core_test_env_SOURCES = tests/core/test_env.c
tests_core_test_env_LDADD = $(CORE_TEST_LDADD)
tests_core_test_episode_SOURCES = tests/core/test_episode.c
tests_core_test_episode_LDADD = $(CORE_TEST_LDADD)
tests_core_test_cache_SOURCES = tests/core/test_cache.c
tests_core_test_cache_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dispatch_local_SOURCES = tests/core/test_dispatch_local.c
tests_core_test_dispatch_local_LDADD = $(CORE_TEST_LDADD)
tests_core_test_progress_SOURCES = tests/core/test_progress.c
tests_core_test_progress_LDADD = $(CORE_TEST_LDADD)
tests_core_test_digest_SOURCES = tests/core/test_digest.c
tests_core_test_digest_LDADD = $(CORE_TEST_LDADD)
tests_core_test_fingerprint_SOURCES = tests/core/test_fingerprint.c
tests_core_test_fingerprint_LDADD = $(CORE_TEST_LDADD)

check_PROGRAMS += tests/core/test_agent tests/core/test_study tests/core/test_study_run \
  tests/core/test_study_log
tests_core_test_agent_SOURCES = tests/core/test_agent.c
tests_core_test_agent_LDADD = $(CORE_TEST_LDADD)
tests_core_test_study_SOURCES = tests/core/test_study.c tests/core/study_help.h
tests_core_test_study_LDADD = $(CORE_TEST_LDADD)
tests_core_test_study_run_SOURCES = tests/core/test_study_run.c
tests_core_test_study_run_LDADD = $(CORE_TEST_LDADD)
tests_core_test_study_log_SOURCES = tests/core/test_study_log.c
tests_core_test_study_log_LDADD = $(CORE_TEST_LDADD)

check_PROGRAMS += tests/core/test_allocation
tests_core_test_allocation_SOURCES = tests/core/test_allocation.c
tests_core_test_allocation_LDADD = $(CORE_TEST_LDADD)

check_PROGRAMS += tests/core/test_unsealed tests/core/test_env_reopen tests/core/test_final
tests_core_test_unsealed_SOURCES = tests/core/test_unsealed.c tests/core/study_help.h
tests_core_test_unsealed_LDADD = $(CORE_TEST_LDADD)
tests_core_test_env_reopen_SOURCES = tests/core/test_env_reopen.c tests/core/help.h
tests_core_test_env_reopen_LDADD = $(CORE_TEST_LDADD)
tests_core_test_final_SOURCES = tests/core/test_final.c tests/core/study_help.h
tests_core_test_final_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_core_test_final_LDADD = $(CORE_TEST_LDADD) $(SQLITE_LIBS)

check_PROGRAMS += tests/core/test_proxy tests/core/test_proxy_file tests/core/test_space_match
tests_core_test_proxy_SOURCES = tests/core/test_proxy.c tests/core/proxy_help.h
tests_core_test_proxy_LDADD = $(CORE_TEST_LDADD)
tests_core_test_proxy_file_SOURCES = tests/core/test_proxy_file.c
tests_core_test_proxy_file_LDADD = $(CORE_TEST_LDADD)
tests_core_test_space_match_SOURCES = tests/core/test_space_match.c
tests_core_test_space_match_LDADD = $(CORE_TEST_LDADD)

# Models trained from stores, and opened inside an env.
check_PROGRAMS += tests/core/test_proxy_data tests/core/test_proxy_train \
  tests/core/test_proxy_eval tests/core/test_host_models
proxy_test_sources = tests/core/proxy_scene.h tests/core/study_help.h
tests_core_test_proxy_data_SOURCES = tests/core/test_proxy_data.c $(proxy_test_sources)
tests_core_test_proxy_data_LDADD = $(CORE_TEST_LDADD)
tests_core_test_proxy_train_SOURCES = tests/core/test_proxy_train.c $(proxy_test_sources)
tests_core_test_proxy_train_LDADD = $(CORE_TEST_LDADD) $(JANSSON_LIBS)
tests_core_test_proxy_eval_SOURCES = tests/core/test_proxy_eval.c $(proxy_test_sources)
tests_core_test_proxy_eval_LDADD = $(CORE_TEST_LDADD)
tests_core_test_host_models_SOURCES = tests/core/test_host_models.c $(proxy_test_sources)
tests_core_test_host_models_LDADD = $(CORE_TEST_LDADD)
