/**
 * `synod model lineage` and `synod model rounds`: how a domain's model came to be, version by version, and the rounds that make it. Owns
 * the words; the node reads the records.
 */
import { SynodError } from '@synod/chain';
import type { RpcMethodMap } from '@synod/rpc/client';
import pc from 'picocolors';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { rpcUrl } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, type Told, table, tell } from '../terminal/output.ts';
import { plainText } from '../terminal/plain-text.ts';

export type LineageFlags = CommonOptions & { readonly rpc?: string };

type Lineage = Omit<RpcMethodMap['model_lineage']['result'], 'nextCursor'>;
export type VersionInfo = Lineage['items'][number];
type RoundInfo = RpcMethodMap['model_listRounds']['result']['items'][number];

const PAGE = 100;
/** Versions shown to people; --json has all. */
const SHOWN_MAX = 30;

export async function runModelLineage(name: string, flags: LineageFlags): Promise<void> {
  tell(flags, await lineageTold(createNodeClient(rpcUrl(flags, process.env)), name));
}

export async function runModelRounds(domain: string | undefined, flags: LineageFlags): Promise<void> {
  tell(flags, await roundsTold(createNodeClient(rpcUrl(flags, process.env)), domain));
}

export async function lineageTold(node: NodeClient, name: string): Promise<Told> {
  const lineage = await fetchLineage(node, name);
  const { items, line, learns } = lineage;
  const shown = items.slice(-SHOWN_MAX).reverse();
  const hidden = items.length - shown.length;
  const header = ['version', 'from', 'block', 'feedback', 'learnt', 'loss', 'general', 'bias', 'trainers', 'state'];
  const lines = [
    ...headLines(name, lineage),
    ...(shown.length === 0
      ? [`  No round has ended so far: ${line.waiting.length} of its feedback wait for one.`]
      : table([header.map((each) => pc.dim(each)), ...shown.map(versionRow)])),
    ...(hidden === 0 ? [] : [`  ${hidden} older versions: --json has all.`]),
    ...(line.stable === 0 ? [] : [`Make it anew:  ${SYNOD} model rebuild ${line.domain} --version ${line.stable}`]),
  ];
  return { json: { line, learns, versions: items }, lines };
}

/** By the name of an expert, its address, or a domain; all versions. Throws `NOT_FOUND` where the name means nothing. */
export async function fetchLineage(node: NodeClient, name: string): Promise<Lineage> {
  const subject = await subjectOf(node, name);
  const items: VersionInfo[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await node.call('model_lineage', {
      ...subject,
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    items.push(...page.items);
    if (page.nextCursor === null) return { line: page.line, learns: page.learns, items };
    cursor = page.nextCursor;
  }
}

async function subjectOf(node: NodeClient, name: string): Promise<{ domain: string } | { expert: string }> {
  if (name.startsWith('syn1')) return { expert: name };
  const experts = await node.experts();
  const found = experts.find((expert) => expert.name === name);
  if (found !== undefined) return { expert: found.address };
  if (/^[a-z0-9-]{1,48}$/.test(name)) return { domain: name };
  const names = [...new Set(experts.flatMap((expert) => [expert.domain, expert.name]))].toSorted().join(', ');
  throw new SynodError('NOT_FOUND', `There is no expert or domain "${name}". There are: ${names}.`, {
    facts: { name },
  });
}

function headLines(name: string, { line, learns }: Lineage): string[] {
  const { domain, stable, canary, live, feedback, waiting } = line;
  const score = live.mean === null ? '' : `, mean score ${live.mean} of ${live.answers} answers`;
  const lines = [`${domain}   stable v${stable}${score}   ${feedback} feedback, ${waiting.length} wait for a round`];
  if (canary !== null) {
    const { answers, mean } = canary.scores;
    const so = answers === 0 ? 'no answer yet' : `${answers} answers, mean score ${mean}`;
    lines.push(`  canary v${canary.version} since block ${canary.since}: ${so}`);
  }
  if (line.rollbackVotes.length > 0)
    lines.push(
      pc.yellow(`  operators who vote to take v${canary?.version ?? stable} back: ${line.rollbackVotes.length}`),
    );
  if (learns === false) lines.push(pc.yellow(`  ${name} declined: it answers with v0 whatever its domain learns.`));
  return lines;
}

function versionRow(version: VersionInfo): string[] {
  const { measures, contributions } = version;
  const isMade = version.round !== null;
  const pair = (before: string, after: string) => (isMade ? `${before} → ${after}` : '–');
  const verdicts = new Map<string, number>();
  for (const { verdict } of contributions) verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  const trainers = [...verdicts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
  return [
    `v${version.version}`,
    isMade ? `v${version.parent}` : 'genesis',
    version.decidedAt,
    String(version.items.length),
    String(version.learnt.length),
    pair(measures.feedbackBefore, measures.feedbackAfter),
    pair(measures.generalBefore, measures.generalAfter),
    pair(measures.biasBefore, measures.biasAfter),
    trainers === '' ? '–' : trainers,
    stateText(version),
  ];
}

function stateText({ state, reason }: VersionInfo): string {
  const why = reason === '' || reason === 'OK' ? '' : ` (${plainText(reason)})`;
  if (state === 'stable' || state === 'canary') return pc.green(`${state}${why}`);
  return state === 'superseded' ? `superseded${why}` : pc.yellow(`${state}${why}`);
}

export async function roundsTold(node: NodeClient, domain: string | undefined): Promise<Told> {
  const items: RoundInfo[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await node.call('model_listRounds', {
      limit: PAGE,
      ...(domain === undefined ? {} : { domain }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    items.push(...page.items);
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  const shown = items.slice(-SHOWN_MAX);
  const header = ['domain', 'round', 'phase', 'items', 'trainers', 'version'].map((each) => pc.dim(each));
  const lines =
    shown.length === 0
      ? ['No round was opened so far.', `  One opens when feedback comes:  ${SYNOD} feedback QUERY good`]
      : table([header, ...shown.map(roundRow)], '');
  return { json: { rounds: items }, lines };
}

function roundRow({ domain, round, phase, deadline, items, trainers, version }: RoundInfo): string[] {
  const committed = trainers.filter(({ hasCommitted }) => hasCommitted).length;
  return [
    domain,
    shortened(round, 14),
    phase === 'closed' ? `closed in block ${deadline}` : `${phase} until block ${deadline}`,
    String(items.length),
    `${committed} of ${trainers.length} delivered`,
    version === null ? '–' : `v${version}`,
  ];
}
