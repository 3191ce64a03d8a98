import type { SandboxRequest } from '../exchange.ts';
import type { AutotaskSwitches } from './switches.ts';

/** The requests under way per tracking identifier and object endpoint. */
export class Threads {
  readonly #taken = new Map<string, number>();
  readonly #over = new WeakSet<SandboxRequest>();
  readonly #switches: AutotaskSwitches;
  /** The most threads that were taken of one endpoint at once. */
  most = 0;

  constructor(switches: AutotaskSwitches) {
    this.#switches = switches;
  }

  /** Takes the threads of a request; the returned function gives them back. */
  enter(request: SandboxRequest): () => void {
    const code = request.headers['apiintegrationcode'] ?? '';
    const keys = endpointsOf(request.path, this.#switches.childThreads).map((endpoint) => key(code, endpoint));
    for (const each of keys) {
      if (this.#add(each, 1) > this.#switches.threads) {
        this.#over.add(request);
      }
    }
    return () => {
      const giveBack = (): void => keys.forEach((each) => void this.#add(each, -1));
      if (this.#switches.threadLingerMs === 0) {
        giveBack();
      } else {
        setTimeout(giveBack, this.#switches.threadLingerMs).unref();
      }
    };
  }

  /** Takes threads as another user of the same tracking identifier does. */
  occupy(code: string, endpoint: string, threads: number): () => void {
    this.#add(key(code, endpoint), threads);
    return () => void this.#add(key(code, endpoint), -threads);
  }

  /** True when a request came while all threads of its endpoint were taken. */
  isOver(request: SandboxRequest): boolean {
    return this.#over.has(request);
  }

  #add(each: string, change: number): number {
    const taken = (this.#taken.get(each) ?? 0) + change;
    this.#taken.set(each, taken);
    this.most = Math.max(this.most, taken);
    return taken;
  }
}

function key(code: string, endpoint: string): string {
  return `${code} ${endpoint.toLowerCase()}`;
}

/** `/ATServicesRest/V1.0/Companies/1/Contacts`: companies, contacts, or both. The zone look-up takes none. */
function endpointsOf(path: string, child: AutotaskSwitches['childThreads']): readonly string[] {
  const [, endpoint = '', below = ''] = /^\/atservicesrest\/v1\.0\/([a-z]+)(?:\/\d+\/([a-z]+))?/.exec(path.toLowerCase()) ?? [];
  if (endpoint === '' || endpoint === 'zoneinformation') {
    return [];
  }
  if (below === '') {
    return [endpoint];
  }
  return { parent: [endpoint], child: [below], both: [endpoint, below] }[child];
}
