/**
 * Double charges: calls of the stock `openai` npm client, with its retries, through a network that fails on every first try, against a
 * devnet of real processes. Counts the queries that the chain opened for each call, and the books of the spend key against its receipts.
 *
 *   node bench/clients/double-charge.ts [--calls 1000] [--at-a-time 8] [--seed 1] [--timeout 15000]
 */
import { parseArgs } from 'node:util';
import { boughtSince } from '../../test/clients/bought.ts';
import { doubleCharges, induceFailures } from '../../test/clients/induced-failures.ts';
import { newSpendKey, settledSpendKey } from '../../test/clients/spend-key.ts';
import { Devnet } from '../../test/e2e/devnet-process.ts';
import { report } from '../table.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '1000' },
    'at-a-time': { type: 'string', default: '8' },
    seed: { type: 'string', default: '1' },
    timeout: { type: 'string', default: '15000' },
  },
});

const devnet = await Devnet.start();
try {
  const key = await newSpendKey(devnet, '500');
  const startedMs = performance.now();
  const result = await induceFailures({
    target: devnet.url(),
    apiKey: key.secret,
    calls: Number(values.calls),
    concurrency: Number(values['at-a-time']),
    seed: Number(values.seed),
    timeoutMs: Number(values.timeout),
    onCall: (done) => {
      if (done % 50 === 0) process.stderr.write(`${done} calls\n`);
    },
  });
  const tookMs = performance.now() - startedMs;
  const books = await settledSpendKey(devnet, key.name);
  const bought = await boughtSince(devnet.url(), 1);
  const doubles = doubleCharges(result.asked, bought.byPrompt);
  const faults = Object.entries(result.faults).map(([kind, times]) => `${kind} ${times}`);
  const isBooked = books.spent === books.lost;
  report(
    'double-charge',
    [
      {
        figure: `calls that bought twice, of ${result.calls} with a failure induced in each`,
        value: String(doubles.length),
        goal: '0',
        met: doubles.length === 0,
      },
      {
        figure: 'spent by the books of the key, and lost by its account (nano)',
        value: `${books.spent}, ${books.lost}`,
        goal: 'equal',
        met: isBooked,
      },
      {
        figure: 'calls answered, queries opened, seconds',
        value: `${result.answered}, ${bought.queryIds.length}, ${(tookMs / 1000).toFixed(0)}`,
        goal: '—',
        met: null,
      },
      { figure: 'failures', value: faults.join(', '), goal: '—', met: null },
    ],
    { ...result, asked: [...result.asked], bought: [...bought.byPrompt], doubles, books },
  );
  if (doubles.length > 0 || !isBooked) process.exitCode = 1;
} finally {
  await devnet.remove();
}
