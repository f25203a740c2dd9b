/* A plugin of a later major ABI. */
#include <gym/plugin.h>

GYM_EXPORT const struct gym_plugin gym_plugin_entry = { .abi_major = GYM_ABI_MAJOR + 1,
                                                        .abi_minor = 7,
                                                        .struct_size =
                                                            sizeof (struct gym_plugin),
                                                        .name = "later",
                                                        .version = "1",
                                                        .licence = "MIT" };
