/* SPDX-License-Identifier: Apache-2.0
 *
 * exec_process.c - a child without a shell: in a group of its own, with the signals of a fresh
 * process, standard input empty, and none of the service's files. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec.h"

static int prepare_files(posix_spawn_file_actions_t *files, const char *directory, int out,
                         int error)
{
    int status = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (status == 0)
        status = posix_spawn_file_actions_adddup2(files, out, STDOUT_FILENO);
    if (status == 0)
        status = posix_spawn_file_actions_adddup2(files, error, STDERR_FILENO);
    if (status == 0)
        status = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
    if (status == 0 && directory)
        status = posix_spawn_file_actions_addchdir_np(files, directory);
    return status;
}

static int spawn(pid_t *pid, char *const *argv, const char *directory, int out, int error)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    int status = prepare_files(&files, directory, out, error);
    if (status == 0)
        status = posix_spawnp(pid, argv[0], &files, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return status;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

bool exec_process_begin(struct exec_process *process, char *const *argv, const char *directory,
                        char why[MST_SOURCE_WHY_BYTES])
{
    int out[2] = {-1, -1}, error[2] = {-1, -1};
    *process = (struct exec_process){0, -1, -1, -1};
    int status = pipe2(out, O_CLOEXEC) != 0 || pipe2(error, O_CLOEXEC) != 0 ? errno : 0;
    if (status == 0)
        status = spawn(&process->pid, argv, directory, out[1], error[1]);
    close_fd(&out[1]);
    close_fd(&error[1]);
    if (status == 0) {
        process->out = out[0];
        process->error = error[0];
        process->pidfd = pidfd_open(process->pid, 0);
        if (process->pidfd >= 0)
            return true;
        status = errno;
        kill(process->pid, SIGKILL);
        waitpid(process->pid, NULL, 0);
    }
    snprintf(why, MST_SOURCE_WHY_BYTES, "cannot run '%s': %s", argv[0], strerror(status));
    close_fd(&out[0]);
    close_fd(&error[0]);
    *process = (struct exec_process){0, -1, -1, -1};
    return false;
}

void exec_process_signal(const struct exec_process *process, int number)
{
    if (process->pid > 0)
        kill(-process->pid, number);
}

bool exec_process_end(struct exec_process *process, char how[64])
{
    int status = 0;
    exec_process_signal(process, SIGKILL); /* what it has left behind, while the id is its own */
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFSIGNALED(status))
        snprintf(how, 64, "was ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(how, 64, "ended with %d", WEXITSTATUS(status));
    close_fd(&process->pidfd);
    close_fd(&process->out);
    close_fd(&process->error);
    process->pid = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
