/** Prompts are checked before anything is sent: no node runs in these tests, so reaching one is exit code 3. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { synod } from './command.ts';

const codeOf = (stderr: string) => (JSON.parse(stderr) as { error: { code: string } }).error.code;

async function refused(argument: string, input: Uint8Array | string, code: string): Promise<void> {
  const result = await synod(['ask', argument, '--json'], Buffer.from(input));
  assert.equal(result.code, code === 'NODE_UNREACHABLE' ? 3 : 2, result.stderr);
  assert.equal(codeOf(result.stderr), code);
  assert.equal(result.stdout, '');
}

test('nothing, and nothing but space, is empty', async () => {
  await refused('', '', 'PROMPT_EMPTY');
  await refused('-', ' \n\t\n', 'PROMPT_EMPTY');
});

test('bytes that are not UTF-8 are refused wherever they stand', async () => {
  await refused('-', Uint8Array.of(0x68, 0x69, 0xff), 'PROMPT_NOT_UTF8');
  await refused('-', Uint8Array.of(0xe2, 0x82), 'PROMPT_NOT_UTF8');
  await refused('-', Uint8Array.of(0xed, 0xa0, 0x80), 'PROMPT_NOT_UTF8');
});

test('8192 bytes are taken, one more is too long, and so is an endless input', async () => {
  await refused('-', `${'é'.repeat(4096)}\n`, 'NODE_UNREACHABLE');
  await refused('-', `${'é'.repeat(4096)}x`, 'PROMPT_TOO_LONG');
  await refused('-', `x${'é'.repeat(300_000)}`, 'PROMPT_TOO_LONG');
});

test('the replacement character itself is valid text on standard input', async () => {
  await refused('-', 'what is \uFFFD?', 'NODE_UNREACHABLE');
});
