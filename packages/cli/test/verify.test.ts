/** `synod verify`, `synod checkpoint`: what holds is shown, what does not is named, and each outcome has its exit code. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  blockId,
  decodeLightBlock,
  encodeLightBlock,
  encodeReceipt,
  fromHex,
  type LightBlock,
  type ReceiptProofJson,
  toHex,
} from '@synod/chain';
import { requireConsistent } from '../src/commands/verify-receipt.ts';
import { type Ended, synod } from './command.ts';
import * as chain from './proof-chain.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-verify-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

function write(text: string): string {
  const file = join(folder, `${files++}.json`);
  writeFileSync(file, text);
  return file;
}

const PROVING = chain.SETTLED_AT + 1;

const verify = (text: string, trusted: string, ...flags: string[]): Promise<Ended> =>
  synod(['verify', 'receipt', write(text), '--trust', trusted, ...flags]);

/** The file with some fields changed after it was made. */
function changed(change: (file: ReceiptProofJson) => Partial<ReceiptProofJson>, text = chain.receiptFile()): string {
  const file = JSON.parse(text) as ReceiptProofJson;
  return JSON.stringify({ ...file, ...change(file) });
}

const withBlock = (change: (block: LightBlock) => LightBlock): string =>
  changed(({ block }) => {
    const decoded = decodeLightBlock(fromHex(block));
    assert.ok(decoded.ok);
    return { block: toHex(encodeLightBlock(change(decoded.value))) };
  });

/** The blocks are of an hour ago: as a reader who knows that nobody could leave since. */
const LONG = ['--trust-period', '2h'] as const;

test('a receipt is proven by its own block, from above by headers and from below by light blocks, without a node', async () => {
  const same = await verify(chain.receiptFile(), chain.trust(PROVING));
  assert.equal(same.code, 0, same.stderr);
  assert.match(same.stdout, /^✔ the receipt 0x[0-9a-f]{4}….* is part of test-1\n/);
  assert.match(same.stdout, /trusted {4}block 20 {2}0x/);
  assert.match(same.stdout, /header {5}block 20 .* signed by 4 of 4 validators, 100\.0 % of the power/);
  assert.match(same.stdout, /receipt {4}entry \d+ of \d+ under that root, settled in block 19/);
  assert.match(same.stdout, /outcome {4}answered/);
  assert.match(same.stdout, /^answer {5}Paris·\[2J/m);
  assert.match(same.stdout, /score 0\.873 +not verified +paid \d/);
  assert.match(same.stdout, /candidates 3, drawn again from seed 0x/);
  assert.match(same.stdout, /^ {2}syn1\w+ +weight \d+ +draw 2$/m);
  assert.match(same.stdout, /^bill\n {2}syn1\w+ +[\d.]+ SYN +30 bytes read at 10, 9 written at 100 nano a byte/m);
  assert.match(same.stdout, /[\d.]+ SYN \+ [\d.]+ SYN refunded = 0\.001 SYN escrowed/);

  const above = await verify(chain.receiptFile([], 30), chain.trust(27));
  assert.equal(above.code, 0, above.stderr);
  assert.match(above.stdout, /back {7}7 headers/);

  const old = await verify(chain.receiptFile([2, 8, 15]), chain.trust(2), '--json');
  assert.deepEqual(
    [old.code, JSON.parse(old.stderr).error.facts.reason],
    [12, 'LIGHT_TRUST_EXPIRED'],
    'of an hour ago',
  );
  const below = await verify(chain.receiptFile([2, 8, 15]), chain.trust(2), ...LONG, '--json');
  assert.equal(below.code, 0, below.stderr);
  const told = JSON.parse(below.stdout);
  assert.equal(told.valid, true);
  assert.deepEqual(
    told.steps.map(({ height }: { height: number }) => height),
    [2, 8, 15],
  );
  assert.deepEqual([told.direction, told.fetched, told.block.powerShare], ['up', false, '1.0000']);
  assert.equal(told.receipt.queryId, `0x${chain.receipt.queryId}`);
  assert.equal(told.receipt.cost, chain.receipt.cost.toString());
});

test('a receipt on chain whose numbers do not follow from it is named as such', () => {
  requireConsistent(chain.receipt, PROVING);
  const generous = { ...chain.receipt, cost: chain.receipt.cost + 1n };
  assert.throws(() => requireConsistent(generous, PROVING), {
    code: 'PROOF_INVALID',
    message: /numbers do not follow .*the cost is/,
  });
});

test('every tampering is invalid, exit 11, and names the part that fails', async () => {
  const scored = { ...chain.receipt, scores: chain.receipt.scores.map((each) => ({ ...each, score: 1 })) };
  const cases: readonly (readonly [string, string, RegExp, string?])[] = [
    [
      'a changed score',
      changed(() => ({ receipt: toHex(encodeReceipt(scored)) })),
      /a score, a payment or another part/,
    ],
    [
      'another place',
      changed(({ leafIndex }) => ({ leafIndex: leafIndex - 1 })),
      /not under the results root of header 20/,
    ],
    [
      'another header',
      withBlock((block) => ({ ...block, header: { ...block.header, stateRoot: block.header.paramsHash } })),
      /certificate is not of header 20/,
    ],
    [
      'too little power',
      withBlock((block) => ({
        ...block,
        commit: { ...block.commit, precommits: block.commit.precommits.slice(1, 3) },
      })),
      /too little power: more than 2\/3/,
    ],
    [
      'a bad signature',
      withBlock(({ commit, ...block }) => {
        const [first, ...rest] = commit.precommits;
        const precommits = [{ ...first!, signature: first!.signature.map((byte) => byte ^ 1) }, ...rest];
        return { ...block, commit: { ...commit, precommits } };
      }),
      /Signature 1 in the certificate of block 20 is bad/,
    ],
    [
      'another set',
      withBlock((block) => ({ ...block, validators: block.validators.slice(1) })),
      /validator set in the file is not the one that header 20 names/,
    ],
    ['a wrong trusted hash', chain.receiptFile(), /hashes differ.*synod checkpoint/s, `20@0x${'ab'.repeat(32)}`],
    [
      'a broken link',
      chain.receiptFile([], 30).replace(/"above":\["[^"]*",/, '"above":["00",'),
      /trail\.above\[0\]/,
      chain.trust(25),
    ],
    ['half a file', chain.receiptFile().slice(0, 900), /no whole proof: the file is not JSON/],
    ['no JSON', 'hello', /not JSON/],
    ['another kind of file', '{"format":"x"}', /no whole proof/],
    ['another query', changed(() => ({ queryId: '00'.repeat(32) })), /queryId must be/],
  ];
  for (const [name, text, sentence, trusted] of cases) {
    const result = await verify(text, trusted ?? chain.trust(PROVING));
    assert.equal(result.code, 11, `${name}: ${result.stdout}${result.stderr}`);
    assert.match(result.stderr, sentence, name);
    assert.equal(result.stdout, '', name);
  }
  const other = await verify(chain.receiptFile(), chain.trust(PROVING), '--chain', 'main-1');
  assert.equal(other.code, 11);
  assert.match(other.stderr, /of the chain "test-1", not of "main-1"/);
});

test('what is missing or too old is undecided, exit 12, and says what would decide it', async () => {
  const short = await verify(chain.receiptFile(), chain.trust(2));
  assert.equal(short.code, 12);
  assert.match(short.stderr, /does not lead from the trusted block 2 to block 20.*--rpc/s);
  const unlinked = await verify(chain.receiptFile([], 24), chain.trust(27));
  assert.equal(unlinked.code, 12);
  const leap = await verify(chain.receiptFile([1]), chain.trust(1), ...LONG, '--json');
  assert.equal(leap.code, 0, 'one of four still overlaps enough');
  const expired = await verify(chain.receiptFile([2, 8, 15]), chain.trust(2), '--trust-period', '10m', '--json');
  assert.equal(expired.code, 12);
  assert.equal(JSON.parse(expired.stderr).error.facts.reason, 'LIGHT_TRUST_EXPIRED');
  const headers = await verify(chain.receiptFile([], 30), chain.trust(27), '--trust-period', '10m');
  assert.equal(headers.code, 0, 'hashes do not expire');
});

test('misuse has the exit codes of misuse', async () => {
  assert.equal((await synod(['verify', 'receipt', join(folder, 'none.json'), '--trust', chain.trust(20)])).code, 4);
  assert.equal((await verify(chain.receiptFile(), '20')).code, 2);
  assert.equal((await verify(chain.receiptFile(), chain.trust(20), '--trust-period', '3 weeks')).code, 2);
  const bare = await synod(['verify', 'receipt', write(chain.receiptFile())]);
  assert.equal(bare.code, 2);
  assert.match(bare.stderr, /--trust/);
});

test('a node supplies what the file lacks, up and down, and need not be trusted', async (t) => {
  const url = await chain.serveChain(t);
  for (const height of [1, 12, 27]) {
    const result = await verify(chain.receiptFile(), chain.trust(height), '--rpc', url, ...LONG, '--json');
    assert.equal(result.code, 0, result.stderr);
    const told = JSON.parse(result.stdout);
    assert.equal(told.fetched, true);
    assert.deepEqual(
      told.witnesses.map(({ says }: { says: string }) => says),
      ['same'],
    );
  }
  const pruned = await chain.serveChain(t, new Map([[2, null]]));
  const missing = await verify(chain.receiptFile(), chain.trust(2), '--rpc', pruned);
  assert.equal(missing.code, 12);
  assert.match(missing.stderr, /does not have block 2/);
  const unreachable = await verify(chain.receiptFile(), chain.trust(20), '--rpc', 'http://127.0.0.1:9');
  assert.equal(unreachable.code, 0, 'a proof that is whole needs no witness');
  assert.match(unreachable.stdout, /! witness .*does not tell/);
});

test("the trust period is the chain's own where a node tells it, and a longer one is warned of", async (t) => {
  const url = await chain.serveChain(t, new Map(), 600_000);
  const own = await verify(chain.receiptFile([2, 8, 15]), chain.trust(2), '--rpc', url, '--json');
  assert.equal(own.code, 12, 'blocks of an hour ago');
  assert.equal(JSON.parse(own.stderr).error.facts.reason, 'LIGHT_TRUST_EXPIRED');
  const longer = await verify(chain.receiptFile([2, 8, 15]), chain.trust(2), '--rpc', url, '--trust-period', '2h');
  assert.equal(longer.code, 0, longer.stderr);
  assert.match(longer.stderr, /longer than the chain's own of 10 min/);
});

test('a node that tells a longer trust period is not believed for that', async (t) => {
  const url = await chain.serveChain(t, new Map(), 365 * 86_400_000);
  const lied = await verify(chain.receiptFile([2, 8, 15]), chain.trust(2), '--rpc', url, '--json');
  assert.deepEqual([lied.code, JSON.parse(lied.stderr).error.facts.reason], [12, 'LIGHT_TRUST_EXPIRED']);
});

test('two certified blocks of one height are an attack: loud, exit 13, with evidence that names the guilty', async (t) => {
  const liar = await chain.serveChain(t, new Map([[PROVING, chain.forked(PROVING)]]));
  const honest = await chain.serveChain(t);
  const evidence = join(folder, 'evidence.json');
  for (const trusted of [2, PROVING, 27]) {
    rmSync(evidence, { force: true });
    const result = await verify(
      chain.receiptFile(),
      chain.trust(trusted),
      '--rpc',
      honest,
      '--rpc',
      liar,
      '--evidence',
      evidence,
      ...LONG,
    );
    assert.equal(result.code, 13, `${trusted}: ${result.stdout}${result.stderr}`);
    assert.match(result.stderr, /ATTACK \(lunatic\): two certified blocks of height 20/);
    const told = JSON.parse(readFileSync(evidence, 'utf8'));
    assert.deepEqual(
      told.culprits,
      chain.at(PROVING).validators.map(({ operator }) => operator),
    );
    assert.equal(told.shownBy, liar);
    assert.equal(told.conflicting, toHex(encodeLightBlock(chain.forked(PROVING))));
    assert.equal(told.duplicateVotes.length, 4);
  }
  const mute = await verify(chain.receiptFile(), chain.trust(PROVING), '--rpc', liar, '--evidence', '/dev/null/x');
  assert.equal(mute.code, 13, 'what cannot be written is still said');
  assert.match(mute.stderr, /ATTACK[\s\S]*could not be written/);
});

test('a fork across changes of the set is narrowed to where its signers are known, and they are named', async (t) => {
  const strayed = chain.strayedChain();
  const liar = await chain.serveChain(t, strayed);
  const honest = await chain.serveChain(t);
  const evidence = join(folder, 'strayed.json');
  const sources = ['--rpc', honest, '--rpc', liar, '--evidence', evidence];
  const result = await verify(chain.receiptFile(), chain.trust(2), ...sources, ...LONG);
  assert.equal(result.code, 13, `${result.stdout}${result.stderr}`);
  const told = JSON.parse(readFileSync(evidence, 'utf8'));
  assert.ok(told.height >= 4 && told.height < PROVING, `${told.height}`);
  assert.equal(told.conflicting, toHex(encodeLightBlock(strayed.get(told.height)!)));
  const signers = strayed.get(told.height)!.validators.map(({ operator }) => operator);
  assert.ok(told.culprits.length > 0);
  assert.ok(told.culprits.every((operator: (typeof signers)[number]) => signers.includes(operator)));
  // Without another node that shows what lies between, nobody can tell.
  const alone = await verify(chain.receiptFile([2]), chain.trust(2), '--rpc', liar, ...LONG);
  assert.equal(alone.code, 12, alone.stderr);
});

test('a witness that shows a block without signatures is faulty, and no reason for alarm', async (t) => {
  const fork = chain.forked(PROVING);
  const unsigned = { ...fork, commit: { ...fork.commit, precommits: fork.commit.precommits.slice(0, 1) } };
  const faulty = await chain.serveChain(t, new Map([[PROVING, unsigned]]));
  const evidence = join(folder, 'none.json');
  const result = await verify(chain.receiptFile(), chain.trust(PROVING), '--rpc', faulty, '--evidence', evidence);
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stdout, /is faulty: it shows another block 20 that does not verify \(COMMIT_POWER_LOW\)/);
  assert.equal(existsSync(evidence), false);
});

test('records and their absence are proven, and told in words', async () => {
  const proof = (file: object, ...flags: string[]) =>
    synod(['verify', 'proof', write(JSON.stringify(file)), '--trust', chain.trust(PROVING), ...flags]);
  const account = await proof(chain.stateFile(`account/${chain.ALICE}`));
  assert.equal(account.code, 0, account.stderr);
  assert.match(account.stdout, /has this value after block 19 of test-1/);
  assert.match(account.stdout, /balance {4}12\.5 SYN/);
  const reputation = await proof({
    jsonrpc: '2.0',
    id: 1,
    result: chain.stateFile(`reputation/${chain.ALICE}/general`),
  });
  assert.match(reputation.stdout, /mean {7}0\.750\nanswers {4}7/);
  const absent = await proof(chain.stateFile('account/nobody'), '--json');
  assert.equal(absent.code, 0, absent.stderr);
  assert.deepEqual([JSON.parse(absent.stdout).value, JSON.parse(absent.stdout).valid], [null, true]);

  const file = chain.stateFile(`account/${chain.ALICE}`);
  const richer = file.value!.replace(/..$/, 'ff');
  const lie = await proof({ ...file, value: richer, proof: { ...file.proof, value: richer } });
  assert.equal(lie.code, 11);
  assert.match(lie.stderr, /not under the state root of header 20: the value does not have the proved hash/);
  const hidden = await proof({ ...file, value: null, proof: { ...file.proof, value: null } });
  assert.equal(hidden.code, 11, 'a record cannot be made absent');
  assert.match((await proof({ ...file, key: 'account/nobody' })).stderr, /✖/);
  const early = await proof({ ...file, block: null });
  assert.equal(early.code, 12);
  assert.match((await proof({ ...file, height: 'x' })).stderr, /no whole proof: height/);
});

test('a checkpoint is what all nodes named agree on', async (t) => {
  const [first, second] = [await chain.serveChain(t), await chain.serveChain(t)];
  const agreed = await synod(['checkpoint', '--rpc', first, '--rpc', second]);
  assert.deepEqual([agreed.code, agreed.stdout], [0, `${chain.trust(chain.HEAD)}\n`]);
  const liar = await chain.serveChain(t, new Map([[chain.HEAD, chain.forked(chain.HEAD)]]));
  const differing = await synod(['checkpoint', '--rpc', first, '--rpc', liar, '--json']);
  assert.equal(differing.code, 10);
  assert.match(differing.stderr, new RegExp(blockId(chain.forked(chain.HEAD).header)));
});
