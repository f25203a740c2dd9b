# Environments: three lines each.
plugin_LTLIBRARIES += envs/dram.la

envs_dram_la_SOURCES = envs/dram.c envs/dram/setup.c envs/dram/setup.h envs/dram/space.c envs/dram/space.h
envs_dram_la_LIBADD = sims/dram/libdram.la -lm
envs_dram_la_LDFLAGS = $(PLUGIN_LDFLAGS)
