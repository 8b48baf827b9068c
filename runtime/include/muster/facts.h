/* SPDX-License-Identifier: Apache-2.0
 *
 * facts.h - JSON records in, verdict lines out, without allocation.
 *
 * A framer finds the records in a stream of bytes. A reader takes one record (RFC 8259, strict)
 * and sets the facts of a vm, following the reading table of spec/language.md: keys that no rule
 * reads are skipped, a value that is not of its fact's type makes that fact invalid, and a record
 * that is not JSON, or whose subject is unknown, is rejected whole. The writer puts a verdict
 * into the JSON form of spec/verdict.md.
 *
 * What muster.h says about ownership, threads, errors and sizes holds here too. A reader and a
 * framer belong to one thread at a time.
 */
#ifndef MUSTER_FACTS_H
#define MUSTER_FACTS_H

#include "muster/muster.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MST_RECORD_MAX_BYTES 1048576 /* a longer record is rejected */
#define MST_RECORD_MAX_DEPTH 64      /* one nested deeper too */

/* Finds the facts of an image in JSON. */
typedef struct mst_reader mst_reader;

/* Why a record was rejected, and where: byte is counted from the start of the record, from 0. */
typedef struct mst_record_error {
    uint32_t size;
    uint32_t byte;
    const char *message; /* with a zero byte behind; in read-only memory, or in the reader until its
                            next read */
} mst_record_error;
#define MST_RECORD_ERROR_INIT                                                                      \
    {                                                                                              \
        sizeof(mst_record_error), 0, ""                                                            \
    }

/* ---- one record -------------------------------------------------------------------------- */

/* Bytes that a reader for this image needs. */
MST_API size_t mst_reader_size(const mst_image *image);
/* Makes a reader in `block` (aligned for uint64_t, `byte_count` >= mst_reader_size(), else
 * MST_ERR_SPACE), which serves any vm of that image. It borrows block and image; there is nothing
 * to release. Time: linear in the image. MST_ERR_LIMIT where lists and records of the image are
 * nested deeper than MST_RECORD_MAX_DEPTH, or its keys and spellings were made to be slow to look
 * up (spec/image.md, section 9.1). */
MST_API mst_status mst_reader_init(mst_reader **reader, void *block, size_t byte_count,
                                   const mst_image *image);

/* Clears the facts of `vm` and sets them from the record at `json` (exactly one JSON object,
 * white space around it allowed; `len` bytes). On MST_ERR_RECORD the facts are cleared and
 * *error (may be NULL) says why. The facts' texts are borrowed from `json` and from the reader:
 * leave `json` as it is, and read no other record, while verdicts over them are asked for.
 * Without an "observed" time for a group, `observed_default` is its time of observation
 * (MST_NEVER: it does not expire; MST_ERR_ARGUMENT: it is no time); one that is not readable as a
 * time counts as the oldest time there is, so that data of unknown age is stale rather than fresh.
 * Per fact the last occurrence counts. An object is an occurrence of what lies below it, null one
 * of everything at and below its key. The subject must be known. */
MST_API mst_status mst_read_record(mst_reader *reader, mst_vm *vm, const char *json, size_t len,
                                   int64_t observed_default, mst_record_error *error);

/* How many records so far carried a fact (by its index; 0 for one that does not exist): present and
 * not null. Rejected records count as far as they were read. */
MST_API uint64_t mst_reader_seen(const mst_reader *reader, uint32_t fact_index);

/* ---- streams of records ------------------------------------------------------------------ */

/* Finds records in a stream: JSON objects separated by white space, or arrays of them; with
 * `one_a_line` each line that is not blank is a record. It only balances brackets and
 * strings; mst_read_record() judges the rest. Every byte is looked at once, however small the
 * pieces are in which it arrives. The fields are private; the host only provides the storage. */
typedef struct mst_framer {
    uint64_t line, record_line;
    uint64_t column, record_column;
    uint64_t objects;
    size_t scanned;
    uint32_t depth;
    uint8_t state, array, last, one_a_line;
    uint8_t is_line_begin, is_fresh, reserved[6];
} mst_framer;

typedef struct mst_frame {
    uint32_t size;
    uint32_t reserved;
    size_t used;            /* bytes that are done with, the record included */
    const char *text;       /* the record, inside the bytes given: good until they change */
    size_t len;             /* of the record, in bytes */
    uint64_t line;          /* where the record begins, counted from 1 */
    mst_record_error error; /* with MST_ERR_RECORD */
} mst_frame;
#define MST_FRAME_INIT                                                                             \
    {                                                                                              \
        sizeof(mst_frame), 0, 0, NULL, 0, 0, MST_RECORD_ERROR_INIT                                 \
    }

/* Begins a stream; there is nothing to release. */
MST_API void mst_framer_init(mst_framer *framer, bool one_a_line);

/* The next record. `text` begins with the first byte of the stream that is not used yet; after
 * each call, whatever it returns, the caller takes frame->used bytes off its front, and calls
 * again with the same bytes or more. `is_last`: there will never be more than these.
 *   MST_OK             a record; it need not be JSON
 *   MST_ERR_RECORD     here is no record: frame->error says why. The stream goes on behind the
 *                      element of an array in one line, else after the next newline, or at a
 *                      line that clearly begins a new record
 *   MST_ERR_SPACE      more bytes are needed; with MST_RECORD_MAX_BYTES + 1 of room it cannot
 *                      happen that none fit
 *   MST_ERR_NOT_FOUND  the stream is at its end */
MST_API mst_status mst_framer_next(mst_framer *framer, const char *text, size_t len, bool is_last,
                                   mst_frame *frame);

/* mst_framer_next(), and mst_read_record() of the record that is found, with the same results but
 * faster, since a good record is passed over once. MST_OK: the facts of `vm` are set; otherwise
 * they are cleared. MST_ERR_RECORD: frame->error says why, whichever of the two has refused the
 * record. MST_ERR_ARGUMENT: `observed_default` is no time; the record is used up. */
MST_API mst_status mst_framer_read(mst_framer *framer, mst_reader *reader, mst_vm *vm,
                                   const char *text, size_t len, bool is_last,
                                   int64_t observed_default, mst_frame *frame);

/* ---- verdicts ---------------------------------------------------------------------------- */

/* Writes the vm's last verdict, as mst_eval() has filled it, as one JSON object without newline and
 * without a zero byte behind; `brief` leaves subject, verdict, outcome, check and valid_until.
 * After mst_eval_all_checks() it has the key failed_checks behind unknown_checks. *len is its
 * length; on MST_ERR_SPACE a capacity that is enough, and the buffer's content means nothing. */
MST_API mst_status mst_verdict_json(mst_vm *vm, const mst_image *image, const mst_verdict *verdict,
                                    bool brief, char *buffer, size_t capacity, size_t *len);

/* Bytes that are enough for any verdict of the image with a subject of up to 4096 bytes. */
MST_API size_t mst_verdict_json_max(const mst_image *image);

/* Writes {"error":"bad_record","line":3,"byte":17,"message":"..."} without newline; `line` is
 * where the record begins in its stream; *len and MST_ERR_SPACE as in mst_verdict_json().
 * MST_RECORD_ERROR_JSON_MAX bytes are enough for any error of this library in rules whose subject
 * has a name of up to 255 bytes. */
#define MST_RECORD_ERROR_JSON_MAX 1024
MST_API mst_status mst_record_error_json(const mst_record_error *error, uint64_t line, char *buffer,
                                         size_t capacity, size_t *len);

#ifdef __cplusplus
}
#endif
#endif
