/** Class names that many models share and few files carry. */

/** The 80 classes of COCO detection, in the order of the usual exports. */
const COCO_80 = `person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant,
stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella,
handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard,
surfboard, tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli,
carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop, mouse, remote,
keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear,
hair drier, toothbrush`;

export const LABEL_SETS: Readonly<Record<string, readonly string[]>> = {
  'coco-80': COCO_80.split(/,\s+/),
};

/** A list that holds nothing but the name of a set is that set. */
export function resolveLabels(labels: readonly string[]): readonly string[] {
  const [name] = labels;
  if (labels.length !== 1 || name === undefined || !Object.hasOwn(LABEL_SETS, name)) return labels;
  return LABEL_SETS[name] ?? labels;
}
