/* SPDX-License-Identifier: Apache-2.0
 *
 * exchange.h - how the loop's thread and the engine's hand work to each other: lists of whole
 * batches and questions, never single records. */
#ifndef MST_SERVICE_EXCHANGE_H
#define MST_SERVICE_EXCHANGE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum mst_work_kind {
    MST_WORK_BATCH,
    MST_WORK_QUERY,
    MST_WORK_RULES,
    MST_WORK_STOP,
};

/* The first member of whatever is handed over. It belongs to whoever has taken it last. */
struct mst_work {
    struct mst_work *next;
    enum mst_work_kind kind;
};

struct mst_inbox {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct mst_work *first, *last;
    void (*wake)(void *context); /* called after each put; NULL: a thread waits in take */
    void *context;
};

void mst_inbox_init(struct mst_inbox *inbox, void (*wake)(void *context), void *context);
void mst_inbox_free(struct mst_inbox *inbox);
void mst_inbox_put(struct mst_inbox *inbox, struct mst_work *work);
/* The oldest piece, waiting at most wait_us for one; NULL where none came. */
struct mst_work *mst_inbox_take(struct mst_inbox *inbox, int64_t wait_us);

#endif
