/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_keygen.c - `muster keygen`: a new pair of keys, in the files of minisign. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "output.h"
#include "password.h"
#include "tool.h"
#include "trust.h"

static const char help[] =
    "muster keygen -o release.key\n"
    "\n"
    "Makes a secret key to sign rules with, and beside it the public key,\n"
    "release.key.pub, by which others verify them. The files are those of the public\n"
    "tool minisign.\n"
    "\n"
    "usage: muster keygen -o KEY [option...]\n"
    "\n"
    "The secret key is protected by a password. It is asked for; where standard\n"
    "input is no terminal, it is its first line.\n"
    "\n"
    "  -o, --output KEY   the secret key; nothing is ever overwritten\n"
    "      --no-password  anybody who can read the secret key can sign with it\n"
    "  -h, --help         this text\n"
    "\n"
    "Ends with 0: made; 2: usage; 3: files and the like.\n";

enum {
    OPTION_NO_PASSWORD = MST_TOOL_OPTION_FIRST,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"output", required_argument, NULL, 'o'},
    {"no-password", no_argument, NULL, OPTION_NO_PASSWORD},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {0};

struct request {
    const char *output;
    bool has_no_password;
};

static int take_option(void *context, int letter, const char *value)
{
    struct request *request = context;
    if (letter == 'o')
        request->output = value;
    else
        request->has_no_password = true;
    return MST_TOOL_GOOD;
}

/* A file that is not there yet: a key that is overwritten is lost. */
static int write_new(const char *path, const char *text, mode_t mode)
{
    size_t len = strlen(text);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return mst_tool_failed("cannot write '%s': %s", path, strerror(errno));
    bool is_written = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
    int reason = errno;
    if (close(fd) == 0 && is_written)
        return MST_TOOL_GOOD;
    unlink(path);
    return mst_tool_failed("cannot write '%s': %s", path, strerror(reason));
}

static int write_keys(const char *path, const char *public_path, const char *secret_text,
                      const mst_trust_public *public)
{
    char text[MST_TRUST_FILE_BYTES];
    mst_trust_write_public(public, text);
    int code = write_new(path, secret_text, 0600);
    if (code != MST_TOOL_GOOD)
        return code;
    code = write_new(public_path, text, 0666);
    if (code != MST_TOOL_GOOD)
        unlink(path);
    return code;
}

static int make_keys(const char *path, const char *public_path, const char *password)
{
    char text[MST_TRUST_FILE_BYTES], id[17];
    mst_trust_secret secret;
    mst_trust_public public;
    mst_trust_generate(&secret, &public);
    mst_trust_status status = mst_trust_write_secret(&secret, password, text);
    mst_trust_wipe(&secret);
    if (status != MST_TRUST_OK)
        return mst_tool_failed("cannot make the key: %s", mst_trust_status_text(status));
    int code = write_keys(path, public_path, text, &public);
    if (code == MST_TOOL_GOOD)
        mst_tool_printf("secret key  %s\npublic key  %s\nkey id      %s\n", path, public_path,
                        mst_trust_id_text(id, public.id));
    return code;
}

/* Before a password is asked for. */
static int refuse_existing(const char *path)
{
    if (access(path, F_OK) == 0)
        return mst_tool_failed("'%s' is there already: a key is never overwritten", path);
    return MST_TOOL_GOOD;
}

static int keygen(const struct request *request)
{
    char password[MST_TOOL_PASSWORD_BYTES];
    mst_trust_status status = mst_trust_begin();
    if (status != MST_TRUST_OK)
        return mst_tool_failed("%s", mst_trust_status_text(status));
    char *public_path = mst_tool_format("%s.pub", request->output);
    int code = refuse_existing(request->output);
    if (code == MST_TOOL_GOOD)
        code = refuse_existing(public_path);
    if (code == MST_TOOL_GOOD && !request->has_no_password)
        code = mst_tool_ask_password("password for the new key", true, password);
    if (code == MST_TOOL_GOOD)
        code = make_keys(request->output, public_path, request->has_no_password ? NULL : password);
    free(public_path);
    return code;
}

int mst_tool_keygen(int argc, char **argv)
{
    const mst_tool_options options = {help, ":ho:", names, repeated, argc, argv};
    struct request request = {NULL, false};
    int code;
    if (!mst_tool_read_options(&options, take_option, &request, &code))
        return code;
    if (optind < argc)
        return mst_tool_misused("'%s' is too much", argv[optind]);
    if (!request.output)
        return mst_tool_misused("where to? name the secret key with -o KEY");
    return keygen(&request);
}
