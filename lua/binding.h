/* lua/binding.h - what the C files of the Lua module share.
 *
 * Rules of this folder:
 *  - A function that takes a lua_State may raise a Lua error (a longjmp) unless it says
 *    otherwise. So memory that must be freed sits in a box of a handle (freed by the
 *    collector) or in a userdata, never in a C variable alone, whenever a Lua call that
 *    can raise follows.
 *  - Functions that libgym calls back never let an error pass through libgym: they run
 *    Lua code under lua_pcall and keep the error for later.
 *  - An object of libgym sits in a counted box. A handle holds its box, boxes hold the
 *    box of what they borrow (a study that of its env), and whoever calls into libgym
 *    holds the box during the call. So the order in which the collector finalises
 *    handles does not matter, and closing a handle early is harmless. */
#ifndef GYM_LUA_BINDING_H
#define GYM_LUA_BINDING_H

#include "lua/gymlua.h"

#include <lauxlib.h>
#include <lua.h>

/* One a Lua state; kept in its registry. */
struct binding {
  gym_registry *registry;
  bool owned;          /* made here: destroyed with the state */
  bool scanned;        /* plugins have been looked for */
  lua_State *main;     /* the thread whose debug hook tells of an interrupt */
  lua_State *calls;    /* the thread in which libgym's callbacks run Lua code */
  int randomseed;      /* reference to math.randomseed */
  const char *loading; /* the Lua plugin file being loaded, or NULL */
  const char *place;   /* where the class that is being called was defined, or NULL */
};

struct binding *bind_state (lua_State *L);

/* The state's registry, filled on first use. */
gym_registry *bind_registry (lua_State *L);

/* ---- handle.c: boxes, handles, classes of handles ---------------------------------- */

struct box {
  void *object; /* NULL: nothing (yet), or taken away */
  void (*destroy) (void *object);
  struct box *parent;
  unsigned refs;
};

struct handle {
  struct box *box; /* NULL: closed */
};

/* Neither raises. bind_drop frees the object with the last reference, then lets go of
 * the parent. */
struct box *bind_hold (struct box *box);
void bind_drop (struct box *box);

/* Pushes a new handle of a class with an empty box (and one user value, a table that the
 * class may fill); the caller fills in object and destroy. `parent` may be NULL. */
struct box *bind_handle (lua_State *L, const char *class, struct box *parent);

/* The box or object of the handle at `at`; raises when it is something else or closed. */
struct box *bind_box (lua_State *L, int at, const char *class);
void *bind_object (lua_State *L, int at, const char *class);

/* The same, NULL when it is something else (a closed handle still raises). */
void *bind_test_object (lua_State *L, int at, const char *class);

/* Makes a class of handles: methods, and properties (functions called with the handle
 * when a field is read). Every class has close, __gc, __close and __tostring. */
void bind_class (lua_State *L, const char *class, const luaL_Reg *methods,
                 const luaL_Reg *properties);

#define ENV_CLASS       "gym.env"
#define AGENT_CLASS     "gym.agent"
#define STUDY_CLASS     "gym.study"
#define STORE_CLASS     "gym.store"
#define CURSOR_CLASS    "gym.rows"
#define SPACE_CLASS     "gym.space"
#define OBJECTIVE_CLASS "gym.objective"
#define RNG_CLASS       "gym.rng"
#define PRIOR_CLASS     "gym.prior"
#define GUARD_CLASS     "gym.guard"

/* handle.c. lua5.4 answers an interrupt by setting a debug hook, which then raises; so
 * must a host of its own (gymlua.h). While libgym is at work the hook cannot fire: what
 * takes long looks whether it changed since the watch began. Neither raises. */
struct bind_watch {
  lua_State *main;
  lua_Hook hook;
};
struct bind_watch bind_watch (lua_State *L);
bool bind_interrupted (void *watch);

/* ---- errors.c: messages ------------------------------------------------------------ */

/* Raises a message that begins with file and line of the innermost function that is
 * not part of this module. */
int bind_raise (lua_State *L, const char *format, ...) GYM_PRINTF (2, 3);
int bind_raise_error (lua_State *L, const gym_error *err);

/* Raises: `what` unknown, the valid names and the nearest. */
int bind_unknown (lua_State *L, const char *what, const char *word,
                  const char *const *names, unsigned n);

/* Raises unless the value at `at` is a table whose keys are all among `names` (closed by
 * NULL); `what` begins the message. */
void bind_check_keys (lua_State *L, int at, const char *what, const char *const *names);

/* Fields of the table at `at`. Absent: the fallback. Of another type: raises. A text is
 * borrowed from the table. */
const char *bind_text (lua_State *L, int at, const char *key, const char *what,
                       const char *fallback);
double bind_number (lua_State *L, int at, const char *key, const char *what,
                    double fallback);
lua_Integer bind_integer (lua_State *L, int at, const char *key, const char *what,
                          lua_Integer fallback);
bool bind_flag (lua_State *L, int at, const char *key, const char *what, bool fallback);

/* Index of the text in `names` (closed by NULL), or raises with the nearest. */
int bind_choice (lua_State *L, const char *text, const char *what,
                 const char *const *names);

/* A value for messages: texts in quotes, numbers, else the type's name. Pushes it. */
const char *bind_show (lua_State *L, int at);

/* Pushes a zeroed userdata of n * size bytes. */
void *bind_buffer (lua_State *L, size_t n, size_t size);

/* Sets a field of the table on top of the stack; nothing when the text is NULL. */
void bind_set_text (lua_State *L, const char *key, const char *text);

/* ---- values ------------------------------------------------------------------------ */

/* design.c. A design as {Name = "Level" or number}, inactive parameters absent; and back:
 * absent ones take their defaults. Lenient: a number out of range or off the grid is
 * moved to the nearest valid one, and parameters that are inactive are dropped, as libgym
 * does with what agents ask. */
void bind_push_design (lua_State *L, const gym_space *space, const double *row);
void bind_read_design (lua_State *L, int at, const gym_space *space, bool lenient,
                       double *row);
/* Pushes a handle on a space that `parent` owns. */
struct box *bind_push_space (lua_State *L, const gym_space *space, struct box *parent);
void bind_push_param (lua_State *L, const gym_space *space, uint32_t i);

/* metrics.c. {name = number}: NaN is absent. */
void bind_push_metrics (lua_State *L, const struct gym_metrics *metrics,
                        const double *row);
void bind_read_metrics (lua_State *L, int at, const struct gym_metrics *metrics,
                        double *row);
void bind_push_metric_list (lua_State *L, const struct gym_metrics *metrics);
void bind_push_fidelity_list (lua_State *L, const struct gym_fidelities *fidelities);
/* Pushes an array of n numbers. */
void bind_push_numbers (lua_State *L, const double *values, size_t n);
/* Reads an array of at most n numbers; returns how many there are. */
size_t bind_read_numbers (lua_State *L, int at, const char *what, double *values,
                          size_t n);

/* settings.c. Pushes a guard that owns the settings made from the table at `at` (nil or
 * none: pushes nil and returns NULL). */
gym_settings *bind_settings (lua_State *L, int at, const char *what);
void bind_push_settings (lua_State *L, const gym_settings *settings);
void bind_push_options (lua_State *L, const struct gym_options *options);

/* json.c. Pushes the value of a JSON text; raises on a wrong one. */
void bind_push_json (lua_State *L, const char *text, size_t n);

/* rng.c. Pushes a stream; it stays usable as long as anyone has it. */
gym_rng *bind_rng (lua_State *L, uint64_t key);
gym_rng *bind_check_rng (lua_State *L, int at);
/* Seeds math.random from a key. */
void bind_seed_random (lua_State *L, uint64_t key);

/* env.c, objective.c: objects behind the handles. */
struct objective {
  gym_objective *objective;
  struct gym_metrics metrics; /* borrowed from the env in the parent's box */
};
struct box *bind_env_box (lua_State *L, int at);
gym_env *bind_env (lua_State *L, int at);
/* Id at `at`: a text, or a class written in Lua. */
const char *bind_id (lua_State *L, int at, const char *role);
/* Pushes a handle made from the objective text at `at`. */
struct objective *bind_objective (lua_State *L, int at, struct box *env);
/* Name or number from 1 of a fidelity at `at`; nil is the highest. */
uint32_t bind_fidelity (lua_State *L, int at, const gym_env *env);

/* params.c: tables that describe a space, metrics, options as the C arrays of a class.
 * The memory is kept in the table at `anchor`, which must live as long as the array. */
const char *bind_anchor_text (lua_State *L, int anchor, int at);
struct gym_param *bind_read_params (lua_State *L, int at, int anchor, uint32_t *n);
struct gym_metric *bind_read_metric_list (lua_State *L, int at, int anchor, uint32_t *n);
struct gym_fidelity *bind_read_fidelities (lua_State *L, int at, int anchor,
                                           const struct gym_metrics *metrics,
                                           uint32_t *n);
/* Options live in slots of 8 bytes from `base` on. */
struct gym_option *bind_read_options (lua_State *L, int at, int anchor, size_t base,
                                      uint32_t *n);

/* ---- the parts of the module ------------------------------------------------------- */

/* Each adds its functions with bind_functions: to the module's table, which is on top of
 * the stack, and to the table below it, which only the Lua parts see. Either may be
 * NULL. */
void bind_functions (lua_State *L, const luaL_Reg *module, const luaL_Reg *core);
void bind_open_design (lua_State *L);
void bind_open_rng (lua_State *L);
void bind_open_env (lua_State *L);
void bind_open_objective (lua_State *L);
void bind_open_agent (lua_State *L);
void bind_open_study (lua_State *L);
void bind_open_store (lua_State *L);
void bind_open_dataset (lua_State *L);
void bind_open_proxy (lua_State *L);
void bind_open_prior (lua_State *L);
void bind_open_stats (lua_State *L);
void bind_open_json (lua_State *L);
void bind_open_info (lua_State *L);
void bind_open_class (lua_State *L);

/* lua/parts.c, generated from lua/gym/ *.lua in the order they are loaded in. */
struct bind_part {
  const char *name;
  const char *text;
};
extern const struct bind_part bind_parts[];

#endif
