/* gym/plugin.h - the contract between archgym and its plugins: the only header of ours
 * that a plugin includes.
 *
 * How to write an environment in one file
 * ---------------------------------------
 *   1. describe the options the user may give (struct gym_option), each pointing at the
 *      field of your instance struct where the core is to put the parsed value;
 *   2. describe the designs (struct gym_param) and what is measured (struct gym_metric);
 *   3. write `evaluate`: designs in, metrics and a status out;
 *   4. put the four into a struct gym_env_class and export it through gym_plugin_entry.
 * Build it as a shared object that links against nothing of ours, put it on
 * GYM_PLUGIN_PATH and run `gym check ID`. An agent is the same with struct
 * gym_agent_class: `ask` proposes designs, `tell` hears how they did.
 * examples/plugin holds a complete one.
 *
 * Rules that hold for every method
 * --------------------------------
 *  - Instances: the core allocates `instance_size` zeroed bytes, fills in the options
 *    and calls `open`; whatever the plugin allocates it frees in `close`. `close` is
 *    called once after every `open`, also after one that failed.
 *  - Threads: one instance belongs to one thread at a time. Two instances may run at the
 *    same time in two threads: no writable globals.
 *  - Nothing runs at load time (no constructors). A plugin never prints, exits, forks,
 *    installs signal handlers, changes the locale or uses a global random generator.
 *  - Errors: a negative GYM_E... code and a text through gym_fail (error.h); 0 is
 * success.
 *  - Strings and arrays that a plugin hands out stay valid until `close` (class data:
 *    for ever). Strings it is handed live until `close` too, unless a method says less.
 *  - Numbers: metrics in the unit the metric declares. NaN never means "zero".
 *
 * Compatibility
 * -------------
 * GYM_ABI_MAJOR changes when this file breaks old plugins; those are refused with a
 * message naming both versions. Within a major version structs only grow at the end;
 * every struct that crosses the border carries its size (`struct_size`, set by whoever
 * made it) or, in arrays, its stride; a field beyond the size is as if it were zero.
 * Optional powers are asked for by name through `extension ("name/revision")`. */
#ifndef GYM_PLUGIN_H
#define GYM_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gym/error.h>
#include <gym/rng.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GYM_ABI_MAJOR 1
#define GYM_ABI_MINOR 2

/* ------------------------------------------------------------------------------------
 * Designs and spaces
 *
 * A design is a row of doubles, one per parameter, in the order of the space:
 *   categorical, ordinal   the index of the level, 0 .. n_levels-1
 *   integer, real          the value itself, in the parameter's unit
 *   inactive conditional   NaN
 * The same row goes through agents, envs, the store, Lua and the wire. Batches are
 * row-major. A row is canonical when inactive parameters are NaN, integers lie on their
 * grid and there is no negative zero; agents and envs are only ever handed canonical
 * rows, and what an agent returns is made canonical before anything else sees it. */

enum gym_kind {
  GYM_CATEGORICAL = 1, /* levels without order: a move goes to any other level */
  GYM_ORDINAL = 2,     /* levels in order: neighbours are one level away */
  GYM_INTEGER = 3,     /* low, low+step, ... up to high */
  GYM_REAL = 4         /* any number in [low, high] */
};

enum {
  GYM_PARAM_LOG = 1u << 0,   /* integer or real: sampled and encoded on a log scale */
  GYM_PARAM_LEHMER = 1u << 1 /* a digit of the Lehmer code of permutation `group` */
};

struct gym_param {
  const char *name; /* [A-Za-z_][A-Za-z0-9_.]*, unique in the space */
  const char *unit; /* NULL: none */
  const char *doc;  /* one sentence */
  uint32_t kind;    /* enum gym_kind */
  uint32_t flags;   /* GYM_PARAM_... */

  const char *const *levels; /* categorical and ordinal: n_levels names, unique */
  uint32_t n_levels;
  uint32_t reserved;

  double low, high; /* integer and real: inclusive bounds, finite; log: low > 0 */
  double step;      /* integer: grid spacing, 0 means 1; real: must be 0 */
  double initial;   /* default, coded as in a design (a level's index, a value) */

  const char *parent;      /* conditional: name of an earlier parameter; NULL: none */
  const char *const *when; /* NULL-terminated values of the parent, as text, that
                              activate this one; the parent is categorical, ordinal
                              or integer and must be active itself */
  const char *group; /* what belongs together (multi-agent learners, permutations) */
};

struct gym_params {
  uint32_t struct_size;
  uint32_t n;
  uint32_t stride; /* sizeof (struct gym_param) of the maker */
  uint32_t reserved;
  const struct gym_param *items;
};

/* ------------------------------------------------------------------------------------
 * Metrics, fidelities, outcomes */

enum gym_sense {
  GYM_NEUTRAL = 0, /* neither is better by itself (a row-hit rate, an area share) */
  GYM_MINIMISE = 1,
  GYM_MAXIMISE = 2
};

enum {
  GYM_METRIC_MEASURED = 1u << 0, /* a time or the like: not part of bit-equality */
  GYM_METRIC_SEALED = 1u << 1    /* only for the final report: computed where a batch asks
                                    for it (gym_batch_sealed), dropped everywhere else */
};

struct gym_metric {
  const char *name; /* as a parameter's name; unique among the metrics */
  const char *unit; /* SI text such as "ns", "mW", "MB/s"; "1" or NULL: a pure number */
  const char *doc;
  uint32_t sense; /* enum gym_sense */
  uint32_t flags; /* GYM_METRIC_... */
};

struct gym_metrics {
  uint32_t struct_size;
  uint32_t n;
  uint32_t stride;
  uint32_t reserved;
  const struct gym_metric *items;
};

struct gym_fidelity {
  const char *name;
  const char *doc;
  double cost;           /* relative to the highest fidelity, whose cost is 1 */
  const uint8_t *yields; /* n metrics of 0 or 1; NULL: all of them */
};

/* In rising order of cost; the last one is the default. n = 0 means one fidelity. */
struct gym_fidelities {
  uint32_t struct_size;
  uint32_t n;
  uint32_t stride;
  uint32_t reserved;
  const struct gym_fidelity *items;
};

/* What became of an evaluation. The values are stored: only appended. */
enum gym_status {
  GYM_TRIAL_OK = 0,
  GYM_TRIAL_INFEASIBLE = 1, /* the design breaks a rule of the env */
  GYM_TRIAL_FAILED = 2,     /* the env gave up, or returned NaN or infinity */
  GYM_TRIAL_TIMEOUT = 3,
  GYM_TRIAL_CRASHED = 4,
  GYM_TRIAL_OOM = 5
};

/* A batch to evaluate. The host owns every array. Row i of `designs` has n_params
 * numbers, row i of `metrics` n_metrics; the metrics are preset to NaN and statuses to
 * ok. A metric that the fidelity does not yield stays NaN. On any status but ok the
 * row's metrics are ignored and row i of `notes` (note_size bytes, preset to "") may say
 * why, in a sentence. */
struct gym_batch {
  uint32_t struct_size;
  uint32_t n_params;
  uint32_t n_metrics;
  uint32_t note_size;
  size_t n;
  const double *designs;
  const uint32_t *fidelities; /* index into the env's fidelities */
  const uint64_t *seeds;      /* the only source of randomness an env may use */
  double *metrics;
  uint32_t *statuses; /* enum gym_status */
  char *notes;

  /* From ABI 1.1 on. */
  uint32_t flags; /* GYM_BATCH_... */
  uint32_t reserved;
};

enum {
  GYM_BATCH_SEALED = 1u << 0 /* a final report: the sealed metrics are wanted too */
};

/* Whether the sealed metrics of a batch are to be computed. Where they are not, they may
 * stay NaN, and what is written into them is dropped unseen; the other metrics must be
 * the same bits either way. False under a host that is older than the flag. */
static inline bool
gym_batch_sealed (const struct gym_batch *batch)
{
  return batch->struct_size >= offsetof (struct gym_batch, reserved)
         && (batch->flags & GYM_BATCH_SEALED) != 0;
}

/* ------------------------------------------------------------------------------------
 * Options
 *
 * The core parses, checks and documents the options of every plugin in one place. Each
 * entry names the field of the instance struct that receives the value, by offset and
 * type, before `open` is called. */

enum gym_option_type {
  GYM_OPTION_BOOL = 1, /* bool; true, false, 1, 0, yes, no */
  GYM_OPTION_INT = 2,  /* int64_t in [low, high] */
  GYM_OPTION_REAL = 3, /* double in [low, high] */
  GYM_OPTION_ENUM = 4, /* int32_t, the index into `choices` */
  GYM_OPTION_TEXT = 5, /* const char *, never NULL once set */
  GYM_OPTION_FILE = 6, /* const char *, a local path of a readable file; its SHA-256 is
                         part of the env's identity. Or one of `choices`, names of what
                         the plugin brings along, which stand for themselves (a file
                         of such a name is ./NAME) */
  GYM_OPTION_AGENT = 7 /* const char *, the id of another agent, opened by agent_open; its
                          own options are given as NAME.OPTION */
};

enum {
  GYM_OPTION_LOG = 1u << 0,     /* a search over this option works on a log scale */
  GYM_OPTION_FIXED = 1u << 1,   /* not a hyperparameter: searches leave it alone */
  GYM_OPTION_REQUIRED = 1u << 2 /* there is no default: the user must give it */
};

struct gym_option {
  const char *name;
  const char *unit; /* NULL: none */
  const char *doc;
  uint32_t type;              /* enum gym_option_type */
  uint32_t flags;             /* GYM_OPTION_... */
  size_t offset;              /* offsetof (struct instance, field) */
  double low, high;           /* int and real; both 0: unbounded */
  const char *const *choices; /* enum, file (or NULL): NULL-terminated names */
  const char *initial;        /* the default, written as a user would; NULL for text and
                                 file: the field stays NULL */
};

struct gym_options {
  uint32_t struct_size;
  uint32_t n;
  uint32_t stride;
  uint32_t reserved;
  const struct gym_option *items;
};

/* Initialises one of the counted arrays above from a C array:
 *   .options = GYM_ARRAY (gym_options, my_options) */
#define GYM_ARRAY(type, array)                                                           \
  {                                                                                      \
    .struct_size = sizeof (struct type), .n = sizeof (array) / sizeof (array)[0],        \
    .stride = sizeof (array)[0], .items = array                                          \
  }

/* The levels of a categorical or ordinal parameter from a C array of names:
 *   { .name = "policy", .kind = GYM_CATEGORICAL, GYM_LEVELS (policies) } */
#define GYM_LEVELS(array) .levels = array, .n_levels = sizeof (array) / sizeof (array)[0]

/* ------------------------------------------------------------------------------------
 * The host table, handed to every `open`
 *
 * Everything a plugin may ask of the core. Functions take the table itself first; they
 * are called in the thread that owns the instance. A plugin keeps the pointer until
 * `close`. Before using a member beyond the first revision compare `struct_size`. */

struct gym_space; /* opaque: see space.h; plugins reach it through the host table */
struct gym_agent; /* opaque as well: an agent opened inside another */
struct gym_problem;
struct gym_proxy; /* a model, and an env, opened inside an env */
struct gym_env;

struct gym_host {
  uint32_t struct_size;
  uint32_t abi_minor;

  /* Sizes. The length of a design is space_size; cardinality is the number of distinct
   * canonical designs (INFINITY with a real parameter). */
  uint32_t (*space_size) (const struct gym_space *);
  double (*space_cardinality) (const struct gym_space *);
  const struct gym_param *(*space_param) (const struct gym_space *, uint32_t i);

  /* A random canonical design into row[space_size]. Uniform over parameter values, or by
   * the weights of the problem's prior where it has any; a conditional parameter is drawn
   * only where it is active. */
  void (*space_sample) (const struct gym_space *, gym_rng *, double *row);

  /* Redraws parameter i in the same way, without regard to its present value. */
  double (*space_draw) (const struct gym_space *, gym_rng *, uint32_t i);

  /* Number of distinct values of parameter i (0: a continuum), and the conversions
   * between a value and its index 0 .. count-1 on the parameter's grid. */
  uint64_t (*param_count) (const struct gym_space *, uint32_t i);
  double (*param_value) (const struct gym_space *, uint32_t i, uint64_t index);
  uint64_t (*param_index) (const struct gym_space *, uint32_t i, double value);

  /* Makes a row canonical in place: clips to the bounds, rounds to the grid, sets
   * inactive parameters to NaN, and gives its default to an active one that is NaN. */
  void (*space_repair) (const struct gym_space *, double *row);

  /* 64-bit hash of a canonical row, the same on every machine. */
  uint64_t (*space_hash) (const struct gym_space *, const double *row);

  /* Encoding into unit[space_size]: [0,1] on the parameter's scale; categorical levels
   * at the middle of equal bins; inactive 0.5. `decode` is its inverse, canonical. */
  void (*space_encode) (const struct gym_space *, const double *row, double *unit);
  void (*space_decode) (const struct gym_space *, const double *unit, double *row);

  /* Which of two told results is better: negative when a, positive when b, 0 when
   * neither: by status, then feasible before infeasible, the smaller violation, and at
   * last the objective (m = 1) or Pareto dominance (m > 1). */
  int (*compare) (uint32_t m, uint32_t c, uint32_t status_a, const double *objective_a,
                  const double *violation_a, uint32_t status_b, const double *objective_b,
                  const double *violation_b);

  /* A line for the study's log (never on stdout); printf format. */
  void (*log) (const struct gym_host *, const char *format, ...) GYM_PRINTF (2, 3);

  /* True when the work is to stop early: long evaluations look now and then and
   * return GYM_ECANCELLED. */
  bool (*cancelled) (const struct gym_host *);

  const char *data_dir;  /* installed data of the package; never NULL */
  const char *cache_dir; /* writable folder for what is built once; never NULL */

  /* The class struct this instance was made from: a binding that makes classes at run
   * time embeds it as the first member of a larger struct. */
  const void *self_class;
  void *context; /* the core's own */

  /* Agents inside agents. agent_open opens the agent that the user named by `option` (a
   * GYM_OPTION_AGENT of this class), with the options given as OPTION.NAME, on a problem
   * of the plugin's making; NULL with the error otherwise, also when an agent would come
   * to contain its own class. ask and tell are those of gym/agent.h. The core closes
   * what is still open when the instance is closed. For agents only. */
  struct gym_agent *(*agent_open) (const struct gym_host *, const char *option,
                                   const struct gym_problem *, uint64_t seed,
                                   gym_error *);
  int (*agent_ask) (struct gym_agent *, size_t n, uint64_t *tickets, double *designs,
                    uint32_t *fidelities, gym_error *);
  int (*agent_tell) (struct gym_agent *, size_t n, const uint64_t *tickets,
                     const double *designs, const double *objectives,
                     const double *violations, const double *metrics,
                     const uint32_t *statuses, gym_error *);
  void (*agent_close) (const struct gym_host *, struct gym_agent **);

  /* From ABI 1.2 on: models and envs inside envs. proxy_open reads a model file, and says
   * what its designs and targets are (borrowed until the instance is closed); predict is
   * that of gym/proxy.h; proxy_rules is 1 when its env refuses designs that the space
   * allows, 0 when not, GYM_ENOMEM when that cannot be told. env_open opens the env that
   * the model stands for, whose files are looked for in the working folder and in
   * `folder` (NULL: that of the model), and says how many metrics it has; NULL with the
   * error otherwise, also when an env would come to contain its own class. env_metric is
   * the place of a metric, env_repair and env_evaluate (at the model's fidelity) are
   * those of gym/env.h. The core closes all of them when the instance is closed. For envs
   * only. */
  struct gym_proxy *(*proxy_open) (const struct gym_host *, const char *path,
                                   const struct gym_space **space,
                                   struct gym_metrics *targets, gym_error *);
  int (*proxy_predict) (struct gym_proxy *, size_t n, const double *designs, double *mean,
                        double *spread, gym_error *);
  int (*proxy_rules) (const struct gym_proxy *, gym_error *);
  struct gym_env *(*env_open) (const struct gym_host *, const struct gym_proxy *,
                               const char *folder, uint32_t *n_metrics, gym_error *);
  int (*env_metric) (const struct gym_env *, const char *name, gym_error *);
  bool (*env_repair) (struct gym_env *, double *row);
  int (*env_evaluate) (const struct gym_host *, struct gym_env *, size_t n,
                       const double *designs, const uint64_t *seeds, double *metrics,
                       uint32_t *statuses, char *notes, gym_error *);
};

/* ------------------------------------------------------------------------------------
 * Where a class stands
 *
 * Its place on the four axes of hardware-aware architecture search (Benmeziane et al.,
 * "A comprehensive survey on hardware-aware neural architecture search", 2021), in a few
 * words each, the general before the particular ("evolution: regularised by age"); NULL:
 * the axis says nothing about it. `gym list --matrix` prints the table. */
struct gym_place {
  const char *space;        /* what is searched */
  const char *strategy;     /* how */
  const char *acceleration; /* what makes a trial, or finding out, cheaper */
  const char *cost;         /* how the cost of a design is estimated */
};

/* ------------------------------------------------------------------------------------
 * Environment classes */

enum {
  GYM_ENV_NOISY = 1u << 0 /* the result depends on the evaluation seed */
};

struct gym_env_class {
  uint32_t struct_size;
  uint32_t flags;      /* GYM_ENV_... */
  const char *id;      /* "dram-v1": a name and a version; bump it when results change */
  const char *summary; /* one line, for `gym list` */
  const char *doc;     /* what it models, as long as it takes */
  const char *source;  /* the paper, standard or simulator behind it */
  struct gym_options options;
  size_t instance_size;

  /* Make the instance ready; the options are in their fields. */
  int (*open) (void *self, const struct gym_host *, gym_error *);
  void (*close) (void *self);

  /* Describe designs, metrics and fidelities; may depend on the options. Called after
   * `open`, results constant until `close`. `fidelities` may be NULL. */
  int (*space) (void *self, struct gym_params *out, gym_error *);
  int (*metrics) (void *self, struct gym_metrics *out, gym_error *);
  int (*fidelities) (void *self, struct gym_fidelities *out, gym_error *);

  /* Evaluate a batch. The result of a row depends on its design, fidelity and seed alone
   * (bit for bit), never on the batch or on earlier calls. A bad design is a status of
   * its row, not an error of the call; after an error of the call its rows are tried one
   * by one, and those that err again have failed. */
  int (*evaluate) (void *self, struct gym_batch *, gym_error *);

  /* Optional powers by "name/revision", or NULL; may itself be NULL. */
  const void *(*extension) (const char *name);

  struct gym_place place; /* may be absent in plugins built against older headers */
};

/* Extension "constraint/1" of an env: rules that parents cannot express. */
struct gym_constraint_1 {
  uint32_t struct_size;
  uint32_t reserved;
  /* True when the canonical row may be evaluated. */
  bool (*valid) (void *self, const double *row);
  /* Changes an invalid canonical row into a valid one near it, always the same one;
   * NULL: there is no repair, an invalid design gets the status infeasible. */
  void (*repair) (void *self, double *row);
};

/* Extension "detail/1" of an env: rows behind one evaluation (a layer, a task). */
struct gym_detail_1 {
  uint32_t struct_size;
  uint32_t reserved;
  /* Named columns with units, as metrics; then the rows of one design through `emit`,
   * which gets a label and one number per column. */
  int (*columns) (void *self, struct gym_metrics *out, gym_error *);
  int (*rows) (void *self, const double *design, uint32_t fidelity, uint64_t seed,
               void (*emit) (void *sink, const char *label, const double *values),
               void *sink, gym_error *);
};

/* ------------------------------------------------------------------------------------
 * Agent classes */

/* What an agent is asked to solve. Valid until `close`. */
struct gym_problem {
  uint32_t struct_size;
  uint32_t n_objectives;  /* m >= 1; all are minimised, whatever the user asked for */
  uint32_t n_constraints; /* c >= 0 */
  uint32_t in_flight;     /* how many asks may be unanswered, >= 1 */
  const struct gym_space *space;
  double budget; /* evaluations at the highest fidelity; INFINITY when unknown */
  struct gym_metrics metrics;       /* what `tell` reports beside the objective */
  struct gym_fidelities fidelities; /* at least one entry */

  /* Earlier trials to start from (row-major; 0 rows: none), for classes with
   * GYM_AGENT_WARM_START. */
  size_t n_warm;
  const double *warm_designs;
  const double *warm_objectives;
  const double *warm_violations;

  /* Prior weights of the levels of each parameter that has a finite count: prior[i]
   * holds param_count numbers above 0 that sum to 1, or is NULL; for classes with
   * GYM_AGENT_PRIOR. NULL: no prior at all. The host's space_sample and space_draw go by
   * it on this problem's space: whoever draws first designs through them uses it. */
  const double *const *prior;

  /* The fidelity asks are preset to: the highest unless the user chose another. */
  uint32_t fidelity;

  /* Designs the prior begins with (row-major; 0 rows: none), for classes with
   * GYM_AGENT_FIRST: the host puts them, in this order, in the place of the first n_first
   * designs the agent asks for, and tells the results of these, as it does of a repaired
   * form. An agent opened inside another is given none. */
  size_t n_first;
  const double *first;
};

/* Proposals. The host owns the arrays, all `n` long (rows of space_size numbers in
 * `designs`), and has filled in the tickets, by which results come back, and the
 * problem's fidelity. */
struct gym_asks {
  uint32_t struct_size;
  uint32_t reserved;
  size_t n;
  const uint64_t *tickets;
  double *designs;
  uint32_t *fidelities;
};

/* Results, in the order the asks were made. Objectives (m per row) are NaN unless the
 * status is ok. Violations (c per row): 0 where a constraint is met, else the excess
 * relative to its bound; NaN unless ok. `designs` are what was evaluated, which may be a
 * repaired form of what was asked. `metrics` rows are NaN unless ok; sealed metrics
 * always are. */
struct gym_tells {
  uint32_t struct_size;
  uint32_t reserved;
  size_t n;
  const uint64_t *tickets;
  const double *designs;
  const uint32_t *fidelities;
  const double *objectives;
  const double *violations;
  const double *metrics;
  const uint32_t *statuses;
};

enum {
  GYM_AGENT_WARM_START = 1u << 0,     /* uses problem.warm_... */
  GYM_AGENT_PRIOR = 1u << 1,          /* first designs go by problem.prior */
  GYM_AGENT_NOT_REPLAYABLE = 1u << 2, /* the same tells do not give the same asks */
  GYM_AGENT_DISTINCT = 1u << 3, /* asks no design twice until it has asked the whole of a
                                   finite space (`gym check` holds it to that) */
  GYM_AGENT_FIRST = 1u << 4 /* learns of the designs it is told, whatever it asked for:
                               the first may be problem.first instead */
};

struct gym_agent_class {
  uint32_t struct_size;
  uint32_t flags; /* GYM_AGENT_... */
  const char *id; /* "ga-v1" */
  const char *summary;
  const char *doc;
  const char *source;
  struct gym_options options; /* also the space of its hyperparameters */
  size_t instance_size;
  uint32_t max_objectives; /* more is an error before the study starts; 0: any number */
  uint32_t in_flight;      /* asks it can use at a time by nature (1: sequential) */

  /* `seed` is the agent's only source of randomness. */
  int (*open) (void *self, const struct gym_host *, const struct gym_problem *,
               uint64_t seed, gym_error *);
  void (*close) (void *self);

  /* Write up to asks->n proposals and return how many. 0 while results are outstanding:
   * wait for them; 0 with none outstanding: the agent has finished. */
  int (*ask) (void *self, struct gym_asks *, gym_error *);

  /* Hear results. */
  int (*tell) (void *self, const struct gym_tells *, gym_error *);

  const void *(*extension) (const char *name); /* may be NULL */
  struct gym_place place;
};

/* Extension "state/1" of an agent: save and load instead of replay. */
struct gym_state_1 {
  uint32_t struct_size;
  uint32_t reserved;
  int (*save) (void *self, int (*put) (void *sink, const void *bytes, size_t n),
               void *sink, gym_error *);
  int (*load) (void *self, const void *bytes, size_t n, gym_error *);
};

/* ------------------------------------------------------------------------------------
 * Proxy-model classes */

struct gym_rows {
  uint32_t struct_size;
  uint32_t n_targets;
  size_t n;
  const double *designs; /* n rows of space_size */
  const double *targets; /* n rows of n_targets */
};

/* A model of metrics. The host checks what it is handed: designs are canonical, targets
 * finite, n is at least 1; predict and save come after a fit or a load that succeeded.
 * `seed` is the only source of randomness, and a fit starts from it anew: the same rows
 * give the same bits, whatever was learnt before. */
struct gym_proxy_class {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  const char *id;
  const char *summary;
  const char *doc;
  const char *source;
  struct gym_options options;
  size_t instance_size;
  int (*open) (void *self, const struct gym_host *, const struct gym_space *,
               uint32_t n_targets, uint64_t seed, gym_error *);
  void (*close) (void *self);
  int (*fit) (void *self, const struct gym_rows *, gym_error *);
  /* Mean and spread (standard deviation of what an evaluation may find; may be NULL), n
   * rows of n_targets each. No row's answer depends on the others. */
  int (*predict) (void *self, size_t n, const double *designs, double *mean,
                  double *spread, gym_error *);
  /* Save writes the fitted model through `put` (pass on its negative code); load reads
   * it into an instance that was opened with the same options, space and targets, and
   * from then on predicts the same bits. The host guards the bytes by a checksum; load
   * still refuses (GYM_EINVAL) what would make it read beyond them. */
  int (*save) (void *self, int (*put) (void *sink, const void *bytes, size_t n),
               void *sink, gym_error *);
  int (*load) (void *self, const void *bytes, size_t n, gym_error *);
  struct gym_place place;

  /* From ABI 1.2 on. Learns of designs before any target is known, from metrics that cost
   * nothing (hints: n_targets of them, not those of open); later fits start from there.
   * NULL: cannot. */
  int (*pretrain) (void *self, const struct gym_rows *, gym_error *);
};

/* ------------------------------------------------------------------------------------
 * The one exported constant */

struct gym_plugin {
  uint32_t abi_major;
  uint32_t abi_minor;
  uint32_t struct_size;
  uint32_t reserved;
  const char *name;    /* of the plugin: "dram" */
  const char *version; /* of the plugin: "0.1.0" */
  const char *licence; /* SPDX identifier: "MIT" */
  const char *doc;
  const struct gym_env_class *const *envs;      /* NULL-terminated, or NULL */
  const struct gym_agent_class *const *agents;  /* NULL-terminated, or NULL */
  const struct gym_proxy_class *const *proxies; /* NULL-terminated, or NULL */
};

#if defined(__GNUC__)
#define GYM_EXPORT __attribute__ ((visibility ("default")))
#else
#define GYM_EXPORT
#endif

/* In the plugin's file:
 *   GYM_EXPORT const struct gym_plugin gym_plugin_entry = { GYM_PLUGIN_ABI, .name = ...
 * };
 */
#define GYM_PLUGIN_ABI                                                                   \
  .abi_major = GYM_ABI_MAJOR, .abi_minor = GYM_ABI_MINOR,                                \
  .struct_size = sizeof (struct gym_plugin)

extern GYM_EXPORT const struct gym_plugin gym_plugin_entry;

#ifdef __cplusplus
}
#endif
#endif
