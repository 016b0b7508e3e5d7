/**
 * A real folder whose writer can be stopped before any of its operations, and a model of what a power loss then leaves: contents
 * are durable after a sync of the file, names after a sync of their folder, and what is not may be there, in part, or not.
 * Owns the model; what must survive is the tests' to say.
 */
import fs from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { FileOperations } from '../../src/adapters/durable-files.ts';

type FileNode = { readonly kind: 'file'; content: Buffer; synced: Buffer };
type Names = Map<string, FileNode | FolderNode>;
type FolderNode = {
  readonly kind: 'folder';
  names: Names;
  durable: Names;
  /** Changes of names since the last sync, in order; a power loss keeps the first few of them. */
  pending: ((names: Names) => void)[];
};

/** What is left of that which was not synced: so many first changes of names, in the folders below all or none, and of contents … */
export type Loss = {
  readonly names: number;
  readonly below: 'all' | 'none';
  readonly contents: 'all' | 'half' | 'none';
};

export class Crash extends Error {}

/** Stops before the operation `crashAt`, counted from 0. Syncs reach the model only, so it is as fast as no sync at all. */
export class CrashDisk {
  readonly files: FileOperations;
  steps = 0;
  isCrashed = false;
  readonly #folder: string;
  readonly #crashAt: number;
  readonly #root: FolderNode;
  readonly #open = new Map<number, FileNode | FolderNode>();

  constructor(folder: string, crashAt: number) {
    this.#folder = folder;
    this.#crashAt = crashAt;
    this.#root = scan(folder);
    this.files = this.#operations();
  }

  /** Every loss that differs from another here. */
  losses(): Loss[] {
    const contents = ['all', 'half', 'none'] as const;
    const below = isChangedBelow(this.#root) ? (['all', 'none'] as const) : (['none'] as const);
    return Array.from({ length: this.#root.pending.length + 1 }, (_, names) => names).flatMap((names) =>
      below.flatMap((one) => contents.map((kept) => ({ names, below: one, contents: kept }))),
    );
  }

  /** Makes the folder what the loss leaves of it. */
  lose(loss: Loss): void {
    for (const name of fs.readdirSync(this.#folder)) fs.rmSync(join(this.#folder, name), { recursive: true });
    restore(this.#root, this.#folder, loss);
  }

  #step<T>(act: () => T): T {
    if (this.isCrashed || this.steps >= this.#crashAt) {
      this.isCrashed = true;
      throw new Crash('the process is gone');
    }
    this.steps += 1;
    return act();
  }

  #operations(): FileOperations {
    const openSync = (path: fs.PathLike, flags: fs.OpenMode = 'r', mode?: fs.Mode | null): number =>
      this.#opened(String(path), String(flags), () => fs.openSync(path, flags, mode ?? 0o600));
    const writeSync = (descriptor: number, bytes: Uint8Array, offset = 0, length = bytes.length - offset): number =>
      this.#step(() => {
        const file = this.#fileOf(descriptor);
        file.content = Buffer.concat([file.content, bytes.subarray(offset, offset + length)]);
        return fs.writeSync(descriptor, bytes, offset, length);
      });
    const fsyncSync = (descriptor: number): void => this.#step(() => syncNode(this.#open.get(descriptor)));
    const renameSync = (from: fs.PathLike, to: fs.PathLike): void =>
      this.#step(() => {
        fs.renameSync(from, to);
        this.#rename(String(from), String(to));
      });
    return {
      openSync,
      closeSync: (descriptor: number) => this.#close(descriptor),
      writeSync: writeSync as FileOperations['writeSync'],
      ftruncateSync: (descriptor: number, length = 0) =>
        this.#step(() => {
          fs.ftruncateSync(descriptor, length ?? 0);
          const file = this.#fileOf(descriptor);
          file.content = file.content.subarray(0, length ?? 0);
        }),
      fsyncSync,
      fdatasyncSync: fsyncSync,
      renameSync,
      rmSync: (path: fs.PathLike, options: fs.RmOptions = {}) => this.#remove(String(path), options),
      promises: {
        open: (async (path: fs.PathLike, flags: string, mode: fs.Mode) => {
          const descriptor = openSync(path, flags, mode);
          return {
            writev: async (parts: Uint8Array[]) => ({
              bytesWritten: parts.reduce((sum, part) => sum + writeSync(descriptor, part), 0),
            }),
            sync: async () => fsyncSync(descriptor),
            close: async () => this.#close(descriptor),
          };
        }) as unknown as FileOperations['promises']['open'],
        rename: async (from, to) => renameSync(from, to),
      },
    };
  }

  #opened(path: string, flags: string, open: () => number): number {
    const known = this.#find(path);
    const changes = flags !== 'r' && (known === undefined || flags === 'w');
    const descriptor = changes ? this.#step(open) : open();
    let node = known;
    if (node === undefined) {
      const created: FileNode = { kind: 'file', content: Buffer.alloc(0), synced: Buffer.alloc(0) };
      change(this.#folderOf(dirname(path)), (names) => names.set(basename(path), created));
      node = created;
    } else if (node.kind === 'file' && flags === 'w') node.content = Buffer.alloc(0);
    this.#open.set(descriptor, node);
    return descriptor;
  }

  #close(descriptor: number): void {
    this.#open.delete(descriptor);
    fs.closeSync(descriptor);
  }

  #rename(from: string, to: string): void {
    const folder = this.#folderOf(dirname(from));
    const node = this.#find(from)!;
    change(folder, (names) => {
      names.delete(basename(from));
      names.set(basename(to), node);
    });
  }

  /** A folder goes file by file, and each is an operation. */
  #remove(path: string, { recursive = false, force = false }: fs.RmOptions): void {
    const node = this.#find(path);
    if (node === undefined && force) return;
    if (node?.kind === 'folder' && recursive) {
      for (const name of [...node.names.keys()]) this.#remove(join(path, name), { recursive });
    }
    this.#step(() => {
      if (node?.kind === 'folder') fs.rmdirSync(path);
      else fs.unlinkSync(path);
      change(this.#folderOf(dirname(path)), (names) => names.delete(basename(path)));
    });
  }

  #fileOf(descriptor: number): FileNode {
    const node = this.#open.get(descriptor);
    if (node?.kind !== 'file') throw new Error('not an open file');
    return node;
  }

  #folderOf(path: string): FolderNode {
    const node = this.#find(path);
    if (node?.kind !== 'folder') throw new Error(`${path} is no folder`);
    return node;
  }

  /** A folder made meanwhile is durable: `makeDirectory` syncs what it makes. */
  #find(path: string): FileNode | FolderNode | undefined {
    if (path === this.#folder) return this.#root;
    let node: FolderNode = this.#root;
    let at = this.#folder;
    const parts = relative(this.#folder, path).split('/');
    for (const [index, part] of parts.entries()) {
      at = join(at, part);
      let next = node.names.get(part);
      if (next === undefined && fs.statSync(at, { throwIfNoEntry: false })?.isDirectory()) {
        next = scan(at);
        node.names.set(part, next);
        node.durable.set(part, next);
      }
      if (index === parts.length - 1 || next?.kind !== 'folder') return index === parts.length - 1 ? next : undefined;
      node = next;
    }
    return undefined;
  }
}

/** Runs `act` once for every operation it makes, stopped before it, and `check` for everything a power loss may leave. */
export async function atEveryCrash<Made>(run: {
  /** A folder as it lies on the disk before, durable. */
  readonly prepare: () => string | Promise<string>;
  /** Tells what it has promised to others. */
  readonly act: (folder: string, files: FileOperations, promise: (made: Made) => void) => void | Promise<void>;
  /** Its `files` are whole again, and sync nothing. */
  readonly check: (folder: string, promised: readonly Made[], files: FileOperations) => void | Promise<void>;
}): Promise<{ readonly points: number; readonly outcomes: number }> {
  let outcomes = 0;
  for (let points = 0; ; points++) {
    const folder = await run.prepare();
    const disk = new CrashDisk(folder, points);
    const promised: Made[] = [];
    try {
      await run.act(folder, disk.files, (made) => void promised.push(made));
    } catch (error) {
      if (!disk.isCrashed) throw error;
    }
    for (const loss of disk.losses()) {
      disk.lose(loss);
      outcomes += 1;
      try {
        await run.check(folder, promised, new CrashDisk(folder, Number.POSITIVE_INFINITY).files);
      } catch (cause) {
        throw new Error(`crash before operation ${points}, then ${JSON.stringify(loss)}: ${cause}`, { cause });
      }
    }
    if (!disk.isCrashed) return { points, outcomes };
  }
}

function change(folder: FolderNode, apply: (names: Names) => void): void {
  apply(folder.names);
  folder.pending.push(apply);
}

function syncNode(node: FileNode | FolderNode | undefined): void {
  if (node?.kind === 'file') node.synced = node.content;
  if (node?.kind !== 'folder') return;
  node.durable = new Map(node.names);
  node.pending = [];
}

function scan(path: string): FolderNode {
  const names: Names = new Map();
  for (const entry of fs.readdirSync(path, { withFileTypes: true })) {
    const at = join(path, entry.name);
    if (entry.isDirectory()) names.set(entry.name, scan(at));
    else {
      const content = fs.readFileSync(at);
      names.set(entry.name, { kind: 'file', content, synced: content });
    }
  }
  return { kind: 'folder', names, durable: new Map(names), pending: [] };
}

function isChangedBelow(folder: FolderNode): boolean {
  return [...folder.names.values(), ...folder.durable.values()].some(
    (node) => node.kind === 'folder' && (node.pending.length > 0 || isChangedBelow(node)),
  );
}

function restore(folder: FolderNode, path: string, loss: Loss): void {
  const names: Names = new Map(folder.durable);
  for (const apply of folder.pending.slice(0, loss.names)) apply(names);
  for (const [name, node] of names) {
    const at = join(path, name);
    if (node.kind === 'file') fs.writeFileSync(at, contentAfter(node, loss.contents), { mode: 0o600 });
    else {
      fs.mkdirSync(at);
      restore(node, at, { ...loss, names: loss.below === 'all' ? node.pending.length : 0 });
    }
  }
}

function contentAfter({ content, synced }: FileNode, kept: Loss['contents']): Buffer {
  const isCut = synced.subarray(0, content.length).equals(content);
  if (kept !== 'half' || isCut) return kept === 'all' ? content : synced;
  const isLonger = content.length >= synced.length && content.subarray(0, synced.length).equals(synced);
  const whole = isLonger ? synced.length : 0;
  return content.subarray(0, whole + ((content.length - whole) >> 1));
}
