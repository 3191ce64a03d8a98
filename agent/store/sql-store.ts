import type { Store } from '../../core/ports/store.ts';
import * as collectors from './collectors.ts';
import { organizationCounts } from './counts.ts';
import type { StoreEngine } from './engine.ts';
import * as journal from './journal.ts';
import { saveLogons } from './logons.ts';
import * as plans from './plans.ts';
import { prune } from './prune.ts';
import { beginRead } from './reads.ts';
import { listReads, sightings } from './sightings.ts';
import { sourceState } from './source-state.ts';
import * as sources from './sources.ts';
import * as states from './states.ts';

/** The Store port over any database that kysely and an engine speak to. */
export function sqlStore(engine: StoreEngine): Store {
  const { db } = engine;
  return {
    beginRead: (read) => beginRead(engine, read),
    listReads: (organization) => listReads(db, organization),
    checkpoint: (source) => sources.checkpoint(db, source),
    lockedUsers: (source) => sources.lockedUsers(db, source),
    sourceMemory: (source) => sources.sourceMemory(db, source),
    keepSourceMemory: (source, value) => db.transaction().execute((tx) => sources.keepSourceMemory(tx, source, value)),
    saveLogons: (source, survey, at) => db.transaction().execute((tx) => saveLogons(tx, source, survey, at)),
    sightings: (organization) => sightings(engine, organization),
    storeId: () => sources.storeId(db),
    sourceState: (source, since) => sourceState(engine, source, since),
    firstCompleteAfter: (source, read) => sources.firstCompleteAfter(db, source, read),
    acknowledged: (source) => sources.acknowledged(db, source),
    acknowledge: (source, state) => db.transaction().execute((tx) => sources.acknowledge(tx, source, state)),

    collectors: (organization) => collectors.listCollectors(db, organization),
    saveCollector: (organization, record) => db.transaction().execute((tx) => collectors.saveCollector(tx, organization, record)),
    collectorImpact: (organization, name, mostNames) => collectors.collectorImpact(db, organization, name, mostNames),
    deletedCollectors: (organization) => collectors.deletedCollectors(db, organization),
    deleteCollector: (organization, name, at) => db.transaction().execute((tx) => collectors.deleteCollector(tx, organization, name, at)),
    restoreCollector: (organization, name) => db.transaction().execute((tx) => collectors.restoreCollector(tx, organization, name)),
    replaceCollector: (organization, change) => db.transaction().execute((tx) => collectors.replaceCollector(tx, organization, change)),
    purgeCollectors: (before) => db.transaction().execute((tx) => collectors.purgeCollectors(tx, before)),

    organizationState: (organization) => states.organizationState(db, organization),
    saveOrganizationState: (organization, state) => states.saveOrganizationState(db, organization, state),
    userStates: (organization) => states.userStates(db, organization),
    saveUserStates: (organization, saved) => db.transaction().execute((tx) => states.saveUserStates(tx, organization, saved)),
    contactBases: (organization) => states.contactBases(db, organization),
    saveContactBases: (organization, saved) => db.transaction().execute((tx) => states.saveContactBases(tx, organization, saved)),
    contactStates: (organization) => states.contactStates(db, organization),
    saveContactStates: (organization, saved) => db.transaction().execute((tx) => states.saveContactStates(tx, organization, saved)),

    heldPlan: (organization) => plans.heldPlan(db, organization),
    heldPlanSummary: (organization) => plans.heldPlanSummary(db, organization),
    holdPlan: (plan) => plans.holdPlan(db, plan),
    dropHeldPlan: (organization) => plans.dropHeldPlan(db, organization),

    startRun: (run) => journal.startRun(engine, run),
    finishRun: (run, end) => journal.finishRun(db, run, end),
    listRuns: (options) => journal.listRuns(db, options),
    getRun: (run) => journal.getRun(db, run),
    recordIntent: (entry, at) => journal.recordIntent(db, entry, at),
    recordResult: (id, outcome, remember, at) => journal.recordResult(db, id, outcome, remember, at),
    openIntents: (organization) => journal.openIntents(db, organization),
    journal: (run) => journal.journal(db, run),
    markUndone: (ids, by) => journal.markUndone(db, ids, by),

    saveDecisions: (organization, decisions) => plans.saveDecisions(db, organization, decisions),
    decisions: (organization) => plans.decisions(db, organization),
    decision: (organization, key) => plans.decision(db, organization, key),

    organizationCounts: (organization, vanishedSince) => organizationCounts(db, organization, vanishedSince),
    prune: (before) => prune(engine, before),

    close: () => engine.close(),
  };
}
