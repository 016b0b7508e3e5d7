/**
 * `synod db stats|compact|verify`: the database of a node that does not run. Owns the words; the node package owns the work.
 */
import { join, resolve } from 'node:path';
import { checkDatabase, compactDatabase, databaseStats, describeSnapshots, snapshotsOf } from '@synod/node';
import { readGenesisFile } from '../join/genesis-file.ts';
import { bytesText, type CommonOptions, note, print, printJson, table } from '../terminal/output.ts';

export type DbFlags = CommonOptions & { readonly home: string };

export async function runDbStats({ home, json }: DbFlags): Promise<void> {
  const { fileBytes, buckets } = await databaseStats(databaseOf(home));
  const snapshots = describeSnapshots(snapshotsOf(resolve(home)));
  if (json) return printJson({ fileBytes, buckets, snapshots });
  const rows = buckets.map(({ bucket, records, keyBytes, valueBytes }) => [
    bucket,
    String(records),
    bytesText(keyBytes + valueBytes),
  ]);
  for (const line of table([['bucket', 'records', 'size'], ...rows])) print(line);
  print(`  on disk ${bytesText(fileBytes)}`);
  for (const { height, records, bytes } of snapshots) {
    print(`  snapshot of height ${height}: ${records} records, ${bytesText(bytes)}`);
  }
}

export async function runDbCompact({ home, json }: DbFlags): Promise<void> {
  const { beforeBytes, afterBytes } = await compactDatabase(databaseOf(home));
  if (json) return printJson({ beforeBytes, afterBytes });
  print(`${bytesText(beforeBytes)} before, ${bytesText(afterBytes)} after`);
}

export async function runDbVerify({ home, json }: DbFlags): Promise<void> {
  const directory = resolve(home);
  // Says which folder is meant before a missing database would be created.
  await databaseStats(databaseOf(home));
  const checked = await checkDatabase({
    home: directory,
    genesis: readGenesisFile(join(directory, 'genesis.json')),
    onProgress: (height, target) => note(`block ${height} of ${target}`),
  });
  if (json) return printJson(checked);
  const what =
    checked.depth === 'replay' ? 'executed again from genesis' : 'older ones are pruned: links and certificates';
  print(`blocks ${checked.from} to ${checked.to} are good (${what}); state root 0x${checked.stateRoot}`);
}

function databaseOf(home: string): string {
  return join(resolve(home), 'chain');
}
