/** The fault port: refused outside devnets, closed to whoever lacks the token, strict in what it takes. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Pace } from '@synod/node';
import { FAULT_LIMITS, FaultInjector, NO_FAULTS } from '@synod/node/faults';
import { requireDevnet, serveFaultPort, setFaults, setPace } from '../../src/chaos/fault-port.ts';
import { parseFaultSettings, parsePace } from '../../src/chaos/fault-settings.ts';

async function served(context: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'synod-fault-port-'));
  const faults = new FaultInjector();
  const pace: Pace = { mode: 'interval', intervalMs: null, mineUntil: 0 };
  const held = { get: () => pace, set: (next: Pace) => Object.assign(pace, next) };
  const close = await serveFaultPort(home, { faults, pace: held });
  context.after(() => {
    close();
    rmSync(home, { recursive: true });
  });
  const file = JSON.parse(readFileSync(join(home, 'fault-port.json'), 'utf8')) as { url: string; token: string };
  return { home, faults, file, pace };
}

test('settings reach the injector; the file is for its owner alone', async (context) => {
  const { home, faults } = await served(context);
  const settings = { ...NO_FAULTS, blockedPeers: ['peer'], latencyMs: 20, clockOffsetMs: -5_000 };
  await setFaults(home, settings);
  assert.deepEqual(faults.settings, settings);
  assert.ok(faults.isBlocked('peer'));
  assert.equal(statSync(join(home, 'fault-port.json')).mode & 0o077, 0);
});

test('a wrong token, path, method or body changes nothing', async (context) => {
  const { home, faults, file } = await served(context);
  const ask = async (path: string, init: RequestInit) => (await fetch(`${file.url}${path}`, init)).status;
  const authorised = { authorization: `Bearer ${file.token}` };
  const body = JSON.stringify({ ...NO_FAULTS, latencyMs: 1 });
  assert.equal(await ask('/faults', { method: 'PUT', body }), 401);
  assert.equal(await ask('/faults', { method: 'PUT', body, headers: { authorization: 'Bearer no' } }), 401);
  assert.equal(await ask('/other', { method: 'PUT', body, headers: authorised }), 404);
  assert.equal(await ask('/faults', { headers: authorised }), 404);
  assert.equal(await ask('/faults', { method: 'PUT', body: '{', headers: authorised }), 400);
  assert.equal(await ask('/faults', { method: 'PUT', body: 'x'.repeat(20_000), headers: authorised }), 400);
  await assert.rejects(setFaults(home, { ...NO_FAULTS, latencyMs: -1 }), { code: 'INVALID_PARAMS' });
  assert.deepEqual(faults.settings, NO_FAULTS);
});

test('a home without a port is named', async (context) => {
  const home = mkdtempSync(join(tmpdir(), 'synod-fault-port-'));
  context.after(() => rmSync(home, { recursive: true }));
  await assert.rejects(setFaults(home, NO_FAULTS), { code: 'NODE_UNREACHABLE' });
  writeFileSync(join(home, 'fault-port.json'), '{');
  await assert.rejects(setFaults(home, NO_FAULTS), { code: 'FILE_DAMAGED' });
});

test('a chain that is no devnet refuses the port', () => {
  requireDevnet({ devnet: true, chainId: 'a' });
  assert.throws(() => requireDevnet({ devnet: false, chainId: 'b' }), { code: 'FAULT_PORT_REFUSED' });
});

test('settings out of range or unknown are told', () => {
  assert.deepEqual(parseFaultSettings(NO_FAULTS), NO_FAULTS);
  for (const wrong of [
    null,
    [],
    {},
    { ...NO_FAULTS, more: 1 },
    { ...NO_FAULTS, blockedPeers: [1] },
    { ...NO_FAULTS, blockedPeers: Array.from({ length: 65 }, String) },
    { ...NO_FAULTS, latencyMs: 0.5 },
    { ...NO_FAULTS, latencyMs: 60_001 },
    { ...NO_FAULTS, clockOffsetMs: FAULT_LIMITS.clockOffsetMsMax + 1 },
    { ...NO_FAULTS, experts: [] },
    { ...NO_FAULTS, experts: { syn1: { kind: 'sleep', delayMs: 0 } } },
    { ...NO_FAULTS, experts: { syn1: { kind: 'lie' } } },
    { ...NO_FAULTS, experts: { syn1: { kind: 'slow', delayMs: 1e9 } } },
  ]) {
    assert.equal(typeof parseFaultSettings(wrong), 'string', JSON.stringify(wrong));
  }
});

test('a pace reaches the node; a wrong one changes nothing', async (context) => {
  const { home, pace } = await served(context);
  const wanted = { mode: 'manual', intervalMs: 200, mineUntil: 7 } as const;
  await setPace(home, wanted);
  assert.deepEqual(pace, wanted);
  for (const wrong of [
    null,
    {},
    { ...wanted, mode: 'never' },
    { ...wanted, intervalMs: 1 },
    { ...wanted, mineUntil: -1 },
  ])
    assert.equal(typeof parsePace(wrong), 'string', JSON.stringify(wrong));
  await assert.rejects(setPace(home, { ...wanted, mineUntil: 0.5 }), { code: 'INVALID_PARAMS' });
  assert.deepEqual(pace, wanted);
});
