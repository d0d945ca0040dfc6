/** What an empty canvas says: the three ways to begin. Template only. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Editor } from '../editor.ts';
import { exampleCard, firstExamples } from './examples.ts';
import { icons } from './icons.ts';

const MAX_EXAMPLES = 6;

export function welcome(
  editor: Editor,
  choosePicture: () => void,
  search: () => void,
): TemplateResult | typeof nothing {
  const { session } = editor;
  if (Object.keys(session.graph.nodes).length > 0) return nothing;
  const examples = firstExamples(session.graphs, MAX_EXAMPLES);
  return html`
    <div class="welcome">
      <h1>Weave vision and language</h1>
      <p>Wire pictures, texts and models into a graph, press Run, and watch the answer appear.</p>
      ${
        examples.length === 0
          ? nothing
          : html`
            <h2>Start with an example</h2>
            <div class="examples">
              ${examples.map((entry) => exampleCard(entry, () => void editor.openStored(entry.name)))}
            </div>`
      }
      <div class="or"><span>or build your own</span></div>
      <div class="button-row center">
        <button type="button" class="quiet" @click=${choosePicture}>${icons.picture}Choose a picture</button>
        <button type="button" class="quiet" @click=${search}>${icons.search}Add a node <kbd>Space</kbd></button>
      </div>
      <p class="hint">You can also drop a picture anywhere here, or drag a node from the left.</p>
    </div>`;
}
