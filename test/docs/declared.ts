/**
 * Commands of pages that are not run as they stand, each with the reason and with what is checked instead. Owns the only list of them: a
 * command that no page runs and that stands not here fails coverage.test.ts, and so does an entry that fits no command any more.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../e2e/devnet-process.ts';

export type Declaration = {
  /** Pages it is for; left out: all. */
  readonly pages?: RegExp;
  /** The whole command. */
  readonly command: RegExp;
  /** Why it is not run as it stands. */
  readonly why: string;
  /** What is wrong with the command; null where nothing is. */
  readonly check: (command: string) => string | null;
};

/** The declaration of a command on a page; null where it has to be run. */
export function declarationOf(page: string, command: string): Declaration | null {
  return declared.find((each) => each.command.test(command) && (each.pages?.test(page) ?? true)) ?? null;
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const missing = (path: string): string | null =>
  globSync(path, { cwd: root }).length > 0 ? null : `names ${path}, which is not there`;

/** The test runs the command in its own words, which are in it: `'devnet', 'dump'`, `'dump'`, or what else shows that it does. */
const testedBy =
  (test: string, ...words: readonly string[]): Declaration['check'] =>
  () => {
    if (!existsSync(join(root, test))) return `${test}, which is to run it, is not there`;
    const absent = words.filter((word) => !read(test).includes(word));
    return absent.length === 0 ? null : `${test}, which is to run it, has no ${absent.join(', ')}`;
  };

/** Every program and test that the command names is in the project. */
function filesAreThere(command: string): string | null {
  const files = command.replace(/\.$/, '').match(/(?<= )[\w./*-]+\.(?:ts|mjs)\b/g) ?? [];
  return files.length === 0 ? 'names no file' : (files.map(missing).find((one) => one !== null) ?? null);
}

function scriptIsThere(command: string): string | null {
  const name = /^npm (?:run )?([\w-]+)/.exec(command)?.[1] ?? '';
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
  return scripts[name] === undefined
    ? `package.json has no script "${name}"`
    : filesAreThere(`${scripts[name]} ${command}`);
}

function toolIsInstalled(command: string): string | null {
  const name = command.split(' ')[1]!;
  const places = ['node_modules/.bin', 'packages/web/node_modules/.bin'].map((folder) => `${folder}/${name}`);
  return places.some((path) => existsSync(join(root, path))) ? null : `${name} is no dependency of the project`;
}

/** `service install` prints the command, and docs.test.ts sees that it does. */
const printedByService: Declaration['check'] = (command) => {
  const page = read('docs/operating.md');
  return new RegExp(`^  .*:  ${command.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&')}$`, 'm').test(page)
    ? null
    : 'is not what "service install" prints';
};

const nothing: Declaration['check'] = () => null;
const CLI = 'packages/cli/test';

export const declared: readonly Declaration[] = [
  // The machine around the project.
  { command: /^git clone … && cd synod$/, why: 'the project is here already', check: nothing },
  {
    command: /^docker (?:build|compose) /,
    why: 'no engine in a test; test/ops/container.test.ts checks both files',
    check: (command) => missing(/ -f (\S+)/.exec(command)?.[1] ?? 'a file'),
  },
  {
    command: /^(?:systemctl|journalctl) --user /,
    why: 'no systemd runs in a test; the unit is verified in cli/test/operating/service.test.ts',
    check: printedByService,
  },
  { command: /^timedatectl status$/, why: "the machine's clock is not the test's", check: nothing },
  { command: /^chmod 600 FILE$/, why: 'FILE stands for a key; it is run on the same page', check: nothing },
  { command: /^node stopped$/, why: 'a line of the log, no command', check: nothing },

  // Node, npm and what they run.
  { command: /^npm (?:test|run check)\b/, why: 'this is what runs the tests', check: scriptIsThere },
  {
    command: /^npm start -- --(?:model tiny|reset)$/,
    why: '"npm start" is run with other flags',
    check: scriptIsThere,
  },
  { command: /^npx (?:biome|vite) /, why: 'formats or builds the project that is tested', check: toolIsInstalled },
  {
    command: /^(?:[A-Z_]+=\S+ )*node (?:bootstrap\.mjs (?:run )?)?(?:--test )?(?:bench|packages|docs|test|examples)\//,
    why: 'measures for minutes, remakes what is committed, or is a test itself',
    check: filesAreThere,
  },
  {
    command: /^node bootstrap\.mjs(?: page)?$/,
    why: 'test/e2e/web.test.ts needs the page that it builds',
    check: filesAreThere,
  },
  {
    command: /^node bootstrap\.mjs bundle$/,
    why: 'packages/cli/test/bundle/launch.test.ts runs the program that it starts',
    check: () => missing('packages/cli/src/bundle/make-main.ts'),
  },
  {
    pages: /^bench\/training\//,
    command: /^node our-step\.ts /,
    why: 'started by bench/training/run.ts',
    check: () => missing('bench/training/our-step.ts'),
  },
  {
    command: /^llm openai endpoint /,
    why: 'run with the stock client',
    check: testedBy('test/clients/clients.test.ts', 'llm'),
  },

  // Commands that need a model, minutes, an offence, or a chain of its own; each is run by the test that is named.
  { command: /synod model fetch$/, why: 'downloads 176 MB', check: testedBy('.ci/run', './synod model fetch --json') },
  {
    command: /synod simulate mutants/,
    why: 'minutes',
    check: testedBy('packages/simulator/test/mutation.test.ts', 'mutants'),
  },
  {
    command: /synod simulate(?: --seeds \S+)?$/,
    why: 'minutes',
    check: testedBy(`${CLI}/simulate.test.ts`, "'simulate', '--seeds'"),
  },
  { command: /synod devnet chaos/, why: 'minutes', check: testedBy('test/e2e/chaos.test.ts', "'devnet', 'chaos'") },
  {
    command: /synod devnet (?:dump|load|reset)/,
    why: 'each lets all nodes end and start',
    check: testedBy('test/e2e/devnet-controls.test.ts', "'dump'", "'load'"),
  },
  { command: /synod experiment /, why: 'minutes', check: testedBy(`${CLI}/experiment.test.ts`, "'experiment'") },
  {
    command: /synod expert (?:train|eval) DOMAIN/,
    why: 'trains and asks the real model for minutes',
    check: testedBy(`${CLI}/expert-train.test.ts`, "'expert', 'train'", "'expert', 'eval'"),
  },
  {
    command: /synod expert learn /,
    why: 'a domain first has to learn',
    check: testedBy(`${CLI}/learning.test.ts`, 'runExpertLearn('),
  },
  {
    command: /synod model rebuild/,
    why: 'a version is there once its round is over, which takes minutes',
    check: testedBy(`${CLI}/rebuild.test.ts`, "'model', 'rebuild'"),
  },
  {
    command: /synod model rollback/,
    why: 'needs a version as well',
    check: testedBy(`${CLI}/learning.test.ts`, 'rollBack('),
  },
  {
    command: /synod model personal/,
    why: 'trains a model',
    check: testedBy(`${CLI}/personal.test.ts`, "'personal', 'train'", "'personal', 'ask'", "'personal', 'status'"),
  },
  {
    command: /synod calibrate /,
    why: 'needs a calibrator among the validators',
    check: testedBy(`${CLI}/calibrate.test.ts`, "'calibrate', '--gold'"),
  },
  {
    command: /synod evidence submit /,
    why: 'needs an attack',
    check: testedBy(`${CLI}/evidence.test.ts`, 'submitEvidenceFile('),
  },
  {
    command: /synod validator unjail/,
    why: 'needs a validator in jail',
    check: testedBy(`${CLI}/staking.test.ts`, "'unjail'"),
  },
  {
    command: /synod validator rotate/,
    why: 'new keys act after an epoch',
    check: testedBy(`${CLI}/rotate.test.ts`, 'rotateKeys('),
  },
  {
    command: /synod params (?:status|vote) /,
    why: 'P is what "propose" printed',
    check: testedBy(`${CLI}/params.test.ts`, 'proposalStatus(', 'vote('),
  },
  {
    command: /synod key new\|import\|export\|list\|show/,
    why: 'other keys than those of the pages',
    check: testedBy(
      `${CLI}/keys/key-commands.test.ts`,
      "'key', 'new'",
      "'key', 'export'",
      "'key', 'list'",
      "'key', 'show'",
    ),
  },
  {
    pages: /operating/,
    command: /^synod start --home \.\/my-node$/,
    why: 'its keys are moved, on the same page',
    check: testedBy(`${CLI}/keys/signer.test.ts`, "'start', '--home'"),
  },
  {
    command: /synod sync /,
    why: 'a home of its own, brought to the head of a devnet',
    check: testedBy('test/e2e/sync.test.ts', "'sync', '--home'"),
  },
  {
    command: /synod start --home \.\/prepared --validator$/,
    why: 'that home has no key on the page',
    check: testedBy(`${CLI}/operating/must-validate.test.ts`, "'--validator'"),
  },
  {
    command: /synod (?:key move|signer) /,
    why: 'a key that was moved signs in another process from then on',
    check: testedBy(`${CLI}/keys/signer.test.ts`, "'signer', '--home'", 'takeKeys('),
  },
  {
    command: /synod (?:state|verify) proof/,
    why: 'KEY is a record of the state',
    check: testedBy(`${CLI}/verify.test.ts`, "'verify', 'proof'"),
  },
  {
    command: /synod query disclose/,
    why: 'needs a private query',
    check: testedBy('test/e2e/devnet.test.ts', 'disclose'),
  },
  {
    command: /^synod __complete$/,
    why: 'for completion scripts',
    check: testedBy(`${CLI}/completion.test.ts`, '__complete'),
  },
];
