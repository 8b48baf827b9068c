/* SPDX-License-Identifier: Apache-2.0
 *
 * ir.h - the program as blocks of instructions, before slots have their final numbers: what
 * lowering makes of the checked tree and the image writer puts into bytes. An operand names a slot
 * by class and number, because how many constants there are is known only at the end. */
#ifndef MST_LANG_IR_H
#define MST_LANG_IR_H

#include "format/operand.h"
#include "program.h"

enum mst_slot_place {
    MST_PLACE_NONE = 0,
    MST_PLACE_FACT = 1,
    MST_PLACE_NOW = 2,
    MST_PLACE_CONST = 3,
    MST_PLACE_RESULT = 4,   /* the block's own */
    MST_PLACE_REGISTER = 5, /* counted from the block's first */
};

/* A slot as the fields of an instruction name it: class and number in one word. */
typedef uint32_t mst_ref;
#define MST_AT(place, number) ((mst_ref)(place) << 28 | (mst_ref)(number))
#define MST_NOWHERE ((mst_ref)0)
#define MST_PLACE_OF(ref) ((enum mst_slot_place)((ref) >> 28))
#define MST_NUMBER_OF(ref) ((ref)&0x0fffffffu)

/* Who is to blame for a fault at an instruction: an entry of program->causes, or with this bit a
 * fact, whose text did not convert. */
#define MST_BLAME_FACT 0x80000000u

struct mst_ir {
    uint8_t op, x;
    uint32_t a, b, c; /* a ref where the field is a slot, else the immediate; wide ones in b */
    uint32_t blame;
    struct mst_span span;
};

/* A site of lang.h while its block is lowered; places become final when the code is written. */
struct mst_site_code {
    mst_site_kind kind;
    mst_site_role role;
    uint32_t parent;         /* in the same block, or UINT32_MAX */
    uint32_t first, end;     /* in the block, then in the image */
    uint32_t slot, row_slot; /* a ref, then a slot */
    uint32_t type;           /* type code of program.h */
    uint32_t index, number;
    uint32_t target; /* a block, or UINT32_MAX */
    struct mst_span span;
    const char *name;
    const void *node; /* the expression, entry or case */
};

struct mst_block {
    uint32_t kind;   /* enum mst_block_kind */
    uint32_t type;   /* type code of program.h, of a value block */
    uint32_t result; /* number of its result slot, or UINT32_MAX */
    uint32_t register_count;
    MST_VECTOR(struct mst_ir) code;
    MST_VECTOR(struct mst_site_code) sites; /* where the options ask for them */
};

struct mst_constant {
    uint32_t type; /* type code of program.h */
    uint64_t word; /* of a text: its string */
};

/* A check or advice, a case, a field as the image holds them; blocks or UINT32_MAX. */
struct mst_check_code {
    uint32_t reason, remedy, cite, because;
};

struct mst_case_code {
    uint32_t member; /* UINT32_MAX: `then unknown` */
    uint32_t label, because, first_field, field_count, cause;
};

struct mst_field_code {
    const char *name;
    uint32_t block;
};

struct mst_verdict_code {
    uint32_t block, advise; /* advise: UINT32_MAX where there is none */
    uint32_t labels[3];
    uint32_t first_check, first_case; /* advice follows its checks */
    uint32_t case_count;
};

struct mst_lowered {
    struct mst_program *program;
    MST_VECTOR(struct mst_block) blocks; /* a block calls only lower ones */
    MST_VECTOR(struct mst_constant) constants;
    MST_VECTOR(mst_text) strings;
    MST_VECTOR(uint32_t) zones; /* numbers of zones.h, in order of first use */
    MST_VECTOR(struct mst_check_code) checks;
    MST_VECTOR(struct mst_case_code) cases;
    MST_VECTOR(struct mst_field_code) fields;
    MST_VECTOR(struct mst_verdict_code) verdicts; /* as program->verdicts */
    MST_VECTOR(uint32_t) expectations;            /* blocks, by HOLDS steps */
    struct mst_map constant_map, string_map, text_constant_map;
    uint32_t *let_blocks;     /* by let_cause; UINT32_MAX: not lowered yet */
    uint8_t *let_slopes;      /* enum mst_slope */
    uint32_t *default_blocks; /* by fact */
    uint32_t max_text;
    uint32_t result_count;
    size_t instruction_count;
    size_t blame_steps;        /* expressions looked at for the fact to blame */
    bool is_too_large;         /* reported: nothing more is emitted */
    struct mst_lowered *aside; /* what no verdict reads: for its sites */
};

/* Lowers a checked program without errors; reports what is wrong about time and bounds. */
struct mst_lowered *mst_lower_program(struct mst_program *program);

/* Numbers for constants and strings, made when first asked for. */
uint32_t mst_ir_constant(struct mst_lowered *lowered, uint32_t type, uint64_t word);
uint32_t mst_ir_string(struct mst_lowered *lowered, const char *bytes, size_t len);
uint32_t mst_ir_text_constant(struct mst_lowered *lowered, const char *bytes, size_t len);
uint32_t mst_ir_zone(struct mst_lowered *lowered, uint32_t zone);

/* The type code of the image (format/layout.h) for one of program.h. */
uint32_t mst_ir_type(const struct mst_program *program, uint32_t type);

/* Is this field of an opcode a slot, and is it written? From the columns of opcodes.def. */
bool mst_ir_is_slot(enum mst_operand operand);

#endif
