/** What published models are given: a drawn picture of their processor's size, and what a detector would see in it. */
import sharp from 'sharp';
import type { FeaturesValue, ImageValue } from '../../src/protocol/value.ts';
import { drawnPhoto } from '../harness/drawn-photo.ts';
import { randomUniform } from './random.ts';

/** VisualBERT's and LXMERT's sizes. */
const [REGIONS, REGION_WIDTH] = [36, 2048];

export interface Given {
  readonly image: ImageValue;
  readonly regions: {
    readonly features: FeaturesValue & { readonly data: Float32Array<ArrayBuffer> };
    readonly boxes: Float32Array<ArrayBuffer>;
  };
}

export async function givenTo({ side }: { readonly side: number }): Promise<Given> {
  const photo = await drawnPhoto(Math.max(side, 16), Math.max(side, 16));
  const { data, info } = await sharp(photo).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const features = randomUniform(3, REGIONS * REGION_WIDTH, 1, 1);
  return {
    image: { kind: 'Image', data: new Uint8Array(data), width: info.width, height: info.height },
    regions: {
      features: { kind: 'Features', data: features, seq: REGIONS, dim: REGION_WIDTH },
      boxes: randomUniform(4, REGIONS * 4, 0.5, 0.5),
    },
  };
}

/** The same for the peer, which needs no picture's decoder for it. */
export function arraysOf({ image, regions }: Given) {
  return new Map([
    ['picture', { data: Float32Array.from(image.data), shape: [image.height, image.width, 3] }],
    ['regions', { data: regions.features.data, shape: [REGIONS, REGION_WIDTH] }],
    ['boxes', { data: regions.boxes, shape: [REGIONS, 4] }],
  ]);
}
