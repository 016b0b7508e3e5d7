/**
 * `synod status [--watch]`: is the network well, and if not, why. Owns the words, and how they are shown again and again; the node owns
 * the facts.
 */
import pc from 'picocolors';
import { type FeedState, feedLimits, followNode } from '../operating/node-feed.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { rpcUrl } from '../settings/settings.ts';
import { describeFailure } from '../terminal/failure.ts';
import { type CommonOptions, printJson, type Told, tell } from '../terminal/output.ts';

export type StatusFlags = CommonOptions & { readonly rpc?: string; readonly watch?: boolean };

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
  const feed = followNode(node.url, new AbortController().signal);
  let shown = 0;
  let last = '';
  for (;;) {
    const told = withFeed(await look(node).catch(absent), feed.state());
    const text = json ? JSON.stringify(told.json) : told.lines.join('\n');
    // A node that stays away is told once, but where the screen is drawn anew.
    if (isRedrawn || !('error' in told.json) || text !== last) {
      if (json) printJson(told.json);
      else process.stdout.write(`${isRedrawn ? over(shown) : ''}${text}\n`);
    }
    last = text;
    shown = rowsOf(told.lines, process.stdout.columns ?? Number.POSITIVE_INFINITY);
    await feed.news();
  }
}

/** With how the node is followed, where that is not by its events. */
function withFeed({ json, lines }: Told, feed: FeedState): Told {
  const told = { ...json, feed };
  if (feed.kind !== 'polling') return { json: told, lines };
  const every = `${feedLimits.pollMs / 1000} s`;
  const note = `  following  no events from this node (${feed.reason}); asked every ${every}, and connected anew once it takes it`;
  return { json: told, lines: [...lines, pc.yellow(note)] };
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
