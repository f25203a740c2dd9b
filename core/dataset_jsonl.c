/* core/dataset_jsonl.c - a data set as JSON lines: an object a row, no value no member.
 */
#include <config.h>

#include "core/dataset_inside.h"

#include "core/text.h"

/* A 64-bit number as text, since readers that keep numbers as doubles would round it. */
static bool
is_quoted (const struct dataset_column *column)
{
  return column->type == TYPE_UNSIGNED && strcmp (column->name, "seed") != 0;
}

/* What every row is written from. */
struct words {
  struct dataset_texts texts, keys; /* the keys are the one list of theirs */
};

static void
add_key (struct gym_text *out, const char *name)
{
  gym_text_json (out, name);
  gym_text_add (out, ":", 1);
}

static int
make_keys (const struct dataset_columns *c, struct dataset_texts *keys)
{
  const char **names = calloc (c->n + 1, sizeof *names);
  int code = names ? gym_dataset_texts_new (keys, 1) : GYM_ENOMEM;
  for (size_t i = 0; names && i < c->n; i++)
    names[i] = c->items[i].name;
  if (code == GYM_OK)
    code = gym_dataset_texts_add (keys, 0, names, c->n, add_key);
  free (names);
  return code;
}

static char *
add_value (char *to, const struct dataset_column *column, const struct dataset_cell *cell)
{
  bool quoted = is_quoted (column);
  *to = '"';
  to += quoted;
  to += gym_dataset_number (column, cell, to);
  *to = '"';
  return to + quoted;
}

static int
add_row (const void *context, const struct dataset_columns *c,
         const struct dataset_cell *cells, struct dataset_out *out)
{
  const struct words *words = context;
  size_t cell = words->keys.widest + DATASET_CELL + words->texts.widest + 4;
  char *to = gym_dataset_room (out, c->n * cell + 4), *from = to;
  if (!to)
    return GYM_ENOMEM;
  *to++ = '{';
  for (size_t i = 0; i < c->n; i++) {
    if (cells[i].none)
      continue;
    if (to[-1] != '{')
      *to++ = ',';
    to = stpcpy (to, words->keys.of[0][i]);
    to = c->items[i].type == TYPE_TEXT
             ? stpcpy (to, words->texts.of[i][cells[i].as.integer])
             : add_value (to, &c->items[i], &cells[i]);
  }
  *to++ = '}';
  *to++ = '\n';
  out->n += (size_t)(to - from);
  return GYM_OK;
}

int
gym_dataset_jsonl (gym_dataset *d, const struct dataset_columns *c,
                   struct dataset_out *out, gym_error *err)
{
  struct words words = { .texts = { .n = 0 } };
  int code = gym_dataset_prepare (c, &words.texts, gym_text_json);
  if (code == GYM_OK)
    code = make_keys (c, &words.keys);
  if (code == GYM_ENOMEM)
    gym_fail (err, code, "out of memory for the data set");
  if (code == GYM_OK)
    code = gym_dataset_lines (d, c, add_row, &words, out, err);
  gym_dataset_texts_clear (&words.texts);
  gym_dataset_texts_clear (&words.keys);
  return code == GYM_OK ? gym_dataset_flush (out, true, err) : code;
}
