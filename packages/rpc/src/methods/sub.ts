/** `sub_*`: subscriptions, on a WebSocket only (spec: rpc §5). */
import { SynodError } from '@synod/chain';
import { z } from 'zod';
import { Count, countParam } from '../json/scalars.ts';
import { chainEventTopics } from '../node-api.ts';
import { defineMethod, type RpcContext, type SubscriptionHost } from './method.ts';

const FILTER_FIELDS_MAX = 4;

const EventFilter = z
  .record(z.string().min(1).max(64), z.string().max(256))
  .refine((filter) => Object.keys(filter).length <= FILTER_FIELDS_MAX, 'a filter has at most 4 fields');

export const subSubscribe = defineMethod({
  name: 'sub_subscribe',
  summary: 'Replays stored events after fromCursor, then sends each new one as a sub_event notification.',
  access: 'socket',
  params: z.strictObject({
    topic: z.enum(chainEventTopics),
    fromCursor: countParam(
      { min: 0, max: 2 ** 32 - 1 },
      'Cursor of the last event seen; without it only new events come.',
    ).optional(),
    filter: EventFilter.optional().describe(
      'Fields that the data of an event must have with exactly these values, e.g. {"queryId": "0x…"}; at most 4.',
    ),
  }),
  result: z.strictObject({
    subscription: z.string(),
    /** Of this process: under another one cursors begin anew. */
    instance: z.string(),
    /** Of the oldest event that can be replayed and of the newest, whatever their topic; 0 before the first. */
    oldestCursor: Count,
    newestCursor: Count,
  }),
  handle: (context, { topic, fromCursor, filter }) =>
    requireConnection(context).subscribe(topic, { fromCursor: fromCursor ?? null, filter: filter ?? null }),
});

export const subUnsubscribe = defineMethod({
  name: 'sub_unsubscribe',
  summary: 'Ends a subscription.',
  access: 'socket',
  params: z.strictObject({ subscription: z.string() }),
  result: z.strictObject({ unsubscribed: z.boolean() }),
  handle: (context, { subscription }) => ({ unsubscribed: requireConnection(context).unsubscribe(subscription) }),
});

function requireConnection({ connection }: RpcContext): SubscriptionHost {
  if (connection !== null) return connection;
  throw new SynodError(
    'NOT_SUPPORTED',
    'Subscriptions need a WebSocket. Connect to /ws and call sub_subscribe there.',
    {
      facts: { hint: 'Connect to /ws.' },
    },
  );
}
