/** One devnet for the test modules of `one-devnet.test.ts`. Owns its start before the first test and its removal after the last. */
import { after, before } from 'node:test';
import { Devnet } from './devnet-process.ts';

export let devnet: Devnet;

before(async () => {
  devnet = await Devnet.start({ flags: ['--block-time', '250ms'] });
});

after(async () => {
  await devnet?.remove();
});
