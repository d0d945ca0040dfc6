/**
 * Gives an element one of the shared colours as `--paint`, for its style sheet to use.
 * By script, because a style attribute in a template is forbidden by the page's Content-Security-Policy.
 */
import { type ElementPart, noChange } from 'lit-html';
import { Directive, directive } from 'lit-html/directive.js';

class PaintDirective extends Directive {
  #variable: string | undefined;

  override render(_variable: string): unknown {
    return noChange;
  }

  override update(part: ElementPart, [variable]: [string]): unknown {
    if (variable !== this.#variable) (part.element as HTMLElement).style.setProperty('--paint', `var(${variable})`);
    this.#variable = variable;
    return noChange;
  }
}

/** `paint('--socket-Image')` */
export const paint = directive(PaintDirective);
