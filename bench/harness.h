/* SPDX-License-Identifier: Apache-2.0
 *
 * harness.h - what the harness gives to a contestant of the benchmark, and wants from it. A
 * contestant is one file that defines `bench_peer`; harness.c holds main(), loads the data, takes
 * the time and checks every answer. */
#ifndef MST_BENCH_HARNESS_H
#define MST_BENCH_HARNESS_H

#include <stddef.h>
#include <string.h>

#include "hotpatch5.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BENCH_NOW 1786752000 /* 2026-08-15T00:00:00Z */
#define BENCH_PADDING 64     /* readable bytes behind a text that comes from a file */

struct bench_text {
    const char *ptr;
    size_t len;
};

/* The facts of a device as texts and numbers, for part (A). */
struct bench_facts {
    struct bench_text edition, mdm;
    struct device device; /* the same, interned, and the rest of the facts */
};

struct bench_data {
    const char *folder;
    struct bench_text records; /* NDJSON */
    const struct bench_facts *facts;
    size_t count;
};

/* One of judge and write is set. */
struct bench_peer {
    /* Everything that happens once, at start. */
    void (*prepare)(const struct bench_data *data);
    /* Part (A): the check that fails first (enum reason) for each device, one host call each. */
    void (*judge)(uint8_t *reasons);
    /* Part (B): reads the records and writes a verdict line for each; returns the bytes written. */
    size_t (*write)(char *lines);
    /* Part (B): which file has the lines that are expected; NULL: brief.ndjson. */
    const char *expected;
};

extern const struct bench_peer bench_peer;

extern const char *const bench_reason_names[REASON_COUNT];

/* Ends the program with a message. */
__attribute__((noreturn)) void bench_die(const char *message, const char *detail);
/* A whole file in memory that nobody frees, padded with zeros. */
struct bench_text bench_load(const char *folder, const char *name);
/* Appends a brief verdict line, escaping the subject where it needs it; returns its end. */
char *bench_put_line(char *to, const char *subject, size_t len, enum reason reason);

#ifdef __cplusplus
}
#endif
#endif
