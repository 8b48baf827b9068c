/* SPDX-License-Identifier: Apache-2.0
 *
 * muster_facts.h - the facts of the benchmark's rules by the public C API, one by one, and the
 * verdict over them. Inline, as a host would have it beside its loop over devices. */
#ifndef MST_BENCH_MUSTER_FACTS_H
#define MST_BENCH_MUSTER_FACTS_H

#include "muster_engine.h"

/* What a host holds of a device: values of the rules' types. */
struct muster_facts {
    uint64_t build;
    mst_text mdm, other_edition; /* an edition that the rules do not name */
    uint32_t edition;
    bool vbs, entra, hybrid, policy;
};

static inline mst_text muster_facts_text(struct bench_text text)
{
    return (mst_text){text.ptr, (uint32_t)text.len};
}

static inline struct muster_facts muster_facts_of(const struct bench_facts *facts)
{
    const struct device *from = &facts->device;
    return (struct muster_facts){
        .build = MST_VERSION(from->build_major, from->build_rev, 0, 0),
        .mdm = muster_facts_text(facts->mdm),
        .other_edition = muster_facts_text(facts->edition),
        .edition = from->edition,
        .vbs = from->vbs,
        .entra = from->entra,
        .hybrid = from->hybrid,
        .policy = from->policy,
    };
}

static inline void muster_facts_set(mst_vm *vm, const struct muster_facts *facts)
{
    const struct muster_slots *slots = &muster_engine.slots;
    mst_facts_clear(vm);
    if (facts->edition < EDITION_COUNT)
        mst_fact_enum(vm, slots->edition, facts->edition);
    else
        mst_fact_other(vm, slots->edition, facts->other_edition.ptr, facts->other_edition.len);
    mst_fact_version(vm, slots->build, facts->build);
    mst_fact_bool(vm, slots->vbs, facts->vbs);
    mst_fact_bool(vm, slots->entra, facts->entra);
    mst_fact_bool(vm, slots->hybrid, facts->hybrid);
    mst_fact_text(vm, slots->mdm, facts->mdm.ptr, facts->mdm.len);
    mst_fact_bool(vm, slots->policy, facts->policy);
}

static inline void muster_facts_ask_why(mst_vm *vm)
{
    mst_cause cause = MST_CAUSE_INIT;
    uint32_t cursor = 0;
    if (mst_cause_next(vm, &cursor, &cause) == MST_OK)
        bench_die("unknown", "a fact that was set");
}

/* `verdict` is the room for one, which a host sets up once. */
static inline uint8_t muster_facts_judge(mst_vm *vm, mst_verdict *verdict)
{
    if (mst_eval(vm, muster_engine.policy, BENCH_NOW, verdict) != MST_OK)
        bench_die("cannot evaluate", NULL);
    if (verdict->unknown_count > 0)
        muster_facts_ask_why(vm);
    if (verdict->valid_until != MST_NEVER)
        bench_die("valid_until", "the rule has no time");
    return verdict->kind == MST_KIND_PASS ? ELIGIBLE : (uint8_t)(verdict->check + EDITION);
}

#endif
