/**
 * `synod query show`: everything any node knows about one query.
 */
import type { QueryJson } from '@synod/rpc/client';
import { createNodeClient } from '../rpc/node-client.ts';
import { formatSyn } from '../settings/amounts.ts';
import { rpcUrl } from '../settings/settings.ts';
import { citationLines } from '../terminal/citations.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { feedbackLine } from '../terminal/feedback-line.ts';
import { type CommonOptions, print, printJson, table } from '../terminal/output.ts';
import { plainText } from '../terminal/plain-text.ts';

export type QueryShowFlags = CommonOptions & { readonly rpc?: string; readonly readKey?: string };

/** A read key opens the texts on the node that gave it, and as long as that node keeps them. */
function sealedText({ readKey }: QueryShowFlags): string {
  return readKey === undefined
    ? 'sealed: known to its committee, and to whoever holds its read key (--read-key)'
    : 'sealed: this node keeps no text of it under this key; ask the node that opened it, with --rpc';
}

export async function runQueryShow(queryId: string, flags: QueryShowFlags): Promise<void> {
  const query = await createNodeClient(rpcUrl(flags, process.env)).call('query_get', {
    queryId,
    ...(flags.readKey === undefined ? {} : { readKey: flags.readKey }),
  });
  if (flags.json) return printJson(query);
  print(`query     ${query.queryId}`);
  print(
    `status    ${query.status}${query.phase === null ? '' : ` (${query.phase})`}${query.outcome === null ? '' : `: ${query.outcome}`}`,
  );
  if (query.disclosedAt !== null) print(`private   its texts were made public in block ${query.disclosedAt}`);
  print(`prompt    ${query.isSealed ? sealedText(flags) : indented(query.prompt ?? '–')}`);
  print(`answer    ${query.isSealed || query.grounding === 'sealed' ? 'sealed' : indented(query.answer ?? '–')}`);
  for (const line of citationLines(query)) print(`          ${line}`);
  print(
    `cost      ${query.cost === null ? '–' : `${formatSyn(BigInt(query.cost))}, refunded ${formatSyn(BigInt(query.refund ?? '0'))}`}`,
  );
  for (const line of roundsAndPieces(query)) print(line);
  print('answered');
  const answered = query.respondents.map(({ name, model, version, score, paid, verdict, answer, grounding }) => [
    `${name}@v${version}`,
    plainText(model),
    grounding ?? '–',
    score ?? '–',
    paid === null ? '–' : formatSyn(BigInt(paid)),
    verdict ?? '',
    answer === null ? (grounding === 'sealed' ? 'sealed' : 'no answer') : plainText(answer),
  ]);
  for (const line of table(answered, '  ')) print(line);
  print('scores');
  for (const line of table(
    query.scores.map(({ validator, respondent, score }) => [validator, respondent, score]),
    '  ',
  ))
    print(line);
  if (query.bill.length > 0) print('bill');
  const billed = query.bill.map(({ account, amount, text }) => [account, formatSyn(BigInt(amount)), text]);
  for (const line of table(billed, '  ')) print(line);
  if (query.receipt !== null) {
    print(
      `receipt   block ${query.receipt.height} ${query.receipt.blockHash}${query.receipt.finalized ? ', finalized' : ''}`,
    );
    if (query.receipt.finalized) print(`proof     ${SYNOD} receipt ${query.queryId} --out receipt.json`);
    const isTerminal = process.stdout.isTTY;
    for (const line of feedbackLine(query, { isTerminal, readKey: flags.readKey ?? null })) print(line);
  }
}

/** Its further lines stand below its first, so that none of them passes for a line of this command's. */
function indented(text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(10)}`);
}

/** The round, who could have been drawn, and the answer made of several where there is one. */
function roundsAndPieces({ round, candidates, consolidated }: QueryJson): string[] {
  const lines = round === null || round === 1 ? [] : [`round     ${round}`];
  if (candidates.length > 0) lines.push('candidates');
  lines.push(
    ...table(
      candidates.map(({ expert, weight }) => [expert, `weight ${weight}`]),
      '  ',
    ),
  );
  if (consolidated === null || consolidated.segments.length < 2) return lines;
  lines.push('together');
  for (const { group, text } of consolidated.segments) lines.push(`  answer ${group + 1}: ${plainText(text)}`);
  for (const { expert, share } of consolidated.contributions) lines.push(`  ${expert} gave ${share}`);
  return lines;
}
