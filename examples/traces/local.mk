# Recorded traces, and the sources of what was recorded.
EXTRA_DIST += %D%/README.md %D%/lua-sort.trc %D%/sqlite.trc %D%/gzip.trc %D%/matmul.trc \
  %D%/stream.trc %D%/bfs.trc %D%/chase.trc %D%/spmv.trc %D%/stencil.trc %D%/update.trc %D%/src/sort.lua %D%/src/queries.sql %D%/src/words.lua \
  %D%/src/matmul.c %D%/src/stream.c %D%/src/bfs.c %D%/src/chase.c %D%/src/spmv.c %D%/src/stencil.c %D%/src/update.c %D%/src/statistics.lua
