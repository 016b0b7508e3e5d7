/** Real messages of a running network with a query, transfers and an equivocator in it. Owns the recording; the fuzz tests damage it. */
import * as chain from '@synod/chain';
import { type GossipTopic, lightBlockAt } from '../../src/host/index.ts';
import { decodeDirect, decodeProposalMessage, encodeDirect } from '../../src/host/messages.ts';
import { bundleAt, idAt } from '../host/harbour.ts';
import { alice, aliceSeed, consensusSeed, Lab, operatorSeed } from '../host/lab.ts';

export type RecordedMessage = { readonly topic: GossipTopic | 'direct'; readonly bytes: Uint8Array };

export type Recording = {
  readonly lab: Lab;
  readonly messages: readonly RecordedMessage[];
  readonly transactions: readonly Uint8Array[];
  readonly headers: readonly Uint8Array[];
  readonly blocks: readonly Uint8Array[];
  readonly commits: readonly Uint8Array[];
  readonly votes: readonly Uint8Array[];
  readonly proposals: readonly Uint8Array[];
  readonly extensions: readonly Uint8Array[];
  readonly evidence: readonly Uint8Array[];
  readonly direct: readonly Uint8Array[];
  readonly lightBlocks: readonly Uint8Array[];
  readonly manifests: readonly Uint8Array[];
  readonly chunks: readonly Uint8Array[];
  readonly transactionBatches: readonly Uint8Array[];
  readonly proposalMessages: readonly Uint8Array[];
  readonly sealed: readonly Uint8Array[];
  readonly privatePrompts: readonly Uint8Array[];
  readonly privateNotes: readonly Uint8Array[];
};

const limits = { messages: 4_000, perKind: 24 } as const;

const privatePrompt: chain.PrivatePrompt = { prompt: 'What ails me?', salt: new Uint8Array(32).fill(5) };

/** Runs the network for some blocks, one node of it restarted, and sorts what was said. */
export function record(): Recording {
  const messages: RecordedMessage[] = [];
  const lab = new Lab({
    worker: { answer: (_job, node) => `answer ${node}`, score: (job) => job.answers.map(() => 700_000) },
    onMessage: (topic, bytes) => {
      if (messages.length < limits.messages) messages.push({ topic, bytes });
    },
  });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 20_000);
  openQuery(lab, null);
  const privateId = openPrivate(lab);
  for (let i = 1n; i <= 4n; i++) lab.submit(aliceSeed, { type: 'transfer', to: alice, amount: i });
  lab.runUntil(() => lab.heightEverywhere() >= 8, 20_000);
  lab.nodes[3]?.crash();
  lab.runUntil(() => lab.nodes[0]!.head.height >= 16, 40_000);
  lab.nodes[3]?.restart();
  lab.runUntil(() => lab.heightEverywhere() >= 20, 40_000);
  const privateNotes = [chain.encodePrivateNote(lab.nodes[0]!.host!.queries.privacy.note(privateId)!)];
  return { lab, messages, privateNotes, ...sorted(lab, messages) };
}

function openPrivate(lab: Lab): chain.Hash {
  const { prompt, salt } = privatePrompt;
  const id = openQuery(lab, { promptHash: chain.privatePromptHash(prompt, salt), promptBytes: prompt.length });
  const own = { prompt: privatePrompt, readKeyHash: chain.ZERO_HASH, openBy: 100 };
  lab.nodes[0]!.host!.queries.privacy.keep(id, own);
  return id;
}

function openQuery(lab: Lab, privacy: chain.PrivateTerms | null): chain.Hash {
  const contract = {
    prompt: privacy === null ? 'What is the capital of France?' : '',
    domain: 'general',
    coordinator: chain.addressOf(chain.publicKeyOf(operatorSeed(0))),
    ...chain.PLAIN_TERMS,
    privacy,
    respondents: 2,
    maxFee: chain.NANO_PER_SYN,
    threshold: 500_000,
    basePart: 200_000,
    answerWindow: 8,
    revealWindow: 4,
    scoreWindow: 4,
    scoreRevealWindow: 4,
  };
  return lab.submit(aliceSeed, { type: 'query.open', contract });
}

function sorted(lab: Lab, messages: readonly RecordedMessage[]): Omit<Recording, 'lab' | 'messages' | 'privateNotes'> {
  const of = (topic: RecordedMessage['topic']): Uint8Array[] =>
    messages.filter((message) => message.topic === topic).map(({ bytes }) => bytes);
  const stored = lab.nodes[0]!.store;
  const { lightBlock, snapshot, chunks, fetched } = snapshotParts(lab);
  const heights = Array.from({ length: 20 }, (_, index) => index + 1);
  const blocks = heights.map((height) => stored.block(height)!.block);
  const decodedBlocks = blocks.map((bytes) => must(chain.decodeBlock(bytes)));
  const votes = of('votes');
  const extensions = votes.flatMap((bytes) => must(chain.decodeVote(bytes)).extension?.bytes ?? []);
  const proposalMessages = of('proposals');
  return {
    blocks: byLength(blocks),
    headers: few(decodedBlocks.map(({ header }) => chain.encodeHeader(header))),
    transactions: byLength(decodedBlocks.flatMap((block) => block.transactions.map(chain.encodeTransaction))),
    commits: few(heights.map((height) => stored.block(height)!.commit)),
    votes: byLength(votes),
    extensions: byLength(extensions),
    proposals: few(proposalMessages.map((bytes) => decodeProposalMessage(bytes)!.proposal)),
    proposalMessages: byLength(proposalMessages),
    evidence: [doubleVote(lab)],
    direct: [
      ...fewOfEachKind(of('direct')),
      ...fetched,
      encodeDirect({ kind: 'evidence', evidence: doubleVote(lab) }),
      encodeDirect({ kind: 'knowledgeGet', hash: idAt(0) }),
      encodeDirect({ kind: 'knowledge', hash: idAt(0), bytes: bundleAt(0) }),
      encodeDirect({ kind: 'knowledge', hash: idAt(0), bytes: null }),
    ],
    lightBlocks: [lightBlock],
    manifests: [snapshot.manifest],
    chunks,
    transactionBatches: few(of('transactions')),
    sealed: byLength(of('sealed')),
    privatePrompts: [chain.encodePrivatePrompt(privatePrompt)],
  };
}

/** What a restoring node asks for and gets, of the newest state. */
function snapshotParts(lab: Lab) {
  const { store, head } = lab.nodes[0]!;
  const { height, state } = head;
  const depth = 2;
  const chunks = Array.from({ length: 2 ** depth }, (_, index) => chain.encodeChunk(state.part(depth, index)));
  const facts = { chainId: lab.genesis.chainId, height, depth, bytes: chunks.map(({ length }) => length) };
  const manifest = chain.encodeManifest(chain.createManifest(state, facts));
  const lightBlock = chain.encodeLightBlock(lightBlockAt({ store, genesis: lab.genesis, state }, height)!);
  const { block } = store.block(height)!;
  const snapshot = { manifest, proof: lightBlock, lightBlock, block, results: store.results(height)! };
  const fetched = [
    encodeDirect({ kind: 'lightBlockGet', height }),
    encodeDirect({ kind: 'lightBlock', height, block: lightBlock }),
    encodeDirect({ kind: 'snapshotsGet' }),
    encodeDirect({ kind: 'snapshots', heights: [height, height + 5] }),
    encodeDirect({ kind: 'snapshotGet', height }),
    encodeDirect({ kind: 'snapshot', height, snapshot }),
    encodeDirect({ kind: 'chunkGet', height, index: 1 }),
    encodeDirect({ kind: 'chunk', height, index: 1, bytes: chunks[1]! }),
    encodeDirect({ kind: 'busy', retryAfterMs: 40 }),
    ...blobMessages(chunks[1]!),
  ];
  return { lightBlock, snapshot, chunks, fetched };
}

/** What a node asks and is told about a blob of three chunks, and about one that is not there. */
function blobMessages(start: Uint8Array): readonly Uint8Array[] {
  const blob = new Uint8Array(2 * chain.CHAIN_LIMITS.chunkBytes + 9);
  blob.set(start.subarray(0, blob.length));
  const content = chain.blobId(blob);
  const chunk = { bytes: chain.chunksOf(blob)[2]!, proof: chain.chunkProof(blob, 2) };
  return [
    encodeDirect({ kind: 'blobGet', content, index: 2 }),
    encodeDirect({ kind: 'blobChunk', content, index: 2, chunk }),
    encodeDirect({ kind: 'blobChunk', content, index: 1, chunk: null }),
  ];
}

function must<T>(result: chain.Decoded<T>): T {
  if (!result.ok) throw new Error(`a recorded message does not decode: ${result.reason}`);
  return result.value;
}

const few = (items: readonly Uint8Array[]): Uint8Array[] => items.slice(0, limits.perKind);

/** The longest ones hold the most kinds of content. */
function byLength(items: readonly Uint8Array[]): Uint8Array[] {
  return few(items.toSorted((a, b) => b.length - a.length));
}

function fewOfEachKind(direct: readonly Uint8Array[]): Uint8Array[] {
  const kinds = new Map<string, Uint8Array[]>();
  for (const bytes of direct) {
    const kind = decodeDirect(bytes)?.kind ?? 'none';
    const list = kinds.get(kind) ?? [];
    if (list.length < 4) list.push(bytes);
    kinds.set(kind, list);
  }
  return [...kinds.values()].flat();
}

function doubleVote(lab: Lab): Uint8Array {
  const vote = (label: string): chain.Vote => {
    const slot = {
      type: 'prevote' as const,
      height: 3,
      round: 0,
      blockId: chain.taggedHash('fuzz', new TextEncoder().encode(label)),
      validator: chain.addressOf(chain.publicKeyOf(operatorSeed(1))),
    };
    const signature = chain.sign(consensusSeed(1), chain.voteSignBytes(lab.genesis.chainId, slot));
    return { ...slot, signature, extension: null };
  };
  const [first, second] = [vote('a'), vote('b')].toSorted((a, b) => (a.blockId! < b.blockId! ? -1 : 1)) as [
    chain.Vote,
    chain.Vote,
  ];
  return chain.encodeEvidence({ kind: 'duplicate.vote', first, second });
}
