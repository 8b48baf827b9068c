/* SPDX-License-Identifier: Apache-2.0
 *
 * trust_order.c - whether rules may take the place of rules. A good signature says who made them,
 * not that they are the newest ones: old rules with a good signature are a way to attack. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "trust.h"

/* The next part of a version, 0 behind the last one. */
static uint64_t next_part(const char **version)
{
    uint64_t part = 0;
    for (; **version >= '0' && **version <= '9' && part < UINT32_MAX; ++*version)
        part = part * 10 + (uint64_t)(**version - '0');
    if (**version == '.')
        ++*version;
    return part;
}

/* Part by part, as numbers; missing ones are 0. */
static int compare_versions(const char *a, const char *b)
{
    for (int i = 0; i < 4; i++) {
        uint64_t x = next_part(&a), y = next_part(&b);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

static bool is_same(const uint8_t a[MST_TRUST_DIGEST_BYTES],
                    const uint8_t b[MST_TRUST_DIGEST_BYTES])
{
    return memcmp(a, b, MST_TRUST_DIGEST_BYTES) == 0;
}

mst_trust_order mst_trust_compare(const mst_trust_stand *current, const mst_trust_stand *candidate)
{
    if (strcmp(current->module, candidate->module) != 0)
        return MST_TRUST_OTHER_MODULE;
    if (is_same(current->digest, candidate->digest))
        return MST_TRUST_SAME;
    int order = compare_versions(candidate->version, current->version);
    if (order != 0)
        return order > 0 ? MST_TRUST_FOLLOWS : MST_TRUST_OLDER;
    return candidate->has_predecessor && is_same(candidate->predecessor, current->digest)
               ? MST_TRUST_FOLLOWS
               : MST_TRUST_SIDEWAYS;
}

const char *mst_trust_order_text(mst_trust_order order)
{
    switch (order) {
    case MST_TRUST_FOLLOWS: return "these rules may follow the active ones";
    case MST_TRUST_SAME: return "these rules are the active ones";
    case MST_TRUST_OLDER: return "the version of these rules is older than the active one";
    case MST_TRUST_SIDEWAYS:
        return "these rules have the version of the active ones, another content, and were not "
               "built with the active ones as --predecessor";
    case MST_TRUST_OTHER_MODULE: return "these rules are another module than the active ones";
    }
    return "unknown order";
}

void mst_trust_write_stand(const mst_trust_stand *stand, char *text)
{
    char digest[2 * MST_TRUST_DIGEST_BYTES + 1];
    sodium_bin2hex(digest, sizeof digest, stand->digest, sizeof stand->digest);
    snprintf(text, MST_TRUST_STAND_BYTES, "%s %s %s", stand->module, stand->version, digest);
}

bool mst_trust_read_stand(const char *text, size_t len, mst_trust_stand *stand)
{
    char copy[MST_TRUST_STAND_BYTES], digest[2 * MST_TRUST_DIGEST_BYTES + 2];
    size_t got;
    *stand = (mst_trust_stand){.has_predecessor = false};
    if (len >= sizeof copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return sscanf(copy, "%255s %255s %65s", stand->module, stand->version, digest) == 3 &&
           sodium_hex2bin(stand->digest, sizeof stand->digest, digest, strlen(digest), NULL, &got,
                          NULL) == 0 &&
           got == sizeof stand->digest;
}
