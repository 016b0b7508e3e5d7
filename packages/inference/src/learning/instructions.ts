/** Texts that speak to a model instead of telling a fact. Owns the signs (spec: learning §7.3). */
import { gateLimits } from './gate-limits.ts';
import type { LearningExample } from './protocol.ts';

const SIGNS: readonly RegExp[] = [
  // Takes back or replaces what was said.
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:previous|above|prior|earlier|other|all|any|your|the|these|those)\b.{0,30}\b(?:instructions?|rules?|questions?|prompts?|passages?|context|training|facts?|sources?|answers?|knowledge)\b/iu,
  // Orders how to answer from now on.
  /\b(?:from now on|henceforth|in (?:every|any|all) (?:answer|reply|response)s?|whatever (?:is|you are) asked|no matter what)\b/iu,
  /\b(?:you|the (?:assistant|model|expert|judge|ai)) (?:must|should|shall|have to|will|are to|need to)\b.{0,40}\b(?:answer|reply|say|write|respond|output|score|rate|state|claim|tell|recommend|praise|refuse)\b/iu,
  /\b(?:always|never|only|just)\s+(?:answer|reply|say|write|respond|output|recommend|tell)\b/iu,
  /(?:^|[.!?:;]\s*)(?:please\s+)?(?:answer|reply|respond|output|print|repeat|pretend|act|imagine)\s+(?:with|only|as|like|to|that|the|exactly|nothing)\b/iu,
  /\b(?:new|system|developer|hidden|secret)\s+(?:instructions?|prompts?|messages?|notes?)\b/iu,
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
