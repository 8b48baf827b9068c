/* SPDX-License-Identifier: Apache-2.0
 *
 * agenda.c - instants that many timers share are found among some of the timers, by as many
 * counters as there can be such instants (Misra and Gries), and then counted among all. */
#include "agenda.h"

#include <stdlib.h>
#include <string.h>

#define COUNTERS 100  /* finds whatever is shared by more than one timer in 101 */
#define SAMPLED 20000 /* timers, or up to twice as many */
#define SAMPLE_US 1000000

const struct mst_agenda_span mst_agenda_spans[MST_AGENDA_SPANS] = {
    {"an hour", 3600},
    {"a day", 86400},
    {"a week", 7 * 86400},
    {"30 days", 30 * 86400},
};

struct look {
    struct mst_agenda_instant counters[COUNTERS];
    uint32_t count;
};

static struct mst_agenda_instant *find(struct mst_agenda_instant *instants, uint32_t count,
                                       int64_t at)
{
    for (uint32_t i = 0; i < count; i++)
        if (instants[i].at == at)
            return &instants[i];
    return NULL;
}

/* Every counter gives one away for a timer that has none. */
static void take_one_each(struct look *look)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < look->count; i++)
        if (--look->counters[i].subjects > 0)
            look->counters[kept++] = look->counters[i];
    look->count = kept;
}

static void seek(void *context, int64_t due)
{
    struct look *look = context;
    struct mst_agenda_instant *counter = find(look->counters, look->count, due);
    if (counter)
        counter->subjects++;
    else if (look->count < COUNTERS)
        look->counters[look->count++] = (struct mst_agenda_instant){due, 1};
    else
        take_one_each(look);
}

static int compare_subjects(const void *a, const void *b)
{
    const struct mst_agenda_instant *left = a, *right = b;
    return left->subjects > right->subjects ? -1 : left->subjects < right->subjects;
}

static int compare_instants(const void *a, const void *b)
{
    const struct mst_agenda_instant *left = a, *right = b;
    return left->at < right->at ? -1 : left->at > right->at;
}

struct tally {
    struct mst_agenda *agenda;
    int64_t now;
};

static void count_timer(void *context, int64_t due)
{
    const struct tally *tally = context;
    struct mst_agenda *agenda = tally->agenda;
    for (unsigned i = 0; i < MST_AGENDA_SPANS; i++)
        agenda->within[i] += due - tally->now <= mst_agenda_spans[i].seconds;
    struct mst_agenda_instant *instant = find(agenda->instants, agenda->instant_count, due);
    if (instant)
        instant->subjects++;
}

void mst_agenda_make(struct mst_agenda *agenda, const struct mst_wheel *wheel, uint32_t slot_count,
                     int64_t now)
{
    struct look look = {.count = 0};
    struct tally tally = {agenda, now};
    uint32_t kept = 0;
    memset(agenda, 0, sizeof *agenda);
    mst_wheel_visit(wheel, slot_count, 1 + slot_count / SAMPLED, seek, &look);
    qsort(look.counters, look.count, sizeof look.counters[0], compare_subjects);
    for (uint32_t i = 0; i < look.count && i < MST_AGENDA_INSTANTS; i++)
        agenda->instants[agenda->instant_count++].at = look.counters[i].at;
    mst_wheel_visit(wheel, slot_count, 1, count_timer, &tally);
    for (uint32_t i = 0; i < agenda->instant_count; i++)
        if (agenda->instants[i].subjects * 100 >= wheel->count)
            agenda->instants[kept++] = agenda->instants[i];
    agenda->instant_count = kept;
    qsort(agenda->instants, kept, sizeof agenda->instants[0], compare_instants);
}

/* ---- rates ------------------------------------------------------------------------------- */

/* The oldest sample that is kept. */
static const struct mst_rate_sample *oldest(const struct mst_rate *rate)
{
    return &rate->samples[rate->sample_count < MST_RATE_SECONDS ? 0 : rate->next];
}

void mst_rate_note(struct mst_rate *rate, int64_t run_us, uint64_t count)
{
    const uint32_t last = (rate->next + MST_RATE_SECONDS - 1) % MST_RATE_SECONDS;
    if (rate->sample_count > 0 && run_us - rate->samples[last].run_us < SAMPLE_US)
        return;
    rate->samples[rate->next] = (struct mst_rate_sample){run_us, count};
    rate->next = (rate->next + 1) % MST_RATE_SECONDS;
    rate->sample_count += rate->sample_count < MST_RATE_SECONDS;
}

double mst_rate_of(const struct mst_rate *rate, int64_t run_us, uint64_t count)
{
    const struct mst_rate_sample *first = oldest(rate);
    if (rate->sample_count == 0 || run_us <= first->run_us)
        return 0;
    return (double)(count - first->count) * 1e6 / (double)(run_us - first->run_us);
}
