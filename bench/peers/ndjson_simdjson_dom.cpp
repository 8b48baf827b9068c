// SPDX-License-Identifier: Apache-2.0
//
// ndjson_simdjson_dom.cpp - C++ with simdjson's DOM, which validates all of a record; simdjson finds
// the records by itself, which is its fastest way. The fields are taken in one pass over the object,
// in whatever order they come.
#include <simdjson.h>

#include "text_rule.h"

namespace dom = simdjson::dom;

static dom::parser parser;
static bench_text records;

static void prepare(const bench_data *data)
{
    records = data->records;
    if (parser.allocate(1 << 20) != simdjson::SUCCESS)
        bench_die("simdjson", "no memory");
}

static bench_text to_text(dom::element value)
{
    const std::string_view text = value.get_string();
    return {text.data(), text.size()};
}

static text_device read_device(dom::object record)
{
    text_device device = {};
    for (auto field : record) {
        const std::string_view key = field.key;
        if (key == "device_id")
            device.id = to_text(field.value);
        else if (key == "edition")
            device.edition = to_text(field.value);
        else if (key == "os_build")
            device.build = to_text(field.value);
        else if (key == "vbs_running")
            device.vbs = field.value.get_bool();
        else if (key == "entra_joined")
            device.entra = field.value.get_bool();
        else if (key == "hybrid_joined")
            device.hybrid = field.value.get_bool();
        else if (key == "mdm")
            device.mdm = to_text(field.value);
        else if (key == "hotpatch_policy")
            device.policy = field.value.get_bool();
    }
    return device;
}

static size_t write_lines(char *lines)
{
    char *to = lines;
    parser.threaded = false;
    dom::document_stream stream =
        parser.parse_many(records.ptr, records.len, dom::DEFAULT_BATCH_SIZE);
    for (auto record : stream) {
        const text_device device = read_device(record.get_object());
        to = bench_put_line(to, device.id.ptr, device.id.len, text_rule_judge(&device));
    }
    return size_t(to - lines);
}

const struct bench_peer bench_peer = {prepare, nullptr, write_lines, nullptr};
