/**
 * Preview pictures by node, output and item: blob URLs for the page and decoded images for the canvas.
 * Owns every blob URL it makes: a replaced picture is revoked.
 */
import type { PreviewHeader } from '../../../src/protocol/index.ts';

export interface Picture {
  readonly url: string;
  /** Undefined until decoded. */
  image: HTMLImageElement | undefined;
}

export class Pictures {
  readonly #pictures = new Map<string, Picture>();
  readonly #onDecoded: () => void;

  constructor(onDecoded: () => void) {
    this.#onDecoded = onDecoded;
  }

  put(header: Pick<PreviewHeader, 'node' | 'output' | 'item' | 'mime'>, bytes: Uint8Array): void {
    const blob = new Blob([new Uint8Array(bytes)], { type: header.mime });
    this.#set(keyOf(header.node, header.output, header.item?.index ?? 0), URL.createObjectURL(blob));
  }

  /** A picture the person just gave to a source node, before any run. */
  putLocal(node: string, output: string, file: Blob): void {
    this.dropNode(node);
    this.#set(keyOf(node, output, 0), URL.createObjectURL(file));
  }

  get(node: string, output: string, index: number): Picture | undefined {
    return this.#pictures.get(keyOf(node, output, index));
  }

  dropNode(node: string): void {
    for (const [key, picture] of this.#pictures) {
      if (!key.startsWith(`${node}\n`)) continue;
      URL.revokeObjectURL(picture.url);
      this.#pictures.delete(key);
    }
  }

  rename(node: string, name: string): void {
    for (const [key, picture] of [...this.#pictures]) {
      if (!key.startsWith(`${node}\n`)) continue;
      this.#pictures.delete(key);
      this.#pictures.set(name + key.slice(node.length), picture);
    }
  }

  clear(): void {
    for (const picture of this.#pictures.values()) URL.revokeObjectURL(picture.url);
    this.#pictures.clear();
  }

  #set(key: string, url: string): void {
    const old = this.#pictures.get(key);
    const picture: Picture = { url, image: old?.image };
    this.#pictures.set(key, picture);
    const image = new Image();
    image.src = url;
    image.decode().then(
      () => {
        picture.image = image;
        if (old !== undefined) URL.revokeObjectURL(old.url);
        this.#onDecoded();
      },
      () => {
        // Revoked before it was decoded, or not a picture: the node shows its text instead.
        if (old !== undefined) URL.revokeObjectURL(old.url);
      },
    );
  }
}

function keyOf(node: string, output: string, index: number): string {
  return `${node}\n${output}\n${index}`;
}
