/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and signatures: what is written is read, whatever is changed is refused; the order of
 * versions. That the files are minisign's, tests/trust holds against minisign itself. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "trust.h"

static mst_trust_secret secret;
static mst_trust_public public;

static void make_keys(void)
{
    cr_assert_eq(mst_trust_begin(), MST_TRUST_OK);
    mst_trust_generate(&secret, &public);
}

TestSuite(trust, .init = make_keys);

static const char content[] = "the rules of 2026.11";

static void sign(char *text)
{
    cr_assert_eq(mst_trust_sign(&secret, content, sizeof content, "of November", text),
                 MST_TRUST_OK);
}

static mst_trust_status verify(const char *text, size_t len, const mst_trust_public *keys,
                               size_t key_count)
{
    mst_trust_signature signature;
    mst_trust_status status = mst_trust_read_signature(text, len, &signature);
    return status == MST_TRUST_OK
               ? mst_trust_verify(&signature, content, sizeof content, keys, key_count)
               : status;
}

Test(trust, reads_the_keys_that_it_wrote)
{
    char text[MST_TRUST_FILE_BYTES], id[17];
    mst_trust_public public_again, public_of;
    mst_trust_secret secret_again;
    mst_trust_write_public(&public, text);
    cr_assert_eq(mst_trust_read_public(text, strlen(text), &public_again), MST_TRUST_OK);
    cr_assert_arr_eq(&public_again, &public, sizeof public);
    cr_assert_not_null(strstr(text, mst_trust_id_text(id, public.id)));
    cr_assert_eq(mst_trust_write_secret(&secret, NULL, text), MST_TRUST_OK);
    cr_assert_eq(mst_trust_read_secret(text, strlen(text), NULL, &secret_again), MST_TRUST_OK);
    cr_assert_arr_eq(&secret_again, &secret, sizeof secret);
    cr_assert_eq(mst_trust_read_secret(text, strlen(text), "needless", &secret_again),
                 MST_TRUST_OK);
    public_of = mst_trust_public_of(&secret);
    cr_assert_arr_eq(&public_of, &public, sizeof public);
    mst_trust_wipe(&secret_again);
    for (size_t i = 0; i < sizeof secret_again.key; i++)
        cr_assert_eq(secret_again.key[i], 0);
}

Test(trust, refuses_keys_that_are_changed_or_cut)
{
    char text[MST_TRUST_FILE_BYTES];
    mst_trust_secret read;
    mst_trust_public read_public;
    cr_assert_eq(mst_trust_write_secret(&secret, NULL, text), MST_TRUST_OK);
    for (size_t len = 0; len + 1 < strlen(text); len++)
        cr_assert_eq(mst_trust_read_secret(text, len, NULL, &read), MST_TRUST_FORMAT, "%zu", len);
    char *line = strchr(text, '\n') + 1;
    memcpy(line + 90, memcmp(line + 90, "AAAA", 4) == 0 ? "BBBB" : "AAAA", 4);
    cr_assert_eq(mst_trust_read_secret(text, strlen(text), NULL, &read), MST_TRUST_FORMAT);
    mst_trust_write_public(&public, text);
    for (size_t len = 0; len + 1 < strlen(text); len++)
        cr_assert_eq(mst_trust_read_public(text, len, &read_public), MST_TRUST_FORMAT);
    line = strchr(text, '\n') + 1;
    line[1] = 'X';
    cr_assert_eq(mst_trust_read_public(text, strlen(text), &read_public), MST_TRUST_NEWER);
}

Test(trust, verifies_what_it_signed)
{
    char text[MST_TRUST_FILE_BYTES];
    mst_trust_signature signature;
    mst_trust_public keys[3];
    mst_trust_secret other;
    sign(text);
    cr_assert_eq(verify(text, strlen(text), &public, 1), MST_TRUST_OK);
    cr_assert_eq(mst_trust_read_signature(text, strlen(text), &signature), MST_TRUST_OK);
    cr_assert_str_eq(signature.comment, "of November");
    cr_assert(signature.is_hashed);
    cr_assert_eq(mst_trust_verify(&signature, content, sizeof content - 1, &public, 1),
                 MST_TRUST_BYTES);
    cr_assert_eq(verify(text, strlen(text), NULL, 0), MST_TRUST_KEY);
    for (int i = 0; i < 2; i++)
        mst_trust_generate(&other, &keys[i]);
    cr_assert_eq(verify(text, strlen(text), keys, 2), MST_TRUST_KEY);
    keys[2] = public;
    cr_assert_eq(verify(text, strlen(text), keys, 3), MST_TRUST_OK);
    memcpy(keys[0].id, public.id, sizeof public.id);
    cr_assert_eq(verify(text, strlen(text), keys, 1), MST_TRUST_BYTES, "another key of that id");
    cr_assert_eq(verify(text, strlen(text), keys, 3), MST_TRUST_OK, "each key of that id is tried");
}

Test(trust, reads_lines_that_windows_ended)
{
    char text[MST_TRUST_FILE_BYTES], windows[2 * MST_TRUST_FILE_BYTES];
    size_t len = 0;
    sign(text);
    for (const char *at = text; *at; at++) {
        if (*at == '\n')
            windows[len++] = '\r';
        windows[len++] = *at;
    }
    cr_assert_eq(verify(windows, len, &public, 1), MST_TRUST_OK);
    cr_assert_eq(verify(windows, len - 2, &public, 1), MST_TRUST_OK, "no end of the last line");
}

/* But for the comment that proves nothing, every change of a byte is noticed. */
Test(trust, refuses_every_changed_byte)
{
    char text[MST_TRUST_FILE_BYTES];
    sign(text);
    size_t len = strlen(text), from = strlen("untrusted comment: ");
    size_t to = (size_t)(strchr(text, '\n') - text);
    for (size_t i = 0; i < len - 1; i++) {
        char kept = text[i];
        if (i >= from && i < to)
            continue;
        for (int bit = 0; bit < 8; bit++) {
            text[i] = (char)(kept ^ 1 << bit);
            cr_assert_neq(verify(text, len, &public, 1), MST_TRUST_OK, "byte %zu, bit %d", i, bit);
        }
        text[i] = kept;
    }
    for (size_t cut = 0; cut < len - 1; cut++)
        cr_assert_neq(verify(text, cut, &public, 1), MST_TRUST_OK, "cut at %zu", cut);
    text[len] = 'x';
    cr_assert_neq(verify(text, len + 1, &public, 1), MST_TRUST_OK);
}

Test(trust, tells_a_changed_comment_from_changed_bytes)
{
    char text[MST_TRUST_FILE_BYTES];
    sign(text);
    *strstr(text, "November") = 'n';
    cr_assert_eq(verify(text, strlen(text), &public, 1), MST_TRUST_COMMENT);
}

Test(trust, refuses_comments_that_are_no_line)
{
    char text[MST_TRUST_FILE_BYTES], comment[MST_TRUST_COMMENT_BYTES + 1];
    memset(comment, 'x', sizeof comment);
    comment[MST_TRUST_COMMENT_BYTES] = '\0';
    cr_assert_eq(mst_trust_sign(&secret, "", 0, comment, text), MST_TRUST_FORMAT);
    comment[MST_TRUST_COMMENT_BYTES - 1] = '\0';
    cr_assert_eq(mst_trust_sign(&secret, "", 0, comment, text), MST_TRUST_OK);
    cr_assert_eq(mst_trust_sign(&secret, "", 0, "two\nlines", text), MST_TRUST_FORMAT);
}

/* A key of small order verifies a signature of zeros over anything, where that is not refused. */
Test(trust, refuses_keys_that_sign_everything)
{
    mst_trust_public weak = {{0}, {1}};
    mst_trust_signature forged = {.is_hashed = true, .bytes = {1}, .comment_bytes = {1}};
    cr_assert_eq(mst_trust_verify(&forged, content, sizeof content, &weak, 1), MST_TRUST_BYTES);
}

/* ---- the order of rules ------------------------------------------------------------------ */

static mst_trust_stand stand_of(const char *module, const char *version, uint8_t digest,
                                int predecessor)
{
    mst_trust_stand stand = {.has_predecessor = predecessor >= 0};
    snprintf(stand.module, sizeof stand.module, "%s", module);
    snprintf(stand.version, sizeof stand.version, "%s", version);
    stand.digest[31] = digest;
    stand.predecessor[31] = (uint8_t)predecessor;
    return stand;
}

static mst_trust_order compare(const char *version, uint8_t digest, int predecessor)
{
    mst_trust_stand current = stand_of("windows.hotpatch", "2026.11", 1, -1);
    mst_trust_stand candidate = stand_of("windows.hotpatch", version, digest, predecessor);
    return mst_trust_compare(&current, &candidate);
}

Test(trust, orders_rules_by_version_and_predecessor)
{
    cr_assert_eq(compare("2026.11", 1, -1), MST_TRUST_SAME);
    cr_assert_eq(compare("2026.12", 2, -1), MST_TRUST_FOLLOWS);
    cr_assert_eq(compare("2026.11.1", 2, -1), MST_TRUST_FOLLOWS);
    cr_assert_eq(compare("2027", 2, -1), MST_TRUST_FOLLOWS);
    cr_assert_eq(compare("2026.9", 2, -1), MST_TRUST_OLDER, "parts are numbers");
    cr_assert_eq(compare("2026", 2, 1), MST_TRUST_OLDER, "whatever it claims to follow");
    cr_assert_eq(compare("2026.11", 2, -1), MST_TRUST_SIDEWAYS);
    cr_assert_eq(compare("2026.11", 2, 3), MST_TRUST_SIDEWAYS);
    cr_assert_eq(compare("2026.11", 2, 1), MST_TRUST_FOLLOWS);
    cr_assert_eq(compare("2026.11.0.0", 2, 1), MST_TRUST_FOLLOWS, "missing parts are 0");
    mst_trust_stand current = stand_of("windows.hotpatch", "2026.11", 1, -1);
    mst_trust_stand other = stand_of("windows.rollout", "2027.1", 2, -1);
    cr_assert_eq(mst_trust_compare(&current, &other), MST_TRUST_OTHER_MODULE);
}

Test(trust, remembers_a_stand)
{
    char text[MST_TRUST_STAND_BYTES];
    mst_trust_stand stand = stand_of("windows.hotpatch", "2026.11", 0xab, 1), read;
    mst_trust_write_stand(&stand, text);
    cr_assert_str_eq(text, "windows.hotpatch 2026.11 000000000000000000000000000000000000000000000"
                           "00000000000000000ab");
    cr_assert(mst_trust_read_stand(text, strlen(text), &read));
    cr_assert_str_eq(read.module, stand.module);
    cr_assert_str_eq(read.version, stand.version);
    cr_assert_arr_eq(read.digest, stand.digest, sizeof stand.digest);
    cr_assert_not(read.has_predecessor);
    cr_assert_not(mst_trust_read_stand(text, strlen(text) - 1, &read));
    cr_assert_not(mst_trust_read_stand("", 0, &read));
    cr_assert_not(mst_trust_read_stand("a b", 3, &read));
}
