/**
 * Many calls of the stock `openai` npm client, retries and all, through a network that fails: how many of them bought an answer twice.
 * Owns the calls, the seeded choice of faults and the count; a test and a benchmark run it.
 */
import OpenAI from 'openai';
import { type Fault, STATUSES, startFaultProxy } from './fault-proxy.ts';

export type InducedOptions = {
  /** The node's base URL. */
  readonly target: string;
  readonly apiKey: string;
  readonly calls: number;
  /** Calls at a time. */
  readonly concurrency: number;
  readonly seed: number;
  /** The client's own patience; a late answer comes after it. */
  readonly timeoutMs: number;
  readonly onCall?: (done: number) => void;
};

export type InducedResult = {
  readonly calls: number;
  readonly answered: number;
  readonly failed: number;
  /** Requests that met a fault, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** By prompt, how often it was asked: a few are asked twice, at the same time. */
  readonly asked: ReadonlyMap<string, number>;
};

/** One call in so many is asked a second time with the same words, by the same key. */
const TWIN_EVERY = 10;

/** Runs all calls and resolves when the last has its answer or its error. */
export async function induceFailures(options: InducedOptions): Promise<InducedResult> {
  const { target, apiKey, calls, concurrency, seed, timeoutMs, onCall } = options;
  const draw = mulberry(seed);
  const proxy = await startFaultProxy(target, ({ headers }) =>
    faultOf(draw, Number(headers['x-stainless-retry-count'] ?? 0) > 0, timeoutMs),
  );
  const client = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey, maxRetries: 2, timeout: timeoutMs });
  const asked = new Map<string, number>();
  const count = { answered: 0, failed: 0, done: 0 };
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < calls; index = next++) {
      const prompt = `Call ${seed}/${index % TWIN_EVERY === 1 ? index - 1 : index}: say something.`;
      asked.set(prompt, (asked.get(prompt) ?? 0) + 1);
      try {
        await call(client, prompt, index % 2 === 0);
        count.answered++;
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        count.failed++;
      }
      onCall?.(++count.done);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  await proxy.close();
  return {
    calls,
    answered: count.answered,
    failed: count.failed,
    faults: Object.fromEntries([...proxy.counts].filter(([kind]) => kind !== 'none')),
    asked,
  };
}

async function call(client: OpenAI, prompt: string, isStreamed: boolean): Promise<void> {
  const body = { model: 'synod/auto', messages: [{ role: 'user' as const, content: prompt }] };
  if (!isStreamed) return void (await client.chat.completions.create(body));
  for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) void chunk;
}

/** First tries always fail in some way, repeated ones seldom: each call meets a fault, and most are repeated. */
function faultOf(draw: () => number, isRepeated: boolean, timeoutMs: number): Fault {
  if (isRepeated && draw() > 0.3) return { kind: 'none' };
  const status = STATUSES[Math.floor(draw() * STATUSES.length)] ?? 503;
  const kinds: readonly Fault[] = [
    { kind: 'refused', status },
    { kind: 'cutBefore' },
    { kind: 'cutAfterMs', delayMs: Math.floor(draw() * 1_000) },
    { kind: 'cutAtHeaders', arePassed: draw() < 0.5 },
    { kind: 'cutInBody', bytes: 1 + Math.floor(draw() * 2_000) },
    { kind: 'replaced', status },
    { kind: 'late', delayMs: timeoutMs },
  ];
  return kinds[Math.floor(draw() * kinds.length)] ?? { kind: 'none' };
}

/** Prompts that were bought more often than they were asked. */
export function doubleCharges(asked: ReadonlyMap<string, number>, bought: ReadonlyMap<string, number>): string[] {
  return [...bought].filter(([prompt, times]) => times > (asked.get(prompt) ?? 0)).map(([prompt]) => prompt);
}

/** Mulberry32: numbers in [0, 1) that a seed repeats. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
