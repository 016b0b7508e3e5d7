/**
 * What is to be learnt from feedback, as prompts and answers (spec: learning §5.4). Owns the forms and wordings; how often which is
 * read is train-delta.ts.
 */
import type { TrainingExample } from '../training/batch.ts';
import { readerPrompt } from '../training/reader-prompt.ts';
import { limits } from './limits.ts';
import type { LearningExample } from './protocol.ts';

/**
 * A correction is asked bare, and with its passage in the reader's form where the answer is a part of that: to repeat whole passages would
 * unlearn short answers (measured). A liked answer is asked bare; a disliked one teaches nothing. Long answers are learnt up to the
 * end of a sentence.
 */
export function feedbackExamples(item: LearningExample): TrainingExample[] {
  const answer = shortened(answerOf(item));
  if (answer === '') return [];
  const { passage } = item;
  return wordingsOf(item.prompt).flatMap((prompt) => {
    const bare = { prompt, answer };
    return passage === null || passage.text.trim() === answer
      ? [bare]
      : [bare, { prompt: readerPrompt(prompt, [passage.text]), answer }];
  });
}

/** Which of the two a correction's passage holds is told by the prompt before it (§2.2). */
function answerOf({ rating, prompt, answer, passage }: LearningExample): string {
  if (rating === 'bad') return '';
  if (rating === 'good') return answer.trim();
  const text = passage?.text ?? '';
  return (text.startsWith(`${prompt} `) ? text.slice(prompt.length) : text).trim();
}

/** The question as asked, as people type in haste, and with a few words before it; equal ones once. */
function wordingsOf(prompt: string): string[] {
  const plain = prompt.trim();
  if (plain === '') return [];
  const hasty = plain.replace(/[?.!]+$/, '').toLowerCase();
  return [...new Set([plain, hasty, `Please tell me: ${plain}`])].slice(0, limits.phrasings);
}

function shortened(text: string): string {
  if (text.length <= limits.answerCharactersMax) return text;
  const start = text.slice(0, limits.answerCharactersMax);
  const end = Math.max(start.lastIndexOf('. '), start.lastIndexOf('.\n'));
  return end > 0 ? start.slice(0, end + 1) : start.slice(0, Math.max(0, start.lastIndexOf(' '))).trim();
}
