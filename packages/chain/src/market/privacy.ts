/**
 * Private queries (spec: privacy): what stands on chain in the place of prompt and answers, and what disclosing them proves.
 * Owns the hashes and the check of what is disclosed; sealed boxes are crypto/sealed-box.ts, who gets one is the host's.
 */
import { answerHash, answerText, encodeAnswer, taggedHash } from '../codec/index.ts';
import { fromHex } from '../crypto/hex.ts';
import { learntOf } from '../learning/versions.ts';
import type { EmitEvent } from '../state/events.ts';
import { readQuery, writeQuery } from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import type {
  Address,
  Amount,
  Answer,
  ChainParams,
  Expert,
  Hash,
  PublicKey,
  QueryDisclose,
  QueryState,
  Respondent,
  SealedSegment,
  Validator,
} from '../types/index.ts';
import { answerProblem } from './answer-check.ts';
import { expertBehind } from './expert-life.ts';
import { metersOf } from './meter.ts';
import { standingHash } from './rounds.ts';
import { slashBond } from './slash-bond.ts';

/** Stands for the prompt of a private query. `salt` has 32 bytes and is known to the committee alone. */
export function privatePromptHash(prompt: string, salt: Uint8Array): Hash {
  return taggedHash('synod/private-prompt/1', salt, new TextEncoder().encode(prompt));
}

/** The answer as the chain of a private query sees it: equal texts are equal hashes, within this query only. */
export function sealAnswer(queryId: Hash, salt: Uint8Array, answer: Answer): Answer {
  const text = new TextEncoder().encode(answerText(answer));
  const sealed: SealedSegment = {
    kind: 'sealed',
    text: '',
    hash: taggedHash('synod/private-text/1', fromHex(queryId), salt, text),
    content: taggedHash('synod/private-answer/1', fromHex(queryId), salt, encodeAnswer(answer)),
    ...metersOf(answer),
  };
  return { ...answer, segments: [sealed] };
}

/** A stable code of what is wrong with the answer of a private query, as far as the chain can see, or null. */
export function sealedAnswerProblem(answer: Answer, modelId: Hash, params: ChainParams): string | null {
  const [segment, ...others] = answer.segments;
  if (segment?.kind !== 'sealed' || others.length > 0) return 'ANSWER_NOT_SEALED';
  const bytes = segment.generatedBytes + segment.quotedBytes;
  if (bytes === 0) return 'ANSWER_EMPTY';
  if (bytes > params.answerBytesMax) return 'ANSWER_TOO_LARGE';
  return answer.modelId === modelId ? null : 'ANSWER_MODEL_MISMATCH';
}

/** Whose keys the content of a private query is sealed for: its respondents', its scorers' and its coordinator's, each once. */
export function committeeKeys(
  query: QueryState,
  options: { readonly expertOf: (address: Address) => Expert | null; readonly validators: readonly Validator[] },
): readonly PublicKey[] {
  const operators = new Set([query.contract.coordinator, ...query.scorers.map(({ operator }) => operator)]);
  const validators = options.validators.filter(({ operator }) => operators.has(operator));
  const experts = query.respondents.flatMap(({ expert }) => options.expertOf(expert)?.publicKey ?? []);
  return [...new Set([...experts, ...validators.map(({ publicKey }) => publicKey)])];
}

export type DiscloseContext = { readonly sender: Address; readonly params: ChainParams; readonly emit: EmitEvent };

/**
 * Opens prompt and answers of a private query, by its requester or a member of its committee. An answer that the rules for public
 * ones refuse costs its author a part of its bond, once. Returns `OK` or a stable code.
 */
export function applyDisclose(overlay: Overlay, payload: QueryDisclose, context: DiscloseContext): string {
  const query = readQuery(overlay, payload.queryId);
  if (query === null) return 'QUERY_UNKNOWN';
  if (query.contract.privacy === null) return 'QUERY_NOT_PRIVATE';
  if (!isParty(query, context.sender)) return 'NOT_OF_COMMITTEE';
  const { prompt, salt, answers } = payload;
  if (privatePromptHash(prompt, salt) !== query.contract.privacy.promptHash) return 'DISCLOSURE_MISMATCH';
  for (const { respondent, answer } of answers) {
    const slot = query.respondents[respondent];
    if (slot === undefined || answerHash(sealAnswer(query.id, salt, answer)) !== standingHash(query, respondent))
      return 'DISCLOSURE_MISMATCH';
  }
  const fresh = answers.filter(({ respondent }) => !query.disclosed.includes(respondent));
  if (fresh.length === 0) return 'ALREADY_DISCLOSED';
  const disclosed = [...new Set([...query.disclosed, ...fresh.map(({ respondent }) => respondent)])];
  writeQuery(overlay, { ...query, disclosed: disclosed.sort((a, b) => a - b) });
  for (const respondent of disclosed) {
    const entry = fresh.find((one) => one.respondent === respondent);
    if (entry === undefined) continue;
    const slashed = punish(overlay, query.respondents[respondent]!, entry.answer, context.params);
    const { expert } = query.respondents[respondent]!;
    context.emit({ type: 'query.disclosed', queryId: query.id, expert, ...slashed });
  }
  return 'OK';
}

function isParty({ requester, contract, respondents, scorers }: QueryState, sender: Address): boolean {
  if (sender === requester || sender === contract.coordinator) return true;
  if (respondents.some(({ expert, operator }) => sender === expert || sender === operator)) return true;
  return scorers.some(({ operator }) => sender === operator);
}

/** What the answer breaks, and what that cost. An expert that registered anew or changed its model since is left alone. */
function punish(
  overlay: Overlay,
  slot: Respondent,
  answer: Answer,
  params: ChainParams,
): { readonly problem: string | null; readonly slashed: Amount } {
  const expert = expertBehind(overlay, slot);
  if (expert?.profile.modelId !== slot.modelId) return { problem: null, slashed: 0n };
  const learnt = learntOf(overlay, expert.profile.domain, slot.version);
  const problem = answerProblem(answer, { profile: expert.profile, learnt }, params);
  if (problem === null) return { problem, slashed: 0n };
  return { problem, slashed: slashBond(overlay, slot, { part: params.market.substitutionSlash, params }) };
}
