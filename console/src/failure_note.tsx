// SPDX-License-Identifier: Apache-2.0
import type { Failure } from './api';

const TITLES: Record<string, (table: string, role: string) => string> = {
  gone: () => 'The server does not answer.',
  unavailable: () => 'The warehouse cannot answer now.',
  no_table: (table, role) => `There is no table ${table}, or role ${role} may not see it.`,
  not_allowed: (table, role) => `Role ${role} may not read ${table}.`,
  failed: () => 'The query failed.',
};

interface FailureNoteProps {
  failure: Failure;
  table: string;
  role: string;
  onRetry: () => void;
}

export function FailureNote({ failure, table, role, onRetry }: FailureNoteProps) {
  const title = (TITLES[failure.kind] ?? TITLES.failed)!(table, role);
  return (
    <div className="notice error" role="alert">
      <p><strong>{title}</strong></p>
      {failure.kind === 'gone' ? (
        <p>What you see is from before. The dashboard connects again by itself.</p>
      ) : (
        <p>{[failure.message + (failure.code ? ` (${failure.code})` : ''), failure.detail, failure.hint].filter(Boolean).join(' · ')}</p>
      )}
      <button type="button" onClick={onRetry}>Try again</button>
    </div>
  );
}
