/**
 * The lines of a data file against the heads they stand under (spec: learning §3.5): records by their proofs, words by their hashes, numbers
 * without a gap. Owns these checks; whether a head is to be believed is the command's.
 */
import {
  blobId,
  decodeFeedback,
  decodeFeedbackBlob,
  decodeLearningLine,
  type Feedback,
  feedbackBlobProblem,
  SynodError,
  stateKeys,
} from '@synod/chain';
import { verifyStateAt } from '@synod/consensus';
import { type DataHead, type DataItem, feedbackJson, readDataLine } from '@synod/rpc/feedback-data';
import { failureOf, unreadable } from '../verify/outcome.ts';
import { fileLines, termsOf } from './data-file.ts';

export type CheckedData = {
  readonly heads: readonly DataHead[];
  readonly items: number;
  /** Items with words, without because of their author's consent, and without because the exporting node had none. */
  readonly words: number;
  readonly withheld: number;
  readonly absent: number;
  readonly firstNumber: number | null;
  readonly lastNumber: number | null;
  /** Feedback that the domain had in the last head's state. */
  readonly count: number;
};

/** More heads than an export of any size makes; each is kept. */
const HEADS_MAX = 4_096;

type Progress = { -readonly [Name in keyof CheckedData]: CheckedData[Name] } & { heads: DataHead[] };

/** Reads and checks every line. Throws `PROOF_INVALID` with the line at fault, or `NOT_FOUND`. */
export async function readDataFile(file: string): Promise<CheckedData> {
  const seen: Progress = {
    heads: [],
    items: 0,
    words: 0,
    withheld: 0,
    absent: 0,
    firstNumber: null,
    lastNumber: null,
    count: 0,
  };
  let number = 0;
  try {
    for await (const { text, isWhole } of fileLines(file)) {
      number += 1;
      if (!isWhole)
        throw unreadable(file, `line ${number} is cut off: the export was interrupted, or the file damaged`);
      const line = readDataLine(text);
      if (!line.ok) throw unreadable(file, `line ${number}: ${line.reason}`);
      if (line.value.kind === 'head') takeHead(line.value, { seen, number, file });
      else takeItem(line.value, { seen, number, file });
    }
  } catch (error) {
    throw asMissing(error, file);
  }
  if (seen.heads.length === 0) throw unreadable(file, 'it has no head');
  return seen;
}

type Place = { readonly seen: Progress; readonly number: number; readonly file: string };

function takeHead(head: DataHead, { seen, number, file }: Place): void {
  const { header } = head.block;
  const before = seen.heads.at(-1);
  if (before !== undefined && JSON.stringify(termsOf(before)) !== JSON.stringify(termsOf(head)))
    throw unreadable(file, `line ${number} begins an export of something else`);
  if (seen.heads.length >= HEADS_MAX) throw unreadable(file, `it has more than ${HEADS_MAX} heads`);
  if (header.chainId !== head.chainId) throw badLine(number, `its header is of the chain "${header.chainId}"`);
  const key = stateKeys.line(head.domain);
  const value = proven(number, { key, height: Number(head.height), proof: head.line, head });
  const line = decodeLearningLine(value);
  if (!line.ok || line.value.feedback !== head.count) throw badLine(number, 'its count is not that of the proven line');
  seen.heads.push(head);
  seen.count = head.count;
}

function takeItem(item: DataItem, { seen, number, file }: Place): void {
  const head = seen.heads.at(-1);
  if (head === undefined) throw unreadable(file, `line ${number} comes before any head`);
  const { feedback } = item;
  const expected = seen.lastNumber === null ? feedback.number : seen.lastNumber + 1;
  if (feedback.number !== expected)
    throw badLine(number, `it is feedback ${feedback.number}, where ${expected} should come`);
  const key = stateKeys.feedback(head.domain, feedback.number);
  const record = decodeFeedback(proven(number, { key, height: Number(head.height), proof: item.proof, head }));
  if (!record.ok) throw badLine(number, `its record does not decode: ${record.reason}`);
  requireTold(item, record.value, number);
  if (record.value.givenAt < Number(head.from)) throw badLine(number, `it was given before block ${head.from}`);
  requireWords(item, record.value, { head, number });
  seen.items += 1;
  if (item.words !== null) seen.words += 1;
  else if (item.withheld === 'consent') seen.withheld += 1;
  else seen.absent += 1;
  seen.firstNumber ??= feedback.number;
  seen.lastNumber = feedback.number;
}

/** The readable fields say what the proven record says. */
function requireTold(item: DataItem, record: Feedback, number: number): void {
  const decided: Readonly<Record<string, unknown>> = feedbackJson(record);
  const told: Readonly<Record<string, unknown>> = item.feedback;
  const differing = Object.keys(decided).find((name) => decided[name] !== told[name]);
  if (differing !== undefined) throw badLine(number, `its "${differing}" is not what the proven record says`);
}

/** The words are those whose hash the record has, whole, and what it says of them. */
function requireWords(
  { words, withheld }: DataItem,
  record: Feedback,
  place: { head: DataHead; number: number },
): void {
  const { head, number } = place;
  if (words === null) {
    if (withheld === null) throw badLine(number, 'it has no words, and does not say why');
    if (withheld === 'consent' && head.consents === 'all')
      throw badLine(number, 'it withholds words that all were to have');
    return;
  }
  const bytes = new TextEncoder().encode(words);
  if (bytes.length !== record.bytes || blobId(bytes) !== record.content)
    throw badLine(number, 'its words are not those whose hash is on chain');
  const blob = decodeFeedbackBlob(bytes);
  const problem = blob === null ? 'form' : feedbackBlobProblem(blob, record);
  if (blob === null || problem !== null) throw badLine(number, `its words disagree with its record: ${problem}`);
  if (head.consents === 'release' && blob.consent !== 'release')
    throw badLine(number, 'its words were given for training alone, and this export says that it has none of those');
}

function proven(
  number: number,
  claim: { readonly key: string; readonly height: number; readonly proof: DataItem['proof']; readonly head: DataHead },
): Uint8Array {
  const { key, height, proof, head } = claim;
  const { header } = head.block;
  const state = verifyStateAt({ key, height, proof, header });
  if (!state.ok)
    throw failureOf({
      ok: false,
      code: state.code,
      facts: { height: header.height, reason: state.reason, line: number },
    });
  if (state.value === null) throw badLine(number, `its header says that there is no record ${key}`);
  return state.value;
}

function badLine(number: number, reason: string): SynodError {
  return failureOf({ ok: false, code: 'DATA_LINE_WRONG', facts: { line: number, wrong: reason } });
}

function asMissing(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== 'ENOENT') return error;
  const message = `There is no file ${file}. Make one with:  synod data export --domain DOMAIN --out FILE`;
  return new SynodError('NOT_FOUND', message, { facts: { file }, cause: error });
}
