/**
 * The validator's signer (consensus §1.7): keys in memory, last-sign state on disk before any signature leaves.
 * Owns the rule of what may be signed; when to sign is the consensus core's.
 */

import { createHmac } from 'node:crypto';
import {
  type Address,
  extensionSignBytes,
  fromHex,
  type Hash,
  type KeyAgreement,
  keyAgreement,
  type Proposal,
  type PublicKey,
  proposalSignBytes,
  publicKeyOf,
  SynodError,
  sealedSignBytes,
  sign,
  toHex,
  type Vote,
  voteSignBytes,
  vrfProve,
} from '@synod/chain';
import { identitySignBytes } from '../host/identity.ts';
import type { ConsensusSigner, OwnSigned, Signed } from '../host/ports.ts';
import { type FileOperations, systemFiles } from './durable-files.ts';
import {
  type OwnMessage,
  openSignStateFile,
  reasonOf,
  SIGN_STEPS,
  type SignState,
  type SignStateFile,
  type SignStep,
  withOwnMessage,
} from './sign-state-file.ts';

/** Largest extension the state file takes. */
const EXTENSION_BYTES_MAX = 1024 * 1024;

type Slot = { readonly height: number; readonly round: number; readonly step: SignStep };

/** A signature asked for: its slot, the bytes it covers, and the extension that goes with it. */
export type SlotRequest = Slot & {
  readonly polRound: number;
  readonly blockId: Hash | null;
  readonly signBytes: Uint8Array;
  readonly lockedProposal: Uint8Array | null;
  readonly extension: { readonly bytes: Uint8Array; readonly signBytes: Uint8Array } | null;
};

export type ConsensusSignerOptions = {
  readonly chainId: string;
  readonly operator: Address;
  /** 32 secret bytes each. */
  readonly consensusSeed: Uint8Array;
  readonly vrfSeed: Uint8Array;
  readonly stateFile: string;
  /** False when the node already holds blocks: then a missing state file is damage, not a first start. */
  readonly isNew?: boolean;
  readonly files?: FileOperations;
};

/**
 * Opens the signer. Throws `SIGN_STATE_DAMAGED`, `SIGN_STATE_FOREIGN` or `SIGN_STATE_WRITE_FAILED`; it never starts with
 * a fresh state where an old one was. Its refusals are values: `SIGN_REQUEST_INVALID`, `SIGN_SLOT_OLD`, `SIGN_CONFLICT`,
 * `SIGN_STATE_WRITE_FAILED`.
 */
export function openConsensusSigner(options: ConsensusSignerOptions): ConsensusSigner {
  const { chainId, operator, consensusSeed, vrfSeed } = options;
  const publicKey = publicKeyOf(consensusSeed);
  const file = openSignStateFile({
    path: options.stateFile,
    owner: { chainId, publicKey },
    isNew: options.isNew ?? true,
    files: options.files ?? systemFiles,
  });
  return createConsensusSigner({
    chainId,
    operator,
    state: file,
    keys: {
      publicKey,
      sign: (message) => sign(consensusSeed, message),
      prove: (alpha) => vrfProve(vrfSeed, alpha),
      deriveSecret: (label) => deriveSecret(consensusSeed, label),
      agree: keyAgreement(consensusSeed),
    },
  });
}

/** A signer, and why its sign state cannot be trusted: then it is silent and the node observes (consensus §1.7). */
export type SafelyOpenedSigner = { readonly signer: ConsensusSigner; readonly signStateProblem: string | null };

/** As {@link openConsensusSigner}, but a damaged sign state gives a silent signer instead of an error. */
export function openSignerSafely(options: ConsensusSignerOptions): SafelyOpenedSigner {
  try {
    return { signer: openConsensusSigner(options), signStateProblem: null };
  } catch (error) {
    if (!(error instanceof SynodError) || error.code !== 'SIGN_STATE_DAMAGED') throw error;
    return { signer: createSilentSigner(options), signStateProblem: error.message };
  }
}

/**
 * Begins the signing state of a key that was made just now, in a home that has followed the chain without one: such a key
 * has signed nothing, so a missing file is no loss. Throws `SIGN_STATE_FOREIGN` where another key's state lies there.
 */
export function beginSignState(options: {
  readonly stateFile: string;
  readonly chainId: string;
  readonly consensusSeed: Uint8Array;
}): void {
  const { stateFile: path, chainId, consensusSeed } = options;
  openSignStateFile({
    path,
    owner: { chainId, publicKey: publicKeyOf(consensusSeed) },
    isNew: true,
    files: systemFiles,
  });
}

/** What a signer's secrets do, for one consensus and one beacon key. */
export type SignerKeys = {
  readonly publicKey: PublicKey;
  readonly sign: (message: Uint8Array) => Uint8Array;
  /** ECVRF proof of 80 bytes. */
  readonly prove: (alpha: Uint8Array) => Uint8Array;
  readonly deriveSecret: (label: string) => Uint8Array;
  readonly agree: KeyAgreement;
};

/** The signer over opened keys and state, wherever these are kept; refusals as in {@link openConsensusSigner}. */
export function createConsensusSigner(options: {
  readonly chainId: string;
  readonly operator: Address;
  readonly keys: SignerKeys;
  readonly state: SignStateFile;
}): ConsensusSigner {
  const { chainId, operator, keys } = options;
  const gate = createSlotGate({ chainId, operator, state: options.state, signSlot: localSlots(keys.sign) });
  return {
    operator,
    publicKey: keys.publicKey,
    signProposal: gate.signProposal,
    signVote: gate.signVote,
    proveBeacon: keys.prove,
    deriveSecret: keys.deriveSecret,
    signed: gate.signed,
    signIdentity: (peerId) => keys.sign(identitySignBytes(chainId, peerId)),
    signSealed: (message) => keys.sign(sealedSignBytes(chainId, message)),
    agree: (own, theirs) => (own === keys.publicKey ? keys.agree(theirs) : null),
  };
}

/** The part of a signer that decides about slots: `signSlot` gives signatures for those that the state permits, here or elsewhere. */
export function createSlotGate(options: {
  readonly chainId: string;
  readonly operator: Address;
  readonly state: SignStateFile;
  readonly signSlot: (request: SlotRequest) => Signed<SlotSignature>;
}): Pick<ConsensusSigner, 'signProposal' | 'signVote' | 'signed'> {
  const { chainId } = options;
  const gate = new SignGate(options);
  return {
    signProposal(slot) {
      const { height, round, polRound } = slot;
      if (!isPlace(height, round) || !Number.isSafeInteger(polRound) || polRound < -1 || polRound >= round) {
        return invalid(`height ${height}, round ${round}, proof-of-lock round ${polRound}`);
      }
      const signed = gate.sign({
        height,
        round,
        step: 'propose',
        polRound,
        blockId: slot.blockId,
        signBytes: proposalSignBytes(chainId, slot),
        extension: null,
        lockedProposal: null,
      });
      return signed.ok ? { ok: true, value: signed.value.signature } : signed;
    },
    signVote(slot) {
      const { type, height, round, blockId, extension, lockedProposal = null } = slot;
      if (!isPlace(height, round)) return invalid(`height ${height}, round ${round}`);
      if ((extension !== null) !== (type === 'precommit' && blockId !== null)) {
        return invalid('an extension belongs to a precommit for a block, and to nothing else');
      }
      if (extension !== null && extension.length > EXTENSION_BYTES_MAX) return invalid('the extension is too long');
      const signBytes = voteSignBytes(chainId, { type, height, round, blockId });
      const request = { height, round, step: type, polRound: -1, blockId, signBytes };
      if (extension === null || blockId === null)
        return gate.sign({ ...request, extension: null, lockedProposal: null });
      const content = { height, round, blockId, extension };
      const extended = { bytes: extension, signBytes: extensionSignBytes(chainId, content) };
      return gate.sign({ ...request, extension: extended, lockedProposal });
    },
    signed: () => gate.signed(),
  };
}

/** The key without a sign state it can trust: it proves who this node is, and signs no proposal and no vote. */
function createSilentSigner(options: Omit<ConsensusSignerOptions, 'stateFile' | 'isNew' | 'files'>): ConsensusSigner {
  const { chainId, operator, consensusSeed, vrfSeed } = options;
  const refusal = { ok: false, code: 'SIGN_STATE_DAMAGED', reason: 'the signing state cannot be trusted' } as const;
  const publicKey = publicKeyOf(consensusSeed);
  const agree = keyAgreement(consensusSeed);
  return {
    operator,
    publicKey,
    signProposal: () => refusal,
    signVote: () => refusal,
    proveBeacon: (alpha) => vrfProve(vrfSeed, alpha),
    deriveSecret: (label) => deriveSecret(consensusSeed, label),
    signIdentity: (peerId) => sign(consensusSeed, identitySignBytes(chainId, peerId)),
    signSealed: (message) => sign(consensusSeed, sealedSignBytes(chainId, message)),
    agree: (own, theirs) => (own === publicKey ? agree(theirs) : null),
    signed: () => ({ height: 0, round: 0, step: 'propose', proposals: [], votes: [], lockedProposal: null }),
  };
}

/** The extension may be an earlier one: of a repeated slot, what was signed first. */
export type SlotSignature = {
  readonly signature: Uint8Array;
  readonly extension: { readonly bytes: Uint8Array; readonly signature: Uint8Array } | null;
};

/** Signatures by a key that is at hand. */
function localSlots(signBytes: SignerKeys['sign']): (request: SlotRequest) => Signed<SlotSignature> {
  return ({ signBytes: bytes, extension }) => ({
    ok: true,
    value: {
      signature: signBytes(bytes),
      extension: extension && { bytes: extension.bytes, signature: signBytes(extension.signBytes) },
    },
  });
}

/** Lets slots through in rising order only, each with one content. */
class SignGate {
  readonly #operator: Address;
  readonly #signSlot: (request: SlotRequest) => Signed<SlotSignature>;
  readonly #file: SignStateFile;
  #last: SignState;
  #lockedProposal: Uint8Array | null;
  /** What `signed` gives until the next signature. */
  #signed: OwnSigned | null = null;

  constructor(options: Parameters<typeof createSlotGate>[0]) {
    const { operator, signSlot, state } = options;
    this.#operator = operator;
    this.#signSlot = signSlot;
    this.#file = state;
    this.#last = state.initial;
    this.#lockedProposal = state.initialLocked;
  }

  signed(): OwnSigned {
    if (this.#signed !== null) return this.#signed;
    const { height, round, step, own } = this.#last;
    this.#signed = {
      height,
      round,
      step,
      proposals: own.flatMap((message) => ownProposal(message, height, this.#operator)),
      votes: own.flatMap((message) => ownVote(message, height, this.#operator)),
      lockedProposal: this.#lockedProposal,
    };
    return this.#signed;
  }

  sign(request: SlotRequest): Signed<SlotSignature> {
    const order = compareSlots(request, this.#last);
    if (order < 0) return this.#refuse('SIGN_SLOT_OLD', request);
    if (order === 0) {
      const isSame = this.#last.signBytes === toHex(request.signBytes);
      return isSame ? { ok: true, value: signatureOf(this.#last) } : this.#refuse('SIGN_CONFLICT', request);
    }
    const signed = this.#signSlot(request);
    if (!signed.ok) return signed;
    const next = this.#after(request, signed.value);
    try {
      this.#file.save(next, request.lockedProposal);
    } catch (cause) {
      // The signature is dropped: what is not durable must not leave.
      const reason = `the signing state could not be written (${reasonOf(cause)})`;
      return { ok: false, code: 'SIGN_STATE_WRITE_FAILED', reason };
    }
    this.#last = next;
    this.#lockedProposal = request.lockedProposal ?? this.#lockedProposal;
    this.#signed = null;
    return { ok: true, value: signatureOf(next) };
  }

  #after({ height, round, step, polRound, blockId, signBytes }: SlotRequest, signed: SlotSignature): SignState {
    const signature = toHex(signed.signature);
    const extended = signed.extension && {
      bytes: toHex(signed.extension.bytes),
      signature: toHex(signed.extension.signature),
    };
    const before = this.#last.height === height ? this.#last.own : [];
    const own = withOwnMessage(before, { round, step, polRound, blockId, signature, extension: extended });
    return { height, round, step, signBytes: toHex(signBytes), signature, extension: extended, own };
  }

  #refuse(code: 'SIGN_SLOT_OLD' | 'SIGN_CONFLICT', asked: Slot): Signed<never> {
    const what = code === 'SIGN_SLOT_OLD' ? 'a later slot was signed' : 'other bytes were signed';
    return { ok: false, code, reason: `asked for ${describe(asked)}, but ${what}: ${describe(this.#last)}` };
  }
}

function ownProposal(message: OwnMessage, height: number, proposer: Address): readonly Proposal[] {
  const { step, round, polRound, blockId, signature } = message;
  if (step !== 'propose' || blockId === null) return [];
  return [{ height, round, polRound, blockId: blockId as Hash, proposer, signature: fromHex(signature) }];
}

function ownVote(message: OwnMessage, height: number, validator: Address): readonly Vote[] {
  const { step, round, blockId } = message;
  if (step === 'propose') return [];
  return [{ type: step, height, round, blockId: blockId as Hash | null, validator, ...signatureOf(message) }];
}

function signatureOf({ signature, extension }: Pick<SignState, 'signature' | 'extension'>): SlotSignature {
  return {
    signature: fromHex(signature),
    extension: extension && { bytes: fromHex(extension.bytes), signature: fromHex(extension.signature) },
  };
}

function compareSlots(a: Slot, b: Slot): number {
  return a.height - b.height || a.round - b.round || SIGN_STEPS.indexOf(a.step) - SIGN_STEPS.indexOf(b.step);
}

function isPlace(height: number, round: number): boolean {
  return Number.isSafeInteger(height) && height >= 1 && Number.isSafeInteger(round) && round >= 0;
}

function describe({ height, round, step }: Slot): string {
  return `height ${height}, round ${round}, ${step}`;
}

function invalid(reason: string): Signed<never> {
  return { ok: false, code: 'SIGN_REQUEST_INVALID', reason };
}

/** HMAC-SHA-256 keyed by the seed; the prefix keeps it apart from every other use of the key. */
export function deriveSecret(seed: Uint8Array, label: string): Uint8Array {
  return new Uint8Array(createHmac('sha256', seed).update('synod/derived-secret/1\0').update(label).digest());
}
