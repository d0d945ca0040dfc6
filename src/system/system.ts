/**
 * Gathers what `weft doctor` tells: the machine, the addon, the caches, and what is wrong with them.
 * Must not draw and must not fail: a broken installation is what it is asked about.
 */
import { release, totalmem } from 'node:os';
import { type ErrorShape, toWeftError } from '../errors.ts';
import { onnxRuntimeVersion } from '../models/onnx/version.ts';
import { capabilities } from '../native/capabilities.ts';
import { availableMemory } from '../native/environment.ts';
import type { NativeReport, ProcessMemory, SystemApi, SystemReport } from '../protocol/system-report.ts';
import { measureFolder } from './folder-size.ts';
import { measureSpeed } from './measure-speed.ts';
import { describeProcessor } from './processor.ts';

export interface SystemOptions {
  readonly version: string;
  readonly hubFolder: string;
  readonly cacheFolder: string;
  readonly environment?: NodeJS.ProcessEnv;
}

const SETTINGS = [
  'WEFT_ISA',
  'WEFT_THREADS',
  'WEFT_MEMORY',
  'WEFT_ADDON',
  'WEFT_CACHE',
  'HF_HOME',
  'HF_HUB_CACHE',
  'HUGGINGFACE_HUB_CACHE',
];

export function createSystem(options: SystemOptions): SystemApi {
  return { memory: processMemory, report: () => report(options) };
}

function processMemory(): ProcessMemory {
  const resident = process.memoryUsage.rss();
  try {
    return { resident, native: capabilities().memory };
  } catch {
    return { resident, native: null };
  }
}

async function report({
  version,
  hubFolder,
  cacheFolder,
  environment = process.env,
}: SystemOptions): Promise<SystemReport> {
  const problems: ErrorShape[] = [];
  const { native, cuda } = await describeNative().catch((thrown: unknown) => {
    problems.push(toWeftError(thrown).toJSON());
    return { native: null, cuda: { present: false, reason: 'the native addon does not load' } };
  });
  return {
    weft: version,
    node: process.versions.node,
    onnxRuntime: onnxRuntimeVersion() ?? null,
    platform: { system: process.platform, release: release(), architecture: process.arch },
    processor: describeProcessor(),
    memory: { total: totalmem(), available: availableMemory() },
    native,
    cuda,
    settings: Object.fromEntries(SETTINGS.flatMap((name) => (environment[name] ? [[name, environment[name]]] : []))),
    // After the measurements, which they would disturb.
    caches: [await measureFolder('models', hubFolder), await measureFolder('weft', cacheFolder)],
    problems,
  };
}

async function describeNative(): Promise<{ native: NativeReport; cuda: SystemReport['cuda'] }> {
  const { isa, available, threads, memory, cuda } = capabilities();
  return { native: { isa, available, threads, memory, speed: await measureSpeed() }, cuda };
}
