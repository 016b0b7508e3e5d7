/**
 * What a devnet starts to learn from: the adapters of its domains as version 0, whose factors are laid into every node's home. Owns no
 * rule; files and hashes are the inference package's.
 */
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Genesis, type Hash, sha256, toHex } from '@synod/chain';
import { makeDirectory } from '@synod/node/make-directory';
import type { DevnetDomain } from './domains.ts';

export type DevnetLine = {
  readonly line: Genesis['lines'][number];
  /** The fixed-point file. */
  readonly factors: Uint8Array;
  readonly adapterFile: string;
};

/** One for each domain whose adapter could be learnt on; domains without one start from nothing. */
export async function devnetLines(domains: readonly DevnetDomain[]): Promise<readonly DevnetLine[]> {
  const withAdapter = domains.flatMap(({ name, adapter }) => (adapter === null ? [] : [{ domain: name, ...adapter }]));
  if (withAdapter.length === 0) return [];
  const { factorsOfAdapter } = await import('@synod/node/adapters');
  return await Promise.all(
    withAdapter.map(async ({ domain, file, hash }) => {
      const factors = await factorsOfAdapter(file);
      return { line: { domain, factors: toHex(sha256(factors)) as Hash, adapter: hash }, factors, adapterFile: file };
    }),
  );
}

/** Puts the files of version 0 where the node of that home looks for them. What is there stays. */
export async function layLines(home: string, lines: readonly DevnetLine[]): Promise<void> {
  if (lines.length === 0) return;
  const { versionFile } = await import('@synod/node/adapters');
  for (const { line, factors, adapterFile } of lines) {
    const folder = join(home, 'versions');
    const [factorsFile, adapter] = [
      versionFile(folder, 'factors', line.factors),
      versionFile(folder, 'adapter', line.adapter),
    ];
    for (const file of [factorsFile, adapter]) makeDirectory(dirname(file), 0o700);
    if (!existsSync(factorsFile)) writeFileSync(factorsFile, factors, { flush: true });
    if (!existsSync(adapter)) copyFileSync(adapterFile, adapter);
  }
}
