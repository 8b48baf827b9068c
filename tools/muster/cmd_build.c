/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_build.c - `muster build`: one image with everything imported and every table in it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "options.h"
#include "output.h"
#include "rules.h"
#include "terminal.h"
#include "tool.h"

static const char help[] =
    "muster build windows.hotpatch -o hotpatch.musterc\n"
    "\n"
    "Compiles rules into one image that holds everything imported and every table.\n"
    "The same rules give the same bytes, wherever they are built.\n"
    "\n"
    "usage: muster build RULES -o FILE [option...]\n"
    "\n"
    "RULES is a .muster file, a folder with one root module, a module on the search\n"
    "path, or '-' for standard input.\n"
    "\n"
    "  -o, --output FILE      the image; only another image is ever overwritten\n"
    "      --predecessor OLD  the image that this one follows\n"
    "      --with-source      keep the lines of the rules that code comes from, for\n"
    "                         'muster inspect --disassemble'\n"
    "      --with-tests       keep the rule tests of the module in it\n"
    "  -I DIR                 look for modules below DIR too (repeat for more)\n"
    "      --param M.P=V      set a param of the rules\n"
    "  -h, --help             this text\n"
    "\n"
    "Ends with 0: built; 1: the rules have errors; 2: usage; 3: files and the like.\n";

enum {
    OPTION_PREDECESSOR = MST_TOOL_OPTION_FIRST,
    OPTION_PARAM,
    OPTION_WITH_SOURCE,
    OPTION_WITH_TESTS,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"output", required_argument, NULL, 'o'},
    {"predecessor", required_argument, NULL, OPTION_PREDECESSOR},
    {"param", required_argument, NULL, OPTION_PARAM},
    {"with-source", no_argument, NULL, OPTION_WITH_SOURCE},
    {"with-tests", no_argument, NULL, OPTION_WITH_TESTS},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {'I', OPTION_PARAM, 0};

struct request {
    const char *rules, *output, *predecessor;
    mst_tool_search search;
};

static int take_option(void *context, int letter, const char *value)
{
    struct request *request = context;
    switch (letter) {
    case 'o': request->output = value; return MST_TOOL_GOOD;
    case 'I': return mst_tool_search_add(&request->search, value);
    case OPTION_PREDECESSOR: request->predecessor = value; return MST_TOOL_GOOD;
    case OPTION_WITH_SOURCE: request->search.with_source = true; return MST_TOOL_GOOD;
    case OPTION_WITH_TESTS: request->search.with_tests = true; return MST_TOOL_GOOD;
    default: return mst_tool_search_param(&request->search, value);
    }
}

/* A slip of the hand (-o rules.muster) must not cost the rules. An empty file, as mktemp leaves
 * one, is nobody's work; nor is what is no file at all. */
static int refuse_overwriting(const char *path)
{
    unsigned char begin[8];
    if (!mst_tool_is_regular(path))
        return MST_TOOL_GOOD;
    int fd = mst_tool_open(path);
    if (fd < 0)
        return MST_TOOL_FAILED;
    ssize_t got = read(fd, begin, sizeof begin);
    close(fd);
    if (got == 0 || (got > 0 && mst_tool_is_image(begin, (size_t)got)))
        return MST_TOOL_GOOD;
    return mst_tool_misused("'%s' is there and is no image: it will not be overwritten", path);
}

static void put_result(const mst_image *image, const char *path, size_t byte_count)
{
    char digest[65], size[32];
    mst_text module = mst_image_module(image), version = mst_image_version(image);
    const unsigned char *predecessor = mst_image_predecessor(image);
    mst_tool_printf("image        %s\n", path);
    mst_tool_printf("module       %.*s\n", (int)module.len, module.ptr);
    mst_tool_printf("version      %.*s\n", (int)version.len, version.ptr);
    mst_tool_printf("digest       %s\n", mst_tool_digest_text(digest, mst_image_digest(image)));
    if (predecessor)
        mst_tool_printf("predecessor  %s\n", mst_tool_digest_text(digest, predecessor));
    mst_tool_printf("size         %s bytes\n", mst_tool_count_text(size, byte_count));
}

static bool is_same_module(const mst_image *a, const mst_image *b)
{
    mst_text x = mst_image_module(a), y = mst_image_module(b);
    return x.len == y.len && memcmp(x.ptr, y.ptr, x.len) == 0;
}

static int write_image(const struct request *request, const mst_tool_rules *rules,
                       const mst_image *old)
{
    const mst_tool_module *module = &rules->modules[0];
    if (rules->count > 1)
        return mst_tool_misused("'%s' holds %zu modules; name the one to build", request->rules,
                                rules->count);
    if (!module->compilation)
        return mst_tool_misused("'%s' is an image already", request->rules);
    if (old && !is_same_module(old, &module->image)) {
        mst_text name = mst_image_module(old);
        return mst_tool_misused("the predecessor '%s' holds another module, %.*s",
                                request->predecessor, (int)name.len, name.ptr);
    }
    int code = mst_tool_write_file(request->output, module->bytes, module->byte_count);
    if (code == MST_TOOL_GOOD)
        put_result(&module->image, request->output, module->byte_count);
    return code;
}

static int build_rules(struct request *request, const mst_image *old)
{
    mst_tool_rules rules;
    int code = mst_tool_rules_open(&rules, request->rules, &request->search);
    if (code != MST_TOOL_GOOD)
        return code;
    code = write_image(request, &rules, old);
    mst_tool_rules_close(&rules);
    return code;
}

static int build_after_predecessor(struct request *request)
{
    unsigned char *bytes;
    size_t byte_count;
    mst_image old;
    int code = mst_tool_read_file(request->predecessor, &bytes, &byte_count);
    if (code != MST_TOOL_GOOD)
        return code;
    code = mst_tool_open_image(&old, request->predecessor, bytes, byte_count, false);
    if (code == MST_TOOL_GOOD) {
        request->search.predecessor = mst_image_digest(&old);
        code = build_rules(request, &old);
    }
    free(bytes);
    return code;
}

static int build(struct request *request)
{
    if (!request->rules)
        return MST_TOOL_USAGE;
    if (!request->output)
        return mst_tool_misused("where to? name the image with -o FILE.musterc");
    if (strcmp(request->output, "-") == 0)
        return mst_tool_misused("an image goes to a file: name it with -o FILE.musterc");
    int code = refuse_overwriting(request->output);
    if (code != MST_TOOL_GOOD)
        return code;
    return request->predecessor ? build_after_predecessor(request) : build_rules(request, NULL);
}

int mst_tool_build(int argc, char **argv)
{
    const mst_tool_options options = {help, ":ho:I:", names, repeated, argc, argv};
    struct request request = {.search = MST_TOOL_SEARCH_INIT};
    int code;
    if (mst_tool_read_options(&options, take_option, &request, &code)) {
        request.rules = mst_tool_only_rules(&options, "");
        code = build(&request);
    }
    mst_tool_search_free(&request.search);
    return code;
}
