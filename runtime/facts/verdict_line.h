/* SPDX-License-Identifier: Apache-2.0
 *
 * verdict_line.h - mst_verdict_json() for a host that writes verdicts of one image all the time:
 * what their lines repeat is kept as it was written. */
#ifndef MST_FACTS_VERDICT_LINE_H
#define MST_FACTS_VERDICT_LINE_H

#include <stdint.h>

#include "format/builtins.h"
#include "json_out.h"
#include "muster/facts.h"

#define MST_LINE_TIMES 64 /* a power of two */
#define MST_LINE_RULES_BYTES 512
#define MST_LINE_MIDDLES 64 /* a power of two */
#define MST_LINE_MIDDLE_BYTES 984
#define MST_LINE_PROBES 8 /* places that a middle may stand at */
#define MST_LINE_GAPS 4   /* one for each mst_part */

struct mst_line_time {
    int64_t time;
    uint32_t len; /* 0: none yet */
    char text[MST_PRINT_MAX + 2];
};

/* A text that each line has its own of. */
struct mst_line_gap {
    uint16_t at; /* bytes of what is kept that stand before it */
    uint16_t part;
};

/* What the names of a verdict and its constant texts depend on. */
struct mst_line_key {
    uint32_t verdict, outcome, check, kind;
};

/* What stands between the subject and the fields: the image's names for the verdict, and its texts
 * as far as they are constant. */
struct mst_line_middle {
    struct mst_line_key key;
    uint32_t len; /* 0: none yet */
    uint32_t gap_count;
    struct mst_line_gap gaps[MST_LINE_GAPS];
    char text[MST_LINE_MIDDLE_BYTES];
};

/* Begin with all zero, and anew for another image. About 69 KB. */
struct mst_line_memo {
    struct mst_line_middle middles[MST_LINE_MIDDLES]; /* at their place, or soon behind it */
    struct mst_line_time times[MST_LINE_TIMES];       /* each in the place that it has by itself */
    mst_slot subject;
    bool has_subject;
    uint32_t rules_len; /* of ,"rules":"...", 0: none yet */
    char rules[MST_LINE_RULES_BYTES];
};

/* The same as mst_verdict_json(); memo may be NULL. */
mst_status mst_verdict_line(mst_vm *vm, const mst_image *image, const mst_verdict *verdict,
                            bool brief, struct mst_line_memo *memo, char *buffer, size_t capacity,
                            size_t *len);

/* An instant as it stands in a line, with its quotes. */
void mst_line_time(struct mst_line_memo *memo, int64_t time, struct mst_json_out *out);

#endif
