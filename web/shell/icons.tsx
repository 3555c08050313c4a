import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

/** Every icon of the pages by name: the inside of a 24 × 24 drawing in strokes. */
const DRAWINGS = {
  streams: <path d="M4 5h16v10H4zM8 20h8M12 15v5" />,
  bolt: <path d="M13 2 5 13h6l-1 9 9-12h-6z" />,
  list: <path d="M3 6h18v12H3zM3 14h18M9 6v12M15 6v12" />,
  camera: <path d="M3 7h12v10H3zM15 11l6-3v8l-6-3" />,
  screen: <path d="M3 4h18v12H3zM8 20h8M12 8v5M9.5 10.5 12 8l2.5 2.5" />,
  pattern: <path d="M3 4h18v16H3zM9 4v16M15 4v16M3 14h18" />,
  mic: <path d="M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5 11a7 7 0 0 0 14 0M12 18v3" />,
  sun: (
    <path d="M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M4 12H2M22 12h-2M5 5l1.4 1.4M17.6 17.6 19 19M19 5l-1.4 1.4M6.4 17.6 5 19" />
  ),
  moon: <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z" />,
  auto: <path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 3v18M12 8h6.5M12 12h9M12 16h6.5" />,
  copy: <path d="M9 9h11v11H9zM5 15H4V4h11v1" />,
  check: <path d="m5 12.5 5 5L20 7" />,
  chevron: <path d="m9 6 6 6-6 6" />,
  play: <path d="M7 4.5v15l12-7.5z" fill="currentColor" />,
  pause: <path d="M8 5v14M16 5v14" stroke-width="4" />,
  stop: <path d="M6 6h12v12H6z" fill="currentColor" />,
  sound: <path d="M4 9v6h4l5 4V5L8 9zM17 9a4 4 0 0 1 0 6M19.5 6.5a8 8 0 0 1 0 11" />,
  muted: <path d="M4 9v6h4l5 4V5L8 9zM17 9.5l5 5M22 9.5l-5 5" />,
  fullscreen: <path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" />,
  pip: <path d="M3 5h18v14H3zM12 12h7v5h-7z" />,
  warning: <path d="M12 4 2.5 20h19zM12 10v4.5M12 17.3v.2" />,
  eye: <path d="M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z" />,
  terminal: <path d="M3 4h18v16H3zM7 9l3 3-3 3M13 15h4" />,
  obs: <path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z" />,
  link: <path d="M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7l-1.3 1.3M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7l1.3-1.3" />,
  refresh: <path d="M20 12a8 8 0 1 1-2.5-5.8M20 3v5h-5" />,
} as const;

export type IconName = keyof typeof DRAWINGS;

/** Decoration only: what it means stands beside it, or in the button's label. */
export function Glyph({ name }: { name: IconName }) {
  return <Icon>{DRAWINGS[name]}</Icon>;
}
