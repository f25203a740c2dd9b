# Tests of the neural-network engine.
NN_LDADD = $(TEST_LDADD) sims/nn/libnn.la
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
