/**
 * A signer behind TLS (keys §5.5), with certificates made here: the right one is signed with, and a wrong authority, host, token or transport is refused
 * with one reason, while the node signs nothing. Without openssl on the machine this says so in one line and does not run.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { type Hash, publicKeyOf, verifySignature, voteSignBytes } from '@synod/chain';
import { listSignStates } from '@synod/node/signing';
import { SIGNER_LIMITS } from '../../../node/src/adapters/signer-auth.ts';
import { consensusSeed, Lab } from '../../../node/test/host/lab.ts';
import { takeKeys } from '../../src/keys/signer-home.ts';
import { synod } from '../command.ts';
import { type Certificate, hasOpenssl, makeAuthority, makeCertificate } from './certificates.ts';
import { folder, homesOf, kill, placeSigner, remoteOf, start, startSigner } from './signer-process.ts';

const { genesis } = new Lab({ validators: 1, blockIntervalMs: 200 });
const slot = { type: 'prevote', round: 0, blockId: 'ab'.repeat(32) as Hash, extension: null } as const;
const tlsFlags = ({ cert, key }: Certificate) => ['--tls-cert', cert, '--tls-key', key];
const LATER = 'https://127.0.0.1:9600';

if (!hasOpenssl) console.log('signer-tls: there is no openssl here, so TLS of the signer was not tested');
else {
  const made = join(folder, 'tls');
  const files = {} as Record<'own' | 'other' | 'good' | 'foreign' | 'elsewhere', Certificate>;
  before(() => {
    files.own = makeAuthority(made, 'own');
    files.other = makeAuthority(made, 'other');
    files.good = makeCertificate(made, 'good', files.own, 'IP:127.0.0.1');
    files.foreign = makeCertificate(made, 'foreign', files.other, 'IP:127.0.0.1');
    files.elsewhere = makeCertificate(made, 'elsewhere', files.own, 'DNS:signer.example');
  });

  test('the right certificate is signed with; every other one, token and transport is refused with its reason', {
    timeout: 240_000,
  }, async () => {
    const { node, signer: home } = homesOf(genesis, 'tls');
    takeKeys(home, node, LATER);
    const ca = files.own.cert;
    const signer = await startSigner(home, '127.0.0.1:0', tlsFlags(files.good));
    assert.match(signer.url, /^https:/);
    const refused = (config: { url?: string; token?: string; ca?: string }, code: string, why: RegExp) =>
      assert.throws(() => remoteOf(genesis, node, { url: signer.url, ...config }), { code, message: why });

    // Silent connections take every place there is, for a moment only.
    const address = new URL(signer.url);
    const silent = Array.from({ length: SIGNER_LIMITS.connectionsMax }, () =>
      connect(Number(address.port), address.hostname).on('error', () => undefined),
    );
    await Promise.all(silent.map((socket) => once(socket, 'close')));

    const remote = remoteOf(genesis, node, { url: signer.url, ca });
    const signed = remote.signer.signVote({ ...slot, height: 3 });
    const publicKey = publicKeyOf(consensusSeed(0));
    const bytes = voteSignBytes(genesis.chainId, { ...slot, height: 3 });
    assert.ok(signed.ok && verifySignature(publicKey, bytes, signed.value.signature));

    refused({ ca: files.other.cert }, 'SIGNER_UNTRUSTED', /certificate does not come from "caFile"/);
    refused(
      {},
      'SIGNER_UNTRUSTED',
      /does not come from any authority that this machine knows; name its own as "caFile"/,
    );
    refused({ ca, token: 'ab'.repeat(32) }, 'SIGNER_UNTRUSTED', /it refuses the token of this node/);
    const plain = signer.url.replace('https:', 'http:');
    refused({ url: plain }, 'SIGNER_UNREACHABLE', /does not speak plain HTTP.*name it by https:/);
    await signer.said(/a connection without TLS 1\.3 was refused/);
    const next = remote.signer.signVote({ ...slot, height: 4 });
    assert.ok(next.ok, 'and it goes on signing for its node');
    await remote.close();
    await kill(signer, 'SIGTERM');

    const elsewhere = await startSigner(home, '127.0.0.1:0', tlsFlags(files.elsewhere));
    refused({ url: elsewhere.url, ca }, 'SIGNER_UNTRUSTED', /certificate is for another host/);
    await kill(elsewhere, 'SIGTERM');
    const open = await startSigner(home);
    refused({ url: open.url.replace('http:', 'https:'), ca }, 'SIGNER_UNREACHABLE', /does not speak TLS 1\.3/);
    await kill(open, 'SIGTERM');
  });

  test('files that are no certificate, or a key that others may read, end the start with one line', {
    timeout: 120_000,
  }, async () => {
    const { node, signer: home } = homesOf(genesis, 'files');
    takeKeys(home, node, LATER);
    const [junk, loose] = [join(made, 'junk.pem'), join(made, 'loose.key')];
    writeFileSync(junk, 'no certificate\n');
    copyFileSync(files.good.key, loose);
    chmodSync(loose, 0o644);
    for (const [pair, code] of [
      [{ cert: junk, key: files.good.key }, 'SIGNER_TLS_INVALID'],
      [{ cert: files.good.cert, key: files.foreign.key }, 'SIGNER_TLS_INVALID'],
      [{ cert: files.good.cert, key: loose }, 'KEY_FILE_OPEN'],
      [{ cert: join(made, 'nowhere.pem'), key: files.good.key }, 'FILE_MISSING'],
    ] as const) {
      const ended = await synod(['signer', '--home', home, '--listen', '127.0.0.1:0', ...tlsFlags(pair), '--json']);
      assert.equal(JSON.parse(ended.stderr).error.code, code);
    }
    assert.throws(() => remoteOf(genesis, node, { url: LATER, ca: junk }), { code: 'SIGNER_TLS_INVALID' });
  });

  test('a node whose signer is swapped for an impostor signs nothing, says why, and goes on with the right one', {
    timeout: 300_000,
  }, async () => {
    const { node, signer: home } = homesOf(genesis, 'swap');
    takeKeys(home, node, LATER);
    const signer = await startSigner(home, '127.0.0.1:0', tlsFlags(files.good));
    const listen = signer.url.replace('https://', '');
    placeSigner(node, { url: signer.url, caFile: files.own.cert });
    const running = start(['start', '--home', node, '--json'], 'debug');
    await running.said(/"height":3,[^\n]*block applied/);
    await kill(signer);

    const signedBefore = listSignStates(home);
    // It even has the keys: only its certificate is wrong.
    const impostor = await startSigner(home, listen, tlsFlags(files.foreign));
    await running.said(/"reason":"[^"]*certificate does not come from[^\n]*signature refused/);
    const head = () =>
      Math.max(...[...running.log().matchAll(/"height":(\d+),[^\n]*block applied/g)].map(([, at]) => Number(at)));
    const stopped = head();
    const seen = running.log().length;
    await running.said(/certificate does not come from/, seen);
    assert.equal(head(), stopped, 'no block without its signature');
    await kill(impostor, 'SIGTERM');
    assert.deepEqual(listSignStates(home), signedBefore, 'it was asked for nothing');

    const back = await startSigner(home, listen, tlsFlags(files.good));
    await running.said(new RegExp(`"height":${stopped + 3},[^\\n]*block applied`));
    assert.ok(!running.log().includes('SIGN_CONFLICT'));
    await kill(running, 'SIGTERM');
    await kill(back, 'SIGTERM');
    assert.equal(running.child.exitCode, 0, running.log());

    // A start with a wrong authority ends at once, and signs with nothing else.
    const wrong = await startSigner(home, listen, tlsFlags(files.good));
    placeSigner(node, { caFile: files.other.cert });
    const ended = await synod(['start', '--home', node, '--json']);
    assert.equal(ended.code, 10);
    assert.match(ended.stderr, /SIGNER_UNTRUSTED/);
    await kill(wrong, 'SIGTERM');
  });
}
