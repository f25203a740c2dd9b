# Tests of the neural-network engine.
NN_LDADD = $(TEST_LDADD) sims/nn/libnntrain.la
check_PROGRAMS += %D%/test_matmul %D%/test_net %D%/test_start %D%/test_loss %D%/test_adam
tests_sims_nn_test_matmul_SOURCES = %D%/test_matmul.c
tests_sims_nn_test_matmul_LDADD = $(NN_LDADD)
tests_sims_nn_test_net_SOURCES = %D%/test_net.c
tests_sims_nn_test_net_LDADD = $(NN_LDADD)
tests_sims_nn_test_start_SOURCES = %D%/test_start.c
tests_sims_nn_test_start_LDADD = $(NN_LDADD)
tests_sims_nn_test_loss_SOURCES = %D%/test_loss.c
tests_sims_nn_test_loss_LDADD = $(NN_LDADD)
tests_sims_nn_test_adam_SOURCES = %D%/test_adam.c
tests_sims_nn_test_adam_LDADD = $(NN_LDADD)
check_PROGRAMS += %D%/test_activation %D%/test_dense
tests_sims_nn_test_activation_SOURCES = %D%/test_activation.c
tests_sims_nn_test_activation_LDADD = $(NN_LDADD) -lm
tests_sims_nn_test_dense_SOURCES = %D%/test_dense.c
tests_sims_nn_test_dense_LDADD = $(NN_LDADD) -lm
check_PROGRAMS += %D%/test_kernels %D%/test_conv %D%/test_norm %D%/test_pool %D%/test_sum \
  %D%/test_window
tests_sims_nn_test_window_SOURCES = %D%/test_window.c
tests_sims_nn_test_window_LDADD = $(NN_LDADD)
tests_sims_nn_test_kernels_SOURCES = %D%/test_kernels.c %D%/gradient.h
tests_sims_nn_test_kernels_LDADD = $(NN_LDADD) -lm
tests_sims_nn_test_conv_SOURCES = %D%/test_conv.c %D%/gradient.h
tests_sims_nn_test_conv_LDADD = $(NN_LDADD) -lm
tests_sims_nn_test_norm_SOURCES = %D%/test_norm.c %D%/gradient.h
tests_sims_nn_test_norm_LDADD = $(NN_LDADD) -lm
tests_sims_nn_test_pool_SOURCES = %D%/test_pool.c %D%/gradient.h
tests_sims_nn_test_pool_LDADD = $(NN_LDADD) -lm
tests_sims_nn_test_sum_SOURCES = %D%/test_sum.c %D%/gradient.h
tests_sims_nn_test_sum_LDADD = $(NN_LDADD) -lm

bench_programs += tests/bench/bench_nn
tests_bench_bench_nn_SOURCES = tests/bench/bench_nn.c tests/bench/bench.h
tests_bench_bench_nn_LDADD = sims/nn/libnn.la $(BLAS_LIBS) $(DNNL_LIBS) -lm

# Images to train on.
check_PROGRAMS += %D%/test_error %D%/test_images %D%/test_reader %D%/test_idx \
  %D%/test_text %D%/test_split %D%/test_dataset %D%/test_fuzz_images \
  %D%/test_images_memory
%C%_test_error_LDADD = $(NN_LDADD)
%C%_test_images_LDADD = $(NN_LDADD) -lm
%C%_test_reader_SOURCES = %D%/test_reader.c %D%/image_files.c %D%/image_files.h
%C%_test_reader_LDADD = $(NN_LDADD) $(ZLIB_LIBS)
%C%_test_idx_SOURCES = %D%/test_idx.c %D%/image_files.c %D%/image_files.h
%C%_test_idx_LDADD = $(NN_LDADD) $(ZLIB_LIBS)
%C%_test_text_SOURCES = %D%/test_text.c %D%/image_files.c %D%/image_files.h
%C%_test_text_LDADD = $(NN_LDADD) $(ZLIB_LIBS)
%C%_test_split_LDADD = $(NN_LDADD) -lm
%C%_test_dataset_SOURCES = %D%/test_dataset.c %D%/image_files.c %D%/image_files.h
%C%_test_dataset_LDADD = $(NN_LDADD) $(ZLIB_LIBS) -lm
%C%_test_fuzz_images_SOURCES = %D%/test_fuzz_images.c %D%/fuzz_images.c tests/fuzz.c tests/fuzz.h
%C%_test_fuzz_images_LDADD = $(NN_LDADD)
%C%_test_images_memory_SOURCES = %D%/test_images_memory.c %D%/image_files.c %D%/image_files.h \
  %D%/memory.h
%C%_test_images_memory_LDADD = $(NN_LDADD) $(ZLIB_LIBS)
# Training, weight sharing and scores.
check_PROGRAMS += %D%/test_slice %D%/test_feed %D%/test_train %D%/test_assess \
  %D%/test_zerocost %D%/test_train_memory
test_scripts += %D%/values.sh
EXTRA_DIST += %D%/values.sh %D%/values.py
tests_sims_nn_test_feed_SOURCES = %D%/test_feed.c
tests_sims_nn_test_feed_LDADD = $(NN_LDADD)
tests_sims_nn_test_train_SOURCES = %D%/test_train.c %D%/samples.h
tests_sims_nn_test_train_LDADD = $(NN_LDADD) -lm
tests_sims_nn_test_assess_SOURCES = %D%/test_assess.c %D%/samples.h %D%/values.h
tests_sims_nn_test_assess_LDADD = $(NN_LDADD) -lm
tests_sims_nn_test_slice_SOURCES = %D%/test_slice.c
tests_sims_nn_test_slice_LDADD = $(NN_LDADD) -lm
tests_sims_nn_test_zerocost_SOURCES = %D%/test_zerocost.c %D%/samples.h %D%/values.h
tests_sims_nn_test_zerocost_LDADD = $(NN_LDADD) -lm
tests_sims_nn_test_train_memory_SOURCES = %D%/test_train_memory.c %D%/samples.h %D%/memory.h
tests_sims_nn_test_train_memory_LDADD = $(NN_LDADD)
