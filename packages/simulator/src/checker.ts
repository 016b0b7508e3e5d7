/**
 * Watches a simulated network and says what went wrong. Owns the properties that must hold whatever the faults: agreement,
 * validity, equal state roots, supply, durability before sending, no honest double sign, no evidence against the honest.
 * It shares as little as it can with the code it judges: certificates are counted here again.
 */
import {
  applyBlock,
  type Block,
  checkSupply,
  decodeProposal,
  decodeVote,
  type ExtendedCommit,
  extensionSignBytes,
  type Hash,
  type Height,
  offenders,
  readValidatorsAt,
  type StateTree,
  validateBlock,
  voteSignBytes,
} from '@synod/chain';
import {
  type ChainHead,
  type ConsensusSigner,
  decodeProposalMessage,
  decodeWalRecord,
  type GossipTopic,
  genesisHead,
  type HostEvent,
  parentBlock,
  type Signed,
  type Store,
} from '@synod/node/host';
import type { SimNode } from './sim-node.ts';
import { proposalProblem, VotingRules } from './voting-rules.ts';
import type { World } from './world.ts';

export type ViolationKind =
  | 'agreement'
  | 'validity'
  | 'stateRoot'
  | 'supply'
  | 'order'
  | 'durability'
  | 'doubleSign'
  | 'honestAccused'
  | 'honestBanned'
  | 'votedInvalid'
  | 'votingRule'
  | 'replay'
  | 'liveness'
  | 'hostThrew'
  | 'notAlive';

export type Violation = { readonly kind: ViolationKind; readonly atMs: number; readonly text: string };

type Reference = { readonly hash: Hash; readonly root: Hash };

export class Checker {
  readonly violations: Violation[] = [];
  /** Blocks that an attacker made wrong on purpose: nobody honest may vote for or apply one. */
  readonly knownInvalid = new Set<Hash>();
  /** Receipts of all decided blocks. */
  settledQueries = 0;
  readonly rules: VotingRules;
  readonly #world: World;
  readonly #reference: Reference[] = [];
  readonly #signed = new Map<string, string>();
  #head: ChainHead;

  constructor(world: World) {
    this.#world = world;
    this.rules = new VotingRules((height) => readValidatorsAt(this.#head.state, height) ?? []);
    this.#head = genesisHead(world.cast.state);
  }

  /** Height up to which honest nodes have decided. */
  get height(): Height {
    return this.#head.height;
  }

  fail(kind: ViolationKind, text: string): void {
    this.violations.push({ kind, atMs: this.#world.elapsedMs, text });
    this.#world.trace.add(`${this.#world.elapsedMs} VIOLATION ${kind} ${text}`);
  }

  onHostEvent(node: SimNode, event: HostEvent): void {
    if (event.kind === 'blockApplied') {
      this.#world.trace.add(
        `${this.#world.elapsedMs} ${node.peerId} applied ${event.height} r${event.round} ${event.hash}`,
      );
      this.#world.onApplied(node, event);
      if (node.isHonest) this.#onApplied(node, event.block);
    } else if (event.kind === 'log') {
      const { round } = event.facts;
      this.#world.note(node, typeof round === 'number' ? `${event.message} ${round}` : event.message);
      const accused = event.message === 'double signing seen' ? event.facts['validator'] : undefined;
      if (node.isHonest && accused !== undefined && this.#isHonestOperator(accused)) {
        this.fail('honestAccused', `${node.peerId} accuses ${String(accused)}`);
      }
    }
  }

  /** What a node sends must be on its disk, and never conflict with what its key sent before. */
  onPublish(node: SimNode, topic: GossipTopic, bytes: Uint8Array): void {
    if (topic === 'transactions') return;
    if (topic === 'votes') this.onSent(node, bytes);
    if (!node.isHonest) return;
    if (node.disk.unsyncedRecords > 0) this.fail('durability', `${node.peerId} sent before its log was synced`);
    const last = node.disk.lastSyncedRecord;
    const record = last === null ? null : decodeWalRecord(last);
    const message =
      topic === 'votes' ? decodeVote(bytes) : decodeProposal(decodeProposalMessage(bytes)?.proposal ?? bytes);
    if (!message.ok) return this.fail('validity', `${node.peerId} sent a message that does not decode`);
    const { height, round, blockId } = message.value;
    if (node.disk.log.damage === null && record?.kind !== (topic === 'votes' ? 'vote' : 'proposal')) {
      this.fail('durability', `${node.peerId} sent what its log does not end with`);
    }
    const { signState } = node.disk;
    if (signState === null || signState.height !== height || signState.round !== round) {
      this.fail('durability', `${node.peerId} sent height ${height} round ${round}, its sign state is elsewhere`);
    }
    const known = node.host?.runner.state?.machine;
    const problem =
      'type' in message.value
        ? this.rules.problem(message.value)
        : known === undefined
          ? null
          : proposalProblem(message.value, known);
    if (problem !== null) this.fail('votingRule', `${node.peerId} at height ${height}: ${problem}`);
    if (blockId !== null && this.knownInvalid.has(blockId)) {
      this.fail('votedInvalid', `${node.peerId} supports the invalid block ${blockId} at height ${height}`);
    }
  }

  /** Every vote that its own validator sends, an attacker's variants included. */
  onSent(node: SimNode, bytes: Uint8Array): void {
    const vote = decodeVote(bytes);
    if (vote.ok && vote.value.validator === node.operator) this.rules.onSent(vote.value);
  }

  onBan(by: SimNode, peer: SimNode, reason: string): void {
    if (by.isHonest && peer.isHonest) this.fail('honestBanned', `${by.peerId} bans ${peer.peerId}: ${reason}`);
  }

  /** The signer with an eye on it: one content for every slot of an honest key, over all its lives. */
  watchSigner(node: SimNode, signer: ConsensusSigner): ConsensusSigner {
    const seen = <T>(slot: string, content: string, signed: Signed<T>): Signed<T> => {
      node.disk.mustLive();
      if (!signed.ok || !node.isHonest) return signed;
      const key = `${node.operator}/${slot}`;
      const before = this.#signed.get(key);
      if (before !== undefined && before !== content)
        this.fail('doubleSign', `${node.peerId} ${slot}: ${before} and ${content}`);
      this.#signed.set(key, content);
      return signed;
    };
    return {
      operator: signer.operator,
      publicKey: signer.publicKey,
      signProposal: (slot) =>
        seen(`${slot.height}/${slot.round}/proposal`, `${slot.blockId} ${slot.polRound}`, signer.signProposal(slot)),
      signVote: (slot) => {
        const signed = seen(`${slot.height}/${slot.round}/${slot.type}`, slot.blockId ?? 'nil', signer.signVote(slot));
        // A crash may keep it from being published; from the log it still reaches peers that lack it.
        if (signed.ok) this.rules.onSent({ ...slot, validator: node.operator });
        return signed;
      },
      proveBeacon: signer.proveBeacon,
      deriveSecret: signer.deriveSecret,
      signIdentity: signer.signIdentity,
      get lastSignedHeight() {
        return signer.lastSignedHeight;
      },
    };
  }

  /** The store with an eye on the order of consensus §1.9. */
  watchStore(node: SimNode, store: Store): Store {
    return {
      ...store,
      saveState: (change) => {
        const last = node.disk.lastSyncedRecord;
        const record = last === null ? null : decodeWalRecord(last);
        const isEnded = record?.kind === 'endHeight' && record.height === change.height;
        if (!node.disk.hasBlock(change.height) || (!isEnded && node.disk.log.damage === null)) {
          this.fail('order', `${node.peerId} stores state ${change.height} before block and end of height`);
        }
        store.saveState(change);
      },
    };
  }

  #onApplied(node: SimNode, block: Block): void {
    const head = node.host?.head;
    if (head === undefined) return;
    if (node.disk?.wholeLog.length)
      this.fail('order', `${node.peerId} keeps the log of height ${head.height} after its state`);
    const { height, blockId } = head;
    if (height === this.#head.height + 1) this.#extend(node, head, block);
    const known = this.#reference[height - 1];
    if (known === undefined) return this.fail('order', `${node.peerId} applied ${height}, nobody ${height - 1}`);
    if (known.hash !== blockId)
      this.fail('agreement', `height ${height}: ${node.peerId} decided ${blockId}, others ${known.hash}`);
    else if (known.root !== head.state.root)
      this.fail('stateRoot', `height ${height}: ${node.peerId} has ${head.state.root}`);
  }

  /** Money is neither made nor lost. */
  onState(height: Height, state: StateTree): void {
    if (!checkSupply(state).ok) this.fail('supply', `height ${height}: the supply is not conserved`);
  }

  /** The first to apply a height: the block is judged against the reference chain, which then grows by it. */
  #extend(node: SimNode, head: ChainHead, block: Block): void {
    const { tier, cast } = this.#world;
    const { verifySignature, verifyBeacon } = tier.crypto;
    const { height, blockId } = head;
    if (this.knownInvalid.has(blockId))
      this.fail('votedInvalid', `${node.peerId} applied the invalid block ${blockId}`);
    if (head.commit === null || !this.#isCertified(head.commit, height, blockId)) {
      this.fail('validity', `height ${height}: ${node.peerId} applied a block without a certificate`);
    }
    const verdict = validateBlock(block, {
      state: this.#head.state,
      parent: parentBlock(this.#head, cast.identity),
      verify: verifySignature,
      verifyBeacon,
      verifyCommit: (commit) => this.#isCertified(commit, height - 1, this.#head.blockId),
    });
    if (!verdict.ok)
      return this.fail('validity', `height ${height}: ${node.peerId} applied an invalid block (${verdict.code})`);
    const applied = applyBlock(this.#head.state, block, verdict.execution, verifyBeacon);
    if (!applied.ok) return this.fail('validity', `height ${height}: block does not apply (${applied.code})`);
    for (const evidence of block.evidence) {
      for (const accused of offenders(evidence)) {
        if (this.#isHonestOperator(accused)) this.fail('honestAccused', `block ${height} accuses ${accused}`);
      }
    }
    for (const event of applied.events) {
      if (event.type === 'score.misrevealed' && this.#isHonestOperator(event.validator))
        this.fail('honestAccused', `block ${height} punishes ${event.validator} for a reveal (${event.fault})`);
    }
    this.onState(height, applied.state);
    this.settledQueries += applied.results.receipts.length;
    this.#head = { ...head, state: applied.state, results: applied.results };
    this.#reference.push({ hash: blockId, root: applied.state.root });
  }

  /** More than 2/3 of the power, each member once, every signature good: counted without the code under test. */
  #isCertified(commit: ExtendedCommit, height: Height, blockId: Hash): boolean {
    const { tier, cast } = this.#world;
    const { chainId } = cast.identity;
    const validators = readValidatorsAt(this.#head.state, height) ?? [];
    const totalPower = validators.reduce((sum, { power }) => sum + power, 0n);
    const { round } = commit;
    if (commit.height !== height || commit.blockId !== blockId) return false;
    const message = voteSignBytes(chainId, { type: 'precommit', height, round, blockId });
    const members = new Set<number>();
    let power = 0n;
    for (const { validator, signature, extension, extensionSignature } of commit.precommits) {
      const member = validators[validator];
      if (member === undefined || members.has(validator)) return false;
      const extended = extensionSignBytes(chainId, { height, round, blockId, extension });
      if (!tier.crypto.verifySignature(member.publicKey, message, signature)) return false;
      if (!tier.crypto.verifySignature(member.publicKey, extended, extensionSignature)) return false;
      members.add(validator);
      power += member.power;
    }
    return 3n * power > 2n * totalPower;
  }

  #isHonestOperator(operator: unknown): boolean {
    return this.#world.nodes.every((node) => node.operator !== operator || node.isHonest);
  }
}
