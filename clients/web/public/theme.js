// Runs before anything is painted, so that nobody who chose the dark theme sees a white flash.
try {
  const { theme } = JSON.parse(localStorage.getItem('whisper-gateway') ?? '{}');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme is the theme.
}
