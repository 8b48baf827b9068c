/* SPDX-License-Identifier: Apache-2.0
 *
 * reader.h - the state of a reader, shared by reader.c (which walks a record) and reading.c
 * (which turns a single value into a fact). */
#ifndef MST_FACTS_READER_H
#define MST_FACTS_READER_H

#include "muster/facts.h"
#include "scan.h"
#include "schema.h"

#define MST_READER_MESSAGE_BYTES 320

/* What the reader knows of a fact beside its schema. A mark is up to date if it carries the
 * number of the current record, so that nothing needs clearing between records. */
struct mst_reader_fact {
    uint64_t seen;        /* records that carried it */
    uint64_t record;      /* the last of them */
    uint64_t list_record; /* the last record in which list_used counted */
    uint32_t list_used;   /* elements of a list that were set, by whichever occurrence of it */
};

struct mst_reader_group {
    uint64_t record; /* the last record with a time for it */
    int64_t observed;
};

/* Where the members of a record stand, in bytes from its begin: whoever takes it apart once more
 * need not scan it again. */
#define MST_READER_MEMBERS 24

struct mst_reader_outline {
    uint32_t count; /* may be above MEMBERS: then the rest is not noted */
    struct mst_reader_member {
        uint32_t key, end; /* from where its key is looked for, and behind its value */
    } members[MST_READER_MEMBERS];
};

struct mst_reader {
    struct mst_schema schema;
    struct mst_scan scan;
    mst_vm *vm;
    uint64_t record; /* number of the current record, from 1 */
    struct mst_reader_fact *facts;
    struct mst_reader_group *groups;
    uint64_t *node_record; /* the last record that came by each node */
    struct mst_guess *guesses;
    char *text;        /* schema.text_bytes: a key or value without its escapes */
    char *scratch;     /* schema.scratch_bytes: texts without their escapes */
    bool has_observed; /* the current record has a time for some group */
    uint32_t subject;
    mst_slot subject_slot;
    char message[MST_READER_MESSAGE_BYTES];
    struct mst_reader_outline *outline; /* of the last record that was read; NULL: nobody asks */
};

/* Where a fact's values go: behind its own slot by the elements of the lists around it. */
struct mst_reader_place {
    uint32_t slots;   /* to add to the fact's slot */
    uint32_t element; /* number of the value among all that the fact can have */
};

/* Reads the record that the text begins with, whatever follows it; returns its length. 0 where
 * there is no good record: then it is as if nothing had been read, and the facts are cleared. */
size_t mst_reader_take(struct mst_reader *reader, mst_vm *vm, const char *text, size_t len,
                       int64_t observed_default);

/* Sets the fact, of a simple type, from a value; where that is not of its type, to invalid. */
void mst_reading_set(struct mst_reader *reader, const struct mst_schema_fact *fact,
                     struct mst_reader_place place, enum mst_scan_kind kind,
                     const struct mst_span *span);

/* The text of a value that is no text: a time, a number. False if it is too long for any. */
bool mst_reading_short(struct mst_reader *reader, const struct mst_span *span, mst_text *text);

#endif
