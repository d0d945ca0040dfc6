/** What `weft doctor` shows: names to the left, facts to the right, shares as bars. Pure. */
import type { CacheReport, MeasuredSpeed, NativeReport, SystemReport } from '../../protocol/system-report.ts';
import { type Colors, printable } from '../terminal.ts';
import { drawBar } from './bars.ts';
import { formatBytes } from './bytes.ts';
import { padEnd, padStart } from './columns.ts';

const NAME_WIDTH = 14;
const FIGURE_WIDTH = 13;
const BAR_WIDTH = 24;

interface Style {
  readonly colors: Colors;
}

export function drawSystemReport(report: SystemReport, style: Style): string[] {
  const { node, onnxRuntime, platform, processor, memory, native, cuda, settings, caches } = report;
  const machine = [
    row('weft', report.weft),
    row('node', `${node} on ${platform.system} ${platform.release}, ${platform.architecture}`),
    row('processor', `${printable(processor.model)}, ${count(processor.hardwareThreads, 'thread')}`),
    ...(processor.features.length > 0 ? [row('features', printable(processor.features.join(' ')))] : []),
    row('memory', memoryText(memory)),
    ...Object.entries(settings).map(([name, value]) => row(name, printable(value))),
  ];
  return [
    ...machine,
    ...(native === null ? [] : section('native addon', drawNative(native, style), style)),
    ...(native === null ? [] : section('speed, all threads', drawSpeed(native.speed, style), style)),
    ...section(
      'other engines',
      [
        row('onnx runtime', onnxRuntime ?? 'not installed'),
        row('cuda', cuda.present ? 'present' : `not used: ${printable(cuda.reason)}`),
      ],
      style,
    ),
    ...section('caches', caches.map(drawCache), style),
  ];
}

function drawNative({ isa, available, threads, memory }: NativeReport, { colors }: Style): string[] {
  const kernels = available.map((name) => (name === isa ? colors.green(name) : colors.dim(name))).join(' ');
  const { used, peak, kept, limit } = memory;
  return [
    row('kernels', `${isa}, of ${kernels}`),
    row('threads', String(threads)),
    row(
      'memory',
      `${formatBytes(used)} of ${formatBytes(limit)}; at most ${formatBytes(peak)}, kept ${formatBytes(kept)}`,
    ),
  ];
}

function drawSpeed(speed: MeasuredSpeed, style: Style): string[] {
  const { multiplyAdds, productsFp32, productsInt8, reading } = speed;
  const share = productsFp32 === null || !multiplyAdds ? undefined : productsFp32 / multiplyAdds;
  const ratio = productsInt8 === null || !productsFp32 ? undefined : productsInt8 / productsFp32;
  return [
    figure('fp32 peak', multiplyAdds, 'GFLOP/s', 'multiply-adds on registers alone'),
    figure('fp32 product', productsFp32, 'GFLOP/s', share === undefined ? '' : shareOfPeak(share, style)),
    figure('int8 product', productsInt8, 'GOP/s', ratio === undefined ? '' : `${ratio.toFixed(1)} x fp32`),
    figure('reading', reading, 'GB/s', 'from memory'),
  ];
}

function figure(name: string, perSecond: number | null, unit: string, remark: string): string {
  if (perSecond === null) return row(name, 'could not be measured');
  const amount = perSecond / 1e9;
  const number = `${amount < 99.95 ? amount.toFixed(1) : Math.round(amount)} ${unit}`;
  return row(name, `${padStart(number, FIGURE_WIDTH)}  ${remark}`.trimEnd());
}

function shareOfPeak(share: number, { colors }: Style): string {
  const colour = share < 0.5 ? colors.yellow : colors.green;
  return `${colour(padEnd(drawBar(share, BAR_WIDTH), BAR_WIDTH))} ${(share * 100).toFixed(0)} % of the peak`;
}

function drawCache({ name, folder, exists, files, bytes, complete }: CacheReport): string {
  const amount = `${complete ? '' : 'at least '}${formatBytes(bytes)} in ${count(files, 'file')}`;
  return row(name, `${printable(folder)}: ${exists ? amount : 'not there yet'}`);
}

function memoryText({ total, available }: SystemReport['memory']): string {
  return available < total
    ? `${formatBytes(total)}, of which this process may use ${formatBytes(available)}`
    : formatBytes(total);
}

function section(title: string, lines: readonly string[], { colors }: Style): string[] {
  return ['', colors.bold(title), ...lines];
}

function row(name: string, text: string): string {
  return `  ${padEnd(printable(name), NAME_WIDTH)}${text}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
