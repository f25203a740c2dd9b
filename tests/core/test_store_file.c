/* Paths, texts and errors that both sides of the store use. */
#include <config.h>

#include "core/store_file.h"
#include "tests/core/stores.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
test_paths (void)
{
  struct kit kit;
  char link[128], folder[128], *a, *b;
  gym_error err = { 0 };
  kit_make (&kit, kit_space (1, false), 0);
  CU_ASSERT_EQUAL (chdir (kit.folder), 0);
  /* The same path before and after the file exists, from near and far. */
  a = gym_store_path ("runs.db", &err);
  b = gym_store_path (kit.path, &err);
  CU_ASSERT_STRING_EQUAL (a, kit.path);
  CU_ASSERT_STRING_EQUAL (b, kit.path);
  free (a);
  free (b);
  fclose (fopen (kit.path, "w"));
  snprintf (link, sizeof link, "%s/link", kit.folder);
  CU_ASSERT_EQUAL (symlink ("runs.db", link), 0);
  a = gym_store_path ("./link", &err);
  CU_ASSERT_STRING_EQUAL (a, kit.path);
  free (a);
  a = gym_store_path ("/new.db", &err);
  CU_ASSERT_STRING_EQUAL (a, "/new.db");
  free (a);
  snprintf (folder, sizeof folder, "%s/", kit.folder);
  CU_ASSERT_PTR_NULL (gym_store_path (folder, &err));
  CU_ASSERT_EQUAL (err.code, GYM_EINVAL);
  CU_ASSERT_PTR_NULL (gym_store_path (NULL, &err));
  CU_ASSERT_PTR_NULL (gym_store_path ("missing/runs.db", &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  CU_ASSERT_TRUE (kit_says (&err, "missing/runs.db"));
  CU_ASSERT_PTR_NULL (gym_store_path ("runs.db/inside", &err));
  CU_ASSERT_EQUAL (err.code, GYM_EIO);
  CU_ASSERT_EQUAL (chdir ("/"), 0);
  kit_free (&kit);
}

static const char *
cleaned (const char *text, size_t size)
{
  static char out[64];
  memset (out, '#', sizeof out);
  gym_store_utf8 (text, out, size);
  CU_ASSERT (strlen (out) < size);
  return out;
}

static void
test_utf8 (void)
{
  CU_ASSERT_STRING_EQUAL (cleaned ("", 8), "");
  CU_ASSERT_STRING_EQUAL (cleaned ("plain", 8), "plain");
  CU_ASSERT_STRING_EQUAL (cleaned ("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 32),
                          "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  /* Cut where a character would not fit whole. */
  CU_ASSERT_STRING_EQUAL (cleaned ("ab\xE2\x82\xAC", 5), "ab");
  CU_ASSERT_STRING_EQUAL (cleaned ("ab\xE2\x82\xAC", 6), "ab\xE2\x82\xAC");
  /* Overlong, surrogate, beyond the last, cut short, a lone tail. */
  CU_ASSERT_STRING_EQUAL (cleaned ("\xC0\x80x", 32), "??x");
  CU_ASSERT_STRING_EQUAL (cleaned ("\xE0\x80\x80", 32), "???");
  CU_ASSERT_STRING_EQUAL (cleaned ("\xF0\x80\x80\x80", 32), "????");
  CU_ASSERT_STRING_EQUAL (cleaned ("\xED\xA0\x80", 32), "???");
  CU_ASSERT_STRING_EQUAL (cleaned ("\xF4\x90\x80\x80", 32), "????");
  CU_ASSERT_STRING_EQUAL (cleaned ("x\xE2\x82", 32), "x??");
  CU_ASSERT_STRING_EQUAL (cleaned ("\xFF\x80", 32), "??");
}

static void
test_system_errors (void)
{
  static const struct {
    int number, code;
    const char *word;
  } cases[] = { { ENOSPC, GYM_EIO, "no space" },     { EDQUOT, GYM_EIO, "no space" },
                { EFBIG, GYM_EIO, "no space" },      { EACCES, GYM_EIO, "read-only" },
                { EROFS, GYM_EIO, "read-only" },     { ENOMEM, GYM_ENOMEM, "memory" },
                { ENOENT, GYM_ENOTFOUND, "a.db-x" }, { EIO, GYM_EIO, "a.db-x" } };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    gym_error err = { 0 };
    CU_ASSERT_EQUAL (gym_store_fail_errno (cases[i].number, "a.db", "a.db-x", &err),
                     cases[i].code);
    CU_ASSERT_EQUAL (err.code, cases[i].code);
    CU_ASSERT_TRUE (kit_says (&err, cases[i].word) && kit_says (&err, "\"a.db\""));
    CU_ASSERT_PTR_NULL (strchr (err.text, '\n'));
  }
}

/* What SQLite reports, made to happen in memory. */
static void
test_database_errors (void)
{
  sqlite3 *db = NULL;
  gym_error err = { 0 };
  CU_ASSERT_EQUAL_FATAL (sqlite3_open (":memory:", &db), SQLITE_OK);
  CU_ASSERT_EQUAL (gym_store_code (db), GYM_ENOMEM); /* nothing failed but a text */
  CU_ASSERT_EQUAL (gym_store_exec (db, "a.db", "nonsense", &err), GYM_EIO);
  CU_ASSERT_TRUE (kit_says (&err, "nonsense") && kit_says (&err, "a.db"));
  CU_ASSERT_PTR_NULL (gym_store_prepare (db, "a.db", "SELECT x FROM y", &err));
  CU_ASSERT_EQUAL (gym_store_exec_free (db, "a.db", NULL, &err), GYM_ENOMEM);
  CU_ASSERT_PTR_NULL (gym_store_prepare_free (db, "a.db", NULL, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOMEM);
  CU_ASSERT_EQUAL (gym_store_exec (db, "a.db", "PRAGMA max_page_count = 2;", &err), 0);
  int code = gym_store_exec (
      db, "a.db", "CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob (100000))", &err);
  CU_ASSERT_EQUAL (code, GYM_EIO);
  CU_ASSERT_TRUE (kit_says (&err, "no space"));
  CU_ASSERT_EQUAL (gym_store_code (db), GYM_EIO);
  CU_ASSERT_EQUAL (gym_store_exec (db, "a.db", "PRAGMA query_only = 1", &err), GYM_OK);
  code = gym_store_exec_free (db, "a.db", sqlite3_mprintf ("DROP TABLE %s", "t"), &err);
  CU_ASSERT_EQUAL (code, GYM_EIO);
  CU_ASSERT_TRUE (kit_says (&err, "read-only"));
  sqlite3_stmt *one = gym_store_prepare (db, "a.db", "SELECT 1", &err);
  CU_ASSERT_EQUAL (gym_store_step (one, "a.db", &err), 1);
  CU_ASSERT_EQUAL (gym_store_step (one, "a.db", &err), 0);
  sqlite3_finalize (one);
  sqlite3_close (db);
}

static void
test_identify (void)
{
  sqlite3 *db = NULL;
  gym_error err = { 0 };
  char sql[64];
  CU_ASSERT_EQUAL_FATAL (sqlite3_open (":memory:", &db), SQLITE_OK);
  CU_ASSERT_EQUAL (gym_store_identify (db, "a.db", &err), 0);
  snprintf (sql, sizeof sql, "PRAGMA application_id = %d", GYM_STORE_APPLICATION);
  CU_ASSERT_EQUAL (gym_store_exec (db, "a.db", sql, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_store_identify (db, "a.db", &err), GYM_EINVAL); /* version 0 */
  snprintf (sql, sizeof sql, "PRAGMA user_version = %d", GYM_STORE_VERSION);
  CU_ASSERT_EQUAL (gym_store_exec (db, "a.db", sql, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_store_identify (db, "a.db", &err), 1);
  snprintf (sql, sizeof sql, "PRAGMA user_version = %d", GYM_STORE_VERSION + 1);
  CU_ASSERT_EQUAL (gym_store_exec (db, "a.db", sql, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_store_identify (db, "a.db", &err), GYM_EINVAL);
  CU_ASSERT_TRUE (kit_says (&err, "newer"));
  sqlite3_close (db);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "paths", test_paths },
    { "texts made valid", test_utf8 },
    { "errors of the system", test_system_errors },
    { "errors of the database", test_database_errors },
    { "what kind of file it is", test_identify },
    { 0 },
  };
  return tap_run ("store_file", tests);
}
