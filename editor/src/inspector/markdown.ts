/**
 * The little Markdown of node documentation (paragraphs, lists, `code`, *emphasis*) as templates.
 * Text stays text: nothing in it can become an element that is not made here.
 */
import { html, type TemplateResult } from 'lit-html';
import { spans } from './markdown-spans.ts';

export function markdown(source: string): TemplateResult[] {
  return source
    .trim()
    .split(/\n\s*\n/)
    .map((block) => {
      const lines = block.split('\n');
      if (lines.every((line) => /^(\s*[-*]\s|\s{2,}\S)/.test(line)) && /^\s*[-*]\s/.test(lines[0] ?? '')) {
        return html`<ul>${listItems(lines).map((item) => html`<li>${inline(item)}</li>`)}</ul>`;
      }
      return html`<p>${inline(lines.join(' '))}</p>`;
    });
}

/** Lines that continue an item belong to it. */
function listItems(lines: readonly string[]): string[] {
  const items: string[] = [];
  for (const line of lines) {
    const start = /^\s*[-*]\s+(.*)$/.exec(line);
    if (start !== null) items.push(start[1] ?? '');
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return items;
}

function inline(text: string): (TemplateResult | string)[] {
  return spans(text).map(({ style, text: part }) => {
    if (style === 'code') return html`<code>${part}</code>`;
    if (style === 'strong') return html`<strong>${part}</strong>`;
    return style === 'emphasis' ? html`<em>${part}</em>` : part;
  });
}
