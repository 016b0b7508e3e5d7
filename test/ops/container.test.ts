/** The Dockerfile and the compose file, as far as they can be checked without an engine: sources exist, versions are pinned, nobody is root, nothing secret is in them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { createProgram } from '../../packages/cli/src/command-line.ts';

const ROOT = resolve(import.meta.dirname, '../..');

type Instruction = { readonly name: string; readonly flags: readonly string[]; readonly words: readonly string[] };

/** Instructions of a Dockerfile: comments and line continuations are taken out. */
function instructionsOf(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const joined = lines.join('\n').replaceAll(/\\\n/g, ' ');
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', ...words] = line.trim().split(/\s+/);
      assert.match(name, /^[A-Z]+$/, line);
      return {
        name,
        flags: words.filter((word) => word.startsWith('--')),
        words: words.filter((word) => !word.startsWith('--') || name === 'RUN' || name === 'CMD'),
      };
    });
}

const KNOWN = [
  'FROM',
  'WORKDIR',
  'COPY',
  'RUN',
  'LABEL',
  'ENV',
  'USER',
  'VOLUME',
  'EXPOSE',
  'STOPSIGNAL',
  'HEALTHCHECK',
  'ENTRYPOINT',
  'CMD',
];
const dockerfile = instructionsOf(readFileSync(join(ROOT, 'ops/Dockerfile'), 'utf8'));
const of = (name: string) => dockerfile.filter((one) => one.name === name);
const PINNED = /:v?\d+\.\d+\.\d+/;
const SECRET = /password|token|secret|keys\.json|PRIVATE/i;

test('the image is made in two stages of one pinned base, from files that exist', () => {
  for (const { name } of dockerfile) assert.ok(KNOWN.includes(name), name);
  const bases = of('FROM').map(({ words }) => words);
  assert.equal(bases.length, 2);
  assert.deepEqual(bases[0]!.slice(1), ['AS', 'build']);
  assert.equal(bases[0]![0], bases[1]![0]);
  assert.match(bases[0]![0]!, PINNED);
  for (const { flags, words } of of('COPY')) {
    if (flags.some((flag) => flag.startsWith('--from='))) continue;
    for (const source of words.slice(0, -1)) assert.ok(existsSync(join(ROOT, source)), source);
  }
  const [install] = of('RUN').filter(({ words }) => words.includes('bootstrap.mjs'));
  const main = install!.words[install!.words.indexOf('run') + 1]!;
  assert.ok(existsSync(join(ROOT, main)));
  // The base must be one that the launcher accepts without fetching another.
  const engines = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).engines.node as string;
  assert.ok(Number(/node:(\d+)/.exec(bases[0]![0]!)![1]) >= Number(/\d+/.exec(engines)![0]));
});

test('it runs as a user of its own, stops gracefully, says when it is ready, and holds no secret', () => {
  assert.deepEqual(
    of('USER').map(({ words }) => words),
    [['synod']],
  );
  const order = dockerfile.map(({ name }) => name);
  assert.ok(order.lastIndexOf('RUN') < order.indexOf('USER') && order.indexOf('USER') < order.indexOf('ENTRYPOINT'));
  assert.ok(of('RUN').some(({ words }) => words[0] === 'useradd' && words.at(-1) === 'synod'));
  assert.deepEqual(of('STOPSIGNAL')[0]!.words, ['SIGINT']);
  assert.match(of('HEALTHCHECK')[0]!.words.join(' '), /\/readyz/);
  assert.equal(of('VOLUME')[0]!.words[0], '/var/lib/synod');
  for (const { name, words } of dockerfile) if (name !== 'RUN') assert.doesNotMatch(words.join(' '), SECRET, name);
  const [entry] = of('ENTRYPOINT');
  const file = JSON.parse(entry!.words.join(' '))[0].replace('/opt/synod/', '');
  assert.ok(existsSync(join(ROOT, file)));
  const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  for (const name of ['.git', '**/node_modules', '**/keys.json']) assert.ok(ignored.includes(name), name);
});

test('the command that it runs is one of the tree', () => {
  const [name, ...args] = JSON.parse(of('CMD')[0]!.words.join(' ')) as string[];
  const command = createProgram().commands.find((one) => one.name() === name);
  const flags = command!.options.map(({ long }) => long);
  for (const flag of args.filter((word) => word.startsWith('--'))) assert.ok(flags.includes(flag), flag);
});

type Service = Readonly<Record<string, unknown>> & {
  readonly image: string;
  readonly volumes?: readonly string[];
  readonly depends_on?: readonly string[];
};

test('the compose file: pinned images, volumes and files that exist, nobody privileged, nothing secret', () => {
  const text = readFileSync(join(ROOT, 'ops/docker-compose.yml'), 'utf8');
  const compose = parse(text) as { services: Record<string, Service>; volumes: Record<string, null> };
  assert.doesNotMatch(text, SECRET);
  for (const [name, service] of Object.entries(compose.services)) {
    assert.ok(name === 'node' ? service.image === 'synod:local' : PINNED.test(service.image), name);
    assert.equal(service['privileged'], undefined, name);
    for (const other of service.depends_on ?? []) assert.ok(other in compose.services, other);
    for (const volume of service.volumes ?? []) {
      const source = volume.split(':')[0]!;
      if (source.startsWith('.')) assert.ok(existsSync(join(ROOT, 'ops', source)), source);
      else assert.ok(source in compose.volumes, source);
    }
  }
  const node = compose.services['node']!;
  const build = node['build'] as { context: string; dockerfile: string };
  assert.ok(existsSync(resolve(ROOT, 'ops', build.context, build.dockerfile)));
  assert.deepEqual([node['read_only'], node['cap_drop'], node['stop_signal']], [true, ['ALL'], 'SIGINT']);
  assert.ok((node.volumes ?? []).includes('node:/var/lib/synod'));
  // RPC must never be reachable from outside: it is on loopback, and no port maps it.
  assert.ok((node['ports'] as string[]).every((port) => !port.includes('9545')));
});

test('Grafana is given the dashboard and the data source that it asks for', () => {
  const read = (file: string) => parse(readFileSync(join(ROOT, 'ops/grafana/provisioning', file), 'utf8'));
  assert.equal(read('datasources/prometheus.yml').datasources[0].type, 'prometheus');
  assert.equal(read('dashboards/synod.yml').providers[0].options.path, '/var/lib/grafana/dashboards');
});
