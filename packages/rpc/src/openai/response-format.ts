/**
 * `response_format` (spec: openai §3.4): an answer as text, or as an object of what the chain knows of it. Owns the object, and whether a
 * schema can be met by it, which is found out before anything is charged.
 */
import { SynodError } from '@synod/chain';
import { Ajv, type ValidateFunction } from 'ajv';
import type { ChatBody } from './chat-body.ts';

/** What an answer is as an object. */
export type AnswerObject = {
  readonly answer: string;
  readonly citations: readonly { readonly text: string; readonly source: string; readonly passage: number }[];
  /** Its score by its judges, 0 … 1; null where nobody scored it. */
  readonly confidence: number | null;
};

export type ResponseFormat = {
  readonly kind: 'text' | 'json';
  /** The content of a message, or why the answer does not fit the schema. */
  write(object: AnswerObject): { readonly content: string } | { readonly refusal: string };
};

const SCHEMA_CHARACTERS_MAX = 16_384;
/** Patterns of strangers can take for ever; references could leave the schema. */
const KEYWORDS_REFUSED = ['pattern', 'patternProperties', '$ref', '$dynamicRef', '$recursiveRef'];
const NAMES = ['answer', 'citations', 'confidence'] as const;

const plain: ResponseFormat = { kind: 'text', write: ({ answer }) => ({ content: answer }) };

/** Throws `JSON_SCHEMA_UNSATISFIABLE` for a schema that answers cannot be counted on to meet. */
export function responseFormatOf(wanted: ChatBody['response_format']): ResponseFormat {
  if (wanted === undefined || wanted === null || wanted.type === 'text') return plain;
  if (wanted.type === 'json_object') return { kind: 'json', write: (object) => ({ content: JSON.stringify(object) }) };
  const { schema } = wanted.json_schema;
  const { names, validate } = compiled(schema);
  for (const probe of probes) {
    if (!validate(picked(probe, names))) throw unsatisfiable(problemOf(validate));
  }
  return {
    kind: 'json',
    write(object) {
      const content = picked(object, names);
      if (validate(content)) return { content: JSON.stringify(content) };
      return { refusal: `The answer does not fit the schema: ${problemOf(validate)}. x_receipt has its text.` };
    },
  };
}

/** Answers of several kinds: whatever meets them all is no riddle for a real one. */
const probes: readonly AnswerObject[] = [
  { answer: 'Yes.', citations: [], confidence: null },
  { answer: '', citations: [{ text: 'a', source: 'b', passage: 0 }], confidence: 0 },
  {
    answer: `${'word '.repeat(300)}\n“é” 1,5 {}`,
    citations: [{ text: 'a', source: 'b', passage: 9_999_999 }],
    confidence: 0.873,
  },
];

function compiled(schema: Readonly<Record<string, unknown>>): {
  readonly names: readonly string[];
  readonly validate: ValidateFunction;
} {
  const text = JSON.stringify(schema);
  if (text.length > SCHEMA_CHARACTERS_MAX) throw unsatisfiable(`it is longer than ${SCHEMA_CHARACTERS_MAX} characters`);
  const keyword = KEYWORDS_REFUSED.find((name) => text.includes(`"${name}":`));
  if (keyword !== undefined) throw unsatisfiable(`it uses "${keyword}"`);
  const properties = schema['properties'];
  const named = typeof properties === 'object' && properties !== null ? Object.keys(properties) : null;
  try {
    // A schema is compiled for one request and forgotten with it.
    const validate = new Ajv({ strict: false, validateFormats: false, allErrors: false }).compile(schema);
    return { names: named ?? NAMES, validate };
  } catch (error) {
    throw unsatisfiable(`it is no JSON schema (${error instanceof Error ? error.message : String(error)})`);
  }
}

function picked(object: AnswerObject, names: readonly string[]): Partial<AnswerObject> {
  return Object.fromEntries(NAMES.filter((name) => names.includes(name)).map((name) => [name, object[name]]));
}

function problemOf({ errors }: ValidateFunction): string {
  const [first] = errors ?? [];
  return `${first?.instancePath.slice(1) || 'the object'} ${first?.message ?? 'does not match'}`;
}

function unsatisfiable(why: string): SynodError {
  return new SynodError(
    'JSON_SCHEMA_UNSATISFIABLE',
    `Answers cannot meet this schema: ${why.slice(0, 300)}. They are objects {"answer": text, "citations": [{"text", "source", "passage"}], "confidence": number or null}; ask for some of these. Nothing was charged.`,
    { facts: { param: 'response_format' } },
  );
}
