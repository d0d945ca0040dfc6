/** Every node type, one import each, in the order of the palette. Nothing else may register nodes. */
import type { AnyNodeDefinition } from '../protocol/node.ts';
import caption from './decode/caption.ts';
import captionVideo from './decode/caption-video.ts';
import chat from './decode/chat.ts';
import continueText from './decode/continue.ts';
import fewShot from './decode/few-shot.ts';
import prefix from './decode/prefix.ts';
import clipImage from './encode/clip-image.ts';
import clipText from './encode/clip-text.ts';
import encodeImage from './encode/image.ts';
import imageFeatures from './encode/image-features.ts';
import onnx from './encode/onnx.ts';
import regions from './encode/regions.ts';
import encodeText from './encode/text.ts';
import textFeatures from './encode/text-features.ts';
import affordanceRank from './free/affordance-rank.ts';
import asif from './free/asif.ts';
import asifBuild from './free/asif-build.ts';
import cacheClassifier from './free/cache-classifier.ts';
import captionRetrieval from './free/caption-retrieval.ts';
import magic from './free/magic.ts';
import backboneGate from './fuse/backbone-gate.ts';
import bridgeLayer from './fuse/bridge-layer.ts';
import coAttention from './fuse/co-attention.ts';
import crossAttention from './fuse/cross-attention.ts';
import crossFrameAttention from './fuse/cross-frame-attention.ts';
import film from './fuse/film.ts';
import gatedCrossAttention from './fuse/gated-cross-attention.ts';
import grouping from './fuse/grouping.ts';
import mergedAttention from './fuse/merged-attention.ts';
import perceiverResampler from './fuse/perceiver-resampler.ts';
import prefixMapper from './fuse/prefix-mapper.ts';
import selfResurrectingGate from './fuse/self-resurrecting-gate.ts';
import answer from './head/answer.ts';
import captionPerplexity from './head/caption-perplexity.ts';
import choose from './head/choose.ts';
import classifyImage from './head/classify-image.ts';
import classifyOpen from './head/classify-open.ts';
import classifyText from './head/classify-text.ts';
import classifyVideo from './head/classify-video.ts';
import contrastiveLoss from './head/contrastive-loss.ts';
import detect from './head/detect.ts';
import detectExample from './head/detect-example.ts';
import detectText from './head/detect-text.ts';
import fillMask from './head/fill-mask.ts';
import groundPhrases from './head/ground-phrases.ts';
import imageTextMatch from './head/image-text-match.ts';
import maskedLikelihood from './head/masked-likelihood.ts';
import matchProbability from './head/match-probability.ts';
import pickImage from './head/pick-image.ts';
import prefixLoss from './head/prefix-loss.ts';
import reason from './head/reason.ts';
import retrieve from './head/retrieve.ts';
import segmentExample from './head/segment-example.ts';
import segmentText from './head/segment-text.ts';
import textLikelihood from './head/text-likelihood.ts';
import vocabulary from './head/vocabulary.ts';
import zeroShot from './head/zero-shot.ts';
import preprocessImage from './preprocess/image.ts';
import type { Services } from './services.ts';
import saveImage from './sink/image.ts';
import saveJson from './sink/json.ts';
import saveTable from './sink/table.ts';
import captionsFromFiles from './source/captions.ts';
import images from './source/image.ts';
import texts from './source/texts.ts';

const definitions: readonly AnyNodeDefinition<Services>[] = [
  images,
  texts,
  captionsFromFiles,
  preprocessImage,
  clipImage,
  clipText,
  encodeImage,
  encodeText,
  onnx,
  regions,
  imageFeatures,
  textFeatures,
  mergedAttention,
  crossAttention,
  coAttention,
  gatedCrossAttention,
  selfResurrectingGate,
  backboneGate,
  bridgeLayer,
  perceiverResampler,
  prefixMapper,
  film,
  grouping,
  crossFrameAttention,
  caption,
  captionVideo,
  chat,
  continueText,
  fewShot,
  prefix,
  asifBuild,
  asif,
  captionRetrieval,
  cacheClassifier,
  affordanceRank,
  magic,
  zeroShot,
  classifyOpen,
  classifyImage,
  classifyText,
  classifyVideo,
  retrieve,
  imageTextMatch,
  answer,
  choose,
  pickImage,
  reason,
  groundPhrases,
  fillMask,
  textLikelihood,
  detect,
  detectText,
  detectExample,
  segmentText,
  segmentExample,
  matchProbability,
  vocabulary,
  contrastiveLoss,
  maskedLikelihood,
  captionPerplexity,
  prefixLoss,
  saveImage,
  saveJson,
  saveTable,
];

export const registry: ReadonlyMap<string, AnyNodeDefinition<Services>> = new Map(
  definitions.map((definition) => [definition.type, definition]),
);
