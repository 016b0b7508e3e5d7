/** Feedback on chain: who may give it, when, how much, every refusal, and what is held for it (learning §2.1, §2.3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CHAIN_LIMITS,
  checkSupply,
  type FeedbackGive,
  type Hash,
  listPendingBlobs,
  newLine,
  Overlay,
  privatePromptHash,
  promptHash,
  readAccount,
  readAsked,
  readFeedback,
  readLine,
  readParams,
  sealAnswer,
  settleDeposit,
  sha256,
  toHex,
  writeLine,
  writePendingBlobs,
  ZERO_HASH,
} from '../../src/index.ts';
import { applyFeedbackGive } from '../../src/learning/feedback.ts';
import { settle } from '../market/plays.ts';
import { generated, type Keys, poor, SYN, TestChain, user } from '../test-chain.ts';
import { blobOf, giveOf, plain, ratingOf, settled } from './talk.ts';

const params = { learning: { feedbackWindow: 12 } };
const content = 'c1'.repeat(32) as Hash;

/** The code that the payload would have now, without a block. */
function codeOf(chain: TestChain, give: FeedbackGive, sender: Keys = user, overlay = new Overlay(chain.state)): string {
  const context = { params: readParams(chain.state), height: chain.height + 1, emit: () => undefined };
  return applyFeedbackGive(overlay, give, { ...context, sender: sender.address });
}

test("a settled query's requester corrects it once: the record, the deposit and the event", () => {
  const chain = new TestChain({ params });
  const id = settled(chain);
  const blob = blobOf(id);
  const before = readAccount(chain.state, user.address).balance;
  const { results, events } = chain.next({ transactions: [chain.transaction(user, giveOf(blob))] });
  assert.equal(results.transactions[0]?.code, 'OK');
  const deposit = readParams(chain.state).learning.feedbackDeposit;
  assert.equal(before - readAccount(chain.state, user.address).balance, deposit + results.transactions[0].fee);
  const give = giveOf(blob);
  const common = { domain: 'general', number: 0, queryId: id, author: user.address, rating: 'correct' } as const;
  const asked = promptHash(chain.query(id).contract.prompt);
  const said = { ...common, content: give.content, bytes: give.bytes };
  const { height } = chain;
  const rest = {
    promptHash: asked,
    leaf: give.leaf,
    givenAt: height,
    state: 'pending',
    version: null,
    deposit,
  } as const;
  assert.deepEqual(readFeedback(chain.state, 'general', 0), { ...said, ...rest });
  assert.deepEqual(readLine(chain.state, 'general'), { ...newLine('general'), feedback: 1 });
  assert.equal(readAsked(chain.state, id)?.feedback, 0);
  const owner = { kind: 'feedback', domain: 'general', number: 0 } as const;
  const deadline = height + readParams(chain.state).learning.attestHeights;
  assert.deepEqual(listPendingBlobs(chain.state), [
    { content: give.content, bytes: give.bytes, owner, attested: [], deadline },
  ]);
  assert.deepEqual(
    events.filter(({ type }) => type === 'feedback.given'),
    [{ type: 'feedback.given', ...said }],
  );
  assert.ok(checkSupply(chain.state).ok);
  assert.equal(checkSupply(chain.state).escrowed, deposit);
  assert.deepEqual(chain.codes(chain.transaction(user, giveOf(blobOf(id, plain)))), ['FEEDBACK_TWICE']);
});

test('QUERY_UNKNOWN: no such query, one that has not settled, one without an answer, one past its window', () => {
  const chain = new TestChain({ params });
  assert.equal(codeOf(chain, ratingOf(ZERO_HASH, content)), 'QUERY_UNKNOWN');
  const open = chain.open();
  assert.equal(codeOf(chain, ratingOf(open, content)), 'QUERY_UNKNOWN');
  while (chain.query(open).phase !== 'settled') chain.next();
  assert.equal(codeOf(chain, ratingOf(open, content)), 'QUERY_UNKNOWN', 'settled without an answer');
  const id = settled(chain);
  const settledAt = chain.height;
  assert.deepEqual(readAsked(chain.state, id)?.settledAt, settledAt);
  // SHA-256(SHA-256(tag) ‖ SHA-256(tag) ‖ prompt), reckoned by hand.
  const tag = sha256(new TextEncoder().encode('synod/prompt/1'));
  const prompt = new TextEncoder().encode(chain.query(id).contract.prompt);
  assert.equal(readAsked(chain.state, id)?.promptHash, toHex(sha256(Buffer.concat([tag, tag, prompt]))));
  while (chain.height < settledAt + 11) chain.next();
  assert.equal(codeOf(chain, ratingOf(id, content)), 'OK', 'in the last block of the window');
  chain.next();
  assert.equal(readAsked(chain.state, id), null);
  assert.equal(codeOf(chain, ratingOf(id, content)), 'QUERY_UNKNOWN');
  const left = [...chain.state.entries()].filter(({ key }) => key.startsWith('asked'));
  assert.deepEqual(left, []);
});

test("FEEDBACK_FOREIGN, FEEDBACK_PRIVATE: another's query, and one whose words stay at home", () => {
  const chain = new TestChain({ params });
  const id = settled(chain);
  const stranger = chain.validators[0]!.expert;
  assert.deepEqual(chain.codes(chain.transaction(stranger, ratingOf(id, content))), ['FEEDBACK_FOREIGN']);
  const salt = new Uint8Array(32).fill(7);
  const prompt = 'What ails me?';
  const privacy = { promptHash: privatePromptHash(prompt, salt), promptBytes: prompt.length };
  const hidden = chain.open({ prompt: '', privacy });
  chain.answer(hidden, [sealAnswer(hidden, salt, generated('a cold')), sealAnswer(hidden, salt, generated('a cold'))]);
  settle(chain, hidden);
  assert.equal(readAsked(chain.state, hidden)?.promptHash, ZERO_HASH);
  assert.deepEqual(chain.codes(chain.transaction(user, ratingOf(hidden, content))), ['FEEDBACK_PRIVATE']);
});

test('FEEDBACK_TOO_LONG, FEEDBACK_EMPTY, FEEDBACK_LEAF: what the payload itself shows', () => {
  const chain = new TestChain({ params });
  const id = settled(chain);
  const give = giveOf(blobOf(id));
  const { feedbackBytesMax } = readParams(chain.state).learning;
  assert.equal(codeOf(chain, { ...give, bytes: feedbackBytesMax + 1 }), 'FEEDBACK_TOO_LONG');
  assert.equal(codeOf(chain, { ...give, bytes: feedbackBytesMax }), 'OK');
  assert.equal(codeOf(chain, { ...give, bytes: 0 }), 'FEEDBACK_EMPTY');
  assert.equal(codeOf(chain, { ...give, leaf: ZERO_HASH }), 'FEEDBACK_LEAF');
  for (const rating of ['good', 'bad'] as const) {
    assert.equal(codeOf(chain, { ...give, rating }), 'FEEDBACK_LEAF');
    assert.equal(codeOf(chain, { ...give, rating, leaf: ZERO_HASH }), 'OK');
  }
});

test('FEEDBACK_FULL, LEARNING_FULL: what waits is bounded', () => {
  const chain = new TestChain({ params });
  const id = settled(chain);
  const give = ratingOf(id, content);
  const { waitingFeedbackMax, pendingBlobsMax, learningDomainsMax } = CHAIN_LIMITS;
  const pending = (index: number, domain: string) => ({
    content: index.toString(16).padStart(64, '0') as Hash,
    bytes: 1,
    owner: { kind: 'feedback' as const, domain, number: index },
    attested: [],
    deadline: 1_000,
  });
  const crowded = (waiting: number, coming: number) => {
    const overlay = new Overlay(chain.state);
    writeLine(overlay, { ...newLine('general'), feedback: 2_000, waiting: [...Array(waiting).keys()] });
    writePendingBlobs(
      overlay,
      Array.from({ length: coming }, (_, index) => pending(index, 'general')),
    );
    return codeOf(chain, give, user, overlay);
  };
  assert.equal(crowded(waitingFeedbackMax, 0), 'FEEDBACK_FULL');
  assert.equal(crowded(waitingFeedbackMax - 3, 3), 'FEEDBACK_FULL');
  assert.equal(crowded(waitingFeedbackMax - 3, 2), 'OK');
  const busy = (count: number) => {
    const overlay = new Overlay(chain.state);
    const blobs = Array.from({ length: count }, (_, index) => pending(index, `d${index % 7}`));
    writePendingBlobs(overlay, blobs);
    return codeOf(chain, give, user, overlay);
  };
  assert.equal(busy(pendingBlobsMax), 'FEEDBACK_FULL');
  assert.equal(busy(pendingBlobsMax - 1), 'OK');
  const learning = (domains: number, own: boolean) => {
    const overlay = new Overlay(chain.state);
    for (let index = 0; index < domains; index++) writeLine(overlay, newLine(`d${index}`));
    if (own) writeLine(overlay, newLine('general'));
    return codeOf(chain, give, user, overlay);
  };
  assert.equal(learning(learningDomainsMax, false), 'LEARNING_FULL');
  assert.equal(learning(learningDomainsMax - 1, true), 'OK');
  assert.equal(learning(learningDomainsMax - 1, false), 'OK');
});

test('FEEDBACK_TWICE: a content waits for one record only; the second comes when the first is decided', () => {
  const chain = new TestChain({ params: { learning: { feedbackWindow: 100, attestHeights: 4 } } });
  const [one, two] = [settled(chain), settled(chain)];
  assert.deepEqual(chain.codes(chain.transaction(user, ratingOf(one, content))), ['OK']);
  assert.deepEqual(chain.codes(chain.transaction(user, ratingOf(two, content))), ['FEEDBACK_TWICE']);
  for (let height = 0; height < 4; height++) chain.next();
  assert.deepEqual(chain.codes(chain.transaction(user, ratingOf(two, content))), ['OK']);
});

test('INSUFFICIENT_BALANCE: the deposit must be there, and a failing payload leaves nothing', () => {
  const chain = new TestChain({ params });
  chain.next({ transactions: [chain.transfer(user, poor.address, SYN / 20n)] });
  const id = settled(chain, poor);
  const before = checkSupply(chain.state).escrowed;
  assert.deepEqual(chain.codes(chain.transaction(poor, ratingOf(id, content))), ['INSUFFICIENT_BALANCE']);
  assert.equal(checkSupply(chain.state).escrowed, before);
  assert.equal(readLine(chain.state, 'general'), null);
  assert.equal(readAsked(chain.state, id)?.feedback, null);
});

test('a deposit is settled once: paid back or burnt, and then nothing is held', () => {
  for (const way of ['return', 'burn'] as const) {
    const chain = new TestChain({ params });
    const id = settled(chain);
    assert.deepEqual(chain.codes(chain.transaction(user, ratingOf(id, content))), ['OK']);
    const overlay = new Overlay(chain.state);
    const feedback = readFeedback(overlay, 'general', 0)!;
    const { deposit } = feedback;
    const left = settleDeposit(overlay, feedback, way);
    assert.deepEqual(left, { ...feedback, deposit: 0n });
    assert.deepEqual(settleDeposit(overlay, left, way), left);
    const after = chain.state.update(overlay.writes());
    assert.deepEqual(readFeedback(after, 'general', 0), left);
    assert.ok(checkSupply(after).ok);
    const before = checkSupply(chain.state).supply;
    const { supply } = checkSupply(after);
    assert.equal(before.escrowed - supply.escrowed, deposit);
    assert.equal(supply.burnt - before.burnt, way === 'burn' ? deposit : 0n);
  }
});
