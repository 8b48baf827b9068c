/* SPDX-License-Identifier: Apache-2.0
 *
 * groups.h - which groups of facts a record carries, and the raw text of each, as it is kept.
 *
 * The text of a group is a JSON object of the members that the record has at the group's path,
 * nested or dotted, in their order. So reading `{"os": TEXT}` gives the facts of group os that the
 * record gave. Groups with the same path share a text: what is kept is kept by paths. Of the group
 * whose path is empty it is the record's members that belong to no other group; those that no rule
 * reads only where they are simple values. `observed` and `seq` of a record belong to nobody. */
#ifndef MST_SERVICE_GROUPS_H
#define MST_SERVICE_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "facts/reader.h"
#include "grown.h"
#include "muster/muster.h"
#include "state/state.h"

#define MST_GROUPS_MAX 64 /* different paths: a subject has a bit for each */
#define MST_SEQ_MAX_BYTES 256

struct mst_group_node; /* a part of a path */
struct mst_known_key;

/* One path at which groups stand. Shorter paths have smaller numbers. */
struct mst_group_path {
    mst_text path;  /* in the image */
    uint32_t depth; /* parts of the path */
    uint32_t node;
    bool is_nested; /* another group's path is above it */
    bool is_walked; /* its members must be looked at one by one */
};

typedef struct mst_groups {
    const mst_image *image;
    struct mst_group_path paths[MST_GROUPS_MAX];
    uint32_t path_count;
    uint32_t *path_of_group; /* by the image's number of a group */
    uint32_t group_count;
    struct mst_group_node *nodes;
    uint32_t node_count;
    uint32_t subject_path;       /* number of the path whose groups have the subject */
    mst_text subject_key;        /* of the subject's fact, relative to that path */
    struct mst_known_key *known; /* those of the last record that was split */
} mst_groups;

/* What one record carries. Sets of paths are masks. */
typedef struct mst_record_groups {
    uint64_t present, cleared, too_long;
    uint64_t has_observed;
    int64_t observed[MST_GROUPS_MAX];
    char *block;
    char *text[MST_GROUPS_MAX]; /* without the braces, for which there is a byte before and after */
    uint32_t len[MST_GROUPS_MAX];
    char seq[MST_SEQ_MAX_BYTES]; /* as written in the record */
    uint32_t seq_len;            /* 0: there is none */
    bool is_too_deep;            /* a group could not be read again as it would be kept */
} mst_record_groups;

/* False where there are too many paths. */
bool mst_groups_init(mst_groups *groups, const mst_image *image);
void mst_groups_free(mst_groups *groups);

void mst_record_groups_init(mst_record_groups *record);
void mst_record_groups_free(mst_record_groups *record);

/* `text` is one record that a reader has accepted, and its outline or NULL; or one that nobody has
 * read, without an outline: then what comes before the first mistake is taken. Keys are remembered
 * for the next record. */
void mst_groups_split(mst_groups *groups, const char *text, size_t len,
                      const struct mst_reader_outline *outline, mst_record_groups *record);

/* Writes a record with the given groups (by path number; ptr NULL: none; the text with its braces
 * taken off) behind what `out` holds. */
void mst_groups_compose(const mst_groups *groups, mst_text subject,
                        const mst_text texts[MST_GROUPS_MAX], struct mst_grown *out);

#endif
