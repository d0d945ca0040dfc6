/** One pop-up menu: placed at a point, closed by choosing, Escape or a press elsewhere. */
import { render } from 'lit-html';
import { type MenuEntry, menuEntries } from './floating.ts';

export class PageMenu {
  readonly #element: HTMLElement;
  readonly #changed: () => void;

  constructor(element: HTMLElement, changed: () => void) {
    this.#element = element;
    this.#changed = changed;
    window.addEventListener(
      'mousedown',
      (event) => {
        if (this.isOpen && !element.contains(event.target as Node)) this.close();
      },
      true,
    );
    element.addEventListener('keydown', (event) => this.#key(event));
  }

  get isOpen(): boolean {
    return !this.#element.hidden;
  }

  open(x: number, y: number, entries: readonly (MenuEntry | 'line')[]): void {
    const { style } = this.#element;
    render(
      menuEntries(entries, () => this.close()),
      this.#element,
    );
    this.#element.hidden = false;
    const { width, height } = this.#element.getBoundingClientRect();
    style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
    style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
    this.#element.querySelector('button')?.focus();
    this.#changed();
  }

  close(): void {
    this.#element.hidden = true;
    this.#changed();
  }

  #key(event: KeyboardEvent): void {
    const buttons = [...this.#element.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === 'Escape') this.close();
    else if (event.key === 'ArrowDown') buttons[(at + 1) % buttons.length]?.focus();
    else if (event.key === 'ArrowUp') buttons[(at - 1 + buttons.length) % buttons.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
