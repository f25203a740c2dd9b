# Scripts a user runs, and what they run on.
include examples/traces/local.mk
