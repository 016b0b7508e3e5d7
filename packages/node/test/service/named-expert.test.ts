/** Questions to one expert by name at the node's service (spec: market §16): who answers, and what is refused before anything is signed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, readQuery, readReputation } from '@synod/chain';
import { aliceSeed, Lab } from '../host/lab.ts';
import { runnerOf, serviceOf } from './service-lab.ts';

function served(validators = 4) {
  const lab = new Lab({
    validators,
    worker: { answer: () => 'Somebody.', score: ({ answers }) => answers.map(() => 800_000) },
  });
  const service = serviceOf(lab, { devAccounts: [{ name: 'alice', seed: aliceSeed }] });
  const runUntil = runnerOf(lab, service, 120_000);
  runUntil(() => lab.heightEverywhere() >= 2);
  const { host, operator } = lab.nodes[0]!;
  const experts = service.experts('general');
  const own = experts.find(({ profile }) => profile.operator === operator)!;
  const other = experts.find(({ profile }) => profile.operator !== operator)!;
  return { service, runUntil, lab, host: host!, own, other };
}

test('who is asked by name answers alone, is paid, and gains no reputation', async () => {
  const { service, runUntil, host, other } = served();
  const request = { prompt: 'Who, of all?', expert: other.address };
  const quote = await service.quote(request);
  assert.deepEqual([quote.domain, quote.experts.map(({ expert }) => expert)], ['general', [other.address]]);
  const { queryId } = await service.openQuery(request);
  runUntil(() => service.query(queryId, null)?.status === 'final');
  const { receipt } = service.query(queryId, null)!;
  assert.equal(receipt?.outcome, 'answered');
  assert.deepEqual(
    receipt.respondents.map(({ expert }) => expert),
    [other.address],
  );
  assert.ok(receipt.respondents[0]!.paid > 0n);
  assert.equal(readReputation(host.head.state, other.address, 'general').answers, 0);
  assert.equal(readQuery(host.head.state, queryId)?.contract.expert, other.address);
});

test('what cannot be asked by name is said before anything is signed', async () => {
  const { service, host, own, other } = served();
  const expert = other.address;
  const refused: readonly [object, string, RegExp][] = [
    [{ expert: own.address }, 'EXPERT_UNAVAILABLE', /belongs to the node that you ask.*Nothing was charged/],
    [{ expert: `${expert.slice(0, -1)}q` as Address }, 'EXPERT_UNKNOWN', /synod expert list/],
    [{ expert, domain: 'law' }, 'INVALID_PARAMS', /serves the domain "general", not "law"/],
    [{ expert, respondents: 2 }, 'INVALID_PARAMS', /answers alone/],
  ];
  for (const [asked, code, message] of refused) {
    const request = { prompt: 'Who?', ...asked };
    for (const refusal of [service.quote(request), service.openQuery(request)])
      await assert.rejects(refusal, { code, message });
  }
  assert.equal(host.mempool.size, 0);
});

for (const validators of [2, 3, 4]) {
  test(`of ${validators} validators all but the named expert's own score it, and their scores pay it`, async () => {
    const { service, runUntil, lab, other } = served(validators);
    const { queryId } = await service.openQuery({ prompt: 'Who, of all?', expert: other.address });
    runUntil(() => service.query(queryId, null)?.status === 'final');
    const { receipt } = service.query(queryId, null)!;
    assert.equal(receipt?.outcome, 'answered');
    const others = lab.nodes.map(({ operator }) => operator).filter((one) => one !== other.profile.operator);
    assert.deepEqual(receipt.scores.map(({ validator }) => validator).sort(), others.sort());
    const [{ score, paid }] = receipt.respondents as [(typeof receipt.respondents)[number]];
    assert.equal(score, 800_000);
    assert.ok(paid > 0n);
  });
}

test('the one validator of a network has no expert that it may ask, by name or by domain, and says so', async () => {
  const { service, own } = served(1);
  const named = { prompt: 'Who?', expert: own.address };
  const drawn = { prompt: 'Who?', domain: 'general' };
  for (const refusal of [service.quote(named), service.openQuery(named)])
    await assert.rejects(refusal, { code: 'EXPERT_UNAVAILABLE', message: /node of another operator/ });
  for (const refusal of [service.quote(drawn), service.openQuery(drawn)])
    await assert.rejects(refusal, { code: 'NO_EXPERT', message: /own.* node of another operator/ });
});
