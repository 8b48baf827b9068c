/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a report of a device: the first byte chooses text or JSON. What comes out is one
 * line of JSON, an object, that is the same when it is read again; else there is a reason. */
#define _GNU_SOURCE
#include "../../plugins/agent/agent_report.c"
#include "../../plugins/agent/agent_text.c"
#include "exercise.h"

/* A record is a report too, and already what it becomes. */
static void check_again(const char *record)
{
    char why[AGENT_WHY_BYTES] = "";
    char *copy = strdup(record);
    char *again = agent_report_read(copy, strlen(copy), false, why);
    FUZZ_EXPECT(again && strcmp(again, record) == 0);
    free(again);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[AGENT_WHY_BYTES] = "";
    if (size == 0)
        return 0;
    char *bytes = malloc(size);
    FUZZ_EXPECT(bytes);
    memcpy(bytes, data + 1, size - 1);
    char *record = agent_report_read(bytes, size - 1, data[0] % 2 == 0, why);
    if (record) {
        FUZZ_EXPECT(record[0] == '{' && !strchr(record, '\n'));
        check_again(record);
    } else {
        FUZZ_EXPECT(why[0] != '\0');
    }
    free(record);
    free(bytes);
    return 0;
}
