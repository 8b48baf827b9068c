/* SPDX-License-Identifier: Apache-2.0
 *
 * engine_rules.h - what the taking of new rules (engine_rules.c) and their trials (engine_trial.c)
 * need of each other. All on the engine's thread. */
#ifndef MST_SERVICE_ENGINE_RULES_H
#define MST_SERVICE_ENGINE_RULES_H

#include "engine.h"

/* ---- engine_rules.c ---------------------------------------------------------------------- */

/* The number of a verdict in the rules by its name in the state, or MST_ROSTER_NONE. */
uint32_t mst_rules_find_verdict(const mst_ruleset *rules, uint32_t name);
/* Hand the work back: as it is, refused for its `why`, or taken (now, or at the instant that its
 * rules name). The last two take its ruleset. */
void mst_rules_answer(mst_engine *engine, struct mst_rules_work *work, int status);
void mst_rules_refuse(mst_engine *engine, struct mst_rules_work *work, int status);
void mst_rules_accept(mst_engine *engine, struct mst_rules_work *work);
/* For whoever asks which rules were refused last. */
void mst_rules_note_refusal(mst_engine *engine, const mst_ruleset *rules, const char *why);
/* Begins the body of an answer: an object, left open. */
void mst_rules_describe(struct mst_rules_work *work, const char *rules, const char *state);
/* False: `why` of the work says why its rules may not follow the active ones. */
bool mst_rules_may_follow(const mst_ruleset *active, struct mst_rules_work *work);
void mst_rules_drop_pending(mst_engine *engine);
/* Keeps the given rules as the active ones, and the pending ones, for the next start. */
void mst_rules_remember(mst_engine *engine, const mst_ruleset *rules);

/* ---- engine_trial.c ---------------------------------------------------------------------- */

/* Tries the work's rules; it is answered when the trial has ended, or at once with 503. */
void mst_trial_take(mst_engine *engine, struct mst_rules_work *work);
/* What was counted so far is void: the active rules are others now. */
void mst_trial_begin_anew(struct mst_trial *trial);
/* Gives up a trial that is on, since the service ends: its work is answered. */
void mst_trial_end(mst_engine *engine);
/* A trial of the pending rules, or its result, does not count any more. */
void mst_trial_leave_pending(mst_engine *engine);

#endif
