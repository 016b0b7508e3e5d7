/** `sub_*`: subscriptions, on a WebSocket only (spec: rpc §5). */
import { SynodError } from '@synod/chain';
import { z } from 'zod';
import { countParam } from '../json/scalars.ts';
import { defineMethod, type RpcContext, type SubscriptionHost } from './method.ts';

export const subSubscribe = defineMethod({
  name: 'sub_subscribe',
  summary: 'Replays stored events after fromCursor, then sends each new one as a sub_event notification.',
  access: 'socket',
  params: z.strictObject({
    topic: z.enum(['newHeads', 'finalized', 'txStatus', 'query', 'learning', 'health']),
    fromCursor: countParam(
      { min: 0, max: 2 ** 32 - 1 },
      'Cursor of the last event seen; without it only new events come.',
    ).optional(),
  }),
  result: z.strictObject({ subscription: z.string() }),
  handle: (context, { topic, fromCursor }) => ({
    subscription: requireConnection(context).subscribe(topic, fromCursor ?? null),
  }),
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
