/** How commands fail: exit codes, the words, and the lines that must fit a terminal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SynodError } from '@synod/chain';
import { exitCodeOf } from '../src/terminal/exit-codes.ts';
import { describeFailure, formatFailure } from '../src/terminal/failure.ts';
import { cutVisible, table, toJson } from '../src/terminal/output.ts';

test('every class of error has its exit code', () => {
  const classes: readonly (readonly [number, readonly string[]])[] = [
    [1, ['INTERNAL', 'PORT_TAKEN', 'DATA_DIR_IN_USE', 'no such code']],
    [2, ['USAGE', 'AMOUNT_INVALID', 'ADDRESS_INVALID', 'PROMPT_EMPTY', 'PROMPT_TOO_LONG', 'PROMPT_NOT_UTF8']],
    [2, ['CONFIG_INVALID', 'DURATION_INVALID', 'NUMBER_INVALID', 'PORT_INVALID', 'URL_INVALID', 'SPEND_KEY_EXISTS']],
    [2, ['CHECKPOINT_INVALID', 'CHECKPOINT_REQUIRED', 'HALT_HEIGHT_PASSED']],
    [3, ['NODE_UNREACHABLE', 'SIGNER_UNREACHABLE', 'SIGNER_TIMEOUT']],
    [4, ['NOT_FOUND', 'QUERY_UNKNOWN', 'ACCOUNT_UNKNOWN', 'PAYER_UNKNOWN', 'SPEND_KEY_UNKNOWN', 'READ_KEY_WRONG']],
    [
      5,
      [
        'TRANSACTION_REJECTED',
        'FEE_TOO_LOW',
        'MEMPOOL_FULL',
        'BAD_SIGNATURE',
        'EXPIRED',
        'NOT_JAILED',
        'JAIL_NOT_OVER',
      ],
    ],
    [6, ['TIMEOUT', 'DEVNET_STALLED']],
    [7, ['INSUFFICIENT_BALANCE', 'INSUFFICIENT_STAKE', 'BOND_TOO_LOW', 'MAX_COST_TOO_LOW']],
    [8, ['NO_EXPERT', 'DOMAIN_UNKNOWN']],
    // systemd starts nothing again that ended so.
    [10, ['SIGN_CONFLICT', 'SIGN_SLOT_OLD', 'SIGN_STATE_DAMAGED', 'SIGN_STATE_FOREIGN', 'CHECKPOINT_MISMATCH']],
    [10, ['PROTECTION_FOREIGN', 'PROTECTION_FILE_INVALID', 'SIGNER_FOREIGN', 'SIGNER_UNTRUSTED', 'SIGNER_URL_UNSAFE']],
    [11, ['PROOF_INVALID']],
    [12, ['PROOF_UNDECIDED']],
    [13, ['LIGHT_CLIENT_ATTACK']],
    [130, ['INTERRUPTED']],
  ];
  for (const [exitCode, codes] of classes) for (const code of codes) assert.equal(exitCodeOf(code), exitCode, code);
});

test('a failure keeps code and facts; a defect says how to see more', () => {
  const known = describeFailure(new SynodError('NO_EXPERT', 'None is online.', { facts: { domain: 'x' } }));
  assert.deepEqual(known, { code: 'NO_EXPERT', message: 'None is online.', facts: { domain: 'x' }, exitCode: 8 });
  const defect = describeFailure(new TypeError('undefined is not a function'));
  assert.equal(defect.code, 'INTERNAL');
  assert.match(defect.message, /--debug/);
  const system = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path: '/locked/x' });
  assert.match(describeFailure(system).message, /^Cannot use \/locked\/x\. Permission is denied: choose/);
  assert.equal(describeFailure('text').exitCode, 1);
});

test('the first sentence is the headline, the next step stands below', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with the escape character.
  const plain = (text: string) => text.replaceAll(/\u001b\[\d+m/g, '');
  assert.equal(plain(formatFailure('It broke. Mend it.')), '✖ It broke\n  Mend it.\n');
  assert.equal(plain(formatFailure('It costs 0.5 SYN, e.g. now')), '✖ It costs 0.5 SYN, e.g. now\n');
  assert.equal(plain(formatFailure('one\ntwo')), '✖ one\n  two\n');
});

test('a redrawn line is cut by what is seen, and its colours end', () => {
  assert.equal(cutVisible('\u001b[32mabcdef\u001b[39m ghi', 4), '\u001b[32mabcd\u001b[39m');
  assert.equal(cutVisible('\u001b[32mab\u001b[39m cd', 10), '\u001b[32mab\u001b[39m cd');
  assert.deepEqual(
    table(
      [
        ['\u001b[32ma\u001b[39m', 'x'],
        ['bcd', 'y'],
      ],
      '',
    ),
    ['\u001b[32ma\u001b[39m    x', 'bcd  y'],
  );
  assert.equal(toJson({ amount: 10n }), '{"amount":"10"}');
});
