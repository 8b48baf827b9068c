/* SPDX-License-Identifier: Apache-2.0
 *
 * fact_save.c - the facts of a subject kept aside, in the form in which the vm holds them: setting
 * them again is a copy, no call for each. What a block holds was checked when it was set. */
#include "core/vm.h"

/* Behind the head of a block stand the texts of the facts that can have one and the values of all,
 * which lie in the vm one behind the other and are one copy; then their states; and when the facts
 * were observed: first the time for all groups, then that of each group whose facts can be stale.
 * If there is none, there are no times: a host passes over many blocks, and what it waits for is
 * memory. Each part is aligned for a word. */
struct saved_time {
    int64_t observed;
    bool has_observed;
};

_Static_assert(sizeof(mst_text) % 8 == 0, "parts are aligned");

static uint32_t round_up(uint32_t byte_count)
{
    return (byte_count + 7) / 8 * 8;
}

/* Tells images apart that lie at one place: by their digest, whose first bytes do for others, and
 * where that is the same (a newer compiler) by their length. */
static uint64_t identify(const mst_image *image)
{
    return mst_load_u64(image->bytes + MST_HEADER_DIGEST) ^ image->byte_count;
}

void mst_fact_save_init(struct mst_vm *vm)
{
    const uint32_t times = vm->ageing_group_count == 0 ? 0 : 1 + vm->ageing_group_count;
    const uint32_t time_bytes = times * (uint32_t)sizeof(struct saved_time);
    const uint64_t *end = vm->values + vm->fact_slots;
    struct mst_saved *saved = &vm->saved;
    saved->known = (uint32_t)((const char *)end - (const char *)vm->fact_texts);
    saved->states = round_up(vm->fact_slots);
    saved->all = (uint32_t)sizeof saved->head + saved->known + saved->states + round_up(time_bytes);
    saved->head = (struct mst_saved_head){(uintptr_t)vm->image->bytes, identify(vm->image)};
}

size_t mst_facts_size(const mst_vm *vm)
{
    return vm->saved.all;
}

static bool is_room(const mst_vm *vm, const void *block, size_t byte_count)
{
    return byte_count >= vm->saved.all && (uintptr_t)block % sizeof(uint64_t) == 0;
}

static void save_times(const struct mst_vm *vm, struct saved_time *times)
{
    if (vm->ageing_group_count == 0)
        return;
    *times++ = (struct saved_time){vm->observed_all, vm->has_observed_all};
    for (uint32_t i = 0; i < vm->ageing_group_count; i++) {
        const struct mst_group_run *group = &vm->groups[vm->ageing_groups[i]];
        *times++ = (struct saved_time){group->observed, group->has_observed};
    }
}

mst_status mst_facts_save(const mst_vm *vm, void *block, size_t byte_count)
{
    if (!is_room(vm, block, byte_count))
        return MST_ERR_SPACE;
    char *at = block;
    memset(block, 0, vm->saved.all);
    *(struct mst_saved_head *)block = vm->saved.head;
    at += sizeof vm->saved.head;
    memcpy(at, vm->fact_texts, vm->saved.known);
    at += vm->saved.known;
    memcpy(at, vm->states, vm->fact_slots);
    save_times(vm, (void *)(at + vm->saved.states));
    return MST_OK;
}

static void load_times(struct mst_vm *vm, const struct saved_time *times)
{
    if (vm->ageing_group_count == 0)
        return;
    vm->observed_all = times->observed;
    vm->has_observed_all = times->has_observed;
    for (uint32_t i = 0; i < vm->ageing_group_count; i++) {
        struct mst_group_run *group = &vm->groups[vm->ageing_groups[i]];
        group->observed = times[i + 1].observed;
        group->has_observed = times[i + 1].has_observed;
    }
}

/* States are copied as words: behind those of the facts come `now` and constants, which are known
 * and stay so, and results, which are computed again before they are read. */
mst_status mst_facts_load(mst_vm *vm, const void *block, size_t byte_count)
{
    const struct mst_saved_head *head = block;
    if (!is_room(vm, block, byte_count))
        return MST_ERR_SPACE;
    if (head->image_at != vm->saved.head.image_at || head->image_id != vm->saved.head.image_id)
        return MST_ERR_ARGUMENT;
    mst_vm_touch(vm);
    const uint32_t known_bytes = vm->saved.known;
    const uint32_t state_bytes = vm->saved.states;
    const char *known = (const char *)(head + 1);
    const char *states = known + known_bytes;
    uint8_t *to = vm->states;
    for (uint32_t i = 0; i < state_bytes; i += 8)
        memcpy(to + i, states + i, 8);
    load_times(vm, (const void *)(states + state_bytes));
    /* Last, when nothing has to be saved over the call; 14 instructions fewer than a loop for 112
     * bytes. */
    memcpy(vm->fact_texts, known, known_bytes);
    return MST_OK;
}
