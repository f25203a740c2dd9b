EXTRA_DIST += tests/bench/report.lua

bench_programs += tests/bench/bench_study
tests_bench_bench_study_SOURCES = tests/bench/bench_study.c tests/bench/bench.h
tests_bench_bench_study_LDADD = core/libgym.la
