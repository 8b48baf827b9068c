/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_doc.c - `muster doc`: rules as pages in a folder, one for each module and form. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files.h"
#include "muster/diff.h"
#include "muster/doc.h"
#include "options.h"
#include "output.h"
#include "rules.h"
#include "tool.h"

static const char help[] =
    "muster doc windows.hotpatch -o pages\n"
    "\n"
    "Writes rules as pages for people: policies as numbered requirements with\n"
    "remedies and sources, decisions as decision tables, tables as tables, the facts\n"
    "needed. A page NAME.html and NAME.md for each module, and index.html and\n"
    "index.md.\n"
    "\n"
    "usage: muster doc RULES -o DIR [option...]\n"
    "\n"
    "RULES is a .muster file, a folder, a module on the search path, or '-' for\n"
    "standard input. A compiled image does not hold what pages need.\n"
    "\n"
    "  -o, --output DIR   where the pages go; it is made if it is not there\n"
    "      --format FORM  html or md (without: both)\n"
    "  -I DIR             look for modules below DIR too (repeat for more)\n"
    "  -h, --help         this text\n"
    "\n"
    "Ends with 0: good; 1: the rules have errors; 2: usage; 3: files and the like.\n";

enum {
    OPTION_FORMAT = MST_TOOL_OPTION_FIRST,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"output", required_argument, NULL, 'o'},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {'I', 0};

static const char *const suffixes[] = {[MST_DOC_MARKDOWN] = "md", [MST_DOC_HTML] = "html"};

struct request {
    const char *rules, *folder;
    bool wants[2]; /* by form */
    mst_tool_search search;
    size_t file_count;
};

static int take_option(void *context, int letter, const char *value)
{
    struct request *request = context;
    if (letter == 'I')
        return mst_tool_search_add(&request->search, value);
    if (letter == 'o') {
        request->folder = value;
        return MST_TOOL_GOOD;
    }
    request->wants[MST_DOC_HTML] = strcmp(value, "html") == 0;
    request->wants[MST_DOC_MARKDOWN] = strcmp(value, "md") == 0;
    if (request->wants[MST_DOC_HTML] || request->wants[MST_DOC_MARKDOWN])
        return MST_TOOL_GOOD;
    return mst_tool_misused("--format is 'html' or 'md', not '%s'", value);
}

/* ---- pages ------------------------------------------------------------------------------- */

struct page {
    char *text;
    size_t len, capacity;
};

static void put_page(void *context, const char *text, size_t len)
{
    struct page *page = context;
    if (page->len + len > page->capacity) {
        page->capacity = (page->len + len) * 2;
        page->text = mst_tool_resize(page->text, page->capacity);
    }
    memcpy(page->text + page->len, text, len);
    page->len += len;
}

/* `module`: the number of its node, or SIZE_MAX for the index. */
static int write_page(struct request *request, mst_docs *docs, mst_doc_form form, size_t module)
{
    struct page page = {NULL, 0, 0};
    docs->put = put_page;
    docs->context = &page;
    if (module == SIZE_MAX)
        mst_doc_write_index(docs, form);
    else
        mst_doc_write(docs, form, module);
    char *path =
        mst_tool_format("%s/%s.%s", request->folder,
                        module == SIZE_MAX ? "index" : docs->nodes[module].name, suffixes[form]);
    int code = mst_tool_write_file(path, (const unsigned char *)page.text, page.len);
    if (code == MST_TOOL_GOOD)
        mst_tool_printf("%s\n", path);
    request->file_count += code == MST_TOOL_GOOD;
    free(path);
    free(page.text);
    return code;
}

static int write_pages(struct request *request, mst_docs *docs, mst_doc_form form)
{
    int code = MST_TOOL_GOOD;
    if (!request->wants[form])
        return code;
    for (size_t i = 0; i < docs->count && code == MST_TOOL_GOOD; i++)
        if (docs->nodes[i].depth == 0)
            code = write_page(request, docs, form, i);
    return code == MST_TOOL_GOOD ? write_page(request, docs, form, SIZE_MAX) : code;
}

static char *name_identity(const mst_tool_rules *rules)
{
    const mst_image *image = &rules->modules[rules->count - 1].image;
    mst_text module = mst_image_module(image), version = mst_image_version(image);
    char digest[65];
    mst_tool_digest_text(digest, mst_image_digest(image));
    return mst_tool_format("%.*s %.*s, digest %.16s. Made from the rules by muster doc.",
                           (int)module.len, module.ptr, (int)version.len, version.ptr, digest);
}

static int document(struct request *request, const mst_tool_rules *rules)
{
    mst_diff_rules nodes = {0};
    for (size_t i = 0; i < rules->count; i++) {
        if (rules->modules[i].compilation == NULL)
            return mst_tool_misused("'%s' is compiled; pages are made from its source",
                                    rules->modules[i].path);
        mst_diff_add_compilation(&nodes, rules->modules[i].compilation);
    }
    char *identity = name_identity(rules);
    mst_docs docs = {nodes.nodes, nodes.count, identity, NULL, NULL};
    int code = MST_TOOL_GOOD;
    if (mkdir(request->folder, 0777) != 0 && errno != EEXIST)
        code = mst_tool_failed("cannot make the folder '%s': %s", request->folder, strerror(errno));
    if (code == MST_TOOL_GOOD)
        code = write_pages(request, &docs, MST_DOC_HTML);
    if (code == MST_TOOL_GOOD)
        code = write_pages(request, &docs, MST_DOC_MARKDOWN);
    free(identity);
    mst_diff_free_rules(&nodes);
    return code;
}

static int run(struct request *request)
{
    mst_tool_rules rules;
    if (request->rules == NULL)
        return MST_TOOL_USAGE;
    if (request->folder == NULL)
        return mst_tool_misused("where to? name a folder with -o");
    int code = mst_tool_rules_open(&rules, request->rules, &request->search);
    if (code != MST_TOOL_GOOD)
        return code;
    code = document(request, &rules);
    mst_tool_rules_close(&rules);
    if (code == MST_TOOL_GOOD)
        mst_tool_note("%zu pages; begin with %s/index.%s", request->file_count, request->folder,
                      suffixes[request->wants[MST_DOC_HTML] ? MST_DOC_HTML : MST_DOC_MARKDOWN]);
    return code;
}

int mst_tool_doc(int argc, char **argv)
{
    const mst_tool_options options = {help, ":ho:I:", names, repeated, argc, argv};
    struct request request = {.wants = {true, true}, .search = MST_TOOL_SEARCH_INIT};
    int code;
    request.search.with_outline = true;
    if (mst_tool_read_options(&options, take_option, &request, &code)) {
        request.rules = mst_tool_only_rules(&options, "");
        code = run(&request);
    }
    mst_tool_search_free(&request.search);
    return code;
}
