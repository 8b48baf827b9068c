/* SPDX-License-Identifier: Apache-2.0
 *
 * hotpatch5.h - the rule of the benchmark in C, over facts that have been interned while they were
 * read: what an engine with a compiled schema can hold. */
#ifndef MST_BENCH_HOTPATCH5_H
#define MST_BENCH_HOTPATCH5_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    EDITION_COUNT = 8, /* eligible ones; the number of any other edition */
    MDM_INTUNE = 0,    /* any other: 1 */
    FIRST_BUILD = 26100,
    SECOND_BUILD = 26200,
    LEAST_REVISION = 4929,
};

struct device {
    int32_t build_major, build_rev;
    uint8_t edition, mdm;
    bool vbs, entra, hybrid, policy;
};

/* The check that fails first. */
enum reason { ELIGIBLE, EDITION, BUILD, VBS, ENTRA_JOIN, MDM, REASON_COUNT };

enum reason hotpatch5_branchy(const struct device *d);
enum reason hotpatch5_branch_free(const struct device *d);

#ifdef __cplusplus
}
#endif
#endif
