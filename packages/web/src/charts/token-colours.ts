/** Colours of styles/tokens.css for what draws on a canvas, which knows no variables. Owns no colour. */

/** The colours by these names as they are now, in light or dark, in the order asked. */
export function tokenColours<Names extends readonly `--${string}`[]>(
  ...names: Names
): { readonly [Index in keyof Names]: string } {
  const probe = document.createElement('i');
  document.documentElement.append(probe);
  const colours = names.map((name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return colours as { readonly [Index in keyof Names]: string };
}
