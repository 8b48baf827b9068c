/* SPDX-License-Identifier: Apache-2.0
 *
 * verdict_line.h - mst_verdict_json() for a host that writes verdicts of one image all the time:
 * what their lines repeat is kept as it was written. */
#ifndef MST_FACTS_VERDICT_LINE_H
#define MST_FACTS_VERDICT_LINE_H

#include <stdint.h>

#include "format/builtins.h"
#include "muster/facts.h"

#define MST_LINE_TIMES 64 /* a power of two */
#define MST_LINE_RULES_BYTES 512
#define MST_LINE_HEADS 64 /* a power of two */
#define MST_LINE_HEAD_BYTES 240

struct mst_line_time {
    int64_t time;
    uint32_t len; /* 0: none yet */
    char text[MST_PRINT_MAX + 2];
};

/* What stands between the subject and the label's value: names that the image has for it. */
struct mst_line_head {
    uint32_t verdict, outcome, check;
    mst_kind kind;
    uint32_t len; /* 0: none yet */
    char text[MST_LINE_HEAD_BYTES];
};

/* Begin with all zero, and anew for another image. */
struct mst_line_memo {
    struct mst_line_head heads[MST_LINE_HEADS];
    struct mst_line_time times[MST_LINE_TIMES]; /* each in the place that it has by itself */
    uint32_t rules_len;                         /* of ,"rules":"...", 0: none yet */
    char rules[MST_LINE_RULES_BYTES];
};

/* The same as mst_verdict_json(); memo may be NULL. */
mst_status mst_verdict_line(mst_vm *vm, const mst_image *image, const mst_verdict *verdict,
                            bool brief, struct mst_line_memo *memo, char *buffer, size_t capacity,
                            size_t *len);

/* An instant as it stands in a line, with its quotes. Good until the next one is asked for. */
mst_text mst_line_time(struct mst_line_memo *memo, int64_t time);

#endif
