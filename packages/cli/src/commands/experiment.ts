/** `synod experiment`: the three experiments, each a report with plots. Owns flags and where reports go; experiments/ owns what is measured. */
import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { resolveModel } from '@synod/inference/models';
import { modelName } from '../devnet/model-name.ts';
import { continual } from '../experiments/continual.ts';
import { dynamicPricing } from '../experiments/dynamic-pricing.ts';
import { staticNetwork } from '../experiments/static-network.ts';
import { type Report, writeReport } from '../experiments/write-report.ts';
import { modelCacheDirectory } from '../settings/paths.ts';
import { parseCount } from '../settings/settings.ts';
import { type CommonOptions, note, print, printJson } from '../terminal/output.ts';

export type ExperimentFlags = CommonOptions & {
  readonly out?: string;
  readonly seed: string;
  readonly quick?: boolean;
  readonly model?: string;
};

export async function runStaticNetwork(flags: ExperimentFlags): Promise<void> {
  finish(flags, await staticNetwork({ ...settingsOf(flags), model: await modelFolder(flags) }));
}

export async function runDynamicPricing(flags: ExperimentFlags): Promise<void> {
  finish(flags, dynamicPricing(settingsOf(flags)));
}

export async function runContinual(flags: ExperimentFlags): Promise<void> {
  finish(flags, await continual({ ...settingsOf(flags), model: await modelFolder(flags) }));
}

function settingsOf(flags: ExperimentFlags): { seed: number; quick: boolean; onProgress: (text: string) => void } {
  const seed = parseCount(flags.seed, '--seed', { min: 0, max: 1_000_000_000 });
  return { seed, quick: flags.quick === true, onProgress: (text) => note(`  … ${text}`) };
}

/** What `--model` names. Without it nothing is downloaded: the default model is taken where it lies here already. */
async function modelFolder({ model, json }: ExperimentFlags): Promise<string> {
  const cacheDir = modelCacheDirectory(process.env);
  const isHere = existsSync(cacheDir) && readdirSync(cacheDir).some((name) => name.startsWith('smollm2'));
  const { directory, info } = await resolveModel({
    model: modelName(model ?? (isHere ? 'default' : 'tiny')),
    cacheDir,
    onProgress: () => {},
    // A signal ends the command at once: nothing of it needs to be put in order.
    signal: new AbortController().signal,
  });
  if (!json) note(`  … with ${info.name}`);
  return directory;
}

/** Writes the report and says where it is, with its tables. */
function finish(flags: ExperimentFlags, report: Report): void {
  const directory = resolve(flags.out ?? `synod-${report.name}`);
  const path = writeReport(directory, report);
  if (flags.json) return printJson({ experiment: report.name, report: path, data: report.data });
  for (const line of report.markdown.split('\n').filter((text) => !text.startsWith('!['))) print(line);
  print(`✔ ${path}`);
}
