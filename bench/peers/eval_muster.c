/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_muster.c - Muster over typed facts. All that a host does per device is timed: forgetting the
 * facts of the one before, setting seven, evaluating, and asking for causes where something is
 * unknown. */
#include <stdlib.h>

#include "muster_engine.h"

/* What a host holds of a device: values of the rules' types. */
struct subject {
    uint64_t build;
    mst_text mdm, other_edition; /* an edition that the rules do not name */
    uint32_t edition;
    bool vbs, entra, hybrid, policy;
};

static struct subject *subjects;
static size_t count;
static mst_slot edition, build, vbs, entra, hybrid, mdm, policy;

static mst_text to_text(struct bench_text text)
{
    return (mst_text){text.ptr, (uint32_t)text.len};
}

static void prepare(const struct bench_data *data)
{
    muster_engine_open(data);
    const mst_image *image = &muster_engine.image;
    edition = mst_fact_find(image, "d.edition");
    build = mst_fact_find(image, "d.os_build");
    vbs = mst_fact_find(image, "d.vbs_running");
    entra = mst_fact_find(image, "d.entra_joined");
    hybrid = mst_fact_find(image, "d.hybrid_joined");
    mdm = mst_fact_find(image, "d.mdm");
    policy = mst_fact_find(image, "d.hotpatch_policy");
    count = data->count;
    subjects = calloc(count, sizeof *subjects);
    for (size_t i = 0; subjects && i < count; i++) {
        const struct device *from = &data->facts[i].device;
        subjects[i] = (struct subject){
            .build = MST_VERSION(from->build_major, from->build_rev, 0, 0),
            .mdm = to_text(data->facts[i].mdm),
            .other_edition = to_text(data->facts[i].edition),
            .edition = from->edition,
            .vbs = from->vbs,
            .entra = from->entra,
            .hybrid = from->hybrid,
            .policy = from->policy,
        };
    }
}

static void set_facts(mst_vm *vm, const struct subject *subject)
{
    mst_facts_clear(vm);
    if (subject->edition < EDITION_COUNT)
        mst_fact_enum(vm, edition, subject->edition);
    else
        mst_fact_other(vm, edition, subject->other_edition.ptr, subject->other_edition.len);
    mst_fact_version(vm, build, subject->build);
    mst_fact_bool(vm, vbs, subject->vbs);
    mst_fact_bool(vm, entra, subject->entra);
    mst_fact_bool(vm, hybrid, subject->hybrid);
    mst_fact_text(vm, mdm, subject->mdm.ptr, subject->mdm.len);
    mst_fact_bool(vm, policy, subject->policy);
}

static void judge(uint8_t *reasons)
{
    mst_vm *vm = muster_engine.vm;
    for (size_t i = 0; i < count; i++) {
        mst_verdict verdict = MST_VERDICT_INIT;
        set_facts(vm, &subjects[i]);
        if (mst_eval(vm, muster_engine.policy, BENCH_NOW, &verdict) != MST_OK)
            bench_die("cannot evaluate", NULL);
        mst_cause cause = MST_CAUSE_INIT;
        uint32_t cursor = 0;
        if (verdict.unknown_count > 0 && mst_cause_next(vm, &cursor, &cause) == MST_OK)
            bench_die("unknown", "a fact that was set");
        if (verdict.valid_until != MST_NEVER)
            bench_die("valid_until", "the rule has no time");
        reasons[i] = verdict.kind == MST_KIND_PASS ? ELIGIBLE : (uint8_t)(verdict.check + EDITION);
    }
}

const struct bench_peer bench_peer = {.prepare = prepare, .judge = judge};
