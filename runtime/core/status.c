/* SPDX-License-Identifier: Apache-2.0
 *
 * status.c - the texts of statuses. */
#include "muster/muster.h"

const char *mst_status_text(mst_status status)
{
    switch ((int)status) {
#define MST_STATUS(name, value, text)                                                              \
    case value:                                                                                    \
        return text;
#include "muster/status.def"
#undef MST_STATUS
    default: return "unknown status";
    }
}
