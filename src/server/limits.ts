/** Every bound of the server in one place, with its reason. Numbers only. */

export interface ServerLimits {
  /** JSON bodies, bytes: parsing blocks the event loop, so a graph may not be huge; pictures go through uploads. */
  readonly bodyBytes: number;
  /** One uploaded file, bytes; counted while it arrives. */
  readonly uploadBytes: number;
  /** A WebSocket message above this is answered with an error; above twice this the connection is closed (1009). */
  readonly messageBytes: number;
  /** Bytes waiting for one client above which it gets no more previews. */
  readonly previewBacklogBytes: number;
  /** Bytes waiting for one client above which its events pause; they go on from the run's log once it has caught up. */
  readonly eventBacklogBytes: number;
  /** Longest side of a preview picture, pixels. */
  readonly previewSide: number;
  /** Previews waiting to be encoded; above this the oldest one is given up. */
  readonly previewQueue: number;
  /** A client that has not answered a ping by the next one is gone. Milliseconds. */
  readonly pingInterval: number;
  /** How long a client may take to send one request. Milliseconds. */
  readonly requestTimeout: number;
  /** How long clients may take to say goodbye, or to end a request, when the server closes. Milliseconds. */
  readonly closeGrace: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  bodyBytes: 4 << 20,
  uploadBytes: 64 << 20,
  messageBytes: 4 << 20,
  previewBacklogBytes: 1 << 20,
  eventBacklogBytes: 4 << 20,
  previewSide: 320,
  previewQueue: 64,
  pingInterval: 30_000,
  requestTimeout: 300_000,
  closeGrace: 1_000,
};
