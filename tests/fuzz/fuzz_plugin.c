/* SPDX-License-Identifier: Apache-2.0
 *
 * What a plugin may give the host, by chance. An even first byte: a schema and a configuration, a
 * zero byte between them. An odd one: a batch with any sizes, cursor and records; whatever the host
 * takes comes back complete, once, and fits the batches of the engine. */
#include "config_schema.h"
#include "exercise.h"
#include "session.h"
#include "source_run.h"

struct feed {
    struct mst_session session; /* first */
    struct mst_source_run run;
    struct mst_note note;
    uint64_t settled, records;
};

/* ---- configurations ---------------------------------------------------------------------- */

static void try_config(const uint8_t *data, size_t size)
{
    char why[MST_CONFIG_WHY_BYTES] = "";
    char *text = malloc(size + 1);
    FUZZ_EXPECT(text);
    memcpy(text, data, size);
    text[size] = '\0';
    const size_t schema_len = strlen(text);
    if (!mst_config_check_schema(text, why))
        FUZZ_EXPECT(why[0] != '\0' && strlen(why) < sizeof why);
    else if (schema_len < size &&
             !mst_config_check(text, text + schema_len + 1, size - schema_len - 1, why))
        FUZZ_EXPECT(why[0] != '\0' && strlen(why) < sizeof why);
    free(text);
}

/* ---- batches ----------------------------------------------------------------------------- */

static void take(struct mst_source_run *run)
{
    struct feed *feed = run->context;
    feed->note = (struct mst_note){"source.fuzz", run->pending.cursor, run->pending.cursor_len};
    (void)mst_session_put(&feed->session, run->pending.text, run->pending.len,
                          run->pending.observed_s, run->pending.has_cursor ? &feed->note : NULL);
}

static void on_reply(struct mst_session *session, const struct mst_entry *entries, uint32_t count,
                     const char *text, size_t len)
{
    struct feed *feed = (struct feed *)(void *)session;
    mst_source_outcome outcome = {.size = sizeof outcome};
    (void)text;
    (void)len;
    for (uint32_t i = 0; i < count; i++) {
        FUZZ_EXPECT(!entries[i].note || i == count - 1);
        feed->records += !entries[i].note;
    }
    feed->settled++;
    mst_source_settle(&feed->run, &outcome);
}

static void on_resume(struct mst_session *session)
{
    take(&((struct feed *)(void *)session)->run);
}

static const struct mst_session_class class = {on_reply, NULL, on_resume};
static const mst_source_plugin plugin = {.size = sizeof plugin, .abi = MST_SOURCE_ABI};

/* As the engine does, but for judging. */
static void keep_all(struct mst_intake *intake)
{
    while (!mst_intake_is_idle(intake)) {
        (void)mst_intake_flush(intake);
        struct mst_work *work = mst_inbox_take(intake->engine, 0);
        if (!work)
            continue;
        struct mst_batch *batch = (struct mst_batch *)(void *)work;
        FUZZ_EXPECT(batch->count <= MST_BATCH_RECORDS + 1 && batch->in_len <= MST_BATCH_BYTES);
        for (uint32_t i = 0; i < batch->count; i++)
            FUZZ_EXPECT(batch->entries[i].offset + batch->entries[i].len <= batch->in_len);
        mst_grown_puts(&batch->out, "");
        mst_intake_return(intake, batch);
    }
}

static struct feed *open_feed(uv_loop_t *loop, struct mst_intake *intake)
{
    struct feed *feed = mst_grown_zeroed(1, sizeof *feed);
    mst_session_init(&feed->session, intake, &class, false);
    mst_source_open(&feed->run, loop, mst_clock_machine, &plugin, mst_grown_copy("fuzz", 4),
                    mst_grown_copy("{}", 2), 2);
    feed->run.take = take;
    feed->run.context = feed;
    feed->run.phase = MST_SOURCE_UP;
    return feed;
}

static void try_batch(const uint8_t *data, size_t size)
{
    static uv_loop_t loop;
    static struct mst_inbox inbox;
    static struct mst_intake intake;
    static struct feed *feed;
    if (!feed) { /* kept until the program ends */
        FUZZ_EXPECT(uv_loop_init(&loop) == 0);
        mst_inbox_init(&inbox, NULL, NULL);
        mst_intake_init(&intake, &inbox, MST_RECORD_MAX_BYTES * 2);
        feed = open_feed(&loop, &intake);
    }
    if (size < 2)
        return;
    const size_t cursor_len = data[0] < size - 2 ? data[0] : 0;
    const mst_source_batch batch = {.size = data[1] % 8 == 0 ? data[1] : sizeof batch,
                                    .records = (const char *)data + 2 + cursor_len,
                                    .len = size - 2 - cursor_len,
                                    .observed_s = data[1] - 3,
                                    .cursor = cursor_len > 0 ? (const char *)data + 2 : NULL,
                                    .cursor_len = cursor_len,
                                    .number = size};
    const uint64_t settled = feed->settled;
    const mst_source_status status = feed->run.host.deliver(&feed->run.host, &batch);
    if (status == MST_SOURCE_OK && feed->run.wants_empty) {
        mst_source_outcome outcome = {.size = sizeof outcome};
        feed->run.wants_empty = false;
        mst_source_settle(&feed->run, &outcome);
        return;
    }
    keep_all(&intake);
    FUZZ_EXPECT(feed->settled == settled + (status == MST_SOURCE_OK));
    FUZZ_EXPECT(!feed->run.pending.is_there);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] % 2 == 0)
        try_config(data + 1, size - 1);
    else
        try_batch(data + 1, size - 1);
    return 0;
}
