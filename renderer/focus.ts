/** Leads to the first field that needs correcting, once its message is on the page. */
export function focusFirstInvalid(within: HTMLElement | null): void {
  requestAnimationFrame(() => within?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

/** What takes the focus over from something in it that is gone: small parts, so that the next Tab goes on near by. */
const takers =
  'footer, li, ol, fieldset, .form-section, section[aria-label], [role="dialog"]:not(.toast), [role="alertdialog"], main';
/** So long the focus may be given to something better first, e.g. by a dialog that closes; in milliseconds. */
const patienceMs = 60;

/**
 * A button that goes away with what it did would take the focus with it, and whoever works by keyboard or by ear would
 * begin at the top of the page again. The nearest part around it takes the focus over; pressing anything there is left
 * to the person.
 */
export function keepFocus(): void {
  let around: readonly Element[] = [];
  let waiting = false;
  const remember = (element: Element | null): void => {
    const chain: Element[] = [];
    for (let each = element; each && each !== document.body; each = each.parentElement) chain.push(each);
    around = chain;
  };
  const lost = (): boolean => document.activeElement === document.body && around[0]?.isConnected === false;
  const takeOver = (): void => {
    waiting = false;
    if (!lost()) return;
    const part = around.find((each) => each.isConnected && each.matches(takers));
    around = [];
    const taker = part?.matches('main') ? (part.querySelector('h1') ?? part) : part;
    if (!(taker instanceof HTMLElement)) return;
    if (!taker.hasAttribute('tabindex')) {
      taker.tabIndex = -1;
      taker.addEventListener('blur', () => taker.removeAttribute('tabindex'), { once: true });
    }
    taker.focus({ preventScroll: true });
  };
  document.addEventListener('focusin', ({ target }) => remember(target instanceof Element ? target : null));
  // A press beside everything takes the focus away on purpose.
  document.addEventListener('pointerdown', () => setTimeout(() => remember(document.activeElement)), true);
  new MutationObserver(() => {
    if (waiting || !lost()) return;
    waiting = true;
    setTimeout(takeOver, patienceMs);
  }).observe(document.body, { childList: true, subtree: true });
}
