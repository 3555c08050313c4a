/** The sign of Sluice: a gate in its frame, lifted for water to pass. `isOpen` false lets it down. */
export function GateMark({ isOpen = true }: { isOpen?: boolean }) {
  return (
    <svg viewBox="0 0 32 32" fill="none" aria-hidden="true">
      <path d="M6 5v23M26 5v23M6 6h20" stroke="currentColor" stroke-width="3" stroke-linecap="round" />
      <path d="M16 6V3" stroke="currentColor" stroke-width="3" stroke-linecap="round" />
      <rect x="10" y={isOpen ? 9 : 15} width="12" height="8" rx="1.2" fill="#d9a03a" />
      {isOpen ? (
        <path
          d="M2 22.5c2.3-2.7 4.7-2.7 7 0s4.7 2.7 7 0 4.7-2.7 7 0 4.7 2.7 7 0M2 27.5c2.3-2.7 4.7-2.7 7 0s4.7 2.7 7 0 4.7-2.7 7 0 4.7 2.7 7 0"
          stroke="#2fb6c6"
          stroke-width="2.6"
          stroke-linecap="round"
        />
      ) : (
        <path d="M2 27h28" stroke="#2fb6c6" stroke-width="2.6" stroke-linecap="round" />
      )}
    </svg>
  );
}

/** The gate at its full size, standing in the banner of the home page. Lifted while something is live. */
export function GateScene({ isOpen }: { isOpen: boolean }) {
  const lift = isOpen ? 0 : 62;
  return (
    <svg class="channel-gate" viewBox="0 0 240 220" fill="none" aria-hidden="true">
      <path d="M30 16v204M210 16v204" stroke="#174b58" stroke-width="22" />
      <path d="M41 16v204M199 16v204" stroke="#0f3b47" stroke-width="4" />
      <path d="M12 20h216" stroke="#1d5866" stroke-width="20" stroke-linecap="round" />
      <path d="M104 20v40M136 20v40" stroke="#7fa9b0" stroke-width="5" stroke-dasharray="5 4" />
      <g class="gate-leaf" style={{ transform: `translateY(${lift}px)` }}>
        <rect x="50" y="52" width="140" height="96" rx="4" fill="#b98330" />
        <path d="M50 76h140M50 100h140M50 124h140" stroke="#8f6220" stroke-width="3" />
        <path d="M72 52v96M168 52v96" stroke="#d9a650" stroke-width="6" />
      </g>
    </svg>
  );
}
