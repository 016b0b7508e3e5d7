/** Every method against its own result schema, and the bad inputs of each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  blockId,
  decodeHeader,
  decodeLightBlock,
  encodeTransaction,
  fromHex,
  receiptProofFromJson,
  toHex,
  transactionId,
  verifyStateProof,
} from '@synod/chain';
import { readStateProof } from '../../src/json/proofs.ts';
import { allMethods, findMethod } from '../../src/methods/registry.ts';
import { type Served, serve } from '../fixture/serve.ts';
import {
  addressOfName,
  blocks,
  hashOfName,
  lightBlockAt,
  signedTransaction,
  state,
  transactions,
  validatorViews,
} from '../fixture/small-chain.ts';

const alice = addressOfName('alice');
const raw = `0x${toHex(encodeTransaction(transactions[0]!))}`;

/** Calls a method and checks its result against the schema that documents it. */
async function call({ rpc }: Served, name: string, params?: unknown) {
  const { result, error } = await rpc(name, params);
  assert.equal(error, undefined, `${name}: ${JSON.stringify(error)}`);
  findMethod(name)!.result.parse(result);
  return result;
}

/** Their optional parameters are alternatives, of which one must be given. */
const needingOne = ['feedback_get', 'model_history', 'model_lineage'];

test('every reading method without required parameters answers by its schema', async (t) => {
  const served = await serve(t);
  const plain = allMethods
    .filter(({ params, access }) => access === 'read' && params.safeParse({}).success)
    .filter(({ name }) => !needingOne.includes(name) && !name.startsWith('dev_'));
  assert.ok(plain.length >= 14, String(plain.length));
  for (const { name } of plain) await call(served, name);
});

test('blocks are found by height, hash and tag, by name and by position', async (t) => {
  const served = await serve(t);
  const block = await call(served, 'chain_getBlock', { height: '2' });
  assert.equal(block.transactions.length, 5);
  assert.equal(block.transactions[0].payload.amount, '1500000000');
  assert.equal(block.transactions[0].sender, alice);
  assert.equal(block.time, '1800000001000');
  assert.equal(block.lastCommit.height, '1');
  for (const params of [
    { height: 2 },
    { hash: block.hash },
    { hash: block.hash.slice(2).toUpperCase() },
    [2],
    ['2'],
    [block.hash],
  ]) {
    assert.deepEqual(await call(served, 'chain_getBlock', params), block);
  }
  assert.equal((await call(served, 'chain_getBlock', ['earliest'])).lastCommit, null);
  assert.equal((await call(served, 'chain_getBlock', { tag: 'latest' })).height, '3');
  assert.equal((await served.rpc('chain_getBlock', { height: 1, tag: 'latest' })).error.code, -32602);
  assert.equal((await served.rpc('chain_getBlock', [1, 2, 3, 4])).error.code, -32602);
  assert.equal((await served.rpc('chain_getBlock', { height: -1 })).error.code, -32602);
  assert.equal((await served.rpc('chain_getBlock', { height: 1.5 })).error.code, -32602);
});

test('pruned, future and unknown are told apart', async (t) => {
  const served = await serve(t);
  served.node.oldestHeight = 2;
  const reason = async (method: string, params: object) => {
    const { error } = await served.rpc(method, params);
    return [error.code, error.data.reason];
  };
  assert.deepEqual(await reason('chain_getBlock', { height: 1 }), [-32001, 'pruned']);
  assert.deepEqual(await reason('chain_getBlock', { height: 99 }), [-32001, 'future']);
  assert.deepEqual(await reason('chain_getBlock', { height: 0 }), [-32001, 'unknown']);
  assert.deepEqual(await reason('chain_getBlock', { hash: hashOfName('x') }), [-32001, 'unknown']);
  assert.deepEqual(await reason('chain_getCommit', { height: 1 }), [-32001, 'pruned']);
  assert.deepEqual(await reason('state_getProof', { key: 'head', height: 99 }), [-32001, 'future']);
  assert.deepEqual(await reason('query_get', { queryId: hashOfName('x') }), [-32001, 'unknown']);
  assert.deepEqual(await reason('tx_get', { id: hashOfName('x') }), [-32001, 'unknown']);
});

test('pages of blocks and lists go on where they ended', async (t) => {
  const served = await serve(t);
  const first = await call(served, 'chain_getBlocks', { from: 1, limit: 2 });
  assert.deepEqual([first.items.length, first.nextCursor], [2, '3']);
  assert.deepEqual((await call(served, 'chain_getBlocks', { from: first.nextCursor, limit: 2 })).nextCursor, null);
  const seen: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await call(served, 'staking_validators', { limit: 3, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.items.map(({ operator }: { operator: string }) => operator));
    cursor = page.nextCursor;
  }
  assert.equal(new Set(seen).size, 4);
  assert.equal(seen.length, 4);
  assert.equal((await served.rpc('staking_validators', { cursor: 'bogus' })).error.code, -32602);
  assert.equal((await served.rpc('staking_validators', { limit: 101 })).error.code, -32602);
});

test('accounts and proofs', async (t) => {
  const served = await serve(t);
  assert.deepEqual(await call(served, 'state_getAccount', [alice]), {
    address: alice,
    balance: '10000000000000',
    exists: true,
  });
  assert.equal((await call(served, 'state_getAccount', { address: addressOfName('nobody') })).exists, false);
  const proved = await call(served, 'state_getProof', { key: `account/${alice}` });
  const bare = (hex: string) => hex.slice(2) as never;
  const verified = verifyStateProof({
    root: state.root,
    key: proved.key,
    proof: {
      siblings: proved.proof.siblings.map(bare),
      leaf: { keyHash: bare(proved.proof.leaf.keyHash), valueHash: bare(proved.proof.leaf.valueHash) },
      value: bare(proved.proof.value),
    },
  });
  assert.ok(verified.ok);
  assert.equal((await call(served, 'state_getProof', { key: 'account/none' })).value, null);
});

test('light blocks and headers are what their canonical bytes say, in pages', async (t) => {
  const served = await serve(t);
  const light = await call(served, 'chain_getLightBlock', { height: 2 });
  const decoded = decodeLightBlock(fromHex(light.lightBlock.slice(2)));
  assert.deepEqual(decoded, { ok: true, value: lightBlockAt(2) });
  assert.equal(light.hash, `0x${blockId(lightBlockAt(2)!.header)}`);
  assert.equal((await call(served, 'chain_getLightBlock')).height, '3');
  assert.equal((await served.rpc('chain_getLightBlock', { height: 9 })).error.data.reason, 'future');
  const first = await call(served, 'chain_getHeaders', { from: 1, limit: 2 });
  const rest = await call(served, 'chain_getHeaders', { from: first.nextCursor });
  assert.equal(rest.nextCursor, null);
  const headers = [...first.items, ...rest.items].map((hex: string) => decodeHeader(fromHex(hex.slice(2))));
  assert.deepEqual(
    headers,
    blocks.map(({ header }) => ({ ok: true, value: header })),
  );
  assert.equal((await served.rpc('chain_getHeaders', { from: 4 })).error.data.reason, 'future');
});

test('a receipt comes as the file that proves it, and a state proof is read back as it was written', async (t) => {
  const served = await serve(t);
  const { queryId } = await call(served, 'query_submit', { prompt: 'hi', from: 'alice' });
  const file = await call(served, 'query_getReceipt', { queryId });
  const read = receiptProofFromJson(file);
  assert.ok(read.ok);
  assert.equal(`0x${read.value.receipt.queryId}`, queryId);
  assert.equal((await served.rpc('query_getReceipt', { queryId: hashOfName('x') })).error.data.reason, 'unknown');
  const key = `account/${alice}`;
  const proven = readStateProof(await call(served, 'state_getProof', { key, height: 1 }));
  assert.ok(proven.ok);
  assert.deepEqual(proven.value.block, lightBlockAt(2));
  assert.deepEqual(proven.value.trail.above, [blocks[2]!.header]);
  assert.deepEqual(proven.value.value, state.get(key));
  const envelope = await served.get(`/rpc/state_getProof?key=${key}&height=1`);
  assert.deepEqual(readStateProof(envelope.json), proven);
  const { value: _value, ...lacking } = envelope.json.result;
  assert.deepEqual(readStateProof(lacking).ok, false);
  const other = readStateProof({ ...envelope.json.result, value: null });
  assert.match(other.ok ? '' : other.reason, /value differs|value: differs/);
});

test('a validator tells its stake, how it stands, why and what to do', async (t) => {
  const served = await serve(t);
  const jailed = validatorViews.find(({ pool }) => pool.status === 'jailed')!;
  const told = await call(served, 'staking_validator', { address: jailed.operator });
  assert.deepEqual(
    [told.status, told.standing, told.power, told.jailedAt, told.nextAction, told.nextActionHeight],
    ['jailed', 'jailed', '0', '2', 'wait', '1002'],
  );
  assert.deepEqual([told.tokens, told.selfBond, told.commission], ['1000000000000', '1000000000000', '0.050']);
  assert.equal((await served.rpc('staking_validator', { address: alice })).error.data.reason, 'unknown');
  assert.equal((await served.rpc('staking_validator', {})).error.code, -32602);
});

test('delegations and what leaves come in pages; entries that mature together are all told', async (t) => {
  const served = await serve(t);
  const { items } = await call(served, 'staking_delegations', { address: alice });
  assert.deepEqual([items.length, items[0].shares, items[0].amount], [4, '7', '6']);
  const first = await call(served, 'staking_unbonding', { address: alice, limit: 1 });
  const rest = await call(served, 'staking_unbonding', { address: alice, cursor: first.nextCursor });
  const amounts = [...first.items, ...rest.items].map(({ amount }: { amount: string }) => amount);
  assert.deepEqual([amounts, rest.nextCursor], [['5', '6', '7'], null]);
  assert.equal(rest.items[1].to, addressOfName('val-2'));
  const params = await call(served, 'staking_params');
  assert.deepEqual([params.epochEnd, params.head], ['60', '3']);
});

test('evidence is accepted or refused as a result, and never over a GET', async (t) => {
  const served = await serve(t);
  const taken = await call(served, 'chain_submitEvidence', { evidence: '0x0102' });
  assert.deepEqual([taken.status, taken.validators, taken.height], ['accepted', [addressOfName('val-0')], '2']);
  const refused = await call(served, 'chain_submitEvidence', { evidence: '0x01' });
  assert.deepEqual([refused.status, refused.code, refused.hint], ['refused', 'MALFORMED', 'Encode it.']);
  assert.equal((await served.rpc('chain_submitEvidence', { evidence: 'xyz' })).error.code, -32602);
  assert.equal((await served.get('/rpc/chain_submitEvidence?evidence=0x01')).status, 405);
});

test('parameters, proposals and what the chain would say to changes are told', async (t) => {
  const served = await serve(t);
  const { items } = await call(served, 'params_list');
  assert.deepEqual(items[1], {
    name: 'voting.quorum',
    value: '400000',
    least: '100000',
    most: '666666',
    isSafety: true,
    kind: 'part',
  });
  const first = await call(served, 'params_proposals', { limit: 1 });
  const rest = await call(served, 'params_proposals', { cursor: first.nextCursor });
  assert.deepEqual([rest.items.length, rest.nextCursor], [1, null]);
  const proposal = `0x${hashOfName('proposal 1')}`;
  const told = await call(served, 'params_proposal', { proposal });
  assert.deepEqual(told, rest.items[0]);
  assert.deepEqual([told.turnout, told.outcomeNow, told.actsAt], ['0.600', 'passed', '121']);
  assert.equal(
    (await served.rpc('params_proposal', { proposal: `0x${'00'.repeat(32)}` })).error.data.reason,
    'unknown',
  );
  const check = (name: string, value: string) => served.rpc('params_check', { changes: [{ name, value }] });
  assert.equal((await check('windowMax', '600')).result.ok, true);
  assert.match((await check('windowMax', '600000')).result.problem, /out of its range/);
  assert.match((await check('windowMin', '1')).error.data.hint, /Did you mean windowMax/);
});

test('bad addresses get a hint', async (t) => {
  const { rpc } = await serve(t);
  const hex = await rpc('state_getAccount', { address: `0x${'ab'.repeat(20)}` });
  assert.equal(hex.error.code, -32602);
  assert.equal(hex.error.data.name, 'ADDRESS_INVALID');
  assert.match(hex.error.data.hint, /syn1/);
  const typo = await rpc('state_getAccount', { address: `${alice.slice(0, -1)}${alice.endsWith('q') ? 'p' : 'q'}` });
  assert.match(typo.error.data.hint, /checksum/);
  assert.equal((await rpc('state_getAccount', { address: 5 })).error.code, -32602);
});

test('submitting: pending is a result, a rejection is an error with the hash', async (t) => {
  const served = await serve(t);
  const id = `0x${transactionId(transactions[0]!.body)}`;
  assert.deepEqual(await call(served, 'tx_submit', { raw }), {
    id,
    status: 'pending',
    code: 'OK',
    hint: null,
    height: null,
  });
  assert.equal((await call(served, 'tx_submit', { raw: raw.slice(2), waitFor: 'block', timeoutMs: 100 })).height, '3');
  const poor = signedTransaction('alice', { type: 'transfer', to: alice, amount: 1n }, 'poor');
  const { error } = await served.rpc('tx_submit', {
    raw: toHex(encodeTransaction({ ...poor, body: { ...poor.body, tip: 0n } })),
  });
  assert.equal(error.code, -32003);
  assert.equal(error.data.name, 'INSUFFICIENT_BALANCE');
  assert.match(error.data.txHash, /^0x[0-9a-f]{64}$/);
  assert.match(error.data.hint, /Pay/);
  assert.equal((await served.rpc('tx_submit', { raw: '0x00' })).error.code, -32000);
  assert.equal((await served.rpc('tx_submit', { raw: '0xabc' })).error.code, -32602);
  assert.equal((await served.rpc('tx_submit', { raw, waitFor: 'soon' })).error.code, -32602);
  assert.equal((await call(served, 'tx_get', { id })).result.fee, '1200');
});

test('a query from prompt to receipt has everything people ask of it', async (t) => {
  const served = await serve(t);
  const quote = await call(served, 'query_quote', { prompt: 'hi' });
  assert.deepEqual(quote.routing, { by: 'router', probability: '0.930', difficulty: '0.040', note: null });
  const { queryId } = await call(served, 'query_submit', {
    prompt: 'What is the capital of France?',
    maxCost: '0.01 SYN',
    from: 'alice',
  });
  assert.equal(served.node.opened[0]?.maxCost, 10_000_000n);
  const query = await call(served, 'query_get', { queryId });
  assert.equal(query.status, 'final');
  assert.equal(query.answer, 'The capital of France is Paris.');
  assert.equal(query.cost, '1800001');
  assert.equal(query.prompt, 'What is the capital of France?');
  assert.deepEqual(query.respondents[0], {
    expert: addressOfName('expert-0'),
    name: 'general-0',
    model: 'smollm2-135m-instruct',
    version: 0,
    score: '0.873',
    paid: '900000',
    verdict: null,
    slashed: '0',
    tokens: 3,
    answer: 'The capital of France is Paris.',
    grounding: 'generated',
  });
  assert.deepEqual(query.scores[1], {
    validator: addressOfName('val-2'),
    respondent: addressOfName('expert-1'),
    score: '0.4125',
  });
  assert.deepEqual(
    query.bill.map(({ kind, amount }: { kind: string; amount: string }) => [kind, amount]),
    [
      ['respondent', '900000'],
      ['respondent', '900001'],
    ],
  );
  assert.deepEqual(query.candidates[0], { expert: addressOfName('expert-0'), weight: '3000' });
  assert.equal(query.round, 1);
  assert.equal(query.consolidated.segments[0].text, query.answer);
  assert.deepEqual([query.receipt.height, query.receipt.finalized], ['3', true]);
  assert.match((await call(served, 'query_submit', { raw })).queryId, /^0x/);
});

test('a private question gives a key once, and only with it are texts shown', async (t) => {
  const served = await serve(t);
  const { queryId, readKey } = await call(served, 'query_submit', { prompt: 'What ails me?', privacy: 'private' });
  assert.match(readKey, /^0x[0-9a-f]{64}$/);
  assert.equal(served.node.opened[0]?.privacy, 'private');
  const sealed = await call(served, 'query_get', { queryId });
  assert.deepEqual([sealed.isPrivate, sealed.isSealed, sealed.prompt, sealed.answer], [true, true, null, null]);
  const opened = await call(served, 'query_get', { queryId, readKey });
  assert.deepEqual([opened.isSealed, opened.prompt], [false, 'What ails me?']);
  const kept = await call(served, 'query_getDisclosure', { queryId, readKey });
  assert.deepEqual(kept, { prompt: 'What ails me?', salt: `0x${'03'.repeat(32)}`, answers: [] });
  const wrong = await served.rpc('query_getDisclosure', { queryId, readKey: queryId });
  assert.equal(wrong.error.code, 3210);
  assert.equal((await call(served, 'query_submit', { prompt: 'hi' })).readKey, null);
  const salt = `0x${'05'.repeat(32)}`;
  assert.match((await call(served, 'query_submit', { raw, prompt: 'What ails me?', salt })).readKey, /^0x/);
  for (const bad of [
    { raw, salt },
    { raw, prompt: 'hi' },
    { prompt: 'hi', salt },
  ]) {
    assert.equal((await served.rpc('query_submit', bad)).error.data.name, 'INVALID_PARAMS', JSON.stringify(bad));
  }
});

test('an answer tells what of it is quoted, from where, and what a model wrote', async (t) => {
  const served = await serve(t);
  const ask = async (text: string) => {
    served.node.answers = { texts: [text, 'It is Lyon.'], best: 0 };
    const { queryId } = await call(served, 'query_submit', { prompt: 'What is the capital of France?' });
    return await call(served, 'query_get', { queryId });
  };
  const quote = { kind: 'quote', text: 'It is Paris.', source: 'World Factbook (public domain)', passage: 123 };
  const mixed = await ask('Paris.\nIt is Paris.');
  assert.deepEqual([mixed.answer, mixed.grounding, mixed.confidence], ['Paris.\nIt is Paris.', 'mixed', '0.873']);
  assert.deepEqual(mixed.segments, [{ kind: 'generated', text: 'Paris.\n', tokens: 3 }, quote]);
  const groundings = mixed.respondents.map(({ grounding }: { grounding: string }) => grounding);
  assert.deepEqual(groundings, ['mixed', 'generated']);
  const quoted = await ask('\nIt is Paris.');
  assert.deepEqual([quoted.grounding, quoted.segments], ['quoted', [quote]]);
  const refused = await ask("I don't know: nothing here says so.");
  assert.deepEqual([refused.grounding, refused.segments.length], ['refused', 1]);
  assert.equal((await ask('It is Paris.')).grounding, 'generated');
});

test('the card of an expert has its terms, its standing and what the node knows of it', async (t) => {
  const served = await serve(t);
  const expert = addressOfName('expert-0');
  const card = await call(served, 'expert_get', { expert });
  assert.deepEqual(
    [card.name, card.domain, card.reputation.mean, card.reputation.answers],
    ['general-0', 'general', '0.750', 7],
  );
  assert.equal(card.knowledge.sources[0].licence, 'public domain');
  assert.deepEqual([card.model.parameters, card.model.backend, card.adapter.steps], [134_515_008, 'cpu', 800]);
  const { object, ...same } = (await served.get(`/v1/experts/${expert}/card`)).json;
  assert.deepEqual([object, same], ['synod.expert', card]);
  const { error } = await served.rpc('expert_get', { expert: addressOfName('nobody') });
  assert.equal(error.code, -32001);
  assert.equal((await served.get(`/v1/experts/${addressOfName('nobody')}/card`)).status, 404);
  assert.equal((await served.get('/v1/experts/me/card')).status, 400);
});

test('a selection is explained with every factor that is still known', async (t) => {
  const served = await serve(t);
  const { queryId } = await call(served, 'query_submit', { prompt: 'hi', from: 'alice' });
  const told = await call(served, 'query_explainSelection', { queryId });
  assert.deepEqual([told.queryId, told.seed], [queryId, `0x${hashOfName('seed')}`]);
  const [first, second] = told.candidates;
  assert.deepEqual([first.name, first.weight, first.share, second.share], ['general-0', '3000', '0.750', '0.250']);
  assert.deepEqual(first.factors, {
    mean: '0.750',
    deviation: '0.193649',
    quality: '0.943649',
    load: '0.500',
    price: '0.250',
    alone: '3000',
    siblings: 1,
  });
  assert.equal(second.factors, null);
  assert.deepEqual(told.excluded, [{ expert: addressOfName('expert of nobody'), name: null, reason: 'breaker' }]);
  assert.deepEqual(told.draws, [{ expert: second.expert, name: second.name, drawn: '3500', total: '4000' }]);
  const future = await call(served, 'query_candidates', { domain: 'general', prompt: 'hi' });
  assert.deepEqual([future.queryId, future.seed, future.draws], [null, null, []]);
  const unknown = await served.rpc('query_explainSelection', { queryId: hashOfName('x') });
  assert.equal(unknown.error.data.reason, 'unknown');
  assert.equal((await served.rpc('query_candidates', { domain: 'No Such' })).error.code, -32602);
});

test('a reputation is explained with its formula, in the expert’s own domain unless another is named', async (t) => {
  const served = await serve(t);
  const expert = addressOfName('expert-0');
  const told = await call(served, 'reputation_explain', { expert });
  assert.deepEqual(
    [told.domain, told.answers, told.mean, told.deviation, told.remains, told.idleSpells],
    ['general', 7, '0.737187', '0.200806', '0.9025', '2'],
  );
  assert.deepEqual([told.stored.alpha, told.now.alpha], ['3000000', '2805000']);
  assert.match(told.formula, /α/);
  const nobody = await served.rpc('reputation_explain', { expert: addressOfName('nobody') });
  assert.equal(nobody.error.data.reason, 'unknown');
});

test('bad queries are refused by name, and nothing is opened', async (t) => {
  const { rpc, node } = await serve(t);
  const named = async (params: object) => {
    const { error } = await rpc('query_submit', params);
    return [error.code, error.data.name];
  };
  assert.deepEqual(await named({ prompt: '' }), [3201, 'PROMPT_EMPTY']);
  assert.deepEqual(await named({ prompt: ' \n' }), [3201, 'PROMPT_EMPTY']);
  assert.deepEqual(await named({ prompt: 'é'.repeat(4_097) }), [3202, 'PROMPT_TOO_LONG']);
  assert.deepEqual(await named({ prompt: 'half a pair: \ud800' }), [3203, 'PROMPT_NOT_TEXT']);
  assert.deepEqual(await named({ prompt: 'hi', maxCost: '1' }), [3204, 'MAX_COST_TOO_LOW']);
  assert.deepEqual(await named({ prompt: 'hi', maxCost: '1.5' }), [-32602, 'INVALID_PARAMS']);
  assert.deepEqual(await named({ prompt: 'hi', maxCost: String(2n ** 64n) }), [-32602, 'INVALID_PARAMS']);
  assert.deepEqual(await named({ prompt: 'hi', from: 'mallory' }), [3002, 'ACCOUNT_UNKNOWN']);
  assert.deepEqual(await named({ prompt: 'hi', raw }), [-32602, 'INVALID_PARAMS']);
  assert.deepEqual(await named({}), [-32602, 'INVALID_PARAMS']);
  assert.deepEqual(await named({ prompt: 'hi', domain: 'No Such' }), [-32602, 'INVALID_PARAMS']);
  node.aliceBalance = 0n;
  assert.deepEqual(await named({ prompt: 'hi' }), [3001, 'INSUFFICIENT_BALANCE']);
  assert.equal(node.opened.length, 0);
});

test('reputation and experts', async (t) => {
  const served = await serve(t);
  const reputation = await call(served, 'reputation_get', { subject: addressOfName('expert-0') });
  assert.deepEqual(reputation.items[0].mean, '0.750');
  assert.equal((await call(served, 'expert_list', { domain: 'general' })).items.length, 2);
  assert.equal((await call(served, 'expert_list', { domain: 'law' })).items.length, 0);
});
