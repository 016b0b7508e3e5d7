/**
 * What stands beside the state in a snapshot, and whether it belongs to the chain (spec: snapshot §4): the block at its height
 * with certificate and results. Owns the checks that need a trusted header, and what a store is given in the end.
 */
import {
  type Block,
  type BlockResults,
  blockId,
  bodyProblem,
  codecLimits,
  type Decoded,
  decodeBlock,
  decodeBlockResults,
  decoded,
  decodeLightBlock,
  decodeManifest,
  encodeExtendedCommit,
  encodeValidators,
  type Hash,
  type Header,
  type Height,
  isManifestOf,
  type LightBlock,
  notDecoded,
  readValidatorsAt,
  resultsRoot,
  type SnapshotManifest,
  type StateTree,
  validatorsHash,
} from '@synod/chain';
import { type LightClientConfig, lightBlockProblem } from '@synod/consensus';
import { validatorSetKey } from './chain-head.ts';
import { isCarriable } from './judge.ts';
import type { OfferedSnapshot } from './messages.ts';
import type { SnapshotAnchor, StoredBlock } from './ports.ts';

export type CheckedAnchor = {
  readonly height: Height;
  readonly light: LightBlock;
  readonly block: Block;
  readonly results: BlockResults;
  readonly stored: StoredBlock;
  readonly resultsBytes: Uint8Array;
};

/** What the header above says of the height below it. */
export type AnchorTrust = Pick<Header, 'height' | 'lastBlockId' | 'resultsRoot'>;

/**
 * Reads an anchor and checks that it holds together, certificate included, and that it is what the trusted header above names.
 * Null where there is none: the caller then knows only that somebody's keys signed this. Total.
 */
export function checkAnchor(
  anchor: SnapshotAnchor,
  above: AnchorTrust | null,
  config: LightClientConfig,
): Decoded<CheckedAnchor> {
  const light = decodeLightBlock(anchor.lightBlock);
  const block = decodeBlock(anchor.block);
  const results = decodeBlockResults(anchor.results);
  if (!light.ok) return light;
  if (!block.ok) return block;
  if (!results.ok) return results;
  const problem = lightBlockProblem(light.value, config);
  if (problem !== null) return notDecoded(`light block: ${problem.code}`);
  const { commit, header } = light.value;
  const id = commit.blockId as Hash;
  if (blockId(block.value.header) !== id) return notDecoded('the block is not the one certified');
  if (!isCarriable(commit, { extensionBytesMax: codecLimits.extensionBytes }))
    return notDecoded('extensions that no block can carry');
  if (bodyProblem(block.value) !== null) return notDecoded('the block is not whole');
  if (results.value.height !== header.height) return notDecoded('results of another height');
  if (above !== null) {
    if (above.height !== header.height + 1 || above.lastBlockId !== id) return notDecoded('another block');
    if (resultsRoot(results.value) !== above.resultsRoot) return notDecoded('other results');
  }
  const stored = { height: header.height, hash: id, block: anchor.block, commit: encodeExtendedCommit(commit) };
  const { height } = header;
  return decoded({
    height,
    light: light.value,
    block: block.value,
    results: results.value,
    stored,
    resultsBytes: anchor.results,
  });
}

/** Manifest and anchor of an offered snapshot: both are the chain's, or neither is used. Total. */
export function checkSnapshot(
  snapshot: OfferedSnapshot,
  trusted: { readonly chainId: string; readonly header: Header; readonly config: LightClientConfig },
): Decoded<{ readonly manifest: SnapshotManifest; readonly anchor: CheckedAnchor }> {
  const { chainId, header, config } = trusted;
  const manifest = decodeManifest(snapshot.manifest);
  if (!manifest.ok) return manifest;
  if (!isManifestOf(manifest.value, { chainId, height: header.height - 1, stateRoot: header.stateRoot })) {
    return notDecoded('of another state');
  }
  const anchor = checkAnchor(snapshot, header, config);
  return anchor.ok ? decoded({ manifest: manifest.value, anchor: anchor.value }) : anchor;
}

/** A state and its anchor as a store takes them. */
export type RestoredState = {
  readonly height: Height;
  readonly stateRoot: Hash;
  readonly entries: Iterable<readonly [string, Uint8Array]>;
  readonly block: StoredBlock;
  readonly results: Uint8Array;
  readonly notes: readonly (readonly [string, Uint8Array])[];
};

/** Also keeps the present validator sets as notes, which outlive their place in state: old certificates need them. */
export function restoredState(state: StateTree, anchor: CheckedAnchor): RestoredState {
  const { height, stored, resultsBytes } = anchor;
  const sets = [height, height + 1, height + 2].flatMap((at) => {
    const set = readValidatorsAt(state, at);
    return set === null ? [] : [[validatorSetKey(validatorsHash(set)), encodeValidators(set)] as const];
  });
  return {
    height,
    stateRoot: state.root,
    entries: pairs(state),
    block: stored,
    results: resultsBytes,
    notes: [...new Map(sets)],
  };
}

function* pairs(state: StateTree): Generator<readonly [string, Uint8Array]> {
  for (const { key, value } of state.entries()) yield [key, value];
}
