/* SPDX-License-Identifier: Apache-2.0
 *
 * bytes.h - little-endian integers in bytes, whatever the machine and the alignment. The loop
 * takes its instructions apart with it. */
#ifndef MST_FORMAT_BYTES_H
#define MST_FORMAT_BYTES_H

#include <stdint.h>

/* One load where the compiler can say so, which it does not always make of the portable form. */
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define MST_LOAD(type, p, portable)                                                                \
    type value;                                                                                    \
    __builtin_memcpy(&value, p, sizeof value);                                                     \
    return value
#else
#define MST_LOAD(type, p, portable) return portable
#endif

static inline uint16_t mst_load_u16(const unsigned char *p)
{
    MST_LOAD(uint16_t, p, (uint16_t)(p[0] | p[1] << 8));
}

static inline uint32_t mst_load_u32(const unsigned char *p)
{
    MST_LOAD(uint32_t, p, mst_load_u16(p) | (uint32_t)mst_load_u16(p + 2) << 16);
}

static inline uint64_t mst_load_u64(const unsigned char *p)
{
    MST_LOAD(uint64_t, p, mst_load_u32(p) | (uint64_t)mst_load_u32(p + 4) << 32);
}

#undef MST_LOAD

static inline void mst_store_u16(unsigned char *p, uint16_t v)
{
    p[0] = (unsigned char)v;
    p[1] = (unsigned char)(v >> 8);
}

static inline void mst_store_u32(unsigned char *p, uint32_t v)
{
    mst_store_u16(p, (uint16_t)v);
    mst_store_u16(p + 2, (uint16_t)(v >> 16));
}

static inline void mst_store_u64(unsigned char *p, uint64_t v)
{
    mst_store_u32(p, (uint32_t)v);
    mst_store_u32(p + 4, (uint32_t)(v >> 32));
}

#endif
