/** The ways of answering that are compared on the same questions. Owns their prompts; `ours` is the expert as the worker runs it. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AnswerTools, answer } from '../../packages/inference/src/answering/answer.ts';
import { createIntentReader } from '../../packages/inference/src/answering/intent.ts';
import { contextPrompt } from '../../packages/inference/src/answering/phrasing.ts';
import type { Engine } from '../../packages/inference/src/engine/engine.ts';
import { createLibrary } from '../../packages/inference/src/knowledge/library.ts';
import { vectorsDirectory } from '../../packages/inference/src/knowledge/vectors-file.ts';
import { control, type Domain } from './load.ts';

export type Reply = {
  readonly text: string;
  readonly refused: boolean;
  /** Index of the passage that is cited; null when there is none. */
  readonly cited: number | null;
  readonly grounding: string;
};

export type System = {
  readonly name: string;
  reply(domain: Domain, question: string): Promise<Reply>;
};

const REFUSAL =
  /don.?t know|do not know|not (?:mentioned|provided|specified|given|found|available|stated)|unknown|cannot|no information/i;
const profile = { instruction: '', temperature: 0, topP: 1, maxTokens: 40 };

/** Adapters of a domain: one a seed, in the order of their names. */
export function adaptersOf(domain: string, folder: string | undefined): string[] {
  const root = folder ?? fileURLToPath(new URL('../../packages/experts/adapters', import.meta.url));
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => name.startsWith(domain) && !name.endsWith('.json'))
    .toSorted()
    .map((name) => join(root, name));
}

/** The systems by name; `adapter` gives the adapter file of a domain, or null. */
export function createSystems(engine: Engine, adapter: (domain: string) => string | null): Map<string, System> {
  const tools: AnswerTools = {
    engine,
    library: createLibrary({ embed: engine.embed, vectorsDirectory: vectorsDirectory() }),
    intent: createIntentReader(engine.embed),
  };
  const write = async (content: string, file: string | null): Promise<Reply> => {
    const request = { messages: [{ role: 'user', content }] as const, profile, seed: 0, stop: ['\n'], adapter: file };
    const { text } = await engine.generate(request, { ...control, onText: () => {} });
    return { text, refused: REFUSAL.test(text), cited: null, grounding: 'ungrounded' };
  };
  const passages = async (domain: Domain, question: string, count: number) => {
    const { candidates } = await domain.knowledge.retrieve(question, control);
    return candidates.slice(0, count).map(({ passage }) => passage.text);
  };
  const systems: System[] = [
    { name: 'bare', reply: (_, question) => write(question, null) },
    { name: 'adapter', reply: (domain, question) => write(question, adapter(domain.name)) },
    {
      name: 'passages-1',
      reply: async (domain, question) =>
        write(contextPrompt((await passages(domain, question, 1)).join('\n- '), question), null),
    },
    {
      name: 'passages-3',
      reply: async (domain, question) =>
        write(contextPrompt((await passages(domain, question, 3)).join('\n- '), question), null),
    },
    {
      name: 'adapter+passages-1',
      reply: async (domain, question) =>
        write(contextPrompt((await passages(domain, question, 1)).join('\n- '), question), adapter(domain.name)),
    },
    {
      name: 'quote',
      reply: async (domain, question) => {
        const [best] = (await domain.knowledge.retrieve(question, control)).candidates;
        return { text: best?.passage.text ?? '', refused: false, cited: best?.index ?? null, grounding: 'quote' };
      },
    },
    { name: 'ours', reply: (domain, question) => ours(tools, domain, { question, adapter: adapter(domain.name) }) },
  ];
  return new Map(systems.map((system) => [system.name, system]));
}

async function ours(
  tools: AnswerTools,
  domain: Domain,
  { question, adapter }: { question: string; adapter: string | null },
): Promise<Reply> {
  const request = {
    messages: [{ role: 'user', content: question }] as const,
    expert: { profile, knowledge: domain.folder, adapter },
    seed: 0,
    stop: [],
  };
  const { segments, grounding } = await answer(tools, request, { ...control, onText: () => {} });
  const quoted = segments.find((segment) => segment.kind === 'quote');
  return {
    text: segments.map(({ text }) => text).join(''),
    refused: grounding === 'refused',
    cited: quoted?.index ?? null,
    grounding,
  };
}
