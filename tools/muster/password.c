/* SPDX-License-Identifier: Apache-2.0
 *
 * password.c - see password.h. */
#include "password.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "tool.h"

/* One byte at a time: what follows the line is somebody else's. */
static bool read_line(char *line, size_t size)
{
    size_t len = 0;
    for (;;) {
        char byte;
        ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || byte == '\n')
            break;
        if (len + 1 == size)
            return false;
        line[len++] = byte;
    }
    if (len > 0 && line[len - 1] == '\r')
        len--;
    line[len] = '\0';
    return true;
}

static bool read_hidden(const char *prompt, char *line)
{
    struct termios shown, hidden;
    fprintf(stderr, "%s: ", prompt);
    fflush(stderr);
    bool is_hidden = tcgetattr(STDIN_FILENO, &shown) == 0;
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    is_hidden = is_hidden && tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
    bool is_read = read_line(line, MST_TOOL_PASSWORD_BYTES);
    if (is_hidden)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fprintf(stderr, "\n");
    return is_read;
}

int mst_tool_ask_password(const char *what, bool is_new, char *password)
{
    char again[MST_TOOL_PASSWORD_BYTES];
    bool is_terminal = isatty(STDIN_FILENO);
    bool is_read =
        is_terminal ? read_hidden(what, password) : read_line(password, MST_TOOL_PASSWORD_BYTES);
    if (!is_read)
        return mst_tool_failed("the password is too long");
    if (password[0] == '\0')
        return is_new ? mst_tool_misused("the password is empty; --no-password makes a key that "
                                         "has none")
                      : mst_tool_failed("the key needs its password, as the first line of standard "
                                        "input or typed in");
    if (!is_new || !is_terminal)
        return MST_TOOL_GOOD;
    if (!read_hidden("once more", again) || strcmp(password, again) != 0)
        return mst_tool_failed("the two passwords differ");
    return MST_TOOL_GOOD;
}
