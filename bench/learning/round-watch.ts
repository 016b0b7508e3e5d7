/**
 * One training round as it goes: when its phases began, who delivered when, and how it ended. Owns the polling; what is asked and given
 * before is live-round.ts.
 */
import type { Devnet } from '../../test/e2e/devnet-process.ts';
import { say } from './progress.ts';

const POLL_MS = 150;

type RoundView = {
  readonly round: string;
  readonly phase: string;
  readonly openedAt: string | null;
  readonly items: readonly number[];
  readonly trainers: readonly {
    readonly expert: string;
    readonly hasCommitted: boolean;
    readonly delta: { readonly isAvailable: boolean } | null;
    readonly verdict: string | null;
  }[];
  readonly evaluators: readonly { readonly hasCommitted: boolean; readonly hasReported: boolean }[];
};

type Line = { readonly stable: number; readonly last: number; readonly canary: unknown };

export type Version = {
  readonly version: number;
  readonly state: string;
  readonly reason: string;
  readonly items: readonly number[];
};

/** Something that was seen to have happened, in milliseconds since the round was first seen. */
export type Step = { readonly what: string; readonly atMs: number; readonly height: number };

export type WatchedRound = {
  readonly domain: string;
  readonly openedAt: number;
  readonly closedAt: number;
  readonly items: number;
  readonly trainers: number;
  readonly minutes: number;
  /** Phases in their order; a second look has `gating` twice. */
  readonly phases: readonly { readonly phase: string; readonly seconds: number }[];
  readonly steps: readonly Step[];
  readonly verdicts: readonly (string | null)[];
  readonly version: Version;
};

/** Follows the first round of the domain that opens from now on until its version exists. */
export async function watchOneRound(devnet: Devnet, domain: string, withinMs: number): Promise<WatchedRound> {
  const before = (await lineOf(devnet, domain))?.line.last ?? 0;
  const opened = await untilOpen(devnet, domain, withinMs);
  const startedMs = performance.now();
  const steps: Step[] = [];
  const known = new Set<string>();
  let phase = '';
  let looks = 0;
  let last = opened;
  const note = async (what: string): Promise<void> => {
    const step = { what, atMs: Math.round(performance.now() - startedMs), height: await devnet.height() };
    steps.push(step);
    say(`round: ${what} (${(step.atMs / 1000).toFixed(0)} s, height ${step.height})`);
  };
  for (;;) {
    const view = await openRound(devnet, domain);
    const isOver = view === undefined || view.round !== opened.round;
    if (!isOver) {
      if (view.phase !== phase) {
        phase = view.phase;
        if (phase === 'gating') looks += 1;
        await note(`phase ${phase}`);
      }
      for (const happened of deliveries(view, looks)) {
        if (known.has(happened)) continue;
        known.add(happened);
        await note(happened);
      }
      last = view;
    } else {
      const version = await versionAfter(devnet, domain, before);
      await note(`over: version ${version.version} ${version.state} ${version.reason}`);
      const verdicts = await verdictsOf(devnet, domain, opened.round);
      return { ...finished({ domain, opened: last, steps, version }), verdicts };
    }
    if (performance.now() - startedMs > withinMs) throw new Error(`the round is not over within ${withinMs} ms`);
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

async function untilOpen(devnet: Devnet, domain: string, withinMs: number): Promise<RoundView> {
  let found: RoundView | undefined;
  await devnet.until('a round', withinMs, async () => {
    found = await openRound(devnet, domain);
    return found !== undefined;
  });
  return found!;
}

async function openRound(devnet: Devnet, domain: string): Promise<RoundView | undefined> {
  const { items } = await devnet.rpc<{ items: readonly RoundView[] }>('model_listRounds', { domain });
  return items.find(({ phase }) => phase !== 'closed');
}

/** What the gate found of each delta, once the round is over. */
async function verdictsOf(devnet: Devnet, domain: string, round: string): Promise<readonly (string | null)[]> {
  const { items } = await devnet.rpc<{ items: readonly RoundView[] }>('model_listRounds', { domain });
  return items.find((one) => one.round === round)?.trainers.map(({ verdict }) => verdict) ?? [];
}

const lineOf = (devnet: Devnet, domain: string): Promise<{ line: Line; items: readonly Version[] } | null> =>
  devnet.rpc<{ line: Line; items: readonly Version[] }>('model_lineage', { domain }).catch(() => null);

async function versionAfter(devnet: Devnet, domain: string, before: number): Promise<Version> {
  const lineage = await lineOf(devnet, domain);
  const version = lineage?.items.find((one) => one.version > before && one.version === lineage.line.last);
  if (version === undefined)
    throw new Error('the round ended without a version: NO_QUORUM, or its base was taken back');
  return version;
}

function deliveries({ trainers, evaluators }: RoundView, looks: number): string[] {
  return [
    ...trainers.flatMap(({ hasCommitted }, i) => (hasCommitted ? [`trainer ${i} has committed`] : [])),
    ...trainers.flatMap(({ delta }, i) => (delta?.isAvailable === true ? [`delta ${i} is available`] : [])),
    ...evaluators.flatMap(({ hasCommitted }, i) =>
      hasCommitted ? [`validator ${i} has measured (look ${looks})`] : [],
    ),
    ...evaluators.flatMap(({ hasReported }, i) => (hasReported ? [`validator ${i} has reported (look ${looks})`] : [])),
  ];
}

function finished({
  domain,
  opened,
  steps,
  version,
}: {
  readonly domain: string;
  readonly opened: RoundView;
  readonly steps: readonly Step[];
  readonly version: Version;
}): Omit<WatchedRound, 'verdicts'> {
  const starts = steps.filter(({ what }) => what.startsWith('phase ') || what.startsWith('over'));
  const end = starts.at(-1)!;
  return {
    domain,
    openedAt: Number(opened.openedAt),
    closedAt: end.height,
    items: opened.items.length,
    trainers: opened.trainers.length,
    minutes: end.atMs / 60_000,
    phases: starts.slice(0, -1).map(({ what, atMs }, i) => {
      return { phase: what.slice('phase '.length), seconds: (starts[i + 1]!.atMs - atMs) / 1000 };
    }),
    steps,
    version,
  };
}

/** Until the domain has no canary: seconds, and the version that is in force then. */
export async function watchCanary(
  devnet: Devnet,
  domain: string,
  withinMs: number,
): Promise<{ readonly seconds: number; readonly stable: number; readonly state: string }> {
  const startedMs = performance.now();
  let lineage = await lineOf(devnet, domain);
  await devnet.until('the end of the canary', withinMs, async () => {
    lineage = await lineOf(devnet, domain);
    return lineage !== null && lineage.line.canary === null;
  });
  const { line, items } = lineage!;
  const state = items.find(({ version }) => version === line.last)?.state ?? 'unknown';
  return { seconds: (performance.now() - startedMs) / 1000, stable: line.stable, state };
}
