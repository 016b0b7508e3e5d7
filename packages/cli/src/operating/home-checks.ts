/**
 * What can be checked of a node in its home, whether it runs or not: files, their modes, keys, signing record, model, database, disk.
 * Owns these checks; nothing is changed by them.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Genesis, genesisHash, type PublicKey, parseGenesis, publicKeyOf, SynodError } from '@synod/chain';
import { newestStoredBlock, storageOf } from '@synod/node';
import { absenceProblem } from '@synod/node/checkpoint';

import { lockHolder } from '@synod/node/lock';
import { listSignStates } from '@synod/node/signing';
import { readJson } from '../files/write-file.ts';
import { readCheckpoint } from '../join/checkpoint.ts';
import { type NodeHome, readNodeHome } from '../node-home.ts';
import { describeFailure, partsOf } from '../terminal/failure.ts';
import { bytesText } from '../terminal/output.ts';
import { type Finding, noteOf, ok, wrong } from './findings.ts';

export const DISK_LIMITS = { wrongBytes: 1e9, noteBytes: 10e9 } as const;

export type HomeFacts = {
  readonly home: string;
  readonly files: NodeHome | null;
  readonly genesis: Genesis | null;
  /** Process that runs the node, or null. */
  readonly pid: number | null;
};

/** The home as far as it can be read, and what is wrong with its files. */
export function openHome(home: string): { readonly facts: HomeFacts; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const read = <T>(check: string, next: string, act: () => T): T | null => {
    try {
      return act();
    } catch (error) {
      const isOpen = error instanceof SynodError && error.code === 'KEY_FILE_OPEN';
      findings.push(wrong(check, firstSentence(error), isOpen ? 'Close it as "modes" says below.' : next));
      return null;
    }
  };
  const restore = 'Restore it from a backup:  synod backup restore FILE --home FOLDER';
  const files = read('home', restore, () => readNodeHome(home));
  const genesis = read('genesis', "Copy the chain's genesis.json into the home.", () => readGenesis(home));
  if (files !== null) findings.push(ok('home', `${home} is the home of ${files.node.name}`));
  if (genesis !== null) findings.push(ok('genesis', `${genesis.chainId}, hash 0x${genesisHash(genesis)}`));
  const pid = existsSync(home) ? lockHolder(join(home, 'node.lock')) : null;
  return { facts: { home, files, genesis, pid }, findings };
}

/** Consensus keys of the home, the first one and those rotated to. */
export function ownKeys({ files }: HomeFacts): readonly PublicKey[] {
  if (files === null) return [];
  const { consensusSeed, rotated } = files.keys;
  const seeds = [consensusSeed, ...rotated.map((pair) => pair.consensusSeed)];
  return seeds.flatMap((seed) => (seed === null ? [] : [publicKeyOf(seed)]));
}

export async function checkHome(facts: HomeFacts): Promise<readonly Finding[]> {
  if (!existsSync(facts.home)) return [];
  return [
    ...modeFindings(facts.home),
    ...signStateFindings(facts),
    ...(await modelFindings(facts)),
    ...(await databaseFindings(facts)),
    ...(await diskFindings(facts)),
  ];
}

/** Files that hold keys, tokens or what a key signed. */
const SECRET_NAME =
  /^((moving-|retired-)?keys|admin|spend-keys|chat-joins)\.json$|^signer-token$|^sign-state|\.keystore\.json$/;
const OTHERS = 0o077;

function modeFindings(home: string): Finding[] {
  if (process.platform === 'win32') return [];
  const open = readdirSync(home).filter(
    (name) => SECRET_NAME.test(name) && (statSync(join(home, name)).mode & OTHERS) !== 0,
  );
  if (open.length === 0) return [ok('modes', 'keys and signing records can be read by their owner alone')];
  const paths = open.map((name) => join(home, name)).join(' ');
  return [wrong('modes', `others may read ${open.join(', ')}`, `Close them:  chmod 600 ${paths}`)];
}

function signStateFindings(facts: HomeFacts): Finding[] {
  if (facts.files === null)
    return [noteOf('signing', 'not checked: the keys of this home cannot be read', 'Mend "home" first.')];
  const keys = ownKeys(facts);
  const signer = facts.files?.node.signer;
  if (signer !== undefined) return [ok('signing', `a signer holds the keys and what they signed: ${signer.url}`)];
  if (keys.length === 0) return [ok('signing', 'this home holds no validator key: its node follows and never signs')];
  const back =
    'Put the newest copy of the file "sign-state" back, or give the validator new keys:  synod validator rotate --home FOLDER';
  try {
    const states = listSignStates(facts.home);
    const foreign = states.find(({ chainId }) => facts.genesis !== null && chainId !== facts.genesis.chainId);
    if (foreign !== undefined) {
      return [wrong('signing', `${foreign.path} belongs to the chain "${foreign.chainId}"`, back)];
    }
    const own = states.filter(({ publicKey }) => keys.includes(publicKey));
    const newest = own.toSorted((a, b) => b.state.height - a.state.height)[0];
    if (newest !== undefined) return [ok('signing', `signed last at height ${newest.state.height}`)];
    const lost = existsSync(join(facts.home, 'sign-state.exists'));
    if (lost)
      return [wrong('signing', 'the signing record is missing although there was one: the node would observe', back)];
    return [noteOf('signing', 'nothing was signed yet', 'Its node begins the record when it starts.')];
  } catch (error) {
    return [wrong('signing', firstSentence(error), back)];
  }
}

async function modelFindings({ files }: HomeFacts): Promise<Finding[]> {
  const folder = files?.node.modelDirectory ?? null;
  if (files === null) return [];
  if (folder === null) return [ok('model', 'none: this node neither answers nor scores')];
  const next = 'Fetch it again:  synod model fetch';
  try {
    const foreign = await foreignFinding(folder);
    if (foreign !== null) return [foreign];
    const manifest = readJson(join(folder, 'model.json'), next) as ManifestFiles | null;
    if (manifest === null) return [wrong('model', `${folder} holds no model`, next)];
    for (const { path, bytes, sha256 } of manifest.files) {
      const file = join(folder, path);
      if (!existsSync(file)) return [wrong('model', `${file} is missing`, next)];
      if (statSync(file).size !== bytes || (await fileHash(file)) !== sha256) {
        return [wrong('model', `${file} is not what it was when it was built: its hash differs`, next)];
      }
    }
    return [ok('model', `${manifest.name}: all ${manifest.files.length} files have their hashes`)];
  } catch (error) {
    return [wrong('model', firstSentence(error), next)];
  }
}

/** A model of another kind than this project's own stands in a file that names it; null for its own. */
async function foreignFinding(folder: string): Promise<Finding | null> {
  const { describeOnnx, readBackend } = await import('@synod/inference/models');
  const backend = await readBackend(folder);
  if (backend === undefined) return null;
  if (backend.kind === 'http') return ok('model', `${backend.name}: served at ${backend.url}`);
  const found = await describeOnnx(backend.folder, backend.helper);
  if (found.kind === 'onnx' && found.digest === backend.digest)
    return ok('model', `${backend.name}: configuration, tokenizer and graph have their hashes`);
  return wrong('model', `${backend.folder} is not what it was when it was named`, 'Name it again with --model.');
}

type ManifestFiles = {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
};

async function fileHash(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function databaseFindings({ home, pid, genesis }: HomeFacts): Promise<Finding[]> {
  const directory = join(home, 'chain');
  if (pid !== null) return [ok('database', `in use by the node that runs (process ${pid})`)];
  try {
    const newest = await newestStoredBlock(directory);
    const found = ok('database', `opens; newest block ${newest?.height ?? 'none'}`);
    if (genesis === null || newest === null) return [found];
    const problem = absenceProblem({ genesis, head: newest, checkpoint: readCheckpoint(home), nowMs: Date.now() });
    return [found, checkpointFinding(problem, home)];
  } catch (error) {
    if (error instanceof SynodError && error.code === 'HOME_INCOMPLETE')
      return [noteOf('database', 'none yet', 'The node fetches the chain when it starts.')];
    const isMachine = error instanceof SynodError && error.code === 'STORE_WRITE_FAILED';
    const next = isMachine
      ? 'Free disk space or check the disk; the database itself is as it was.'
      : `Restore a backup and let it sync:  synod backup restore FILE --home FOLDER   or look closer:  synod db verify --home ${home}`;
    return [wrong('database', firstSentence(error), next)];
  }
}

/** A node that was away for longer than keys answer for needs a block from somebody it trusts. */
function checkpointFinding(problem: Error | null, home: string): Finding {
  if (problem === null) return ok('checkpoint', 'none is needed: the newest block is young enough to go on from');
  const next = `Get one by "synod checkpoint" of a node you trust:  synod start --home ${home} --checkpoint HEIGHT@HASH`;
  return wrong('checkpoint', firstSentence(problem), next);
}

async function diskFindings({ home }: HomeFacts): Promise<Finding[]> {
  const { bytes, freeBytes } = await storageOf(home);
  const largest = Object.entries(bytes).filter(([, size]) => size > 0);
  const parts = largest.map(([name, size]) => `${name} ${bytesText(size)}`).join(', ');
  return [diskFinding(freeBytes, parts === '' ? 'nothing is stored yet' : parts)];
}

/** The verdict on so much room. */
export function diskFinding(freeBytes: number, parts: string): Finding {
  const what = `${bytesText(freeBytes)} free; ${parts}`;
  const next =
    'Make room, or keep fewer blocks (synod start --keep-blocks 10000) and then:  synod db compact --home FOLDER';
  if (freeBytes < DISK_LIMITS.wrongBytes) return wrong('disk', what, next);
  return freeBytes < DISK_LIMITS.noteBytes ? noteOf('disk', what, next) : ok('disk', what);
}

function readGenesis(home: string): Genesis {
  const file = join(home, 'genesis.json');
  const value = readJson(file, "Copy the chain's genesis.json there.");
  if (value === null) throw new SynodError('HOME_INCOMPLETE', `${file} is missing.`);
  const parsed = parseGenesis(value);
  if (parsed.ok) return parsed.value;
  throw new SynodError('GENESIS_INVALID', `${file} is no genesis document: ${parsed.reason}.`);
}

/** What happened, without the advice: the doctor gives its own. */
export function firstSentence(error: unknown): string {
  const { message } = describeFailure(error);
  return partsOf(message).headline.replace(/\.$/, '');
}
