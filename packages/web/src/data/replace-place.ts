/** Changes the page's address without a step for the back button: for choices within a page, such as a version or an order. */
export function replacePlace(path: string): void {
  location.replace(`#${path}`);
}
