/**
 * Is the simulator alive? Changes the production source in one place at a time, in a copy of the tree, and looks for a seed
 * that notices. Owns the copies, the hunts and the verdict on each mutant; what a mutant file says is mutant-file.ts.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { SynodError } from '@synod/chain';
import { huntOrder } from './hunt-order.ts';
import { applyMutantFile, listMutants, nameOfMutant } from './mutant-file.ts';
import { compilingMutants, typeProblem } from './mutant-types.ts';

export type MutationOptions = {
  /** Root of the repository. */
  readonly root: string;
  /** Folders with mutants; the package's own is `packages/simulator/mutants`. */
  readonly folders: readonly string[];
  /** Seeds tried before a mutant counts as survived; both included. */
  readonly seeds: { readonly first: number; readonly last: number };
  /** Only these, by name; all when left out. */
  readonly only?: readonly string[];
  /** Mutants hunted at the same time, each in a copy of its own; 1 when left out. */
  readonly threads?: number;
  /** Ends the run; what was done until then is reported. */
  readonly signal?: AbortSignal;
};

export type MutantResult = {
  readonly name: string;
  readonly title: string;
  /** `invalid`: the mutant does not apply or does not compile, which says nothing about the simulator. */
  readonly outcome: 'killed' | 'survived' | 'invalid';
  /** The seed that noticed, or null. */
  readonly seed: number | null;
  /** The seed that the mutant's file names, or null. */
  readonly said: number | null;
  /** Kind of the violation that killed it, or null. */
  readonly kind: string | null;
  /** What was hurt, or what is wrong with the mutant. */
  readonly how: string;
  readonly wallMs: number;
};

export type MutationReport = {
  /** In the order of the folders. */
  readonly results: readonly MutantResult[];
  readonly killed: number;
  readonly survived: number;
  readonly invalid: number;
  /** Mutants not looked at because the run was ended. */
  readonly left: number;
  /** Seeds that the unchanged source was run over: all that any mutant needed. */
  readonly controlSeeds: number;
  /** First seed of the hunt at which the unchanged source fails: kills by it or after it prove nothing. Null when it is clean. */
  readonly controlFailure: { readonly seed: number; readonly how: string } | null;
  readonly wallMs: number;
};

export const mutationLimits = {
  /** A schedule that takes longer counts as endless, and its mutant as killed. */
  scheduleMs: 30_000,
} as const;

/** Runs every mutant; `onResult` hears of each as it is done. Throws `MUTANT_UNKNOWN` and `MUTANTS_FOLDER_MISSING`. */
export async function runMutants(
  options: MutationOptions,
  onResult: (result: MutantResult, total: number) => void = () => undefined,
): Promise<MutationReport> {
  const startedAt = performance.now();
  const paths = chosenMutants(options);
  const results = new Map<string, MutantResult>();
  const compiling = await withTree(options, (tree) => compilingMutants(paths, { ...options, tree }));
  const queue = [...paths];
  const work = () =>
    withTree(options, async (tree) => {
      for (let path = queue.shift(); path !== undefined && !isEnded(options); path = queue.shift()) {
        const result = await runMutant(path, tree, { ...options, compiling });
        if (isEnded(options)) return;
        results.set(path, result);
        onResult(result, paths.length);
      }
    });
  await Promise.all(Array.from({ length: Math.min(options.threads ?? 1, paths.length) }, work));
  const done = paths.flatMap((path) => results.get(path) ?? []);
  const control = await runControl(done, options);
  const count = (outcome: MutantResult['outcome']) => done.filter((result) => result.outcome === outcome).length;
  return {
    results: done,
    killed: count('killed'),
    survived: count('survived'),
    invalid: count('invalid'),
    left: paths.length - done.length,
    ...control,
    wallMs: Math.round(performance.now() - startedAt),
  };
}

function isEnded({ signal }: MutationOptions): boolean {
  return signal?.aborted === true;
}

function chosenMutants({ folders, only }: MutationOptions): readonly string[] {
  const paths = folders.flatMap(listMutants);
  if (only === undefined) return paths;
  const unknown = only.find((name) => !paths.some((path) => nameOfMutant(path) === nameOfMutant(name)));
  if (unknown !== undefined) {
    const message = `There is no mutant ${unknown} in ${folders.join(' or ')}. Name it as its file, without the ending.`;
    throw new SynodError('MUTANT_UNKNOWN', message, { facts: { name: unknown } });
  }
  return paths.filter((path) => only.some((name) => nameOfMutant(path) === nameOfMutant(name)));
}

/** The unchanged source over all seeds that any mutant needed: else a kill may be a false alarm. */
async function runControl(
  results: readonly MutantResult[],
  options: MutationOptions,
): Promise<Pick<MutationReport, 'controlSeeds' | 'controlFailure'>> {
  const needed = new Set<number>();
  for (const { outcome, seed, said } of results) {
    if (outcome === 'invalid') continue;
    for (const tried of huntOrder(options.seeds, said)) {
      needed.add(tried);
      if (tried === seed) break;
    }
  }
  if (needed.size === 0 || isEnded(options)) return { controlSeeds: 0, controlFailure: null };
  const order = huntOrder(options.seeds).filter((seed) => needed.has(seed));
  const { seed, how } = await withTree(options, (tree) => hunt(tree, order, options));
  return { controlSeeds: order.length, controlFailure: seed === null ? null : { seed, how } };
}

async function withTree<T>({ root }: MutationOptions, use: (tree: string) => Promise<T>): Promise<T> {
  const tree = copyTree(root);
  try {
    return await use(tree);
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** Sources and links to the installed packages, without tests. */
function copyTree(root: string): string {
  const tree = mkdtempSync(join(tmpdir(), 'synod-mutants-'));
  for (const name of readdirSync(join(root, 'packages'))) {
    cpSync(join(root, 'packages', name), join(tree, 'packages', name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !source.endsWith(`${sep}test`) && !source.endsWith(`${sep}mutants`),
    });
  }
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'), 'junction');
  cpSync(join(root, 'tsconfig.base.json'), join(tree, 'tsconfig.base.json'));
  return tree;
}

async function runMutant(
  path: string,
  tree: string,
  options: MutationOptions & { readonly compiling: ReadonlySet<string> },
): Promise<MutantResult> {
  const startedAt = performance.now();
  const mutant = applyMutantFile(path, tree);
  const done = (verdict: Verdict): MutantResult => ({
    name: nameOfMutant(path),
    title: mutant.title,
    said: mutant.said,
    ...verdict,
    wallMs: Math.round(performance.now() - startedAt),
  });
  try {
    const isChecked = mutant.problem !== null || options.compiling.has(path);
    const problem = isChecked ? mutant.problem : await typeProblem(mutant.files, { ...options, tree });
    return done(problem === null ? await hunt(tree, huntOrder(options.seeds, mutant.said), options) : invalid(problem));
  } finally {
    mutant.undo();
  }
}

type Verdict = Pick<MutantResult, 'outcome' | 'seed' | 'kind' | 'how'>;

function invalid(how: string): Verdict {
  return { outcome: 'invalid', seed: null, kind: null, how };
}

function killed(seed: number, kind: string, how: string): Verdict {
  return { outcome: 'killed', seed, kind, how };
}

type HuntLine = { readonly at?: number; readonly seed?: number | null; readonly kind?: string; readonly text?: string };

/** A hunt in a process of its own: a mutant may hang it, exhaust it, or not even load. It tries the seeds in this order. */
async function hunt(tree: string, order: readonly number[], { signal }: MutationOptions): Promise<Verdict> {
  const script = join(tree, 'packages', 'simulator', 'src', 'hunt.ts');
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'pipe'] });
  // One that does not load reads nothing: what it has to say of that is on its other streams.
  child.stdin.on('error', () => undefined).end(JSON.stringify(order));
  const stop = (): void => void child.kill('SIGKILL');
  const watchdog = setTimeout(stop, mutationLimits.scheduleMs);
  signal?.addEventListener('abort', stop);
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(0, 2_000);
  });
  let at: number | null = null;
  let last: HuntLine = {};
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      watchdog.refresh();
      last = JSON.parse(line) as HuntLine;
      at = last.at ?? at;
    }
  } finally {
    clearTimeout(watchdog);
    signal?.removeEventListener('abort', stop);
  }
  if (last.seed === null)
    return { outcome: 'survived', seed: null, kind: null, how: `${order.length} seeds saw nothing` };
  if (last.seed !== undefined) return killed(last.seed, last.kind ?? '', (last.text ?? '').slice(0, 160));
  if (at === null) return invalid(`it does not load: ${firstError(complaint)}`);
  return killed(
    at,
    'liveness',
    child.killed ? 'a schedule without an end' : `the process ended: ${firstError(complaint)}`,
  );
}

function firstError(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.find((line) => /Error\b/.test(line)) ?? lines.find((line) => line !== '') ?? 'no message';
}
