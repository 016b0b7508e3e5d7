/** What a knowledge folder is made of. Owns how others' text is cleaned before it becomes a passage; the rules themselves are the chain package's, which every node holds (spec: knowledge §2). */
import { HOSTILE_CHARACTERS } from '@synod/chain';

export { type KnowledgePassage as Passage, passageProblem } from '@synod/chain';

const HOSTILE_EVERYWHERE = new RegExp(HOSTILE_CHARACTERS.source, 'gu');

/** Text with everything hostile taken out, NFC, and single spaces. Used on what others wrote before it becomes a passage. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\t\n\v\f\r\u0085\u00a0\u2028\u2029]+/g, ' ')
    .replace(HOSTILE_EVERYWHERE, '')
    .normalize('NFC')
    .replace(/ {2,}/g, ' ')
    .trim();
}
