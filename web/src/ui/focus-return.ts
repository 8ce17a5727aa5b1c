/** What opens and closes over the page, and cannot be gone back to. */
const PASSING = "[role=dialog], [role=menu], [role=listbox]";
/** A dialog tries by itself after 10 ms to give the focus back to what had it. */
const AFTER_DIALOG_MS = 30;

let last: HTMLElement | null = null;

/** Remembers what of the page itself had the focus last. Answers the function that ends it. */
export function rememberFocus(): () => void {
  const remember = ({ target }: FocusEvent) => {
    if (target instanceof HTMLElement && target.closest(PASSING) === null) last = target;
  };
  addEventListener("focusin", remember);
  return () => removeEventListener("focusin", remember);
}

/**
 * For when a dialog has closed: one that a menu or the command palette opened came from something that is gone, and the
 * focus would fall back to the beginning of the document. It goes to what had it before the menu, else to the title.
 */
export function returnFocus(): void {
  setTimeout(() => {
    const { activeElement, body } = document;
    if ((activeElement !== null && activeElement !== body) || document.querySelector("[role=dialog]")) return;
    const target = last?.isConnected ? last : document.querySelector<HTMLElement>("main h1");
    target?.focus({ preventScroll: true });
  }, AFTER_DIALOG_MS);
}
