import { fork } from 'node:child_process';
const t0 = performance.now();
if (process.argv[2] === undefined) {
  let full = 0; const kids = [0, 1, 2, 3].map((i) => fork(import.meta.filename, [String(i)], { stdio: 'inherit' }));
  for (const k of kids) k.on('message', () => { if (++full === 4) { console.log('4 processes full mesh after', performance.now() - t0, 'ms'); for (const c of kids) c.kill(); } });
} else {
  const me = Number(process.argv[2]);
  const { createLibp2pNetwork, peerIdOfSeed } = await import('./src/adapters/libp2p-network.ts');
  const seeds = [1, 2, 3, 4].map((n) => new Uint8Array(32).fill(n));
  const ids = await Promise.all(seeds.map(peerIdOfSeed));
  let n = 0;
  await createLibp2pNetwork({ chainId: 'p', privateKeySeed: seeds[me]!, listen: `/ip4/127.0.0.1/tcp/${9400 + me}`, bootstrap: ids.map((id, i) => `/ip4/127.0.0.1/tcp/${9400 + i}/p2p/${id}`), log: { debug() {}, info() {}, warn() {} },
    onInput: (i) => { if (i.kind === 'peerConnected' && ++n === 3) process.send!('full'); }, onGossip: () => 'accept' });
}
