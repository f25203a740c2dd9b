/* core/proxy.h - an open proxy model from the inside, for proxy.c and proxy_file.c. */
#ifndef CORE_PROXY_H
#define CORE_PROXY_H

#include "core/host.h"
#include "core/transform.h"

#include <gym/proxy.h>

struct gym_proxy {
  const struct gym_entry *entry;
  const struct gym_proxy_class *class;
  gym_settings *settings;
  void *self;
  bool opened; /* open was called: close is due */
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct gym_metrics targets;
  struct gym_metric *target_items; /* their texts are ours */
  struct gym_transformer *transforms; /* one a target */
  char *identity, *note;
  uint64_t seed;
  size_t rows;
};

#endif
