// Loaded before anything is painted: the theme follows the system unless the viewer picked one.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const wish = root.dataset.themeWish;
    root.dataset.bsTheme = wish === "light" || wish === "dark" ? wish : system.matches ? "dark" : "light";
  };
  system.addEventListener("change", apply);
  apply();
  window.wattlineTheme = (wish) => {
    root.dataset.themeWish = wish;
    document.cookie = `wattline_theme=${wish}; path=/; max-age=31536000; samesite=lax`;
    apply();
  };
})();
