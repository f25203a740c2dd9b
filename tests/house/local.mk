TESTS_SCRIPTS += tests/house/arrows.sh tests/house/style.sh tests/house/names.sh
EXTRA_DIST += tests/house/arrows.sh tests/house/style.sh tests/house/style.lua \
  tests/house/names.sh
