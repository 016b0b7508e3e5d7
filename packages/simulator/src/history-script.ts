/**
 * What happens to the chain of history-chain.ts, and what must come of it: at the last height at which a rule still holds, and at the first at which it
 * does not. Owns the script; the numbers of its heights follow from the short times there.
 */
import {
  type Evidence,
  NANO_PER_SYN,
  type Payload,
  possessionSignBytes,
  readParams,
  readSupply,
  type Transaction,
  transactionId,
  type VoteChoice,
} from '@synod/chain';
import { type Act, HistoryChain, type Turn } from './history-chain.ts';
import { evidenceQuestions, formQuestions, manyQuestions, type Question } from './history-questions.ts';
import { type KeyPair, keyPair, realTier } from './keys.ts';
import { Prng } from './prng.ts';

/** The last height: transaction ids of height 2 are forgotten after it. */
const heightMax = 132;

type Ballot = {
  readonly name: string;
  readonly value: bigint;
  readonly votes: Readonly<Record<number, VoteChoice>>;
  readonly outcome: 'passed' | 'rejected' | 'vetoed' | 'noQuorum';
};

/** By then seven thousand of thirteen are the first operator's, and the two thousand of the barred and the gone do not count. */
const ballots: readonly Ballot[] = [
  { name: 'absenceHeights', value: 6n, votes: { 0: 'no', 1: 'no', 2: 'yes', 3: 'yes' }, outcome: 'passed' },
  {
    name: 'blockBytesTarget',
    value: 9_000n,
    votes: { 0: 'yes', 1: 'no', 2: 'no', 3: 'no', 6: 'no' },
    outcome: 'passed',
  },
  {
    name: 'staking.downtimeWindow',
    value: 9n,
    votes: { 0: 'yes', 1: 'no', 2: 'no', 3: 'no', 6: 'no' },
    outcome: 'rejected',
  },
  { name: 'basePartMin', value: 9n, votes: { 0: 'no', 1: 'yes', 2: 'yes', 3: 'yes', 6: 'yes' }, outcome: 'rejected' },
  { name: 'thresholdMax', value: 9n, votes: { 0: 'no', 1: 'no', 2: 'no', 3: 'yes' }, outcome: 'vetoed' },
  { name: 'reputationForgetting', value: 9n, votes: { 1: 'yes', 2: 'yes', 3: 'abstain' }, outcome: 'noQuorum' },
];
const [proposedAt, decidedAt, enactedAt] = [78, 88, 90] as const;
const deposit = 10n * NANO_PER_SYN;

const longProposal: Payload = {
  type: 'params.propose',
  title: 'long',
  changes: Array.from({ length: 16 }, (_, index) => ({ name: `${index}`.padStart(60, 'x'), value: 1n })),
  deposit,
};

type Offer = { readonly isKept?: boolean; readonly deposit?: bigint; readonly code?: string };

const newcomer = keyPair('newcomer');
const newKeys = { consensus: keyPair('newcomer consensus'), beacon: keyPair('newcomer beacon') };
const spender = keyPair('spender');
const poor = keyPair('poor');

/** What went otherwise than it must, or null. */
export function historyProblem(seed: number): string | null {
  const chain = new HistoryChain(new Prng(seed, 'history'), [newKeys.consensus, newKeys.beacon]);
  const script = new Script(chain);
  while (chain.height < heightMax) {
    const height = chain.height + 1;
    for (const { name, change, code } of script.questions(height)) {
      const is = chain.verdictOn(change);
      if (is !== code) return `block ${height} with ${name} is ${is}, due ${code}`;
    }
    const problem = chain.turn(script.turn(height)) ?? script.outcomeProblem(height);
    if (problem !== null) return problem;
  }
  return null;
}

class Script {
  readonly #chain: HistoryChain;
  readonly #proposals = new Map<string, Transaction>();
  #burnt = 0n;

  constructor(chain: HistoryChain) {
    this.#chain = chain;
  }

  /** Blocks of this height that are changed before they are judged. */
  questions(height: number): readonly Question[] {
    const chain = this.#chain;
    if (height === 1) return formQuestions(null);
    if (height === 20) return formQuestions(chain);
    if (height === 92) return manyQuestions(chain);
    return evidenceQuestions(chain, height);
  }

  turn(height: number): Turn {
    const acts = [...this.#money(height), ...this.#stake(height), ...this.#validators(height), ...this.#votes(height)];
    return {
      acts,
      evidence: height === 36 ? [this.#doubleVote(4, 30)] : [],
      absent: [...(height >= 6 && height <= 9 ? [6] : []), ...([20, 21, 22, 28].includes(height) ? [5] : [])],
      ...(height === 49 && { afterMs: 25_000 }),
      ...(height >= 52 && height <= 59 && { afterMs: 500 }),
    };
  }

  get #customer(): KeyPair {
    return this.#chain.cast.customer;
  }

  #operator(index: number): KeyPair {
    return this.#chain.cast.members[index]!.operator;
  }

  #doubleVote(by: number, height: number): Evidence {
    const [first, second] = ['a', 'b'].map((value) => this.#chain.vote(by, { height, value }));
    return { kind: 'duplicate.vote', first: first!, second: second! };
  }

  #pay(to: KeyPair, amount: bigint, code = 'OK', change: Act['change'] = {}, by = this.#customer): Act {
    return { payload: { type: 'transfer', to: to.address, amount }, by, code, change };
  }

  #money(height: number): readonly Act[] {
    const salt = new Uint8Array(16).fill(9);
    const kept = this.#pay(this.#operator(0), 1n, 'OK', { validUntil: 130, salt });
    if (height === 2)
      return [
        kept,
        this.#pay(this.#operator(0), 1n, 'refused VALID_UNTIL_TOO_FAR', { validUntil: 131 }),
        this.#pay(this.#operator(0), 1n, 'OK', { validUntil: 2 }),
        this.#pay(this.#operator(0), 1n, 'refused EXPIRED', { validUntil: 1 }),
        this.#pay(this.#customer, 5n * NANO_PER_SYN),
        this.#pay(this.#operator(0), 1n, 'refused WRONG_CHAIN', { chainId: 'another' }),
        this.#pay(this.#operator(0), 1n, 'refused FEE_TOO_LOW', { maxBaseFeePerByte: 99n }),
        { ...this.#pay(this.#operator(0), 1n), code: 'refused TRANSACTION_TOO_LARGE', payload: longProposal },
      ];
    if ([3, 60, 128, 130].includes(height)) return [{ ...kept, code: 'refused DUPLICATE' }];
    if (height === 80)
      return [this.#pay(spender, NANO_PER_SYN), this.#pay(poor, this.#chain.feeOf(this.#pay(spender, 1n)))];
    const all = this.#pay(this.#operator(1), 1n, 'OK', {}, spender);
    if (height === 81) {
      const amount = NANO_PER_SYN - this.#chain.feeOf(all);
      return [
        this.#pay(this.#operator(1), amount, 'OK', {}, spender),
        this.#pay(spender, 1n, 'INSUFFICIENT_BALANCE', {}, poor),
      ];
    }
    return height === 82
      ? [
          { ...all, code: 'refused INSUFFICIENT_BALANCE' },
          this.#pay(this.#operator(1), 1n, 'refused INSUFFICIENT_BALANCE', {}, poor),
        ]
      : [];
  }

  #stake(height: number): readonly Act[] {
    const of = (type: 'delegate' | 'undelegate', index: number, nano: bigint, code = 'OK'): Act => {
      const validator = this.#operator(index).address;
      return { payload: { type, validator, amount: nano }, by: this.#customer, code };
    };
    const move = (from: number, to: number, syn: bigint, code = 'OK'): Act => ({
      payload: {
        type: 'redelegate',
        from: this.#operator(from).address,
        to: this.#operator(to).address,
        amount: syn * NANO_PER_SYN,
      },
      by: this.#customer,
      code,
    });
    const syn = NANO_PER_SYN;
    switch (height) {
      case 2:
        return [of('delegate', 1, 50n * syn + 999_999_999n), of('delegate', 1, syn / 100n, 'AMOUNT_TOO_LOW')];
      case 3:
        return [
          of('undelegate', 1, 60n * syn, 'INSUFFICIENT_STAKE'),
          of('undelegate', 1, 20n * syn),
          move(1, 1, 1n, 'SAME_VALIDATOR'),
        ];
      case 4:
        return [move(1, 2, 10n)];
      case 5:
        return [move(2, 3, 5n, 'REDELEGATION_PENDING'), of('delegate', 4, 100n * syn)];
      case 25:
        return [of('undelegate', 4, 20n * syn), move(4, 5, 30n)];
      case 37:
        return [of('delegate', 4, syn, 'VALIDATOR_GONE')];
      case 56:
        return [of('delegate', 5, syn, 'VALIDATOR_GONE'), move(1, 5, 1n, 'VALIDATOR_GONE')];
      case 66:
        return [of('delegate', 0, 6_000n * syn)];
      case 77:
        return [move(2, 3, 5n, 'REDELEGATION_PENDING')];
      case 80:
        return [move(2, 3, 5n)];
      case 96:
        return [of('undelegate', 0, 5_000n * syn), of('delegate', 4, syn, 'VALIDATOR_GONE')];
      default:
        return [];
    }
  }

  #validators(height: number): readonly Act[] {
    const by = (index: number, payload: Payload, code = 'OK'): Act => ({ payload, by: this.#operator(index), code });
    const unjail = (index: number, code = 'OK', sender = index): Act =>
      by(sender, { type: 'validator.unjail', validator: this.#operator(index).address }, code);
    const edit = (index: number, commission: number, code = 'OK'): Act =>
      by(index, { type: 'validator.edit', commission }, code);
    const exit = (index: number, code = 'OK'): Act =>
      by(index, { type: 'validator.exit', validator: this.#operator(index).address }, code);
    const create = (code: string, bond: bigint, change: object = {}): Act => ({
      payload: { type: 'validator.create', commission: 0, bond, ...this.#possession(newcomer, newKeys), ...change },
      by: newcomer,
      code,
    });
    const rotate = (code = 'OK', index = 2): Act =>
      by(
        index,
        {
          type: 'validator.rotate',
          ...this.#possession(this.#operator(index), this.#chain.cast.members[index]!.rotated),
        },
        code,
      );
    const { members } = this.#chain.cast;
    switch (height) {
      case 11:
        return [unjail(6, 'JAIL_NOT_OVER'), unjail(6, 'NOT_OPERATOR', 0), unjail(0, 'NOT_JAILED')];
      case 13:
        return [unjail(6, 'JAIL_NOT_OVER')];
      case 14:
        return [unjail(6), unjail(6, 'NOT_JAILED')];
      case 26:
        return [edit(0, 20_000, 'COMMISSION_STEP_TOO_LARGE'), edit(0, 5_000)];
      case 28:
        return [edit(0, 6_000, 'COMMISSION_TOO_SOON')];
      case 29:
        return [edit(0, 6_000)];
      case 37:
      case 50:
        return [unjail(4, 'NOT_JAILED'), edit(4, 1, 'VALIDATOR_GONE'), exit(4, 'VALIDATOR_GONE')];
      case 40:
        return [rotate()];
      case 41:
        return [rotate('ROTATION_TOO_SOON')];
      // Its keys wait while so much stake leaves that the bound on a change is used up.
      case 95:
        return [rotate('OK', 3)];
      case 55:
        return [exit(5), exit(5, 'VALIDATOR_GONE')];
      case 58:
        return [this.#pay(newcomer, 900n * NANO_PER_SYN)];
      case 60:
        return [
          create('BOND_TOO_LOW', NANO_PER_SYN / 2n),
          create('POSSESSION_UNPROVEN', 800n * NANO_PER_SYN, { keyProof: new Uint8Array(64) }),
          create('POSSESSION_UNPROVEN', 800n * NANO_PER_SYN, { vrfProof: new Uint8Array(80) }),
          create('KEY_USED', 800n * NANO_PER_SYN, { publicKey: members[0]!.consensus.publicKey }),
          create('KEY_USED', 800n * NANO_PER_SYN, { vrfKey: members[2]!.beacon.publicKey }),
          create('OK', 800n * NANO_PER_SYN),
          create('VALIDATOR_EXISTS', NANO_PER_SYN),
        ];
      default:
        return [];
    }
  }

  #possession(operator: KeyPair, keys: { readonly consensus: KeyPair; readonly beacon: KeyPair }) {
    const [publicKey, vrfKey] = [keys.consensus.publicKey, keys.beacon.publicKey];
    const message = possessionSignBytes(this.#chain.chainId, { operator: operator.address, publicKey, vrfKey });
    // The chain proves possession by itself: only true signatures pass.
    return {
      publicKey,
      vrfKey,
      keyProof: realTier.sign(keys.consensus, message),
      vrfProof: realTier.prove(keys.beacon, message),
    };
  }

  /** What votes came to, and what became of deposits and parameters: at the very heights, and at no other. */
  outcomeProblem(height: number): string | null {
    const { events, state, burntByFees } = this.#chain;
    const decided = events.flatMap((event) => (event.type === 'params.decided' ? event.outcome : []));
    const due = height === decidedAt ? ballots.map(({ outcome }) => outcome) : [];
    if (decided.join() !== due.join()) return `height ${height} decides ${decided}, due ${due}`;
    const { burnt, escrowed } = readSupply(state);
    const lost = BigInt(due.filter((outcome) => outcome === 'vetoed' || outcome === 'noQuorum').length) * deposit;
    if (height === decidedAt && burnt - this.#burnt !== burntByFees + lost)
      return `the votes burn ${burnt - this.#burnt}`;
    this.#burnt = burnt;
    const held = height >= proposedAt && height < decidedAt ? BigInt(ballots.length) * deposit : 0n;
    if (escrowed !== held) return `deposits of ${escrowed} at height ${height}, due ${held}`;
    const { absenceHeights, blockBytesTarget } = readParams(state);
    const isMade = height >= enactedAt;
    const isRight = absenceHeights === (isMade ? 6 : 2) && blockBytesTarget === (isMade ? 9_000 : 16_384);
    return isRight ? null : `parameters are ${absenceHeights} and ${blockBytesTarget} after ${height}`;
  }

  #votes(height: number): readonly Act[] {
    if (height === proposedAt) return ballots.map(({ name, value }) => this.#proposed(name, value, { isKept: true }));
    if (height === proposedAt + 1)
      return [this.#proposed('absenceHeights', 7n, { deposit: deposit - 1n, code: 'DEPOSIT_TOO_LOW' })];
    if (height === decidedAt - 1) return ballots.flatMap((ballot) => this.#ballotOf(ballot));
    if (height === decidedAt)
      return [
        this.#vote('absenceHeights', 0, 'yes'),
        this.#vote('absenceHeights', 1, 'abstain'),
        this.#vote('absenceHeights', 4, 'yes', 'VALIDATOR_NOT_ACTIVE'),
        this.#vote('absenceHeights', 5, 'yes', 'VALIDATOR_NOT_ACTIVE'),
        { ...this.#vote('absenceHeights', 0, 'yes', 'VALIDATOR_UNKNOWN'), by: this.#customer },
      ];
    // What was rejected is gone, and what passed waits for the end of the epoch.
    if (height === decidedAt + 1)
      return [
        this.#vote('absenceHeights', 0, 'no', 'VOTING_OVER'),
        this.#vote('thresholdMax', 0, 'yes', 'PROPOSAL_UNKNOWN'),
      ];
    return [];
  }

  #ballotOf({ name, votes }: Ballot): readonly Act[] {
    return Object.entries(votes).map(([index, choice]) => this.#vote(name, Number(index), choice));
  }

  #proposed(name: string, value: bigint, offer: Offer): Act {
    const payload: Payload = {
      type: 'params.propose',
      title: name,
      changes: [{ name, value }],
      deposit: offer.deposit ?? deposit,
    };
    const salt = new Uint8Array(16).fill(100 + ballots.findIndex((ballot) => ballot.name === name));
    const act = { payload, by: this.#customer, code: offer.code ?? 'OK', change: { salt } };
    if (offer.isKept === true) this.#proposals.set(name, this.#chain.transaction(act));
    return act;
  }

  #vote(name: string, index: number, choice: VoteChoice, code = 'OK'): Act {
    const proposal = this.#proposals.get(name);
    if (proposal === undefined) throw new RangeError(`nobody proposed ${name}`);
    const payload: Payload = { type: 'params.vote', proposal: transactionId(proposal.body), choice };
    return { payload, by: this.#operator(index), code };
  }
}
