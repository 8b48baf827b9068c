/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_verify.c - `muster verify`: whether a trusted key signed a file. */
#include <stdlib.h>

#include "files.h"
#include "options.h"
#include "output.h"
#include "tool.h"
#include "trust.h"

static const char help[] =
    "muster verify hotpatch.musterc --pub release.key.pub\n"
    "\n"
    "Checks that a trusted key signed a file; the signature is\n"
    "hotpatch.musterc.minisig, beside it, by 'muster sign' or the public tool\n"
    "minisign.\n"
    "\n"
    "usage: muster verify FILE --pub KEY.pub [option...]\n"
    "\n"
    "      --pub KEY.pub     a public key that is trusted (repeat for more)\n"
    "      --signature FILE  the signature, where it is not beside the file\n"
    "  -h, --help            this text\n"
    "\n"
    "Ends with 0: signed by a trusted key; 1: not so; 2: usage; 3: files and the\n"
    "like.\n";

enum {
    OPTION_PUB = MST_TOOL_OPTION_FIRST,
    OPTION_SIGNATURE,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"pub", required_argument, NULL, OPTION_PUB},
    {"signature", required_argument, NULL, OPTION_SIGNATURE},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {OPTION_PUB, 0};

struct request {
    const char *file, *signature;
    mst_trust_public *keys;
    size_t key_count, key_capacity;
};

static int add_key(struct request *request, const char *path)
{
    unsigned char *text;
    size_t len;
    mst_trust_public key;
    int code = mst_tool_read_file(path, &text, &len);
    if (code != MST_TOOL_GOOD)
        return code;
    mst_trust_status status = mst_trust_read_public((const char *)text, len, &key);
    free(text);
    if (status != MST_TRUST_OK)
        return mst_tool_failed("cannot use the key '%s': %s", path, mst_trust_status_text(status));
    request->keys = mst_tool_grow(request->keys, request->key_count, &request->key_capacity,
                                  sizeof *request->keys);
    request->keys[request->key_count++] = key;
    return MST_TOOL_GOOD;
}

static int take_option(void *context, int letter, const char *value)
{
    struct request *request = context;
    if (letter == OPTION_PUB)
        return add_key(request, value);
    request->signature = value;
    return MST_TOOL_GOOD;
}

static int report(const char *path, mst_trust_status status)
{
    mst_tool_say("'%s': %s", path, mst_trust_status_text(status));
    return MST_TOOL_WANTING;
}

static int verify_bytes(const struct request *request, const mst_trust_signature *signature,
                        const unsigned char *bytes, size_t len)
{
    char id[17];
    mst_trust_status status =
        mst_trust_verify(signature, bytes, len, request->keys, request->key_count);
    if (status != MST_TRUST_OK)
        return report(request->file, status);
    mst_tool_printf("signed   %s\nkey id   %s\ncomment  ", request->file,
                    mst_trust_id_text(id, signature->id));
    mst_tool_puts_tame(signature->comment);
    mst_tool_puts("\n");
    return MST_TOOL_GOOD;
}

static int read_signature(const char *path, mst_trust_signature *signature)
{
    unsigned char *text;
    size_t len;
    int code = mst_tool_read_file(path, &text, &len);
    if (code != MST_TOOL_GOOD)
        return code;
    mst_trust_status status = mst_trust_read_signature((const char *)text, len, signature);
    free(text);
    return status == MST_TRUST_OK ? MST_TOOL_GOOD : report(path, status);
}

static int verify(const struct request *request, const char *signature_path)
{
    mst_trust_signature signature;
    unsigned char *bytes;
    size_t len;
    int code = mst_tool_read_file(request->file, &bytes, &len);
    if (code != MST_TOOL_GOOD)
        return code;
    code = read_signature(signature_path, &signature);
    if (code == MST_TOOL_GOOD)
        code = verify_bytes(request, &signature, bytes, len);
    free(bytes);
    return code;
}

static int run(struct request *request, int argc, char **argv)
{
    mst_trust_status status = mst_trust_begin();
    if (status != MST_TRUST_OK)
        return mst_tool_failed("%s", mst_trust_status_text(status));
    if (argc == optind)
        return mst_tool_misused("verify which file?");
    if (argc - optind > 1)
        return mst_tool_misused("one file at a time, '%s' is too much", argv[optind + 1]);
    request->file = argv[optind];
    if (request->key_count == 0)
        return mst_tool_misused("which key is trusted? name it with --pub KEY.pub");
    char *beside = mst_tool_format("%s.minisig", request->file);
    int code = verify(request, request->signature ? request->signature : beside);
    free(beside);
    return code;
}

int mst_tool_verify(int argc, char **argv)
{
    const mst_tool_options options = {help, ":h", names, repeated, argc, argv};
    struct request request = {NULL, NULL, NULL, 0, 0};
    int code;
    if (mst_tool_read_options(&options, take_option, &request, &code))
        code = run(&request, argc, argv);
    free(request.keys);
    return code;
}
