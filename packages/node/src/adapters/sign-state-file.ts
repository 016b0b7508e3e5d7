/**
 * The last-sign state on disk (consensus §1.7): what the validator's key signed last, and at that height, durable before it
 * is shown; so a lost log loses neither the lock nor a vote. Owns the file and its refusal to guess, and the file of the
 * locked proposal beside it; which signature may be given is signer-file.ts.
 *
 * One JSON file, replaced whole, with a SHA-256 of itself, and a marker beside it that says it once existed. A state
 * file that is missing though marked, unreadable, or changed is never replaced by a fresh one: a validator that forgets
 * what it signed can be made to sign twice.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SynodError } from '@synod/chain';
import { type FileOperations, replaceFile, replaceFileUnlisted } from './durable-files.ts';
import { makeDirectory } from './make-directory.ts';

const DIGEST_BYTES = 32;
/** Digits of the locked proposal's digest that its file is named by. */
const LOCKED_NAME_DIGITS = 16;

/** Steps of a round in the order they are signed. */
export const SIGN_STEPS = ['propose', 'prevote', 'precommit'] as const;
export type SignStep = (typeof SIGN_STEPS)[number];

export type SignState = {
  readonly height: number;
  readonly round: number;
  readonly step: SignStep;
  /** Hexadecimal; empty before the first signature. */
  readonly signBytes: string;
  readonly signature: string;
  readonly extension: { readonly bytes: string; readonly signature: string } | null;
  /** Signed at `height`, oldest first, the last one included; empty in a file of format 1. */
  readonly own: readonly OwnMessage[];
};

/** A proposal or vote of this key; hexadecimal where it is bytes. */
export type OwnMessage = {
  readonly round: number;
  readonly step: SignStep;
  /** Of a proposal; −1 for votes. */
  readonly polRound: number;
  /** Null for nil. */
  readonly blockId: string | null;
  readonly signature: string;
  readonly extension: SignState['extension'];
};

/** Whose state it is. A file of another chain or key is refused. */
export type SignStateOwner = { readonly chainId: string; readonly publicKey: string };

/** Round of a state that forbids a whole height, because only the height is known (keys §4). No round that is signed is as high. */
export const WHOLE_HEIGHT_ROUND = 2 ** 32;

/** Below every slot that can be signed. */
export const NOTHING_SIGNED: SignState = {
  height: 0,
  round: 0,
  step: 'propose',
  signBytes: '',
  signature: '',
  extension: null,
  own: [],
};

/**
 * Format 1 knew the last slot only, format 2 kept the locked proposal under one name for all. Both are read, and replaced by
 * format 3 with the next signature.
 */
const FORMAT_VERSION = 3;
const FORMAT_VERSIONS: readonly unknown[] = [1, 2, FORMAT_VERSION];

export const SIGN_STATE_LIMITS = {
  /** Own messages kept of one height. What goes first are votes for nil before the last round, then the oldest. */
  ownMessagesMax: 24,
} as const;

export type SignStateFile = {
  /** What was signed last before this start. */
  readonly initial: SignState;
  /** Proposal message of the last precommit for a block, as it was saved; null when there is none or it was lost. */
  readonly initialLocked: Uint8Array | null;
  /**
   * Durable when it returns; throws the system's error when it could not be made so. `lockedProposal` is kept with the
   * state, and the one saved before when it is null.
   */
  save(state: SignState, lockedProposal: Uint8Array | null): void;
};

/** Own messages with one more, within the bound; what the lock stands on stays. */
export function withOwnMessage(own: readonly OwnMessage[], message: OwnMessage): readonly OwnMessage[] {
  const all = [...own, message];
  if (all.length <= SIGN_STATE_LIMITS.ownMessagesMax) return all;
  const lock = all.findLast(({ step, blockId }) => step === 'precommit' && blockId !== null);
  const isFree = (one: OwnMessage): boolean => one !== message && one.round !== lock?.round;
  const dropped =
    all.find((one) => isFree(one) && one.blockId === null && one.round < message.round) ?? all.find(isFree);
  return all.filter((one) => one !== dropped);
}

/**
 * Opens the state, or begins one when neither it nor its marker exists and `isNew` holds.
 * Throws `SIGN_STATE_DAMAGED` (missing, unreadable, changed), `SIGN_STATE_FOREIGN` (another chain or key) or
 * `SIGN_STATE_WRITE_FAILED`.
 */
export function openSignStateFile(options: {
  readonly path: string;
  readonly owner: SignStateOwner;
  /** False when the node already holds blocks, so that a lost file cannot pass for a first start. */
  readonly isNew: boolean;
  readonly files: FileOperations;
}): SignStateFile {
  const { path, owner, isNew, files } = options;
  const marker = `${path}.exists`;
  let locked: string | null = null;
  // The locked proposal is there under a name of its own before the state names it, and the one before is there until then:
  // a crash at any point leaves one state with its own proposal. The sync of the directory makes both names durable.
  const save: SignStateFile['save'] = (state, lockedProposal) => {
    const before = locked;
    const next = lockedProposal === null ? before : writeLocked(files, path, lockedProposal);
    replaceFile(files, path, encodeFile(owner, state, next));
    locked = next;
    if (before !== null && before !== next) files.rmSync(lockedFile(path, before), { force: true });
  };
  if (!existsSync(path)) {
    if (existsSync(marker)) throw damaged(path, 'the file is missing although it was written before');
    if (!isNew) throw damaged(path, 'the file is missing although this node has taken part before');
    begin(path, () => save(NOTHING_SIGNED, null));
  }
  const read = readState(path, owner);
  locked = read.locked;
  // The marker is written after the state, so a crash between the two leaves a state without it, never the reverse.
  if (!existsSync(marker)) begin(path, () => replaceFile(files, marker, Buffer.from(`${owner.publicKey}\n`)));
  begin(path, () => removeOtherLocked(files, path, locked));
  return { initial: read.state, initialLocked: locked === null ? null : readLocked(lockedFile(path, locked)), save };
}

function begin(path: string, write: () => void): void {
  try {
    makeDirectory(dirname(path));
    write();
  } catch (cause) {
    throw new SynodError(
      'SIGN_STATE_WRITE_FAILED',
      `The signing state ${path} could not be written: ${reasonOf(cause)}. ` +
        'Free disk space or check the permissions of the data directory, then start the node again.',
      { facts: { path }, cause },
    );
  }
}

function readState(path: string, owner: SignStateOwner): StateFileContent {
  const file = readSignStateFile(path);
  if (file.chainId !== owner.chainId || file.publicKey !== owner.publicKey) {
    throw new SynodError(
      'SIGN_STATE_FOREIGN',
      `The signing state ${path} belongs to key ${file.publicKey} of chain "${file.chainId}", but this node signs with ` +
        `key ${owner.publicKey} of chain "${owner.chainId}". Run the other key or chain from a home folder of its own (--home).`,
      { facts: { path, found: file.chainId, expected: owner.chainId } },
    );
  }
  return file;
}

/** The state as it lies there, whosever it is. Throws `SIGN_STATE_DAMAGED`. */
export function readSignStateFile(path: string): StateFileContent {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw damaged(path, `it cannot be read (${reasonOf(cause)})`, cause);
  }
  const file = parseFile(text);
  if (file === null) throw damaged(path, 'its content is not what was written');
  return file;
}

/** Gives the name by which the state refers to it. */
function writeLocked(files: FileOperations, path: string, bytes: Uint8Array): string {
  const digest = createHash('sha256').update(bytes).digest();
  const name = digest.toString('hex').slice(0, LOCKED_NAME_DIGITS);
  replaceFileUnlisted(files, lockedFile(path, name), Buffer.concat([digest, bytes]));
  return name;
}

function lockedFile(path: string, name: string): string {
  return `${path}.locked${name}`;
}

/** What a crash left of a save that did not finish, or that had finished but for the removal. */
function removeOtherLocked(files: FileOperations, path: string, locked: string | null): void {
  const prefix = basename(lockedFile(path, ''));
  for (const name of readdirSync(dirname(path))) {
    if (!name.replace(/^\./, '').startsWith(prefix) || name === `${prefix}${locked ?? ''}`) continue;
    files.rmSync(join(dirname(path), name));
  }
}

/** Peers and the log may have the proposal too, so a copy that is missing or damaged is no reason to stop. */
function readLocked(path: string): Uint8Array | null {
  if (!existsSync(path)) return null;
  const framed = readFileSync(path);
  const bytes = framed.subarray(DIGEST_BYTES);
  const isWhole = createHash('sha256').update(bytes).digest().equals(framed.subarray(0, DIGEST_BYTES));
  return isWhole ? new Uint8Array(bytes) : null;
}

/** `locked` names the file of the locked proposal; null when there has been none. */
type StateFileContent = SignStateOwner & { readonly state: SignState; readonly locked: string | null };

function encodeFile(owner: SignStateOwner, state: SignState, locked: string | null): Uint8Array {
  const body = JSON.stringify({ formatVersion: FORMAT_VERSION, ...owner, locked, state });
  return Buffer.from(`${body}\n${digestOf(body)}\n`);
}

/** Null for anything that this program did not write whole. */
function parseFile(text: string): StateFileContent | null {
  const [body, digest, ...rest] = text.split('\n');
  if (body === undefined || digest !== digestOf(body) || rest.length !== 1 || rest[0] !== '') return null;
  const content: unknown = JSON.parse(body);
  if (!isContent(content)) return null;
  // Format 2 had one file, without digits in its name.
  const { chainId, publicKey, state, formatVersion, locked = formatVersion === 2 ? '' : null } = content;
  return { chainId, publicKey, locked, state: { ...state, own: state.own ?? [] } };
}

type ReadContent = SignStateOwner & {
  readonly formatVersion: number;
  readonly locked?: string | null;
  readonly state: Omit<SignState, 'own'> & Partial<Pick<SignState, 'own'>>;
};

function isContent(value: unknown): value is ReadContent {
  if (!isRecord(value) || !FORMAT_VERSIONS.includes(value['formatVersion'])) return false;
  const { chainId, publicKey, state } = value;
  if (typeof chainId !== 'string' || typeof publicKey !== 'string' || !isRecord(state)) return false;
  const { height, round, step, signBytes, signature, extension, own } = state;
  if (Array.isArray(own) === (value['formatVersion'] === 1)) return false;
  const isSlot = Number.isSafeInteger(height) && Number.isSafeInteger(round) && SIGN_STEPS.some((one) => one === step);
  const isSigned = typeof signBytes === 'string' && typeof signature === 'string';
  return isSlot && isSigned && (extension === null || isRecord(extension));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function digestOf(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

function damaged(path: string, what: string, cause?: unknown): SynodError {
  return new SynodError(
    'SIGN_STATE_DAMAGED',
    `the signing state ${path} cannot be trusted: ${what}. This node observes and does not sign, because it could sign ` +
      'twice and be slashed. Put the newest copy of the file back and start the node again, or give the validator a new consensus key',
    { facts: { path }, ...(cause === undefined ? {} : { cause }) },
  );
}

export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
