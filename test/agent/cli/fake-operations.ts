import type { Operations } from '../../../agent/cli/operations.ts';
import { assessDocument } from '../assess/sample-assessment.ts';
import * as samples from './samples.ts';

export interface Call {
  readonly method: string;
  readonly options: unknown;
}

/** Operations that answer with sample documents and remember what was asked. */
export function fakeOperations(differences: Partial<Operations> = {}): Operations & { readonly calls: readonly Call[] } {
  const calls: Call[] = [];
  function answering<Value>(method: string, value: () => Value): (options: unknown) => Promise<Value> {
    return (options) => {
      calls.push({ method, options });
      return Promise.resolve(value());
    };
  }
  return {
    calls,
    validate: answering('validate', samples.validateDocument),
    scan: answering('scan', () => [samples.scanDocument()]),
    plan: answering('plan', () => [samples.planDocument()]),
    sync: answering('sync', () => [samples.syncDocument()]),
    approve: answering('approve', samples.syncDocument),
    reject: answering('reject', () => ({
      formatVersion: 1,
      organization: '4711',
      organizationName: null,
      hash: samples.hash,
      rejected: true,
      reason: 'onboarding',
    })),
    doctor: () => answering('doctor', samples.doctorDocument)(null),
    status: answering('status', samples.statusDocument),
    listContacts: answering('listContacts', () => [samples.contactsDocument()]),
    showContact: answering('showContact', samples.contactsDocument),
    matchContact: answering('matchContact', samples.contactsDocument),
    createContacts: answering('createContacts', () => [samples.contactsDocument()]),
    ignoreContacts: answering('ignoreContacts', () => [samples.contactsDocument()]),
    restoreContacts: answering('restoreContacts', () => [samples.contactsDocument()]),
    unmatchContacts: answering('unmatchContacts', () => [samples.contactsDocument()]),
    notifyTest: () => answering('notifyTest', samples.notifyTestDocument)(null),
    explain: answering('explain', samples.explainDocument),
    assess: answering('assess', () => [assessDocument('Jane Doe')]),
    push: async (options) => {
      calls.push({ method: 'push', options });
      const agreed = await options.confirm([samples.planDocument()]);
      return [samples.pushDocument({ declined: !agreed })];
    },
    listRuns: answering('listRuns', () => ({ formatVersion: 1, summary: [], runs: [samples.runDocument()] })),
    showRun: answering('showRun', samples.runDetail),
    changeCollector: async (options) => {
      calls.push({ method: 'changeCollector', options });
      return samples.collectorChangeDocument({
        action: options.action,
        collector: options.collector,
        replacement: options.replacement,
        applied: !options.preview,
      });
    },
    undo: async (options) => {
      calls.push({ method: 'undo', options });
      const agreed = options.deleteCreated ? await options.confirm(samples.undoDocument({ run: null })) : true;
      return samples.undoDocument({ declined: !agreed });
    },
    close: () => {
      calls.push({ method: 'close', options: null });
      return Promise.resolve();
    },
    ...differences,
  };
}
