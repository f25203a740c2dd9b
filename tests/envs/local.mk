# Environments that only the tests load. -rpath makes libtool build a shared object.
CHECK_PLUGIN_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath /nowhere

check_LTLIBRARIES += tests/envs/toy.la
tests_envs_toy_la_SOURCES = tests/envs/toy.c
tests_envs_toy_la_LIBADD = -lm
tests_envs_toy_la_LDFLAGS = $(CHECK_PLUGIN_LDFLAGS)

check_LTLIBRARIES += tests/envs/slow.la
tests_envs_slow_la_SOURCES = tests/envs/slow.c
tests_envs_slow_la_LDFLAGS = $(CHECK_PLUGIN_LDFLAGS)

check_LTLIBRARIES += tests/envs/liar.la tests/envs/forger.la
tests_envs_liar_la_SOURCES = tests/envs/liar.c
tests_envs_liar_la_LDFLAGS = $(CHECK_PLUGIN_LDFLAGS)
tests_envs_forger_la_SOURCES = tests/envs/forger.c
tests_envs_forger_la_LIBADD = -lm
tests_envs_forger_la_LDFLAGS = $(CHECK_PLUGIN_LDFLAGS)

# The memory controller, and its agreement with reference data where that is present.
check_PROGRAMS += tests/envs/test_dram tests/envs/test_dram_reference
tests_envs_test_dram_SOURCES = tests/envs/test_dram.c tests/envs/table.c tests/envs/table.h
tests_envs_test_dram_LDADD = $(CORE_TEST_LDADD) sims/dram/libdram.la -lm
tests_envs_test_dram_reference_SOURCES = tests/envs/test_dram_reference.c \
  tests/envs/table.c tests/envs/table.h
tests_envs_test_dram_reference_LDADD = $(CORE_TEST_LDADD) -lm

# Benchmark functions; PLAY_LDADD has the generators.
check_PROGRAMS += tests/envs/test_function
tests_envs_test_function_SOURCES = tests/envs/test_function.c
tests_envs_test_function_LDADD = tests/plugins/libplay.la $(CORE_TEST_LDADD) $(JANSSON_LIBS)

# Harms its process: for the tests of processes that may die.
check_LTLIBRARIES += tests/envs/hostile.la
tests_envs_hostile_la_SOURCES = tests/envs/hostile.c
tests_envs_hostile_la_LIBADD = -lm -lpthread
tests_envs_hostile_la_LDFLAGS = $(CHECK_PLUGIN_LDFLAGS)

# The memory controller in its larger space.
check_PROGRAMS += tests/envs/test_dram_full
tests_envs_test_dram_full_SOURCES = tests/envs/test_dram_full.c
tests_envs_test_dram_full_LDADD = $(CORE_TEST_LDADD) sims/dram/libdram.la -lm
# Accelerators of neural networks.
check_PROGRAMS += tests/envs/test_accel tests/envs/test_systolic
tests_envs_test_accel_SOURCES = tests/envs/test_accel.c tests/envs/accel_env.h
tests_envs_test_accel_LDADD = $(CORE_TEST_LDADD) -lm
tests_envs_test_systolic_SOURCES = tests/envs/test_systolic.c tests/envs/accel_env.h
tests_envs_test_systolic_LDADD = $(CORE_TEST_LDADD) sims/accel/libaccel.la -lm
check_PROGRAMS += tests/envs/test_design
tests_envs_test_design_SOURCES = tests/envs/test_design.c tests/envs/accel_env.h
tests_envs_test_design_LDADD = $(CORE_TEST_LDADD) sims/accel/libaccel.la -lm
check_PROGRAMS += tests/envs/test_mapping
tests_envs_test_mapping_SOURCES = tests/envs/test_mapping.c tests/envs/accel_env.h
tests_envs_test_mapping_LDADD = $(CORE_TEST_LDADD) -lm
# Networks that are trained.
check_PROGRAMS += tests/envs/test_cell tests/envs/test_cell_graph
tests_envs_test_cell_SOURCES = tests/envs/test_cell.c tests/envs/accel_env.h
tests_envs_test_cell_LDADD = envs/libcell.la $(CORE_TEST_LDADD) -lm
tests_envs_test_cell_graph_LDADD = envs/libcell.la $(TEST_LDADD) -lm
check_PROGRAMS += tests/envs/test_cell_host
tests_envs_test_cell_host_SOURCES = tests/envs/test_cell_host.c tests/sims/nn/memory.h
tests_envs_test_cell_host_LDADD = envs/libcell.la $(CORE_TEST_LDADD) -lm
# A model as an env.
check_PROGRAMS += tests/envs/test_proxy
tests_envs_test_proxy_SOURCES = tests/envs/test_proxy.c tests/core/proxy_scene.h
tests_envs_test_proxy_LDADD = $(CORE_TEST_LDADD) -lm
