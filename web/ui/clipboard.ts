/**
 * Copies `text`. The clipboard interface exists on https and localhost only; elsewhere the text in `shown` is selected and copied the old way.
 * False when nothing worked; the selection stays then, for the user's own Ctrl-C.
 */
export async function copyText(text: string, shown: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (!shown) return false;
    getSelection()?.selectAllChildren(shown);
    return document.execCommand("copy");
  }
}
