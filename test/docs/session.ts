/**
 * Runs the steps of a document as a reader would: in a folder of its own, with a home of its own, one command after the other. Owns
 * the processes it started. What the docs shorten with `…` is the last such value that was printed: a receipt, an address, a checkpoint,
 * a state root. A line that begins with `export` holds for all that follow.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePortBase, root } from '../e2e/devnet-process.ts';
import type { Command, Step } from './document.ts';

const limits = { commandMs: 240_000, endMs: 60_000 } as const;
const PORT_BASE_IN_DOCS = 9545;

export class Session {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #portBase: number;
  readonly #running: { readonly text: string; readonly child: ChildProcess }[] = [];
  #printed = '';

  private constructor(folder: string, portBase: number) {
    this.folder = folder;
    this.#portBase = portBase;
    const { XDG_CONFIG_HOME: _config, XDG_DATA_HOME: _data, ...others } = process.env;
    this.#env = {
      ...others,
      NO_COLOR: '1',
      HOME: join(folder, 'home'),
      XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? '', '.cache'),
      SYNOD_PORT_BASE: String(portBase),
    };
  }

  /** A folder with `./synod` in it, and a devnet that would take the test model. */
  static async create(): Promise<Session> {
    const folder = mkdtempSync(join(tmpdir(), 'synod-docs-'));
    const portBase = await freePortBase();
    const session = new Session(folder, portBase);
    for (const name of ['synod', 'node_modules', 'examples', 'ops']) symlinkSync(join(root, name), join(folder, name));
    const settings = join(folder, 'home', '.config', 'synod');
    mkdirSync(settings, { recursive: true });
    writeFileSync(join(settings, 'synod.toml'), '[devnet]\nmodel = "tiny"\n');
    return session;
  }

  /** Commands for which `isLeftOut` holds are not run. */
  async run(steps: readonly Step[], isLeftOut: (command: string) => boolean = () => false): Promise<void> {
    for (const step of steps) {
      if (step.kind === 'file') this.#write(step.path, step.text);
      else if (step.kind === 'same') assert.equal(step.text, readFileSync(join(root, step.path), 'utf8'), step.path);
      else if (step.kind === 'ctrl-c') await this.#interrupt(step.command, step.line);
      else
        for (const [index, command] of step.commands.entries()) {
          const isLast = index === step.commands.length - 1;
          if (isLeftOut(command.text)) continue;
          if (isLast && step.waitFor !== null) await this.#start(command, step.waitFor);
          else if (command.text.startsWith('export ')) this.#check(command, await this.#export(command), false);
          else this.#check(command, await this.#finish(command), step.isExact);
        }
    }
  }

  /** Ends what runs, as Ctrl-C does, and removes the folder. */
  async close(): Promise<void> {
    for (const { child } of this.#running.toReversed()) await end(child);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, this.#here(text));
  }

  async #interrupt(begin: string, line: number): Promise<void> {
    const started = this.#running.findLast(({ text, child }) => text.startsWith(begin) && child.exitCode === null);
    assert.ok(started !== undefined, `line ${line}: nothing that began with "${begin}" runs`);
    assert.equal(await end(started.child), 0, `line ${line}: ${started.text} does not end well`);
  }

  #spawn(command: Command): ChildProcess {
    const text = this.#filled(this.#here(command.text)).replaceAll(/^npm start( -- )?/g, './synod devnet ');
    return spawn('bash', ['-c', text.replace(/^(\.\/synod (?:devnet|start|status))/, 'exec $1')], {
      cwd: this.folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async #finish(command: Command): Promise<{ readonly code: number | null; readonly text: string }> {
    const child = this.#spawn(command);
    const timer = setTimeout(() => child.kill('SIGKILL'), limits.commandMs);
    let text = '';
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (text += chunk));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    clearTimeout(timer);
    this.#printed += text;
    return { code, text };
  }

  /** Runs `export NAME=VALUE` and keeps what it was set to. */
  async #export(command: Command): Promise<{ readonly code: number | null; readonly text: string }> {
    const name = /^export (\w+)=/.exec(command.text)![1]!;
    const result = await this.#finish({ ...command, text: `${command.text} && printf %s "$${name}"` });
    this.#env[name] = result.text;
    return result;
  }

  async #start(command: Command, waitFor: string): Promise<void> {
    const child = this.#spawn(command);
    this.#running.push({ text: command.text, child });
    let text = '';
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`line ${command.line}: ${command.text}: ${why}:\n${text}`));
      const timer = setTimeout(() => fail(`"${waitFor}" was not printed`), limits.commandMs);
      child.on('exit', (code) => fail(`ended with ${code}`));
      for (const stream of [child.stdout!, child.stderr!])
        stream.on('data', (chunk) => {
          text += chunk;
          if (!text.includes(waitFor)) return;
          clearTimeout(timer);
          resolve();
        });
    });
    this.#printed += text;
  }

  #check({ line, text, expected }: Command, result: { code: number | null; text: string }, isExact: boolean): void {
    const told = expected.flatMap((one) => /^exit (\d+)$/.exec(one)?.[1] ?? []);
    assert.equal(result.code, Number(told[0] ?? 0), `line ${line}: ${text}\n${result.text}`);
    if (!isExact) return;
    const printed = result.text.split('\n').map(shapeOf);
    for (const one of expected.filter((each) => each.trim() !== '' && !/^(exit \d+|\s*…)$/.test(each))) {
      const isBegun = one.endsWith(' …');
      const shape = shapeOf(isBegun ? one.slice(0, -2) : one);
      const isIt = (line: string) => (isBegun ? line.startsWith(shape) : line === shape);
      const at = printed.findIndex(isIt);
      assert.ok(at >= 0, `line ${line}: ${text} does not print\n${one}\nbut\n${result.text}`);
      printed.splice(0, at + 1);
    }
  }

  /** The docs' ports are those of a devnet at 9545; this one is elsewhere. */
  #here(text: string): string {
    return text.replaceAll(/\b9[56]\d[56]\b/g, (port) => String(this.#portBase + Number(port) - PORT_BASE_IN_DOCS));
  }

  #filled(text: string): string {
    const last = (pattern: RegExp, shown: string) => {
      const value = this.#printed.match(pattern)?.at(-1);
      assert.ok(value !== undefined, `${shown} stands for something that nothing has printed`);
      return value;
    };
    return text
      .replaceAll(/\d+@0x[0-9a-f]+…[0-9a-f]*/g, (shown) => last(/\d+@0x[0-9a-f]{64}/g, shown))
      .replaceAll(/(?<=--state-root )0x[0-9a-f]+…[0-9a-f]*/g, (shown) => last(/(?<=state root )0x[0-9a-f]{64}/g, shown))
      .replaceAll(/0x[0-9a-f]+…[0-9a-f]*/g, (shown) => last(/(?<=receipt +)0x[0-9a-f]{64}/g, shown))
      .replaceAll(/syn1[0-9a-z]+…[0-9a-z]*/g, (shown) => last(/syn1[0-9a-z]{38}/g, shown));
  }
}

/** What of a line stays the same from run to run. */
function shapeOf(line: string): string {
  return line
    .trimEnd()
    .replaceAll(/(?:\d+@)?0x[0-9a-f]+(?:…[0-9a-f]*)?/g, '#')
    .replaceAll(/syn1[0-9a-z]+(?:…[0-9a-z]*)?/g, '@')
    .replaceAll(/\d[\d.,:]*/g, '0')
    .replaceAll(/\s+/g, ' ');
}

/** The exit code; null where a signal was the end. */
function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), limits.endMs);
  return ended.finally(() => clearTimeout(timer));
}
