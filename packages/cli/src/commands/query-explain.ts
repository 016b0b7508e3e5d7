/**
 * `synod query explain` and `query candidates`: how respondents were drawn, and who would be now. Owns the tables; every number is the
 * node's.
 */
import type { RpcMethodMap } from '@synod/rpc/client';
import { createNodeClient } from '../rpc/node-client.ts';
import { rpcUrl } from '../settings/settings.ts';
import { type CommonOptions, table, tell } from '../terminal/output.ts';

export type QueryExplainFlags = CommonOptions & { readonly rpc?: string };
export type QueryCandidatesFlags = QueryExplainFlags & { readonly prompt?: string };

type Selection = RpcMethodMap['query_explainSelection']['result'];

export async function runQueryExplain(queryId: string, flags: QueryExplainFlags): Promise<void> {
  const told = await createNodeClient(rpcUrl(flags, process.env)).call('query_explainSelection', { queryId });
  tell(flags, { json: told, lines: selectionLines(told) });
}

export async function runQueryCandidates(domain: string, flags: QueryCandidatesFlags): Promise<void> {
  const { prompt } = flags;
  const node = createNodeClient(rpcUrl(flags, process.env));
  const told = await node.call('query_candidates', { domain, ...(prompt === undefined ? {} : { prompt }) });
  tell(flags, { json: told, lines: selectionLines(told) });
}

/** Candidates with their factors, who was left out, and where the draws fell. */
export function selectionLines({ queryId, seed, candidates, excluded, draws }: Selection): string[] {
  const rows = candidates.map(({ expert, name, share, weight, factors }) => [
    name ?? expert,
    share,
    factors?.quality ?? '–',
    factors === null ? '–' : `${factors.mean} ± ${factors.deviation}`,
    factors?.load ?? '–',
    factors?.price ?? '–',
    factors === null ? '–' : String(factors.siblings),
    weight,
  ]);
  const header = ['expert', 'share', 'quality', 'mean ± deviation', 'load', 'price', 'of operator', 'weight'];
  return [
    ...(queryId === null ? [] : [`query     ${queryId}`]),
    ...(seed === null ? [] : [`seed      ${seed}`]),
    'candidates',
    ...(rows.length === 0 ? ['  nobody'] : table([header, ...rows])),
    ...leftOut(excluded),
    ...(draws.length === 0 ? [] : ['drawn', ...table(draws.map(drawCells))]),
  ];
}

function leftOut(excluded: Selection['excluded']): string[] {
  if (excluded === null) return ['left out  unknown: the state before the draw is no longer kept by this node'];
  if (excluded.length === 0) return [];
  return [
    'left out',
    ...table(excluded.map(({ expert, name, reason }) => [name ?? expert, REASONS[reason] ?? reason])),
  ];
}

const REASONS: Readonly<Record<string, string>> = {
  notNamed: 'another was asked by name',
  coordinator: 'shares an operator with the coordinator',
  requester: 'shares an operator with who asks',
  paused: 'paused by itself',
  breaker: 'too many silent assignments in a row',
  probing: 'tried by one assignment at a time after its silence',
  price: 'too dear for the share of one respondent',
};

function drawCells({ expert, name, drawn, total }: Selection['draws'][number]): string[] {
  return [name ?? expert, `${drawn} of ${total}`];
}
