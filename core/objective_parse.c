/* core/objective_parse.c - the text form of objectives: a list of tokens with their
 * positions, and a recursive-descent parser over it (grammar: gym/objective.h). */
#include "core/objective.h"
#include "core/text.h"
#include "core/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum token_kind {
  TOKEN_END,
  TOKEN_NAME,
  TOKEN_NUMBER, /* with its unit, if any */
  TOKEN_AT_MOST,
  TOKEN_AT_LEAST,
  TOKEN_MARK, /* one of ( ) , ; ^ */
  TOKEN_STRAY /* anything else */
};

struct token {
  enum token_kind kind;
  const char *at;
  size_t length;
  size_t unit; /* of a number: where its unit begins; length when there is none */
};

/* Recursion is bounded, so that a hostile text cannot use up the stack. */
enum { DEPTH_LIMIT = 64, NUMBER_LIMIT = 64, NEAR_LIMIT = 24 };

struct parser {
  const char *text;
  struct token *tokens;
  size_t n, capacity, next;
  int depth;
  gym_objective *o;
  gym_error *err;
  int code; /* of the first error; 0 while all is well */
};

/* ---- errors ---- */

/* People count characters: continuation bytes of UTF-8 are left out. */
static unsigned
column_of (const struct parser *p, const char *at)
{
  unsigned column = 1;
  for (const char *c = p->text; c < at; c++)
    column += ((unsigned char)*c & 0xC0) != 0x80;
  return column;
}

static bool fail_at (struct parser *p, const struct token *token, const char *format, ...)
    GYM_PRINTF (3, 4);

/* Reports the first error only; always false, so that failing is one statement. */
static bool
fail_at (struct parser *p, const struct token *token, const char *format, ...)
{
  char reason[GYM_ERROR_TEXT - 128];
  if (p->code)
    return false;
  va_list args;
  va_start (args, format);
  vsnprintf (reason, sizeof reason, format, args);
  va_end (args);
  unsigned column = column_of (p, token->at);
  int length = (int)(token->length < NEAR_LIMIT ? token->length : NEAR_LIMIT);
  if (token->kind == TOKEN_END)
    p->code = gym_fail (p->err, GYM_EINVAL, "objective: at column %u (the end): %s",
                        column, reason);
  else
    p->code = gym_fail (p->err, GYM_EINVAL, "objective: at column %u near \"%.*s\": %s",
                        column, length, token->at, reason);
  return false;
}

static bool
fail_memory (struct parser *p)
{
  if (!p->code)
    p->code = gym_fail_memory (p->err);
  return false;
}

/* Makes room for one more item, zeroed. */
static bool
grow (struct parser *p, void **items, uint32_t n, uint32_t *capacity, size_t size)
{
  if (n == *capacity) {
    uint32_t more = 2 * n + 4;
    void *moved = more > n ? realloc (*items, more * size) : NULL;
    if (!moved)
      return fail_memory (p);
    *items = moved;
    *capacity = more;
  }
  memset ((char *)*items + n * size, 0, size);
  return true;
}

/* ---- tokens ---- */

static bool
is_digit (char c)
{
  return c >= '0' && c <= '9';
}

static bool
is_letter (char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Units are whatever does not end an argument ("GB/s", "m2", "%", a UTF-8 micro sign);
 * gym_quantity_parse judges them. */
static bool
starts_unit (char c)
{
  return is_letter (c) || c == '%' || (unsigned char)c >= 0x80;
}

static void
scan_number (struct token *token, size_t number)
{
  size_t unit = number;
  while (is_blank (token->at[unit]))
    unit++;
  token->kind = TOKEN_NUMBER;
  token->unit = token->length = number;
  if (!starts_unit (token->at[unit]))
    return;
  token->unit = token->length = unit;
  for (char c = token->at[unit]; starts_unit (c) || is_digit (c) || c == '/' || c == '*';)
    c = token->at[++token->length];
}

static void
scan_name (struct token *token)
{
  token->kind = TOKEN_NAME;
  for (char c = *token->at; is_letter (c) || is_digit (c) || c == '.';)
    c = token->at[++token->length];
}

static void
scan_token (struct token *token)
{
  const char *s = token->at;
  size_t number = gym_number_span (s);
  if (*s == '\0') {
    token->kind = TOKEN_END;
  } else if (number) {
    scan_number (token, number);
  } else if (is_letter (*s)) {
    scan_name (token);
  } else if ((*s == '<' || *s == '>') && s[1] == '=') {
    token->kind = *s == '<' ? TOKEN_AT_MOST : TOKEN_AT_LEAST;
    token->length = 2;
  } else {
    token->kind = strchr ("(),;^", *s) ? TOKEN_MARK : TOKEN_STRAY;
    token->length = 1;
  }
}

static bool
tokenise (struct parser *p)
{
  const char *s = p->text;
  for (;;) {
    if (p->n == p->capacity) {
      size_t capacity = 2 * p->n + 16;
      struct token *tokens = realloc (p->tokens, capacity * sizeof *tokens);
      if (!tokens)
        return fail_memory (p);
      p->tokens = tokens;
      p->capacity = capacity;
    }
    while (is_blank (*s))
      s++;
    struct token *token = &p->tokens[p->n++];
    *token = (struct token){ .at = s };
    scan_token (token);
    if (token->kind == TOKEN_END)
      return true;
    s += token->length;
  }
}

static const struct token *
peek (const struct parser *p)
{
  return &p->tokens[p->next];
}

/* The last token is the end, which is never passed. */
static const struct token *
take (struct parser *p)
{
  const struct token *token = peek (p);
  if (token->kind != TOKEN_END)
    p->next++;
  return token;
}

static bool
at_mark (const struct parser *p, char mark)
{
  return peek (p)->kind == TOKEN_MARK && *peek (p)->at == mark;
}

static bool
take_mark (struct parser *p, char mark)
{
  bool found = at_mark (p, mark);
  if (found)
    take (p);
  return found;
}

static bool
expect_mark (struct parser *p, char mark)
{
  return take_mark (p, mark) || fail_at (p, peek (p), "expected \"%c\"", mark);
}

/* ---- metrics and numbers ---- */

/* Tokens are pieces of the caller's text and have no end of their own. */
static bool
token_is (const struct token *token, const char *word)
{
  return token->kind == TOKEN_NAME && strlen (word) == token->length
         && memcmp (token->at, word, token->length) == 0;
}

static bool
fail_unknown (struct parser *p, const struct token *token)
{
  const gym_objective *o = p->o;
  char word[NUMBER_LIMIT];
  gym_error reason;
  const char **names = malloc ((o->n_metrics + 1) * sizeof *names);
  if (!names)
    return fail_memory (p);
  for (uint32_t i = 0; i < o->n_metrics; i++)
    names[i] = o->metrics[i].name;
  snprintf (word, sizeof word, "%.*s", (int)token->length, token->at);
  gym_fail_unknown (&reason, GYM_EINVAL, "metric", word, names, o->n_metrics);
  free (names);
  return fail_at (p, token, "%s", reason.text);
}

/* Whatever asks for a metric here needs it at evaluation, hence `used`. */
static bool
parse_metric (struct parser *p, uint32_t *metric)
{
  const struct token *token = peek (p);
  if (token->kind != TOKEN_NAME)
    return fail_at (p, token, "expected the name of a metric");
  take (p);
  for (uint32_t i = 0; i < p->o->n_metrics; i++)
    if (token_is (token, p->o->metrics[i].name)) {
      if (p->o->metrics[i].flags & GYM_METRIC_SEALED)
        return fail_at (p, token,
                        "this metric is sealed: it is kept for the final "
                        "report and cannot be searched for");
      p->o->metrics[i].used = true;
      *metric = i;
      return true;
    }
  return fail_unknown (p, token);
}

/* A number in `unit` ("": a pure number; NULL: only a bare number makes sense). */
static bool
parse_quantity (struct parser *p, const char *unit, double *value)
{
  const struct token *token = peek (p);
  char number[NUMBER_LIMIT];
  gym_error reason = { 0 };
  size_t n = 0;
  if (token->kind != TOKEN_NUMBER)
    return fail_at (p, token, "expected a number%s%s%s", unit && *unit ? " in " : "",
                    unit ? unit : "", unit && *unit ? " or with a unit" : "");
  if (token->length >= sizeof number)
    return fail_at (p, token, "a number this long cannot be meant");
  if (!unit && token->unit < token->length)
    return fail_at (p, token, "expected a number without a unit");
  for (size_t i = 0; i < token->length; i++)
    if (!is_blank (token->at[i]))
      number[n++] = token->at[i];
  number[n] = '\0';
  int code = gym_quantity_parse (number, unit ? unit : "", value, &reason);
  if (code == GYM_ENOMEM)
    return fail_memory (p);
  if (code < 0)
    return fail_at (p, token, "%s", reason.text);
  if (!isfinite (*value))
    return fail_at (p, token, "expected a finite number");
  take (p);
  return true;
}

/* ---- expressions ---- */

/* To be asked for again after every new node: the array moves. */
static struct objective_node *
node_of (struct parser *p, uint32_t index)
{
  return &p->o->nodes[index];
}

static bool
new_node (struct parser *p, enum node_kind kind, enum gym_sense sense, uint32_t *index)
{
  gym_objective *o = p->o;
  void *items = o->nodes;
  bool ok = grow (p, &items, o->n_nodes, &o->nodes_capacity, sizeof *o->nodes);
  o->nodes = items;
  if (!ok)
    return false;
  *index = o->n_nodes++;
  o->nodes[*index] = (struct objective_node){
    .kind = kind, .sense = sense, .child = NO_NODE, .next = NO_NODE, .exponent = 1
  };
  return true;
}

/* Hangs `child` below `parent`, behind its sibling `last` when there is one. */
static void
add_child (struct parser *p, uint32_t parent, uint32_t last, uint32_t child)
{
  if (last == NO_NODE)
    node_of (p, parent)->child = child;
  else
    node_of (p, last)->next = child;
}

/* A bare metric name: a goal in the direction the env declares. */
static bool
parse_plain (struct parser *p, uint32_t *index)
{
  const struct token *token = peek (p);
  uint32_t metric;
  if (!parse_metric (p, &metric))
    return false;
  enum gym_sense sense = (enum gym_sense)p->o->metrics[metric].sense;
  const char *name = p->o->metrics[metric].name;
  if (sense == GYM_NEUTRAL)
    return fail_at (p, token,
                    "this metric has no direction of its own: write min(%s) "
                    "or max(%s)",
                    name, name);
  if (!new_node (p, NODE_METRIC, sense, index))
    return false;
  node_of (p, *index)->metric = metric;
  return true;
}

static bool
parse_directed (struct parser *p, enum gym_sense sense, uint32_t *index)
{
  uint32_t metric;
  if (!parse_metric (p, &metric) || !new_node (p, NODE_METRIC, sense, index))
    return false;
  node_of (p, *index)->metric = metric;
  return true;
}

static bool
parse_min (struct parser *p, uint32_t *index)
{
  return parse_directed (p, GYM_MINIMISE, index);
}

static bool
parse_max (struct parser *p, uint32_t *index)
{
  return parse_directed (p, GYM_MAXIMISE, index);
}

/* Positive targets only: the ratio T/|T - x| has no sensible sign for others. */
static bool
parse_target (struct parser *p, uint32_t *index)
{
  uint32_t metric;
  double number = 0, limit = OBJECTIVE_TARGET_LIMIT;
  if (!parse_metric (p, &metric) || !expect_mark (p, ','))
    return false;
  const struct token *token = peek (p);
  if (!parse_quantity (p, p->o->metrics[metric].unit, &number))
    return false;
  if (!(number > 0))
    return fail_at (p, token, "a target must be above 0");
  if (take_mark (p, ',')) {
    token = peek (p);
    if (!parse_quantity (p, "", &limit))
      return false;
    if (!(limit > 0))
      return fail_at (p, token, "the cap of a target must be above 0");
  }
  if (!new_node (p, NODE_TARGET, GYM_MAXIMISE, index))
    return false;
  node_of (p, *index)->metric = metric;
  node_of (p, *index)->number = number;
  node_of (p, *index)->limit = limit;
  return true;
}

static bool
parse_exponent (struct parser *p, double *exponent)
{
  const struct token *token = peek (p);
  if (!parse_quantity (p, NULL, exponent))
    return false;
  return *exponent != 0 || fail_at (p, token, "an exponent of 0 takes the factor away");
}

/* A factor is a metric (no direction of its own: its exponent has it) or a target. */
static bool
parse_factor (struct parser *p, uint32_t *index)
{
  const struct token *token = peek (p);
  double exponent = 1;
  bool ok;
  if (token_is (token, "target") && *p->tokens[p->next + 1].at == '(') {
    p->next += 2;
    ok = parse_target (p, index) && expect_mark (p, ')');
  } else {
    ok = parse_directed (p, GYM_NEUTRAL, index);
  }
  if (!ok)
    return false;
  if (take_mark (p, '^')) {
    token = peek (p);
    if (!parse_exponent (p, &exponent))
      return false;
  }
  if (node_of (p, *index)->kind == NODE_TARGET && exponent < 0)
    return fail_at (p, token, "the exponent of a target must be above 0");
  node_of (p, *index)->exponent = exponent;
  return true;
}

static bool
parse_product (struct parser *p, uint32_t *index)
{
  uint32_t last = NO_NODE, factor;
  if (!new_node (p, NODE_PRODUCT, GYM_MINIMISE, index))
    return false;
  do {
    const struct token *token = peek (p);
    if (!parse_factor (p, &factor))
      return false;
    if (last != NO_NODE && node_of (p, last)->kind != node_of (p, factor)->kind)
      return fail_at (p, token,
                      "a product has either metrics or targets as factors, "
                      "not both");
    add_child (p, *index, last, factor);
    last = factor;
  } while (take_mark (p, ','));
  if (node_of (p, last)->kind == NODE_TARGET)
    node_of (p, *index)->sense = GYM_MAXIMISE;
  return true;
}

/* A budget of 0 has no excess relative to it. */
static bool
parse_budget (struct parser *p, uint32_t *index)
{
  uint32_t metric;
  double bound;
  if (!parse_metric (p, &metric))
    return false;
  if (peek (p)->kind != TOKEN_AT_MOST)
    return fail_at (p, peek (p), "expected \"<=\": a budget is an upper bound");
  take (p);
  const struct token *token = peek (p);
  if (!parse_quantity (p, p->o->metrics[metric].unit, &bound))
    return false;
  if (!(bound > 0))
    return fail_at (p, token, "a budget must be above 0");
  if (!new_node (p, NODE_BUDGET, GYM_MINIMISE, index))
    return false;
  node_of (p, *index)->metric = metric;
  node_of (p, *index)->number = bound;
  return true;
}

static bool
parse_budgets (struct parser *p, uint32_t *index)
{
  uint32_t last = NO_NODE, budget;
  if (!new_node (p, NODE_BUDGETS, GYM_MINIMISE, index))
    return false;
  do {
    if (!parse_budget (p, &budget))
      return false;
    add_child (p, *index, last, budget);
    last = budget;
  } while (take_mark (p, ','));
  return true;
}

static bool parse_expression (struct parser *p, uint32_t *index);

static bool
parse_log (struct parser *p, uint32_t *index)
{
  uint32_t child;
  if (!parse_expression (p, &child)
      || !new_node (p, NODE_LOG, node_of (p, child)->sense, index))
    return false;
  node_of (p, *index)->child = child;
  return true;
}

/* The cap is in the unit of what it caps; a product of units has none to convert to. */
static bool
parse_cap (struct parser *p, uint32_t *index)
{
  uint32_t child;
  double number;
  if (!parse_expression (p, &child) || !expect_mark (p, ',')
      || !parse_quantity (p, objective_node_unit (p->o, child), &number)
      || !new_node (p, NODE_CAP, node_of (p, child)->sense, index))
    return false;
  node_of (p, *index)->child = child;
  node_of (p, *index)->number = number;
  return true;
}

static const struct form {
  const char *name;
  bool (*parse) (struct parser *p, uint32_t *index); /* what is between the brackets */
} forms[] = { { "min", parse_min },         { "max", parse_max },
              { "target", parse_target },   { "product", parse_product },
              { "budgets", parse_budgets }, { "log", parse_log },
              { "cap", parse_cap } };

/* A name before a bracket is a form, alone it is a metric: a metric may be called "log".
 */
static bool
parse_form (struct parser *p, uint32_t *index)
{
  const struct token *token = take (p);
  take (p); /* the bracket, seen by the caller */
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
    if (token_is (token, forms[i].name)) {
      if (++p->depth > DEPTH_LIMIT)
        return fail_at (p, token, "nested too deeply");
      bool ok = forms[i].parse (p, index) && expect_mark (p, ')');
      p->depth--;
      return ok;
    }
  return fail_at (p, token,
                  "no such form; there are min, max, target, product, budgets, "
                  "log and cap");
}

static bool
parse_expression (struct parser *p, uint32_t *index)
{
  const struct token *token = peek (p);
  if (token->kind != TOKEN_NAME)
    return fail_at (p, token, "expected a metric or a form such as max(metric)");
  const struct token *after = token + 1;
  if (after->kind == TOKEN_MARK && *after->at == '(')
    return parse_form (p, index);
  return parse_plain (p, index);
}

static bool
parse_goal (struct parser *p)
{
  gym_objective *o = p->o;
  uint32_t root;
  if (!parse_expression (p, &root))
    return false;
  void *items = o->goals;
  bool ok = grow (p, &items, o->n_goals, &o->goals_capacity, sizeof *o->goals);
  o->goals = items;
  if (ok)
    o->goals[o->n_goals++].root = root;
  return ok;
}

static bool
parse_constraint (struct parser *p)
{
  gym_objective *o = p->o;
  struct objective_constraint parsed = { 0 };
  if (!parse_metric (p, &parsed.metric))
    return false;
  const struct token *token = peek (p);
  if (token->kind != TOKEN_AT_MOST && token->kind != TOKEN_AT_LEAST)
    return fail_at (p, token, "expected \"<=\" or \">=\" and a bound");
  parsed.at_least = take (p)->kind == TOKEN_AT_LEAST;
  if (!parse_quantity (p, o->metrics[parsed.metric].unit, &parsed.bound))
    return false;
  void *items = o->constraints;
  bool ok = grow (p, &items, o->n_constraints, &o->constraints_capacity,
                  sizeof *o->constraints);
  o->constraints = items;
  if (ok)
    o->constraints[o->n_constraints++] = parsed;
  return ok;
}

/* Each error says what would have been right at this place. */
static bool
parse_all (struct parser *p)
{
  if (!tokenise (p))
    return false;
  do
    if (!parse_goal (p))
      return false;
  while (take_mark (p, ','));
  while (take_mark (p, ';'))
    if (!parse_constraint (p))
      return false;
  if (peek (p)->kind == TOKEN_END)
    return true;
  return fail_at (p, peek (p),
                  p->o->n_constraints
                      ? "expected \";\" and another constraint, or the end"
                      : "expected \",\" and another goal, or \";\" and a "
                        "constraint");
}

/* ---- entry ---- */

/* "1" and no unit at all both mean a pure number. */
static bool
copy_metric (struct objective_metric *to, const struct gym_metric *from)
{
  const char *unit = from->unit && strcmp (from->unit, "1") != 0 ? from->unit : "";
  to->name = strdup (from->name);
  to->unit = strdup (unit);
  to->sense = from->sense;
  to->flags = from->flags;
  return to->name && to->unit;
}

/* Items are `stride` bytes apart; what a shorter item lacks is zero. */
static bool
copy_metrics (struct parser *p, const struct gym_metrics *metrics)
{
  gym_objective *o = p->o;
  o->metrics = calloc (metrics->n + 1u, sizeof *o->metrics);
  if (!o->metrics)
    return fail_memory (p);
  for (; o->n_metrics < metrics->n;) {
    struct gym_metric metric = { 0 };
    const char *item =
        (const char *)metrics->items + (size_t)o->n_metrics * metrics->stride;
    memcpy (&metric, item,
            metrics->stride < sizeof metric ? metrics->stride : sizeof metric);
    if (!copy_metric (&o->metrics[o->n_metrics++], &metric))
      return fail_memory (p);
  }
  return true;
}

gym_objective *
gym_objective_parse (const char *text, const struct gym_metrics *metrics, gym_error *err)
{
  struct parser p = { .text = text, .err = err };
  p.o = calloc (1, sizeof *p.o);
  if (!p.o)
    fail_memory (&p);
  if (p.o && copy_metrics (&p, metrics) && parse_all (&p))
    p.code = objective_finish (p.o, err);
  free (p.tokens);
  if (p.code)
    gym_objective_destroy (&p.o);
  return p.o;
}
