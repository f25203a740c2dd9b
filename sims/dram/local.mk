# The DRAM simulator as a plain C library; trace.mk and check.mk add their sources.
noinst_LTLIBRARIES += %D%/libdram.la
sims_dram_libdram_la_SOURCES = %D%/dram.h %D%/part.c %D%/part.h %D%/map.c %D%/map.h \
  %D%/timing.c %D%/timing.h %D%/buffer.c %D%/buffer.h %D%/banks.c %D%/banks.h \
  %D%/refresh.c %D%/refresh.h %D%/power.c %D%/power.h %D%/tally.c %D%/tally.h %D%/front.c %D%/front.h \
  %D%/config.c %D%/channel.c %D%/channel.h %D%/sim.c

# The parts: files that are installed for people to start from, and their text inside.
sims_dram_libdram_la_SOURCES += %D%/partfile.c %D%/partfile.h %D%/parts.c %D%/parts.h
nodist_sims_dram_libdram_la_SOURCES = %D%/parts/text.c
dram_parts = %D%/parts/DDR3-1600.part %D%/parts/DDR4-2400.part \
  %D%/parts/DDR4-2400-4Gb.part %D%/parts/DDR3-1600-4Gb.part %D%/parts/DDR4-3200.part \
  %D%/parts/LPDDR4-3200.part %D%/parts/HBM2.part %D%/parts/DDR5-4800.part
partsdir = $(pkgdatadir)/parts
dist_parts_DATA = $(dram_parts)
EXTRA_DIST += %D%/parts/embed.sh
%D%/parts/text.c: $(dram_parts) %D%/parts/embed.sh
	$(AM_V_GEN)$(MKDIR_P) %D%/parts && cd $(srcdir) && sh %D%/parts/embed.sh $(dram_parts) \
	  >$(abs_builddir)/$@.new && mv $(abs_builddir)/$@.new $(abs_builddir)/$@
BUILT_SOURCES += %D%/parts/text.c
CLEANFILES += %D%/parts/text.c
