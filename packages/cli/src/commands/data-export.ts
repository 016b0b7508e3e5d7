/**
 * `synod data export`: a domain's feedback as JSON lines with proofs (spec: learning §3.5). Owns the order and what is left out: words whose
 * author agreed to training alone stay out, their records do not, so that a reader sees that nothing else is missing.
 */
import { decodeFeedback, decodeFeedbackBlob, type Feedback, fromHex, SynodError } from '@synod/chain';
import type { RpcMethodMap } from '@synod/rpc/client';
import {
  type DataHeadJson,
  type DataItemJson,
  FEEDBACK_DATA_FORMAT,
  feedbackJson,
  readDataLine,
} from '@synod/rpc/feedback-data';
import pc from 'picocolors';
import { parseCheckpoint } from '../join/checkpoint.ts';
import { checkpointOf, type DataSink, type ExportTerms, openSink, resumeFile, termsOf } from '../learning/data-file.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { parseCount, rpcUrl } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, note, print, printJson } from '../terminal/output.ts';

export type DataExportFlags = CommonOptions & {
  readonly domain: string;
  readonly from?: string;
  readonly out?: string;
  readonly allConsents?: boolean;
  /** A block that readers trust. */
  readonly trust?: string;
  readonly rpc?: string;
};

type Page = RpcMethodMap['feedback_export']['result'];

/** Told of one run. */
export type Exported = {
  readonly items: number;
  readonly withheld: number;
  readonly absent: number;
  /** In the file before. */
  readonly earlier: number;
  /** The block whose header proves the first lines: who trusts it needs no node. */
  readonly checkpoint: string | null;
};

const PAGE_ITEMS = 20;
const HEIGHT_MAX = 2 ** 31;
/** Between two lines of progress. */
const NOTED_EVERY = 500;

export async function runDataExport(flags: DataExportFlags): Promise<void> {
  if (flags.json && flags.out === undefined)
    throw new SynodError('USAGE', 'Without --out the lines themselves are the output. Leave --json out, or add --out.');
  const told = await exportData(createNodeClient(rpcUrl(flags, process.env)), flags, (done, of) =>
    note(`  … ${done} of ${of}`),
  );
  if (flags.out === undefined) return note(`${told.items} feedback of ${flags.domain}, ${withheldText(told)}`);
  if (flags.json) return printJson({ file: flags.out, domain: flags.domain, ...told });
  print(
    `${pc.green('✔')} ${told.items} feedback of ${flags.domain} in ${flags.out}${told.earlier === 0 ? '' : ` behind ${told.earlier}`}, ${withheldText(told)}`,
  );
  if (told.checkpoint !== null)
    print(`  Check it:  ${SYNOD} data verify ${flags.out} --trust ${flags.trust ?? told.checkpoint}`);
}

function withheldText({ withheld, absent }: Exported): string {
  const without = [
    ...(withheld === 0 ? [] : [`${withheld} without words, which were given for training alone`]),
    ...(absent === 0 ? [] : [`${absent} whose words this node does not have`]),
  ];
  return without.length === 0 ? 'all with their words' : without.join(', ');
}

/** Writes every feedback from `--from` on that is not in the file yet. Throws `EXPORT_FILE_FOREIGN` for a file of another export. */
export async function exportData(
  node: NodeClient,
  flags: DataExportFlags,
  onProgress: (done: number, of: number) => void,
): Promise<Exported> {
  const { domain, out } = flags;
  const from = flags.from === undefined ? 0 : parseCount(flags.from, '--from', { min: 0, max: HEIGHT_MAX });
  const { chainId } = await node.status();
  const terms: ExportTerms = { chainId, domain, from: String(from), consents: flags.allConsents ? 'all' : 'release' };
  const written = out === undefined ? null : await resumeFile(out);
  if (written?.terms != null) requireSame(out ?? '', written.terms, terms);
  const first = written?.last == null ? await firstNumber(node, domain, from) : written.last + 1;
  const sink = openSink(out);
  let told: Exported = {
    items: 0,
    withheld: 0,
    absent: 0,
    earlier: written?.items ?? 0,
    checkpoint: written?.checkpoint ?? null,
  };
  const trustedHeight = flags.trust === undefined ? null : parseCheckpoint(flags.trust, '--trust').height;
  for await (const { page, isNew } of pages(node, { domain, first, trustedHeight })) {
    // What is up to date already gets no head without items.
    if (isNew && (page.items.length > 0 || written?.terms == null)) {
      const head = headOf(page, terms);
      sink.write(head);
      told = { ...told, checkpoint: told.checkpoint ?? firstCheckpoint(head) };
    }
    told = writeItems(sink, page, { terms, told });
    if (told.items % NOTED_EVERY < page.items.length && told.items >= NOTED_EVERY)
      onProgress(told.items, page.count - first);
  }
  return told;
}

/** Pages under one header, and under a newer one when that is too old to be proven from. */
async function* pages(
  node: NodeClient,
  {
    domain,
    first,
    trustedHeight,
  }: { readonly domain: string; readonly first: number; readonly trustedHeight: number | null },
): AsyncGenerator<{ readonly page: Page; readonly isNew: boolean }> {
  const trusted = trustedHeight === null ? {} : { trustedHeight };
  let height: string | null = null;
  for (let next = first; ; ) {
    const at: { height?: string } = height === null ? {} : { height };
    const page: Page | null = await pageOrNull(node, { domain, from: next, limit: PAGE_ITEMS, ...at, ...trusted });
    if (page === null && height !== null) {
      height = null;
      continue;
    }
    if (page === null) throw new SynodError('PRUNED', 'The node proves nothing at present. Ask again in a moment.');
    yield { page, isNew: height === null };
    height = page.height;
    next += page.items.length;
    if (page.items.length === 0 || next >= page.count) return;
  }
}

/** Null where the state of that height is no longer provable. */
async function pageOrNull(node: NodeClient, request: RpcMethodMap['feedback_export']['params']): Promise<Page | null> {
  try {
    return await node.call('feedback_export', request);
  } catch (error) {
    if (error instanceof SynodError && error.code === 'PRUNED') return null;
    throw error;
  }
}

/** Feedback is numbered in the order of heights: halving finds the first one given at `from` or later. */
async function firstNumber(node: NodeClient, domain: string, from: number): Promise<number> {
  if (from === 0) return 0;
  const { count } = await node.call('feedback_list', { domain, limit: 1 });
  let [low, high] = [0, count];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { givenAt } = await node.call('feedback_get', { domain, number: middle });
    if (Number(givenAt) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function headOf(page: Page, terms: ExportTerms): DataHeadJson {
  const { height, block, trail, count, line } = page;
  return { kind: 'head', format: FEEDBACK_DATA_FORMAT, ...termsOf(terms), height, block, trail, count, line };
}

/** Throws `PROOF_INVALID` where the node gave no block. */
function firstCheckpoint(head: DataHeadJson): string {
  const read = readDataLine(JSON.stringify(head));
  if (read.ok && read.value.kind === 'head') return checkpointOf(read.value);
  throw new SynodError('PROOF_INVALID', 'The node gave a header that does not read. Ask another one with --rpc.');
}

function writeItems(
  sink: DataSink,
  page: Page,
  { terms, told }: { readonly terms: ExportTerms; readonly told: Exported },
): Exported {
  let { items, withheld, absent } = told;
  for (const item of page.items) {
    const line = itemOf(item, terms);
    items += 1;
    if (line.withheld === 'consent') withheld += 1;
    if (line.withheld === 'absent') absent += 1;
    sink.write(line);
  }
  return { ...told, items, withheld, absent };
}

function itemOf({ number, proof, blob }: Page['items'][number], { consents }: ExportTerms): DataItemJson {
  const feedback = recordOf(proof.value, number);
  const shown = { kind: 'feedback' as const, feedback: feedbackJson(feedback), proof };
  const bytes = blob === null ? null : fromHex(blob.slice(2));
  const read = bytes === null ? null : decodeFeedbackBlob(bytes);
  if (bytes === null || read === null) return { ...shown, words: null, withheld: 'absent' };
  if (consents === 'release' && read.consent !== 'release') return { ...shown, words: null, withheld: 'consent' };
  return { ...shown, words: new TextDecoder().decode(bytes), withheld: null };
}

function recordOf(value: string | null, number: number): Feedback {
  const record = value === null ? null : decodeFeedback(fromHex(value.slice(2)));
  if (record?.ok) return record.value;
  throw new SynodError('PROOF_INVALID', `The node has no readable record of feedback ${number}. Ask another one.`, {
    facts: { number },
  });
}

function requireSame(file: string, before: ExportTerms, now: ExportTerms): void {
  const differing = (Object.keys(now) as (keyof ExportTerms)[]).find((name) => before[name] !== now[name]);
  if (differing === undefined) return;
  throw new SynodError(
    'EXPORT_FILE_FOREIGN',
    `${file} is an export with another ${differing}: ${before[differing]}, not ${now[differing]}. Name another file with --out.`,
    { facts: { file, differing } },
  );
}
