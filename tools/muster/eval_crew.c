/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_crew.c - who does what when. There is no thread for reading and none for writing: each
 * worker fills the next block in turn, evaluates it, and whoever has done the earliest block that
 * is not put yet puts it, and those behind it that are done. One worker alone is the loop read,
 * evaluate, put. The first is the caller's thread; another is started when a block was worth it.
 *
 * A slot is a block with its batch, from filling to putting; their number bounds the memory. A
 * worker whose batch is full waits for its turn, puts it, and goes on with the block. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "eval_run.h"
#include "output.h"
#include "terminal.h"
#include "tool.h"

#define SLOTS_PER_WORKER 2
#define WORTH_BYTES ((size_t)16 << 10) /* of a block: less is done before a thread has started */
#define LEAST_STEP ((size_t)8 << 10)

enum slot_state { FREE, IN_WORK, DONE };

struct slot {
    mst_tool_block block;
    mst_tool_batch batch;
    enum slot_state state;
    uint64_t number; /* of the block in the stream */
};

struct crew {
    mst_tool_run *run;
    mst_tool_stream *stream;
    pthread_mutex_t lock; /* for all below */
    pthread_cond_t changed;
    struct slot *slots;
    size_t slot_count;
    uint64_t next, turn; /* numbers of blocks: to be filled, to be put */
    bool is_filling, is_putting, is_large_lent, is_ended;
    bool needs_rows, needs_keys;
    bool was_full; /* blocks should be smaller */
    pthread_t *threads;
    size_t started; /* workers */
    int failure;    /* of the stream, when it was its turn */
};

size_t mst_tool_crew_blocks(size_t jobs)
{
    return jobs > 1 ? jobs * SLOTS_PER_WORKER : 1;
}

static struct slot *slot_of(const struct crew *crew, uint64_t number)
{
    return &crew->slots[number % crew->slot_count];
}

/* ---- filling: one at a time, in order ---------------------------------------------------- */

static void borrow_large(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    while (crew->is_large_lent)
        pthread_cond_wait(&crew->changed, &crew->lock);
    crew->is_large_lent = true;
    pthread_mutex_unlock(&crew->lock);
}

static void fill(struct crew *crew, struct slot *slot)
{
    mst_tool_block_begin(&slot->block, crew->stream);
    while (!mst_tool_block_fill(&slot->block, crew->stream)) {
        borrow_large(crew);
        mst_tool_block_enlarge(&slot->block, crew->stream);
    }
}

/* The slot for the next block, when it is free and nobody else fills one; NULL: there is none. */
static struct slot *claim_slot(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    while (!crew->is_ended && (crew->is_filling || slot_of(crew, crew->next)->state != FREE))
        pthread_cond_wait(&crew->changed, &crew->lock);
    struct slot *slot = crew->is_ended ? NULL : slot_of(crew, crew->next);
    if (slot) {
        crew->is_filling = true;
        slot->number = crew->next;
        slot->state = IN_WORK;
        slot->batch.needs_rows = crew->needs_rows;
        slot->batch.needs_keys = crew->needs_keys;
        if (crew->was_full && crew->slot_count > 1 && crew->stream->step > LEAST_STEP)
            crew->stream->step /= 2;
        crew->was_full = false;
    }
    pthread_mutex_unlock(&crew->lock);
    return slot;
}

static void *work(void *context);

/* A thread that cannot be had is none: the others do its work. */
static void start_worker(struct crew *crew)
{
    if (pthread_create(&crew->threads[crew->started], NULL, work, crew) == 0)
        crew->started++;
}

static struct slot *take(struct crew *crew)
{
    struct slot *slot = claim_slot(crew);
    if (!slot)
        return NULL;
    fill(crew, slot);
    pthread_mutex_lock(&crew->lock);
    crew->is_filling = false;
    crew->next++;
    crew->is_ended = slot->block.is_last || slot->block.failure != 0;
    if (!crew->is_ended && slot->block.len >= WORTH_BYTES && crew->started < crew->run->jobs)
        start_worker(crew);
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
    return slot;
}

/* ---- putting: one at a time, in order ---------------------------------------------------- */

static void put_batch(mst_tool_run *run, const mst_tool_stream *stream, struct slot *slot)
{
    mst_tool_batch *batch = &slot->batch;
    for (size_t i = 0; i < batch->kept_count; i++)
        mst_tool_keys_take(&run->keys, batch->records[i].ptr, batch->records[i].len);
    run->sink->put(run, batch);
    run->record_count += batch->record_count;
    run->bad_count += batch->bad_count;
    run->kinds |= batch->kinds;
    batch->record_count = batch->bad_count = batch->kinds = 0;
    batch->kept_count = 0;
    batch->is_full = false;
    if (!stream->is_regular)
        run->sink->idle(run);
    mst_tool_progress(run->record_count, slot->block.read_bytes, stream->total_bytes);
}

/* In the middle of a block. */
static void put_part(struct crew *crew, struct slot *slot)
{
    pthread_mutex_lock(&crew->lock);
    crew->was_full = true;
    while (crew->turn != slot->number)
        pthread_cond_wait(&crew->changed, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
    put_batch(crew->run, crew->stream, slot);
}

/* The lock is given up meanwhile. */
static void put_slot(struct crew *crew, struct slot *slot)
{
    crew->is_putting = true;
    pthread_mutex_unlock(&crew->lock);
    put_batch(crew->run, crew->stream, slot);
    pthread_mutex_lock(&crew->lock);
    crew->is_putting = false;
    crew->needs_rows = crew->run->row_count < crew->run->row_limit;
    crew->needs_keys = crew->run->sink->has_summary && mst_tool_keys_wanted(&crew->run->keys);
    crew->is_large_lent = crew->is_large_lent && !slot->block.is_large;
    crew->failure = slot->block.failure;
    slot->state = FREE;
    crew->turn++;
    pthread_cond_broadcast(&crew->changed);
}

static void finish(struct crew *crew, struct slot *slot)
{
    pthread_mutex_lock(&crew->lock);
    slot->state = DONE;
    while (!crew->is_putting && slot_of(crew, crew->turn)->state == DONE)
        put_slot(crew, slot_of(crew, crew->turn));
    pthread_mutex_unlock(&crew->lock);
}

/* ---- workers ----------------------------------------------------------------------------- */

static void work_on(struct crew *crew, const mst_tool_worker *worker)
{
    struct slot *slot;
    while ((slot = take(crew))) {
        while (!mst_tool_evaluate(&slot->batch, worker, &slot->block))
            put_part(crew, slot);
        finish(crew, slot);
    }
}

static void *work(void *context)
{
    struct crew *crew = context;
    pthread_mutex_lock(&crew->lock);
    mst_tool_worker *worker = &crew->run->workers[crew->run->worker_count++];
    pthread_mutex_unlock(&crew->lock);
    if (mst_tool_worker_init(worker, crew->run) != MST_TOOL_GOOD)
        exit(MST_TOOL_FAILED); /* the first could be made: it cannot be */
    work_on(crew, worker);
    return NULL;
}

static void open_crew(struct crew *crew)
{
    size_t jobs = crew->run->jobs;
    crew->slots = mst_tool_resize(NULL, crew->slot_count * sizeof *crew->slots);
    crew->threads = mst_tool_resize(NULL, jobs * sizeof *crew->threads);
    for (size_t i = 0; i < crew->slot_count; i++) {
        struct slot *slot = &crew->slots[i];
        *slot = (struct slot){.state = FREE};
        mst_tool_block_init(&slot->block, crew->stream);
        slot->batch.run = crew->run;
        slot->batch.full_bytes = 2 * crew->stream->step;
    }
}

static void close_crew(struct crew *crew)
{
    for (size_t i = 0; i < crew->slot_count; i++) {
        mst_tool_block_free(&crew->slots[i].block);
        mst_tool_table_end(&crew->slots[i].batch.rows);
        free(crew->slots[i].batch.text);
    }
    free(crew->threads);
    free(crew->slots);
}

int mst_tool_crew_run(mst_tool_run *run, mst_tool_stream *stream)
{
    struct crew crew = {
        .run = run,
        .stream = stream,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
        .slot_count = mst_tool_crew_blocks(run->jobs),
        .started = 1,
        .needs_rows = run->row_limit > 0,
        .needs_keys = run->sink->has_summary,
    };
    open_crew(&crew);
    work_on(&crew, &run->workers[0]);
    for (size_t i = 1; i < crew.started; i++)
        pthread_join(crew.threads[i], NULL);
    close_crew(&crew);
    if (crew.failure == 0)
        return MST_TOOL_GOOD;
    return mst_tool_failed("cannot read '%s': %s", stream->path, strerror(crew.failure));
}
