/* SPDX-License-Identifier: Apache-2.0
 *
 * hotpatch5.c - two forms of the rule. They are a file of their own so that a call per device stays
 * a call. */
#include "hotpatch5.h"

enum reason hotpatch5_branchy(const struct device *d)
{
    if (d->edition >= EDITION_COUNT)
        return EDITION;
    if ((d->build_major != FIRST_BUILD && d->build_major != SECOND_BUILD) ||
        d->build_rev < LEAST_REVISION)
        return BUILD;
    if (!d->vbs)
        return VBS;
    if (!d->entra && !d->hybrid)
        return ENTRA_JOIN;
    if (d->mdm != MDM_INTUNE || !d->policy)
        return MDM;
    return ELIGIBLE;
}

/* All checks, a bit for each that fails, of which the lowest counts. */
enum reason hotpatch5_branch_free(const struct device *d)
{
    const unsigned build =
        ((unsigned)(d->build_major == FIRST_BUILD) | (unsigned)(d->build_major == SECOND_BUILD)) &
        (unsigned)(d->build_rev >= LEAST_REVISION);
    const unsigned join = (unsigned)d->entra | (unsigned)d->hybrid;
    const unsigned mdm = (unsigned)(d->mdm == MDM_INTUNE) & (unsigned)d->policy;
    const unsigned failed = (unsigned)(d->edition >= EDITION_COUNT) | (build ^ 1u) << 1 |
                            ((unsigned)d->vbs ^ 1u) << 2 | (join ^ 1u) << 3 | (mdm ^ 1u) << 4 |
                            1u << 5;
    return (enum reason)(0x054321u >> (4 * (unsigned)__builtin_ctz(failed)) & 15u);
}
