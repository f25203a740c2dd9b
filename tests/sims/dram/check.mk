# The simulator against its slow twin and against the checker of command logs.
dram_check_ldadd = $(TEST_LDADD) sims/dram/libdramslow.la sims/dram/libdram.la -lm

check_PROGRAMS += %D%/test_check
%C%_test_check_SOURCES = %D%/test_check.c %D%/random_case.c %D%/random_case.h
%C%_test_check_LDADD = $(dram_check_ldadd)

check_PROGRAMS += %D%/test_slow
%C%_test_slow_SOURCES = %D%/test_slow.c %D%/random_case.c %D%/random_case.h
%C%_test_slow_LDADD = $(dram_check_ldadd)

check_PROGRAMS += %D%/test_slow_address
%C%_test_slow_address_SOURCES = %D%/test_slow_address.c
%C%_test_slow_address_LDADD = $(dram_check_ldadd)

check_PROGRAMS += %D%/test_slow_timing
%C%_test_slow_timing_SOURCES = %D%/test_slow_timing.c
%C%_test_slow_timing_LDADD = $(dram_check_ldadd)

check_PROGRAMS += %D%/test_slow_measure %D%/test_slow_refresh %D%/test_slow_power
%C%_test_slow_power_LDADD = $(dram_check_ldadd)
%C%_test_slow_measure_LDADD = $(dram_check_ldadd)
%C%_test_slow_refresh_LDADD = $(dram_check_ldadd)
