/** `model_history` and `model_diff`: how a domain's losses moved from version to version, and what lies between two (spec: learning). */
import type { ModelVersion } from '@synod/chain';
import { z } from 'zod';
import { invalidParams } from '../errors.ts';
import { MeasuresJson, VersionJson, versionJson } from '../json/learning.ts';
import { AddressParam, AddressText, Count, Decimal, decimal } from '../json/scalars.ts';
import type { NodeApi } from '../node-api.ts';
import { DomainParam } from './market.ts';
import { defineMethod } from './method.ts';
import { domainOf, neverLearnt, noVersion, VersionParam, versionDigits } from './model.ts';
import { page, pageOf, pageParams } from './paging.ts';

const VersionState = VersionJson.shape.state;

const LossPointJson = z.strictObject({
  version: Count,
  parent: Count,
  state: VersionState,
  reason: z.string(),
  /** Height of its verdict, and the time of that block; null where it is no longer kept. */
  height: Decimal,
  time: Decimal.nullable(),
  /** Feedback of its round, and what of it was learnt. */
  feedback: Count,
  learnt: Count,
  /** Experts whose delta is in it. */
  trainers: z.array(AddressText),
  measures: MeasuresJson,
});

export const modelHistory = defineMethod({
  name: 'model_history',
  summary:
    "A domain's versions as points of a learning curve: losses before and after, when, and by whom. An expert stands for its domain.",
  access: 'read',
  params: z.strictObject({ domain: DomainParam.optional(), expert: AddressParam.optional(), ...pageParams }),
  result: pageOf(LossPointJson).extend({
    domain: z.string(),
    /** The version that is answered with, and the one on trial; null where there is none. */
    stable: Count,
    canary: Count.nullable(),
  }),
  handle: ({ api }, { domain, expert, ...paging }) => {
    const name = domainOf(api, 'model_history', { domain, expert });
    const line = api.learningLine(name);
    if (line === null) throw neverLearnt(api, name);
    const numbers = Array.from({ length: line.last + 1 }, (_, number) => number);
    const { items, nextCursor } = page(numbers, { ...paging, keyOf: versionDigits });
    return {
      domain: name,
      stable: line.stable,
      canary: line.canary?.version ?? null,
      items: items.flatMap((number) => {
        const version = api.modelVersion(name, number);
        return version === null ? [] : [lossPoint(api, version)];
      }),
      nextCursor,
    };
  },
});

function lossPoint(api: NodeApi, version: ModelVersion): z.output<typeof LossPointJson> {
  const { version: number, parent, state, reason, decidedAt, items, learnt, measures } = versionJson(version);
  const time = api.header(version.decidedAt)?.time ?? null;
  return {
    version: number,
    parent,
    state,
    reason,
    height: decidedAt,
    time: time === null ? null : decimal(time),
    feedback: items.length,
    learnt: learnt.length,
    trainers: countedTrainers(version),
    measures,
  };
}

function countedTrainers({ contributions }: ModelVersion): ModelVersion['contributions'][number]['expert'][] {
  return contributions.filter(({ isCounted }) => isCounted).map(({ expert }) => expert);
}

/** Versions on the way between two, at most; a longer way is cut there. */
const ANCESTRY_MAX = 4_096;

const BranchJson = z.strictObject({
  /** Versions that only this one is built on, itself first. */
  versions: z.array(Count),
  /** Numbers of the feedback that was learnt in them. */
  learnt: z.array(Count),
  /** Experts whose deltas are in them. */
  trainers: z.array(AddressText),
});

export const modelDiff = defineMethod({
  name: 'model_diff',
  summary:
    'What lies between two versions of a domain: what each is built on that the other is not, and their measures.',
  access: 'read',
  params: z.strictObject({ domain: DomainParam, from: VersionParam, to: VersionParam }),
  result: z.strictObject({
    domain: z.string(),
    from: VersionJson,
    to: VersionJson,
    /** The last version that both are built on; null where it is no record or too far. */
    ancestor: Count.nullable(),
    onlyFrom: BranchJson,
    onlyTo: BranchJson,
    /** Whether both answer with the same bytes. */
    sameFactors: z.boolean(),
    sameAdapter: z.boolean(),
    sameLearnt: z.boolean(),
  }),
  handle: ({ api }, { domain, from, to }) => {
    if (from === to) throw invalidParams('model_diff takes two different versions.', 'Pass {"from": 1, "to": 2}.');
    const [left, right] = [requireVersion(api, domain, from), requireVersion(api, domain, to)];
    const [before, after] = [ancestry(api, left), ancestry(api, right)];
    const common = new Set(before.map(({ number }) => number));
    const ancestor = after.find(({ number }) => common.has(number))?.number ?? null;
    return {
      domain,
      from: versionJson(left),
      to: versionJson(right),
      ancestor,
      onlyFrom: branchJson(before, ancestor),
      onlyTo: branchJson(after, ancestor),
      sameFactors: left.factors === right.factors,
      sameAdapter: left.adapter === right.adapter,
      sameLearnt: left.learntRoot === right.learntRoot,
    };
  },
});

function requireVersion(api: NodeApi, domain: string, number: number): ModelVersion {
  const line = api.learningLine(domain);
  if (line === null) throw neverLearnt(api, domain);
  const version = api.modelVersion(domain, number);
  if (version === null) throw noVersion(line, number);
  return version;
}

/** The version and what it was made from, the newest first. */
function ancestry(api: NodeApi, version: ModelVersion): readonly ModelVersion[] {
  const line: ModelVersion[] = [];
  let at: ModelVersion | null = version;
  while (at !== null && line.length < ANCESTRY_MAX) {
    line.push(at);
    at = at.number === 0 ? null : api.modelVersion(at.domain, at.parent);
  }
  return line;
}

function branchJson(line: readonly ModelVersion[], ancestor: number | null): z.output<typeof BranchJson> {
  const end = line.findIndex(({ number }) => number === ancestor);
  const own = end === -1 ? line : line.slice(0, end);
  return {
    versions: own.map(({ number }) => number),
    learnt: own.flatMap(({ learnt }) => learnt).sort((a, b) => a - b),
    trainers: [...new Set(own.flatMap(countedTrainers))].sort(),
  };
}
