/**
 * Whether a receipt's numbers follow from what it says happened (spec: market §15): who was drawn, what was metered, scores,
 * verdicts, payments, refund. Owns a check that needs nothing beside the receipt; that it is on chain is receipt-proof.ts.
 */
import { isDeepStrictEqual } from 'node:util';
import { answerHash } from '../codec/index.ts';
import { mayScore } from '../scoring/masks.ts';
import type { Address, GroupScore, QueryState, Receipt, Scorer } from '../types/index.ts';
import { metersOf } from './meter.ts';
import { drawRespondents } from './selection.ts';
import { createReceipt } from './settlement.ts';
import { claimants, groupVerdict } from './verification.ts';

/** Everything that is wrong with it, in words; empty when it holds together. Never throws on a receipt that decodes. */
export function recheckReceipt(receipt: Receipt): readonly string[] {
  const broken = shapeProblems(receipt);
  if (broken.length > 0) return broken;
  return [
    ...drawProblems(receipt),
    ...answerProblems(receipt),
    ...scorerProblems(receipt),
    ...slashProblems(receipt),
    ...amountProblems(receipt),
  ];
}

/** What the other checks rely on: indices that lead somewhere. */
function shapeProblems({ contract, respondents, groups, domain, best }: Receipt): string[] {
  const problems: string[] = [];
  if (contract.respondents < 1) problems.push('the contract asks for no respondent');
  if (domain !== contract.domain) problems.push(`the domain is ${domain}, the contract's is ${contract.domain}`);
  if (best !== null && groups[best] === undefined) problems.push('the best answer is none');
  for (const [index, { members }] of groups.entries()) {
    const expected = [...respondents.keys()].filter((at) => respondents[at]!.group === index);
    if (expected.length === 0 || !isDeepStrictEqual([...members], expected)) {
      problems.push(`answer ${index + 1} does not have the members who say that it is theirs`);
    }
  }
  for (const { expert, group } of respondents) {
    if (group !== null && groups[group] === undefined) problems.push(`${expert} has an answer that is not there`);
  }
  return problems;
}

/** The respondents are those whom the seed draws from the candidates by weight. */
function drawProblems({ selection, respondents, contract }: Receipt): string[] {
  if (selection.candidates.some(({ weight }) => weight < 1n)) return ['a candidate weighs nothing'];
  const draws = drawRespondents(selection.seed, selection.candidates, contract.respondents);
  const drawn = draws.map(({ chosen }) => chosen);
  const named = respondents.map(({ expert }) => expert);
  const stranger = selection.candidates.find(({ expert }) => contract.expert !== null && expert !== contract.expert);
  if (stranger !== undefined) return [`${stranger.expert} is a candidate, though another was asked by name`];
  return isDeepStrictEqual(named, drawn)
    ? []
    : [`the seed draws ${drawn.join(', ') || 'nobody'}, the receipt names ${named.join(', ') || 'nobody'}`];
}

/** Hashes are of the answers; the bytes of those who answered once with the very answer shown are its bytes. */
function answerProblems(receipt: Receipt): string[] {
  const { groups, respondents } = receipt;
  return groups.flatMap(({ answer, answerHash: hash, members }, index) => {
    const problems = answerHash(answer) === hash ? [] : [`answer ${index + 1} is not the one its hash names`];
    const own = metersOf(answer);
    for (const member of members) {
      const { expert, answerHash: revealed, rounds, ...slot } = respondents[member]!;
      if (revealed !== hash || rounds !== 1) continue;
      if (slot.generatedBytes !== own.generatedBytes || slot.quotedBytes !== own.quotedBytes) {
        problems.push(`${expert} is metered by other bytes than its answer has`);
      }
    }
    return problems;
  });
}

/** Scores and checks come from scorers, for groups without a member of theirs, each once; verifiers are scorers. */
function scorerProblems(receipt: Receipt): string[] {
  const operators = new Set(receipt.scorers.map(({ operator }) => operator));
  const able = (validator: Address, group: number) =>
    operators.has(validator) &&
    receipt.groups[group] !== undefined &&
    mayScore(receipt, validator, receipt.groups[group]);
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const { validator, group } of receipt.scores) {
    const place = `${validator} ${group}`;
    if (!able(validator, group) || seen.has(place)) problems.push(`${validator} has no say on answer ${group + 1}`);
    seen.add(place);
  }
  for (const { validator, group } of receipt.checks) {
    const isDrawn = receipt.groups[group]?.verifiers.includes(validator) === true;
    if (!isDrawn || !able(validator, group)) problems.push(`${validator} was not drawn to verify answer ${group + 1}`);
  }
  return problems;
}

/** Bonds are cut only for substitutes, and only of those whose answer was looked at. */
function slashProblems(receipt: Receipt): string[] {
  const query = queryOf(receipt);
  const guilty = new Set(
    receipt.groups.flatMap((_, index) =>
      groupVerdict(query, index) === 'mismatch'
        ? claimants(receipt, index).map((at) => receipt.respondents[at]!.expert)
        : [],
    ),
  );
  return receipt.respondents.flatMap(({ expert, slashed }) =>
    slashed > 0n && !guilty.has(expert) ? [`${expert} lost ${slashed} nano of its bond without a finding`] : [],
  );
}

/** Settles the query anew from what the receipt tells of it, and compares. */
function amountProblems(receipt: Receipt): string[] {
  const { contract, requester, coordinatorPaid } = receipt;
  // Whether two accounts are in the same hands is known to the state alone, unless they are one.
  const isCoordinatorPaid = requester !== contract.coordinator && coordinatorPaid > 0n;
  const slashed = new Map(receipt.respondents.map(({ expert, slashed: lost }) => [expert, lost]));
  const due = createReceipt(queryOf(receipt), receipt.settledAt, { slashed, isCoordinatorPaid });
  const problems: string[] = [];
  for (const [index, respondent] of receipt.respondents.entries()) {
    const { expert, score, verdict, paid } = due.respondents[index]!;
    if (respondent.score !== score) problems.push(`the score of ${expert} is ${respondent.score}, due ${score}`);
    if (respondent.verdict !== verdict)
      problems.push(`the verdict on ${expert} is ${respondent.verdict}, due ${verdict}`);
    if (respondent.paid !== paid) problems.push(`${expert} is paid ${respondent.paid} nano, due ${paid}`);
  }
  if (coordinatorPaid !== due.coordinatorPaid) {
    problems.push(`the coordinator is paid ${coordinatorPaid} nano, due ${due.coordinatorPaid}`);
  }
  if (!isDeepStrictEqual(receipt.scorersPaid, due.scorersPaid))
    problems.push('scorers are paid other amounts than due');
  for (const field of ['outcome', 'best', 'cost', 'refund'] as const) {
    if (receipt[field] !== due[field]) problems.push(`the ${field} is ${receipt[field]}, due ${due[field]}`);
  }
  return problems;
}

/** The query in its final state, as far as the receipt tells. */
function queryOf(receipt: Receipt): QueryState {
  const scorers = receipt.scorers.map(({ operator, power }): Scorer => {
    const scores: GroupScore[] = receipt.scores.flatMap(({ validator, group, score }) =>
      validator === operator ? [{ group, score }] : [],
    );
    const checks = receipt.checks.flatMap(({ validator, ...check }) => (validator === operator ? [check] : []));
    return { operator, power, commitment: null, scores, checks };
  });
  const { queryId: id, settledAt, earlier } = receipt;
  return {
    ...receipt,
    id,
    phase: 'settled',
    deadline: settledAt,
    round: earlier.length + 1,
    earlier: [],
    respondents: receipt.respondents.map((slot) => ({ ...slot, registeredAt: 0, commitment: null })),
    scorers,
    disclosed: [],
    calibrator: null,
  };
}
