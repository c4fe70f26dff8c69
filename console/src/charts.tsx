// SPDX-License-Identifier: Apache-2.0
import { useMemo } from 'react';

import type { Summary } from './api';
import { Chart, type Column, type Row } from './chart';
import { asCount, asDollars, asName } from './texts';

const MS_PER_DAY = 86_400_000;
const COUNT: Column = { field: 'transactions', title: 'Transactions', write: asCount };

/** SQL has added up the days, so that nothing is left to aggregate. A bar is as wide as its day. */
const DAYS = {
  mark: {
    type: 'bar', orient: 'vertical', binSpacing: 0, cornerRadiusEnd: 0,
    description: { expr: "'Transaction Date: ' + datum.date + '; Transaction Category: ' + datum.category + '; Total Items: ' + format(datum.items, ',')" },
  },
  params: [{ name: 'zoom', select: { type: 'interval', encodings: ['x'] }, bind: 'scales' }],
  encoding: {
    x: { field: 'day', timeUnit: 'utcyearmonthdate', type: 'temporal', title: 'Transaction Date', axis: { labelOverlap: true, labelFlush: true, format: '' } },
    y: { field: 'items', type: 'quantitative', stack: 'zero', title: 'Total Items' },
    color: {
      field: 'category', type: 'nominal', title: 'Transaction Category',
      scale: { domain: ['Purchase', 'Refund'] }, legend: { orient: 'top', titleOrient: 'left' },
    },
    order: { field: 'category' },
    tooltip: [
      { field: 'date', type: 'nominal', title: 'Transaction Date' },
      { field: 'category', type: 'nominal', title: 'Transaction Category' },
      { field: 'items', type: 'quantitative', title: 'Total Items', format: ',' },
    ],
  },
};
const DAY_COLUMNS: Column[] = [
  { field: 'date', title: 'Transaction Date' },
  { field: 'category', title: 'Transaction Category' },
  { field: 'items', title: 'Total Items', write: asCount },
];

/** Bars of the number of transactions by one column. */
function countBars(title: string, axisTitle: string) {
  return {
    mark: { type: 'bar', description: { expr: `'${title}: ' + datum.name + '; ${axisTitle}: ' + format(datum.transactions, ',')` } },
    encoding: {
      x: { field: 'name', type: 'nominal', title, axis: { labelAngle: -45 } },
      y: { field: 'transactions', type: 'quantitative', title: axisTitle },
      color: { field: 'name', type: 'nominal', title, legend: null },
      tooltip: [
        { field: 'name', type: 'nominal', title },
        { field: 'transactions', type: 'quantitative', title: axisTitle, format: ',' },
      ],
    },
  };
}
const CARDS = countBars('Transaction Card', 'Transaction Count');
const CARD_COLUMNS: Column[] = [{ field: 'name', title: 'Transaction Card' }, COUNT];
const CATEGORIES = countBars('Product Category', 'Purchase Count');
const CATEGORY_COLUMNS: Column[] = [{ field: 'name', title: 'Product Category' }, { ...COUNT, title: 'Purchase Count' }];

const MERCHANTS = {
  // A large circle may stand at the top.
  padding: { left: 5, right: 5, top: 18, bottom: 5 },
  mark: {
    type: 'circle', opacity: 0.85,
    description: { expr: "'Merchant Name: ' + datum.name + '; Transaction Count: ' + format(datum.transactions, ',') + '; Total Price: ' + format(datum.total, '$,.2f')" },
  },
  encoding: {
    x: { field: 'name', type: 'nominal', title: 'Merchant Name', axis: { labelAngle: -45 } },
    y: { field: 'transactions', type: 'quantitative', title: 'Transaction Count' },
    size: {
      field: 'total', type: 'quantitative', title: 'Total Price', scale: { range: [40, 900] },
      legend: { orient: 'right', format: '$,.0f', symbolFillColor: '#8a97a6', symbolStrokeWidth: 0, tickCount: 4 },
    },
    color: { field: 'name', type: 'nominal', title: 'Merchant Name', legend: null },
    tooltip: [
      { field: 'name', type: 'nominal', title: 'Merchant Name' },
      { field: 'transactions', type: 'quantitative', title: 'Transaction Count', format: ',' },
      { field: 'total', type: 'quantitative', title: 'Total Price', format: '$,.2f' },
    ],
  },
};
const MERCHANT_COLUMNS: Column[] = [
  { field: 'name', title: 'Merchant Name' }, COUNT, { field: 'total', title: 'Total Price', write: asDollars },
];

function dayRows(summary: Summary): Row[] {
  return summary.days
    .map(({ date, category, items }) => {
      const day = Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1, Number(date.slice(8)));
      return { date, day, category: asName(category), items: Number(items ?? 0) };
    })
    .sort((a, b) => a.day - b.day || (a.category < b.category ? -1 : 1));
}

function countRows(groups: { name: string | null; transactions: string; total_price?: string | null }[]): Row[] {
  return groups.map(({ name, transactions, total_price }) => ({
    name: asName(name), transactions: Number(transactions), total: Number(total_price ?? 0),
  }));
}

function dayNote(rows: Row[]): string {
  const days = rows.map((row) => row.day as number);
  const span = Math.round((Math.max(...days) - Math.min(...days)) / MS_PER_DAY) + 1;
  return `${asCount(span)} ${span === 1 ? 'day' : 'days'}. Drag to move, scroll to zoom.`;
}

/** Says so where not all groups are drawn. */
function groupNote(shown: number, all: string, what: string): string | undefined {
  return Number(all) > shown ? `The ${shown} ${what} with the most transactions of ${asCount(all)}.` : undefined;
}

export function Charts({ summary }: { summary: Summary }) {
  const days = useMemo(() => dayRows(summary), [summary]);
  const cards = useMemo(() => countRows(summary.cards), [summary]);
  const categories = useMemo(() => countRows(summary.categories), [summary]);
  const merchants = useMemo(() => countRows(summary.merchants), [summary]);
  return (
    <div className="charts">
      <Chart title="Daily Transactions" className="wide" description="Items of purchases and of refunds on each day"
        spec={DAYS} rows={days} columns={DAY_COLUMNS} note={dayNote(days)} zooms />
      <Chart title="Transactions by Card Type" description="Number of transactions with each card"
        spec={CARDS} rows={cards} columns={CARD_COLUMNS} note={groupNote(cards.length, summary.card_count, 'cards')} />
      <Chart title="Transactions by Category" description="Number of transactions in each product category"
        spec={CATEGORIES} rows={categories} columns={CATEGORY_COLUMNS} />
      <Chart title="Transactions by Merchant" description="Number of transactions at each merchant, and what they cost together"
        spec={MERCHANTS} rows={merchants} columns={MERCHANT_COLUMNS} note={groupNote(merchants.length, summary.merchant_count, 'merchants')} />
    </div>
  );
}
