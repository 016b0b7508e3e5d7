/**
 * Watches a simulated network and says what went wrong. Owns the properties that must hold whatever the faults: agreement,
 * validity, equal state roots, supply, durability before sending, no honest double sign, no evidence against the honest.
 * It shares as little as it can with the code it judges: certificates are counted here again.
 */
import {
  type Address,
  applyBlock,
  type Block,
  blockId as blockIdOf,
  checkSupply,
  decodeBlock,
  decodeExtendedCommit,
  type ExtendedCommit,
  type Hash,
  type Height,
  offenders,
  proposerAt,
  type Round,
  readParams,
  readValidatorRecord,
  type StateTree,
  type Validator,
  validateBlock,
} from '@synod/chain';
import type { AnswerJob } from '@synod/inference';
import {
  type ChainHead,
  type ConsensusSigner,
  decodeWalRecord,
  type GossipTopic,
  genesisHead,
  type HostEvent,
  type OwnSigned,
  type PeerId,
  parentBlock,
  proposalMessageOf,
  proposalOf,
  type Signed,
  validatorsAt,
  voteOf,
  type Wal,
  walRecordKind,
} from '@synod/node/host';
import { hasQuorum, isCertified } from './certificate-check.ts';
import { LedgerModel } from './ledger-model.ts';
import { pauseProblems } from './pause-check.ts';
import { sentProposalProblem, sentVoteProblem } from './sent-messages.ts';
import { isBuiltUnsynced } from './signer-check.ts';
import type { SimNode } from './sim-node.ts';
import { TimerWatch } from './timer-watch.ts';
import type { Violation, ViolationKind } from './violation.ts';
import { VotingRules } from './voting-rules.ts';
import type { World } from './world.ts';

type Reference = { readonly hash: Hash; readonly root: Hash };

export class Checker {
  readonly violations: Violation[] = [];
  /** Blocks that an attacker made wrong on purpose: nobody honest may vote for or apply one. */
  readonly knownInvalid = new Set<Hash>();
  /** Those of them that nobody honest may even judge valid. */
  readonly neverValid = new Set<Hash>();
  /** Validators whom the reference chain has found signing twice. */
  readonly accused = new Set<Address>();
  /** Receipts of all decided blocks. */
  settledQueries = 0;
  readonly rules: VotingRules;
  readonly timers: TimerWatch;
  /** The reference chain, from height 1. */
  readonly blocks: Block[] = [];
  readonly #world: World;
  /** Blocks that the production code has proposed, an attacker's host included: good, whatever becomes of the message. */
  readonly #built = new Set<Hash>();
  readonly #reference: Reference[] = [];
  readonly #signed = new Map<Address, Map<string, string>>();
  /** State after each height of the reference chain. */
  readonly #states: StateTree[] = [];
  /** By height and round, once their height is on the reference chain. */
  readonly #proposers = new Map<string, Address>();
  readonly #ledger: LedgerModel;
  #head: ChainHead;

  constructor(world: World) {
    this.#world = world;
    this.rules = new VotingRules({
      validatorsAt: (height) => this.#validatorsAt(height),
      proposerOf: (height, round) => this.proposerOf(height, round),
      timeouts: world.cast.identity.genesis.params.timeouts,
    });
    this.timers = new TimerWatch(this.rules);
    this.#ledger = new LedgerModel(world.tier.crypto.verifyBeacon);
    this.#head = genesisHead(world.cast.state);
    this.#states.push(world.cast.state);
  }

  /** Height up to which honest nodes have decided. */
  get height(): Height {
    return this.#head.height;
  }

  /** State of the reference chain after a height. */
  stateAt(height: Height): StateTree | undefined {
    return this.#states[height];
  }

  /** Whose turn a round is, or null for a height beyond the reference chain. */
  proposerOf(height: Height, round: Round): Address | null {
    const place = `${height}/${round}`;
    const known = this.#proposers.get(place);
    const state = this.#states[height - 1];
    if (known !== undefined || state === undefined) return known ?? null;
    const proposer = proposerAt(readValidatorRecord(state), readParams(state), height, round);
    this.#proposers.set(place, proposer);
    return proposer;
  }

  onBoot(node: SimNode): void {
    this.timers.onBoot(node, this.#world.elapsedMs);
  }

  /** A timer that a host sets: of its own kind are the timeouts of rounds, which Algorithm 1 rules. */
  onTimer(node: SimNode, name: string, delayMs: number): void {
    const problem = this.timers.onTimer(node, { name, delayMs, nowMs: this.#world.elapsedMs });
    if (problem !== null) this.fail('votingRule', `${node.peerId}: ${problem} (${name})`);
  }

  /** An expert reads what its peers said in the round before, and nothing else. */
  onAnswerJob(node: SimNode, { id, peers }: AnswerJob): void {
    const [, queryId, round, expert] = id.split('/') as [string, Hash, string, Address];
    const problem = this.#ledger.rounds.peersProblem(queryId, { expert, round: Number(round) }, peers ?? []);
    if (problem !== null) this.fail('ledger', `${node.peerId}: ${problem}`);
  }

  /** Between two inputs. */
  onPause(node: SimNode): void {
    const operatorOf = (id: PeerId) => this.#world.nodes.find(({ peerId }) => peerId === id)?.operator;
    for (const { kind, text } of pauseProblems(node, { timers: this.timers, operatorOf }))
      this.fail(kind, `${node.peerId} ${text}`);
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
    if (topic === 'transactions' || topic === 'sealed') return;
    if (topic === 'votes') this.onSent(node, bytes);
    else this.#onHostProposal(node, proposalMessageOf(bytes)?.proposal ?? bytes);
    if (!node.isHonest) return;
    if (node.mustObserve) this.fail('votingRule', `${node.peerId} signs although it must observe`);
    if (node.disk.unsyncedRecords > 0) this.fail('durability', `${node.peerId} sent before its log was synced`);
    const last = node.disk.lastSyncedRecord;
    const record = last === null ? null : decodeWalRecord(last);
    const message = topic === 'votes' ? voteOf(bytes) : proposalOf(proposalMessageOf(bytes)?.proposal ?? bytes);
    if (!message.ok) return this.fail('validity', `${node.peerId} sent a message that does not decode`);
    const { height, round, blockId } = message.value;
    if (node.disk.log.damage === null && record?.kind !== (topic === 'votes' ? 'vote' : 'proposal')) {
      this.fail('durability', `${node.peerId} sent what its log does not end with`);
    }
    const { signState } = node.disk;
    if (signState === null || signState.height !== height || signState.round !== round) {
      this.fail('durability', `${node.peerId} sent height ${height} round ${round}, its sign state is elsewhere`);
    }
    const judges = { rules: this.rules, timers: this.timers, nowMs: this.#world.elapsedMs };
    const problem =
      'type' in message.value
        ? sentVoteProblem(node, message.value, judges)
        : sentProposalProblem(node, message.value, judges);
    if (problem !== null) this.fail('votingRule', `${node.peerId} at height ${height}: ${problem}`);
    if (blockId !== null && this.knownInvalid.has(blockId)) {
      this.fail('votedInvalid', `${node.peerId} supports the invalid block ${blockId} at height ${height}`);
    }
  }

  /** Every vote that its own validator sends, an attacker's variants included. */
  onSent(node: SimNode, bytes: Uint8Array): void {
    const vote = voteOf(bytes);
    if (vote.ok && vote.value.validator === node.operator) this.rules.onSent(vote.value);
  }

  /** The proposal as a host made it, before an attacker changes it. */
  #onHostProposal(node: SimNode, bytes: Uint8Array): void {
    this.onProposed(node, bytes);
    const proposal = proposalOf(bytes);
    if (proposal.ok) this.#built.add(proposal.value.blockId);
  }

  /** Every proposal that its own validator sends, an attacker's variants included. */
  onProposed(node: SimNode, bytes: Uint8Array): void {
    const proposal = proposalOf(bytes);
    if (proposal.ok && proposal.value.proposer === node.operator) this.rules.onProposed(proposal.value);
  }

  /** Gossip scores by it, so what the honest send is never an offence. */
  onReject(by: SimNode, from: SimNode, topic: GossipTopic): void {
    if (by.isHonest && from.isHonest) this.fail('honestBanned', `${by.peerId} rejects ${topic} of ${from.peerId}`);
  }

  onBan(by: SimNode, peer: SimNode, reason: string): void {
    if (by.isHonest && peer.isHonest) this.fail('honestBanned', `${by.peerId} bans ${peer.peerId}: ${reason}`);
  }

  /** The signer with an eye on it: one content for every slot of an honest key, over all its lives. */
  watchSigner(node: SimNode, signer: ConsensusSigner): ConsensusSigner {
    const seen = <T>(slot: string, content: string, signed: Signed<T>): Signed<T> => {
      node.disk.mustLive();
      if (!signed.ok || !node.isHonest) return signed;
      const slots = this.#signedBy(node);
      const before = slots.get(slot);
      if (before !== undefined)
        this.fail(before === content ? 'replay' : 'doubleSign', `${node.peerId} ${slot}: ${before} and ${content}`);
      slots.set(slot, content);
      return signed;
    };
    for (const vote of signer.signed().votes) this.rules.onSigned(vote); // A crash while signing kept them from being seen.
    return {
      operator: signer.operator,
      publicKey: signer.publicKey,
      signProposal: (slot) => {
        if (isBuiltUnsynced(node)) this.fail('durability', `${node.peerId} signs a block that its log lacks`);
        const content = `${slot.blockId} ${slot.polRound}`;
        const signed = seen(`${slot.height}/${slot.round}/proposal`, content, signer.signProposal(slot));
        if (signed.ok) this.rules.onProposed({ ...slot, proposer: node.operator });
        return signed;
      },
      signVote: (slot) => {
        const signed = seen(`${slot.height}/${slot.round}/${slot.type}`, slot.blockId ?? 'nil', signer.signVote(slot));
        // A crash may keep it from being published; from the log it still reaches peers that lack it.
        if (signed.ok) this.rules.onSigned({ ...slot, validator: node.operator });
        else this.timers.onRefused(node, slot);
        if (node.isHonest && signed.ok) this.#mustRemember(node, signer.signed(), slot);
        return signed;
      },
      proveBeacon: signer.proveBeacon,
      deriveSecret: signer.deriveSecret,
      signIdentity: signer.signIdentity,
      signSealed: signer.signSealed,
      agree: signer.agree,
      signed: signer.signed,
    };
  }

  /** What the key of a node has signed, by slot. */
  #signedBy({ operator }: SimNode): Map<string, string> {
    const known = this.#signed.get(operator);
    if (known !== undefined) return known;
    const slots = new Map<string, string>();
    this.#signed.set(operator, slots);
    return slots;
  }

  /** The sign state must bring back every vote of the round, or a lost log loses it. */
  #mustRemember(node: SimNode, { votes }: OwnSigned, { height, round }: { height: Height; round: Round }): void {
    const slots = this.#signedBy(node);
    for (const type of ['prevote', 'precommit'] as const) {
      const isSigned = slots.has(`${height}/${round}/${type}`);
      if (isSigned && !votes.some((vote) => vote.type === type && vote.round === round))
        this.fail('durability', `${node.peerId}: its sign state has lost its ${type} of ${height}/${round}`);
    }
  }

  /** The log with an eye on verdicts: a block that is wrong in itself may not be found good. */
  watchLog(node: SimNode, wal: Wal): Wal {
    return {
      ...wal,
      append: (bytes) => {
        const record = node.isHonest && walRecordKind(bytes) === 'verdict' ? decodeWalRecord(bytes) : null;
        if (record?.kind === 'verdict' && !record.valid && this.#built.has(record.blockId))
          this.fail('validity', `${node.peerId} finds the block ${record.blockId} bad, which a host has built`);
        if (record?.kind === 'verdict' && record.valid && this.neverValid.has(record.blockId))
          this.fail('votedInvalid', `${node.peerId} finds the invalid block ${record.blockId} good`);
        wal.append(bytes);
      },
    };
  }

  #onApplied(node: SimNode, block: Block): void {
    const head = node.host?.head;
    if (head === undefined) return;
    if (node.disk?.wholeLog.length)
      this.fail('order', `${node.peerId} keeps the log of height ${head.height} after its state`);
    const { height, blockId } = head;
    if (blockIdOf(block.header) !== blockId)
      this.fail('agreement', `height ${height}: ${node.peerId} took another block for ${blockId}`);
    while (this.#head.height + 1 < height && this.#extendFromDisk(node));
    if (height === this.#head.height + 1) this.#extend(node, head, block);
    else if (!hasQuorum(head.commit, this.#validatorsAt(height)))
      this.fail('validity', `height ${height}: ${node.peerId} keeps a certificate without a quorum`);
    const known = this.#reference[height - 1];
    if (known === undefined) return this.fail('order', `${node.peerId} applied ${height}, nobody ${height - 1}`);
    if (known.hash !== blockId)
      this.fail('agreement', `height ${height}: ${node.peerId} decided ${blockId}, others ${known.hash}`);
    else if (known.root !== head.state.root)
      this.fail('stateRoot', `height ${height}: ${node.peerId} has ${head.state.root}`);
  }

  /** All who had applied a height may have died before they could say so; then their disks tell of it. */
  #extendFromDisk(node: SimNode): boolean {
    const height = this.#head.height + 1;
    const stored = node.disk.store.block(height);
    const block = stored === null ? null : decodeBlock(stored.block);
    const commit = stored === null ? null : decodeExtendedCommit(stored.commit);
    if (stored === null || !block?.ok || !commit?.ok) return false;
    const { header } = block.value;
    this.#extend(node, { ...this.#head, height, header, blockId: stored.hash, commit: commit.value }, block.value);
    return this.#head.height === height;
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
        this.accused.add(accused);
        if (this.#isHonestOperator(accused)) this.fail('honestAccused', `block ${height} accuses ${accused}`);
      }
    }
    this.onState(height, applied.state);
    const { state: before } = this.#head;
    const problem = this.#ledger.problem({ before, after: applied.state, block, ...applied });
    if (problem !== null) this.fail('ledger', `height ${height}: ${problem}`);
    this.settledQueries += applied.results.receipts.length;
    this.#head = { ...head, state: applied.state, results: applied.results };
    this.#states.push(applied.state);
    this.blocks.push(block);
    this.#reference.push({ hash: blockId, root: applied.state.root });
  }

  #isCertified(commit: ExtendedCommit, height: Height, blockId: Hash): boolean {
    const { tier, cast } = this.#world;
    const { chainId } = cast.identity;
    const context = { chainId, validators: this.#validatorsAt(height), verify: tier.crypto.verifySignature };
    return isCertified(commit, { height, blockId }, context);
  }

  #validatorsAt(height: Height): readonly Validator[] {
    return validatorsAt(this.#head, height) ?? [];
  }

  #isHonestOperator(operator: unknown): boolean {
    return this.#world.nodes.every((node) => node.operator !== operator || node.isHonest);
  }
}
