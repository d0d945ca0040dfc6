/** Small line icons, drawn on a 20 x 20 grid. Decoration only: the control that holds one carries the label. */
import { html, type TemplateResult } from 'lit-html';

const path = (d: string): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false"><path d=${d} /></svg>`;

export const icons = {
  undo: path('M7.5 4.5 4 8l3.5 3.5 M4 8h7.5a4 4 0 0 1 0 8H9'),
  redo: path('M12.5 4.5 16 8l-3.5 3.5 M16 8H8.5a4 4 0 0 0 0 8H11'),
  arrange: path('M3.5 4h4.5v4.5h-4.5z M3.5 12h4.5v4.5h-4.5z M12 8h4.5v4.5h-4.5z M8 6.25h2v8h-2 M10 10.25h2'),
  fit: path('M4 8V4h4 M12 4h4v4 M16 12v4h-4 M8 16H4v-4'),
  open: path(
    'M3 6a1.5 1.5 0 0 1 1.5-1.5h3l2 2h6A1.5 1.5 0 0 1 17 8v6.5a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14.5z',
  ),
  save: path('M4 4h9.5L16 6.5V16H4z M7 4v4h5.5V4 M7 16v-4.5h6V16'),
  more: path('M5 10h.01 M10 10h.01 M15 10h.01'),
  help: path('M7.5 7.5a2.5 2.5 0 1 1 3.7 2.2c-.8.45-1.2.9-1.2 1.8 M10 14.5h.01'),
  play: path('M6.5 4.5v11l9-5.5z'),
  stop: path('M6 6h8v8H6z'),
  search: path('M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4z M13 13l3.5 3.5'),
  close: path('M5.5 5.5l9 9 M14.5 5.5l-9 9'),
  plus: path('M10 4.5v11 M4.5 10h11'),
  minus: path('M4.5 10h11'),
  chevron: path('M7 5l5 5-5 5'),
  picture: path('M3.5 4.5h13v11h-13z M3.5 13l4-4 3.5 3.5 2-2 3.5 3.5 M12.5 8h.01'),
  warn: path('M10 4 17 16H3z M10 8.5v3.5 M10 14h.01'),
  check: path('M4.5 10.5l3.5 3.5 7.5-8'),
  star: path('M10 3.5l2 4.3 4.6.5-3.4 3.2.9 4.6L10 13.8l-4.1 2.3.9-4.6L3.4 8.3 8 7.8z'),
  plug: path('M7 3v4 M13 3v4 M5 7h10v2.5a5 5 0 0 1-10 0z M10 14.5V17'),
  trash: path('M4 6h12 M8 6V4h4v2 M5.5 6l.7 10h7.6l.7-10'),
  copy: path('M7 7h9v9H7z M13 7V4H4v9h3'),
} as const;

/** The mark: two threads woven over and under each other. */
export const logo = html`<svg class="logo" viewBox="0 0 28 28" aria-hidden="true" focusable="false">
  <path class="warp" d="M7 4v8 M7 16.5V24 M14 4v3.5 M14 12.5v3 M14 20.5V24 M21 4v8 M21 16.5V24" />
  <path class="thread" d="M3 10h8.5 M16.5 10H25 M3 18h1.5 M9.5 18h9 M23.5 18H25" />
</svg>`;
