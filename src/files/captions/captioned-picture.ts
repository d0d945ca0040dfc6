/** A picture and what is said about it, wherever both come from. Types only. */
import type { WeftError } from '../../errors.ts';

export interface CaptionedPicture {
  /** Where the picture lies below what was named: a file name, or archive and entry. */
  readonly key: string;
  /** Tells the picture's content from another one's. */
  readonly hash: string;
  readonly captions: readonly PictureCaption[];
  /** The encoded picture. */
  read(): Promise<Uint8Array>;
}

export interface PictureCaption {
  /** Stays the same as long as the source does: the picture's key, and which of its captions it is. */
  readonly id: string;
  readonly text: string;
}

/** What cannot be read is told in its place; the others go on. */
export type CaptionedItem = CaptionedPicture | { readonly key: string; readonly error: WeftError };
