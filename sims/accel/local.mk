# The accelerator simulator as a plain C library.
noinst_LTLIBRARIES += %D%/libaccel.la
sims_accel_libaccel_la_SOURCES = %D%/error.c %D%/error.h %D%/layer.c %D%/layer.h \
  %D%/arch.c %D%/arch.h %D%/mapping.c %D%/mapping.h %D%/loopnest.c %D%/loopnest.h \
  %D%/energy.c %D%/energy.h %D%/mapper.c %D%/mapper.h
sims_accel_libaccel_la_LIBADD = -lm
