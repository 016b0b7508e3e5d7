/**
 * A validator's keys while it rotates them (staking §4.7): the one that the set names signs, each with a sign state of its own.
 * Owns which key is in use and where its sign state lies; what a key may sign is signer-file.ts.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, keyAgreement, type PublicKey, publicKeyOf } from '@synod/chain';
import type { ConsensusSigner } from '../host/ports.ts';
import type { FileOperations } from './durable-files.ts';
import { openSignerSafely, type SafelyOpenedSigner } from './signer-file.ts';

/** 32 secret bytes each. */
export type ValidatorSeeds = { readonly consensusSeed: Uint8Array; readonly vrfSeed: Uint8Array };

/** Digits of a key that name its sign state. */
const NAME_DIGITS = 16;

/** Where a rotated key keeps its sign state. */
export function rotatedSignState(home: string, publicKey: PublicKey): string {
  return join(home, `sign-state.${publicKey.slice(0, NAME_DIGITS)}`);
}

/** Where a key keeps its sign state: under its own name where it was rotated in, else under the plain one. */
export function signStateOf(home: string, publicKey: PublicKey): string {
  const own = rotatedSignState(home, publicKey);
  return existsSync(own) || existsSync(`${own}.exists`) ? own : join(home, 'sign-state');
}

/**
 * Opens the signer with the key that is `named` by the set, or the first one where the set names none of them. Later it goes
 * over to any other key that `rotated` gives by then. Throws as `openSignerSafely`.
 */
export function openSignerRing(options: {
  readonly chainId: string;
  readonly operator: Address;
  readonly home: string;
  readonly first: ValidatorSeeds;
  /** Keys given by `validator.rotate` since, oldest first; asked again when the set names a key that is not in use. */
  readonly rotated: () => readonly ValidatorSeeds[];
  readonly named: PublicKey | null;
  /** False when the node already holds blocks. */
  readonly isNew: boolean;
  readonly files: FileOperations;
}): SafelyOpenedSigner {
  const { chainId, operator, home, first, rotated, files } = options;
  const seedsOf = (key: PublicKey): ValidatorSeeds | undefined =>
    [first, ...rotated()].find(({ consensusSeed }) => publicKeyOf(consensusSeed) === key);
  const open = (seeds: ValidatorSeeds): SafelyOpenedSigner => {
    const stateFile = signStateOf(home, publicKeyOf(seeds.consensusSeed));
    // A rotated key's state was begun before the key was given: a missing one is damage.
    const isNew = options.isNew && seeds === first;
    return openSignerSafely({ chainId, operator, ...seeds, stateFile, isNew, files });
  };
  const { signer, signStateProblem } = open((options.named === null ? undefined : seedsOf(options.named)) ?? first);
  const useOther = (key: PublicKey): ConsensusSigner | null => {
    const seeds = seedsOf(key);
    return seeds === undefined ? null : open(seeds).signer;
  };
  const agree: ConsensusSigner['agree'] = (own, theirs) => {
    const seeds = seedsOf(own);
    return seeds === undefined ? null : keyAgreement(seeds.consensusSeed)(theirs);
  };
  return { signer: createSignerRing(signer, { open: useOther, agree }), signStateProblem };
}

/**
 * A signer that passes everything to the one in use; `open` gives that of another key, or null where there is none. What was sealed
 * for a key before or after its time opens too: `agree` knows them all.
 */
export function createSignerRing(
  first: ConsensusSigner,
  {
    open,
    agree,
  }: { readonly open: (key: PublicKey) => ConsensusSigner | null; readonly agree: ConsensusSigner['agree'] },
): ConsensusSigner {
  let current = first;
  return {
    operator: first.operator,
    get publicKey() {
      return current.publicKey;
    },
    signed: () => current.signed(),
    useKey: (key) => {
      if (key !== current.publicKey) current = open(key) ?? current;
    },
    signProposal: (slot) => current.signProposal(slot),
    signVote: (slot) => current.signVote(slot),
    proveBeacon: (alpha) => current.proveBeacon(alpha),
    deriveSecret: (label) => current.deriveSecret(label),
    signIdentity: (peerId) => current.signIdentity(peerId),
    signSealed: (message) => current.signSealed(message),
    agree,
  };
}
