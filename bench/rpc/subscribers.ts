/**
 * What a thousand WebSocket subscribers do to a devnet of real processes: block intervals without and with them, in turns, and the
 * node's memory. A tenth of them never reads.
 * Run: node bootstrap.mjs run bench/rpc/subscribers.ts [--subscribers 1000] [--slow 100] [--blocks 20] [--rounds 3]
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { Devnet } from '../../test/e2e/devnet-process.ts';
import { quantile, report } from '../table.ts';

const { values: flags } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '1000' },
    slow: { type: 'string', default: '100' },
    blocks: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
  },
});
const [subscribers, slow, blocks, rounds] = [flags.subscribers, flags.slow, flags.blocks, flags.rounds].map(Number) as [
  number,
  number,
  number,
  number,
];
const DELAY_MAX = 1.1;
const GROWTH_MIB_MAX = 128;
const AT_A_TIME = 50;

type Phase = { readonly intervals: readonly number[]; readonly memoryMiB: number };

type Subscriber = { readonly socket: Socket; bytes: number };

const devnet = await Devnet.start({});
try {
  const pid = devnet.info.nodes[0]!.pid;
  const without: Phase[] = [];
  const beside: Phase[] = [];
  const heard: number[] = [];
  await nextBlocks(blocks);
  for (let round = 0; round < rounds; round++) {
    without.push({ intervals: await nextBlocks(blocks), memoryMiB: residentMiB(pid) });
    const all = await subscribeAll(new URL(devnet.url(0)));
    const before = all.map(({ bytes }) => bytes);
    const intervals = await nextBlocks(blocks);
    beside.push({ intervals, memoryMiB: residentMiB(pid) });
    heard.push(all.filter(({ bytes }, index) => bytes > (before[index] ?? 0)).length);
    for (const { socket } of all) socket.destroy();
  }
  print(without, beside, heard);
} finally {
  await devnet.remove();
}

/** Milliseconds between the next blocks, by their headers' times. */
async function nextBlocks(count: number): Promise<readonly number[]> {
  const first = await devnet.height();
  await devnet.until(`${count} blocks`, count * 10_000, async () => (await devnet.height()) >= first + count);
  const { items } = (await devnet.rpc('chain_getBlocks', { from: String(first), limit: count + 1 })) as {
    readonly items: readonly { readonly time: string }[];
  };
  return items.slice(1).map(({ time }, index) => Number(time) - Number(items[index]?.time));
}

async function subscribeAll(url: URL): Promise<readonly Subscriber[]> {
  const all: Subscriber[] = [];
  while (all.length < subscribers) {
    const now = Math.min(AT_A_TIME, subscribers - all.length);
    const first = all.length;
    all.push(...(await Promise.all(Array.from({ length: now }, (_, index) => subscribe(url, first + index < slow)))));
  }
  return all;
}

/** A WebSocket by hand: a slow one stops reading once it is subscribed. */
async function subscribe(url: URL, isSlow: boolean): Promise<Subscriber> {
  const socket = connect(Number(url.port), url.hostname);
  await once(socket, 'connect');
  const key = Buffer.alloc(16).toString('base64');
  socket.write(
    `GET /ws HTTP/1.1\r\nhost: ${url.host}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`,
  );
  await once(socket, 'data');
  socket.write(frame('{"jsonrpc":"2.0","id":1,"method":"sub_subscribe","params":{"topic":"newHeads"}}'));
  await once(socket, 'data');
  const subscriber = { socket, bytes: 0 };
  socket.on('error', () => undefined);
  if (isSlow) socket.pause();
  else {
    socket.on('data', (data) => {
      subscriber.bytes += data.length;
      // A ping of the server: whoever leaves it unanswered is cut.
      if (data.includes(0x89)) socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]));
    });
  }
  return subscriber;
}

/** A masked text frame of fewer than 126 bytes; the mask is zero. */
function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

function residentMiB(pid: number): number {
  const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) / 1_024;
}

function print(without: readonly Phase[], beside: readonly Phase[], heard: readonly number[]): void {
  const median = (phases: readonly Phase[]) =>
    quantile(
      phases.flatMap(({ intervals }) => intervals),
      0.5,
    );
  const slowest = (phases: readonly Phase[]) =>
    quantile(
      phases.flatMap(({ intervals }) => intervals),
      0.95,
    );
  const memory = (phases: readonly Phase[]) => Math.max(...phases.map(({ memoryMiB }) => memoryMiB));
  const ratio = median(beside) / median(without);
  const growth = memory(beside) - memory(without);
  report(
    'rpc-subscribers',
    [
      {
        figure: `block interval with ${subscribers} subscribers (${slow} never read), median to median without`,
        value: `${median(beside)} ms to ${median(without)} ms: ${ratio.toFixed(3)}`,
        goal: `≤ ${DELAY_MAX}`,
        met: ratio <= DELAY_MAX,
      },
      {
        figure: 'the same, 95 % of the blocks',
        value: `${slowest(beside)} ms to ${slowest(without)} ms`,
        goal: '–',
        met: null,
      },
      {
        figure: 'memory of the node, most with to most without',
        value: `${memory(beside).toFixed(0)} MiB to ${memory(without).toFixed(0)} MiB`,
        goal: `≤ ${GROWTH_MIB_MAX} MiB more`,
        met: growth <= GROWTH_MIB_MAX,
      },
      {
        figure: 'reading subscribers that heard events, least of the rounds',
        value: `${Math.min(...heard)} of ${subscribers - slow}`,
        goal: 'all',
        met: Math.min(...heard) === subscribers - slow,
      },
    ],
    { without, beside, heard },
  );
}
