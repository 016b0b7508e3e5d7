/**
 * `synod ask`: asks, shows the answer as it is written, and ends with cost, who answered, how peers scored it and the
 * receipt. Owns what is shown and measured, and that it goes on with another node when one dies; the node opens and pays.
 */
import { SynodError } from '@synod/chain';
import { followAnywhere, type QueryEventJson, type QueryJson, type RoutingJson } from '@synod/rpc/client';
import pc from 'picocolors';
import { createNodeClient, type NodeClient, translateError } from '../rpc/node-client.ts';
import { formatSyn, parseSyn } from '../settings/amounts.ts';
import { rpcUrls } from '../settings/settings.ts';
import { citationLines } from '../terminal/citations.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { feedbackLine } from '../terminal/feedback-line.ts';
import { type CommonOptions, note, print, printJson, shortened, table } from '../terminal/output.ts';
import { plainLines } from '../terminal/plain-text.ts';
import { trustNow, verifyTold } from '../verify/verify-told.ts';
import { addressOf } from './expert-show.ts';
import { readPrompt } from './prompt.ts';

export type AskFlags = CommonOptions & {
  readonly rpc?: readonly string[];
  readonly from?: string;
  readonly maxCost?: string;
  readonly domain?: string;
  /** Name or address of the one expert to ask. */
  readonly expert?: string;
  readonly respondents?: number;
  readonly rounds?: number;
  readonly effort?: 'quote' | 'full';
  /** Millionths. */
  readonly threshold?: number;
  readonly timeout: number;
  /** Proves the receipt before it is shown. */
  readonly verify?: boolean;
  /** The block that --verify starts from; else the newest that all nodes agree on. */
  readonly trust?: string;
  readonly private?: boolean;
};

type Timings = { firstTokenMs: number | null; totalMs: number | null; finalMs: number };
type Finished = {
  readonly query: QueryJson;
  /** Opens the texts of a private query. */
  readonly readKey: string | null;
  readonly streamed: string;
  readonly timings: Timings;
};

export async function runAsk(argument: string, flags: AskFlags): Promise<void> {
  const maxCost = flags.maxCost === undefined ? undefined : parseSyn(flags.maxCost).toString();
  const prompt = await readPrompt(argument);
  const nodes = await firstRunning(rpcUrls(flags, process.env).map((url) => createNodeClient(url)));
  const [node] = nodes;
  const urls = nodes.map(({ url }) => url);
  const trust = flags.verify === true ? (flags.trust ?? (await trustNow(urls))) : null;
  const startedMs = performance.now();
  const terms = {
    prompt,
    ...(flags.domain === undefined ? {} : { domain: flags.domain }),
    ...(flags.expert === undefined ? {} : { expert: await addressOf(flags.expert, node) }),
    ...(flags.respondents === undefined ? {} : { respondents: flags.respondents }),
    ...(flags.rounds === undefined ? {} : { rounds: flags.rounds }),
    ...(flags.effort === undefined ? {} : { effort: flags.effort }),
  };
  if (!flags.json) await showQuote(node, terms);
  const { queryId, validUntil, readKey } = await node.call('query_submit', {
    ...terms,
    ...(maxCost === undefined ? {} : { maxCost }),
    ...(flags.from === undefined ? {} : { from: flags.from }),
    ...(flags.threshold === undefined ? {} : { threshold: flags.threshold }),
    ...(flags.private ? { privacy: 'private' as const } : {}),
  });
  const limits = { timeoutMs: flags.timeout * 1000, validUntil: Number(validUntil) };
  const finished = await follow(nodes, queryId, { startedMs, stream: !flags.json, readKey, ...limits });
  const verified = trust === null ? null : await verifyTold(finished.query, { prompt, urls, trust });
  if (flags.json) printJson({ ...toContract(finished), ...(verified === null ? {} : { verified }) });
  else showResult(finished);
  if (verified !== null && !flags.json) print(`              proved from block ${verified.trust} by ${verified.url}`);
}

type Terms = {
  readonly prompt: string;
  readonly domain?: string;
  readonly expert?: string;
  readonly respondents?: number;
  readonly rounds?: number;
  readonly effort?: 'quote' | 'full';
};

async function showQuote(node: NodeClient, terms: Terms): Promise<void> {
  const quote = await node.call('query_quote', terms);
  const names = quote.experts.map(({ name }) => name).join(', ');
  note(pc.dim(`routing   ${quote.domain}${routingText(quote.routing)}   experts ${names}`));
  note(
    pc.dim(
      `price     about ${formatSyn(BigInt(quote.estimate))}, at most ${formatSyn(BigInt(quote.max))}   difficulty ${quote.routing.difficulty}, load factor ${quote.loadFactor}`,
    ),
  );
  const { effort, respondents, rounds, reason } = quote.configuration;
  note(
    pc.dim(
      `contract  effort ${effort}, ${counted(respondents, 'respondent')}, ${counted(rounds, 'round')} (${reason})`,
    ),
  );
  note();
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function routingText({ by, probability, note: why }: RoutingJson): string {
  if (why !== null) return ` (${why})`;
  if (by === 'request') return ' (as asked)';
  if (by === 'default') return '';
  return probability === null ? ' (of no other domain)' : ` (probability ${probability})`;
}

/** The nodes in their order, those before the first that answers last: a question goes to one that is there. */
async function firstRunning(nodes: readonly NodeClient[]): Promise<readonly [NodeClient, ...NodeClient[]]> {
  for (const [index, node] of nodes.entries()) {
    try {
      await node.call('chain_getHead');
      return [node, ...nodes.slice(index + 1), ...nodes.slice(0, index)];
    } catch (error) {
      const isGone = error instanceof SynodError && (error.code === 'NODE_UNREACHABLE' || error.code === 'TIMEOUT');
      if (!isGone || index === nodes.length - 1) throw error;
      note(pc.yellow(`! ${node.url} does not answer; asking ${nodes[index + 1]?.url}`));
    }
  }
  throw new SynodError('USAGE', '--rpc names no node.');
}

async function follow(
  nodes: readonly NodeClient[],
  queryId: string,
  options: { startedMs: number; stream: boolean; timeoutMs: number; validUntil: number; readKey: string | null },
): Promise<Finished> {
  const { readKey } = options;
  const signal = AbortSignal.timeout(options.timeoutMs);
  const elapsed = () => Math.round(performance.now() - options.startedMs);
  const timings: Timings = { firstTokenMs: null, totalMs: null, finalMs: 0 };
  let streamed = '';
  /** What is said beside the text begins on a line of its own. */
  const endLine = () => {
    if (options.stream && streamed !== '' && !streamed.endsWith('\n')) print();
  };
  const onMove = (move: Parameters<typeof noteMove>[0]) => {
    endLine();
    noteMove(move);
  };
  try {
    const { validUntil } = options;
    const clients = nodes.map(({ client }) => client);
    for await (const event of followAnywhere(clients, queryId, { signal, validUntil, readKey, onMove })) {
      if (event.kind === 'failed') throw new SynodError(event.code, event.message, { facts: { queryId } });
      if (event.kind === 'token') {
        timings.firstTokenMs ??= elapsed();
        streamed += event.text;
        if (options.stream) process.stdout.write(plainLines(event.text));
      }
      // Without a stream (its expert was away) the revealed answers are the first that is seen of them.
      if (event.kind === 'answerDone' || isPhase(event, 'scoring')) timings.totalMs ??= elapsed();
      if (event.kind === 'final') {
        timings.finalMs = elapsed();
        return { query: event.query, readKey, streamed, timings };
      }
    }
  } catch (error) {
    endLine();
    throw translateError(error);
  }
  endLine();
  throw new SynodError(
    'TIMEOUT',
    `No final receipt within ${options.timeoutMs / 1000} s; the query goes on. Look later:  synod query show ${queryId}${readKeyFlag(readKey)}`,
    {
      facts: { queryId },
    },
  );
}

function noteMove({ from, to, reason }: { from: string; to: string; reason: string }): void {
  const why =
    reason === 'RPC_TIMEOUT' ? 'fell silent' : reason.startsWith('RPC_') ? 'is gone' : 'does not know the query';
  note(pc.yellow(`! ${from} ${why}; the query goes on, following it at ${to}`));
}

/** What shows a private query's texts, as the end of a command. */
function readKeyFlag(readKey: string | null): string {
  return readKey === null ? '' : ` --read-key ${readKey}`;
}

function isPhase(event: QueryEventJson, phase: string): boolean {
  return event.kind === 'phase' && event.phase === phase;
}

/** The contract of `synod ask --json`; amounts in nano, scores as decimals. */
function toContract({ query, readKey, timings }: Finished): object {
  const { answer, segments, grounding, confidence, queryId, domain, cost, respondents, scores, receipt, outcome } =
    query;
  const { firstTokenMs, totalMs, finalMs } = timings;
  return {
    answer,
    segments,
    grounding,
    confidence,
    queryId,
    domain,
    cost,
    outcome,
    respondents: respondents.map(({ answer: _text, ...respondent }) => respondent),
    scores,
    receipt,
    ...(readKey === null ? {} : { readKey }),
    timings: { firstTokenMs: firstTokenMs ?? totalMs ?? finalMs, totalMs: totalMs ?? finalMs, finalMs },
  };
}

function showResult(finished: Finished): void {
  const { query, readKey, streamed } = finished;
  if (streamed !== '') print();
  if (query.isSealed) note(pc.yellow('The answer is private, and only the node that opened the query can show it.'));
  else if (query.answer === null) note(pc.yellow(`No answer (${query.outcome}). What was not delivered was refunded.`));
  else if (query.answer !== streamed) {
    if (streamed !== '') note(pc.dim('\nthe text above was provisional; the best-scored answer is:'));
    print(query.answer);
  }
  for (const line of citationLines(query)) print(`  ${line}`);
  const shortfall = query.outcome === null ? undefined : shortfalls[query.outcome];
  if (shortfall !== undefined) note(pc.yellow(`\n! ${shortfall}`));
  print();
  for (const line of resultLines(finished)) print(line);
  if (readKey !== null) {
    print(`  private     only its committee has read it; while the chain holds it, this shows it again:`);
    print(`              ${SYNOD} query show ${query.queryId}${readKeyFlag(readKey)}`);
  }
}

/** What is wrong with an answer that is there. */
const shortfalls: Partial<Record<NonNullable<QueryJson['outcome']>, string>> = {
  belowThreshold: 'Threshold not met: no answer reached the score that was asked for, so only base parts were paid.',
  unscored: 'Unscored: too few judges told their scores in time, so only base parts were paid.',
  cancelled: 'Cancelled: what had been delivered was settled, the rest was refunded.',
};

function resultLines({ query, timings, readKey }: Finished): string[] {
  const seconds = (ms: number | null) => (ms === null ? '–' : `${(ms / 1000).toFixed(1)}s`);
  const name = new Map(query.respondents.map((respondent) => [respondent.expert, respondent.name]));
  const answered = query.respondents.map(({ expert, model, version, score, paid, tokens, grounding }) => [
    `${name.get(expert)}@v${version}`,
    model,
    grounding === null ? 'no answer' : grounding === 'quoted' ? 'quoted' : `${grounding}, ${tokens} tokens`,
    `score ${score ?? '–'}`,
    `paid ${paid === null ? '–' : formatSyn(BigInt(paid))}`,
  ]);
  const scored = query.scores.map(({ validator, respondent, score }) => [
    shortened(validator, 12),
    `${name.get(respondent) ?? respondent}`,
    score,
  ]);
  const receipt = query.receipt;
  return [
    `  cost        ${query.cost === null ? '–' : formatSyn(BigInt(query.cost))}     first token ${seconds(timings.firstTokenMs)}, answer ${seconds(timings.totalMs)}, final ${seconds(timings.finalMs)}`,
    '  answered',
    ...table(answered, '    '),
    '  scored by   (validator, answer of, score)',
    ...table(scored, '    '),
    `  receipt     ${query.queryId}`,
    `              ${receipt === null ? 'not settled' : `in block ${receipt.height}, ${receipt.finalized ? 'finalized' : 'not final yet'}`}`,
    ...feedbackLine(query, { isTerminal: process.stdout.isTTY, readKey }).map((line) => `  ${line}`),
  ];
}
