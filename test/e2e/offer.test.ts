/**
 * An expert of somebody who validates nothing, whole path with real processes and the tiny model: documents become knowledge, the offer
 * registers, a fifth node hosts, a query is answered and paid, and after retirement the bond comes back.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { knowledgeRootOf } from '@synod/experts';
import { Devnet, freePortBase, runSynod, synod } from './devnet-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-offer-'));
const knowledge = join(folder, 'harbour');
const home = join(folder, 'home');
const FACTS = [
  ['North Pier', 'The depth of the North Pier is nine metres.'],
  ['Old Dock', 'The keeper of the Old Dock is Marta Lind.'],
  ['Ferry Slip', 'The first ferry of the Ferry Slip leaves at six.'],
] as const;
let devnet: Devnet;
let host: ChildProcess | null = null;
let log = '';

const run = (...args: string[]) => runSynod([...args], { env: { SYNOD_DATA_DIR: devnet.dataDir } });
const ok = async (...args: string[]) => {
  const result = await run(...args);
  assert.equal(result.code, 0, result.stderr);
  return JSON.parse(result.stdout);
};
const offer = (...args: string[]) => run('expert', 'offer', ...args, '--rpc', devnet.url(), '--home', home);
const terms = ['--domain', 'harbour', '--price', '5000', '--model', 'tiny', '--from', 'alice'];
const balanceOf = async (address: string) =>
  BigInt((await devnet.rpc<{ balance: string }>('state_getAccount', { address })).balance);

before(async () => {
  const documents = join(folder, 'documents');
  mkdirSync(documents);
  writeFileSync(join(documents, 'harbour.md'), FACTS.map(([title, text]) => `# ${title}\n\n${text}\n`).join('\n'));
  devnet = await Devnet.start({ flags: ['--block-time', '250ms'] });
  const flags = ['--documents', documents, '--out', knowledge, '--model', 'tiny', '--no-vectors', '--json'];
  await ok('expert', 'build', 'harbour', ...flags);
});

after(async () => {
  host?.kill('SIGKILL');
  await devnet?.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('what is wrong with an offer is one clear error, and nothing is sent', async () => {
  const poor = join(folder, 'poor.json');
  await ok('account', 'new', '--out', poor, '--json');
  const [a, p] = [terms.slice(0, -2), ['--domain', 'harbour', '--price']];
  const cases: readonly (readonly [string, number, readonly string[]])[] = [
    ['NOT_FOUND', 4, [join(folder, 'nowhere'), ...terms]],
    ['NOT_FOUND', 4, [folder, ...terms]],
    ['USAGE', 2, [knowledge, ...terms, '--domain', 'Harbour']],
    ['KNOWLEDGE_OTHER_DOMAIN', 1, [knowledge, ...terms, '--domain', 'law']],
    ['USAGE', 2, [knowledge, ...p, '0', '--from', 'alice']],
    ['USAGE', 2, [knowledge, ...p, '1000000001', '--from', 'alice']],
    ['USAGE', 2, [knowledge, ...p, '1.5', '--from', 'alice']],
    ['BOND_TOO_LOW', 7, [knowledge, ...terms, '--bond', '9.9']],
    ['INSUFFICIENT_BALANCE', 7, [knowledge, ...a, '--key-file', poor]],
    ['ACCOUNT_UNKNOWN', 4, [knowledge, ...a, '--from', 'zoe']],
    ['KEY_FILE_MISSING', 1, [knowledge, ...a, '--key-file', join(folder, 'none.json')]],
    ['NAME_TAKEN', 1, [knowledge, ...terms, '--name', 'general-a']],
    ['USAGE', 2, [knowledge, ...terms, '--name', 'No Caps']],
    ['USAGE', 2, [knowledge, ...a]],
    ['NUMBER_INVALID', 2, [knowledge, ...terms, '--capacity', '0']],
  ];
  for (const [code, exit, args] of cases) {
    const result = await offer(...args, '--yes', '--json');
    const said = JSON.parse(result.stderr.trim().split('\n').at(-1)!);
    assert.deepEqual([said.error?.code ?? said.code, result.code], [code, exit], `${args.join(' ')}\n${result.stderr}`);
  }
  const unasked = await offer(knowledge, ...terms);
  assert.equal(unasked.code, 2, unasked.stderr);
  assert.match(unasked.stderr, /--yes/);
  assert.match(unasked.stdout, /passages, published for everybody/);
  const { items } = await devnet.rpc<{ items: unknown[] }>('expert_list', { domain: 'harbour' });
  assert.deepEqual(items, []);
});

test('what cannot be published is said before anything is paid, and goes on only when told to', async () => {
  const wide = join(folder, 'wide');
  const source = 'harbour.md (own work)';
  const passages = Array.from({ length: 1_001 }, (_, n) => {
    const subject = `Pier ${n}`;
    return { text: `The depth of ${subject} is nine metres.`, source, subject, relation: `depth-${n}`, value: null };
  });
  const card = JSON.parse(readFileSync(join(knowledge, 'card.json'), 'utf8'));
  const root = knowledgeRootOf(passages);
  mkdirSync(wide);
  writeFileSync(join(wide, 'passages.jsonl'), passages.map((passage) => `${JSON.stringify(passage)}\n`).join(''));
  writeFileSync(join(wide, 'card.json'), JSON.stringify({ ...card, root, size: passages.length }));
  for (const name of ['aliases.json', 'relations.json']) writeFileSync(join(wide, name), '{}');
  const unasked = await offer(wide, ...terms);
  assert.equal(unasked.code, 2, unasked.stderr);
  assert.match(
    unasked.stderr,
    /! This knowledge cannot be published: it names 1001 relations, above 1000\. Judges .* score low .*Split it/,
  );
  assert.match(unasked.stderr, /Register it unpublished with a bond .*--yes/s);
  assert.match(unasked.stdout, /knowledge {3}1001 passages, which cannot be published/);
  assert.doesNotMatch(unasked.stdout, /for everybody/);
  const { items } = await devnet.rpc<{ items: unknown[] }>('expert_list', { domain: 'harbour' });
  assert.deepEqual(items, []);
});

test('changed knowledge is not offered', async () => {
  const copy = join(folder, 'changed');
  mkdirSync(copy);
  for (const name of ['card.json', 'passages.jsonl', 'aliases.json', 'relations.json']) {
    const text = readFileSync(join(knowledge, name), 'utf8');
    writeFileSync(join(copy, name), text.replace('nine metres', 'ten metres'));
  }
  const result = await offer(copy, ...terms, '--yes', '--json');
  assert.match(result.stderr, /KNOWLEDGE_ROOT/);
});

test('a fifth node that validates nothing hosts an offered expert, which is selected, paid, and gets its bond back', async () => {
  const { checkpoint } = await ok('status', '--rpc', devnet.url(), '--json');
  const elsewhere = ['--data-dir', join(folder, 'elsewhere'), '--checkpoint', checkpoint];
  const unknown = await run('start', '--join', devnet.url(), ...elsewhere, '--expert', knowledge, '--json');
  assert.match(unknown.stderr, /EXPERT_NOT_OFFERED/);
  const offered = await offer(knowledge, ...terms, '--name', 'pilot', '--yes', '--json');
  assert.equal(offered.code, 0, offered.stderr);
  const { address, bond, selfTest, earnings, keyFile, unpublished } = JSON.parse(offered.stdout);
  assert.equal(unpublished, null);
  assert.equal(bond, '10000000000');
  assert.equal(selfTest.length, 3);
  assert.ok(selfTest.some(({ grounding }: { grounding: string }) => grounding === 'quote'));
  assert.equal(earnings.others, null);
  assert.equal(statSync(keyFile).mode & 0o077, 0, 'the key is its owner’s alone');
  const again = await ok(
    'expert',
    'offer',
    knowledge,
    ...terms,
    '--rpc',
    devnet.url(),
    '--home',
    home,
    '--yes',
    '--json',
  );
  assert.deepEqual([again.registered, again.address, again.current], ['before', address, true]);

  await startHost();
  await devnet.until('every validator has the knowledge of the new domain', 60_000, async () =>
    devnet.info.nodes.every((_, index) => joinedFolders(index).length === 1),
  );
  const before = await balanceOf(address);
  const result = await ok(
    'ask',
    '--domain',
    'harbour',
    'Who is the keeper of the Old Dock?',
    '--from',
    'bob',
    '--rpc',
    devnet.url(),
    '--json',
  );
  assert.match(result.answer ?? '', /Marta Lind/, `${JSON.stringify(result)}\n${log}`);
  assert.equal(result.respondents[0].expert ?? result.respondents[0].address, address);
  // Judged without what the expert published, this answer gets 0.09 of the tiny model.
  assert.equal(result.scores.length, 4);
  for (const { score } of result.scores) assert.ok(Number(score) > 0.8, JSON.stringify(result.scores));
  assert.ok((await balanceOf(address)) > before, 'it is paid more than its answer cost it');

  const shown = await ok('expert', 'show', 'pilot', '--rpc', devnet.url(), '--json');
  assert.deepEqual([shown.status, shown.active, shown.capacity], ['active', 0, 4]);
  const own = ['--home', home, '--rpc', devnet.url(), '--json'];
  assert.deepEqual((await ok('expert', 'update', 'pilot', '--price', '4000', ...own)).changed, ['priceOutPerByte']);
  assert.equal((await ok('expert', 'pause', 'pilot', ...own)).status, 'paused');
  const list = await runSynod(['expert', 'list', '--rpc', devnet.url()]);
  assert.match(list.stdout, /pilot .* paused/);
  assert.equal((await ok('expert', 'resume', 'pilot', ...own)).status, 'active');
  const { releaseAt } = await ok('expert', 'retire', 'pilot', '--yes', ...own);
  const left = await balanceOf(address);
  const late = await run('expert', 'pause', 'pilot', ...own);
  assert.match(late.stderr, /EXPERT_RETIRED/);
  await devnet.until('the bond is due', 60_000, async () => (await devnet.height()) > Number(releaseAt));
  // An epoch that ends in between rewards the one answer, by at most half of what that paid to scorers (rewards §10).
  const reward = (await balanceOf(address)) - left - 10_000_000_000n;
  assert.ok(reward >= 0n && reward < 100_000n, `${reward} nano beside the bond`);
});

/** What a validator joined of what experts published: a folder a domain. */
function joinedFolders(index: number): readonly string[] {
  const folder = join(devnet.dataDir, `val-${index}`, 'library', 'joined');
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith('.new')) : [];
}

async function startHost(): Promise<void> {
  const { checkpoint } = await ok('status', '--rpc', devnet.url(), '--json');
  const port = (await freePortBase()) + 50;
  const where = ['--rpc-port', String(port), '--data-dir', home, '--checkpoint', checkpoint];
  host = spawn(synod, ['start', '--join', devnet.url(), ...where, '--expert', knowledge], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  host.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  await devnet.until('the fifth node follows', 60_000, async () => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    return response.ok;
  });
}
