/* SPDX-License-Identifier: Apache-2.0
 *
 * agenda.h - for the status page: what time will bring, and how much came in lately. An agenda is
 * made by a look at every timer, so it is kept for a while. */
#ifndef MST_SERVICE_AGENDA_H
#define MST_SERVICE_AGENDA_H

#include <stdint.h>

#include "wheel.h"

#define MST_AGENDA_SPANS 4
#define MST_AGENDA_INSTANTS 6
#define MST_AGENDA_KEPT_US 30000000
#define MST_RATE_SECONDS 60

extern const struct mst_agenda_span {
    const char *name; /* "an hour" */
    int64_t seconds;
} mst_agenda_spans[MST_AGENDA_SPANS];

struct mst_agenda {
    int64_t made_us; /* 0: never */
    uint64_t within[MST_AGENDA_SPANS];
    /* The next instants that many subjects share, a hundredth of all timers at least. */
    struct mst_agenda_instant {
        int64_t at;
        uint64_t subjects;
    } instants[MST_AGENDA_INSTANTS];
    uint32_t instant_count;
};

void mst_agenda_make(struct mst_agenda *agenda, const struct mst_wheel *wheel, uint32_t slot_count,
                     int64_t now);

/* A counter as it was at each of the last seconds. */
struct mst_rate {
    struct mst_rate_sample {
        int64_t run_us;
        uint64_t count;
    } samples[MST_RATE_SECONDS];
    uint32_t sample_count, next;
};

/* To be called once a second or more often. */
void mst_rate_note(struct mst_rate *rate, int64_t run_us, uint64_t count);
/* A second, over the last minute or since the begin. */
double mst_rate_of(const struct mst_rate *rate, int64_t run_us, uint64_t count);

#endif
