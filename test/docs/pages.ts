/** The pages that hold commands. Owns which of them a test follows command by command, as a reader would. */
import { globSync } from 'node:fs';
import { root } from '../e2e/devnet-process.ts';

/** Pages that tell how something was, not how it is, and the one that is made from the command tree (cli/test/docs). */
const NOT_FOR_TYPING = /^(?:CHANGELOG\.md|docs\/adr\/|docs\/reference\/cli\.md)/;

/** Followed from top to bottom. */
export const followed: readonly string[] = [
  'README.md',
  'docs/operating.md',
  'docs/troubleshooting.md',
  ...globSync('docs/tutorials/*.md', { cwd: root }).toSorted(),
];

/** Every page and every file whose comments tell what to type. */
export const pages: readonly string[] = globSync(
  [
    '*.md',
    'docs/**/*.md',
    'packages/*/*.md',
    'packages/*/*/README.md',
    'bench/**/*.{md,ts}',
    'examples/**/*.{md,ts}',
    'ops/*',
  ],
  { cwd: root, exclude: ['**/node_modules/**'] },
)
  .filter((path) => !NOT_FOR_TYPING.test(path) && /\.\w+$|Dockerfile$/.test(path))
  .toSorted();
