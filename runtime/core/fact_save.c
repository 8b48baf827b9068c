/* SPDX-License-Identifier: Apache-2.0
 *
 * fact_save.c - the facts of a subject kept aside, in the form in which the vm holds them: setting
 * them again is a copy, no call for each. What a block holds was checked when it was set. */
#include "core/vm.h"

/* The head of a block. Behind it stand the facts' values, their states, the texts of those that
 * can have one, and when the facts were observed: first the time for all groups, then that of each
 * group whose facts can be stale. If there is none, there are no times: a host passes over many
 * blocks, and what it waits for is memory. Each part is aligned for a word. */
struct saved {
    const unsigned char *image; /* whose slots these are */
    uint32_t image_byte_count;
    uint64_t image_digest; /* its first bytes: images may come and go at one place */
};

struct saved_time {
    int64_t observed;
    bool has_observed;
};

/* Words before the facts' values. */
#define HEAD_WORDS ((sizeof(struct saved) + 7) / 8)

static uint32_t words_of(size_t byte_count)
{
    return (uint32_t)((byte_count + 7) / 8);
}

void mst_fact_save_init(struct mst_vm *vm)
{
    struct mst_saved_places *at = &vm->saved;
    at->states = (uint32_t)HEAD_WORDS + vm->fact_slots;
    at->texts = at->states + words_of(vm->fact_slots);
    at->times = at->texts + words_of(vm->text_slot_count * sizeof(mst_text));
    const uint32_t times = vm->ageing_group_count == 0 ? 0 : 1 + vm->ageing_group_count;
    at->end = at->times + words_of(times * sizeof(struct saved_time));
}

size_t mst_facts_size(const mst_vm *vm)
{
    return vm->saved.end * sizeof(uint64_t);
}

static bool is_room(const mst_vm *vm, const void *block, size_t byte_count)
{
    return byte_count >= mst_facts_size(vm) && (uintptr_t)block % sizeof(uint64_t) == 0;
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
    uint64_t *words = block;
    mst_text *texts = (void *)(words + vm->saved.texts);
    memset(block, 0, mst_facts_size(vm));
    *(struct saved *)block = (struct saved){
        .image = vm->image->bytes,
        .image_byte_count = vm->image->byte_count,
        .image_digest = digest_of(vm->image),
    };
    memcpy(words + HEAD_WORDS, vm->values, vm->fact_slots * sizeof *words);
    memcpy(words + vm->saved.states, vm->states, vm->fact_slots);
    for (uint32_t i = 0; i < vm->text_slot_count; i++)
        texts[i] = vm->texts[vm->text_slots[i]];
    save_times(vm, (void *)(words + vm->saved.times));
    return MST_OK;
}

/* Most blocks are a few words: a call would cost more than the copy. */
static void copy_words(void *restrict to, const uint64_t *restrict from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        ((uint64_t *)to)[i] = from[i];
}

static void put_texts(mst_text *restrict to, const mst_text *restrict from,
                      const uint32_t *restrict slots, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        to[slots[i]] = from[i];
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
    const uint64_t *words = block;
    const mst_text *texts = (const void *)(words + vm->saved.texts);
    copy_words(vm->values, words + HEAD_WORDS, vm->fact_slots);
    copy_words(vm->states, words + vm->saved.states, vm->saved.texts - vm->saved.states);
    put_texts(vm->texts, texts, vm->text_slots, vm->text_slot_count);
    load_times(vm, (const void *)(words + vm->saved.times));
    vm->is_stale = true;
    vm->has_verdict = false;
    return MST_OK;
}
