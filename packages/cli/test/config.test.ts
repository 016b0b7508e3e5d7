/** Settings from files: which file wins, which key means which flag, what is refused with which words, and where a value came from. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Command } from 'commander';
import { createProgram } from '../src/command-line.ts';
import { applyConfig, type Config, configured, loadConfig } from '../src/settings/config.ts';
import { type ConfigSearch, configPlaces } from '../src/settings/config-file.ts';
import { isSecret, keyOf, settable, settingsOf } from '../src/settings/config-keys.ts';
import { metavarOf } from '../src/settings/value-kinds.ts';
import { isGroup } from '../src/tree/everywhere.ts';
import { everyCommand, isRepeated, wordsOf } from '../src/tree/flags.ts';
import { root, run } from './command.ts';

type Room = ConfigSearch & { readonly write: (where: 'project' | 'user' | 'system', text: string) => string };

function room(t: TestContext, environment: Record<string, string> = {}): Room {
  const base = mkdtempSync(join(tmpdir(), 'synod-config-'));
  t.after(() => rmSync(base, { recursive: true }));
  const files = {
    project: join(base, 'project', 'synod.toml'),
    user: join(base, 'xdg', 'synod', 'synod.toml'),
    system: join(base, 'etc', 'synod.toml'),
  };
  for (const file of Object.values(files)) mkdirSync(dirname(file), { recursive: true });
  return {
    named: undefined,
    environment: { XDG_CONFIG_HOME: join(base, 'xdg'), ...environment },
    folder: join(base, 'project'),
    systemFile: files.system,
    write: (where, text) => {
      writeFileSync(files[where], text);
      return files[where];
    },
  };
}

const commandOf = (words: string, program = createProgram()) =>
  everyCommand(program).find((command) => wordsOf(command).join(' ') === words)!;

async function settingOf(search: ConfigSearch, words: string, key: string): Promise<unknown> {
  const program = createProgram();
  const command = commandOf(words, program);
  const config = await loadConfig(program, search);
  return configured(config, command, command.options.find((option) => keyOf(option) === key)!)?.value ?? null;
}

async function refusal(t: TestContext, text: string): Promise<string> {
  const search = room(t);
  search.write('project', text);
  const error = await loadConfig(createProgram(), search).then(
    () => null,
    (thrown: Error & { code?: string }) => thrown,
  );
  assert.equal(error?.code, 'CONFIG_INVALID', text);
  return error.message;
}

test('the project wins over the user, and that over the system; a table of the command over the top', async (t) => {
  const search = room(t);
  search.write('system', 'model = "s"\nrpc = "http://s:1"\n[ask]\ndomain = "s"\n');
  assert.deepEqual(await settingOf(search, 'ask', 'domain'), ['s']);
  search.write('user', 'rpc = "http://u:1"\n[ask]\ndomain = "u"\nmax-cost = 0.5\n');
  assert.deepEqual(await settingOf(search, 'ask', 'domain'), ['u']);
  search.write('project', 'rpc = "http://p:1"\n[status]\nrpc = "http://p:2"\n');
  assert.deepEqual(await settingOf(search, 'ask', 'domain'), ['u']);
  assert.deepEqual(await settingOf(search, 'ask', 'rpc'), ['http://p:1']);
  assert.deepEqual(await settingOf(search, 'status', 'rpc'), ['http://p:2']);
  assert.deepEqual(await settingOf(search, 'ask', 'max-cost'), ['0.5'], 'numbers are texts');
  assert.deepEqual(await settingOf(search, 'devnet', 'model'), ['s']);
});

test('--config stands in for the project file, and SYNOD_CONFIG where it is absent; none reads nothing', async (t) => {
  const search = room(t);
  search.write('project', '[ask]\ndomain = "p"\n');
  const user = search.write('user', '[ask]\ndomain = "u"\n');
  const named = join(dirname(user), 'other.toml');
  writeFileSync(named, '[ask]\nfrom = "n"\n');
  assert.deepEqual(await settingOf({ ...search, named }, 'ask', 'from'), ['n']);
  assert.deepEqual(await settingOf({ ...search, named }, 'ask', 'domain'), ['u']);
  const environment = { ...search.environment, SYNOD_CONFIG: named };
  assert.deepEqual(await settingOf({ ...search, environment }, 'ask', 'from'), ['n']);
  assert.deepEqual(configPlaces({ ...search, named: 'none' }), []);
  await assert.rejects(loadConfig(createProgram(), { ...search, named: `${named}x` }), {
    code: 'CONFIG_INVALID',
    message: /other\.tomlx: --config names it, and it does not exist/,
  });
  assert.throws(() => configPlaces({ ...search, named: '' }), { code: 'USAGE' });
  writeFileSync(named, Buffer.from([0x23, 0xff, 0xfe, 0x0a]));
  await assert.rejects(loadConfig(createProgram(), { ...search, named }), { code: 'CONFIG_INVALID', message: /UTF-8/ });
});

test('a table of a group holds for its commands; that of a command for itself alone', async (t) => {
  const search = room(t);
  search.write('project', '[stake]\nfrom = "bob"\n[stake.show]\njson = true\n[devnet]\nseed = 7\n');
  assert.deepEqual(await settingOf(search, 'stake delegate', 'from'), ['bob']);
  assert.deepEqual(await settingOf(search, 'devnet', 'seed'), ['7']);
  assert.equal(await settingOf(search, 'devnet chaos', 'seed'), null);
  assert.equal(await settingOf(search, 'stake show', 'json'), true);
  search.write('project', '["devnet chaos"]\nseed = 8\n');
  assert.deepEqual(await settingOf(search, 'devnet chaos', 'seed'), ['8'], 'the words may stand in quotes');
});

test('every flag of every command may stand in a file, except secrets and hidden ones', (t) => {
  const program = createProgram();
  let count = 0;
  for (const command of everyCommand(program).filter((each) => each.parent !== null && !isGroup(each))) {
    if (command.name().startsWith('__')) continue;
    for (const option of settable(command)) {
      const isFlag = metavarOf(option.flags) === null;
      const value = isFlag ? true : isRepeated(option) ? ['a', 'b'] : 'a';
      const table = wordsOf(command).reduceRight<object>((inner, word) => ({ [word]: inner }), {
        [keyOf(option)]: value,
      });
      const file = { scope: 'project', path: '/f', exists: true, table, lineOf: () => null } as never;
      const [setting] = settingsOf(program, file);
      assert.equal(setting?.key, keyOf(option));
      count += 1;
    }
  }
  assert.ok(count > 400, `${count}`);
  t.diagnostic(`${count} flags`);
});

test('unknown keys, tables and types are refused in one sentence with file, line and the nearest name', async (t) => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['rcp = "http://x"', /synod\.toml, line 1: nothing is called rcp at the top\nDid you mean rpc\?/],
    ['[ask]\n\nmaxcost = 1', /line 3: nothing is called maxcost in \[ask\]\nDid you mean max-cost\?/],
    ['max-cost = 1', /nothing is called max-cost at the top\nIt belongs into the table of its command, e\.g\. \[ask\]/],
    ['[aks]\nfrom = "x"', /line 1: \[aks\] is the table of no command\nDid you mean \[ask\]\?/],
    ['[devnet.stats]\njson = true', /\[devnet\.stats\] is the table of no command\nDid you mean \[devnet\.status\]\?/],
    ['[ask]\njson = "yes"', /line 2: json must be true or false/],
    ['[ask]\ndomain = true', /domain must be text or a number/],
    ['[ask]\ndomain = ["a"]', /domain takes one value, not a list/],
    ['[ask]\ndomain = 2026-01-01', /domain must be text or a number/],
    ['[ask]\ndomain = ', /line 2: is no TOML/],
    ['[ask]\ndomain = "a"\ndomain = "b"', /line 3: is no TOML/],
    ['[devnet]\ndetached = true', /nothing is called detached in \[devnet\]/],
    ['config = "x"', /nothing is called config/],
    ['[__complete]\nx = 1', /is the table of no command/],
    ['[ask]\nprototype = 1', /nothing is called prototype/],
    ['[constructor]\nx = 1', /is the table of no command/],
  ];
  for (const [text, message] of cases) assert.match(await refusal(t, text), message, text);
});

test('secrets stand in no file', async (t) => {
  for (const key of ['read-key', 'password', 'mnemonic', 'private-key', 'api-key', 'token', 'spend-key']) {
    assert.match(await refusal(t, `[query.show]\n${key} = "s3cret"`), new RegExp(`line 2: ${key} is a secret`));
    assert.doesNotMatch(await refusal(t, `${key} = "s3cret"`), /s3cret/);
  }
  for (const command of everyCommand(createProgram()))
    for (const option of command.options) {
      const isKey = /\bkey\b/.test(option.flags) && !/file>/.test(option.flags);
      if (isKey) assert.ok(isSecret(option), `${wordsOf(command).join(' ')} ${option.flags}`);
    }
});

test('paths are meant from the folder of the file', async (t) => {
  const search = room(t);
  const file = search.write(
    'user',
    '[start]\nhome = "node"\nexpert = ["./law", "/abs", "*"]\n[devnet]\nmodel = "./m"\n',
  );
  assert.deepEqual(await settingOf(search, 'start', 'home'), [join(dirname(file), 'node')]);
  assert.deepEqual(await settingOf(search, 'start', 'expert'), [join(dirname(file), 'law'), '/abs', '*']);
  assert.deepEqual(await settingOf(search, 'devnet', 'model'), [join(dirname(file), 'm')]);
});

async function apply(t: TestContext, text: string, words: string, environment: Record<string, string>) {
  const search = room(t);
  search.write('project', text);
  const program = createProgram();
  const config: Config = await loadConfig(program, search);
  const command = commandOf(words, program);
  const variables: Record<string, string | undefined> = { ...environment };
  applyConfig(config, command, variables);
  return { options: command.opts(), variables };
}

test('the environment wins over files, also where it names the node in another way', async (t) => {
  const text = 'rpc = "http://f:1"\ndata-dir = "/f"\n[ask]\nrpc = ["http://f:2", "http://f:3"]\n';
  assert.deepEqual((await apply(t, text, 'ask', {})).variables, {
    SYNOD_RPC_URL: 'http://f:2,http://f:3',
    SYNOD_DATA_DIR: '/f',
  });
  const named = await apply(t, text, 'ask', { SYNOD_RPC_URL: 'http://e:1' });
  assert.equal(named.variables['SYNOD_RPC_URL'], 'http://e:1');
  const elsewhere = await apply(t, text, 'ask', { SYNOD_DATA_DIR: '/e' });
  assert.deepEqual(elsewhere.variables, { SYNOD_DATA_DIR: '/e' });
  const verify = await apply(t, text, 'verify receipt', {});
  assert.equal(verify.options['rpc'], undefined, 'a proof is checked without a node unless one is named');
});

const synodWith = (config: string, args: readonly string[]) => run(join(root, 'synod'), ['--config', config, ...args]);

test('a flag with a variable of its own takes the variable before any file, and an empty one is none', async (t) => {
  const search = room(t);
  const given = async (environment: Record<string, string>) => {
    const program = new Command('synod');
    const command = program.command('tune').option('--level <n>', 'how loud (also: SYNOD_TUNE_LEVEL)');
    command.option('--name <name>', 'of whom');
    const config = await loadConfig(program, search);
    const names = applyConfig(config, command, { ...environment }).flatMap((each) => each.names);
    return { names, options: command.opts() };
  };
  search.write('user', '[tune]\nlevel = 1\n');
  search.write('project', '[tune]\nlevel = 2\nname = "n"\n');
  const fromFiles = { names: ['--level', '--name'], options: { level: '2', name: 'n' } };
  assert.deepEqual(await given({}), fromFiles);
  assert.deepEqual(await given({ SYNOD_TUNE_LEVEL: '' }), fromFiles);
  // What its command reads from the environment is not replaced by the file.
  assert.deepEqual(await given({ SYNOD_TUNE_LEVEL: '3' }), { names: ['--name'], options: { name: 'n' } });
});

test('flags replace what a file says, repeated ones too; config show tells where each value came from', async (t) => {
  const search = room(t);
  const file = search.write(
    'project',
    '[devnet]\nvalidators = 5\nknowledge = ["a=/a", "b=/b"]\n[verify.receipt]\ntrust = "1@0x3f"\n',
  );
  const shown = await synodWith(file, ['config', 'show', 'devnet', '--knowledge', 'c=/c', '--origin', '--json']);
  assert.equal(shown.code, 0, shown.stderr);
  const { settings } = JSON.parse(shown.stdout) as {
    settings: { key: string; value: unknown; origin: string; from: string }[];
  };
  const row = (key: string) => settings.find((each) => each.key === key);
  assert.deepEqual(row('validators'), { key: 'validators', value: '5', origin: 'file', from: `${file}, line 2` });
  assert.deepEqual(row('knowledge'), { key: 'knowledge', value: ['c=/c'], origin: 'flag', from: '--knowledge' });
  assert.equal(row('seed')?.origin, 'default');
  assert.ok(!settings.some(({ key }) => key === 'detached'));
  const everything = await synodWith(file, ['config', 'show', '--origin']);
  assert.match(everything.stdout, /SYNOD_RPC_URL/);
  assert.match(everything.stdout, /devnet\.validators\s+5\s+.*synod\.toml, line 2/);
  const paths = await synodWith(file, ['config', 'path', '--json']);
  assert.deepEqual((JSON.parse(paths.stdout) as { files: object[] }).files[0], {
    scope: '--config',
    path: file,
    exists: true,
  });
});

test('a command uses the file, and a wrong value is told with the file, not the flag', async (t) => {
  const search = room(t);
  const range = search.write('project', '[devnet]\nvalidators = 99\n');
  const wrong = await synodWith(range, ['devnet']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^✖ validators \(.*synod\.toml, line 2\) "99" must be a whole number from 1 to 16/);
  assert.doesNotMatch(wrong.stderr, /--validators/);
  search.write('project', '[ask]\ntimeout = 0\n');
  const parsed = await synodWith(range, ['ask', 'hi']);
  assert.equal(parsed.code, 2);
  assert.match(parsed.stderr, /synod\.toml, line 2: timeout "0" is invalid\n {2}Give seconds from 1 to 3600/);
  search.write('project', '[stake.delegate]\namount = "much"\n');
  const mandatory = await synodWith(range, ['stake', 'delegate', 'val-1']);
  assert.equal(mandatory.code, 2);
  assert.match(mandatory.stderr, /✖ amount \(.*synod\.toml, line 2\) "much" is wrong/);
  search.write('project', 'rpc = "nowhere"\n');
  const variable = await run('/usr/bin/env', ['-u', 'SYNOD_RPC_URL', join(root, 'synod'), '--config', range, 'status']);
  assert.equal(variable.code, 2);
  assert.match(variable.stderr, /✖ rpc \(.*synod\.toml, line 1\) "nowhere" is not an http address/);
});

test('help, completion and config path work whatever the file says', async (t) => {
  const file = room(t).write('project', 'x = ');
  for (const args of [
    ['ask', '--help'],
    ['completion', 'bash'],
    ['config', 'path'],
  ]) {
    assert.equal((await synodWith(file, args)).code, 0, args.join(' '));
  }
  const failed = await synodWith(file, ['status']);
  assert.equal(failed.code, 2);
  assert.match(failed.stderr, /^✖ .*synod\.toml, line 1: is no TOML/);
});
