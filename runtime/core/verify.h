/* SPDX-License-Identifier: Apache-2.0
 *
 * verify.h - the parts of the verifier, in the order in which they run: each may rely on what the
 * ones before it have proven. All are linear in the size of the image, allocate nothing, and return
 * false after noting the first fault. */
#ifndef MST_CORE_VERIFY_H
#define MST_CORE_VERIFY_H

#include "core/image.h"

enum mst_fault_id {
#define MST_FAULT(number, name, text) MST_FAULT_##name = (number),
#include "format/fault.def"
#undef MST_FAULT
};

struct mst_verify {
    mst_image *image;
    mst_limits limits;
    enum mst_fault_id fault;
    uint64_t offset;
    uint32_t max_text;
    uint64_t compared;   /* bytes of texts, to prove orders */
    uint32_t site_count; /* text sites of the code so far: each instruction has its own, in order */
};

/* Notes the fault and returns false. */
bool mst_verify_refuse(struct mst_verify *v, enum mst_fault_id fault, uint64_t offset);
/* The offset in the image of a place in its bytes. */
uint64_t mst_verify_offset(const struct mst_verify *v, const unsigned char *at);

/* Header and section table: fills image->section. */
bool mst_verify_sections(struct mst_verify *v, const unsigned char *bytes, size_t byte_count);
/* Texts, meta, enums: what everything else refers to. */
bool mst_verify_meta(struct mst_verify *v);
/* Facts and their groups, slots, constants. */
bool mst_verify_facts(struct mst_verify *v);
/* Tables, zones, causes, parameters. */
bool mst_verify_tables(struct mst_verify *v);
/* Blocks: code and its claims. */
bool mst_verify_code(struct mst_verify *v);
/* Policies and decisions: what they refer to and their claims. */
bool mst_verify_verdicts(struct mst_verify *v);
/* Where code comes from, and rule tests, where the image carries any. */
bool mst_verify_optional(struct mst_verify *v);

/* One text index at `at`; one value of a type at `at`. */
bool mst_verify_string(struct mst_verify *v, const unsigned char *at);
bool mst_verify_value(struct mst_verify *v, uint32_t code, uint64_t value, const unsigned char *at);
/* Is it a type that facts, columns, constants can have (a simple one or an enum)? */
bool mst_verify_is_scalar(const struct mst_verify *v, uint32_t code);
/* Are all bytes from `at` zero? */
bool mst_verify_zero(struct mst_verify *v, const unsigned char *at, size_t len);

/* Text of a fault, by its number. */
const char *mst_fault_text(uint32_t id);

/* The verdict that owns a policy, decision or advice block; MST_NO_INDEX if none does. */
uint32_t mst_verify_owner(const mst_image *image, uint32_t block);

#endif
