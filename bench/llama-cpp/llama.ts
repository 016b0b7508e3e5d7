/**
 * llama.cpp through node-llama-cpp's prebuilt binary. Owns fetching both: they are no dependency of this project, so they are put into
 * this folder's own node_modules by npm when first needed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CONTEXT_TOKENS, type Contender, DECODED_TOKENS, PROMPT } from './contender.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const VERSION = '3.22.1';
const CONTEXT_MAX = 1024;
const BATCH_TOKENS = 512;

type LlamaSequence = {
  clearHistory(): Promise<void>;
  evaluateWithoutGeneratingNewTokens(tokens: readonly number[]): Promise<void>;
  evaluate(tokens: readonly number[], options: object): AsyncGenerator<number>;
};
type LlamaContext = { getSequence(): LlamaSequence };
type LlamaModel = { createContext(options: object): Promise<LlamaContext>; dispose(): Promise<void> };
type LlamaLibrary = { getLlama(options: object): Promise<{ loadModel(options: object): Promise<LlamaModel> }> };

/** Loads the GGUF file at `path`, one thread. */
export async function openLlama(path: string): Promise<Contender> {
  const { getLlama } = await loadLibrary();
  const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, maxThreads: 1, logLevel: 'error' });
  const model = await llama.loadModel({ modelPath: path });
  const context = await model.createContext({
    contextSize: CONTEXT_MAX,
    batchSize: BATCH_TOKENS,
    threads: { ideal: 1, min: 1 },
  });
  const sequence = context.getSequence();
  const read = async (tokens: number) => {
    await sequence.clearHistory();
    await sequence.evaluateWithoutGeneratingNewTokens(PROMPT.slice(0, tokens));
  };
  return {
    name: 'llama.cpp',
    prefill: async (tokens) => {
      const startedMs = performance.now();
      await read(tokens);
      return performance.now() - startedMs;
    },
    decode: async () => {
      await read(CONTEXT_TOKENS - 1);
      let written = -1;
      let startedMs = 0;
      for await (const _ of sequence.evaluate([PROMPT[CONTEXT_TOKENS - 1]!], {
        temperature: 0,
        yieldEogToken: true,
      })) {
        written += 1;
        if (written === 0) startedMs = performance.now();
        if (written === DECODED_TOKENS) break;
      }
      return (performance.now() - startedMs) / written;
    },
    close: () => model.dispose(),
  };
}

async function loadLibrary(): Promise<LlamaLibrary> {
  const entry = `${FOLDER}node_modules/node-llama-cpp/dist/index.js`;
  if (!existsSync(entry)) install();
  return (await import(pathToFileURL(entry).href)) as LlamaLibrary;
}

/** The library and the one binary for this machine; npm's own choice would include those for graphics cards. */
function install(): void {
  console.log('Fetching llama.cpp (node-llama-cpp) into bench/llama-cpp/node_modules');
  const binary = `@node-llama-cpp/${platformName()}@${VERSION}`;
  const quiet = ['--ignore-scripts', '--omit=optional', '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', ...quiet, `node-llama-cpp@${VERSION}`, binary], { cwd: FOLDER, stdio: 'inherit' });
}

function platformName(): string {
  if (process.platform === 'darwin') return process.arch === 'arm64' ? 'mac-arm64-metal' : 'mac-x64';
  return `${process.platform === 'win32' ? 'win' : 'linux'}-${process.arch}`;
}
