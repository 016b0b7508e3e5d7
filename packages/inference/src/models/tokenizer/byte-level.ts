/**
 * Tokenizer files (the widespread tokenizer.json format) for byte-level BPE vocabularies. Owns the fixed parts of the
 * format: single digits, no added space, no unknown byte.
 */

/** Turns of a conversation, without the system turn that some models add by default: it spoils short answers. */
const CHAT_TEMPLATE =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

export type ByteLevelVocabulary = {
  /** Tokens by id, bytes written as the printable characters of byte-level BPE. */
  readonly tokens: readonly string[];
  /** Ids of tokens that are never produced from ordinary text. */
  readonly specialIds: readonly number[];
  /** `left right`, most important first. */
  readonly merges: readonly string[];
  readonly contextTokens: number;
};

export const CHAT_TOKENS = { begin: '<|im_start|>', end: '<|im_end|>', unknown: '<|endoftext|>' } as const;

/** The content of tokenizer.json. */
export function tokenizerJson({ tokens, specialIds, merges }: ByteLevelVocabulary): object {
  const byteLevel = { type: 'ByteLevel', trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialIds.map((id) => specialToken(id, tokens[id]!)),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Digits', individual_digits: true },
        { ...byteLevel, add_prefix_space: false },
      ],
    },
    post_processor: null,
    decoder: { ...byteLevel, add_prefix_space: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: CHAT_TOKENS.unknown,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}

/** The content of tokenizer_config.json. */
export function tokenizerConfig({ contextTokens }: ByteLevelVocabulary): object {
  return {
    tokenizer_class: 'GPT2Tokenizer',
    bos_token: CHAT_TOKENS.begin,
    eos_token: CHAT_TOKENS.end,
    pad_token: CHAT_TOKENS.end,
    unk_token: CHAT_TOKENS.unknown,
    model_max_length: contextTokens,
    add_prefix_space: false,
    clean_up_tokenization_spaces: false,
    chat_template: CHAT_TEMPLATE,
  };
}

function specialToken(id: number, content: string): object {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}
