interface BarProps {
  /** One after the other, each as a part of the whole: 0 … 1. */
  readonly shares: readonly number[];
}

/** How much of something is taken, beside a text that says the same. */
export function Bar({ shares }: BarProps) {
  let end = 0;
  const parts = shares.map((share) => {
    const begin = end;
    end = Math.min(100, begin + Math.max(0, share) * 100);
    return { begin, wide: end - begin };
  });
  return (
    <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
      <rect class="bar-whole" width="100" height="1" />
      {parts.map(({ begin, wide }, index) => (
        <rect key={begin} class={`bar-${index % 3}`} x={begin} width={wide} height="1" />
      ))}
    </svg>
  );
}
