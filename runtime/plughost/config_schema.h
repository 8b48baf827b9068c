/* SPDX-License-Identifier: Apache-2.0
 *
 * config_schema.h - the configuration of a fact source against the JSON Schema that its plugin
 * publishes. The keywords are those that muster_source.h lists; a schema with another one is
 * refused, so that nothing is silently not checked. */
#ifndef MST_PLUGHOST_CONFIG_SCHEMA_H
#define MST_PLUGHOST_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#define MST_CONFIG_WHY_BYTES 1024

/* Whether a schema is one, of an object. */
bool mst_config_check_schema(const char *schema, char why[MST_CONFIG_WHY_BYTES]);

/* Whether a configuration fits the schema, which has been checked. */
bool mst_config_check(const char *schema, const char *config, size_t len,
                      char why[MST_CONFIG_WHY_BYTES]);

#endif
