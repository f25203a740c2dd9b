# The DRAM simulator as a plain C library; trace.mk and check.mk add their sources.
noinst_LTLIBRARIES += %D%/libdram.la
sims_dram_libdram_la_SOURCES = %D%/part.c %D%/part.h %D%/dram.h
