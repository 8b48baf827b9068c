/* SPDX-License-Identifier: Apache-2.0
 *
 * fresh_outcomes.c - what a fleet's verdicts are at each of many instants, each found out anew:
 * every record is read again and every verdict evaluated for every instant, whatever valid_until
 * says. A day's work for text in pipes, so it is done in one process, and only what differs from
 * the instant before is written, by instants:
 *
 *     fresh_outcomes IMAGE RECORDS INSTANTS   a file of seconds since 1970, one a line, ascending
 *
 *     INSTANT <tab> RECORD <tab> VERDICT <tab> OUTCOME <tab> CHECK or nothing
 *
 * Both are counted from 0; at the first instant all verdicts are written. The last line has the
 * number of evaluations. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "muster/facts.h"

#define VERDICT_MAX 64

struct outcome {
    uint32_t kind, outcome, check;
};

struct turn {
    uint32_t instant, device, verdict;
    struct outcome now;
};

struct bytes {
    char *ptr;
    size_t len;
};

static struct fleet {
    mst_image image;
    mst_vm *vm;
    mst_reader *reader;
    uint32_t verdicts[VERDICT_MAX], verdict_count;
    int64_t *instants;
    uint32_t instant_count, device_count;
    struct turn *turns;
    size_t turn_count, turn_capacity;
    uint64_t evaluations;
} fleet;

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "fresh_outcomes: %s: %s\n", what, why);
    exit(1);
}

static void *reach(void *list, size_t count, size_t size)
{
    void *longer = realloc(list, count * size);
    if (!longer)
        fail("memory", "there is no more");
    return longer;
}

static struct bytes load(const char *path)
{
    struct bytes found = {NULL, 0};
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        fail(path, "cannot be read");
    const size_t size = (size_t)ftell(file);
    rewind(file);
    found.ptr = reach(NULL, size + 1, 1);
    found.len = fread(found.ptr, 1, size, file);
    found.ptr[found.len] = '\0';
    fclose(file);
    return found;
}

static void open_rules(const char *path)
{
    const struct bytes rules = load(path);
    mst_fault why = MST_FAULT_INIT;
    if (mst_image_open(&fleet.image, rules.ptr, rules.len, NULL, &why) != MST_OK)
        fail(path, why.text);
    const size_t vm_size = mst_vm_size(&fleet.image);
    const size_t reader_size = mst_reader_size(&fleet.image);
    if (mst_vm_init(&fleet.vm, reach(NULL, vm_size, 1), vm_size, &fleet.image) != MST_OK ||
        mst_reader_init(&fleet.reader, reach(NULL, reader_size, 1), reader_size, &fleet.image) !=
            MST_OK)
        fail(path, "cannot be run");
    for (uint32_t i = 0; i < mst_verdict_count(&fleet.image); i++) {
        mst_verdict_info info = MST_VERDICT_INFO_INIT;
        (void)mst_verdict_info_at(&fleet.image, i, &info);
        if (info.is_root && fleet.verdict_count == VERDICT_MAX)
            fail(path, "has too many verdicts");
        if (info.is_root)
            fleet.verdicts[fleet.verdict_count++] = i;
    }
}

static void read_instants(const char *path)
{
    char *at = load(path).ptr;
    for (char *line = strtok(at, "\n"); line; line = strtok(NULL, "\n")) {
        fleet.instants = reach(fleet.instants, fleet.instant_count + 1, sizeof *fleet.instants);
        fleet.instants[fleet.instant_count++] = strtoll(line, NULL, 10);
    }
}

static void note_turn(uint32_t instant, uint32_t verdict, struct outcome now)
{
    if (fleet.turn_count == fleet.turn_capacity) {
        fleet.turn_capacity = fleet.turn_capacity * 2 + 1024;
        fleet.turns = reach(fleet.turns, fleet.turn_capacity, sizeof *fleet.turns);
    }
    fleet.turns[fleet.turn_count++] = (struct turn){instant, fleet.device_count, verdict, now};
}

static void evaluate(uint32_t instant, struct outcome *before)
{
    for (uint32_t i = 0; i < fleet.verdict_count; i++) {
        mst_verdict verdict = MST_VERDICT_INIT;
        if (mst_eval(fleet.vm, fleet.verdicts[i], fleet.instants[instant], &verdict) != MST_OK)
            fail("a verdict", "cannot be evaluated");
        const struct outcome now = {(uint32_t)verdict.kind, verdict.outcome, verdict.check};
        if (instant == 0 || memcmp(&now, &before[i], sizeof now) != 0)
            note_turn(instant, i, now);
        before[i] = now;
        fleet.evaluations++;
    }
}

static void take_record(const char *text, size_t len)
{
    struct outcome before[VERDICT_MAX];
    memset(before, 0, sizeof before);
    for (uint32_t i = 0; i < fleet.instant_count; i++) {
        mst_record_error error = MST_RECORD_ERROR_INIT;
        if (mst_read_record(fleet.reader, fleet.vm, text, len, fleet.instants[i], &error) != MST_OK)
            fail("a record", error.message);
        evaluate(i, before);
    }
    fleet.device_count++;
}

static int compare_turns(const void *a, const void *b)
{
    const struct turn *left = a, *right = b;
    if (left->instant != right->instant)
        return left->instant < right->instant ? -1 : 1;
    if (left->device != right->device)
        return left->device < right->device ? -1 : 1;
    return left->verdict < right->verdict ? -1 : left->verdict > right->verdict;
}

static void write_turn(const struct turn *turn)
{
    const uint32_t index = fleet.verdicts[turn->verdict];
    mst_verdict_info info = MST_VERDICT_INFO_INIT;
    mst_verdict verdict = MST_VERDICT_INIT;
    mst_text check = {"", 0};
    verdict.index = index;
    verdict.kind = (mst_kind)turn->now.kind;
    verdict.outcome = turn->now.outcome;
    verdict.check = turn->now.check;
    (void)mst_verdict_info_at(&fleet.image, index, &info);
    if (verdict.check != MST_INDEX_NONE)
        check = mst_check_name(&fleet.image, index, verdict.check);
    const mst_text outcome = mst_outcome_name(&fleet.image, &verdict);
    printf("%" PRIu32 "\t%" PRIu32 "\t%.*s\t%.*s\t%.*s\n", turn->instant, turn->device,
           (int)info.name.len, info.name.ptr, (int)outcome.len, outcome.ptr, (int)check.len,
           check.ptr);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        fail("usage", "fresh_outcomes IMAGE RECORDS INSTANTS");
    open_rules(argv[1]);
    const struct bytes records = load(argv[2]);
    read_instants(argv[3]);
    for (const char *at = records.ptr, *end = at + records.len; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop)
            fail(argv[2], "does not end with a newline");
        take_record(at, (size_t)(stop - at));
        at = stop + 1;
    }
    if (fleet.turn_count > 0)
        qsort(fleet.turns, fleet.turn_count, sizeof *fleet.turns, compare_turns);
    for (size_t i = 0; i < fleet.turn_count; i++)
        write_turn(&fleet.turns[i]);
    printf("%" PRIu64 "\n", fleet.evaluations);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
