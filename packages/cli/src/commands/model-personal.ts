/**
 * `synod model personal train|status|ask`: an adapter of the user's own, on private feedback. Owns flags and words; nothing that these
 * commands read or make leaves the machine.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SynodError } from '@synod/chain';
import pc from 'picocolors';
import { shippedAdapter, shippedKnowledge } from '../devnet/domains.ts';
import { withWorker } from '../experts/local-worker.ts';
import { trainableModel } from '../experts/trainable-model.ts';
import { dataOf, personalFiles, readPersonal, trainPersonal } from '../learning/personal.ts';
import { type PrivateFlags, readPrivate } from '../learning/private-file.ts';
import { stopSignal } from '../processes/stop-signals.ts';
import { displayPath } from '../settings/paths.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, note, print, printJson, table, tell } from '../terminal/output.ts';
import { LOCAL_PROFILE, sourceLines } from './expert-ask.ts';
import { readPrompt } from './prompt.ts';

export type PersonalFlags = CommonOptions & PrivateFlags & { readonly model: string };

/** Steps between two lines of progress. */
const NOTED_EVERY = 4;

export async function runPersonalTrain(domain: string, flags: PersonalFlags): Promise<void> {
  const signal = stopSignal();
  const items = readPrivate(flags).items.filter((blob) => blob.domain === domain);
  if (items.length === 0) throw nothingKept(domain, flags);
  const files = personalFiles(process.env, domain);
  const known = readPersonal(files);
  if (known?.data === dataOf(items)) {
    const lines = [`It is trained on all ${items.length} already: ${displayPath(files.adapter)}`];
    return tell(flags, { json: { domain, ...known, file: files.adapter, trained: false }, lines });
  }
  const directory = await trainableModel(flags.model, signal);
  const about = await trainPersonal({
    domain,
    items,
    modelDirectory: directory,
    knowledge: knowledgeOf(domain),
    shippedAdapter: flags.model === 'default' ? shippedAdapter(domain) : null,
    environment: process.env,
    signal,
    onProgress({ stage, done, of, lossMilli }) {
      if (flags.json || (done % NOTED_EVERY !== 0 && done !== of)) return;
      note(`  … ${stage} ${done} of ${of}${lossMilli === null ? '' : `   loss ${(lossMilli / 1000).toFixed(3)}`}`);
    },
  });
  const lines = [
    `${pc.green('✔')} trained on ${about.items} private feedback of ${domain}   ${displayPath(files.adapter)}`,
    `  Ask with it:  ${SYNOD} model personal ask ${domain} "…"`,
  ];
  tell(flags, { json: { domain, ...about, file: files.adapter, trained: true }, lines });
}

export async function runPersonalStatus(flags: PersonalFlags): Promise<void> {
  const { files, items, damaged } = readPrivate(flags);
  const domains = [...new Set(items.map(({ domain }) => domain))].toSorted().map((domain) => {
    const own = items.filter((blob) => blob.domain === domain);
    const known = readPersonal(personalFiles(process.env, domain));
    const state = known === null ? 'untrained' : known.data === dataOf(own) ? 'current' : 'behind';
    return { domain, feedback: own.length, state, trainedOn: known?.items ?? 0 } as const;
  });
  const rows = domains.map(({ domain, feedback, state, trainedOn }) => [
    domain,
    `${feedback} kept`,
    state === 'untrained' ? 'not trained' : `trained on ${trainedOn}`,
    state === 'current' ? '' : `${SYNOD} model personal train ${domain}`,
  ]);
  const lines = [
    ...(rows.length === 0
      ? ['Nothing was said in private here.', `  Say it:  ${SYNOD} feedback QUERY --private --correct "…"`]
      : table(rows, '')),
    ...files.map((file) => pc.dim(`  ${displayPath(file)}`)),
    ...(damaged === 0 ? [] : [pc.yellow(`  ${damaged} lines are unreadable and left out`)]),
  ];
  tell(flags, { json: { domains, files, damaged }, lines });
}

export async function runPersonalAsk(domain: string, argument: string, flags: PersonalFlags): Promise<void> {
  const question = await readPrompt(argument);
  const files = personalFiles(process.env, domain);
  if (readPersonal(files) === null) {
    const message = `No adapter of your own is trained for ${domain}. Train one:  synod model personal train ${domain}`;
    throw new SynodError('NOT_FOUND', message, { facts: { domain } });
  }
  const knowledge = knowledgeOf(domain);
  const expert = { profile: LOCAL_PROFILE, knowledge, adapter: files.adapter, learnt: files.learnt };
  const options = { model: flags.model, environment: process.env, signal: stopSignal(), isQuiet: flags.json };
  const messages = [{ role: 'user' as const, content: question }];
  const event = await withWorker(options, (worker) =>
    worker.run({ kind: 'answer', id: 'ask', priority: 'answer', messages, expert, seed: 0, stop: [] }),
  );
  if (event.kind !== 'answered') throw new SynodError('INTERNAL', `The worker ended the job with "${event.kind}".`);
  const { segments, grounding, confidencePpm } = event.result;
  const answer = segments.map(({ text }) => text).join('');
  if (flags.json) {
    const confidence = (confidencePpm / 1_000_000).toFixed(6);
    return printJson({ answer, domain, grounding, confidence, segments, adapter: files.adapter });
  }
  print(answer);
  for (const line of sourceLines(event.result, domain)) print(`  ${line}`);
}

/** Null for a domain of which nothing is shipped. */
function knowledgeOf(domain: string): string | null {
  const folder = shippedKnowledge(domain);
  return existsSync(join(folder, 'card.json')) ? folder : null;
}

function nothingKept(domain: string, flags: PersonalFlags): SynodError {
  const where = flags.home ?? 'the homes of the devnet here';
  return new SynodError(
    'NOT_FOUND',
    `Nothing about ${domain} was said in private in ${where}. Say it:  synod feedback QUERY --private --correct "…"`,
    { facts: { domain } },
  );
}
