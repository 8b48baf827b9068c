/* SPDX-License-Identifier: Apache-2.0
 *
 * groups_parts.h - the tree of the groups' paths, which groups.c builds and groups_split.c walks,
 * and the keys that the walk has met. */
#ifndef MST_SERVICE_GROUPS_PARTS_H
#define MST_SERVICE_GROUPS_PARTS_H

#include "format/base.h"
#include "groups.h"

#define MST_GROUPS_NONE UINT32_MAX

struct mst_group_node {
    mst_text label;
    uint32_t parent, first_child, next_sibling;
    uint32_t path; /* number of the path that ends here, or NONE */
    bool is_read;  /* below the root: some fact of the group with the empty path is here */
};

/* What a key leads to. */
enum mst_groups_aim {
    MST_AIM_MEMBER,   /* a node, and the rest of the key below it */
    MST_AIM_SEQ,      /* what the sender wants to have back */
    MST_AIM_OBSERVED, /* times of groups */
    MST_AIM_TIME,     /* the time of a group; of none that there is: NONE */
};

struct mst_groups_lead {
    enum mst_groups_aim aim;
    uint32_t number; /* of the node or the group */
    uint32_t used;   /* bytes of the key that led to the node; one more than it has: all of it */
};

/* The keys of the last record in the order in which they came, and where they led: the next record
 * mostly has the same ones. Each as it was written, from its quote to its colon. */
#define MST_GROUPS_KNOWN 32

struct mst_known_key {
    uint32_t inside; /* the node in whose object it stood; NONE: times of groups */
    uint32_t len;    /* 0: nothing is known */
    struct mst_groups_lead lead;
    char text[MST_GUESS_BYTES];
};

static inline bool mst_groups_is_text(mst_text text, const char *ptr, size_t len)
{
    return text.len == len && mst_bytes_equal(text.ptr, ptr, len);
}

static inline uint32_t mst_groups_child(const mst_groups *groups, uint32_t node, const char *label,
                                        size_t len)
{
    uint32_t child = groups->nodes[node].first_child;
    while (child != MST_GROUPS_NONE && !mst_groups_is_text(groups->nodes[child].label, label, len))
        child = groups->nodes[child].next_sibling;
    return child;
}

/* Of a dotted path: bytes before its first dot. */
static inline size_t mst_groups_part_len(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len && text[at] != '.')
        at++;
    return at;
}

/* The path number above a node, itself excluded; NONE where there is none. */
static inline uint32_t mst_groups_path_above(const mst_groups *groups, uint32_t node)
{
    do
        node = groups->nodes[node].parent;
    while (node != MST_GROUPS_NONE && groups->nodes[node].path == MST_GROUPS_NONE);
    return node == MST_GROUPS_NONE ? MST_GROUPS_NONE : groups->nodes[node].path;
}

#endif
