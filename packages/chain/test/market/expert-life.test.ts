/** What an expert does with its registration (market §1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ChainEvent,
  checkSupply,
  type ExpertProfile,
  encodeExpert,
  encodeSupply,
  expertBehind,
  explainSelection,
  type Hash,
  listExperts,
  readAccount,
  readBeacon,
  readExpert,
  readReputation,
  readSupply,
  stateKeys,
} from '../../src/index.ts';
import { consentOf, generated, type Keys, poor, profileOf, SYN, TestChain, user } from '../test-chain.ts';

const OTHER_MODEL = 'cd'.repeat(32) as Hash;
const BOND = 20n * SYN;

/** A chain on which `user` is an expert beside those of the validators. */
function withExpert(expertReleaseHeights = 6, profile: Partial<ExpertProfile> = {}): TestChain {
  const chain = new TestChain({ params: { market: { expertReleaseHeights } } });
  assert.deepEqual(chain.codes(register(chain, profile)), ['OK']);
  return chain;
}

const register = (chain: TestChain, profile: Partial<ExpertProfile> = {}, bond = BOND) =>
  chain.transaction(user, { type: 'expert.register', expert: profileOf(user.address, profile), bond, consent: null });
const update = (chain: TestChain, profile: Partial<ExpertProfile>, sender = user) =>
  chain.transaction(sender, { type: 'expert.update', expert: profileOf(user.address, profile) });
const pause = (chain: TestChain, paused: boolean, sender = user) =>
  chain.transaction(sender, { type: 'expert.pause', paused });
const retire = (chain: TestChain, sender = user, expert = sender.address) =>
  chain.transaction(sender, { type: 'expert.retire', expert });

const eventsOf = (chain: TestChain, type: ChainEvent['type']) =>
  chain.applied!.events.filter((event) => event.type === type);

function nextUntil(chain: TestChain, height: number): void {
  while (chain.height < height) chain.next();
}

/** Lets the expert answer a query of its own domain; `poor` was given money and pays. */
function openFor(chain: TestChain, domain: string, payer: Keys = chain.validators[0]!.expert): Hash {
  return chain.open({ domain, respondents: 1, coordinator: chain.validators[1]!.address }, payer);
}

test('market §1.3: an update keeps domain and operator, and is the profile from then on', () => {
  const chain = withExpert();
  assert.deepEqual(chain.codes(update(chain, { domain: 'law' })), ['EXPERT_DOMAIN_FIXED']);
  const stranger = profileOf(poor.address);
  assert.deepEqual(chain.codes(chain.transaction(user, { type: 'expert.update', expert: stranger })), [
    'EXPERT_OPERATOR_FIXED',
  ]);
  const fromOther = update(chain, {}, chain.validators[0]!.expert);
  assert.deepEqual(chain.codes(fromOther), ['EXPERT_OPERATOR_FIXED'], 'each updates itself alone');
  const changed = profileOf(user.address, { name: 'jurist', priceOutPerByte: 7n, capacity: 9 });
  assert.deepEqual(chain.codes(chain.transaction(user, { type: 'expert.update', expert: changed })), ['OK']);
  assert.deepEqual(eventsOf(chain, 'expert.updated'), [
    { type: 'expert.updated', expert: user.address, isAnother: false },
  ]);
  const { profile, bond, registeredAt, status } = readExpert(chain.state, user.address)!;
  assert.deepEqual([profile, bond, registeredAt, status], [changed, BOND, 1, 'active']);
});

test('market §1.3: an update out of bounds may not stand in a block', () => {
  const chain = withExpert();
  for (const profile of [{ name: '' }, { capacity: 0 }, { modelName: '' }, { knowledgeSize: 1 }]) {
    const { transactions } = chain.next({ transactions: [update(chain, profile)] }).results;
    assert.deepEqual(transactions, [], JSON.stringify(profile));
  }
});

test('market §1.3: another model, or other knowledge, halves what is known; another price does not', () => {
  const changes: readonly (readonly [Partial<ExpertProfile>, boolean])[] = [
    [{ priceOutPerByte: 1n }, false],
    [{ modelId: OTHER_MODEL }, true],
    [{ knowledgeRoot: OTHER_MODEL, knowledgeSize: 3 }, true],
  ];
  for (const [profile, halves] of changes) {
    const chain = withExpert(6, { domain: 'law' });
    const id = openFor(chain, 'law');
    nextUntil(chain, chain.query(id).deadline);
    const before = readReputation(chain.state, user.address, 'law');
    assert.deepEqual([before.alpha, before.beta, before.answers], [985_000, 1_985_000, 1], 'it kept silent');
    assert.deepEqual(chain.codes(update(chain, { domain: 'law', ...profile })), ['OK']);
    const { alpha, beta, answers } = readReputation(chain.state, user.address, 'law');
    assert.deepEqual([alpha, beta, answers], halves ? [992_500, 1_492_500, 1] : [985_000, 1_985_000, 1]);
  }
});

test('market §1.4: a paused expert is left out of selection until it resumes, and its open queries go on', () => {
  const chain = withExpert(6, { domain: 'law' });
  const open = openFor(chain, 'law');
  assert.deepEqual(chain.codes(pause(chain, true)), ['OK']);
  assert.deepEqual(eventsOf(chain, 'expert.paused'), [{ type: 'expert.paused', expert: user.address, paused: true }]);
  assert.deepEqual(chain.codes(...chain.commits(open, [generated('§ 1')])), ['OK']);
  assert.deepEqual(chain.codes(...chain.reveals(open, [generated('§ 1')])), ['OK']);
  const payer = chain.validators[0]!.expert;
  const asked = chain.transaction(payer, { type: 'query.open', contract: chain.contract({ domain: 'law' }) });
  assert.deepEqual(chain.codes(asked), ['OK'], 'the domain is there');
  assert.equal(chain.next().results.receipts[0]?.outcome, 'noExperts');
  assert.deepEqual(listExperts(chain.state, 'law'), [user.address]);
  assert.deepEqual(chain.codes(pause(chain, false)), ['OK']);
  const again = openFor(chain, 'law');
  assert.deepEqual(
    chain.query(again).respondents.map(({ expert }) => expert),
    [user.address],
  );
  const { excluded } = explainSelection(chain.state, chain.query(again), readBeacon(chain.state, chain.height)!);
  assert.deepEqual(excluded, []);
});

test('market §1.5: a retired expert leaves its domain and its reputation at once; its bond comes later, to the height', () => {
  const chain = withExpert(6, { domain: 'law' });
  const id = openFor(chain, 'law');
  nextUntil(chain, chain.query(id).deadline);
  assert.equal(readReputation(chain.state, user.address, 'law').answers, 1);
  assert.deepEqual(chain.codes(retire(chain)), ['OK']);
  const releaseAt = chain.height + 6;
  assert.deepEqual(eventsOf(chain, 'expert.retired'), [{ type: 'expert.retired', expert: user.address, releaseAt }]);
  assert.deepEqual(listExperts(chain.state, 'law'), []);
  assert.equal(chain.state.get(stateKeys.experts('law')) ?? null, null, 'an empty list is no record');
  assert.equal(readReputation(chain.state, user.address, 'law').answers, 0);
  const { status, bond } = readExpert(chain.state, user.address)!;
  assert.deepEqual([status, bond], ['retired', BOND]);
  const { balance } = readAccount(chain.state, user.address);
  nextUntil(chain, releaseAt - 1);
  assert.equal(readSupply(chain.state).bonded, 60n * SYN);
  assert.equal(readAccount(chain.state, user.address).balance, balance);
  chain.next();
  assert.deepEqual(eventsOf(chain, 'expert.released'), [{ type: 'expert.released', expert: user.address, bond: BOND }]);
  assert.equal(readAccount(chain.state, user.address).balance, balance + BOND);
  assert.equal(readSupply(chain.state).bonded, 40n * SYN);
  assert.equal(readExpert(chain.state, user.address), null);
  assert.equal(chain.state.get(stateKeys.releases(releaseAt)) ?? null, null);
  assert.equal(checkSupply(chain.state).ok, true);
});

test('market §1.5: until its bond is released a retired expert does nothing but answer; then it may register anew', () => {
  const chain = withExpert(3);
  assert.deepEqual(chain.codes(retire(chain)), ['OK']);
  const after = [update(chain, {}), pause(chain, true), retire(chain), register(chain)];
  assert.deepEqual(chain.codes(...after), Array(4).fill('EXPERT_RETIRED'));
  nextUntil(chain, 5);
  assert.deepEqual(chain.codes(update(chain, {}), pause(chain, false), retire(chain)), Array(3).fill('EXPERT_UNKNOWN'));
  assert.deepEqual(chain.codes(register(chain, { domain: 'law' })), ['OK']);
  const { registeredAt, status, releaseAt, active } = readExpert(chain.state, user.address)!;
  assert.deepEqual([registeredAt, status, releaseAt, active], [chain.height, 'active', 0, 0]);
});

test('market §1.6: who retires while selected still answers and is paid, keeps no reputation, and its bond waits for the judgement', () => {
  const chain = withExpert(1, { domain: 'law' });
  const id = openFor(chain, 'law');
  assert.deepEqual(chain.codes(retire(chain)), ['OK']);
  chain.next();
  assert.equal(readExpert(chain.state, user.address)?.status, 'retired', 'due, but an open query waits for its answer');
  const balance = readAccount(chain.state, user.address).balance;
  chain.answer(id, [generated('§ 1')]);
  let scored: (typeof chain)['applied'] = null;
  while (scored === null || scored.results.receipts.length === 0) scored = chain.next();
  const [receipt] = scored.results.receipts;
  const paid = receipt!.respondents[0]!.paid;
  assert.ok(paid > 0n);
  assert.deepEqual(eventsOf(chain, 'expert.released').length, 1, 'released in the block that settled it');
  const fees = balance + paid + BOND - readAccount(chain.state, user.address).balance;
  assert.ok(fees > 0n && fees < SYN / 100n, 'all but the fees of commit and reveal came back');
  assert.equal(chain.state.get(stateKeys.reputation(user.address, 'law')) ?? null, null);
  assert.equal(checkSupply(chain.state).ok, true);
});

test('market §1.6: an identity registered anew between commit and reveal inherits nothing', () => {
  const chain = withExpert(1, { domain: 'law' });
  const id = openFor(chain, 'law');
  const commit = chain.commits(id, [generated('§ 1')]);
  assert.deepEqual(chain.codes(...commit), ['OK']);
  // In blocks nobody gets that far: the address is taken until the query has settled.
  assert.deepEqual(chain.codes(retire(chain), register(chain)), ['OK', 'EXPERT_RETIRED']);
  for (let height = 0; height < 5; height++) assert.deepEqual(chain.codes(register(chain)), ['EXPERT_RETIRED']);
  // The rule holds by itself too: the address under a later registration is somebody else.
  const anew = { ...readExpert(chain.state, user.address)!, status: 'active' as const, registeredAt: chain.height };
  const given = new Map([[stateKeys.expert(user.address), encodeExpert(anew)]]);
  chain.state = chain.state.update(given);
  assert.equal(expertBehind(chain.state, chain.query(id).respondents[0]!), null);
  assert.deepEqual(chain.codes(...chain.commits(id, [generated('§ 1')])), ['QUERY_PHASE_WRONG']);
  assert.deepEqual(chain.codes(...chain.reveals(id, [generated('§ 1')])), ['NOT_SELECTED']);
  const before = readReputation(chain.state, user.address, 'law');
  nextUntil(chain, chain.query(id).deadline);
  assert.equal(chain.query(id).phase, 'settled');
  assert.deepEqual(readReputation(chain.state, user.address, 'law'), before, 'nor the silence of the one before');
});

test('market §1.2: nobody is made an operator without its signature over this very expert', () => {
  const chain = new TestChain();
  const [operator, other] = chain.validators;
  const asked = (consent: ReturnType<typeof consentOf> | null) =>
    chain.transaction(user, {
      type: 'expert.register',
      expert: profileOf(operator!.address),
      bond: BOND,
      consent,
    });
  const good = consentOf(operator!, user);
  const bad = [
    null,
    consentOf(operator!, poor),
    consentOf(other!, user),
    consentOf(user, user),
    { ...good, publicKey: other!.publicKey },
    { ...good, signature: good.signature.with(3, good.signature[3]! ^ 1) },
  ];
  assert.deepEqual(chain.codes(...bad.map(asked)), Array(bad.length).fill('OPERATOR_CONSENT_MISSING'));
  assert.deepEqual(chain.codes(asked(good)), ['OK']);
});

test('market §1.2: bonds are recounted through registration, retirement and release', () => {
  const chain = withExpert(2);
  const bonded = () => {
    const count = checkSupply(chain.state);
    assert.equal(count.ok, true);
    return count.bonded;
  };
  assert.equal(bonded(), 40n * SYN + BOND);
  chain.codes(retire(chain));
  assert.equal(bonded(), 40n * SYN + BOND);
  chain.next();
  chain.next();
  assert.equal(bonded(), 40n * SYN);
});

test('market §1.5: whoever retires while selected and then keeps silent leaves no reputation behind', () => {
  const chain = withExpert(400, { domain: 'law' });
  const id = openFor(chain, 'law');
  assert.deepEqual(chain.codes(retire(chain)), ['OK']);
  nextUntil(chain, chain.query(id).deadline);
  assert.equal(chain.query(id).phase, 'settled');
  assert.equal(chain.state.get(stateKeys.reputation(user.address, 'law')) ?? null, null);
});

test('market §1.3: an open query goes on with the model it was opened for', () => {
  const chain = withExpert(6, { domain: 'law' });
  const id = openFor(chain, 'law');
  const other = { ...generated('§ 2'), modelId: OTHER_MODEL };
  assert.deepEqual(chain.codes(...chain.commits(id, [generated('§ 1')])), ['OK']);
  assert.deepEqual(chain.codes(update(chain, { domain: 'law', modelId: OTHER_MODEL })), ['OK']);
  assert.deepEqual(chain.codes(...chain.reveals(id, [other])), ['COMMITMENT_MISMATCH']);
  assert.deepEqual(chain.codes(...chain.reveals(id, [generated('§ 1')])), ['OK']);
  const next = openFor(chain, 'law');
  assert.equal(chain.query(next).respondents[0]?.modelId, OTHER_MODEL);
});

test('market §1.4: with less than the least bond an expert is not taken in again, and may only retire', () => {
  const chain = withExpert();
  assert.deepEqual(chain.codes(pause(chain, true)), ['OK']);
  const own = readExpert(chain.state, user.address)!;
  const cut = { ...own, bond: 10n * SYN - 1n };
  const burnt = BOND - cut.bond;
  const supply = readSupply(chain.state);
  chain.state = chain.state.update(
    new Map([
      [stateKeys.expert(user.address), encodeExpert(cut)],
      [stateKeys.supply, encodeSupply({ ...supply, bonded: supply.bonded - burnt, burnt: supply.burnt + burnt })],
    ]),
  );
  assert.deepEqual(chain.codes(pause(chain, false)), ['BOND_TOO_LOW']);
  assert.deepEqual(chain.codes(retire(chain)), ['OK']);
  nextUntil(chain, chain.height + 6);
  assert.equal(readExpert(chain.state, user.address), null);
  assert.equal(checkSupply(chain.state).ok, true);
});
