/**
 * What the type checker says of mutants: one run for all of them, each changed file beside the one it stands for, and one
 * run alone for those that this finds wrong, since a class may only seem to differ from its own kind. Owns running the checker.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SynodError } from '@synod/chain';
import { applyMutantFile } from './mutant-file.ts';

type Checker = {
  /** A copy of the source. */
  readonly tree: string;
  /** Root of the repository, where the type checker is installed. */
  readonly root: string;
  readonly signal?: AbortSignal | undefined;
};

/** Those of these mutants that compile, as far as one run over all shows: each changes one source file. Throws `TSC_MISSING`. */
export async function compilingMutants(paths: readonly string[], checker: Checker): Promise<ReadonlySet<string>> {
  const variants = new Map<string, string>();
  for (const [index, path] of paths.entries()) {
    const mutant = applyMutantFile(path, checker.tree);
    const [name, ...others] = mutant.files;
    const text = name?.endsWith('.ts') && existsSync(join(checker.tree, name)) ? readTree(checker, name) : null;
    mutant.undo();
    if (mutant.problem !== null || name === undefined || others.length > 0 || text === null) continue;
    const variant = name.replace(/\.ts$/, `.mutant-${index}.ts`);
    variants.set(path, variant);
    writeFileSync(join(checker.tree, variant), text);
  }
  try {
    const told = variants.size === 0 ? '' : await compile([...variants.values()], checker);
    const refused = new Set([...told.matchAll(/\.mutant-(\d+)\.ts\(/g)].map(([, index]) => paths[Number(index)]));
    const isWhole = told === '' || refused.size > 0;
    return new Set([...variants.keys()].filter((path) => isWhole && !refused.has(path)));
  } finally {
    for (const variant of variants.values()) rmSync(join(checker.tree, variant), { force: true });
  }
}

/** What is wrong with a tree to which a mutant was applied, or null. Throws `TSC_MISSING`. */
export async function typeProblem(files: readonly string[], checker: Checker): Promise<string | null> {
  const sources = files.filter((name) => name.endsWith('.ts') && existsSync(join(checker.tree, name)));
  const told = await compile(sources, checker);
  return told === '' ? null : `it does not compile: ${told.split('\n')[0]?.slice(0, 200)}`;
}

function readTree({ tree }: Checker, name: string): string {
  return readFileSync(join(tree, name), 'utf8');
}

/** Complaints about these files and all that the simulator runs; empty when there are none. */
function compile(files: readonly string[], { tree, root, signal }: Checker): Promise<string> {
  const compiler = join(root, 'node_modules', '.bin', 'tsc');
  if (!existsSync(compiler)) {
    throw new SynodError(
      'TSC_MISSING',
      'The type checker is not installed. Run the install again, with development packages.',
    );
  }
  // What a mutant no longer uses is no reason to refuse it.
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, allowUnreachableCode: true };
  const include = ['packages/simulator/src/**/*.ts', 'packages/*/src/**/*.d.ts', ...files];
  writeFileSync(
    join(tree, 'tsconfig.json'),
    JSON.stringify({ extends: './tsconfig.base.json', compilerOptions, include }),
  );
  return new Promise((resolve) => {
    const options = { cwd: tree, shell: process.platform === 'win32', maxBuffer: 64 * 1024 * 1024 };
    execFile(compiler, ['-p', tree], { ...options, ...(signal && { signal }) }, (error, stdout) => {
      resolve(error === null ? '' : stdout.trim() || error.message);
    });
  });
}
