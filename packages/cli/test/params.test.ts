/** `synod params` against production hosts: from a proposal over the vote to the new parameters. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAccount, readParams } from '@synod/chain';
import { alice, aliceSeed, operatorSeed } from '../../node/test/host/lab.ts';
import { listProposals, proposalStatus, propose, showParams, vote } from '../src/commands/params.ts';
import { parseChanges } from '../src/voting/param-values.ts';
import { serveLab } from './lab-server.ts';

const staking = { epochHeights: 10, evidenceAgeHeights: 24, trustingPeriodMs: 1_000, unbondingHeights: 200 };

test('a change is proposed, voted on by operators, shown with its count, and made', async (t) => {
  const { lab, url, run, keyFile } = await serveLab(t, { staking, voting: { votingHeights: 30 } });
  const flags = { json: false, debug: false, rpc: url };
  const asAlice = { ...flags, keyFile: keyFile(aliceSeed) };
  run(() => lab.heightEverywhere() >= 2);
  const text = async (told: ReturnType<typeof listProposals>): Promise<string> => (await told).lines.join('\n');
  assert.match(await text(showParams('staking.jail', flags)), /staking\.jailHeights +1000 +.*1 … 10000000/);
  assert.match(await text(showParams('voting.', flags)), /quorum +40 % .*safety/);
  await assert.rejects(showParams('jailHeights', flags), /Did you mean staking\.jailHeights\?/);
  assert.match(await text(listProposals(flags)), /Nothing is voted on/);

  const balance = (): bigint => readAccount(lab.nodes[0]!.head.state, alice).balance;
  const before = balance();
  const title = 'Shorter jail';
  const refused = { ...asAlice, title };
  await assert.rejects(propose(['voting.quorum=5%'], refused), { code: 'PARAMS_REFUSED', message: /quorum must be/ });
  await assert.rejects(propose(['staking.jail=5'], refused), { code: 'PARAMETER_UNKNOWN' });
  await assert.rejects(propose(['staking.jailHeights=500'], { ...refused, deposit: '1' }), {
    code: 'DEPOSIT_TOO_LOW',
    message: /at least 10 SYN/,
  });
  assert.equal(balance(), before, 'nothing was sent');

  const made = await propose(['staking.jailHeights=500', 'expertBondMin=2SYN'], refused);
  const { proposal } = made.json as { proposal: string };
  const short = proposal.slice(0, 10);
  assert.match(made.lines.join('\n'), /staking\.jailHeights = 500, expertBondMin = 2 SYN/);
  assert.match(await text(proposalStatus(short, flags)), /quorum +0 % of all active stake voted, 40 % needed/);
  assert.match(await text(proposalStatus(short, flags)), /too few voted: it fails, and the deposit is burnt/);
  await assert.rejects(vote(short, 'maybe', asAlice), { code: 'USAGE' });
  await assert.rejects(vote(short, 'yes', asAlice), { code: 'VALIDATOR_UNKNOWN' });
  await assert.rejects(vote('0xffffffff', 'yes', asAlice), { code: 'PROPOSAL_UNKNOWN', message: /params list/ });
  for (const [index, choice] of [
    [0, 'yes'],
    [1, 'no'],
    [1, 'yes'],
    [2, 'abstain'],
  ] as const) {
    const told = await vote(short, choice, { ...flags, keyFile: keyFile(operatorSeed(index)) });
    assert.match(told.lines[0]!, new RegExp(`votes ${choice}`));
  }
  const counted = await text(proposalStatus(short, flags));
  for (const pattern of [
    /change +staking\.jailHeights: 1000 → 500/,
    /yes +2,000 SYN/,
    /no +0 SYN/,
    /abstain +1,000 SYN/,
    /75 % of all active stake voted/,
    /as it is +it passes/,
    /\d+ blocks left to vote, about \d+ s/,
    /params vote 0x[0-9a-f]{8} yes\|no\|abstain/,
  ])
    assert.match(counted, pattern);
  assert.match(await text(listProposals(flags)), new RegExp(`${short} +Shorter jail .*75 %.*passed`));

  // Whoever proposes writes the title, and operators read it.
  const hostile = { ...asAlice, title: 'Fine\n  yes  100 %\u001b[1A\u001b[2K' };
  const { proposal: other } = (await propose(['windowMax=700'], hostile)).json as { proposal: string };
  const shownTitle = 'Fine yes 100 %·[1A·[2K';
  for (const told of [proposalStatus(other, flags), listProposals(flags)]) {
    assert.ok((await text(told)).includes(shownTitle), await text(told));
  }

  run(() => readParams(lab.nodes[0]!.head.state).staking.jailHeights === 500);
  await assert.rejects(proposalStatus(short, flags), { code: 'PROPOSAL_UNKNOWN' });
  assert.match(await text(showParams('expertBondMin', flags)), /2 SYN/);
});

test('values are read exactly in the unit of their parameter, and in no other', () => {
  const entry = (name: string, kind: 'count' | 'amount' | 'part') =>
    ({ name, kind, value: '1', least: '0', most: '9', isSafety: false }) as const;
  const entries = [
    entry('windowMax', 'count'),
    entry('timeouts.proposeMs', 'count'),
    entry('bond', 'amount'),
    entry('quorum', 'part'),
  ];
  const read = (text: string) => parseChanges([text], entries)[0]!.value;
  assert.deepEqual(
    ['windowMax=007', 'timeouts.proposeMs=1.5s', 'bond=0.5SYN', 'bond=5', 'quorum=35%', 'quorum=350000'].map(read),
    ['7', '1500', '500000000', '5', '350000', '350000'],
  );
  for (const text of ['windowMax=5%', 'windowMax=1SYN', 'windowMax=-1', 'bond=10s', 'bond=', 'windowMax', '=5']) {
    assert.throws(() => read(text), /is no value|is no change/, text);
  }
});
