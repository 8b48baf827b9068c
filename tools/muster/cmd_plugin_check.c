/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_plugin_check.c - `muster plugin-check`: a fact source in a process of its own, so that one
 * that crashes or hangs harms nobody; what it did last is told. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "options.h"
#include "output.h"
#include "plugin_load.h"
#include "plugin_trial.h"
#include "plugins.h"
#include "tool.h"

static const char help[] =
    "muster plugin-check ./muster-source-exec.so inventory.json\n"
    "\n"
    "Looks at a fact source in a process of its own: whether it can be loaded, was\n"
    "made for this muster, and says of itself what is true. With a configuration\n"
    "(or where it needs none) it is also run until it delivers a batch, whose\n"
    "records are looked at and not kept.\n"
    "\n"
    "usage: muster plugin-check PLUGIN [CONFIG] [option...]\n"
    "       muster plugin-check PLUGIN:CONFIG [option...]\n"
    "\n"
    "PLUGIN is a file, or a name: that of muster-source-NAME.so among the plugins\n"
    "that were installed. CONFIG is a JSON file. The second form is that of\n"
    "`muster serve --source`.\n"
    "\n"
    "      --run SECONDS   wait that long for its first batch [5]\n"
    "      --wait SECONDS  every other step may take that long [10]\n"
    "  -h, --help          this text\n"
    "\n"
    "Ends with 0: good; 1: the plugin was found wanting; 2: usage; 3: files and the\n"
    "like.\n";

#define SECONDS_MAX 3600

enum {
    OPTION_RUN = MST_TOOL_OPTION_FIRST,
    OPTION_WAIT,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"run", required_argument, NULL, OPTION_RUN},
    {"wait", required_argument, NULL, OPTION_WAIT},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {0};

struct request {
    int run_s, wait_s;
    const char *name;
    mst_tool_trial trial;
};

/* What the child has told. */
struct told {
    char step[128];
    bool is_good, is_bad;
};

static int take_option(void *context, int letter, const char *value)
{
    struct request *request = context;
    char *end;
    const long seconds = strtol(value, &end, 10);
    if (*end != '\0' || end == value || seconds < 1 || seconds > SECONDS_MAX)
        return mst_tool_misused("--%s is a number of seconds from 1 to %d, not '%s'",
                                letter == OPTION_RUN ? "run" : "wait", SECONDS_MAX, value);
    *(letter == OPTION_RUN ? &request->run_s : &request->wait_s) = (int)seconds;
    return MST_TOOL_GOOD;
}

/* ---- the child --------------------------------------------------------------------------- */

static void run_child(const struct request *request, int fd)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    const struct rlimit no_core = {0, 0};
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++)
        signal(crashes[i], SIG_DFL);
    (void)setrlimit(RLIMIT_CORE, &no_core);
    signal(SIGPIPE, SIG_IGN); /* as in the service */
    mst_tool_trial_run(&request->trial, fd);
    _exit(MST_TOOL_GOOD);
}

/* ---- the parent -------------------------------------------------------------------------- */

static int64_t read_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void take_line(const struct request *request, struct told *told, const char *line)
{
    switch (line[0]) {
    case MST_TOOL_TRIAL_STEP: snprintf(told->step, sizeof told->step, "%.120s", line + 1); break;
    case MST_TOOL_TRIAL_LINE:
        mst_tool_puts_tame(line + 1);
        mst_tool_puts("\n");
        break;
    case MST_TOOL_TRIAL_BAD:
        mst_tool_say("%s: %s", request->name, line + 1);
        told->is_bad = true;
        break;
    case MST_TOOL_TRIAL_GOOD: told->is_good = true; break;
    default: break;
    }
}

/* Until the child says no more: true; false where it is silent for too long. */
static bool listen_to(const struct request *request, int fd, struct told *told)
{
    char text[4096];
    size_t len = 0;
    const int64_t step_ms = 1000 * (2 * (int64_t)request->wait_s + request->run_s);
    int64_t until_ms = read_clock_ms() + 1000 * (int64_t)request->wait_s;
    for (;;) {
        struct pollfd ready = {fd, POLLIN, 0};
        const int64_t left_ms = until_ms - read_clock_ms();
        if (left_ms <= 0 || (poll(&ready, 1, (int)left_ms) == 0))
            return false;
        const ssize_t count = read(fd, text + len, sizeof text - 1 - len);
        if (count <= 0)
            return true;
        len += (size_t)count;
        for (char *newline; (newline = memchr(text, '\n', len));) {
            *newline = '\0';
            take_line(request, told, text);
            len -= (size_t)(newline + 1 - text);
            memmove(text, newline + 1, len);
        }
        if (len == sizeof text - 1)
            len = 0; /* no line of ours */
        const bool is_running = strcmp(told->step, MST_TOOL_TRIAL_RUNS) == 0 ||
                                strcmp(told->step, MST_TOOL_TRIAL_STOPS) == 0;
        until_ms = read_clock_ms() + (is_running ? step_ms : 1000 * (int64_t)request->wait_s);
    }
}

static int judge(const struct request *request, const struct told *told, bool was_silent,
                 int status)
{
    if (told->is_bad)
        return MST_TOOL_WANTING;
    if (was_silent)
        mst_tool_say("%s: it hangs: nothing happened for a long time while %s", request->name,
                     told->step);
    else if (WIFSIGNALED(status))
        mst_tool_say("%s: it crashed while %s: %s", request->name, told->step,
                     strsignal(WTERMSIG(status)));
    else if (!told->is_good)
        mst_tool_say("%s: it ended the process (status %d) while %s", request->name,
                     WEXITSTATUS(status), told->step);
    else
        return MST_TOOL_GOOD;
    return MST_TOOL_WANTING;
}

static int check(const struct request *request)
{
    struct told told = {"it was being loaded", false, false};
    int ends[2], status = 0;
    mst_tool_flush();
    if (pipe(ends) != 0)
        return mst_tool_failed("cannot make a pipe: %s", strerror(errno));
    const pid_t child = fork();
    if (child < 0)
        return mst_tool_failed("cannot begin a process: %s", strerror(errno));
    if (child == 0) {
        close(ends[0]);
        run_child(request, ends[1]);
    }
    close(ends[1]);
    const bool was_silent = !listen_to(request, ends[0], &told);
    close(ends[0]);
    if (was_silent)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    const int code = judge(request, &told, was_silent, status);
    if (code == MST_TOOL_GOOD)
        mst_tool_puts("good\n");
    return code;
}

static int check_file(struct request *request, const char *config)
{
    char why[MST_PLUGIN_WHY_BYTES];
    unsigned char *bytes = NULL;
    char **folders = mst_tool_plugin_folders();
    request->trial.path = mst_plugin_find(request->name, (const char *const *)folders, why);
    mst_tool_free_plugin_folders(folders);
    if (!request->trial.path)
        return mst_tool_failed("%s", why);
    int code =
        config ? mst_tool_read_file(config, &bytes, &request->trial.config_len) : MST_TOOL_GOOD;
    request->trial.config = (const char *)bytes;
    request->trial.config_path = config;
    request->trial.run_ms = request->run_s * (int64_t)1000;
    request->trial.stop_ms = request->wait_s * (int64_t)1000;
    if (code == MST_TOOL_GOOD)
        code = check(request);
    free(request->trial.path);
    free(bytes);
    return code;
}

int mst_tool_plugin_check(int argc, char **argv)
{
    const mst_tool_options options = {help, ":h", names, repeated, argc, argv};
    struct request request = {.run_s = 5, .wait_s = 10};
    int code;
    if (!mst_tool_read_options(&options, take_option, &request, &code))
        return code;
    if (optind == argc)
        return mst_tool_misused("which plugin?");
    if (optind + 2 < argc)
        return mst_tool_misused("'%s' is too much", argv[optind + 2]);
    request.name = argv[optind];
    const char *config = optind + 1 < argc ? argv[optind + 1] : NULL;
    char *colon = config ? NULL : strchr(argv[optind], ':');
    if (colon && access(request.name, F_OK) != 0) { /* no file whose name has one */
        *colon = '\0';
        config = colon + 1;
    }
    return check_file(&request, config);
}
