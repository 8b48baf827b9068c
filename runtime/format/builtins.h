/* SPDX-License-Identifier: Apache-2.0
 *
 * builtins.h - the built-in functions as pure C, used by the vm and by the compiler when it folds
 * constants, so that both always agree. Arguments are known and of the right type (strictness is
 * the caller's); nothing is allocated. */
#ifndef MST_FORMAT_BUILTINS_H
#define MST_FORMAT_BUILTINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "muster/muster.h"

#define MST_BUILTIN_MAX_ARGS 3

/* Argument and result types of builtins.def beyond mst_type. */
enum mst_builtin_type {
    MST_ARG_NONE = 0,
    MST_ARG_BOOL = MST_TYPE_BOOL,
    MST_ARG_INT = MST_TYPE_INT,
    MST_ARG_TEXT = MST_TYPE_TEXT,
    MST_ARG_VERSION = MST_TYPE_VERSION,
    MST_ARG_DATE = MST_TYPE_DATE,
    MST_ARG_MONTH = MST_TYPE_MONTH,
    MST_ARG_DURATION = MST_TYPE_DURATION,
    MST_ARG_TIME = MST_TYPE_TIME,
    MST_ARG_ZONE = 15,
    MST_ARG_CLOCK = 16,   /* an int in code: seconds of the day */
    MST_ARG_WEEKDAY = 17, /* an int in code: 1 monday to 7 sunday */
};

/* A change of a zone's offset: local = UTC + offset_s from `at` on. The first entry of a zone has
 * at = INT64_MIN; entries ascend. */
struct mst_transition {
    int64_t at;
    int32_t offset_s;
};

/* A zone as its transitions, read one by one because an image has no alignment. */
struct mst_zone {
    const unsigned char *records; /* MST_TRANSITION_* records of layout.h */
    uint32_t count;
};

/* One argument or result. */
struct mst_value {
    int64_t word;         /* all but text and zone, as layout.h says; a version as its bits */
    mst_text text;        /* of a text */
    struct mst_zone zone; /* of a zone */
};

enum mst_outcome {
    MST_BUILTIN_OK = 0,
    MST_BUILTIN_FAULT = 1,   /* out of range, no such part: unknown as fault */
    MST_BUILTIN_INVALID = 2, /* a text that is not what it should be: its source is invalid */
};

/* Calls built-in `number`. A text result lies in `site` (site_bytes of room), in an argument, or
 * in read-only memory; one that does not fit is a fault. */
enum mst_outcome mst_builtin_call(uint32_t number, const struct mst_value *args, char *site,
                                  size_t site_bytes, struct mst_value *result);

/* Seconds until the result changes while the first argument rises by one a second and the others
 * stay; INT64_MAX if never (or beyond the range of time). At least 1. */
int64_t mst_builtin_next_change(uint32_t number, const struct mst_value *args);

/* Parsing and printing, shared with the readers of JSON and CSV and with messages. The parse
 * functions take the whole text and return false where it is not of the type. */
bool mst_parse_int(mst_text text, int64_t *value);
bool mst_parse_version(mst_text text, uint64_t *value);
bool mst_parse_date(mst_text text, int64_t *days);
bool mst_parse_month(mst_text text, int64_t *months);
bool mst_parse_time(mst_text text, int64_t *seconds);     /* RFC 3339 with offset */
bool mst_parse_duration(mst_text text, int64_t *seconds); /* P7D, PT36H, "7 days" */
bool mst_parse_bool(mst_text text, bool *value);          /* true false yes no 1 0, any case */

/* Prints a value of a simple type (not text or enum) as a literal; returns its length, at most
 * MST_PRINT_MAX, without terminating zero. */
#define MST_PRINT_MAX 32
size_t mst_print_value(mst_type type, int64_t word, char *buffer);

/* Does `text` match `pattern`, where * is any run and ? any one character? Linear in their
 * product at worst. */
bool mst_like(mst_text text, mst_text pattern);

/* True for well-formed UTF-8 (RFC 3629). */
bool mst_utf8_valid(const char *bytes, size_t len);

#endif
