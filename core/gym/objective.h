/* gym/objective.h - what a study tries to achieve, made from an env's metrics.
 *
 * An objective has m >= 1 goals and c >= 0 constraints. Inside, every goal is minimised;
 * values are reported in the user's terms with their unit and direction.
 *
 * Text form: goals separated by commas, each followed constraint after a semicolon.
 *
 *   energy                         a metric, in the direction its env declares (a
 *                                  neutral metric needs min or max)
 *   min(x)  max(x)                 the direction said outright
 *   target(power, 1W)              T/|T - x|, maximised, as in the ArchGym papers
 *                                  (ISCA 2023, section 4); at most 1e6 unless a third
 *                                  argument says another cap: target(power, 1W, 100)
 *   product(x^2, y^-0.5, ...)      weighted product of factors, each a metric or a
 *                                  target(...); the exponents carry the direction when
 *                                  all factors are metrics (minimised), targets are
 *                                  maximised; the two do not mix
 *   budgets(x<=B, y<=C, ...)       the normalised distance to a set of budgets,
 *                                  sum of max(0, x/B - 1), as FARSI does; minimised
 *   log(e)  cap(e, v)              natural logarithm; not better than v
 *   ; latency_p99<=400 ; x>=2GB/s  constraints: at most, at least
 *
 * Numbers may carry a unit, which is converted to the metric's own ("1W" for a metric in
 * mW is 1000); a unit of another dimension is an error, a bare number is taken in the
 * metric's unit. */
#ifndef GYM_OBJECTIVE_H
#define GYM_OBJECTIVE_H

#include <gym/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Immutable once made; any thread may use it. */
typedef struct gym_objective gym_objective;

/* Parses `text` over `metrics` (whose strings it copies). The caller destroys it. An
 * error shows the place in the text, and the nearest metric to an unknown name. */
GYM_API gym_objective *
gym_objective_parse (const char *text, const struct gym_metrics *metrics, gym_error *err);
GYM_API void gym_objective_destroy (gym_objective **objective);

/* The text in canonical spelling (numbers in the metrics' units). Borrowed. */
GYM_API const char *gym_objective_text (const gym_objective *objective);

GYM_API uint32_t gym_objective_goals (const gym_objective *objective);
GYM_API uint32_t gym_objective_constraints (const gym_objective *objective);

/* Goal i: its canonical text, unit ("" for a pure number) and direction. Borrowed. */
GYM_API const char *gym_objective_goal_text (const gym_objective *objective, uint32_t i);
GYM_API const char *gym_objective_goal_unit (const gym_objective *objective, uint32_t i);
GYM_API enum gym_sense gym_objective_goal_sense (const gym_objective *objective,
                                                 uint32_t i);
GYM_API const char *gym_objective_constraint_text (const gym_objective *objective,
                                                   uint32_t i);

/* Whether metric i takes part in a goal or a constraint. */
GYM_API bool gym_objective_uses (const gym_objective *objective, uint32_t metric);

/* Values of one row of metrics: goals[m], all to be minimised, and violations[c]: 0 where
 * met, else the excess relative to the bound (absolute when the bound is 0). Returns
 * GYM_EINVAL when a metric that is needed is NaN or a goal is not finite. */
GYM_API int gym_objective_evaluate (const gym_objective *objective, const double *metrics,
                                    double *goals, double *violations, gym_error *err);

/* An inner (minimised) value of goal i in the user's terms, and back. */
GYM_API double gym_objective_report (const gym_objective *objective, uint32_t i,
                                     double inner);
GYM_API double gym_objective_inner (const gym_objective *objective, uint32_t i,
                                    double reported);

/* The order of results that everything uses: negative when a is better, positive when b
 * is, 0 when neither. By status (ok first), then the sum of violations (feasible first),
 * then the objective (m = 1) or Pareto dominance. */
GYM_API int gym_compare (uint32_t m, uint32_t c, uint32_t status_a,
                         const double *objective_a, const double *violation_a,
                         uint32_t status_b, const double *objective_b,
                         const double *violation_b);

/* A number with an optional unit, converted into `unit`: "0.1ms" into "ns" is 100000.
 * Knows SI prefixes on s, W, J, B (bytes, also per second), Hz, m2, bit and pure
 * numbers with %. */
GYM_API int gym_quantity_parse (const char *text, const char *unit, double *value,
                                gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
