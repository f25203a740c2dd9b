noinst_LTLIBRARIES += plugins/common/libcommon.la
plugins_common_libcommon_la_SOURCES = plugins/common/seen.h plugins/common/seen.c \
  plugins/common/fresh.h plugins/common/fresh.c plugins/common/moves.h \
  plugins/common/moves.c plugins/common/lean.h plugins/common/lean.c plugins/common/points.h plugins/common/points.c \
  plugins/common/sobol.h plugins/common/sobol.c plugins/common/trials.h \
  plugins/common/trials.c plugins/common/pending.h plugins/common/pending.c \
  plugins/common/parzen.h plugins/common/parzen.c plugins/common/forest.h \
  plugins/common/forest.c plugins/common/improvement.h plugins/common/improvement.c
plugins_common_libcommon_la_LIBADD = -lm

plugin_LTLIBRARIES += plugins/random.la
plugins_random_la_LIBADD = plugins/common/libcommon.la
plugins_random_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/ga.la
plugins_ga_la_LIBADD = plugins/common/libcommon.la
plugins_ga_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/hill.la
plugins_hill_la_LIBADD = plugins/common/libcommon.la
plugins_hill_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/regevo.la
plugins_regevo_la_LIBADD = plugins/common/libcommon.la
plugins_regevo_la_LDFLAGS = $(PLUGIN_LDFLAGS)

# Models: Gaussian processes over OpenBLAS and LAPACKE.
noinst_LTLIBRARIES += plugins/common/libnumeric.la
plugins_common_libnumeric_la_SOURCES = plugins/common/lbfgs.h plugins/common/lbfgs.c \
  plugins/common/cholesky.h plugins/common/cholesky.c plugins/common/kernel.h \
  plugins/common/kernel.c plugins/common/gp.h plugins/common/gp.c
plugins_common_libnumeric_la_LIBADD = $(BLAS_LIBS) -lm

plugin_LTLIBRARIES += plugins/bo.la
plugins_bo_la_SOURCES = plugins/bo/bo.c plugins/bo/surface.h plugins/bo/surface.c \
  plugins/bo/model.h plugins/bo/model.c \
  plugins/bo/acquisition.h plugins/bo/acquisition.c plugins/bo/thompson.h \
  plugins/bo/thompson.c plugins/bo/search.h plugins/bo/search.c plugins/bo/region.h \
  plugins/bo/region.c
plugins_bo_la_LIBADD = plugins/common/libnumeric.la plugins/common/libcommon.la
plugins_bo_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/sa.la
plugins_sa_la_LIBADD = plugins/common/libcommon.la
plugins_sa_la_LDFLAGS = $(PLUGIN_LDFLAGS)

# Reinforcement learners: what they share, over the neural-network engine.
noinst_LTLIBRARIES += plugins/common/librl.la
plugins_common_librl_la_SOURCES = plugins/common/heads.h plugins/common/heads.c \
  plugins/common/reward.h plugins/common/reward.c plugins/common/scorer.h \
  plugins/common/scorer.c plugins/common/scorer_options.h plugins/common/policy.h \
  plugins/common/policy.c plugins/common/rl.h plugins/common/rl.c \
  plugins/common/batch.h plugins/common/batch.c plugins/common/critic.h \
  plugins/common/critic.c plugins/common/clipped.h plugins/common/clipped.c \
  plugins/common/clipped_options.h plugins/common/replay.h plugins/common/replay.c \
  plugins/common/additive.h plugins/common/additive.c
plugins_common_librl_la_LIBADD = plugins/common/libcommon.la sims/nn/libnn.la -lm

plugin_LTLIBRARIES += plugins/reinforce.la
plugins_reinforce_la_LIBADD = plugins/common/librl.la
plugins_reinforce_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/ppo.la
plugins_ppo_la_LIBADD = plugins/common/librl.la
plugins_ppo_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/marl.la
plugins_marl_la_LIBADD = plugins/common/librl.la
plugins_marl_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/sac.la
plugins_sac_la_LIBADD = plugins/common/librl.la
plugins_sac_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/dqn.la
plugins_dqn_la_LIBADD = plugins/common/librl.la
plugins_dqn_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/sobol.la
plugins_sobol_la_LIBADD = plugins/common/libcommon.la
plugins_sobol_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/aco.la
plugins_aco_la_LIBADD = plugins/common/libcommon.la
plugins_aco_la_LDFLAGS = $(PLUGIN_LDFLAGS)

noinst_LTLIBRARIES += plugins/gomea/libmixing.la
plugins_gomea_libmixing_la_SOURCES = plugins/gomea/linkage.h plugins/gomea/linkage.c \
  plugins/gomea/pyramid.h plugins/gomea/pyramid.c plugins/gomea/steps.h plugins/gomea/steps.c
plugins_gomea_libmixing_la_LIBADD = plugins/common/libcommon.la

plugin_LTLIBRARIES += plugins/gomea.la
plugins_gomea_la_SOURCES = plugins/gomea/gomea.c
plugins_gomea_la_LIBADD = plugins/gomea/libmixing.la
plugins_gomea_la_LDFLAGS = $(PLUGIN_LDFLAGS)

# Several objectives: a front evolves, and its survivors are chosen in different ways.
plugins_common_libcommon_la_SOURCES += plugins/common/dominance.h plugins/common/dominance.c \
  plugins/common/moea_options.h plugins/common/moea.h plugins/common/moea.c

plugin_LTLIBRARIES += plugins/nsga2.la
plugins_nsga2_la_LIBADD = plugins/common/libcommon.la
plugins_nsga2_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugin_LTLIBRARIES += plugins/tpe.la
plugins_tpe_la_LIBADD = plugins/common/libcommon.la
plugins_tpe_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugins_common_libcommon_la_SOURCES += plugins/common/geometry.h plugins/common/geometry.c
plugin_LTLIBRARIES += plugins/age_moea.la
plugins_age_moea_la_LIBADD = plugins/common/libcommon.la
plugins_age_moea_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugins_common_libcommon_la_SOURCES += plugins/common/ledger.h plugins/common/ledger.c
plugin_LTLIBRARIES += plugins/cmaes.la
plugins_cmaes_la_SOURCES = plugins/cmaes/cmaes.c plugins/cmaes/gauss.h \
  plugins/cmaes/gauss.c plugins/cmaes/levels.h plugins/cmaes/levels.c \
  plugins/cmaes/margin.h plugins/cmaes/margin.c
plugins_cmaes_la_LIBADD = plugins/common/libnumeric.la plugins/common/libcommon.la
plugins_cmaes_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/hyperband.la
plugins_hyperband_la_SOURCES = plugins/hyperband/hyperband.c plugins/hyperband/rung.h \
  plugins/hyperband/rung.c plugins/hyperband/scale.h plugins/hyperband/scale.c
plugins_hyperband_la_LIBADD = plugins/common/libcommon.la
plugins_hyperband_la_LDFLAGS = $(PLUGIN_LDFLAGS)
plugin_LTLIBRARIES += plugins/rfbo.la
plugins_rfbo_la_LIBADD = plugins/common/libcommon.la
plugins_rfbo_la_LDFLAGS = $(PLUGIN_LDFLAGS)

# Proxy models: designs as codes, what grows on them, designs as numbers.
noinst_LTLIBRARIES += plugins/common/libmodels.la
plugins_common_libmodels_la_SOURCES = plugins/common/pack.h plugins/common/scale.h \
  plugins/common/bins.h plugins/common/bins.c plugins/common/grow.h plugins/common/grow.c \
  plugins/common/features.h plugins/common/features.c
plugins_common_libmodels_la_LIBADD = -lm

noinst_LTLIBRARIES += plugins/gbdt/libboost.la
plugins_gbdt_libboost_la_SOURCES = plugins/gbdt/boost.h plugins/gbdt/boost.c \
  plugins/gbdt/joint.h plugins/gbdt/joint.c
plugins_gbdt_libboost_la_LIBADD = plugins/common/libmodels.la
plugin_LTLIBRARIES += plugins/gbdt.la
plugins_gbdt_la_SOURCES = plugins/gbdt/gbdt.c
plugins_gbdt_la_LIBADD = plugins/gbdt/libboost.la
plugins_gbdt_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/forest.la
plugins_forest_la_SOURCES = plugins/forest/forest.c plugins/forest/flat.h plugins/forest/flat.c
plugins_forest_la_LIBADD = plugins/common/libmodels.la
plugins_forest_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/gp.la
plugins_gp_la_LIBADD = plugins/common/libnumeric.la
plugins_gp_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/ridge.la
plugins_ridge_la_LIBADD = plugins/common/libmodels.la plugins/common/libnumeric.la
plugins_ridge_la_LDFLAGS = $(PLUGIN_LDFLAGS)

plugin_LTLIBRARIES += plugins/mlp.la
plugins_mlp_la_LIBADD = plugins/common/libmodels.la sims/nn/libnn.la -lm
plugins_mlp_la_LDFLAGS = $(PLUGIN_LDFLAGS)
