noinst_LTLIBRARIES += plugins/common/libcommon.la
plugins_common_libcommon_la_SOURCES = plugins/common/seen.h plugins/common/seen.c \
  plugins/common/fresh.h plugins/common/fresh.c plugins/common/moves.h \
  plugins/common/moves.c
plugins_common_libcommon_la_LIBADD = -lm

plugin_LTLIBRARIES += plugins/random.la
plugins_random_la_LIBADD = plugins/common/libcommon.la
plugins_random_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/ga.la
plugins_ga_la_LIBADD = plugins/common/libcommon.la
plugins_ga_la_LDFLAGS = $(PLUGIN_LDFLAGS)
