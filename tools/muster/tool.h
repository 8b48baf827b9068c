/* SPDX-License-Identifier: Apache-2.0
 *
 * tool.h - what every part of the command shares: the exit codes, how it speaks to people on
 * standard error, and memory that is always there. Nothing of the libraries is wrapped here. */
#ifndef MST_TOOL_H
#define MST_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How the command ends. */
enum mst_tool_exit {
    MST_TOOL_GOOD = 0,
    MST_TOOL_WANTING = 1, /* the rules, tests, records or devices were found wanting */
    MST_TOOL_USAGE = 2,   /* the command line is wrong */
    MST_TOOL_FAILED = 3,  /* a file, the network, a permission, memory */
};

/* The subcommands: argv[0] is the subcommand's name. */
int mst_tool_baselines(int argc, char **argv);
int mst_tool_build(int argc, char **argv);
int mst_tool_check(int argc, char **argv);
int mst_tool_diff(int argc, char **argv);
int mst_tool_doc(int argc, char **argv);
int mst_tool_eval(int argc, char **argv);
int mst_tool_explain(int argc, char **argv);
int mst_tool_facts(int argc, char **argv);
int mst_tool_fmt(int argc, char **argv);
int mst_tool_inspect(int argc, char **argv);
int mst_tool_keygen(int argc, char **argv);
int mst_tool_plugin_check(int argc, char **argv);
int mst_tool_serve(int argc, char **argv);
int mst_tool_sign(int argc, char **argv);
int mst_tool_state(int argc, char **argv);
int mst_tool_test(int argc, char **argv);
int mst_tool_verify(int argc, char **argv);

/* What the messages below begin with: "muster eval". */
void mst_tool_set_name(const char *subcommand);

/* One line on standard error: "muster eval: ...". Standard output is flushed first, so that the
 * two appear in order on a terminal. */
void mst_tool_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same without the name: a line that says how it went, not what is wrong. */
void mst_tool_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* As mst_tool_say(), and returns MST_TOOL_FAILED. */
int mst_tool_failed(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, a line that points to the help, and returns MST_TOOL_USAGE. */
int mst_tool_misused(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* realloc that never returns NULL: out of memory ends the program with MST_TOOL_FAILED. */
void *mst_tool_resize(void *old, size_t size);
/* Makes room for one more element in an array that grows by doubling. */
void *mst_tool_grow(void *list, size_t count, size_t *capacity, size_t element_size);
char *mst_tool_copy(const char *text, size_t len);
/* printf into memory, to be freed. */
char *mst_tool_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
