# The checker of command logs, and the cycle-by-cycle model that only tests link.
sims_dram_libdram_la_SOURCES += %D%/check.c %D%/check.h

check_LTLIBRARIES += %D%/libdramslow.la
sims_dram_libdramslow_la_SOURCES = %D%/slow.c %D%/slow.h %D%/slow_address.c \
  %D%/slow_address.h %D%/slow_timing.c %D%/slow_timing.h \
  %D%/slow_model.h %D%/slow_refresh.c %D%/slow_power.c %D%/slow_measure.c
