/** A trace of decoding in full: the text with each word to choose, and every candidate of its step with its numbers. Template only. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { DecodingCandidate } from '../../../src/protocol/index.ts';
import { type Reason, reasonsOf, shareOf, type TracePage, tokenText } from '../run/trace-pages.ts';

/** `pages` are one item's steps; `at` is the page that is shown. */
export function traceView(pages: readonly TracePage[], at: number, show: (page: number) => void): TemplateResult {
  const { candidates, written, step } = pages[at]!;
  const reasons = reasonsOf(candidates);
  return html`
    <p class="text words">
      ${pages.map(
        (page, index) =>
          html`<button type="button" aria-pressed=${index === at} title=${`Step ${page.step + 1}`} @click=${() => show(index)}>${tokenText(page.written[page.step] ?? '')}</button> `,
      )}
    </p>
    <div class="steps">
      <button type="button" class="tool" aria-label="Step before" ?disabled=${at === 0} @click=${() => show(at - 1)}>‹</button>
      <span>step ${step + 1} of ${written.length}</span>
      <button type="button" class="tool" aria-label="Next step" ?disabled=${at === pages.length - 1} @click=${() => show(at + 1)}>›</button>
    </div>
    <table class="trace">
      <thead><tr><th></th>${reasons.map(({ short, doc }) => html`<th title=${doc}>${short}</th>`)}<th title="What was compared">score</th></tr></thead>
      <tbody>${candidates.map(
        (candidate) => html`
        <tr class=${candidate.chosen ? 'chosen' : ''} aria-current=${candidate.chosen ? 'true' : nothing}>
          <td>${tokenText(candidate.text)}</td>
          ${reasons.map((reason) => reasonCell(candidate, reason, candidates))}
          <td>${candidate.score.toFixed(3)}</td>
        </tr>`,
      )}</tbody>
    </table>`;
}

function reasonCell(
  candidate: DecodingCandidate,
  { name }: Reason,
  candidates: readonly DecodingCandidate[],
): TemplateResult {
  const value = candidate[name];
  if (value === null) return html`<td title="It could not win any more: not computed">–</td>`;
  const share = shareOf(candidate, name, candidates) ?? 0;
  return html`<td>${value.toFixed(3)}<progress class=${name} max="1" value=${share} aria-hidden="true"></progress></td>`;
}
