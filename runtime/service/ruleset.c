/* SPDX-License-Identifier: Apache-2.0
 *
 * ruleset.c - opening, naming and comparing versions of rules. */
#include "ruleset.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grown.h"

static bool open_image(mst_ruleset *ruleset, char why[MST_RULESET_WHY_BYTES])
{
    mst_fault fault = MST_FAULT_INIT;
    mst_status status =
        mst_image_open(&ruleset->image, ruleset->bytes, ruleset->byte_count, NULL, &fault);
    if (status == MST_OK)
        return true;
    snprintf(why, MST_RULESET_WHY_BYTES,
             "the image was refused: %s (fault %" PRIu32 " at byte %" PRIu64 ")",
             fault.id != 0 ? fault.text : mst_status_text(status), fault.id, fault.offset);
    return false;
}

static bool make_machine(mst_ruleset *ruleset, char why[MST_RULESET_WHY_BYTES])
{
    size_t vm_size = mst_vm_size(&ruleset->image);
    size_t reader_size = mst_reader_size(&ruleset->image);
    ruleset->vm_block = mst_grown_resize(NULL, vm_size);
    ruleset->reader_block = mst_grown_resize(NULL, reader_size);
    mst_status status = mst_vm_init(&ruleset->vm, ruleset->vm_block, vm_size, &ruleset->image);
    if (status == MST_OK)
        status =
            mst_reader_init(&ruleset->reader, ruleset->reader_block, reader_size, &ruleset->image);
    if (status == MST_OK) {
        ruleset->reader->outline = &ruleset->outline;
        return true;
    }
    snprintf(why, MST_RULESET_WHY_BYTES, "cannot run the rules: %s", mst_status_text(status));
    return false;
}

static void find_verdicts(mst_ruleset *ruleset)
{
    uint32_t count = mst_verdict_count(&ruleset->image);
    ruleset->verdicts = mst_grown_zeroed(count, sizeof *ruleset->verdicts);
    for (uint32_t i = 0; i < count; i++) {
        mst_verdict_info info = MST_VERDICT_INFO_INIT;
        (void)mst_verdict_info_at(&ruleset->image, i, &info);
        if (!info.is_root)
            continue;
        struct mst_ruleset_verdict *verdict = &ruleset->verdicts[ruleset->verdict_count++];
        verdict->index = i;
        verdict->info = info;
        verdict->case_count = info.is_policy ? 0 : info.case_count;
        verdict->outcomes =
            mst_grown_zeroed(info.is_policy ? 3 : info.case_count + 1, sizeof(uint32_t));
        verdict->checks = mst_grown_zeroed(info.check_count, sizeof(uint32_t));
    }
}

static bool find_parts(mst_ruleset *ruleset, char why[MST_RULESET_WHY_BYTES])
{
    mst_fact_info subject = MST_FACT_INFO_INIT;
    if (mst_fact_info_at(&ruleset->image, mst_image_subject(&ruleset->image), &subject) != MST_OK) {
        snprintf(why, MST_RULESET_WHY_BYTES,
                 "the rules declare no subject: write 'subject GROUP.FACT'");
        return false;
    }
    ruleset->subject_slot = subject.slot;
    ruleset->line_max = mst_verdict_json_max(&ruleset->image);
    find_verdicts(ruleset);
    if (ruleset->verdict_count == 0) {
        snprintf(why, MST_RULESET_WHY_BYTES, "the rules have no policy and no decision");
        return false;
    }
    if (!mst_groups_init(&ruleset->groups, &ruleset->image)) {
        snprintf(why, MST_RULESET_WHY_BYTES, "the rules read groups of facts at more than %d paths",
                 MST_GROUPS_MAX);
        return false;
    }
    return true;
}

static void write_id(mst_ruleset *ruleset)
{
    const unsigned char *digest = mst_image_digest(&ruleset->image);
    mst_text module = mst_image_module(&ruleset->image);
    mst_text version = mst_image_version(&ruleset->image);
    for (size_t i = 0; i < 32; i++)
        snprintf(ruleset->digest + 2 * i, 3, "%02x", digest[i]);
    snprintf(ruleset->id, sizeof ruleset->id, "%.*s@%.*s+%.8s", (int)module.len, module.ptr,
             (int)version.len, version.ptr, ruleset->digest);
}

mst_ruleset *mst_ruleset_open(unsigned char *bytes, size_t byte_count,
                              char why[MST_RULESET_WHY_BYTES])
{
    mst_ruleset *ruleset = mst_grown_zeroed(1, sizeof *ruleset);
    ruleset->bytes = bytes;
    ruleset->byte_count = byte_count;
    if (open_image(ruleset, why) && find_parts(ruleset, why) && make_machine(ruleset, why)) {
        write_id(ruleset);
        return ruleset;
    }
    mst_ruleset_free(ruleset);
    return NULL;
}

void mst_ruleset_free(mst_ruleset *ruleset)
{
    if (!ruleset)
        return;
    for (uint32_t i = 0; i < ruleset->verdict_count; i++) {
        free(ruleset->verdicts[i].outcomes);
        free(ruleset->verdicts[i].checks);
    }
    mst_groups_free(&ruleset->groups);
    free(ruleset->verdicts);
    free(ruleset->vm_block);
    free(ruleset->reader_block);
    free(ruleset->bytes);
    free(ruleset);
}

/* ---- tests ------------------------------------------------------------------------------- */

struct test_run {
    char *why;
    bool has_failed;
};

static void take_result(void *context, mst_vm *vm, const mst_selftest_result *result)
{
    struct test_run *run = context;
    (void)vm;
    if (result->passed || run->has_failed)
        return;
    run->has_failed = true;
    snprintf(run->why, MST_RULESET_WHY_BYTES,
             "the test '%.*s' fails (line %" PRIu32 " of the tests)", (int)result->name.len,
             result->name.ptr, result->line);
}

bool mst_ruleset_test(mst_ruleset *ruleset, char why[MST_RULESET_WHY_BYTES])
{
    struct test_run run = {why, false};
    (void)mst_selftest(ruleset->vm, take_result, &run); /* NOT_FOUND: it carries none */
    return !run.has_failed;
}

/* ---- names ------------------------------------------------------------------------------- */

static mst_state_status name_text(mst_state *state, mst_text text, uint32_t *number)
{
    return mst_state_name(state, text.ptr ? text.ptr : "", text.len, number);
}

/* The group of a record's own members has no path, and yet a name. */
static mst_state_status name_path(mst_state *state, mst_text path, uint32_t *number)
{
    return path.len > 0 ? name_text(state, path, number) : mst_state_name(state, ".", 1, number);
}

static mst_state_status name_outcomes(mst_ruleset *ruleset, struct mst_ruleset_verdict *verdict,
                                      mst_state *state)
{
    uint32_t count = verdict->info.is_policy ? 3 : verdict->case_count + 1;
    for (uint32_t i = 0; i < count; i++) {
        static const mst_kind kinds[] = {MST_KIND_PASS, MST_KIND_FAIL, MST_KIND_UNKNOWN};
        mst_verdict at = MST_VERDICT_INIT;
        bool is_unknown = !verdict->info.is_policy && i == verdict->case_count;
        at.index = verdict->index;
        at.outcome = is_unknown ? MST_INDEX_NONE : i;
        at.kind = verdict->info.is_policy ? kinds[i]
                  : is_unknown            ? MST_KIND_UNKNOWN
                                          : MST_KIND_CASE;
        mst_state_status status =
            name_text(state, mst_outcome_name(&ruleset->image, &at), &verdict->outcomes[i]);
        if (status != MST_STATE_OK)
            return status;
    }
    return MST_STATE_OK;
}

static mst_state_status name_verdict(mst_ruleset *ruleset, struct mst_ruleset_verdict *verdict,
                                     mst_state *state)
{
    mst_state_status status = name_text(state, verdict->info.name, &verdict->name);
    if (status == MST_STATE_OK)
        status = name_outcomes(ruleset, verdict, state);
    for (uint32_t i = 0; status == MST_STATE_OK && i < verdict->info.check_count; i++)
        status = name_text(state, mst_check_name(&ruleset->image, verdict->index, i),
                           &verdict->checks[i]);
    return status;
}

mst_state_status mst_ruleset_name(mst_ruleset *ruleset, mst_state *state)
{
    mst_state_status status =
        mst_state_name(state, ruleset->id, strlen(ruleset->id), &ruleset->name);
    for (uint32_t i = 0; status == MST_STATE_OK && i < ruleset->groups.path_count; i++)
        status = name_path(state, ruleset->groups.paths[i].path, &ruleset->group_names[i]);
    for (uint32_t i = 0; status == MST_STATE_OK && i < ruleset->verdict_count; i++)
        status = name_verdict(ruleset, &ruleset->verdicts[i], state);
    return status;
}

void mst_ruleset_fill(const mst_ruleset *ruleset, uint32_t i, const mst_verdict *verdict,
                      mst_state_verdict *kept)
{
    const struct mst_ruleset_verdict *known = &ruleset->verdicts[i];
    uint32_t outcome = verdict->outcome == MST_INDEX_NONE ? known->case_count : verdict->outcome;
    kept->name = known->name;
    kept->outcome = known->outcomes[outcome];
    kept->check = verdict->check == MST_INDEX_NONE ? 0 : known->checks[verdict->check];
    kept->rules = ruleset->name;
    kept->kind = (uint32_t)verdict->kind;
    kept->valid_until = verdict->valid_until;
}

/* ---- the order of versions --------------------------------------------------------------- */

static void copy_text(char *to, size_t room, mst_text text)
{
    size_t len = text.len < room ? text.len : room - 1;
    memcpy(to, text.ptr, len);
    to[len] = '\0';
}

void mst_ruleset_stand(const mst_ruleset *ruleset, mst_trust_stand *stand)
{
    const unsigned char *predecessor = mst_image_predecessor(&ruleset->image);
    memset(stand, 0, sizeof *stand);
    copy_text(stand->module, sizeof stand->module, mst_image_module(&ruleset->image));
    copy_text(stand->version, sizeof stand->version, mst_image_version(&ruleset->image));
    memcpy(stand->digest, mst_image_digest(&ruleset->image), sizeof stand->digest);
    stand->has_predecessor = predecessor != NULL;
    if (predecessor)
        memcpy(stand->predecessor, predecessor, sizeof stand->predecessor);
}
