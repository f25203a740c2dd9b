# Environments that only the tests load. -rpath makes libtool build a shared object.
CHECK_PLUGIN_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath /nowhere

check_LTLIBRARIES += tests/envs/toy.la
tests_envs_toy_la_SOURCES = tests/envs/toy.c
tests_envs_toy_la_LIBADD = -lm
tests_envs_toy_la_LDFLAGS = $(CHECK_PLUGIN_LDFLAGS)

check_LTLIBRARIES += tests/envs/liar.la
tests_envs_liar_la_SOURCES = tests/envs/liar.c
tests_envs_liar_la_LDFLAGS = $(CHECK_PLUGIN_LDFLAGS)
