# The library twice: as an archive whose inner functions the tests can reach, and as
# libgym, which shows the public ones alone.
noinst_LTLIBRARIES += core/libgymcore.la
core_libgymcore_la_SOURCES =
core_libgymcore_la_CPPFLAGS = $(AM_CPPFLAGS) -DGYM_BUILDING -DPLUGINDIR='"$(plugindir)"' \
  -DPKGDATADIR='"$(pkgdatadir)"' $(SQLITE_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) \
  $(XXHASH_CFLAGS) $(ZMQ_CFLAGS) $(SECCOMP_CFLAGS) $(ZLIB_CFLAGS)
core_libgymcore_la_LIBADD = $(SQLITE_LIBS) $(JANSSON_LIBS) $(SODIUM_LIBS) $(XXHASH_LIBS) \
  $(ZMQ_LIBS) $(SECCOMP_LIBS) $(ZLIB_LIBS) -lpthread -lm

core_libgymcore_la_SOURCES += core/error.c core/space.h core/space.c core/space_code.c \
  core/space_text.c core/space_json.c core/units.h core/units.c core/text.h core/text.c core/part.h core/part.c \
  core/options.c core/settings.c core/space_match.c
core_libgymcore_la_SOURCES += core/objective.c core/objective_parse.c core/objective.h \
  core/compare.c core/archive.c core/stats.c
core_libgymcore_la_SOURCES += core/store.h core/store.c core/store_file.h core/store_file.c \
  core/store_lock.h core/store_lock.c core/store_schema.h core/store_schema.c \
  core/store_writer.h core/store_study.c core/store_replay.c core/store_layout.h \
  core/store_layout.c core/store_read.h core/store_read.c core/store_cursor.c \
  core/store_best.c core/store_export.c core/store_seal.h core/store_seal.c
core_libgymcore_la_SOURCES += core/unsealed.h core/unsealed.c core/env_reopen.c core/final.c
core_libgymcore_la_SOURCES += core/registry.h core/registry.c core/plugin_load.c \
  core/memory.h core/clock.h core/host.h core/host.c core/host_models.c core/env.c core/agent.c core/episode.c core/study.h \
  core/study.c core/study_run.c core/study_log.c core/cache.h core/cache.c core/dispatch.h \
  core/dispatch_local.c core/fingerprint.h core/fingerprint.c core/progress.c \
  core/digest.h core/digest.c core/proxy.h core/proxy.c core/proxy_file.c \
  core/transform.h core/transform.c core/proxy_data.h core/proxy_data.c core/proxy_train.c \
  core/proxy_eval.c
core_libgymcore_la_SOURCES += core/wire.h core/wire.c core/sandbox.h core/sandbox.c \
  core/evaluator.h core/evaluator.c core/broker.h core/broker_inside.h core/broker.c \
  core/broker_tasks.c core/broker_peers.c core/broker_state.c core/jobs.h core/jobs.c \
  core/keys.h core/keys.c core/worker.h core/worker.c core/worker_env.c \
  core/worker_results.c core/study_turns.c
core_libgymcore_la_SOURCES += core/stats_inside.h core/stats_ranks.c core/stats_tests.c \
  core/stats_range.c core/stats_effect.c core/stats_curves.c core/stats_fronts.c \
  core/stats_importance.c core/stats_scores.c core/results.c
core_libgymcore_la_SOURCES += core/dataset_inside.h core/dataset.c core/dataset_sources.c \
  core/dataset_match.c core/dataset_keys.c core/dataset_walk.c core/dataset_columns.c \
  core/dataset_out.c core/dataset_csv.c core/dataset_jsonl.c core/dataset_file.c \
  core/dataset_meta.c core/npz.h core/npz.c core/dataset_npz.c core/thrift.h \
  core/thrift.c core/dataset_parquet.c core/dataset_describe.c core/dataset_episodes.c \
  core/dataset_episodes_npz.c
core_libgymcore_la_SOURCES += core/space_lean.c core/prior.h core/prior.c core/prior_bank.h \
  core/prior_bank.c core/prior_anchors.c core/prior_learn.c core/prior_portfolio.c \
  core/study_prior.h core/study_prior.c

lib_LTLIBRARIES += core/libgym.la
core_libgym_la_SOURCES =
core_libgym_la_LIBADD = core/libgymcore.la
core_libgym_la_LDFLAGS = -no-undefined -version-info 0:0:0

dist_gyminclude_HEADERS += core/gym/agent.h core/gym/archive.h core/gym/dataset.h \
  core/gym/env.h core/gym/error.h core/gym/gym.h core/gym/objective.h core/gym/options.h \
  core/gym/plugin.h core/gym/proxy.h core/gym/proxy_train.h core/gym/registry.h \
  core/gym/results.h core/gym/rng.h core/gym/space.h core/gym/prior.h core/gym/stats.h \
  core/gym/stats_compare.h core/gym/stats_curves.h core/gym/stats_fronts.h \
  core/gym/stats_importance.h core/gym/stats_scores.h core/gym/store.h core/gym/final.h \
  core/gym/study.h core/gym/workers.h
