/* SPDX-License-Identifier: Apache-2.0
 *
 * diff_image.c - the two sides of a comparison: what a compilation tells, or an image. */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "muster/diff.h"

static bool has_module(const mst_diff_rules *rules, const char *name)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->nodes[i].depth == 0 && strcmp(rules->nodes[i].name, name) == 0)
            return true;
    return false;
}

void mst_diff_add_compilation(mst_diff_rules *rules, const mst_compilation *compilation)
{
    size_t count = mst_outline_count(compilation);
    bool is_new = false;
    for (size_t i = 0; i < count; i++) {
        mst_outline node = MST_OUTLINE_INIT;
        mst_outline_at(compilation, i, &node);
        if (node.depth == 0)
            is_new = !has_module(rules, node.name);
        if (is_new)
            *MST_MEMORY_ADD(rules->nodes, rules->count) = node;
    }
}

/* ---- images ------------------------------------------------------------------------------ */

static const char *keep(mst_diff_rules *rules, mst_text text)
{
    if (text.len == 0)
        return NULL;
    char *copy = mst_memory_text(text);
    *MST_MEMORY_ADD(rules->texts, rules->text_count) = copy;
    return copy;
}

static mst_outline *add(mst_diff_rules *rules, mst_outline_kind kind, uint32_t depth, mst_text name)
{
    static const mst_outline empty = MST_OUTLINE_INIT;
    const char *kept = keep(rules, name);
    mst_outline *node = MST_MEMORY_ADD(rules->nodes, rules->count);
    *node = empty;
    node->kind = kind;
    node->depth = depth;
    node->name = kept;
    return node;
}

static void add_facts(mst_diff_rules *rules, const mst_image *image)
{
    static const char *const types[] = {"",      "bool",     "int",  "text", "version", "date",
                                        "month", "duration", "time", "enum", "record",  "list"};
    for (uint32_t i = 0; i < mst_fact_count(image); i++) {
        mst_fact_info info = MST_FACT_INFO_INIT;
        mst_enum_info of = MST_ENUM_INFO_INIT;
        mst_fact_info_at(image, i, &info);
        if (info.parent != MST_INDEX_NONE)
            continue;
        const char *title = keep(rules, info.doc), *path = keep(rules, info.path), *type = NULL;
        if (mst_enum_info_at(image, info.enum_index, &of) == MST_OK)
            type = keep(rules, of.name);
        mst_outline *node = add(rules, MST_OUTLINE_FACT, 1, info.name);
        node->title = title;
        node->path = path;
        node->type = type != NULL ? type : types[info.type];
    }
}

static mst_text outcome_name(const mst_image *image, uint32_t index, uint32_t outcome,
                             mst_kind kind)
{
    mst_verdict verdict = MST_VERDICT_INIT;
    verdict.index = index;
    verdict.outcome = outcome;
    verdict.kind = kind;
    return mst_outcome_name(image, &verdict);
}

static void add_verdict(mst_diff_rules *rules, const mst_image *image, uint32_t index)
{
    static const char *const types[] = {"pass", "fail", "unknown"};
    static const mst_kind kinds[] = {MST_KIND_PASS, MST_KIND_FAIL, MST_KIND_UNKNOWN};
    mst_verdict_info info = MST_VERDICT_INFO_INIT;
    mst_verdict_info_at(image, index, &info);
    const char *title = keep(rules, info.title);
    add(rules, info.is_policy ? MST_OUTLINE_POLICY : MST_OUTLINE_DECISION, 1, info.name)->title =
        title;
    for (uint32_t i = 0; info.is_policy && i < 3; i++)
        add(rules, MST_OUTLINE_OUTCOME, 2, outcome_name(image, index, i, kinds[i]))->type =
            types[i];
    for (uint32_t i = 0; i < info.check_count; i++) {
        title = keep(rules, mst_check_title(image, index, i));
        add(rules, MST_OUTLINE_CHECK, 2, mst_check_name(image, index, i))->title = title;
    }
    for (uint32_t i = 0; i < info.case_count; i++)
        add(rules, MST_OUTLINE_CASE, 2, outcome_name(image, index, i, MST_KIND_CASE));
}

void mst_diff_add_image(mst_diff_rules *rules, const mst_image *image)
{
    const char *title = keep(rules, mst_image_doc(image));
    const char *version = keep(rules, mst_image_version(image));
    mst_outline *module = add(rules, MST_OUTLINE_MODULE, 0, mst_image_module(image));
    module->title = title;
    module->text = version;
    add_facts(rules, image);
    for (uint32_t i = 0; i < mst_verdict_count(image); i++)
        add_verdict(rules, image, i);
}

void mst_diff_free_rules(mst_diff_rules *rules)
{
    for (size_t i = 0; i < rules->text_count; i++)
        free(rules->texts[i]);
    free(rules->texts);
    free(rules->nodes);
}
