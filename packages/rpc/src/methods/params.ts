/** `params_*`: what a vote can change, and what is voted on (spec: staking §8). */
import { SynodError } from '@synod/chain';
import { z } from 'zod';
import { invalidParams } from '../errors.ts';
import { ParamEntryJson, ProposalViewJson, proposalViewJson } from '../json/proposal.ts';
import { Decimal, decimal, HashParam, hexOf } from '../json/scalars.ts';
import { nearestName } from '../suggest.ts';
import { defineMethod } from './method.ts';
import { page, pageOf, pageParams } from './paging.ts';

const HEIGHT_DIGITS = 16;
const CHANGES_MAX = 16;
const U64_DIGITS = 20;

export const paramsList = defineMethod({
  name: 'params_list',
  summary: 'Every parameter that a vote can change: value, range, kind, and whether safety hangs on it.',
  access: 'read',
  params: z.strictObject({}),
  result: z.strictObject({ items: z.array(ParamEntryJson) }),
  handle: ({ api }) => ({
    items: api.paramEntries().map(({ value, least, most, ...entry }) => ({
      ...entry,
      value: decimal(value),
      least: decimal(least),
      most: decimal(most),
    })),
  }),
});

export const paramsProposals = defineMethod({
  name: 'params_proposals',
  summary: 'Proposals that are voted on, or have passed and wait for the end of the epoch, the first made first.',
  access: 'read',
  params: z.strictObject(pageParams),
  result: pageOf(ProposalViewJson),
  handle: ({ api }, params) => {
    const { quorum } = api.params().voting;
    const keyed = api.proposals().map((view, index) => ({ view, index }));
    const { items, nextCursor } = page(keyed, {
      ...params,
      keyOf: ({ view, index }) =>
        `${String(view.proposal.openedAt).padStart(HEIGHT_DIGITS, '0')}/${String(index).padStart(HEIGHT_DIGITS, '0')}`,
    });
    return { items: items.map(({ view }) => proposalViewJson(view, quorum)), nextCursor };
  },
});

export const paramsProposal = defineMethod({
  name: 'params_proposal',
  summary: 'One open proposal by its id: votes, count, quorum, and what it would come to now.',
  access: 'read',
  params: z.strictObject({ proposal: HashParam }),
  result: ProposalViewJson,
  handle: ({ api }, { proposal }) => {
    const view = api.proposals().find((each) => each.proposal.id === proposal);
    if (view !== undefined) return proposalViewJson(view, api.params().voting.quorum);
    throw new SynodError(
      'UNKNOWN',
      `No proposal ${hexOf(proposal)} is open: it was never made, or it is decided. Open ones: params_proposals.`,
      { facts: { proposal: hexOf(proposal) } },
    );
  },
});

export const paramsCheck = defineMethod({
  name: 'params_check',
  summary: 'Whether the chain would take these changes now, and if not, why; nothing is sent.',
  access: 'read',
  params: z.strictObject({
    changes: z
      .array(
        z.strictObject({
          name: z.string(),
          value: z.string().regex(new RegExp(`^\\d{1,${U64_DIGITS}}$`), 'a value is a decimal string'),
        }),
      )
      .min(1)
      .max(CHANGES_MAX)
      .describe('Names of params_list with new values, amounts in nano and parts per million.'),
  }),
  result: z.strictObject({ ok: z.boolean(), problem: z.string().nullable(), depositMin: Decimal }),
  handle: ({ api }, { changes }) => {
    const names = api.paramEntries().map(({ name }) => name);
    const unknown = changes.find(({ name }) => !names.includes(name));
    if (unknown !== undefined) {
      const near = nearestName(unknown.name, names);
      const hint = near === null ? 'Look them up with params_list.' : `Did you mean ${near}?`;
      throw invalidParams(`There is no parameter "${unknown.name}".`, hint, { parameter: unknown.name });
    }
    const problem = api.changesProblem(changes.map(({ name, value }) => ({ name, value: BigInt(value) })));
    return { ok: problem === null, problem, depositMin: decimal(api.params().voting.depositMin) };
  },
});
