/**
 * The one catalogue of errors a person can meet, and the class that carries them.
 * Browser-safe leaf: imports nothing. docs/errors.md is generated from this file; codes are never reused.
 *
 * A template says what was expected, where, and what came; `remedy` says what to do. `{name}` is filled from details.
 */

/** Exit codes of the CLI, one meaning each. */
export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  graph: 3,
  input: 4,
  model: 5,
  partial: 6,
  environment: 7,
  cancelled: 130,
} as const;

interface Entry {
  /** HTTP status when this error answers a request. */
  readonly status: number;
  /** CLI exit code when this error ends a command. */
  readonly exit: number;
  readonly template: string;
  readonly remedy: string;
}

export const ERRORS = {
  // graph: what is wrong with a graph file, found before anything runs
  'graph/not-json': {
    status: 400,
    exit: EXIT.graph,
    template: 'Expected a graph as JSON in {where}, but it does not parse: {reason}.',
    remedy: 'Fix the syntax, or save the graph again from the editor.',
  },
  'graph/invalid': {
    status: 422,
    exit: EXIT.graph,
    template: 'The graph has {count} error(s); nothing was run.',
    remedy: 'Fix each error listed below; `weft validate FILE` checks again.',
  },
  'graph/bad-shape': {
    status: 422,
    exit: EXIT.graph,
    template: 'Expected {expected} at {path}, received {received}.',
    remedy: 'See the graph format in docs/graph.md.',
  },
  'graph/unsupported-version': {
    status: 422,
    exit: EXIT.graph,
    template: 'Expected a graph of version {supported} or older, received version {version}.',
    remedy: 'Update Weft, or save the graph with the older version.',
  },
  'graph/too-large': {
    status: 413,
    exit: EXIT.graph,
    template: 'Expected at most {limit} {what}, received {received}.',
    remedy: 'Split the graph, or raise the limit in the runtime options.',
  },
  'graph/unknown-type': {
    status: 422,
    exit: EXIT.graph,
    template: 'Expected a known node type for "{node}", received "{type}".{suggestion}',
    remedy: '`weft nodes` lists every type.',
  },
  'graph/missing-input': {
    status: 422,
    exit: EXIT.graph,
    template: 'Expected a link into "{node}.{socket}" ({type}), received none.',
    remedy: 'Wire an output of that type into it.',
  },
  'graph/unknown-input': {
    status: 422,
    exit: EXIT.graph,
    template: 'Node "{node}" ({type}) has no input "{socket}".{suggestion}',
    remedy: 'Its inputs: {inputs}.',
  },
  'graph/dangling-link': {
    status: 422,
    exit: EXIT.graph,
    template: 'The link into "{node}.{socket}" comes from node "{from}", which does not exist.{suggestion}',
    remedy: 'Link it to an existing node, or delete the link.',
  },
  'graph/unknown-output': {
    status: 422,
    exit: EXIT.graph,
    template: 'Expected an output of node "{from}" ({type}) at {where}, received "{output}".{suggestion}',
    remedy: 'Its outputs: {outputs}.',
  },
  'graph/type-mismatch': {
    status: 422,
    exit: EXIT.graph,
    template: 'Expected {expected} at "{node}.{socket}", received {received} from "{from}.{output}".',
    remedy: '{hint}',
  },
  'graph/shape-mismatch': {
    status: 422,
    exit: EXIT.graph,
    template: 'Expected shape {expected} at "{node}.{socket}", received {received} from "{from}.{output}".',
    remedy: 'Change the parameter that sets the size, or put a node between that converts it.',
  },
  'graph/space-mismatch': {
    status: 422,
    exit: EXIT.graph,
    template:
      'Expected an embedding of space "{expected}" at "{node}.{socket}", received one of space "{received}" from "{from}.{output}": their numbers cannot be compared.',
    remedy: 'Use the same checkpoint on both sides.',
  },
  'graph/cycle': {
    status: 422,
    exit: EXIT.graph,
    template: 'Expected no cycle, received one through {nodes}.',
    remedy: 'Remove one of the links of the cycle.',
  },
  'graph/bad-parameter': {
    status: 422,
    exit: EXIT.graph,
    template: 'Expected {expected} for parameter "{param}" of "{node}", received {received}.',
    remedy: '{hint}',
  },
  'graph/unknown-parameter': {
    status: 422,
    exit: EXIT.graph,
    template: 'Node "{node}" ({type}) has no parameter "{param}".{suggestion}',
    remedy: 'Its parameters: {params}.',
  },
  'graph/missing-model': {
    status: 422,
    exit: EXIT.model,
    template: 'Expected an installed model for parameter "{param}" of "{node}", received "{model}", which is not here.',
    remedy: '{hint}',
  },
  'graph/no-output': {
    status: 422,
    exit: EXIT.graph,
    template: 'Expected something to output: the graph declares no outputs and has no sink node.',
    remedy: 'Add an entry to "outputs", or a sink/* node.',
  },
  'graph/bad-signature': {
    status: 422,
    exit: EXIT.graph,
    template: 'The graph {direction} "{name}" names "{target}", which does not exist.{suggestion}',
    remedy: 'Point it to an existing node and {what}.',
  },
  'graph/unknown-graph-input': {
    status: 422,
    exit: EXIT.usage,
    template: 'The graph has no input "{name}".{suggestion}',
    remedy: 'Its inputs: {inputs}.',
  },
  'graph/unknown-graph-output': {
    status: 422,
    exit: EXIT.usage,
    template: 'The graph has no output "{name}".{suggestion}',
    remedy: 'Its outputs: {outputs}.',
  },

  // input: pictures, files and other data given by a person
  'input/not-found': {
    status: 404,
    exit: EXIT.input,
    template: 'Expected a file or folder at "{path}", found none.',
    remedy: 'Check the spelling; relative paths start from {base}.',
  },
  'input/outside-roots': {
    status: 403,
    exit: EXIT.input,
    template: 'Expected a path inside the allowed folders, received "{path}".',
    remedy: 'Allow its folder with `--root DIR`, or copy the file into an allowed folder.',
  },
  'input/empty': {
    status: 422,
    exit: EXIT.input,
    template: 'Expected {what} in "{path}", found none.',
    remedy: 'Give a file, a folder or a glob that holds some.',
  },
  'input/bad-image': {
    status: 422,
    exit: EXIT.input,
    template: 'Expected a readable picture in "{name}", but it cannot be decoded: {reason}.',
    remedy: 'Give a complete JPEG, PNG, WebP, AVIF, TIFF or GIF file.',
  },
  'input/image-too-large': {
    status: 413,
    exit: EXIT.input,
    template: 'Expected a picture of at most {limit} pixels, "{name}" has {width} x {height}.',
    remedy: 'Scale it down first, or raise the limit.',
  },
  'input/bad-image-option': {
    status: 422,
    exit: EXIT.input,
    template: 'Expected {expected} for {what}, received {received}.',
    remedy: 'Correct the preprocessing parameters or the preprocessor_config.json.',
  },
  'input/bad-data-url': {
    status: 422,
    exit: EXIT.input,
    template: 'Expected a base64 data URL of a picture, received {received}.',
    remedy: 'It starts with "data:image/png;base64,".',
  },
  'input/bad-file': {
    status: 422,
    exit: EXIT.input,
    template: 'Expected {expected} in "{path}", but {reason}.',
    remedy: 'Check the file, or make it again.',
  },
  'input/too-large': {
    status: 413,
    exit: EXIT.input,
    template: 'Expected at most {limit} for {what}, received {received}.',
    remedy: 'Send less, or raise the limit.',
  },
  'input/not-writable': {
    status: 500,
    exit: EXIT.input,
    template: 'Expected to write "{path}", but {reason}.',
    remedy: 'Choose another folder with --out, or change its permissions.',
  },

  // model: checkpoints, their files and their download
  'model/not-found': {
    status: 404,
    exit: EXIT.model,
    template: 'Expected an installed model "{model}", found none.{suggestion}',
    remedy: '`weft models list` shows what is here; `weft models pull {model}` downloads it.',
  },
  'model/missing-file': {
    status: 422,
    exit: EXIT.model,
    template: 'Expected {file} in model "{model}", found none.',
    remedy: '{hint}',
  },
  'model/unsupported': {
    status: 422,
    exit: EXIT.model,
    template: 'Expected {expected} in model "{model}", received {received}.',
    remedy: '`weft models list` shows families and models that work here.',
  },
  'model/bad-config': {
    status: 422,
    exit: EXIT.model,
    template: 'Expected {expected} in {file} of model "{model}", received {received}.',
    remedy: 'Download the model again; its publisher may have replaced the file.',
  },
  'model/bad-weights': {
    status: 422,
    exit: EXIT.model,
    template: 'Expected usable weights in {file} of model "{model}", but {reason}.',
    remedy: 'Check that config.json and the weights belong together; download the model again.',
  },
  'model/unsafe-checkpoint': {
    status: 422,
    exit: EXIT.model,
    template: 'Expected tensors and plain data alone in "{path}", but it {reason}; nothing of it was executed.',
    remedy: 'Ask its author for safetensors, or save the tensors alone: torch.save(model.state_dict(), FILE).',
  },
  'model/bad-onnx': {
    status: 422,
    exit: EXIT.model,
    template: 'Expected an ONNX model in "{path}", but it cannot be loaded: {reason}.',
    remedy: 'Check the file; export or download it again.',
  },
  'model/onnx-outside-folder': {
    status: 403,
    exit: EXIT.model,
    template: 'The ONNX file "{path}" names external data at "{target}", outside its own folder.',
    remedy: 'Keep external data beside the model, or save the model as one file.',
  },
  'model/bad-input': {
    status: 422,
    exit: EXIT.model,
    template: 'Model "{model}" expects {expected} for its input "{input}", received {received}.',
    remedy: 'Preprocess the input as the model expects it.',
  },
  'model/run-failed': {
    status: 500,
    exit: EXIT.partial,
    template: 'Model "{model}" failed while running: {reason}.',
    remedy: 'Check shapes and types of its inputs.',
  },
  'model/download-failed': {
    status: 502,
    exit: EXIT.model,
    template: 'Expected to download "{file}" of "{model}", but {reason}.',
    remedy: 'Try again: finished parts are kept. HF_ENDPOINT and HF_TOKEN set the hub and the access.',
  },
  'model/checksum': {
    status: 502,
    exit: EXIT.model,
    template: 'Expected checksum {expected} for "{file}" of "{model}", received {received}; the file was discarded.',
    remedy: 'Pull again; if it happens twice, the hub or a proxy alters files.',
  },
  'model/no-access': {
    status: 403,
    exit: EXIT.model,
    template: 'The hub refused "{model}" ({reason}).',
    remedy: 'Accept its terms on the hub and set HF_TOKEN, or check the name.',
  },
  'model/thread-not-built': {
    status: 500,
    exit: EXIT.environment,
    template: 'Expected the built code of a worker thread in {path}, found none.',
    remedy: 'Run `npm run build`: threads run the built JavaScript, also when the rest runs from sources.',
  },

  // run: while a graph runs
  'run/node-failed': {
    status: 500,
    exit: EXIT.partial,
    template: 'Node "{node}" ({type}) failed: {reason}.',
    remedy: 'See the cause; other items and nodes went on.',
  },
  'run/bad-input': {
    status: 422,
    exit: EXIT.input,
    template: 'Expected {expected} at input "{socket}", received {received}.',
    remedy: 'Wire another output into it, or change the node before it.',
  },
  'run/bad-parameter': {
    status: 422,
    exit: EXIT.graph,
    template: 'Expected {expected} for parameter "{param}", received {received}.',
    remedy: '`weft nodes TYPE` describes the parameter.',
  },
  'run/bad-output': {
    status: 500,
    exit: EXIT.internal,
    template: 'Node "{node}" ({type}) promised {expected} at output "{socket}", but gave {received}.',
    remedy: 'This is a defect of the node; report it.',
  },
  'run/list-length': {
    status: 422,
    exit: EXIT.input,
    template: 'Expected lists of equal length at the inputs of "{node}", received {lengths}.',
    remedy: 'Give one item (used for all) or as many as the other list has.',
  },
  'run/cancelled': {
    status: 409,
    exit: EXIT.cancelled,
    template: 'The run was cancelled{reason}.',
    remedy: 'Start it again when ready.',
  },
  'run/unknown-run': {
    status: 404,
    exit: EXIT.usage,
    template: 'Expected the id of a known run, received "{run}".',
    remedy: 'Finished runs are kept for a while only; submit the graph again.',
  },
  'run/too-many': {
    status: 429,
    exit: EXIT.environment,
    template: 'Expected at most {limit} runs at a time, {received} are under way or waiting.',
    remedy: 'Wait for one to end, or cancel one.',
  },

  // metric: while captions, answers and texts are scored
  'metric/bad-input': {
    status: 422,
    exit: EXIT.input,
    template: 'Expected {expected} to compute {metric}, received {received}.',
    remedy: 'Give every candidate at least one reference; a metric of nothing has no value.',
  },

  // native: the addon
  'native/load-failed': {
    status: 500,
    exit: EXIT.environment,
    template: 'Expected to load the native addon ({platform}), but {reason}.',
    remedy: '{hint}',
  },
  'native/bad-isa': {
    status: 500,
    exit: EXIT.environment,
    template: 'Expected WEFT_ISA to be one of {available} on this machine, received "{received}".',
    remedy: 'Unset WEFT_ISA to choose the best one automatically.',
  },
  'native/bad-threads': {
    status: 500,
    exit: EXIT.environment,
    template: 'Expected WEFT_THREADS to be a whole number from 1 to {limit}, received "{received}".',
    remedy: 'Unset WEFT_THREADS to use every core.',
  },
  'native/bad-memory': {
    status: 500,
    exit: EXIT.environment,
    template: 'Expected WEFT_MEMORY to be a size of at least 1 MiB, as 8GiB or 500MB, received "{received}".',
    remedy: 'Unset WEFT_MEMORY to let the addon use three quarters of the memory.',
  },
  'native/bad-argument': {
    status: 400,
    exit: EXIT.input,
    template: 'Expected {argument} of {operator} to be {expected}, received {received}.',
    remedy: 'Correct that argument; docs/engine.md lists shapes and types.',
  },
  'native/out-of-range': {
    status: 400,
    exit: EXIT.input,
    template: 'The input of {operator} does not fit its tables: {reason}.',
    remedy: 'Shorten the input to the positions of the model, and use its own tokenizer.',
  },
  'native/out-of-memory': {
    status: 507,
    exit: EXIT.environment,
    template: 'The memory for {operator} is not there: {reason}.',
    remedy: 'Use smaller batches or precision int8, release handles, or raise WEFT_MEMORY.',
  },
  'native/wrong-cache': {
    status: 400,
    exit: EXIT.input,
    template: 'The cache cannot be used by {operator}: {reason}.',
    remedy: 'Make a cache with newCache() of the same stack, and use it in one run at a time.',
  },
  'native/not-finite': {
    status: 422,
    exit: EXIT.model,
    template: 'Expected finite numbers for {operator}, but {reason}.',
    remedy:
      'Where they are weights, the checkpoint is damaged or was saved while training had diverged: download it again. Else look for what made them NaN or infinite.',
  },
  'native/failed': {
    status: 500,
    exit: EXIT.internal,
    template: 'The native operator {operator} failed: {reason}.',
    remedy: 'This is a defect; report it with the input that caused it.',
  },
  'native/released': {
    status: 500,
    exit: EXIT.internal,
    template: 'Expected {what} in use, received one that was released.',
    remedy: 'Release it only after its last use, or open it again.',
  },

  // server: HTTP and WebSocket
  'server/unauthorized': {
    status: 401,
    exit: EXIT.environment,
    template: 'Expected the token of this server, received {received}.',
    remedy: 'Open the address that `weft serve` printed, or send "Authorization: Bearer TOKEN".',
  },
  'server/bad-origin': {
    status: 403,
    exit: EXIT.environment,
    template: 'Expected a request from this server\'s own page, received origin "{origin}".',
    remedy: 'Allow the origin with --allow-origin if it is yours.',
  },
  'server/bad-host': {
    status: 403,
    exit: EXIT.environment,
    template: 'Expected a request to this server\'s own address, received host "{host}".',
    remedy: 'Use the printed address, or allow the host with --allow-host.',
  },
  'server/not-found': {
    status: 404,
    exit: EXIT.usage,
    template: 'There is nothing at {method} {path}.',
    remedy: 'docs/protocol.md lists every address.',
  },
  'server/bad-request': {
    status: 400,
    exit: EXIT.usage,
    template: 'Expected {expected} at {where}, received {received}.',
    remedy: 'docs/protocol.md describes every message.',
  },
  'server/conflict': {
    status: 409,
    exit: EXIT.usage,
    template: 'Graph "{name}" was changed by someone else: expected revision {expected}, received {received}.',
    remedy: 'Load the newer version, or save under another name.',
  },
  'server/port-in-use': {
    status: 500,
    exit: EXIT.environment,
    template: 'Expected to listen on {host}:{port}, but the port is in use.',
    remedy: 'Stop the other program, or choose a port with --port (0 picks a free one).',
  },
  'server/not-built': {
    status: 500,
    exit: EXIT.environment,
    template: 'Expected the built editor in {path}, found none.',
    remedy: 'Run `npm run build`.',
  },

  // usage: the command line
  'usage/bad-argument': {
    status: 400,
    exit: EXIT.usage,
    template: 'Expected {expected}, received {received}.',
    remedy: '`weft help {command}` shows what is possible.',
  },
  'usage/bad-option': {
    status: 400,
    exit: EXIT.usage,
    template: 'Expected {expected} for the option "{option}", received {received}.',
    remedy: 'Correct the option where the application or the runtime is created.',
  },

  internal: {
    status: 500,
    exit: EXIT.internal,
    template: 'Something unexpected went wrong.',
    remedy: 'This is a defect; the log has the details.',
  },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[] | undefined>>;

/** How an error looks in HTTP answers, WebSocket messages, `--json` and events. */
export interface ErrorShape {
  code: ErrorCode;
  message: string;
  remedy: string;
  node?: string;
  socket?: string;
  /** Key of the list item that failed. */
  item?: string;
  details?: ErrorDetails;
  cause?: { code?: string; message: string };
  /** Only of graph/invalid: every error found. */
  errors?: ErrorShape[];
}

export interface ErrorContext {
  node?: string | undefined;
  socket?: string | undefined;
  item?: string | undefined;
  cause?: unknown;
  errors?: readonly WeftError[] | undefined;
}

export class WeftError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly remedy: string;
  readonly node: string | undefined;
  readonly socket: string | undefined;
  readonly item: string | undefined;
  readonly errors: readonly WeftError[] | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}, context: ErrorContext = {}) {
    const entry = ERRORS[code];
    super(fill(entry.template, details), context.cause === undefined ? undefined : { cause: context.cause });
    this.name = 'WeftError';
    this.code = code;
    this.details = details;
    this.remedy = fill(entry.remedy, details);
    this.node = context.node ?? (typeof details.node === 'string' ? details.node : undefined);
    this.socket = context.socket ?? (typeof details.socket === 'string' ? details.socket : undefined);
    this.item = context.item;
    this.errors = context.errors;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  /** Where one error stands for several that all have one exit code, that code: a missing model is a model error. */
  get exit(): number {
    const [exit, ...others] = new Set(this.errors?.map((error) => error.exit));
    return exit === undefined || others.length > 0 ? ERRORS[this.code].exit : exit;
  }

  /** The same error, told where it happened; places already known are kept. */
  at(place: { node?: string | undefined; socket?: string | undefined; item?: string | undefined }): WeftError {
    const located = new WeftError(this.code, this.details, {
      node: this.node ?? place.node,
      socket: this.socket ?? place.socket,
      item: this.item ?? place.item,
      cause: this.cause,
      errors: this.errors,
    });
    if (this.stack !== undefined) located.stack = this.stack;
    return located;
  }

  toJSON(): ErrorShape {
    const shape: ErrorShape = { code: this.code, message: this.message, remedy: this.remedy };
    if (this.node !== undefined) shape.node = this.node;
    if (this.socket !== undefined) shape.socket = this.socket;
    if (this.item !== undefined) shape.item = this.item;
    if (Object.keys(this.details).length > 0) shape.details = this.details;
    // A foreign cause may hold paths or secrets: only our own errors are told on.
    if (this.cause instanceof WeftError) shape.cause = { code: this.cause.code, message: this.cause.message };
    if (this.errors !== undefined) shape.errors = this.errors.map((error) => error.toJSON());
    return shape;
  }
}

/** Any thrown thing as a WeftError; what is not one becomes `internal` and keeps its cause for the log. */
export function toWeftError(thrown: unknown): WeftError {
  if (thrown instanceof WeftError) return thrown;
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return new WeftError('run/cancelled', { reason: '' }, { cause: thrown });
  }
  return new WeftError('internal', {}, { cause: thrown });
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = details[name];
    if (value === undefined) return '';
    return Array.isArray(value) ? value.join(', ') : String(value);
  });
}
