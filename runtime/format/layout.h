/* SPDX-License-Identifier: Apache-2.0
 *
 * layout.h - where everything is in an image. The compiler writes by these offsets, the verifier
 * and the vm read by them; spec/image.md is their prose. All integers are little-endian.
 *
 *   header (64 bytes), section table (16 bytes a section, ascending ids), sections.
 *
 * Sections lie in the order of the table, each at a multiple of 8, with zero bytes between; the
 * last ends at byte_count. A section with an id of MST_SECTION_OPTIONAL or above may be absent or
 * unknown to a reader; all others are required, once each.
 *
 * Where records point to a range of another section (members and spellings of an enum, columns and
 * orders of a table, transitions of a zone, checks and advice and cases of a verdict, fields of a
 * case, instructions of a block), the ranges follow each other without gap or overlap in the order
 * of the records that own them, and fill the section; of a verdict its checks come before its
 * advice. An empty range may begin anywhere. Facts' slots follow each other in the order of FACTS;
 * a list's own slot is followed by its first element's slots, and room for the others. Blocks lie
 * in the order in which they may call each other: a callee before its callers. */
#ifndef MST_FORMAT_LAYOUT_H
#define MST_FORMAT_LAYOUT_H

#include <stdint.h>

#define MST_IMAGE_MAGIC "MUSTER\r\n"
#define MST_IMAGE_MAJOR 1
#define MST_IMAGE_MINOR 1
#define MST_NO_INDEX 0xffffffffu

/* header */
enum {
    MST_HEADER_MAGIC = 0,
    MST_HEADER_MAJOR = 8,  /* u16 */
    MST_HEADER_MINOR = 10, /* u16 */
    MST_HEADER_BYTE_COUNT = 12,
    MST_HEADER_SECTION_COUNT = 16,
    MST_HEADER_FLAGS = 20,  /* 0 */
    MST_HEADER_DIGEST = 24, /* SHA-256 of sources, tables and parameters */
    MST_HEADER_RESERVED = 56,
    MST_HEADER_BYTES = 64,
};

/* an entry of the section table */
enum {
    MST_ENTRY_ID = 0,
    MST_ENTRY_OFFSET = 4,
    MST_ENTRY_COUNT = 8, /* records in the section */
    MST_ENTRY_BYTES = 12,
    MST_ENTRY_SIZE = 16,
};

/* MST_SECTION(number, NAME, bytes of one record, "what it holds") */
#define MST_SECTIONS(MST_SECTION)                                                                  \
    MST_SECTION(0, META, 112, "one record: the image as a whole")                                  \
    MST_SECTION(1, STRINGS, 8, "where each text lies in BYTES")                                    \
    MST_SECTION(2, BYTES, 1, "UTF-8 of all texts")                                                 \
    MST_SECTION(3, CONSTS, 16, "constants: value and type")                                        \
    MST_SECTION(4, ENUMS, 24, "enum types, outcomes of policies and decisions among them")         \
    MST_SECTION(5, MEMBERS, 4, "names of enum members")                                            \
    MST_SECTION(6, SPELLINGS, 8, "spellings met in data")                                          \
    MST_SECTION(7, GROUPS, 32, "groups of facts")                                                  \
    MST_SECTION(8, FACTS, 48, "facts, records and lists")                                          \
    MST_SECTION(9, SLOTS, 8, "type of each fact, constant and result slot")                        \
    MST_SECTION(10, TABLES, 32, "tables")                                                          \
    MST_SECTION(11, COLUMNS, 20, "columns of tables")                                              \
    MST_SECTION(12, CELLS, 8, "values of cells, column by column")                                 \
    MST_SECTION(13, KNOWN, 1, "bit maps of optional columns: 1 is known")                          \
    MST_SECTION(14, ORDERS, 4, "rows of keyed tables in the order of their keys")                  \
    MST_SECTION(15, CODE, 8, "instructions")                                                       \
    MST_SECTION(16, BLOCKS, 48, "pieces of code with their proven bounds")                         \
    MST_SECTION(17, VERDICTS, 96, "policies and decisions")                                        \
    MST_SECTION(18, CHECKS, 28, "checks and advice of policies")                                   \
    MST_SECTION(19, CASES, 28, "cases of decisions")                                               \
    MST_SECTION(20, FIELDS, 8, "fields of cases")                                                  \
    MST_SECTION(21, CAUSES, 4, "names of what can be at fault or undecided")                       \
    MST_SECTION(22, ORIGINS, 8, "which of them, from which instruction on")                        \
    MST_SECTION(23, ZONES, 16, "time zones")                                                       \
    MST_SECTION(24, TRANSITIONS, 16, "their changes of offset")                                    \
    MST_SECTION(25, PARAMS, 16, "parameters: name, type, value as text")

#define MST_SECTION_COUNT 26

/* Sections that may be absent: the same with their ids in an image. As enum mst_section they follow
 * the required ones. */
#define MST_OPTIONAL_SECTIONS(MST_SECTION)                                                         \
    MST_SECTION(64, DEBUG, 20, "where code comes from")                                            \
    MST_SECTION(65, SELFTEST, 24, "rule tests as steps, in order")

#define MST_SECTION_KINDS 28
#define MST_SECTION_OPTIONAL 64

enum mst_section {
#define MST_SECTION(number, name, bytes, doc) MST_SECTION_##name = (number),
    MST_SECTIONS(MST_SECTION)
#undef MST_SECTION
#define MST_SECTION(id, name, bytes, doc)                                                          \
    MST_SECTION_##name = (id)-MST_SECTION_OPTIONAL + MST_SECTION_COUNT,
        MST_OPTIONAL_SECTIONS(MST_SECTION)
#undef MST_SECTION
};

static inline uint32_t mst_section_id(uint32_t section)
{
    return section < MST_SECTION_COUNT ? section
                                       : section - MST_SECTION_COUNT + MST_SECTION_OPTIONAL;
}

/* The section of an id; MST_SECTION_KINDS for one that this reader does not know. */
static inline uint32_t mst_section_of(uint32_t id)
{
    for (uint32_t section = MST_SECTION_COUNT; section < MST_SECTION_KINDS; section++)
        if (mst_section_id(section) == id)
            return section;
    return id < MST_SECTION_COUNT ? id : MST_SECTION_KINDS;
}

/* Bytes of a record; 0 of a section that nobody knows. */
static inline uint32_t mst_record_bytes(uint32_t section)
{
    switch (section) {
#define MST_SECTION(id, name, bytes, doc)                                                          \
    case MST_SECTION_##name: return bytes;
        MST_SECTIONS(MST_SECTION)
        MST_OPTIONAL_SECTIONS(MST_SECTION)
#undef MST_SECTION
    default: return 0;
    }
}

/* The fields of each record: byte offsets; u32 unless said. A text is an index in STRINGS. */
enum {
    MST_META_MODULE = 0,
    MST_META_VERSION = 4,
    MST_META_DOC = 8,
    MST_META_SUBJECT = 12,    /* fact index */
    MST_META_EFFECTIVE = 16,  /* i64; INT64_MAX: none */
    MST_META_MAX_TEXT = 24,   /* bytes of the longest text value, 255 to 4096 */
    MST_META_FACT_SLOTS = 28, /* slots: facts from 0, then `now`, constants, results, registers */
    MST_META_CONST_COUNT = 32,
    MST_META_RESULT_SLOTS = 36,
    MST_META_REGISTER_SLOTS = 40,
    MST_META_SITE_COUNT = 44, /* places for computed texts, numbered from 1 */
    MST_META_HAS_PREDECESSOR = 48,
    MST_META_PREDECESSOR = 56, /* 32 bytes */
    /* 88 to 112: zero */

    MST_STRING_OFFSET = 0,
    MST_STRING_LEN = 4,

    MST_CONST_VALUE = 0, /* u64 */
    MST_CONST_TYPE = 8,

    MST_ENUM_NAME = 0,
    MST_ENUM_FIRST_MEMBER = 4,
    MST_ENUM_MEMBER_COUNT = 8,
    MST_ENUM_FIRST_SPELLING = 12,
    MST_ENUM_SPELLING_COUNT = 16,
    /* 20: zero */

    MST_SPELLING_TEXT = 0,
    MST_SPELLING_MEMBER = 4, /* MST_NO_INDEX: means unknown */

    MST_GROUP_NAME = 0,
    MST_GROUP_PATH = 4,
    MST_GROUP_DOC = 8,
    MST_GROUP_OBSERVED = 12, /* fact index or MST_NO_INDEX */
    MST_GROUP_STALE = 16,    /* i64 seconds, 0: never */
    /* 24: zero */

    MST_FACT_NAME = 0,
    MST_FACT_PATH = 4,
    MST_FACT_DOC = 8,
    MST_FACT_GROUP = 12,
    MST_FACT_TYPE = 16, /* type code, or MST_TYPE_RECORD / MST_TYPE_LIST */
    MST_FACT_SLOT = 20, /* of a record: known when it is there */
    MST_FACT_PARENT = 24,
    MST_FACT_CAPACITY = 28,
    MST_FACT_STRIDE = 32,
    MST_FACT_MAX_BYTES = 36,
    MST_FACT_FLAGS = 40, /* 1: has a default */
    /* 44: zero */

    /* One entry for each slot below the registers, `now` (a time) among them. The type of a list's
     * own slot is MST_TYPE_LIST; of a policy's results its enum, then its check enum (or int);
     * of a decision's its enum, then int. */
    MST_SLOT_TYPE = 0,
    MST_SLOT_CAUSE = 4, /* fact index for a fact slot, else MST_NO_INDEX */

    MST_TABLE_NAME = 0,
    MST_TABLE_ROW_COUNT = 4,
    MST_TABLE_MAX_ROWS = 8, /* what costs are proven for */
    MST_TABLE_FIRST_COLUMN = 12,
    MST_TABLE_COLUMN_COUNT = 16,
    MST_TABLE_KEY = 20,         /* column, counted from the first, or MST_NO_INDEX */
    MST_TABLE_FIRST_ORDER = 24, /* in ORDERS; row_count entries where there is a key */
    /* 28: zero */

    MST_COLUMN_NAME = 0,
    MST_COLUMN_TYPE = 4,
    MST_COLUMN_FIRST_CELL = 8,
    MST_COLUMN_FIRST_KNOWN = 12, /* byte in KNOWN, or MST_NO_INDEX: all cells are known */
    MST_COLUMN_FLAGS = 16,       /* 1: ascending (the table is ordered by it) */

    MST_BLOCK_FIRST = 0,
    MST_BLOCK_COUNT = 4,           /* instructions in CODE; the last is RET or ends */
    MST_BLOCK_KIND = 8,            /* enum mst_block_kind */
    MST_BLOCK_TYPE = 12,           /* of a value block */
    MST_BLOCK_RESULT = 16,         /* slot, or MST_NO_INDEX; ascending from block to block */
    MST_BLOCK_FIRST_REGISTER = 20, /* slot; not below the end of any block that it calls */
    MST_BLOCK_REGISTER_COUNT = 24,
    MST_BLOCK_DEPTH = 28,  /* 1 + the most of the blocks that it calls */
    MST_BLOCK_FLAGS = 32,  /* 1: timed: it, or a block that it calls, may count for valid_until */
    MST_BLOCK_OUTPUT = 36, /* most bytes that it appends, itself (blocks it calls emit nothing) */
    MST_BLOCK_STEPS = 40,  /* u64: worst case, blocks that it calls included */

    MST_VERDICT_NAME = 0,
    MST_VERDICT_TITLE = 4,
    MST_VERDICT_DOC = 8,
    MST_VERDICT_FLAGS = 12,       /* 1: policy, 2: of the root module */
    MST_VERDICT_BLOCK = 16,       /* policy or decision block */
    MST_VERDICT_ADVISE = 20,      /* advise block or MST_NO_INDEX */
    MST_VERDICT_FIRST_CHECK = 24, /* in CHECKS */
    MST_VERDICT_CHECK_COUNT = 28,
    MST_VERDICT_FIRST_ADVICE = 32, /* in CHECKS too */
    MST_VERDICT_ADVICE_COUNT = 36,
    MST_VERDICT_FIRST_CASE = 40,
    MST_VERDICT_CASE_COUNT = 44,
    MST_VERDICT_ENUM = 48,       /* enum of its outcomes */
    MST_VERDICT_OUTCOMES = 52,   /* 3 texts: names of pass, fail, unknown (policy), else 0 */
    MST_VERDICT_LABELS = 64,     /* 3 message blocks or MST_NO_INDEX: pass, fail, unknown */
    MST_VERDICT_OUTPUT = 76,     /* most bytes of any of its texts */
    MST_VERDICT_STEPS = 80,      /* u64: worst case, its longest texts included */
    MST_VERDICT_CHECK_ENUM = 88, /* enum whose members are the checks, or MST_NO_INDEX */
    /* 92: zero */

    MST_CHECK_NAME = 0,
    MST_CHECK_TITLE = 4,
    MST_CHECK_TEXTS = 8,    /* 3 message blocks or MST_NO_INDEX: reason, remedy, cite */
    MST_CHECK_BECAUSE = 20, /* message block of its `undecided`s, or MST_NO_INDEX; it emits
                               nothing where none of them was true */
    MST_CHECK_FLAGS = 24,   /* 0 */

    MST_CASE_MEMBER = 0,  /* of the verdict's enum; MST_NO_INDEX: `then unknown` */
    MST_CASE_LABEL = 4,   /* message block or MST_NO_INDEX */
    MST_CASE_BECAUSE = 8, /* the same */
    MST_CASE_FIRST_FIELD = 12,
    MST_CASE_FIELD_COUNT = 16,
    MST_CASE_CAUSE = 20, /* cause index of `then unknown` */
    /* 24: zero */

    MST_FIELD_NAME = 0,
    MST_FIELD_BLOCK = 4, /* value block */

    MST_ORIGIN_PC = 0,
    MST_ORIGIN_CAUSE = 4, /* cause: facts first, then CAUSES */

    MST_ZONE_NAME = 0,
    MST_ZONE_FIRST = 4, /* in TRANSITIONS */
    MST_ZONE_COUNT = 8,

    MST_TRANSITION_AT = 0,     /* i64 UTC seconds */
    MST_TRANSITION_OFFSET = 8, /* i32 seconds */

    MST_PARAM_NAME = 0,
    MST_PARAM_TYPE = 4,
    MST_PARAM_VALUE = 8, /* text, as messages print it */
};

/* Where the code of one line of a source begins: a place holds until the next. */
enum {
    MST_DEBUG_PC = 0, /* ascending */
    MST_DEBUG_MODULE = 4,
    MST_DEBUG_LINE = 8, /* from 1 */
    MST_DEBUG_COLUMN = 12,
    MST_DEBUG_SOURCE = 16, /* text: the line, without the white space around it */
};

/* A step of a rule test: kind, two words and a value. */
enum {
    MST_STEP_KIND = 0, /* enum mst_selftest_kind */
    MST_STEP_A = 4,
    MST_STEP_VALUE = 8, /* u64 */
    MST_STEP_C = 16,
    MST_STEP_LINE = 20, /* in its source, for reports */
};

enum mst_selftest_kind {
    MST_SELFTEST_TEST = 1,  /* begins a test: a name (text), value instant; all facts are missing */
    MST_SELFTEST_FACT = 2,  /* slot a := value, as layout.h lays it out (text: string) */
    MST_SELFTEST_STATE = 3, /* slot a: c is 0 missing, 1 invalid */
    MST_SELFTEST_OTHER = 4, /* enum slot a := other, spelled as string `value` */
    MST_SELFTEST_LIST = 5,  /* list slot a has `value` elements, and more if c */
    MST_SELFTEST_PRESENT = 6,  /* record slot a is there */
    MST_SELFTEST_OBSERVED = 7, /* group a was observed at `value` */
    MST_SELFTEST_HOLDS = 8,    /* the bool of value block a must be known and true */
    MST_SELFTEST_UNTIL = 9,    /* valid_until of verdict a must be `value` (INT64_MAX: never) */
    MST_SELFTEST_CAUSE = 10, /* verdict a must list a cause of kind c that is called string `value`,
                              or whose name ends so after a dot */
};

/* Type codes: mst_type for the simple ones; the others carry an index. */
enum {
    MST_CODE_ZONE = 15,        /* constants only: index in ZONES */
    MST_CODE_ENUM = 0x1000,    /* + index in ENUMS */
    MST_CODE_ROW = 0x4000,     /* + index in TABLES */
    MST_CODE_ELEMENT = 0x8000, /* + fact index of a list */
};

enum mst_block_kind {
    MST_BLOCK_VALUE = 0,    /* a let, a default, a field: evaluated once, result in its slot */
    MST_BLOCK_POLICY = 1,   /* result: outcome; result + 1: check (deciding or first unknown) */
    MST_BLOCK_DECISION = 2, /* result: outcome; result + 1: case, as int */
    MST_BLOCK_MESSAGE = 3,  /* appends to the output */
    MST_BLOCK_ADVICE = 4,   /* notes advice of a policy */
};

#define MST_BLOCK_TIMED 1u

/* How a value lies in a slot: as mst_type says; a text is the index of a string of the image, or
 * MST_TEXT_DYNAMIC + an index of the vm's own texts; an enum is the member in the low 16 bits, and
 * for `other` (member == member count) above them the index of its spelling among these, never 0.
 * A row is its number; an element is its number. */
#define MST_TEXT_DYNAMIC ((uint64_t)1 << 32)
#define MST_ENUM_MEMBER_MASK 0xffffu
#define MST_ENUM_OTHER_SHIFT 16
/* In the place of the index: `other` that is written in a rule, or set without a spelling. */
#define MST_ENUM_OTHER_WRITTEN ((uint64_t)0xffffffff << MST_ENUM_OTHER_SHIFT)

#endif
