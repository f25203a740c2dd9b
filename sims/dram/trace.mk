# The trace part of the simulator: reader, cache filter and recorder.
sims_dram_libdram_la_SOURCES += %D%/error.c %D%/error.h %D%/trace.c %D%/trace.h \
  %D%/cachefilter.c %D%/cachefilter.h

bin_PROGRAMS += %D%/gym-cache-filter
%C%_gym_cache_filter_SOURCES = %D%/cachefilter_main.c
%C%_gym_cache_filter_LDADD = %D%/libdram.la -lm

bin_SCRIPTS += %D%/gym-record-trace
CLEANFILES += %D%/gym-record-trace
EXTRA_DIST += %D%/record-trace

%D%/gym-record-trace: %D%/record-trace
	$(AM_V_GEN)$(MKDIR_P) %D% && cp -f $(srcdir)/%D%/record-trace $@ && chmod +x $@
