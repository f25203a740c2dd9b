TESTS_HOUSE = tests/house/arrows.sh tests/house/style.sh tests/house/names.sh \
  tests/house/example_plugin.sh tests/house/long.sh
test_scripts += $(TESTS_HOUSE)
EXTRA_DIST += $(TESTS_HOUSE) tests/house/style.lua tests/house/is_long.sh
