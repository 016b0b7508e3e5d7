/**
 * Makes one bundle of a checkout: the entry with all it may load, as a few files instead of some two thousand, which Node opens,
 * resolves and links much sooner. Owns what goes in and that a bundle knows its files' state from before they were read. Changes no code
 * but what a module asks about its own place, which stays that of its source.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { makeDirectory } from '@synod/node/make-directory';
import { type Plugin, rolldown } from 'rolldown';
import { BUNDLE_ENTRY, bundlesOf, type FileState, recordOf, stateOf } from './find-bundle.ts';

const limits = {
  /** A file's times are of a clock that ticks: two writes within this much may look like one. */
  tickMs: 20,
  ticksMax: 100,
  /** A process that runs loads parts of its bundle now and then. */
  unusedDays: 30,
} as const;
const MS_PER_DAY = 86_400_000;

/** Packages that find native code or models beside their own files. */
const OUTSIDE = /\/node_modules\/(?:sodium-native|onnxruntime-[a-z]+|@huggingface\/transformers|sharp)\//;
/** Besides the modules themselves: what says which files their names lead to. */
const RESOLUTION = ['pnpm-lock.yaml', 'node_modules/.modules.yaml'];
const MODULE_TYPES: Readonly<Record<string, 'ts' | 'js' | 'json'>> = {
  '.ts': 'ts',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.json': 'json',
};

export type BundleOptions = {
  /** Of the checkout. */
  readonly root: string;
  /** Where bundles are kept. */
  readonly directory: string;
  readonly entry: string;
};

/** Puts a new bundle in the place of the one before, whole or not at all. Throws where it cannot be made. */
export async function makeBundle({ root, directory, entry }: BundleOptions): Promise<void> {
  const states = new Map<string, FileState>();
  const bundles = bundlesOf(root, directory);
  makeDirectory(bundles, 0o700);
  const name = randomBytes(8).toString('hex');
  const folder = join(bundles, name);
  const record = join(bundles, `${name}.json`);
  try {
    // Its own text decides what a bundle is.
    for (const path of [...RESOLUTION.map((each) => join(root, each)), import.meta.filename]) {
      const state = await settledState(path);
      if (state !== null) states.set(path, state);
    }
    await build(entry, folder, states);
    // Else Node reads every file twice to find out what it is.
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
    for (const file of readdirSync(folder)) states.set(join(folder, file), stateOf(join(folder, file))!);
    writeFileSync(record, JSON.stringify(recordOf(name, states)));
    renameSync(record, join(bundles, 'current.json'));
  } catch (error) {
    for (const path of [folder, record]) rmSync(path, { recursive: true, force: true });
    throw error;
  }
  removeUnused(bundles, name);
}

async function build(entry: string, folder: string, states: Map<string, FileState>): Promise<void> {
  const bundle = await rolldown({
    input: { [BUNDLE_ENTRY.replace('.js', '')]: entry },
    platform: 'node',
    tsconfig: false,
    external: (id) => id.startsWith('node:') || builtinModules.includes(id),
    plugins: [sources(states)],
    logLevel: 'silent',
  });
  try {
    const { output } = await bundle.write({ dir: folder, format: 'esm', strictExecutionOrder: true });
    if (!output.some((file) => file.fileName === BUNDLE_ENTRY)) throw new Error(`the bundle has no ${BUNDLE_ENTRY}`);
  } finally {
    await bundle.close();
  }
}

/** Reads every module, and notes the state that it had before. */
function sources(states: Map<string, FileState>): Plugin {
  return {
    name: 'synod-sources',
    async resolveId(id, importer, extra) {
      if (importer === undefined || id.startsWith('node:')) return null;
      const resolved = await this.resolve(id, importer, { ...extra, skipSelf: true });
      return resolved !== null && OUTSIDE.test(resolved.id) ? { id: resolved.id, external: 'absolute' } : resolved;
    },
    async load(id) {
      const moduleType = MODULE_TYPES[extname(id)];
      if (id.startsWith('\0') || moduleType === undefined) return null;
      for (const path of [packageFileOf(id), id]) {
        if (path === null || states.has(path)) continue;
        const state = await settledState(path);
        if (state === null) throw new Error(`${path} is gone`);
        states.set(path, state);
      }
      const code = await readFile(id, 'utf8');
      return { code: moduleType === 'json' ? code : placed(code, id), moduleType };
    },
  };
}

/** Once the file has been left alone for a tick of its clock; null where there is none. */
async function settledState(path: string): Promise<FileState | null> {
  for (let tick = 0; tick < limits.ticksMax; tick++) {
    const state = stateOf(path);
    if (state === null || Math.abs(Date.now() - state[2]) > limits.tickMs) return state;
    await delay(limits.tickMs);
  }
  throw new Error(`${path} is being written`);
}

/** The package.json that says how the module is loaded. */
function packageFileOf(file: string): string | null {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (existsSync(path)) return path;
  }
  return null;
}

/** What the module asks about its own place is answered with the source's. */
function placed(code: string, file: string): string {
  const places: Readonly<Record<string, string>> = {
    'import.meta.url': JSON.stringify(pathToFileURL(file).href),
    'import.meta.dirname': JSON.stringify(dirname(file)),
    'import.meta.filename': JSON.stringify(file),
    'import.meta.main': 'false',
    __dirname: JSON.stringify(dirname(file)),
    __filename: JSON.stringify(file),
  };
  const isDeclared = /\b(?:var|let|const)\s+__(?:dirname|filename)\b/.test(code);
  const asked = isDeclared ? /\bimport\.meta\.(?:url|dirname|filename|main)\b/g : PLACES;
  return code.replace(asked, (question) => places[question]!);
}

const PLACES = /\bimport\.meta\.(?:url|dirname|filename|main)\b|\b__(?:dirname|filename)\b/g;

function removeUnused(bundles: string, current: string): void {
  const before = Date.now() - limits.unusedDays * MS_PER_DAY;
  for (const name of readdirSync(bundles)) {
    const path = join(bundles, name);
    if (name === current || name === 'current.json' || statSync(path).mtimeMs >= before) continue;
    rmSync(path, { recursive: true, force: true });
  }
}
