/** A question over JSON-RPC: what it will cost, the answer as it is written, what it did cost. Run: node examples/ask.ts URL QUESTION */
import { createSynodClient } from '@synod/rpc/client';

const [url = 'http://127.0.0.1:9545', prompt = 'What is the capital of France?'] = process.argv.slice(2);
const client = createSynodClient({ url });
const quote = await client.call('query_quote', { prompt });
console.log(`about ${quote.estimate} nano, at most ${quote.max}`);
const { queryId } = await client.call('query_submit', { prompt, maxCost: quote.max });
for await (const event of client.followQuery(queryId)) {
  if (event.kind === 'token') process.stdout.write(event.text);
  if (event.kind === 'final') console.log(`\n${event.query.answer}\n${event.query.cost} nano`);
}
