/**
 * Opens queries for every surface: checks the prompt first, then asks the node, then has the query observed for metrics.
 * Owns the prompt's checks; price, balance and experts are the node's.
 */
import { type ChainParams, type Expert, type Hash, type PrivatePrompt, SynodError } from '@synod/chain';
import type { NodeApi, OpenedQuery, OpeningTerms, QueryRequest } from '../node-api.ts';

export type QueryOpener = {
  /** Opens a query the node signs. Throws `PROMPT_EMPTY`, `PROMPT_TOO_LONG`, `PROMPT_NOT_TEXT` or what the node throws. */
  open(request: QueryRequest, terms?: OpeningTerms): Promise<OpenedQuery>;
  /** Submits a signed `query.open`, that of a private query with its content. */
  openSigned(raw: Uint8Array, secret: PrivatePrompt | null): Promise<OpenedQuery>;
};

/** Joins the node and the observer of opened queries. */
export function createQueryOpener(api: NodeApi, onOpened: (queryId: Hash, startedAtMs: number) => void): QueryOpener {
  return {
    async open(request, terms = {}) {
      checkPrompt(request.prompt, api.params());
      const startedAtMs = performance.now();
      const opened = await api.openQuery(request, terms);
      onOpened(opened.queryId, startedAtMs);
      return opened;
    },
    async openSigned(raw, secret) {
      const startedAtMs = performance.now();
      const opened = await api.openSignedQuery(raw, secret);
      onOpened(opened.queryId, startedAtMs);
      return opened;
    },
  };
}

/** Refuses a prompt that no contract may carry (spec: market §2), before anything is signed. */
export function checkPrompt(prompt: string, params: Pick<ChainParams, 'promptBytesMax'>): void {
  if (!prompt.isWellFormed()) {
    throw new SynodError(
      'PROMPT_NOT_TEXT',
      'The prompt is not valid UTF-8 text. Encode it as UTF-8 and send it again.',
    );
  }
  if (prompt.trim() === '') throw new SynodError('PROMPT_EMPTY', 'The prompt is empty. Ask something.');
  const bytes = Buffer.byteLength(prompt, 'utf8');
  if (bytes > params.promptBytesMax) {
    throw new SynodError(
      'PROMPT_TOO_LONG',
      `The prompt has ${bytes} bytes; at most ${params.promptBytesMax} fit. Shorten it.`,
      {
        facts: { bytes, bytesMax: params.promptBytesMax },
      },
    );
  }
}

/** Finds experts of the present state by address. */
export function expertLookup(api: NodeApi): (address: string) => Expert | undefined {
  const experts = new Map<string, Expert>(api.experts(null).map((expert) => [expert.address, expert]));
  return (address) => experts.get(address);
}
