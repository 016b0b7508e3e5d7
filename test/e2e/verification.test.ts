/**
 * Answers that a model wrote are run again by others, whole path with real processes and the tiny model: a fifth node offers an expert
 * that no validator was told of, and verifiers fetch its recipe.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Devnet, freePortBase, runSynod, synod } from './devnet-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-verification-'));
const home = join(folder, 'home');
let devnet: Devnet;
let host: ChildProcess | null = null;
let log = '';

const ok = async (...args: string[]) => {
  const result = await runSynod([...args, '--json'], { env: { SYNOD_DATA_DIR: devnet.dataDir } });
  assert.equal(result.code, 0, `${result.stderr}\n${log}`);
  return JSON.parse(result.stdout);
};

before(async () => {
  devnet = await Devnet.start({ flags: ['--block-time', '250ms', '--verified', '100'] });
});

after(async () => {
  host?.kill('SIGKILL');
  await devnet?.remove();
  rmSync(folder, { recursive: true, force: true });
});

test("a devnet's experts are verified by each other's recipes", async () => {
  const result = await ok('ask', '--domain', 'general', 'What is a harbour?', '--from', 'bob', '--rpc', devnet.url());
  assert.deepEqual(await verdictsOf(result.queryId), ['match', 'match']);
});

test('an expert offered on a machine of its own is verified by a recipe that validators fetch', async () => {
  const { directory } = await ok('model', 'fetch', '--model', 'tiny');
  const terms = ['--domain', 'chat', '--price', '5000', '--from', 'alice', '--name', 'talker', '--yes'];
  await ok('expert', 'offer', directory, ...terms, '--rpc', devnet.url(), '--home', home);
  await startHost(directory);
  const result = await ok('ask', '--domain', 'chat', 'What is a pier?', '--from', 'bob', '--rpc', devnet.url());
  assert.deepEqual(await verdictsOf(result.queryId), ['match']);
  const { modelId } = await ok('expert', 'show', 'talker', '--rpc', devnet.url());
  const holders = devnet.info.nodes.filter(({ name }) =>
    existsSync(join(devnet.dataDir, name, 'library', 'recipes', modelId.slice(2))),
  );
  assert.equal(holders.length, 4, readdirSync(join(devnet.dataDir)).join());
});

async function verdictsOf(queryId: string): Promise<readonly string[]> {
  const { respondents } = await devnet.rpc<{ respondents: { verdict: string }[] }>('query_get', { queryId });
  return respondents.map(({ verdict }) => verdict);
}

async function startHost(model: string): Promise<void> {
  const { checkpoint } = await ok('status', '--rpc', devnet.url());
  const port = (await freePortBase()) + 50;
  const where = ['--rpc-port', String(port), '--data-dir', home, '--checkpoint', checkpoint];
  host = spawn(synod, ['start', '--join', devnet.url(), ...where, '--expert', model], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  host.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  await devnet.until('the fifth node follows', 60_000, async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok);
}
