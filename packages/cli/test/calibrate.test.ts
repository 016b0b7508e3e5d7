/** Calibration from a file of gold to opened seals, against production hosts, through crashes at the worst moments. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  decodeTransaction,
  type Hash,
  publicKeyOf,
  readAccuracy,
  readCalibrations,
  readQuery,
  sealHash,
} from '@synod/chain';
import { alice, aliceSeed, operatorOf, operatorSeed } from '../../node/test/host/lab.ts';
import { type CalibrationNews, type CalibratorOptions, calibrate, drawHeights } from '../src/calibration/calibrator.ts';
import { readGoldFile } from '../src/calibration/gold-file.ts';
import { Journal } from '../src/calibration/journal.ts';
import { createNodeClient, type NodeClient } from '../src/rpc/node-client.ts';
import { synod } from './command.ts';
import { serveLab } from './lab-server.ts';

const GOLD = [
  { question: 'What is the capital of France?', gold: ['Paris'] },
  { question: 'What is the capital of Samoa?', gold: ['Apia'] },
];

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'synod-calibrate-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A network whose experts always say Paris and whose judges like it, and a calibrator that can be broken off. */
async function setUp(t: TestContext, { score = 700_000, isAlike = true } = {}) {
  const served = await serveLab(t, {
    staking: { epochHeights: 20 },
    worker: {
      answer: (_, node) => (isAlike ? 'It is Paris.' : `It is Paris, says ${node}.`),
      score: (job) => job.answers.map(() => score),
    },
  });
  const { lab, url, run } = served;
  run(() => lab.heightEverywhere() >= 2);
  const folder = folderOf(t);
  const openJournal = () => new Journal(folder, { genesisHash: `0x${'ab'.repeat(32)}`, operator: operatorOf(0) });
  const node = createNodeClient(url);
  let drawn = 0;
  const calibrateWith = async (overrides: Partial<CalibratorOptions> = {}) => {
    const news: CalibrationNews[] = [];
    const journal = openJournal();
    const options: CalibratorOptions = {
      node,
      journal,
      operator: { name: 'val-0', address: operatorOf(0), seed: operatorSeed(0) },
      payer: { name: 'alice', address: alice, seed: aliceSeed },
      questions: GOLD,
      domain: 'general',
      perEpoch: 1,
      count: 1,
      wait: async () => {
        const { height } = lab.nodes[0]!.head;
        run(() => lab.nodes[0]!.head.height > height);
      },
      randomBytes: (count) => new Uint8Array(count).fill(++drawn),
      randomBelow: () => 0,
      onNews: (one) => news.push(one),
      ...overrides,
    };
    await calibrate(options);
    return { news, journal };
  };
  return { ...served, node, openJournal, calibrateWith, state: () => lab.nodes[0]!.head.state };
}

/** A client that breaks off at a call: before it is made, or when it is through. */
function breaking(node: NodeClient, method: string, when: 'before' | 'after'): NodeClient {
  const call = (async (name: never, params: never) => {
    if (name === method && when === 'before') throw new Error('crash');
    const result = await node.call(name, params);
    if (name === method) throw new Error('crash');
    return result;
  }) as NodeClient['call'];
  return { ...node, call };
}

const idOf = (queryId: string): Hash => queryId.slice(2) as Hash;

test('questions go out sealed, and the gold is opened when the scores stand', async (t) => {
  const { calibrateWith, state, api } = await setUp(t);
  const { news, journal } = await calibrateWith({ count: 2 });
  assert.deepEqual(news.map(({ kind }) => kind).toSorted(), ['asked', 'asked', 'opened', 'opened']);
  assert.deepEqual(
    journal.entries.map(({ phase }) => phase),
    ['opened', 'opened'],
  );
  for (const entry of journal.entries) {
    const query = readQuery(state(), idOf(entry.queryId))!;
    assert.equal(query.calibrator, operatorOf(0));
    assert.equal(query.requester, alice);
    const salt = Buffer.from(entry.salt, 'hex');
    assert.equal(query.contract.seal, sealHash(operatorOf(0), salt, entry.gold));
    const request = { prompt: entry.question, domain: 'general' };
    const terms = { sender: publicKeyOf(aliceSeed), seal: query.contract.seal as Hash };
    const decoded = decodeTransaction(await api.prepareQuery(request, terms));
    const { payload } = decoded.ok ? decoded.value.body : assert.fail();
    const contract = payload.type === 'query.open' ? payload.contract : assert.fail();
    // The price follows the load, which moves from epoch to epoch.
    const { maxFee } = query.contract;
    assert.deepEqual({ ...contract, maxFee }, query.contract, 'just what the node makes for anybody');
  }
  const verdicts = news.flatMap((one) => (one.kind === 'opened' ? [[one.gold[0], one.verdicts]] : []));
  for (const [gold, given] of verdicts as [string, { isRight: boolean; score: string | null }[]][]) {
    assert.ok(given.length > 0);
    for (const { isRight, score } of given) assert.deepEqual([isRight, score], [gold === 'Paris', '0.700']);
  }
  const judged = [1, 2, 3].map((at) => readAccuracy(state(), operatorOf(at)));
  assert.ok(judged.some(({ answers }) => answers > 0));
  assert.equal(readAccuracy(state(), operatorOf(0)).answers, 0, 'nobody calibrates itself');
});

test('gold that the scorers contradict is told as void, and judges nobody', async (t) => {
  const { calibrateWith, state } = await setUp(t, { score: 900_000, isAlike: false });
  const { news, journal } = await calibrateWith({ count: 2 });
  const told = news.flatMap((one) => (one.kind === 'opened' ? [[one.gold[0], one.isVoid]] : []));
  assert.deepEqual(
    new Map(told as [string, boolean][]),
    new Map([
      ['Paris', false],
      ['Apia', true],
    ]),
  );
  for (const { gold, phase, code } of journal.entries)
    assert.deepEqual([phase, code], ['opened', gold[0] === 'Apia' ? 'GOLD_VOID' : null]);
  const judged = [1, 2, 3].map((at) => readAccuracy(state(), operatorOf(at)).answers);
  assert.ok(Math.max(...judged) <= 2, `by the other gold alone: ${judged}`);
  assert.equal(readCalibrations(state(), operatorOf(0)).count > 0, true);
});

test('what breaks off before the question is sent is sent when it runs again', async (t) => {
  const { calibrateWith, node, openJournal, state } = await setUp(t);
  await assert.rejects(calibrateWith({ node: breaking(node, 'query_submit', 'before') }), /crash/);
  const [entry] = openJournal().sealed;
  assert.ok(entry !== undefined, 'the salt is on disk');
  assert.equal(readQuery(state(), idOf(entry.queryId)), null);
  const { news } = await calibrateWith({ count: 0 });
  assert.deepEqual(
    news.map(({ kind, queryId }) => [kind, queryId]),
    [['opened', entry.queryId]],
  );
  assert.equal(readQuery(state(), idOf(entry.queryId))?.calibrator, operatorOf(0));
});

test('what breaks off between the chain taking the gold and the journal is opened once', async (t) => {
  const { calibrateWith, node, openJournal, state } = await setUp(t);
  await assert.rejects(calibrateWith({ node: breaking(node, 'tx_submit', 'after') }), /crash/);
  const [entry] = openJournal().sealed;
  assert.equal(readQuery(state(), idOf(entry!.queryId))?.calibrator, operatorOf(0));
  const { news } = await calibrateWith({ count: 0 });
  assert.deepEqual(
    news.map(({ kind }) => kind),
    ['opened'],
  );
  assert.equal(readCalibrations(state(), operatorOf(0)).count, 1);
  assert.equal(openJournal().sealed.length, 0);
});

test('no question is asked twice', async (t) => {
  const { calibrateWith } = await setUp(t);
  await assert.rejects(calibrateWith({ count: 3, perEpoch: 3 }), /All 2 questions were asked before/);
});

test('moments are drawn over the rest of the epoch', () => {
  const draws = [9, 0, 4];
  assert.deepEqual(
    drawHeights({ from: 50, to: 60, count: 3 }, (bound) => {
      assert.equal(bound, 10);
      return draws.shift()!;
    }),
    [50, 54, 59],
  );
  assert.deepEqual(
    drawHeights({ from: 60, to: 60, count: 1 }, () => 0),
    [60],
  );
});

test('files of gold: further fields are ignored, questions without an answer left out, nonsense named by its line', (t) => {
  const file = join(folderOf(t), 'gold.jsonl');
  const write = (...lines: string[]) => writeFileSync(file, lines.join('\n'));
  write('{"question": "Q?", "gold": ["A"], "id": 7}', '', '{"question": "Unanswerable?", "gold": []}');
  assert.deepEqual(readGoldFile(file), [{ question: 'Q?', gold: ['A'] }]);
  for (const bad of ['{"question": "Q?", "gold": ["!?"]}', '{"question": "Q?"}', 'Q? A']) {
    write('{"question": "Q?", "gold": ["A"]}', bad);
    assert.throws(() => readGoldFile(file), /line 2/);
  }
  assert.throws(() => readGoldFile(join(file, 'none')), /cannot be read/);
});

test('the command wants gold, and numbers that make sense', async () => {
  assert.equal((await synod(['calibrate'])).code, 2);
  assert.equal((await synod(['calibrate', '--gold', 'x', '--per-epoch', '0'])).code, 2);
  const missing = await synod(['calibrate', '--gold', 'none.jsonl', '--key-file', 'none.json']);
  assert.notEqual(missing.code, 0);
});
