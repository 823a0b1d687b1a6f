/** Leads to the first field that needs correcting, once its message is on the page. */
export function focusFirstInvalid(within: HTMLElement | null): void {
  requestAnimationFrame(() => within?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
