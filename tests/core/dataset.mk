# Data sets made of stores.
dataset_test_sources = $(store_test_sources) tests/core/datasets.h
dataset_tests = tests/core/test_dataset tests/core/test_dataset_keys \
  tests/core/test_dataset_match tests/core/test_npz tests/core/test_thrift tests/core/test_part \
  tests/core/test_dataset_sources tests/core/test_dataset_walk \
  tests/core/test_dataset_columns tests/core/test_dataset_out \
  tests/core/test_dataset_csv tests/core/test_dataset_jsonl tests/core/test_dataset_meta \
  tests/core/test_dataset_file tests/core/test_dataset_npz \
  tests/core/test_dataset_parquet tests/core/test_dataset_describe \
  tests/core/test_dataset_episodes tests/core/test_dataset_episodes_npz
check_PROGRAMS += $(dataset_tests)
tests_core_test_dataset_SOURCES = tests/core/test_dataset.c $(dataset_test_sources)
tests_core_test_dataset_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_keys_SOURCES = tests/core/test_dataset_keys.c
tests_core_test_dataset_keys_LDADD = $(CORE_TEST_LDADD)
tests_core_test_part_SOURCES = tests/core/test_part.c
tests_core_test_part_LDADD = $(CORE_TEST_LDADD)
tests_core_test_thrift_SOURCES = tests/core/test_thrift.c
tests_core_test_thrift_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_match_SOURCES = tests/core/test_dataset_match.c $(dataset_test_sources)
tests_core_test_dataset_match_LDADD = $(CORE_TEST_LDADD)
tests_core_test_npz_SOURCES = tests/core/test_npz.c tests/core/npz_help.h
tests_core_test_npz_LDADD = $(CORE_TEST_LDADD) -lz
tests_core_test_dataset_sources_SOURCES = tests/core/test_dataset_sources.c $(dataset_test_sources)
tests_core_test_dataset_sources_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_walk_SOURCES = tests/core/test_dataset_walk.c $(dataset_test_sources)
tests_core_test_dataset_walk_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_columns_SOURCES = tests/core/test_dataset_columns.c $(dataset_test_sources)
tests_core_test_dataset_columns_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_out_SOURCES = tests/core/test_dataset_out.c $(dataset_test_sources)
tests_core_test_dataset_out_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_csv_SOURCES = tests/core/test_dataset_csv.c $(dataset_test_sources)
tests_core_test_dataset_csv_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_jsonl_SOURCES = tests/core/test_dataset_jsonl.c $(dataset_test_sources)
tests_core_test_dataset_jsonl_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_meta_SOURCES = tests/core/test_dataset_meta.c $(dataset_test_sources)
tests_core_test_dataset_meta_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_file_SOURCES = tests/core/test_dataset_file.c $(dataset_test_sources)
tests_core_test_dataset_file_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_npz_SOURCES = tests/core/test_dataset_npz.c $(dataset_test_sources) tests/core/npz_help.h
tests_core_test_dataset_npz_LDADD = $(CORE_TEST_LDADD) -lz
tests_core_test_dataset_parquet_SOURCES = tests/core/test_dataset_parquet.c $(dataset_test_sources)
tests_core_test_dataset_parquet_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_describe_SOURCES = tests/core/test_dataset_describe.c $(dataset_test_sources)
tests_core_test_dataset_describe_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_episodes_SOURCES = tests/core/test_dataset_episodes.c tests/core/episodes_help.h tests/core/study_help.h
tests_core_test_dataset_episodes_LDADD = $(CORE_TEST_LDADD)
tests_core_test_dataset_episodes_npz_SOURCES = tests/core/test_dataset_episodes_npz.c tests/core/episodes_help.h \
  tests/core/study_help.h tests/core/npz_help.h
tests_core_test_dataset_episodes_npz_LDADD = $(CORE_TEST_LDADD) -lz
