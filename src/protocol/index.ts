/** Everything of the protocol, for the editor and for users of the package. */
export * from './application.ts';
export * from './decoding-trace.ts';
export * from './event.ts';
export * from './graph-file.ts';
export * from './http.ts';
export * from './json-value.ts';
export * from './label-colour.ts';
export * from './model-info.ts';
export * from './node.ts';
export * from './param.ts';
export * from './run.ts';
export * from './socket.ts';
export * from './socket-message.ts';
export * from './system-report.ts';
export * from './value.ts';
