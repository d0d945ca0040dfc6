/** What is said of a scene is true of it: captions, distractors, questions and entailment, judged anew from the text. */
import { describe, expect, it } from 'vitest';
import { closeClaim, completeClaim, partClaim } from '../../tools/zoo/world/captions.ts';
import { relationTruth, truthOf } from '../../tools/zoo/world/claims.ts';
import { distract } from '../../tools/zoo/world/distractors.ts';
import { entailmentOf } from '../../tools/zoo/world/entailment.ts';
import { say } from '../../tools/zoo/world/phrases.ts';
import { questionsOf } from '../../tools/zoo/world/questions.ts';
import { Random } from '../../tools/zoo/world/random.ts';
import { makeScene, type Scene, type SceneObject } from '../../tools/zoo/world/scene.ts';
import { relations } from '../../tools/zoo/world/vocabulary.ts';

const scenes = Array.from({ length: 500 }, (_, i) => makeScene(200_001_000 + i));
const singular = (word: string): string => word.replace(/^(cross)es$/, '$1').replace(/^(?!cross$)(.+[^s])s$/, '$1');

/** Objects that a noun phrase fits, read word by word; knows nothing of claims.ts. */
function fitting(phrase: string, scene: Scene): SceneObject[] {
  const words = phrase
    .replace(/^(the|an|a) /, '')
    .split(' ')
    .map(singular);
  return scene.objects.filter((object) => {
    const own: string[] = [object.shape, object.colour, object.size, object.texture, 'object'];
    return words.every((word) => own.includes(word));
  });
}

function only(phrase: string, scene: Scene): SceneObject {
  const [object, ...more] = fitting(phrase, scene);
  if (object === undefined || more.length > 0)
    throw new Error(`"${phrase}" fits ${more.length + 1} objects of ${scene.seed}`);
  return object;
}

const areaRank = { small: 0, medium: 1, large: 2 } as const;
const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

/** Whether box `a` lies beside box `b` as the words say, by the boxes' edges alone. */
function lies(a: SceneObject, b: SceneObject, words: string): boolean {
  if (words === 'left of') return a.box.x + a.box.width <= b.box.x;
  if (words === 'right of') return b.box.x + b.box.width <= a.box.x;
  if (words === 'above') return a.box.y + a.box.height <= b.box.y;
  return b.box.y + b.box.height <= a.box.y;
}

/** Every form of question, answered from the scene by its words. */
const forms: [RegExp, (scene: Scene, parts: string[]) => string][] = [
  [/^what shape is (the .+)\?$/, (scene, [x]) => only(x!, scene).shape],
  [/^what colour is (the .+)\?$/, (scene, [x]) => only(x!, scene).colour],
  [/^how many (.+) are there\?$/, (scene, [x]) => String(fitting(x!, scene).length)],
  [/^is there (an? .+)\?$/, (scene, [x]) => yesNo(fitting(x!, scene).length > 0)],
  [
    /^is (the .+) (left of|right of|above|below) (the .+)\?$/,
    (scene, [x, relation, y]) => yesNo(lies(only(x!, scene), only(y!, scene), relation!)),
  ],
  [
    /^what is (left of|right of|above|below) (the .+)\?$/,
    (scene, [relation, y]) => {
      const anchor = only(y!, scene);
      const found = scene.objects.filter((other) => other !== anchor && lies(other, anchor, relation!));
      return found.map(({ colour, shape }) => `${colour} ${shape}`).join(' and ');
    },
  ],
  [
    /^is (the .+) larger than (the .+)\?$/,
    (scene, [x, y]) => yesNo(areaRank[only(x!, scene).size] > areaRank[only(y!, scene).size]),
  ],
  [
    /^are (the .+) and (the .+) the same colour\?$/,
    (scene, [x, y]) => yesNo(only(x!, scene).colour === only(y!, scene).colour),
  ],
  [
    /^are there more (.+) than (.+)\?$/,
    (scene, [x, y]) => yesNo(fitting(x!, scene).length > fitting(y!, scene).length),
  ],
];

describe('captions', () => {
  it('are true, and their words name only what the scene holds', () => {
    for (const scene of scenes) {
      const random = new Random(scene.seed, 'test');
      for (const choose of [closeClaim, completeClaim, partClaim]) {
        const claim = choose(scene, random);
        expect(truthOf(claim, scene)).toBe('true');
        for (const mention of claim.mentions) {
          const words = [mention.size, mention.texture, mention.colour, mention.shape ?? 'object']
            .filter(Boolean)
            .join(' ');
          expect(fitting(words, scene).length).toBeGreaterThanOrEqual(mention.count);
        }
      }
    }
  });

  it('come in varied grammar', () => {
    const texts = scenes.map(
      (scene) => say(closeClaim(scene, new Random(scene.seed, 'v')), new Random(scene.seed, 's')).text,
    );
    for (const form of [
      /^a photo of/,
      /^there is/,
      / is (to the )?left of /,
      /^above /,
      / with stripes/,
      /, .* and /,
      / on a .* background$/,
    ]) {
      expect(
        texts.some((text) => form.test(text)),
        String(form),
      ).toBe(true);
    }
    expect(texts.join(' ')).not.toMatch(/\ba [aeiou]|\ban [^aeiou]/);
  });

  it('reveal facts word by word that the whole claim holds', () => {
    for (const scene of scenes.slice(0, 200)) {
      const claim = closeClaim(scene, new Random(scene.seed, 'facts'));
      const phrase = say(claim, new Random(scene.seed, 'facts-style'));
      for (const fact of phrase.words.flatMap((word) => word.facts)) {
        const mention = claim.mentions[fact.mention];
        const whole = { background: claim.background?.kind, tone: claim.background?.tone, ...mention };
        expect(whole[fact.attribute]).toBe(fact.value);
      }
      const said = phrase.words.flatMap((word) => word.facts).length;
      const named = claim.mentions.map(
        ({ shape, colour, size, texture, count }) =>
          [shape, colour, size, texture, count > 1 ? count : undefined].filter((value) => value !== undefined).length,
      );
      const frame = [claim.background?.kind, claim.background?.tone].filter((value) => value !== undefined).length;
      expect(said).toBe(named.reduce((a, b) => a + b, 0) + frame);
    }
  });
});

describe('relations', () => {
  it('are true only when the boxes say so, and false only when the reverse or level', () => {
    let seen = 0;
    for (const scene of scenes) {
      for (const a of scene.objects) {
        for (const b of scene.objects) {
          if (a === b) continue;
          for (const relation of relations) {
            const truth = relationTruth(a, b, relation);
            if (truth === 'true') expect(lies(a, b, relation)).toBe(true);
            if (truth === 'false') expect(lies(a, b, relation)).toBe(false);
            seen += truth === 'true' ? 1 : 0;
          }
        }
      }
    }
    expect(seen).toBeGreaterThan(500);
  });
});

describe('distractors', () => {
  it('are false of the scene, all different, and differ from the caption in one point', () => {
    for (const scene of scenes) {
      const claim = closeClaim(scene, new Random(scene.seed, 'test'));
      const found = distract(claim, scene, 15, new Random(scene.seed, 'distract'));
      expect(found).toHaveLength(15);
      expect(new Set(found.map((one) => JSON.stringify(one.claim))).size).toBe(15);
      for (const { claim: other } of found) {
        expect(truthOf(other, scene)).toBe('false');
        let points = other.relation === claim.relation ? 0 : 1;
        points += other.background?.kind === claim.background?.kind ? 0 : 1;
        points += other.background?.tone === claim.background?.tone ? 0 : 1;
        for (const [i, mention] of claim.mentions.entries()) {
          for (const key of ['count', 'shape', 'colour', 'size', 'texture', 'place'] as const) {
            points += mention[key] === other.mentions[i]![key] ? 0 : 1;
          }
        }
        expect(points).toBe(1);
      }
    }
  });

  it('read like the caption but for the point that changed', () => {
    for (const scene of scenes.slice(0, 100)) {
      const claim = completeClaim(scene, new Random(scene.seed, 'test'));
      // A texture may be said in tails of different length ("with dots", "without a pattern").
      const wrong = distract(claim, scene, 9, new Random(scene.seed, 'one')).find(({ change }) => change !== 'texture');
      const style = () => new Random(scene.seed, 'style');
      const [a, b] = [say(claim, style()).text.split(' '), say(wrong!.claim, style()).text.split(' ')];
      expect(b).toHaveLength(a.length);
      const changed = a.filter((word, i) => word !== b[i] && !/^an?$/.test(word));
      expect(changed).toHaveLength(1);
    }
  });
});

describe('questions', () => {
  it('have the answer that the words and the boxes give', () => {
    const used = new Set<RegExp>();
    const answers = new Set<string>();
    for (const scene of scenes) {
      for (const { question, answer } of questionsOf(scene)) {
        const form = forms.find(([pattern]) => pattern.test(question));
        if (form === undefined) throw new Error(`no form for "${question}"`);
        used.add(form[0]);
        answers.add(answer);
        const parts = form[0].exec(question)!.slice(1);
        expect(form[1](scene, parts), `${question} of ${scene.seed}`).toBe(answer);
      }
    }
    expect(used.size).toBe(forms.length);
    for (const answer of ['yes', 'no', '0', '1', '2', 'red', 'ring']) expect(answers).toContain(answer);
  });

  it('cover every kind, and yes and no both often', () => {
    const all = scenes.flatMap((scene) => questionsOf(scene));
    expect(new Set(all.map(({ kind }) => kind))).toEqual(
      new Set(['what', 'colour', 'count', 'exists', 'relation', 'compare']),
    );
    for (const kind of ['exists', 'relation', 'compare']) {
      const rows = all.filter((question) => question.kind === kind);
      const yes = rows.filter(({ answer }) => answer === 'yes').length / rows.length;
      expect(yes, kind).toBeGreaterThan(0.15);
      expect(yes, kind).toBeLessThan(0.85);
    }
  });
});

describe('entailment', () => {
  it('has rows of all three labels, and neutral ones that no picture of this world settles', () => {
    for (const scene of scenes.slice(0, 100)) {
      const rows = entailmentOf(scene, 'x.png');
      expect(new Set(rows.map((row) => row.gold_label)).size).toBe(3);
      for (const row of rows) {
        expect(row.annotator_labels).toEqual([row.gold_label]);
        const open = /made of|drawn by|painted|expensive|heavier|move soon|favourite/.test(row.sentence2);
        expect(open).toBe(row.gold_label === 'neutral');
      }
      expect(new Set(rows.map((row) => row.pairID)).size).toBe(rows.length);
    }
  });
});
