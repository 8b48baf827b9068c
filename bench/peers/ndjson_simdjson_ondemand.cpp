// SPDX-License-Identifier: Apache-2.0
//
// ndjson_simdjson_ondemand.cpp - C++ with simdjson On-Demand. It does not validate the values that
// it passes over, so it accepts records that the others refuse.
#include <cstring>
#include <simdjson.h>

#include "text_rule.h"

namespace ondemand = simdjson::ondemand;

static ondemand::parser parser;
static bench_text records;

static void prepare(const bench_data *data)
{
    records = data->records;
    if (parser.allocate(1 << 20) != simdjson::SUCCESS)
        bench_die("simdjson", "no memory");
}

static bench_text to_text(ondemand::value value)
{
    const std::string_view text = value.get_string();
    return {text.data(), text.size()};
}

static text_device read_device(ondemand::object record)
{
    text_device device = {};
    for (auto field : record) {
        const std::string_view key = field.unescaped_key();
        if (key == "device_id")
            device.id = to_text(field.value());
        else if (key == "edition")
            device.edition = to_text(field.value());
        else if (key == "os_build")
            device.build = to_text(field.value());
        else if (key == "vbs_running")
            device.vbs = field.value().get_bool();
        else if (key == "entra_joined")
            device.entra = field.value().get_bool();
        else if (key == "hybrid_joined")
            device.hybrid = field.value().get_bool();
        else if (key == "mdm")
            device.mdm = to_text(field.value());
        else if (key == "hotpatch_policy")
            device.policy = field.value().get_bool();
    }
    return device;
}

static size_t write_lines(char *lines)
{
    char *to = lines;
    const char *end = records.ptr + records.len;
    for (const char *at = records.ptr; at < end;) {
        const auto *newline = static_cast<const char *>(memchr(at, '\n', size_t(end - at)));
        const size_t len = size_t((newline ? newline : end) - at);
        auto document = parser.iterate(at, len, len + simdjson::SIMDJSON_PADDING);
        const text_device device = read_device(document.get_object());
        to = bench_put_line(to, device.id.ptr, device.id.len, text_rule_judge(&device));
        at += len + 1;
    }
    return size_t(to - lines);
}

const struct bench_peer bench_peer = {prepare, nullptr, write_lines, nullptr};
