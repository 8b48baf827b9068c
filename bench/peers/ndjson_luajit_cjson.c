/* SPDX-License-Identifier: Apache-2.0
 *
 * ndjson_luajit_cjson.c - LuaJIT with lua-cjson: each record becomes a Lua table. */
#include "lua_engine.h"

static lua_State *lua;
static struct bench_text records;

static void prepare(const struct bench_data *data)
{
    records = data->records;
    lua = lua_engine_open("hotpatch5_cjson.lua");
}

static size_t write_lines(char *lines)
{
    char *to = lines;
    const char *end = records.ptr + records.len;
    for (const char *at = records.ptr; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const size_t len = (size_t)((newline ? newline : end) - at);
        struct bench_text subject;
        lua_pushvalue(lua, 1);
        lua_pushlstring(lua, at, len);
        lua_call(lua, 1, 2);
        subject.ptr = lua_tolstring(lua, 2, &subject.len);
        to = bench_put_line(to, subject.ptr, subject.len, (enum reason)lua_tointeger(lua, 3));
        lua_settop(lua, 1);
        at += len + 1;
    }
    return (size_t)(to - lines);
}

const struct bench_peer bench_peer = {.prepare = prepare, .write = write_lines};
