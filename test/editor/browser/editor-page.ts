/** The editor as a person uses it: mouse, keys and fields only; the page's own code is asked for nothing but places. */

import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

type Point = readonly [number, number];

export class EditorPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.locator('.palette-item').first().waitFor();
    // The gallery's entries come with the rest of the catalogue.
    await this.page.evaluate(() => document.fonts.ready.then(() => undefined));
  }

  /** Searches the palette and drags the first find onto the canvas (a point of the canvas, from its top left). */
  async dropNode(search: string, at: Point): Promise<void> {
    const field = this.page.getByRole('searchbox', { name: 'Search nodes' });
    await field.fill(search);
    const item = this.page.locator('.palette-item').first();
    await item.dragTo(this.page.locator('#canvas'), { targetPosition: { x: at[0], y: at[1] } });
    await field.fill('');
  }

  async zoomOut(times: number): Promise<void> {
    for (let time = 0; time < times; time++) await this.page.getByRole('button', { name: 'Zoom out' }).click();
    await this.settle();
  }

  async socket(node: string, name: string, side: 'in' | 'out'): Promise<Point> {
    const place = await this.page.evaluate(
      ([id, socket, isOutput]) => window.weftView?.socketPlace(id as string, socket as string, isOutput as boolean),
      [node, name, side === 'out'] as const,
    );
    if (place === undefined) throw new Error(`no socket ${node}.${name} on the canvas`);
    return place as unknown as Point;
  }

  /** Presses on an output and moves to an input, without letting go. */
  async holdWire(from: readonly [string, string], to: readonly [string, string]): Promise<void> {
    await this.settle();
    const [x, y] = await this.socket(...from, 'out');
    const [toX, toY] = await this.socket(...to, 'in');
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    await this.page.mouse.move((x + toX) / 2, (y + toY) / 2, { steps: 4 });
    await this.page.mouse.move(toX, toY, { steps: 4 });
  }

  async wire(from: readonly [string, string], to: readonly [string, string]): Promise<void> {
    await this.holdWire(from, to);
    await this.page.mouse.up();
    await this.settle();
  }

  /** Clicks on a node's header, once it is drawn: a person cannot click what is not there to see yet. */
  async select(node: string): Promise<void> {
    await this.settle();
    const place = await this.page.evaluate((id) => window.weftView?.nodePlace(id), node);
    if (place === undefined) throw new Error(`no node ${node} on the canvas`);
    await this.page.mouse.click(place[0] + 40, place[1] + 10);
    await this.settle();
  }

  field(name: string): Locator {
    return this.page.locator('.inspector .field', { has: this.page.getByText(name, { exact: true }) });
  }

  /** The error or advice beside the pointer. */
  get note(): Locator {
    return this.page.locator('#hover-note');
  }

  get status(): Locator {
    return this.page.locator('.run-status');
  }

  async run(): Promise<void> {
    await this.page.getByRole('button', { name: 'Run', exact: true }).click();
    await expect
      .poll(() => this.status.textContent(), { timeout: 60_000, interval: 100 })
      .toMatch(/done in|failed|cancelled/);
  }

  /** Rows of the bars in the inspector: label and value, as shown. */
  async bars(): Promise<{ label: string; value: string }[]> {
    return await this.page.locator('.inspector .bars li').evaluateAll((rows) =>
      rows.map((row) => ({
        label: row.querySelector('span')?.textContent ?? '',
        value: row.querySelector('b')?.textContent ?? '',
      })),
    );
  }

  /** Names of the nodes on the canvas. */
  async nodes(): Promise<string[]> {
    await this.settle();
    return await this.page.evaluate(() => window.weftView?.nodeNames() ?? []);
  }

  /** Lets the page draw what was just asked for. */
  async settle(): Promise<void> {
    await this.page.evaluate(
      () => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
    );
  }
}
