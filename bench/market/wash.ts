/**
 * What a payer earns that asks its own expert, by the production chain: fees, rewards, what is burnt (spec: rewards §10). Owns the
 * worlds and the verdicts. Usage: node bench/market/wash.ts. Writes bench/results/market-wash.json.
 */
import assert from 'node:assert/strict';
import { type Address, formatSyn, type Hash, readAccount } from '../../packages/chain/src/index.ts';
import {
  generated,
  type Keys,
  keysOf,
  poor,
  profileOf,
  SYN,
  TestChain,
  user,
} from '../../packages/chain/test/test-chain.ts';
import { type Row, report } from '../table.ts';

/** One epoch of 90 heights in which customers ask experts of four validators with 10 SYN at risk each; the node has as much. */
const EPOCH_HEIGHTS = 90;
const OWN_QUERIES = 8;
const CUSTOMER_QUERIES = 4;
const HONEST_SCORE = 750_000;
const WASH_SCORE = 950_000;

const customer = keysOf('customer');

type World = {
  /** Who asks the node's expert, and in which domain it offers. */
  readonly payer: Keys;
  readonly domain: 'own' | 'general';
  readonly queries: number;
  readonly score: number;
};

type Outcome = { readonly net: bigint; readonly rewards: bigint; readonly answered: number };

/** The node is `user` (who pays) and `poor` (its expert, of its own operator): what both have more at the end of the epoch. */
function play({ payer, domain, queries, score }: World): Outcome {
  const chain = new TestChain({
    params: { staking: { epochHeights: EPOCH_HEIGHTS }, market: { verificationShare: 0 } },
  });
  const fund = [poor, customer].map(({ address }) => chain.transfer(user, address, 50n * SYN));
  chain.next({ transactions: fund });
  const expert = profileOf(poor.address, { domain });
  const register = { type: 'expert.register', expert, bond: 10n * SYN, consent: null } as const;
  assert.deepEqual(chain.codes(chain.transaction(poor, register)), ['OK']);
  const wealth = () => [user, poor].reduce((sum, { address }) => sum + readAccount(chain.state, address).balance, 0n);
  const before = wealth();
  for (let query = 0; query < CUSTOMER_QUERIES; query++)
    ask(chain, { payer: customer, domain: 'general', score: HONEST_SCORE });
  let answered = 0;
  for (let query = 0; query < queries; query++) {
    const id = ask(chain, { payer, domain, score });
    answered += id !== null && chain.query(id).respondents.some(({ expert: one }) => one === poor.address) ? 1 : 0;
  }
  assert.ok(chain.height < EPOCH_HEIGHTS, 'one epoch');
  while (chain.height % EPOCH_HEIGHTS !== 0) chain.next();
  const paid = chain.applied!.events.flatMap((event) => (event.type === 'epoch.rewarded' ? event.experts : []));
  const rewards = paid.find(({ expert: one }) => one === (poor.address as Address))?.payment ?? 0n;
  return { net: wealth() - before, rewards, answered };
}

/** What a query pays besides its respondents when its requester names nothing. */
const SHARES = { scorerShare: 50_000, coordinatorShare: 50_000 } as const;

/** One query from opening to settlement; null when nobody could be selected. */
function ask(chain: TestChain, { payer, domain, score }: Pick<World, 'payer' | 'score' | 'domain'>): Hash | null {
  const respondents = domain === 'own' ? 1 : 2;
  const id = chain.open({ domain, respondents, ...SHARES, scoreWindow: 4, scoreRevealWindow: 4 }, payer);
  const query = chain.query(id);
  if (query.respondents.length === 0) return null;
  chain.answer(
    id,
    query.respondents.map((_, at) => generated(`The answer of ${at}, in some fifty bytes or sixty.`)),
  );
  const scores = (at: number) => chain.eligible(id, at).map((group) => ({ group, score }));
  const able = [0, 1, 2, 3].filter((at) => scores(at).length > 0);
  chain.next({ items: new Map(able.map((at) => [at, [chain.scoreCommit(id, at, scores(at))]])) });
  chain.next({ items: new Map(able.map((at) => [at, [chain.scoreReveal(id, at, scores(at))]])) });
  assert.equal(chain.query(id).phase, 'settled');
  return id;
}

const worlds = {
  visible: play({ payer: poor, domain: 'own', queries: OWN_QUERIES, score: WASH_SCORE }),
  stranger: play({ payer: user, domain: 'own', queries: OWN_QUERIES, score: WASH_SCORE }),
  shared: play({ payer: user, domain: 'general', queries: OWN_QUERIES, score: WASH_SCORE }),
  honest: play({ payer: customer, domain: 'own', queries: OWN_QUERIES, score: WASH_SCORE }),
};

function row(figure: string, { net, rewards, answered }: Outcome, goal: string, met: boolean | null): Row {
  const sign = net < 0n ? '−' : '';
  const value = `${sign}${formatSyn(net < 0n ? -net : net)} (rewards ${formatSyn(rewards)}, ${answered} answered)`;
  return { figure, value, goal, met };
}

const { visible, stranger, shared, honest } = worlds;
report(
  'market-wash',
  [
    row('asks its own expert from an account in the same hands', visible, 'below 0', visible.net < 0n),
    row('from a stranger’s account, in a domain of its own', stranger, 'below 0', stranger.net < 0n),
    row('from a stranger’s account, in a domain with others', shared, 'below 0', shared.net < 0n),
    row('the same expert, the same questions, asked by customers', honest, 'above all washing', isMost(honest)),
  ],
  JSON.parse(JSON.stringify(worlds, (_key, value) => (typeof value === 'bigint' ? value.toString() : value))),
);

function isMost({ net }: Outcome): boolean {
  return [visible, stranger, shared].every((other) => other.net < net);
}
