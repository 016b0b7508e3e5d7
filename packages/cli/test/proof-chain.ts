/**
 * A recent chain of light blocks whose sets change, with a receipt and a state in it, and nodes that serve it over RPC.
 * Owns no rule: keys, signatures, encodings and the server are the real ones.
 */
import type { TestContext } from 'node:test';
import {
  type Answer,
  answerHash,
  answerText,
  blockId,
  createReceipt,
  createReceiptProof,
  eligibleGroups,
  encodeAccount,
  encodeReputation,
  type LightBlock,
  type Receipt,
  type ReceiptProof,
  receiptProofToJson,
  resultsRoot,
  StateTree,
  ZERO_HASH,
} from '@synod/chain';
import { createRpcServer, type NodeApi } from '@synod/rpc';
import {
  bareHeader,
  CHAIN_ID,
  lightBlock,
  member,
  realChain,
  setOf,
  slidingSet,
} from '../../consensus/test/light-client/light-chain.ts';
import { stateProofJson } from '../../rpc/src/json/proofs.ts';
import { createMemoryNode } from '../../rpc/test/fixture/memory-node.ts';

export { CHAIN_ID };

/** The receipt is settled here and proven by the next header. */
export const SETTLED_AT = 19;
export const HEAD = 30;
export const BLOCK_MS = 1_000;

const settled = realChain(13).results.find(({ receipts }) => receipts.length > 0)!;
const results = {
  height: SETTLED_AT,
  transactions: settled.transactions,
  receipts: settled.receipts.map(shouted),
};
export const receipt = results.receipts[0]!;

export const ALICE = receipt.requester;
export const state: StateTree = StateTree.fromEntries([
  { key: `account/${ALICE}`, value: encodeAccount({ balance: 12_500_000_000n }) },
  {
    key: `reputation/${ALICE}/general`,
    value: encodeReputation({ alpha: 3_000_000, beta: 1_000_000, answers: 7, updatedAt: 3 }),
  },
]);

/** The receipt of the same query, had it been answered in a way that would clear a terminal, and scored 0.873 by all. */
function shouted(given: Receipt): Receipt {
  const groups = given.groups.map((group) => {
    const answer = shouting(group.answer);
    return { ...group, answer, answerHash: answerHash(answer) };
  });
  const respondents = given.respondents.map((slot) => {
    const answer = slot.group === null ? null : groups[slot.group]!;
    const generatedBytes = answer === null ? 0 : Buffer.byteLength(answerText(answer.answer));
    return { ...slot, generatedBytes, answerHash: answer?.answerHash ?? null, registeredAt: 0, commitment: null };
  });
  const scorers = given.scorers.map(({ operator, power }) => {
    const able = eligibleGroups({ groups, respondents }, operator);
    return { operator, power, commitment: null, checks: [], scores: able.map((group) => ({ group, score: 873_000 })) };
  });
  const over = {
    phase: 'settled',
    deadline: SETTLED_AT,
    round: 1,
    earlier: [],
    disclosed: [],
    calibrator: null,
  } as const;
  return createReceipt({ ...given, ...over, id: given.queryId, groups, respondents, scorers }, SETTLED_AT);
}

/** An answer that would clear a terminal. */
function shouting(answer: Answer): Answer {
  const segments = answer.segments.map((segment) =>
    segment.kind === 'sealed' ? segment : { ...segment, text: `${segment.text}\u001b[2J` },
  );
  return { ...answer, segments };
}

/** Sets lose one of four members every eight heights. */
const setAt = slidingSet(8);
const startMs = Date.now() - 3_600_000;

function chainOf(): readonly LightBlock[] {
  const blocks: LightBlock[] = [];
  for (let height = 1; height <= HEAD; height++) blocks.push(blockAt(height, blocks.at(-1)));
  return blocks;
}

function blockAt(height: number, parent: LightBlock | undefined): LightBlock {
  const set = setAt(height);
  const bare = bareHeader(height, parent === undefined ? ZERO_HASH : blockId(parent.header), set[0]!);
  const proves = height === SETTLED_AT + 1 ? { resultsRoot: resultsRoot(results), stateRoot: state.root } : {};
  const header = { ...bare, time: startMs + BLOCK_MS * height, ...proves };
  return lightBlock({ header, set, next: setAt(height + 1) });
}

export const blocks: readonly LightBlock[] = chainOf();
export const at = (height: number): LightBlock => blocks[height - 1]!;

/** HEIGHT@HASH of a block. */
export const trust = (height: number): string => `${height}@0x${blockId(at(height).header)}`;

/** The proof of the receipt with light blocks of these heights below it and headers above up to `until`. */
export function receiptProof(below: readonly number[] = [], until = SETTLED_AT + 1): ReceiptProof {
  const above = blocks.slice(SETTLED_AT + 1, until).map(({ header }) => header);
  return createReceiptProof({ results, index: 0, block: at(SETTLED_AT + 1), trail: { below: below.map(at), above } });
}

export const receiptFile = (...options: Parameters<typeof receiptProof>): string =>
  JSON.stringify(receiptProofToJson(receiptProof(...options)));

export function stateFile(key: string): ReturnType<typeof stateProofJson> {
  return stateProofJson({
    chainId: CHAIN_ID,
    key,
    height: SETTLED_AT,
    stateRoot: state.root,
    value: state.get(key) ?? null,
    proof: state.prove(key),
    block: at(SETTLED_AT + 1),
    trail: { below: [], above: [] },
  });
}

/** Another block of the height, by the same set, with another results root: what only a treacherous majority can sign. */
export function forked(height: number): LightBlock {
  const { header } = at(height);
  return lightBlock({
    header: { ...header, resultsRoot: ZERO_HASH },
    set: setAt(height),
    next: setAt(height + 1),
  });
}

/** Another chain from height 4 on, that replaces the set by strangers, one every three heights. */
export function strayedChain(): ReadonlyMap<number, LightBlock> {
  const strayedSet = (height: number) => {
    const first = Math.floor((height - 4) / 3);
    const nameOf = (index: number): string => (index < 4 ? String(index) : `stranger ${index}`);
    return setOf(...[0, 1, 2, 3].map((offset) => member(nameOf(first + offset), 10n)));
  };
  const strayed = new Map<number, LightBlock>();
  for (let height = 4; height <= HEAD; height++) {
    const lastBlockId = blockId((strayed.get(height - 1) ?? at(height - 1)).header);
    const header = { ...at(height).header, lastBlockId, resultsRoot: ZERO_HASH };
    strayed.set(height, lightBlock({ header, set: strayedSet(height), next: strayedSet(height + 1) }));
  }
  return strayed;
}

/** A node of this chain over real RPC; `replaced` blocks are shown instead of the chain's. Closed with the test. */
export async function serveChain(
  t: TestContext,
  replaced: ReadonlyMap<number, LightBlock | null> = new Map(),
  trustingPeriodMs = 86_400_000,
): Promise<string> {
  const { api } = createMemoryNode();
  const status = {
    ...api.status(),
    head: { height: HEAD, hash: blockId(at(HEAD).header), time: at(HEAD).header.time },
  };
  const shown = (height: number) =>
    replaced.has(height) ? (replaced.get(height) ?? null) : (blocks[height - 1] ?? null);
  const params = { ...api.params(), staking: { ...api.params().staking, trustingPeriodMs } };
  const node: NodeApi = {
    ...api,
    params: () => params,
    status: () => ({ ...status, finalized: status.head }),
    lightBlock: (height) => shown(height === 'latest' ? HEAD : height),
    header: (height) => shown(height)?.header ?? null,
  };
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const server = createRpcServer({ api: node, port: 0, log });
  const url = await server.listen();
  t.after(() => server.close());
  return url;
}
