import type { Dialogue } from '../../../agent/init/dialogue.ts';
import type { InitEdges } from '../../../agent/init/edges.ts';
import type { Given } from '../../../agent/init/given.ts';
import type { InitContext } from '../../../agent/init/init-context.ts';
import { Redacted } from '../../../agent/secrets/redacted.ts';
import { Redactor } from '../../../agent/telemetry/redactor.ts';

/** A person with answers prepared: each question takes the next one whose text it holds. */
export interface ScriptedDialogue extends Dialogue {
  /** Everything that was shown, line by line. */
  readonly shown: readonly string[];
  readonly asked: readonly string[];
}

type Script = readonly (readonly [question: string, answer: string | boolean | readonly string[]])[];

/** `null`: nobody sits there. */
function scriptedDialogue(script: Script | null): ScriptedDialogue {
  const shown: string[] = [];
  const asked: string[] = [];
  const left = [...(script ?? [])];
  function answer(message: string): string | boolean | readonly string[] {
    asked.push(message);
    const [question, given] = left.shift() ?? ['nothing more', ''];
    if (!message.includes(question)) throw new Error(`expected "${question}" to be asked, not "${message}"`);
    return given;
  }
  const show = (text: string): void => void shown.push(text);
  return {
    shown,
    asked,
    attended: script !== null,
    open: show,
    say: show,
    warn: show,
    note: (title, lines) => shown.push(title, ...lines),
    objection: (error) => show(`${error.code} ${error.message}`),
    async work(_label, task, done) {
      const value = await task(() => undefined);
      show(done(value));
      return value;
    },
    text: ({ message, initial, problem }) => {
      const given = answer(message) as string;
      const text = given === '' ? (initial ?? '') : given;
      const wrong = problem?.(text) ?? null;
      return wrong === null ? Promise.resolve(text) : Promise.reject(new Error(`"${text}" is refused: ${wrong}`));
    },
    secret: (message) => Promise.resolve(new Redacted(answer(message) as string)),
    choose: ({ message, choices, initial }) => {
      const given = answer(message) as string;
      const value = given === '' ? initial : given;
      if (!choices.some((choice) => choice.value === value)) throw new Error(`"${value}" is no choice of "${message}"`);
      return Promise.resolve(value ?? '');
    },
    chooseSeveral: ({ message }) => Promise.resolve(answer(message) as readonly string[]),
    confirm: (message) => Promise.resolve(answer(message) as boolean),
    close: show,
    [Symbol.dispose]: () => undefined,
  };
}

/** Edges that fail when they are touched, but for the given ones. */
function fakeEdges(edges: Partial<InitEdges>): InitEdges {
  function untouched(): never {
    throw new Error('this edge was not expected to be touched');
  }
  return {
    resolver: { resolveService: untouched },
    machineNames: () => Promise.resolve({ environment: {}, resolverFile: null, hostName: 'SRV1.corp.test' }),
    readPresentedChain: untouched,
    proveTrust: untouched,
    surveyDirectory: untouched,
    createLdifSource: untouched,
    itGlue: untouched,
    psa: untouched,
    close: () => Promise.resolve(),
    ...edges,
  };
}

export function initContext(parts: {
  readonly given?: Partial<Given>;
  readonly script?: Script | null;
  readonly edges?: Partial<InitEdges>;
  readonly signal?: AbortSignal;
}): InitContext & { readonly dialogue: ScriptedDialogue } {
  return {
    given: { pin: false, keepReferences: false, ...parts.given },
    dialogue: scriptedDialogue(parts.script ?? null),
    edges: fakeEdges(parts.edges ?? {}),
    secrets: { read: (source) => Promise.resolve(new Redacted(source.kind === 'stdin' ? 'from-stdin' : source.reference)) },
    redactor: new Redactor(),
    signal: parts.signal ?? new AbortController().signal,
  };
}
