/* SPDX-License-Identifier: Apache-2.0
 *
 * trust_key.c - keys: Ed25519 by libsodium, in minisign's files. A secret key may be protected by a
 * password: its part of the file is mixed with what scrypt makes of the password. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "trust.h"
#include "trust_file.h"

#define COMMENT "untrusted comment: "

struct public_file {
    uint8_t kind[2]; /* "Ed" */
    uint8_t id[8], key[32];
};

/* What a password hides. */
struct secret_part {
    uint8_t id[8], key[64], check[32];
};

struct secret_file {
    uint8_t kind[2];       /* "Ed" */
    uint8_t protection[2]; /* "Sc" for scrypt, or two zeros */
    uint8_t check_kind[2]; /* "B2" for BLAKE2b */
    uint8_t salt[32], effort[8], memory[8];
    struct secret_part part;
};

_Static_assert(sizeof(struct public_file) == 42 && sizeof(struct secret_file) == 158,
               "the files of minisign, byte for byte");

const char *mst_trust_status_text(mst_trust_status status)
{
    switch (status) {
    case MST_TRUST_OK: return "no error";
    case MST_TRUST_FORMAT: return "the file is no such key or signature";
    case MST_TRUST_PASSWORD: return "the password is wrong";
    case MST_TRUST_KEY: return "no trusted key made the signature";
    case MST_TRUST_BYTES: return "the content is not what was signed";
    case MST_TRUST_COMMENT: return "the trusted comment is not the one that was signed";
    case MST_TRUST_NEWER: return "it was made in a way that is not known";
    case MST_TRUST_MEMORY: return "there is not enough memory to derive a key from the password";
    case MST_TRUST_UNAVAILABLE: return "libsodium finds no source of chance";
    }
    return "unknown status";
}

mst_trust_status mst_trust_begin(void)
{
    return sodium_init() >= 0 ? MST_TRUST_OK : MST_TRUST_UNAVAILABLE;
}

/* ---- numbers ----------------------------------------------------------------------------- */

static uint64_t load_number(const uint8_t bytes[8])
{
    uint64_t number = 0;
    for (unsigned i = 0; i < 8; i++)
        number |= (uint64_t)bytes[i] << (8 * i);
    return number;
}

static void store_number(uint8_t bytes[8], uint64_t number)
{
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
}

char *mst_trust_id_text(char *text, const uint8_t id[8])
{
    snprintf(text, 17, "%llX", (unsigned long long)load_number(id));
    return text;
}

/* ---- keys -------------------------------------------------------------------------------- */

void mst_trust_generate(mst_trust_secret *secret, mst_trust_public *public)
{
    crypto_sign_keypair(public->key, secret->key);
    randombytes_buf(secret->id, sizeof secret->id);
    memcpy(public->id, secret->id, sizeof public->id);
}

void mst_trust_wipe(mst_trust_secret *secret)
{
    sodium_memzero(secret, sizeof *secret);
}

mst_trust_public mst_trust_public_of(const mst_trust_secret *secret)
{
    mst_trust_public public;
    memcpy(public.id, secret->id, sizeof public.id);
    crypto_sign_ed25519_sk_to_pk(public.key, secret->key);
    return public;
}

void mst_trust_write_public(const mst_trust_public *public, char *text)
{
    char id[17], comment[64];
    struct public_file file = {.kind = "Ed"};
    memcpy(file.id, public->id, sizeof file.id);
    memcpy(file.key, public->key, sizeof file.key);
    snprintf(comment, sizeof comment, "minisign public key %s", mst_trust_id_text(id, file.id));
    text[0] = '\0';
    mst_trust_put_line(text, COMMENT, comment);
    mst_trust_put_bytes(text, &file, sizeof file);
}

mst_trust_status mst_trust_read_public(const char *text, size_t len, mst_trust_public *public)
{
    struct mst_trust_lines lines = {text, text + len};
    struct public_file file;
    const char *comment;
    if (!mst_trust_next_after(&lines, COMMENT, &comment, &len) ||
        !mst_trust_next_bytes(&lines, &file, sizeof file) || !mst_trust_at_end(&lines))
        return MST_TRUST_FORMAT;
    if (memcmp(file.kind, "Ed", 2) != 0)
        return MST_TRUST_NEWER;
    memcpy(public->id, file.id, sizeof file.id);
    memcpy(public->key, file.key, sizeof file.key);
    return MST_TRUST_OK;
}

/* ---- secret keys ------------------------------------------------------------------------- */

/* Hides what is open, and opens what is hidden. */
static mst_trust_status mix_password(struct secret_file *file, const char *password)
{
    uint8_t stream[sizeof file->part], *part = (uint8_t *)&file->part;
    int code = crypto_pwhash_scryptsalsa208sha256(stream, sizeof stream, password, strlen(password),
                                                  file->salt, load_number(file->effort),
                                                  (size_t)load_number(file->memory));
    for (size_t i = 0; i < sizeof stream && code == 0; i++)
        part[i] ^= stream[i];
    sodium_memzero(stream, sizeof stream);
    return code == 0 ? MST_TRUST_OK : MST_TRUST_MEMORY;
}

static void compute_check(const struct secret_file *file, uint8_t check[32])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 32);
    crypto_generichash_update(&state, file->kind, sizeof file->kind);
    crypto_generichash_update(&state, file->part.id, sizeof file->part.id);
    crypto_generichash_update(&state, file->part.key, sizeof file->part.key);
    crypto_generichash_final(&state, check, 32);
    sodium_memzero(&state, sizeof state);
}

mst_trust_status mst_trust_write_secret(const mst_trust_secret *secret, const char *password,
                                        char *text)
{
    struct secret_file file = {.kind = "Ed", .check_kind = "B2"};
    mst_trust_status status = MST_TRUST_OK;
    memcpy(file.part.id, secret->id, sizeof file.part.id);
    memcpy(file.part.key, secret->key, sizeof file.part.key);
    if (password) {
        memcpy(file.protection, "Sc", 2);
        randombytes_buf(file.salt, sizeof file.salt);
        store_number(file.effort, crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE);
        store_number(file.memory, crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE);
        compute_check(&file, file.part.check);
        status = mix_password(&file, password);
    }
    text[0] = '\0';
    if (status == MST_TRUST_OK) {
        mst_trust_put_line(text, COMMENT,
                           password ? "minisign encrypted secret key" : "minisign secret key");
        mst_trust_put_bytes(text, &file, sizeof file);
    }
    sodium_memzero(&file, sizeof file);
    return status;
}

/* The second half of a secret key follows from the first. */
static bool is_whole(const struct secret_file *file)
{
    uint8_t public[32], secret[64];
    crypto_sign_seed_keypair(public, secret, file->part.key);
    bool is_same = sodium_memcmp(secret, file->part.key, sizeof secret) == 0;
    sodium_memzero(secret, sizeof secret);
    return is_same;
}

static mst_trust_status open_secret(struct secret_file *file, const char *password)
{
    uint8_t check[32];
    if (memcmp(file->kind, "Ed", 2) != 0 || memcmp(file->check_kind, "B2", 2) != 0)
        return MST_TRUST_NEWER;
    if (sodium_is_zero(file->protection, 2))
        return is_whole(file) ? MST_TRUST_OK : MST_TRUST_FORMAT;
    if (memcmp(file->protection, "Sc", 2) != 0)
        return MST_TRUST_NEWER;
    if (!password)
        return MST_TRUST_PASSWORD;
    mst_trust_status status = mix_password(file, password);
    if (status != MST_TRUST_OK)
        return status;
    compute_check(file, check);
    return sodium_memcmp(check, file->part.check, sizeof check) == 0 ? MST_TRUST_OK
                                                                     : MST_TRUST_PASSWORD;
}

mst_trust_status mst_trust_read_secret(const char *text, size_t len, const char *password,
                                       mst_trust_secret *secret)
{
    struct mst_trust_lines lines = {text, text + len};
    struct secret_file file;
    const char *comment;
    mst_trust_status status = MST_TRUST_FORMAT;
    if (mst_trust_next_after(&lines, COMMENT, &comment, &len) &&
        mst_trust_next_bytes(&lines, &file, sizeof file) && mst_trust_at_end(&lines))
        status = open_secret(&file, password);
    if (status == MST_TRUST_OK) {
        memcpy(secret->id, file.part.id, sizeof secret->id);
        memcpy(secret->key, file.part.key, sizeof secret->key);
    }
    sodium_memzero(&file, sizeof file);
    return status;
}
