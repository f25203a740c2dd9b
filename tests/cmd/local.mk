# The command: its parts in C, the whole through its words.
check_PROGRAMS += tests/cmd/test_cli tests/cmd/test_csv tests/cmd/test_check_spaces
tests_cmd_test_cli_SOURCES = tests/cmd/test_cli.c core/cmd/cli.c
tests_cmd_test_cli_LDADD = $(TEST_LDADD) core/libgym.la
tests_cmd_test_csv_SOURCES = tests/cmd/test_csv.c core/cmd/csv.c
tests_cmd_test_csv_LDADD = $(TEST_LDADD) core/libgym.la
tests_cmd_test_check_spaces_SOURCES = tests/cmd/test_check_spaces.c core/cmd/check_spaces.c
tests_cmd_test_check_spaces_LDADD = $(TEST_LDADD) core/libgym.la

cmd_tests = tests/cmd/test_main.sh tests/cmd/test_list.sh tests/cmd/test_info.sh \
  tests/cmd/test_run.sh tests/cmd/test_eval.sh tests/cmd/test_designs.sh \
  tests/cmd/test_rows.sh tests/cmd/test_common.sh tests/cmd/test_search.sh \
  tests/cmd/test_summary.sh tests/cmd/test_best.sh tests/cmd/test_export.sh tests/cmd/test_dataset.sh \
  tests/cmd/test_proxy.sh tests/cmd/test_proxy_show.sh tests/cmd/test_verify.sh \
  tests/cmd/test_check.sh tests/cmd/test_check_env.sh tests/cmd/test_check_agent.sh \
  tests/cmd/test_check_proxy.sh \
  tests/cmd/test_golden.sh tests/cmd/test_reference.sh tests/cmd/test_slurm_cluster.sh \
  tests/cmd/test_keys.sh tests/cmd/test_place.sh tests/cmd/test_slurm.sh \
  tests/cmd/test_status.sh tests/cmd/test_worker.sh tests/cmd/test_analysis.sh \
  tests/cmd/test_compare.sh tests/cmd/test_table.sh tests/cmd/test_show.sh \
  tests/cmd/test_watch.sh tests/cmd/test_figures.sh tests/cmd/test_figure_runs.sh \
  tests/cmd/test_figure_space.sh tests/cmd/test_importance.sh tests/cmd/test_plot.sh \
  tests/cmd/test_report.sh tests/cmd/test_programs.sh \
  tests/cmd/test_figure_quality.sh tests/cmd/test_final.sh tests/cmd/test_prior.sh
test_scripts += $(cmd_tests)
EXTRA_DIST += $(cmd_tests) tests/cmd/tap.sh tests/cmd/figures.sh tests/cmd/dataset_read.py tests/cmd/check.options tests/golden

check_PROGRAMS += tests/cmd/test_program
tests_cmd_test_program_SOURCES = tests/cmd/test_program.c core/cmd/program.c
tests_cmd_test_program_CPPFLAGS = $(AM_CPPFLAGS) -DPKGLIBEXECDIR='"test_program.d"'
tests_cmd_test_program_LDADD = $(TEST_LDADD) core/libgym.la
