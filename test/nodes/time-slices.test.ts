import { describe, expect, it } from 'vitest';
import { inSlices } from '../../src/nodes/time-slices.ts';
import { failure } from '../files/temporary-folder.ts';

/** Work of about a millisecond. */
function busy(): void {
  const end = performance.now() + 1;
  while (performance.now() < end);
}

describe('time slices', () => {
  it('does every step in order and lets others have their turn', async () => {
    const steps: (number | string)[] = [];
    setImmediate(() => steps.push('other'));
    await inSlices(30, new AbortController().signal, (index) => {
      busy();
      steps.push(index);
    });
    expect(steps.filter((step) => step !== 'other')).toEqual(Array.from({ length: 30 }, (_, index) => index));
    expect(steps.indexOf('other')).toBeGreaterThan(0);
    expect(steps.indexOf('other')).toBeLessThan(30);
  });

  it('stops between slices when it is told to', async () => {
    const controller = new AbortController();
    let steps = 0;
    setImmediate(() => controller.abort());
    const work = inSlices(1000, controller.signal, () => {
      busy();
      steps++;
    });
    expect(await failure(work)).toMatchObject({ code: 'run/cancelled' });
    expect(steps).toBeLessThan(1000);
  });
});
