/**
 * Light blocks of stored heights (spec: light-client §1), for peers and snapshots. Owns where the validator set of a height is
 * found: in state while it remembers, in genesis, or among the notes kept when sets changed.
 */
import {
  decodeBlock,
  decodeExtendedCommit,
  decodeValidators,
  type Genesis,
  type Hash,
  type Height,
  type LightBlock,
  readValidatorsAt,
  type StateTree,
  type Validator,
  validatorsHash,
} from '@synod/chain';
import { validatorSetKey } from './chain-head.ts';
import type { Store } from './ports.ts';

export type SetSources = {
  readonly store: Pick<Store, 'block' | 'getLocal'>;
  readonly genesis: Genesis;
  readonly state: StateTree;
};

/** The set of a height, whose hash its header has; null when it was forgotten here. */
export function validatorSet(sources: SetSources, height: Height, hash: Hash): readonly Validator[] | null {
  const recent = readValidatorsAt(sources.state, height);
  if (recent !== null && validatorsHash(recent) === hash) return recent;
  if (hash === validatorsHash(sources.genesis.validators)) return sources.genesis.validators;
  const kept = sources.store.getLocal(validatorSetKey(hash));
  const decoded = kept === null ? null : decodeValidators(kept);
  return decoded?.ok ? decoded.value : null;
}

/** The light block of a stored height, or null when the block or one of its sets is not here any more. */
export function lightBlockAt(sources: SetSources, height: Height): LightBlock | null {
  const stored = sources.store.block(height);
  const block = stored === null ? null : decodeBlock(stored.block);
  const commit = stored === null ? null : decodeExtendedCommit(stored.commit);
  if (!block?.ok || !commit?.ok) return null;
  const { header } = block.value;
  const validators = validatorSet(sources, height, header.validatorsHash);
  if (validators === null) return null;
  if (header.nextValidatorsHash === header.validatorsHash) {
    return { header, commit: commit.value, validators, nextValidators: null };
  }
  const nextValidators = validatorSet(sources, height + 1, header.nextValidatorsHash);
  return nextValidators === null ? null : { header, commit: commit.value, validators, nextValidators };
}
