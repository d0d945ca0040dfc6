/** X-CLIP as a family with tasks: which of the given labels a video shows. */
import { reshape } from '../../native/arrange.ts';
import { cosineTopK } from '../../native/choices.ts';
import { softmax } from '../../native/rows.ts';
import { Tensor } from '../../native/tensor.ts';
import { xclip } from '../families/xclip.ts';
import { releaseXclipSight, XclipVideo } from '../families/xclip-video.ts';
import { encodeTexts } from './encode-texts.ts';
import type { FamilyDefinition } from './family.ts';
import { promptsOf } from './label-prompts.ts';
import { sampleFrames } from './sample-frames.ts';
import { textFeatures } from './tower-features.ts';

export const xclipFamily: FamilyDefinition = {
  name: 'xclip',
  title: 'X-CLIP',
  paper: {
    title: 'Expanding Language-Image Pretrained Models for General Video Recognition (2022)',
    url: 'https://arxiv.org/abs/2208.02816',
  },
  modelTypes: ['xclip'],
  architectures: { XCLIPModel: ['zero-shot-video-classification'] },
  checkpoints: ['microsoft/xclip-base-patch32', 'microsoft/xclip-base-patch16', 'microsoft/xclip-large-patch14'],
  graph: 'xclip-video',
  async load({ checkpoint, architecture, precision, signal: ending, imageProcessor, tokenizer: openTokenizer }) {
    const video = await XclipVideo.build(await xclip(checkpoint, architecture), { precision, signal: ending });
    const [processor, tokenizer] = [await imageProcessor(), await openTokenizer()];
    return {
      tasks: {
        async 'zero-shot-video-classification'({ frames, labels }, { signal } = {}) {
          const tokens = encodeTexts(tokenizer, promptsOf(checkpoint.model, labels), {
            positions: video.text.positions,
          });
          const chosen = sampleFrames(checkpoint.model, frames, video.frames);
          const { pixelValues, shape } = await processor.processBatch(chosen, { signal });
          const sight = await video.see({ data: pixelValues, shape: [1, ...shape] }, { signal });
          try {
            using texts = await video.ask(tokens, { signal });
            using adapted = await video.adapt(sight, texts, { signal });
            using matrix = reshape(adapted, [labels.length, video.dim]);
            const { scores, places } = await cosineTopK(sight.embeds, matrix, labels.length, { signal });
            using logits = Tensor.from(
              scores.map((cosine) => video.scale * cosine),
              [1, labels.length],
            );
            using shares = await softmax(logits, { signal });
            const entries = Array.from(shares.toFloats(), (score, index) => ({
              label: labels[places[index]!]!,
              score,
            }));
            return { kind: 'Scores', entries, normalized: true };
          } finally {
            releaseXclipSight(sight);
          }
        },
      },
      bytes: video.bytes,
      features: textFeatures(video.text, tokenizer),
      release: () => video.release(),
    };
  },
};
