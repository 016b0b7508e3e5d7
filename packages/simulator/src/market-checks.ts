/**
 * What a block does to queries beside their money, judged by the models (spec: market §3, §6.9, §11.2, verification): who is drawn from whom, who scores and
 * verifies, how the price of a domain moves. Owns no arithmetic of its own.
 */
import {
  type Hash,
  listExperts,
  listLoads,
  listOpenQueries,
  readBeacon,
  readExpert,
  readLoad,
  readParams,
  readQuery,
  readValidatorRecord,
  type SelectionRecord,
} from '@synod/chain';
import type { AppliedStep } from './ledger-model.ts';
import { SelectionModel } from './selection-model.ts';
import { loadFactorAfter, scorersOf, verifiersOf } from './settlement-model.ts';

/** Respondents are drawn with this block's beacon, which nobody knew when the query was opened. */
export function selectionProblem({ before, after, block, events }: AppliedStep): string | null {
  const beacon = readBeacon(after, block.header.height);
  if (beacon === null) return null;
  const model = new SelectionModel(before, beacon);
  for (const event of events) {
    const query = event.type === 'query.selected' ? readQuery(before, event.queryId) : null;
    if (event.type !== 'query.selected' || query === null) continue;
    const { chosen, selection } = model.next(query);
    if (chosen.join() !== event.experts.join()) return `query ${query.id} selects ${event.experts}, due ${chosen}`;
    const is = readQuery(after, query.id);
    if (is === null || textOf(is.selection) !== textOf(selection))
      return `query ${query.id} is drawn from ${is && textOf(is.selection)}, due ${textOf(selection)}`;
    const { scorersMax: most } = readParams(before).market;
    const due = scorersOf(query.id, beacon, { members: readValidatorRecord(before).validators, most });
    const scorers = is.scorers.map(({ operator, power }) => `${operator} ${power}`);
    if (scorers.join() !== due.map(({ operator, power }) => `${operator} ${power}`).join())
      return `query ${query.id} is scored by ${scorers}, due ${due.map(({ operator }) => operator)}`;
  }
  return null;
}

function textOf(selection: SelectionRecord): string {
  return JSON.stringify(selection, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
}

/** Nobody verifies answers that became final in this block yet; who verifies those of the block before was drawn with this one's beacon. */
export function verifierProblem(
  { before, after, block, events }: AppliedStep,
  closedBefore: readonly Hash[],
): string | null {
  const { height } = block.header;
  const beacon = readBeacon(after, height);
  const closed = events.flatMap((event) => (event.type === 'query.phase' && event.phase === 'scoring' ? [event] : []));
  for (const { queryId } of closed) {
    const groups = readQuery(after, queryId)?.groups ?? [];
    if (groups.some(({ verifiers }) => verifiers.length > 0)) return `verifiers of ${queryId} were drawn at its close`;
  }
  for (const id of listOpenQueries(before)) {
    const [was, is] = [readQuery(before, id), readQuery(after, id)];
    if (was?.phase !== 'scoring' || is === null || beacon === null) continue;
    const isDrawnNow = closedBefore.includes(id);
    const due = isDrawnNow
      ? verifiersOf(was, beacon, readParams(before))
      : was.groups.map(({ verifiers }) => verifiers);
    for (const [index, { verifiers }] of is.groups.entries()) {
      if (verifiers.join() !== due[index]?.join()) return `${verifiers} verify ${id}, due ${due[index]}`;
    }
  }
  return null;
}

/** The price of every domain follows its use, and a query keeps the factor that it was selected with. */
export function loadProblem({ before, after, block, events }: AppliedStep): string | null {
  const { height } = block.header;
  const params = readParams(before);
  const drawnIn = new Map<string, number>();
  for (const event of events) {
    const query = event.type === 'query.selected' ? readQuery(after, event.queryId) : null;
    if (event.type !== 'query.selected' || query === null) continue;
    const { domain } = query.contract;
    const { factor } = readLoad(before, domain);
    if (query.loadFactor !== factor)
      return `query ${query.id} is selected at the load factor ${query.loadFactor}, due ${factor}`;
    drawnIn.set(domain, (drawnIn.get(domain) ?? 0) + event.experts.length);
  }
  for (const domain of new Set([...listLoads(before), ...drawnIn.keys()])) {
    const load = readLoad(before, domain);
    const experts = listExperts(after, domain).flatMap((address) => readExpert(after, address) ?? []);
    const capacity = experts.reduce(
      (sum, { status, profile }) => sum + (status === 'active' ? profile.capacity : 0),
      0,
    );
    const drawn = drawnIn.get(domain) ?? 0;
    const isEnd = height % params.staking.epochHeights === 0;
    const isForgotten = isEnd && capacity === 0;
    const factor = isForgotten ? 1_000_000 : loadFactorAfter(load, { drawn, capacity, params, height });
    const due = { factor, assignments: isEnd ? 0 : load.assignments + drawn };
    const is = readLoad(after, domain);
    if (is.factor !== due.factor || is.assignments !== due.assignments)
      return `the load of ${domain} is ${is.factor}, ${is.assignments} after ${load.factor}, due ${due.factor}, ${due.assignments}`;
    if (isForgotten && listLoads(after).includes(domain)) return `${domain} is not forgotten, and nobody works in it`;
  }
  return null;
}
