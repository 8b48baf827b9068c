/* SPDX-License-Identifier: Apache-2.0
 *
 * operand.c - opcodes.def as a table, for the compiler, the verifier and the disassembler. */
#include "format/operand.h"

#include <stddef.h>

static const struct mst_opcode_form forms[] = {
#define MST_OPCODE(number, name, mnemonic, x, a, b, c, steps, doc)                                 \
    [number] = {mnemonic, MST_##x, MST_##a, MST_##b, MST_##c},
#include "format/opcodes.def"
#undef MST_OPCODE
};

const struct mst_opcode_form *mst_opcode_form(uint32_t op)
{
    if (op >= sizeof forms / sizeof *forms || forms[op].mnemonic[0] == 0)
        return NULL;
    return &forms[op];
}
