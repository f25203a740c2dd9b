# The TAP library, what core tests link, and the test lists of every room.
check_LTLIBRARIES += tests/libtap.la
tests_libtap_la_SOURCES = tests/tap.c tests/tap.h
tests_libtap_la_LIBADD = -lcunit

TEST_LDADD = tests/libtap.la -lcunit
CORE_TEST_LDADD = $(TEST_LDADD) core/libgymcore.la

include tests/core/space.mk
include tests/core/objective.mk
include tests/core/store.mk
include tests/core/study.mk
include tests/core/workers.mk
include tests/core/stats.mk
include tests/core/dataset.mk
include tests/core/prior.mk
include tests/sims/nn/local.mk
include tests/sims/dram/local.mk
include tests/sims/dram/trace.mk
include tests/sims/dram/check.mk
include tests/sims/accel/local.mk
include tests/envs/local.mk
include tests/plugins/local.mk
include tests/lua/local.mk
include tests/cmd/local.mk
include tests/house/local.mk
include tests/bench/local.mk

TESTS = $(check_PROGRAMS) $(test_scripts)
EXTRA_DIST += tests/valgrind.supp tests/values.sh
