/* SPDX-License-Identifier: Apache-2.0
 *
 * trust.h - who made these bytes, and whether rules may follow rules: keys and signatures in the
 * files of the public tool minisign, and the order of versions. Bytes in, bytes out: no files and
 * no clock.
 *
 *   Threads    Call mst_trust_begin() once, before anything else; then every function may be called
 *              from any thread.
 *   Errors     An mst_trust_status. What a function was to fill is then not to be used.
 *   Secrets    Secret keys are the caller's to wipe, by mst_trust_wipe(). */
#ifndef MST_TRUST_TRUST_H
#define MST_TRUST_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MST_TRUST_COMMENT_BYTES 1024 /* of a trusted comment with its final zero */
#define MST_TRUST_FILE_BYTES 4096 /* any key or signature as a file's text, final zero included */

typedef enum mst_trust_status {
    MST_TRUST_OK = 0,
    MST_TRUST_FORMAT,      /* the text is no such file */
    MST_TRUST_PASSWORD,    /* the key is protected: the password is missing or wrong */
    MST_TRUST_KEY,         /* no key that is trusted made the signature */
    MST_TRUST_BYTES,       /* the bytes are not those that were signed */
    MST_TRUST_COMMENT,     /* the trusted comment is not the one that was signed */
    MST_TRUST_NEWER,       /* made in a way that this version does not know */
    MST_TRUST_MEMORY,      /* deriving a key from the password takes more memory than there is */
    MST_TRUST_UNAVAILABLE, /* no source of chance, or no libsodium */
} mst_trust_status;

/* "no trusted key made the signature", for good. */
const char *mst_trust_status_text(mst_trust_status status);

mst_trust_status mst_trust_begin(void);

/* ---- keys -------------------------------------------------------------------------------- */

typedef struct mst_trust_public {
    uint8_t id[8]; /* chosen by chance: finds the key, proves nothing */
    uint8_t key[32];
} mst_trust_public;

typedef struct mst_trust_secret {
    uint8_t id[8];
    uint8_t key[64];
} mst_trust_secret;

/* The id as minisign shows it: "DC4A37460103618". `text` has room for 17 bytes. Returns text. */
char *mst_trust_id_text(char *text, const uint8_t id[8]);

void mst_trust_generate(mst_trust_secret *secret, mst_trust_public *public);
void mst_trust_wipe(mst_trust_secret *secret);
mst_trust_public mst_trust_public_of(const mst_trust_secret *secret);

/* The file's text, ended by a zero, in MST_TRUST_FILE_BYTES. */
void mst_trust_write_public(const mst_trust_public *public, char *text);
/* Protected by the password, which takes seconds and a gigabyte on purpose; NULL: not at all. */
mst_trust_status mst_trust_write_secret(const mst_trust_secret *secret, const char *password,
                                        char *text);

mst_trust_status mst_trust_read_public(const char *text, size_t len, mst_trust_public *public);
/* PASSWORD where the key is protected and the password is NULL or another one. */
mst_trust_status mst_trust_read_secret(const char *text, size_t len, const char *password,
                                       mst_trust_secret *secret);

/* ---- signatures -------------------------------------------------------------------------- */

typedef struct mst_trust_signature {
    uint8_t id[8]; /* of the key that made it */
    bool is_hashed;
    uint8_t bytes[64], comment_bytes[64];
    char comment[MST_TRUST_COMMENT_BYTES]; /* trusted once the signature was verified */
} mst_trust_signature;

/* The text of a signature file in MST_TRUST_FILE_BYTES. FORMAT: the comment is longer than
 * MST_TRUST_COMMENT_BYTES, or has an end of line in it. */
mst_trust_status mst_trust_sign(const mst_trust_secret *secret, const void *bytes, size_t len,
                                const char *comment, char *text);

mst_trust_status mst_trust_read_signature(const char *text, size_t len,
                                          mst_trust_signature *signature);

/* Whether one of the keys signed these bytes. */
mst_trust_status mst_trust_verify(const mst_trust_signature *signature, const void *bytes,
                                  size_t len, const mst_trust_public *keys, size_t key_count);

/* ---- the order of rules ------------------------------------------------------------------ */

#define MST_TRUST_MODULE_BYTES 256 /* of a module's name, and of a version, with the final zero */
#define MST_TRUST_DIGEST_BYTES 32
#define MST_TRUST_STAND_BYTES 700 /* a stand as text, final zero included */

/* Rules, as far as the order looks at them. */
typedef struct mst_trust_stand {
    char module[MST_TRUST_MODULE_BYTES]; /* the root module */
    char version[MST_TRUST_MODULE_BYTES];
    uint8_t digest[MST_TRUST_DIGEST_BYTES];
    bool has_predecessor;
    uint8_t predecessor[MST_TRUST_DIGEST_BYTES];
} mst_trust_stand;

typedef enum mst_trust_order {
    MST_TRUST_FOLLOWS,      /* it may take the place of the current one */
    MST_TRUST_SAME,         /* it is the current one */
    MST_TRUST_OLDER,        /* its version is lower */
    MST_TRUST_SIDEWAYS,     /* the same version, another content, and no successor of the current */
    MST_TRUST_OTHER_MODULE, /* rules about something else */
} mst_trust_order;

/* What the candidate is to the current rules. Only the first two may be taken without force. */
mst_trust_order mst_trust_compare(const mst_trust_stand *current, const mst_trust_stand *candidate);
/* "the version is older than the one that is active", for good. */
const char *mst_trust_order_text(mst_trust_order order);

/* A stand as one line of text, so that a service remembers across its end what it had taken:
 * without that, a restart would be a way back to older rules. The predecessor is left out. */
void mst_trust_write_stand(const mst_trust_stand *stand, char *text);
/* False: the text is no stand. */
bool mst_trust_read_stand(const char *text, size_t len, mst_trust_stand *stand);

#endif
