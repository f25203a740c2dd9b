/* Values that are sums: see additive.h. */
#include "plugins/common/additive.h"

/* Where the scores of parameter i begin in row b. */
static size_t
place (const struct scorer *scorer, uint32_t b, uint32_t i)
{
  const struct heads *heads = scorer->setup.heads;
  return (size_t)b * heads->total + heads->of[i].at;
}

/* Scores are free up to a constant a head: without their mean taken off, heads could
 * trade it with each other and with the shared value for ever. */
static float
mean (const float *scores, uint32_t levels)
{
  double sum = 0;
  for (uint32_t k = 0; k < levels; k++)
    sum += scores[k];
  return (float)(sum / levels);
}

float
additive_part (const struct scorer *scorer, uint32_t b, uint32_t i, uint32_t level)
{
  const float *scores = scorer->scores + place (scorer, b, i);
  return scores[level] - mean (scores, scorer->setup.heads->of[i].levels);
}

void
additive_parts (const struct scorer *scorer, uint32_t b, uint32_t i, float *parts)
{
  const float *scores = scorer->scores + place (scorer, b, i);
  uint32_t levels = scorer->setup.heads->of[i].levels;
  float usual = mean (scores, levels);
  for (uint32_t k = 0; k < levels; k++)
    parts[k] = scores[k] - usual;
}

/* The mean passes a share of the slope to every level. */
void
additive_part_slope (struct scorer *scorer, uint32_t b, uint32_t i, uint32_t level,
                     float slope)
{
  float *slopes = scorer->score_slopes + place (scorer, b, i);
  uint32_t levels = scorer->setup.heads->of[i].levels;
  for (uint32_t k = 0; k < levels; k++)
    slopes[k] -= slope / (float)levels;
  slopes[level] += slope;
}

float
additive_value (const struct scorer *scorer, uint32_t b, const struct choice *choice)
{
  double sum = scorer->values[b];
  for (uint32_t i = 0; i < scorer->setup.heads->n; i++)
    if (choice->active[i])
      sum += additive_part (scorer, b, i, choice->levels[i]);
  return (float)sum;
}

void
additive_slope (struct scorer *scorer, uint32_t b, const struct choice *choice,
                float slope)
{
  scorer->value_slopes[b] += slope;
  for (uint32_t i = 0; i < scorer->setup.heads->n; i++)
    if (choice->active[i])
      additive_part_slope (scorer, b, i, choice->levels[i], slope);
}
