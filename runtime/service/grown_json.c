/* SPDX-License-Identifier: Apache-2.0
 *
 * grown_json.c - JSON strings into texts that grow, by the writer that verdicts have. */
#include "facts/json_out.h"
#include "grown.h"

void mst_grown_json(struct mst_grown *text, const char *ptr, size_t len)
{
    struct mst_json_out out = {mst_grown_room(text, len * MST_JSON_OUT_WIDEST + 8),
                               len * MST_JSON_OUT_WIDEST + 8, 0};
    mst_json_out_text(&out, (mst_text){ptr, (uint32_t)len});
    text->len += out.len;
    text->ptr[text->len] = '\0';
}
