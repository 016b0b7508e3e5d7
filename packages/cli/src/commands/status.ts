/**
 * `synod status [--watch]`: is the network well, and if not, why. Owns the words, and how they are shown again and again; the node owns
 * the facts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pc from 'picocolors';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { rpcUrl } from '../settings/settings.ts';
import { describeFailure } from '../terminal/failure.ts';
import { type CommonOptions, printJson, type Told, tell } from '../terminal/output.ts';

export type StatusFlags = CommonOptions & { readonly rpc?: string; readonly watch?: boolean };

const WATCH_INTERVAL_MS = 2_000;
/** Cursor up so many lines, then clear to the end of the screen. */
const over = (lines: number) => (lines === 0 ? '' : `\u001b[${lines}A\u001b[0J`);

export async function runStatus(flags: StatusFlags): Promise<void> {
  const node = createNodeClient(rpcUrl(flags, process.env));
  if (flags.watch !== true) return tell(flags, await look(node));
  await watch(node, flags);
}

/** Until Ctrl-C. A node that does not answer is news like any other; it may come back. */
async function watch(node: NodeClient, { json }: StatusFlags): Promise<void> {
  const isRedrawn = process.stdout.isTTY === true && process.env['TERM'] !== 'dumb';
  let shown = 0;
  for (;;) {
    const { json: facts, lines } = await look(node).catch(absent);
    if (json) printJson(facts);
    else {
      process.stdout.write(`${isRedrawn ? over(shown) : ''}${lines.join('\n')}\n`);
      shown = rowsOf(lines, process.stdout.columns ?? Number.POSITIVE_INFINITY);
    }
    await delay(WATCH_INTERVAL_MS);
  }
}

/** Rows that lines take on a terminal of this width. */
export function rowsOf(lines: readonly string[], columns: number): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with the escape character.
  const widths = lines.map((line) => line.replaceAll(/\u001b\[\d+m/g, '').length);
  return widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
}

function absent(error: unknown): Told {
  const { code, message } = describeFailure(error);
  return { json: { error: { code, message } }, lines: [`${pc.red('●')} ${message}`] };
}

async function look(node: NodeClient): Promise<Told> {
  const [status, validators, experts] = await Promise.all([node.status(), node.validators(), node.experts()]);
  const checkpoint = `${status.finalized.height}@${status.finalized.hash}`;
  const ageMs = Date.now() - Number(status.head.time);
  const light = status.warnings.length > 0 ? pc.yellow('●') : pc.green('●');
  const reason = status.roleReason === null ? '' : `: ${status.roleReason}`;
  const json = { ...status, checkpoint, validators: validators.length, networkExperts: experts.length };
  const lines = [
    `${light} ${status.chainId}   block ${status.head.height}   ${(ageMs / 1000).toFixed(1)}s ago   ${validators.length} validators   ${status.peers} peers   ${experts.length} experts`,
    `  node      ${status.name} ${status.version}   ${status.role}${reason}${status.syncing ? '   catching up' : ''}`,
    `  worker    ${status.worker.state}   ${status.worker.model ?? 'no model yet'}   ${status.worker.queued} jobs`,
    `  waiting   ${status.mempoolTransactions} transactions, ${status.openQueries} open queries`,
    `  checkpoint ${checkpoint}`,
    ...status.warnings.map((warning) => pc.yellow(`  ! ${warning}`)),
  ];
  return { json, lines };
}
