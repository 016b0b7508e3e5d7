/**
 * Keys that a signer in another process holds, for whoever registers them (keys §5.8): their proofs of possession, and the key that follows one. Owns
 * the asking, and that no proof is passed on which the chain would refuse.
 */
import { type PublicKey, SynodError } from '@synod/chain';
import { isPossessionProof, type PossessionProof } from './possession.ts';
import { SIGNER_LIMITS, signerPaths } from './signer-auth.ts';
import type { RemoteSignerConfig } from './signer-channel.ts';
import { bytesOf, publicKeyIn } from './signer-protocol.ts';
import { answerOf, foreign, openSignerSession, type SignerOwner } from './signer-session.ts';

export type RemoteKeys = {
  /** Oldest first, at least one. */
  readonly publicKeys: readonly [PublicKey, ...PublicKey[]];
  /** Throws `SIGNER_REFUSED` where the signer does not give it, and what {@link openRemoteKeys} throws where it has gone. */
  possession(key: PublicKey): PossessionProof;
  /** The key that follows, durable at the signer; the same however often it is asked for. Throws as `possession`, and `SIGNER_KEYS_FULL`. */
  successor(key: PublicKey): PublicKey;
  close(): Promise<void>;
};

/** Reaches the signer. Throws as `openSignerSession`. */
export function openRemoteKeys(config: RemoteSignerConfig, owner: SignerOwner): RemoteKeys {
  const { channel, url, keys } = openSignerSession(config, owner);
  const ask = (path: string, body: object): Readonly<Record<string, unknown>> => {
    const asked = channel.ask({ method: 'POST', path, body, timeoutMs: SIGNER_LIMITS.openingMs });
    const answer = answerOf(asked);
    if (asked.ok && asked.status === 200) return answer;
    throw refused(url, answer);
  };
  return {
    publicKeys: keys,
    possession: (key) => {
      const body = ask(`${signerPaths.possession}0x${key}`, { type: 'POSSESSION', operator: owner.operator });
      const vrfKey = publicKeyIn(body['vrfKey']);
      const [keyProof, vrfProof] = [bytesOf(body['keyProof'], 64), bytesOf(body['vrfProof'], 80)];
      const isWhole = vrfKey !== null && keyProof !== null && vrfProof !== null;
      const proof = isWhole ? { publicKey: key, vrfKey, keyProof, vrfProof } : null;
      if (proof === null || !isPossessionProof(proof, owner))
        throw foreign(url, 'its proof of possession proves nothing');
      return proof;
    },
    successor: (key) => {
      const next = publicKeyIn(ask(`${signerPaths.successor}0x${key}`, { type: 'SUCCESSOR' })['publicKey']);
      if (next === null || next === key) throw foreign(url, 'it names no key that follows');
      return next;
    },
    close: channel.close,
  };
}

function refused(url: string, { code, message }: Readonly<Record<string, unknown>>): SynodError {
  if (code === 'KEY_UNKNOWN') return foreign(url, 'it does not hold the key that the chain has for this validator');
  return new SynodError(
    code === 'SIGNER_KEYS_FULL' ? code : 'SIGNER_REFUSED',
    `The signer at ${url} refuses: ${typeof message === 'string' ? message : 'it does not say why'}. Its log says more.`,
    { facts: { url } },
  );
}
