# The DRAM simulator as a plain C library; trace.mk and check.mk add their sources.
noinst_LTLIBRARIES += %D%/libdram.la
sims_dram_libdram_la_SOURCES = %D%/dram.h %D%/part.c %D%/part.h %D%/map.c %D%/map.h \
  %D%/timing.c %D%/timing.h %D%/buffer.c %D%/buffer.h %D%/banks.c %D%/banks.h \
  %D%/refresh.c %D%/refresh.h %D%/power.c %D%/power.h %D%/tally.c %D%/tally.h %D%/front.c %D%/front.h \
  %D%/config.c %D%/channel.c %D%/channel.h %D%/sim.c
