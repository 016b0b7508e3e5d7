/** Feedback in the lab: a settled query, its blob at one node, and the transaction that names it. Owns the words only. */
import {
  answerText,
  blobId,
  correctionLeaf,
  encodeFeedbackBlob,
  type Feedback,
  type FeedbackBlob,
  type Hash,
  type Receipt,
  readFeedback,
} from '@synod/chain';
import { alice, aliceSeed, Lab, type LabNode, type LabOptions, openQuery } from './lab.ts';

export const worker: NonNullable<LabOptions['worker']> = {
  answer: (_job, node) => `answer of node ${node}`,
  score: (job) => job.answers.map(() => 700_000),
};

/** A lab of which the nodes that are no observers have decided some blocks. */
export function started(options: LabOptions = {}): Lab {
  const lab = new Lab({ worker, ...options });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  return lab;
}

/** Alice's query, settled. */
export function settledQuery(lab: Lab): Receipt {
  const queryId = openQuery(lab);
  const receipt = () => lab.nodes[1]!.head.results?.receipts.find((entry) => entry.queryId === queryId);
  lab.runUntil(() => receipt() !== undefined, 120_000);
  return receipt()!;
}

export function correctionOf(receipt: Receipt, words: Partial<FeedbackBlob> = {}): FeedbackBlob {
  return {
    formatVersion: 1,
    queryId: receipt.queryId,
    domain: receipt.domain,
    author: alice,
    rating: 'correct',
    prompt: receipt.contract.prompt,
    answer: answerText(receipt.groups[receipt.best!]!.answer),
    correction: 'The capital of France is Paris.',
    source: null,
    licence: 'CC-BY-4.0',
    consent: 'train',
    ...words,
  };
}

/** Alice names the blob on chain, and the first node, or nobody, has it. Gives its id. */
export function give(
  lab: Lab,
  blob: FeedbackBlob,
  options: { readonly bytes?: Uint8Array; readonly holder?: LabNode | null } = {},
): Hash {
  const { bytes = encodeFeedbackBlob(blob), holder = lab.nodes[0]! } = options;
  const content = blobId(bytes);
  holder?.blobs.set(content, bytes);
  const { queryId, rating } = blob;
  lab.submit(aliceSeed, {
    type: 'feedback.give',
    queryId,
    rating,
    content,
    bytes: bytes.length,
    leaf: correctionLeaf(blob),
  });
  return content;
}

/** The feedback as a node's newest state has it. */
export function feedbackAt(node: LabNode, number = 0): Feedback | null {
  return readFeedback(node.head.state, 'general', number);
}
