/**
 * Finds the domain of a question that names none: asks this node's worker before the quote is made. Owns the fallback to the
 * general experts, with the reason said, and a bounded memory of routed prompts; telling domains apart is the worker's.
 */
import type { Job, JobEvent, RouteResult } from '@synod/inference';

export const routerLimits = {
  /** Prompts whose route is remembered: a quote is followed by its query. */
  promptsMax: 256,
  /** A requester waits no longer than this for a domain. */
  waitMs: 3_000,
} as const;

/** The domain that answers what belongs to no other. */
export const GENERAL_DOMAIN = 'general';

export type Routing = {
  readonly domain: string;
  /** `request` named it; `router` found it, "none of the others" included; `default` when nothing could or had to be asked. */
  readonly by: 'request' | 'router' | 'default';
  /** What the router gave this domain; null when it was not asked, or found the question to belong to none. */
  readonly probabilityPpm: number | null;
  /** How hard the prompt looks, in millionths; 0 when nobody could say. */
  readonly difficultyPpm: number;
  /** Why the router was not followed, for people. */
  readonly note: string | null;
};

export type RouterOptions = {
  /** Knowledge folders that the worker's router does not know by itself; none when left out. */
  readonly knowledge?: readonly { readonly domain: string; readonly folder: string }[];
  readonly ask: (job: Job) => Promise<JobEvent>;
  readonly cancel: (id: string) => void;
  readonly workerState: () => 'starting' | 'ready' | 'down' | 'off';
};

export class QueryRouter {
  readonly #options: RouterOptions;
  readonly #known = new Map<string, RouteResult>();
  #next = 0;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** Always resolves. `offered` are the domains with experts on this chain. */
  async route(prompt: string, offered: readonly string[]): Promise<Routing> {
    const fallback = offered.includes(GENERAL_DOMAIN) ? GENERAL_DOMAIN : (offered[0] ?? GENERAL_DOMAIN);
    const byDefault = (note: string | null): Routing => ({
      domain: fallback,
      by: 'default',
      probabilityPpm: null,
      difficultyPpm: 0,
      note,
    });
    if (offered.length < 2) return byDefault(null);
    const routed = await this.#ask(prompt);
    if (typeof routed === 'string') return byDefault(`${routed}; ${fallback} answers instead`);
    const { domain, probabilities, difficultyPpm } = routed;
    if (domain === null) return { domain: fallback, by: 'router', probabilityPpm: null, difficultyPpm, note: null };
    if (!offered.includes(domain))
      return { ...byDefault(`no expert of ${domain} is on this chain; ${fallback} answers instead`), difficultyPpm };
    const probabilityPpm = probabilities.find((one) => one.domain === domain)?.ppm ?? null;
    return { domain, by: 'router', probabilityPpm, difficultyPpm, note: null };
  }

  /** The domain that the requester named; the worker is asked for the difficulty alone. Always resolves. */
  async asRequested(prompt: string, domain: string): Promise<Routing> {
    const routed = await this.#ask(prompt);
    const difficultyPpm = typeof routed === 'string' ? 0 : routed.difficultyPpm;
    return { domain, by: 'request', probabilityPpm: null, difficultyPpm, note: null };
  }

  /** A route, or why there is none. */
  async #ask(prompt: string): Promise<RouteResult | string> {
    const known = this.#known.get(prompt);
    if (known !== undefined) return known;
    const state = this.#options.workerState();
    if (state !== 'ready') return `the router's worker is ${state === 'off' ? 'switched off' : state}`;
    const id = `route/${this.#next++}`;
    const { promise: late, resolve } = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => resolve('late'), routerLimits.waitMs);
    const { knowledge = [] } = this.#options;
    const event = await Promise.race([
      this.#options.ask({ kind: 'route', id, priority: 'answer', prompt, knowledge }),
      late,
    ]);
    clearTimeout(timer);
    if (event === 'late') {
      this.#options.cancel(id);
      return 'the router is busy';
    }
    if (event.kind !== 'routed')
      return event.kind === 'failed' ? `the router failed (${event.code})` : 'the router failed';
    this.#remember(prompt, event);
    return event;
  }

  #remember(prompt: string, route: RouteResult): void {
    this.#known.set(prompt, route);
    const oldest = this.#known.keys().next().value;
    if (this.#known.size > routerLimits.promptsMax && oldest !== undefined) this.#known.delete(oldest);
  }
}
