/* lua/class.h - classes and instances behind environments and agents written in Lua.
 *
 * A class is a C struct that libgym sees, embedded in one that knows the Lua table; an
 * instance begins with struct instance, followed by its options in slots of 8 bytes.
 * Scripts see an instance as a table `self` that falls back on the class's table. */
#ifndef GYM_LUA_CLASS_H
#define GYM_LUA_CLASS_H

#include "lua/binding.h"

struct class {
  union {
    struct gym_env_class env;
    struct gym_agent_class agent;
  } as; /* first: what host->self_class points to */
  struct gym_plugin plugin;
  const struct gym_env_class *envs[2];
  const struct gym_agent_class *agents[2];
  struct binding *state;
  int table;               /* references: the script's table, */
  int evaluate, ask, tell; /* its functions that run once a trial */
  const char *place;       /* "file:line" of the definition, for messages */
  const struct gym_option *options;
  uint32_t n_options;
};

struct instance {
  const struct class *class;
  const struct gym_host *host;
  int self;     /* reference to the table, 0: none */
  int context;  /* env: reference to what evaluate gets as ctx; agent: unused */
  gym_rng *rng; /* kept by the table of `self` or ctx */

  /* Env. */
  gym_space *space;
  struct gym_params params;
  struct gym_metrics metrics;
  struct gym_fidelities fidelities;
  uint32_t fidelity; /* the one ctx names now */

  /* Agent. */
  const struct gym_problem *problem;
  uint64_t seed;
  struct box *lent; /* the space handle given to the script */
};

/* Runs body (L) with `argument` as light userdata, under protection, in the thread for
 * callbacks. An error becomes the text of `err` and GYM_EFAILED. Does not raise. */
int bind_guarded (const struct class *class, lua_CFunction body, void *argument,
                  gym_error *err);

/* Pushes a new self for the instance and keeps a reference to it in the instance. */
void bind_make_self (lua_State *L, struct instance *self);

/* Calls method `name` of self, when there is one, with the `n` arguments on top of the
 * stack (self is put before them). Returns whether there was one; one result is left in
 * its place then. */
bool bind_call_method (lua_State *L, const struct instance *self, const char *name,
                       int n);

/* Ends the Lua side of an instance: method close, then the references. */
void bind_close_instance (struct instance *self);

/* Checks and copies what envs and agents have in common from the script's table at 1 into
 * the class, whose anchor table is at `anchor`. */
void bind_class_basics (lua_State *L, struct class *class, int anchor, const char *what,
                        const char *const *keys);

/* Where the class stands on the axes of gym_place; texts are kept in the anchor. */
struct gym_place bind_class_axes (lua_State *L, int anchor, const char *what);

/* A reference to the function in field `key` of the table at 1; raises when it is none.
 */
int bind_class_function (lua_State *L, const char *what, const char *key);

/* Adds the class to the state's registry. */
void bind_class_register (lua_State *L, struct class *class, int anchor);

/* Pushes class and anchor; the class is zeroed and kept for ever. */
struct class *bind_class_new (lua_State *L);

/* class_env.c, class_agent.c */
int bind_environment (lua_State *L);
int bind_agent_class (lua_State *L);

#endif
