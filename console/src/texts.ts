// SPDX-License-Identifier: Apache-2.0
// The words of the document's application, exactly, and how values are written.

export const SPEND_STATUSES = ['Low Spenders', 'Medium Spenders', 'High Spenders'] as const;
export const AGE_GROUPS = ['Gen Z', 'Millennials', 'Gen X', 'Boomers', 'Silent Generation'] as const;
export const TRANSACTION_CATEGORIES = ['Purchase', 'Refund'] as const;

export const END_IN_FUTURE = "End Date cannot be in the future. Setting End Date to today's date.";
export const startTooEarly = (earliest: string) =>
  `Start Date cannot be earlier than ${earliest}. Setting Start Date to the earliest available date.`;
export const noPurchases = (customer: string) => `Customer ID ${customer} does not have any purchases.`;
export const NO_DATA = 'No data available for the selected filters.';
export const noSpenders = (status: string) => `No ${status.toLowerCase()} found.`;

/** Dollars of credit for how many dollars of spending, by status. */
export const PROMOTIONS: Record<string, { credit: number; spend: number }> = {
  'Low Spenders': { credit: 800, spend: 1500 },
  'Medium Spenders': { credit: 600, spend: 2000 },
  'High Spenders': { credit: 400, spend: 2500 },
};

const wholeNumbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });

export const asCount = (value: number | string | null) => wholeNumbers.format(Number(value ?? 0));
export const asDollars = (value: number | string | null) => dollars.format(Number(value ?? 0));
export const asClock = (ms: number) => new Date(ms).toLocaleTimeString('en-GB');
/** A group without a name is one of rows that have none. */
export const asName = (name: string | null) => name ?? '(none)';
