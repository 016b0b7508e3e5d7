/** The command line as a person meets it: help, mistakes, versions; and the bootstrap in front of it. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, run, synod } from './command.ts';

test('the version comes at once', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8')) as { version: string };
  const fastest = async (start: () => ReturnType<typeof run>): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const startedMs = performance.now();
      assert.equal((await start()).code, 0);
      times.push(performance.now() - startedMs);
    }
    return Math.min(...times);
  };
  const bareMs = await fastest(() => run(process.execPath, ['-e', '0']));
  const versionMs = await fastest(() => synod(['--version']));
  assert.ok(versionMs < 100 + 10 * bareMs, `${versionMs} ms, an empty program ${bareMs} ms`);
  assert.equal((await synod(['--version'])).stdout, `${version}\n`);
});

test('without a command there is help, and the exit code of misuse', async () => {
  const result = await synod([]);
  assert.equal(result.code, 2);
  assert.match(result.stdout + result.stderr, /Examples:[\s\S]*Usage: \.\/synod/);
});

test('mistakes are named with what was meant and where help is', async () => {
  const cases: readonly (readonly [string[], RegExp, RegExp])[] = [
    [['aks', 'hi'], /Did you mean ask\?/, /synod --help/],
    [['ask', 'hi', '--form', 'bob'], /Did you mean --from\?/, /synod ask --help/],
    [['devnet', 'statsu'], /Did you mean status\?/, /synod devnet --help/],
    [['account', 'sho'], /Did you mean show\?/, /synod account --help/],
    [['--rcp'], /unknown option '--rcp'/, /synod --help/],
    [['completion', 'fich'], /Did you mean fish\?/, /synod completion --help/],
    [['start', '--sync', 'snpshot'], /Did you mean snapshot\?/, /Choose blocks, snapshot or auto/],
    [['devnet', 'chaos', '--network', 'loopbak'], /Did you mean loopback\?/, /Choose namespaces, loopback or auto/],
    [['zzzz'], /Known are: devnet, faucet, start, sync, ask/, /synod --help/],
    [['ask'], /missing required argument 'prompt'/, /synod ask --help/],
    [['ask', 'hi', '--timeout', 'x'], /seconds from 1 to 3600/, /synod ask --help/],
  ];
  for (const [args, meant, help] of cases) {
    const result = await synod(args);
    assert.equal(result.code, 2, args.join(' '));
    assert.match(result.stderr, meant);
    assert.match(result.stderr, help);
    assert.match(result.stderr, /^✖ /, 'no colour codes in a pipe');
    assert.equal(result.stdout, '');
  }
});

test('with --json an error is one JSON object on stderr', async () => {
  for (const [args, exitCode, code] of [
    [['ask', 'hi', '--json', '--foo'], 2, 'USAGE'],
    [['status', '--json'], 3, 'NODE_UNREACHABLE'],
    [['devnet', 'status', '--data-dir', '/nonexistent', '--json'], 3, 'NODE_UNREACHABLE'],
  ] as const) {
    const result = await synod(args);
    assert.equal(result.code, exitCode);
    assert.equal(result.stdout, '');
    const { schemaVersion, error } = JSON.parse(result.stderr) as { schemaVersion: number; error: object };
    assert.equal(schemaVersion, 1);
    assert.deepEqual(Object.keys(error), ['code', 'message', 'hint', 'facts', 'exitCode']);
    assert.deepEqual(
      { ...error, message: '', hint: '', facts: {} },
      { code, message: '', hint: '', facts: {}, exitCode },
    );
  }
});

test('bootstrap.mjs explains itself, and a clone without its lockfile', async (context) => {
  const usage = await run(process.execPath, [join(root, 'bootstrap.mjs')]);
  assert.equal(usage.code, 2);
  assert.match(usage.stderr, /usage: node bootstrap\.mjs run FILE/);
  const folder = mkdtempSync(join(tmpdir(), 'synod-bootstrap-'));
  context.after(() => rmSync(folder, { recursive: true }));
  copyFileSync(join(root, 'bootstrap.mjs'), join(folder, 'bootstrap.mjs'));
  const bare = await run(process.execPath, [join(folder, 'bootstrap.mjs'), 'check']);
  assert.equal(bare.code, 1);
  assert.match(bare.stderr, /pnpm-lock\.yaml is missing/);
});

test('bootstrap.mjs hands over arguments, streams and the exit code', async () => {
  const file = join(root, 'packages/cli/src/main.ts');
  const result = await run(process.execPath, [join(root, 'bootstrap.mjs'), 'run', file, 'ask', '']);
  assert.equal(result.code, 2);
  assert.match(result.stderr, /prompt is empty/);
});
