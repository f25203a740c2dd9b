# The neural-network engine as a plain C library. Square roots and fused products need not
# set errno, so that loops can use vectors.
noinst_LTLIBRARIES += %D%/libnn.la
sims_nn_libnn_la_SOURCES = %D%/nn.h %D%/layer.h %D%/random.h %D%/matmul.h %D%/matmul.c \
  %D%/forms.h %D%/kernels.h %D%/kernels.c %D%/window.h %D%/window.c %D%/net.c %D%/dense.c \
  %D%/activation.c %D%/conv.c %D%/norm.c %D%/pool.c %D%/sum.c %D%/start.c %D%/loss.c \
  %D%/adam.c
sims_nn_libnn_la_CFLAGS = $(AM_CFLAGS) -ftree-vectorize -fvect-cost-model=dynamic \
  -fno-math-errno -fno-trapping-math -Wno-psabi
sims_nn_libnn_la_LIBADD = -lm

# Images to train on, from files that zlib unpacks; training, weight sharing and scores.
# Apart, since agents with a network want none of it.
noinst_LTLIBRARIES += %D%/libnntrain.la
sims_nn_libnntrain_la_SOURCES = %D%/error.c %D%/error.h %D%/images.c %D%/images.h \
  %D%/reader.c %D%/reader.h %D%/idx.c %D%/text.c %D%/split.c %D%/split.h %D%/dataset.c \
  %D%/slice.h %D%/slice.c %D%/train.h %D%/train.c %D%/feed.c %D%/assess.c \
  %D%/zerocost.h %D%/zerocost.c
sims_nn_libnntrain_la_CFLAGS = $(sims_nn_libnn_la_CFLAGS)
sims_nn_libnntrain_la_LIBADD = %D%/libnn.la $(ZLIB_LIBS)
