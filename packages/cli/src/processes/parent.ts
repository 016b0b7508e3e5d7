/** A process that ends with the one that started it. */

/** The parent holds the other end of stdin: its end, however violent, asks this process to stop. */
export function onParentGone(stop: () => void): void {
  process.stdin.on('end', stop);
  process.stdin.on('error', stop);
  process.stdin.resume();
}
