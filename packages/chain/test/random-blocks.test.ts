/** Random transactions and score items through real blocks: money is conserved, nothing throws, replay agrees. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  applyBlock,
  checkSupply,
  createGenesisState,
  eligibleGroups,
  listOpenQueries,
  type Payload,
  readQuery,
  type ScoreItem,
  type StateTree,
  type Transaction,
} from '../src/index.ts';
import { consentOf, generated, poor, profileOf, SYN, TestChain, user } from './test-chain.ts';

type Action = { readonly kind: string; readonly actor: number; readonly target: number; readonly size: number };

const KINDS = [
  'transfer',
  'register',
  'open',
  'commit',
  'commit',
  'reveal',
  'reveal',
  'scoreCommit',
  'scoreReveal',
  'absent',
];

const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom(...KINDS),
  actor: fc.nat(4),
  target: fc.nat(4),
  size: fc.nat(5),
});

/** What an action asks for, given the chain as it stands; nothing where it makes no transaction. */
function transactionsOf(chain: TestChain, { kind, actor, target, size }: Action): Transaction[] {
  const sender = [user, poor, ...chain.validators.map(({ expert }) => expert)][actor]!;
  const make = (payload: Payload) => [chain.transaction(sender, payload, { tip: BigInt(size) })];
  const open = listOpenQueries(chain.state);
  const id = open[target % Math.max(1, open.length)];
  switch (kind) {
    case 'transfer':
      return make({
        type: 'transfer',
        to: chain.validators[target % 4]!.address,
        amount: BigInt(size) * 250n * SYN + 1n,
      });
    case 'register':
      return make({
        type: 'expert.register',
        expert: profileOf(chain.validators[target % 4]!.address),
        bond: BigInt(size) * 4n * SYN,
        consent: consentOf(chain.validators[target % 4]!, sender),
      });
    case 'open': {
      const windows = { answerWindow: 2 + size, revealWindow: 2 + size, scoreWindow: 4 + size, scoreRevealWindow: 4 };
      const terms = {
        respondents: 1 + (size % 4),
        maxFee: BigInt(target) * 1500n + 900n,
        coordinator: chain.validators[target % 4]!.address,
      };
      return make({ type: 'query.open', contract: chain.contract({ ...windows, ...terms }) });
    }
    case 'commit':
    case 'reveal': {
      if (id === undefined) return [];
      // Everybody but one, in two groups.
      const answers = chain
        .query(id)
        .respondents.map((_, index) => (index === size ? null : generated('x'.repeat(1 + (index % 2)))));
      return kind === 'commit' ? chain.commits(id, answers) : chain.reveals(id, answers);
    }
    default:
      return [];
  }
}

function itemsOf(chain: TestChain, actions: readonly Action[]): Map<number, ScoreItem[]> {
  const items = new Map<number, ScoreItem[]>();
  for (const { kind, actor, size } of actions) {
    if (kind !== 'scoreCommit' && kind !== 'scoreReveal') continue;
    // Every validator but one: some groups stay short of the power they need.
    for (const id of listOpenQueries(chain.state)) {
      for (const at of [0, 1, 2, 3].filter((position) => position !== actor)) {
        const query = readQuery(chain.state, id)!;
        const groups = size === 0 ? [0, 1] : eligibleGroups(query, chain.validators[at]!.address);
        const scores = groups.map((group) => ({ group, score: 111_111 * (at + 1) }));
        const item = kind === 'scoreCommit' ? chain.scoreCommit(id, at, scores) : chain.scoreReveal(id, at, scores);
        items.set(at, [...(items.get(at) ?? []), item]);
      }
    }
  }
  return items;
}

const outcomes = new Map<string, number>();

test('supply is conserved and replay agrees over random blocks', () => {
  fc.assert(
    fc.property(fc.array(fc.array(action, { maxLength: 6 }), { minLength: 20, maxLength: 35 }), (plan) => {
      const chain = new TestChain();
      let replayed: StateTree = createGenesisState(chain.genesis);
      for (const actions of plan) {
        const transactions = actions.flatMap((each) => transactionsOf(chain, each));
        const absent = actions.some(({ kind }) => kind === 'absent') ? [actions[0]!.actor % 4] : [];
        const { results } = chain.next({ transactions, items: itemsOf(chain, actions), absent });
        const count = checkSupply(chain.state);
        assert.ok(count.ok, `supply at height ${chain.height}`);
        for (const { outcome } of results.receipts) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        const again = applyBlock(replayed, chain.block!);
        assert.ok(again.ok);
        replayed = again.state;
        assert.equal(replayed.root, chain.state.root);
      }
    }),
    { numRuns: 8, seed: 7, endOnFailure: true },
  );
  // The runs must reach the interesting ends, or they prove little.
  for (const outcome of ['answered', 'noAnswer', 'unscored'])
    assert.ok((outcomes.get(outcome) ?? 0) > 0, `${outcome}: ${JSON.stringify([...outcomes])}`);
});
