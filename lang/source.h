/* SPDX-License-Identifier: Apache-2.0
 *
 * source.h - what must hold of a source before it is scanned. Reading files is loader.c. */
#ifndef MST_LANG_SOURCE_H
#define MST_LANG_SOURCE_H

#include "diag.h"

/* Checks that a source is text: UTF-8 without zero bytes, without controls that change how it is
 * shown. Reports what is wrong; false if it cannot be scanned at all. Linear in its length. */
bool mst_source_check(struct mst_diags *diags, uint32_t source);

/* Bytes of a byte order mark at the start of a source: 3 or 0. */
uint32_t mst_source_bom(const struct mst_source *source);

#endif
