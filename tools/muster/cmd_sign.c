/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_sign.c - `muster sign`: a signature beside a file, in the form of minisign. */
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "instant.h"
#include "options.h"
#include "output.h"
#include "password.h"
#include "tool.h"
#include "trust.h"

static const char help[] =
    "muster sign hotpatch.musterc --key release.key\n"
    "\n"
    "Signs a file: the signature goes to hotpatch.musterc.minisig, beside it. 'muster\n"
    "verify' and the public tool minisign check it.\n"
    "\n"
    "usage: muster sign FILE --key KEY [option...]\n"
    "\n"
    "A key with a password asks for it; where standard input is no terminal, the\n"
    "password is its first line.\n"
    "\n"
    "      --key KEY       the secret key, of 'muster keygen' or 'minisign -G'\n"
    "      --comment TEXT  the trusted comment: signed, and shown by who verifies;\n"
    "                      by default the time and the file's name\n"
    "  -h, --help          this text\n"
    "\n"
    "Ends with 0: signed; 2: usage; 3: files, the key, the password.\n";

enum {
    OPTION_KEY = MST_TOOL_OPTION_FIRST,
    OPTION_COMMENT,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"key", required_argument, NULL, OPTION_KEY},
    {"comment", required_argument, NULL, OPTION_COMMENT},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {0};

struct request {
    const char *file, *key, *comment;
};

static int take_option(void *context, int letter, const char *value)
{
    struct request *request = context;
    if (letter == OPTION_KEY)
        request->key = value;
    else
        request->comment = value;
    return MST_TOOL_GOOD;
}

static int open_key(const char *path, const char *text, size_t len, mst_trust_secret *secret)
{
    char password[MST_TOOL_PASSWORD_BYTES];
    mst_trust_status status = mst_trust_read_secret(text, len, NULL, secret);
    if (status == MST_TRUST_PASSWORD) {
        int code = mst_tool_ask_password("password of the key", false, password);
        if (code != MST_TOOL_GOOD)
            return code;
        status = mst_trust_read_secret(text, len, password, secret);
    }
    if (status != MST_TRUST_OK)
        return mst_tool_failed("cannot use the key '%s': %s", path, mst_trust_status_text(status));
    return MST_TOOL_GOOD;
}

static int read_key(const char *path, mst_trust_secret *secret)
{
    unsigned char *text;
    size_t len;
    int code = mst_tool_read_file(path, &text, &len);
    if (code != MST_TOOL_GOOD)
        return code;
    code = open_key(path, (const char *)text, len, secret);
    free(text);
    return code;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int write_signature(const struct request *request, const char *text,
                           const mst_trust_secret *secret)
{
    char id[17];
    char *path = mst_tool_format("%s.minisig", request->file);
    int code = mst_tool_write_file(path, (const unsigned char *)text, strlen(text));
    if (code == MST_TOOL_GOOD)
        mst_tool_printf("signature  %s\nkey id     %s\n", path, mst_trust_id_text(id, secret->id));
    free(path);
    return code;
}

static int sign_bytes(const struct request *request, const unsigned char *bytes, size_t len)
{
    char text[MST_TRUST_FILE_BYTES];
    mst_trust_secret secret;
    int code = read_key(request->key, &secret);
    if (code != MST_TOOL_GOOD)
        return code;
    char *comment = request->comment
                        ? mst_tool_copy(request->comment, strlen(request->comment))
                        : mst_tool_format("timestamp:%lld\tfile:%s\thashed",
                                          (long long)mst_tool_clock(), base_name(request->file));
    if (mst_trust_sign(&secret, bytes, len, comment, text) == MST_TRUST_OK)
        code = write_signature(request, text, &secret);
    else
        code = mst_tool_misused("the trusted comment is longer than %d bytes or has several lines",
                                MST_TRUST_COMMENT_BYTES - 1);
    mst_trust_wipe(&secret);
    free(comment);
    return code;
}

static int sign(const struct request *request)
{
    unsigned char *bytes;
    size_t len;
    mst_trust_status status = mst_trust_begin();
    if (status != MST_TRUST_OK)
        return mst_tool_failed("%s", mst_trust_status_text(status));
    int code = mst_tool_read_file(request->file, &bytes, &len);
    if (code != MST_TOOL_GOOD)
        return code;
    code = sign_bytes(request, bytes, len);
    free(bytes);
    return code;
}

int mst_tool_sign(int argc, char **argv)
{
    const mst_tool_options options = {help, ":h", names, repeated, argc, argv};
    struct request request = {NULL, NULL, NULL};
    int code;
    if (!mst_tool_read_options(&options, take_option, &request, &code))
        return code;
    if (argc == optind)
        return mst_tool_misused("sign which file?");
    if (argc - optind > 1)
        return mst_tool_misused("one file at a time, '%s' is too much", argv[optind + 1]);
    request.file = argv[optind];
    if (strcmp(request.file, "-") == 0)
        return mst_tool_misused("a signature stands beside a file: name one");
    if (!request.key)
        return mst_tool_misused("with which key? name it with --key KEY");
    return sign(&request);
}
