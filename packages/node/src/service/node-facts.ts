/** What the service of a node is told by the process that runs it. Owns the shape; service-facts.ts gathers it. */
import type { Address, Genesis, Hash } from '@synod/chain';
import type { ModelInfo } from '@synod/inference';
import type { ConnectedPeer, NetworkReport, StorageReport } from '../adapters/index.ts';
import type { DevAccountKey } from './dev-accounts.ts';
import type { Embeddings } from './embeddings.ts';
import type { CardOptions } from './expert-cards.ts';
import type { FeedbackFiles } from './feedback-service.ts';
import type { QueryRouter } from './query-router.ts';
import type { TokenTexts } from './token-texts.ts';

/** What the service cannot read from the chain. */
export type NodeFacts = {
  readonly name: string;
  readonly version: string;
  readonly genesis: Genesis;
  readonly genesisHash: Hash;
  readonly operator: Address | null;
  readonly experts: readonly Address[];
  readonly devAccounts: readonly DevAccountKey[];
  /** Accounts that pay for holders of spend keys; none when left out. */
  readonly paying?: readonly DevAccountKey[];
  /** Left out: this node makes no vectors. */
  readonly embeddings?: Embeddings;
  /** Left out: this node tells no tokens. */
  readonly tokens?: TokenTexts;
  readonly router: QueryRouter;
  readonly cards: CardOptions;
  /** Left out: this node keeps no feedback. */
  readonly feedback?: FeedbackFiles;
  peers(): readonly ConnectedPeer[];
  network(): NetworkReport;
  addresses(): { readonly peerId: string; readonly own: readonly string[]; readonly others: readonly string[] };
  worker(): { state: 'starting' | 'ready' | 'down' | 'off'; info: ModelInfo | undefined; queued: number };
  nowMs(): number;
  storage?(): Promise<StorageReport>;
};
