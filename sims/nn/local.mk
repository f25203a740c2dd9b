# The neural-network engine as a plain C library. Square roots and fused products need not
# set errno, so that loops can use vectors.
noinst_LTLIBRARIES += %D%/libnn.la
sims_nn_libnn_la_SOURCES = %D%/nn.h %D%/layer.h %D%/random.h %D%/matmul.h %D%/matmul.c \
  %D%/kernels.h %D%/kernels.c %D%/window.h %D%/window.c %D%/net.c %D%/dense.c \
  %D%/activation.c %D%/conv.c %D%/norm.c %D%/pool.c %D%/sum.c %D%/start.c %D%/loss.c \
  %D%/adam.c
sims_nn_libnn_la_CFLAGS = $(AM_CFLAGS) -ftree-vectorize -fvect-cost-model=dynamic \
  -fno-math-errno -fno-trapping-math -Wno-psabi
sims_nn_libnn_la_LIBADD = -lm

# Images to train on, from files that zlib unpacks.
sims_nn_libnn_la_SOURCES += %D%/error.c %D%/error.h %D%/images.c %D%/images.h %D%/reader.c \
  %D%/reader.h %D%/idx.c %D%/text.c %D%/split.c %D%/split.h %D%/dataset.c
sims_nn_libnn_la_LIBADD += $(ZLIB_LIBS)

# Training, weight sharing and scores, on images.
sims_nn_libnn_la_SOURCES += %D%/slice.h %D%/slice.c %D%/train.h %D%/train.c %D%/feed.c \
  %D%/assess.c %D%/zerocost.h %D%/zerocost.c
