# SPDX-License-Identifier: Apache-2.0
#
# man.awk - a help text as the source of a manual page (scdoc). Variables: name ("muster-eval"),
# summary, version. A help text is, with empty lines between: an example; what it does; `usage:`; what
# that means; options or subcommands, indented; more; `Ends with` the exit status.

function escape(text) {
    gsub(/[][\\*_|]/, "\\\\&", text)
    return text
}

function section(title) {
    if (title != current)
        print "\n# " title "\n"
    current = title
}

# One option or subcommand: "  -o, --output FILE   what it is".
function put_item(line,    at, term, rest) {
    sub(/^ +/, "", line)
    at = match(line, /  +/)
    term = at ? substr(line, 1, at - 1) : line
    rest = at ? substr(line, at + RLENGTH) : ""
    section(term ~ /^-/ ? "OPTIONS" : "COMMANDS")
    if (term !~ /^-/)
        term = name "-" term
    print "\n*" escape(term) "*" (current == "COMMANDS" ? "(1)" : "")
    print "\t" escape(rest)
}

function put_paragraph(text) {
    if (text ~ /^usage: /) {
        section("SYNOPSIS")
        sub(/^usage: /, "", text)
        usage = 1
    } else if (text ~ /^Ends with /) {
        section("EXIT STATUS")
    } else {
        section(seen_usage ? "NOTES" : "DESCRIPTION")
    }
    print escape(text) "\n"
}

BEGIN {
    print name "(1) \"\" \"" version "\""
    section("NAME")
    print name " - " escape(summary)
}

NR == 1 { example = $0; next }

/^ +(-|[a-z]+  )/ { if (paragraph != "") keep(); put_item($0); in_item = 1; next }
/^ / && in_item { line = $0; sub(/^ +/, "", line); print "\t" escape(line); next }
/^$/ { keep(); in_item = 0; next }
# Paragraphs that end with their own sentence may follow each other without an empty line.
/^Ends with / { keep() }
{ paragraph = paragraph (paragraph == "" ? "" : " ") $0 }

function keep() {
    if (paragraph != "")
        paragraphs[++count] = paragraph
    if (paragraph ~ /^usage: /)
        flush_usage()
    else if (seen_usage)
        flush_rest()
    paragraph = ""
}

# The synopsis comes before the description, though it is told after it.
function flush_usage(    i) {
    put_paragraph(paragraphs[count])
    for (i = 1; i < count; i++)
        put_paragraph(paragraphs[i])
    count = 0
    seen_usage = 1
}

function flush_rest(    i) {
    for (i = 1; i <= count; i++) {
        if (paragraphs[i] ~ /^Ends with /)
            status = paragraphs[i]
        else if (current == "DESCRIPTION" || current == "SYNOPSIS")
            { section("DESCRIPTION"); print escape(paragraphs[i]) "\n" }
        else
            put_paragraph(paragraphs[i])
    }
    count = 0
}

END {
    keep()
    if (status != "")
        put_paragraph(status)
    section("EXAMPLE")
    print "\t" escape(example)
    section("ENVIRONMENT")
    print "*MUSTER\\_PATH*"
    print "\tFolders, separated by colons, below which modules are looked for."
    print "\n*NO\\_COLOR*"
    print "\tIf set and not empty, nothing is coloured."
    section("SEE ALSO")
    print (name == "muster" ? "*muster-eval*(1)" : "*muster*(1)")
}
