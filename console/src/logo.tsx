// SPDX-License-Identifier: Apache-2.0

export function Logo() {
  return (
    <span className="logo">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="8" className="logo-ground" />
        <path d="M5 20 12 9l4.5 6.5L19 12l8 8z" fill="#fff" />
        <path d="M5 22.5h22" stroke="#9fc3ff" strokeWidth="2.4" strokeLinecap="round" />
      </svg>
      Tarn
    </span>
  );
}
