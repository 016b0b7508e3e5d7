/** Settings from files that are in force, and how errors about them are worded. Owns those words. */
import { placeText } from './config-file.ts';
import type { Setting } from './config-keys.ts';

/** A setting in force, and the words by which a command's message would call it. */
export type Applied = { readonly setting: Setting; readonly names: readonly string[] };

/** `max-cost (synod.toml, line 3)`: what a message calls a setting of a file. */
export function settingText({ key, file, line }: Setting): string {
  return `${key} (${placeText(file.path, line)})`;
}

/** A command's message with the file in place of the flag or variable that it has set. */
export function nameFiles(message: string, applied: readonly Applied[]): string {
  let named = message;
  for (const { setting, names } of applied) {
    const texts = typeof setting.value === 'boolean' ? [] : setting.value;
    const place = settingText(setting);
    for (const name of names) named = named.replaceAll(`${name} "`, `${place} "`);
    const isQuoted = texts.some((text) => named.includes(`"${text}"`));
    if (isQuoted && !named.includes(place)) named += `\nIt comes from ${place}.`;
  }
  return named;
}
