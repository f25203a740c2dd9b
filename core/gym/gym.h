/* gym/gym.h - everything of the public interface. A plugin includes <gym/plugin.h> only.
 *
 *   error.h      status codes and the caller-owned error struct
 *   rng.h        deterministic random streams
 *   plugin.h     the contract with plugins
 *   space.h      sets of designs
 *   options.h    users' settings against a class's options
 *   registry.h   finding and loading plugins
 *   objective.h  goals and constraints from metrics
 *   env.h        open environments, episodes
 *   agent.h      open agents, ask and tell
 *   proxy.h      models of metrics: fit, predict, save, load
 *   proxy_train.h    models trained from stores, and scored
 *   archive.h    non-dominated sets, hypervolume
 *   stats.h      medians, quantiles, running times
 *   stats_compare.h  tests, effect sizes, intervals: who is better, and how sure that is
 *   stats_curves.h   best-so-far curves, running times, distributions, profiles
 *   stats_fronts.h   indicators of non-dominated sets
 *   stats_importance.h  which parameters matter
 *   stats_scores.h   how well a model predicts, and knows that
 *   study.h      the search loop
 *   store.h      reading what it kept
 *   final.h      final reports: sealed metrics, and what reading them taints
 *   results.h    a stored study as arrays
 *   dataset.h    the trials of many studies and stores as one data set
 *   prior.h      where agents begin, learnt from other workloads
 *   workers.h    trials in other processes and on other machines */
#ifndef GYM_GYM_H
#define GYM_GYM_H

#include <gym/agent.h>
#include <gym/archive.h>
#include <gym/dataset.h>
#include <gym/env.h>
#include <gym/error.h>
#include <gym/final.h>
#include <gym/objective.h>
#include <gym/options.h>
#include <gym/plugin.h>
#include <gym/prior.h>
#include <gym/proxy.h>
#include <gym/proxy_train.h>
#include <gym/registry.h>
#include <gym/results.h>
#include <gym/rng.h>
#include <gym/space.h>
#include <gym/stats.h>
#include <gym/stats_compare.h>
#include <gym/stats_curves.h>
#include <gym/stats_fronts.h>
#include <gym/stats_importance.h>
#include <gym/stats_scores.h>
#include <gym/store.h>
#include <gym/study.h>
#include <gym/workers.h>

#endif
