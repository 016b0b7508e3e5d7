/** `synod completion`: the script for a shell; and the names that such scripts ask for. Owns where the names are found. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SynodError } from '@synod/chain/errors';
import type { Command } from 'commander';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { completionSpec, NAME_KINDS } from '../completion/spec.ts';
import { zshScript } from '../completion/zsh.ts';
import { dataDirectory } from '../settings/settings.ts';
import { print } from '../terminal/output.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export function runCompletion(shell: string, program: Command): void {
  process.stdout.write(SCRIPTS[shell as keyof typeof SCRIPTS](completionSpec(program)));
}

/** One name a line; none where no devnet is ready. Quick: one file is read, no node is asked. */
export async function runComplete(kind: string): Promise<void> {
  const known = NAME_KINDS.find((each) => each === kind);
  if (known === undefined) throw new SynodError('USAGE', `There are no names of kind "${kind}".`);
  if (known === 'domains') {
    const { shippedDomains } = await import('../devnet/domains.ts');
    for (const name of ['general', ...shippedDomains()]) print(name);
    return;
  }
  const record = readRecord();
  const nodes = namesIn(record['nodes']);
  const names = { nodes, accounts: [...namesIn(record['accounts']), ...nodes] };
  for (const name of names[known]) print(name);
}

function readRecord(): Readonly<Record<string, unknown>> {
  const file = join(dataDirectory(undefined, process.env), 'devnet.json');
  if (!existsSync(file)) return {};
  try {
    const record: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof record === 'object' && record !== null ? (record as Record<string, unknown>) : {};
  } catch {
    // Damaged: nothing is offered, and whoever needs the file reports it.
    return {};
  }
}

function namesIn(items: unknown): readonly string[] {
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: { readonly name?: unknown }) => (typeof item?.name === 'string' ? [item.name] : []));
}
