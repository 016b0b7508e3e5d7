/** Completion in real shells: bash always, zsh and fish where they are installed; and that the scripts hold the whole tree. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createProgram } from '../src/command-line.ts';
import { bashScript } from '../src/completion/bash.ts';
import { fishScript } from '../src/completion/fish.ts';
import { completionSpec } from '../src/completion/spec.ts';
import { zshScript } from '../src/completion/zsh.ts';
import { root, synod } from './command.ts';

const specs = completionSpec(createProgram());

/** What bash offers for a line, the word under the cursor last. */
function bash(words: readonly string[], environment: Record<string, string> = {}): readonly string[] {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const script = `source /dev/stdin <<'SYNOD_SCRIPT'\n${bashScript(specs)}\nSYNOD_SCRIPT\ncomplete -p synod >/dev/null || exit 9
COMP_WORDS=(${quoted}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _synod; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const shell = spawnSync('bash', ['--norc', '-c', script], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    cwd: root,
  });
  assert.equal(shell.status, 0, shell.stderr);
  assert.equal(shell.stderr, '');
  return shell.stdout.split('\n').filter((line) => line !== '');
}

test('bash completes commands, subcommands, flags and words to choose from', () => {
  assert.deepEqual(bash(['synod', 'dev']), ['devnet']);
  assert.deepEqual(bash(['synod', 'stake', 're']), ['redelegate']);
  assert.deepEqual(bash(['synod', 'devnet', '--block']), ['--block-time']);
  assert.deepEqual(bash(['synod', 'start', '--mdns', '']), ['on', 'off']);
  assert.deepEqual(bash(['synod', 'start', '--mdns', '=', 'of']), ['off']);
  assert.deepEqual(bash(['synod', 'params', 'vote', '0x3f', 'n']), ['no']);
  assert.deepEqual(bash(['synod', '--config', 'x', 'verify', '']), ['receipt', 'proof']);
  assert.deepEqual(bash(['synod', 'completion', 'f']), ['fish']);
  assert.deepEqual(bash(['synod', 'config', 'show', 'dev']), ['devnet']);
  assert.ok(bash(['synod', 'devnet', '']).includes('status'));
  assert.deepEqual(bash(['synod', 'ask', 'devnet', 'st']), [], 'a question is no command');
});

test('bash completes files, folders, and what no script can know', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'synod-completion-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'home'));
  writeFileSync(join(folder, 'hold.json'), '{}');
  assert.deepEqual(bash(['synod', 'start', '--home', `${folder}/ho`]), [join(folder, 'home')]);
  assert.deepEqual(bash(['synod', 'send', '--key-file', `${folder}/hold`]), [join(folder, 'hold.json')]);
  const record = { nodes: [{ name: 'val-0' }, { name: 'val-1' }], accounts: [{ name: 'alice' }, { name: 'bob' }] };
  writeFileSync(join(folder, 'devnet.json'), JSON.stringify(record));
  const environment = { SYNOD_DATA_DIR: folder };
  assert.deepEqual(bash(['./synod', 'devnet', 'logs', ''], environment), ['val-0', 'val-1']);
  assert.deepEqual(bash(['./synod', 'ask', '--from', 'a'], environment), ['alice']);
  writeFileSync(join(folder, 'devnet.json'), '{"nodes": 7');
  assert.deepEqual(bash(['./synod', 'devnet', 'logs', ''], environment), []);
});

test('the domains that are shipped are offered', async () => {
  const { code, stdout } = await synod(['__complete', 'domains']);
  assert.equal(code, 0);
  assert.ok(stdout.split('\n').includes('geography'));
  assert.equal((await synod(['__complete', 'secrets'])).code, 2);
});

test('what a user types loads the script', () => {
  const line = 'source <(./synod completion bash) && complete -p synod';
  const shell = spawnSync('bash', ['--norc', '-c', line], { encoding: 'utf8', cwd: root });
  assert.equal(shell.stdout, 'complete -F _synod synod\n');
});

const isInstalled = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

/** Parses the script with the shell itself where there is one; says so where not. */
function parsesIn(t: TestContext, shell: string, flag: string, script: string): void {
  if (!isInstalled(shell))
    return t.diagnostic(`${shell} is not installed: its script was checked for what it holds only`);
  const folder = mkdtempSync(join(tmpdir(), 'synod-completion-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'script'), script);
  const parsed = spawnSync(shell, [flag, join(folder, 'script')], { encoding: 'utf8' });
  assert.equal(parsed.status, 0, parsed.stderr);
}

test('zsh: every command and flag is in the script, and zsh parses it', (t) => {
  const script = zshScript(specs);
  for (const { words, flags } of specs) {
    const path = words.map((word) => ` ${word}`).join('');
    const line = script.split('\n').find((each) => each.startsWith(`    ('${path}') subs=`));
    assert.ok(line !== undefined, path);
    for (const { long } of flags) assert.ok(line.includes(`'${long}:`), `${path} ${long}`);
  }
  assert.match(script, /^#compdef synod\n/);
  parsesIn(t, 'zsh', '-n', script);
  if (!isInstalled('zsh')) return;
  // Completion's own functions live in its editor: these show what they would be given.
  const stand = `compdef() {}\n_describe() { local n=\${@[-1]}; print -l -- \${(P)n} }\ncompadd() { shift; print -l -- $@ }\n`;
  const ask = (words: string) => {
    const line = `${stand}${script}\nwords=(${words}); CURRENT=\${#words}; _synod`;
    return spawnSync('zsh', ['-f', '-c', line], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
  };
  assert.ok(ask("synod stake 're'").includes('redelegate:Move stake from one validator to another at once'));
  assert.deepEqual(ask("synod start --mdns ''"), ['on', 'off']);
  assert.deepEqual(ask("synod completion ''"), ['bash', 'zsh', 'fish']);
});

test('fish: every command and flag is in the script, and fish parses and completes it', (t) => {
  const script = fishScript(specs);
  for (const { words, flags } of specs) {
    const at = script.split('\n').filter((line) => line.includes(`__synod_at \\'${words.join(' ')}\\'`));
    for (const { long } of flags)
      assert.ok(
        at.some((line) => line.includes(` -l ${long.slice(2)} `)),
        `${words.join(' ')} ${long}`,
      );
  }
  parsesIn(t, 'fish', '--no-execute', script);
  if (!isInstalled('fish')) return;
  const asked = spawnSync('fish', ['--no-config', '-c', `${script}\ncomplete -C 'synod stake re'`], {
    encoding: 'utf8',
  });
  assert.match(asked.stdout, /^redelegate\t/);
});

test('the scripts hold every visible command, and none for machines', () => {
  const names = specs.map(({ words }) => words.join(' '));
  assert.ok(names.includes('model personal train'));
  assert.ok(!names.some((name) => name.includes('__')));
  for (const script of [bashScript(specs), zshScript(specs)]) assert.ok(script.includes("' model personal train'"));
});
