import { describe, expect, it } from 'vitest';
import { EXIT, WeftError } from '../src/errors.ts';

describe('the exit code', () => {
  const model = new WeftError('graph/missing-model', { node: 'a', param: 'model', model: 'x/y' });
  const cycle = new WeftError('graph/cycle', { nodes: 'a > a' });

  it('of an error that stands for others is theirs where they agree', () => {
    expect(new WeftError('graph/invalid', { count: 2 }, { errors: [model, model] }).exit).toBe(EXIT.model);
    expect(new WeftError('graph/invalid', { count: 2 }, { errors: [model, cycle] }).exit).toBe(EXIT.graph);
    expect(new WeftError('graph/invalid', { count: 0 }, { errors: [] }).exit).toBe(EXIT.graph);
    expect(model.exit).toBe(EXIT.model);
  });
});
