/**
 * The composition root: builds files, models, threads, nodes and runtime, and hands them on as one Application.
 * The only file (with index.ts, the package's face) that sees every layer; it decides nothing else.
 */
import { join, resolve } from 'node:path';
import { packageVersion } from './cli/package-version.ts';
import { createFileAccess, type FileLimits } from './files/access.ts';
import { GraphStore } from './files/graph-store.ts';
import { modelRefs } from './graph/index.ts';
import { decodeImage } from './image/decode.ts';
import { previewImage, previewMasks } from './image/preview.ts';
import { weftCacheFolder } from './models/cache-folder.ts';
import { createClipLoader } from './models/clip-loader.ts';
import { createAnchorShelf } from './models/free/anchor-shelf.ts';
import { createBlockLoader } from './models/fusion/block-loader.ts';
import { hubCacheFolder } from './models/hub-cache.ts';
import { OnnxPool } from './models/onnx/pool.ts';
import { packageFolder } from './models/package-folder.ts';
import { describeCheckpoint } from './models/pipelines/describe-checkpoint.ts';
import { createFamilyLoader } from './models/pipelines/family-loader.ts';
import { ModelStore } from './models/store.ts';
import { usePackedCache } from './models/weights/packed-cache.ts';
import { registry } from './nodes/registry.ts';
import type { Services } from './nodes/services.ts';
import type { Application, PreviewsApi, ServerHandle, UploadsApi } from './protocol/application.ts';
import { type AnyNodeDefinition, describeNode } from './protocol/node.ts';
import { Runtime, type RuntimeLimits } from './runtime/index.ts';
import { createSystem } from './system/system.ts';

export interface ApplicationOptions extends Partial<RuntimeLimits> {
  /** Where relative paths of graphs are looked up, in order; readable. Default: the working folder. */
  readonly bases?: readonly string[];
  /** More folders that graphs may read. */
  readonly roots?: readonly string[];
  /** Where sinks write. Left out: they write nothing and only return their values. */
  readonly outputFolder?: string;
  /** Where the editor saves graphs. Default: `graphs` in the first base. */
  readonly graphFolder?: string;
  /** Default: the zoo that comes with Weft. */
  readonly zooFolder?: string;
  /** Default: HF_HUB_CACHE, HF_HOME or ~/.cache/huggingface/hub, as in Python. */
  readonly hubFolder?: string;
  /** Uploads, hashes, packed weights and collections of anchors. Default: WEFT_CACHE or ~/.cache/weft. */
  readonly cacheFolder?: string;
  /** Most bytes of packed weights that are kept in the cache folder, for the whole process; 0 keeps none. */
  readonly packedCacheBytes?: number;
  /** Threads that run ONNX models. */
  readonly onnxWorkers?: number;
  readonly fileLimits?: Partial<FileLimits>;
  /** More node types, made with `defineNode`; one of a built-in type takes its place. */
  readonly nodes?: readonly AnyNodeDefinition<Services>[];
}

export async function createApplication(options: ApplicationOptions = {}): Promise<Application> {
  const {
    bases = [process.cwd()],
    roots = [],
    outputFolder,
    graphFolder,
    zooFolder = join(packageFolder, 'models', 'zoo'),
    hubFolder,
    cacheFolder = weftCacheFolder(),
    packedCacheBytes,
    onnxWorkers,
    fileLimits,
    nodes = [],
    ...limits
  } = options;
  const shippedGraphs = join(packageFolder, 'graphs');
  const files = createFileAccess({
    // The gallery's own pictures come last: a person's file of the same name wins.
    bases: [...bases, shippedGraphs],
    roots: [...roots, join(packageFolder, 'models')],
    uploadFolder: join(cacheFolder, 'uploads'),
    ...(outputFolder === undefined ? {} : { outputFolder }),
    ...(fileLimits === undefined ? {} : { limits: fileLimits }),
  });
  const models = new ModelStore({
    zooFolder,
    cacheFolder,
    locate: (path) => files.locate(path),
    ...(hubFolder === undefined ? {} : { hubFolder }),
  });
  usePackedCache({ cacheFolder, ...(packedCacheBytes === undefined ? {} : { mostBytes: packedCacheBytes }) });
  const onnx = new OnnxPool(onnxWorkers === undefined ? {} : { workers: onnxWorkers });
  const services: Services = {
    files,
    models,
    onnx,
    clip: createClipLoader(models, onnx),
    family: createFamilyLoader(models, onnx),
    block: createBlockLoader(models),
    anchors: createAnchorShelf(join(cacheFolder, 'anchors')),
  };
  const allNodes = new Map([...registry, ...nodes.map((node) => [node.type, node] as const)]);
  const descriptors = new Map([...allNodes].map(([type, node]) => [type, describeNode(node)] as const));
  const runtime = new Runtime({ ...limits, registry: allNodes, services, modelsFor: (refs) => models.lookupFor(refs) });
  const servers = new Set<ServerHandle>();
  const application: Application = {
    version: packageVersion(),
    runtime,
    nodes: [...descriptors.values()],
    models: {
      list: () => models.list(),
      info: (ref) => models.info(ref),
      details: (ref) => describeCheckpoint(models, ref),
      async pull(repo, pullOptions) {
        const { pullModel } = await import('./models/hub/pull.ts');
        return pullModel(repo, { ...pullOptions, ...(hubFolder === undefined ? {} : { hubFolder }) });
      },
    },
    checkpoints: {
      async convert(path, convertOptions) {
        const { convertCheckpoint } = await import('./models/convert/convert-checkpoint.ts');
        return convertCheckpoint(path, convertOptions);
      },
    },
    graphs: new GraphStore({
      shippedFolder: shippedGraphs,
      ownFolder: graphFolder ?? resolve(bases[0] ?? process.cwd(), 'graphs'),
      modelsOf: (graph) =>
        Promise.all(
          modelRefs(graph, (type) => descriptors.get(type)).map(async (ref) => ({
            ref,
            present: await models.has(ref),
          })),
        ),
    }),
    uploads: uploads(files),
    previews,
    system: createSystem({ version: packageVersion(), hubFolder: hubFolder ?? hubCacheFolder(), cacheFolder }),
    editorFolder: join(packageFolder, 'dist', 'editor'),
    async serve(serveOptions) {
      const { startServer } = await import('./server/server.ts');
      const server = await startServer(application, serveOptions);
      servers.add(server);
      return server;
    },
    async close() {
      await Promise.all([...servers].map((server) => server.close()));
      await runtime.close();
      await onnx.close();
    },
  };
  return application;
}

/** A picture is decoded before it is kept: a file that cannot be shown is refused at the door. */
function uploads(files: ReturnType<typeof createFileAccess>): UploadsApi {
  return {
    async put(bytes, fileName) {
      const { width, height } = await decodeImage(bytes, { name: fileName });
      const { ref } = await files.uploads.put(bytes, fileName);
      return { ref, width, height };
    },
  };
}

const previews: PreviewsApi = {
  async encode(value, maxSide) {
    if (value.kind === 'Masks') return previewMasks(value, maxSide);
    const picture = value.kind === 'Video' ? value.frames[0] : value;
    return picture?.kind === 'Image' ? previewImage(picture, maxSide) : undefined;
  },
};
