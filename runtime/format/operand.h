/* SPDX-License-Identifier: Apache-2.0
 *
 * operand.h - opcodes, the kinds of their fields, and how an instruction is packed. */
#ifndef MST_FORMAT_OPERAND_H
#define MST_FORMAT_OPERAND_H

#include <stdint.h>

/* What a field of an instruction holds. D_*: a register of the block that is written (or, in a
 * value block, its own result slot), with the type named (or found as said); S_*: a slot that is
 * read and must have that type: a fact, `now`, a constant, a register of the block, or its own
 * result. Other blocks' results are had by `call` alone: none is read that this evaluation has not
 * computed. */
enum mst_operand {
    MST_NONE, /* must be 0 */
    MST_HIGH, /* upper half of the 32-bit immediate in b */

    MST_D_BOOL,
    MST_D_INT,
    MST_D_DATE,
    MST_D_MONTH,
    MST_D_DURATION,
    MST_D_TIME,
    MST_D_TEXT,
    MST_D_VERSION,
    MST_D_SAME_B,  /* type of slot b */
    MST_D_TYPE_C,  /* the type that c states */
    MST_D_ROW,     /* a row of table b */
    MST_D_ROW_C,   /* a row of table c */
    MST_D_COLUMN,  /* type of column c */
    MST_D_BUILTIN, /* result type of the built-in */
    MST_D_ELEMENT, /* an element of list b */
    MST_D_FACT_C,  /* type of fact c */
    MST_D_RESULT,  /* type of result x of the block in b and c */

    MST_S_BOOL,
    MST_S_INT,
    MST_S_TEXT,
    MST_S_VERSION,
    MST_S_DATE,
    MST_S_MONTH,
    MST_S_DURATION,
    MST_S_TIME,
    MST_S_ENUM,
    MST_S_ANY,     /* any type */
    MST_S_WORD,    /* bool, int, version, date, month, duration, time */
    MST_S_ORDERED, /* int, date, month, duration, time */
    MST_S_AMOUNT,  /* int, duration */
    MST_S_SAME_B,  /* the type of slot b */
    MST_S_FACT,    /* a fact slot; one whose group never goes stale is always fresh */
    MST_S_ROW,     /* a row, of table b where b is a table */
    MST_S_KEY,     /* type of the key column of table c */
    MST_S_ELEMENT, /* an element of list b, or of the list that fact c is part of */

    MST_JUMP32,    /* forward: instructions to skip, in b and c */
    MST_JUMP16,    /* forward: instructions to skip */
    MST_BACK16,    /* backward: from this instruction to the first of the loop's body */
    MST_BLOCK32,   /* index of a block with a lower number than this one, in b and c */
    MST_TEXT32,    /* index of a string, in b and c */
    MST_TYPE,      /* a type code (layout.h) */
    MST_TABLE,     /* index of a table */
    MST_COLUMN,    /* index in COLUMNS, of a column of the row's table */
    MST_LIST,      /* fact index of a list */
    MST_FACT,      /* fact index of a part of a list's element */
    MST_CHECK,     /* check or advice of this policy, counted from its first */
    MST_CASE,      /* case of this decision, counted from its first */
    MST_SITE,      /* number of the text site that holds the result; 0 where it is no text */
    MST_ARGUMENTS, /* first of the argument slots; types by the built-in's signature */
    MST_PARTS,     /* 1 to 4 */
    MST_TEXT_KEY,  /* 1 where the key of table c is a text, which takes longer to find; else 0 */
    MST_FLIP,      /* enum mst_flip */
    MST_BUILTIN,   /* a number of builtins.def */
    MST_RESULT,    /* 0: value, outcome; 1: check of a policy, case of a decision; 2: named check */
};

enum mst_opcode {
#define MST_OPCODE(number, name, mnemonic, x, a, b, c, steps, doc) MST_OP_##name = (number),
#include "format/opcodes.def"
#undef MST_OPCODE
};

/* Which result of a block a call copies. */
enum mst_result {
    MST_RESULT_VALUE = 0,   /* the value; the outcome */
    MST_RESULT_DECIDER = 1, /* the check of a policy that decides; the case of a decision */
    MST_RESULT_NAMED = 2, /* in messages: the check that a policy's label names, deciding or not */
};

/* A line of opcodes.def: kinds of the fields are those of enum mst_operand. */
struct mst_opcode_form {
    char mnemonic[16];
    uint8_t x, a, b, c;
};

/* The form of an opcode; NULL if there is no such opcode. */
const struct mst_opcode_form *mst_opcode_form(uint32_t op);

/* The minor version of the format that an opcode came with: an image that uses it is of that
 * version or a newer one. */
static inline uint16_t mst_opcode_minor(uint32_t op)
{
    return op == MST_OP_IN_PART ? 1 : 0;
}

/* When a comparison of a rising b with c changes, with t the instant at which b reaches c. */
enum mst_flip {
    MST_FLIP_AT = 0,    /* at t: b < c, b >= c */
    MST_FLIP_AFTER = 1, /* at t + 1 s: b <= c, b > c */
    MST_FLIP_BOTH = 2,  /* at both: b == c */
};

struct mst_instruction {
    uint8_t op, x;
    uint16_t a, b, c;
};

static inline uint64_t mst_instruction_pack(struct mst_instruction in)
{
    return (uint64_t)in.op | (uint64_t)in.x << 8 | (uint64_t)in.a << 16 | (uint64_t)in.b << 32 |
           (uint64_t)in.c << 48;
}

static inline struct mst_instruction mst_instruction_unpack(uint64_t word)
{
    struct mst_instruction in;
    in.op = (uint8_t)word;
    in.x = (uint8_t)(word >> 8);
    in.a = (uint16_t)(word >> 16);
    in.b = (uint16_t)(word >> 32);
    in.c = (uint16_t)(word >> 48);
    return in;
}

static inline uint32_t mst_instruction_wide(struct mst_instruction in)
{
    return (uint32_t)in.b | (uint32_t)in.c << 16;
}

#endif
