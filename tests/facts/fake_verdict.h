/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_verdict.h - stands in for libmuster's core where the writer of verdicts is tested: a
 * verdict that is a table of C. It defines the functions of muster.h that the writer calls, so
 * the linker takes none of core. One file of a program includes it. */
#ifndef MST_TESTS_FAKE_VERDICT_H
#define MST_TESTS_FAKE_VERDICT_H

#include <string.h>

#include "muster/muster.h"

struct fake_field {
    mst_field field;
    const char *rendered;
};

struct fake_advice {
    const char *name;
    const char *parts[4]; /* by mst_part; NULL: it has none */
};

struct fake_verdict {
    const char *module, *version, *name, *outcome, *subject;
    const char *parts[4];
    const char *checks[4];
    const struct fake_field *fields;
    const struct fake_advice *advice;
    const mst_cause *causes;
    uint32_t unknown_checks[4];
    uint32_t cause_count;
};

struct mst_vm {
    const struct fake_verdict *verdict;
};

static const struct fake_verdict *fake_of(const mst_image *image)
{
    return (const struct fake_verdict *)(const void *)image->bytes;
}

static mst_text fake_text(const char *string)
{
    return (mst_text){string, string ? (uint32_t)strlen(string) : 0};
}

static mst_status fake_render(const char *text, char *buffer, size_t capacity, size_t *len)
{
    if (!text)
        return MST_ERR_NOT_FOUND;
    *len = strlen(text);
    size_t kept = *len < capacity ? *len : capacity;
    if (kept > 0)
        memcpy(buffer, text, kept);
    return *len <= capacity ? MST_OK : MST_ERR_SPACE;
}

mst_text mst_image_module(const mst_image *image)
{
    return fake_text(fake_of(image)->module);
}

mst_text mst_image_version(const mst_image *image)
{
    return fake_text(fake_of(image)->version);
}

const unsigned char *mst_image_digest(const mst_image *image)
{
    static const unsigned char digest[32] = {0x3f, 0xa9, 0xc2, 0x10, 0xff};
    (void)image;
    return digest;
}

uint32_t mst_image_subject(const mst_image *image)
{
    (void)image;
    return 0;
}

mst_status mst_fact_info_at(const mst_image *image, uint32_t index, mst_fact_info *info)
{
    (void)image;
    info->slot = index;
    return MST_OK;
}

mst_text mst_fact_text_of(const mst_vm *vm, mst_slot slot)
{
    (void)slot;
    return fake_text(vm->verdict->subject);
}

mst_status mst_verdict_info_at(const mst_image *image, uint32_t index, mst_verdict_info *info)
{
    (void)index;
    info->name = fake_text(fake_of(image)->name);
    return MST_OK;
}

mst_text mst_outcome_name(const mst_image *image, const mst_verdict *verdict)
{
    (void)verdict;
    return fake_text(fake_of(image)->outcome);
}

mst_text mst_check_name(const mst_image *image, uint32_t verdict_index, uint32_t check)
{
    (void)verdict_index;
    return fake_text(fake_of(image)->checks[check]);
}

uint32_t mst_unknown_check(const mst_vm *vm, uint32_t i)
{
    return vm->verdict->unknown_checks[i];
}

uint32_t mst_failed_check(const mst_vm *vm, uint32_t i)
{
    (void)vm;
    (void)i;
    return MST_INDEX_NONE;
}

mst_status mst_render(mst_vm *vm, mst_part part, char *buffer, size_t capacity, size_t *len)
{
    return fake_render(vm->verdict->parts[part], buffer, capacity, len);
}

/* The reason has something of the facts in it. */
bool mst_render_is_constant(const mst_vm *vm, mst_part part)
{
    (void)vm;
    return part != MST_PART_REASON;
}

mst_text mst_advice_name(const mst_vm *vm, uint32_t i)
{
    return fake_text(vm->verdict->advice[i].name);
}

mst_status mst_advice_render(mst_vm *vm, uint32_t i, mst_part part, char *buffer, size_t capacity,
                             size_t *len)
{
    return fake_render(vm->verdict->advice[i].parts[part], buffer, capacity, len);
}

mst_status mst_field_at(mst_vm *vm, uint32_t i, mst_field *field)
{
    *field = vm->verdict->fields[i].field;
    return MST_OK;
}

mst_status mst_field_render(mst_vm *vm, uint32_t i, char *buffer, size_t capacity, size_t *len)
{
    return fake_render(vm->verdict->fields[i].rendered, buffer, capacity, len);
}

mst_status mst_cause_next(mst_vm *vm, uint32_t *cursor, mst_cause *cause)
{
    if (*cursor >= vm->verdict->cause_count)
        return MST_ERR_NOT_FOUND;
    *cause = vm->verdict->causes[(*cursor)++];
    return MST_OK;
}

#endif
