/* sims/nn/forms.h - inside of the engine: loops over numbers that the compiler turns into
 * vectors, once more for processors whose vectors are twice as long. The same code, so
 * the same bits.
 *
 * NN_FORMS (name, parameters, arguments) defines nn_wide_NAME: it calls the inline
 * function NAME in the form that fits the processor. */
#ifndef SIMS_NN_FORMS_H
#define SIMS_NN_FORMS_H

#if defined(__x86_64__) && defined(__GNUC__)
#define NN_FORMS(name, parameters, arguments)                                            \
  __attribute__ ((target ("avx2"))) static void nn_avx2_##name parameters                \
  {                                                                                      \
    name arguments;                                                                      \
  }                                                                                      \
  static void nn_wide_##name parameters                                                  \
  {                                                                                      \
    if (__builtin_cpu_supports ("avx2"))                                                 \
      nn_avx2_##name arguments;                                                          \
    else                                                                                 \
      name arguments;                                                                    \
  }
#else
#define NN_FORMS(name, parameters, arguments)                                            \
  static void nn_wide_##name parameters                                                  \
  {                                                                                      \
    name arguments;                                                                      \
  }
#endif

#endif
