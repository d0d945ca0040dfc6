/**
 * A person builds the zero-shot graph by hand in a real browser against the real server and runs it:
 * search, drop, wire, a refused wire, a picture, labels, Run, bars; then undo, save and open again.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApplication } from '../../../src/app.ts';
import { parseGraph, saveGraph } from '../../../src/graph/index.ts';
import type { Application, ServerHandle } from '../../../src/protocol/index.ts';
import { startServer } from '../../../src/server/server.ts';
import { drawPng } from '../../../tools/zoo/world/draw.ts';
import { makeScene, type Scene } from '../../../tools/zoo/world/scene.ts';
import { type Browser, browserIsMissing, openBrowser } from './chromium.ts';
import { EditorPage } from './editor-page.ts';

const root = new URL('../../../', import.meta.url).pathname;
const missing = browserIsMissing();
if (missing !== undefined) console.warn(`browser test skipped: ${missing}`);

// Generous: a loaded machine without a graphics card draws slowly.
describe.skipIf(missing !== undefined)('the editor in a browser', { timeout: 120_000 }, () => {
  let folder: string;
  let application: Application;
  let server: ServerHandle;
  let browser: Browser;
  let editor: EditorPage;
  let picture: string;
  let answer: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weft-editor-'));
    // The sources as they are now, not an older build.
    const editorFolder = join(folder, 'editor');
    await build({ root: join(root, 'editor'), logLevel: 'warn', build: { outDir: editorFolder, emptyOutDir: true } });
    application = await createApplication({ bases: [folder], cacheFolder: join(folder, 'cache') });
    server = await startServer({ ...application, editorFolder }, { port: 0 });
    const scene = sceneWithOneObject();
    picture = join(folder, 'scene.png');
    await writeFile(picture, await drawPng(scene, 256));
    answer = captionOf(scene);
    browser = await openBrowser();
    editor = new EditorPage(browser.page);
    await editor.open(server.url);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await application?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  test('the token leaves the address bar', () => {
    expect(browser.page.url()).not.toContain('token');
  });

  test('an empty canvas tells how to begin', async () => {
    await browser.page.getByRole('heading', { name: 'Weave vision and language' }).waitFor();
    expect(await browser.page.locator('.welcome .example').count()).toBeGreaterThan(0);
  });

  test('nodes are found by search and dropped on the canvas', async () => {
    await editor.zoomOut(3);
    await editor.dropNode('pictures', [110, 160]);
    await editor.dropNode('texts labels', [310, 480]);
    await editor.dropNode('preprocess', [310, 160]);
    await editor.dropNode('clip picture', [520, 160]);
    await editor.dropNode('clip text', [520, 480]);
    await editor.dropNode('zero-shot', [760, 260]);
    expect(await editor.nodes()).toEqual([
      'clip-image',
      'clip-text',
      'image',
      'preprocess-image',
      'texts',
      'zero-shot',
    ]);
  });

  test('a wire that does not fit is refused and says why', async () => {
    await editor.holdWire(['texts', 'text'], ['preprocess-image', 'image']);
    await expect
      .poll(() => editor.note.textContent())
      .toMatch(/Expected Image at "preprocess-image\.image", received Text/);
    expect(await editor.note.getAttribute('class')).toContain('bad');
    await browser.page.screenshot({ path: join(folder, 'refused.png') });
    await browser.page.mouse.up();
    await browser.page.getByRole('alert').filter({ hasText: 'This wire does not fit' }).waitFor();
    await editor.select('preprocess-image');
    expect(await browser.page.locator('.inspector .notes').textContent()).toContain(
      'Expected a link into "preprocess-image.image"',
    );
  });

  test('wires that fit are drawn by dragging', async () => {
    await editor.wire(['image', 'image'], ['preprocess-image', 'image']);
    await editor.wire(['preprocess-image', 'pixels'], ['clip-image', 'pixels']);
    await editor.wire(['texts', 'text'], ['clip-text', 'text']);
    await editor.wire(['clip-image', 'embedding'], ['zero-shot', 'image']);
    await editor.wire(['clip-text', 'embedding'], ['zero-shot', 'texts']);
    await editor.select('zero-shot');
    const inputs = await browser.page.locator('.inspector .socket-list').first().textContent();
    expect(inputs).toMatch(/from\s*clip-image/);
    expect(inputs).toMatch(/from\s*clip-text/);
  });

  test('a picture is uploaded, models are chosen, labels are typed', async () => {
    await editor.select('image');
    await editor.field('source').locator('input[type=file]').setInputFiles(picture);
    await editor.field('source').locator('img').waitFor();
    for (const node of ['preprocess-image', 'clip-image', 'clip-text']) {
      await editor.select(node);
      await editor.field('model').locator('select').selectOption('zoo/clip-shapes');
    }
    await editor.select('texts');
    await editor
      .field('texts')
      .locator('textarea')
      .fill([...otherCaptions(answer), answer].join('\n'));
  });

  test('Run shows the scores as bars, best first', async () => {
    await editor.run();
    expect(await editor.status.textContent()).toContain('done in');
    await editor.select('zero-shot');
    const bars = await editor.bars();
    expect(bars).toHaveLength(6);
    expect(bars[0]?.label).toBe(answer);
    const shares = bars.map(({ value }) => Number.parseFloat(value.replace('<', '')));
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    await browser.page.screenshot({ path: join(folder, 'run.png') });
  });

  test('undo takes steps back and redo brings them again', async () => {
    const before = await editor.nodes();
    await editor.select('zero-shot');
    await browser.page.keyboard.press('Delete');
    expect(await editor.nodes()).toEqual(before.filter((name) => name !== 'zero-shot'));
    await browser.page.keyboard.press('Control+z');
    expect(await editor.nodes()).toEqual(before);
    await browser.page.keyboard.press('Control+Shift+z');
    expect(await editor.nodes()).not.toContain('zero-shot');
    await browser.page.keyboard.press('Control+z');
    await editor.select('zero-shot');
    expect(await browser.page.locator('.inspector .socket-list').first().textContent()).toMatch(/from\s*clip-text/);
  });

  test('the graph is saved as a file and opens again', async () => {
    await browser.page.getByRole('button', { name: 'Save', exact: true }).click();
    const dialog = browser.page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('by-hand');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await browser.page.getByText('Saved as by-hand').waitFor();

    const text = await readFile(join(folder, 'graphs', 'by-hand.json'), 'utf8');
    const graph = parseGraph(text);
    expect(text).toBe(saveGraph(graph));
    expect(graph.nodes['zero-shot']?.in).toEqual({
      image: ['clip-image', 'embedding'],
      texts: ['clip-text', 'embedding'],
    });
    expect(graph.outputs).toEqual({ scores: ['zero-shot', 'scores'] });

    const names = await editor.nodes();
    await browser.page.reload();
    await browser.page.getByRole('button', { name: 'Open', exact: true }).click();
    await browser.page.getByRole('dialog').locator('.example', { hasText: 'by-hand' }).click();
    await expect.poll(() => editor.nodes()).toEqual(names);
  });

  test('nothing was complained about: no exception, no console error, no policy violation', async () => {
    expect(browser.complaints).toEqual([]);
    expect(await readdir(folder)).toEqual(expect.arrayContaining(['refused.png', 'run.png']));
  });
});

/** The first scene with one object: what it shows is not in doubt. */
function sceneWithOneObject(): Scene {
  for (let seed = 910_000_000; ; seed++) {
    const scene = makeScene(seed);
    const [object] = scene.objects;
    if (scene.objects.length === 1 && object?.texture === 'plain' && object.size === 'large') return scene;
  }
}

function captionOf({ objects: [object] }: Scene): string {
  return `a ${object?.colour} ${object?.shape}`;
}

/** Five captions that share neither colour nor shape with the right one. */
function otherCaptions(caption: string): string[] {
  const [, colour, shape] = caption.split(' ');
  return [
    'a red circle',
    'a blue square',
    'a green triangle',
    'a yellow star',
    'a purple heart',
    'a white ring',
    'a black cross',
    'a pink diamond',
  ]
    .filter((other) => !other.includes(` ${colour} `) && !other.endsWith(` ${shape}`))
    .slice(0, 5);
}
