/**
 * One host alone at the first height of a chain, handed messages one by one: each must be accepted, ignored or refused as consensus §1.4 to §1.6, §1.12 and
 * §1.16 say, and what is not accepted leaves nothing in the log. Owns the messages and the verdicts that are due; attacks among many nodes are attacks.ts.
 */
import {
  type Block,
  beaconAlpha,
  blockId,
  buildBlock,
  encodeBlock,
  encodeProposal,
  encodeVote,
  encodeVoteExtension,
  extensionSignBytes,
  genesisBeacon,
  genesisParent,
  type Hash,
  type Proposal,
  proposalSignBytes,
  proposerAt,
  type Round,
  readParams,
  readValidatorRecord,
  taggedHash,
  type Vote,
  type VoteType,
  voteSignBytes,
} from '@synod/chain';
import { createConsensusSigner, NOTHING_SIGNED, type SignState } from '@synod/node/durable';
import { encodeProposalMessage, type GossipVerdict, genesisHead, Host, type HostPorts } from '@synod/node/host';
import { castOf, type Member, startMs } from './cast.ts';
import { agreementOf, keyedHashTier } from './keys.ts';

const { crypto, sign, prove } = keyedHashTier;
/** Far enough after genesis that a block can be too old for its proposal. */
const nowMs = startMs + 30_000;
const driftMs = 10_000;
/** Spec: consensus §1.5. */
const [heldVotes, farVotes] = [64, 64];

type Slot = {
  readonly type?: VoteType;
  readonly height?: number;
  readonly round?: Round;
  readonly id?: Hash | null;
  readonly chain?: string;
  readonly extension?: Uint8Array;
};

/** What the host took otherwise than it must, or null. */
export function hostProblem(): string | null {
  const probe = new HostProbe();
  return probe.votes() ?? probe.proposals() ?? probe.oldProposals() ?? resumeProblem();
}

/** A node that locked twice and lost its log has its lock, the block of it, its proof and its own votes from the sign state (consensus §1.7). */
function resumeProblem(): string | null {
  const before = new HostProbe();
  const id = before.lockTwice();
  const { signed, locked } = before;
  if (signed === null || locked === null || signed.round !== 1 || signed.step !== 'precommit')
    return 'a host does not lock twice';
  const after = new HostProbe({ signed, locked });
  const state = after.runner.state;
  if (state === null) return 'a host without a log has no height';
  const { round, step, lockedRound, lockedValue, validRound } = state.machine;
  const is = [round, step, lockedRound, lockedValue, validRound].join(' ');
  if (is !== [1, 'precommit', 1, id, 1].join(' ')) return `a host without its log goes on at ${is}`;
  if (after.runner.candidateBytes(id) === null) return 'a host without its log has lost the block of its lock';
  const kept = state.keeper.rounds.get(1);
  if (kept?.prevotes.votes.size !== 3 || kept.precommits.votes.size !== 1)
    return 'a host without its log has lost the proof of its lock';
  // The place, the proposal, the proof, and its own votes of two rounds.
  return after.records < 8 ? `a host without its log writes ${after.records} records of what it knows` : null;
}

export class HostProbe {
  readonly cast = castOf(4, false);
  /** In the order in which they propose; the host is the last of them. */
  readonly #members: readonly Member[];
  readonly #host: Host;
  records = 0;
  /** What its signer has saved. */
  signed: SignState | null = null;
  locked: Uint8Array | null = null;

  constructor(known: { readonly signed: SignState; readonly locked: Uint8Array } | null = null) {
    const { state, members } = this.cast;
    const [record, params] = [readValidatorRecord(state), readParams(state)];
    this.#members = [0, 1, 2, 3].map((round) => {
      const operator = proposerAt(record, params, 1, round);
      return members.find((member) => member.operator.address === operator) as Member;
    });
    const self = this.#members[3] as Member;
    const boot = { head: genesisHead(state), unapplied: null, walRecords: [], observerReason: null, peerId: 'probe' };
    this.#host = new Host({ identity: this.cast.identity, ...boot }, this.#ports(self, known));
    this.#host.start();
    this.#host.handle({ kind: 'timer', name: 'start' });
  }

  get mempool(): Host['mempool'] {
    return this.#host.mempool;
  }

  get runner(): Host['runner'] {
    return this.#host.runner;
  }

  /** In two rounds the same block is proposed and prevoted by others; its id. */
  lockTwice(): Hash {
    const block = this.#block(0, nowMs);
    const id = blockId(block.header);
    for (const round of [0, 1]) {
      const proposal = this.#proposal(round, { height: 1, round, polRound: round - 1, blockId: id });
      for (const by of [0, 1]) this.#host.onGossip('peer', 'votes', encodeVote(this.#vote(by, { round, id })));
      this.#host.onGossip('peer', 'proposals', encodeProposalMessage(encodeProposal(proposal), encodeBlock(block)));
    }
    return id;
  }

  votes(): string | null {
    const [x, y, z] = ['x', 'y', 'z'].map((name) => taggedHash('simulator/host', Buffer.from(name))) as [
      Hash,
      Hash,
      Hash,
    ];
    const forged = (vote: Vote): Vote => ({ ...vote, signature: vote.signature.map((byte) => byte ^ 1) });
    const of = (by: number, slot: Slot): Vote => this.#vote(by, slot);
    const precommit: Slot = { type: 'precommit', id: x };
    const extended = of(1, precommit);
    const withSignature = (change: object): Vote => ({ ...extended, extension: { ...extended.extension!, ...change } });
    const next: Slot = { height: 2, id: null };
    const single = this.#table([
      ['a vote with a wrong signature', forged(of(0, { id: x })), 'reject'],
      ['the same with the right one', of(0, { id: x }), 'accept'],
      ['the same once more', of(0, { id: x }), 'ignore'],
      ['another of the same validator', of(0, { id: y }), 'accept'],
      ['a third, which nobody stands behind', of(0, { id: z }), 'ignore'],
      ['a prevote', of(1, { id: x }), 'accept'],
      ['a precommit without extension', { ...extended, extension: null }, 'ignore'],
      ['an unsigned extension', withSignature({ signature: new Uint8Array(64) }), 'reject'],
      [
        'an extension of another round',
        withSignature({ signature: of(1, { ...precommit, round: 1 }).extension!.signature }),
        'reject',
      ],
      [
        'an extension of another chain',
        withSignature({ signature: of(1, { ...precommit, chain: 'another' }).extension!.signature }),
        'reject',
      ],
      ['an extension signed as a vote', withSignature({ signature: extended.signature }), 'reject'],
      ['an extension that does not decode', of(1, { ...precommit, extension: Uint8Array.of(9) }), 'reject'],
      ['an extension that is too long', of(1, { ...precommit, extension: new Uint8Array(17_000) }), 'reject'],
      ['a precommit', extended, 'accept'],
      ['a vote of another chain', of(2, { id: y, chain: 'another' }), 'reject'],
      ['a vote of another round', { ...of(2, { id: y }), round: 1 }, 'reject'],
      ['a vote of another height', { ...of(2, { ...next, id: y }), height: 1 }, 'reject'],
      ['a vote of another type', { ...of(2, { id: null }), type: 'precommit' }, 'reject'],
      ['a vote of another validator', { ...of(2, { id: y }), validator: this.#members[1]!.operator.address }, 'reject'],
      ['a vote of nobody', { ...of(2, { id: y }), validator: this.cast.customer.address }, 'reject'],
      ['a vote two heights ahead', of(2, { height: 3, id: y }), 'ignore'],
      ['a forged vote of the next height', forged(of(2, next)), 'reject'],
      ['a vote of nobody for the next height', { ...of(2, next), validator: this.cast.customer.address }, 'reject'],
    ]);
    return (
      single ??
      this.#many('of the next height', heldVotes, (round) => of(2, { ...next, round })) ??
      this.#many('of far rounds', farVotes, (round) => of(2, { round: 1_000 + round, id: null }))
    );
  }

  proposals(): string | null {
    const block = this.#block(0, nowMs);
    const content = { height: 1, round: 0, polRound: -1, blockId: blockId(block.header) };
    const signed = this.#proposal(0, content);
    const send = (proposal: Proposal, carried: Block = block) =>
      encodeProposalMessage(encodeProposal(proposal), encodeBlock(carried));
    const at = (timeMs: number) => {
      const other = this.#block(0, timeMs);
      return send(this.#proposal(0, { ...content, blockId: blockId(other.header) }), other);
    };
    const higher = { ...block, header: { ...block.header, height: 2 } };
    const asked: readonly (readonly [string, Uint8Array, GossipVerdict])[] = [
      ['a block of the future', at(nowMs + driftMs + 1), 'ignore'],
      ['a block of the past', at(nowMs - driftMs - 1), 'ignore'],
      ['another signature', send({ ...signed, signature: new Uint8Array(64) }), 'reject'],
      ['another chain', send(this.#proposal(0, content, 'another')), 'reject'],
      [
        'another proof of lock',
        send({ ...this.#proposal(0, { ...content, round: 5 }), polRound: 3, round: 5 }),
        'reject',
      ],
      ['another round', send({ ...signed, round: 1 }), 'reject'],
      ['another block', send({ ...signed, blockId: blockId(higher.header) }), 'reject'],
      [
        'a block of another height',
        send(this.#proposal(0, { ...content, blockId: blockId(higher.header) }), higher),
        'reject',
      ],
      ['another maker than its sender', send(this.#proposal(1, { ...content, round: 1 })), 'reject'],
      ['two heights ahead', send(this.#proposal(0, { ...content, height: 3 })), 'ignore'],
      ['nothing wrong', send(signed), 'accept'],
      ['nothing new', send(signed), 'ignore'],
      ['the latest time', at(nowMs + driftMs), 'accept'],
    ];
    for (const [name, bytes, due] of asked) {
      const problem = this.#verdict(`a proposal with ${name}`, ['proposals', bytes], due);
      if (problem !== null) return problem;
    }
    return null;
  }

  /** The clock has no say about a round that is over, nor about a block that comes again. */
  oldProposals(): string | null {
    for (const by of [0, 1]) {
      const problem = this.#verdict(
        'a vote of a later round',
        ['votes', encodeVote(this.#vote(by, { round: 2, id: null }))],
        'accept',
      );
      if (problem !== null) return problem;
    }
    const round = this.#host.runner.state?.machine.round;
    if (round !== 2) return `goes to round ${round} with half of the power in round 2`;
    const old = this.#block(1, nowMs - driftMs - 5_000);
    const content = { height: 1, polRound: -1, blockId: blockId(old.header) };
    const send = (proposal: Proposal) => encodeProposalMessage(encodeProposal(proposal), encodeBlock(old));
    return (
      this.#verdict(
        'an old block of a round that is over',
        ['proposals', send(this.#proposal(1, { ...content, round: 1 }))],
        'accept',
      ) ??
      this.#verdict(
        'an old block again',
        ['proposals', send(this.#proposal(2, { ...content, round: 2, polRound: 1 }))],
        'accept',
      )
    );
  }

  #table(rows: readonly (readonly [string, Vote, GossipVerdict])[]): string | null {
    for (const [name, vote, due] of rows) {
      const problem = this.#verdict(name, ['votes', encodeVote(vote)], due);
      if (problem !== null) return problem;
    }
    return null;
  }

  /** So many of one validator are taken, and no more. */
  #many(what: string, most: number, make: (round: Round) => Vote): string | null {
    for (let round = 0; round <= most; round++) {
      const due = round < most ? 'accept' : 'ignore';
      const problem = this.#verdict(`vote ${round} ${what}`, ['votes', encodeVote(make(round))], due);
      if (problem !== null) return problem;
    }
    return null;
  }

  #verdict(
    name: string,
    [topic, bytes]: readonly ['votes' | 'proposals', Uint8Array],
    due: GossipVerdict,
  ): string | null {
    const before = this.records;
    const is = this.#host.onGossip('peer', topic, bytes);
    if (is !== due) return `${name}: ${is}, due ${due}`;
    return is !== 'accept' && this.records > before ? `${name} stands in the log` : null;
  }

  #vote(by: number, { type = 'prevote', height = 1, round = 0, id = null, chain, extension }: Slot): Vote {
    const { operator, consensus } = this.#members[by] as Member;
    const chainId = chain ?? this.cast.identity.chainId;
    const signature = sign(consensus, voteSignBytes(chainId, { type, height, round, blockId: id }));
    const vote = { type, height, round, blockId: id, validator: operator.address, signature, extension: null };
    if (type !== 'precommit' || id === null) return vote;
    const bytes = extension ?? encodeVoteExtension({ items: [] });
    const extended = extensionSignBytes(chainId, { height, round, blockId: id, extension: bytes });
    return { ...vote, extension: { bytes, signature: sign(consensus, extended) } };
  }

  #proposal(
    by: number,
    content: Omit<Proposal, 'proposer' | 'signature'>,
    chain = this.cast.identity.chainId,
  ): Proposal {
    const { operator, consensus } = this.#members[by] as Member;
    return { ...content, proposer: operator.address, signature: sign(consensus, proposalSignBytes(chain, content)) };
  }

  #block(by: number, timeMs: number): Block {
    const { identity, state } = this.cast;
    const { operator, beacon } = this.#members[by] as Member;
    return buildBlock({
      state,
      parent: genesisParent(identity.genesis),
      lastCommit: null,
      transactions: [],
      isSignatureValid: () => true,
      evidence: [],
      verify: crypto.verifySignature,
      verifyBeacon: crypto.verifyBeacon,
      time: timeMs,
      beaconProof: prove(beacon, beaconAlpha(genesisBeacon(identity.genesisHash), 1)),
      proposer: operator.address,
    }).block;
  }

  #ports(
    { operator, consensus, beacon }: Member,
    known: { readonly signed: SignState; readonly locked: Uint8Array } | null,
  ): HostPorts {
    const nothing = () => undefined;
    const { chainId } = this.cast.identity;
    return {
      network: { publish: nothing, send: nothing, penalise: nothing },
      timers: { set: nothing, clear: nothing },
      clock: { nowMs: () => nowMs },
      wal: { append: () => void this.records++, sync: nothing, truncate: nothing },
      store: {
        block: () => null,
        saveBlock: nothing,
        saveState: nothing,
        results: () => null,
        putLocal: nothing,
        getLocal: () => null,
        deleteLocal: nothing,
      },
      worker: { submit: nothing, cancel: nothing },
      observer: { onHostEvent: nothing },
      signer: createConsensusSigner({
        chainId,
        operator: operator.address,
        state: {
          initial: known?.signed ?? NOTHING_SIGNED,
          initialLocked: known?.locked ?? null,
          save: (state, locked) => Object.assign(this, { signed: state, locked: locked ?? this.locked }),
        },
        keys: {
          publicKey: consensus.publicKey,
          sign: (message) => sign(consensus, message),
          prove: (alpha) => prove(beacon, alpha),
          deriveSecret: () => new Uint8Array(32),
          agree: agreementOf(consensus),
        },
      }),
      experts: [],
      crypto,
    };
  }
}
