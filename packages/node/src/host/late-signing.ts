/**
 * The own precommit of a block that is decided and stored, where blocks are made by hand (spec: devnet §3.8). Others may decide before this
 * node has signed: it then hears of the block by their votes or their certificate, and the core, which decides first, asks for no signature
 * any more. Owns signing it after the fact, and telling every peer of it, since gossip has no second chance.
 *
 * Safe: the node has executed and stored the block, so it signs no other at that height; the signer gives each slot once, in rising
 * order, so whoever signed otherwise in that round, or in a later one, signs nothing here.
 */
import {
  type Address,
  type ExtendedCommit,
  encodeVote,
  encodeVoteExtension,
  type Validator,
  type Vote,
} from '@synod/chain';
import type { BlockPace } from './block-pace.ts';
import type { ConsensusRunner } from './consensus-runner.ts';
import { encodeDirect } from './messages.ts';
import type { ConsensusSigner, HostPorts } from './ports.ts';
import type { SigningRight } from './signing-right.ts';
import type { Peer } from './sync.ts';

export class LateSigning {
  readonly #ports: HostPorts;
  readonly #runner: ConsensusRunner;
  readonly #pace: BlockPace;
  readonly #right: SigningRight;

  constructor(parts: {
    readonly ports: HostPorts;
    readonly runner: ConsensusRunner;
    readonly pace: BlockPace;
    readonly right: SigningRight;
  }) {
    this.#ports = parts.ports;
    this.#runner = parts.runner;
    this.#pace = parts.pace;
    this.#right = parts.right;
  }

  /** Called once the block is stored and before the next height is entered: the signer still has the key of this one. */
  onStored(commit: ExtendedCommit, peers: readonly Pick<Peer, 'id' | 'isGreeted'>[]): void {
    const { signer } = this.#ports;
    const decided = this.#runner.state?.context;
    if (this.#pace.pace.mode !== 'manual' || signer === null || decided?.height !== commit.height) return;
    const given = givenIn(this.#runner.lastCommit() ?? commit, decided.validators, signer.operator);
    const own = given ?? (this.#right.canSign() ? signed(commit, decided.validators, signer) : null);
    if (own === null) return;
    if (given === null) this.#runner.onVote(own);
    const bytes = encodeDirect({ kind: 'vote', vote: encodeVote(own) });
    for (const peer of peers) if (peer.isGreeted) this.#ports.network.send(peer.id, bytes);
  }
}

function givenIn(
  { precommits, ...slot }: ExtendedCommit,
  validators: readonly Validator[],
  self: Address,
): Vote | null {
  const given = precommits.find(({ validator }) => validators[validator]?.operator === self);
  if (given === undefined) return null;
  const extension = { bytes: given.extension, signature: given.extensionSignature };
  return { type: 'precommit', ...slot, validator: self, signature: given.signature, extension };
}

/** Says nothing in its extension: what it would have said belongs to another height by now. */
function signed(
  { height, round, blockId }: ExtendedCommit,
  validators: readonly Validator[],
  signer: ConsensusSigner,
): Vote | null {
  const { operator, publicKey } = signer;
  if (!validators.some((member) => member.operator === operator && member.publicKey === publicKey)) return null;
  const slot = { type: 'precommit', height, round, blockId } as const;
  const given = signer.signVote({ ...slot, extension: encodeVoteExtension({ items: [] }) });
  return given.ok ? { ...slot, validator: operator, ...given.value } : null;
}
