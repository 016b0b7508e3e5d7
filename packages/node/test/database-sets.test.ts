/** `synod db verify` of a pruned chain whose validator set has changed: the newest state does not know the set of its oldest blocks. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  addressOf,
  decodeExtendedCommit,
  encodeExtendedCommit,
  genesisHash,
  type Height,
  NANO_PER_SYN,
  possessionSignBytes,
  publicKeyOf,
  readValidatorRecord,
  sign,
  vrfProve,
} from '@synod/chain';
import { openStore, pruneDatabase } from '../src/adapters/index.ts';
import { openDatabase } from '../src/adapters/level-database.ts';
import { frameValue, heightKey } from '../src/adapters/store-format.ts';
import { checkDatabase } from '../src/database-check.ts';
import type { StateChange } from '../src/host/index.ts';
import { consensusSeed, Lab, operatorSeed, vrfSeed } from './host/lab.ts';

const NEWCOMER = 4;
const operator = addressOf(publicKeyOf(operatorSeed(NEWCOMER)));

/** What a node of a chain that took in a validator has on disk: what it applied, and the height that the new set decides first. */
function grownChain() {
  const lab = new Lab({ newcomers: 1, staking: { epochHeights: 5, evidenceAgeHeights: 100, unbondingHeights: 200 } });
  const node = lab.nodes[0]!;
  const { root } = node.head.state;
  const entries = [...node.head.state.entries()].map(({ key, value }) => [key, value] as const);
  const changes: StateChange[] = [];
  const { saveState } = node.store;
  node.store.saveState = (change) => {
    changes.push(change);
    saveState(change);
  };
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const keys = { publicKey: publicKeyOf(consensusSeed(NEWCOMER)), vrfKey: publicKeyOf(vrfSeed(NEWCOMER)) };
  const message = possessionSignBytes('lab', { operator, ...keys });
  const proofs = { keyProof: sign(consensusSeed(NEWCOMER), message), vrfProof: vrfProve(vrfSeed(NEWCOMER), message) };
  const bond = 1_500n * NANO_PER_SYN;
  lab.submit(operatorSeed(NEWCOMER), { type: 'validator.create', ...keys, ...proofs, commission: 0, bond }, NEWCOMER);
  const isMember = () => readValidatorRecord(node.head.state).validators.some((member) => member.operator === operator);
  lab.runUntil(isMember, 20_000);
  const entered = node.head.height + 1;
  lab.runUntil(() => node.head.height >= entered + 6, 20_000);
  return { lab, changes, genesisState: { entries, stateRoot: root }, entered };
}

/** A stopped node's home with these heights of the chain. */
async function homeOf(
  t: TestContext,
  { lab, genesisState }: ReturnType<typeof grownChain>,
  changes: readonly StateChange[],
): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'synod-db-sets-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const { store } = lab.nodes[0]!;
  const { genesis } = lab;
  const identity = { chainId: genesis.chainId, genesisHash: genesisHash(genesis) };
  const opened = await openStore({ directory: join(home, 'chain'), ...identity, deliver: () => undefined });
  await opened.initialise(genesisState);
  for (const change of changes) {
    opened.store.saveBlock(store.block(change.height)!);
    opened.store.saveState(change);
  }
  await opened.close();
  return home;
}

test('a pruned chain that ends right before its set changes passes', async (t) => {
  const chain = grownChain();
  for (const last of [chain.entered - 2, chain.entered - 1, chain.entered]) {
    const changes = chain.changes.filter(({ height }) => height <= last);
    const home = await homeOf(t, chain, changes);
    const database = await openDatabase(join(home, 'chain'));
    await pruneDatabase(database, 2);
    await database.close();
    const { genesis } = chain.lab;
    const { to, depth } = await checkDatabase({ home, genesis });
    assert.deepEqual([to, depth], [last, 'links']);
  }
});

test('a pruned chain that took in a validator passes, and a forged certificate under the newest set does not', async (t) => {
  const chain = grownChain();
  const { lab, changes, entered } = chain;
  const { genesis } = lab;
  const home = await homeOf(t, chain, changes);
  const directory = join(home, 'chain');
  const to = changes.at(-1)!.height;
  const whole = await checkDatabase({ home, genesis });
  assert.deepEqual([whole.from, whole.to, whole.depth], [1, to, 'replay']);

  await withDatabase((database) => pruneDatabase(database, 2));
  const pruned = await checkDatabase({ home, genesis });
  assert.deepEqual([pruned.from, pruned.to, pruned.depth], [2, to, 'links']);

  for (const height of [entered + 1, to]) {
    const kept = await forgeCertificate(height);
    await assert.rejects(
      checkDatabase({ home, genesis }),
      new RegExp(`Block ${height} .*its certificate does not hold`),
    );
    await withDatabase((database) => database.put(heightKey('commit', height), kept));
  }
  await checkDatabase({ home, genesis });

  async function withDatabase<T>(act: (database: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>): Promise<T> {
    const database = await openDatabase(directory);
    try {
      return await act(database);
    } finally {
      await database.close();
    }
  }

  /** Signatures by nobody, well framed. Gives the value that was there. */
  function forgeCertificate(height: Height): Promise<Uint8Array> {
    return withDatabase(async (database) => {
      const key = heightKey('commit', height);
      const value = Uint8Array.from(database.getSync(key)!);
      const decoded = decodeExtendedCommit(value.subarray(4));
      assert.ok(decoded.ok);
      const precommits = decoded.value.precommits.map((one) => ({ ...one, signature: new Uint8Array(64) }));
      await database.put(key, frameValue(key, encodeExtendedCommit({ ...decoded.value, precommits })));
      return value;
    });
  }
});
