/* SPDX-License-Identifier: Apache-2.0
 *
 * trust_sign.c - signatures in minisign's files. What is signed is the BLAKE2b hash of the bytes;
 * of signatures by older tools, the bytes themselves. A second signature, over the first one and
 * the trusted comment, holds these two together. */
#include <sodium.h>
#include <string.h>

#include "trust.h"
#include "trust_file.h"

#define COMMENT "untrusted comment: "
#define TRUSTED_COMMENT "trusted comment: "

struct signature_file {
    uint8_t kind[2]; /* "ED": of the hash; "Ed": of the bytes */
    uint8_t id[8], bytes[64];
};

/* The signature and the comment behind each other, as the second one signs them. */
struct signed_comment {
    uint8_t bytes[64];
    char comment[MST_TRUST_COMMENT_BYTES];
};

static size_t join(struct signed_comment *joined, const uint8_t bytes[64], const char *comment)
{
    size_t len = strlen(comment);
    memcpy(joined->bytes, bytes, sizeof joined->bytes);
    memcpy(joined->comment, comment, len);
    return sizeof joined->bytes + len;
}

mst_trust_status mst_trust_sign(const mst_trust_secret *secret, const void *bytes, size_t len,
                                const char *comment, char *text)
{
    struct signature_file file = {.kind = "ED"};
    struct signed_comment joined;
    uint8_t hash[64], comment_bytes[64];
    if (strlen(comment) >= sizeof joined.comment || strpbrk(comment, "\r\n"))
        return MST_TRUST_FORMAT;
    memcpy(file.id, secret->id, sizeof file.id);
    crypto_generichash(hash, sizeof hash, bytes, len, NULL, 0);
    crypto_sign_detached(file.bytes, NULL, hash, sizeof hash, secret->key);
    size_t joined_len = join(&joined, file.bytes, comment);
    crypto_sign_detached(comment_bytes, NULL, (const uint8_t *)&joined, joined_len, secret->key);
    text[0] = '\0';
    mst_trust_put_line(text, COMMENT, "signature from minisign secret key");
    mst_trust_put_bytes(text, &file, sizeof file);
    mst_trust_put_line(text, TRUSTED_COMMENT, comment);
    mst_trust_put_bytes(text, comment_bytes, sizeof comment_bytes);
    return MST_TRUST_OK;
}

mst_trust_status mst_trust_read_signature(const char *text, size_t len,
                                          mst_trust_signature *signature)
{
    struct mst_trust_lines lines = {text, text + len};
    struct signature_file file;
    const char *comment, *trusted;
    size_t trusted_len;
    if (!mst_trust_next_after(&lines, COMMENT, &comment, &len) ||
        !mst_trust_next_bytes(&lines, &file, sizeof file) ||
        !mst_trust_next_after(&lines, TRUSTED_COMMENT, &trusted, &trusted_len) ||
        trusted_len >= sizeof signature->comment || memchr(trusted, '\0', trusted_len) ||
        !mst_trust_next_bytes(&lines, signature->comment_bytes, sizeof signature->comment_bytes) ||
        !mst_trust_at_end(&lines))
        return MST_TRUST_FORMAT;
    signature->is_hashed = memcmp(file.kind, "ED", 2) == 0;
    if (!signature->is_hashed && memcmp(file.kind, "Ed", 2) != 0)
        return MST_TRUST_NEWER;
    memcpy(signature->id, file.id, sizeof file.id);
    memcpy(signature->bytes, file.bytes, sizeof file.bytes);
    memcpy(signature->comment, trusted, trusted_len);
    signature->comment[trusted_len] = '\0';
    return MST_TRUST_OK;
}

static mst_trust_status verify_by(const mst_trust_public *key, const mst_trust_signature *signature,
                                  const void *bytes, size_t len)
{
    struct signed_comment joined;
    uint8_t hash[64];
    if (signature->is_hashed) {
        crypto_generichash(hash, sizeof hash, bytes, len, NULL, 0);
        bytes = hash;
        len = sizeof hash;
    }
    if (crypto_sign_verify_detached(signature->bytes, bytes, len, key->key) != 0)
        return MST_TRUST_BYTES;
    size_t joined_len = join(&joined, signature->bytes, signature->comment);
    return crypto_sign_verify_detached(signature->comment_bytes, (const uint8_t *)&joined,
                                       joined_len, key->key) == 0
               ? MST_TRUST_OK
               : MST_TRUST_COMMENT;
}

/* Ids are chosen by chance and prove nothing: each key that has this one is tried. */
mst_trust_status mst_trust_verify(const mst_trust_signature *signature, const void *bytes,
                                  size_t len, const mst_trust_public *keys, size_t key_count)
{
    mst_trust_status status = MST_TRUST_KEY;
    for (size_t i = 0; i < key_count && status != MST_TRUST_OK; i++)
        if (memcmp(keys[i].id, signature->id, sizeof signature->id) == 0)
            status = verify_by(&keys[i], signature, bytes, len);
    return status;
}
