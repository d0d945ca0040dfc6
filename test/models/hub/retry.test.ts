import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../src/models/hub/hub-request.ts';
import { retry } from '../../../src/models/hub/retry.ts';

const options = { attempts: 3, delayMilliseconds: 1, signal: undefined };

describe('trying again', () => {
  test('until it works', async () => {
    let calls = 0;
    const value = await retry(async () => {
      if (++calls < 3) throw new TransientError('busy');
      return calls;
    }, options);
    expect(value).toBe(3);
  });

  test('stops after so many failures in a row', async () => {
    let calls = 0;
    const failing = retry(async () => {
      calls++;
      throw new TransientError(`busy ${calls}`);
    }, options);
    await expect(failing).rejects.toThrow('busy 3');
    expect(calls).toBe(3);
  });

  test('counts anew after progress', async () => {
    let calls = 0;
    let progress = 0;
    const failing = retry(
      async () => {
        calls++;
        if (calls <= 4) progress++;
        throw new TransientError('cut');
      },
      options,
      () => progress,
    );
    await expect(failing).rejects.toThrow('cut');
    // Four with progress; the fourth counts as the first failure since, and two more follow.
    expect(calls).toBe(6);
  });

  test('does not repeat what will not pass', async () => {
    let calls = 0;
    const failing = retry(async () => {
      calls++;
      throw new Error('for good');
    }, options);
    await expect(failing).rejects.toThrow('for good');
    expect(calls).toBe(1);
  });

  test('waits as long as the server says', async () => {
    let calls = 0;
    const started = performance.now();
    await retry(async () => {
      if (++calls === 1) throw new TransientError('busy', { wait: 60 });
    }, options);
    expect(performance.now() - started).toBeGreaterThanOrEqual(50);
  });
});
