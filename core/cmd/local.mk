# The command: everything it does goes through the public headers.
bin_PROGRAMS += core/cmd/gym
core_cmd_gym_SOURCES = core/cmd/main.c core/cmd/cli.h core/cmd/cli.c core/cmd/csv.h \
  core/cmd/csv.c core/cmd/common.h core/cmd/common.c core/cmd/rows.c core/cmd/list.c \
  core/cmd/info.c core/cmd/run.c core/cmd/designs.h core/cmd/designs.c core/cmd/eval.c \
  core/cmd/search.c core/cmd/verify.h core/cmd/verify.c core/cmd/summary.h \
  core/cmd/summary.c core/cmd/best.c core/cmd/export.c core/cmd/dataset.c \
  core/cmd/proxy_show.h core/cmd/proxy_show.c core/cmd/proxy.c core/cmd/check.h \
  core/cmd/check.c core/cmd/check_env.c core/cmd/check_agent.c core/cmd/check_proxy.c \
  core/cmd/check_spaces.h core/cmd/check_spaces.c core/cmd/place.h core/cmd/place.c \
  core/cmd/worker.c core/cmd/status.c core/cmd/keys.c core/cmd/slurm.c \
  core/cmd/analysis.h core/cmd/analysis.c core/cmd/compare.c core/cmd/table.c \
  core/cmd/show.c core/cmd/watch.c core/cmd/figures.h core/cmd/figures.c \
  core/cmd/figure_runs.c core/cmd/figure_quality.c core/cmd/figure_space.c \
  core/cmd/importance.h core/cmd/importance.c core/cmd/plot.c core/cmd/report.c \
  core/cmd/final.c core/cmd/program.h core/cmd/program.c core/cmd/prior.h \
  core/cmd/prior.c
core_cmd_gym_CPPFLAGS = $(AM_CPPFLAGS) -DPKGLIBEXECDIR='"$(pkglibexecdir)"' $(LUA_CFLAGS) $(JANSSON_CFLAGS)
core_cmd_gym_LDADD = lua/libgymlua.la core/libgym.la $(LUA_LIBS) $(JANSSON_LIBS) -lm
dist_man_MANS += core/cmd/gym.1
