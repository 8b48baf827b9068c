/* SPDX-License-Identifier: Apache-2.0
 *
 * fact_save.c - the facts of a subject kept aside, in the form in which the vm holds them: setting
 * them again is a copy, no call for each. What a block holds was checked when it was set. */
#include "core/vm.h"

/* The head of a block. Behind it stand the texts of the facts that can have one and the values of
 * all, which lie in the vm one behind the other and are one copy; then their states; and when the
 * facts were observed: first the time for all groups, then that of each group whose facts can be
 * stale. If there is none, there are no times: a host passes over many blocks, and what it waits
 * for is memory. Each part is aligned for a word. */
struct saved {
    const unsigned char *image; /* whose slots these are */
    uint32_t image_byte_count;
    uint64_t image_digest; /* its first bytes: images may come and go at one place */
};

struct saved_time {
    int64_t observed;
    bool has_observed;
};

_Static_assert(sizeof(struct saved) % 8 == 0 && sizeof(mst_text) % 8 == 0, "parts are aligned");

static uint32_t round_up(uint32_t byte_count)
{
    return (byte_count + 7) / 8 * 8;
}

void mst_fact_save_init(struct mst_vm *vm)
{
    const uint32_t times = vm->ageing_group_count == 0 ? 0 : 1 + vm->ageing_group_count;
    const uint32_t time_bytes = times * (uint32_t)sizeof(struct saved_time);
    const uint64_t *end = vm->values + vm->fact_slots;
    struct mst_saved_sizes *size = &vm->saved;
    size->known = (uint32_t)((const char *)end - (const char *)vm->fact_texts);
    size->states = round_up(vm->fact_slots);
    size->all = (uint32_t)sizeof(struct saved) + size->known + size->states + round_up(time_bytes);
}

size_t mst_facts_size(const mst_vm *vm)
{
    return vm->saved.all;
}

static bool is_room(const mst_vm *vm, const void *block, size_t byte_count)
{
    return byte_count >= vm->saved.all && (uintptr_t)block % sizeof(uint64_t) == 0;
}

static uint64_t digest_of(const mst_image *image)
{
    return mst_load_u64(image->bytes + MST_HEADER_DIGEST);
}

static bool is_of(const struct saved *head, const mst_image *image)
{
    return head->image == image->bytes && head->image_byte_count == image->byte_count &&
           head->image_digest == digest_of(image);
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
    *(struct saved *)block = (struct saved){
        .image = vm->image->bytes,
        .image_byte_count = vm->image->byte_count,
        .image_digest = digest_of(vm->image),
    };
    at += sizeof(struct saved);
    memcpy(at, vm->fact_texts, vm->saved.known);
    at += vm->saved.known;
    memcpy(at, vm->states, vm->fact_slots);
    save_times(vm, (void *)(at + vm->saved.states));
    return MST_OK;
}

/* Of whole words. Most blocks are a few: a call would take longer than the copy. The last four may
 * overlap those before. */
static void copy_words(void *restrict to, const void *restrict from, uint32_t byte_count)
{
    char *left = to;
    const char *right = from;
    if (byte_count >= 32) {
        const uint32_t last = byte_count - 32;
        for (uint32_t i = 0; i < last; i += 32)
            memcpy(left + i, right + i, 32);
        memcpy(left + last, right + last, 32);
        return;
    }
    for (uint32_t i = 0; i < byte_count; i += 8)
        memcpy(left + i, right + i, 8);
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
    const struct saved *head = block;
    if (!is_room(vm, block, byte_count))
        return MST_ERR_SPACE;
    if (!is_of(head, vm->image))
        return MST_ERR_ARGUMENT;
    vm->is_stale = true;
    vm->has_verdict = false;
    const char *at = (const char *)(head + 1);
    copy_words(vm->fact_texts, at, vm->saved.known);
    at += vm->saved.known;
    copy_words(vm->states, at, vm->saved.states);
    load_times(vm, (const void *)(at + vm->saved.states));
    return MST_OK;
}
