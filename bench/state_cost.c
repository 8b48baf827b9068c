/* SPDX-License-Identifier: Apache-2.0
 *
 * What keeping costs: fills a state file with subjects of about 1 KB, updates them in random order
 * in batches, as the service does, and scans all of them, as it does at its start.
 *
 *     state_cost FILE SUBJECTS SECONDS [full|normal|none] [BATCH]
 *
 * Processor time is that of this process alone; the system's writing in the background is not in
 * it. A record brings one of the five groups of its subject and its three verdicts. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "state.h"

#define GROUPS 5
#define GROUP_BYTES 180
#define VERDICTS 3
#define COMMITS_MAX 1000000

static mst_state *state;
static uint32_t groups[GROUPS], names[VERDICTS], outcomes[2], rules;
static char text[GROUP_BYTES];

static void hold(mst_state_status status)
{
    if (status == MST_STATE_OK)
        return;
    fprintf(stderr, "%s\n", state ? mst_state_message(state) : "cannot open");
    exit(3);
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static uint32_t name_of(const char *text_before, int number)
{
    char name[64];
    uint32_t result;
    snprintf(name, sizeof name, "%s%d", text_before, number);
    hold(mst_state_name(state, name, strlen(name), &result));
    return result;
}

static void make_names(void)
{
    for (int i = 0; i < GROUPS; i++)
        groups[i] = name_of("group", i);
    for (int i = 0; i < VERDICTS; i++)
        names[i] = name_of("verdict", i);
    for (int i = 0; i < 2; i++)
        outcomes[i] = name_of("outcome", i);
    rules = name_of("windows.hotpatch@2026.11+3fa9c2", 10);
    memset(text, 'x', sizeof text);
}

static uint32_t next_random(void)
{
    static uint64_t seed = 42;
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33);
}

static void put_verdicts(uint32_t slot, int64_t now)
{
    mst_state_verdict verdicts[VERDICTS];
    for (int i = 0; i < VERDICTS; i++)
        verdicts[i] = (mst_state_verdict){
            names[i], outcomes[next_random() % 2], 0, rules, 1, now, now + 1000000};
    hold(mst_state_put_verdicts(state, slot, verdicts, VERDICTS));
}

static void fill(uint32_t subject_count)
{
    for (uint32_t slot = 0; slot < subject_count;) {
        hold(mst_state_begin(state));
        for (int i = 0; i < 1000 && slot < subject_count; i++, slot++) {
            char id[32];
            int len = snprintf(id, sizeof id, "DEVICE-%010u", slot);
            hold(mst_state_put_subject(state, slot, (mst_text){id, (uint32_t)len}));
            for (int j = 0; j < GROUPS; j++)
                hold(mst_state_put_group(state, slot, groups[j], 1786752000,
                                         (mst_text){text, GROUP_BYTES}));
            put_verdicts(slot, 1786752000);
        }
        hold(mst_state_commit(state));
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void update(uint32_t subject_count, double seconds, uint32_t batch)
{
    double *commits = malloc(COMMITS_MAX * sizeof *commits);
    double wall = seconds_of(CLOCK_MONOTONIC), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    double end = wall + seconds;
    size_t count = 0;
    while (seconds_of(CLOCK_MONOTONIC) < end && count < COMMITS_MAX) {
        double begun = seconds_of(CLOCK_MONOTONIC);
        uint64_t sequence;
        hold(mst_state_begin(state));
        for (uint32_t i = 0; i < batch; i++) {
            uint32_t slot = next_random() % subject_count;
            hold(mst_state_put_group(state, slot, groups[next_random() % GROUPS],
                                     1786752000 + (int64_t)count, (mst_text){text, GROUP_BYTES}));
            put_verdicts(slot, 1786752000 + (int64_t)count);
            if (i % 10 == 0)
                hold(mst_state_append_change(state, (mst_text){text, GROUP_BYTES}, &sequence));
        }
        hold(mst_state_commit(state));
        commits[count++] = seconds_of(CLOCK_MONOTONIC) - begun;
    }
    wall = seconds_of(CLOCK_MONOTONIC) - wall;
    cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    double records = (double)count * batch;
    qsort(commits, count, sizeof *commits, compare);
    printf("updates    %.0f records/s, %.2f us of processor time a record, batches of %u:"
           " p50 %.1f ms, p99 %.1f ms, worst %.1f ms\n",
           records / wall, cpu / records * 1e6, batch, commits[count / 2] * 1e3,
           commits[count * 99 / 100] * 1e3, commits[count - 1] * 1e3);
    free(commits);
}

static bool count_subject(void *context, const mst_state_subject *subject)
{
    uint64_t *count = context;
    *count += subject->group_count == GROUPS && subject->verdict_count == VERDICTS;
    return true;
}

static void scan(void)
{
    uint64_t count = 0;
    double wall = seconds_of(CLOCK_MONOTONIC), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    for (uint32_t at = 0; at != MST_STATE_END;)
        hold(mst_state_scan(state, at, 10000, count_subject, &count, &at));
    printf("scan       %llu subjects in %.2f s, %.2f s of processor time\n",
           (unsigned long long)count, seconds_of(CLOCK_MONOTONIC) - wall,
           seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu);
}

int main(int argc, char **argv)
{
    mst_state_options options = MST_STATE_OPTIONS_INIT;
    if (argc < 4) {
        fprintf(stderr, "usage: state_cost FILE SUBJECTS SECONDS [full|normal|none] [BATCH]\n");
        return 2;
    }
    uint32_t subject_count = (uint32_t)strtoul(argv[2], NULL, 10);
    const char *durability = argc > 4 ? argv[4] : "full";
    options.path = strcmp(argv[1], ":memory:") == 0 ? NULL : argv[1];
    options.durability = strcmp(durability, "none") == 0     ? MST_STATE_DURABLE_NONE
                         : strcmp(durability, "normal") == 0 ? MST_STATE_DURABLE_NORMAL
                                                             : MST_STATE_DURABLE_FULL;
    hold(mst_state_open(&state, &options, NULL));
    make_names();
    double wall = seconds_of(CLOCK_MONOTONIC), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    fill(subject_count);
    wall = seconds_of(CLOCK_MONOTONIC) - wall;
    cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("first load %u subjects in %.1f s, %.2f us of processor time each\n", subject_count,
           wall, cpu / subject_count * 1e6);
    update(subject_count, strtod(argv[3], NULL),
           argc > 5 ? (uint32_t)strtoul(argv[5], NULL, 10) : 1000);
    if (options.path) {
        mst_state_close(state);
        hold(mst_state_open(&state, &options, NULL));
    }
    scan();
    mst_state_close(state);
    return 0;
}
