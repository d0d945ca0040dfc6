/** All of the file system that graphs may reach: sources inside declared roots, uploads, one output folder. */
import { OutputFolder } from './output.ts';
import { FileReader } from './reading.ts';
import { Roots } from './roots.ts';
import { expandSource, type SourceItem, type SourceOptions } from './sources.ts';
import { Uploads } from './uploads.ts';

export interface FileLimits {
  /** Bytes of one file that is read. */
  readonly maxFileBytes: number;
  readonly maxDataUrlBytes: number;
  readonly maxUploadBytes: number;
  readonly maxUploadTotalBytes: number;
}

const MEBIBYTE = 1024 * 1024;

export const DEFAULT_FILE_LIMITS: FileLimits = {
  maxFileBytes: 256 * MEBIBYTE,
  maxDataUrlBytes: 64 * MEBIBYTE,
  maxUploadBytes: 64 * MEBIBYTE,
  maxUploadTotalBytes: 2048 * MEBIBYTE,
};

export interface FileAccessOptions {
  /** Where relative paths are looked up, in order; they are roots too. */
  readonly bases: readonly string[];
  readonly roots?: readonly string[];
  /** Left out: nothing is written, sinks only return their values. */
  readonly outputFolder?: string;
  readonly uploadFolder: string;
  readonly limits?: Partial<FileLimits>;
}

export interface FileAccess {
  /** The files a source names (file, folder, glob, data URL, `upload:` reference), lazily and in natural order. */
  sources(source: string, options: SourceOptions): AsyncIterable<SourceItem>;
  /** The real path of an existing file or folder. Throws input/outside-roots, input/not-found. */
  locate(path: string): Promise<string>;
  readonly uploads: Uploads;
  readonly output: OutputFolder | undefined;
}

export function createFileAccess({
  bases,
  roots = [],
  outputFolder,
  uploadFolder,
  limits: chosen = {},
}: FileAccessOptions): FileAccess {
  const limits = { ...DEFAULT_FILE_LIMITS, ...chosen };
  const opened = new Roots(bases, roots);
  const uploads = new Uploads(uploadFolder, {
    maxBytes: limits.maxUploadBytes,
    maxTotalBytes: limits.maxUploadTotalBytes,
  });
  const environment = {
    roots: opened,
    reader: new FileReader(limits.maxFileBytes),
    uploads,
    maxDataUrlBytes: limits.maxDataUrlBytes,
  };
  return {
    sources: (source, options) => expandSource(source, options, environment),
    locate: (path) => opened.locate(path),
    uploads,
    output: outputFolder === undefined ? undefined : new OutputFolder(outputFolder),
  };
}
