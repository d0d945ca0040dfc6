import { describe, expect, it } from 'vitest';
import { fastest, race, turnOf } from '../../bench/harness/race.ts';

const NOW = async () => {};

describe('race', () => {
  it('gives everyone a turn in each round, in an order that changes', async () => {
    const order: string[] = [];
    const contenders = ['a', 'b', 'c', 'd'].map((name, index) => ({
      name,
      turn: async () => {
        order.push(name);
        return [index + 1, 10 * (index + 1)];
      },
    }));
    const results = await race(contenders, { rounds: 8, before: NOW });
    const rounds = Array.from({ length: 8 }, (_, round) => order.slice(4 * round, 4 * round + 4).join(''));
    for (const round of rounds) expect([...round].sort().join('')).toBe('abcd');
    expect(new Set(rounds).size).toBeGreaterThan(3);
    expect(results.get('c')).toEqual({ median: 16.5, best: 3, n: 16 });
  });

  it('refuses two of one name', async () => {
    const one = { name: 'a', turn: async () => [1] };
    await expect(race([one, one], { rounds: 1, before: NOW })).rejects.toThrow('a name of its own');
  });
});

describe('turnOf', () => {
  it('does not count its first run', async () => {
    let runs = 0;
    const times = await turnOf(async () => {
      runs += 1;
    }, 3)();
    expect(runs).toBe(4);
    expect(times).toHaveLength(3);
  });
});

describe('fastest', () => {
  it('is the way with the shortest run', async () => {
    const way = (name: string, milliseconds: number) => ({
      name,
      run: () => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    });
    expect((await fastest([way('slow', 20), way('quick', 2), way('middle', 10)])).name).toBe('quick');
  });
});
