/* SPDX-License-Identifier: Apache-2.0
 *
 * agent.c - an endpoint agent: judges the record that some inventory keeps in a file, prints the
 * verdict as a line of JSON, and sleeps until the verdict can change.
 *
 *     agent IMAGE RECORD VERDICT [COUNT]     COUNT verdicts; without it, for ever
 *
 * Ends with 0 after COUNT verdicts, 1 where image, verdict or record are no good, 2 on wrong usage,
 * 3 where the system fails; whatever started it may start it again. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <muster/facts.h>

#define LONGEST_SLEEP_S 3600 /* the record may change before the verdict does */

/* all memory that there will ever be; blocks that are too small for an image are told so */
static unsigned char image_bytes[4 << 20];
static uint64_t vm_block[1 << 17], reader_block[1 << 17];
static char record[MST_RECORD_MAX_BYTES + 1], line[1 << 16];

static void fail(int code, const char *what, const char *why)
{
    fprintf(stderr, "agent: %s: %s\n", what, why);
    exit(code);
}

static void need(mst_status status, const char *what)
{
    if (status != MST_OK)
        fail(1, what, mst_status_text(status));
}

static size_t read_file(const char *path, void *bytes, size_t capacity, int64_t *written)
{
    struct stat status;
    FILE *file = fopen(path, "rb");
    const size_t len = file ? fread(bytes, 1, capacity, file) : 0;
    if (!file || ferror(file) || fstat(fileno(file), &status) != 0)
        fail(3, path, strerror(errno));
    fclose(file);
    if (len == capacity)
        fail(1, path, "the file is too large");
    *written = status.st_mtime;
    return len;
}

int main(int argc, char **argv)
{
    int64_t left = argc == 5 ? strtoll(argv[4], NULL, 10) : INT64_MAX, written;
    if (argc < 4 || argc > 5 || left < 1)
        fail(2, "usage", "agent IMAGE RECORD VERDICT [COUNT]");

    mst_image image;
    mst_vm *vm;
    mst_reader *reader;
    mst_fault why = MST_FAULT_INIT;
    size_t len = read_file(argv[1], image_bytes, sizeof image_bytes, &written);
    if (mst_image_open(&image, image_bytes, len, NULL, &why) != MST_OK)
        fail(1, argv[1], why.text);
    const uint32_t index = mst_verdict_find(&image, argv[3]);
    if (index == MST_INDEX_NONE)
        fail(1, argv[3], "the image has no verdict of that name");
    need(mst_vm_init(&vm, vm_block, sizeof vm_block, &image), argv[1]);
    need(mst_reader_init(&reader, reader_block, sizeof reader_block, &image), argv[1]);

    for (; left > 0; left--) {
        mst_record_error error = MST_RECORD_ERROR_INIT;
        mst_verdict verdict = MST_VERDICT_INIT;
        len = read_file(argv[2], record, sizeof record, &written);
        /* facts are as old as their file, where the record does not say when they were observed */
        if (mst_read_record(reader, vm, record, len, written, &error) != MST_OK)
            fail(1, argv[2], error.message);
        need(mst_eval(vm, index, time(NULL), &verdict), argv[3]);
        need(mst_verdict_json(vm, &image, &verdict, false, line, sizeof line, &len), argv[3]);
        if (printf("%.*s\n", (int)len, line) < 0 || fflush(stdout) != 0)
            fail(3, "standard output", strerror(errno));
        const int64_t wait = verdict.valid_until - time(NULL);
        if (left > 1 && wait > 0)
            sleep((unsigned)(wait < LONGEST_SLEEP_S ? wait : LONGEST_SLEEP_S));
    }
    return 0;
}
