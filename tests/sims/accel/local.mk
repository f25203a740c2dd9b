# The accelerator simulator: one program a source file, and comparisons with references.
accel_ldadd = $(TEST_LDADD) sims/accel/libaccel.la -lm

check_PROGRAMS += %D%/test_error %D%/test_layer %D%/test_arch %D%/test_mapping \
  %D%/test_loopnest %D%/test_cases
%C%_test_error_LDADD = $(accel_ldadd)
%C%_test_layer_LDADD = $(accel_ldadd)
%C%_test_arch_LDADD = $(accel_ldadd)
%C%_test_mapping_LDADD = $(accel_ldadd)
%C%_test_loopnest_SOURCES = %D%/test_loopnest.c %D%/random_case.c %D%/random_case.h \
  %D%/walker.c %D%/walker.h
%C%_test_loopnest_LDADD = $(accel_ldadd)
%C%_test_cases_SOURCES = %D%/test_cases.c %D%/cases.c %D%/cases.h
%C%_test_cases_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
%C%_test_cases_LDADD = $(accel_ldadd) $(JANSSON_LIBS)

# tests/sims/loopnest_cases FILE: our figures beside those of recorded mappings
noinst_PROGRAMS += tests/sims/loopnest_cases
tests_sims_loopnest_cases_SOURCES = %D%/loopnest_cases.c %D%/cases.c %D%/cases.h
tests_sims_loopnest_cases_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_sims_loopnest_cases_LDADD = sims/accel/libaccel.la $(JANSSON_LIBS) -lm

check_PROGRAMS += %D%/test_energy %D%/test_mapper
%C%_test_energy_LDADD = $(accel_ldadd)
%C%_test_mapper_SOURCES = %D%/test_mapper.c %D%/random_case.c %D%/random_case.h
%C%_test_mapper_LDADD = $(accel_ldadd)

bench_programs += tests/bench/bench_accel
tests_bench_bench_accel_SOURCES = tests/bench/bench_accel.c tests/bench/bench.h
tests_bench_bench_accel_LDADD = sims/accel/libaccel.la -lm

check_PROGRAMS += %D%/test_reader %D%/test_text %D%/test_csv %D%/test_timeloop \
  %D%/test_networks %D%/test_workload
%C%_test_reader_LDADD = $(accel_ldadd)
%C%_test_text_SOURCES = %D%/test_text.c %D%/read_layers.h
%C%_test_text_LDADD = $(accel_ldadd)
%C%_test_csv_LDADD = $(accel_ldadd)
%C%_test_timeloop_LDADD = $(accel_ldadd)
%C%_test_networks_LDADD = $(accel_ldadd)
%C%_test_workload_LDADD = $(accel_ldadd)

check_PROGRAMS += %D%/test_systolic
%C%_test_systolic_SOURCES = %D%/test_systolic.c %D%/random_case.c %D%/random_case.h
%C%_test_systolic_LDADD = $(accel_ldadd)

check_PROGRAMS += %D%/test_fuzz_layers
%C%_test_fuzz_layers_SOURCES = %D%/test_fuzz_layers.c %D%/fuzz_layers.c tests/fuzz.c tests/fuzz.h
%C%_test_fuzz_layers_LDADD = $(accel_ldadd)
