/** An attack on light clients from its discovery to its punishment, against production hosts. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  type Address,
  blockId,
  encodeVoteExtension,
  extensionSignBytes,
  type Hash,
  type LightBlock,
  readPool,
  type SynodError,
  sign,
  voteSignBytes,
} from '@synod/chain';
import type { NodeApi } from '@synod/rpc';
import { consensusSeed, operatorOf } from '../../node/test/host/lab.ts';
import { stateProofJson } from '../../rpc/src/json/proofs.ts';
import { submitEvidenceFile } from '../src/commands/evidence.ts';
import { runVerifyProof } from '../src/commands/verify-proof.ts';
import { asTyped, commandName } from '../src/terminal/command-name.ts';
import { serveApi, serveLab } from './lab-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-evidence-'));
after(() => rmSync(folder, { recursive: true }));

const HEIGHT = 6;
const common = { json: false, debug: false };

/** Three of four sign another block of the height. */
function forked({ header, commit, validators, ...sets }: LightBlock): LightBlock {
  const lie = { ...header, resultsRoot: 'ab'.repeat(32) as Hash };
  const slot = { height: header.height, round: commit.round, blockId: blockId(lie) };
  const bytes = encodeVoteExtension({ items: [] });
  const precommits = validators.flatMap(({ operator }, validator) => {
    const index = [0, 1, 2].find((each) => operatorOf(each) === operator);
    if (index === undefined) return [];
    const seed = consensusSeed(index);
    const signature = sign(seed, voteSignBytes('lab', { type: 'precommit', ...slot }));
    const extensionSignature = sign(seed, extensionSignBytes('lab', { ...slot, extension: bytes }));
    return [{ validator, signature, extension: bytes, extensionSignature }];
  });
  return { header: lie, commit: { ...slot, precommits }, validators, ...sets };
}

/** A node whose light block of one height is another one. */
function lying(api: NodeApi, fork: LightBlock): NodeApi {
  const lightBlock: NodeApi['lightBlock'] = (height) => (height === HEIGHT ? fork : api.lightBlock(height));
  return new Proxy(api, {
    get: (node, name: keyof NodeApi) => {
      const part = node[name];
      if (name === 'lightBlock') return lightBlock;
      return typeof part === 'function' ? part.bind(node) : part;
    },
  });
}

test('what verify finds is submitted, reaches a block of whoever proposes, and bars the guilty', async (t) => {
  const { lab, url, api, run } = await serveLab(t, {});
  run(() => lab.nodes[0]!.head.height >= HEIGHT - 1);
  run(() => lab.heightEverywhere() >= HEIGHT + 2);
  const block = api.lightBlock(HEIGHT)!;
  const fork = forked(block);
  const liar = await serveApi(t, lying(api, fork));
  const key = `account/${operatorOf(0)}`;
  const proven = api.proof(key, HEIGHT - 1);
  const file = join(folder, 'proof.json');
  const trail = { below: [], above: [] };
  writeFileSync(file, JSON.stringify(stateProofJson({ chainId: 'lab', key, block, trail, ...proven })));
  const evidence = join(folder, 'evidence.json');
  const trust = `${HEIGHT}@0x${blockId(block.header)}`;
  const flags = { ...common, trust, rpc: [url, liar], evidence };
  await assert.rejects(runVerifyProof(file, flags), (error: SynodError) => {
    assert.equal(error.code, 'LIGHT_CLIENT_ATTACK', error.message);
    assert.match(error.message, /synod evidence submit .*evidence\.json --rpc URL/);
    return true;
  });
  assert.equal(JSON.parse(readFileSync(evidence, 'utf8')).evidence.length, 2, 'told from either side');

  const status = (who: Address) => readPool(lab.nodes[3]!.head.state, who)?.status;
  const told = await submitEvidenceFile(evidence, { ...common, rpc: url });
  assert.match(told.lines.join('\n'), /accepted and is passed on/);
  run(() => [0, 1, 2].every((index) => status(operatorOf(index)) === 'tombstoned'));
  assert.equal(status(operatorOf(3)), 'active');
  const again = await submitEvidenceFile(evidence, { ...common, rpc: url });
  assert.match(again.lines.join('\n'), /known already/);

  const { chainId: _chain, ...rest } = JSON.parse(readFileSync(evidence, 'utf8'));
  const other = join(folder, 'other.json');
  writeFileSync(other, JSON.stringify({ ...rest, chainId: 'main-1' }));
  await assert.rejects(submitEvidenceFile(other, { ...common, rpc: url }), { code: 'WRONG_CHAIN' });
  writeFileSync(other, JSON.stringify({ ...rest, chainId: 'lab', evidence: ['0x00'] }));
  await assert.rejects(submitEvidenceFile(other, { ...common, rpc: url }), { code: 'MALFORMED' });
  writeFileSync(other, JSON.stringify({ ...rest, chainId: 'lab', evidence: [] }));
  await assert.rejects(submitEvidenceFile(other, { ...common, rpc: url }), { code: 'EVIDENCE_NOT_ATTRIBUTABLE' });
  await assert.rejects(submitEvidenceFile(file, { ...common, rpc: url }), { code: 'EVIDENCE_FILE_INVALID' });
  await assert.rejects(submitEvidenceFile(join(folder, 'none'), { ...common, rpc: url }), { code: 'NOT_FOUND' });
});

test('advice can be typed as it stands, however the program was called', () => {
  const name = (typed: string | undefined, folder = '/home/a/synod') =>
    commandName({ SYNOD_COMMAND: typed, PATH: '/usr/bin:/opt/synod' }, folder);
  assert.deepEqual(
    [undefined, 'synod', './synod', '/home/a/synod/synod', '/opt/synod/synod', '../synod/synod', '/srv/synod'].map(
      (typed) => name(typed),
    ),
    ['synod', 'synod', './synod', './synod', 'synod', './synod', '/srv/synod'],
  );
  assert.equal(
    asTyped('See  synod status, "synod ask" or synod: ./synod ask; synods', './synod'),
    'See  ./synod status, "./synod ask" or synod: ./synod ask; synods',
  );
});
