/* SPDX-License-Identifier: Apache-2.0
 *
 * vm.h - the vm from inside: one block of memory that the caller brought, cut into arrays.
 *
 * Every value is 64 bits with a state byte beside it: 0 known, else the causes of its being
 * unknown. Slots are, in this order: facts, `now`, constants, results, registers. What a block has
 * computed holds for an *epoch*: as long as no fact and no instant changes. */
#ifndef MST_CORE_VM_H
#define MST_CORE_VM_H

#include "core/image.h"

enum mst_state {
    MST_STATE_MISSING = 1,
    MST_STATE_INVALID = 2,
    MST_STATE_STALE = 4,
    MST_STATE_UNDECIDED = 8,
    MST_STATE_FAULT = 16,
};

/* The list's length in the low half of its slot, and whether the data had more. An element is its
 * number; the one that stands for what was cut off has this bit too. */
#define MST_LIST_CUT ((uint64_t)1 << 32)

/* One block as it runs. */
struct mst_block_run {
    uint64_t done_epoch; /* the epoch in which it last ran */
    int64_t until;       /* then: when what it read next changes */
    const unsigned char *code;
    uint32_t result;
    uint32_t first_note; /* policy, advice: its first in CHECKS; decision: its first in CASES */
    uint32_t note_count; /* policy: its unknown checks; advice: those that are false */
    uint8_t kind;
    bool is_verdict; /* a policy or a decision, which have two results */
    bool timed;
    uint8_t named_state; /* policy: state of the first unknown check */
};

struct mst_verdict_run {
    struct mst_block_run *block;
    uint32_t index, advise;
    bool is_policy;
    bool timed_texts; /* one of its texts depends on time */
    bool is_plain;    /* a policy without advice and timed texts: its block says everything */
};

struct mst_group_run {
    int64_t stale_after_s, observed;
    uint32_t observed_slot; /* or MST_SLOT_NONE */
    bool has_observed;
};

struct mst_slot_run {
    uint16_t type;
    uint16_t max_bytes;
    uint32_t group;
    uint32_t text; /* of the vm's texts, where it can have one */
};

/* The head of a block of saved facts, and the same of the vm: whose slots these are. */
struct mst_saved_head {
    uint64_t image_at, image_id; /* images may come and go at one place */
};

/* Blocks of saved facts (fact_save.c): their head, and their parts in bytes. */
struct mst_saved {
    struct mst_saved_head head;
    uint32_t known, states, all; /* known: the facts' texts and their values */
};

struct mst_call_frame {
    const unsigned char *pc;
    struct mst_block_run *block;
};

struct mst_output {
    char *buffer;
    size_t capacity, len;
    bool is_written; /* though it be with nothing: an empty text is a text */
};

struct mst_vm {
    const mst_image *image;
    uint64_t *values;
    uint8_t *states;
    struct mst_block_run *blocks;
    uint64_t epoch; /* from 1 on: counts changes of facts and of the instant */
    int64_t now;

    struct mst_verdict_run *verdicts;
    struct mst_group_run *groups;
    uint32_t *ageing_groups; /* whose facts can be stale: of others no observed time is read */
    uint32_t ageing_group_count;
    struct mst_slot_run *slots;   /* of facts */
    const unsigned char *strings; /* of the image */
    const char *string_bytes;
    mst_text *texts;      /* of sites, the word `other`, of the facts that can have one */
    mst_text *fact_texts; /* among these; the facts' values follow at once */
    struct mst_saved saved;
    char *site_bytes; /* room of each site */
    uint16_t *notes;  /* by CHECKS: what blocks have noted, each from its first_note */
    uint16_t *failed; /* the checks that fail, where all are evaluated */
    uint32_t fact_slots, first_const, first_result, first_register;
    uint32_t max_text, other_text, verdict_count;
    int64_t observed_all;
    bool has_observed_all;

    /* the last verdict */
    const struct mst_verdict_run *judged; /* NULL: there is none, or a fact has changed since */
    mst_verdict verdict;                  /* unless it is plain: see mst_eval_last() */
    uint32_t taken_case; /* of CASES, `then unknown` too; MST_NO_INDEX if none was taken */
    bool has_causes, has_all_checks;
    const struct mst_block_run *all_checks; /* a policy that a failed check does not end, or NULL */
    uint32_t failed_count;

    /* causes.c: sets of causes of results and registers, and of the verdict */
    uint64_t *sets, *causes;
    uint32_t set_words;

    /* mst_loop_run, or its watched form */
    void (*run)(struct mst_vm *vm, struct mst_block_run *block);
    mst_watch *watch;
    void *watch_context;

    struct mst_output output;
    uint32_t depth; /* of calls, 0 between runs */
    struct mst_call_frame frames[MST_MAX_CALL_DEPTH];
};

/* loop.inc, compiled three times: runs a block and what it calls, whether it has run in this epoch
 * or not. The traced form also keeps the sets of causes, the watched one calls vm->watch. Verdicts
 * and texts are run by vm->run. */
void mst_loop_run(struct mst_vm *vm, struct mst_block_run *self);
void mst_loop_run_traced(struct mst_vm *vm, struct mst_block_run *self);
void mst_loop_run_watched(struct mst_vm *vm, struct mst_block_run *self);

#if MST_COUNT_STEPS
extern uint64_t mst_loop_steps;     /* that both forms have executed, in the units of cost.h */
extern uint64_t mst_loop_most;      /* that they may execute */
extern uint64_t mst_causes_written; /* words of sets of causes */
#endif

/* The text that a slot of type text holds. */
static inline mst_text mst_vm_text(const struct mst_vm *vm, uint64_t word)
{
    if ((uint32_t)(word >> 32) != 0) /* MST_TEXT_DYNAMIC, in fewer instructions */
        return vm->texts[(uint32_t)word];
    const unsigned char *record = vm->strings + (size_t)(uint32_t)word * MST_RECORD_STRINGS;
    return (mst_text){vm->string_bytes + mst_load_u32(record + MST_STRING_OFFSET),
                      mst_load_u32(record + MST_STRING_LEN)};
}

/* Bytes that a vm for the image needs, once the image's sections have been verified. */
uint64_t mst_vm_bytes(const mst_image *image);
/* A fact is about to change: nothing computed so far holds. */
static inline void mst_vm_touch(struct mst_vm *vm)
{
    vm->epoch++;
    vm->judged = NULL;
}

/* How much a block of saved facts has of what, once facts and groups are decoded (fact_save.c). */
void mst_fact_save_init(struct mst_vm *vm);

/* ---- slow.c: operations that are not worth a place in the loop ----------------------------- */

/* `now` + delta, or MST_NEVER where that is no instant, or not later than now. */
int64_t mst_slow_instant(int64_t now, int64_t delta);
/* Whether one of two Booleans is known to be so. Asked where one is unknown, which is rare: for a
 * call compilers do not hold ready in every case what it reads. */
bool mst_slow_either(const struct mst_vm *vm, uint32_t b, uint32_t c, bool truth);
/* When the comparison of b, rising, with c next changes. */
int64_t mst_slow_flip(int64_t now, uint32_t flip, int64_t b, int64_t c);
/* The state of a known fact by the age of its group; its expiry, if fresh. */
uint8_t mst_slow_fresh(const struct mst_vm *vm, uint32_t slot, int64_t *until);
/* The row of a table whose key equals the word; false if there is none. */
bool mst_slow_find(const struct mst_vm *vm, uint32_t table, uint64_t key, uint64_t *row);
bool mst_slow_cell(const struct mst_vm *vm, uint32_t column, uint64_t row, uint64_t *cell);
/* How many elements a list has, the one for those cut off included; the i-th of them. */
uint64_t mst_slow_list_count(const struct mst_vm *vm, uint32_t list_fact);
uint64_t mst_slow_list_element(const struct mst_vm *vm, uint32_t list_fact, uint64_t i);
/* Calls a built-in function whose arguments are known; returns the state of its result. Where
 * `until` is not NULL it is lowered to the next change. */
uint8_t mst_slow_builtin(struct mst_vm *vm, uint32_t number, uint32_t first, uint32_t site,
                         uint64_t *word, int64_t *until);
/* The states of a built-in's arguments, united; how many there are. */
uint8_t mst_slow_arguments(const struct mst_vm *vm, uint32_t number, uint32_t first,
                           uint32_t *count);
/* An enum value as a text value: a member's name, `other` as it was spelt or as it is written. */
uint64_t mst_slow_enum_text(const struct mst_vm *vm, uint32_t type, uint64_t word);
/* The state of the check that a policy's label names: known, but a fault where it has passed. */
uint8_t mst_slow_named(const struct mst_vm *vm, const struct mst_block_run *policy);
bool mst_slow_set_part(uint64_t version, uint32_t part, int64_t number, uint64_t *result);

/* ---- render.c: the output of messages ------------------------------------------------------ */

void mst_render_append(struct mst_vm *vm, mst_text text);
/* A slot as a literal, or `unknown`. */
void mst_render_slot(struct mst_vm *vm, uint32_t slot, uint32_t type);
/* What a text of the verdict comes from: a message block, or MST_NO_INDEX if there is none. */
uint32_t mst_render_block(const struct mst_vm *vm, mst_part part);

/* ---- causes.c: what the traced loop notes -------------------------------------------------- */

/* Each replaces or extends the set of slot a. `pc` counts instructions of the image. */
void mst_causes_clear(struct mst_vm *vm, uint32_t a);
void mst_causes_unite(struct mst_vm *vm, uint32_t a, uint32_t b, uint32_t c);
void mst_causes_add(struct mst_vm *vm, uint32_t a, uint32_t b);
void mst_causes_origin(struct mst_vm *vm, uint32_t a, uint32_t pc, uint8_t state);
void mst_causes_case(struct mst_vm *vm, uint32_t a, uint32_t case_index);
void mst_causes_arguments(struct mst_vm *vm, uint32_t a, uint32_t first, uint32_t count);
void mst_causes_stale(struct mst_vm *vm, uint32_t a, uint32_t fact_slot);
void mst_causes_cut(struct mst_vm *vm, uint32_t a, uint32_t part_fact);
/* Words of one set of an image. */
uint32_t mst_causes_words(const mst_image *image);

#endif
