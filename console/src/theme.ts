// SPDX-License-Identifier: Apache-2.0
import { useSyncExternalStore } from 'react';
import type { Config } from 'vega-lite';

const dark = window.matchMedia('(prefers-color-scheme: dark)');

/** What the browser's user prefers, as it changes. */
export function usePrefersDark(): boolean {
  return useSyncExternalStore(
    (changed) => {
      dark.addEventListener('change', changed);
      return () => dark.removeEventListener('change', changed);
    },
    () => dark.matches,
  );
}

interface Palette {
  quiet: string;
  line: string;
  /** Neighbours differ for the colour-blind, too. */
  series: string[];
}

const LIGHT: Palette = {
  quiet: '#566475', line: '#e3e8ee',
  series: ['#2a78d6', '#eb6834', '#1baf7a', '#eda100', '#e87ba4', '#008300', '#4a3aa7', '#e34948'],
};
const DARK: Palette = {
  quiet: '#9aa8b8', line: '#2b3746',
  series: ['#3987e5', '#d95926', '#199e70', '#c98500', '#d55181', '#3aa05a', '#9085e9', '#e66767'],
};

export const paletteOf = (prefersDark: boolean) => (prefersDark ? DARK : LIGHT);

export function configOf({ quiet, line, series }: Palette): Config {
  const font = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif';
  return {
    background: 'transparent',
    font,
    view: { stroke: 'transparent' },
    axis: {
      labelColor: quiet, titleColor: quiet, gridColor: line, domainColor: line, tickColor: line,
      labelFontSize: 11, titleFontSize: 11, titleFontWeight: 500, labelLimit: 140, titlePadding: 8,
    },
    axisX: { grid: false },
    axisY: { domain: false, ticks: false, tickCount: 5 },
    legend: { labelColor: quiet, titleColor: quiet, labelFontSize: 11, titleFontSize: 11, titleFontWeight: 500 },
    range: { category: series },
    bar: { cornerRadiusEnd: 3, discreteBandSize: { band: 0.72 } },
  };
}
