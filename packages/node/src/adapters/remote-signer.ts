/**
 * The node's side of a signer in another process (keys §5): the port `ConsensusSigner`, whose keys are elsewhere. Owns what the node keeps of it —
 * a sign state of its own, so that a lost log loses no vote and nothing is asked twice — and that whatever the signer does not give is not
 * signed: the node goes on as an observer of that step.
 */
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import {
  type Address,
  encodeSealedMessage,
  type Hash,
  type PublicKey,
  SynodError,
  sealedSignBytes,
} from '@synod/chain';
import { identitySignBytes } from '../host/identity.ts';
import type { ConsensusSigner, Signed } from '../host/ports.ts';
import type { FileOperations } from './durable-files.ts';
import { NOTHING_SIGNED, openSignStateFile, readSignStateFile, type SignStateFile } from './sign-state-file.ts';
import { SIGNER_LIMITS } from './signer-auth.ts';
import type { Asked, RemoteSignerConfig, SignerChannel } from './signer-channel.ts';
import { createSlotGate, type SafelyOpenedSigner, type SlotRequest, type SlotSignature } from './signer-file.ts';
import { bytesOf, isRecord, requestToJson, type SignRequest, signPath } from './signer-protocol.ts';
import { createSignerRing, rotatedSignState, signStateOf } from './signer-ring.ts';
import { answerOf, foreign, keysHeld, openSignerSession } from './signer-session.ts';

export type RemoteSignerOptions = {
  readonly chainId: string;
  readonly genesisHash: Hash;
  readonly operator: Address;
  readonly home: string;
  /** The key that the set names, or null. */
  readonly named: PublicKey | null;
  readonly config: RemoteSignerConfig;
  readonly files: FileOperations;
};

/** What signing needs beside the options. */
type Opened = Omit<RemoteSignerOptions, 'named'> & { readonly channel: SignerChannel; readonly url: string };

/** Reaches the signer and opens the key that is named, or its first one. Throws as `openSignerSession`. */
export function openRemoteSigner(options: RemoteSignerOptions): SafelyOpenedSigner & { close(): Promise<void> } {
  const { config, named } = options;
  const { channel, url, keys } = openSignerSession(config, options);
  try {
    const opened = { ...options, channel, url };
    const first = openKey(opened, keys.find((one) => one === named) ?? keys[0]);
    const open = (other: PublicKey): ConsensusSigner | null => openOther(opened, other);
    const ring = createSignerRing(first.signer, { open, agree: (own, theirs) => agreement(channel, own, theirs) });
    return { signer: ring, signStateProblem: first.signStateProblem, close: channel.close };
  } catch (error) {
    void channel.close();
    throw error;
  }
}

/** Null where the signer does not hold the key, or cannot be asked now: the height is then another's. */
function openOther(opened: Opened, key: PublicKey): ConsensusSigner | null {
  const { channel, config } = opened;
  if (keysHeld(channel, config.answerMs ?? SIGNER_LIMITS.answerMs)?.includes(key) !== true) return null;
  try {
    const { signer, signStateProblem } = openKey(opened, key);
    return signStateProblem === null ? signer : null;
  } catch (error) {
    if (error instanceof SynodError && error.code.startsWith('SIGNER_')) return null;
    throw error;
  }
}

function openKey(opened: Opened, key: PublicKey): SafelyOpenedSigner {
  const { chainId, operator, home, channel, files } = opened;
  const sign = (request: SignRequest): Asked =>
    channel.ask({ method: 'POST', path: signPath(key), body: requestToJson(request) });
  const ask = (request: SignRequest, field: string, length: number): Uint8Array | null => {
    const asked = sign(request);
    const bytes = asked.ok && asked.status === 200 && isRecord(asked.body) ? bytesOf(asked.body[field], length) : null;
    return bytes?.length === length ? bytes : null;
  };
  const question = requestToJson({ type: 'SECRET', label: 'salts' });
  const base = answerOf(
    channel.ask({ method: 'POST', path: signPath(key), body: question, timeoutMs: SIGNER_LIMITS.openingMs }),
  );
  const secret = bytesOf(base['secret'], 32);
  if (secret?.length !== 32) throw foreign(opened.url, 'it gives no secret for salts');
  const { state, problem } = openState(home, { chainId, publicKey: key, files });
  const gate = createSlotGate({ chainId, operator, state, signSlot: (slot) => signedBy(sign(requestOf(slot)), slot) });
  const signer: ConsensusSigner = {
    operator,
    publicKey: key,
    signProposal: gate.signProposal,
    signVote: gate.signVote,
    proveBeacon: (alpha) => ask({ type: 'BEACON', alpha }, 'proof', 80),
    deriveSecret: (label) => new Uint8Array(createHmac('sha256', secret).update(label).digest()),
    signIdentity: (peerId) =>
      ask({ type: 'IDENTITY', signingBytes: identitySignBytes(chainId, peerId), peerId }, 'signature', 64),
    signSealed: (message) => {
      const encoded = encodeSealedMessage({ ...message, signature: new Uint8Array(64) });
      return ask(
        { type: 'SEALED', signingBytes: sealedSignBytes(chainId, message), message: encoded },
        'signature',
        64,
      );
    },
    agree: (own, theirs) => agreement(channel, own, theirs),
    signed: gate.signed,
  };
  return { signer, signStateProblem: problem };
}

function agreement(channel: SignerChannel, own: PublicKey, theirs: Uint8Array): Uint8Array | null {
  if (theirs.length !== 32) return null;
  const body = requestToJson({ type: 'AGREEMENT', publicKey: theirs });
  const asked = channel.ask({ method: 'POST', path: signPath(own), body });
  const secret = asked.ok && asked.status === 200 && isRecord(asked.body) ? bytesOf(asked.body['secret'], 32) : null;
  return secret?.length === 32 ? secret : null;
}

/** The node's own copy. The signer's is the one that protects, so a copy that is not there begins anew; one that is damaged ends the signing. */
function openState(
  home: string,
  {
    chainId,
    publicKey,
    files,
  }: { readonly chainId: string; readonly publicKey: PublicKey; readonly files: FileOperations },
): { readonly state: SignStateFile; readonly problem: string | null } {
  try {
    const path = ownStateOf(home, publicKey);
    return { state: openSignStateFile({ path, owner: { chainId, publicKey }, isNew: true, files }), problem: null };
  } catch (error) {
    if (!(error instanceof SynodError) || error.code !== 'SIGN_STATE_DAMAGED') throw error;
    const state = { initial: NOTHING_SIGNED, initialLocked: null, save: () => undefined };
    return { state, problem: error.message };
  }
}

/** A key that came by rotation has a state under its own name, because the plain one is the first key's. */
function ownStateOf(home: string, publicKey: PublicKey): string {
  const path = signStateOf(home, publicKey);
  const marker = `${path}.exists`;
  const isOther = existsSync(marker)
    ? readFileSync(marker, 'utf8').trim() !== publicKey
    : existsSync(path) && readSignStateFile(path).publicKey !== publicKey;
  return isOther ? rotatedSignState(home, publicKey) : path;
}

function requestOf({ step, height, round, polRound, blockId, signBytes, extension }: SlotRequest): SignRequest {
  if (step !== 'propose') {
    const vote = { type: step, height, round, blockId };
    return { type: 'VOTE', signingBytes: signBytes, vote, extension: extension?.bytes ?? null };
  }
  if (blockId === null) throw new TypeError('a proposal names a block');
  return { type: 'PROPOSAL', signingBytes: signBytes, proposal: { height, round, polRound, blockId } };
}

/** What the signer gave; a refusal with its own code and reason. */
function signedBy(asked: Asked, { extension }: SlotRequest): Signed<SlotSignature> {
  if (!asked.ok) return { ok: false, code: asked.code, reason: asked.reason };
  const body = isRecord(asked.body) ? asked.body : {};
  const { code, message } = body;
  if (asked.status !== 200) {
    const reason = `the signer refused: ${typeof message === 'string' ? message : `status ${asked.status}`}`;
    // A disk of the signer's that is full ends this height's step only: it is not this node's disk.
    const own =
      code === 'SIGN_SLOT_OLD' || code === 'SIGN_CONFLICT' || code === 'SIGN_REQUEST_INVALID' ? code : 'SIGNER_REFUSED';
    return { ok: false, code: own, reason };
  }
  const signature = bytesOf(body['signature'], 64);
  const extended = extension === null ? null : extensionOf(body['extension']);
  if (signature?.length === 64 && (extension === null || extended !== null))
    return { ok: true, value: { signature, extension: extended } };
  return { ok: false, code: 'SIGNER_REFUSED', reason: 'the signer answered something that is no signature' };
}

function extensionOf(value: unknown): SlotSignature['extension'] {
  if (!isRecord(value)) return null;
  const bytes = bytesOf(value['bytes'], SIGNER_LIMITS.extensionBytesMax);
  const signature = bytesOf(value['signature'], 64);
  return bytes === null || signature?.length !== 64 ? null : { bytes, signature };
}
