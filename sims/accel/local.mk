# The accelerator simulator as a plain C library; libyaml reads Timeloop's layer files.
noinst_LTLIBRARIES += %D%/libaccel.la
sims_accel_libaccel_la_SOURCES = %D%/error.c %D%/error.h %D%/layer.c %D%/layer.h \
  %D%/arch.c %D%/arch.h %D%/mapping.c %D%/mapping.h %D%/loopnest.c %D%/loopnest.h \
  %D%/energy.c %D%/energy.h %D%/mapper.c %D%/mapper.h %D%/workload.c %D%/workload.h \
  %D%/reader.c %D%/reader.h %D%/text.c %D%/csv.c %D%/timeloop.c %D%/networks.c \
  %D%/systolic.c %D%/systolic.h
sims_accel_libaccel_la_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS)
sims_accel_libaccel_la_LIBADD = $(YAML_LIBS) -lm
