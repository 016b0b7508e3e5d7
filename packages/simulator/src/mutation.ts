/**
 * Is the simulator alive? Changes the production source in one place at a time, in a copy of the tree, and looks for a seed
 * that notices. Owns the copy and the two forms of a mutant: `.mutant` (exact text to find and put in its place) and
 * `.patch` (a unified diff from the root of the repository, applied with git).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, sep } from 'node:path';
import { SynodError } from '@synod/chain';

export type MutationOptions = {
  /** Root of the repository. */
  readonly root: string;
  /** Folders with mutants; the package's own is `packages/simulator/mutants`. */
  readonly folders: readonly string[];
  /** Seeds tried before a mutant counts as survived. */
  readonly seeds: { readonly first: number; readonly last: number };
  /** Only mutants whose file name contains this. */
  readonly only?: string;
  /** Also checks that every mutant satisfies the type checker; takes seconds each. */
  readonly checksTypes?: boolean;
};

export type MutantResult = {
  readonly name: string;
  readonly title: string;
  /** `broken`: the mutant does not apply or does not compile, which says nothing about the simulator. */
  readonly outcome: 'killed' | 'survived' | 'broken';
  /** The seed that noticed; null when none did, or when the run ended otherwise. */
  readonly seed: number | null;
  /** Which property was hurt, or what is wrong with the mutant. */
  readonly how: string;
  readonly wallMs: number;
};

export const mutationLimits = {
  /** A mutant that makes schedules endless counts as killed after this. */
  huntMs: 300_000,
} as const;

const copiedPackages = ['chain', 'consensus', 'inference', 'node', 'simulator'] as const;

/** Runs every mutant; `onResult` hears of each as it is done. The copy is deleted afterwards. */
export function runMutants(
  options: MutationOptions,
  onResult: (result: MutantResult) => void,
): readonly MutantResult[] {
  const tree = copyTree(options.root);
  try {
    return listMutants(options).map((path) => {
      const result = runMutant(path, tree, options);
      onResult(result);
      return result;
    });
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

function listMutants({ folders, only = '' }: MutationOptions): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(mutant|patch)$/.test(name) && name.includes(only))
      .sort()
      .map((name) => join(folder, name)),
  );
}

/** Sources and links to the installed packages, without tests. */
function copyTree(root: string): string {
  const tree = mkdtempSync(join(tmpdir(), 'synod-mutants-'));
  for (const name of copiedPackages) {
    cpSync(join(root, 'packages', name), join(tree, 'packages', name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !source.includes(`${sep}test${sep}`) && !source.includes(`${sep}mutants${sep}`),
    });
  }
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'), 'junction');
  cpSync(join(root, 'tsconfig.base.json'), join(tree, 'tsconfig.base.json'));
  const config = {
    extends: './tsconfig.base.json',
    include: copiedPackages.map((name) => `packages/${name}/src/**/*.ts`),
  };
  writeFileSync(join(tree, 'tsconfig.json'), JSON.stringify(config));
  return tree;
}

function runMutant(path: string, tree: string, options: MutationOptions): MutantResult {
  const startedAt = performance.now();
  const name = basename(path);
  const done = (rest: Omit<MutantResult, 'name' | 'title' | 'wallMs'> & { readonly title?: string }): MutantResult => ({
    name,
    title: name,
    ...rest,
    wallMs: Math.round(performance.now() - startedAt),
  });
  const mutant = path.endsWith('.patch') ? applyPatch(path, tree) : applyMutant(path, tree);
  try {
    if (mutant.problem !== null) return done({ outcome: 'broken', seed: null, how: mutant.problem });
    const { title } = mutant;
    const typeProblem = options.checksTypes ? typeProblemOf(tree, options.root) : null;
    if (typeProblem !== null) return done({ title, outcome: 'broken', seed: null, how: typeProblem });
    return done({ title, ...hunt(tree, options) });
  } finally {
    for (const [file, text] of mutant.originals) writeFileSync(file, text);
  }
}

function hunt(tree: string, { seeds }: MutationOptions): Pick<MutantResult, 'outcome' | 'seed' | 'how'> {
  const script = join(tree, 'packages', 'simulator', 'src', 'hunt.ts');
  const run = spawnSync(process.execPath, [script, `${seeds.first}`, `${seeds.last}`], {
    encoding: 'utf8',
    timeout: mutationLimits.huntMs,
  });
  if (run.error !== undefined) return { outcome: 'killed', seed: null, how: 'schedules without an end' };
  const line = run.stdout.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) return { outcome: 'broken', seed: null, how: run.stderr.trim().slice(0, 300) };
  const found = JSON.parse(line) as { seed: number | null; kind?: string; text?: string };
  if (found.seed === null)
    return { outcome: 'survived', seed: null, how: `${seeds.last - seeds.first + 1} seeds saw nothing` };
  return { outcome: 'killed', seed: found.seed, how: `${found.kind}: ${found.text?.slice(0, 120)}` };
}

type Applied = {
  readonly title: string;
  readonly problem: string | null;
  readonly originals: ReadonlyMap<string, string>;
};

/** Lines `title:` and `file:`, then for every change `<<<<`, the text to find, `====`, the text instead, `>>>>`. */
function applyMutant(path: string, tree: string): Applied {
  const text = readFileSync(path, 'utf8');
  const title = /^title: (.*)$/m.exec(text)?.[1] ?? basename(path);
  const originals = new Map<string, string>();
  let file: string | null = null;
  for (const match of text.matchAll(/^file: (.*)$|^<<<<\n([\s\S]*?)\n====\n([\s\S]*?)\n?>>>>$/gm)) {
    const [, named, find = '', replacement = ''] = match;
    if (named !== undefined) {
      file = join(tree, named);
      continue;
    }
    if (file === null || !existsSync(file)) return { title, originals, problem: 'no such file' };
    const source = readFileSync(file, 'utf8');
    if (!originals.has(file)) originals.set(file, source);
    if (source.split(find).length !== 2)
      return { title, originals, problem: `its text is not found exactly once: ${find}` };
    writeFileSync(
      file,
      source.replace(find, () => replacement),
    );
  }
  return { title, originals, problem: originals.size === 0 ? 'it changes nothing' : null };
}

function applyPatch(path: string, tree: string): Applied {
  const text = readFileSync(path, 'utf8');
  const title = /^(?:Subject|title): (.*)$/m.exec(text)?.[1] ?? basename(path);
  const names = [...text.matchAll(/^\+\+\+ (?:b\/)?(\S+)/gm)].map((match) => join(tree, match[1] ?? ''));
  const originals = new Map(names.filter((name) => existsSync(name)).map((name) => [name, readFileSync(name, 'utf8')]));
  try {
    execFileSync('git', ['apply', '--recount', path], {
      cwd: tree,
      stdio: 'pipe',
      env: { ...process.env, GIT_DIR: 'none' },
    });
    return { title, originals, problem: null };
  } catch (error) {
    return { title, originals, problem: `git apply: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function typeProblemOf(tree: string, root: string): string | null {
  const compiler = join(root, 'node_modules', '.bin', 'tsc');
  if (!existsSync(compiler)) {
    throw new SynodError(
      'TSC_MISSING',
      'The type checker is not installed. Run the install, or leave the type check out.',
    );
  }
  const run = spawnSync(compiler, ['--noEmit', '-p', tree], { encoding: 'utf8', shell: process.platform === 'win32' });
  return run.status === 0 ? null : run.stdout.trim().slice(0, 300);
}
