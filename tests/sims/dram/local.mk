# The DRAM simulator: one program a source file, and the comparison with reference rows.
dram_ldadd = sims/dram/libdram.la $(TEST_LDADD) -lm

check_PROGRAMS += %D%/test_part %D%/test_map %D%/test_timing %D%/test_buffer \
  %D%/test_banks %D%/test_refresh %D%/test_tally %D%/test_front %D%/test_config \
  %D%/test_power %D%/test_channel %D%/test_sim %D%/test_reference %D%/test_anchors
%C%_test_part_LDADD = $(dram_ldadd)
%C%_test_map_LDADD = $(dram_ldadd)
%C%_test_timing_LDADD = $(dram_ldadd)
%C%_test_buffer_LDADD = $(dram_ldadd)
%C%_test_banks_LDADD = $(dram_ldadd)
%C%_test_refresh_LDADD = $(dram_ldadd)
%C%_test_tally_LDADD = $(dram_ldadd)
%C%_test_front_LDADD = $(dram_ldadd)
%C%_test_config_LDADD = $(dram_ldadd)
%C%_test_power_LDADD = $(dram_ldadd)
%C%_test_channel_LDADD = $(dram_ldadd)
%C%_test_sim_LDADD = $(dram_ldadd) -lpthread
%C%_test_reference_SOURCES = %D%/test_reference.c %D%/random_case.c %D%/random_case.h
%C%_test_reference_LDADD = $(dram_ldadd)
%C%_test_anchors_SOURCES = %D%/test_anchors.c %D%/anchors.c %D%/anchors.h
%C%_test_anchors_LDADD = $(dram_ldadd)

# tests/sims/dram_anchors FOLDER: our figures beside those of other simulators
noinst_PROGRAMS += tests/sims/dram_anchors
tests_sims_dram_anchors_SOURCES = %D%/dram_anchors.c %D%/anchors.c %D%/anchors.h
tests_sims_dram_anchors_LDADD = sims/dram/libdram.la -lm

bench_programs += tests/bench/bench_dram
tests_bench_bench_dram_SOURCES = tests/bench/bench_dram.c tests/bench/bench.h
tests_bench_bench_dram_LDADD = sims/dram/libdram.la -lm

check_PROGRAMS += %D%/test_parts %D%/test_partfile
%C%_test_parts_LDADD = $(dram_ldadd)
%C%_test_partfile_LDADD = $(dram_ldadd)
