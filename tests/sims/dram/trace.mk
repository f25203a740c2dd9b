# Tests of the trace part of the DRAM simulator.
check_PROGRAMS += %D%/test_error %D%/test_trace %D%/test_fuzz_trace %D%/test_cachefilter \
  %D%/test_cachefilter_main
%C%_test_error_LDADD = sims/dram/libdram.la $(TEST_LDADD)
%C%_test_trace_LDADD = sims/dram/libdram.la $(TEST_LDADD)
%C%_test_fuzz_trace_SOURCES = %D%/test_fuzz_trace.c %D%/fuzz_trace.c tests/fuzz.c tests/fuzz.h
%C%_test_fuzz_trace_LDADD = sims/dram/libdram.la $(TEST_LDADD) $(ZLIB_LIBS)
%C%_test_cachefilter_LDADD = sims/dram/libdram.la $(TEST_LDADD)
%C%_test_cachefilter_main_LDADD = sims/dram/libdram.la $(TEST_LDADD)

check_PROGRAMS += %D%/test_tracebin %D%/test_tracestat
%C%_test_tracebin_SOURCES = %D%/test_tracebin.c %D%/random_case.c %D%/random_case.h
%C%_test_tracebin_LDADD = sims/dram/libdram.la $(TEST_LDADD) $(ZLIB_LIBS)
%C%_test_tracestat_LDADD = sims/dram/libdram.la $(TEST_LDADD) -lm
test_scripts += %D%/test_trace_main.sh
EXTRA_DIST += %D%/test_trace_main.sh

check_PROGRAMS += %D%/test_fuzz_part
%C%_test_fuzz_part_SOURCES = %D%/test_fuzz_part.c %D%/fuzz_part.c tests/fuzz.c tests/fuzz.h
%C%_test_fuzz_part_LDADD = sims/dram/libdram.la $(TEST_LDADD)
test_scripts += %D%/fuzz.sh
EXTRA_DIST += %D%/fuzz.sh
