/* SPDX-License-Identifier: Apache-2.0
 *
 * fact_list.h - the input facts of an image, for people and as a JSON Schema of a record; and the
 * params that it was built with. */
#ifndef MST_TOOL_FACT_LIST_H
#define MST_TOOL_FACT_LIST_H

#include "muster/muster.h"

/* How many facts a record may carry; parts of records and lists are not counted. */
uint32_t mst_tool_count_facts(const mst_image *image);

/* Groups, facts with types and places in a record, and the enums that they use. */
void mst_tool_put_facts(const mst_image *image);

/* A scalar type as rules write it, an enum by its name; to be freed. */
char *mst_tool_type_name(const mst_image *image, mst_type type, uint32_t enum_index);

/* Names, types and values of the params; nothing where there are none. */
void mst_tool_put_params(const mst_image *image);

/* JSON Schema (draft 2020-12) of a record with every fact at its place. It accepts what the
 * reader accepts in nested objects; dotted keys are the same thing, but no schema can say so. */
void mst_tool_put_record_schema(const mst_image *image);

#endif
