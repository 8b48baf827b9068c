/* SPDX-License-Identifier: Apache-2.0
 *
 * exchange.c - a list under a lock. A batch is a thousand records: the lock is not felt. */
#include "exchange.h"

#include <time.h>

void mst_inbox_init(struct mst_inbox *inbox, void (*wake)(void *context), void *context)
{
    pthread_condattr_t attributes;
    *inbox = (struct mst_inbox){.wake = wake, .context = context};
    pthread_mutex_init(&inbox->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&inbox->filled, &attributes);
    pthread_condattr_destroy(&attributes);
}

void mst_inbox_free(struct mst_inbox *inbox)
{
    pthread_cond_destroy(&inbox->filled);
    pthread_mutex_destroy(&inbox->lock);
}

void mst_inbox_put(struct mst_inbox *inbox, struct mst_work *work)
{
    work->next = NULL;
    pthread_mutex_lock(&inbox->lock);
    if (inbox->last)
        inbox->last->next = work;
    else
        inbox->first = work;
    inbox->last = work;
    pthread_mutex_unlock(&inbox->lock);
    /* Not before: who wakes up would have to wait for the lock, two system calls more. */
    pthread_cond_signal(&inbox->filled);
    if (inbox->wake)
        inbox->wake(inbox->context);
}

static struct timespec instant_in(int64_t wait_us)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(wait_us / 1000000);
    at.tv_nsec += (long)(wait_us % 1000000) * 1000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_nsec -= 1000000000;
        at.tv_sec++;
    }
    return at;
}

struct mst_work *mst_inbox_take(struct mst_inbox *inbox, int64_t wait_us)
{
    pthread_mutex_lock(&inbox->lock);
    if (!inbox->first && wait_us > 0) {
        struct timespec until = instant_in(wait_us);
        while (!inbox->first && pthread_cond_timedwait(&inbox->filled, &inbox->lock, &until) == 0)
            continue;
    }
    struct mst_work *work = inbox->first;
    if (work) {
        inbox->first = work->next;
        if (!inbox->first)
            inbox->last = NULL;
        work->next = NULL;
    }
    pthread_mutex_unlock(&inbox->lock);
    return work;
}
