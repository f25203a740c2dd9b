EXTRA_DIST += tests/bench/report.lua
