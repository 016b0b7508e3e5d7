/**
 * What a JSON-RPC method is: a name, a zod schema of its parameters and of its result, and a handler between them.
 * The schemas validate, type the client and make the OpenRPC document; nothing is written twice.
 */
import type { z } from 'zod';
import type { RpcLimits } from '../limits.ts';
import type { ChainEventTopic, NodeApi, TopicEvent } from '../node-api.ts';
import type { QueryOpener } from '../server/query-opener.ts';

/** Fields that the data of an event must have, as JSON has them. */
export type EventFilter = Readonly<Record<string, string>>;

export type SubscribeOptions = {
  /** Null: new events only. */
  readonly fromCursor: TopicEvent['cursor'] | null;
  readonly filter: EventFilter | null;
};

export type SubscriptionStart = {
  readonly subscription: string;
  readonly instance: string;
  readonly oldestCursor: number;
  readonly newestCursor: number;
};

/** The subscriptions of one WebSocket, as the `sub` methods see them. */
export type SubscriptionHost = {
  /** Starts a subscription; replayed events are sent after the response. */
  subscribe(topic: ChainEventTopic, options: SubscribeOptions): SubscriptionStart;
  /** Returns false when there is no such subscription. */
  unsubscribe(subscription: string): boolean;
};

/** What a handler may use. `connection` is null except on a WebSocket. */
export type RpcContext = {
  readonly api: NodeApi;
  readonly limits: RpcLimits;
  readonly queries: QueryOpener;
  readonly openRpc: () => Record<string, unknown>;
  readonly methodNames: () => readonly string[];
  readonly connection: SubscriptionHost | null;
};

export type RpcMethod<
  Name extends string = string,
  Params extends z.ZodObject = z.ZodObject,
  Result extends z.ZodType = z.ZodType,
  Context = RpcContext,
> = {
  readonly name: Name;
  readonly summary: string;
  /** A strict object; the order of its keys is the order of positional parameters. */
  readonly params: Params;
  readonly result: Result;
  /** `write` changes something and is refused on GET; `socket` works on a WebSocket only. */
  readonly access: 'read' | 'write' | 'socket';
  /** For a first positional parameter that can be several things. */
  readonly fromPositional?: ((values: readonly unknown[]) => Record<string, unknown>) | undefined;
  readonly handle: (context: Context, params: z.output<Params>) => z.output<Result> | Promise<z.output<Result>>;
};

/** Any method, for tables of them. */
// biome-ignore lint/suspicious/noExplicitAny: handlers are contravariant in their parameters, so only `any` holds them all.
export type AnyRpcMethod = RpcMethod<string, any, any, any>;

/** Checks a definition against its own schemas and keeps its literal types. */
export function defineMethod<Name extends string, Params extends z.ZodObject, Result extends z.ZodType>(
  method: RpcMethod<Name, Params, Result>,
): RpcMethod<Name, Params, Result> {
  return method;
}
