/* core/store_seal.h - which runs of a store are tainted: see gym/final.h for the rule.
 *
 *   unsealed  a row a read: env's identity, study of the report or 0, how, the number of
 *             lives there were before it (NULL: nothing sealed was read), version, host,
 *             time
 *   finals    a row a design of a report: report (the read), study, run, place, trial,
 *             time, status, tainted (the run, at that time), design, metrics (JSON), note
 *
 * Both are made by the first read: a store without them has never been unsealed. Taint is
 * nowhere kept but follows from what is, so that no writer can forget to mark a run. */
#ifndef CORE_STORE_SEAL_H
#define CORE_STORE_SEAL_H

#include "core/store_writer.h"

/* An SQL expression over a row `r` of runs: 1 where the run is tainted, else 0. Static.
 */
const char *gym_seal_tainted (sqlite3 *db);

/* Counts the lives of a store that is being opened. */
int gym_seal_lives (gym_writer *writer, gym_error *err);

#endif
