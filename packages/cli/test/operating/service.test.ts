/** The systemd unit: its text is that of ops/, systemd finds no fault with it, it is only written where it is ours, and readiness is told. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { notifySystemd } from '../../src/operating/notify-systemd.ts';
import { unitOf } from '../../src/operating/systemd-unit.ts';
import { root, run } from '../command.ts';
import { temporaryFolder, validatorHome } from './home.ts';

test('ops/synod.service is what the command writes, with the promises that operators rely on', () => {
  const unit = unitOf({ command: ['/opt/synod/synod'], home: '/var/lib/synod', isValidator: false, user: 'synod' });
  assert.equal(readFileSync(join(root, 'ops/synod.service'), 'utf8'), unit);
  for (const line of [
    'Type=notify',
    'ExecStart=/opt/synod/synod start --home /var/lib/synod',
    'User=synod',
    'Restart=on-failure',
    'KillSignal=SIGINT',
    'TimeoutStopSec=120',
    'LimitNOFILE=65536',
    'NoNewPrivileges=true',
    'ProtectSystem=strict',
    'ReadWritePaths=/var/lib/synod',
    'WantedBy=multi-user.target',
  ])
    assert.ok(unit.split('\n').includes(line), line);
  const own = unitOf({ command: ['/x y/node', 'a%b'], home: '/h "q" $x', isValidator: true, user: null });
  assert.match(own, /^ExecStart="\/x y\/node" a%%b start --validator --home "\/h \\"q\\" \$\$x"$/m);
  assert.doesNotMatch(own, /^(User|ProtectSystem|ReadWritePaths)=/m);
});

test('it is installed, shown, replaced and removed where it is ours, and nothing else is touched', {
  timeout: 180_000,
}, async (t) => {
  const { home } = validatorHome(t);
  const config = temporaryFolder(t);
  const service = (...args: string[]) =>
    run('/usr/bin/env', [`XDG_CONFIG_HOME=${config}`, join(root, 'synod'), 'service', ...args]);
  const file = join(config, 'systemd/user/synod.service');
  const dry = await service('install', '--home', home, '--user', '--dry-run');
  assert.equal(dry.code, 0, dry.stderr);
  assert.ok(!existsSync(file));
  assert.match(dry.stdout, / start --validator --home /);
  const done = await service('install', '--home', home, '--user');
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /systemctl --user daemon-reload && systemctl --user enable --now synod/);
  assert.equal(readFileSync(file, 'utf8').trimEnd(), dry.stdout.trimEnd());
  assert.equal((await service('install', '--home', home, '--user')).code, 0, 'ours is replaced');
  verify(file);

  assert.equal((await service('uninstall', '--user', '--dry-run')).code, 0);
  assert.ok(existsSync(file));
  assert.equal((await service('uninstall', '--user')).code, 0);
  assert.ok(!existsSync(file));
  assert.equal((await service('uninstall', '--user')).code, 4);
  mkdirSync(join(config, 'systemd/user'), { recursive: true });
  writeFileSync(file, '[Unit]\n');
  assert.match((await service('install', '--home', home, '--user')).stderr, /was not written by this command/);
  assert.match((await service('uninstall', '--user')).stderr, /was not written by this command/);
  assert.equal((await service('install', '--home', home, '--user', '--name', '../x')).code, 2);
  assert.notEqual((await service('install', '--home', join(config, 'none'), '--user')).code, 0);
});

/** systemd's own opinion, where it is installed. */
function verify(file: string): void {
  const checked = spawnSync('systemd-analyze', ['verify', '--user', file], { encoding: 'utf8' });
  if (checked.error !== undefined) return console.log('systemd-analyze is not here: the unit was not verified by it');
  const said = checked.stderr.split('\n').filter((line) => line.includes('synod.service'));
  assert.deepEqual(said, []);
}

test('systemd is told in its own words where it listens, and nobody elsewhere', async (t) => {
  const warnings: unknown[] = [];
  const log = { warn: (facts: unknown) => void warnings.push(facts) };
  await notifySystemd('ready', { environment: {}, log });
  assert.deepEqual(warnings, []);
  const folder = temporaryFolder(t);
  const script = `#!/bin/sh\necho "$@" > "${folder}/told"\n`;
  writeFileSync(join(folder, 'systemd-notify'), script, { mode: 0o755 });
  const path = process.env['PATH'];
  process.env['PATH'] = `${folder}:${path}`;
  t.after(() => {
    process.env['PATH'] = path;
  });
  await notifySystemd('ready', { environment: { NOTIFY_SOCKET: '/run/x' }, log });
  assert.equal(readFileSync(join(folder, 'told'), 'utf8'), `--ready --pid=${process.pid}\n`);
  writeFileSync(join(folder, 'systemd-notify'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  await notifySystemd('stopping', { environment: { NOTIFY_SOCKET: '/run/x' }, log });
  assert.equal(warnings.length, 1);
});
