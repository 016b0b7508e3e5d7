/**
 * The keys of a signer's home while it serves them (keys §5): each with a sign state of its own, and the making of the key that follows one. Owns the
 * order that survives a crash: sign state, key, answer. What a key may sign is the node package's.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type PublicKey, publicKeyOf, SynodError } from '@synod/chain';
import {
  beginSignState,
  openSignerRing,
  provePossession,
  requireRoomForKey,
  rotatedSignState,
  type SignerKeyring,
  systemFiles,
  type ValidatorSeeds,
} from '@synod/node/signing';
import { type KeyFile, readKeysIfAny, writeKeys } from '../node-home.ts';

const SEED_BYTES = 32;

type Signer = ReturnType<typeof openSignerRing>['signer'];

/** Throws `HOME_INCOMPLETE` for a home without a validator's keys, `SIGN_STATE_DAMAGED` where a record of one cannot be trusted. */
export function openKeyring(home: string, chainId: string): SignerKeyring {
  let keys = requireKeys(home);
  const { operator } = keys;
  const openOne = (first: ValidatorSeeds): Signer => {
    const ring = openSignerRing({
      ...{ chainId, operator, home, first, named: null, files: systemFiles },
      rotated: () => [],
      // Whoever put the key here began its record: a missing one is damage.
      isNew: false,
    });
    if (ring.signStateProblem !== null)
      throw new SynodError('SIGN_STATE_DAMAGED', ring.signStateProblem, { facts: { home } });
    return ring.signer;
  };
  const signers = pairsOf(keys).map(openOne);
  const indexOf = (key: PublicKey): number => signers.findIndex(({ publicKey }) => publicKey === key);
  return {
    signers: () => signers,
    provePossession: (key) => {
      const seeds = pairsOf(keys)[indexOf(key)];
      return seeds === undefined ? null : provePossession(seeds, { chainId, operator });
    },
    successorOf: (key) => {
      const index = indexOf(key);
      if (index < 0) return null;
      const known = signers[index + 1];
      if (known !== undefined) return known.publicKey;
      requireRoomForKey(signers.length);
      const seeds = { consensusSeed: randomBytes(SEED_BYTES), vrfSeed: randomBytes(SEED_BYTES) };
      const { consensusSeed } = seeds;
      const publicKey = publicKeyOf(consensusSeed);
      beginSignState({ stateFile: rotatedSignState(home, publicKey), chainId, consensusSeed });
      const next = { ...keys, rotated: [...keys.rotated, seeds] };
      writeKeys(join(home, 'keys.json'), next);
      keys = next;
      signers.push(openOne(seeds));
      return publicKey;
    },
  };
}

type HeldKeys = KeyFile & { readonly [K in 'operator' | 'consensusSeed' | 'vrfSeed']: NonNullable<KeyFile[K]> };

function requireKeys(home: string): HeldKeys {
  const keys = readKeysIfAny(home);
  const { operator, consensusSeed, vrfSeed } = keys ?? { operator: null, consensusSeed: null, vrfSeed: null };
  if (keys !== null && operator !== null && consensusSeed !== null && vrfSeed !== null)
    return { ...keys, operator, consensusSeed, vrfSeed };
  throw new SynodError(
    'HOME_INCOMPLETE',
    `${home} holds no validator's keys. Bring them there from a node's home:  synod key move --from NODE_HOME --to ${home}`,
    { facts: { home } },
  );
}

/** In the order of {@link SignerKeyring.signers}. */
function pairsOf({ consensusSeed, vrfSeed, rotated }: HeldKeys): readonly ValidatorSeeds[] {
  return [{ consensusSeed, vrfSeed }, ...rotated];
}
