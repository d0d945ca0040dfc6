/**
 * Question and answer pairs about a scene: what, colour, count, exists, relation, compare.
 * An object is asked about only when its description fits no other; unclear relations are not asked.
 */
import { type Mention, matches, relationTruth, truthOf } from './claims.ts';
import { Random } from './random.ts';
import type { Scene, SceneObject } from './scene.ts';
import { colours, relations, shapes, sizes } from './vocabulary.ts';

export type QuestionKind = 'what' | 'colour' | 'count' | 'exists' | 'relation' | 'compare';

export interface Question {
  readonly kind: QuestionKind;
  readonly question: string;
  readonly answer: string;
}

/** The shortest description that fits only this object, without the attribute that is asked for. */
function uniqueMention(
  object: SceneObject,
  scene: Scene,
  without: 'shape' | 'colour' | undefined,
): Mention | undefined {
  const { shape, colour, size, texture } = object;
  const candidates: Omit<Mention, 'count'>[] = [
    { shape },
    { colour },
    { colour, shape },
    { size, shape },
    { texture, shape },
    { size, colour },
    { texture, colour },
    { size, colour, shape },
    { texture, colour, shape },
    { size, texture, colour, shape },
  ];
  for (const fields of candidates) {
    if (without !== undefined && without in fields) continue;
    const mention: Mention = { count: 1, ...fields };
    if (scene.objects.filter((other) => matches(other, mention)).length === 1) return mention;
  }
  return undefined;
}

/** Words in a fixed order, "the small striped red circle"; "object" when the shape is not named. */
function describe(mention: Mention, many = false): string {
  const noun = mention.shape ?? 'object';
  const plural = noun.endsWith('s') ? `${noun}es` : `${noun}s`;
  return [mention.size, mention.texture, mention.colour, many ? plural : noun].filter(Boolean).join(' ');
}

export const withArticle = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

function attributeQuestions(object: SceneObject, scene: Scene): Question[] {
  const found: Question[] = [];
  const byColour = uniqueMention(object, scene, 'shape');
  if (byColour !== undefined) {
    found.push({ kind: 'what', question: `what shape is the ${describe(byColour)}?`, answer: object.shape });
  }
  const byShape = uniqueMention(object, scene, 'colour');
  if (byShape !== undefined) {
    found.push({ kind: 'colour', question: `what colour is the ${describe(byShape)}?`, answer: object.colour });
  }
  return found;
}

function countQuestions(scene: Scene, random: Random): Question[] {
  const model = random.pick(scene.objects);
  const options: Mention[] = [
    { count: 1 },
    { count: 1, shape: model.shape },
    { count: 1, colour: model.colour },
    { count: 1, shape: random.pick(shapes) },
  ];
  return random
    .shuffle(options)
    .slice(0, 2)
    .map((mention) => ({
      kind: 'count',
      question: `how many ${describe(mention, true)} are there?`,
      answer: String(scene.objects.filter((object) => matches(object, mention)).length),
    }));
}

function existsQuestions(scene: Scene, random: Random): Question[] {
  const model = random.pick(scene.objects);
  const changed: Mention = random.chance(0.5)
    ? { count: 1, shape: model.shape, colour: random.pick(colours) }
    : { count: 1, shape: random.pick(shapes), colour: model.colour };
  return [{ count: 1, shape: model.shape, colour: model.colour }, changed].map((mention) => ({
    kind: 'exists',
    question: `is there ${withArticle(describe(mention))}?`,
    answer: yesNo(truthOf({ mentions: [mention] }, scene) === 'true'),
  }));
}

function pairQuestions(a: SceneObject, b: SceneObject, scene: Scene, random: Random): Question[] {
  const first = uniqueMention(a, scene, undefined);
  const second = uniqueMention(b, scene, undefined);
  if (first === undefined || second === undefined) return [];
  const found: Question[] = [];
  const [x, y] = [describe(first), describe(second)];
  const relation = random.pick(relations);
  const truth = relationTruth(a, b, relation);
  if (truth !== 'unclear') {
    found.push({ kind: 'relation', question: `is the ${x} ${relation} the ${y}?`, answer: yesNo(truth === 'true') });
  }
  const held = relations.find((candidate) => relationTruth(a, b, candidate) === 'true');
  const others = scene.objects.filter((other) => other !== b);
  if (held !== undefined && others.every((other) => (relationTruth(other, b, held) === 'true') === (other === a))) {
    const clear = others.every((other) => other === a || relationTruth(other, b, held) === 'false');
    if (clear) found.push({ kind: 'what', question: `what is ${held} the ${y}?`, answer: `${a.colour} ${a.shape}` });
  }
  const larger = sizes.indexOf(a.size) > sizes.indexOf(b.size);
  found.push({ kind: 'compare', question: `is the ${x} larger than the ${y}?`, answer: yesNo(larger) });
  if (first.colour === undefined && second.colour === undefined) {
    const same = a.colour === b.colour;
    found.push({ kind: 'compare', question: `are the ${x} and the ${y} the same colour?`, answer: yesNo(same) });
  }
  const amount = (shape: string) => scene.objects.filter((object) => object.shape === shape).length;
  if (a.shape !== b.shape) {
    const question = `are there more ${describe({ count: 1, shape: a.shape }, true)} than ${describe({ count: 1, shape: b.shape }, true)}?`;
    found.push({ kind: 'compare', question, answer: yesNo(amount(a.shape) > amount(b.shape)) });
  }
  return found;
}

/** All questions chosen for a scene; the same seed asks the same. */
export function questionsOf(scene: Scene): Question[] {
  const random = new Random(scene.seed, 'questions');
  const object = random.pick(scene.objects);
  const found = [
    ...attributeQuestions(object, scene),
    ...countQuestions(scene, random),
    ...existsQuestions(scene, random),
  ];
  const [a, b] = random.shuffle(scene.objects);
  if (a !== undefined && b !== undefined) found.push(...pairQuestions(a, b, scene, random));
  return [...new Map(found.map((question) => [question.question, question])).values()];
}
