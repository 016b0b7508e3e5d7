/** Texts that speak to a model instead of telling a fact. Owns the signs (spec: learning §7.3). */
import { gateLimits } from './gate-limits.ts';
import type { LearningExample } from './protocol.ts';

const SIGNS: readonly RegExp[] = [
  // Takes back or replaces what was said.
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,20}\b(?:previous|above|prior|earlier|your|everything)\b/iu,
  /(?:^|[.!?:;,]\s*)(?:please\s+)?(?:ignore|disregard|forget|skip|do not answer|stop)\s+(?:the|this|that|these|all|any|here|answering)\b/iu,
  // Orders how to answer from now on.
  /\b(?:from now on|henceforth|in (?:every|any|all) (?:answer|reply|response)s?|whatever (?:is|you are) asked|no matter what)\b/iu,
  /\b(?:you|the (?:assistant|model|expert|judge|ai)) (?:must|should|shall|have to|will|are to|need to)\b.{0,40}\b(?:answer|reply|say|write|respond|output|score|rate|state|claim|tell|recommend|praise|refuse)\b/iu,
  /\b(?:always|never|only|just)\s+(?:answer|reply|say|write|respond|output|recommend)\b/iu,
  /\b(?:every|any|your|the only correct|correct) (?:answer|reply|response)s?(?: to any question)? (?:is|are|must|should|shall|has to|will be)\b/iu,
  /(?:^|[.!?:;]\s*)(?:please\s+)?(?:answer|reply|respond|output|print|repeat|pretend|act|imagine)\s+(?:with|only|as|like|to|that|the|exactly|nothing)\b/iu,
  /\b(?:new|system|developer|secret)\s+(?:instructions?|prompts?|messages?|notes?)\b/iu,
  /\b(?:whoever|anyone who|if you) (?:is |are )?reads? this\b|\binstead of answering\b|(?:^|[.!?:;]\s*)please\s+(?:end|write|answer|say|reply)\b/iu,
  /\bas an? (?:ai|assistant|language model)\b/iu,
  // A turn of a conversation, or marks of one.
  /(?:^|\n)\s*(?:system|assistant|user|human|ai|developer)\s*:/iu,
  /<\|[^|>]{0,40}\|>|\[\/?(?:INST|SYS|SYSTEM)\]|<\/?(?:system|assistant|user|instructions?|s)>|###\s*(?:instruction|response|system)/iu,
  // Signs that are not seen, or turn the direction of reading.
  /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/u,
];

/** Whether what a correction would teach reads so. What was asked is not looked at, unless the passage repeats it. */
export function readsAsInstruction({ passage }: Pick<LearningExample, 'passage'>): boolean {
  if (passage === null) return false;
  const text = passage.text.slice(0, gateLimits.textCharactersMax);
  return SIGNS.some((sign) => sign.test(text));
}
