// Before the first paint: the theme that was chosen here last, so that no page flashes in the other one.
try {
  const theme = localStorage.getItem("sluice-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; then the system's theme counts.
}
