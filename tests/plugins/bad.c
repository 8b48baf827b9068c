/* SPDX-License-Identifier: Apache-2.0
 *
 * bad.c - a fact source with one mistake, chosen by BAD: what `muster plugin-check` is for. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "muster_source.h"

#define BAD_NO_SYMBOL 1
#define BAD_FUNCTION_SYMBOL 2
#define BAD_SMALL_SYMBOL 3
#define BAD_OLDER_ABI 4
#define BAD_NEWER_ABI 5
#define BAD_SHORT_TABLE 6
#define BAD_LONG_TABLE 7
#define BAD_FOREIGN_NEEDS 8
#define BAD_NO_START 9
#define BAD_BAD_NAME 10
#define BAD_NO_VERSION 11
#define BAD_SCHEMA_NO_JSON 12
#define BAD_SCHEMA_KEYWORD 13
#define BAD_SCHEMA_LIST 14
#define BAD_CRASH_LOAD 15
#define BAD_CRASH_CREATE 16
#define BAD_CRASH_RUN 17
#define BAD_EXIT_LOAD 18
#define BAD_HANG_LOAD 19
#define BAD_HANG_START 20
#define BAD_REFUSES 21
#define BAD_FAILS 22
#define BAD_NO_JSON 23
#define BAD_NO_OBJECT 24
#define BAD_TOO_MUCH 25
#define BAD_NEVER_STOPS 26

#if BAD == BAD_FUNCTION_SYMBOL
MST_SOURCE_EXPORT int muster_source_is_code(void) __asm__(MST_SOURCE_SYMBOL);
int muster_source_is_code(void)
{
    return 0;
}
#elif BAD == BAD_SMALL_SYMBOL
MST_SOURCE_EXPORT const uint32_t few __asm__(MST_SOURCE_SYMBOL) = 1;
extern const uint32_t few;
#else

#if BAD == BAD_NEWER_ABI
#define ABI (MST_SOURCE_ABI + 1)
#elif BAD == BAD_OLDER_ABI
#define ABI ((uint32_t)0 << 16 | 7)
#else
#define ABI MST_SOURCE_ABI
#endif

#if BAD == BAD_SCHEMA_NO_JSON
#define SCHEMA "{\"type\": \"object\","
#elif BAD == BAD_SCHEMA_KEYWORD
#define SCHEMA "{\"type\": \"object\", \"patternProperties\": {}}"
#elif BAD == BAD_SCHEMA_LIST
#define SCHEMA "{\"type\": \"array\"}"
#else
#define SCHEMA "{\"type\": \"object\"}"
#endif

#if BAD == BAD_NO_JSON
#define RECORDS "{\"device\":{\"id\":\"D-1\"}}\n{\"device\":\n"
#elif BAD == BAD_NO_OBJECT
#define RECORDS "[1, 2]\n"
#else
#define RECORDS "{\"device\":{\"id\":\"D-1\"}}\n"
#endif

static const mst_source_host *the_host;
static char the_source;

#if BAD == BAD_CRASH_LOAD || BAD == BAD_HANG_LOAD || BAD == BAD_EXIT_LOAD
__attribute__((constructor)) static void load(void)
{
    if (BAD == BAD_CRASH_LOAD)
        raise(SIGSEGV);
    if (BAD == BAD_EXIT_LOAD)
        _exit(7);
    while (BAD == BAD_HANG_LOAD)
        sleep(1);
}
#endif

static mst_source_status create(const mst_source_host *host, const char *config, size_t config_len,
                                mst_source **source, char *why)
{
    (void)config;
    (void)config_len;
    the_host = host;
    *source = (mst_source *)(void *)&the_source;
    if (BAD == BAD_CRASH_CREATE)
        raise(SIGSEGV);
    if (BAD == BAD_REFUSES) {
        snprintf(why, MST_SOURCE_WHY_BYTES, "the secret file cannot be read");
        return MST_SOURCE_REFUSED;
    }
    return MST_SOURCE_OK;
}

static void crash(void *context, uint32_t timer)
{
    (void)context;
    (void)timer;
    raise(SIGSEGV);
}

static void start(mst_source *source, const char *cursor, size_t cursor_len)
{
    (void)source;
    (void)cursor;
    (void)cursor_len;
    mst_source_batch batch = {.size = sizeof batch, .records = RECORDS, .len = sizeof RECORDS - 1};
    while (BAD == BAD_HANG_START)
        sleep(1);
    if (BAD == BAD_TOO_MUCH)
        batch.len = (size_t)MST_SOURCE_BATCH_MAX_BYTES + 1;
    if (BAD == BAD_FAILS)
        the_host->report(the_host, MST_SOURCE_FAILED, "no answer");
    else if (BAD == BAD_CRASH_RUN)
        the_host->timer_arm(the_host, 3, 1, crash, NULL);
    else if (the_host->deliver(the_host, &batch) == MST_SOURCE_REFUSED)
        the_host->report(the_host, MST_SOURCE_FAILED, "the batch was refused");
}

static void stop(mst_source *source)
{
    (void)source;
    if (BAD != BAD_NEVER_STOPS)
        the_host->stopped(the_host);
}

static void destroy(mst_source *source)
{
    (void)source;
}

#if BAD == BAD_NO_SYMBOL
#define muster_source muster_origin
extern const mst_source_plugin muster_source;
#endif

MST_SOURCE_EXPORT const mst_source_plugin muster_source = {
#if BAD == BAD_SHORT_TABLE
    .size = 40,
#elif BAD == BAD_LONG_TABLE
    .size = sizeof(mst_source_plugin) + 64,
#else
    .size = sizeof(mst_source_plugin),
#endif
    .abi = ABI,
#if BAD == BAD_FOREIGN_NEEDS
    .needs = UINT64_C(1) << 40,
#endif
#if BAD == BAD_BAD_NAME
    .name = "Bad Name",
#else
    .name = "bad",
#endif
#if BAD != BAD_NO_VERSION
    .version = "1",
#endif
    .summary = "one mistake",
    .config_schema = SCHEMA,
    .create = create,
    .start = BAD == BAD_NO_START ? NULL : start,
    .stop = stop,
    .destroy = destroy,
};
#endif
