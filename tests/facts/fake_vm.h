/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_vm.h - stands in for libmuster's core where the reader is tested: an image that is a table
 * of C, and a vm that only remembers what was set. It defines the functions of muster.h that the
 * reader calls, so the linker takes none of core. One file of a program includes it. */
#ifndef MST_TESTS_FAKE_VM_H
#define MST_TESTS_FAKE_VM_H

#include <stdio.h>
#include <string.h>

#include "format/builtins.h"
#include "muster/muster.h"

#define FAKE_SLOTS 8192
#define FAKE_GROUPS 8

struct fake_fact {
    const char *name, *path;
    mst_type type;
    mst_slot slot;
    uint32_t group, enum_index, parent, capacity, stride, max_bytes;
    bool has_default;
};

struct fake_group {
    const char *name, *path;
};

struct fake_spelling {
    const char *text;
    uint32_t member;
};

struct fake_enum {
    const char *name;
    const char *members[8];
    uint32_t member_count;
    struct fake_spelling spellings[12];
    uint32_t spelling_count;
};

/* What a test describes; fake_image points the image's bytes to it. */
struct fake_rules {
    const struct fake_fact *facts;
    const struct fake_group *groups;
    const struct fake_enum *enums;
    uint32_t fact_count, group_count, enum_count, subject;
};

enum fake_state { FAKE_MISSING, FAKE_INVALID, FAKE_KNOWN, FAKE_OTHER };

struct fake_slot {
    enum fake_state state;
    int64_t word; /* of a list: its length */
    bool is_cut;
    mst_text text;
};

struct mst_vm {
    const struct fake_rules *rules;
    struct fake_slot slots[FAKE_SLOTS];
    bool is_observed[FAKE_GROUPS + 1]; /* the last: all groups */
    int64_t observed[FAKE_GROUPS + 1];
    uint32_t used_slots; /* those below may be set */
};

static inline mst_image fake_image(const struct fake_rules *rules)
{
    mst_image image = {.bytes = (const unsigned char *)rules, .byte_count = 1 << 20};
    return image;
}

static inline const struct fake_rules *rules_of(const mst_image *image)
{
    return (const struct fake_rules *)(const void *)image->bytes;
}

static inline mst_text text_of(const char *string)
{
    return (mst_text){string, (uint32_t)strlen(string)};
}

/* ---- the image --------------------------------------------------------------------------- */

uint32_t mst_fact_count(const mst_image *image)
{
    return rules_of(image)->fact_count;
}

mst_status mst_fact_info_at(const mst_image *image, uint32_t index, mst_fact_info *info)
{
    if (index >= rules_of(image)->fact_count)
        return MST_ERR_NOT_FOUND;
    const struct fake_fact *fact = &rules_of(image)->facts[index];
    info->type = fact->type;
    info->name = text_of(fact->name);
    info->path = text_of(fact->path);
    info->slot = fact->slot;
    info->group = fact->group;
    info->enum_index = fact->enum_index;
    info->parent = fact->parent;
    info->capacity = fact->capacity;
    info->stride = fact->stride;
    info->max_bytes = fact->max_bytes;
    info->has_default = fact->has_default;
    return MST_OK;
}

uint32_t mst_group_count(const mst_image *image)
{
    return rules_of(image)->group_count;
}

mst_status mst_group_info_at(const mst_image *image, uint32_t index, mst_group_info *info)
{
    if (index >= rules_of(image)->group_count)
        return MST_ERR_NOT_FOUND;
    info->name = text_of(rules_of(image)->groups[index].name);
    info->path = text_of(rules_of(image)->groups[index].path);
    return MST_OK;
}

uint32_t mst_enum_count(const mst_image *image)
{
    return rules_of(image)->enum_count;
}

mst_status mst_enum_info_at(const mst_image *image, uint32_t index, mst_enum_info *info)
{
    if (index >= rules_of(image)->enum_count)
        return MST_ERR_NOT_FOUND;
    info->name = text_of(rules_of(image)->enums[index].name);
    info->member_count = rules_of(image)->enums[index].member_count;
    info->spelling_count = rules_of(image)->enums[index].spelling_count;
    return MST_OK;
}

mst_text mst_enum_spelling(const mst_image *image, uint32_t enum_index, uint32_t i,
                           uint32_t *member)
{
    *member = rules_of(image)->enums[enum_index].spellings[i].member;
    return text_of(rules_of(image)->enums[enum_index].spellings[i].text);
}

uint32_t mst_image_subject(const mst_image *image)
{
    return rules_of(image)->subject;
}

/* ---- the vm ------------------------------------------------------------------------------ */

void mst_facts_clear(mst_vm *vm)
{
    memset(vm->slots, 0, sizeof *vm->slots * vm->used_slots);
    memset(vm->is_observed, 0, sizeof vm->is_observed);
}

static inline mst_status fake_set(mst_vm *vm, mst_slot slot, struct fake_slot value)
{
    if (slot >= vm->used_slots)
        return MST_ERR_ARGUMENT;
    vm->slots[slot] = value;
    return MST_OK;
}

static inline mst_status fake_word(mst_vm *vm, mst_slot slot, int64_t word)
{
    return fake_set(vm, slot, (struct fake_slot){.state = FAKE_KNOWN, .word = word});
}

mst_status mst_fact_bool(mst_vm *vm, mst_slot slot, bool value)
{
    return fake_word(vm, slot, value);
}

mst_status mst_fact_int(mst_vm *vm, mst_slot slot, int64_t value)
{
    return fake_word(vm, slot, value);
}

mst_status mst_fact_version(mst_vm *vm, mst_slot slot, uint64_t value)
{
    return fake_word(vm, slot, (int64_t)value);
}

mst_status mst_fact_date(mst_vm *vm, mst_slot slot, int64_t days)
{
    return fake_word(vm, slot, days);
}

mst_status mst_fact_month(mst_vm *vm, mst_slot slot, int64_t months)
{
    return fake_word(vm, slot, months);
}

mst_status mst_fact_duration(mst_vm *vm, mst_slot slot, int64_t seconds)
{
    return fake_word(vm, slot, seconds);
}

mst_status mst_fact_time(mst_vm *vm, mst_slot slot, int64_t seconds)
{
    return fake_word(vm, slot, seconds);
}

mst_status mst_fact_enum(mst_vm *vm, mst_slot slot, uint32_t member)
{
    return fake_word(vm, slot, member);
}

static inline uint32_t fake_max_bytes(const mst_vm *vm, mst_slot slot)
{
    for (uint32_t f = 0; f < vm->rules->fact_count; f++)
        if (vm->rules->facts[f].type == MST_TYPE_TEXT && vm->rules->facts[f].slot == slot)
            return vm->rules->facts[f].max_bytes;
    return 255; /* of a list, which the tests leave at that */
}

mst_status mst_fact_text(mst_vm *vm, mst_slot slot, const char *ptr, size_t len)
{
    if (len > fake_max_bytes(vm, slot))
        return fake_set(vm, slot, (struct fake_slot){.state = FAKE_INVALID});
    struct fake_slot value = {.state = FAKE_KNOWN, .text = {ptr, (uint32_t)len}};
    return fake_set(vm, slot, value);
}

mst_status mst_fact_other(mst_vm *vm, mst_slot slot, const char *ptr, size_t len)
{
    struct fake_slot value = {.state = FAKE_OTHER, .text = {ptr, (uint32_t)len}};
    return fake_set(vm, slot, value);
}

mst_status mst_fact_list(mst_vm *vm, mst_slot slot, uint32_t length, bool cut)
{
    struct fake_slot value = {.state = FAKE_KNOWN, .word = length, .is_cut = cut};
    return fake_set(vm, slot, value);
}

mst_status mst_fact_present(mst_vm *vm, mst_slot slot)
{
    return fake_word(vm, slot, 1);
}

mst_status mst_fact_invalid(mst_vm *vm, mst_slot slot)
{
    return fake_set(vm, slot, (struct fake_slot){.state = FAKE_INVALID});
}

mst_status mst_fact_missing(mst_vm *vm, mst_slot slot)
{
    return fake_set(vm, slot, (struct fake_slot){.state = FAKE_MISSING});
}

mst_status mst_observed(mst_vm *vm, uint32_t group, int64_t time)
{
    uint32_t i = group == MST_INDEX_NONE ? FAKE_GROUPS : group;
    vm->is_observed[i] = true;
    vm->observed[i] = time;
    return MST_OK;
}

mst_text mst_fact_text_of(const mst_vm *vm, mst_slot slot)
{
    bool is_known = slot < vm->used_slots && vm->slots[slot].state >= FAKE_KNOWN;
    return is_known ? vm->slots[slot].text : (mst_text){NULL, 0};
}

/* ---- printing what was set --------------------------------------------------------------- */

/* Enough for any dump of the tests; more is cut. */
struct fake_dump {
    char text[2048];
    size_t len;
};

static inline void dump_bytes(struct fake_dump *dump, const char *ptr, size_t len)
{
    size_t room = sizeof dump->text - 1 - dump->len;
    len = len < room ? len : room;
    memcpy(dump->text + dump->len, ptr, len);
    dump->len += len;
    dump->text[dump->len] = 0;
}

static inline void dump_string(struct fake_dump *dump, const char *text)
{
    dump_bytes(dump, text, strlen(text));
}

/* The end of a fact and its parts. */
static inline uint32_t fake_end(const struct fake_rules *rules, uint32_t f)
{
    uint32_t end = f + 1;
    while (end < rules->fact_count && rules->facts[end].parent != MST_INDEX_NONE &&
           rules->facts[end].parent >= f)
        end++;
    return end;
}

static inline void dump_fact(struct fake_dump *dump, const mst_vm *vm, uint32_t f, uint32_t offset);

static inline void dump_elements(struct fake_dump *dump, const mst_vm *vm, uint32_t f,
                                 uint32_t offset)
{
    const struct fake_slot *list = &vm->slots[vm->rules->facts[f].slot + offset];
    dump_string(dump, "[");
    for (int64_t i = 0; i < list->word; i++) {
        if (i > 0)
            dump_string(dump, ",");
        dump_fact(dump, vm, f + 1, offset + (uint32_t)i * vm->rules->facts[f + 1].stride);
    }
    dump_string(dump, list->is_cut ? "+]" : "]");
}

static inline void dump_record(struct fake_dump *dump, const mst_vm *vm, uint32_t f,
                               uint32_t offset)
{
    uint32_t end = fake_end(vm->rules, f);
    enum fake_state state = vm->slots[vm->rules->facts[f].slot + offset].state;
    dump_string(dump, state == FAKE_MISSING ? "?" : state == FAKE_INVALID ? "!" : "");
    dump_string(dump, "{");
    for (uint32_t part = f + 1; part < end; part = fake_end(vm->rules, part)) {
        if (part > f + 1)
            dump_string(dump, " ");
        dump_fact(dump, vm, part, offset);
    }
    dump_string(dump, "}");
}

/* A fact's value: ? missing, ! invalid, ~text another spelling of an enum; a record's state in
 * front of its fields. */
static inline void dump_fact(struct fake_dump *dump, const mst_vm *vm, uint32_t f, uint32_t offset)
{
    const struct fake_fact *fact = &vm->rules->facts[f];
    char literal[MST_PRINT_MAX];
    if (fact->type == MST_TYPE_RECORD) {
        dump_record(dump, vm, f, offset);
        return;
    }
    const struct fake_slot *slot = &vm->slots[fact->slot + offset];
    if (slot->state == FAKE_MISSING || slot->state == FAKE_INVALID) {
        dump_string(dump, slot->state == FAKE_MISSING ? "?" : "!");
    } else if (fact->type == MST_TYPE_LIST) {
        dump_elements(dump, vm, f, offset);
    } else if (slot->state == FAKE_OTHER || fact->type == MST_TYPE_TEXT) {
        dump_string(dump, slot->state == FAKE_OTHER ? "~" : "");
        dump_bytes(dump, slot->text.ptr, slot->text.len);
    } else if (fact->type == MST_TYPE_ENUM) {
        dump_string(dump, vm->rules->enums[fact->enum_index].members[slot->word]);
    } else {
        dump_bytes(dump, literal, mst_print_value(fact->type, slot->word, literal));
    }
}

static inline void dump_observed(struct fake_dump *dump, const mst_vm *vm)
{
    char literal[MST_PRINT_MAX];
    for (uint32_t g = 0; g <= FAKE_GROUPS; g++) {
        if (!vm->is_observed[g])
            continue;
        dump_string(dump, " @");
        dump_string(dump, g < FAKE_GROUPS ? vm->rules->groups[g].name : "");
        dump_string(dump, "=");
        dump_bytes(dump, literal, mst_print_value(MST_TYPE_TIME, vm->observed[g], literal));
    }
}

/* All facts that are not missing but the subject, and the observed times, each after a space. */
static inline void dump_facts(struct fake_dump *dump, const mst_vm *vm)
{
    *dump = (struct fake_dump){"", 0};
    for (uint32_t f = 0; f < vm->rules->fact_count; f = fake_end(vm->rules, f)) {
        struct fake_dump one = {"", 0};
        if (f == vm->rules->subject)
            continue;
        dump_fact(&one, vm, f, 0);
        if (one.text[0] == '?')
            continue;
        dump_string(dump, " ");
        dump_string(dump, vm->rules->facts[f].name);
        dump_string(dump, "=");
        dump_bytes(dump, one.text, one.len);
    }
    dump_observed(dump, vm);
}

#endif
