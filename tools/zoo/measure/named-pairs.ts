/**
 * Which colour-and-shape pairs a caption names, and whether the scene has them. Reads words alone, so that any writer's
 * caption can be judged. Must not run a model.
 */
import type { Scene } from '../world/scene.ts';
import { type Colour, colours, type Shape, shapes } from '../world/vocabulary.ts';

export interface NamedPair {
  readonly colour: Colour;
  readonly shape: Shape;
}

function shapeOf(word: string | undefined): Shape | undefined {
  return shapes.find((shape) => word === shape || word === `${shape}${shape.endsWith('s') ? 'es' : 's'}`);
}

/** In the order in which they are named: a colour's name with a shape's right behind it, in the singular or the plural. */
export function namedPairs(caption: string): NamedPair[] {
  const words = caption.toLowerCase().match(/[\w-]+/g) ?? [];
  return words.flatMap((word, i) => {
    const colour = colours.find((name) => name === word);
    const shape = shapeOf(words[i + 1]);
    return colour === undefined || shape === undefined ? [] : [{ colour, shape }];
  });
}

export interface PairAccuracy {
  /** Pairs that all captions name. */
  readonly named: number;
  /** Share of them that the scene has. */
  readonly accuracy: number;
  /** Share of the captions that name a pair and none that is not there. */
  readonly faithful: number;
}

export function pairAccuracy(captions: readonly string[], scenes: readonly Scene[]): PairAccuracy {
  const judged = captions.map((caption, i) =>
    namedPairs(caption).map(({ colour, shape }) =>
      scenes[i]!.objects.some((object) => object.colour === colour && object.shape === shape),
    ),
  );
  const all = judged.flat();
  const faithful = judged.filter((pairs) => pairs.length > 0 && pairs.every(Boolean)).length;
  return {
    named: all.length,
    accuracy: all.length === 0 ? 0 : all.filter(Boolean).length / all.length,
    faithful: faithful / captions.length,
  };
}
