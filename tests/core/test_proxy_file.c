/* core/proxy_file.c: models in files. */
#include "tests/core/proxy_help.h"

#include <fcntl.h>

struct scene {
  gym_registry *registry;
  char path[256];
  char *bytes; /* of a good file */
  size_t n;
};

static char *
read_all (const char *path, size_t *n)
{
  FILE *f = fopen (path, "rb");
  char *bytes = malloc (1 << 16);
  CU_ASSERT_PTR_NOT_NULL_FATAL (f);
  *n = fread (bytes, 1, 1 << 16, f);
  fclose (f);
  return bytes;
}

static void
write_all (const char *path, const char *bytes, size_t n)
{
  FILE *f = fopen (path, "wb");
  CU_ASSERT_PTR_NOT_NULL_FATAL (f);
  CU_ASSERT_EQUAL (fwrite (bytes, 1, n, f), n);
  fclose (f);
}

static void
scene_begin (struct scene *s)
{
  static const char *const shift[] = { "shift=0.1", NULL };
  gym_error err = { 0 };
  s->registry = average_registry ();
  help_scratch (s->path, "a.proxy");
  gym_proxy *p = average_proxy (s->registry, "average", shift);
  CU_ASSERT_EQUAL (gym_proxy_save (p, s->path, &err), GYM_ESTATE);
  CU_ASSERT_STRING_EQUAL (err.text, "proxy average-v1 is not fitted");
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, average_values, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_set_note (p, "tab\t \"quote\" \xc3\xa9", &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_save (p, s->path, &err), GYM_OK);
  s->bytes = read_all (s->path, &s->n);
  gym_proxy_destroy (&p);
}

static void
scene_end (struct scene *s)
{
  free (s->bytes);
  help_remove (s->path);
  gym_registry_destroy (&s->registry);
}

static void
test_round_trip (void)
{
  struct scene s;
  scene_begin (&s);
  gym_error err = { 0 };
  double mean[4], spread[4];
  gym_space *space = average_space (AVERAGE_SPACE);
  gym_proxy *p = gym_proxy_load (s.registry, s.path, space, &err);
  CU_ASSERT_STRING_EQUAL (err.text, "");
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  CU_ASSERT_STRING_EQUAL (gym_proxy_note (p), "tab\t \"quote\" \xc3\xa9");
  CU_ASSERT (gym_proxy_rows (p) == 2 && gym_proxy_seed (p) == 7);
  CU_ASSERT_STRING_EQUAL (gym_settings_get (gym_proxy_settings (p), "shift"), "0.1");
  const struct gym_metrics *m = gym_proxy_targets (p);
  CU_ASSERT_STRING_EQUAL (m->items[0].name, "time");
  CU_ASSERT_STRING_EQUAL (m->items[0].doc, "How long.");
  CU_ASSERT (!m->items[1].unit && m->items[1].flags == GYM_METRIC_MEASURED
             && m->items[0].sense == GYM_MINIMISE);
  CU_ASSERT_EQUAL (gym_proxy_predict (p, 2, average_designs, mean, spread, &err), GYM_OK);
  CU_ASSERT (mean[0] == 2.5 + 0.1 && mean[1] == 5 + 0.1);
  gym_proxy_destroy (&p);
  /* Without a space it is the file's; saving what was loaded gives the same bytes. */
  p = gym_proxy_load (s.registry, s.path, NULL, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  CU_ASSERT_EQUAL (gym_space_match (gym_proxy_space (p), space, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_save (p, s.path, &err), GYM_OK);
  size_t n;
  char *again = read_all (s.path, &n);
  CU_ASSERT (n == s.n && memcmp (again, s.bytes, n) == 0);
  free (again);
  gym_proxy_destroy (&p);
  gym_space_destroy (&space);
  scene_end (&s);
}

/* Every byte changed, every length cut, bytes at the end. */
/* Transforms come back with all their digits: the same bits are predicted. */
static void
test_transforms (void)
{
  struct scene s;
  scene_begin (&s);
  gym_error err = { 0 };
  double mean[4], spread[4], again[4], spread_again[4], power;
  gym_proxy *p = gym_proxy_load (s.registry, s.path, NULL, &err);
  gym_proxy_set_transform (p, 0, GYM_TRANSFORM_BOXCOX, &err);
  gym_proxy_set_transform (p, 1, GYM_TRANSFORM_AUTO, &err);
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, average_values, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_predict (p, 2, average_designs, mean, spread, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_save (p, s.path, &err), GYM_OK);
  gym_proxy *q = gym_proxy_load (s.registry, s.path, NULL, &err);
  CU_ASSERT_STRING_EQUAL (err.text, "");
  CU_ASSERT_PTR_NOT_NULL_FATAL (q);
  CU_ASSERT_EQUAL (gym_proxy_transform (q, 0, &power), GYM_TRANSFORM_BOXCOX);
  CU_ASSERT_EQUAL (gym_proxy_predict (q, 2, average_designs, again, spread_again, &err),
                   GYM_OK);
  CU_ASSERT_EQUAL (memcmp (mean, again, sizeof mean), 0);
  CU_ASSERT_EQUAL (memcmp (spread, spread_again, sizeof spread), 0);
  gym_proxy_destroy (&p);
  gym_proxy_destroy (&q);
  scene_end (&s);
}

static void
test_damage (void)
{
  struct scene s;
  scene_begin (&s);
  gym_error err = { 0 };
  for (size_t i = 0; i < s.n; i++)
    for (int flip = 1; flip < 256; flip <<= 3) {
      s.bytes[i] = (char)(s.bytes[i] ^ flip);
      write_all (s.path, s.bytes, s.n);
      CU_ASSERT_PTR_NULL (gym_proxy_load (s.registry, s.path, NULL, &err));
      CU_ASSERT (err.code == GYM_EINVAL && help_says (&err, "a.proxy"));
      s.bytes[i] = (char)(s.bytes[i] ^ flip);
    }
  for (size_t n = 0; n < s.n; n++) {
    write_all (s.path, s.bytes, n);
    CU_ASSERT_PTR_NULL (gym_proxy_load (s.registry, s.path, NULL, &err));
    CU_ASSERT_EQUAL (err.code, GYM_EINVAL);
  }
  CU_ASSERT (help_says (&err, "is cut short or damaged"));
  s.bytes[s.n] = 'x';
  write_all (s.path, s.bytes, s.n + 1);
  CU_ASSERT_PTR_NULL (gym_proxy_load (s.registry, s.path, NULL, &err));
  scene_end (&s);
}

static void
test_texts (void)
{
  struct scene s;
  scene_begin (&s);
  gym_error err = { 0 };
  char want[400];
  write_all (s.path, "energy,power\n1,2\n", 17);
  CU_ASSERT_PTR_NULL (gym_proxy_load (s.registry, s.path, NULL, &err));
  snprintf (want, sizeof want, "\"%s\" is not a model file", s.path);
  CU_ASSERT_STRING_EQUAL (err.text, want);
  s.bytes[8] = 2;
  write_all (s.path, s.bytes, s.n);
  CU_ASSERT_PTR_NULL (gym_proxy_load (s.registry, s.path, NULL, &err));
  CU_ASSERT (help_says (&err, "is a model file of version 2; this library reads 1"));
  s.bytes[8] = 1;
  s.bytes[40] ^= 1;
  write_all (s.path, s.bytes, s.n);
  CU_ASSERT_PTR_NULL (gym_proxy_load (s.registry, s.path, NULL, &err));
  CU_ASSERT (help_says (&err, "is damaged: its checksum is another"));
  help_remove (s.path);
  CU_ASSERT_PTR_NULL (gym_proxy_load (s.registry, s.path, NULL, &err));
  CU_ASSERT (err.code == GYM_ENOTFOUND && help_says (&err, "cannot read"));
  CU_ASSERT_PTR_NULL (gym_proxy_load (s.registry, "/tmp", NULL, &err));
  CU_ASSERT (err.code == GYM_EINVAL && help_says (&err, "\"/tmp\" is no file"));
  free (s.bytes);
  gym_registry_destroy (&s.registry);
}

static void
test_other_space (void)
{
  struct scene s;
  scene_begin (&s);
  gym_error err = { 0 };
  gym_space *other = average_space ("[{\"name\": \"kind\", \"kind\": \"categorical\", "
                                    "\"levels\": [\"a\", \"c\"], \"default\": \"a\"}]");
  CU_ASSERT_PTR_NULL (gym_proxy_load (s.registry, s.path, other, &err));
  CU_ASSERT_EQUAL (err.code, GYM_EMISMATCH);
  CU_ASSERT (help_says (&err, "a.proxy\": parameter \"kind\": level 1 is \"b\" there, "
                              "\"c\" here"));
  gym_space_destroy (&other);
  gym_registry_destroy (&s.registry);
  s.registry = gym_registry_new (NULL);
  CU_ASSERT_PTR_NULL (gym_proxy_load (s.registry, s.path, NULL, &err));
  CU_ASSERT (err.code == GYM_ENOTFOUND && help_says (&err, "average-v1"));
  scene_end (&s);
}

static void
test_writing (void)
{
  struct scene s;
  scene_begin (&s);
  gym_error err = { 0 };
  gym_proxy *p = average_proxy (s.registry, "forgetful", NULL);
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, average_values, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_save (p, s.path, &err), GYM_EPLUGIN);
  CU_ASSERT_STRING_EQUAL (err.text,
                          "proxy forgetful-v1 cannot be saved: the class has no way");
  gym_proxy_destroy (&p);
  p = average_proxy (s.registry, "average", NULL);
  CU_ASSERT_EQUAL (gym_proxy_fit (p, 2, average_designs, average_values, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_proxy_save (p, "/nowhere/at/all", &err), GYM_EIO);
  CU_ASSERT_STRING_EQUAL (err.text,
                          "cannot write \"/nowhere/at/all\": No such file or directory");
  if (access ("/dev/full", W_OK) == 0)
    CU_ASSERT_EQUAL (gym_proxy_save (p, "/dev", &err), GYM_EIO);
  gym_proxy_destroy (&p);
  /* The old file is whole, and nothing lies beside it. */
  size_t n;
  char *kept = read_all (s.path, &n);
  CU_ASSERT (n == s.n && memcmp (kept, s.bytes, n) == 0);
  free (kept);
  unlink (s.path);
  *strrchr (s.path, '/') = '\0';
  CU_ASSERT_EQUAL (rmdir (s.path), 0);
  free (s.bytes);
  gym_registry_destroy (&s.registry);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "there and back", test_round_trip },
                                           { "damaged files", test_damage },
                                           { "what is said of them", test_texts },
                                           { "another space's model", test_other_space },
                                           { "writing", test_writing },
                                           { "transforms", test_transforms },
                                           { 0 } };
  return tap_run ("proxy_file", tests);
}
