/**
 * The `openai` client from PyPI against a real devnet, streaming and not. It fetches a package from a registry, so it runs only
 * with SYNOD_TEST_PYPI=1 and says so otherwise.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Devnet } from './devnet-process.ts';

const execute = promisify(execFile);

const PROGRAM = `
import json, sys
from openai import OpenAI, NotFoundError
client = OpenAI(base_url=sys.argv[1], api_key="any")
messages = [{"role": "user", "content": "Say something."}]
models = [model.id for model in client.models.list()]
whole = client.chat.completions.create(model="synod/auto", messages=messages)
streamed, usage, receipt = "", None, None
options = {"include_usage": True}
for chunk in client.chat.completions.create(model="synod/auto", messages=messages, stream=True, stream_options=options):
    receipt = (chunk.model_extra or {}).get("x_receipt") or receipt
    usage = chunk.usage or usage
    if chunk.choices:
        streamed += chunk.choices[0].delta.content or ""
try:
    client.chat.completions.create(model="synod/astrology", messages=messages)
    error = None
except NotFoundError as caught:
    error = caught.code
print(json.dumps({
    "models": models,
    "whole": whole.choices[0].message.content,
    "receipt": whole.model_extra.get("x_receipt"),
    "streamed": streamed,
    "streamUsage": usage is not None and usage.total_tokens > 0,
    "streamReceipt": receipt,
    "error": error,
}))
`;

const isWanted = process.env['SYNOD_TEST_PYPI'] === '1';
if (!isWanted) console.log('openai from PyPI was not run: set SYNOD_TEST_PYPI=1 to fetch and run it');
else
  test('the openai client from PyPI gets answers and receipts, streaming and not', async (context) => {
    const packages = mkdtempSync(join(tmpdir(), 'synod-pypi-'));
    context.after(() => rmSync(packages, { recursive: true, force: true }));
    await execute('python3', ['-m', 'pip', 'install', '--quiet', '--target', packages, 'openai']);
    const devnet = await Devnet.start();
    context.after(() => devnet.remove());
    const env = { ...process.env, PYTHONPATH: packages };
    const { stdout } = await execute('python3', ['-c', PROGRAM, `${devnet.url()}/v1`], { env });
    const result = JSON.parse(stdout) as Record<string, unknown>;
    assert.ok((result['models'] as string[]).includes('synod/auto'));
    assert.ok(String(result['whole']).length > 0);
    assert.ok(String(result['streamed']).length > 0);
    assert.equal(result['streamUsage'], true);
    for (const name of ['receipt', 'streamReceipt']) {
      const receipt = result[name] as { query_id?: string; finalized?: boolean };
      assert.match(receipt.query_id ?? '', /^0x[0-9a-f]{64}$/, name);
    }
    assert.equal(result['error'], 'model_not_found');
  });
