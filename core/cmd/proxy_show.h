/* proxy_show.h - scores of models as tables for people and as JSON for programs. */
#ifndef CMD_PROXY_SHOW_H
#define CMD_PROXY_SHOW_H

#include <gym/gym.h>

#include <jansson.h>

/* A table with a line for each target. `title` comes above it; NULL: none. */
void proxy_show_scores (const char *title, const struct gym_metrics *targets,
                        const struct gym_scores *scores);

/* Learning curves: for each target a line a size. */
void proxy_show_curve (const struct gym_metrics *targets, const size_t *sizes, size_t n,
                       const struct gym_scores *scores);

/* Draws, and in how many the mixed rows did better, for each target. */
void proxy_show_draws (const gym_proxy_data *data, const struct gym_proxy_draw *draws,
                       size_t n);

void proxy_show_speed (const struct gym_proxy_speed *speed);

/* The same as JSON; what is not finite is null. */
json_t *proxy_json_scores (const struct gym_metrics *targets,
                           const struct gym_scores *scores);
json_t *proxy_json_curve (const struct gym_metrics *targets, const size_t *sizes,
                          size_t n, const struct gym_scores *scores);
json_t *proxy_json_draws (const gym_proxy_data *data, const struct gym_proxy_draw *draws,
                          size_t n);
json_t *proxy_json_speed (const struct gym_proxy_speed *speed);

#endif
