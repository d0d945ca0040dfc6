/**
 * The candidates that a picture is put to: its true caption, random wrong ones, and wrong ones that differ in one point.
 * The same scenes always get the same candidates. Must not run a model.
 */
import { closeClaim, completeClaim, partClaim } from '../world/captions.ts';
import { type Claim, truthOf } from '../world/claims.ts';
import { type Change, distract } from '../world/distractors.ts';
import { say } from '../world/phrases.ts';
import { Random } from '../world/random.ts';
import { makeScene, type Scene } from '../world/scene.ts';
import { splitRanges } from '../world/splits.ts';

export const candidateCount = 16;
export const galleryCount = 100;

export interface Wrong {
  readonly change: Change;
  readonly text: string;
}

/** What one scene is measured with. */
export interface Trial {
  readonly scene: Scene;
  /** A close caption: the whole scene, or a relation in it. */
  readonly caption: string;
  /** 15 close captions of other scenes, each false here. */
  readonly random: readonly string[];
  /** 15 captions that differ from `caption` in one attribute, count or relation, each false here. */
  readonly onePoint: readonly Wrong[];
  /** Everything there is to tell; retrieval is measured with it. */
  readonly complete: string;
  /** A short label or count, and up to 6 that differ in one point. */
  readonly label: string;
  readonly labelWrong: readonly Wrong[];
}

interface Spoken {
  readonly claim: Claim;
  readonly text: string;
}

/** The streams that pack.ts uses, so that both measure the same captions. */
function speak(scene: Scene, random: Random, label: string, choose: (scene: Scene, random: Random) => Claim): Spoken {
  const claim = choose(scene, random);
  return { claim, text: say(claim, new Random(scene.seed, `style-${label}`)).text };
}

function wrongOnes(scene: Scene, claim: Claim, label: string, count: number): Wrong[] {
  return distract(claim, scene, count, new Random(scene.seed, `distract-${label}`)).map((one) => ({
    change: one.change,
    text: say(one.claim, new Random(scene.seed, `style-${label}`)).text,
  }));
}

/** Trials over the first scenes of the test split. */
export function makeTrials(count: number): Trial[] {
  const scenes = Array.from({ length: count }, (_, i) => makeScene(splitRanges.test[0] + i));
  const spoken = scenes.map((scene) => {
    const random = new Random(scene.seed, 'captions');
    return {
      close: speak(scene, random, 'close', closeClaim),
      part: speak(scene, random, 'part', partClaim),
      all: speak(scene, random, 'all', completeClaim),
    };
  });
  const order = new Random(7, 'random-candidates');
  return scenes.map((scene, i) => {
    const { close, part, all } = spoken[i]!;
    const others = order.shuffle(spoken).filter((other) => truthOf(other.close.claim, scene) === 'false');
    return {
      scene,
      caption: close.text,
      random: others.slice(0, candidateCount - 1).map((other) => other.close.text),
      onePoint: wrongOnes(scene, close.claim, 'close', candidateCount - 1),
      complete: all.text,
      label: part.text,
      labelWrong: wrongOnes(scene, part.claim, 'part', 6),
    };
  });
}
