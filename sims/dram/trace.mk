# The trace part of the simulator: reader, cache filter and recorder.
sims_dram_libdram_la_SOURCES += %D%/error.c %D%/error.h %D%/trace.c %D%/trace.h \
  %D%/cachefilter.c %D%/cachefilter.h %D%/tracebin.c %D%/tracebin.h %D%/tracestat.c \
  %D%/tracestat.h
sims_dram_libdram_la_LIBADD = $(ZLIB_LIBS)

# `gym cache-filter`, `gym record-trace`, `gym trace`
pkglibexec_PROGRAMS += %D%/gym-cache-filter
%C%_gym_cache_filter_SOURCES = %D%/cachefilter_main.c
%C%_gym_cache_filter_LDADD = %D%/libdram.la -lm

pkglibexec_SCRIPTS += %D%/gym-record-trace
CLEANFILES += %D%/gym-record-trace
EXTRA_DIST += %D%/record-trace

%D%/gym-record-trace: %D%/record-trace
	$(AM_V_GEN)$(MKDIR_P) %D% && cp -f $(srcdir)/%D%/record-trace $@ && chmod +x $@

pkglibexec_PROGRAMS += %D%/gym-trace
%C%_gym_trace_SOURCES = %D%/trace_main.c
%C%_gym_trace_LDADD = %D%/libdram.la -lm
