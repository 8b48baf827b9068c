/* SPDX-License-Identifier: Apache-2.0
 *
 * muster.h - verify and run compiled rules.
 *
 * An *image* is what the compiler makes of rule files and their tables: one block of bytes that
 * is untrusted until mst_image_open() has verified it. A *vm* holds the facts of one subject and
 * evaluates verdicts over them. Nothing here allocates, reads a clock, opens a file or keeps a
 * global: the host brings the bytes, the memory and the instant.
 *
 *     mst_image image;
 *     mst_fault why = MST_FAULT_INIT;
 *     if (mst_image_open(&image, bytes, size, NULL, &why) != MST_OK) ...
 *     mst_vm *vm;
 *     if (mst_vm_init(&vm, block, mst_vm_size(&image), &image) != MST_OK) ...
 *     mst_slot build = mst_fact_find(&image, "os.build");
 *     mst_facts_clear(vm);
 *     mst_fact_version(vm, build, MST_VERSION(26100, 9106, 0, 0));
 *     mst_verdict verdict = MST_VERDICT_INIT;
 *     mst_eval(vm, mst_verdict_find(&image, "readiness"), now, &verdict);
 *
 * What holds for every function, unless it says otherwise:
 *   Ownership  Nothing is handed over: what a host gives is borrowed for as long as is said here,
 *              what it gets (mst_text, const pointers) lies in the image's bytes or in what it
 *              gave, and is never freed.
 *   Threads    An mst_image is read-only after opening and may be shared by many threads; an mst_vm
 *              belongs to one thread at a time, also where it is passed as const.
 *   Errors     Functions that can fail return an mst_status (spec/statuses.md lists them); what
 *              they were to fill is untouched on an error, unless its name says `len`. Others
 *              answer an index that does not exist with MST_INDEX_NONE, or with a text without
 *              bytes whose ptr is NULL.
 *   Pointers   May not be NULL. An image or vm must have been opened or initialised with MST_OK.
 *   Time       Seconds since 1970-01-01T00:00:00Z without leap seconds, signed 64 bits.
 *   Sizes      Structs that begin with `size` are set up with their _INIT macro. The library reads
 *              and fills no more than `size` says, so that a program built against an older header
 *              keeps working. mst_record_error and mst_frame, which every record fills, and all
 *              other structs keep their form for good.
 *   C++        C++11 and later.
 */
#ifndef MUSTER_MUSTER_H
#define MUSTER_MUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MST_API __attribute__((visibility("default")))
#else
#define MST_API
#endif

typedef enum mst_status {
#define MST_STATUS(name, value, text) MST_##name = (value),
#include "muster/status.def"
#undef MST_STATUS
    MST_STATUS_LAST = 0x7fffffff
} mst_status;

/* The text of a status, in read-only memory and for good; "unknown status" for any other number. */
MST_API const char *mst_status_text(mst_status status);

/* ---- values ------------------------------------------------------------------------------ */

/* The types of the language. A value is 64 bits wide:
 *   bool      0 or 1
 *   int       signed, 64 bits
 *   version   MST_VERSION(): four parts of 16 bits, the first one highest
 *   date      days since 1970-01-01 (signed), years 1 to 9999
 *   month     months since year 0: year * 12 + (month - 1), years 1 to 9999
 *   duration  seconds (signed)
 *   time      seconds since 1970-01-01T00:00:00Z (signed), years 1 to 9999
 *   enum      number of the member, from 0; the member count itself stands for `other`
 *   text      UTF-8, given as pointer and length, returned as mst_text
 *   record    has no value of its own: it is there or not, its fields are facts
 *   list      its length; its elements are facts */
typedef enum mst_type {
    MST_TYPE_NONE = 0,
    MST_TYPE_BOOL = 1,
    MST_TYPE_INT = 2,
    MST_TYPE_TEXT = 3,
    MST_TYPE_VERSION = 4,
    MST_TYPE_DATE = 5,
    MST_TYPE_MONTH = 6,
    MST_TYPE_DURATION = 7,
    MST_TYPE_TIME = 8,
    MST_TYPE_ENUM = 9,
    MST_TYPE_RECORD = 10,
    MST_TYPE_LIST = 11,
    MST_TYPE_LAST = 0x7fffffff
} mst_type;

/* 26100.9106 is MST_VERSION(26100, 9106, 0, 0). */
#define MST_VERSION(a, b, c, d)                                                                    \
    ((uint64_t)(a) << 48 | (uint64_t)(b) << 32 | (uint64_t)(c) << 16 | (uint64_t)(d))

/* UTF-8, not terminated by a zero byte; `len` counts bytes. */
typedef struct mst_text {
    const char *ptr;
    uint32_t len;
} mst_text;

#define MST_NEVER INT64_MAX /* valid_until of a verdict that only a fact can change */

/* "There is none": of indices of facts, groups, enums, verdicts and checks, counted from 0. */
#define MST_INDEX_NONE UINT32_MAX

/* ---- images ------------------------------------------------------------------------------ */

/* Why an image was refused. */
typedef struct mst_fault {
    uint32_t size;
    uint32_t id;      /* of spec/faults.md; they keep their numbers */
    uint64_t offset;  /* in bytes from the begin of the image: where it was found */
    const char *text; /* in read-only memory, for good */
} mst_fault;
#define MST_FAULT_INIT                                                                             \
    {                                                                                              \
        sizeof(mst_fault), 0, 0, ""                                                                \
    }

/* What a host is ready to spend. An image whose proven worst case is above is refused, so that no
 * evaluation ever runs out. */
typedef struct mst_limits {
    uint32_t size;
    uint32_t max_output_bytes; /* of one rendered text; usually 64 KiB */
    uint64_t max_steps;        /* instructions of a verdict with texts; usually ten million */
    uint64_t max_vm_bytes;     /* mst_vm_size(); usually 16 MiB */
    uint64_t max_cause_steps;  /* of listing the causes of one verdict; usually 100 million */
} mst_limits;
#define MST_LIMITS_INIT                                                                            \
    {                                                                                              \
        sizeof(mst_limits), 65536, 10000000, 16777216, 100000000                                   \
    }

/* An opened image. The fields are private to the library; the host only provides the storage, in
 * which it must stay while a vm or a reader uses it. There is nothing to release. */
typedef struct mst_image {
    const unsigned char *bytes;
    uint64_t vm_bytes;
    uint32_t byte_count;
    struct {
        uint32_t offset, count;
    } section[32];
    uint32_t reserved[16];
} mst_image;

/* Verifies `byte_count` bytes at `bytes`, which may come from anywhere, and makes them usable as
 * `*image`. The bytes are borrowed and must not change or move while the image or a vm on it is in
 * use; they need no alignment. `limits` may be NULL (MST_LIMITS_INIT). Time: linear in byte_count.
 * MST_ERR_IMAGE: they are no image, or a broken one; MST_ERR_LIMIT: one that may cost more than
 * `limits`. Then `*image` cannot be used, and `*why` (may be NULL) says what was found. */
MST_API mst_status mst_image_open(mst_image *image, const void *bytes, size_t byte_count,
                                  const mst_limits *limits, mst_fault *why);

/* Of the root module: its name, its version, and the sentence under its head (may be empty). */
MST_API mst_text mst_image_module(const mst_image *image);  /* "windows.hotpatch" */
MST_API mst_text mst_image_version(const mst_image *image); /* "2026.11"; "0.0" if none */
MST_API mst_text mst_image_doc(const mst_image *image);
/* The 32 bytes of the SHA-256 of sources, tables and parameters: what the rules are. */
MST_API const unsigned char *mst_image_digest(const mst_image *image);
/* The digest of the image that this one was built to follow; NULL if none was named. */
MST_API const unsigned char *mst_image_predecessor(const mst_image *image);
/* `effective from` of the root module as a time, MST_NEVER where it has none. */
MST_API int64_t mst_image_effective_from(const mst_image *image);

/* ---- facts ------------------------------------------------------------------------------- */

/* A place in a vm that holds one fact; the same in every vm of an image. */
typedef uint32_t mst_slot;
#define MST_SLOT_NONE UINT32_MAX

/* Facts are listed in declaration order. A record's fields follow it, with the record as their
 * `parent`; so does the one element of a list, described once: the slot of element i is
 * `slot + i * stride`, its length is kept in the list's own slot. */
typedef struct mst_fact_info {
    uint32_t size;
    mst_type type;
    mst_text name; /* "os.build", as in rules and causes; of an element that of its list */
    mst_text path; /* dotted path in a record: "os.osBuild"; relative to `parent` */
    mst_text doc;
    mst_slot slot;       /* of a record: whether it is there at all; its fields have their own */
    uint32_t group;      /* index of its group */
    uint32_t enum_index; /* of an enum; else MST_INDEX_NONE */
    uint32_t parent;     /* index of the record or list that it is part of, or MST_INDEX_NONE */
    uint32_t capacity;   /* of a list: most elements; else 0 */
    uint32_t stride;     /* of a part of a list: slots from one element to the next; else 0 */
    uint32_t max_bytes;  /* of a text: a longer one is invalid; else 0 */
    bool has_default;    /* the rules say what counts where it is missing */
} mst_fact_info;
#define MST_FACT_INFO_INIT                                                                         \
    {                                                                                              \
        sizeof(mst_fact_info), MST_TYPE_NONE, {NULL, 0}, {NULL, 0}, {NULL, 0}, MST_SLOT_NONE,      \
            MST_INDEX_NONE, MST_INDEX_NONE, MST_INDEX_NONE, 0, 0, 0, false                         \
    }

typedef struct mst_group_info {
    uint32_t size;
    mst_text name; /* "os" */
    mst_text path; /* dotted path of its object in a record; empty: the record itself */
    mst_text doc;
    int64_t stale_after_s; /* 0: its facts do not expire */
} mst_group_info;
#define MST_GROUP_INFO_INIT                                                                        \
    {                                                                                              \
        sizeof(mst_group_info), {NULL, 0}, {NULL, 0}, {NULL, 0}, 0                                 \
    }

typedef struct mst_enum_info {
    uint32_t size;
    mst_text name;
    uint32_t member_count;   /* without `other` */
    uint32_t spelling_count; /* every name and listed spelling */
} mst_enum_info;
#define MST_ENUM_INFO_INIT                                                                         \
    {                                                                                              \
        sizeof(mst_enum_info), {NULL, 0}, 0, 0                                                     \
    }

/* A param of the rules, and the value that the image was built with. */
typedef struct mst_param_info {
    uint32_t size;
    mst_type type;
    mst_text name;       /* with its module: "windows.rollout.max_age" */
    mst_text value;      /* as messages print it: "30 days" */
    uint32_t enum_index; /* of an enum; else MST_INDEX_NONE */
} mst_param_info;
#define MST_PARAM_INFO_INIT                                                                        \
    {                                                                                              \
        sizeof(mst_param_info), MST_TYPE_NONE, {NULL, 0}, {NULL, 0}, MST_INDEX_NONE                \
    }

/* What the rules read. MST_ERR_ARGUMENT: `index` is not below the count. */
MST_API uint32_t mst_fact_count(const mst_image *image);
MST_API mst_status mst_fact_info_at(const mst_image *image, uint32_t index, mst_fact_info *info);
MST_API uint32_t mst_group_count(const mst_image *image);
MST_API mst_status mst_group_info_at(const mst_image *image, uint32_t index, mst_group_info *info);
MST_API uint32_t mst_enum_count(const mst_image *image);
MST_API mst_status mst_enum_info_at(const mst_image *image, uint32_t index, mst_enum_info *info);
/* The name of a member; a text without bytes for `other`, which has none. */
MST_API mst_text mst_enum_member(const mst_image *image, uint32_t enum_index, uint32_t member);
/* The spelling `i` of an enum, and the member it stands for; *member is MST_INDEX_NONE for a
 * spelling that means "unknown", and past the end. Spellings are compared ignoring ASCII case. */
MST_API mst_text mst_enum_spelling(const mst_image *image, uint32_t enum_index, uint32_t i,
                                   uint32_t *member);

/* Params, those of imported modules too, in declaration order. They cannot be set any more: another
 * value makes another image. */
MST_API uint32_t mst_param_count(const mst_image *image);
MST_API mst_status mst_param_info_at(const mst_image *image, uint32_t index, mst_param_info *info);

/* The slot of a fact by the name that rules use ("os.build", with a zero byte behind);
 * MST_SLOT_NONE if there is none. Linear in the number of facts: look up once, at start. */
MST_API mst_slot mst_fact_find(const mst_image *image, const char *name);
/* The index of a group by its name ("os"); MST_INDEX_NONE if there is none. */
MST_API uint32_t mst_group_find(const mst_image *image, const char *name);
/* The fact (index, not slot) that names the subject; MST_INDEX_NONE where rules have none. */
MST_API uint32_t mst_image_subject(const mst_image *image);

/* ---- the vm ------------------------------------------------------------------------------ */

/* Holds the facts of one subject at a time and what was found out about them. */
typedef struct mst_vm mst_vm;

/* Bytes that a vm for this image needs; at most max_vm_bytes of the limits it was opened with. */
MST_API size_t mst_vm_size(const mst_image *image);
/* Makes a vm in `block` (aligned for uint64_t, `byte_count` >= mst_vm_size()). The vm borrows
 * block and image, which must stay where they are; there is nothing to release. All facts are
 * missing. MST_ERR_SPACE: the block is too small or not aligned. */
MST_API mst_status mst_vm_init(mst_vm **vm, void *block, size_t byte_count, const mst_image *image);

/* Forgets all facts and observed times, and the texts borrowed for them: between two subjects. */
MST_API void mst_facts_clear(mst_vm *vm);

/* Set one fact; setting it again replaces it. MST_ERR_TYPE where the slot has another type,
 * MST_ERR_ARGUMENT where the slot does not exist or the value is out of its type's range; the fact
 * is then unchanged. A text (UTF-8, which the host vouches for; `ptr` may be NULL where `len` is 0)
 * is borrowed until mst_facts_clear() or until the fact is set again; one longer than the fact's
 * max_bytes makes the fact invalid, with MST_OK. */
MST_API mst_status mst_fact_bool(mst_vm *vm, mst_slot slot, bool value);
MST_API mst_status mst_fact_int(mst_vm *vm, mst_slot slot, int64_t value);
MST_API mst_status mst_fact_version(mst_vm *vm, mst_slot slot, uint64_t value); /* MST_VERSION() */
MST_API mst_status mst_fact_date(mst_vm *vm, mst_slot slot, int64_t days);
MST_API mst_status mst_fact_month(mst_vm *vm, mst_slot slot, int64_t months);
MST_API mst_status mst_fact_duration(mst_vm *vm, mst_slot slot, int64_t seconds);
MST_API mst_status mst_fact_time(mst_vm *vm, mst_slot slot, int64_t seconds);
MST_API mst_status mst_fact_text(mst_vm *vm, mst_slot slot, const char *ptr, size_t len);
MST_API mst_status mst_fact_enum(mst_vm *vm, mst_slot slot, uint32_t member);
/* An enum by its spelling as found in data; one that is not listed becomes `other` and is borrowed
 * like a text; longer than 64 bytes it is invalid; one that means "unknown" makes the fact missing.
 * Linear in the number of spellings. */
MST_API mst_status mst_fact_spelling(mst_vm *vm, mst_slot slot, const char *ptr, size_t len);
/* `other` of an enum directly, for a reader with its own look-up of spellings. */
MST_API mst_status mst_fact_other(mst_vm *vm, mst_slot slot, const char *ptr, size_t len);
/* The length of a list (at most its capacity); `cut` when the data had more elements, so that what
 * depends on them all is unknown. Elements are set one by one, each part in its own slot. */
MST_API mst_status mst_fact_list(mst_vm *vm, mst_slot slot, uint32_t length, bool cut);
/* A record is there; its fields are set one by one. */
MST_API mst_status mst_fact_present(mst_vm *vm, mst_slot slot);
/* Present but not readable as its type; or absent again. Of any type. */
MST_API mst_status mst_fact_invalid(mst_vm *vm, mst_slot slot);
MST_API mst_status mst_fact_missing(mst_vm *vm, mst_slot slot);
/* When the facts of a group (its index) were observed, as a time; without it, and without a time
 * for all groups (MST_INDEX_NONE), facts do not expire. MST_ERR_ARGUMENT: no such group, or a time
 * out of range. */
MST_API mst_status mst_observed(mst_vm *vm, uint32_t group, int64_t time);

/* Facts kept aside: all that is set in a vm, observed times too, as one block of memory (aligned
 * for uint64_t, of mst_facts_size() bytes), and set again by one copy, in this vm or another of the
 * same image. For a host that judges a subject again and again, or at another time than it reads
 * it. The block holds the vm's own words and pointers: it is a form for memory, not for files or
 * other programs, and what is loaded is not checked again. Texts stay borrowed for as long as a
 * block with them is used. MST_ERR_SPACE: the block is too small or not aligned. MST_ERR_ARGUMENT,
 * and nothing is changed: the block was saved from a vm of other image bytes, known by their
 * address, number and digest, so that a new image may lie where an old one was. */
MST_API size_t mst_facts_size(const mst_vm *vm);
MST_API mst_status mst_facts_save(const mst_vm *vm, void *block, size_t byte_count);
MST_API mst_status mst_facts_load(mst_vm *vm, const void *block, size_t byte_count);

/* The text of a known text fact, or of an enum fact by its member or its `other` spelling;
 * {NULL, 0} where the fact is unknown, of another type, or does not exist. It lies in the image, or
 * where the host gave it. */
MST_API mst_text mst_fact_text_of(const mst_vm *vm, mst_slot slot);

/* ---- verdicts ---------------------------------------------------------------------------- */

typedef enum mst_kind {
    MST_KIND_PASS = 0,    /* of a policy: every check holds */
    MST_KIND_FAIL = 1,    /* of a policy: a check does not hold, whatever is unknown */
    MST_KIND_CASE = 2,    /* of a decision: a case was taken */
    MST_KIND_UNKNOWN = 3, /* of either: facts decide that are not known */
    MST_KIND_LAST = 0x7fffffff
} mst_kind;

typedef struct mst_verdict {
    uint32_t size;
    mst_kind kind;
    uint32_t outcome;       /* policy: 0 pass, 1 fail, 2 unknown; decision: the case, or
                               MST_INDEX_NONE where it is unknown */
    uint32_t check;         /* the one that failed, or the first unknown one; else
                               MST_INDEX_NONE */
    uint32_t unknown_count; /* unknown checks (policy) or 1 (unknown decision) */
    uint32_t advice_count;  /* for mst_advice_name() */
    uint32_t field_count;   /* for mst_field_at() */
    uint32_t index;         /* which verdict this is */
    int64_t at;             /* the instant that was asked for */
    int64_t valid_until;    /* with the same facts the verdict is the same at every instant from
                               `at` on and before this one; MST_NEVER */
} mst_verdict;
#define MST_VERDICT_INIT                                                                           \
    {                                                                                              \
        sizeof(mst_verdict), MST_KIND_UNKNOWN, MST_INDEX_NONE, MST_INDEX_NONE, 0, 0, 0,            \
            MST_INDEX_NONE, 0, 0                                                                   \
    }

typedef struct mst_verdict_info {
    uint32_t size;
    bool is_policy;
    bool is_root;              /* declared in the root module */
    mst_text name;             /* "readiness"; of an imported module "windows.device.known" */
    mst_text title;            /* "Hotpatch readiness", may be empty */
    mst_text doc;              /* may be empty */
    uint32_t check_count;      /* of a policy (advise not counted) */
    uint32_t case_count;       /* of a decision */
    uint32_t advise_count;     /* most pieces of advice */
    uint64_t max_steps;        /* proven worst case in instructions, texts included */
    uint32_t max_output_bytes; /* proven length of its longest text or field */
    uint64_t max_cause_steps;  /* of mst_cause_next(); a step writes up to five words of a set */
} mst_verdict_info;
#define MST_VERDICT_INFO_INIT                                                                      \
    {                                                                                              \
        sizeof(mst_verdict_info), false, false, {NULL, 0}, {NULL, 0}, {NULL, 0}, 0, 0, 0, 0, 0, 0  \
    }

/* The policies and decisions of an image. MST_ERR_ARGUMENT: `index` is not below the count. */
MST_API uint32_t mst_verdict_count(const mst_image *image);
MST_API mst_status mst_verdict_info_at(const mst_image *image, uint32_t index,
                                       mst_verdict_info *info);
/* The index of the verdict of that name (with a zero byte behind); MST_INDEX_NONE if there is
 * none. Linear in the number of verdicts: look up once, at start. */
MST_API uint32_t mst_verdict_find(const mst_image *image, const char *name);
/* The word that the rules give an outcome: "eligible", "not_eligible"; of a decision the case's
 * outcome, or "unknown" where it is that. */
MST_API mst_text mst_outcome_name(const mst_image *image, const mst_verdict *verdict);
/* A check by its number in its policy, from 0: its name, and its title (may be empty). */
MST_API mst_text mst_check_name(const mst_image *image, uint32_t verdict_index, uint32_t check);
MST_API mst_text mst_check_title(const mst_image *image, uint32_t verdict_index, uint32_t check);

/* Evaluates one verdict (its index) over the facts now in the vm, at the instant `now` (a time of
 * the years 1 to 9999). MST_ERR_ARGUMENT: there is no such verdict, or `now` is out of range.
 * Nothing else can go wrong: what the facts do not allow to say is MST_KIND_UNKNOWN. Verdicts asked
 * one after the other, of the same facts at the same `now`, share what they have in common.
 * Everything below describes the last mst_eval() of the vm until a fact is set or cleared. */
MST_API mst_status mst_eval(mst_vm *vm, uint32_t verdict_index, int64_t now, mst_verdict *verdict);

typedef enum mst_part {
    MST_PART_LABEL = 0,  /* the outcome in words */
    MST_PART_REASON = 1, /* why */
    MST_PART_REMEDY = 2, /* what to do about it */
    MST_PART_CITE = 3,   /* where that is written */
    MST_PART_LAST = 0x7fffffff
} mst_part;

/* Renders a text of the verdict into `buffer`, of `capacity` bytes, without a zero byte behind.
 * *len is its whole length, also on MST_ERR_SPACE: the buffer is then filled as far as it goes,
 * perhaps within a character. With max_output_bytes of the verdict's info it always fits.
 * MST_ERR_NOT_FOUND: the verdict has no such text; *len is 0. `buffer` may be NULL where
 * `capacity` is 0. */
MST_API mst_status mst_render(mst_vm *vm, mst_part part, char *buffer, size_t capacity,
                              size_t *len);

/* Whether that text, or that there is none, is the same for every verdict of the image that has the
 * same index, kind, outcome and check, so that a host may keep it. False where it may depend on
 * facts or on time. */
MST_API bool mst_render_is_constant(const mst_vm *vm, mst_part part);

/* The i-th unknown check of a policy, in source order. MST_INDEX_NONE past the end. */
MST_API uint32_t mst_unknown_check(const mst_vm *vm, uint32_t i);

/* Evaluates the checks behind the one that failed too, for a report of everything that is wrong;
 * verdict and valid_until stay those of the last mst_eval(), which speak of the first alone.
 * MST_ERR_NOT_FOUND: the last verdict is no policy that failed. */
MST_API mst_status mst_eval_all_checks(mst_vm *vm);
/* After that the i-th check that fails, in source order, the deciding one among them.
 * MST_INDEX_NONE past the end, and where not all checks were evaluated. */
MST_API uint32_t mst_failed_check(const mst_vm *vm, uint32_t i);

/* The i-th piece of advice, from 0: its name, and its texts (reason, remedy, cite; *len and
 * statuses as in mst_render()). */
MST_API mst_text mst_advice_name(const mst_vm *vm, uint32_t i);
MST_API mst_status mst_advice_render(mst_vm *vm, uint32_t i, mst_part part, char *buffer,
                                     size_t capacity, size_t *len);

/* A field of the case that a decision has taken. */
typedef struct mst_field {
    uint32_t size;
    mst_type type;
    bool known;
    mst_text name;
    int64_t value; /* by type; for text and enum use mst_field_render() */
} mst_field;
#define MST_FIELD_INIT                                                                             \
    {                                                                                              \
        sizeof(mst_field), MST_TYPE_NONE, false, {NULL, 0}, 0                                      \
    }
/* The i-th field, from 0. MST_ERR_NOT_FOUND past the end. */
MST_API mst_status mst_field_at(mst_vm *vm, uint32_t i, mst_field *field);
/* Its value as in messages: texts without quotes, "unknown" where it is not known; *len and
 * statuses as in mst_render(). */
MST_API mst_status mst_field_render(mst_vm *vm, uint32_t i, char *buffer, size_t capacity,
                                    size_t *len);

/* Why something is unknown. */
typedef enum mst_cause_kind {
    MST_CAUSE_MISSING = 0,   /* a fact that nobody gave */
    MST_CAUSE_INVALID = 1,   /* a fact that is not of its type */
    MST_CAUSE_STALE = 2,     /* a fact observed too early */
    MST_CAUSE_UNDECIDED = 3, /* the rules leave it open on purpose */
    MST_CAUSE_FAULT = 4, /* a computation without a result: overflow, division by zero, no row */
    MST_CAUSE_KINDS = 5, /* how many kinds there are */
    MST_CAUSE_LAST = 0x7fffffff
} mst_cause_kind;

typedef struct mst_cause {
    uint32_t size;
    mst_cause_kind kind;
    mst_text name; /* a fact, or the check, case, let or table at fault */
} mst_cause;
#define MST_CAUSE_INIT                                                                             \
    {                                                                                              \
        sizeof(mst_cause), MST_CAUSE_MISSING,                                                      \
        {                                                                                          \
            NULL, 0                                                                                \
        }                                                                                          \
    }
/* The causes of the last verdict that is unknown or has unknown fields: start with *cursor = 0,
 * until MST_ERR_NOT_FOUND. By kind; facts in declaration order, before the rest in source order.
 * The first call after mst_eval() runs the verdict once more, with a set of causes beside each
 * value: max_cause_steps of its mst_verdict_info at most. The others do not; mst_verdict_json()
 * does so too, where something is unknown. */
MST_API mst_status mst_cause_next(mst_vm *vm, uint32_t *cursor, mst_cause *cause);

/* ---- rule tests that an image carries (built with tests) --------------------------------- */

/* What a test expects. */
typedef enum mst_expectation {
    MST_EXPECT_HOLDS = 0, /* a condition is true */
    MST_EXPECT_UNTIL = 1, /* valid_until of a verdict */
    MST_EXPECT_CAUSE = 2, /* a cause that a verdict lists */
    MST_EXPECT_LAST = 0x7fffffff
} mst_expectation;

/* One expectation of one test, as it came out. */
typedef struct mst_selftest_result {
    uint32_t size;
    uint32_t test;      /* number of the test, from 0 */
    uint32_t test_line; /* in the source of the tests, from 1 */
    uint32_t line;      /* of the expectation */
    mst_text name;      /* of the test */
    int64_t at;         /* the instant at which it looks */
    mst_expectation what;
    bool passed;
    bool known;              /* HOLDS: false where the condition was unknown */
    uint32_t verdict;        /* UNTIL, CAUSE: its index; else MST_INDEX_NONE */
    int64_t expected, found; /* UNTIL: times, or MST_NEVER */
} mst_selftest_result;

/* Called in the course of mst_selftest(), with the context given there. *result is borrowed for the
 * call. The facts of the test are in the vm meanwhile: a host may evaluate verdicts `at` its
 * instant to show them, but set no fact. */
typedef void mst_selftest_report(void *context, mst_vm *vm, const mst_selftest_result *result);

/* How many rule tests the image carries. Linear in their steps. */
MST_API uint32_t mst_selftest_count(const mst_image *image);
/* Runs all rule tests of the vm's image; the facts of the vm are cleared before and after. `report`
 * is called for each expectation; MST_OK says that all were run, not that they passed.
 * MST_ERR_NOT_FOUND: the image carries none. */
MST_API mst_status mst_selftest(mst_vm *vm, mst_selftest_report *report, void *context);

/* ---- looking inside ---------------------------------------------------------------------- */

/* Where an instruction stands, and what line of the rules it comes from. */
typedef struct mst_code_place {
    uint32_t size;
    uint32_t block;       /* number of its block of code */
    uint32_t first;       /* the first instruction of that block */
    uint64_t block_steps; /* steps of the block at worst, blocks that it calls included */
    mst_text module;
    uint32_t line, column; /* from 1; 0 where the image was built without its source */
    mst_text source;       /* the line, without the white space around it, at most 200 bytes */
} mst_code_place;
#define MST_CODE_PLACE_INIT                                                                        \
    {                                                                                              \
        sizeof(mst_code_place), 0, 0, 0, {NULL, 0}, 0, 0,                                          \
        {                                                                                          \
            NULL, 0                                                                                \
        }                                                                                          \
    }

/* MST_ERR_NOT_FOUND past the last instruction. */
MST_API mst_status mst_code_place_at(const mst_image *image, uint32_t pc, mst_code_place *place);

/* What a block of code is there for, by its number, without newline: "policy readiness",
 * "reason of readiness.edition", "label of next_step, case 2: restart", "let build"; *len as in
 * mst_render(). MST_ERR_NOT_FOUND past the last block. Linear in verdicts, checks and cases. */
MST_API mst_status mst_block_name(const mst_image *image, uint32_t block, char *buffer,
                                  size_t capacity, size_t *len);
/* Called before each instruction of the image that is executed for a verdict or a text of the vm.
 * `pc` is its number, `before` that of the instruction executed last in the same run of its block,
 * or MST_INDEX_NONE. It may read the vm through the functions below, and do nothing else. */
typedef void mst_watch(void *context, mst_vm *vm, uint32_t pc, uint32_t before);
/* Has an evaluation watched, from the next one on; NULL ends it. What has been evaluated so far is
 * evaluated anew. Watching is slow: it is for tools that explain rules or measure their tests, by
 * the sites of lang.h. */
MST_API void mst_watch_begin(mst_vm *vm, mst_watch *watch, void *context);

/* What a slot of the vm holds. `slot` and `type_code` are those of a mst_site of lang.h: the type
 * must be that of the value that the slot holds when it is asked for. */
typedef struct mst_watched {
    uint32_t size;
    bool known;
    uint8_t causes; /* where it is unknown: 1 << mst_cause_kind of each kind of cause */
    uint16_t reserved;
    int64_t word; /* by type; a row its number; an element of a list too, with bit 32 set where it
                     stands for those that were cut off */
} mst_watched;
#define MST_WATCHED_INIT                                                                           \
    {                                                                                              \
        sizeof(mst_watched), false, 0, 0, 0                                                        \
    }
/* MST_ERR_ARGUMENT: there is no such slot. */
MST_API mst_status mst_watch_value(const mst_vm *vm, uint32_t slot, mst_watched *value);
/* The same as messages print it ("unknown" too), a row by its key or its number; *len as in
 * mst_render(). MST_ERR_ARGUMENT: there is no such slot or type. */
MST_API mst_status mst_watch_render(mst_vm *vm, uint32_t slot, uint32_t type_code, char *buffer,
                                    size_t capacity, size_t *len);
/* The row of a table whose key is in the slot. MST_ERR_NOT_FOUND: there is none, or no such table
 * or key. */
MST_API mst_status mst_watch_row(const mst_vm *vm, uint32_t table, uint32_t slot, uint32_t *row);

/* One line of readable code for the instruction `pc` of an image, without newline; *len as in
 * mst_render(). MST_ERR_NOT_FOUND past the end. A call names its block, as slowly as
 * mst_block_name(). */
MST_API mst_status mst_disassemble(const mst_image *image, uint32_t pc, char *buffer,
                                   size_t capacity, size_t *len);

#ifdef __cplusplus
}
#endif
#endif
