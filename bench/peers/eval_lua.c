/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_lua.c - Lua, in either of its forms: facts in a table per device, made beforehand, and one
 * call of a Lua function per device. */
#include "lua_engine.h"

static lua_State *lua; /* at 1: the rule, at 2: the list of devices */
static size_t count;

static void put_text(const char *key, struct bench_text text)
{
    lua_pushlstring(lua, text.ptr, text.len);
    lua_setfield(lua, -2, key);
}

static void put_number(const char *key, int number)
{
    lua_pushinteger(lua, number);
    lua_setfield(lua, -2, key);
}

static void put_flag(const char *key, bool flag)
{
    lua_pushboolean(lua, flag);
    lua_setfield(lua, -2, key);
}

static void push_device(const struct bench_facts *facts)
{
    lua_createtable(lua, 0, 8);
    put_text("edition", facts->edition);
    put_number("build_major", facts->device.build_major);
    put_number("build_rev", facts->device.build_rev);
    put_flag("vbs_running", facts->device.vbs);
    put_flag("entra_joined", facts->device.entra);
    put_flag("hybrid_joined", facts->device.hybrid);
    put_text("mdm", facts->mdm);
    put_flag("hotpatch_policy", facts->device.policy);
}

static void prepare(const struct bench_data *data)
{
    count = data->count;
    lua = lua_engine_open("hotpatch5.lua");
    lua_createtable(lua, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_device(&data->facts[i]);
        lua_rawseti(lua, 2, (int)i + 1);
    }
}

static void judge(uint8_t *reasons)
{
    for (size_t i = 0; i < count; i++) {
        lua_pushvalue(lua, 1);
        lua_rawgeti(lua, 2, (int)i + 1);
        lua_call(lua, 1, 1);
        reasons[i] = (uint8_t)lua_tointeger(lua, -1);
        lua_settop(lua, 2);
    }
}

const struct bench_peer bench_peer = {.prepare = prepare, .judge = judge};
