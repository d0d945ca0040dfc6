/**
 * Statements about a scene as data, and whether a scene makes them true, false or leaves them unclear.
 * "Unclear" keeps borderline geometry (nearly level, half way to a corner) out of captions, questions and distractors.
 * Must not produce words (phrases.ts).
 */
import type { Scene, SceneObject } from './scene.ts';
import type { BackgroundKind, Colour, Place, Relation, Shape, Size, Texture, Tone } from './vocabulary.ts';

export type Truth = 'true' | 'false' | 'unclear';

/** Some object, described as far as the fields go. Count 1 means at least one; a higher count means exactly that many. */
export interface Mention {
  readonly count: number;
  readonly shape?: Shape;
  readonly colour?: Colour;
  readonly size?: Size;
  readonly texture?: Texture;
  readonly place?: Place;
}

export interface Claim {
  /** Mentions of count 1 stand for different objects. */
  readonly mentions: readonly Mention[];
  /** How the first mention lies to the second (both of count 1). */
  readonly relation?: Relation;
  readonly background?: { readonly kind?: BackgroundKind; readonly tone?: Tone };
}

/** Least distance of centres, in picture sides, for a relation to be plain to see. */
const clearStep = 0.1;

function overlapFree(a: SceneObject, b: SceneObject, axis: 'x' | 'y'): boolean {
  const extent = axis === 'x' ? 'width' : 'height';
  return a.box[axis] + a.box[extent] <= b.box[axis];
}

/** Whether `a` lies in `relation` to `b`: true when their boxes do not overlap on that axis, false when reversed or level. */
export function relationTruth(a: SceneObject, b: SceneObject, relation: Relation): Truth {
  if (relation === 'right of') return relationTruth(b, a, 'left of');
  if (relation === 'below') return relationTruth(b, a, 'above');
  const axis = relation === 'left of' ? 'x' : 'y';
  const step = axis === 'x' ? b.cx - a.cx : b.cy - a.cy;
  if (step >= clearStep && overlapFree(a, b, axis)) return 'true';
  return step <= 0.01 ? 'false' : 'unclear';
}

type Third = 'low' | 'mid' | 'high' | 'between';

function third(value: number): Third {
  if (value <= 0.36) return 'low';
  if (value >= 0.64) return 'high';
  return value >= 0.42 && value <= 0.58 ? 'mid' : 'between';
}

const placeThirds: Record<Place, readonly [Third | 'any', Third | 'any']> = {
  'top left': ['low', 'low'],
  'top right': ['high', 'low'],
  'bottom left': ['low', 'high'],
  'bottom right': ['high', 'high'],
  middle: ['mid', 'mid'],
  top: ['any', 'low'],
  bottom: ['any', 'high'],
  left: ['low', 'any'],
  right: ['high', 'any'],
};

/** Whether an object's centre lies in the named part of the picture. */
export function placeTruth(object: SceneObject, place: Place): Truth {
  const wanted = placeThirds[place];
  const actual = [third(object.cx), third(object.cy)] as const;
  let result: Truth = 'true';
  for (const axis of [0, 1] as const) {
    const want = wanted[axis];
    if (want === 'any' || want === actual[axis]) continue;
    if (actual[axis] !== 'between') return 'false';
    // Between two thirds: not clearly in either, but clearly not in the far one.
    const value = axis === 0 ? object.cx : object.cy;
    const far = (want === 'low' && value > 0.5) || (want === 'high' && value < 0.5);
    if (far) return 'false';
    result = 'unclear';
  }
  return result;
}

/** Whether an object has every named attribute (place not counted). */
export function matches(object: SceneObject, mention: Mention): boolean {
  return (
    (mention.shape === undefined || mention.shape === object.shape) &&
    (mention.colour === undefined || mention.colour === object.colour) &&
    (mention.size === undefined || mention.size === object.size) &&
    (mention.texture === undefined || mention.texture === object.texture)
  );
}

const rank: Record<Truth, number> = { false: 0, unclear: 1, true: 2 };

function weaker(a: Truth, b: Truth): Truth {
  return rank[a] <= rank[b] ? a : b;
}

/** The best truth over all ways of giving the single mentions different objects. */
function bestAssignment(claim: Claim, scene: Scene): Truth {
  const single = claim.mentions.filter((mention) => mention.count === 1);
  const chosen: SceneObject[] = [];
  const search = (): Truth => {
    const mention = single[chosen.length];
    if (mention === undefined) {
      const [a, b] = chosen;
      if (claim.relation === undefined) return 'true';
      return a !== undefined && b !== undefined ? relationTruth(a, b, claim.relation) : 'false';
    }
    let best: Truth = 'false';
    for (const object of scene.objects) {
      if (best === 'true' || chosen.includes(object) || !matches(object, mention)) continue;
      const here = mention.place === undefined ? 'true' : placeTruth(object, mention.place);
      if (here === 'false') continue;
      chosen.push(object);
      const whole = weaker(here, search());
      chosen.pop();
      if (rank[whole] > rank[best]) best = whole;
    }
    return best;
  };
  return search();
}

/** Whether the scene makes the claim true. */
export function truthOf(claim: Claim, scene: Scene): Truth {
  const { background } = claim;
  if (background?.kind !== undefined && background.kind !== scene.background.kind) return 'false';
  if (background?.tone !== undefined && background.tone !== scene.background.tone) return 'false';
  for (const mention of claim.mentions) {
    if (mention.count === 1) continue;
    if (scene.objects.filter((object) => matches(object, mention)).length !== mention.count) return 'false';
  }
  return bestAssignment(claim, scene);
}
