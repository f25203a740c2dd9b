# Agents: their parts (plugins/common), the laws all keep, functions to minimise.
check_LTLIBRARIES += tests/plugins/libplay.la
tests_plugins_libplay_la_SOURCES = tests/plugins/play.h tests/plugins/play.c \
  tests/plugins/laws.h tests/plugins/laws.c tests/plugins/functions.h \
  tests/plugins/functions.c tests/plugins/spaces.h tests/plugins/spaces.c \
  tests/plugins/learners.h tests/plugins/learners.c
tests_plugins_libplay_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_plugins_libplay_la_LIBADD = plugins/common/libcommon.la envs/libfunction.la $(JANSSON_LIBS)

PLAY_LDADD = tests/plugins/libplay.la $(CORE_TEST_LDADD)

check_PROGRAMS += tests/plugins/common/test_seen tests/plugins/common/test_fresh \
  tests/plugins/common/test_moves tests/plugins/test_random tests/plugins/test_ga
tests_plugins_common_test_seen_SOURCES = tests/plugins/common/test_seen.c
tests_plugins_common_test_seen_LDADD = $(PLAY_LDADD)
tests_plugins_common_test_fresh_SOURCES = tests/plugins/common/test_fresh.c
tests_plugins_common_test_fresh_LDADD = $(PLAY_LDADD)
tests_plugins_common_test_moves_SOURCES = tests/plugins/common/test_moves.c
tests_plugins_common_test_moves_LDADD = $(PLAY_LDADD)
tests_plugins_test_random_SOURCES = tests/plugins/test_random.c
tests_plugins_test_random_LDADD = $(PLAY_LDADD)
tests_plugins_test_ga_SOURCES = tests/plugins/test_ga.c
tests_plugins_test_ga_LDADD = $(PLAY_LDADD)

bench_programs += tests/bench/bench_agents
tests_bench_bench_agents_SOURCES = tests/bench/bench_agents.c tests/bench/bench.h
tests_bench_bench_agents_LDADD = $(PLAY_LDADD)

check_PROGRAMS += tests/plugins/common/test_lean
tests_plugins_common_test_lean_SOURCES = tests/plugins/common/test_lean.c
tests_plugins_common_test_lean_LDADD = $(PLAY_LDADD)

check_PROGRAMS += tests/plugins/test_bo
tests_plugins_test_bo_SOURCES = tests/plugins/test_bo.c
tests_plugins_test_bo_LDADD = $(PLAY_LDADD)

check_PROGRAMS += tests/plugins/common/test_points tests/plugins/test_hill \
  tests/plugins/test_regevo
tests_plugins_common_test_points_SOURCES = tests/plugins/common/test_points.c
tests_plugins_common_test_points_LDADD = $(PLAY_LDADD)
tests_plugins_test_hill_SOURCES = tests/plugins/test_hill.c
tests_plugins_test_hill_LDADD = $(PLAY_LDADD)
tests_plugins_test_regevo_SOURCES = tests/plugins/test_regevo.c
tests_plugins_test_regevo_LDADD = $(PLAY_LDADD)
check_PROGRAMS += tests/plugins/common/test_lbfgs tests/plugins/common/test_cholesky \
  tests/plugins/common/test_kernel tests/plugins/common/test_gp
tests_plugins_common_test_lbfgs_SOURCES = tests/plugins/common/test_lbfgs.c
tests_plugins_common_test_lbfgs_LDADD = plugins/common/libnumeric.la $(PLAY_LDADD)
tests_plugins_common_test_cholesky_SOURCES = tests/plugins/common/test_cholesky.c
tests_plugins_common_test_cholesky_LDADD = plugins/common/libnumeric.la $(PLAY_LDADD)
tests_plugins_common_test_kernel_SOURCES = tests/plugins/common/test_kernel.c
tests_plugins_common_test_kernel_LDADD = plugins/common/libnumeric.la $(PLAY_LDADD)
tests_plugins_common_test_gp_SOURCES = tests/plugins/common/test_gp.c
tests_plugins_common_test_gp_LDADD = plugins/common/libnumeric.la $(PLAY_LDADD)

RL_LDADD = plugins/common/librl.la $(PLAY_LDADD)
check_PROGRAMS += tests/plugins/common/test_heads tests/plugins/common/test_reward \
  tests/plugins/common/test_scorer tests/plugins/test_reinforce tests/plugins/test_ppo \
  tests/plugins/test_marl
tests_plugins_common_test_heads_SOURCES = tests/plugins/common/test_heads.c
tests_plugins_common_test_heads_LDADD = $(RL_LDADD)
tests_plugins_common_test_reward_SOURCES = tests/plugins/common/test_reward.c
tests_plugins_common_test_reward_LDADD = $(RL_LDADD)
tests_plugins_common_test_scorer_SOURCES = tests/plugins/common/test_scorer.c
tests_plugins_common_test_scorer_LDADD = $(RL_LDADD)
tests_plugins_test_reinforce_SOURCES = tests/plugins/test_reinforce.c
tests_plugins_test_reinforce_LDADD = $(PLAY_LDADD)
tests_plugins_test_ppo_SOURCES = tests/plugins/test_ppo.c
tests_plugins_test_ppo_LDADD = $(PLAY_LDADD)
tests_plugins_test_marl_SOURCES = tests/plugins/test_marl.c
tests_plugins_test_marl_LDADD = $(PLAY_LDADD)
check_PROGRAMS += tests/plugins/test_sac tests/plugins/test_dqn \
  tests/plugins/common/test_replay tests/plugins/common/test_additive
tests_plugins_test_sac_SOURCES = tests/plugins/test_sac.c
tests_plugins_test_sac_LDADD = $(PLAY_LDADD)
tests_plugins_test_dqn_SOURCES = tests/plugins/test_dqn.c
tests_plugins_test_dqn_LDADD = $(PLAY_LDADD)
tests_plugins_common_test_replay_SOURCES = tests/plugins/common/test_replay.c
tests_plugins_common_test_replay_LDADD = $(RL_LDADD)
tests_plugins_common_test_additive_SOURCES = tests/plugins/common/test_additive.c
tests_plugins_common_test_additive_LDADD = $(RL_LDADD)

check_PROGRAMS += tests/plugins/test_sa
tests_plugins_test_sa_SOURCES = tests/plugins/test_sa.c
tests_plugins_test_sa_LDADD = $(PLAY_LDADD)

check_PROGRAMS += tests/plugins/common/test_sobol tests/plugins/test_sobol
tests_plugins_common_test_sobol_SOURCES = tests/plugins/common/test_sobol.c
tests_plugins_common_test_sobol_LDADD = $(PLAY_LDADD) -lm
tests_plugins_test_sobol_SOURCES = tests/plugins/test_sobol.c
tests_plugins_test_sobol_LDADD = $(PLAY_LDADD)

check_PROGRAMS += tests/plugins/test_aco
tests_plugins_test_aco_SOURCES = tests/plugins/test_aco.c
tests_plugins_test_aco_LDADD = $(PLAY_LDADD)

check_PROGRAMS += tests/plugins/common/test_rl tests/plugins/common/test_policy \
  tests/plugins/common/test_clipped tests/plugins/common/test_batch \
  tests/plugins/common/test_critic
tests_plugins_common_test_rl_SOURCES = tests/plugins/common/test_rl.c \
  tests/plugins/common/rl_scene.h
tests_plugins_common_test_rl_LDADD = $(RL_LDADD)
tests_plugins_common_test_policy_SOURCES = tests/plugins/common/test_policy.c
tests_plugins_common_test_policy_LDADD = $(RL_LDADD)
tests_plugins_common_test_clipped_SOURCES = tests/plugins/common/test_clipped.c
tests_plugins_common_test_clipped_LDADD = $(RL_LDADD)
tests_plugins_common_test_batch_SOURCES = tests/plugins/common/test_batch.c
tests_plugins_common_test_batch_LDADD = $(RL_LDADD)
tests_plugins_common_test_critic_SOURCES = tests/plugins/common/test_critic.c
tests_plugins_common_test_critic_LDADD = $(RL_LDADD)

check_PROGRAMS += tests/plugins/gomea/test_linkage \
  tests/plugins/gomea/test_pyramid tests/plugins/gomea/test_steps tests/plugins/test_gomea
tests_plugins_gomea_test_linkage_SOURCES = tests/plugins/gomea/test_linkage.c
tests_plugins_gomea_test_linkage_LDADD = plugins/gomea/libmixing.la $(PLAY_LDADD) -lm
tests_plugins_gomea_test_pyramid_SOURCES = tests/plugins/gomea/test_pyramid.c tests/plugins/gomea/bench.h
tests_plugins_gomea_test_pyramid_LDADD = plugins/gomea/libmixing.la $(PLAY_LDADD) -lm
tests_plugins_gomea_test_steps_SOURCES = tests/plugins/gomea/test_steps.c
tests_plugins_gomea_test_steps_LDADD = plugins/gomea/libmixing.la $(PLAY_LDADD) -lm
tests_plugins_test_gomea_SOURCES = tests/plugins/test_gomea.c
tests_plugins_test_gomea_LDADD = $(PLAY_LDADD)

tests_plugins_libplay_la_SOURCES += tests/plugins/many.h tests/plugins/many.c
check_PROGRAMS += tests/plugins/common/test_dominance tests/plugins/common/test_moea \
  tests/plugins/test_nsga2
tests_plugins_common_test_dominance_SOURCES = tests/plugins/common/test_dominance.c
tests_plugins_common_test_dominance_LDADD = $(PLAY_LDADD) -lm
tests_plugins_common_test_moea_SOURCES = tests/plugins/common/test_moea.c
tests_plugins_common_test_moea_LDADD = $(PLAY_LDADD) -lm
tests_plugins_test_nsga2_SOURCES = tests/plugins/test_nsga2.c
tests_plugins_test_nsga2_LDADD = $(PLAY_LDADD)
check_PROGRAMS += tests/plugins/common/test_trials tests/plugins/common/test_pending
tests_plugins_common_test_trials_SOURCES = tests/plugins/common/test_trials.c
tests_plugins_common_test_trials_LDADD = $(PLAY_LDADD)
tests_plugins_common_test_pending_SOURCES = tests/plugins/common/test_pending.c
tests_plugins_common_test_pending_LDADD = $(PLAY_LDADD)

check_PROGRAMS += tests/plugins/common/test_parzen tests/plugins/test_tpe
tests_plugins_common_test_parzen_SOURCES = tests/plugins/common/test_parzen.c
tests_plugins_common_test_parzen_LDADD = $(PLAY_LDADD) -lm
tests_plugins_test_tpe_SOURCES = tests/plugins/test_tpe.c
tests_plugins_test_tpe_LDADD = $(PLAY_LDADD)

check_PROGRAMS += tests/plugins/common/test_forest tests/plugins/common/test_improvement
tests_plugins_common_test_forest_SOURCES = tests/plugins/common/test_forest.c
tests_plugins_common_test_forest_LDADD = $(PLAY_LDADD) -lm
tests_plugins_common_test_improvement_SOURCES = tests/plugins/common/test_improvement.c
tests_plugins_common_test_improvement_LDADD = $(PLAY_LDADD) -lm

tests_plugins_libplay_la_SOURCES += tests/plugins/fronts.h tests/plugins/fronts.c
check_PROGRAMS += tests/plugins/common/test_geometry tests/plugins/test_age_moea
tests_plugins_common_test_geometry_SOURCES = tests/plugins/common/test_geometry.c
tests_plugins_common_test_geometry_LDADD = $(PLAY_LDADD) -lm
tests_plugins_test_age_moea_SOURCES = tests/plugins/test_age_moea.c
tests_plugins_test_age_moea_LDADD = $(PLAY_LDADD)

check_PROGRAMS += tests/plugins/common/test_ledger tests/plugins/test_cmaes
tests_plugins_common_test_ledger_SOURCES = tests/plugins/common/test_ledger.c
tests_plugins_common_test_ledger_LDADD = $(PLAY_LDADD)
tests_plugins_test_cmaes_SOURCES = tests/plugins/test_cmaes.c
tests_plugins_test_cmaes_LDADD = $(PLAY_LDADD)

check_PROGRAMS += tests/plugins/test_hyperband
tests_plugins_test_hyperband_SOURCES = tests/plugins/test_hyperband.c
tests_plugins_test_hyperband_LDADD = $(PLAY_LDADD)
check_PROGRAMS += tests/plugins/test_rfbo
tests_plugins_test_rfbo_SOURCES = tests/plugins/test_rfbo.c
tests_plugins_test_rfbo_LDADD = $(PLAY_LDADD)

test_scripts += tests/plugins/matrix.lua
EXTRA_DIST += tests/plugins/matrix.lua

# Proxy models: what all of them must keep, and each of them.
check_LTLIBRARIES += tests/plugins/libproxies.la
tests_plugins_libproxies_la_SOURCES = tests/plugins/proxies.h tests/plugins/proxies.c
tests_plugins_libproxies_la_LIBADD = tests/plugins/libplay.la
PROXIES_LDADD = tests/plugins/libproxies.la plugins/common/libmodels.la $(PLAY_LDADD) -lm
EXTRA_DIST += tests/plugins/scikit_forest.py

check_PROGRAMS += tests/plugins/common/test_bins tests/plugins/common/test_grow \
  tests/plugins/test_forest tests/plugins/test_gbdt tests/plugins/test_proxies_memory
tests_plugins_common_test_bins_SOURCES = tests/plugins/common/test_bins.c
tests_plugins_common_test_bins_LDADD = $(PROXIES_LDADD)
tests_plugins_common_test_grow_SOURCES = tests/plugins/common/test_grow.c
tests_plugins_common_test_grow_LDADD = $(PROXIES_LDADD)
tests_plugins_test_forest_SOURCES = tests/plugins/test_forest.c
tests_plugins_test_forest_LDADD = $(PROXIES_LDADD)
tests_plugins_test_gbdt_SOURCES = tests/plugins/test_gbdt.c
tests_plugins_test_gbdt_LDADD = $(PROXIES_LDADD)
tests_plugins_test_proxies_memory_SOURCES = tests/plugins/test_proxies_memory.c
tests_plugins_test_proxies_memory_LDADD = $(PROXIES_LDADD)
check_PROGRAMS += tests/plugins/common/test_features tests/plugins/test_gp \
  tests/plugins/test_ridge
tests_plugins_common_test_features_SOURCES = tests/plugins/common/test_features.c
tests_plugins_common_test_features_LDADD = $(PROXIES_LDADD)
tests_plugins_test_gp_SOURCES = tests/plugins/test_gp.c
tests_plugins_test_gp_LDADD = $(PROXIES_LDADD)
tests_plugins_test_ridge_SOURCES = tests/plugins/test_ridge.c
tests_plugins_test_ridge_LDADD = $(PROXIES_LDADD)
check_PROGRAMS += tests/plugins/test_mlp
tests_plugins_test_mlp_SOURCES = tests/plugins/test_mlp.c
tests_plugins_test_mlp_LDADD = $(PROXIES_LDADD)

bench_programs += tests/bench/bench_proxy
tests_bench_bench_proxy_SOURCES = tests/bench/bench_proxy.c tests/bench/bench.h
tests_bench_bench_proxy_LDADD = $(PLAY_LDADD) -lm

check_PROGRAMS += tests/plugins/gbdt/test_joint
tests_plugins_gbdt_test_joint_SOURCES = tests/plugins/gbdt/test_joint.c
tests_plugins_gbdt_test_joint_LDADD = plugins/gbdt/libboost.la $(PROXIES_LDADD)
