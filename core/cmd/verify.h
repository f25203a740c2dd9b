/* verify.h - measuring what a search found, for gym search --verify. */
#ifndef CMD_VERIFY_H
#define CMD_VERIFY_H

#include <gym/gym.h>

struct verify {
  const char *store, *objective;
  const char *env;             /* that was searched */
  const gym_settings *options; /* of it */
  const char *on;              /* the env to measure with; NULL: that of the model */
  const gym_settings *files;   /* options of it, or files of the model's env */
  size_t n;
};

/* Measures and prints. */
int verify_print (const struct verify *verify, gym_error *err);

#endif
