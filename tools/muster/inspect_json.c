/* SPDX-License-Identifier: Apache-2.0
 *
 * inspect_json.c - `muster inspect --format json`: keys stand in the order in which people see
 * them, counts are numbers, and what an image does not have is null. */
#include "inspect_json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fact_list.h"
#include "instant.h"
#include "muster/facts.h"
#include "output.h"

static void put_key(const char *key)
{
    mst_tool_printf(",\"%s\":", key);
}

static void put_text(const char *key, mst_text text)
{
    put_key(key);
    mst_tool_put_json(text.ptr, text.len);
}

static void put_word(const char *key, const char *word)
{
    put_key(key);
    mst_tool_puts(word ? "\"" : "null");
    mst_tool_puts(word ? word : "");
    mst_tool_puts(word ? "\"" : "");
}

static void put_count(const char *key, uint64_t count)
{
    put_key(key);
    mst_tool_printf("%" PRIu64, count);
}

static void put_identity(const mst_tool_module *module)
{
    const mst_image *image = &module->image;
    const unsigned char *predecessor = mst_image_predecessor(image);
    int64_t effective = mst_image_effective_from(image);
    char digest[65], instant[MST_TOOL_INSTANT_BYTES];
    mst_tool_puts("{\"module\":");
    mst_tool_put_json(mst_image_module(image).ptr, mst_image_module(image).len);
    put_text("version", mst_image_version(image));
    put_text("doc", mst_image_doc(image));
    put_word("digest", mst_tool_digest_text(digest, mst_image_digest(image)));
    put_word("predecessor", predecessor ? mst_tool_digest_text(digest, predecessor) : NULL);
    put_word("effective_from", effective != MST_NEVER ? mst_tool_instant_text(instant, effective,
                                                                              MST_TOOL_INSTANT_FULL)
                                                      : NULL);
    put_count("image_bytes", module->byte_count);
    put_count("vm_bytes", mst_vm_size(image));
    put_count("reader_bytes", mst_reader_size(image));
    put_count("rule_tests", mst_selftest_count(image));
    put_key("has_source");
    mst_tool_puts(mst_tool_has_source(image) ? "true" : "false");
}

static void put_params(const mst_image *image)
{
    put_key("params");
    for (uint32_t i = 0; i < mst_param_count(image); i++) {
        mst_param_info info = MST_PARAM_INFO_INIT;
        mst_param_info_at(image, i, &info);
        char *type = mst_tool_type_name(image, info.type, info.enum_index);
        mst_tool_puts(i == 0 ? "[{\"param\":" : ",{\"param\":");
        mst_tool_put_json(info.name.ptr, info.name.len);
        put_text("type", (mst_text){type, (uint32_t)strlen(type)});
        put_text("value", info.value);
        mst_tool_puts("}");
        free(type);
    }
    mst_tool_puts(mst_param_count(image) > 0 ? "]" : "[]");
}

/* The name of an outcome, as mst_eval() would give it. */
static mst_text name_outcome(const mst_image *image, uint32_t index, uint32_t outcome)
{
    mst_verdict verdict = MST_VERDICT_INIT;
    verdict.index = index;
    verdict.outcome = outcome;
    return mst_outcome_name(image, &verdict);
}

static void put_policy(const mst_image *image, uint32_t index, uint32_t check_count)
{
    put_text("pass", name_outcome(image, index, 0));
    put_text("fail", name_outcome(image, index, 1));
    put_text("unknown", name_outcome(image, index, 2));
    put_key("checks");
    for (uint32_t i = 0; i < check_count; i++) {
        mst_text name = mst_check_name(image, index, i);
        mst_tool_puts(i == 0 ? "[{\"check\":" : ",{\"check\":");
        mst_tool_put_json(name.ptr, name.len);
        put_text("title", mst_check_title(image, index, i));
        mst_tool_puts("}");
    }
    mst_tool_puts(check_count > 0 ? "]" : "[]");
}

static void put_cases(const mst_image *image, uint32_t index, uint32_t case_count)
{
    put_key("cases");
    for (uint32_t i = 0; i < case_count; i++) {
        mst_text name = name_outcome(image, index, i);
        mst_tool_puts(i == 0 ? "[" : ",");
        mst_tool_put_json(name.ptr, name.len);
    }
    mst_tool_puts(case_count > 0 ? "]" : "[]");
}

static void put_verdicts(const mst_image *image)
{
    put_key("verdicts");
    for (uint32_t i = 0; i < mst_verdict_count(image); i++) {
        mst_verdict_info info = MST_VERDICT_INFO_INIT;
        mst_verdict_info_at(image, i, &info);
        mst_tool_puts(i == 0 ? "[{\"verdict\":" : ",{\"verdict\":");
        mst_tool_put_json(info.name.ptr, info.name.len);
        put_word("kind", info.is_policy ? "policy" : "decision");
        put_text("title", info.title);
        put_text("doc", info.doc);
        put_count("max_steps", info.max_steps);
        put_count("max_cause_steps", info.max_cause_steps);
        put_count("max_output_bytes", info.max_output_bytes);
        if (info.is_policy)
            put_policy(image, i, info.check_count);
        else
            put_cases(image, i, info.case_count);
        mst_tool_puts("}");
    }
    mst_tool_puts(mst_verdict_count(image) > 0 ? "]" : "[]");
}

bool mst_tool_has_source(const mst_image *image)
{
    mst_code_place place = MST_CODE_PLACE_INIT;
    for (uint32_t pc = 0; mst_code_place_at(image, pc, &place) == MST_OK; pc++)
        if (place.line > 0)
            return true;
    return false;
}

void mst_tool_put_module_json(const mst_tool_module *module)
{
    put_identity(module);
    put_params(&module->image);
    put_verdicts(&module->image);
    mst_tool_puts("}\n");
}
