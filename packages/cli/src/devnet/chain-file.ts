/**
 * chain.json: what an existing data directory was made of, and whether this start may continue it.
 * Owns the rule "same chain or a clear refusal"; never deletes unless --reset asks for it.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SynodError } from '@synod/chain';
import { readJson, writeJsonAtomic } from '../files/write-file.ts';
import { displayPath } from '../settings/paths.ts';
import { VERSION } from '../version.ts';
import { GENERAL } from './experts.ts';
import { isDevnetEntry, type Layout } from './layout.ts';
import { CHAIN_DEFAULTS, type ChainChoice, type DevnetOptions } from './options.ts';

/** Raised when the meaning of anything in a data directory changes. */
export const STATE_FORMAT = 4;

export type ChainFile = ChainChoice & {
  readonly stateFormat: number;
  readonly version: string;
  readonly chainId: string;
  readonly genesisHash: string;
  readonly modelHash: string;
  /** Root of each domain's knowledge, as its experts registered it. */
  readonly knowledgeRoots: Readonly<Record<string, string>>;
};

const FLAG_OF = {
  seed: '--seed',
  validators: '--validators',
  blockTimeMs: '--block-time',
  verifiedPercent: '--verified',
  pace: '--block-time',
  accounts: '--accounts',
  params: '--set',
  model: '--model',
  experts: '--experts',
  knowledge: '--knowledge',
} as const;

/** The chain to run: the existing one if the flags agree with it, else a new one of the flags and defaults. */
export function chooseChain(
  layout: Layout,
  options: DevnetOptions,
): { readonly choice: ChainChoice; readonly existing: ChainFile | null } {
  const existing = readChainFile(layout);
  if (existing === null) {
    requireOwnFolder(layout);
    return { choice: newChoice(options.named), existing: null };
  }
  for (const key of Object.keys(FLAG_OF) as (keyof typeof FLAG_OF)[]) {
    const wanted = options.named[key];
    if (wanted !== undefined && textOf(wanted) !== textOf(existing[key]))
      throw otherChain(layout, key, { wanted: textOf(wanted), found: textOf(existing[key]) });
  }
  return { choice: choiceOf(existing), existing };
}

function choiceOf(existing: ChainFile): ChainChoice {
  const { seed, validators, blockTimeMs, pace, verifiedPercent, model, experts, knowledge, accounts, params } =
    existing;
  return { seed, validators, blockTimeMs, pace, verifiedPercent, model, experts, knowledge, accounts, params };
}

/** The tiny model tells no domain from another, so it begins with general experts alone. */
function newChoice(named: Partial<ChainChoice>): ChainChoice {
  const isGeneral = named.model === 'tiny' && named.knowledge === undefined;
  return { ...CHAIN_DEFAULTS, ...(isGeneral ? { experts: GENERAL } : {}), ...named };
}

function textOf(value: ChainChoice[keyof ChainChoice]): string {
  if (typeof value !== 'object') return String(value);
  const pairs = Object.entries(value).map(([domain, folder]) => `${domain}=${folder}`);
  return pairs.length === 0 ? 'none' : pairs.join(' ');
}

/** Null when there is none. Throws `STATE_FORMAT` for another format, `FILE_DAMAGED` for nonsense. */
export function readChainFile(layout: Layout): ChainFile | null {
  const reset = `Start clean with --reset, or choose another --data-dir.`;
  const found = readJson(layout.chain, reset) as Partial<ChainFile> | null;
  if (found === null) return null;
  if (found.stateFormat !== STATE_FORMAT) {
    throw new SynodError(
      'STATE_FORMAT',
      `${displayPath(layout.directory)} was written by Synod ${found.version ?? 'of an unknown version'} in state format ${found.stateFormat}; this is Synod ${VERSION} with state format ${STATE_FORMAT}. ${reset}`,
      { facts: { directory: layout.directory, found: found.stateFormat ?? null, expected: STATE_FORMAT } },
    );
  }
  const numbers = [found.validators, found.blockTimeMs, found.verifiedPercent, found.accounts];
  const complete = typeof found.seed === 'string' && numbers.every(Number.isSafeInteger);
  const names = [found.model, found.modelHash, found.experts, found.pace].every((one) => typeof one === 'string');
  const tables = [found.knowledge, found.knowledgeRoots, found.params].every(
    (one) => typeof one === 'object' && one !== null,
  );
  if (complete && names && tables) return found as ChainFile;
  throw new SynodError('FILE_DAMAGED', `${layout.chain} lacks what it should say. ${reset}`, {
    facts: { file: layout.chain },
  });
}

export function writeChainFile(layout: Layout, file: Omit<ChainFile, 'stateFormat' | 'version'>): void {
  writeJsonAtomic(layout.chain, { stateFormat: STATE_FORMAT, version: VERSION, ...file });
}

/** Fails when the model found now is not the one the chain's experts registered with. */
export function requireSameModel(existing: ChainFile | null, modelHash: string): void {
  if (existing === null || existing.modelHash === modelHash) return;
  throw new SynodError(
    'MODEL_CHANGED',
    `The chain's experts registered model ${existing.modelHash.slice(0, 12)}…, but "${existing.model}" is now ${modelHash.slice(0, 12)}…. Restore that model, or start clean with --reset.`,
    { facts: { registered: existing.modelHash, found: modelHash } },
  );
}

/** Fails when a domain's knowledge is no longer what its experts registered: their quotes could not be proved. */
export function requireSameKnowledge(
  existing: ChainFile | null,
  domains: readonly { readonly name: string; readonly root: string; readonly knowledge: string }[],
): void {
  const changed = domains.find(({ name, root }) => existing !== null && existing.knowledgeRoots[name] !== root);
  if (existing === null || changed === undefined) return;
  const registered = existing.knowledgeRoots[changed.name] ?? '';
  throw new SynodError(
    'KNOWLEDGE_CHANGED',
    `The chain's experts of ${changed.name} registered knowledge ${registered.slice(0, 12)}…, but ${displayPath(changed.knowledge)} now holds ${changed.root.slice(0, 12)}…. Put the old knowledge back, or start clean with --reset.`,
    { facts: { domain: changed.name, registered, found: changed.root } },
  );
}

/** Deletes the devnet's own entries and nothing else. */
export function resetDirectory(layout: Layout): void {
  requireOwnFolder(layout);
  for (const name of entriesOf(layout.directory)) {
    // The lock is held by this very process; its own log stays open.
    if (name !== 'supervisor.lock' && name !== 'logs')
      rmSync(join(layout.directory, name), { recursive: true, force: true });
  }
  for (const name of entriesOf(layout.logs)) {
    if (name !== 'supervisor.log') rmSync(join(layout.logs, name), { force: true });
  }
}

function requireOwnFolder(layout: Layout): void {
  const foreign = entriesOf(layout.directory).find((name) => !isDevnetEntry(name));
  if (foreign === undefined) return;
  throw new SynodError(
    'DATA_DIR_FOREIGN',
    `${displayPath(layout.directory)} is not a devnet's folder: it holds "${foreign}". Choose an empty or new one with --data-dir.`,
    { facts: { directory: layout.directory, entry: foreign } },
  );
}

function entriesOf(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

function otherChain(
  layout: Layout,
  key: keyof typeof FLAG_OF,
  values: { readonly wanted: string | number; readonly found: string | number },
): SynodError {
  const flag = FLAG_OF[key];
  const unit = key === 'blockTimeMs' ? 'ms' : key === 'verifiedPercent' ? ' %' : '';
  return new SynodError(
    'DATA_DIR_OTHER_CHAIN',
    `${displayPath(layout.directory)} holds a chain made with ${flag} ${values.found}${unit}, not ${values.wanted}${unit}. ` +
      `Leave ${flag} out to continue it, choose another --data-dir, or start clean with --reset.`,
    { facts: { directory: layout.directory, flag, found: values.found, wanted: values.wanted } },
  );
}
