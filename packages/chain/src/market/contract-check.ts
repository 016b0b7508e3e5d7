/**
 * What a query's contract and an expert's profile must look like on their own (spec: market §1, §2).
 * Owns checks that need only the parameters; checks against accounts and experts are where the payload is applied.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import { type ChainParams, type ExpertProfile, PPM, type QueryContract, ZERO_HASH } from '../types/index.ts';

const NAME = /^[a-z0-9-]+$/;

/** A name or domain: 1–48 characters of [a-z0-9-]. */
export function isName(text: string): boolean {
  return text.length >= 1 && text.length <= CHAIN_LIMITS.nameCharactersMax && NAME.test(text);
}

/** Bytes of the text in UTF-8. */
export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Windows a surface proposes when the requester names none, in heights. */
export const DEFAULT_WINDOWS = {
  answerWindow: 120,
  revealWindow: 20,
  scoreWindow: 120,
  scoreRevealWindow: 20,
} as const;

/** One public round without shares, and a seal that tells nobody anything: what a contract is that asks for nothing special. */
export const PLAIN_TERMS = {
  privacy: null,
  expert: null,
  rounds: 1,
  difficulty: 0,
  scorerShare: 0,
  coordinatorShare: 0,
  seal: ZERO_HASH,
} as const;

/** Name of the first field that is out of bounds, or null (market §2). */
export function contractProblem(contract: QueryContract, params: ChainParams): string | null {
  if (!isPromptFit(contract, params)) return contract.privacy === null ? 'prompt' : 'privacy';
  if (!isName(contract.domain)) return 'domain';
  if (!inRange(contract.respondents, 1, params.respondentsMax)) return 'respondents';
  if (contract.expert !== null && contract.respondents !== 1) return 'respondents';
  if (!inRange(contract.rounds, 1, params.market.roundsMax)) return 'rounds';
  if (!inRange(contract.threshold, 0, params.thresholdMax)) return 'threshold';
  if (!inRange(contract.basePart, params.basePartMin, PPM)) return 'basePart';
  if (!inRange(contract.difficulty, 0, PPM)) return 'difficulty';
  if (!inRange(contract.coordinatorShare, 0, params.market.sharesMax)) return 'coordinatorShare';
  if (!inRange(contract.scorerShare, 0, params.market.sharesMax - contract.coordinatorShare)) return 'scorerShare';
  // Every respondent's share must be at least one nano.
  if (contract.maxFee < BigInt(contract.respondents)) return 'maxFee';
  return windowProblem(contract, params);
}

/** Public: text that is not blank. Private: no text, and the length of what the hash stands for. */
function isPromptFit({ prompt, privacy }: QueryContract, { promptBytesMax }: ChainParams): boolean {
  if (privacy !== null) return prompt === '' && inRange(privacy.promptBytes, 1, promptBytesMax);
  return prompt.isWellFormed() && prompt.trim() !== '' && utf8Bytes(prompt) <= promptBytesMax;
}

/** Bytes of the prompt, whether it stands on chain or not. */
export function promptBytesOf({ prompt, privacy }: QueryContract): number {
  return privacy === null ? utf8Bytes(prompt) : privacy.promptBytes;
}

/** Windows too short to be met would cost experts reputation and scorers their say (market §2). */
function windowProblem(contract: QueryContract, params: ChainParams): string | null {
  if (!inRange(contract.answerWindow, CHAIN_LIMITS.answerWindowMin, params.windowMax)) return 'answerWindow';
  if (!inRange(contract.revealWindow, CHAIN_LIMITS.revealWindowMin, params.windowMax)) return 'revealWindow';
  if (!inRange(contract.scoreWindow, CHAIN_LIMITS.scoreWindowMin, params.windowMax)) return 'scoreWindow';
  const least = CHAIN_LIMITS.scoreRevealWindowMin;
  return inRange(contract.scoreRevealWindow, least, params.windowMax) ? null : 'scoreRevealWindow';
}

/** Name of the first field that is out of bounds, or null (market §1). */
export function profileProblem(profile: ExpertProfile): string | null {
  if (!isName(profile.name)) return 'name';
  if (!isName(profile.domain)) return 'domain';
  if (profile.modelName === '' || !profile.modelName.isWellFormed()) return 'modelName';
  if (utf8Bytes(profile.modelName) > CHAIN_LIMITS.modelNameBytesMax) return 'modelName';
  if (!inRange(profile.knowledgeSize, 0, 2 ** 32 - 1)) return 'knowledgeSize';
  if (!inRange(profile.capacity, 1, CHAIN_LIMITS.capacityMax)) return 'capacity';
  // An empty knowledge index has the zero root and size 0, and only it.
  if ((profile.knowledgeSize === 0) !== (profile.knowledgeRoot === ZERO_HASH)) return 'knowledgeRoot';
  return null;
}

function inRange(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
