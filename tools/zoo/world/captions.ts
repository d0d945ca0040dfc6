/**
 * True claims about a scene, chosen at random: whole descriptions, relations, counts and short labels.
 * Must not phrase them (phrases.ts).
 */
import { type Claim, type Mention, matches, placeTruth, relationTruth, truthOf } from './claims.ts';
import type { Random } from './random.ts';
import type { Scene, SceneObject } from './scene.ts';
import { places, relations } from './vocabulary.ts';

/** How likely each optional attribute is named. */
interface Detail {
  readonly size: number;
  readonly texture: number;
  readonly place: number;
}

const full: Detail = { size: 0.6, texture: 0.6, place: 0.2 };
const sparse: Detail = { size: 0.25, texture: 0.25, place: 0 };
const bare: Detail = { size: 0, texture: 0, place: 0 };

/** A true mention of one object; shape and colour always, the rest by chance. */
function mentionOf(object: SceneObject, detail: Detail, random: Random): Mention {
  // The unmarked values (medium, plain) are named less often, as people do.
  const nameSize = random.chance(object.size === 'medium' ? detail.size * 0.4 : detail.size);
  const nameTexture = random.chance(object.texture === 'plain' ? detail.texture * 0.4 : detail.texture * 1.4);
  const place = random.chance(detail.place)
    ? random.shuffle(places).find((candidate) => placeTruth(object, candidate) === 'true')
    : undefined;
  return {
    count: 1,
    shape: object.shape,
    colour: object.colour,
    ...(nameSize ? { size: object.size } : {}),
    ...(nameTexture ? { texture: object.texture } : {}),
    ...(place === undefined ? {} : { place }),
  };
}

function backgroundOf(scene: Scene, random: Random): NonNullable<Claim['background']> {
  const { kind, tone } = scene.background;
  const choice = random.integer(3);
  if (choice === 0) return { kind };
  return choice === 1 ? { tone } : { kind, tone };
}

/** Everything there is to tell: each object with its marked attributes, and the background. */
export function completeClaim(scene: Scene, random: Random): Claim {
  const mentions = random.shuffle(scene.objects).map(
    ({ shape, colour, size, texture }): Mention => ({
      count: 1,
      shape,
      colour,
      ...(size === 'medium' ? {} : { size }),
      ...(texture === 'plain' ? {} : { texture }),
    }),
  );
  return checked({ mentions, background: { kind: scene.background.kind, tone: scene.background.tone } }, scene);
}

/** Every object of the scene, those alike in colour and shape grouped under a number. */
export function wholeClaim(scene: Scene, random: Random): Claim {
  const detail = scene.objects.length <= 3 ? full : sparse;
  const rest = random.shuffle(scene.objects);
  const mentions: Mention[] = [];
  while (rest.length > 0) {
    const object = rest.shift()!;
    const alike = rest.filter((other) => other.shape === object.shape && other.colour === object.colour);
    if (alike.length === 0) {
      mentions.push(mentionOf(object, detail, random));
      continue;
    }
    mentions.push({ count: alike.length + 1, shape: object.shape, colour: object.colour });
    for (const other of alike) rest.splice(rest.indexOf(other), 1);
  }
  return { mentions, ...(random.chance(0.3) ? { background: backgroundOf(scene, random) } : {}) };
}

/** Two objects and how they lie, when some pair is clear. */
export function relationClaim(scene: Scene, random: Random): Claim | undefined {
  for (const a of random.shuffle(scene.objects)) {
    for (const b of random.shuffle(scene.objects)) {
      if (a === b) continue;
      const relation = random.shuffle(relations).find((candidate) => relationTruth(a, b, candidate) === 'true');
      if (relation === undefined) continue;
      return { mentions: [mentionOf(a, sparse, random), mentionOf(b, sparse, random)], relation };
    }
  }
  return undefined;
}

/** Some objects that share what is named, counted. */
export function countClaim(scene: Scene, random: Random): Claim {
  const model = random.pick(scene.objects);
  const named = random.integer(4);
  const base: Mention = {
    count: 1,
    ...(named === 1 || named === 2 ? { shape: model.shape } : {}),
    ...(named === 2 || named === 3 ? { colour: model.colour } : {}),
  };
  return { mentions: [{ ...base, count: scene.objects.filter((object) => matches(object, base)).length }] };
}

/** One object, as a label would say it. */
export function labelClaim(scene: Scene, random: Random): Claim {
  const object = random.pick(scene.objects);
  const form = random.weighted([0.55, 0.15, 0.1, 0.2]);
  if (form === 0) return { mentions: [mentionOf(object, bare, random)] };
  if (form === 1) return { mentions: [{ count: 1, shape: object.shape }] };
  if (form === 2) return { mentions: [{ count: 1, colour: object.colour }] };
  return { mentions: [mentionOf(object, full, random)] };
}

/** A claim that describes the scene closely: the whole of it, or a relation in it. */
export function closeClaim(scene: Scene, random: Random): Claim {
  if (random.chance(0.3)) return completeClaim(scene, random);
  const relation = random.chance(0.45) ? relationClaim(scene, random) : undefined;
  return checked(relation ?? wholeClaim(scene, random), scene);
}

/** A claim about a part of the scene: a label or a count. */
export function partClaim(scene: Scene, random: Random): Claim {
  return checked(random.chance(0.7) ? labelClaim(scene, random) : countClaim(scene, random), scene);
}

function checked(claim: Claim, scene: Scene): Claim {
  if (truthOf(claim, scene) !== 'true') throw new Error(`a caption of scene ${scene.seed} is not true`);
  return claim;
}
