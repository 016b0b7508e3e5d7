/**
 * Mutants as files, in two forms: `.mutant` (a text to find exactly once, and what stands in its place) and `.patch` or
 * `.diff` (a unified diff from the root of the repository, as `git diff` prints it). Owns listing, applying and undoing them.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { SynodError } from '@synod/chain';

const mutantName = /\.(mutant|patch|diff)$/;

/** A mutant in a copy of the source, until `undo`. */
export type AppliedMutant = {
  readonly title: string;
  /** The seed that it names as the one that killed it last, or null: tried first, trusted never. */
  readonly said: number | null;
  /** Why it could not be applied, or null. */
  readonly problem: string | null;
  /** Files it changes or adds, from the root of the tree. */
  readonly files: readonly string[];
  /** Puts every file back as it was. */
  undo(): void;
};

/** Paths of the mutants in a folder, by name. Throws `MUTANTS_FOLDER_MISSING`. */
export function listMutants(folder: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    throw new SynodError(
      'MUTANTS_FOLDER_MISSING',
      `The folder ${folder} cannot be read. Name a folder with .mutant, .patch or .diff files.`,
      { facts: { folder }, cause },
    );
  }
  const found = names.filter((name) => mutantName.test(name)).sort();
  return found.map((name) => join(folder, name));
}

/** File name without its ending: what people call a mutant. */
export function nameOfMutant(path: string): string {
  return basename(path).replace(mutantName, '');
}

/** Changes the source under `tree`. What does not apply changes nothing and says why. */
export function applyMutantFile(path: string, tree: string): AppliedMutant {
  const text = readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
  const title = /^(?:Subject|title): (?:\[PATCH[^\]]*\] )?(.*)$/m.exec(text)?.[1] ?? nameOfMutant(path);
  const said = /^seed: (\d{1,9})$/m.exec(text)?.[1];
  const kept = new Originals(tree);
  const problem = path.endsWith('.mutant') ? replaceTexts(text, kept) : applyDiff(text, kept);
  if (problem !== null) kept.restore();
  return {
    title,
    said: said === undefined ? null : Number(said),
    files: kept.names,
    problem: problem ?? (kept.areUnchanged ? 'it changes no source file' : null),
    undo: () => kept.restore(),
  };
}

/** Files as they were before a mutant touched them. */
class Originals {
  readonly tree: string;
  readonly #texts = new Map<string, string | null>();

  constructor(tree: string) {
    this.tree = tree;
  }

  get names(): readonly string[] {
    return [...this.#texts.keys()].map((file) => relative(this.tree, file));
  }

  get areUnchanged(): boolean {
    return [...this.#texts].every(([file, text]) => textOf(file) === text);
  }

  /** The file's present text, or null when it does not exist. */
  keep(name: string): string | null {
    const file = join(this.tree, name);
    const text = textOf(file);
    if (!this.#texts.has(file)) this.#texts.set(file, text);
    return text;
  }

  restore(): void {
    for (const [file, text] of this.#texts) {
      if (text === null) rmSync(file, { force: true });
      else writeFileSync(file, text);
    }
  }
}

function textOf(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/** A line `file:`, then for every change `<<<<`, the text to find, `====`, the text instead, `>>>>`. */
function replaceTexts(text: string, kept: Originals): string | null {
  let name: string | null = null;
  for (const match of text.matchAll(/^file: (.*)$|^<<<<\n([\s\S]*?)\n====\n([\s\S]*?)\n?>>>>$/gm)) {
    const [, named, find = '', replacement = ''] = match;
    if (named !== undefined) {
      name = named.trim();
      continue;
    }
    const source = name === null ? null : kept.keep(name);
    if (name === null || source === null) return `there is no file ${name ?? 'named before its change'}`;
    if (source.split(find).length !== 2) return `its text is not found exactly once: ${find}`;
    writeFileSync(
      join(kept.tree, name),
      source.replace(find, () => replacement),
    );
  }
  return name === null ? 'it names no file' : null;
}

/** Strict first; then with less context, as for a diff without any or of a slightly older source. */
const attempts = [
  ['-p1'],
  ['-p0'],
  ['-p1', '--unidiff-zero', '-C1', '--recount', '--ignore-whitespace'],
  ['-p0', '--unidiff-zero', '-C1', '--recount', '--ignore-whitespace'],
] as const;

/** Only sources matter: a diff may change tests or documents too, which are not in the copy. */
function applyDiff(text: string, kept: Originals): string | null {
  for (const [, name = ''] of text.matchAll(/^(?:---|\+\+\+) (?:[ab]\/)?([^\t\n]+)/gm)) {
    if (name !== '/dev/null') kept.keep(name);
  }
  let problem: string | null = null;
  for (const flags of attempts) {
    const told = gitApply(text, kept.tree, flags);
    // Paths read with the wrong depth name no source: that applies, to nothing.
    if (told === null && !kept.areUnchanged) return null;
    problem ??= told;
  }
  return problem;
}

function gitApply(text: string, cwd: string, flags: readonly string[]): string | null {
  try {
    execFileSync('git', ['apply', ...flags, '--include=packages/*/src/*', '-'], {
      cwd,
      input: text.endsWith('\n') ? text : `${text}\n`,
      stdio: ['pipe', 'pipe', 'pipe'],
      // Else a repository around the folder of temporary files would be taken for the one to patch.
      env: { ...process.env, GIT_CEILING_DIRECTORIES: cwd, GIT_DIR: join(cwd, 'none') },
    });
    return null;
  } catch (error) {
    const told = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    return `git apply: ${told.split('\n').slice(0, 2).join('; ')}`;
  }
}
