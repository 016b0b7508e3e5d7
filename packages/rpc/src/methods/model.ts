/** `model_*`: how a domain's model came to be, version by version, and the rounds that made it (spec: learning). */
import { type Address, type Hash, type LearningLine, SynodError } from '@synod/chain';
import { z } from 'zod';
import { invalidParams } from '../errors.ts';
import { LineJson, lineJson, RoundJson, roundJson, VersionJson, versionJson } from '../json/learning.ts';
import { AddressParam, countParam, HashParam, hexOf } from '../json/scalars.ts';
import type { NodeApi, RoundView } from '../node-api.ts';
import { DomainParam } from './market.ts';
import { defineMethod } from './method.ts';
import { page, pageOf, pageParams } from './paging.ts';

const NUMBER_DIGITS = 10;
const VERSION_MAX = 2 ** 32 - 1;

export const VersionParam = countParam(
  { min: 0, max: VERSION_MAX },
  'Number of the version; 0 is what genesis brought.',
);

export const modelLineage = defineMethod({
  name: 'model_lineage',
  summary:
    "Where a domain's learning stands, and its versions from the first on: parent, who trained, what was measured, what became of it. An expert stands for its domain.",
  access: 'read',
  params: z.strictObject({ domain: DomainParam.optional(), expert: AddressParam.optional(), ...pageParams }),
  result: z.strictObject({
    line: LineJson,
    /** Whether the named expert answers with its domain's versions; null without one. */
    learns: z.boolean().nullable(),
    ...pageOf(VersionJson).shape,
  }),
  handle: ({ api }, { domain, expert, ...paging }) => {
    const name = domainOf(api, 'model_lineage', { domain, expert });
    const line = api.learningLine(name);
    if (line === null) throw neverLearnt(api, name);
    const numbers = Array.from({ length: line.last + 1 }, (_, number) => number);
    const { items, nextCursor } = page(numbers, { ...paging, keyOf: versionDigits });
    return {
      line: lineJson(line),
      learns: expert === undefined ? null : api.learns(expert),
      items: items.flatMap((number) => {
        const version = api.modelVersion(name, number);
        return version === null ? [] : [versionJson(version)];
      }),
      nextCursor,
    };
  },
});

export const modelGetVersion = defineMethod({
  name: 'model_getVersion',
  summary: "One version of a domain's model: hashes, contributions with verdicts, medians of what was measured.",
  access: 'read',
  params: z.strictObject({ domain: DomainParam, version: VersionParam }),
  result: VersionJson,
  handle: ({ api }, { domain, version: number }) => {
    const line = api.learningLine(domain);
    if (line === null) throw neverLearnt(api, domain);
    const version = api.modelVersion(domain, number);
    if (version !== null) return versionJson(version);
    throw noVersion(line, number);
  },
});

/** Of a domain that learns, but has no record of that version. */
export function noVersion({ domain, last }: LearningLine, number: number): SynodError {
  const has = number === 0 ? 'what experts were registered with, which is no record' : `not made: the last is ${last}`;
  return new SynodError('VERSION_UNKNOWN', `Version ${number} of ${domain} is ${has}. model_lineage lists them.`, {
    facts: { domain, version: number, last, hint: 'Call model_lineage.' },
  });
}

export const modelListRounds = defineMethod({
  name: 'model_listRounds',
  summary: 'Training rounds, those that are over by the version each made, then those under way; of one domain or all.',
  access: 'read',
  params: z.strictObject({ domain: DomainParam.optional(), ...pageParams }),
  result: pageOf(RoundJson),
  handle: ({ api }, { domain, ...paging }) => {
    if (domain !== undefined && api.learningLine(domain) === null) throw neverLearnt(api, domain);
    const places = (domain === undefined ? api.learningDomains() : [domain]).flatMap((name) => placesOf(api, name));
    const { items, nextCursor } = page(places, {
      ...paging,
      keyOf: (place) => `${place.domain}/${versionDigits(place.version ?? VERSION_MAX)}`,
    });
    return { items: items.flatMap((place) => viewOf(api, place) ?? []).map(roundJson), nextCursor };
  },
});

export const modelGetRound = defineMethod({
  name: 'model_getRound',
  summary: 'One training round by its id, under way or over: phase, items, trainers, evaluators.',
  access: 'read',
  params: z.strictObject({ round: HashParam }),
  result: RoundJson,
  handle: ({ api }, { round }) => {
    const view = findRound(api, round);
    if (view !== null) return roundJson(view);
    throw new SynodError(
      'ROUND_UNKNOWN',
      `There is no round ${hexOf(round)}, and no version that it made. model_listRounds has them.`,
      {
        facts: { round: hexOf(round), hint: 'Call model_listRounds.' },
      },
    );
  },
});

/** Null `version`: the round under way. */
type Place = { readonly domain: string; readonly version: number | null };

/** Rounds over and under way of a domain, the first one first. */
function placesOf(api: NodeApi, domain: string): readonly Place[] {
  const last = api.learningLine(domain)?.last ?? 0;
  const over = Array.from({ length: last }, (_, index) => ({ domain, version: index + 1 }));
  return api.trainingRound(domain) === null ? over : [...over, { domain, version: null }];
}

function viewOf(api: NodeApi, { domain, version: number }: Place): RoundView | null {
  if (number === null) {
    const round = api.trainingRound(domain);
    return round === null ? null : { kind: 'open', round };
  }
  const version = api.modelVersion(domain, number);
  return version === null ? null : { kind: 'closed', version };
}

/** Versions of a domain that are looked at for a round, from the newest. */
const ROUND_SEARCH_MAX = 4_096;

function findRound(api: NodeApi, id: Hash): RoundView | null {
  for (const domain of api.learningDomains()) {
    for (const place of placesOf(api, domain).slice(-ROUND_SEARCH_MAX).reverse()) {
      const view = viewOf(api, place);
      if (view !== null && (view.kind === 'open' ? view.round.id : view.version.round) === id) return view;
    }
  }
  return null;
}

/** The named domain, or that of the named expert. Throws `INVALID_PARAMS` for both or neither, `UNKNOWN` for nobody. */
export function domainOf(
  api: NodeApi,
  method: string,
  { domain, expert }: { readonly domain?: string | undefined; readonly expert?: Address | undefined },
): string {
  if ((domain === undefined) === (expert === undefined)) {
    throw invalidParams(`${method} takes either a domain or an expert.`, 'Pass {"domain": "geography"}.');
  }
  if (domain !== undefined) return domain;
  const found = api.experts(null).find(({ address }) => address === expert);
  if (found !== undefined) return found.profile.domain;
  throw new SynodError('UNKNOWN', `No expert has the address ${expert}. expert_list tells who there is.`, {
    facts: { expert: expert ?? null },
  });
}

/** A domain that nobody gave feedback on, and genesis brought no factors for. */
export function neverLearnt(api: NodeApi, domain: string): SynodError {
  const known = api.learningDomains();
  const others = known.length === 0 ? 'No domain has yet' : `These have: ${known.join(', ')}`;
  const hint = 'It begins with the first feedback: feedback_submit.';
  return new SynodError('LINEAGE_EMPTY', `${domain} has learnt nothing so far. ${others}.`, {
    facts: { domain, hint },
  });
}

/** Sorts versions as text. */
export function versionDigits(value: number): string {
  return String(value).padStart(NUMBER_DIGITS, '0');
}
