/**
 * `synod verify receipt`: whether a file proves its receipt to somebody who trusts one block. Owns the order (receipt, then
 * certificate, then trust) and the gist that is shown; nothing is asked of a node that the file has.
 */
import {
  answerText,
  bill,
  parseReceiptProof,
  type QuoteSegment,
  type Receipt,
  type ReceiptProof,
  receiptPathProblem,
  recheckReceipt,
} from '@synod/chain';
import pc from 'picocolors';
import { print, printJson, table } from '../terminal/output.ts';
import { plainText } from '../terminal/plain-text.ts';
import { type Believed, believeBlock, type TrustTerms } from '../verify/believe-block.ts';
import { amountText, scoreText, shortHash, wayJson, wayLines, witnessLines } from '../verify/describe.ts';
import { failureOf, unreadable } from '../verify/outcome.ts';
import { readProofText, requireChain, trustTerms, type VerifyFlags } from '../verify/verify-terms.ts';

const ANSWER_CHARACTERS = 200;

export async function runVerifyReceipt(file: string, flags: VerifyFlags): Promise<void> {
  const terms = await trustTerms(flags);
  const proof = readReceiptFile(file);
  const { header } = proof.block;
  requireChain(header.chainId, flags, header.height);
  const believed = await believeReceipt(proof, terms);
  const { receipt, leafIndex, leafCount } = proof;
  if (flags.json) {
    const place = { resultsRoot: `0x${header.resultsRoot}`, leafIndex, leafCount };
    return printJson({
      valid: true,
      chainId: header.chainId,
      ...wayJson(believed, terms),
      results: place,
      receipt: receiptJson(receipt),
    });
  }
  print(`${pc.green('✔')} the receipt ${shortHash(receipt.queryId)} is part of ${header.chainId}`);
  for (const line of wayLines(believed, terms)) print(line);
  print(`  results    root ${shortHash(header.resultsRoot)} in that header`);
  print(`  receipt    entry ${leafIndex + 1} of ${leafCount} under that root, settled in block ${receipt.settledAt}`);
  for (const line of witnessLines(believed)) print(line);
  print();
  for (const line of gistLines(receipt)) print(line);
  for (const line of billLines(receipt)) print(line);
}

/** The receipt's path, then its block, then its own numbers. Throws the failure that ends the command. */
export async function believeReceipt(proof: ReceiptProof, terms: TrustTerms): Promise<Believed> {
  const { height } = proof.block.header;
  const path = receiptPathProblem(proof);
  if (path !== null) throw failureOf({ ok: false, code: path, facts: { height, settledAt: proof.receipt.settledAt } });
  const believed = await believeBlock(proof, terms);
  requireConsistent(proof.receipt, height);
  return believed;
}

/** Refuses a receipt that is on chain and yet does not hold together: then a rule of the chain was broken. */
export function requireConsistent(receipt: Receipt, height: number): void {
  const wrong = recheckReceipt(receipt).join('; ');
  if (wrong !== '') throw failureOf({ ok: false, code: 'RECEIPT_INCONSISTENT', facts: { height, wrong } });
}

function readReceiptFile(file: string): ReceiptProof {
  const read = parseReceiptProof(readProofText(file));
  if (!read.ok) throw unreadable(file, read.reason);
  return read.value;
}

function gistLines(receipt: Receipt): string[] {
  const best = bestAnswer(receipt);
  const shown = best === null ? '–' : cut(plainText(best));
  const answered = receipt.respondents.map(({ expert, version, score, verdict, paid }, index) => [
    `${expert}@v${version}`,
    score === null ? 'no score' : `score ${scoreText(score)}`,
    verdict === null ? 'not verified' : `verified: ${verdict}`,
    `paid ${amountText(paid)}`,
    index === bestRespondent(receipt) ? 'best' : '',
  ]);
  const scored = receipt.scores.map(({ validator, group, score }) => [
    validator,
    `answer ${group + 1}`,
    scoreText(score),
  ]);
  return [
    `outcome    ${receipt.outcome}   domain ${receipt.domain}`,
    `asked by   ${receipt.requester}`,
    `cost       ${amountText(receipt.cost)}, refunded ${amountText(receipt.refund)}`,
    `answer     ${shown}`,
    ...quoteLines(receipt),
    `candidates ${receipt.selection.candidates.length}, drawn again from seed ${shortHash(receipt.selection.seed)}`,
    ...table(candidateRows(receipt), '  '),
    'answered',
    ...table(answered, '  '),
    scored.length === 0 ? 'scored by  nobody in time' : 'scored by',
    ...table(scored, '  '),
  ];
}

/** All candidates with their weights, and in which draw they were chosen. */
function candidateRows({ selection, respondents }: Receipt): string[][] {
  return selection.candidates.map(({ expert, weight }) => {
    const draw = respondents.findIndex((respondent) => respondent.expert === expert);
    return [expert, `weight ${weight}`, draw === -1 ? '' : `draw ${draw + 1}`];
  });
}

/** The itemised bill; its lines sum up to the cost. */
function billLines(receipt: Receipt): string[] {
  const { lines, total, refund, escrow } = bill(receipt);
  const rows = lines.map(({ account, amount, text }) => [account, amountText(amount), text]);
  return [
    'bill',
    ...table(rows, '  '),
    `  ${amountText(total)} + ${amountText(refund)} refunded = ${amountText(escrow)} escrowed`,
  ];
}

/** The chain takes no quote without its proof (market §5.2), so those of a proved receipt were proved too. */
function quoteLines(receipt: Receipt): string[] {
  return quotesOf(receipt).map(
    ({ source, index }) =>
      `  quoted   ${plainText(source)} · passage ${index}, proved under the expert's knowledge root`,
  );
}

function quotesOf(receipt: Receipt): QuoteSegment[] {
  const group = receipt.best === null ? undefined : receipt.groups[receipt.best];
  return (group?.answer.segments ?? []).filter((segment) => segment.kind === 'quote');
}

function receiptJson(receipt: Receipt): object {
  return {
    queryId: `0x${receipt.queryId}`,
    settledAt: receipt.settledAt,
    outcome: receipt.outcome,
    domain: receipt.domain,
    requester: receipt.requester,
    cost: receipt.cost,
    refund: receipt.refund,
    answer: bestAnswer(receipt),
    rounds: receipt.earlier.length + 1,
    candidates: receipt.selection.candidates,
    seed: `0x${receipt.selection.seed}`,
    bill: bill(receipt).lines,
    quotes: quotesOf(receipt).map(({ text, source, index }) => ({ text, source, passage: index })),
    respondents: receipt.respondents.map(({ expert, operator, version, score, verdict, slashed, paid }) => ({
      expert,
      operator,
      version,
      verdict,
      slashed,
      score: score === null ? null : scoreText(score),
      paid,
    })),
    scores: receipt.scores.map(({ validator, group, score }) => ({
      validator,
      answer: group,
      score: scoreText(score),
    })),
  };
}

/** Text of the best-scored answer, or null. */
export function bestAnswer(receipt: Receipt): string | null {
  const group = receipt.best === null ? undefined : receipt.groups[receipt.best];
  return group === undefined ? null : answerText(group.answer);
}

function bestRespondent(receipt: Receipt): number {
  return receipt.best === null ? -1 : (receipt.groups[receipt.best]?.members[0] ?? -1);
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length <= ANSWER_CHARACTERS ? text : `${characters.slice(0, ANSWER_CHARACTERS).join('')}…`;
}
