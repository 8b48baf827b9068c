/* SPDX-License-Identifier: Apache-2.0
 *
 * text_rule.h - the rule over facts as a JSON reader in C or C++ finds them: texts not interned,
 * the build still to be read. In a header so that compilers may inline it into each contestant. */
#ifndef MST_BENCH_TEXT_RULE_H
#define MST_BENCH_TEXT_RULE_H

#include "harness.h"

struct text_device {
    struct bench_text id, edition, build, mdm;
    bool vbs, entra, hybrid, policy;
};

#define TEXT_RULE_IS(text, literal)                                                                \
    ((text).len == sizeof(literal) - 1 && memcmp((text).ptr, literal, sizeof(literal) - 1) == 0)

static inline bool text_rule_edition(struct bench_text name)
{
    switch (name.len) {
    case 9: return TEXT_RULE_IS(name, "Education");
    case 10: return TEXT_RULE_IS(name, "Enterprise") || TEXT_RULE_IS(name, "EducationN");
    case 11: return TEXT_RULE_IS(name, "EnterpriseN") || TEXT_RULE_IS(name, "EnterpriseS");
    case 12: return TEXT_RULE_IS(name, "EnterpriseSN");
    case 13: return TEXT_RULE_IS(name, "IoTEnterprise");
    case 14: return TEXT_RULE_IS(name, "IoTEnterpriseS");
    default: return false;
    }
}

/* Reads digits up to something else; -1 where there are none or too many. */
static inline int text_rule_number(struct bench_text text, size_t *at)
{
    const size_t first = *at;
    int value = 0;
    for (; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; ++*at)
        value = value * 10 + (text.ptr[*at] - '0');
    return *at == first || *at - first > 5 ? -1 : value;
}

static inline bool text_rule_build(struct bench_text build)
{
    size_t at = 0;
    const int major = text_rule_number(build, &at);
    if (at == build.len || build.ptr[at++] != '.')
        return false;
    const int revision = text_rule_number(build, &at);
    return at == build.len && (major == FIRST_BUILD || major == SECOND_BUILD) &&
           revision >= LEAST_REVISION;
}

static inline enum reason text_rule_judge(const struct text_device *device)
{
    if (!text_rule_edition(device->edition))
        return EDITION;
    if (!text_rule_build(device->build))
        return BUILD;
    if (!device->vbs)
        return VBS;
    if (!device->entra && !device->hybrid)
        return ENTRA_JOIN;
    if (!TEXT_RULE_IS(device->mdm, "Intune") || !device->policy)
        return MDM;
    return ELIGIBLE;
}

#endif
