/* SPDX-License-Identifier: Apache-2.0
 *
 * limits.h - every fixed bound of the language, the image and the vm, in one place.
 * The compiler reports what exceeds one with a diagnostic; the verifier refuses the image. */
#ifndef MST_FORMAT_LIMITS_H
#define MST_FORMAT_LIMITS_H

#define MST_MAX_SOURCE_LINE_BYTES 200 /* of a line kept for code read beside its source */
#define MST_MAX_TEXT_BYTES 4096       /* of one text value, text<4096> */
#define MST_DEFAULT_TEXT_BYTES 255    /* of a `text` without a size */
#define MST_MAX_OTHER_BYTES 64        /* of an unlisted spelling when it is printed */
#define MST_MAX_SLOTS 65536           /* facts, constants, results and registers together */
#define MST_MAX_BLOCK_REGISTERS 256   /* of one block: the verifier keeps them on its stack */
#define MST_MAX_BLOCKS 65536
#define MST_MAX_BLOCK_INSTRUCTIONS 65535
#define MST_MAX_VERDICTS 1024
#define MST_MAX_NAME_BYTES 64 /* of a name in a rule file, hence of an enum member */
#define MST_MAX_DEF_PARAMETERS 16
#define MST_MAX_CALL_DEPTH 200 /* nested blocks */
#define MST_MAX_LOOP_DEPTH 8   /* nested loops in one block */
#define MST_MAX_JUMP_DEPTH 160 /* forward jumps open at one place of a block */
#define MST_MAX_TABLE_ROWS 100000
#define MST_MAX_LIST_ELEMENTS 1024
#define MST_MAX_COMPARED 64  /* bytes of texts that orders compare, for each byte of the image */
#define MST_MAX_FACT_DEPTH 8 /* of records and lists in each other */
#define MST_MAX_ENUM_MEMBERS 60000      /* a policy has as many checks: 16 bits hold a member */
#define MST_MAX_DECLARED_MEMBERS 4096   /* of an enum in a rule file */
#define MST_MAX_IMAGE_BYTES 0x40000000u /* 1 GiB */

#define MST_TIME_MIN (-62135596800) /* 0001-01-01T00:00:00Z */
#define MST_TIME_MAX 253402300799   /* 9999-12-31T23:59:59Z */
#define MST_DATE_MIN (-719162)      /* 0001-01-01 */
#define MST_DATE_MAX 2932896        /* 9999-12-31 */
#define MST_MONTH_MIN 12            /* 0001-01 */
#define MST_MONTH_MAX 119999        /* 9999-12 */

#endif
