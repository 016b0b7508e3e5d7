/**
 * Whether an answer is what the claimed model writes (verification spec). Owns rebuilding the prompts that answer.ts built, and the
 * verdict; the reading itself is the engine's, what counts as near is tolerance.ts.
 */
import type { AnswerSegment, ChatMessage, CheckFault, Effort, ExpertSetup, SegmentCheck } from '../client/protocol.ts';
import type { JobControl } from '../engine/control.ts';
import type { Engine } from '../engine/engine.ts';
import type { ReadReview, ReviewRequest } from '../engine/review.ts';
import { readPlainly } from '../knowledge/known.ts';
import type { Library } from '../knowledge/library.ts';
import { askedIn, REFUSAL } from './answer.ts';
import { completeQuestion } from './follow-up.ts';
import { phrasingRequest, phrasingText } from './phrasing.ts';
import { distanceMilli, tolerance } from './tolerance.ts';

export type VerifyTools = { readonly engine: Engine; readonly library: Library };

export type VerifyRequest = {
  readonly messages: readonly ChatMessage[];
  readonly expert: ExpertSetup;
  readonly stop?: readonly string[];
  readonly segments: readonly AnswerSegment[];
  /** What the answer was asked with; `full` when left out. */
  readonly effort?: Effort;
};

type Generated = Extract<AnswerSegment, { kind: 'generated' }>;

/** How the shown text follows from what the model wrote. */
type Claim = { readonly request: Omit<ReviewRequest, 'tokens'>; readonly show: (written: string) => string };

/** One check a generated segment. Throws EngineError, AdapterError or KnowledgeError where nothing can be said. */
export async function verify(tools: VerifyTools, request: VerifyRequest, control: JobControl): Promise<SegmentCheck[]> {
  const generated = request.segments.flatMap((segment, at) => (segment.kind === 'generated' ? [{ segment, at }] : []));
  const checks: SegmentCheck[] = [];
  for (const { segment, at } of generated) {
    checks.push({ segment: at, ...(await checkOne(tools, request, { segment, at }, control)) });
  }
  return checks;
}

type Finding = Omit<SegmentCheck, 'segment'>;

const NOTHING = { distanceMilli: 0, greedyPpm: 0, gapMilli: 0 };
const fault = (kind: CheckFault): Finding => ({ verdict: 'mismatch', fault: kind, ...NOTHING });

async function checkOne(
  tools: VerifyTools,
  request: VerifyRequest,
  { segment, at }: { segment: Generated; at: number },
  control: JobControl,
): Promise<Finding> {
  const { tokens, logProbabilities } = segment;
  if (tokens.length === 0 || tokens.length !== logProbabilities.length) return fault('length');
  const { segments, expert } = request;
  const [, second, ...more] = segments;
  if (at > 0 || more.length > 0 || (second !== undefined && second.kind !== 'quote')) return fault('shape');
  if (second !== undefined && expert.knowledge === null && (expert.learnt ?? null) === null) return fault('shape');
  const isRefusal = second === undefined && expert.knowledge !== null && segment.text === REFUSAL;
  if (isRefusal) return await checkRefusal(tools, request, segment, control);
  const claim = second === undefined ? freeClaim(request) : await phrasingClaim(tools, request, second.text);
  if (claim.request.tokensMax <= 0) return fault('shape');
  return await checkWritten(tools.engine, claim, segment, control);
}

/** As `writeFreely` of answer.ts asks. */
function freeClaim({ messages, expert, stop }: VerifyRequest): Claim {
  const { instruction, maxTokens } = expert.profile;
  const request = { messages, instruction, tokensMax: maxTokens, stop: stop ?? [], adapter: expert.adapter };
  return { request, show: (written) => written };
}

/** As `phrase` of phrasing.ts asks. */
async function phrasingClaim({ library }: VerifyTools, request: VerifyRequest, quote: string): Promise<Claim> {
  const { expert } = request;
  const asked = phrasingRequest(quote, { question: await questionOf(library, request), adapter: expert.adapter });
  const { messages, profile, stop, adapter } = asked;
  const tokensMax = expert.profile.maxTokens > 0 ? profile.maxTokens : 0;
  return { request: { messages, instruction: profile.instruction, tokensMax, stop, adapter }, show: phrasingText };
}

/** Completing a conversation takes the expert's names; a single message is its own question. */
async function questionOf(library: Library, { messages, expert }: VerifyRequest): Promise<string> {
  const isSingle = messages.filter(({ role }) => role === 'user').length <= 1;
  if (isSingle) return askedIn(messages);
  if (expert.knowledge === null) return completeQuestion(messages, readPlainly);
  return completeQuestion(messages, (await library.open(expert.knowledge)).retriever.read);
}

async function checkWritten(
  engine: Engine,
  { request, show }: Claim,
  { text, tokens, logProbabilities }: Generated,
  control: JobControl,
): Promise<Finding> {
  const read = await engine.review({ ...request, tokens }, control);
  if (read.kind === 'impossible') return fault('tokens');
  const finding = {
    distanceMilli: distanceMilli(logProbabilities, read.logProbabilities),
    greedyPpm: Math.round((1_000_000 * read.gaps.filter((gap) => gap <= tolerance.gap).length) / tokens.length),
    gapMilli: Math.round(1000 * Math.max(...read.gaps, read.end.kind === 'chosen' ? read.end.gap : 0)),
  };
  const found = show(read.text) === text ? faultOf(read, finding.distanceMilli) : 'text';
  return { verdict: found === null ? 'match' : 'mismatch', fault: found, ...finding };
}

function faultOf({ gaps, end }: ReadReview, distance: number): CheckFault | null {
  if (gaps.some((gap) => gap > tolerance.gap)) return 'greedy';
  if (end.kind === 'chosen' && end.gap > tolerance.gap) return 'truncated';
  // So that what is no number is far.
  return distance <= tolerance.distanceMilli ? null : 'probabilities';
}

/** The refusal is a given sentence: one that the model has read, or where effort was spared one that is stated as certain. Nobody wrote it. */
async function checkRefusal(
  { engine }: VerifyTools,
  { messages, expert, effort }: VerifyRequest,
  { tokens, logProbabilities }: Generated,
  control: JobControl,
): Promise<Finding> {
  const due = engine.tokensOf(REFUSAL);
  if (due.length !== tokens.length || !due.every((token, i) => token === tokens[i])) return fault('text');
  const isStated = effort === 'quote' && logProbabilities.every((milli) => milli === 0);
  if (isStated) return { verdict: 'match', fault: null, ...NOTHING };
  const read = await engine.read({ question: askedIn(messages), answer: REFUSAL, adapter: expert.adapter }, control);
  const nats = read.logProbabilities.map((milli) => -milli / 1000);
  const distance = distanceMilli(logProbabilities, nats);
  const isNear = distance <= tolerance.distanceMilli;
  return {
    verdict: isNear ? 'match' : 'mismatch',
    fault: isNear ? null : 'probabilities',
    distanceMilli: distance,
    greedyPpm: 1_000_000,
    gapMilli: 0,
  };
}
