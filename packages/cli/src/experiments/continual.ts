/**
 * Four ways to keep up with a drifting stream of facts: not at all, by retrieval alone, by central fine-tuning, and by Synod's rounds. Owns the
 * systems and what they are measured on; trainings, aggregation and the gate are the learner's, the verdict is the chain's.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readerPrompt } from '@synod/inference/training';
import { factStream, type StreamFact, type StreamStep, UNRELATED } from './fact-stream.ts';
import { type Machines, openMachines } from './machines.ts';
import { linePlot } from './plot.ts';
import { NOTHING_LEARNT, nextCentral, nextSynod, type Version } from './rounds.ts';
import { markdownTable, type Report } from './write-report.ts';

export type ContinualOptions = {
  readonly model: string;
  readonly seed: number;
  readonly quick: boolean;
  readonly onProgress: (text: string) => void;
  /** The file that keeps a second training off this machine; the machine's own when left out. */
  readonly lock?: string;
};

const SYSTEMS = ['static', 'retrieval only', 'central fine-tuning', 'Synod'] as const;
type System = (typeof SYSTEMS)[number];
const KINDS = ['new', 'changed', 'old', 'unrelated'] as const;
type Kind = (typeof KINDS)[number];

/** Share of right answers, 0 … 1; null where there is nothing to ask. */
type Figures = Readonly<Record<Kind, number | null>>;
type Measured = { readonly step: number; readonly system: System; readonly figures: Figures };
type RoundNote = { readonly step: number; readonly weights: string; readonly accepted: number; readonly items: number };

/** The report. With a model that was never trained on language every figure is zero and the machinery is all that is shown. */
export async function continual(options: ContinualOptions): Promise<Report> {
  const stream = factStream({
    steps: options.quick ? 2 : 3,
    count: options.quick ? 4 : 8,
    drift: 2,
    seed: options.seed,
  });
  const folder = mkdtempSync(join(tmpdir(), 'synod-continual-'));
  const machines = openMachines(options.model, options.lock);
  try {
    return await run({ ...options, machines, folder }, stream);
  } finally {
    await machines.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Run = ContinualOptions & { readonly machines: Machines; readonly folder: string };

async function run(run: Run, stream: readonly StreamStep[]): Promise<Report> {
  const measured: Measured[] = [];
  const notes: RoundNote[] = [];
  const current = new Map<string, StreamFact>();
  let central: Version = NOTHING_LEARNT;
  let synod: Version = NOTHING_LEARNT;
  for (const [step, { fresh, changed }] of stream.entries()) {
    const told = [...changed, ...fresh];
    const old = [...current.values()].filter(({ key }) => told.every((fact) => fact.key !== key));
    for (const fact of told) current.set(fact.key, fact);
    const folder = join(run.folder, String(step));
    mkdirSync(folder);
    run.onProgress(`step ${step + 1} of ${stream.length}: central fine-tuning on ${told.length} corrections`);
    central = await nextCentral({ ...run, folder, step }, central, told);
    run.onProgress(`step ${step + 1} of ${stream.length}: a round of Synod`);
    const round = await nextSynod({ ...run, folder, step }, synod, told);
    synod = round.version;
    notes.push({ step, weights: round.weights, accepted: round.accepted, items: round.items });
    const asks: Readonly<Record<Kind, readonly { asked: string; value: string }[]>> = {
      new: fresh.map(inNewWords),
      changed: changed.map(inNewWords),
      old: old.map(inNewWords),
      unrelated: run.quick ? UNRELATED.slice(0, 4) : UNRELATED,
    };
    // Whoever only retrieves keeps every correction, refused ones too: nobody judges them.
    const collected: Version = { ...NOTHING_LEARNT, learnt: central.learnt };
    const versions: Readonly<Record<System, Version>> = {
      static: NOTHING_LEARNT,
      'retrieval only': collected,
      'central fine-tuning': { ...central, learnt: [] },
      Synod: synod,
    };
    for (const system of SYSTEMS) {
      run.onProgress(`step ${step + 1} of ${stream.length}: asking ${system}`);
      measured.push({ step, system, figures: await measure(run.machines, versions[system], asks) });
    }
  }
  return reportOf(run, measured, notes);
}

const inNewWords = ({ reworded, value }: StreamFact): { asked: string; value: string } => ({ asked: reworded, value });

async function measure(
  machines: Machines,
  version: Version,
  asks: Readonly<Record<Kind, readonly { asked: string; value: string }[]>>,
): Promise<Figures> {
  const vectors = version.learnt.length === 0 ? [] : await machines.embed(version.learnt.map(({ text }) => text));
  const share = async (questions: readonly { asked: string; value: string }[]) => {
    let right = 0;
    for (const { asked, value } of questions) {
      const { text } = await machines.ask(await promptFor(machines, version, { asked, vectors }), version.adapter);
      right += Number(text.toLowerCase().includes(value.toLowerCase()));
    }
    return questions.length === 0 ? null : right / questions.length;
  };
  return {
    new: await share(asks.new),
    changed: await share(asks.changed),
    old: await share(asks.old),
    unrelated: await share(asks.unrelated),
  };
}

/** Similarity from which on a passage is shown to the model. */
const NEAR_FROM = 0.45;
/** Passages as near as the nearest up to this count as equally near: then the latest is shown. */
const TIE = 0.02;

/** The bare question, or with the nearest passage, of nearly equal ones the latest: what changed replaces what was. */
async function promptFor(
  machines: Machines,
  { learnt }: Version,
  { asked, vectors }: { readonly asked: string; readonly vectors: readonly Float32Array[] },
): Promise<string> {
  if (learnt.length === 0) return asked;
  const [question] = await machines.embed([asked]);
  const near = vectors.map((vector) => vector.reduce((sum, value, i) => sum + value * question![i]!, 0));
  const best = Math.max(...near);
  if (best < NEAR_FROM) return asked;
  const at = near.findLastIndex((value) => value >= best - TIE);
  return readerPrompt(asked, [learnt[at]!.text]);
}

function reportOf({ model, seed, quick }: Run, measured: readonly Measured[], notes: readonly RoundNote[]): Report {
  const text = (share: number | null) => (share === null ? '–' : `${Math.round(100 * share)} %`);
  const rows = measured.map(({ step, system, figures }) => [
    `${step + 1}`,
    system,
    ...KINDS.map((kind) => text(figures[kind])),
  ]);
  const plots = Object.fromEntries(
    KINDS.map((kind) => [
      `${kind}.svg`,
      linePlot(
        { title: `Right answers: ${kind} facts`, x: 'step', y: 'share' },
        SYSTEMS.map((name) => ({
          name,
          points: measured
            .filter(({ system, figures }) => system === name && figures[kind] !== null)
            .map(({ step, figures }) => [step + 1, figures[kind]!] as const),
        })),
      ),
    ]),
  );
  const rounds = notes.map(({ step, weights, accepted, items }) => [`${step + 1}`, weights, `${accepted} of ${items}`]);
  const markdown = `# Continual learning on a drifting stream of facts

Right answers after each step, all asked in words that no correction has. *New*: told in this step; *changed*: told otherwise before; *old*: told in
earlier steps and still true; *unrelated*: common questions. Model: \`${modelName(model)}\`, seed ${seed}${quick ? ', quick' : ''}.

${markdownTable(['step', 'system', ...KINDS], rows)}

Rounds of Synod: what the gate said of the weights, and corrections that became passages.

${markdownTable(['step', 'weights', 'accepted'], rounds)}

${KINDS.map((kind) => `![${kind}](${kind}.svg)`).join('\n\n')}

What is real: the model, the trainings in the learner's process, the aggregation, the gate's measuring and the chain's verdict and shards. What is simulated:
the users and their facts; all trainers and validators are one process on this machine, nothing is sent, and there is no canary. *Retrieval only*
and *Synod* find the nearest passage by the model folder's embedder, of nearly equal ones the latest; central fine-tuning has no gate and answers bare.
`;
  return { name: 'continual', markdown, plots, data: { seed, quick, measured, rounds: notes } };
}

/** The folder's name: nothing of this machine. */
const modelName = (directory: string): string => directory.split('/').filter(Boolean).at(-1) ?? directory;
