# Scripts a user runs.
