/**
 * What nodes fetch from each other by its hash: joins the desk of recipes and adapters and the desk of published knowledge. Owns only
 * which of them an input goes to.
 */
import type { ChainEvent } from '@synod/chain';
import type { ChainHead } from './chain-head.ts';
import type { DirectMessage } from './messages.ts';
import type { ContentKind, HostInput, HostPorts, PeerId } from './ports.ts';
import { type JoinedInput, PublishedDesk } from './published-desk.ts';
import { RecipeDesk } from './recipe-desk.ts';
import type { Peer } from './sync.ts';

type ContentAnswer = Extract<DirectMessage, { kind: ContentKind }>;
type ContentInput = Extract<HostInput, { kind: 'contentStored' }> | JoinedInput;

export class ContentDesks {
  readonly recipes: RecipeDesk;
  readonly published: PublishedDesk;

  constructor(options: { ports: HostPorts; head: () => ChainHead; peers: () => readonly Peer[] }) {
    this.recipes = new RecipeDesk(options);
    this.published = new PublishedDesk(options);
  }

  onHead(): void {
    this.recipes.onHead();
    this.published.onHead();
  }

  onEvents(events: readonly ChainEvent[]): void {
    this.recipes.onEvents(events);
    this.published.onEvents(events);
  }

  proceed(): void {
    this.recipes.proceed();
    this.published.proceed();
  }

  onAnswer(peer: PeerId, message: ContentAnswer): void {
    if (message.kind === 'knowledge') this.published.onAnswer(peer, message);
    else this.recipes.onAnswer(peer, message);
  }

  onInput(input: ContentInput): void {
    if (input.kind === 'knowledgeJoined') this.published.onJoined(input);
    else if (input.content === 'knowledge') this.published.onStored(input.hash);
    else this.recipes.onStored(input.content, input.hash);
  }
}
