/** Offences, bans and allowances over given times; framing over arbitrary cuts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeFrame, FrameReader } from '../../src/adapters/frames.ts';
import { NETWORK_LIMITS } from '../../src/adapters/network-limits.ts';
import { PeerConduct, RateAllowance } from '../../src/adapters/peer-conduct.ts';

const limits = { ...NETWORK_LIMITS, banMs: 1000, scoredPeersMax: 2 };

test('a severe offence bans at once, and the ban ends', () => {
  const conduct = new PeerConduct(limits);
  assert.deepEqual(conduct.penalise('p', 'severe', 'lied', 0), {
    subject: 'p',
    untilMs: 1000,
    bans: 1,
    reason: 'lied',
  });
  assert.equal(conduct.isBanned('p', 999), true);
  assert.equal(conduct.isBanned('p', 1000), false);
  assert.equal(conduct.isBanned('q', 0), false);
});

test('minor offences add up, and are forgotten with time', () => {
  const quick = new PeerConduct(limits);
  const verdicts = Array.from({ length: 10 }, () => quick.penalise('p', 'minor', 'late', 0) !== null);
  assert.deepEqual(verdicts, [...Array(9).fill(false), true]);
  const slow = new PeerConduct(limits);
  for (let count = 0; count < 100; count++) assert.equal(slow.penalise('p', 'minor', 'late', count * 10_000), null);
});

test('bans of peers that come one after the other from one address add up, minutes apart', () => {
  const conduct = new PeerConduct(NETWORK_LIMITS);
  const guest = (minute: number) => conduct.penalise('10.0.0.9', 'guest', 'a guest was banned', minute * 60_000);
  assert.deepEqual([guest(0), guest(10)], [null, null]);
  assert.notEqual(guest(20), null);
  assert.equal(conduct.isBanned('10.0.0.9', 21 * 60_000), true);
  assert.deepEqual(
    [guest(300), guest(400), guest(500), guest(600)],
    [null, null, null, null],
    'hours apart they do not',
  );
});

test('no more peers are remembered than the limit', () => {
  const conduct = new PeerConduct(limits);
  for (const peer of ['a', 'b', 'c']) conduct.penalise(peer, 'severe', 'lied', 0);
  assert.deepEqual(
    ['a', 'b', 'c'].map((peer) => conduct.isBanned(peer, 1)),
    [false, true, true],
  );
});

test('made-up peers in any number do not make a ban forgotten', () => {
  const conduct = new PeerConduct({ ...limits, scoredPeersMax: 4, banMs: 60_000 });
  conduct.penalise('liar', 'severe', 'lied', 0);
  for (let number = 0; number < 1_000; number++) conduct.penalise(`made-up-${number}`, 'minor', 'late', number);
  assert.equal(conduct.isBanned('liar', 1_000), true);
  const repeated = Array.from({ length: 10 }, () => conduct.penalise('last', 'minor', 'late', 1_000) !== null);
  assert.equal(repeated.at(-1), true, 'offences still add up');
});

test('a stored ban ends within the longest one, whatever clock wrote it', () => {
  const nowMs = 1_800_000_000_000;
  const ban = { subject: 'p', untilMs: nowMs + 1e12, bans: -5, reason: 'lied' };
  const conduct = new PeerConduct(NETWORK_LIMITS, { bans: [ban], nowMs });
  assert.equal(conduct.isBanned('p', nowMs + NETWORK_LIMITS.banMsMax - 1), true);
  assert.equal(conduct.isBanned('p', nowMs + NETWORK_LIMITS.banMsMax), false);
});

test('an allowance is spent, asks for a wait, and fills again up to the burst', () => {
  const allowance = new RateAllowance(
    { ...limits, messagesPerSecondMax: 100, bytesPerSecondMax: 1000, burstSeconds: 2 },
    0,
  );
  assert.equal(allowance.take(200, 0, 0), 0);
  assert.equal(allowance.take(10, 0, 0), 100);
  assert.equal(allowance.take(0, 0, 100), 0);
  assert.equal(allowance.take(0, 2500, 100_000), 500);
  assert.equal(allowance.take(0, 0, 100_600), 0);
});

test('frames come out as they went in, however the bytes are cut', () => {
  const messages = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 8 });
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (sent, cuts) => {
      const stream = Buffer.concat(sent.map((message) => encodeFrame(message, { lane: 0, isLast: true }).subarray()));
      const reader = new FrameReader(50);
      const received: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const end = at + cuts[turn % cuts.length]!;
        received.push(...reader.push(stream.subarray(at, end))!);
        at = end;
      }
      assert.deepEqual(
        received.map((bytes) => [...bytes]),
        sent.map((bytes) => [...bytes]),
      );
    }),
  );
});

test('a length of zero or above the maximum makes the stream useless', () => {
  assert.equal(new FrameReader(50).push(Uint8Array.of(0, 0, 0, 51)), null);
  assert.equal(new FrameReader(50).push(Uint8Array.of(0, 0, 0, 0)), null);
  assert.deepEqual(new FrameReader(50).push(Uint8Array.of(0, 0, 0, 50)), []);
});
