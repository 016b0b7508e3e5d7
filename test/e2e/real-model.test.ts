/**
 * The whole path with the real default model: a question it knows is answered rightly, judged, paid and final within the
 * times the README promises. Runs where SYNOD_TEST_MODEL=default says that the model may be fetched.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Devnet, runSynod } from './devnet-process.ts';

if (process.env['SYNOD_TEST_MODEL'] !== 'default') {
  console.log('real-model test not run: set SYNOD_TEST_MODEL=default to fetch 176 MB of weights once and run it');
} else {
  test('a devnet with the default model answers a question rightly and settles it', async () => {
    const devnet = await Devnet.start({ model: 'default' });
    try {
      const asked = await runSynod(['ask', 'What is the capital of France?', '--rpc', devnet.url(), '--json']);
      assert.equal(asked.code, 0, asked.stderr);
      const result = JSON.parse(asked.stdout) as {
        answer: string;
        respondents: { score: string; paid: string; model: string }[];
        scores: unknown[];
        receipt: { finalized: boolean };
        timings: { firstTokenMs: number; finalMs: number };
      };
      assert.match(result.answer, /Paris/);
      assert.ok(result.respondents.some(({ score, paid }) => Number(score) > 0.5 && BigInt(paid) > 0n));
      assert.ok(result.scores.length >= 2);
      assert.equal(result.receipt.finalized, true);
      // Generous against a busy machine; docs/benchmarks.md has the figures.
      assert.ok(
        result.timings.firstTokenMs < 10_000 && result.timings.finalMs < 60_000,
        JSON.stringify(result.timings),
      );
    } finally {
      await devnet.remove();
    }
  });
}
