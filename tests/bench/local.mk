EXTRA_DIST += tests/bench/report.lua

bench_programs += tests/bench/bench_study
tests_bench_bench_study_SOURCES = tests/bench/bench_study.c tests/bench/bench.h
tests_bench_bench_study_LDADD = core/libgym.la

bench_programs += tests/bench/bench_workers
tests_bench_bench_workers_SOURCES = tests/bench/bench_workers.c tests/bench/bench.h
tests_bench_bench_workers_CPPFLAGS = $(AM_CPPFLAGS) $(ZMQ_CFLAGS)
tests_bench_bench_workers_LDADD = core/libgymcore.la

bench_programs += tests/bench/bench_report
tests_bench_bench_report_SOURCES = tests/bench/bench_report.c tests/bench/bench.h
tests_bench_bench_report_LDADD = core/libgym.la

bench_programs += tests/bench/bench_stats
tests_bench_bench_stats_SOURCES = tests/bench/bench_stats.c tests/bench/bench.h
tests_bench_bench_stats_LDADD = core/libgym.la -lm

bench_programs += tests/bench/bench_dataset
tests_bench_bench_dataset_SOURCES = tests/bench/bench_dataset.c tests/bench/bench.h
tests_bench_bench_dataset_LDADD = core/libgymcore.la

bench_programs += tests/bench/bench_cell
tests_bench_bench_cell_SOURCES = tests/bench/bench_cell.c tests/bench/bench.h
tests_bench_bench_cell_LDADD = core/libgym.la
