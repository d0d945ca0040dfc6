/** Inline Markdown of node documentation as data. Pure. */

export interface Span {
  readonly style: 'plain' | 'code' | 'strong' | 'emphasis';
  readonly text: string;
}

/** `code`, **strong** and *emphasis*, not nested. */
export function spans(text: string): Span[] {
  return text
    .split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*)/)
    .filter((part) => part !== '')
    .map((part): Span => {
      if (/^`.+`$/.test(part)) return { style: 'code', text: part.slice(1, -1) };
      if (/^\*\*.+\*\*$/.test(part)) return { style: 'strong', text: part.slice(2, -2) };
      if (/^\*.+\*$/.test(part)) return { style: 'emphasis', text: part.slice(1, -1) };
      return { style: 'plain', text: part };
    });
}
