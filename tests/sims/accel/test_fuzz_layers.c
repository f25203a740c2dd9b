/* The fuzz target of layer files on changed files of every form. */
#include "tests/fuzz.h"

#define SCALE                                                                            \
  "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, "       \
  "Num Filter, Strides"

static const struct fuzz_text texts[] = {
  { .bytes = "" },
  { .bytes = "# net\nconv c1 in 8x6 channels 3 maps 4 filter 3 pad 1 stride 2\n"
             "depthwise d in 7 channels 4 filter 3 pad same times 2\n"
             "gemm g m 3 n 4 k 5 groups 2\nelementwise e out 3 channels 9\n" },
  { .bytes = SCALE ",\nc1,8,6,3,3,3,4,1,\nDP2,7,7,3,3,4,1,2,1:1,\n" },
  { .bytes = SCALE ", Batch Size\nc1,8,6,3,3,3,4,2,5\n" },
  { .bytes = "Layer, M, N, K,\nl1, 3, 4, 5,\nl2,6,7,8,\n" },
  { .bytes = "K,C,Y,X,R,S,T\n64,3,224,224,7,7,1\n1,32,112,112,3,3,2\n" },
  { .bytes =
        "problem:\n  instance: {C: 3, M: 4, N: 1, P: 5, Q: 6, R: 3, S: 2, Wstride: 2}\n"
        "  shape:\n    dimensions: [C, M, R, S, N, P, Q]\n    data_spaces:\n"
        "    - name: W\n      projection: [[[C]], [[M]], [[R]], [[S]]]\n"
        "    - name: I\n      projection: [[[N]], [[C]], [[R], [P, Wstride]], [[S], "
        "[Q]]]\n    - name: O\n      projection: [[[N]], [[M]], [[Q]], [[P]]]\n"
        "      read_write: true\n" },
  { .bytes = "problem: {M: 3, N: 4, K: 5}\n" },
  { .bytes = "{{include_text('../problem_base.yaml')}}\nproblem:\n  <<<: *problem_base\n"
             "  instance: {G: 16, P: 112, R: 3, S: 3, HStride: 2}\n" },
};

static const char *const words[] = {
  "0",    "1",        "9",        "2147483647", "2147483648", "4294967296", "-1",
  "3x2",  "0x1x0x1",  ",",        ":",          " ",          "\n",         "\r\n",
  "\t",   "#",        "{",        "}",          "[",          "]",          "- ",
  "&a ",  "*a",       "<<: ",     "!",          "\"",         "\\",         "\xff",
  "conv", "gemm a",   "pad same", "filter",     "times",      "K,C,Y",      "1:1",
  "DP",   "problem:", "C: 3",     "Wstride",    "shape",      "---\n",      NULL
};

int
main (void)
{
  return fuzz_main ("accel layer file fuzz", texts, sizeof texts / sizeof *texts, words);
}
