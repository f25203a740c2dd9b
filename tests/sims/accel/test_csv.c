/* Layer tables of SCALE-Sim and MAESTRO: what is read, and every way to get it wrong. */
#include "tests/tap.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sims/accel/workload.h"

#define SCALE                                                                            \
  "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num "   \
  "Filter, Strides,\n"

static void
read_text (struct accel_workload *w, const char *text)
{
  struct accel_error err = { "" };
  if (accel_workload_parse (w, "dir/net.csv", text, strlen (text), ACCEL_FORM_GUESS, &err)
      != ACCEL_OK)
    tap_note ("%s", err.text);
  CU_ASSERT_FATAL (w->count > 0);
}

/* P, Q, R, S, C, K, N, G of a layer. */
static void
check_sizes (const struct accel_layer *layer, const uint32_t wanted[8])
{
  static const enum accel_dim order[8] = { ACCEL_P, ACCEL_Q, ACCEL_R, ACCEL_S,
                                           ACCEL_C, ACCEL_K, ACCEL_N, ACCEL_G };
  for (int d = 0; d < 8; d++)
    CU_ASSERT_EQUAL (layer->size[order[d]], wanted[d]);
}

static void
test_scale (void)
{
  struct accel_workload w;
  read_text (&w, SCALE "\n,,,,,,,,\nConv1, 230, 226,7 ,\t5,3,64,2,\r\n"
                       "FC 1,1,1,1,1,512,1000,1\nblock_DP,10,12,3,3,32,2,1,1:1,,,");
  CU_ASSERT_STRING_EQUAL (w.name, "net");
  CU_ASSERT_EQUAL_FATAL (w.count, 3);
  CU_ASSERT_STRING_EQUAL (w.layers[0].name, "Conv1");
  CU_ASSERT_STRING_EQUAL (w.layers[1].name, "FC_1");
  /* ceil (221 / 2) + 1 columns: one more than fits, which is padding at the right. */
  check_sizes (&w.layers[0], (uint32_t[]){ 112, 113, 5, 7, 3, 64, 1, 1 });
  CU_ASSERT_EQUAL (w.layers[0].stride_w * 10 + w.layers[0].stride_h, 22);
  CU_ASSERT_EQUAL (w.layers[0].pad_left + w.layers[0].pad_top, 0);
  CU_ASSERT_EQUAL (w.layers[0].pad_right, 1);
  CU_ASSERT_EQUAL (w.layers[0].pad_bottom, 1);
  check_sizes (&w.layers[1], (uint32_t[]){ 1, 1, 1, 1, 512, 1000, 1, 1 });
  check_sizes (&w.layers[2], (uint32_t[]){ 10, 8, 3, 3, 1, 2, 1, 32 });
  accel_workload_free (&w);
}

/* The headers that SCALE-Sim's own files have. */
static void
test_scale_headers (void)
{
  static const char *const headers[] = {
    "\xef\xbb\xbfLayer name,Ifmap height,ifmap width,filter height,filter width,channels,"
    "num filters,strides,",
    "Layer, IFMAP Width, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
    "Strides,",
    "Layer name,\xc2\xa0 IFMAP Height,\xc2\xa0 IFMAP Width,\xc2\xa0 Filter Height,"
    "Filter Width,channel,Num Filter,Strides,Batch Size,",
  };
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
    struct accel_workload w;
    char text[512];
    snprintf (text, sizeof text, "%s\na,5,6,3,3,7,8,1%s\n", headers[i],
              i == 2 ? ",9" : "");
    read_text (&w, text);
    check_sizes (&w.layers[0], (uint32_t[]){ 4, 3, 3, 3, 7, 8, i == 2 ? 9 : 1, 1 });
    accel_workload_free (&w);
  }
}

static void
test_scale_strides (void)
{
  struct accel_workload w;
  read_text (&w,
             "Layer name,IFMAP height,IFMAP width,Filter height,Filter width,"
             "Channels,Num filter,Stride height,Stride width,\na,9,10,3,4,5,6,2,3,\n");
  check_sizes (&w.layers[0], (uint32_t[]){ 3, 4, 4, 3, 5, 6, 1, 1 });
  CU_ASSERT_EQUAL (w.layers[0].stride_h, 2);
  CU_ASSERT_EQUAL (w.layers[0].stride_w, 3);
  accel_workload_free (&w);
}

static void
test_mnk (void)
{
  struct accel_workload w;
  read_text (&w, "Layer,M,N,K,\r\nQKT,1024,512,64,\r\nL 2,1,2,3");
  CU_ASSERT_EQUAL_FATAL (w.count, 2);
  CU_ASSERT_EQUAL (w.layers[0].kind, ACCEL_GEMM);
  CU_ASSERT_STRING_EQUAL (w.layers[0].name, "QKT");
  check_sizes (&w.layers[0], (uint32_t[]){ 1024, 1, 1, 1, 64, 512, 1, 1 });
  check_sizes (&w.layers[1], (uint32_t[]){ 1, 1, 1, 1, 3, 2, 1, 1 });
  accel_workload_free (&w);
}

static void
test_maestro (void)
{
  struct accel_workload w;
  read_text (&w, "K,C,Y,X,R,S,T\n64,3,224,100,7,5,1\n2,32,112,112,3,3,2\n"
                 "2048,16,64,1,1,1,3\n10,20,1,1,1,1,0\n");
  CU_ASSERT_EQUAL_FATAL (w.count, 4);
  CU_ASSERT_STRING_EQUAL (w.layers[0].name, "layer1");
  CU_ASSERT_STRING_EQUAL (w.layers[3].name, "layer4");
  check_sizes (&w.layers[0], (uint32_t[]){ 96, 218, 5, 7, 3, 64, 1, 1 });
  check_sizes (&w.layers[1], (uint32_t[]){ 110, 110, 3, 3, 1, 2, 1, 32 });
  check_sizes (&w.layers[2], (uint32_t[]){ 2048, 1, 1, 1, 64, 16, 1, 1 });
  check_sizes (&w.layers[3], (uint32_t[]){ 1, 1, 1, 1, 20, 10, 1, 1 });
  accel_workload_free (&w);
  read_text (&w, "M,N,K,0,0,0,T\n512,768,64,1,1,1,3");
  check_sizes (&w.layers[0], (uint32_t[]){ 512, 1, 1, 1, 64, 768, 1, 1 });
  accel_workload_free (&w);
  read_text (&w, "64,3,224,100,7,5,1\n");
  check_sizes (&w.layers[0], (uint32_t[]){ 96, 218, 5, 7, 3, 64, 1, 1 });
  accel_workload_free (&w);
  read_text (&w, "O,I,0,0,0,0,T\n256,128,1,1,1,1,0");
  check_sizes (&w.layers[0], (uint32_t[]){ 1, 1, 1, 1, 128, 256, 1, 1 });
  accel_workload_free (&w);
}

static const struct {
  const char *text, *message;
} wrong[] = {
  { "", "net.csv: no layer in it" },
  { SCALE, "net.csv: no layer in it" },
  { "a,b,c\n", "net.csv:1: found \"a\", expected a header: \"Layer name, IFMAP Height, "
               "...\" or \"Layer, M, N, K\" (SCALE-Sim), \"K,C,Y,X,R,S,T\" (MAESTRO)" },
  { "Layer name\tIFMAP Height\n", "expected a header" },
  { "Layer,M,N,\na,1,2,3", "net.csv:1: found 3 columns, expected \"K\" as the next" },
  { "Layer,M,N,K,Spars\n",
    "column 5: found \"Spars\", expected \"Sparsity\" or no more columns" },
  { "Layer,M,N,K,Sparsity,\na,1,2,3,2:4",
    "net.csv:2: Sparsity: found \"2:4\", expected 1:1 (dense) or nothing" },
  { "Layer name, IFMAP Height, Filter Height\n",
    "column 3: found \"Filter Height\", expected \"IFMAP Width\"" },
  { "Layer name,IFMAP Height,IFMAP Width,Filter Height,Filter Width,Channels,Num "
    "Filter,Strides,Spars\n",
    "column 9: found \"Spars\", expected \"Sparsity\" or no more columns" },
  { "1,2,3,4,5,6,7,8,9,10,11\n", "found a cell in column 11, expected at most 10" },
  { SCALE "a,5,5,3,3,1,1\n", "net.csv:2: found 7 cells, expected 8 as in the header" },
  { SCALE "a,5,5,3,3,1,1,1,1\n", "net.csv:2: Sparsity: found \"1\", expected 1:1" },
  { SCALE "a,5,5,3,3,1,1,1,1:1,1\n", "net.csv:2: found 10 cells, expected 8" },
  { SCALE "a,5,5,3,,1,1,1\n",
    "net.csv:2: Filter Width: found nothing, expected a whole number from 1 to" },
  { SCALE ",5,5,3,3,1,1,1\n", "net.csv:2: column 1: found nothing, expected a name" },
  { SCALE "a,5,5,3,3,1,1.5,1\n", "Num Filter: found \"1.5\", expected a whole number" },
  { SCALE "a,5,5,3,3,1,1,0\n", "Strides: found \"0\"" },
  { SCALE "a,5,5,3,3,1,1,4097\n", "Strides: found \"4097\"" },
  { SCALE "a,2,5,3,3,1,1,1\n",
    "net.csv:2: found an input height of 2, expected at least the filter's 3" },
  { SCALE "a,5,2,3,3,1,1,1\n", "found an input width of 2" },
  { SCALE "a,4294967295,4294967295,1,1,1,1,1\n", "more than 2^48" },
  { "K,C,Y,X,R,S\n1,1,1,1,1,1", "net.csv:1: found 6 columns, expected \"T\"" },
  { "K,C,Y,X,R,S,T\n1,1,1,1,1,1,4",
    "T: found \"4\", expected a whole number from 0 to 3" },
  { "K,C,Y,X,R,S,T\n1,1,2,3,3,3,1", "found an input height of 2" },
  { "K,C,Y,X,R,S,T\n1,1,3,2,3,3,2", "found an input width of 2" },
  { "K,C,Y,X,R,S,T\n1,1,3,1,1,1,0", "column 3: found 3, expected 1 with T = 0" },
  { "M,N,K,0,0,0,T\n1,1,1,1,2,1,3", "column 5: found 2, expected 1 with T = 3" },
  { "M,N,K,0,0,0,T\n1,1,1,1,1,1,1", "T: found 1, expected 3 under M,N,K" },
  { "O,I,0,0,0,0,T\n1,1,1,1,1,1,1", "T: found 1, expected 0 under O,I" },
  { "M,N,K,0,0,1,T\n", "column 6: found \"1\", expected \"0\"" },
};

static void
test_wrong (void)
{
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct accel_error err = { "" };
    struct accel_workload w;
    CU_ASSERT_EQUAL (accel_workload_parse (&w, "net.csv", wrong[i].text,
                                           strlen (wrong[i].text), ACCEL_FORM_GUESS,
                                           &err),
                     ACCEL_INVALID);
    CU_ASSERT (w.count == 0 && w.layers == NULL);
    if (strstr (err.text, wrong[i].message) == NULL) {
      tap_note ("\"%s\" instead of \"%s\"", err.text, wrong[i].message);
      CU_FAIL ("another message");
    }
  }
}

/* The rows that SCALE-Sim itself was run on: our MACs are the ones it counted. */
static void
test_reference (void)
{
  char path[512], line[512], name[48], text[1024];
  FILE *in;
  int rows = 0;
  if (tap_reference ("accel/systolic.csv", path, sizeof path) == NULL) {
    tap_skip ("no reference data");
    return;
  }
  in = fopen (path, "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL (in);
  CU_ASSERT_PTR_NOT_NULL (fgets (line, sizeof line, in));
  while (fgets (line, sizeof line, in) != NULL) {
    unsigned v[7];
    uint64_t macs;
    struct accel_workload w;
    CU_ASSERT_EQUAL_FATAL (sscanf (line,
                                   "%*[^,],%47[^,],%u,%u,%u,%u,%u,%u,%u,%*u,%*u,%*u,"
                                   "%" SCNu64,
                                   name, v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6,
                                   &macs),
                           9);
    snprintf (text, sizeof text, SCALE "%s,%u,%u,%u,%u,%u,%u,%u,\n", name, v[0], v[1],
              v[2], v[3], v[4], v[5], v[6]);
    read_text (&w, text);
    CU_ASSERT_EQUAL (accel_workload_macs (&w), (double)macs);
    accel_workload_free (&w);
    rows++;
  }
  fclose (in);
  tap_note ("%d rows", rows);
  CU_ASSERT (rows > 0);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "SCALE-Sim's convolutions", .run = test_scale },
    { .name = "SCALE-Sim's headers", .run = test_scale_headers },
    { .name = "strides of both directions", .run = test_scale_strides },
    { .name = "M,N,K lists", .run = test_mnk },
    { .name = "MAESTRO's lists", .run = test_maestro },
    { .name = "every error names place and expectation", .run = test_wrong },
    { .name = "SCALE-Sim's MACs", .run = test_reference },
    { .name = NULL },
  };
  return tap_run ("accel csv", tests);
}
