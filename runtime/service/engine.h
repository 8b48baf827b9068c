/* SPDX-License-Identifier: Apache-2.0
 *
 * engine.h - the thread that owns the subjects: their state, their timers, the rules. It takes
 * batches of records, questions and new rules from its inbox, one after the other, and between
 * them works off what is due: verdicts whose time has come, subjects that new rules have not seen.
 *
 * A batch is one transaction: nothing of it is answered, shown or emitted before it is kept, and
 * where it cannot be kept, memory goes back to what it was. */
#ifndef MST_SERVICE_ENGINE_H
#define MST_SERVICE_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "agenda.h"
#include "batch.h"
#include "clock.h"
#include "exchange.h"
#include "lookahead.h"
#include "roster.h"
#include "ruleset.h"
#include "settings.h"
#include "state/state.h"
#include "wheel.h"

/* An observation so far in the future is taken for a wrong clock. */
#define MST_AHEAD_MAX_S 300

/* ---- questions --------------------------------------------------------------------------- */

enum mst_query_kind {
    MST_QUERY_SUBJECT, /* text: its id */
    MST_QUERY_DELETE,  /* the same */
    MST_QUERY_VERDICTS,
    MST_QUERY_CHANGES, /* number: the last change that was seen; limit */
    MST_QUERY_RULES,
    MST_QUERY_METRICS,
    MST_QUERY_STATUS,
};

struct mst_query {
    struct mst_work work;
    enum mst_query_kind kind;
    char *text; /* freed with the query, as all texts here */
    char *outcome, *verdict, *check;
    uint64_t number; /* in: where to begin; out: where to go on */
    uint32_t limit;
    int status; /* of HTTP */
    struct mst_grown body;
    void (*done)(struct mst_query *query); /* called on the loop's thread */
    void *context;
};

struct mst_query *mst_query_make(enum mst_query_kind kind, void (*done)(struct mst_query *query),
                                 void *context);
void mst_query_free(struct mst_query *query);

/* New rules, to be made active or only tried. */
struct mst_rules_work {
    struct mst_work work;
    mst_ruleset *ruleset; /* the engine's from here on; NULL: could not be made, see why */
    bool is_trial;        /* only try: count what would change */
    bool is_forced;       /* whatever its version is */
    int status;           /* of HTTP: 200, or why not */
    char why[MST_RULESET_WHY_BYTES];
    struct mst_grown body; /* JSON about it */
    void (*done)(struct mst_rules_work *work);
    void *context;
};

/* The last rules that were refused since the active ones became so, for whoever asks. */
struct mst_refusal {
    char rules[256]; /* empty: they could not be made */
    char why[MST_RULESET_WHY_BYTES];
    int64_t at; /* 0: none were */
};

struct mst_rules_work *mst_rules_work_make(void (*done)(struct mst_rules_work *work),
                                           void *context);
/* Its ruleset is not freed: that is the engine's. */
void mst_rules_work_free(struct mst_rules_work *work);
/* Says in the log what became of it, and frees it: `done` of work that nobody waits for. */
void mst_rules_work_tell(struct mst_rules_work *work);

/* ---- the engine -------------------------------------------------------------------------- */

/* How often things happened. */
struct mst_engine_counts {
    uint64_t accepted, rejected, retried, batches, commits_failed;
    uint64_t groups_older, observed_ahead;
    uint64_t evaluations_due, evaluations_swept, changes;
    uint64_t clock_back, clock_held, clock_ahead;
    uint64_t reloads, reloads_refused;
    int64_t lag_us, lag_us_max; /* of what was due, when it was evaluated */
    int64_t due_since_us;       /* when the oldest that is ripe became so; 0: none is */
};

/* How many subjects have a verdict. */
struct mst_tally {
    uint32_t verdict, outcome, check; /* names of the state */
    uint32_t kind;
    int64_t count;
};

/* What a commit that fails takes back. */
struct mst_undo {
    uint32_t slot;
    bool was_new;
    struct mst_subject subject;
};

/* What is found out about new rules over all that is stored. */
struct mst_trial {
    mst_ruleset *rules;          /* NULL: no trial is on */
    struct mst_rules_work *work; /* that they came with; NULL: they are the pending ones */
    int64_t from;                /* verdicts are those of then, or of now if that is later */
    uint32_t at;                 /* the next slot */
    uint64_t subjects, flips, failed;
    struct mst_trial_cell {
        uint32_t verdict, before, after;
        uint64_t count;
    } * cells;
    size_t cell_count, cell_capacity;
};

typedef struct mst_engine {
    const mst_settings *settings;
    struct mst_clock clock;
    pthread_t thread;
    struct mst_inbox inbox;
    struct mst_inbox *answers;

    mst_state *state;
    mst_roster roster;
    struct mst_wheel wheel;
    mst_ruleset *rules;
    uint32_t epoch;       /* counts rulesets */
    mst_ruleset *pending; /* takes effect later */
    struct mst_refusal refusal;
    int64_t rules_since; /* when they became active */
    uint32_t swept;      /* slots below it were evaluated by the rules */
    struct mst_trial trial;
    int64_t now;            /* of the batch or slice in work */
    int64_t run_us;         /* mst_clock_run_us() at that time */
    int64_t arrival;        /* the observed time of groups of the record without one */
    uint64_t last_sequence; /* in the open batch */

    mst_record_groups record;
    struct mst_lookahead ahead;
    struct mst_grown composed, line;
    struct mst_undo *undo;
    mst_state_verdict *undo_verdicts;
    size_t undo_count, undo_capacity;
    struct mst_engine_counts undo_counts;
    mst_state_status failed; /* the first thing that went wrong in the open batch */
    int64_t probe_us;        /* when the state is tried again */
    struct mst_tally *tallies;
    size_t tally_count, tally_capacity;
    struct mst_engine_counts counts;
    struct mst_rate rate; /* of counts.accepted */
    struct mst_agenda agenda;

    _Atomic bool is_ready;              /* what comes in can be kept */
    _Atomic uint64_t committed_changes; /* the last one that can be read */
    _Atomic uint32_t subject_count;
    struct mst_work stop;
    bool is_running;
    bool is_pending_forced; /* `pending` was taken whatever its version is */
    bool is_pending_tried;  /* it does not turn more than max-flips */
} mst_engine;

/* Opens the state, brings back what is in it (with a line of the log for each million subjects) and
 * makes `rules` active. False: it was logged why not. */
bool mst_engine_open(mst_engine *engine, const mst_settings *settings, struct mst_clock clock,
                     mst_ruleset *rules, struct mst_inbox *answers);
/* What the thread does over and over, and tests without one: takes a piece of work, waiting at most
 * wait_us for one, then a slice of what is due. False: it was told to stop. */
bool mst_engine_turn(mst_engine *engine, int64_t wait_us);
/* Begins the thread. */
bool mst_engine_start(mst_engine *engine);
/* Ends the thread once the inbox is worked off; the state is closed. */
void mst_engine_stop(mst_engine *engine);
void mst_engine_close(mst_engine *engine);

/* ---- parts of the engine, for each other ------------------------------------------------- */

/* engine_time.c: reads the clock, and begins anew where it jumped far back. */
void mst_engine_tick(mst_engine *engine);
/* Works off a slice of what is due; false where there was nothing. */
bool mst_engine_work(mst_engine *engine);
/* Evaluates a subject up to now from what is stored, in an open batch; false where that failed. */
bool mst_engine_catch_up(mst_engine *engine, uint32_t slot);
/* How long nothing will be due, in microseconds. */
int64_t mst_engine_idle_us(const mst_engine *engine);

/* engine_transaction.c */
bool mst_engine_begin(mst_engine *engine);
bool mst_engine_commit(mst_engine *engine);
/* What a write to the state came to: after the first that failed a commit takes everything back. */
void mst_engine_keep(mst_engine *engine, mst_state_status status);
/* Notes a subject as it is, for a commit that fails. */
void mst_engine_note(mst_engine *engine, uint32_t slot, bool was_new);

/* engine_merge.c */

/* Sets the facts of the ruleset's vm from what is stored. */
bool mst_engine_load(mst_engine *engine, mst_ruleset *rules, uint32_t slot);
/* Keeps what the record brings. Its facts are in the vm; afterwards those of the subject are.
 * False: `message` says why the record is rejected, or the state has failed. */
bool mst_engine_merge(mst_engine *engine, uint32_t slot, bool is_new,
                      char message[MST_RULESET_WHY_BYTES]);

/* engine_apply.c */
void mst_engine_batch(mst_engine *engine, struct mst_batch *batch);
/* Where the verdicts of a record are written, a line each. */
struct mst_reply {
    const char *seq;
    size_t seq_len;
    struct mst_grown *out;
};
/* Evaluates the facts that are in the vm at an instant, keeps what comes out, emits what changed
 * and sets the timer. `reply` may be NULL. */
void mst_engine_evaluate(mst_engine *engine, uint32_t slot, int64_t at,
                         const struct mst_reply *reply);
/* A verdict of the vm's last evaluation as a line of JSON behind `out`, with `since`, and `seq`
 * where seq_len is not 0. */
void mst_engine_render(mst_engine *engine, const mst_verdict *verdict, int64_t since,
                       const char *seq, size_t seq_len, struct mst_grown *out);
void mst_engine_tally(mst_engine *engine, const mst_state_verdict *verdict, int64_t delta);

/* engine_query.c */
void mst_engine_answer(mst_engine *engine, struct mst_query *query);

/* engine_rules.c */
void mst_engine_take_rules(mst_engine *engine, struct mst_rules_work *work);
/* At the start: of the given rules and those that were active at the end, the ones that may be. */
bool mst_engine_choose(mst_engine *engine);
bool mst_engine_activate(mst_engine *engine, mst_ruleset *rules);

/* engine_trial.c */

/* A slice of a trial; false where none is on. */
bool mst_engine_try(mst_engine *engine);
/* Has pending rules tried shortly before their instant, and makes them active when it has come. */
void mst_engine_look_at_pending(mst_engine *engine);

#endif
