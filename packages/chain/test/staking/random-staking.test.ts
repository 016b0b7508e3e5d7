/** Random stake through real blocks: supply is conserved to the nano, sets stay sound, replay agrees. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  applyBlock,
  blockId,
  changeMax,
  checkSupply,
  createGenesisState,
  type Evidence,
  type Hash,
  listOpenQueries,
  listParamsProposals,
  type ParamChange,
  paramsProblem,
  readParams,
  readPool,
  readSupply,
  type ScoreItem,
  type StateTree,
  sign,
  type Transaction,
  totalPowerOf,
  voteSignBytes,
} from '../../src/index.ts';
import { CHAIN_ID, SYN, TestChain, type TestValidator, user } from '../test-chain.ts';
import { StakeBooks } from './stake-books.ts';
import { create, delegate, newKeys, PARAMS, redelegate, rotate, STAKING, stake, undelegate } from './staker.ts';

type Action = { readonly kind: string; readonly actor: number; readonly target: number; readonly size: bigint };

const KINDS = [
  'create',
  'delegate',
  'delegate',
  'delegate',
  'undelegate',
  'undelegate',
  'redelegate',
  'redelegate',
  'exit',
  'exit',
  'unjail',
  'unjail',
  'unjail',
  'all',
  'evidence',
  'absent',
  'absent',
  'edit',
  'rotate',
  'rotate',
  'propose',
  'propose',
  'vote',
  'vote',
  'vote',
  'attack',
  'query',
  'misreveal',
  'misreveal',
];

const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom(...KINDS),
  actor: fc.nat(7),
  target: fc.nat(6),
  // Odd amounts, so that shares and tokens do not divide.
  size: fc.bigInt(1n, 40n * SYN),
});

/** Some pass, some break a relation once another has passed. */
const PROPOSALS: readonly { readonly title: string; readonly changes: readonly ParamChange[] }[] = [
  { title: 'slower', changes: [{ name: 'staking.epochHeights', value: 5n }] },
  { title: 'faster', changes: [{ name: 'staking.epochHeights', value: 3n }] },
  { title: 'dearer', changes: [{ name: 'staking.doubleSignSlash', value: 200_000n }] },
  { title: 'longer', changes: [{ name: 'staking.unbondingHeights', value: 79n }] },
  { title: 'older', changes: [{ name: 'staking.evidenceAgeHeights', value: 9n }] },
  { title: 'never', changes: [{ name: 'staking.epochHeights', value: 90n }] },
];

/** Every validator of the last commit that may is made to open its scores wrongly or too early. */
function misrevealsOf(chain: TestChain, { target }: Action): Map<number, ScoreItem[]> {
  const items = listOpenQueries(chain.state).map(
    (queryId): ScoreItem => ({ kind: 'score.reveal', queryId, salt: new Uint8Array(32), scores: [], checks: [] }),
  );
  return new Map([[target % 4, items]]);
}

/** A lunatic header of the last height, certified by one of its set. */
function attackOf(chain: TestChain, { target }: Action): Evidence[] {
  const { header } = chain.block!;
  const set = chain.setOf(header.height);
  const { operator, publicKey } = set[target % set.length]!;
  const lie = { ...header, stateRoot: 'ab'.repeat(32) as Hash };
  const slot = { type: 'precommit', height: header.height, round: 0, blockId: blockId(lie) } as const;
  const signature = sign(chain.keysBehind(publicKey).secret, voteSignBytes(CHAIN_ID, slot));
  const conflicting = { header: lie, round: 0, signatures: [{ validator: operator, signature }] };
  const trusted = { header, round: 0, signatures: [] };
  return [{ kind: 'light.attack', commonHeight: header.height - 1, trusted, conflicting }];
}

function people(chain: TestChain): TestValidator[] {
  return [...chain.validators, ...chain.newcomers];
}

function transactionsOf(chain: TestChain, { kind, actor, target, size }: Action): Transaction[] {
  const who = people(chain)[actor] ?? user;
  const operators = people(chain).map(({ address }) => address);
  const operator = operators[target]!;
  switch (kind) {
    case 'create':
      return [create(chain, chain.newcomers[actor % 3]!, { bond: size })];
    case 'delegate':
      return [delegate(chain, who, operator, size)];
    case 'undelegate':
      return [undelegate(chain, who, operator, size % (stake(chain, operator, who) + 2n) || 1n)];
    case 'all':
      return [undelegate(chain, who, operator, stake(chain, operator, who) || 1n)];
    case 'redelegate': {
      const from = operators.find((each) => stake(chain, each, who) > 0n) ?? operator;
      return [redelegate(chain, who, from, operator, size % (stake(chain, from, who) + 1n) || 1n)];
    }
    case 'exit':
      return actor % 3 !== 1 ? [chain.transaction(who, { type: 'validator.exit', validator: who.address })] : [];
    case 'unjail':
      return people(chain).map((each) =>
        chain.transaction(each, { type: 'validator.unjail', validator: each.address }),
      );
    case 'rotate':
      return [rotate(chain, who, newKeys(chain, `${chain.height}/${target}`))];
    case 'propose':
      return [
        chain.transaction(who, { type: 'params.propose', ...PROPOSALS[target % PROPOSALS.length]!, deposit: SYN }),
      ];
    case 'vote':
      return listParamsProposals(chain.state).flatMap((proposal) =>
        people(chain).map((each, at) =>
          chain.transaction(each, { type: 'params.vote', proposal, choice: at === actor ? 'no' : 'yes' }),
        ),
      );
    case 'query':
      return listOpenQueries(chain.state).length > 0
        ? []
        : [chain.transaction(user, { type: 'query.open', contract: chain.contract() })];
    case 'edit':
      return [chain.transaction(who, { type: 'validator.edit', commission: Number(size % 60_000n) })];
    default:
      return [];
  }
}

function evidenceOf(chain: TestChain, { target }: Action): Evidence[] {
  const height = chain.height;
  const set = chain.setOf(height);
  const { operator, publicKey } = set[target % set.length]!;
  const votes = ['11', '22'].map((byte) => {
    const content = { type: 'prevote' as const, height, round: target, blockId: byte.repeat(32) as Hash };
    const signature = sign(chain.keysBehind(publicKey).secret, voteSignBytes(CHAIN_ID, content));
    return { ...content, validator: operator, signature, extension: null };
  });
  return [{ kind: 'duplicate.vote', first: votes[0]!, second: votes[1]! }];
}

function assertSoundSets(chain: TestChain): void {
  const [now, next] = [chain.setOf(chain.height + 1), chain.setOf(chain.height + 2)];
  assert.ok(next.length > 0 && next.every(({ power }) => power > 0n));
  const powers = new Map(now.map(({ operator, power }) => [operator, power]));
  const after = new Map(next.map(({ operator, power }) => [operator, power]));
  let change = 0n;
  for (const { address } of people(chain)) {
    const by = (after.get(address) ?? 0n) - (powers.get(address) ?? 0n);
    change += by < 0n ? -by : by;
  }
  assert.ok(change <= changeMax(now), `${change} of ${totalPowerOf(now)} at height ${chain.height}`);
}

/** The state of somebody who applies the newest block without having built it. */
function replay(before: StateTree, chain: TestChain): StateTree {
  const again = applyBlock(before, chain.block!);
  assert.ok(again.ok);
  assert.equal(again.state.root, chain.state.root);
  return again.state;
}

const seen = new Map<string, number>();
const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);

test('supply is conserved, sets stay sound and replay agrees over random stake', () => {
  fc.assert(
    fc.property(fc.array(fc.array(action, { maxLength: 8 }), { minLength: 45, maxLength: 55 }), (plan) => {
      const voting = { votingHeights: 10, depositMin: SYN };
      const params = {
        ...PARAMS,
        voting,
        staking: { ...STAKING, downtimeMissedMax: 1, jailHeights: 2, unbondingHeights: 75 },
      };
      const chain = new TestChain({ newcomers: true, params });
      let replayed: StateTree = createGenesisState(chain.genesis);
      const books = new StakeBooks(count);
      // Operators of genesis have no money of their own for fees.
      chain.next({
        transactions: chain.validators.map((each) => chain.transfer(each.expert, each.address, 99n * SYN)),
      });
      replayed = replay(replayed, chain);
      for (const actions of plan) {
        const transactions = actions.flatMap((each) => transactionsOf(chain, each));
        // At most one offence in ten blocks, or nobody is left to go on.
        const offence = actions.find(({ kind }) => kind === 'evidence' || kind === 'attack');
        const isDue = offence !== undefined && chain.height > 1 && chain.height % 10 < 2;
        const evidence = !isDue
          ? []
          : offence.kind === 'attack'
            ? attackOf(chain, offence)
            : evidenceOf(chain, offence);
        const last = chain.height === 0 ? [] : chain.setOf(chain.height);
        const sleeper = actions.find(({ kind }) => kind === 'absent')?.target ?? -1;
        const power = last[sleeper]?.power ?? totalPowerOf(last);
        const absent = 3n * (totalPowerOf(last) - power) > 2n * totalPowerOf(last) ? [sleeper] : [];
        const lie = actions.find(({ kind }) => kind === 'misreveal');
        const items = lie === undefined ? new Map<number, ScoreItem[]>() : misrevealsOf(chain, lie);
        const before = chain.state;
        const { results, events } = chain.next({ transactions, evidence, absent, items });
        books.check(before, chain.state, chain.height, events);
        for (const { code } of results.transactions) count(code);
        for (const event of events) count(event.type === 'validator.slashed' ? event.reason : event.type);
        assert.ok(checkSupply(chain.state).ok, `supply at height ${chain.height}`);
        assertSoundSets(chain);
        assert.equal(paramsProblem(readParams(chain.state)), null);
        replayed = replay(replayed, chain);
      }
      // Left alone, everything on its way out arrives.
      for (let left = 80; left > 0; left -= 1) {
        const before = chain.state;
        const { events } = chain.next();
        books.check(before, chain.state, chain.height, events);
        for (const { type } of events) count(type);
      }
      assert.ok(checkSupply(chain.state).ok);
      assert.equal(readSupply(chain.state).unbonding, 0n);
      for (const { address } of people(chain)) count(readPool(chain.state, address)?.status ?? 'none');
    }),
    { numRuns: 4, seed: 16, endOnFailure: true },
  );
  // The runs must reach the interesting ends, or they prove little.
  const ends = [
    'stake.paid',
    'stake.redelegated',
    'validator.exited',
    'validator.unjailed',
    'doubleSign',
    'downtime',
    'validators.changed',
    'INSUFFICIENT_STAKE',
    'validator.rotated',
    'lightAttack',
    'misreveal',
    'params.changed',
    'params.decided',
    'stake.burnt',
    'unbonding stake slashed: doubleSign',
    'unbonding stake slashed: misreveal',
    'redelegated stake slashed',
  ];
  for (const end of ends) assert.ok((seen.get(end) ?? 0) > 0, `${end}: ${JSON.stringify([...seen])}`);
});
