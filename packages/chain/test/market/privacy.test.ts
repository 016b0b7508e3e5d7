/** Private queries on chain (spec: privacy §2, §4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Answer,
  answerHash,
  checkSupply,
  committeeKeys,
  contractProblem,
  type Hash,
  privatePromptHash,
  type QueryContract,
  type QueryDisclose,
  readExpert,
  readParams,
  readValidatorRecord,
  sealAnswer,
} from '../../src/index.ts';
import { generated, type Keys, keysOf, SYN, TestChain, user } from '../test-chain.ts';

const PROMPT = 'What ails me?';
const salt = new Uint8Array(32).fill(7);
const privacy = { promptHash: privatePromptHash(PROMPT, salt), promptBytes: PROMPT.length };

/** A private query whose answers wait for scores. */
function answered(answers: readonly Answer[] = [generated('a cold'), generated('the flu')]) {
  const chain = new TestChain();
  const id = chain.open({ prompt: '', privacy });
  chain.answer(
    id,
    answers.map((answer) => sealAnswer(id, salt, answer)),
  );
  return { chain, id };
}

function disclose(chain: TestChain, id: Hash, change: Partial<QueryDisclose> = {}, sender: Keys = user): string {
  const payload = { type: 'query.disclose', queryId: id, prompt: PROMPT, salt, answers: [], ...change } as const;
  return chain.codes(chain.transaction(sender, payload))[0]!;
}

test('privacy §2: a contract has a prompt or stands for one, never both and never neither', () => {
  const chain = new TestChain();
  const refused = (contract: Partial<QueryContract>) =>
    contractProblem(chain.contract(contract), readParams(chain.state));
  assert.deepEqual(refused({ privacy }), 'privacy');
  assert.deepEqual(refused({ prompt: '' }), 'prompt');
  assert.deepEqual(refused({ prompt: '', privacy: { ...privacy, promptBytes: 0 } }), 'privacy');
  assert.deepEqual(refused({ prompt: '', privacy: { ...privacy, promptBytes: 10_000 } }), 'privacy');
  assert.deepEqual(refused({ prompt: '', privacy }), null);
});

test('privacy §2: equal texts form a group, other evidence or not, and no text reaches the chain', () => {
  const twice = generated('a cold');
  const { chain, id } = answered([twice, { ...twice, answerTokens: twice.answerTokens + 1 }]);
  assert.equal(chain.query(id).groups.length, 1);
  assert.deepEqual(chain.query(id).groups[0]!.members, [0, 1]);
  for (const { value } of chain.state.entries()) assert.equal(Buffer.from(value).includes('a cold'), false);
  const other = answered();
  assert.equal(other.chain.query(other.id).groups.length, 2);
});

test('privacy §2: bytes are metered as stated, and an answer stands for one of its bounds', () => {
  const { chain, id } = answered();
  assert.deepEqual(
    chain.query(id).respondents.map(({ generatedBytes }) => generatedBytes),
    ['a cold'.length, 'the flu'.length],
  );
  const opened = new TestChain();
  const second = opened.open({ prompt: '', privacy });
  const sealed = sealAnswer(second, salt, generated('a cold'));
  const [segment] = sealed.segments;
  assert.ok(segment?.kind === 'sealed');
  const revealed = (answer: Answer) => {
    const trial = new TestChain();
    const trialId = trial.open({ prompt: '', privacy });
    trial.next({ transactions: trial.commits(trialId, [answer, answer]) });
    return trial.codes(trial.reveals(trialId, [answer, null])[0]!);
  };
  assert.deepEqual(revealed(generated('a cold')), ['ANSWER_NOT_SEALED']);
  assert.deepEqual(revealed({ ...sealed, segments: [segment, segment] }), ['ANSWER_NOT_SEALED']);
  assert.deepEqual(revealed({ ...sealed, segments: [{ ...segment, generatedBytes: 0 }] }), ['ANSWER_EMPTY']);
  assert.deepEqual(revealed({ ...sealed, segments: [{ ...segment, quotedBytes: 1e6 }] }), ['ANSWER_TOO_LARGE']);
  assert.deepEqual(revealed({ ...sealed, modelId: 'ee'.repeat(32) as Hash }), ['ANSWER_MODEL_MISMATCH']);
  assert.deepEqual(revealed(sealed), ['OK']);
});

test('privacy §2: a public query takes no sealed answer', () => {
  const chain = new TestChain();
  const id = chain.open();
  const sealed = sealAnswer(id, salt, generated('a cold'));
  chain.next({ transactions: chain.commits(id, [sealed, sealed]) });
  assert.deepEqual(chain.codes(chain.reveals(id, [sealed, null])[0]!), ['ANSWER_SEALED']);
});

test('privacy §1: the same words of two queries are different hashes', () => {
  const answer = generated('a cold');
  const one = sealAnswer('aa'.repeat(32) as Hash, salt, answer);
  const two = sealAnswer('bb'.repeat(32) as Hash, salt, answer);
  assert.notEqual(answerHash(one), answerHash(two));
  assert.notEqual(privatePromptHash(PROMPT, salt), privatePromptHash(PROMPT, new Uint8Array(32)));
});

test('privacy §3: the committee is the respondents, the scorers and the coordinator, each key once', () => {
  const { chain, id } = answered();
  const { validators } = readValidatorRecord(chain.state);
  const query = chain.query(id);
  const keys = committeeKeys(query, { expertOf: (address) => readExpert(chain.state, address), validators });
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(keys.length, query.respondents.length + validators.length);
  for (const { expert } of query.respondents) assert.ok(keys.includes(chain.expertKeys(expert).publicKey));
});

test('privacy §4: what is disclosed must be what was hashed, by one of the parties, once', () => {
  const { chain, id } = answered();
  const answers = [{ respondent: 0, answer: generated('a cold') }];
  assert.equal(disclose(chain, 'cc'.repeat(32) as Hash), 'QUERY_UNKNOWN');
  const stranger = keysOf('nobody of this query');
  chain.next({ transactions: [chain.transfer(user, stranger.address, 2n * SYN)] });
  assert.equal(disclose(chain, id, { answers }, stranger), 'NOT_OF_COMMITTEE');
  assert.equal(disclose(chain, id, { answers, prompt: 'What?' }), 'DISCLOSURE_MISMATCH');
  assert.equal(disclose(chain, id, { answers, salt: new Uint8Array(32) }), 'DISCLOSURE_MISMATCH');
  assert.equal(
    disclose(chain, id, { answers: [{ respondent: 1, answer: generated('a cold') }] }),
    'DISCLOSURE_MISMATCH',
  );
  assert.equal(
    disclose(chain, id, { answers: [{ respondent: 9, answer: generated('a cold') }] }),
    'DISCLOSURE_MISMATCH',
  );
  assert.equal(disclose(chain, id, { answers }), 'OK');
  assert.equal(disclose(chain, id, { answers }), 'ALREADY_DISCLOSED');
  const open = chain.open();
  assert.equal(disclose(chain, open, { answers }), 'QUERY_NOT_PRIVATE');
});

test('privacy §4: an answer that the public rules refuse costs its author a part of its bond, and only once', () => {
  const forged: Answer = {
    ...generated('a cold'),
    segments: [{ kind: 'generated', text: 'a cold', tokens: [], logProbabilities: [] }],
  };
  const { chain, id } = answered([forged, generated('the flu')]);
  const [guilty, honest] = chain.query(id).respondents;
  const bondOf = (address: typeof guilty) => readExpert(chain.state, address!.expert)!.bond;
  const answers = [
    { respondent: 0, answer: forged },
    { respondent: 1, answer: generated('the flu') },
  ];
  const before = bondOf(guilty);
  const { events } = chain.next({
    transactions: [chain.transaction(user, { type: 'query.disclose', queryId: id, prompt: PROMPT, salt, answers })],
  });
  assert.equal(bondOf(guilty), before - before / 20n);
  assert.equal(bondOf(honest), before);
  // 9.5 SYN are less than the least bond.
  assert.equal(readExpert(chain.state, guilty!.expert)!.status, 'paused');
  const told = events.flatMap((event) => (event.type === 'query.disclosed' ? [event.problem] : []));
  assert.deepEqual(told, ['ANSWER_LOG_PROBABILITIES_MISSING', null]);
  assert.equal(disclose(chain, id, { answers }), 'ALREADY_DISCLOSED');
  assert.equal(checkSupply(chain.state).ok, true);
});
