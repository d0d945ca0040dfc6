/** Bundles the editor into dist/editor: files only, no inline scripts or styles, so that a strict CSP holds. */
import { defineConfig } from 'vite';
import { litegraphModule } from './litegraph-module.ts';

/** `vite dev` in editor/ talks to a running `weft serve --allow-origin http://localhost:5173` at this address. */
const server = process.env.WEFT_SERVER ?? 'http://127.0.0.1:7878';

export default defineConfig({
  plugins: [litegraphModule()],
  base: './',
  build: {
    outDir: '../dist/editor',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    sourcemap: false,
  },
  server: {
    proxy: {
      '/api': { target: server, changeOrigin: true },
      '/ws': { target: server, changeOrigin: true, ws: true },
    },
  },
});
