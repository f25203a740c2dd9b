/* The fuzz target of image files on changed files of every form. */
#include "tests/fuzz.h"

#define PIXELS                                                                           \
  "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x03"                                           \
  "abcdefghijkl"
#define LABELS "\0\0\x08\x01\0\0\0\x02\x03\x09"

/* LABELS, by gzip. */
#define PACKED                                                                           \
  "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x63\x60\xe0\x60\x64\x60\x60\x60"             \
  "\x62\xe6\x04\x00\x7e\x47\x6d\xc7\x0a\x00\x00\x00"

static const struct fuzz_text texts[] = {
  { .bytes = "" },
  { .bytes = PIXELS, .size = sizeof PIXELS - 1 },
  { .bytes = LABELS, .size = sizeof LABELS - 1 },
  { .bytes = PACKED, .size = sizeof PACKED - 1 },
  { .bytes = "images 2 2x3 levels 17 classes 3 crc32 fd08db86\n# a remark\n"
             "2 01g 3a5\n0 000 00f\n" },
};

static const char *const words[] = {
  "\xff\xff\xff\xff", "\x7f",     "\x08\x01", "\x08\x03", "\x1f\x8b",  "\n",
  "images 2",         "16777216", "1x1",      "256x256",  "levels 36", "classes 1",
  "crc32 0",          "#",        " ",        "0 ",       "\r\n",      NULL
};

int
main (void)
{
  return fuzz_main ("nn image file fuzz", texts, sizeof texts / sizeof *texts, words);
}
