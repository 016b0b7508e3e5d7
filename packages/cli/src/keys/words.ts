/** How words that are shown once are shown. Owns the lines. */

const WORDS_PER_LINE = 6;

/** The numbered words, and what they are. */
export function wordLines(mnemonic: string): readonly string[] {
  const words = mnemonic.split(' ').map((word, index) => `${String(index + 1).padStart(2)} ${word.padEnd(9)}`);
  const rows = Array.from({ length: Math.ceil(words.length / WORDS_PER_LINE) }, (_, row) =>
    `    ${words.slice(row * WORDS_PER_LINE, (row + 1) * WORDS_PER_LINE).join(' ')}`.trimEnd(),
  );
  return [
    '',
    '  Write these words on paper now. They are shown this once, are kept nowhere, and whoever has them has the keys:',
    '',
    ...rows,
    '',
  ];
}
