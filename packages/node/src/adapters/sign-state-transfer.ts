/**
 * A key's signing record on its way from one home to another (keys §4): what of a sign state is told, and how one that is told raises
 * another. Owns the rule that nothing is ever lowered; the file people carry is the command line's, the state's own file is
 * sign-state-file.ts.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  extensionSignBytes,
  fromHex,
  type Hash,
  type PublicKey,
  proposalSignBytes,
  toHex,
  verifySignature,
  voteSignBytes,
} from '@synod/chain';
import { type FileOperations, systemFiles } from './durable-files.ts';
import {
  NOTHING_SIGNED,
  type OwnMessage,
  openSignStateFile,
  readSignStateFile,
  SIGN_STEPS,
  type SignState,
  WHOLE_HEIGHT_ROUND,
  withOwnMessage,
} from './sign-state-file.ts';
import { signStateOf } from './signer-ring.ts';

/** What a key signed last: its messages of that height, or, without any, that nothing of the whole height may be signed again. */
export type SigningRecord = { readonly height: number; readonly messages: readonly OwnMessage[] };

/** A sign state of a home. */
export type FoundSignState = {
  readonly path: string;
  readonly chainId: string;
  readonly publicKey: PublicKey;
  readonly state: SignState;
};

const STATE_NAME = /^sign-state(\.[0-9a-f]{16})?$/;

/** Every sign state of a home, changed or not by a node that runs. Throws `SIGN_STATE_DAMAGED`. */
export function listSignStates(home: string): readonly FoundSignState[] {
  const names = existsSync(home) ? readdirSync(home).filter((name) => STATE_NAME.test(name)) : [];
  return names.sort().map((name) => {
    const path = join(home, name);
    const { publicKey, ...rest } = readSignStateFile(path);
    return { path, ...rest, publicKey: publicKey as PublicKey };
  });
}

/** What to tell of a state; null while nothing was signed. A state that does not know its messages tells the height alone. */
export function signingRecordOf({ height, round, own }: SignState): SigningRecord | null {
  if (height === 0) return null;
  return { height, messages: round === WHOLE_HEIGHT_ROUND ? [] : own };
}

/**
 * The state that permits nothing that either of the two forbids: the later height wins, and of one height the later slot, with the
 * messages of both. The same record again changes nothing.
 */
export function raisedState(present: SignState, record: SigningRecord, chainId: string): SignState {
  if (record.height < present.height) return present;
  const base = record.height === present.height ? present : NOTHING_SIGNED;
  if (record.messages.length === 0) return wholeHeight(record.height);
  // A state of format 1 does not know its own messages, so what the record says of the height may not be all.
  if (base.height > 0 && base.own.length === 0) return wholeHeight(record.height);
  return [...record.messages]
    .sort(compareSlots)
    .reduce((state, message) => withMessage(state, message, record.height, chainId), base);
}

/** Whether the key signed the message; a record with any other is not to be believed. */
export function isSignedBy(
  message: OwnMessage,
  { chainId, height, publicKey }: { readonly chainId: string; readonly height: number; readonly publicKey: PublicKey },
): boolean {
  if (!verifySignature(publicKey, signBytesOf(message, height, chainId), fromHex(message.signature))) return false;
  const { round, blockId, extension } = message;
  if (extension === null || blockId === null) return extension === null;
  const content = { height, round, blockId: blockId as Hash, extension: fromHex(extension.bytes) };
  return verifySignature(publicKey, extensionSignBytes(chainId, content), fromHex(extension.signature));
}

/**
 * Raises the key's sign state in the home to the record, and begins one where there is none. Durable when it returns; true when
 * something changed. Throws as `openSignStateFile`. The home must not be in use.
 */
export function raiseSignState(options: {
  readonly home: string;
  readonly chainId: string;
  readonly publicKey: PublicKey;
  readonly record: SigningRecord;
  /** Where a key without a sign state gets one. */
  readonly fallback: string;
  readonly files?: FileOperations;
}): boolean {
  const { home, chainId, publicKey, record, fallback, files = systemFiles } = options;
  const known = listSignStates(home).find((one) => one.publicKey === publicKey);
  const path =
    known?.path ?? (existsSync(`${signStateOf(home, publicKey)}.exists`) ? signStateOf(home, publicKey) : fallback);
  const file = openSignStateFile({ path, owner: { chainId, publicKey }, isNew: true, files });
  const raised = raisedState(file.initial, record, chainId);
  if (JSON.stringify(raised) === JSON.stringify(file.initial)) return false;
  file.save(raised, null);
  return true;
}

/** Nothing of the height is signed again, so what its messages were no longer matters. */
function wholeHeight(height: number): SignState {
  return { ...NOTHING_SIGNED, height, round: WHOLE_HEIGHT_ROUND, step: 'precommit' };
}

function withMessage(state: SignState, message: OwnMessage, height: number, chainId: string): SignState {
  const isKnown = state.own.some(({ round, step }) => round === message.round && step === message.step);
  const own = isKnown ? state.own : [...withOwnMessage(state.own, message)].sort(compareSlots);
  const isLater = state.height < height || compareSlots(state, message) < 0;
  if (!isLater) return { ...state, own };
  const { round, step, signature, extension } = message;
  return { height, round, step, signBytes: toHex(signBytesOf(message, height, chainId)), signature, extension, own };
}

function signBytesOf({ step, round, polRound, blockId }: OwnMessage, height: number, chainId: string): Uint8Array {
  const id = blockId as Hash | null;
  if (step !== 'propose') return voteSignBytes(chainId, { type: step, height, round, blockId: id });
  if (id === null) throw new TypeError('a proposal names a block');
  return proposalSignBytes(chainId, { height, round, polRound, blockId: id });
}

type Place = Pick<OwnMessage, 'round' | 'step'>;

function compareSlots(one: Place, other: Place): number {
  return one.round - other.round || SIGN_STEPS.indexOf(one.step) - SIGN_STEPS.indexOf(other.step);
}
