/**
 * Tells prompts that want a text written (explain, rewrite, converse, code) from questions that a fact answers. Owns the rule for wordings
 * that leave no doubt and the comparison with example prompts for the rest (answering §5).
 */
import type { JobControl } from '../engine/control.ts';
import { cosine } from '../engine/embedder.ts';
import type { Embed } from '../knowledge/vector-store.ts';
import { boundQuestion } from '../retrieval/retriever.ts';
import { factualPrompts, openPrompts } from './example-prompts.ts';
import { limits } from './limits.ts';

export type IntentReader = {
  /** How much nearer the prompt is to open prompts than to questions of fact, −2 … 2; above 0 is open. */
  openness(prompt: string, control: JobControl): Promise<number>;
};

const TEXT_KINDS =
  'poem|story|tale|essay|letter|e-?mail|message|song|joke|haiku|limerick|paragraph|summary|speech|dialogue|script|program|function|code|class|module|snippet|query|regex|test|blog|article|post|tweet|review|plan|outline|sentence|example|list|introduction|conclusion|riddle|slogan|caption|report|recipe';

const RULES: readonly RegExp[] = [
  // A text of a named kind is ordered; "tell me in a sentence" names no kind.
  new RegExp(
    `^(?:(?:please|now|then|can you|could you|would you|will you|i want you to|i need you to|help me)[ ,]+)*(?:write|compose|draft|create|generate|make up|invent|implement|code|build|design|give|tell|show|sing|make)\\b(?: (?:me|us|up))?(?: (?!in\\b)[\\w-]+){0,6} (?:${TEXT_KINDS})s?\\b`,
    'i',
  ),
  // Something given is to be changed.
  /^(?:(?:please|now|then|can you|could you|would you|will you|help me)[ ,]+)*(?:rewrite|rephrase|reword|paraphrase|summari[sz]e|translate|proofread|shorten|simplify|continue|refactor|debug|improve|edit|correct|brainstorm|role-?play|pretend|imagine)\b/i,
  // Talk, and nothing else in the message.
  /^(?=.)(?:(?:hi|hello|hey|good (?:morning|evening|afternoon|night)|thanks|thank you|bye|goodbye|nice to meet you)\b[\s,!.]*(?:(?:there|all|again|everyone|friend|so much|a lot|very much)\b[\s,!.]*)?)?(?:(?:how are you|how do you feel|who are you|what are you|what can you do|what's up)\b(?: \w+){0,2})?[\s!.?]*$/i,
  // Advice: "should I leave?", but not "which doctor should I see?", which a fact answers.
  /^(?:so|then|well|now)?[ ,]*should i\b/i,
  // An opinion or advice on the asker's own life.
  /\b(?:what do you think|your opinion|do you (?:like|think|believe|feel|have)|give me (?:some )?(?:advice|tips)|in your own words|how would you)\b/i,
];

/** Verbs that mostly want a text, though a fact may do. */
const SOFT_ORDER =
  /^\s*(?:please |can you |could you )*(?:explain|describe|discuss|compare|outline|suggest|help|advise|elaborate)\b/i;
const SOFT_ORDER_BONUS = 0.2;

/** True when the wording alone says that a text is to be written. */
export function ordersText(prompt: string): boolean {
  const start = boundQuestion(prompt.slice(0, limits.intentCharactersMax));
  return RULES.some((rule) => rule.test(start));
}

/** True when the prompt is nearer to open prompts. An empty prompt is not. */
export async function isOpen(reader: IntentReader, prompt: string, control: JobControl): Promise<boolean> {
  return boundQuestion(prompt) !== '' && (await reader.openness(prompt, control)) > OPENNESS_MIN;
}

/** True when the wording orders a text, or a verb does ("explain") and the prompt is open: not for a question that only sounds open. */
export async function isOrder(reader: IntentReader, prompt: string, control: JobControl): Promise<boolean> {
  return ordersText(prompt) || (SOFT_ORDER.test(prompt) && (await isOpen(reader, prompt, control)));
}

/** Chosen on the tuning prompts of bench/domains/open-prompts.jsonl. */
const OPENNESS_MIN = 0.05;

/** Examples are embedded once, at the first prompt. */
export function createIntentReader(embed: Embed): IntentReader {
  let examples: Promise<{ open: Float32Array[]; factual: Float32Array[] }> | undefined;
  const embedExamples = async (control: JobControl) => {
    const vectors = await embed([...openPrompts, ...factualPrompts], control);
    return { open: vectors.slice(0, openPrompts.length), factual: vectors.slice(openPrompts.length) };
  };
  return {
    async openness(prompt, control) {
      examples ??= embedExamples(control);
      const { open, factual } = await examples.catch((error: unknown) => {
        examples = undefined;
        throw error;
      });
      const [vector] = await embed([boundQuestion(prompt)], control);
      return nearness(vector!, open) - nearness(vector!, factual) + (SOFT_ORDER.test(prompt) ? SOFT_ORDER_BONUS : 0);
    },
  };
}

/** Mean cosine of the three nearest. */
function nearness(vector: Float32Array, examples: readonly Float32Array[]): number {
  const best = examples.map((example) => cosine(vector, example)).toSorted((a, b) => b - a);
  return best.slice(0, 3).reduce((sum, value) => sum + value, 0) / 3;
}
