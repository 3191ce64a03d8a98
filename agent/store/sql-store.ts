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
import { write } from './write.ts';

/** The Store port over any database that kysely and an engine speak to. */
export function sqlStore(engine: StoreEngine): Store {
  const { db } = engine;
  return {
    acquireLease: (organization, at) => engine.acquireLease(organization, at),
    beginRead: (read) => beginRead(engine, read),
    listReads: (organization) => listReads(db, organization),
    checkpoint: (source) => sources.checkpoint(db, source),
    lockedUsers: (source) => sources.lockedUsers(db, source),
    sourceMemory: (source) => sources.sourceMemory(db, source),
    keepSourceMemory: (source, value) => write(engine, source.organization, (tx) => sources.keepSourceMemory(tx, source, value)),
    saveLogons: (source, survey, at) => write(engine, source.organization, (tx) => saveLogons(tx, source, survey, at)),
    sightings: (organization) => sightings(engine, organization),
    storeId: () => sources.storeId(db),
    sourceState: (source, since) => sourceState(engine, source, since),
    firstCompleteAfter: (source, read) => sources.firstCompleteAfter(db, source, read),
    acknowledged: (source) => sources.acknowledged(db, source),
    acknowledge: (source, state) => write(engine, source.organization, (tx) => sources.acknowledge(tx, source, state)),

    collectors: (organization) => collectors.listCollectors(db, organization),
    saveCollector: (organization, record) => write(engine, organization, (tx) => collectors.saveCollector(tx, organization, record)),
    collectorImpact: (organization, name, mostNames) => collectors.collectorImpact(db, organization, name, mostNames),
    deletedCollectors: (organization) => collectors.deletedCollectors(db, organization),
    deleteCollector: (organization, name, at) =>
      write(engine, organization, (tx) => collectors.deleteCollector(tx, organization, name, at)),
    restoreCollector: (organization, name) => write(engine, organization, (tx) => collectors.restoreCollector(tx, organization, name)),
    replaceCollector: (organization, change) => write(engine, organization, (tx) => collectors.replaceCollector(tx, organization, change)),
    purgeCollectors: (before) => db.transaction().execute((tx) => collectors.purgeCollectors(tx, before)),

    organizationState: (organization) => states.organizationState(db, organization),
    saveOrganizationState: (organization, state) =>
      write(engine, organization, (tx) => states.saveOrganizationState(tx, organization, state)),
    userStates: (organization) => states.userStates(db, organization),
    saveUserStates: (organization, saved) => write(engine, organization, (tx) => states.saveUserStates(tx, organization, saved)),
    contactBases: (organization) => states.contactBases(db, organization),
    saveContactBases: (organization, saved) => write(engine, organization, (tx) => states.saveContactBases(tx, organization, saved)),
    contactStates: (organization) => states.contactStates(db, organization),
    saveContactStates: (organization, saved) => write(engine, organization, (tx) => states.saveContactStates(tx, organization, saved)),

    heldPlan: (organization) => plans.heldPlan(db, organization),
    heldPlanSummary: (organization) => plans.heldPlanSummary(db, organization),
    holdPlan: (plan) => write(engine, plan.organization, (tx) => plans.holdPlan(tx, plan)),
    dropHeldPlan: (organization) => write(engine, organization, (tx) => plans.dropHeldPlan(tx, organization)),

    startRun: (run) => journal.startRun(engine, run),
    finishRun: (run, end) => journal.finishRun(db, run, end),
    listRuns: (options) => journal.listRuns(db, options),
    getRun: (run) => journal.getRun(db, run),
    recordIntent: (entry, at) => write(engine, entry.organization, (tx) => journal.recordIntent(tx, entry, at)),
    recordResult: (id, outcome, remember, at) => journal.recordResult(engine, id, outcome, remember, at),
    openIntents: (organization) => journal.openIntents(db, organization),
    journal: (run) => journal.journal(db, run),
    markUndone: (ids, by) => journal.markUndone(engine, ids, by),

    saveDecisions: (organization, decisions) => write(engine, organization, (tx) => plans.saveDecisions(tx, organization, decisions)),
    decisions: (organization) => plans.decisions(db, organization),
    decision: (organization, key) => plans.decision(db, organization, key),

    organizationCounts: (organization, vanishedSince) => organizationCounts(db, organization, vanishedSince),
    prune: (before) => prune(engine, before),

    close: () => engine.close(),
  };
}
