/* SPDX-License-Identifier: Apache-2.0
 *
 * log.h - what the service says on standard error, one line an event:
 *
 *     2026-08-15T00:00:00Z info ready http=127.0.0.1:7412 subjects=1000000
 *
 * From any thread. Of an event that comes again and again, ten lines in ten seconds are written
 * and the others counted. No facts, tokens or keys are ever logged. */
#ifndef MST_SERVICE_LOG_H
#define MST_SERVICE_LOG_H

#include <stdint.h>

enum mst_log_level {
    MST_LOG_INFO,
    MST_LOG_WARNING,
    MST_LOG_ERROR,
};

/* `event` tells which lines are counted together, by its first 63 bytes; the rest is printf for
 * "name=value name=value", or empty. Control characters become '?'. */
void mst_log(enum mst_log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* For a value that may have spaces: the text between quotes, a quote or backslash within it behind
 * a backslash, cut where it is longer than the room. */
#define MST_LOG_QUOTED_BYTES 1024
#define MST_LOG_QUOTED(text) mst_log_quote((char[MST_LOG_QUOTED_BYTES]){0}, (text))
const char *mst_log_quote(char room[MST_LOG_QUOTED_BYTES], const char *text);

/* Writes nothing from now on: for a process that speaks in another way. */
void mst_log_mute(void);

/* Lines that were counted instead of written, since the start. */
uint64_t mst_log_suppressed(void);

#endif
