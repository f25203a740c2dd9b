# The neural-network engine as a plain C library. Square roots need not set errno, so that
# the optimiser's loop can use vectors.
noinst_LTLIBRARIES += %D%/libnn.la
sims_nn_libnn_la_SOURCES = %D%/nn.h %D%/layer.h %D%/random.h %D%/matmul.h %D%/matmul.c \
  %D%/net.c %D%/dense.c %D%/activation.c %D%/start.c %D%/loss.c %D%/adam.c
sims_nn_libnn_la_CFLAGS = $(AM_CFLAGS) -ftree-vectorize -fno-math-errno
sims_nn_libnn_la_LIBADD = -lm
