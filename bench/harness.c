/* SPDX-License-Identifier: Apache-2.0
 *
 * harness.c - runs one contestant:
 *
 *     PEER FOLDER [--once]
 *
 * FOLDER holds the records, and what expect_verdicts.py has written of them. Passes over all
 * devices are repeated for half a second, or with --once not at all; the answers of each are
 * checked. Prints the median pass in seconds of processor time, the devices and the bytes of the
 * records. Ends with 1 for a wrong answer. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_PASSES = 101 };
static const double enough_s = 0.5;

const char *const bench_reason_names[REASON_COUNT] = {"eligible", "edition",    "build",
                                                      "vbs",      "entra_join", "mdm"};

static struct bench_data data;
static struct bench_facts *facts;
static uint8_t *expected_reasons;
static struct bench_text expected_lines;

void bench_die(const char *message, const char *detail)
{
    fprintf(stderr, "error: %s%s%s\n", message, detail ? ": " : "", detail ? detail : "");
    exit(1);
}

static void *allocate(size_t bytes)
{
    void *block = malloc(bytes + 1);
    if (!block)
        bench_die("out of memory", NULL);
    return block;
}

/* ---- loading ----------------------------------------------------------------------------- */

struct bench_text bench_load(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        bench_die("cannot read", path);
    const size_t len = (size_t)ftell(file);
    rewind(file);
    char *text = allocate(len + BENCH_PADDING);
    if (fread(text, 1, len, file) != len)
        bench_die("cannot read", path);
    fclose(file);
    memset(text + len, 0, BENCH_PADDING);
    return (struct bench_text){text, len};
}

static size_t count_lines(struct bench_text text)
{
    size_t count = 0;
    for (const char *p = text.ptr; (p = memchr(p, '\n', (size_t)(text.ptr + text.len - p))); p++)
        count++;
    return count;
}

/* The next field of a row, up to a tab or the end of the line. */
static struct bench_text take_field(const char **at)
{
    const struct bench_text field = {*at, strcspn(*at, "\t\n")};
    *at += field.len + 1;
    return field;
}

static bool is_text(struct bench_text text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}

static uint8_t find_reason(struct bench_text name)
{
    for (uint8_t i = 0; i < REASON_COUNT; i++)
        if (is_text(name, bench_reason_names[i]))
            return i;
    bench_die("facts.tsv: no such reason", NULL);
}

static uint8_t find_edition(struct bench_text name)
{
    static const char *const names[EDITION_COUNT] = {
        "Enterprise", "EnterpriseN", "EnterpriseS",   "EnterpriseSN",
        "Education",  "EducationN",  "IoTEnterprise", "IoTEnterpriseS"};
    uint8_t i = 0;
    while (i < EDITION_COUNT && !is_text(name, names[i]))
        i++;
    return i;
}

/* A row of facts.tsv, see expect_verdicts.py. */
static void take_row(const char **at, size_t i)
{
    struct bench_facts *device = &facts[i];
    expected_reasons[i] = find_reason(take_field(at));
    device->edition = take_field(at);
    device->device.edition = find_edition(device->edition);
    device->device.build_major = atoi(take_field(at).ptr);
    device->device.build_rev = atoi(take_field(at).ptr);
    device->device.vbs = *take_field(at).ptr == '1';
    device->device.entra = *take_field(at).ptr == '1';
    device->device.hybrid = *take_field(at).ptr == '1';
    device->device.policy = *take_field(at).ptr == '1';
    device->mdm = take_field(at);
    device->device.mdm = is_text(device->mdm, "Intune") ? MDM_INTUNE : 1;
}

static void load_facts(void)
{
    const struct bench_text rows = bench_load(data.folder, "facts.tsv");
    const char *at = rows.ptr;
    data.count = count_lines(rows);
    facts = allocate(data.count * sizeof *facts);
    expected_reasons = allocate(data.count);
    for (size_t i = 0; i < data.count; i++)
        take_row(&at, i);
    data.facts = facts;
}

/* ---- checking ---------------------------------------------------------------------------- */

static void check_reasons(const uint8_t *reasons)
{
    char message[128];
    for (size_t i = 0; i < data.count; i++)
        if (reasons[i] != expected_reasons[i]) {
            snprintf(message, sizeof message, "device %zu: answer %u, expected %u", i + 1,
                     reasons[i], expected_reasons[i]);
            bench_die("wrong answer", message);
        }
}

/* Line by line; where an expected one is no whole object, what the line adds to it is not looked
 * at. */
static void check_lines(const char *at, size_t len)
{
    const char *end = at + len;
    const char *expected = expected_lines.ptr;
    const char *expected_end = expected + expected_lines.len;
    for (size_t i = 1; expected < expected_end; i++) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        const size_t want = strcspn(expected, "\n");
        const size_t have = line_end ? (size_t)(line_end - at) : 0;
        const bool is_open = expected[want - 1] != '}';
        if (have < want || memcmp(at, expected, want) != 0 || (have > want && !is_open)) {
            fprintf(stderr, "line %zu is      %.*s\nit should be %.*s\n", i, (int)have, at,
                    (int)want, expected);
            bench_die("wrong answer", NULL);
        }
        at += have + 1;
        expected += want + 1;
    }
    if (at != end)
        bench_die("wrong answer", "more lines than records");
}

/* ---- passes ------------------------------------------------------------------------------ */

/* The time that this thread has run: what else the machine does while it waits is not counted. */
static double read_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The output is cleared first, so that an answer of the pass before does not count. */
static double run_pass(char *output, size_t capacity)
{
    memset(output, 0xff, capacity);
    const double start = read_clock();
    size_t len = 0;
    if (bench_peer.judge)
        bench_peer.judge((uint8_t *)output);
    else
        len = bench_peer.write(output);
    const double seconds = read_clock() - start;
    if (bench_peer.judge)
        check_reasons((const uint8_t *)output);
    else
        check_lines(output, len);
    return seconds;
}

static int compare_seconds(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double run_passes(bool once)
{
    static double passes[MOST_PASSES];
    const size_t capacity = bench_peer.judge ? data.count : expected_lines.len + data.count * 64;
    char *output = allocate(capacity);
    double sum = 0;
    size_t count = 0;
    do {
        passes[count] = run_pass(output, capacity);
        sum += passes[count++];
    } while (!once && sum < enough_s && count < MOST_PASSES);
    free(output);
    qsort(passes, count, sizeof passes[0], compare_seconds);
    return passes[count / 2];
}

int main(int argc, char **argv)
{
    const bool once = argc == 3 && strcmp(argv[2], "--once") == 0;
    if (argc != 2 && !once) {
        fprintf(stderr, "usage: %s FOLDER [--once]\n", argv[0]);
        return 2;
    }
    data.folder = argv[1];
    data.records = bench_load(data.folder, "devices.ndjson");
    load_facts();
    if (bench_peer.write)
        expected_lines =
            bench_load(data.folder, bench_peer.expected ? bench_peer.expected : "brief.ndjson");
    bench_peer.prepare(&data);
    printf("%.9f %zu %zu\n", run_passes(once), data.count, data.records.len);
    return 0;
}
