/** How a node comes to its signer: keys in its home, a signer in another process, or none. Owns that choice; signing is the adapters'. */
import { genesisHash } from '@synod/chain';
import { openRemoteSigner, openSignerRing, type SafelyOpenedSigner, systemFiles } from './adapters/index.ts';
import { type ChainHead, keyNamedAfter } from './host/index.ts';
import type { NodeConfig } from './node.ts';

/** `isNew`: this home has neither blocks nor a log. */
export function openSigner(
  { home, genesis, keys, files = systemFiles }: NodeConfig,
  head: ChainHead,
  isNew: boolean,
): (SafelyOpenedSigner | { signer: null; signStateProblem: null }) & { close: () => Promise<void> | void } {
  const { operator, consensusSeed, vrfSeed, rotated = () => [], remote = null } = keys;
  const { chainId } = genesis;
  const close = () => undefined;
  const none = { signer: null, signStateProblem: null, close };
  if (operator === null) return none;
  const named = keyNamedAfter(head, operator);
  if (remote !== null) {
    return openRemoteSigner({
      chainId,
      genesisHash: genesisHash(genesis),
      operator,
      home,
      named,
      config: remote,
      files,
    });
  }
  if (consensusSeed === null || vrfSeed === null) return none;
  const first = { consensusSeed, vrfSeed };
  return { ...openSignerRing({ chainId, operator, home, first, rotated, named, isNew, files }), close };
}
