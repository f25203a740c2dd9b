/* lua/prior.h - what a study needs to know of priors. */
#ifndef GYM_LUA_PRIOR_H
#define GYM_LUA_PRIOR_H

#include "lua/binding.h"

/* The prior of the handle at `at`, NULL when it is something else (a closed handle
 * raises). */
const gym_prior *bind_test_prior (lua_State *L, int at);

#endif
