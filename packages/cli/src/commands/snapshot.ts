/**
 * `synod snapshot create|list|verify|restore`: a state in one folder, to be carried from node to node. Owns the words; the node
 * package owns the work.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Hash, isHex, SynodError } from '@synod/chain';
import {
  checkSnapshotFolder,
  createSnapshot,
  describeSnapshots,
  restoreSnapshotFolder,
  type SnapshotFacts,
  snapshotsOf,
} from '@synod/node';
import { parseCheckpoint, writeCheckpoint } from '../join/checkpoint.ts';
import { readGenesisFile } from '../join/genesis-file.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { bytesText, type CommonOptions, note, print, printJson, table } from '../terminal/output.ts';

export type SnapshotFlags = CommonOptions & { readonly home: string };

/** Of the newest state of a node that does not run. */
export async function runSnapshotCreate(flags: SnapshotFlags & { readonly out?: string }): Promise<void> {
  const home = resolve(flags.home);
  const folder = flags.out === undefined ? snapshotsOf(home) : resolve(flags.out);
  const made = await createSnapshot({ home, genesis: readGenesisFile(join(home, 'genesis.json')), folder });
  if (flags.json) return printJson(made);
  print(`${made.folder}: height ${made.height}, ${made.leaves} records, ${bytesText(made.bytes)}`);
  print(`  state root 0x${made.stateRoot}`);
}

export function runSnapshotList({ home, json }: SnapshotFlags): void {
  const folder = resolve(home);
  if (!existsSync(folder)) {
    throw new SynodError('NOT_FOUND', `There is no folder ${folder}. Name the home of a node, as --home.`, {
      facts: { folder },
    });
  }
  const snapshots = describeSnapshots(snapshotsOf(folder));
  if (json) return printJson({ snapshots });
  if (snapshots.length === 0) return print('no snapshots yet');
  const row = ({ height, records, chunks, bytes, stateRoot }: SnapshotFacts) => [
    String(height),
    String(records),
    String(chunks),
    bytesText(bytes),
    `0x${stateRoot}`,
  ];
  for (const line of table([['height', 'records', 'chunks', 'size', 'state root'], ...snapshots.map(row)])) print(line);
}

export async function runSnapshotVerify(folder: string, { home, json }: SnapshotFlags): Promise<void> {
  const genesis = readGenesisFile(join(resolve(home), 'genesis.json'));
  const { state: _, anchor: __, above: ___, ...checked } = await checkSnapshotFolder({ folder, genesis, onProgress });
  if (json) return printJson(checked);
  print(`all ${checked.records} records of height ${checked.height} are good; state root 0x${checked.stateRoot}`);
  print(
    checked.isProven
      ? `  block ${checked.height + 1}, which is in it and certified, names this state`
      : `  block ${checked.height + 1} did not exist yet: compare the state root with a source you trust`,
  );
}

export async function runSnapshotRestore(
  folder: string,
  flags: SnapshotFlags & { readonly checkpoint?: string; readonly stateRoot?: string },
): Promise<void> {
  const home = resolve(flags.home);
  const checkpoint = flags.checkpoint === undefined ? null : parseCheckpoint(flags.checkpoint);
  const trust = { checkpoint, stateRoot: flags.stateRoot === undefined ? null : parseRoot(flags.stateRoot) };
  const restored = await restoreSnapshotFolder({
    folder,
    home,
    genesis: readGenesisFile(join(home, 'genesis.json')),
    trust,
    onProgress,
  });
  if (checkpoint !== null) writeCheckpoint(home, checkpoint);
  if (flags.json) return printJson(restored);
  print(
    `${home} now stands at block ${restored.height}, ${restored.records} records. Start it: ${SYNOD} start --home ${home}`,
  );
}

function parseRoot(text: string): Hash {
  const root = text.replace(/^0x/, '').toLowerCase();
  if (isHex(root, 32)) return root as Hash;
  throw new SynodError('USAGE', `--state-root "${text}" is no root. Give 64 hexadecimal digits.`);
}

function onProgress(done: number, of: number, bytes: number): void {
  if (done % 32 === 0 || done === of) note(`chunk ${done} of ${of}, ${bytesText(bytes)}`);
}
