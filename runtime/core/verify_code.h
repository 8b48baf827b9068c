/* SPDX-License-Identifier: Apache-2.0
 *
 * verify_code.h - what the verifier knows at one place of a block: which registers are written and
 * with which type, which jumps are open, in which loops it is. It lies on the stack of
 * mst_verify_code(), so it is kept below 2 KiB.
 *
 * Jumps go forward, but for the ends of loops. A value written at p may be missing at q behind it
 * only where some jump from before p lands in (p, q]; hence it is enough to remember with each
 * register the nearest target of the jumps open when it was written: there it is forgotten. */
#ifndef MST_CORE_VERIFY_CODE_H
#define MST_CORE_VERIFY_CODE_H

#include "core/verify.h"
#include "format/operand.h"

#define MST_OWN_RESULT MST_MAX_BLOCK_REGISTERS /* a value block's result, tracked like a register */

struct mst_loop {
    uint16_t start, end;  /* its first instruction, the one behind its last */
    uint16_t reg, object; /* row or element; table or list */
    uint8_t op;
};

struct mst_code {
    struct mst_verify *v;
    const mst_image *image;
    const unsigned char *record;
    uint32_t block, owner; /* the verdict of a policy, decision or advice block */
    uint32_t first_pc, count, kind;
    uint32_t first_register, register_count, result;
    uint32_t pc; /* counted from the block's first instruction */
    struct mst_instruction in;
    uint32_t type_b; /* of the slot that b reads */
    uint32_t next_check;

    uint64_t rounds; /* how often what lies in the open loops runs */
    uint64_t own_steps, call_steps, output_bytes;
    uint32_t depth;
    bool timed;

    uint32_t pending_count, loop_count;
    uint16_t pending[MST_MAX_JUMP_DEPTH]; /* targets of open jumps, the nearest one last */
    struct mst_loop loops[MST_MAX_LOOP_DEPTH];
    /* of each register: type; the target at which it is forgotten (0: not written); in how many
     * loops it was written, and above that in the how-many-th of the loops further in it was last
     * read from outside (0: in none) */
    uint16_t type[MST_MAX_BLOCK_REGISTERS + 1];
    uint16_t forgotten[MST_MAX_BLOCK_REGISTERS + 1];
    uint8_t depth_of[MST_MAX_BLOCK_REGISTERS + 1];
    uint8_t opened[MST_MAX_LOOP_DEPTH]; /* loops so far at each depth, see count_loop() */
};

#define MST_DEPTH_MASK 15u
#define MST_DEPTH_BITS 4
#define MST_MAX_LOOPS_OPENED 15

/* How many slots the result of a block of this kind takes. */
static inline uint32_t mst_verify_result_width(uint32_t kind)
{
    return kind == MST_BLOCK_VALUE ? 1 : kind <= MST_BLOCK_DECISION ? 2 : 0;
}

/* Operands of the instruction at c->pc: checks every field, and defines what it writes. */
bool mst_operand_check(struct mst_code *c);
/* Notes the fault at the instruction and returns false. */
bool mst_operand_refuse(struct mst_code *c, enum mst_fault_id fault);
/* The type of a slot that may be read here. */
bool mst_operand_read(struct mst_code *c, uint32_t slot, uint32_t *type);
/* Writes a slot. */
bool mst_operand_write(struct mst_code *c, uint32_t slot, uint32_t type);
/* The target at which what is written now is forgotten. */
uint32_t mst_operand_horizon(const struct mst_code *c);

#endif
