/** Eight stacks at once: each gives bit for bit what it gave alone, and together they are not slower than in turn. */
import { reportFigure } from '../harness/report.ts';
import { clipImageEncoder } from '../models/transformer.ts';
import { pictureStack } from './picture-stack.ts';

const STACKS = 8;
const ROUNDS = 5;

export async function measureManyStacks(): Promise<void> {
  const shape = { ...clipImageEncoder(32), layers: 4 };
  const stacks = await Promise.all(Array.from({ length: STACKS }, () => pictureStack(shape)));
  try {
    const pixels = stacks.map((stack, index) => stack.pictures(1, index + 1));
    const alone: Float32Array[] = [];
    const start = performance.now();
    for (const [index, stack] of stacks.entries()) alone.push(await stack.encode(pixels[index]!));
    const inTurn = performance.now() - start;
    let different = 0;
    let together = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round += 1) {
      const begin = performance.now();
      const results = await Promise.all(stacks.map((stack, index) => stack.encode(pixels[index]!)));
      together = Math.min(together, performance.now() - begin);
      for (const [index, result] of results.entries()) different += equal(result, alone[index]!) ? 0 : 1;
    }
    reportFigure({
      bench: 'engine',
      case: `${STACKS} stacks at once (${shape.layers} layers of ${shape.name})`,
      runs: ROUNDS * STACKS,
      different_from_alone: different,
      together_ms: Number(together.toPrecision(4)),
      in_turn_ms: Number(inTurn.toPrecision(4)),
      goal: '0 different',
    });
  } finally {
    for (const stack of stacks) stack[Symbol.dispose]();
  }
}

function equal(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((number, index) => number === b[index]);
}
