# Environments: three lines each.
plugin_LTLIBRARIES += envs/dram.la

envs_dram_la_SOURCES = envs/dram.c envs/dram/setup.c envs/dram/setup.h envs/dram/space.c envs/dram/space.h \
  envs/dram/full.c envs/dram/full.h
envs_dram_la_LIBADD = sims/dram/libdram.la -lm
envs_dram_la_LDFLAGS = $(PLUGIN_LDFLAGS)

# Benchmark functions; the tests of agents link the formulas, too.
noinst_LTLIBRARIES += envs/libfunction.la
envs_libfunction_la_SOURCES = envs/function/formula.c envs/function/formula.h envs/function/read.c
envs_libfunction_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
envs_libfunction_la_LIBADD = $(JANSSON_LIBS) -lm

plugin_LTLIBRARIES += envs/function.la
envs_function_la_LIBADD = envs/libfunction.la
envs_function_la_LDFLAGS = $(PLUGIN_LDFLAGS)

# Accelerators of neural networks.
plugin_LTLIBRARIES += envs/accel.la
envs_accel_la_SOURCES = envs/accel.c envs/accel/envs.h envs/accel/network.c envs/accel/network.h envs/accel/systolic.c envs/accel/design.c envs/accel/hardware.c envs/accel/hardware.h envs/accel/genes.c envs/accel/genes.h envs/accel/mapping.c
envs_accel_la_LIBADD = sims/accel/libaccel.la -lm
envs_accel_la_LDFLAGS = $(PLUGIN_LDFLAGS)

# The digits of the cell environments.
dist_pkgdata_DATA = envs/cell/digits.txt
EXTRA_DIST += envs/cell/README.md

# Networks that are trained; their tests link the parts, too.
noinst_LTLIBRARIES += envs/libcell.la
envs_libcell_la_SOURCES = envs/cell/envs.h envs/cell/env.c envs/cell/graph.c envs/cell/graph.h envs/cell/network.c envs/cell/network.h envs/cell/data.c envs/cell/data.h envs/cell/trial.c envs/cell/trial.h envs/cell/shared.c envs/cell/shared.h envs/cell/cache.c envs/cell/cache.h envs/cell/hardware.c envs/cell/hardware.h
envs_libcell_la_LIBADD = sims/nn/libnntrain.la sims/accel/libaccel.la -lm
plugin_LTLIBRARIES += envs/cell.la
envs_cell_la_LIBADD = envs/libcell.la
envs_cell_la_LDFLAGS = $(PLUGIN_LDFLAGS)

# A model of metrics as an env.
plugin_LTLIBRARIES += envs/proxy.la
envs_proxy_la_LDFLAGS = $(PLUGIN_LDFLAGS)
