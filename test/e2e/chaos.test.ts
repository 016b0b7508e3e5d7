/** A short chaos run with real processes ends with PASS, and its figures are those of a network that really worked. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { namespacesRefusal } from '../../packages/cli/src/chaos/entering.ts';
import { freePortBase, runSynod } from './devnet-process.ts';

const NAMESPACES = namespacesRefusal() === null;

// The schedule of this seed begins with: cut in halves, remove log, tear log, kill all.
test('faults on real processes lose nothing', { timeout: 180_000 }, async () => {
  const portBase = String(await freePortBase());
  const args = ['devnet', 'chaos', '--minutes', '0.25', '--seed', '1286', '--port-base', portBase, '--json'];
  const { code, stdout, stderr } = await runSynod(args);
  assert.equal(code, 0, `${stdout}${stderr}`);
  const verdict = JSON.parse(stdout) as {
    verdict: string;
    faults: { kind: string }[];
    transactions: { acknowledged: number; lost: number };
    heights: number;
    differingBlocks: number;
    reads: number;
    evidence: number;
    dataDir: string | null;
    network: string;
  };
  assert.equal(verdict.network, NAMESPACES ? 'namespaces' : 'loopback');
  assert.equal(verdict.verdict, 'PASS');
  const kinds = verdict.faults.map(({ kind }) => kind);
  assert.ok(kinds.includes('cut in halves') && kinds.includes('remove log'), kinds.join());
  assert.ok(verdict.transactions.acknowledged > 0 && verdict.reads > 0 && verdict.heights > 0);
  assert.deepEqual([verdict.transactions.lost, verdict.differingBlocks, verdict.evidence], [0, 0, 0]);
  assert.equal(verdict.dataDir, null);
  assert.equal(existsSync(/data (\S+)/.exec(stderr)?.[1] ?? ''), false);
});

test('without namespaces nodes cut one another off, and nothing is lost either', { timeout: 180_000 }, async () => {
  const portBase = String(await freePortBase());
  const args = [
    'devnet',
    'chaos',
    '--network',
    'loopback',
    '--minutes',
    '0.1',
    '--seed',
    '1286',
    '--port-base',
    portBase,
  ];
  const { code, stdout, stderr } = await runSynod([...args, '--json']);
  assert.equal(code, 0, `${stdout}${stderr}`);
  const verdict = JSON.parse(stdout) as { network: string; faults: { kind: string; unrecovered: number }[] };
  assert.equal(verdict.network, 'loopback');
  assert.deepEqual(verdict.faults.map(({ kind, unrecovered }) => [kind, unrecovered]).at(0), ['cut in halves', 0]);
});
