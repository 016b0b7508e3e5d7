/** One devnet of short blocks for the test modules of `newcomers.test.ts`. Owns its start before the first test and its removal after the last. */
import { after, before } from 'node:test';
import { Devnet } from './devnet-process.ts';

export let devnet: Devnet;

before(async () => {
  devnet = await Devnet.start({ flags: ['--block-time', '100ms'] });
  await devnet.until('some blocks', 60_000, async () => (await devnet.height()) >= 15);
});

after(async () => {
  await devnet?.remove();
});
