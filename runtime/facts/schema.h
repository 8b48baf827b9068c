/* SPDX-License-Identifier: Apache-2.0
 *
 * schema.h - what a reader must know of an image, laid out for look-up by the keys of a record.
 *
 * The paths of all facts form a tree of nodes, one edge for each part between dots. A key of a
 * record leads from node to node; a node may be the place of several facts (two groups may map
 * the same key) and the inside of an object at once (a fact of the record's root may have the
 * name of another group's object). Nothing here changes after mst_schema_init(). */
#ifndef MST_FACTS_SCHEMA_H
#define MST_FACTS_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "muster/muster.h"

#define MST_SCHEMA_NONE UINT32_MAX
#define MST_SCHEMA_ROOT 0 /* the node of the record itself */

/* A text that is to be read as a number, time or version is not longer, or is invalid. */
#define MST_SCHEMA_VALUE_BYTES 256

struct mst_schema_fact {
    mst_type type;
    uint32_t slot;
    uint32_t enum_index;
    uint32_t node;     /* of a record: where its fields hang */
    uint32_t next;     /* another fact at the same node, or NONE */
    uint32_t end;      /* the first fact behind it and its parts; a list's element is next to it */
    uint32_t capacity; /* of a list: elements, and slots from one to the next */
    uint32_t stride;
    uint32_t max_bytes; /* of a text or spelling with escapes, where it is kept in the scratch */
    uint32_t scratch;
    bool is_in_list;
};

struct mst_schema_node {
    uint32_t first_fact;  /* NONE: no fact has this path */
    uint32_t group;       /* whose time of observation is here, or NONE */
    uint32_t first_child; /* NONE: nothing is below */
    uint32_t next_sibling;
};

struct mst_schema_edge {
    uint32_t hash, parent, child; /* child NONE: an empty place */
    mst_text label;               /* in the image */
};

struct mst_schema_spelling {
    uint32_t hash, enum_index, member; /* enum_index NONE: an empty place */
    mst_text text;                     /* in the image */
};

/* How large the schema of an image is, and what its reader needs beside it. */
struct mst_schema_size {
    size_t bytes;                             /* of the schema */
    uint32_t facts, groups, nodes, spellings; /* nodes: the most that there can be */
    uint32_t longest_spelling;
    uint32_t text_bytes;     /* room for a key, or a value that is no text, without its escapes */
    uint64_t label_bytes;    /* that are looked at */
    uint32_t scratch_bytes;  /* room for all texts with escapes of a record */
    bool is_scratch_by_slot; /* else a text's place in it is its place in the record */
};

struct mst_schema {
    const mst_image *image;
    struct mst_schema_size size;
    struct mst_schema_fact *facts;
    struct mst_schema_node *nodes;
    struct mst_schema_edge *edges;
    struct mst_schema_spelling *spellings;
    uint32_t node_count, edge_mask, spelling_mask;
    uint32_t scratch_used; /* while it is built */
    bool is_hostile;       /* too many entries were made to meet */
};

/* Fails with MST_ERR_LIMIT where a path, records and lists around it included, is deeper than
 * MST_RECORD_MAX_DEPTH, and where paths and spellings are out of proportion to the image. */
mst_status mst_schema_measure(const mst_image *image, struct mst_schema_size *size);

/* Makes the schema in `block` (aligned for uint64_t, size->bytes bytes). Fails with MST_ERR_LIMIT
 * where keys or spellings were chosen so that they meet in one place of a table. */
mst_status mst_schema_init(struct mst_schema *schema, void *block, const mst_image *image,
                           const struct mst_schema_size *size);

/* The node to which one part of a path leads, or NONE. *has_dots, then, if the text has dots and
 * is worth a walk part by part. */
uint32_t mst_schema_child(const struct mst_schema *schema, uint32_t node, const char *ptr,
                          size_t len, bool *has_dots);

/* The spelling of an enum, ASCII case ignored, or NULL. */
const struct mst_schema_spelling *mst_schema_spelling(const struct mst_schema *schema,
                                                      uint32_t enum_index, const char *ptr,
                                                      size_t len);

#endif
